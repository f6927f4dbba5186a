//! What every refusal has to be.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// The message of an error that must be there, causes included.
pub(crate) fn said<T, E: Error>(result: Result<T, E>) -> String {
    let Err(error) = result else {
        panic!("nothing was refused")
    };
    let (mut message, mut cause) = (error.to_string(), error.source());
    while let Some(error) = cause {
        message += &format!(": {error}");
        cause = error.source();
    }
    message
}

/// The same, held to a form: it is one line in plain words, names no path twice, and holds each of the words.
pub(crate) fn refusal<T, E: Error>(result: Result<T, E>, words: &[&str]) -> String {
    let message = said(result);
    for word in words {
        assert!(
            message.contains(word),
            "`{word}` should stand in: {message}"
        );
    }
    assert!(
        message.starts_with(|letter: char| letter.is_alphanumeric() || "'`/.".contains(letter)),
        "{message}"
    );
    assert!(!message.contains('\n'), "{message}");
    for debug in ["Os {", "Some(", "None", "Error {", "Kind("] {
        assert!(!message.contains(debug), "{message}");
    }
    for path in message
        .split([' ', ':', ','])
        .filter(|word| word.matches('/').count() > 1)
    {
        assert_eq!(
            message.matches(path).count(),
            1,
            "{path} is said twice in: {message}"
        );
    }
    message
}

/// A folder of a test's own, whose content can be held against what it was.
pub(crate) struct Home(pub(crate) TempDir);

impl Home {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }

    pub(crate) fn folder(&self, name: &str) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(&path).unwrap();
        path
    }

    /// Every path below, files with their bytes.
    pub(crate) fn content(&self) -> BTreeMap<PathBuf, Option<Vec<u8>>> {
        fn walk(folder: &Path, into: &mut BTreeMap<PathBuf, Option<Vec<u8>>>) {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    walk(&path, into);
                    into.insert(path, None);
                } else {
                    let bytes = fs::read(&path).unwrap();
                    into.insert(path, Some(bytes));
                }
            }
        }
        let mut all = BTreeMap::new();
        walk(self.0.path(), &mut all);
        all
    }

    /// Runs what must leave no trace.
    pub(crate) fn unchanged<T>(&self, act: impl FnOnce() -> T) -> T {
        let before = self.content();
        let answer = act();
        let after = self.content();
        let paths = |content: &BTreeMap<PathBuf, _>| content.keys().cloned().collect::<Vec<_>>();
        assert_eq!(paths(&before), paths(&after), "files came or went");
        assert!(before == after, "a file has changed");
        answer
    }
}

pub(crate) fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}
