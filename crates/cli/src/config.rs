//! Flags from a TOML file.
//!
//! A file has a table per command (`[train]`, `[data.fetch]`), whose keys are the long names of flags or the names of
//! positional arguments. Settings that the command line does not give are appended to it, so that one parser, one help
//! text and one set of messages serve both.

use crate::exit::wrong;
use anyhow::Result;
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// A command line, extended by a file.
pub struct Arguments {
    /// The arguments to parse.
    pub all: Vec<OsString>,
    /// The file, if there is one.
    pub file: Option<PathBuf>,
}

/// The command line, followed by the settings that its `--config` file adds.
pub fn arguments(command: Command, mut all: Vec<OsString>) -> Result<Arguments> {
    let untouched = |all| Ok(Arguments { all, file: None });
    // Required arguments may come from the file.
    let Ok(matches) = relaxed(command.clone()).try_get_matches_from(&all) else {
        return untouched(all); // help, or a mistake, which the real parser reports better
    };
    let Some(path) = matches.get_one::<PathBuf>("config").cloned() else {
        return untouched(all);
    };
    let mut table = read(&path)?;
    let mut added = Vec::new();
    let (mut command, mut matches) = (&command, &matches);
    let mut place = String::new();
    loop {
        let below = matches.subcommand();
        let deeper = below.and_then(|(name, _)| take_table(&mut table, name));
        check_commands(command, &mut table, &path, &place)?;
        for (key, value) in &table {
            let argument = find(command, key).ok_or_else(|| {
                let known: Vec<_> = names(command).collect();
                wrong(format!(
                    "{}: {} has no setting `{key}`; it has {}",
                    path.display(),
                    table_name(&place),
                    known.join(", ")
                ))
            })?;
            if !is_given(matches, argument) {
                added.extend(as_arguments(argument, key, value, &path)?);
            }
        }
        let (Some((name, matches_below)), Some(deeper)) = (below, deeper) else {
            break;
        };
        let Some(command_below) = command.find_subcommand(name) else {
            break;
        };
        (command, matches, table) = (command_below, matches_below, deeper);
        place = match place.is_empty() {
            true => name.to_string(),
            false => format!("{place}.{name}"),
        };
    }
    // After `--` a flag would be read as a value.
    let end = all
        .iter()
        .position(|word| word == "--")
        .unwrap_or(all.len());
    all.splice(end..end, added);
    Ok(Arguments {
        all,
        file: Some(path),
    })
}

fn relaxed(command: Command) -> Command {
    command
        .mut_args(|argument| argument.required(false))
        .mut_subcommands(relaxed)
}

fn read(path: &Path) -> Result<Table> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| wrong(format!("cannot read {}: {error}", path.display())))?;
    text.parse::<Table>()
        .map_err(|error| wrong(format!("{}: {error}", path.display())))
}

fn take_table(table: &mut Table, name: &str) -> Option<Table> {
    match table.remove(name)? {
        Value::Table(below) => Some(below),
        other => {
            table.insert(name.to_string(), other); // refused as an unknown key
            None
        }
    }
}

/// Tables of other commands are for other runs; a table that matches no command is a mistake.
fn check_commands(command: &Command, table: &mut Table, path: &Path, place: &str) -> Result<()> {
    let tables: Vec<String> = table
        .iter()
        .filter(|(_, value)| value.is_table())
        .map(|(name, _)| name.clone())
        .collect();
    for name in tables {
        if command.find_subcommand(&name).is_none() {
            return Err(wrong(format!(
                "{}: {} has no command `{name}`",
                path.display(),
                table_name(place)
            )));
        }
        table.remove(&name);
    }
    Ok(())
}

fn table_name(place: &str) -> String {
    match place.is_empty() {
        true => "recburn".to_string(),
        false => format!("[{place}]"),
    }
}

/// How messages name an argument: by its flag, or by its own name.
fn name_of(argument: &Arg) -> &str {
    argument.get_long().unwrap_or(argument.get_id().as_str())
}

fn names(command: &Command) -> impl Iterator<Item = &str> {
    let own = command.get_arguments().map(name_of);
    own.filter(|name| !matches!(*name, "config" | "help" | "version"))
}

fn find<'a>(command: &'a Command, key: &str) -> Option<&'a Arg> {
    let key = key.replace('_', "-");
    command.get_arguments().find(|argument| {
        let name = name_of(argument);
        let mut names = argument.get_all_aliases().unwrap_or_default();
        names.push(name);
        let is_it = |name: &&str| name.replace('_', "-") == key;
        names.iter().any(is_it) && !matches!(name, "config" | "help" | "version")
    })
}

fn is_given(matches: &ArgMatches, argument: &Arg) -> bool {
    let id = argument.get_id().as_str();
    // A variable is nearer to the run than a file.
    let source = matches.value_source(id);
    matches!(
        source,
        Some(ValueSource::CommandLine | ValueSource::EnvVariable)
    )
}

fn as_arguments(argument: &Arg, key: &str, value: &Value, path: &Path) -> Result<Vec<OsString>> {
    let odd = |seen: &Value, wanted: &str| {
        wrong(format!(
            "{}: `{key}` must be {wanted}, not {seen}",
            path.display()
        ))
    };
    let flag = argument.get_long().map(|long| format!("--{long}"));
    if matches!(argument.get_action(), ArgAction::SetTrue) {
        let flag = flag.unwrap_or_default();
        return match value {
            Value::Boolean(true) => Ok(vec![flag.into()]),
            Value::Boolean(false) => Ok(Vec::new()),
            other => Err(odd(other, "true or false")),
        };
    }
    let values = match value {
        Value::Array(values) => values.as_slice(),
        one => std::slice::from_ref(one),
    };
    let mut words = Vec::new();
    for value in values {
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Integer(number) => number.to_string(),
            Value::Float(number) => number.to_string(),
            Value::Boolean(truth) => truth.to_string(),
            other => {
                return Err(odd(
                    other,
                    "text, a number, true or false, or a list of these",
                ));
            }
        };
        words.push(match &flag {
            Some(flag) => format!("{flag}={text}").into(),
            None => text.into(),
        });
    }
    Ok(words)
}
