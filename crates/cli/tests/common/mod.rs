//! The binary as a user runs it.

use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};

/// What a run left: its status, what it printed.
pub struct Ran {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

/// The binary in this folder, with no data folder of the machine's.
pub fn command(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_recburn"));
    command
        .current_dir(folder)
        .env_remove("RECBURN_DATA")
        .env_remove("BURN_DEVICE")
        .env("NO_PROXY", "");
    command
}

/// Runs it to its end.
pub fn recburn(folder: &Path, arguments: &[&str]) -> Ran {
    ran(command(folder)
        .args(arguments)
        .output()
        .expect("the binary starts"))
}

pub fn ran(output: Output) -> Ran {
    Ran {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).expect("text"),
        err: String::from_utf8(output.stderr).expect("text"),
    }
}

impl Ran {
    /// It went well.
    #[track_caller]
    pub fn fine(self) -> Self {
        assert_eq!(self.code, Some(0), "{}", self.err);
        self
    }

    /// It ended with this status, and its message says all of this.
    #[track_caller]
    pub fn fails(self, code: i32, said: &[&str]) {
        assert_eq!(self.code, Some(code), "{}", self.err);
        for word in said {
            assert!(self.err.contains(word), "no `{word}` in: {}", self.err);
        }
        assert!(!self.err.contains("panicked"), "{}", self.err);
    }

    /// Its one JSON document.
    #[allow(dead_code)] // not every test program reads one
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).expect("standard output is JSON")
    }
}
