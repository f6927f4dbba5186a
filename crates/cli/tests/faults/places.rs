//! Folders of runs, and what is in them.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;

/// Every file of a folder with its bytes, by path; empty if there is no such folder.
pub fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut all = BTreeMap::new();
    collect(folder, "", &mut all);
    all
}

fn collect(folder: &Path, within: &str, all: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let entry = entry.unwrap();
        let name = format!("{within}{}", entry.file_name().to_str().unwrap());
        match entry.file_type().unwrap().is_dir() {
            true => {
                collect(&entry.path(), &format!("{name}/"), all);
                if fs::read_dir(entry.path()).unwrap().next().is_none() {
                    all.insert(format!("{name}/"), Vec::new());
                }
            }
            false => {
                all.insert(name, fs::read(entry.path()).unwrap());
            }
        }
    }
}

/// The files and folders that are no result: their names begin with a dot.
pub fn leftovers(folder: &Path) -> Vec<String> {
    let hidden = |path: &String| path.split('/').any(|name| name.starts_with('.'));
    files(folder).into_keys().filter(hidden).collect()
}

/// A file of some hundred ratings, which an epoch takes no time to learn from.
pub fn write_ratings(path: &Path) {
    let mut text = "user,item,rating\n".to_string();
    for (user, item) in (0..60).flat_map(|user| (0..40).map(move |item| (user, item))) {
        if (user * 7 + item * 3) % 5 < 2 {
            let stars = 1 + (user * 11 + item * 13 + user * item) % 5;
            writeln!(text, "u{user},i{item},{stars}").unwrap();
        }
    }
    fs::write(path, text).unwrap();
}
