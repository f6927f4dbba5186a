//! Descriptive statistics like those of pandas' `describe()`.

use crate::error::ReportError;

/// Statistics of one column. NaN values are skipped, as in pandas.
#[derive(Clone, Debug, PartialEq)]
pub struct Statistics {
    /// The column's name, or its position if none was given.
    pub name: String,
    /// The number of values.
    pub count: usize,
    /// Their mean. NaN without values, like all of the following.
    pub mean: f64,
    /// `sqrt(sum((x - mean)^2) / (count - 1))`; NaN for a single value.
    pub std: f64,
    /// The smallest.
    pub min: f64,
    /// The lower quartile (linearly interpolated between neighbours).
    pub lower_quartile: f64,
    /// The median.
    pub median: f64,
    /// The upper quartile.
    pub upper_quartile: f64,
    /// The largest.
    pub max: f64,
}

/// Names of the rows, as in pandas.
pub(crate) const ROWS: [&str; 8] = ["count", "mean", "std", "min", "25%", "50%", "75%", "max"];

impl Statistics {
    fn of(name: String, values: impl Iterator<Item = f32>) -> Self {
        let mut sorted: Vec<f64> = values.map(f64::from).filter(|x| !x.is_nan()).collect();
        sorted.sort_by(f64::total_cmp);
        let count = sorted.len();
        // 0 / 0 is the NaN that pandas prints without values, and for the deviation of a single one.
        let mean = sorted.iter().sum::<f64>() / count as f64;
        let squares: f64 = sorted.iter().map(|x| (x - mean) * (x - mean)).sum();
        Self {
            name,
            count,
            mean,
            std: (squares / (count as f64 - 1.0).max(0.0)).sqrt(),
            min: quantile(&sorted, 0.0),
            lower_quartile: quantile(&sorted, 0.25),
            median: quantile(&sorted, 0.5),
            upper_quartile: quantile(&sorted, 0.75),
            max: quantile(&sorted, 1.0),
        }
    }

    /// The numbers in the order of [`ROWS`].
    pub(crate) fn rows(&self) -> [f64; 8] {
        [
            self.count as f64,
            self.mean,
            self.std,
            self.min,
            self.lower_quartile,
            self.median,
            self.upper_quartile,
            self.max,
        ]
    }
}

/// Linear interpolation between the two nearest of the sorted numbers (numpy's default, type 7 of Hyndman and Fan 1996).
fn quantile(sorted: &[f64], part: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else {
        return f64::NAN;
    };
    let place = part * last as f64;
    let below = place.floor();
    let (low, high) = (sorted[below as usize], sorted[place.ceil() as usize]);
    // Equal neighbours may be infinite, and their difference is NaN.
    if low == high {
        low
    } else {
        low + (high - low) * (place - below)
    }
}

/// The statistics that pandas' `DataFrame.describe()` prints for a matrix: for each column its count, mean, standard
/// deviation, extremes and quartiles. The notebooks inspect the factors of a trained model this way.
///
/// ```
/// let description = recburn_report::Description::of(&[1.0, 10.0, 2.0, 20.0, 4.0, 40.0], 2, None)?;
/// assert_eq!(description.columns()[0].median, 2.0);
/// println!("{description}");
/// # Ok::<(), recburn_report::ReportError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Description {
    columns: Vec<Statistics>,
}

impl Description {
    /// Describes every column of a matrix given row by row. Columns without `names` are numbered from 0.
    ///
    /// # Errors
    ///
    /// If there are no numbers, they do not fill whole rows, or the numbers of names and columns differ.
    pub fn of(
        values: &[f32],
        columns: usize,
        names: Option<&[String]>,
    ) -> Result<Self, ReportError> {
        if values.is_empty() {
            return Err(ReportError::Empty);
        }
        if columns == 0 || !values.len().is_multiple_of(columns) {
            let values = values.len();
            return Err(ReportError::Rows { values, columns });
        }
        if let Some(names) = names
            && names.len() != columns
        {
            let names = names.len();
            return Err(ReportError::Names { names, columns });
        }
        let name = |at: usize| names.map_or_else(|| at.to_string(), |names| names[at].clone());
        let column = |at: usize| values.iter().skip(at).step_by(columns).copied();
        Ok(Self {
            columns: (0..columns)
                .map(|at| Statistics::of(name(at), column(at)))
                .collect(),
        })
    }

    /// Describes all numbers together, as one column.
    ///
    /// # Errors
    ///
    /// No numbers.
    pub fn overall(values: &[f32]) -> Result<Self, ReportError> {
        Self::of(values, 1, None)
    }

    /// The columns, in the matrix's order.
    pub fn columns(&self) -> &[Statistics] {
        &self.columns
    }

    /// The whole table as CSV, with every column and every digit, as written by `describe().to_csv()`.
    pub fn to_csv(&self) -> String {
        let mut out = csv::Writer::from_writer(Vec::new());
        let head =
            std::iter::once("").chain(self.columns.iter().map(|column| column.name.as_str()));
        let written = "writing to memory does not fail";
        out.write_record(head).expect(written);
        for (at, row) in ROWS.iter().enumerate() {
            let cells = self.columns.iter().map(|column| {
                let value = column.rows()[at];
                // pandas leaves the cell of a missing value empty.
                if value.is_nan() {
                    String::new()
                } else {
                    format!("{value:?}")
                }
            });
            out.write_record(std::iter::once((*row).to_string()).chain(cells))
                .expect(written);
        }
        let bytes = out.into_inner().expect(written);
        String::from_utf8(bytes).expect("names and numbers are UTF-8")
    }
}
