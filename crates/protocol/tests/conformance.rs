//! Published figures, through the runner.

#[path = "../../../tests/common/at_hand.rs"]
mod at_hand;
mod common;

use at_hand::at_hand;
use common::Outcome;
use recburn_protocol::{Card, Classical, Opened, compare, find};
use serde_json::{Value, json};

/// The means are these within the tolerance.
fn check(
    opened: &Opened,
    method: &str,
    options: Value,
    wanted: &[(&str, f64)],
    tolerance: f64,
) -> Result<Card, Box<dyn std::error::Error>> {
    let card = opened.run(&Classical::new(method, options)?, &[1], 0)?;
    for &(measure, wanted) in wanted {
        let found = card.mean(measure).ok_or("no such measure")?;
        println!(
            "{} {method} {measure}: {found:.4}, expected {wanted}",
            card.protocol.name
        );
        assert!(
            (found - wanted).abs() <= tolerance,
            "{method} {measure} is {found:.5}, expected {wanted}"
        );
    }
    Ok(card)
}

#[test]
fn rankings_of_the_random_split() -> Outcome {
    let Some(folder) = at_hand("RECBURN_DATA") else {
        return Ok(());
    };
    let opened = find("p1")?.open(Some(&folder))?;
    let wanted = [
        ("ndcg@10", 0.2208),
        ("recall@10", 0.1157),
        ("recall@20", 0.1682),
        ("hit@10", 0.7625),
    ];
    let popularity = check(&opened, "popularity", json!({}), &wanted, 0.0002)?;
    assert!(popularity.verdict.is_some());
    let wanted = [
        ("ndcg@10", 0.4542),
        ("recall@10", 0.2484),
        ("recall@20", 0.3632),
        ("hit@10", 0.9459),
    ];
    let ease = check(&opened, "ease", json!({ "lambda": 400.0 }), &wanted, 0.0002)?;
    assert_eq!(ease.verdict, None);
    // Item neighbours have .4073, and the difference from EASE the standard error .0038.
    let knn = check(
        &opened,
        "item_knn",
        json!({}),
        &[("ndcg@10", 0.4073)],
        0.001,
    )?;
    let comparison = compare(&[knn, popularity, ease])?;
    let pair = &comparison.tables[0].pairs[0];
    println!("{}", comparison.to_markdown());
    assert_eq!(
        (pair.best.as_str(), pair.other.as_str()),
        ("ease", "item_knn")
    );
    assert!(
        (pair.t.mean - 0.0470).abs() < 0.001 && (pair.t.standard_error - 0.0038).abs() < 0.0002
    );
    Ok(())
}

#[test]
fn rankings_of_the_last_rating() -> Outcome {
    let Some(folder) = at_hand("RECBURN_DATA") else {
        return Ok(());
    };
    let opened = find("p2")?.open(Some(&folder))?;
    let wanted = [("ndcg@10", 0.0439), ("hit@10", 0.0912)];
    check(&opened, "popularity", json!({}), &wanted, 0.0002)?;
    let wanted = [("ndcg@10", 0.0773), ("hit@10", 0.1527)];
    check(&opened, "ease", json!({ "lambda": 100.0 }), &wanted, 0.0002)?;
    Ok(())
}

#[test]
fn rankings_of_high_ratings_and_among_samples() -> Outcome {
    let Some(folder) = at_hand("RECBURN_DATA") else {
        return Ok(());
    };
    let opened = find("p1-from-4")?.open(Some(&folder))?;
    check(
        &opened,
        "popularity",
        json!({}),
        &[("ndcg@10", 0.1539)],
        0.0002,
    )?;
    // Sampled figures are several times those of the full catalogue.
    let opened = find("loo-99")?.open(Some(&folder))?;
    let card = check(&opened, "popularity", json!({}), &[], 0.0)?;
    let found = card.mean("hit@10").ok_or("no such measure")?;
    assert!((0.35..0.55).contains(&found), "{found}");
    Ok(())
}

#[test]
fn errors_of_the_official_folds() -> Outcome {
    let Some(folder) = at_hand("RECBURN_DATA") else {
        return Ok(());
    };
    let opened = find("ml-100k-u")?.open(Some(&folder))?;
    let card = check(&opened, "bias", json!({}), &[("rmse", 0.9457)], 0.003)?;
    let folds = card.by_fold("rmse").ok_or("no folds")?;
    for (found, wanted) in folds.iter().zip([0.9599, 0.9477, 0.9405, 0.9383, 0.9423]) {
        assert!((found - wanted).abs() < 0.003, "{folds:?}");
    }
    for feature in ["genres", "occupation"] {
        let names = &card.data.features;
        assert!(names.iter().any(|name| name == feature), "{names:?}");
    }
    Ok(())
}
