//! What a fold-in needs of a model whose scores are linear in the user's row, for programs that compute it themselves.

use crate::any::AnyRecommender;
use crate::error::RecommenderError;
use crate::fold::of_users;
use crate::recommender::Recommender;
use recburn_data::ItemIx;
use recburn_nn::{Link, Model};

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
                reason: "there are no vectors of users",
            }),
        }
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
            return Err(not("the model reads more of a user than the id"));
        }
        let vectors = self.vectors().filter(|vectors| vectors.are_products());
        let vectors = vectors.ok_or(not("other layers make the score"))?;
        let folding = self.folding();
        let size = folding.mean.len();
        let precision = folding.precision.as_deref().filter(|_| size > 0);
        let precision = precision.ok_or(not("the vectors of all users are the same"))?;
        let items: Vec<ItemIx> = self.library.items.iter().map(|(item, _)| item).collect();
        let lines = self.lines(&items);
        let lines = lines.ok_or(not("layers that are not linear make the vectors of users"))?;
        let (item_bias, slopes) = lines.into_numbers();
        // A number of the row that is added to every score is the user's bias, and comes last.
        let of_items = slopes.chunks_exact(size);
        let added = |at: &usize| {
            of_items
                .clone()
                .all(|item| (item[*at] - 1.0).abs() < ROUNDED)
        };
        let bias = (0..size).rev().find(added).filter(|_| size > 1);
        let mut order: Vec<usize> = (0..size).filter(|at| Some(*at) != bias).collect();
        let width = order.len();
        order.extend(bias);
        let non_negative = folding.non_negative.contains(&true);
        if non_negative && folding.non_negative.contains(&false) {
            return Err(not("only some of the numbers of a user may be negative"));
        }
        let of_item = |item: &[f32]| {
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
            items: of_items.flat_map(of_item).collect(),
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
}
