//! Files of items beside a table whose columns are named.

use crate::common::{gzip, named, open_in};
use recburn_data::ItemIx;

/// The title of the only item of a table whose columns are named, with this file beside it.
fn beside(name: &str, content: &[u8]) -> Result<String, String> {
    let files: [(&str, &[u8]); 2] = [("table.txt", b"who what\n1 m7\n"), (name, content)];
    let dataset = open_in(&files, "table.txt", &named("user=who,item=what"))?;
    Ok(dataset.title(ItemIx(0)))
}

#[test]
fn named_columns_find_titles_beside_them() {
    for (name, content) in [
        ("movies.csv", &b"movieId,title,genres\nm7,Seven,Drama\n"[..]),
        ("movies.csv", b"What,Name\nm7,Seven\n"),
        ("movies.csv.gz", &gzip(b"what,title\nm7,Seven\n")),
        ("movie.csv", b"year;title;what\n1995;Seven;m7\n"),
        (
            "u.item",
            b"m7|Seven|||x|0|1|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0\n",
        ),
        ("movies.dat", b"m7::Seven::Drama|Crime\n"),
        (
            "table.txt.item",
            b"item_id:token\tmovie_title:token_seq\nm7\tSeven\n",
        ),
    ] {
        assert_eq!(beside(name, content), Ok("Seven".to_string()), "{name}");
    }
    // What is there by chance stops nothing, and no line of a file of items does.
    for (name, content) in [
        ("movies.csv", &b"colour,size\nred,7\n"[..]),
        ("movies.csv", b""),
        ("movies.csv", b"\x00\x01"),
        ("films.csv", b"movieId,title\nm7,Seven\n"),
        ("movies.csv", b"what,title\nm7\n"),
    ] {
        assert_eq!(beside(name, content), Ok("m7".to_string()), "{name}");
    }
}
