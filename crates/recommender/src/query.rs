//! Queries: a known user, ratings, or both.

use crate::error::RecommenderError;
use crate::library::Library;
use recburn_data::ItemIx;
use std::collections::HashMap;

/// Whom a list is for: a known user, a visitor with ratings, a known user with new ratings, or an unknown visitor (the
/// default).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Query<'a> {
    /// The raw id of a user of the training data.
    pub user: Option<&'a str>,
    /// Raw item ids, each with a rating on the scale of the data; at most [`Query::MOST_RATINGS`], oldest first if the model
    /// reads sequences. An item given twice with the same rating counts once; with different ratings it is an error.
    pub ratings: &'a [(&'a str, f32)],
}

impl Query<'_> {
    /// The maximum number of ratings.
    pub const MOST_RATINGS: usize = 1_000;
}

/// The ratings of a query by row, each item once and in the order given.
pub(crate) struct Given {
    pub rated: Vec<(ItemIx, f32)>,
    /// The items that the model does not know.
    pub unknown: Vec<String>,
}

impl Library {
    /// The ratings of a query.
    pub(crate) fn given(&self, ratings: &[(&str, f32)]) -> Result<Given, RecommenderError> {
        if ratings.len() > Query::MOST_RATINGS {
            return Err(RecommenderError::TooManyRatings {
                seen: ratings.len(),
                most: Query::MOST_RATINGS,
            });
        }
        let mut given = Given {
            rated: Vec::new(),
            unknown: Vec::new(),
        };
        // Ids that are numbers have several spellings: an item that is known goes by its row.
        let (mut known, mut unknown) = (HashMap::new(), HashMap::new());
        for &(id, rating) in ratings {
            if !(self.scale.min..=self.scale.max).contains(&rating) {
                return Err(RecommenderError::OffScale {
                    item: id.to_string(),
                    rating,
                    scale: self.scale,
                });
            }
            let item = self.items.index(id);
            let before = match item {
                Some(item) => known.insert(item, rating),
                None => unknown.insert(id, rating),
            };
            match (before, item) {
                (Some(before), _) if before != rating => {
                    return Err(RecommenderError::RatedTwice {
                        item: id.to_string(),
                        ratings: [before, rating],
                    });
                }
                (Some(_), _) => {}
                (None, Some(item)) => given.rated.push((item, rating)),
                (None, None) => given.unknown.push(id.to_string()),
            }
        }
        Ok(given)
    }
}
