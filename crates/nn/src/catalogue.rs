//! The scores of a catalogue, of which whatever depends on the items alone is computed once.

use crate::columns::Columns;
use crate::factors::Link;
use crate::inputs::Inputs;
use crate::model::{Model, device_of};
use crate::pass::Pass;
use crate::predict::Fill;
use burn::tensor::Tensor;
use recburn_compiled::{Halves, Rows};
use recburn_schema::{Batch, Candidates, Column};

/// Rows that are computed at a time.
const BLOCK: usize = 65_536;

/// The rows of items of a model that is not in training, kept for scores of users: for a product of two rows, or for layers
/// behind two rows. Other models score pair by pair.
#[derive(Clone, Debug)]
pub struct Catalogue {
    rows: ItemRows,
    link: Link,
}

#[derive(Clone, Debug)]
enum ItemRows {
    Products(Rows),
    Layers(Box<Halves>),
}

impl Catalogue {
    /// The rows of these items; `None` of a model that has none, and without items. `fill` provides the inputs other than
    /// users and items.
    ///
    /// # Panics
    /// If an item is outside the tables, or `fill` omits an input.
    pub fn new<M: Model>(model: &M, items: &[u32], fill: Fill<'_>) -> Option<Self> {
        if items.is_empty() {
            return None;
        }
        let batch = |items: &[u32]| Batch {
            queries: 1,
            candidates: Candidates::Shared(items.len()),
            users: Column::plain(vec![0]),
            items: Column::plain(items.to_vec()),
            ..Batch::default()
        };
        let mut rows = |of: &dyn Fn(&Inputs<'_>) -> Tensor<2>| {
            let (mut numbers, mut width) = (Vec::new(), 0);
            for items in items.chunks(BLOCK) {
                let rows = read(model, batch(items), fill, of);
                width = rows.dims()[1];
                numbers.extend(rows.into_data().iter::<f32>());
            }
            (numbers, width)
        };
        if let Some(towers) = model.towers() {
            let (numbers, width) = rows(&|inputs| towers.items(inputs));
            return (width > 0).then(|| Self {
                rows: ItemRows::Products(Rows::new(&numbers, width)),
                link: towers.link(),
            });
        }
        let halves = model.halves()?;
        let (numbers, _) = rows(&|inputs| halves.items(inputs));
        Some(Self {
            rows: ItemRows::Layers(Box::new(Halves::new(halves.head(), &numbers))),
            link: Link::Identity,
        })
    }

    /// The rows of these users, one after the other. It must be the same model.
    ///
    /// # Panics
    /// As [`Catalogue::new`].
    pub fn users<M: Model>(&self, model: &M, users: &[u32], fill: Fill<'_>) -> Vec<f32> {
        let mut numbers = Vec::with_capacity(users.len() * self.width());
        for users in users.chunks(BLOCK) {
            let batch = Batch {
                queries: users.len(),
                candidates: Candidates::Shared(1),
                users: Column::plain(users.to_vec()),
                items: Column::plain(vec![0]),
                ..Batch::default()
            };
            let rows = read(model, batch, fill, &|inputs| self.of_users(model, inputs));
            numbers.extend(rows.into_data().iter::<f32>());
        }
        numbers
    }

    /// The scores for these users, ascending, from rows that are computed now. It must be the same model.
    ///
    /// # Panics
    /// As [`Catalogue::new`].
    pub fn for_users<M: Model>(self, model: &M, users: Vec<u32>, fill: Fill<'_>) -> UserScores {
        UserScores {
            rows: self.users(model, &users, fill),
            catalogue: self,
            users,
        }
    }

    /// The rows of the distinct users of a batch: `[users, width]`. It must be the same model.
    ///
    /// # Panics
    /// If the model has none.
    pub fn of_users<M: Model>(&self, model: &M, inputs: &Inputs<'_>) -> Tensor<2> {
        let rows = match self.rows {
            ItemRows::Products(_) => model.towers().map(|towers| towers.users(inputs)),
            ItemRows::Layers(_) => model.halves().map(|halves| halves.users(inputs)),
        };
        rows.expect("the model of a catalogue has rows of users")
    }

    /// Numbers of a user's row.
    pub fn width(&self) -> usize {
        match &self.rows {
            ItemRows::Products(rows) => rows.width(),
            ItemRows::Layers(halves) => halves.user_width(),
        }
    }

    /// How many items.
    pub fn len(&self) -> usize {
        match &self.rows {
            ItemRows::Products(rows) => rows.len(),
            ItemRows::Layers(halves) => halves.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The score of each item for each of these users' rows before the link, `[users, items]`: the same to the bit whoever
    /// else is asked for.
    ///
    /// # Panics
    /// If the numbers are not whole rows.
    pub fn scores(&self, users: &[f32]) -> Vec<f32> {
        match &self.rows {
            ItemRows::Products(rows) => rows.times(users),
            ItemRows::Layers(halves) => halves.scores(users),
        }
    }

    /// What a score goes through, which never changes the order of two.
    pub fn link(&self) -> Link {
        self.link
    }

    /// The row of the item at this position, if a score is a product with it.
    pub fn product_row(&self, at: usize) -> Option<Vec<f32>> {
        match &self.rows {
            ItemRows::Products(rows) if at < rows.len() => Some(rows.row(at)),
            ItemRows::Products(_) | ItemRows::Layers(_) => None,
        }
    }
}

/// Rows of users with a catalogue: the scores of any of them, on any thread.
#[derive(Clone, Debug)]
pub struct UserScores {
    catalogue: Catalogue,
    /// Ascending.
    users: Vec<u32>,
    rows: Vec<f32>,
}

impl UserScores {
    /// Writes the scores of all items for some of the users: `[users, items]`.
    ///
    /// # Panics
    /// If one is not among them, or `into` has another size.
    pub fn write(&self, users: &[u32], into: &mut [f32]) {
        let (width, link) = (self.catalogue.width(), self.catalogue.link());
        let mut rows = Vec::with_capacity(users.len() * width);
        for user in users {
            let at = self.users.binary_search(user);
            let at = at.unwrap_or_else(|_| panic!("user {user} has a row"));
            rows.extend_from_slice(&self.rows[at * width..][..width]);
        }
        let scores = self.catalogue.scores(&rows);
        assert_eq!(scores.len(), into.len(), "a score per user and item");
        for (into, score) in into.iter_mut().zip(scores) {
            *into = link.of(score);
        }
    }
}

/// What `of` computes from a batch.
fn read<M: Model>(
    model: &M,
    mut batch: Batch,
    fill: &mut dyn FnMut(&mut Batch),
    of: &dyn Fn(&Inputs<'_>) -> Tensor<2>,
) -> Tensor<2> {
    fill(&mut batch);
    let (inputs, pass) = (model.inputs(), Pass::inference());
    let columns = Columns::new(&batch, &inputs, &device_of(model));
    of(&Inputs::new(&columns, &pass))
}
