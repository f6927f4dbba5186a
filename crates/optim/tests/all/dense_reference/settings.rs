//! Settings and learning rates out of range.

use recburn_optim::Rule;

#[test]
fn a_learning_rate_at_which_decay_would_take_all_of_a_weight_is_refused() {
    let shown = |rule: Rule, rate| rule.check_rate(rate).map_err(|error| error.to_string());
    assert_eq!(shown(Rule::ADAMW, 0.1), Ok(()));
    assert_eq!(shown(Rule::ADAMW, 0.0), Ok(()), "a schedule may rest");
    assert_eq!(shown(Rule::ADAM, 1e6), Ok(()));
    assert_eq!(
        shown(Rule::adamw(20.0), 0.05),
        Err(
            "learning rate times weight_decay, the share of every weight that a step removes, must be below 1, not 1"
                .to_string()
        )
    );
    for rate in [-0.1, f64::NAN, f64::INFINITY] {
        assert!(shown(Rule::ADAMW, rate).is_err() && shown(Rule::sgd(0.0), rate).is_err());
    }
    for decay in [-0.1, f64::NAN, f64::INFINITY] {
        let refused = Rule::adamw(decay)
            .check()
            .map_err(|error| error.to_string());
        assert_eq!(
            refused,
            Err(format!(
                "weight_decay must be finite and 0 or above, not {decay}"
            ))
        );
    }
}

#[test]
fn hyper_parameters_out_of_range_are_named() {
    let shown = |rule: Rule| rule.check().map_err(|error| error.to_string());
    assert_eq!(shown(Rule::ADAM), Ok(()));
    assert_eq!(
        shown(Rule::sgd(1.0)),
        Err("momentum must be in [0, 1), not 1".to_string())
    );
    let adam = Rule::Adam {
        beta_1: 0.9,
        beta_2: 0.999,
        epsilon: 0.0,
    };
    assert_eq!(
        shown(adam),
        Err("epsilon must be finite and above 0, not 0".to_string())
    );
    let adagrad = Rule::AdaGrad {
        initial_accumulator_value: f64::NAN,
        epsilon: 1e-7,
    };
    assert!(shown(adagrad).is_err());
}
