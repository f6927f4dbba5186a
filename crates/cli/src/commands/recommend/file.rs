//! Lists as a file: one row per user and item.

use crate::commands::lists::left_out;
use crate::exit::{End, wrong};
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
use std::sync::atomic::Ordering;

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
#[derive(Clone, Copy)]
enum Form {
    Csv,
    JsonLines,
}

impl Form {
    fn of(file: &Path) -> Result<Self> {
        let ending = file.extension().map(|ending| ending.to_ascii_lowercase());
        match ending.as_deref().and_then(|ending| ending.to_str()) {
            Some("jsonl" | "ndjson") => Ok(Self::JsonLines),
            // What takes a table by its ending would find something else in it.
            Some(other @ ("parquet" | "xlsx" | "json")) => Err(wrong(format!(
                "lists are written as CSV or, with the ending .jsonl, as JSON lines, and not as .{other}"
            ))),
            _ => Ok(Self::Csv),
        }
    }

    fn heading(self) -> &'static [u8] {
        match self {
            Self::Csv => b"user,rank,item,rating,clipped,ratings,title,genres\n",
            Self::JsonLines => b"",
        }
    }

    fn lines(self, list: &List) -> io::Result<Lines> {
        let text = match self {
            Self::Csv => {
                let mut csv = csv::Writer::from_writer(Vec::new());
                for (rank, line) in (1..).zip(&list.items) {
                    csv.write_record(fields(&list.user, rank, line))?;
                }
                csv.into_inner().map_err(|error| error.into_error())?
            }
            Self::JsonLines => {
                let mut text = serde_json::to_vec(list)?;
                text.push(b'\n');
                text
            }
        };
        Ok(Lines {
            text,
            rows: list.items.len(),
            untrained: list.user_ratings == 0,
            left_out: list.left_out,
        })
    }
}

/// A list as it is written.
struct Lines {
    text: Vec<u8>,
    rows: usize,
    /// Whether the user has no training rating.
    untrained: bool,
    /// How many items were left out because they have too few ratings.
    left_out: usize,
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
    let form = Form::of(out)?;
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
    let asked = interrupt::flag();
    // The file is opened first: if it cannot be written, that shows before the work.
    let mut file = WholeFile::begin(out)?;
    file.write_all(form.heading())?;
    let mut each = |lines: io::Result<Lines>| -> Result<()> {
        if asked.load(Ordering::Relaxed) {
            return Err(End::Interrupted("no list was written".to_string()).into());
        }
        let lines = lines?;
        file.write_all(&lines.text)?;
        written.users += 1;
        written.rows += lines.rows;
        written.users_without_training_ratings += usize::from(lines.untrained);
        written.left_out_items = lines.left_out;
        bar.inc(1);
        Ok(())
    };
    match users.is_empty() {
        true => recommender.lists_as(options, |list| form.lines(&list), &mut each)?,
        false => {
            for user in users {
                each(form.lines(&recommender.list(user, options)?))?;
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
