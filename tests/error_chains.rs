//! A cause is said once: it is the source of an error, and no part of its message. Whoever reports an error prints the
//! chain, as anyhow's `{:#}` does.

use recburn::data::{DataError, ReadError};
use recburn::nn::{Weights, WeightsError};
use recburn::prelude::*;
use recburn::recommender::RecommenderError;
use recburn::report::ReportError;
use recburn::train::TrainError;
use recburn::{ExperimentError, files};
use std::error::Error;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The messages from the outermost to the cause.
fn chain(error: &dyn Error) -> Vec<String> {
    let (mut messages, mut cause) = (vec![error.to_string()], error.source());
    while let Some(error) = cause {
        messages.push(error.to_string());
        cause = error.source();
    }
    messages
}

fn refused() -> io::Error {
    io::Error::new(io::ErrorKind::PermissionDenied, "the door is shut")
}

#[test]
fn no_error_says_its_cause_twice() {
    let home = tempfile::tempdir().expect("a folder");
    let here = home.path();
    let path = || PathBuf::from("shut");
    fs::write(here.join("report.json"), "{\"model\": 1}").expect("written");
    fs::write(here.join("file"), "").expect("written");
    let schema = Schema::of_pairs(3, 3, (1.0, 5.0));
    let options = || {
        let entry = recburn::models::find("dot_mf").expect("a model of the zoo");
        let drawn = entry.graph(&serde_json::json!({ "depth": 3 }), &schema);
        drawn.expect_err("an option that there is not")
    };
    let source = || WeightsError::Read {
        path: path(),
        source: refused(),
    };
    let io = || ReadError::Io {
        path: path(),
        source: refused(),
    };
    let errors: Vec<Box<dyn Error>> = vec![
        Box::new(io()),
        Box::new(ExperimentError::from(io())),
        Box::new(ExperimentError::from(TrainError::from(DataError::from(
            refused(),
        )))),
        Box::new(ReadError::from(DataError::from(refused()))),
        Box::new(options()),
        Box::new(ExperimentError::from(options())),
        Box::new(source()),
        Box::new(TrainError::from(source())),
        Box::new(TrainError::Read {
            path: path(),
            source: refused(),
        }),
        Box::new(RecommenderError::Saved {
            path: path(),
            source: source(),
        }),
        Box::new(RecommenderError::Read {
            path: path(),
            source: refused(),
        }),
        Box::new(ReportError::Read {
            path: path(),
            source: refused(),
        }),
        // And what the system itself says.
        Box::new(RunReport::load(here.join("report.json")).expect_err("other keys")),
        Box::new(RunReport::load(here.join("none.json")).expect_err("no file")),
        Box::new(Weights::load(here).expect_err("a folder")),
        Box::new(Dataset::open(&here.display().to_string()).expect_err("no ratings")),
        Box::new(files::write_whole(here.join("file/below"), b"").expect_err("below a file")),
    ];
    let mut causes = 0;
    for error in errors {
        let chain = chain(&*error);
        causes += chain.len() - 1;
        for (at, message) in chain.iter().enumerate() {
            assert!(!message.is_empty(), "{chain:?}");
            for cause in &chain[at + 1..] {
                assert!(!message.contains(cause), "said twice: {chain:?}");
            }
        }
        // Nothing is lost: the chain as one line has the innermost cause in it.
        let last = chain.last().cloned().unwrap_or_default();
        let line = chain.join(": ");
        assert!(line.ends_with(&last), "{line}");
    }
    assert!(causes > 10, "{causes}: the errors above have causes");
}

/// Every `#[error(...)]` of the sources with what follows it, up to the next.
fn variants(source: &str) -> impl Iterator<Item = (&str, &str)> {
    source.split("#[error(").skip(1).map(|variant| {
        let end = variant.find(")]").unwrap_or(variant.len());
        variant.split_at(end)
    })
}

#[test]
fn no_message_of_the_sources_prints_the_field_that_is_its_source() {
    fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).expect("a folder of sources") {
            let path = entry.expect("an entry").path();
            if path.is_dir() && !path.ends_with("target") {
                sources(&path, found);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                found.push(path);
            }
        }
    }
    let mut files = Vec::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for folder in ["crates", "examples"] {
        sources(&root.join(folder), &mut files);
    }
    let mut seen = 0;
    for file in files {
        let text = fs::read_to_string(&file).expect("text");
        for (message, body) in variants(&text) {
            seen += 1;
            let place = format!("{}: #[error({message})]", file.display());
            assert!(!message.contains("{source"), "{place}");
            let is_source = body.contains("#[source]") || body.contains("#[from]");
            let whole = message.trim() == "transparent";
            assert!(whole || !is_source || !message.contains("{0"), "{place}");
        }
    }
    assert!(seen > 50, "{seen}: the sources have errors");
}
