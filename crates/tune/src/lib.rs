//! Hyper-parameter search: a space of values, samplers that propose configurations, and a study that evaluates them.
//!
//! The crate knows nothing of models. A [`Space`] names parameters and their ranges, a [`Study`] proposes values for them,
//! and a function of the caller turns the values of a [`Trial`] into one number, such as the RMSE on a validation part.
//! Never let that function see the test part: the smallest of many noisy figures is too small.
//!
//! | sampler | proposals |
//! |---|---|
//! | [`Sampler::Random`] | independent draws (Bergstra and Bengio 2012) |
//! | [`Sampler::Tpe`] | draws where good trials are denser than bad ones (Bergstra et al. 2011) |
//! | [`Sampler::Halving`] | independent draws; the best share continues with a larger budget (Jamieson and Talwalkar 2016) |
//! | [`Sampler::Grid`] | all points of a finite space |
//!
//! Results do not depend on the number of workers. Proposals use only generations that have finished completely, and the
//! random numbers of a trial are a function of the seed of the study and the trial's number. With a journal, a study that
//! was interrupted continues where it stopped and ends with the same leaderboard.
//!
//! ```
//! use recburn_tune::{Outcome, Sampler, Space, Study};
//!
//! let space = Space::parse("space.toml", r#"
//!     [parameters]
//!     "options.factors" = { int = [8, 128], log = true }
//!     learning_rate = { float = [1e-4, 1e-1], log = true }
//! "#)?;
//! let study = Study::new(space, Sampler::Random, 42).trials(20);
//! let results = study.run(2, None, |trial, _| {
//!     let rate = trial.values["learning_rate"].as_f64().ok_or("no rate")?;
//!     Ok::<_, &str>(Outcome::new((rate.log10() + 2.0).powi(2)))
//! }, |_| {})?;
//! let board = results.leaderboard();
//! assert_eq!(board.entries.len(), 20);
//! println!("{}", board.table(10));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod board_table;
mod effects;
mod error;
mod estimator;
mod event;
mod halving;
mod header;
mod journal;
mod leaderboard;
mod parameter;
mod propose;
mod results;
mod run;
mod sampler;
mod space;
mod space_file;
mod statistics;
mod stop;
mod study;
mod trial;

pub use effects::{ChoiceEffect, Effect, Shape};
pub use error::{JournalError, SpaceError, TuneError};
pub use event::Event;
pub use halving::Rung;
pub use leaderboard::Leaderboard;
pub use parameter::Parameter;
pub use results::Results;
pub use sampler::{Direction, Sampler};
pub use space::{Space, Values};
pub use statistics::spearman;
pub use stop::Stop;
pub use study::Study;
pub use trial::{Finished, Outcome, Trial};
