//! Lists of items for somebody.

use super::somebody::Somebody;
use super::types::{AnswerSource, Fallback};
use crate::bitmap::Bitmap;
use crate::catalogue::{Filter, ItemCard, Wanted};
use crate::extract::Window;
use crate::limits::{MOST_EXPLAINED, MOST_REASONS};
use crate::metrics::ListSource;
use crate::problem::Problem;
use crate::served::Served;
use crate::state::Service;
use recburn_data::ItemIx;
use recburn_recommender::{Explanation, Profile, Query, best_where};
use serde::Serialize;
use std::borrow::Cow;
use std::time::Instant;
use utoipa::ToSchema;

/// What kind of list is asked for.
#[derive(Clone, Debug)]
pub(crate) struct Wish {
    pub window: Window,
    pub filter: Filter,
    pub seen: bool,
    pub explain: usize,
    pub fallback: Fallback,
}

impl Wish {
    /// Refuses what would take too long.
    pub fn checked(self) -> Result<Self, Problem> {
        let wrong = |what: String| Err(Problem::unprocessable("too_many", what).at("explain"));
        match self.explain {
            0 => Ok(self),
            reasons if reasons > MOST_REASONS => {
                wrong(format!("at most {MOST_REASONS} reasons for each item"))
            }
            _ if self.window.count > MOST_EXPLAINED => wrong(format!(
                "reasons are given for lists of at most {MOST_EXPLAINED} items"
            )),
            _ => Ok(self),
        }
    }
}

/// An entry of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Entry {
    #[serde(flatten)]
    pub item: ItemCard,
    /// The predicted rating; of a list of popular items the mean rating. Of a model whose scores only order a list the score.
    pub rating: Option<f32>,
    /// The same, clipped to the scale of the data.
    pub clipped: Option<f32>,
    /// The ratings that count most for this item, if `explain` asks for them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<Vec<Reason>>,
}

/// What one rating contributes to a predicted rating.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Reason {
    /// The id of the rated item.
    pub item: String,
    /// Its title.
    pub title: String,
    /// Its rating.
    pub rating: f32,
    /// What the rating adds to the predicted one.
    pub weight: f32,
}

impl Reason {
    /// All contributions to an explanation, the largest first.
    pub fn all(explanation: &Explanation, served: &Served) -> Vec<Self> {
        let each = explanation.contributions.iter().map(|one| {
            let card = served.card(one.item);
            Self {
                item: card.item,
                title: card.title,
                rating: one.rating,
                weight: one.weight,
            }
        });
        each.collect()
    }
}

/// A list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ListAnswer {
    /// What it is based on: `model`, `fold_in` or `popular`.
    pub source: AnswerSource,
    /// The user's id; null for somebody with ratings only.
    pub user: Option<String>,
    /// How many ratings the list is based on: those of the training and those folded in.
    pub user_ratings: usize,
    /// The digest of the model.
    pub model: String,
    /// The least training ratings of the items considered.
    pub min_ratings: u32,
    /// How many items were left out because they have fewer.
    pub left_out: usize,
    /// The items of the request that the model does not know.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unknown_items: Vec<String>,
    /// The row that was folded in, if `row` asks for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row: Option<Vec<f32>>,
    /// The items, best first.
    pub items: Vec<Entry>,
}

impl Service {
    /// The list for a user, for somebody with ratings, or for a user with new ratings.
    pub(crate) fn list(
        &self,
        served: &Served,
        user: Option<&str>,
        ratings: &[(&str, f32)],
        wish: &Wish,
    ) -> Result<ListAnswer, Problem> {
        let wanted = served.catalogue.wanted(&wish.filter, &served.model)?;
        let somebody = match self.somebody(served, user, ratings) {
            Ok(somebody) => somebody,
            Err(problem) => {
                let unknown = matches!(problem.code, "unknown_user" | "nothing_known");
                return match wish.fallback {
                    Fallback::Popular if unknown => {
                        Ok(self.popular(served, user, ratings, wanted, wish))
                    }
                    _ => Err(problem),
                };
            }
        };
        let begun = Instant::now();
        let scores = match &somebody {
            Somebody::Known(user) => served.model.all_of_user(*user),
            Somebody::Folded(profile) => served.model.all_for(profile)?,
        };
        let mut items = wanted.items;
        if !wish.seen {
            let seen: &[u32] = match &somebody {
                Somebody::Known(user) => served.model.seen().items_of(*user),
                Somebody::Folded(_) => &[],
            };
            seen.iter().for_each(|&row| items.remove(row));
            if let Somebody::Folded(profile) = &somebody {
                profile.seen.iter().for_each(|item| items.remove(item.0));
            }
        }
        let best = best_where(&scores, wish.window.end(), |row| items.has(row));
        self.metrics.scored(begun.elapsed());
        let mut entries: Vec<Entry> = best
            .into_iter()
            .skip(wish.window.offset)
            .map(|(row, rating)| Entry {
                item: served.card(ItemIx(row)),
                rating: Some(rating),
                clipped: Some(served.model.clip(rating)),
                because: None,
            })
            .collect();
        if wish.explain > 0 {
            self.explain_entries(served, user, ratings, &mut entries, wish.explain)?;
        }
        let (source, counted, user_ratings, unknown_items) = match &somebody {
            Somebody::Known(user) => {
                let ratings = served.model.seen().trained_of_user(*user) as usize;
                (AnswerSource::Model, ListSource::model, ratings, Vec::new())
            }
            Somebody::Folded(profile) => {
                let unknown = profile.unknown_items.clone();
                (
                    AnswerSource::FoldIn,
                    ListSource::fold_in,
                    profile.ratings,
                    unknown,
                )
            }
        };
        self.metrics.listed(counted);
        self.metrics.unknown("item", unknown_items.len());
        Ok(ListAnswer {
            source,
            user: user.map(str::to_string),
            user_ratings,
            model: served.digest.clone(),
            min_ratings: wanted.min_ratings,
            left_out: wanted.left_out,
            unknown_items,
            row: match &somebody {
                Somebody::Folded(profile) => Some(widest(profile)),
                Somebody::Known(_) => None,
            },
            items: entries,
        })
    }

    /// The most rated items, for somebody of whom nothing is known.
    fn popular(
        &self,
        served: &Served,
        user: Option<&str>,
        ratings: &[(&str, f32)],
        wanted: Wanted,
        wish: &Wish,
    ) -> ListAnswer {
        self.metrics.listed(ListSource::popular);
        ListAnswer {
            source: AnswerSource::Popular,
            user: user.map(str::to_string),
            user_ratings: 0,
            model: served.digest.clone(),
            min_ratings: wanted.min_ratings,
            left_out: wanted.left_out,
            unknown_items: ratings
                .iter()
                .map(|(item, _)| (*item).to_string())
                .collect(),
            row: None,
            items: most_rated(served, &wanted.items, wish.window),
        }
    }

    fn explain_entries(
        &self,
        served: &Served,
        user: Option<&str>,
        ratings: &[(&str, f32)],
        entries: &mut [Entry],
        reasons: usize,
    ) -> Result<(), Problem> {
        let own = self.own_ratings(served, user, ratings);
        let mut all: Cow<'_, [(&str, f32)]> = Cow::Borrowed(ratings);
        all.to_mut()
            .extend(own.iter().map(|(id, stars)| (id.0.as_str(), *stars)));
        let query = Query {
            user: user.filter(|user| served.model.users().index(user).is_some()),
            ratings: &all,
        };
        let items: Vec<String> = entries
            .iter()
            .map(|entry| entry.item.item.clone())
            .collect();
        let items: Vec<&str> = items.iter().map(String::as_str).collect();
        let explanations = served.model.explain(&query, &items)?;
        for (entry, explanation) in entries.iter_mut().zip(&explanations) {
            let mut because = Reason::all(explanation, served);
            because.retain(|reason| reason.weight > 0.0); // what speaks against it is no reason for it
            because.truncate(reasons);
            entry.because = Some(because);
        }
        Ok(())
    }
}

/// The most rated of these items with their mean ratings.
pub(crate) fn most_rated(served: &Served, items: &Bitmap, window: Window) -> Vec<Entry> {
    let found = served.catalogue.search("", items, false).into_iter();
    let part = found.skip(window.offset).take(window.count);
    let entry = |item| {
        let mean = served
            .model
            .seen()
            .mean_of_item(item)
            .filter(|_| served.rates());
        let mean = mean.map(|mean| mean as f32);
        Entry {
            item: served.card(item),
            rating: mean,
            clipped: mean,
            because: None,
        }
    };
    part.map(entry).collect()
}

/// The widest part of a profile's row.
pub(crate) fn widest(profile: &Profile) -> Vec<f32> {
    let widest = profile.rows.iter().rev().max_by_key(|row| row.values.len());
    widest.map(|row| row.values.clone()).unwrap_or_default()
}
