//! The items of a model: titles, genres, how often each was rated, and which of them a request is about.

use crate::bitmap::Bitmap;
use crate::extract::Id;
use crate::problem::Problem;
use crate::titles::folded;
use recburn_data::{ItemIx, shown};
use recburn_recommender::AnyRecommender;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// An item, as every answer has it.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct ItemCard {
    /// Its id, as the data have it.
    pub item: String,
    /// Its title; its id if the data have no titles.
    pub title: String,
    /// Its genres.
    pub genres: Vec<String>,
    /// How many training ratings it has.
    pub ratings: u32,
}

/// What is known of all items; made when a model is read.
#[derive(Debug)]
pub(crate) struct Catalogue {
    rows: usize,
    /// Folded titles by row.
    titles: Vec<String>,
    /// How many training ratings each has, by row.
    ratings: Vec<u32>,
    /// Genres by their names in lower case, each with the name in the data and its items.
    genres: BTreeMap<String, (String, Bitmap)>,
    /// All rows with an id, the most rated first.
    popular: Vec<u32>,
    /// The same by folded title.
    by_title: Vec<u32>,
    /// The least training ratings of an item in a list, where a request names none.
    pub min_ratings: u32,
    /// The items with at least so many.
    enough: Bitmap,
}

/// Which items a request is about.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filter {
    pub genres: Vec<String>,
    pub not_genres: Vec<String>,
    pub allow: Option<Vec<Id>>,
    pub deny: Vec<Id>,
    pub min_ratings: Option<u32>,
}

/// The items of a filter.
pub(crate) struct Wanted {
    pub items: Bitmap,
    /// The least training ratings of each.
    pub min_ratings: u32,
    /// How many items were left out because they have fewer.
    pub left_out: usize,
}

impl Catalogue {
    pub fn of(model: &AnyRecommender) -> Self {
        let rows = model.items().rows();
        let mut all = Self {
            rows,
            titles: vec![String::new(); rows],
            ratings: vec![0; rows],
            genres: BTreeMap::new(),
            popular: Vec::with_capacity(model.items().len()),
            by_title: Vec::new(),
            min_ratings: 0,
            enough: Bitmap::none(rows),
        };
        for (item, id) in model.items().iter() {
            let row = item.index();
            all.ratings[row] = model.seen().trained_of_item(item);
            all.popular.push(item.0);
            all.titles[row] = match model.item(item) {
                Some(known) => folded(&known.title),
                None => folded(&id),
            };
            for genre in model.item(item).map_or(&[][..], |known| &known.genres) {
                let of_genre = all.genres.entry(genre.to_lowercase());
                let of_genre = of_genre.or_insert_with(|| (genre.clone(), Bitmap::none(rows)));
                of_genre.1.insert(item.0);
            }
        }
        all.by_title.clone_from(&all.popular);
        let titles = &all.titles;
        all.by_title
            .sort_by(|&a, &b| titles[a as usize].cmp(&titles[b as usize]).then(a.cmp(&b)));
        let ratings = &all.ratings;
        all.popular
            .sort_by_key(|&row| (std::cmp::Reverse(ratings[row as usize]), row));
        // A two-thousandth of the users, and not less than what lists ask for everywhere.
        let users = u32::try_from(model.users().len() / 2_000).unwrap_or(u32::MAX);
        all.min_ratings = model.min_ratings().max(users);
        all.enough = all.with_ratings(all.min_ratings);
        all
    }

    /// How many training ratings an item has.
    pub fn ratings(&self, item: ItemIx) -> u32 {
        self.ratings.get(item.index()).copied().unwrap_or(0)
    }

    /// The rows of the items with at least so many training ratings.
    fn with_ratings(&self, least: u32) -> Bitmap {
        let mut set = Bitmap::none(self.rows);
        let enough = self.popular.iter();
        enough
            .take_while(|&&row| self.ratings[row as usize] >= least)
            .for_each(|&row| set.insert(row));
        set
    }

    /// The names of all genres.
    pub fn genres(&self) -> impl Iterator<Item = &str> {
        self.genres.values().map(|(name, _)| name.as_str())
    }

    /// The name of a genre, whatever the case of its letters.
    pub fn genre(&self, spelling: &str) -> Option<&str> {
        let known = self.genres.get(&spelling.to_lowercase());
        known.map(|(name, _)| name.as_str())
    }

    /// The items of any of these genres.
    fn of_genres(&self, names: &[String], field: &str) -> Result<Bitmap, Problem> {
        let mut set = Bitmap::none(self.rows);
        for name in names {
            let Some((_, items)) = self.genres.get(&name.to_lowercase()) else {
                let known: Vec<&str> = self.genres().collect();
                let known = match known.is_empty() {
                    true => "the model knows no genres".to_string(),
                    false => format!("there are {}", known.join(", ")),
                };
                let problem = format!("there is no genre `{}`: {known}", shown(name));
                return Err(Problem::unprocessable("unknown_genre", problem).at(field));
            };
            set.add(items);
        }
        Ok(set)
    }

    /// The items that a filter lets through. Ids that the model does not know are in no list anyway.
    pub fn wanted(&self, filter: &Filter, model: &AnyRecommender) -> Result<Wanted, Problem> {
        let min_ratings = filter.min_ratings.unwrap_or(self.min_ratings);
        let mut items = match min_ratings == self.min_ratings {
            true => self.enough.clone(),
            false => self.with_ratings(min_ratings),
        };
        let left_out = self.popular.len() - items.len();
        if !filter.genres.is_empty() {
            items.keep(&self.of_genres(&filter.genres, "genre")?);
        }
        if !filter.not_genres.is_empty() {
            items.subtract(&self.of_genres(&filter.not_genres, "not_genre")?);
        }
        if let Some(allow) = &filter.allow {
            let mut allowed = Bitmap::none(self.rows);
            let known = allow.iter().filter_map(|id| model.items().index(&id.0));
            known.for_each(|item| allowed.insert(item.0));
            items.keep(&allowed);
        }
        for item in filter
            .deny
            .iter()
            .filter_map(|id| model.items().index(&id.0))
        {
            items.remove(item.0);
        }
        Ok(Wanted {
            items,
            min_ratings,
            left_out,
        })
    }

    /// The items of a set whose titles have this text in them, the most rated first or by title.
    pub fn search(&self, text: &str, set: &Bitmap, by_title: bool) -> Vec<ItemIx> {
        let text = folded(text);
        let order = match by_title {
            true => &self.by_title,
            false => &self.popular,
        };
        let found = order.iter().filter(|&&row| {
            set.has(row as usize) && (text.is_empty() || self.titles[row as usize].contains(&text))
        });
        found.map(|&row| ItemIx(row)).collect()
    }
}
