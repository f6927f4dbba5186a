//! The runs of recipes as a table in Markdown.

use crate::commands::run::Outcome;
use recburn::recipe::{Compared, Run, mean_and_deviation};

/// One row per figure; a recipe without a figure of prediction quality gets a row with its RMSE.
pub fn table(outcomes: &[Outcome]) -> String {
    let mut rows = vec![
        row([
            "recipe",
            "figure",
            "recburn",
            "published",
            "by",
            "difference",
            "",
        ]),
        row(["---"; 7]),
    ];
    for outcome in outcomes {
        let name = outcome.recipe.as_str();
        if outcome.left_out.is_some() {
            rows.push(row([name, "", "", "", "", "", "its data are missing"]));
            continue;
        }
        let stand_in = match outcome.runs.iter().any(|run| run.stand_in) {
            true => " (synthetic ratings)",
            false => "",
        };
        for figure in &outcome.figures {
            rows.push(row([
                name,
                &format!("{}{stand_in}", figure.what),
                &measured(figure),
                &figure.published,
                &figure.by,
                &difference(figure),
                &verdict(figure),
            ]));
        }
        if outcome.figures.iter().all(|figure| figure.mean.is_none())
            && let Some(rmse) = rmse(&outcome.runs)
        {
            let what = format!("RMSE{stand_in}");
            rows.push(row([name, &what, &rmse, "", "", "", ""]));
        }
    }
    rows.join("\n")
}

fn row(cells: [&str; 7]) -> String {
    format!("| {} |", cells.join(" | "))
}

fn measured(figure: &Compared) -> String {
    match (figure.mean, figure.holds) {
        (Some(mean), _) => spread(mean, figure.deviation),
        (None, Some(true)) => "the same".to_string(),
        (None, Some(false)) => "others".to_string(),
        (None, None) => String::new(),
    }
}

fn spread(mean: f64, deviation: Option<f64>) -> String {
    match deviation {
        Some(deviation) => format!("{mean:.4} ± {deviation:.4}"),
        None => format!("{mean:.4}"),
    }
}

fn difference(figure: &Compared) -> String {
    let difference = figure.difference.map(|difference| 100.0 * difference);
    let shown = difference.map(|percent| format!("{percent:+.1} %"));
    shown.unwrap_or_default()
}

fn verdict(figure: &Compared) -> String {
    match (figure.holds, &figure.aside) {
        (Some(true), _) => "met".to_string(),
        (Some(false), _) => "MISSED".to_string(),
        (None, Some(aside)) => aside.clone(),
        (None, None) => "not compared".to_string(),
    }
}

fn rmse(runs: &[Run]) -> Option<String> {
    let of_runs = runs.iter().map(|run| Some(run.report.metrics?.rmse));
    let of_runs = of_runs.collect::<Option<Vec<f64>>>()?;
    let (mean, deviation) = mean_and_deviation(&of_runs);
    Some(spread(mean, deviation))
}
