//! `recburn completions` and `recburn man`: what shells and `man` want to know of the command line, from its own description.

use crate::output::Output;
use anyhow::Result;
use clap::{Args, Command};
use clap_complete::Shell;
use clap_mangen::Man;
use recburn::files::write_whole;
use std::path::{Path, PathBuf};

const HELP: &str = "\
Examples:
  recburn completions bash > ~/.local/share/bash-completion/completions/recburn
  recburn completions zsh > \"${fpath[1]}/_recburn\"
  recburn completions fish > ~/.config/fish/completions/recburn.fish";

/// Print a script with which a shell completes commands and flags
#[derive(Args)]
#[command(after_help = HELP)]
pub struct Completions {
    /// The shell
    #[arg(value_name = "SHELL", value_enum)]
    shell: Shell,
}

impl Completions {
    /// Runs the command, which describes the whole command line.
    pub fn run(&self, mut command: Command, output: &Output) -> Result<()> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut command, "recburn", &mut script);
        let script = String::from_utf8(script)?;
        output.answer(&script, &script)
    }
}

/// Write the manual pages
#[derive(Args)]
pub struct Manual {
    /// The folder for them, one for each command
    #[arg(long, value_name = "DIR", default_value = "man")]
    out: PathBuf,
}

impl Manual {
    /// Runs the command, which describes the whole command line.
    pub fn run(&self, mut command: Command, output: &Output) -> Result<()> {
        command.build();
        let mut files = Vec::new();
        pages(&command, &self.out, &mut files)?;
        let said = format!("{} manual pages in {}", files.len(), self.out.display());
        output.answer(&files, said)
    }
}

/// The page of a command and those of the commands below it.
fn pages(command: &Command, folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    let below = command.get_subcommands();
    let below = below.filter(|below| !below.is_hide_set() && below.get_name() != "help");
    for below in below {
        pages(below, folder, files)?;
    }
    let page = Man::new(command.clone());
    let file = folder.join(page.get_filename());
    let mut text = Vec::new();
    page.render(&mut text)?;
    write_whole(&file, &text)?;
    files.push(file);
    Ok(())
}
