//! The rules by name, with Keras's defaults.

use crate::pace::Pace;
use crate::setting::SettingError;
use serde::{Deserialize, Serialize};

/// How gradients move weights. The learning rate is not part of it: it may change from step to step.
///
/// As text: `adam`, `adamw` or `adamw:0.01` (its weight decay), `adagrad`, `sgd` or `sgd:0.9` (its momentum), with Keras's
/// defaults; what else differs follows by name, `adam:beta_1=0.8,epsilon=1e-8`. Serialised as that text.
///
/// Which to take: Adam is the zoo's own choice. AdamW for models that are to be kept small on tables much larger than a
/// batch: an `l2` over whole tables under Adam or AdaGrad moves every row at every step, and so costs
/// `table rows / batch` times as much, where weight decay costs no more than no penalty. SGD with momentum and AdaGrad
/// keep one number of state per weight where Adam keeps two.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rule {
    /// Stochastic gradient descent.
    Sgd {
        /// Share of the last step's velocity that stays, in `[0, 1)`; 0 keeps no velocity.
        momentum: f64,
    },
    /// Adam (Kingma and Ba 2015) as Keras has it.
    Adam {
        /// Decay of the mean of the gradients, 0.9 in Keras.
        beta_1: f64,
        /// Decay of the mean of their squares, 0.999 in Keras.
        beta_2: f64,
        /// Added to the root, 1e-7 in Keras.
        epsilon: f64,
    },
    /// Adam whose weights decay beside it (Loshchilov and Hutter 2019), as Keras and PyTorch have it: before each step
    /// every trained weight, biases included, loses the share `learning rate * weight_decay`. Where a penalty over whole
    /// tables would move every row at every step, a row at rest costs nothing here and still ends where the dense
    /// algorithm ends, since its decay has a closed form.
    AdamW {
        /// Decay of the mean of the gradients, 0.9 in Keras.
        beta_1: f64,
        /// Decay of the mean of their squares, 0.999 in Keras.
        beta_2: f64,
        /// Added to the root, 1e-7 in Keras.
        epsilon: f64,
        /// Times the learning rate, the share of every weight that a step takes; 0.004 in Keras.
        weight_decay: f64,
    },
    /// AdaGrad (Duchi et al. 2011) as Keras has it.
    AdaGrad {
        /// Start of the sum of squares, 0.1 in Keras.
        initial_accumulator_value: f64,
        /// Added under the root, 1e-7 in Keras.
        epsilon: f64,
    },
}

/// One step of training: which, and how fast.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Counted from 1 over the whole training, as Adam's bias correction wants it.
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

    /// Refuses hyper-parameters that no update could use.
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

    /// How many numbers of state stand beside each weight.
    pub fn states(&self) -> usize {
        self.state_names().len()
    }

    /// The names of those numbers, as checkpoints have them.
    pub fn state_names(&self) -> &'static [&'static str] {
        match self {
            Self::Sgd { momentum } if *momentum == 0.0 => &[],
            Self::Sgd { .. } => &["velocity"],
            Self::Adam { .. } | Self::AdamW { .. } => &["first_moment", "second_moment"],
            Self::AdaGrad { .. } => &["sum_of_squares"],
        }
    }

    /// What a step without a gradient leaves of each state.
    pub(crate) fn keeps(&self) -> [f64; 2] {
        match *self {
            Self::Sgd { momentum } => [momentum, 1.0],
            Self::Adam { beta_1, beta_2, .. } | Self::AdamW { beta_1, beta_2, .. } => {
                [beta_1, beta_2]
            }
            Self::AdaGrad { .. } => [1.0, 1.0],
        }
    }

    /// What state starts from.
    pub fn initial_state(&self) -> f32 {
        match self {
            Self::AdaGrad {
                initial_accumulator_value,
                ..
            } => *initial_accumulator_value as f32,
            _ => 0.0,
        }
    }

    /// Refuses a learning rate that the rule could not use: one that is no number, or at which weight decay would take
    /// all of a weight. 0 rests, and is for schedules to say.
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
                what: "learning rate times weight_decay, the share of every weight that a step takes,",
                wanted: "below 1",
                seen: taken,
            });
        }
        Ok(())
    }

    /// The share of every weight that a step at this learning rate takes.
    fn decay(&self, learning_rate: f64) -> f64 {
        match self {
            Self::AdamW { weight_decay, .. } => learning_rate * weight_decay,
            _ => 0.0,
        }
    }

    /// How far a step goes.
    pub fn pace(&self, step: Step) -> Pace {
        Pace {
            rate: self.rate(step),
            decay: self.decay(step.learning_rate),
        }
    }

    fn rate(&self, step: Step) -> f64 {
        match *self {
            Self::Adam { beta_1, beta_2, .. } | Self::AdamW { beta_1, beta_2, .. } => {
                // In single precision, as Keras does it: at the first steps 1 - 0.999^t loses five digits there, and a
                // trajectory shows it.
                let power = |beta: f64| (beta as f32).powf(step.number as f32);
                let correction = (1.0 - power(beta_2)).sqrt() / (1.0 - power(beta_1));
                step.learning_rate * f64::from(correction)
            }
            _ => step.learning_rate,
        }
    }
}
