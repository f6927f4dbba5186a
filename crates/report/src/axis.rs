//! Where an axis runs from and to, and where its ticks stand.

use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};
use std::ops::Range;

/// One axis of a chart.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Axis {
    /// Both ends.
    pub ends: (f64, f64),
    /// Values that are named, in rising order.
    pub ticks: Vec<f64>,
    decimals: usize,
}

impl Axis {
    /// An axis that holds every value, with at most about `most` ticks at steps of 1, 2 or 5 times a power of ten.
    /// `whole` keeps the steps whole, as epochs are. Without values it runs from 0 to 1.
    pub(crate) fn over(values: impl Iterator<Item = f64>, most: usize, whole: bool) -> Self {
        let (mut low, mut high) = values
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
                (low.min(value), high.max(value))
            });
        if low > high {
            (low, high) = (0.0, 1.0);
        }
        // A single value needs some range about it; more values need a little room to the frame.
        let margin = match (high - low, whole) {
            (0.0, true) => 0.5,
            (0.0, false) if low == 0.0 => 0.5,
            (0.0, false) => low.abs() * 0.1,
            (range, _) => range * 0.06,
        };
        let ends = (low - margin, high + margin);
        let mut step = step((ends.1 - ends.0) / most as f64);
        if whole {
            step = step.max(1.0);
        }
        let first = (ends.0 / step).ceil();
        let last = (ends.1 / step).floor();
        // Counted in steps: adding the step up would gather rounding errors, and never ends where it is below one ulp.
        let count = (last - first).clamp(0.0, 100.0) as usize;
        let ticks = (0..=count).map(|at| (first + at as f64) * step).collect();
        let decimals = (-step.log10().floor()).clamp(0.0, 9.0) as usize;
        Self {
            ends,
            ticks,
            decimals,
        }
    }

    /// A value as the axis names it: with the decimals that tell ticks apart, or by powers of ten.
    pub(crate) fn label(&self, value: f64) -> String {
        let far = self.ends.0.abs().max(self.ends.1.abs());
        if !(1e-6..1e7).contains(&far) {
            return format!("{value:.1e}");
        }
        let text = format!("{value:.*}", self.decimals);
        // The tick at zero may come out as a small negative number.
        if text.starts_with('-') && !text.contains(|c| ('1'..='9').contains(&c)) {
            return text.trim_start_matches('-').to_string();
        }
        text
    }
}

/// How `plotters` asks for it.
impl Ranged for Axis {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        let part = (value - self.ends.0) / (self.ends.1 - self.ends.0);
        limit.0 + (part * f64::from(limit.1 - limit.0)).round() as i32
    }

    /// The ticks are named lines; there are no unnamed ones between them.
    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        if hint.weight().allow_light_points() {
            Vec::new()
        } else {
            self.ticks.clone()
        }
    }

    fn range(&self) -> Range<f64> {
        self.ends.0..self.ends.1
    }
}

impl ValueFormatter<f64> for Axis {
    fn format_ext(&self, value: &f64) -> String {
        self.label(*value)
    }
}

/// The smallest of 1, 2, 5 times a power of ten that is at least `wanted`.
fn step(wanted: f64) -> f64 {
    let power = 10f64.powf(wanted.log10().floor());
    [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|factor| factor * power)
        .find(|step| *step >= wanted * (1.0 - 1e-9))
        .unwrap_or(10.0 * power)
}

#[cfg(test)]
mod tests {
    use super::Axis;

    fn labels(values: &[f64], whole: bool) -> Vec<String> {
        let axis = Axis::over(values.iter().copied(), 8, whole);
        axis.ticks.iter().map(|tick| axis.label(*tick)).collect()
    }

    #[test]
    fn epochs_are_named_by_whole_numbers() {
        assert_eq!(labels(&[1.0], true), ["1"]);
        assert_eq!(labels(&[1.0, 3.0], true), ["1", "2", "3"]);
        assert_eq!(
            labels(&[0.0, 30.0], true),
            ["0", "5", "10", "15", "20", "25", "30"]
        );
    }

    #[test]
    fn decimals_tell_ticks_apart() {
        assert_eq!(labels(&[0.81, 0.9], false)[..2], ["0.82", "0.84"]);
        assert_eq!(
            labels(&[-1.0, 1.0], false),
            ["-1.0", "-0.5", "0.0", "0.5", "1.0"]
        );
    }

    #[test]
    fn no_values_and_one_value_have_an_axis() {
        assert_eq!(labels(&[], false).first().map(String::as_str), Some("0.0"));
        for value in [0.0, 3.5, -2.0, 1e-9, 1e12] {
            let axis = Axis::over([value].into_iter(), 6, false);
            assert!(axis.ends.0 < value && value < axis.ends.1, "{axis:?}");
            assert!(axis.ticks.len() > 1, "{axis:?}");
        }
    }
}
