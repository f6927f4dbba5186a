//! Titles and genres arrive as they were written.

mod beside;
mod named_file;
mod odd_lines;
mod written;

/// A line of `u.item` with these genre flags set.
fn line(id: u32, title: &[u8], genres: &[usize]) -> Vec<u8> {
    let mut line = format!("{id}|").into_bytes();
    line.extend_from_slice(title);
    line.extend_from_slice(b"|01-Jan-1995||http://example.org");
    for genre in 0..19 {
        line.extend_from_slice(if genres.contains(&genre) {
            b"|1"
        } else {
            b"|0"
        });
    }
    line.push(b'\n');
    line
}
