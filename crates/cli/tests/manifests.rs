//! What crates.io would show of each package, and that none names a dependency that it does not use.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// Dependencies that no line of a package names: they are there for their features.
const FOR_FEATURES: [(&str, &str); 1] = [
    ("recburn-fetch", "flate2"), // which of its backends zip inflates with
];

/// The manifest and the sources of every package that is published.
fn packages() -> Vec<(Table, Vec<PathBuf>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let read = |path: &Path| -> Table { fs::read_to_string(path).unwrap().parse().unwrap() };
    // The facade's manifest is the root's.
    let mut packages = vec![(
        read(&root.join("Cargo.toml")),
        vec![root.join("crates/recburn")],
    )];
    for entry in fs::read_dir(root.join("crates")).unwrap() {
        let folder = entry.unwrap().path();
        if folder.join("Cargo.toml").is_file() {
            packages.push((read(&folder.join("Cargo.toml")), vec![folder.join("src")]));
        }
    }
    let published = |manifest: &Table| manifest["package"].get("publish").is_none();
    packages.retain(|(manifest, _)| published(manifest));
    packages
}

fn text_of(folder: &Path, text: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => text_of(&path, text),
            false if path.extension().is_some_and(|ending| ending == "rs") => {
                *text += &fs::read_to_string(&path).unwrap();
            }
            false => {}
        }
    }
}

#[test]
fn every_published_package_says_what_it_is() {
    let packages = packages();
    assert!(packages.len() > 10);
    for (manifest, _) in packages {
        let package = manifest["package"].as_table().unwrap();
        for key in ["description", "license", "readme", "keywords", "categories"] {
            assert!(
                package.contains_key(key),
                "{} has no {key}",
                package["name"]
            );
        }
        // A library shows what its features add; the binary has no documentation of its own.
        let library = package["name"].as_str() != Some("recburn-cli");
        let shown = package.get("metadata").and_then(|about| about.get("docs"));
        assert!(
            !(library && manifest.contains_key("features")) || shown.is_some(),
            "{} has features and does not say which of them docs.rs shows",
            package["name"]
        );
    }
}

#[test]
fn no_published_package_depends_on_what_it_does_not_use() {
    for (manifest, folders) in packages() {
        let name = manifest["package"]["name"].as_str().unwrap();
        let mut text = String::new();
        folders.iter().for_each(|folder| text_of(folder, &mut text));
        let dependencies = manifest.get("dependencies").and_then(Value::as_table);
        for dependency in dependencies.into_iter().flatten().map(|(name, _)| name) {
            let word = match dependency.as_str() {
                "md-5" => "md5".to_string(),
                "layout-rs" => "layout".to_string(),
                other => other.replace('-', "_"),
            };
            let used = [
                format!("{word}::"),
                format!("use {word};"),
                format!("pub use {word} as"),
            ];
            assert!(
                FOR_FEATURES.contains(&(name, dependency))
                    || used.iter().any(|used| text.contains(used)),
                "{name} names {dependency} and does not use it"
            );
        }
    }
}

/// The oldest Rust that builds recburn is the one that Burn asks for, and CONTRIBUTING.md says which.
#[test]
fn the_oldest_supported_rust_is_written_once() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let manifest: Table = fs::read_to_string(root.join("Cargo.toml"))
        .unwrap()
        .parse()
        .unwrap();
    let oldest = manifest["workspace"]["package"]["rust-version"]
        .as_str()
        .unwrap();
    for (manifest, _) in packages() {
        let own = &manifest["package"]["rust-version"];
        assert_eq!(own.get("workspace"), Some(&Value::Boolean(true)));
    }
    for page in ["CONTRIBUTING.md", "README.md"] {
        let text = fs::read_to_string(root.join(page)).unwrap();
        assert!(text.contains(&format!("Rust {oldest}")), "{page}");
    }
}

#[test]
fn the_front_page_of_the_library_and_the_page_of_models_name_every_model() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let front = fs::read_to_string(root.join("crates/recburn/lib.rs")).unwrap();
    let families = fs::read_to_string(root.join("docs/models.md")).unwrap();
    let of_steps = recburn::models::zoo().into_iter().map(|entry| entry.name);
    let whole = recburn::classical::methods()
        .into_iter()
        .map(|entry| entry.name);
    for name in of_steps.chain(whole) {
        assert!(front.contains(&format!("[`{name}`](")), "{name}");
        assert!(families.contains(&format!("`{name}`")), "{name}");
    }
}
