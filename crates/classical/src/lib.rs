//! Models that are not trained by gradient steps: means, neighbourhoods, closed forms, alternating least squares and
//! Gibbs sampling.
//!
//! A [`Method`] holds the settings of a model and is fitted as a whole to the ratings of a [`Context`]; the result is
//! [`Fitted`]. Each model has a file of its own with its formula and source, and an entry in the registry, [`methods`].
//!
//! ```
//! use recburn_classical::{ClassicalError, Context, Scores, find};
//! use recburn_data::{Dataset, IdOrder, UserIx};
//!
//! let dataset = Dataset::sample(IdOrder::FirstSight);
//! let (users, items) = (dataset.users.rows(), dataset.items.rows());
//! let context = Context {
//!     train: &dataset.ratings,
//!     users,
//!     items,
//!     scale: (1.0, 5.0),
//!     features: None,
//!     seed: 42,
//!     threads: 0,
//! };
//! let method = find("ials")?.from_options(serde_json::json!({ "factors": 16, "epochs": 2 }))?;
//! assert_eq!(method.scores(), Scores::Order);
//! let model = method.fit(&context)?;
//! let mut scores = vec![0.0; items];
//! model.score_all(UserIx(0), &mut scores);
//! # Ok::<(), ClassicalError>(())
//! ```

pub mod bayesian_fm;
pub mod bias;
mod biases;
pub mod blend;
pub mod ease;
mod eigen;
mod error;
mod factors;
mod gram;
pub mod ials;
mod inverse;
pub mod item_knn;
mod item_weights;
mod least_squares;
pub mod mean;
mod method;
mod panels;
pub mod popularity;
mod products;
mod profile;
pub mod pure_svd;
mod random;
mod rating_neighbours;
mod registry;
mod rows;
mod saved;
mod similarity;
pub mod slim;
mod term_weights;
mod threads;
mod tiles;
mod triangle;
pub mod user_knn;
mod user_neighbours;
mod vectors;

pub use biases::Biases;
pub use error::ClassicalError;
pub use factors::Factors;
pub use item_weights::{DenseWeights, SparseWeights};
pub use method::{Context, Fitted, Method, Scores};
pub use rating_neighbours::RatingNeighbours;
pub use registry::{Described, Entry};
pub use saved::Saved;
pub use similarity::Similarity;
pub use user_neighbours::UserNeighbours;

/// All methods: first those that predict ratings, then those that rank.
pub fn methods() -> Vec<Entry> {
    vec![
        Entry::of::<mean::Mean>(),
        Entry::of::<bias::Bias>(),
        Entry::of::<bayesian_fm::BayesianFm>(),
        Entry::of::<popularity::Popularity>(),
        Entry::of::<item_knn::ItemKnn>(),
        Entry::of::<user_knn::UserKnn>(),
        Entry::of::<ease::Ease>(),
        Entry::of::<slim::Slim>(),
        Entry::of::<ials::Ials>(),
        Entry::of::<pure_svd::PureSvd>(),
        Entry::of::<blend::Blend>(),
    ]
}

/// The method with this name.
///
/// # Errors
///
/// [`ClassicalError::Unknown`] if there is none.
pub fn find(name: &str) -> Result<Entry, ClassicalError> {
    let methods = methods();
    let names: Vec<_> = methods.iter().map(|entry| entry.name).collect();
    let known = names.join(", ");
    let found = methods.into_iter().find(|entry| entry.name == name);
    found.ok_or_else(|| ClassicalError::Unknown {
        name: name.to_string(),
        known,
    })
}
