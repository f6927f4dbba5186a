//! Advice given before training begins.

use crate::trainer::Trainer;
use recburn_data::thousands;
use recburn_nn::{L2On, Model, TableInfo, tables};
use recburn_optim::{Mode, Rule};
use std::fmt;

/// The number of weight updates per epoch from which rows outside the batch take seconds.
const SLOW: f64 = 1e10;

/// The ratio of these updates to those of the batches' own rows from which advice is given.
const MOSTLY: f64 = 10.0;

/// A warning that training would spend most of its time on rows that are not in the batch, with remedies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advice {
    /// The tables of which the penalty updates every row at every step.
    pub tables: Vec<String>,
    /// The number of their weights.
    pub weights: usize,
    /// Steps per epoch.
    pub steps: usize,
}

impl Trainer {
    /// Advice if most of the time would go to rows outside the batch when training on this many ratings: an exact
    /// update under an l2 penalty on whole tables updates every row at every step, and for Adam and AdaGrad that has no
    /// closed form. A [`Progress`](crate::Progress) prints it before the first epoch.
    pub fn advice<M: Model>(&self, model: &M, ratings: usize) -> Option<Advice> {
        let one_by_one = matches!(
            self.hyper.rule,
            Rule::Adam { .. }
                | Rule::AdamW { .. }
                | Rule::AdaGrad { .. }
                | Rule::RowwiseAdaGrad { .. }
        );
        if self.hyper.mode != Mode::Exact || !one_by_one {
            return None;
        }
        let all = tables(model);
        let moved: Vec<&TableInfo> = all.iter().filter(|info| on_whole_table(info)).collect();
        let weights = moved.iter().map(|info| info.rows * info.width).sum();
        let steps = ratings.div_ceil(self.hyper.batch.max(1));
        let at_rest = weights as f64 * steps as f64;
        let looked_up: usize = all.iter().map(|info| info.width).sum();
        let in_batches = ratings as f64 * looked_up as f64;
        (at_rest >= SLOW && at_rest >= MOSTLY * in_batches).then(|| Advice {
            tables: moved.iter().map(|info| layer(&info.name)).collect(),
            weights,
            steps,
        })
    }
}

fn on_whole_table(info: &TableInfo) -> bool {
    info.options.l2 > 0.0 && info.options.l2_on == L2On::Table
}

/// The layer at the beginning of a weight's path.
fn layer(path: &str) -> String {
    path.strip_suffix(".weight").unwrap_or(path).to_string()
}

impl fmt::Display for Advice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "most of the time will go to rows that are not in the batch: the l2 penalty on whole tables ({}) updates {} weights \
at each of {} steps per epoch; faster are the rule adamw (decoupled weight decay) without l2, a penalty on the \
rows of the batch (option l2_on=batch), the mode touched, or a larger batch",
            self.tables.join(", "),
            thousands(self.weights),
            thousands(self.steps)
        )
    }
}
