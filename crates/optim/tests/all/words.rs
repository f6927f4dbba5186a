//! Rules, losses and modes are printed, stored and typed in one spelling.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use recburn_optim::{Loss, Mode, Rule};

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        1e-12f64..1e-6,
        1e-4f64..1.0,
        Just(1e-7),
        Just(0.1),
        1.0f64..1e18
    ]
}

fn share() -> impl Strategy<Value = f64> {
    prop_oneof![Just(0.0), Just(0.9), Just(0.999), 0.0f64..1.0]
}

fn rules() -> impl Strategy<Value = Rule> {
    let adam = (share(), share(), number());
    prop_oneof![
        share().prop_map(Rule::sgd),
        Just(Rule::ADAM),
        Just(Rule::ADAMW),
        Just(Rule::ADAGRAD),
        number().prop_map(Rule::adamw),
        adam.prop_map(|(beta_1, beta_2, epsilon)| Rule::Adam {
            beta_1,
            beta_2,
            epsilon
        }),
        (
            share(),
            share(),
            number(),
            prop_oneof![Just(0.0), Just(0.004), number()]
        )
            .prop_map(|(beta_1, beta_2, epsilon, weight_decay)| Rule::AdamW {
                beta_1,
                beta_2,
                epsilon,
                weight_decay
            }),
        (number(), number()).prop_map(|(start, epsilon)| Rule::AdaGrad {
            initial_accumulator_value: start,
            epsilon
        }),
        (number(), number()).prop_map(|(start, epsilon)| Rule::RowwiseAdaGrad {
            initial_accumulator_value: start,
            epsilon
        }),
    ]
}

fn losses() -> impl Strategy<Value = Loss> {
    prop_oneof![
        Just(Loss::Mse),
        Just(Loss::Mae),
        Just(Loss::HUBER),
        number().prop_map(|delta| Loss::Huber { delta })
    ]
}

proptest! {
    #[test]
    fn what_is_printed_reads_back(rule in rules(), loss in losses(), exact in any::<bool>()) {
        let mode = if exact { Mode::Exact } else { Mode::Touched };
        prop_assert_eq!(rule.to_string().parse(), Ok(rule));
        prop_assert_eq!(loss.to_string().parse(), Ok(loss));
        prop_assert_eq!(mode.to_string().parse(), Ok(mode));
    }

    #[test]
    fn what_is_stored_is_what_is_printed(rule in rules(), loss in losses()) {
        let json = serde_json::to_value((rule, loss)).unwrap();
        prop_assert_eq!(&json, &serde_json::json!([rule.to_string(), loss.to_string()]));
        prop_assert_eq!(serde_json::from_value::<(Rule, Loss)>(json).unwrap(), (rule, loss));
    }

    #[test]
    fn no_text_panics_and_what_reads_prints_as_something_that_reads(text in "[a-z]{0,7}(:[a-z0-9=.,_-]{0,20})?") {
        if let Ok(rule) = text.parse::<Rule>() {
            prop_assert_eq!(rule.to_string().parse(), Ok(rule));
        }
        if let Ok(loss) = text.parse::<Loss>() {
            prop_assert_eq!(loss.to_string().parse(), Ok(loss));
        }
    }
}

#[test]
fn words_are_short_where_the_settings_are_keras_s() {
    for (word, rule) in [
        ("adam", Rule::ADAM),
        ("adamw", Rule::ADAMW),
        ("adamw:0.01", Rule::adamw(0.01)),
        ("adagrad", Rule::ADAGRAD),
        ("rowwise_adagrad", Rule::ROWWISE_ADAGRAD),
        ("sgd", Rule::sgd(0.0)),
        ("sgd:0.9", Rule::sgd(0.9)),
        (
            "adamw:0.01,beta_1=0.8,epsilon=1e-8",
            Rule::AdamW {
                beta_1: 0.8,
                beta_2: 0.999,
                epsilon: 1e-8,
                weight_decay: 0.01,
            },
        ),
    ] {
        assert_eq!(word.parse(), Ok(rule));
        assert_eq!(rule.to_string(), word);
    }
    assert_eq!("huber".parse(), Ok(Loss::HUBER));
    assert_eq!(Loss::Huber { delta: 0.5 }.to_string(), "huber:0.5");
}

#[test]
fn a_table_of_settings_is_read_as_well() {
    for (json, rule) in [
        (r#"{"sgd": {"momentum": 0.9}}"#, Rule::sgd(0.9)),
        (
            r#"{"adam": {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7}}"#,
            Rule::ADAM,
        ),
        (
            r#"{"adamw": {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7, "weight_decay": 0.004}}"#,
            Rule::ADAMW,
        ),
        (
            r#"{"adagrad": {"initial_accumulator_value": 0.1, "epsilon": 1e-7}}"#,
            Rule::ADAGRAD,
        ),
        (
            r#"{"rowwise_adagrad": {"initial_accumulator_value": 0.0, "epsilon": 1e-8}}"#,
            Rule::ROWWISE_ADAGRAD,
        ),
    ] {
        assert_eq!(serde_json::from_str::<Rule>(json).unwrap(), rule);
    }
    let huber: Loss = serde_json::from_str(r#"{"huber": {"delta": 2.0}}"#).unwrap();
    assert_eq!(huber, Loss::Huber { delta: 2.0 });
}

#[test]
fn what_is_not_understood_is_named_with_the_words_that_there_are() {
    let rule = |word: &str| word.parse::<Rule>().unwrap_err().to_string();
    assert!(rule("adamx").starts_with("unknown rule `adamx`: expected adam, adamw[:DECAY]"));
    assert!(rule("sgd:fast").starts_with("`fast` in the rule `sgd:fast` is not a setting"));
    assert!(rule("adam:0.9").starts_with("`0.9` in the rule `adam:0.9` is not a setting"));
    assert!(rule("adamw:0.01,beta=2").starts_with("`beta=2` in the rule"));
    assert_eq!(
        rule("sgd:1.5"),
        "the rule `sgd:1.5`: momentum must be in [0, 1), not 1.5"
    );
    assert_eq!(
        rule("adamw:-1"),
        "the rule `adamw:-1`: weight_decay must be finite and 0 or above, not -1"
    );
    assert!(rule("adamw:nan").contains("not NaN"));
    let loss = |word: &str| word.parse::<Loss>().unwrap_err().to_string();
    assert_eq!(
        loss("rmse"),
        "unknown loss `rmse`: expected mse, mae, huber[:DELTA], logistic, bpr, hinge or softmax"
    );
    assert_eq!(
        loss("huber:0"),
        "the loss `huber:0`: huber's delta must be finite and above 0, not 0"
    );
    assert!(loss("mse:2").starts_with("`2` in the loss `mse:2`"));
    assert_eq!(
        "fast".parse::<Mode>().unwrap_err().to_string(),
        "unknown mode `fast`: expected exact or touched"
    );
}
