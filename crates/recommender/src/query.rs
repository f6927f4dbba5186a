//! What somebody says of themselves.

use crate::error::RecommenderError;
use crate::recommender::Recommender;
use recburn_data::ItemIx;
use recburn_nn::Model;
use std::collections::HashMap;

/// Who somebody is: a user that the model knows, a visitor with ratings, a known user with ratings that the model has
/// not seen, or nobody in particular.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Query<'a> {
    /// The raw id of a user of the training data.
    pub user: Option<&'a str>,
    /// Raw ids of items, each with a rating on the scale of the data: at most [`Query::MOST_RATINGS`], the oldest first if the
    /// model reads histories in their order. The same rating of an item twice counts once; two different ones are refused.
    pub ratings: &'a [(&'a str, f32)],
}

impl Query<'_> {
    /// More ratings than this are refused.
    pub const MOST_RATINGS: usize = 1_000;
}

/// The ratings of a query by row, each item once and in the order given.
pub(crate) struct Given {
    pub rated: Vec<(ItemIx, f32)>,
    /// The items that the model does not know.
    pub unknown: Vec<String>,
}

impl<M: Model + Sync> Recommender<M> {
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
