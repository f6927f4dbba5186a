//! Lists as a file: one row per user and item.

use crate::commands::lists::left_out;
use crate::exit::End;
use crate::interrupt;
use crate::output::{Output, place};
use anyhow::Result;
use indicatif::{ProgressBar, ProgressStyle};
use recburn::data::thousands;
use recburn::files::WholeFile;
use recburn::recommender::{AnyRecommender, List, ListOptions, Recommendation};
use serde::Serialize;
use std::io::{self, Write};
use std::path::Path;

#[derive(Serialize)]
struct Written<'a> {
    file: &'a Path,
    users: usize,
    rows: usize,
    users_without_training_ratings: usize,
    min_ratings: u32,
    left_out_items: usize,
}

/// How a list is written.
enum Form {
    Csv,
    JsonLines,
}

impl Form {
    fn of(file: &Path) -> Self {
        let ending = file.extension().map(|ending| ending.to_ascii_lowercase());
        match ending.as_deref().and_then(|ending| ending.to_str()) {
            Some("jsonl" | "ndjson") => Self::JsonLines,
            _ => Self::Csv,
        }
    }

    fn heading(&self, file: &mut WholeFile) -> io::Result<()> {
        match self {
            Self::Csv => file.write_all(b"user,rank,item,rating,clipped,ratings,title,genres\n"),
            Self::JsonLines => Ok(()),
        }
    }

    fn write(&self, list: &List, file: &mut WholeFile) -> io::Result<()> {
        match self {
            Self::Csv => {
                let mut csv = csv::Writer::from_writer(Vec::new());
                for (rank, line) in (1..).zip(&list.items) {
                    csv.write_record(fields(&list.user, rank, line))?;
                }
                file.write_all(&csv.into_inner().map_err(|error| error.into_error())?)
            }
            Self::JsonLines => {
                serde_json::to_writer(&mut *file, list)?;
                file.write_all(b"\n")
            }
        }
    }
}

fn fields(user: &str, rank: usize, line: &Recommendation) -> [String; 8] {
    [
        user.to_string(),
        rank.to_string(),
        line.item.clone(),
        line.rating.to_string(),
        line.clipped.to_string(),
        line.ratings.to_string(),
        line.title.clone(),
        line.genres.join("|"),
    ]
}

/// Writes the lists of these users, or of all users if none is named; whole or not at all.
pub fn write(
    recommender: &AnyRecommender,
    users: &[String],
    options: &ListOptions,
    out: &Path,
    output: Output,
) -> Result<()> {
    let output = output.next_to(out);
    let form = Form::of(out);
    let bar = bar(match users.is_empty() {
        true => recommender.users().len(),
        false => users.len(),
    });
    let mut written = Written {
        file: out,
        users: 0,
        rows: 0,
        users_without_training_ratings: 0,
        min_ratings: options
            .min_ratings
            .unwrap_or_else(|| recommender.min_ratings()),
        left_out_items: 0,
    };
    // The file is opened first: if it cannot be written, that shows before the work.
    let mut file = WholeFile::begin(out)?;
    form.heading(&mut file)?;
    let asked = interrupt::flag();
    let mut each = |list: List| -> Result<()> {
        if asked.load(std::sync::atomic::Ordering::Relaxed) {
            return Err(End::Interrupted("no list was written".to_string()).into());
        }
        form.write(&list, &mut file)?;
        written.users += 1;
        written.rows += list.items.len();
        written.users_without_training_ratings += usize::from(list.user_ratings == 0);
        written.left_out_items = list.left_out;
        bar.inc(1);
        Ok(())
    };
    match users.is_empty() {
        true => recommender.lists(options, &mut each)?,
        false => {
            for user in users {
                each(recommender.list(user, options)?)?;
            }
        }
    }
    bar.finish_and_clear();
    file.finish()?.name()?;
    let mut text = format!(
        "{} lists, {} rows, in {}",
        thousands(written.users),
        thousands(written.rows),
        place(out)
    );
    if written.users_without_training_ratings > 0 {
        text += &format!(
            "; {} of them are for users without a training rating, about whom nothing was learnt",
            thousands(written.users_without_training_ratings)
        );
    }
    output.note(left_out(
        written.left_out_items,
        written.min_ratings,
        options.min_ratings,
    ))?;
    output.answer(&written, text)
}

/// A progress bar, shown only on a terminal.
fn bar(users: usize) -> ProgressBar {
    let bar = ProgressBar::new(users as u64);
    let style = "{bar:30} {pos}/{len} users  {eta} left";
    if let Ok(style) = ProgressStyle::with_template(style) {
        bar.set_style(style);
    }
    bar
}
