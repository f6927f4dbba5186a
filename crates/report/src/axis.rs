//! The range of an axis and the positions of its ticks.

use crate::font::width;
use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};
use recburn_data::thousands;
use std::ops::Range;

/// One axis of a chart.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Axis {
    /// Both ends.
    pub ends: (f64, f64),
    /// Labelled values, ascending.
    pub ticks: Vec<f64>,
    names: Names,
}

/// The format of tick labels.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Names {
    /// With this many decimals, or as powers of ten.
    Decimals(usize),
    /// As a count: "25,000".
    Count,
    /// As the count whose base-10 logarithm is at that position.
    Power,
}

impl Axis {
    /// An axis that covers every value, with at most about `most` ticks at steps of 1, 2 or 5 times a power of ten.
    /// `whole` restricts the steps to whole numbers, as for epochs. Without values it runs from 0 to 1.
    pub(crate) fn over(values: impl Iterator<Item = f64>, most: usize, whole: bool) -> Self {
        let (mut low, mut high) = values
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
                (low.min(value), high.max(value))
            });
        if low > high {
            (low, high) = (0.0, 1.0);
        }
        // A single value needs a range around it; several values need a small margin to the frame.
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
        // Counted in steps: adding the step repeatedly would accumulate rounding errors, and never end if it is below
        // one ulp.
        let count = (last - first).clamp(0.0, 100.0) as usize;
        let ticks = (0..=count).map(|at| (first + at as f64) * step).collect();
        let decimals = (-step.log10().floor()).clamp(0.0, 9.0) as usize;
        Self {
            ends,
            ticks,
            names: Names::Decimals(decimals),
        }
    }

    /// An axis of counts from 0 to slightly above the maximum.
    pub(crate) fn of_counts(most: f64) -> Self {
        let high = if most > 0.0 { most } else { 1.0 };
        let step = step(high / 8.0).max(1.0);
        let last = (high / step).floor() as usize;
        Self {
            ends: (0.0, 1.12 * high),
            ticks: (0..=last).map(|at| at as f64 * step).collect(),
            names: Names::Count,
        }
    }

    /// A logarithmic axis of counts from `low` (at least 1) to `high`, drawn `room` pixels long with labels of this
    /// size. Its values are the base-10 logarithms of the counts.
    pub(crate) fn of_powers(low: f64, high: f64, room: f64, size: f64) -> Self {
        let (low, high) = (low.max(1.0).log10(), high.max(2.0).log10());
        let margin = 0.03 * (high - low);
        let mut axis = Self {
            ends: (low - margin, high + margin),
            ticks: Vec::new(),
            names: Names::Power,
        };
        // Between the powers of ten if there is room.
        for factors in [&[1.0, 2.0, 5.0][..], &[1.0, 3.0], &[1.0]] {
            axis.ticks = (0..20)
                .flat_map(|power| {
                    factors
                        .iter()
                        .map(move |factor: &f64| f64::from(power) + factor.log10())
                })
                .filter(|tick| (axis.ends.0..=axis.ends.1).contains(tick))
                .collect();
            if axis.has_room(room, size) {
                break;
            }
        }
        if axis.ticks.len() < 2 {
            axis.ticks = vec![low, high];
        }
        axis
    }

    /// Whether the tick labels do not overlap.
    fn has_room(&self, room: f64, size: f64) -> bool {
        let scale = room / (self.ends.1 - self.ends.0);
        self.ticks.windows(2).all(|pair| {
            let halves: f64 = pair
                .iter()
                .map(|tick| width(&self.label(*tick), size) / 2.0)
                .sum();
            halves + 6.0 <= scale * (pair[1] - pair[0])
        })
    }

    /// The label of a value: with enough decimals to distinguish ticks, or as a power of ten.
    pub(crate) fn label(&self, value: f64) -> String {
        let decimals = match self.names {
            Names::Decimals(decimals) => decimals,
            Names::Count => return thousands(value.round() as usize),
            Names::Power => return thousands(10_f64.powf(value).round() as usize),
        };
        let far = self.ends.0.abs().max(self.ends.1.abs());
        if !(1e-6..1e7).contains(&far) {
            return format!("{value:.1e}");
        }
        let text = format!("{value:.decimals$}");
        // The tick at zero may be computed as a small negative number.
        if text.starts_with('-') && !text.contains(|c| ('1'..='9').contains(&c)) {
            return text.trim_start_matches('-').to_string();
        }
        text
    }
}

/// The interface that `plotters` uses.
impl Ranged for Axis {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        let part = (value - self.ends.0) / (self.ends.1 - self.ends.0);
        limit.0 + (part * f64::from(limit.1 - limit.0)).round() as i32
    }

    /// All ticks are labelled; there are no minor ticks between them.
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
    fn counts_are_named_as_people_read_them() {
        let names = |axis: &Axis| -> Vec<String> {
            axis.ticks.iter().map(|tick| axis.label(*tick)).collect()
        };
        let axis = Axis::of_counts(28_750.0);
        assert_eq!(
            names(&axis),
            ["0", "5,000", "10,000", "15,000", "20,000", "25,000"]
        );
        assert!(axis.ends.1 > 28_750.0);
        assert_eq!(names(&Axis::of_counts(1.0)), ["0", "1"]);
        assert_eq!(names(&Axis::of_counts(0.0)), ["0", "1"]);
        let powers = |low, high| Axis::of_powers(low, high, 340.0, 12.0);
        assert_eq!(
            names(&powers(16.0, 1_023.0)),
            ["20", "50", "100", "200", "500", "1,000"]
        );
        assert_eq!(
            names(&powers(20.0, 10_000.0)),
            ["30", "100", "300", "1,000", "3,000", "10,000"]
        );
        assert_eq!(
            names(&powers(20.0, 100_000.0)),
            ["100", "1,000", "10,000", "100,000"]
        );
        let axis = powers(1.0, 2.0);
        assert_eq!(names(&axis), ["1", "2"]);
        assert!(axis.ends.0 < 0.0 && axis.ends.1 > 2_f64.log10());
        assert_eq!(names(&powers(32.0, 45.0)), ["32", "45"]);
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
