//! The items that a list may contain.

use crate::error::RecommenderError;
use crate::library::Library;
use crate::lists::ListOptions;
use recburn_data::ItemIx;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The largest default of the minimum number of training ratings.
const MIN_RATINGS: u32 = 5;

/// The items with enough training ratings and of the right genres.
#[derive(Clone)]
pub(crate) struct Candidates {
    /// Ascending.
    pub rows: Arc<[u32]>,
    /// For each row of the tables, whether it is a candidate.
    is: Arc<[bool]>,
    /// How many items have fewer training ratings.
    pub left_out: usize,
    /// The minimum number of training ratings.
    pub least: u32,
}

impl Candidates {
    /// Whether a list may contain this item.
    pub fn has(&self, item: ItemIx) -> bool {
        self.is.get(item.index()).copied().unwrap_or(false)
    }
}

impl Library {
    /// The default minimum number of training ratings of an item in a list: 5, or the mean number of ratings per item
    /// if that is lower, but not 0.
    pub fn min_ratings(&self) -> u32 {
        let counts = self.items.iter();
        let counts = counts.map(|(item, _)| self.seen.trained_of_item(item));
        let (trained, ratings) = counts
            .filter(|&count| count > 0)
            .fold((0, 0), |(items, sum), count| {
                (items + 1, sum + u64::from(count))
            });
        match u32::try_from(ratings / u64::max(trained, 1)) {
            _ if trained == 0 => 0, // nothing was learnt about any item
            Ok(mean) => mean.min(MIN_RATINGS),
            Err(_) => MIN_RATINGS,
        }
    }

    /// The candidates of a list.
    ///
    /// # Errors
    ///
    /// [`RecommenderError::UnknownGenre`].
    pub fn candidates_of(&self, options: &ListOptions) -> Result<Candidates, RecommenderError> {
        if options.genres.is_empty() && options.not_genres.is_empty() {
            return Ok(self.candidates(options.min_ratings));
        }
        let known = self.genres();
        for genre in options.genres.iter().chain(&options.not_genres) {
            if !known.contains_key(&genre.to_lowercase()) {
                let known: Vec<&str> = known.into_values().collect();
                return Err(RecommenderError::UnknownGenre {
                    genre: genre.clone(),
                    known: match known.is_empty() {
                        true => "the model knows no genres".to_string(),
                        false => format!("there are {}", known.join(", ")),
                    },
                });
            }
        }
        let is_of = |item: ItemIx, genres: &[String]| {
            let own = self.catalogue.get(item.index()).and_then(Option::as_ref);
            let mut own = own.map_or(&[][..], |item| &item.genres).iter();
            own.any(|own| {
                let own = own.to_lowercase();
                genres.iter().any(|genre| genre.to_lowercase() == own)
            })
        };
        let wanted = |item: ItemIx| {
            (options.genres.is_empty() || is_of(item, &options.genres))
                && !is_of(item, &options.not_genres)
        };
        Ok(self.candidates_where(options.min_ratings, wanted))
    }

    /// All items with enough training ratings.
    pub fn candidates(&self, min_ratings: Option<u32>) -> Candidates {
        self.candidates_where(min_ratings, |_| true)
    }

    fn candidates_where(
        &self,
        min_ratings: Option<u32>,
        wanted: impl Fn(ItemIx) -> bool,
    ) -> Candidates {
        let least = min_ratings.unwrap_or_else(|| self.min_ratings());
        let mut is = vec![false; self.items.rows()];
        let mut left_out = 0;
        // Only ids of the data: a table indexed by raw numbers has unused rows.
        for (item, _) in self.items.iter() {
            let enough = self.seen.trained_of_item(item) >= least;
            left_out += usize::from(!enough);
            is[item.index()] = enough && wanted(item);
        }
        let rows = (0..).zip(&is).filter(|(_, is)| **is);
        Candidates {
            rows: rows.map(|(row, _)| row).collect(),
            is: is.into(),
            left_out,
            least,
        }
    }

    /// The names of all genres by their lower case.
    fn genres(&self) -> BTreeMap<String, &str> {
        let known = self.catalogue.iter().flatten();
        let names = known.flat_map(|item| &item.genres);
        // The first spelling, as in the service.
        let mut genres = BTreeMap::new();
        for name in names {
            genres.entry(name.to_lowercase()).or_insert(name.as_str());
        }
        genres
    }
}
