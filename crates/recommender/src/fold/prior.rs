//! What the trained rows say of a row that nobody has trained.

use crate::fold::cholesky::Cholesky;
use crate::fold::visitor::{Places, of_users};
use crate::of_all::{AllUsers, Sums, of_all};
use crate::tables::short;
use burn::tensor::{Int, Tensor, TensorData};
use recburn_data::{FeatureValues, Features, Input, UserIx};
use recburn_graph::{L2On, TableOptions};
use recburn_nn::{ColumnId, Model, tables};
use std::ops::Range;

/// The part of each number's variance that is kept of the covariances.
const SHRINKAGE: f64 = 0.9;

/// At most this many users' rows are looked at: their covariance is then known to a per cent.
const MOST_USERS: usize = 16_384;

/// A table that users index.
#[derive(Clone, Debug)]
pub(crate) struct UserTable {
    pub name: String,
    /// Its part of a row.
    pub place: Range<usize>,
    options: TableOptions,
    /// All its rows; the model's own memory.
    weights: Tensor<2>,
}

/// All that a fold-in needs to know of a model; made once.
#[derive(Clone, Debug)]
pub(crate) struct Folding {
    pub tables: Vec<UserTable>,
    pub places: Places,
    /// The mean rows of `places` by the names of table and input.
    pub named: Vec<(String, String, Vec<f32>)>,
    pub mean: Vec<f64>,
    /// `sigma^2 Sigma^-1`; `None` where the trained rows do not differ.
    pub precision: Option<Vec<f64>>,
    pub non_negative: Vec<bool>,
}

impl Folding {
    /// Of a model whose `trained` users have rows that were learnt; `noise` is its mean squared error. If the model is one of
    /// several parts, `sums` adds up the numbers of all of them, or what they said is `known`.
    pub fn new<M: Model>(
        model: &M,
        inputs: &[Input],
        features: &Features,
        trained: &[UserIx],
        noise: f64,
        known: Option<&AllUsers>,
        sums: &Sums<'_>,
    ) -> Self {
        let trained = match known {
            Some(_) => &[],
            None => trained,
        };
        let every = of_all(trained.len(), sums).div_ceil(MOST_USERS).max(1);
        let taken: Vec<UserIx> = trained.iter().copied().step_by(every).collect();
        let (mut own, mut places, mut named) = (Vec::new(), Places::default(), Vec::new());
        let mut width = 0;
        for table in tables(model) {
            if table.columns.contains(&ColumnId::USERS) {
                let place = width..width + table.width;
                width = place.end;
                places.tables.insert(table.id, place.clone());
                own.push(UserTable {
                    name: short(&table.name).to_string(),
                    place,
                    options: table.options,
                    weights: table.weights.clone(),
                });
            }
            for (column, input) in of_users(inputs) {
                let feature = features.find(&input.name).map(|feature| &feature.values);
                if let (true, Some(FeatureValues::Ids(ids))) =
                    (table.columns.contains(&column), feature)
                {
                    let own = || {
                        let rows = taken.iter().filter_map(|user| ids.get(user.index()));
                        let values: Vec<f32> = table.weights.to_data().iter::<f32>().collect();
                        mean_row(rows, &values, table.width, sums)
                    };
                    let name = short(&table.name);
                    let said = known.and_then(|known| known.mean_row(name, &input.name));
                    let said = said.filter(|row| row.len() == table.width);
                    let mean = said.map_or_else(own, <[f32]>::to_vec);
                    named.push((name.to_string(), input.name.clone(), mean.clone()));
                    places.mean_rows.insert((table.id, column), mean);
                }
            }
        }
        let rows = rows(&own, width, &taken);
        let (mean, precision) = match known {
            Some(known) => (known.mean.clone(), known.precision.clone()),
            None => {
                let mean = mean(&rows, width, sums);
                let precision = precision(&rows, &mean, noise, sums);
                (mean, precision)
            }
        };
        let options = own.iter().flat_map(|table| {
            let non_negative = table.options.non_negative;
            std::iter::repeat_n(non_negative, table.place.len())
        });
        Self {
            non_negative: options.collect(),
            tables: own,
            places,
            named,
            mean,
            precision,
        }
    }

    /// A user's row of all tables, side by side.
    pub fn row(&self, user: UserIx) -> Vec<f64> {
        rows(&self.tables, self.mean.len(), &[user])
    }

    /// What the training itself adds to the squared errors of one user with so many of its ratings, on the diagonal.
    pub fn training_precision(&self, of_user: usize, of_all: usize) -> Vec<f64> {
        let width = self.mean.len();
        let mut precision = vec![0.0; width * width];
        for table in &self.tables {
            let ratings = match table.options.l2_on {
                L2On::Table => of_all,
                L2On::Batch => of_user,
            };
            for at in table.place.clone() {
                precision[at * width + at] = table.options.l2 * ratings as f64;
            }
        }
        precision
    }
}

/// The rows of users, one after the other: `[users, width]`.
fn rows(tables: &[UserTable], width: usize, users: &[UserIx]) -> Vec<f64> {
    let mut rows = vec![0.0; users.len() * width];
    let places: Vec<i32> = users.iter().map(|user| user.0 as i32).collect();
    for table in tables.iter().filter(|_| !users.is_empty()) {
        let places = TensorData::new(places.clone(), [users.len()]);
        let places = Tensor::<1, Int>::from_data(places, &table.weights.device());
        let own = table.weights.clone().select(0, places).into_data();
        let mut own = own.iter::<f32>().map(f64::from);
        for row in rows.chunks_exact_mut(width) {
            let into = row[table.place.clone()].iter_mut();
            into.zip(&mut own).for_each(|(into, number)| *into = number);
        }
    }
    rows
}

fn mean_row<'a>(
    rows: impl Iterator<Item = &'a u32>,
    values: &[f32],
    width: usize,
    sums: &Sums<'_>,
) -> Vec<f32> {
    let (mut sum, mut count) = (vec![0.0_f64; width], [0.0]);
    for &row in rows {
        count[0] += 1.0;
        let of_row = &values[row as usize * width..][..width];
        sum.iter_mut()
            .zip(of_row)
            .for_each(|(sum, value)| *sum += f64::from(*value));
    }
    sums(&mut sum);
    sums(&mut count);
    sum.iter()
        .map(|sum| (sum / count[0].max(1.0)) as f32)
        .collect()
}

fn mean(rows: &[f64], width: usize, sums: &Sums<'_>) -> Vec<f64> {
    let mut mean = vec![0.0; width];
    let count = of_all(rows.len() / width.max(1), sums).max(1) as f64;
    for row in rows.chunks_exact(width.max(1)) {
        mean.iter_mut()
            .zip(row)
            .for_each(|(sum, x)| *sum += x / count);
    }
    sums(&mut mean);
    mean
}

/// `noise` times the inverse of the rows' covariance, shrunk towards its diagonal.
fn precision(rows: &[f64], mean: &[f64], noise: f64, sums: &Sums<'_>) -> Option<Vec<f64>> {
    let width = mean.len();
    let count = of_all(rows.len() / width.max(1), sums);
    let mut covariance = vec![0.0; width * width];
    let mut away = vec![0.0; width];
    for row in rows.chunks_exact(width.max(1)) {
        for (into, (x, mean)) in away.iter_mut().zip(row.iter().zip(mean)) {
            *into = x - mean;
        }
        for (at, x) in away.iter().enumerate() {
            let into = &mut covariance[at * width..][..=at];
            into.iter_mut()
                .zip(&away)
                .for_each(|(sum, y)| *sum += x * y);
        }
    }
    sums(&mut covariance);
    for row in 0..width {
        for column in 0..=row {
            let scale = match row == column {
                true => 1.0,
                false => SHRINKAGE,
            };
            let value = covariance[row * width + column] * scale / count.max(1) as f64;
            covariance[row * width + column] = value;
            covariance[column * width + row] = value;
        }
    }
    let mut precision = Cholesky::of(&covariance, width)?.inverse();
    precision.iter_mut().for_each(|value| *value *= noise);
    Some(precision)
}
