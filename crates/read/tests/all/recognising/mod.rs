//! Tables that open by themselves, since their header or their shape tells what is where, and those that do not.

mod headers;
mod matrices;
mod pairs;
mod shapes;
mod unclear;

use crate::common::open_in;
use recburn_data::Dataset;
use recburn_read::OpenOptions;

fn opened(name: &str, content: &[u8]) -> Result<Dataset, String> {
    open_in(&[(name, content)], name, &OpenOptions::default())
}

#[track_caller]
fn refused(name: &str, content: &str) -> String {
    opened(name, content.as_bytes()).expect_err(content)
}
