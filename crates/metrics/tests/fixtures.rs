//! Every ranking measure against the values of other packages: see `fixtures/README.md`.

use recburn_metrics::{Gain, RankingEvaluator, Ranks, UserItems};
use serde_json::Value;
use std::convert::Infallible;

type Object = serde_json::Map<String, Value>;

/// A ranked list.
struct Case {
    name: String,
    scores: Vec<f32>,
    relevant: Vec<u32>,
    gains: Vec<f64>,
    values: Value,
}

fn object(value: &Value) -> &Object {
    value.as_object().expect("an object")
}

fn cases() -> Vec<Case> {
    let all: Value =
        serde_json::from_str(include_str!("fixtures/metric_fixtures.json")).expect("JSON");
    let cases = object(&all["cases"]).iter().map(|(name, values)| {
        let scores = values["scores"].as_array().expect("scores").iter();
        let relevant = object(&values["relevant"]).iter();
        let (relevant, gains) = relevant
            .map(|(item, gain)| {
                let item: u32 = item.parse().expect("an item");
                (item, gain.as_f64().expect("a gain"))
            })
            .unzip();
        Case {
            name: name.clone(),
            scores: scores
                .map(|score| score.as_f64().expect("a score") as f32)
                .collect(),
            relevant,
            gains,
            values: values.clone(),
        }
    });
    cases.collect()
}

/// The measure that the fixture calls so.
fn measure(ranks: &Ranks, gains: &[f64], name: &str) -> Option<f64> {
    let places = ranks.places();
    let (name, cut) = name.split_once('@').unwrap_or((name, ""));
    let (k, over) = cut.split_once('/').unwrap_or((cut, ""));
    let k = k.parse().unwrap_or(usize::MAX);
    let graded = |gain| ranks.ndcg_graded(gains, k, gain).expect("gains");
    Some(match (name, over) {
        ("auc", _) => return ranks.auc(),
        ("precision", _) => places.precision(k),
        ("recall", _) => places.recall(k),
        ("hit", _) => places.hit(k),
        ("mrr", _) => places.reciprocal_rank(k),
        ("map", "n") => places.average_precision_of_all(k),
        ("map", _) => places.average_precision(k),
        ("ndcg_linear", _) => graded(Gain::Linear),
        ("ndcg_exp", _) => graded(Gain::Exponential),
        ("ndcg_linear_tie_averaged", _) => ranks
            .ndcg_tie_averaged(gains, k, Gain::Linear)
            .expect("gains"),
        (name, _) => panic!("{name} is not known"),
    })
}

fn assert_same(case: &Case, name: &str, ours: Option<f64>, theirs: &Value, tolerance: f64) {
    match (ours, theirs.as_f64()) {
        (None, None) => {}
        (Some(ours), Some(theirs)) if (ours - theirs).abs() <= tolerance => {}
        (ours, theirs) => panic!("{} {name}: {ours:?}, expected {theirs:?}", case.name),
    }
}

#[test]
fn formulas_give_the_recorded_values_with_ties_in_either_order_of_items() {
    let mut compared = 0;
    for case in cases() {
        let ascending = Ranks::of(&case.scores, &case.relevant).expect("a list");
        // Ties in descending order are those of the reversed catalogue.
        let last = case.scores.len() as u32 - 1;
        let reversed: Vec<f32> = case.scores.iter().rev().copied().collect();
        let relevant: Vec<u32> = case.relevant.iter().map(|item| last - item).collect();
        let descending = Ranks::of(&reversed, &relevant).expect("a list");
        for (order, ranks) in [("ties_asc", ascending), ("ties_desc", descending)] {
            for (name, value) in object(&case.values["ours"][order]) {
                let ours = measure(&ranks, &case.gains, name);
                assert_same(&case, name, ours, value, 1e-11);
                compared += 1;
            }
        }
    }
    assert_eq!(compared, 11 * 2 * 35);
}

#[test]
fn packages_agree_where_scores_are_not_equal() {
    let mut agreements = 0;
    for case in cases() {
        let ranks = Ranks::of(&case.scores, &case.relevant).expect("a list");
        for (name, packages) in object(&case.values["agreeing_with_ties_asc"]) {
            for package in packages.as_array().expect("packages") {
                let package = package.as_str().expect("a name");
                let ours = measure(&ranks, &case.gains, name);
                assert_same(
                    &case,
                    name,
                    ours,
                    &case.values["peers"][package][name],
                    1e-6,
                );
                agreements += 1;
            }
        }
    }
    assert_eq!(agreements, 616);
}

#[test]
fn tie_averages_and_auc_are_those_of_scikit_learn() {
    for case in cases() {
        let ranks = Ranks::of(&case.scores, &case.relevant).expect("a list");
        for k in [1, 3, 5, 10] {
            let name = format!("ndcg_linear_tie_averaged@{k}");
            let ours = measure(&ranks, &case.gains, &name);
            assert_same(
                &case,
                &name,
                ours,
                &case.values["peers"]["sklearn"][&name],
                1e-11,
            );
        }
        let theirs = &case.values["peers"]["sklearn"]["auc"];
        assert_same(&case, "auc", ranks.auc(), theirs, 1e-11);
    }
}

#[test]
fn an_evaluation_of_one_user_has_the_recorded_values() {
    for case in cases() {
        let relevant = UserItems::of(case.relevant.iter().map(|&item| (0, item)));
        let relevance = |_: u32, item: u32| {
            let at = case.relevant.iter().position(|&other| other == item);
            case.gains[at.expect("a relevant item")]
        };
        let result = RankingEvaluator::new(1, case.scores.len(), &relevant)
            .at([1, 3, 5, 10])
            .graded(&relevance)
            .evaluate(|_, scores| {
                scores.copy_from_slice(&case.scores);
                Ok::<_, Infallible>(())
            })
            .expect("one user");
        let mut compared = 0;
        for (name, value) in object(&case.values["ours"]["ties_asc"]) {
            let own = name.strip_suffix("/min(k,n)").unwrap_or(name);
            if own.ends_with("/n") {
                continue;
            }
            let ours = Some(result.means[own]).filter(|value| !value.is_nan());
            assert_same(&case, name, ours, value, 1e-11);
            compared += 1;
        }
        assert_eq!(compared, 31);
    }
}
