//! Cases as files, for programs in other languages: `NAME.json` and two files of ratings, each three arrays one after
//! another (users and items as 32-bit integers, ratings as 32-bit floats, little endian).

use crate::cases::Case;
use anyhow::{Context, ensure};
use recburn::data::{ItemIx, UserIx};
use recburn::prelude::*;
use std::path::Path;

/// Every fifth rating is for validation.
fn parts(ratings: &Ratings) -> [Vec<usize>; 2] {
    let (valid, train) = (0..ratings.len()).partition(|row| row % 5 == 4);
    [train, valid]
}

pub fn write(case: &Case, folder: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder)?;
    let ratings = case.draw();
    let mut about = serde_json::to_value(case)?;
    for (part, rows) in ["train", "valid"].into_iter().zip(parts(&ratings)) {
        let mut bytes = Vec::with_capacity(rows.len() * 12);
        rows.iter()
            .for_each(|&row| bytes.extend(ratings.users[row].0.to_le_bytes()));
        rows.iter()
            .for_each(|&row| bytes.extend(ratings.items[row].0.to_le_bytes()));
        rows.iter()
            .for_each(|&row| bytes.extend(ratings.ratings[row].to_le_bytes()));
        let name = format!("{}.{part}.bin", case.name);
        recburn::files::write_whole(folder.join(&name), &bytes)?;
        about[part] = name.into();
    }
    let file = folder.join(format!("{}.json", case.name));
    recburn::files::write_whole(&file, &serde_json::to_vec_pretty(&about)?)?;
    Ok(())
}

/// The training part.
pub fn read(case: &Case, folder: &Path) -> anyhow::Result<Ratings> {
    let file = folder.join(format!("{}.train.bin", case.name));
    let bytes = std::fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
    ensure!(
        bytes.len().is_multiple_of(12),
        "{} is cut off",
        file.display()
    );
    let (words, _) = bytes.as_chunks::<4>();
    let count = words.len() / 3;
    let whole = |at: usize| {
        words[at * count..][..count]
            .iter()
            .map(|word| u32::from_le_bytes(*word))
    };
    let ratings = Ratings {
        users: whole(0).map(UserIx).collect(),
        items: whole(1).map(ItemIx).collect(),
        ratings: whole(2).map(f32::from_bits).collect(),
        ..Ratings::default()
    };
    ratings.check(case.users, case.items)?;
    Ok(ratings)
}
