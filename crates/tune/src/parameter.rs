//! One parameter: its range, and positions in it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Integers beyond this have no exact `f64`.
const LARGEST: i64 = 1 << 53;

/// The values that a parameter may take.
///
/// Serialised as in a space file: `{"int": [8, 128], "log": true}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(into = "Written", try_from = "Written")]
pub enum Parameter {
    /// Whole numbers from `low` to `high`, both included, in steps of `step` from `low`.
    Int {
        /// The smallest value.
        low: i64,
        /// The upper bound; the largest value if the steps reach it.
        high: i64,
        /// The distance between neighbours, at least 1.
        step: i64,
        /// Whether equal ratios, not equal differences, are equally probable.
        log: bool,
    },
    /// Numbers from `low` to `high`.
    Float {
        /// The smallest value.
        low: f64,
        /// The largest value.
        high: f64,
        /// Whether equal ratios, not equal differences, are equally probable.
        log: bool,
    },
    /// One of a list.
    Choice(Vec<Value>),
}

/// A parameter as in a file.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    int: Option<[i64; 2]>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    float: Option<[f64; 2]>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    choice: Option<Vec<Value>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    step: Option<i64>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    log: bool,
}

impl From<Parameter> for Written {
    fn from(parameter: Parameter) -> Self {
        let mut written = Self {
            int: None,
            float: None,
            choice: None,
            step: None,
            log: false,
        };
        match parameter {
            Parameter::Int {
                low,
                high,
                step,
                log,
            } => {
                written.int = Some([low, high]);
                written.step = (step != 1).then_some(step);
                written.log = log;
            }
            Parameter::Float { low, high, log } => {
                written.float = Some([low, high]);
                written.log = log;
            }
            Parameter::Choice(choices) => written.choice = Some(choices),
        }
        written
    }
}

impl TryFrom<Written> for Parameter {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let log = written.log;
        let parameter = match (written.int, written.float, written.choice) {
            (Some([low, high]), None, None) => Self::Int {
                low,
                high,
                step: written.step.unwrap_or(1),
                log,
            },
            (None, Some([low, high]), None) => Self::Float { low, high, log },
            (None, None, Some(choices)) => Self::Choice(choices),
            _ => return Err("a parameter has exactly one of int, float and choice".to_string()),
        };
        parameter.check().map_err(|(_, what)| what)?;
        Ok(parameter)
    }
}

/// The part of a parameter that is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Values,
    Step,
    Log,
}

impl Parameter {
    /// Checks bounds, step and choices.
    pub(crate) fn check(&self) -> Result<(), (Part, String)> {
        let wrong = |part, what: String| Err((part, what));
        match self {
            Self::Int {
                low,
                high,
                step,
                log,
            } => {
                if low >= high {
                    return wrong(Part::Values, order(low, high));
                }
                if *low < -LARGEST || *high > LARGEST {
                    let what =
                        format!("bounds must be within ±{LARGEST} (2^53), not {low} and {high}");
                    return wrong(Part::Values, what);
                }
                if *step < 1 || *step > high - low {
                    let most = high - low;
                    let what = format!("the step must be from 1 to {most}, not {step}");
                    return wrong(Part::Step, what);
                }
                if *log && *low < 1 {
                    return wrong(Part::Values, positive(low));
                }
                if *log && *step != 1 {
                    let what = "a log scale has no step: omit one of them".to_string();
                    return wrong(Part::Log, what);
                }
            }
            Self::Float { low, high, log } => {
                if !low.is_finite() || !high.is_finite() {
                    let what = format!("bounds must be finite, not {low} and {high}");
                    return wrong(Part::Values, what);
                }
                if low >= high {
                    return wrong(Part::Values, order(low, high));
                }
                if *log && *low <= 0.0 {
                    return wrong(Part::Values, positive(low));
                }
            }
            Self::Choice(choices) => {
                if choices.is_empty() {
                    let what = "there must be at least one choice".to_string();
                    return wrong(Part::Values, what);
                }
                for (at, choice) in choices.iter().enumerate() {
                    if choices[..at].iter().any(|other| same(other, choice)) {
                        let what = format!("choices must be distinct, but {choice} occurs twice");
                        return wrong(Part::Values, what);
                    }
                }
            }
        }
        Ok(())
    }

    /// The number of values; `None` if it is a range of floating-point numbers.
    pub fn size(&self) -> Option<u128> {
        match self {
            Self::Int {
                low, high, step, ..
            } => Some(((high - low) / step) as u128 + 1),
            Self::Float { .. } => None,
            Self::Choice(choices) => Some(choices.len() as u128),
        }
    }

    /// The value at an index below [`Parameter::size`].
    pub(crate) fn nth(&self, index: u128) -> Value {
        match self {
            Self::Int {
                low, high, step, ..
            } => Value::from((low + index as i64 * step).min(*high)),
            Self::Float { low, .. } => Value::from(*low),
            Self::Choice(choices) => choices.get(index as usize).cloned().unwrap_or_default(),
        }
    }

    /// The value at a position in `[0, 1)`. Uniform positions give uniform values, on a log scale uniform logarithms.
    pub(crate) fn at(&self, position: f64) -> Value {
        match self {
            Self::Int {
                low,
                high,
                log: true,
                ..
            } => {
                // Each integer takes the interval that rounds to it, at the ends as well.
                let (from, to) = log_bounds(*low, *high);
                let value = (from + position * (to - from)).exp().round() as i64;
                Value::from(value.clamp(*low, *high))
            }
            Self::Float {
                low,
                high,
                log: true,
            } => {
                let value = (low.ln() + position * (high.ln() - low.ln())).exp();
                Value::from(value.clamp(*low, *high))
            }
            Self::Float { low, high, .. } => {
                // In this form the width of the range cannot overflow.
                let value = low * (1.0 - position) + high * position;
                Value::from(value.clamp(*low, *high))
            }
            _ => {
                let size = self.size().unwrap_or(1);
                self.nth(((position * size as f64) as u128).min(size - 1))
            }
        }
    }

    /// The position of a value in `[0, 1)`; of a value that stands for an interval, the middle. `None` if the parameter
    /// does not have it.
    pub(crate) fn position(&self, value: &Value) -> Option<f64> {
        let position = match self {
            Self::Int {
                low,
                high,
                step,
                log,
            } => {
                let value = value.as_i64()?;
                if value < *low || value > *high || (value - low) % step != 0 {
                    return None;
                }
                match log {
                    true => {
                        let (from, to) = log_bounds(*low, *high);
                        ((value as f64).ln() - from) / (to - from)
                    }
                    false => {
                        (((value - low) / step) as f64 + 0.5) / ((high - low) / step + 1) as f64
                    }
                }
            }
            Self::Float { low, high, log } => {
                let value = value.as_f64()?;
                if !(*low..=*high).contains(&value) {
                    return None;
                }
                match log {
                    true => (value.ln() - low.ln()) / (high.ln() - low.ln()),
                    false => (value / 2.0 - low / 2.0) / (high / 2.0 - low / 2.0),
                }
            }
            Self::Choice(choices) => {
                let at = choices.iter().position(|choice| choice == value)?;
                (at as f64 + 0.5) / choices.len() as f64
            }
        };
        Some(position.clamp(0.0, 1.0 - f64::EPSILON))
    }
}

fn log_bounds(low: i64, high: i64) -> (f64, f64) {
    ((low as f64 - 0.5).ln(), (high as f64 + 0.5).ln())
}

/// Equal, or equal numbers written differently (`1` and `1.0`).
fn same(one: &Value, other: &Value) -> bool {
    let numbers = one.as_f64().zip(other.as_f64());
    one == other || numbers.is_some_and(|(one, other)| one == other)
}

fn order<T: std::fmt::Display>(low: T, high: T) -> String {
    format!("the lower bound must be below the upper one, but {low} is not below {high}")
}

fn positive<T: std::fmt::Display>(low: T) -> String {
    format!("a log scale needs bounds above 0, not {low}")
}
