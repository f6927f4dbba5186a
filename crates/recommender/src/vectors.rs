//! The rows of all items, kept for lists, where a score is a product with a row of the user.

use crate::fold::{Affine, Lines, Visitor, of_users};
use crate::profile::Who;
use crate::recommender::Recommender;
use crate::top::best_where;
use burn::tensor::Tensor;
use recburn_compiled::Rows;
use recburn_data::{Batch, Candidates, Column, ItemIx, UserIx};
use recburn_nn::{Columns, Inputs, Link, Model, Pass, Towers, device_of};
use std::sync::{Arc, OnceLock};

/// Items whose rows are computed at a time.
const ITEMS_OF_BLOCK: usize = 65_536;

/// Scores that are held at a time by one thread.
const MOST_SCORES: usize = 1 << 20;

/// At most so many users are scored together: more share no more of the reading of the items.
const MOST_USERS: usize = 32;

/// Users whose rows are computed at a time.
const USERS_OF_BLOCK: usize = 4_096;

/// The rows of all items that have an id.
#[derive(Clone, Debug)]
pub(crate) struct Vectors {
    rows: Rows,
    /// Ascending.
    items: Vec<ItemIx>,
    link: Link,
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

    /// What the products go through.
    pub fn link(&self) -> Link {
        self.link
    }

    /// The row of an item; `None` of one without an id.
    pub fn row(&self, item: ItemIx) -> Option<Vec<f32>> {
        let at = self.items.binary_search(&item).ok()?;
        Some(self.rows.row(at))
    }

    /// Puts the scores of all items for one row of a user at the items' places.
    pub fn scores(&self, user: &[f32], into: &mut [f32]) {
        for (item, score) in self.items.iter().zip(self.rows.times(user)) {
            into[item.index()] = self.link.of(score);
        }
    }

    /// The best of the items that are taken, for each of these users' rows.
    pub fn best(
        &self,
        users: &[f32],
        count: usize,
        taken: impl Fn(usize, ItemIx) -> bool,
    ) -> Vec<Vec<(u32, f32)>> {
        let scores = self.rows.times(users);
        let each = scores.chunks_exact(self.items.len());
        let best = each.enumerate().map(|(user, scores)| {
            let best = best_where(scores, count, |at| taken(user, self.items[at]));
            let named = best.into_iter();
            named
                .map(|(at, score)| (self.items[at as usize].0, self.link.of(score)))
                .collect()
        });
        best.collect()
    }
}

impl<M: Model + Sync> Recommender<M> {
    /// The rows of all items, computed when they are first asked for; `None` where the model is no such product.
    pub(crate) fn vectors(&self) -> Option<Arc<Vectors>> {
        self.vectors
            .get_or_init(|| self.make_vectors().map(Arc::new))
            .clone()
    }

    /// Whether scores are products of a row of the user and one of the item, possibly through a link.
    pub fn has_vectors(&self) -> bool {
        self.vectors().is_some()
    }

    /// The same, whose lists run the model over every item: what lists by one product are compared with.
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
        let mut numbers = Vec::new();
        let (mut width, mut link) = (0, Link::Identity);
        for block in items.chunks(ITEMS_OF_BLOCK) {
            let batch = Batch {
                queries: 1,
                candidates: Candidates::Shared(block.len()),
                users: Column::plain(vec![0]),
                items: Column::plain(block.iter().map(|item| item.0).collect()),
                ..Batch::default()
            };
            let rows = self.tower(batch, |towers, inputs| {
                link = towers.link();
                towers.items(inputs)
            })?;
            width = rows.dims()[1];
            numbers.extend(rows.into_data().iter::<f32>());
        }
        (width > 0).then(|| Vectors {
            rows: Rows::new(&numbers, width),
            items,
            link,
            users: OnceLock::new(),
            visitors: OnceLock::new(),
        })
    }

    /// How a visitor's row of the product follows from the rows of the tables; `None` where it is not affine in them, or where
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
                    asked.row(&Visitor { row, own })
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
        Some(affine.lines(self.folding().mean.len(), &rows?, vectors.link))
    }

    fn tower(
        &self,
        mut batch: Batch,
        side: impl FnOnce(&dyn Towers, &Inputs<'_>) -> Tensor<2>,
    ) -> Option<Tensor<2>> {
        let towers = self.model.towers()?;
        self.gather().fill(&mut batch);
        let (inputs, pass) = (self.model.inputs(), Pass::inference());
        let columns = Columns::new(&batch, &inputs, &device_of(&self.model));
        Some(side(&*towers, &Inputs::new(&columns, &pass)))
    }

    /// The rows of users of the tables, one after the other.
    pub(crate) fn user_rows(&self, users: &[UserIx]) -> Option<Vec<f32>> {
        let batch = Batch {
            queries: users.len(),
            candidates: Candidates::Shared(1),
            users: Column::plain(users.iter().map(|user| user.0).collect()),
            items: Column::plain(vec![0]),
            ..Batch::default()
        };
        let rows = self.tower(batch, |towers, inputs| towers.users(inputs))?;
        Some(rows.into_data().iter::<f32>().collect())
    }

    /// Computes the rows of all users and how those of visitors are made, if scores are products, and keeps them.
    pub(crate) fn all_user_rows(&self) {
        let Some(vectors) = self.vectors() else {
            return;
        };
        self.visitors(&vectors);
        vectors.users.get_or_init(|| {
            let users: Vec<UserIx> = (0..self.library.users.rows() as u32).map(UserIx).collect();
            let blocks = users.chunks(USERS_OF_BLOCK);
            blocks
                .filter_map(|users| self.user_rows(users))
                .flatten()
                .collect()
        });
    }

    /// Somebody's row, from those that are kept if there are any.
    pub(crate) fn kept_row(&self, who: &Who) -> Option<Vec<f32>> {
        let vectors = self.vectors()?;
        let width = vectors.rows.width();
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
        match who {
            Who::User(user) => self.user_rows(&[*user]),
            Who::Visitor(visitor) => {
                let vectors = self.vectors();
                match vectors.as_ref().and_then(|vectors| self.visitors(vectors)) {
                    Some(affine) => Some(affine.image(&visitor.row)),
                    None => self.ask(|asked| asked.row(visitor)),
                }
            }
            Who::Scores(_) => None,
        }
    }
}
