//! Descriptions against numbers worked out by hand after pandas' rules.

use recburn_report::{Description, ReportError};

#[test]
fn a_small_column_is_described_as_pandas_describes_it() -> Result<(), ReportError> {
    // pandas.Series([1, 2, 3]).describe(), from its documentation.
    let text = Description::overall(&[3.0, 1.0, 2.0])?.to_string();
    assert_eq!(
        text,
        "         0\ncount  3.0\nmean   2.0\nstd    1.0\nmin    1.0\n25%    1.5\n50%    2.0\n75%    2.5\nmax    3.0\n"
    );
    Ok(())
}

#[test]
fn quartiles_lie_on_the_line_between_neighbours() -> Result<(), ReportError> {
    // Sorted 1 2 4 8: places 0.75, 1.5, 2.25. Mean 15/4; squares 7.5625 + 3.0625 + 0.0625 + 18.0625 = 28.75.
    let description = Description::of(&[8.0, 1.0, 4.0, 2.0], 1, None)?;
    let column = &description.columns()[0];
    assert_eq!((column.count, column.mean), (4, 3.75));
    assert!((column.std - (28.75f64 / 3.0).sqrt()).abs() < 1e-12);
    assert_eq!((column.min, column.max), (1.0, 8.0));
    assert_eq!(column.lower_quartile, 1.75);
    assert_eq!(column.median, 3.0);
    assert_eq!(column.upper_quartile, 5.0);
    Ok(())
}

#[test]
fn columns_are_read_across_rows() -> Result<(), ReportError> {
    let names = ["one".to_string(), "a, b".to_string()];
    let description = Description::of(&[1.0, -10.0, 2.0, -20.0, 4.0, -40.5], 2, Some(&names))?;
    insta::assert_snapshot!("two_named_columns", description.to_string());
    insta::assert_snapshot!("two_named_columns_csv", description.to_csv());
    Ok(())
}

#[test]
fn wide_tables_show_both_ends() -> Result<(), ReportError> {
    let values: Vec<f32> = (0..40 * 5)
        .map(|at| (at as f32 * 0.37).sin() * 0.05)
        .collect();
    let description = Description::of(&values, 40, None)?;
    insta::assert_snapshot!("forty_columns", description.to_string());
    assert_eq!(description.to_csv().lines().count(), 9);
    assert_eq!(description.columns().len(), 40);
    Ok(())
}

#[test]
fn numbers_too_small_for_six_decimals_are_written_by_powers() -> Result<(), ReportError> {
    let text = Description::overall(&[1e-7, 0.5])?.to_string();
    assert!(text.contains("count  2.000000e+00"), "{text}");
    assert!(text.contains("min    1.000000e-07"), "{text}");
    Ok(())
}

#[test]
fn missing_and_single_numbers_are_described() -> Result<(), ReportError> {
    let one = Description::overall(&[2.5, f32::NAN])?;
    assert_eq!(one.columns()[0].count, 1);
    assert!(one.columns()[0].std.is_nan());
    assert!(one.to_string().contains("std    NaN"), "{one}");
    assert!(one.to_csv().contains("std,\n"), "{}", one.to_csv());
    let none = Description::overall(&[f32::NAN])?;
    assert_eq!(none.columns()[0].count, 0);
    assert!(none.columns()[0].mean.is_nan() && none.columns()[0].median.is_nan());
    Ok(())
}

#[test]
fn what_is_no_matrix_is_refused() {
    let text =
        |result: Result<Description, ReportError>| result.expect_err("no matrix").to_string();
    assert_eq!(
        text(Description::overall(&[])),
        "there are no numbers to describe"
    );
    assert_eq!(
        text(Description::of(&[1.0, 2.0, 3.0], 2, None)),
        "3 numbers do not make rows of 2"
    );
    assert!(Description::of(&[1.0], 0, None).is_err());
    assert_eq!(
        text(Description::of(&[1.0, 2.0], 2, Some(&["a".to_string()]))),
        "1 names for 2 columns"
    );
}
