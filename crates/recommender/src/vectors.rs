//! The rows of all items, kept for lists, where a score is computed from one of them and a row of the user: as their product,
//! or by layers behind both.

use crate::fold::{Affine, Lines, Visitor, of_users};
use crate::profile::Who;
use crate::recommender::Recommender;
use crate::top::best_where;
use recburn_data::{Batch, ItemIx, UserIx};
use recburn_nn::{Catalogue, Link, Model};
use std::sync::{Arc, OnceLock};

/// Scores that are held at a time by one thread.
const MOST_SCORES: usize = 1 << 20;

/// At most so many users are scored together: more share no more of the reading of the items.
const MOST_USERS: usize = 32;

/// The rows of all items that have an id.
#[derive(Clone, Debug)]
pub(crate) struct Vectors {
    pub catalogue: Catalogue,
    /// Ascending.
    items: Vec<ItemIx>,
    /// The rows of all users, one after the other, once they have been asked for.
    users: OnceLock<Vec<f32>>,
    /// How visitors' rows follow from those of the tables, once that has been asked for.
    visitors: OnceLock<Option<Affine>>,
}

impl Vectors {
    /// How many users are scored together.
    pub fn users_at_a_time(&self) -> usize {
        (MOST_SCORES / self.items.len().max(1)).clamp(1, MOST_USERS)
    }

    /// Whether scores are products of both rows, possibly through the link.
    pub fn are_products(&self) -> bool {
        self.catalogue.is_empty() || self.catalogue.product_row(0).is_some()
    }

    /// The numbers of a user's row.
    pub fn width(&self) -> usize {
        self.catalogue.width()
    }

    /// What the scores go through.
    pub fn link(&self) -> Link {
        self.catalogue.link()
    }

    /// The row of an item; `None` of one without an id, and where scores are no products.
    pub fn row(&self, item: ItemIx) -> Option<Vec<f32>> {
        let at = self.items.binary_search(&item).ok()?;
        self.catalogue.product_row(at)
    }

    /// Puts the scores of all items for one row of a user at the items' places.
    pub fn scores(&self, user: &[f32], into: &mut [f32]) {
        let link = self.link();
        for (item, score) in self.items.iter().zip(self.catalogue.scores(user)) {
            into[item.index()] = link.of(score);
        }
    }

    /// The best of the items that are taken, for each of these users' rows.
    pub fn best(
        &self,
        users: &[f32],
        count: usize,
        taken: impl Fn(usize, ItemIx) -> bool,
    ) -> Vec<Vec<(u32, f32)>> {
        let (scores, link) = (self.catalogue.scores(users), self.link());
        let each = scores.chunks_exact(self.items.len());
        let best = each.enumerate().map(|(user, scores)| {
            let best = best_where(scores, count, |at| taken(user, self.items[at]));
            let named = best.into_iter();
            named
                .map(|(at, score)| (self.items[at as usize].0, link.of(score)))
                .collect()
        });
        best.collect()
    }
}

impl<M: Model + Sync> Recommender<M> {
    /// The rows of all items, computed when they are first asked for; `None` where a score is not computed from two rows.
    pub(crate) fn vectors(&self) -> Option<Arc<Vectors>> {
        self.vectors
            .get_or_init(|| self.make_vectors().map(Arc::new))
            .clone()
    }

    /// Whether scores are computed from a row of the user and one of the item, which are kept.
    pub fn has_vectors(&self) -> bool {
        self.vectors().is_some()
    }

    /// The same, whose lists run the model over every item: what lists from kept rows are compared with.
    #[doc(hidden)]
    #[must_use]
    pub fn item_by_item(self) -> Self {
        Self {
            vectors: OnceLock::from(None),
            ..self
        }
    }

    fn make_vectors(&self) -> Option<Vectors> {
        let items: Vec<ItemIx> = self.library.items.iter().map(|(item, _)| item).collect();
        let rows: Vec<u32> = items.iter().map(|item| item.0).collect();
        // Rows of items are computed next to a user, of whom a part of a model may have none.
        if self.library.users.is_empty() && self.reads_features() {
            return None;
        }
        let mut gather = self.gather();
        let mut fill = |batch: &mut Batch| gather.fill(batch);
        Some(Vectors {
            catalogue: Catalogue::new(&self.model, &rows, &mut fill)?,
            items,
            users: OnceLock::new(),
            visitors: OnceLock::new(),
        })
    }

    /// How a visitor's row follows from the rows of the tables; `None` where it is not affine in them, or where
    /// there are other inputs of the user's side.
    fn visitors<'a>(&self, vectors: &'a Vectors) -> Option<&'a Affine> {
        let affine = vectors.visitors.get_or_init(|| {
            let width = self.folding().mean.len();
            if width == 0 || of_users(&self.model.inputs()).next().is_some() {
                return None;
            }
            self.ask(|asked| {
                Affine::of(width, |row| {
                    let (row, own) = (row.to_vec(), Vec::new());
                    Some(asked.row(&Visitor { row, own }, &vectors.catalogue))
                })
            })
        });
        affine.as_ref()
    }

    /// The scores of these items as functions of a visitor's row, where they are lines through a link.
    pub(crate) fn lines(&self, items: &[ItemIx]) -> Option<Lines> {
        let vectors = self.vectors()?;
        let affine = self.visitors(&vectors)?;
        let rows: Option<Vec<Vec<f32>>> = items.iter().map(|&item| vectors.row(item)).collect();
        Some(affine.lines(self.folding().mean.len(), &rows?, vectors.link()))
    }

    /// The rows of users of the tables, one after the other.
    pub(crate) fn user_rows(&self, users: &[UserIx]) -> Option<Vec<f32>> {
        let vectors = self.vectors()?;
        let users: Vec<u32> = users.iter().map(|user| user.0).collect();
        let mut gather = self.gather();
        let mut fill = |batch: &mut Batch| gather.fill(batch);
        Some(vectors.catalogue.users(&self.model, &users, &mut fill))
    }

    /// Computes the rows of all users and how those of visitors are made, if scores are computed from rows, and keeps them.
    pub(crate) fn all_user_rows(&self) {
        let Some(vectors) = self.vectors() else {
            return;
        };
        self.visitors(&vectors);
        vectors.users.get_or_init(|| {
            let users: Vec<UserIx> = (0..self.library.users.rows() as u32).map(UserIx).collect();
            self.user_rows(&users).unwrap_or_default()
        });
    }

    /// The rows of users, one after the other, from those that are kept if there are any.
    pub(crate) fn kept_rows(&self, users: &[UserIx]) -> Option<Vec<f32>> {
        let vectors = self.vectors()?;
        let Some(kept) = vectors.users.get() else {
            return self.user_rows(users);
        };
        let width = vectors.width();
        let rows = users.iter().map(|user| {
            let from = user.index() * width;
            kept.get(from..from + width)
        });
        let rows: Option<Vec<&[f32]>> = rows.collect();
        Some(rows?.concat())
    }

    /// Somebody's row, from those that are kept if there are any.
    pub(crate) fn kept_row(&self, who: &Who) -> Option<Vec<f32>> {
        let vectors = self.vectors()?;
        let width = vectors.catalogue.width();
        let kept = |user: &UserIx| {
            vectors
                .users
                .get()?
                .get(user.index() * width..)?
                .get(..width)
        };
        if let Who::User(user) = who
            && let Some(row) = kept(user)
        {
            return Some(row.to_vec());
        }
        self.row_for(who)
    }

    /// Somebody's row.
    pub(crate) fn row_for(&self, who: &Who) -> Option<Vec<f32>> {
        let vectors = self.vectors()?;
        match who {
            Who::User(user) => self.user_rows(&[*user]),
            Who::Visitor(visitor) => Some(match self.visitors(&vectors) {
                Some(affine) => affine.image(&visitor.row),
                None => self.ask(|asked| asked.row(visitor, &vectors.catalogue)),
            }),
            Who::Scores(_) => None,
        }
    }
}
