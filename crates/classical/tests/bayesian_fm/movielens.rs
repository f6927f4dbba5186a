//! The first fold of MovieLens 100K.

#[path = "../../../../tests/common/at_hand.rs"]
mod at_hand;
#[path = "../../../../tests/common/movielens.rs"]
mod files;

use crate::common::Outcome;
use at_hand::at_hand;
use recburn_classical::Context;
use recburn_classical::bayesian_fm::BayesianFm;
use recburn_metrics::rmse;

/// With and without histories, RMSE is below that of myFM 0.3.6 with the same columns, 300 sweeps and rank 10: 0.9072 and
/// 0.8906.
#[test]
fn errors_are_below_those_of_myfm() -> Outcome {
    let Some(folder) = at_hand("RECBURN_DATA") else {
        return Ok(());
    };
    let folder = folder.join("ml-100k");
    let dataset = files::read(&folder.join("u.data"));
    let part = |name| files::part(&dataset, &folder.join(name));
    let (train, test) = (part("u1.base"), part("u1.test"));
    let context = Context {
        train: &train,
        users: dataset.users.rows(),
        items: dataset.items.rows(),
        scale: (1.0, 5.0),
        features: None,
        seed: 42,
        threads: 0,
    };
    for (histories, bar) in [(false, 0.9072), (true, 0.8906)] {
        let options = BayesianFm {
            history: histories,
            raters: histories,
            ..BayesianFm::default()
        };
        let predicted = options.fit_and_predict(&context, &test)?;
        let error = rmse(&predicted, &test.ratings)?;
        assert!(error < bar, "histories {histories}: {error}");
    }
    Ok(())
}
