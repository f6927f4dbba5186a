//! The `recburn` binary: from a ratings file to recommendations, one command per step.

mod commands;
mod config;
mod eaten;
mod exit;
mod interrupt;
#[cfg(feature = "mpi")]
mod mpi_ranks;
mod output;
mod spread;

use clap::{ColorChoice, CommandFactory, FromArgMatches, Parser, Subcommand};
use output::Output;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

// Every step allocates and frees tensors, so the allocator takes a good part of its time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Makes the allocator return freed memory to the system at once, and not after a second: what read the ratings then is no
/// part of what trains on them.
#[cfg(feature = "mpi")]
#[allow(unsafe_code)]
fn return_memory_at_once() {
    /// The number of `mi_option_purge_delay` in the enumeration `mi_option_t` of `mimalloc.h`, in milliseconds.
    const PURGE_DELAY: libmimalloc_sys::mi_option_t = 15;
    // SAFETY: the option is a number that is read when memory is freed; no other thread allocates as yet.
    unsafe { libmimalloc_sys::mi_option_set(PURGE_DELAY, 0) }
}

/// Deep-learning recommenders, from a ratings file to recommendations.
#[derive(Parser)]
#[command(
    name = "recburn",
    version,
    after_long_help = HELP,
    after_help = "Start with `recburn train`, which needs no file. `recburn --help` shows more.",
    propagate_version = true
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    /// Print one JSON document on standard output instead of text; errors as JSON on standard error
    #[arg(long, global = true, display_order = 900)]
    json: bool,
    /// Take flags from this TOML file; the command line takes precedence
    #[arg(long, global = true, value_name = "FILE", display_order = 901)]
    config: Option<PathBuf>,
}

const HELP: &str = "\
Examples:
  recburn train                                      the embedded sample, in a second or two
  recburn data fetch ml-latest-small                 into datasets/, checksum verified
  recburn train --data ml-latest-small --model biased_mf --epochs 10 --out out/films
  recburn recommend out/films/model --user 1
  recburn serve out/films/model                      lists, predictions and search over HTTP
  recburn run biased_mf/small16                      a notebook's run, compared with its figures
  recburn compare --protocol p1 ease slim            which differences are noise
  recburn models list mlp

Every flag can be given in a TOML file, in a table named after its command:
  [train]
  data = \"ml-latest-small\"
  option = [\"factors=40\", \"l2=1e-4\"]
read by `recburn --config FILE.toml train`.

Exit status:
    0  done
    1  any other failure, named in the message
    2  the command line or the configuration file is wrong
    3  data or a model cannot be read, or an id is unknown
    4  a data set could not be fetched
    5  training failed
    6  a recipe missed a published figure
  130  interrupted; the checkpoint of the last complete epoch is kept

With --json every line on standard error is a JSON document: {\"warning\": ...} for warnings and, at
the end of a command that failed,
  {\"error\": {\"kind\": \"input\", \"message\": \"...\", \"chain\": [\"...\"], \"exit_status\": 3}}
whose kind is other, usage, input, fetch, training, missed or interrupted, in the order of the
table above, and whose chain holds the parts of the message, the cause last.";

#[derive(Subcommand)]
enum Command {
    /// Data sets: list, fetch, describe, crosstab, split, synth
    #[command(subcommand)]
    Data(commands::data::Data),
    /// The models: list, show
    #[command(subcommand)]
    Models(commands::models::Models),
    /// Train a model on ratings
    Train(Box<commands::train::Train>),
    /// Make one model from the parts that several processes have trained
    Gather(commands::gather::Gather),
    /// Run recipes and compare the results with published figures
    Run(commands::run::Run),
    /// Fit baselines and models in closed form, and compare them on held-out ratings
    Baselines(commands::baselines::Baselines),
    /// Score a saved model on ratings, or train and score a model by a protocol
    Evaluate(Box<commands::evaluate::Evaluate>),
    /// List the evaluation protocols, or show one
    Protocols(commands::protocols::Protocols),
    /// Compare models under one protocol, and say which differences are noise
    Compare(commands::compare::Compare),
    /// Search for good hyper-parameters on a validation part
    Tune(Box<commands::tune::Tune>),
    /// Predict the rating of a pair, or of every pair in a file
    Predict(commands::predict::Predict),
    /// Recommend the best items for a user, for all users, or for somebody not in the data
    Recommend(commands::recommend::Recommend),
    /// List items similar to an item
    Similar(commands::similar::Similar),
    /// Serve a model over HTTP
    #[cfg(feature = "serve")]
    Serve(Box<commands::serve::Serve>),
    /// Write embedding tables as CSV, safetensors or Parquet, all weights for Keras, or a page that recommends without a server
    Export(commands::export::Export),
    /// Print a script with which a shell completes commands and flags
    Completions(commands::completions::Completions),
    /// Write the manual pages
    #[command(hide = true)]
    Man(commands::completions::Manual),
}

fn main() -> ExitCode {
    let given: Vec<OsString> = std::env::args_os().collect();
    let mut json = exit::asks_for_json(&given);
    match run(given, &mut json) {
        Ok(code) => code,
        Err(error) => exit::report(&error, json),
    }
}

/// Runs the command; sets `json`, which decides how errors are reported, once the configuration file has been read.
fn run(given: Vec<OsString>, json: &mut bool) -> anyhow::Result<ExitCode> {
    eaten::check(&Cli::command(), &given)?;
    let arguments = config::arguments(Cli::command(), given)?;
    *json = exit::asks_for_json(&arguments.all);
    // `help`, `--version` and usage errors end here, with clap's own status.
    let matches = match Cli::command()
        .color(ColorChoice::Auto)
        .try_get_matches_from(arguments.all)
    {
        Ok(matches) => matches,
        Err(error) => return Ok(exit::usage(&error, arguments.file.as_deref(), *json)),
    };
    let cli = Cli::from_arg_matches(&matches)?;
    let output = Output::new(cli.json);
    #[cfg(feature = "mpi")]
    if let Command::Train(command) = &cli.command
        && recburn::spread::launch().is_some()
    {
        return mpi_ranks::run(cli.json, |ranks| spread::train(command, ranks, &output));
    }
    spread::refuse()?;
    match cli.command {
        Command::Data(command) => command.run(&output),
        Command::Models(command) => command.run(&output),
        Command::Train(command) => command.run(&output),
        Command::Gather(command) => command.run(&output),
        Command::Run(command) => command.run(&output),
        Command::Baselines(command) => command.run(&output),
        Command::Evaluate(command) => command.run(&output),
        Command::Protocols(command) => command.run(&output),
        Command::Compare(command) => command.run(&output),
        Command::Tune(command) => command.run(&output),
        Command::Predict(command) => command.run(&output),
        Command::Recommend(command) => command.run(&output),
        Command::Similar(command) => command.run(&output),
        #[cfg(feature = "serve")]
        Command::Serve(command) => command.run(&output),
        Command::Export(command) => command.run(&output),
        Command::Completions(command) => command.run(Cli::command(), &output),
        Command::Man(command) => command.run(Cli::command(), &output),
    }?;
    Ok(ExitCode::SUCCESS)
}
