//! Splits, words and names.

use crate::common::{experiment, prepared};
use crate::refusals::{Home, refusal, text};
use recburn::prelude::*;
use serde_json::json;

#[test]
fn a_split_that_leaves_a_part_empty_is_refused() {
    let rows = b"userId,movieId,rating\n1,2,3\n1,3,4\n2,2,5\n";
    for (split, words) in [
        ("fraction:0.99", ["3 rows", "validation part empty"]),
        ("fraction:0.01", ["3 rows", "training part empty"]),
        ("by-user:0.999", ["3 rows", "validation part empty"]),
        ("mask:0.000001", ["3 rows", "training part empty"]),
    ] {
        let home = Home::new();
        let mut experiment = experiment("biased_mf");
        experiment.training.data = text(&home.file("ratings.csv", rows)).to_string();
        experiment.training.split = split.to_string();
        let message = refusal(experiment.prepare(None), &words);
        let number = split.split_once(':').unwrap().1;
        assert!(
            message.contains(number),
            "{number} should stand in: {message}"
        );
    }
}

#[test]
fn a_share_outside_of_0_to_1_is_refused() {
    for share in ["0", "1", "-0.2", "1.5", "NaN", "inf"] {
        for kind in ["fraction", "mask", "by-user", "by-user-shuffled"] {
            let mut experiment = experiment("biased_mf");
            experiment.training.split = format!("{kind}:{share}");
            refusal(
                experiment.prepare(None),
                &["share must be between 0 and 1", share],
            );
        }
    }
    let dataset = crate::common::dataset();
    for train in [0.0, 1.0, -0.2, 1.5, f64::NAN, f64::INFINITY] {
        refusal(
            dataset.split(&SplitKind::Fraction { train }, 1),
            &["between 0 and 1", &train.to_string()],
        );
        refusal(
            dataset.split(&SplitKind::Mask { train }, 1),
            &["between 0 and 1", &train.to_string()],
        );
    }
}

#[test]
fn a_word_that_is_not_understood_is_told_with_those_that_are() {
    for (split, seen) in [
        ("half", "'half'"),
        ("fraction:most", "'fraction:most'"),
        ("fold:5", "'fold:5'"),
    ] {
        let mut experiment = experiment("biased_mf");
        experiment.training.split = split.to_string();
        refusal(
            experiment.prepare(None),
            &[seen, "fraction:0.8", "mask:0.8", "by-user:0.8"],
        );
    }
    let mut of_five = experiment("biased_mf");
    of_five.training.split = "fold:6/5".to_string();
    refusal(of_five.prepare(None), &["fold 6 of 5"]);
    let mut ordered = experiment("biased_mf");
    ordered.training.ids = "random".to_string();
    refusal(
        ordered.prepare(None),
        &["'random'", "first_sight, sorted or raw"],
    );
}

#[test]
fn an_unknown_model_is_told_with_those_there_are() {
    let known: Vec<_> = zoo().iter().map(|entry| entry.name).collect();
    let words: Vec<_> = known.iter().copied().chain(["`ncf`"]).collect();
    refusal(Experiment::preset("ncf", "default"), &words);
    let mut renamed = experiment("biased_mf");
    renamed.model = "ncf".to_string();
    refusal(renamed.graph(&prepared(false)), &words);
}

#[test]
fn an_unknown_preset_is_told_with_those_there_are() {
    for entry in zoo() {
        refusal(
            Experiment::preset(entry.name, "best"),
            &[entry.name, "`best`", "default"],
        );
    }
}

#[test]
fn an_unknown_option_is_told_with_those_there_are() {
    let prepared = prepared(false);
    for entry in zoo() {
        let mut experiment = experiment(entry.name);
        experiment.options["colour"] = json!("red");
        let message = refusal(experiment.graph(&prepared), &[entry.name, "`colour`"]);
        for option in (entry.options)().as_object().unwrap().keys() {
            assert!(
                message.contains(&format!("`{option}`")),
                "`{option}` should stand in: {message}"
            );
        }
    }
}

#[test]
fn an_option_of_another_type_is_told() {
    let prepared = prepared(false);
    for entry in zoo() {
        let mut experiment = experiment(entry.name);
        experiment.options["l2"] = json!("much");
        refusal(experiment.graph(&prepared), &[entry.name, "\"much\""]);
        experiment.options = json!("small");
        refusal(experiment.graph(&prepared), &[entry.name]);
    }
}

#[test]
fn an_option_out_of_its_range_is_told_by_layer() {
    let prepared = prepared(false);
    let mut experiment = experiment("biased_mf");
    experiment.options["factors"] = json!(0);
    refusal(
        experiment.graph(&prepared),
        &["`user_factors`", "width", "1 or more, not 0"],
    );
    experiment.options["factors"] = json!(4);
    experiment.options["l2"] = json!(-0.1);
    refusal(
        experiment.graph(&prepared),
        &["`user_factors`", "l2", "not -0.1"],
    );
}

#[test]
fn an_unknown_device_is_told_with_those_there_are() {
    for name in ["tpu", "", "wgpu0"] {
        refusal(
            pick_device(Some(name)),
            &[&format!("`{name}`"), "cuda, wgpu, flex, ndarray"],
        );
    }
}

#[test]
fn a_device_that_is_not_built_in_is_told_with_its_feature() {
    let built_in = [
        ("cuda", cfg!(feature = "cuda")),
        ("wgpu", cfg!(feature = "wgpu")),
        ("flex", cfg!(feature = "flex")),
        ("ndarray", cfg!(feature = "ndarray")),
    ];
    for (name, built_in) in built_in {
        match built_in {
            true => assert_eq!(device_name(&pick_device(Some(name)).unwrap()), name),
            false => {
                refusal(
                    pick_device(Some(name)),
                    &[
                        &format!("`{name}`"),
                        &format!("--features {name}"),
                        "it has ",
                    ],
                );
            }
        }
    }
}
