//! A data set as a picture.

use crate::axis::Axis;
use crate::bars::{AXIS, Bars, Column, row};
use crate::chart::LABEL_SIZE;
use crate::error::ReportError;
use crate::picture::Picture;
use recburn_data::{Bar, CountBar, DatasetDescription, Spread, percent, shown, thousands};

/// Draws a data set: the distribution of ratings, and of the numbers of ratings per user and per item, side by side.
///
/// The numbers of ratings are on a logarithmic axis, since they span powers of ten: few users and few items have very
/// many ratings. The line marks the median.
///
/// ```
/// use recburn_data::{Dataset, IdOrder};
///
/// let dataset = Dataset::sample(IdOrder::FirstSight);
/// let picture = recburn_report::data_picture(&dataset.describe())?;
/// assert!(picture.svg().contains("ratings per user"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`ReportError::Draw`] if the picture cannot be made.
pub fn data_picture(data: &DatasetDescription) -> Result<Picture, ReportError> {
    row(&[
        ratings(data),
        counts("user", &data.users_by_ratings, &data.per_user),
        counts("item", &data.items_by_ratings, &data.per_item),
    ])
}

fn ratings(data: &DatasetDescription) -> Bars {
    let synthetic = if data.synthetic { " (synthetic)" } else { "" };
    let most = data.histogram.iter().map(|bar| bar.count).max();
    let (unit, per_unit) = unit(most.unwrap_or_default());
    // The bar of a rating is as wide as the steps of the scale; bins of the scale have their own widths.
    let step = match data.scale.step > 0.0 {
        true => f64::from(data.scale.step),
        false => 1.0,
    };
    let columns: Vec<Column> = data
        .histogram
        .iter()
        .map(|bar| Column {
            ends: ends(bar, 0.42 * step),
            height: bar.count as f64 / per_unit,
            name: share(bar.count, data.ratings),
        })
        .collect();
    let whole = data
        .histogram
        .iter()
        .all(|bar| bar.from == bar.to && bar.from.fract() == 0.0);
    let (low, high) = columns
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), column| {
            (low.min(column.ends.0), high.max(column.ends.1))
        });
    let mut across = Axis::over([low, high].into_iter(), 11, whole);
    // There are no ratings outside the bars.
    across.ticks.retain(|tick| (low..=high).contains(tick));
    Bars {
        title: format!("{}{synthetic}", shown(&data.name)),
        note: format!(
            "{} ratings, mean {:.2}, {} % of all pairs",
            thousands(data.ratings),
            data.mean,
            percent(data.density)
        ),
        x_label: "rating".to_string(),
        y_label: format!("ratings{unit}"),
        across,
        columns,
        mark: None,
    }
}

fn counts(who: &str, bars: &[CountBar], spread: &Spread) -> Bars {
    let (unit, per_unit) = unit(bars.iter().map(|bar| bar.count).max().unwrap_or_default());
    let columns = bars
        .iter()
        .map(|bar| Column {
            ends: ((bar.from as f64).log10(), (bar.to as f64 + 1.0).log10()),
            height: bar.count as f64 / per_unit,
            name: String::new(),
        })
        .collect();
    let low = bars.first().map_or(1, |bar| bar.from);
    let high = bars.last().map_or(1, |bar| bar.to);
    Bars {
        title: format!("ratings per {who}"),
        note: format!(
            "{} {who}s, half of them with {} to {}, at most {}",
            thousands(spread.count),
            thousands(spread.lower_quartile.round() as usize),
            thousands(spread.upper_quartile.round() as usize),
            thousands(spread.max)
        ),
        x_label: format!("ratings of one {who}"),
        y_label: format!("{who}s{unit}"),
        across: Axis::of_powers(low as f64, high as f64 + 1.0, AXIS, LABEL_SIZE),
        columns,
        mark: (spread.median > 0.0).then(|| {
            let words = format!("median {}", spread.median);
            (spread.median.log10(), words)
        }),
    }
}

/// The start and end of a bar; the bar of a single rating extends equally to both sides.
fn ends(bar: &Bar, aside: f64) -> (f64, f64) {
    let (from, to) = (f64::from(bar.from), f64::from(bar.to));
    match from == to {
        true => (from - aside, from + aside),
        false => (from, to),
    }
}

/// The unit for counts with this maximum, as text and as a number.
fn unit(most: usize) -> (&'static str, f64) {
    match most {
        0..2_000_000 => ("", 1.0),
        _ => (", in thousands", 1e3),
    }
}

/// A share as a percentage.
fn share(count: usize, all: usize) -> String {
    let percent = 100.0 * count as f64 / all.max(1) as f64;
    match percent >= 1.0 {
        true => format!("{percent:.0} %"),
        false => format!("{percent:.1} %"),
    }
}
