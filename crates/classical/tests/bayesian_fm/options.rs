//! Bad options and data.

use crate::common::{ITEMS, Outcome, context, planted, small};
use recburn_classical::ClassicalError;
use recburn_classical::bayesian_fm::BayesianFm;
use recburn_data::{ItemIx, Ratings};

#[test]
fn bad_options_and_data_are_errors_that_name_them() {
    let (train, test, _) = planted();
    let refused = |options: BayesianFm, said: &str| {
        let error = options.fit_and_predict(&context(&train), &test).err();
        let text = error.map(|error| error.to_string()).unwrap_or_default();
        assert!(text.contains(said), "{text}");
    };
    refused(BayesianFm { rank: 0, ..small() }, "rank is 0");
    refused(
        BayesianFm {
            rank: 64,
            ..small()
        },
        "rank is 64",
    );
    refused(
        BayesianFm {
            chains: 0,
            ..small()
        },
        "chains is 0",
    );
    refused(
        BayesianFm {
            burn_in: 60,
            ..small()
        },
        "burn_in is 60",
    );
    refused(
        BayesianFm {
            saved_samples: 101,
            ..small()
        },
        "saved_samples is 101",
    );
    refused(
        BayesianFm {
            noise_shape: Some(1.0),
            ..small()
        },
        "noise_shape is 1",
    );
    refused(
        BayesianFm {
            noise_shape: Some(f64::NAN),
            ..small()
        },
        "noise_shape is NaN",
    );
    refused(
        BayesianFm {
            day: true,
            ..small()
        },
        "day is true",
    );
    refused(
        BayesianFm {
            events: vec!["hour".to_string()],
            ..small()
        },
        "`hour`",
    );
    refused(
        BayesianFm {
            features: Some(vec!["age".to_string()]),
            ..small()
        },
        "`age`",
    );
    let nothing = Ratings::default();
    let error = small().fitted(&context(&nothing)).err();
    assert!(
        matches!(error, Some(ClassicalError::NoRatings { .. })),
        "{error:?}"
    );
    let mut beyond = train.clone();
    beyond.items[0] = ItemIx(ITEMS as u32);
    let error = small().fitted(&context(&beyond)).err();
    assert!(matches!(error, Some(ClassicalError::Data(_))), "{error:?}");
}

#[test]
fn options_survive_serde_and_unknown_ones_are_refused() -> Outcome {
    let options = BayesianFm {
        day: true,
        noise_shape: None,
        features: Some(Vec::new()),
        ..small()
    };
    let text = serde_json::to_string(&options)?;
    assert_eq!(serde_json::from_str::<BayesianFm>(&text)?, options);
    assert_eq!(
        serde_json::from_str::<BayesianFm>("{}")?,
        BayesianFm::default()
    );
    assert!(serde_json::from_str::<BayesianFm>("{\"ranks\": 3}").is_err());
    Ok(())
}
