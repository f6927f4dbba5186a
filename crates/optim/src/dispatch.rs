//! From a rule by name to its update.

use crate::adagrad::AdaGradStep;
use crate::adam::AdamStep;
use crate::adamw::AdamWStep;
use crate::pace::Pace;
use crate::rowwise_adagrad::RowwiseAdaGradStep;
use crate::rule::Rule;
use crate::sgd::{MomentumStep, SgdStep};
use crate::update::UpdateVisitor;

impl Rule {
    /// Calls `visitor` with the update at this [pace](Rule::pace).
    pub fn at<V: UpdateVisitor>(self, pace: Pace, visitor: V) -> V::Output {
        let Pace { rate, decay } = pace;
        match self {
            Self::Sgd { momentum: 0.0 } => visitor.visit(SgdStep { rate }),
            Self::Sgd { momentum } => visitor.visit(MomentumStep { rate, momentum }),
            Self::Adam {
                beta_1,
                beta_2,
                epsilon,
            } => visitor.visit(AdamStep {
                rate,
                beta_1,
                beta_2,
                epsilon,
            }),
            Self::AdamW {
                beta_1,
                beta_2,
                epsilon,
                weight_decay: _,
            } => visitor.visit(AdamWStep {
                adam: AdamStep {
                    rate,
                    beta_1,
                    beta_2,
                    epsilon,
                },
                decay,
            }),
            Self::AdaGrad {
                initial_accumulator_value: _,
                epsilon,
            } => visitor.visit(AdaGradStep { rate, epsilon }),
            Self::RowwiseAdaGrad {
                initial_accumulator_value: _,
                epsilon,
            } => visitor.visit(RowwiseAdaGradStep { rate, epsilon }),
        }
    }
}
