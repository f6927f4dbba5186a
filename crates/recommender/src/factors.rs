//! What a fold-in needs of a model whose scores are linear in the user's row, for programs that compute it themselves.

use crate::any::AnyRecommender;
use crate::error::RecommenderError;
use crate::fold::{Visitor, of_users};
use crate::recommender::Recommender;
use crate::vectors::Vectors;
use recburn_data::{Input, UserIx};
use recburn_nn::{Link, Model};

/// Trained rows by which it is checked that the user's vector is linear in the row.
const CHECKED: usize = 8;

/// The largest relative difference of a user's vector to the linear one.
const TOLERANCE: f32 = 1e-4;

/// A number that is as near to 1 is a 1 that was rounded.
const ROUNDED: f32 = 1e-6;

/// The item vectors of a model, and the prior of its users' rows: the predicted rating of item `i` for the row `x = [p; b]`
/// is `centre + link(c_i + b + p . q_i)`, without `b` if [`user_bias`](Self::user_bias) is false.
///
/// For ratings `r` the row of a visitor minimises `|r - f(x)|^2 + (x - mean)ᵀ precision (x - mean)`, as
/// [`Recommender::profile`] does.
#[derive(Clone, Debug, PartialEq)]
pub struct FoldInFactors {
    /// Numbers of an item's vector.
    pub width: usize,
    /// The vectors `q`, `[items, width]`: of the items with an id, ascending by row.
    pub items: Vec<f32>,
    /// The biases `c`, `[items]`.
    pub item_bias: Vec<f32>,
    /// Whether rows of users end with a bias.
    pub user_bias: bool,
    /// What training subtracted from all ratings.
    pub centre: f32,
    /// The link of the scores.
    pub link: Link,
    /// Whether the numbers of a row are at least 0.
    pub non_negative: bool,
    /// The mean of the trained rows: `width` numbers, and one more with a user bias.
    pub mean: Vec<f64>,
    /// `sigma^2 Sigma^-1` of the trained rows, `[size, size]`, row-major, where `size` is the length of the mean.
    pub precision: Vec<f64>,
    /// What every rated item should score, if scores are not ratings.
    pub target: Option<f64>,
}

impl AnyRecommender {
    /// As [`Recommender::fold_in_factors`].
    ///
    /// # Errors
    ///
    /// As there; [`RecommenderError::NotLinear`] for every classical model.
    pub fn fold_in_factors(&self) -> Result<FoldInFactors, RecommenderError> {
        match self {
            Self::Network(network) => network.fold_in_factors(),
            Self::Classical(_) => Err(RecommenderError::NotLinear {
                reason: "it has no rows of users",
            }),
        }
    }
}

/// The user's vector as a function of the row: `constant + slopes x`.
struct Affine {
    constant: Vec<f32>,
    /// One column for each number of the row.
    slopes: Vec<Vec<f32>>,
}

impl Affine {
    /// The bias and the vector of an item: its products with the constant and with each column.
    fn of_item(&self, item: &[f32]) -> (f32, Vec<f32>) {
        let dot = |column: &Vec<f32>| -> f32 { column.iter().zip(item).map(|(a, b)| a * b).sum() };
        (dot(&self.constant), self.slopes.iter().map(dot).collect())
    }

    /// Whether this is the vector of that row.
    fn is_at(&self, row: &[f64], vector: &[f32]) -> bool {
        let mut linear = self.constant.clone();
        for (x, column) in row.iter().zip(&self.slopes) {
            let into = linear.iter_mut().zip(column);
            into.for_each(|(sum, slope)| *sum += *x as f32 * slope);
        }
        let largest = vector.iter().fold(1.0_f32, |most, x| most.max(x.abs()));
        let mut pairs = linear.iter().zip(vector);
        pairs.all(|(a, b)| (a - b).abs() <= TOLERANCE * largest)
    }
}

impl<M: Model + Sync> Recommender<M> {
    /// The item vectors and the prior of the rows, for a fold-in outside of this library. They exist for models whose score
    /// is a product of a vector of the item and one of the user that is linear in the user's row, possibly through a link:
    /// factorisations without other inputs of the user.
    ///
    /// # Errors
    ///
    /// [`RecommenderError::NotLinear`] for other models.
    pub fn fold_in_factors(&self) -> Result<FoldInFactors, RecommenderError> {
        let not = |reason| RecommenderError::NotLinear { reason };
        let inputs = self.model.inputs();
        if of_users(&inputs).next().is_some() {
            return Err(not("it reads more of a user than the row"));
        }
        let vectors = self.vectors().filter(|vectors| vectors.are_products());
        let vectors = vectors.ok_or(not(
            "its score is no product of a user's and an item's vector",
        ))?;
        let affine = self.affine(&inputs, &vectors);
        let affine = affine.ok_or(not("its user vectors are not linear in the row"))?;
        let folding = self.folding();
        let precision = folding.precision.as_deref();
        let precision = precision.ok_or(not("its trained rows do not differ"))?;

        let items = self
            .library
            .items
            .iter()
            .filter_map(|(item, _)| vectors.row(item));
        let (item_bias, slopes): (Vec<f32>, Vec<Vec<f32>>) =
            items.map(|item| affine.of_item(&item)).unzip();
        // A number of the row that is added to every score is the user's bias, and comes last.
        let size = folding.mean.len();
        let added = |at: &usize| slopes.iter().all(|item| (item[*at] - 1.0).abs() < ROUNDED);
        let bias = (0..size).rev().find(added).filter(|_| size > 1);
        let mut order: Vec<usize> = (0..size).filter(|at| Some(*at) != bias).collect();
        let width = order.len();
        order.extend(bias);
        let non_negative = folding.non_negative.contains(&true);
        if non_negative && folding.non_negative.contains(&false) {
            return Err(not("only some numbers of its rows may be negative"));
        }
        let of_item = |item: &Vec<f32>| {
            order[..width]
                .iter()
                .map(|&at| item[at])
                .collect::<Vec<_>>()
        };
        let of_row = |&row: &usize| {
            let row = &precision[row * size..][..size];
            order.iter().map(|&at| row[at])
        };
        Ok(FoldInFactors {
            width,
            items: slopes.iter().flat_map(of_item).collect(),
            item_bias,
            user_bias: bias.is_some(),
            centre: self.library.centre.mean,
            link: vectors.link(),
            non_negative,
            mean: order.iter().map(|&at| folding.mean[at]).collect(),
            precision: order.iter().flat_map(of_row).collect(),
            target: self.noise().typical,
        })
    }

    /// How the user's vector depends on the row; `None` if not linearly, by some trained rows.
    fn affine(&self, inputs: &[Input], vectors: &Vectors) -> Option<Affine> {
        debug_assert!(of_users(inputs).next().is_none(), "only the row is tried");
        let folding = self.folding();
        let size = folding.mean.len();
        self.ask(|asked| {
            let at = |row: Vec<f64>| {
                let own = Vec::new();
                asked.row(&Visitor { row, own }, &vectors.catalogue)
            };
            let constant = at(vec![0.0; size]);
            let unit = |number: usize| {
                let mut row = vec![0.0; size];
                row[number] = 1.0;
                let column = at(row).into_iter().zip(&constant);
                column.map(|(a, b)| a - b).collect()
            };
            let slopes = (0..size).map(unit).collect();
            let affine = Affine { constant, slopes };
            let users: Vec<UserIx> = self.library.users.iter().map(|(user, _)| user).collect();
            let every = users.len().div_ceil(CHECKED).max(1);
            let is_at = |user: &UserIx| {
                let row = folding.row(*user);
                affine.is_at(&row, &at(row.clone()))
            };
            let right = users.iter().step_by(every).all(is_at);
            (right && affine.constant.len() == vectors.width()).then_some(affine)
        })
    }
}
