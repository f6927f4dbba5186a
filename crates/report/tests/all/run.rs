//! `report.json` keeps its keys and comes back as it went.

use recburn_metrics::{Baseline, Baselines, RatingMetrics};
use recburn_report::{ColdReport, EpochReport, ReportError, RunReport, VersionsReport};

fn epoch(number: usize, loss: f64) -> EpochReport {
    EpochReport {
        epoch: number,
        train_loss: loss,
        train_penalty: 0.0125,
        valid_loss: Some(loss + 0.1),
        valid_penalty: Some(0.0130),
        valid: Some([("loss", loss + 0.1)].into_iter().collect()),
        seconds: 0.25,
        ratings_per_second: 320_000.0,
    }
}

fn baseline(rmse: f64) -> Baseline {
    let mae = rmse * 0.75;
    Baseline { rmse, mae }
}

fn report() -> RunReport {
    RunReport {
        model: "biased_mf".into(),
        data: "synthetic".into(),
        split: "random 0.2".into(),
        seed: 7,
        parameters: 107_625,
        train_rows: 80_000,
        valid_rows: 20_000,
        noise_floor: None,
        fit_seconds: None,
        epochs: vec![epoch(1, 1.25), epoch(2, 0.875)],
        metrics: Some(RatingMetrics {
            mse: 0.81,
            rmse: 0.9,
            mae: 0.7,
            mae_rounded: 0.65,
            rmse_clipped: 0.89,
            mae_clipped: 0.69,
        }),
        baselines: Some(Baselines {
            mean: baseline(1.05),
            user_mean: baseline(0.95),
            item_mean: baseline(0.98),
            bias: Some(baseline(0.92)),
        }),
        ranking: None,
        popularity: None,
        cold: ColdReport {
            users: 0,
            items: 32,
            rows: 36,
        },
        test_rows: 0,
        test: None,
        test_ranking: None,
        test_cold: ColdReport::default(),
        device: "cpu".into(),
        versions: VersionsReport {
            recburn: "0.1.0".into(),
            burn: "0.22.0".into(),
        },
        stopped: None,
    }
}

type Outcome = Result<(), Box<dyn std::error::Error>>;

#[test]
fn a_report_comes_back_as_it_went() -> Outcome {
    let home = tempfile::tempdir()?;
    let path = home.path().join("run/report.json");
    report().save(&path)?;
    assert_eq!(RunReport::load(&path)?, report());
    Ok(())
}

#[test]
fn the_keys_do_not_change() -> Outcome {
    let home = tempfile::tempdir()?;
    let path = home.path().join("report.json");
    report().save(&path)?;
    // The whole text is the promise: keys, nesting, `null` for what is unknown.
    insta::assert_snapshot!("report_json", std::fs::read_to_string(&path)?);
    Ok(())
}

#[test]
fn a_run_without_validation_says_null() -> Outcome {
    let home = tempfile::tempdir()?;
    let path = home.path().join("report.json");
    let mut report = report();
    report.metrics = None;
    report.baselines = None;
    for epoch in &mut report.epochs {
        epoch.valid_loss = None;
        epoch.valid_penalty = None;
        epoch.valid = None;
    }
    report.save(&path)?;
    let text = std::fs::read_to_string(&path)?;
    let keys = [
        "metrics",
        "baselines",
        "ranking",
        "valid_loss",
        "valid_penalty",
        "valid",
    ];
    for key in keys {
        assert!(text.contains(&format!("\"{key}\": null")), "{key}");
    }
    assert_eq!(RunReport::load(&path)?, report);
    Ok(())
}

#[test]
fn a_number_that_json_cannot_hold_is_refused_with_its_key() -> Outcome {
    let home = tempfile::tempdir()?;
    let path = home.path().join("report.json");
    let mut report = report();
    report.epochs[1].valid_loss = Some(f64::NAN);
    let error = report.save(&path).expect_err("a NaN");
    assert_eq!(
        error.to_string(),
        "epochs[1].valid_loss of the report is NaN, which JSON cannot hold"
    );
    assert!(!path.exists());
    Ok(())
}

#[test]
fn a_run_that_is_judged_by_lists_has_its_measures_and_prints_them() -> Outcome {
    let home = tempfile::tempdir()?;
    let path = home.path().join("report.json");
    let measures = |ndcg| {
        [("ndcg@10", ndcg), ("recall@10", 0.5)]
            .into_iter()
            .collect()
    };
    let mut report = RunReport {
        metrics: None,
        baselines: None,
        ranking: Some(measures(0.25)),
        test_ranking: Some(measures(0.125)),
        ..report()
    };
    report.save(&path)?;
    assert_eq!(RunReport::load(&path)?, report);
    insta::assert_snapshot!("lists", report.to_string());
    report.ranking = Some(measures(f64::NAN));
    let error = report.save(&path).expect_err("a NaN");
    assert_eq!(
        error.to_string(),
        "ranking.ndcg@10 of the report is NaN, which JSON cannot hold"
    );
    Ok(())
}

#[test]
fn what_is_no_report_is_refused_with_its_path() -> Outcome {
    let home = tempfile::tempdir()?;
    let path = home.path().join("report.json");
    let missing = RunReport::load(&path).expect_err("no file");
    assert!(matches!(missing, ReportError::Read { .. }));
    assert!(missing.to_string().contains("report.json"), "{missing}");
    std::fs::write(&path, "{\"model\": 1}")?;
    let other = RunReport::load(&path).expect_err("no report");
    assert!(matches!(other, ReportError::Json { .. }));
    assert!(other.to_string().contains("report.json"), "{other}");
    Ok(())
}

#[test]
fn a_report_of_before_the_baselines_is_read() -> Outcome {
    let home = tempfile::tempdir()?;
    let path = home.path().join("report.json");
    report().save(&path)?;
    let mut old: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&path)?)?;
    old.as_object_mut().expect("an object").remove("baselines");
    std::fs::write(&path, old.to_string())?;
    assert_eq!(RunReport::load(&path)?.baselines, None);
    Ok(())
}

#[test]
fn what_is_printed_of_a_run_has_the_baselines_and_says_where_the_model_is_no_better() {
    let good = report().to_string();
    assert!(good.contains("baselines on the same rows") && good.contains("the training mean"));
    assert!(!good.contains("warning"), "{good}");
    let mut bad = report();
    if let Some(metrics) = &mut bad.metrics {
        metrics.rmse = 3.8;
    }
    let bad = bad.to_string();
    let said =
        "warning: rmse 3.8000 is worse than always predicting the training mean (rmse 1.0500)";
    assert!(bad.contains(said), "{bad}");
}

#[test]
fn lists_that_are_no_better_than_popularity_are_said_to_be() {
    let lists = |ndcg: f64| Some([("ndcg@10", ndcg), ("hit@10", 0.5)].into_iter().collect());
    let mut ranked = RunReport {
        metrics: None,
        baselines: None,
        ranking: lists(0.2),
        popularity: lists(0.1),
        ..report()
    };
    assert_eq!(ranked.verdict(), None);
    ranked.popularity = lists(0.21);
    let said =
        "ndcg@10 0.2000 is no better than 0.2100 of the most popular items as everybody's list";
    assert_eq!(ranked.verdict().as_deref(), Some(said));
    let text = ranked.to_string();
    assert!(
        text.contains("the most popular items on the same rows:"),
        "{text}"
    );
    assert!(text.contains(said), "{text}");
}
