//! The rows of all items, kept for lists, where a score is a product with a row of the user.

use crate::profile::Who;
use crate::recommender::Recommender;
use crate::top::Best;
use burn::tensor::Tensor;
use recburn_compiled::Rows;
use recburn_data::{Batch, Candidates, Column, ItemIx, UserIx};
use recburn_nn::{Columns, Inputs, Link, Model, Pass, Towers, device_of};
use std::sync::{Arc, OnceLock};

/// Items whose rows are computed at a time.
const ITEMS_OF_BLOCK: usize = 65_536;

/// Items that are scored at a time: few enough for their rows and the scores of some users to stay in a core's cache.
const ITEMS_OF_TILE: usize = 1_024;

/// Users who are scored together: more share no more of the reading of the items.
const USERS_AT_A_TIME: usize = 64;

/// Users whose rows are computed at a time.
const USERS_OF_BLOCK: usize = 4_096;

/// The rows of all items that have an id.
#[derive(Clone, Debug)]
pub(crate) struct Vectors {
    tiles: Vec<Rows>,
    width: usize,
    /// Ascending.
    items: Vec<ItemIx>,
    link: Link,
    /// The rows of all users, one after the other, once they have been asked for.
    users: OnceLock<Vec<f32>>,
}

impl Vectors {
    /// The numbers of a row.
    pub fn width(&self) -> usize {
        self.width
    }

    /// What the products go through.
    pub fn link(&self) -> Link {
        self.link
    }

    /// The row of an item; `None` of one without an id.
    pub fn row(&self, item: ItemIx) -> Option<Vec<f32>> {
        let at = self.items.binary_search(&item).ok()?;
        Some(self.tiles[at / ITEMS_OF_TILE].row(at % ITEMS_OF_TILE))
    }

    /// Puts the scores of all items for one row of a user at the items' places.
    pub fn scores(&self, user: &[f32], into: &mut [f32]) {
        let scores = self.tiles.iter().flat_map(|tile| tile.times(user));
        for (item, score) in self.items.iter().zip(scores) {
            into[item.index()] = self.link.of(score);
        }
    }

    /// The best of the items that are taken, for each of these users' rows.
    ///
    /// All users are scored with some of the items before the next ones, so that neither rows nor scores are fetched from far
    /// away, and a score that is below the worst that a user's list holds so far is passed over without a look at the item.
    pub fn best(
        &self,
        users: &[f32],
        count: usize,
        taken: impl Fn(usize, ItemIx) -> bool,
    ) -> Vec<Vec<(u32, f32)>> {
        let mut lists = Vec::with_capacity(users.len() / self.width);
        for users in users.chunks(USERS_AT_A_TIME * self.width) {
            let before = lists.len();
            let mut best = vec![Best::of(count); users.len() / self.width];
            for (number, tile) in self.tiles.iter().enumerate() {
                let scores = tile.times(users);
                let from = number * ITEMS_OF_TILE;
                let each = best.iter_mut().zip(scores.chunks_exact(tile.len()));
                for (user, (best, scores)) in (before..).zip(each) {
                    best.look(from, scores, |at| taken(user, self.items[at]));
                }
            }
            lists.extend(best.into_iter().map(|best| {
                let named = best.sorted().into_iter();
                named
                    .map(|(at, score)| (self.items[at as usize].0, self.link.of(score)))
                    .collect()
            }));
        }
        lists
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
            tiles: numbers
                .chunks(ITEMS_OF_TILE * width)
                .map(|numbers| Rows::new(numbers, width))
                .collect(),
            width,
            items,
            link,
            users: OnceLock::new(),
        })
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

    /// Computes the rows of all users, if scores are products, and keeps them.
    pub(crate) fn all_user_rows(&self) {
        let Some(vectors) = self.vectors() else {
            return;
        };
        vectors.users.get_or_init(|| {
            let users: Vec<UserIx> = (0..self.library.users.rows() as u32).map(UserIx).collect();
            let blocks = users.chunks(USERS_OF_BLOCK);
            blocks
                .filter_map(|users| self.user_rows(users))
                .flatten()
                .collect()
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
        let width = vectors.width();
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
            Who::Visitor(visitor) => self.ask(|asked| asked.row(visitor)),
            Who::Scores(_) => None,
        }
    }
}
