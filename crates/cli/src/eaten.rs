//! Detects a flag that stands where an id is expected.
//!
//! Ids may begin with a dash, so the parser takes whatever follows `--user` as an id. One of the command's own flags in
//! that place means that the id was forgotten.

use crate::exit::wrong;
use anyhow::Result;
use clap::{Arg, Command};
use std::ffi::OsString;

/// Refuses a command line on which a flag would be read as an id.
pub fn check(command: &Command, words: &[OsString]) -> Result<()> {
    let mut command = command;
    let globals: Vec<&Arg> = command.get_arguments().collect();
    let words = words
        .iter()
        .skip(1)
        .map_while(|word| word.to_str().filter(|&word| word != "--"));
    let mut taking: Option<&str> = None;
    for word in words {
        if let Some(below) = command.find_subcommand(word) {
            command = below;
        }
        let name = word
            .strip_prefix("--")
            .and_then(|flag| flag.split('=').next());
        let mut own = command.get_arguments().chain(globals.iter().copied());
        let found = own.find(|argument| name.is_some() && argument.get_long() == name);
        match (taking.take(), found) {
            (Some(id), Some(_)) => {
                return Err(wrong(format!(
                    "--{id} needs an id, but `{word}` is a flag; if it is the id, write --{id}={word}"
                )));
            }
            (Some(_), None) => {} // the id
            (None, Some(argument))
                if argument.is_allow_hyphen_values_set() && !word.contains('=') =>
            {
                taking = argument.get_long();
            }
            (None, _) => {}
        }
    }
    Ok(())
}
