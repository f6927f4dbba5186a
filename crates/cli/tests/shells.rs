//! Completions and manual pages: made by the binary, kept in `contrib/`.

#![cfg(feature = "serve")] // the kept ones describe all commands
#![allow(clippy::unwrap_used)]

mod common;

use common::recburn;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

const HOW: &str = "run `bash contrib/generate.sh`";

fn contrib(folder: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../contrib")
        .join(folder)
}

fn files(folder: &Path) -> BTreeMap<String, String> {
    let files = fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path());
    files
        .map(|file| {
            let name = file.file_name().unwrap().to_str().unwrap().to_string();
            (name, fs::read_to_string(&file).unwrap())
        })
        .collect()
}

#[test]
fn the_completions_kept_are_those_of_the_binary() {
    let home = tempfile::tempdir().unwrap();
    let kept = files(&contrib("completions"));
    let shells = [
        ("bash", "recburn.bash"),
        ("zsh", "_recburn"),
        ("fish", "recburn.fish"),
        ("powershell", "_recburn.ps1"),
        ("elvish", "recburn.elv"),
    ];
    for (shell, file) in shells {
        let made = recburn(home.path(), &["completions", shell]).fine().out;
        assert!(
            made.contains("recommend") && made.contains("min-ratings"),
            "{shell}"
        );
        assert!(
            kept[file] == made,
            "contrib/completions/{file} is out of date: {HOW}"
        );
    }
    assert_eq!(kept.len(), shells.len());
    // For programs it is one JSON document, as everywhere.
    let document = recburn(home.path(), &["completions", "fish", "--json"]);
    let document = document.fine().json();
    assert_eq!(
        document.as_str().map(str::trim_end),
        Some(kept["recburn.fish"].trim_end())
    );
    let known = recburn(home.path(), &["completions", "sh"]);
    known.fails(2, &["bash", "fish"]);
}

#[test]
fn the_manual_kept_is_that_of_the_binary() {
    let home = tempfile::tempdir().unwrap();
    recburn(home.path(), &["man", "--out", "man"]).fine();
    let (made, kept) = (files(&home.path().join("man")), files(&contrib("man")));
    for page in ["recburn.1", "recburn-recommend.1", "recburn-data-fetch.1"] {
        assert!(made.contains_key(page), "{page}");
    }
    assert!(made == kept, "contrib/man is out of date: {HOW}");
}
