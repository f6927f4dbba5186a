//! What one of several parts of a model has to know of the users of all of them.

use crate::fold::{Own, of_users};
use crate::part::Part;
use crate::recommender::Recommender;
use recburn_nn::Model;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

/// Replaces numbers by their sums over all parts; of a model that is whole it leaves them as they are.
pub(crate) type Sums<'a> = dyn Fn(&mut [f64]) + 'a;

/// The sum of a count over all parts.
pub(crate) fn of_all(count: usize, sums: &Sums<'_>) -> usize {
    let mut one = [count as f64];
    sums(&mut one);
    one[0] as usize
}

/// What visitors read of the users of all parts: `visitors.json` in the folder of a part.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct AllUsers {
    /// The mean of their rows, of all tables side by side.
    pub mean: Vec<f64>,
    /// The precision of a visitor's row, row-major; `None` where the trained rows do not differ.
    pub precision: Option<Vec<f64>>,
    /// The mean rows of tables that an id of the users indexes: table, input and row.
    mean_rows: Vec<(String, String, Vec<f32>)>,
    /// The means of the users' numbers, by input.
    pub numbers: BTreeMap<String, Vec<f32>>,
}

impl AllUsers {
    /// The mean row of a table that this input indexes.
    pub fn mean_row(&self, table: &str, input: &str) -> Option<&[f32]> {
        let mut rows = self.mean_rows.iter();
        let found = rows.find(|(of, by, _)| of == table && by == input);
        found.map(|(.., row)| row.as_slice())
    }

    /// Whether its sizes are those of a model whose rows have this width: a file may say what it likes.
    fn fits(&self, width: usize) -> bool {
        let square = |precision: &Vec<f64>| precision.len() == width * width;
        self.mean.len() == width && self.precision.as_ref().is_none_or(square)
    }
}

impl<M: Model + Sync> Recommender<M> {
    /// The same as one of several parts, which together are a model: each has users of its own and all items. What visitors
    /// read of all users, and how far off the model is, is computed from all parts: `sums` replaces numbers by their sums
    /// over the parts. All of them call this together.
    ///
    /// The items' [`Seen`](crate::Seen) is that of all parts already: [`Seen::of_part`](crate::Seen::of_part).
    #[must_use]
    pub fn into_part(mut self, part: Part, sums: &dyn Fn(&mut [f64])) -> Self {
        self.library.part = Some(part);
        self.all_users = None;
        self.noise = OnceLock::from(self.noise_of_all(sums));
        let folding = self.folding_of_all(sums);
        let inputs = self.model.inputs();
        let mut numbers = BTreeMap::new();
        for (_, input) in of_users(&inputs) {
            let feature = self.features.find(&input.name);
            if let Some(Own::Numbers(mean)) = feature.map(|own| self.neutral(own, sums)) {
                numbers.insert(input.name.clone(), mean);
            }
        }
        self.all_users = Some(Arc::new(AllUsers {
            mean: folding.mean.clone(),
            precision: folding.precision.clone(),
            mean_rows: folding.named.clone(),
            numbers,
        }));
        self.folding = OnceLock::from(folding);
        self
    }

    /// Which part of a model this is; `None` for a whole one.
    pub fn part(&self) -> Option<Part> {
        self.library.part
    }

    /// With what was saved of all users; `None` if it belongs to another model.
    pub(crate) fn with_all_users(mut self, known: AllUsers) -> Option<Self> {
        let tables = self.tables.iter();
        let own = tables.filter(|table| table.side == recburn_data::Side::User);
        let width = own.map(|table| table.width).sum();
        if !known.fits(width) {
            return None;
        }
        self.all_users = Some(Arc::new(known));
        Some(self)
    }
}
