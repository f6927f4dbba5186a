//! `recburn recommend`.

use crate::commands::lists::{Length, left_out, untrained};
use crate::commands::saved::{Saved, row};
use crate::exit::{PlainFile, wrong};
use crate::output::{Output, table};
use anyhow::Result;
use clap::{ArgGroup, Args};
use recburn::recommender::{List, ListOptions, Query, Recommendation, Scores, Source};
use serde::Serialize;
use std::path::{Path, PathBuf};

mod file;
mod mine;

use mine::Mine;

const HELP: &str = "\
Examples:
  recburn recommend out/biased_mf/model --user 1
  recburn recommend out/biased_mf/model --user 1 --user 7 --count 20 --json
  recburn recommend out/biased_mf/model --user 1 --seen              with what the user has rated
  recburn recommend out/biased_mf/model --user 1 --min-ratings 20    only items with many ratings
  recburn recommend out/biased_mf/model --user 1 --genre Comedy --genre Drama --not-genre War
  recburn recommend out/biased_mf/model --all --out lists.csv        for all users
  recburn recommend out/biased_mf/model --ratings mine.csv           for somebody not in the data
  recburn recommend out/biased_mf/model --user 1 --ratings new.csv   for a user with new ratings

A file of --ratings has the columns item and rating, on the scale of the data, with or without a
heading:
  item,rating
  318,5
  296,3.5
A row for the visitor is fitted to these ratings; the model is not changed. Items that it does not
know are left out.

The column `ratings` holds the number of training ratings of an item. Predicted ratings are clipped
to the scale of the data; --json has both forms (`rating` and `clipped`). A model trained on
positives predicts no ratings: its scores only order a user's list and have no scale. Ids may begin
with a dash.";

/// Recommend the best items for a user, for all users, or for somebody not in the data
#[derive(Args)]
#[command(after_help = HELP)]
#[command(group(ArgGroup::new("whom").args(["user", "all_users", "ratings"]).required(true).multiple(true)))]
pub struct Recommend {
    #[command(flatten)]
    saved: Saved,
    /// A user's id, as in the data; may be repeated for several lists
    #[arg(long, value_name = "ID", allow_hyphen_values = true)]
    user: Vec<String>,
    /// Write the lists of all users to --out
    #[arg(
        long = "all",
        visible_alias = "all-users",
        conflicts_with = "user",
        requires = "out"
    )]
    all_users: bool,
    /// A CSV file of items and ratings: recommend for a visitor with these ratings, or for --user with these new ratings
    #[arg(long, value_name = "FILE", conflicts_with_all = ["all_users", "out"])]
    ratings: Option<PathBuf>,
    /// Write the lists to this file: JSON lines if its name ends in .jsonl, otherwise CSV; `-` is standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    length: Length,
    /// Only items of this genre; may be repeated for items of any of several
    #[arg(long, value_name = "NAME")]
    genre: Vec<String>,
    /// No items of this genre; may be repeated
    #[arg(long, value_name = "NAME")]
    not_genre: Vec<String>,
    /// Include items that the user has rated
    #[arg(long)]
    seen: bool,
}

impl Recommend {
    /// Runs the command.
    pub fn run(&self, output: &Output) -> Result<()> {
        let options = ListOptions {
            count: self.length.count,
            seen: self.seen,
            min_ratings: self.length.min_ratings,
            genres: self.genre.clone(),
            not_genres: self.not_genre.clone(),
        };
        if let Some(file) = &self.ratings {
            return self.fold_in(file, &options, output);
        }
        let recommender = match self.all_users {
            true => self.saved.load()?,
            false => self.saved.load_for(&self.user)?,
        };
        if let Some(out) = &self.out {
            return file::write(&recommender, &self.user, &options, out, *output);
        }
        let lists = self
            .user
            .iter()
            .map(|user| recommender.list(user, &options));
        let lists: Vec<List> = lists.collect::<Result<_, _>>()?;
        for list in &lists {
            let of_everybody = "; the list is the same for all such users";
            output.note(untrained(
                "user",
                &list.user,
                list.user_ratings,
                of_everybody,
            ))?;
        }
        if let Some(list) = lists.first() {
            output.note(left_out(
                list.left_out,
                list.min_ratings,
                options.min_ratings,
            ))?;
        }
        let scores = recommender.scores();
        match lists.as_slice() {
            [list] => output.answer(&list.items, shown(list, scores)),
            lists => {
                let texts = lists.iter().map(|list| {
                    let user = recburn::data::shown(&list.user);
                    format!("user {user}\n{}", shown(list, scores))
                });
                let texts: Vec<String> = texts.collect();
                output.answer(&lists, texts.join("\n"))
            }
        }
    }
}

/// What is printed of a list by somebody's own ratings.
#[derive(Serialize)]
struct OwnList<'a> {
    source: Source,
    user: Option<&'a str>,
    /// How many ratings there are: those in training and those of the file.
    ratings: usize,
    unknown_items: &'a [String],
    items: &'a [Recommendation],
}

impl Recommend {
    /// The list by ratings of a file.
    fn fold_in(&self, file: &Path, options: &ListOptions, output: &Output) -> Result<()> {
        let user = match self.user.as_slice() {
            [] => None,
            [user] => Some(user.as_str()),
            _ => return Err(wrong("--ratings are those of one --user, or of none")),
        };
        let mine = Mine::read(file).map_err(PlainFile)?;
        let recommender = self.saved.load_for(&self.user)?;
        let ratings = mine.ratings();
        let query = Query {
            user,
            ratings: &ratings,
        };
        let profile = mine.placed(recommender.profile(&query))?;
        let list = recommender.top(&profile, options)?;
        output.note(unknown(&profile.unknown_items))?;
        output.note(left_out(
            list.left_out,
            list.min_ratings,
            options.min_ratings,
        ))?;
        let answer = OwnList {
            source: profile.source,
            user,
            ratings: profile.ratings,
            unknown_items: &profile.unknown_items,
            items: &list.items,
        };
        output.answer(&answer, shown(&list, recommender.scores()))
    }
}

/// Says which items of a file the model does not know.
fn unknown(items: &[String]) -> Option<String> {
    let named: Vec<String> = items
        .iter()
        .take(MOST_NAMED)
        .map(|item| format!("`{}`", recburn::data::shown(item)))
        .collect();
    let more = match items.len() > MOST_NAMED {
        true => ", ...",
        false => "",
    };
    let word = match items.len() {
        0 => return None,
        1 => "1 item that the model does not know was".to_string(),
        count => format!("{count} items that the model does not know were"),
    };
    Some(format!("{word} left out: {}{more}", named.join(", ")))
}

/// At most this many items are named in a note.
const MOST_NAMED: usize = 5;

fn shown(list: &List, scores: Scores) -> String {
    let score = match scores {
        Scores::Ratings => "rating",
        Scores::Order => "score",
    };
    let heading = ["", score, "ratings", "title", "id", "genres"];
    let mut rows = vec![heading.map(str::to_string).to_vec()];
    for (at, line) in list.items.iter().enumerate() {
        rows.push(row(
            at + 1,
            line.clipped,
            line.ratings,
            &line.title,
            &line.item,
            &line.genres,
        ));
    }
    table(&rows)
}
