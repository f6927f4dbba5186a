//! Rounding and formatting of numbers.

/// The decimal number behind a single-precision value: its shortest text, in double precision, so that differences come
/// out as on paper.
pub(crate) fn as_written(value: f32) -> f64 {
    value.to_string().parse().unwrap_or(f64::from(value))
}

/// The value to six significant digits, the precision that single-precision values keep after a sum or two.
pub(crate) fn to_six_digits(value: f64) -> f64 {
    format!("{value:.5e}").parse().unwrap_or(value)
}

/// The number of decimals in the shortest text of a value.
pub(crate) fn decimals(value: f32) -> usize {
    let text = value.to_string();
    text.split_once('.').map_or(0, |(_, behind)| behind.len())
}

/// A share as a percentage: two decimals, or more if these would be zeros.
///
/// ```
/// assert_eq!(recburn_data::percent(0.0631), "6.31");
/// assert_eq!(recburn_data::percent(0.0000042), "0.00042");
/// ```
pub fn percent(share: f64) -> String {
    let percent = 100.0 * share;
    match percent > 0.0 && percent < 0.1 {
        true => {
            let behind = 1 - percent.log10().floor() as i32;
            format!("{percent:.*}", behind.clamp(2, 17) as usize)
        }
        false => format!("{percent:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_keep_two_digits() {
        for (share, shown) in [
            (0.0, "0.00"),
            (1.0, "100.00"),
            (0.001, "0.10"),
            (0.00099, "0.099"),
            (0.0000538, "0.0054"),
            (1e-12, "0.00000000010"),
        ] {
            assert_eq!(percent(share), shown);
        }
    }
}
