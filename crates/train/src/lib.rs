//! The training loop for every model.
//!
//! A [`Trainer`] holds what does not belong to a model: the rule, the loss, the optimizer's state, the history. Its
//! [`fit`](Trainer::fit) can be called repeatedly and continues each time, at another learning rate if set.
//! [`Callback`]s, called at named moments, add behaviour and may stop training.

mod advice;
mod ahead;
mod average;
mod averaging;
mod callback;
mod callbacks;
mod cells;
mod checkpoint;
mod checks;
mod compiled;
mod dense;
mod error;
mod evaluate;
mod factorise;
mod fit;
mod history;
mod home;
mod hyper;
mod live;
mod look_ups;
mod loss;
mod memory;
mod optimizer;
mod penalty;
mod propagation;
mod propagation_spread;
mod provenance;
mod ranking;
mod rate_test;
mod read;
mod row_gradients;
mod session;
mod smoothed;
mod smoothed_part;
mod spread;
mod spread_ahead;
mod spread_ask;
mod spread_checkpoint;
mod spread_judge;
mod spread_part;
mod spread_ranking;
mod spread_raters;
mod spread_resume;
mod spread_rows;
mod spread_scores;
mod spread_share;
mod spread_table;
mod spread_wanted;
mod store;
mod tensor_step;
mod tensor_table;
mod trainer;
mod within;

pub use advice::Advice;
pub use averaging::Averaging;
pub use callback::{Answer, Callback, CallbackState, LiveWeights, Moment, Stop};
pub use callbacks::{Best, CsvLog, EarlyStopping, Interrupt, Plateau, Progress, Schedule};
pub use error::{Difference, TrainError};
pub use evaluate::{Judge, check_rows, evaluate, score_rows};
pub use history::{EpochRecord, History};
pub use ranking::FullRanking;
pub use rate_test::{RateRange, RateTest, find_rate};
pub use recburn_metrics::Measures;
pub use recburn_nn::{Bytes, MemoryError};
pub use recburn_optim::{Loss, Mode, Rule, SettingError, WordError};
pub use session::Session;
pub use spread::Spread;
pub use spread_checkpoint::parts_in;
pub use spread_judge::SpreadJudge;
pub use spread_ranking::SpreadRanking;
pub use trainer::Trainer;
