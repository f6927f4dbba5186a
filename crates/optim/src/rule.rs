//! Update rules by name, with Keras's defaults.

use crate::pace::Pace;
use crate::setting::SettingError;
use serde::{Deserialize, Serialize};

/// An update rule. It does not include the learning rate, which may change from step to step.
///
/// As text: `adam`, `adamw` or `adamw:0.01` (its weight decay), `adagrad`, `rowwise_adagrad`, `sgd` or `sgd:0.9` (its
/// momentum), with Keras's defaults; further settings follow by name, `adam:beta_1=0.8,epsilon=1e-8`. Serialised as that
/// text.
///
/// Adam is the zoo's default. AdamW suits models that need regularisation on tables much larger than a batch: under
/// Adam or AdaGrad an `l2` on whole tables updates every row at every step, which costs `table rows / batch` times as
/// much, whereas weight decay costs no more than training without a penalty. SGD with momentum and AdaGrad keep one
/// number of state per weight, Adam two; row-wise AdaGrad keeps one per row of a table, for tables that would otherwise not
/// fit into memory.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rule {
    /// Stochastic gradient descent.
    Sgd {
        /// The share of the last step's velocity that is kept, in `[0, 1)`; 0 keeps no velocity.
        momentum: f64,
    },
    /// Adam (Kingma and Ba 2015) as in Keras.
    Adam {
        /// Decay of the mean of the gradients, 0.9 in Keras.
        beta_1: f64,
        /// Decay of the mean of their squares, 0.999 in Keras.
        beta_2: f64,
        /// Added to the root, 1e-7 in Keras.
        epsilon: f64,
    },
    /// Adam with decoupled weight decay (Loshchilov and Hutter 2019), as in Keras and PyTorch: before each step every
    /// trained weight, biases included, loses the share `learning rate * weight_decay`. Unlike with a penalty on whole
    /// tables, a row outside the batch costs nothing and still follows the dense algorithm, since its decay has a
    /// closed form.
    AdamW {
        /// Decay of the mean of the gradients, 0.9 in Keras.
        beta_1: f64,
        /// Decay of the mean of their squares, 0.999 in Keras.
        beta_2: f64,
        /// Added to the root, 1e-7 in Keras.
        epsilon: f64,
        /// Multiplied by the learning rate, the share of every weight that a step removes; 0.004 in Keras.
        weight_decay: f64,
    },
    /// AdaGrad (Duchi et al. 2011) as in Keras.
    AdaGrad {
        /// Initial value of the sum of squares, 0.1 in Keras.
        initial_accumulator_value: f64,
        /// Added under the root, 1e-7 in Keras.
        epsilon: f64,
    },
    /// AdaGrad with one number of state per row of a table, the sum over steps of the mean of its squared gradients, as in
    /// FBGEMM and TorchRec (Gupta et al. 2014). The weights of a row share a learning rate; parameters that are not tables
    /// have a number per weight.
    RowwiseAdaGrad {
        /// Initial value of the sum of mean squares, 0 in FBGEMM.
        initial_accumulator_value: f64,
        /// Added to the root, 1e-8 in FBGEMM.
        epsilon: f64,
    },
}

/// One step of training: its number and learning rate.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Counted from 1 over the whole training, as Adam's bias correction requires.
    pub number: u64,
    /// Learning rate of this step.
    pub learning_rate: f64,
}

impl Rule {
    /// Adam with Keras's defaults.
    pub const ADAM: Self = Self::Adam {
        beta_1: 0.9,
        beta_2: 0.999,
        epsilon: 1e-7,
    };
    /// AdaGrad with Keras's defaults.
    pub const ADAGRAD: Self = Self::AdaGrad {
        initial_accumulator_value: 0.1,
        epsilon: 1e-7,
    };

    /// Row-wise AdaGrad with FBGEMM's defaults.
    pub const ROWWISE_ADAGRAD: Self = Self::RowwiseAdaGrad {
        initial_accumulator_value: 0.0,
        epsilon: 1e-8,
    };

    /// AdamW with Keras's defaults.
    pub const ADAMW: Self = Self::adamw(0.004);

    /// AdamW with this weight decay, and Keras's defaults for the rest.
    pub const fn adamw(weight_decay: f64) -> Self {
        Self::AdamW {
            beta_1: 0.9,
            beta_2: 0.999,
            epsilon: 1e-7,
            weight_decay,
        }
    }

    /// SGD with this momentum; 0 for none.
    pub const fn sgd(momentum: f64) -> Self {
        Self::Sgd { momentum }
    }

    /// Refuses invalid hyper-parameters.
    pub fn check(&self) -> Result<(), SettingError> {
        let need = |what, wanted, seen: f64, fits: bool| {
            if fits {
                Ok(())
            } else {
                Err(SettingError { what, wanted, seen })
            }
        };
        let decay = |what, seen: f64| need(what, "in [0, 1)", seen, (0.0..1.0).contains(&seen));
        let above = |what, seen: f64| {
            need(
                what,
                "finite and above 0",
                seen,
                seen > 0.0 && seen.is_finite(),
            )
        };
        match *self {
            Self::Sgd { momentum } => decay("momentum", momentum),
            Self::Adam {
                beta_1,
                beta_2,
                epsilon,
            } => {
                decay("beta_1", beta_1)?;
                decay("beta_2", beta_2)?;
                above("epsilon", epsilon)
            }
            Self::AdamW {
                beta_1,
                beta_2,
                epsilon,
                weight_decay,
            } => {
                let adam = Self::Adam {
                    beta_1,
                    beta_2,
                    epsilon,
                };
                adam.check()?;
                let sound = weight_decay >= 0.0 && weight_decay.is_finite();
                let wanted = "finite and 0 or above";
                need("weight_decay", wanted, weight_decay, sound)
            }
            Self::AdaGrad {
                initial_accumulator_value: start,
                epsilon,
            }
            | Self::RowwiseAdaGrad {
                initial_accumulator_value: start,
                epsilon,
            } => {
                let wanted = "finite and 0 or above";
                need(
                    "initial_accumulator_value",
                    wanted,
                    start,
                    start >= 0.0 && start.is_finite(),
                )?;
                above("epsilon", epsilon)
            }
        }
    }

    /// The number of state values per weight, or per row if the state [is kept by row](Rule::state_width).
    pub fn states(&self) -> usize {
        self.state_names().len()
    }

    /// The numbers that a row with this many weights has of each state: as many, or one for a rule that keeps its state
    /// by row.
    pub fn state_width(&self, width: usize) -> usize {
        match self {
            Self::RowwiseAdaGrad { .. } => 1,
            _ => width,
        }
    }

    /// The names of those values, as in checkpoints.
    pub fn state_names(&self) -> &'static [&'static str] {
        match self {
            Self::Sgd { momentum } if *momentum == 0.0 => &[],
            Self::Sgd { .. } => &["velocity"],
            Self::Adam { .. } | Self::AdamW { .. } => &["first_moment", "second_moment"],
            Self::AdaGrad { .. } => &["sum_of_squares"],
            Self::RowwiseAdaGrad { .. } => &["sum_of_mean_squares"],
        }
    }

    /// The share of each state that a step without a gradient leaves.
    pub(crate) fn keeps(&self) -> [f64; 2] {
        match *self {
            Self::Sgd { momentum } => [momentum, 1.0],
            Self::Adam { beta_1, beta_2, .. } | Self::AdamW { beta_1, beta_2, .. } => {
                [beta_1, beta_2]
            }
            Self::AdaGrad { .. } | Self::RowwiseAdaGrad { .. } => [1.0, 1.0],
        }
    }

    /// The initial value of the state.
    pub fn initial_state(&self) -> f32 {
        match self {
            Self::AdaGrad {
                initial_accumulator_value,
                ..
            }
            | Self::RowwiseAdaGrad {
                initial_accumulator_value,
                ..
            } => *initial_accumulator_value as f32,
            _ => 0.0,
        }
    }

    /// Refuses an invalid learning rate: one that is not a number, or at which weight decay would remove a whole
    /// weight. 0 is allowed, so that schedules can pause training.
    pub fn check_rate(&self, learning_rate: f64) -> Result<(), SettingError> {
        if !(learning_rate.is_finite() && learning_rate >= 0.0) {
            return Err(SettingError {
                what: "the learning rate",
                wanted: "finite and above 0",
                seen: learning_rate,
            });
        }
        let taken = self.decay(learning_rate);
        if taken >= 1.0 {
            return Err(SettingError {
                what: "learning rate times weight_decay, the share of every weight that a step removes,",
                wanted: "below 1",
                seen: taken,
            });
        }
        Ok(())
    }

    /// The share of every weight that decay removes in a step at this learning rate.
    fn decay(&self, learning_rate: f64) -> f64 {
        match self {
            Self::AdamW { weight_decay, .. } => learning_rate * weight_decay,
            _ => 0.0,
        }
    }

    /// The pace of a step.
    pub fn pace(&self, step: Step) -> Pace {
        Pace {
            rate: self.rate(step),
            decay: self.decay(step.learning_rate),
        }
    }

    fn rate(&self, step: Step) -> f64 {
        match *self {
            Self::Adam { beta_1, beta_2, .. } | Self::AdamW { beta_1, beta_2, .. } => {
                // In single precision, as in Keras: in the first steps 1 - 0.999^t loses five digits, which affects the
                // trajectory.
                let power = |beta: f64| (beta as f32).powf(step.number as f32);
                let correction = (1.0 - power(beta_2)).sqrt() / (1.0 - power(beta_1));
                step.learning_rate * f64::from(correction)
            }
            _ => step.learning_rate,
        }
    }
}
