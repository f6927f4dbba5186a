//! Folders that a test reads where they are at hand: published data sets, golden files of another program.

use std::env;
use std::path::PathBuf;

/// The folder that an environment variable names. Without the variable the test says so and passes, unless
/// `RECBURN_EXPECTED` lists it: `.ci/run` does, for folders that are there, so that no test is skipped unseen.
///
/// # Panics
/// If it is expected and not set, or names no folder.
pub fn at_hand(variable: &str) -> Option<PathBuf> {
    let Some(folder) = env::var_os(variable).map(PathBuf::from) else {
        let expected = env::var("RECBURN_EXPECTED").unwrap_or_default();
        let expected = expected.split_whitespace().any(|name| name == variable);
        assert!(
            !expected,
            "RECBURN_EXPECTED lists {variable}, which is not set"
        );
        println!("skipped: {variable} is not set");
        return None;
    };
    assert!(
        folder.is_dir(),
        "{variable} names {}, which is no folder",
        folder.display()
    );
    Some(folder)
}
