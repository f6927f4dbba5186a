//! Spaces: reading, sizes, errors.

use crate::common;
use crate::common::{FOUR, space};
use proptest::prelude::*;
use recburn_tune::{Parameter, Sampler, Space, SpaceError, Study};
use serde_json::json;

fn error(text: &str) -> String {
    let error = Space::parse("space.toml", text).expect_err("a mistake");
    error.to_string()
}

#[test]
fn a_file_gives_its_parameters() {
    let read = space(
        "[parameters]\n\
         \"options.factors\" = { int = [8, 128], log = true }\n\
         layers = { int = [1, 8], step = 2 }\n\
         rate = { float = [1, 10] }\n\
         hidden = { choice = [[64, 32], [128], 'none', 0.5] }\n",
    );
    let int = |low, high, step, log| Parameter::Int {
        low,
        high,
        step,
        log,
    };
    let expected = [
        ("options.factors", int(8, 128, 1, true)),
        ("layers", int(1, 8, 2, false)),
        (
            "rate",
            Parameter::Float {
                low: 1.0,
                high: 10.0,
                log: false,
            },
        ),
        (
            "hidden",
            Parameter::Choice(vec![
                json!([64, 32]),
                json!([128]),
                json!("none"),
                json!(0.5),
            ]),
        ),
    ];
    let expected = Space::new(expected.map(|(name, of)| (name.to_string(), of)));
    assert_eq!(Ok(&read), expected.as_ref());
    let written = serde_json::to_string(&read).expect("JSON");
    assert_eq!(
        serde_json::from_str::<Space>(&written).expect("a space"),
        read
    );
}

#[test]
fn only_finite_spaces_have_a_size() {
    let finite = space("[parameters]\na = { int = [1, 8], step = 2 }\nb = { choice = [1, 2, 3] }");
    assert_eq!(finite.size(), Some(4 * 3));
    assert_eq!(space(FOUR).size(), None);
    let bound = 1_i64 << 53;
    let huge: String = (0..3)
        .map(|at| format!("p{at} = {{ int = [-{bound}, {bound}] }}\n"))
        .collect();
    assert_eq!(space(&format!("[parameters]\n{huge}")).size(), None); // about 2^162
}

#[test]
fn mistakes_have_a_place_and_say_what_was_seen() {
    let cases = [
        (
            "a = { int = [8, 8] }",
            "2:13: `a`: the lower bound must be below the upper one, but 8 is not below 8",
        ),
        (
            "a = { int = [0, 8], log = true }",
            "2:13: `a`: a log scale needs bounds above 0, not 0",
        ),
        (
            "a = { float = [-0.5, 8], log = true }",
            "2:15: `a`: a log scale needs bounds above 0, not -0.5",
        ),
        (
            "a = { float = [1, inf] }",
            "2:15: `a`: bounds must be finite, not 1 and inf",
        ),
        (
            "a = { float = [nan, 1] }",
            "2:15: `a`: bounds must be finite, not NaN and 1",
        ),
        (
            "a = { int = [1, 9], step = 0 }",
            "2:28: `a`: the step must be from 1 to 8, not 0",
        ),
        (
            "a = { int = [1, 9], step = 9 }",
            "2:28: `a`: the step must be from 1 to 8, not 9",
        ),
        (
            "a = { int = [1, 9], step = 2, log = true }",
            "2:37: `a`: a log scale has no step: omit one of them",
        ),
        (
            "a = { int = [1, 9007199254740993] }",
            "2:13: `a`: bounds must be within ±9007199254740992 (2^53), not 1 and 9007199254740993",
        ),
        (
            "a = { float = [1, 9], step = 2 }",
            "2:30: `a`: only an int has a step",
        ),
        (
            "a = { choice = [1, 9], step = 2 }",
            "2:31: `a`: only an int has a step",
        ),
        (
            "a = { choice = [1, 9], log = true }",
            "2:30: `a`: choices have no scale: omit `log`",
        ),
        (
            "a = { choice = [] }",
            "2:16: `a`: there must be at least one choice",
        ),
        (
            "a = { choice = [1, 'x', 1.0] }",
            "2:16: `a`: choices must be distinct, but 1.0 occurs twice",
        ),
        (
            "a = { choice = [1, nan] }",
            "2:20: `a`: a choice must be finite, not NaN",
        ),
        (
            "a = { choice = [1, 1979-05-27] }",
            "2:20: `a`: a choice cannot be a date (1979-05-27)",
        ),
        (
            "a = { log = true }",
            "2:5: `a`: a parameter has exactly one of int, float and choice, and here is none of them",
        ),
        (
            "a = { int = [1, 2], choice = [3] }",
            "2:5: `a`: a parameter has exactly one of int, float and choice, and here is int and choice",
        ),
        (
            "\"a b\" = { int = [1, 2] }",
            "2:1: `a b`: a name is a path of words separated by dots",
        ),
        (
            "\"a..b\" = { int = [1, 2] }",
            "2:1: `a..b`: a name is a path of words separated by dots",
        ),
        (
            "\"a.b\" = { int = [1, 2] }\na = { int = [1, 2] }",
            "3:1: `a`: `a` contains `a.b`, so both cannot be parameters",
        ),
        ("", "1:1: there are no parameters"),
    ];
    for (line, expected) in cases {
        assert_eq!(
            error(&format!("[parameters]\n{line}")),
            format!("space.toml:{expected}"),
            "{line}"
        );
    }
}

#[test]
fn mistakes_in_the_toml_have_a_place_too() {
    let cases = [
        (
            "a = { int = [1, 2], scale = 'log' }",
            "2:21: unknown field `scale`",
        ),
        (
            "a.b = { int = [1, 2] }",
            "a parameter's name that has dots is written in quotes",
        ),
        (
            "a = { int = [1.5, 2] }",
            "2:14: invalid type: floating point `1.5`, expected i64",
        ),
        (
            "a = { int = [1, 2, 3] }",
            "2:13: `a`: a range has two bounds, the lower and the upper one, not 3",
        ),
        (
            "a = { float = [1] }",
            "2:15: `a`: a range has two bounds, the lower and the upper one, not 1",
        ),
        ("a = { int = 'x' }", "2:13: invalid type: string \"x\""),
        ("a = { int = [1, 2] }\nä = [", "3:"),
        (
            "a = { int = [1, 2] }\na = { int = [1, 2] }",
            "3:1: duplicate key",
        ),
        (
            "[other]",
            "2:2: unknown field `other`, expected `parameters`",
        ),
    ];
    for (line, expected) in cases {
        let error = error(&format!("[parameters]\n{line}"));
        assert!(
            error.starts_with("space.toml:") && error.contains(expected),
            "{line}: {error}"
        );
    }
    assert!(error("x = 1").contains("expected `parameters`"));
    assert_eq!(Space::new([]), Err(SpaceError::Empty));
}

/// Any valid parameter.
fn parameters() -> impl Strategy<Value = Parameter> {
    let int = (-1000_i64..1000, 1_i64..2000, 1_i64..50);
    let int = int.prop_map(|(low, width, step)| Parameter::Int {
        low,
        high: low + width,
        step: step.min(width),
        log: false,
    });
    let log_int = (1_i64..1000, 1_i64..100_000).prop_map(|(low, width)| Parameter::Int {
        low,
        high: low + width,
        step: 1,
        log: true,
    });
    let finite = || prop::num::f64::NORMAL;
    let float = (finite(), finite()).prop_filter("different", |(one, other)| one != other);
    let float = float.prop_map(|(one, other)| Parameter::Float {
        low: one.min(other),
        high: one.max(other),
        log: false,
    });
    let log_float = (-300.0..300.0_f64, 0.001..5.0_f64).prop_map(|(low, width)| Parameter::Float {
        low: 10_f64.powf(low),
        high: 10_f64.powf(low + width),
        log: true,
    });
    let choice =
        (1_usize..6).prop_map(|count| Parameter::Choice((0..count).map(|at| json!(at)).collect()));
    prop_oneof![int, log_int, float, log_float, choice]
}

fn is_inside(parameter: &Parameter, value: &serde_json::Value) -> bool {
    match parameter {
        Parameter::Int {
            low, high, step, ..
        } => {
            let value = value.as_i64().expect("an integer");
            (low..=high).contains(&&value) && (value - low) % step == 0
        }
        Parameter::Float { low, high, .. } => {
            let value = value.as_f64().expect("a number");
            (low..=high).contains(&&value)
        }
        Parameter::Choice(choices) => choices.contains(value),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_proposal_is_within_the_bounds(of in prop::collection::vec(parameters(), 1..4), seed in any::<u64>(), tpe in any::<bool>()) {
        let named = of.iter().enumerate().map(|(at, of)| (format!("p{at}"), of.clone()));
        let space = Space::new(named).expect("a valid space");
        let sampler = if tpe { Sampler::Tpe { startup: 4 } } else { Sampler::Random };
        let study = Study::new(space, sampler, seed).trials(20).generation(3);
        let objective = |trial: &recburn_tune::Trial| trial.values["p0"].as_f64().unwrap_or_default().atan();
        let results = common::run(&study, 1, None, objective);
        for trial in &results.trials {
            for (at, of) in of.iter().enumerate() {
                let value = &trial.trial.values[&format!("p{at}")];
                prop_assert!(is_inside(of, value), "{value} of {of:?}");
            }
        }
    }
}
