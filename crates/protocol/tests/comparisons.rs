//! Which cards are compared, and what is said of them.

mod common;

use common::{Outcome, Spy, opened, protocol, small};
use recburn_protocol::{
    Card, Classical, CompareError, Comparison, Fold, Protocol, Task, Unit, compare,
};
use serde_json::json;

const BY_USER: &str = "by-user-hashed:0.7/0.1/0.2";

fn folds(task: Task) -> Result<Protocol, Box<dyn std::error::Error>> {
    let mut protocol = protocol("fold:1/4", task);
    for fold in 2..=4 {
        protocol
            .folds
            .push(Fold::of(format!("fold:{fold}/4").parse()?));
    }
    Ok(protocol)
}

#[test]
fn the_best_model_is_tested_against_each_other_one() -> Outcome {
    let opened = opened(BY_USER, Task::full_ranking());
    let knn = Classical::new("item_knn", json!({ "shrinkage": 5.0 }))?;
    let popularity = Classical::new("popularity", json!({}))?;
    let spy = Spy {
        orders: true,
        ..Spy::default()
    };
    let cards = [
        opened.run(&spy, &[1, 2], 1)?,
        opened.run(&popularity, &[1], 1)?,
        opened.run(&popularity, &[1], 1)?,
        opened.run(&knn, &[1], 1)?,
    ];
    let users = cards[0].by_user("ndcg@10").len();
    assert!(users > 30);
    let comparison = compare(&cards)?;
    let names: Vec<&str> = comparison
        .tables
        .iter()
        .map(|table| table.measure.as_str())
        .collect();
    assert_eq!((names, comparison.tests), (vec!["ndcg@10", "recall@10"], 6));
    for table in &comparison.tables {
        assert!(
            table
                .entries
                .is_sorted_by(|one, next| one.mean >= next.mean)
        );
        assert_eq!(table.entries[3].model, "spy");
        assert_eq!(table.pairs.len(), 3);
        for (pair, entry) in table.pairs.iter().zip(&table.entries[1..]) {
            assert_eq!(
                (&pair.best, &pair.other),
                (&table.entries[0].model, &entry.model)
            );
            assert_eq!(pair.unit, Unit::Users(users));
            let difference = table.entries[0].mean - entry.mean;
            assert!((pair.t.mean - difference).abs() < 1e-6, "{pair:?}");
            assert!((pair.bootstrap.low..=pair.bootstrap.high).contains(&pair.t.mean));
            assert_eq!(pair.sign.wins + pair.sign.losses + pair.sign.ties, users);
            assert!(pair.corrected >= pair.t.p);
            assert_eq!(pair.is_clear, pair.corrected <= 0.05);
            let said = match pair.is_clear {
                true => format!(
                    "{} is better than {} by {}: +",
                    pair.best, pair.other, table.measure
                ),
                false => format!(
                    "{} and {} are not told apart by {users} users: ",
                    pair.best, pair.other
                ),
            };
            assert!(pair.sentence.starts_with(&said), "{}", pair.sentence);
        }
        // Random scores are worse than any others.
        assert!(table.pairs[2].is_clear);
    }
    let both = comparison.tables[0].entries.iter();
    let both: Vec<&str> = both
        .map(|entry| entry.model.as_str())
        .filter(|model| model.starts_with("popularity"))
        .collect();
    assert_eq!(both, ["popularity", "popularity (2)"]);
    let text = comparison.to_markdown();
    for wanted in [
        "# Models under mine\n\n- mine: a test\n",
        "\n## ndcg@10\n\n| model | mean | ± folds | ± seeds | fit s |\n| --- | ---: | ---: | ---: | ---: |\n| ",
        "| best against | difference | t | 95 % by bootstrap |",
        "p is corrected for 6 tests by Holm's method",
    ] {
        assert!(text.contains(wanted), "{wanted}\nis not in\n{text}");
    }
    let json = serde_json::to_string(&comparison)?;
    assert_eq!(serde_json::from_str::<Comparison>(&json)?, comparison);
    Ok(())
}

#[test]
fn models_with_equal_scores_are_not_told_apart() -> Outcome {
    let bias = Classical::new("bias", json!({}))?;
    let card = opened(BY_USER, Task::RATINGS).run(&bias, &[1], 1)?;
    let users = card.by_user("user_rmse").len();
    let comparison = compare(&[card.clone(), card])?;
    let [rmse, user_rmse] = comparison.tables.as_slice() else {
        return Err("two tables".into());
    };
    // One fold, and the error of all rows is not known by user.
    assert!(rmse.pairs.is_empty());
    let pair = &user_rmse.pairs[0];
    assert_eq!((pair.t.t, pair.t.p, pair.sign.ties), (0.0, 1.0, users));
    let said = format!(
        "bias and bias (2) are not told apart by {users} users: user_rmse +0.0000 ± 0.0000, corrected p 1.000."
    );
    assert_eq!(pair.sentence, said);
    assert!(
        comparison
            .to_markdown()
            .contains("differences are not tested")
    );
    Ok(())
}

#[test]
fn errors_are_tested_over_folds_and_the_smallest_is_the_best() -> Outcome {
    let opened = folds(Task::RATINGS)?.with(small())?;
    let bias = opened.run(&Classical::new("bias", json!({}))?, &[1], 1)?;
    let spy = opened.run(&Spy::default(), &[1], 1)?;
    let comparison = compare(&[spy, bias])?;
    let rmse = &comparison.tables[0];
    assert_eq!(
        (rmse.entries[0].model.as_str(), rmse.pairs[0].unit),
        ("bias", Unit::Folds(4))
    );
    assert!(rmse.pairs[0].t.mean < 0.0);
    assert!(
        rmse.entries
            .iter()
            .all(|entry| entry.fold_deviation.is_some())
    );
    let users = small().users.len();
    assert_eq!(comparison.tables[1].pairs[0].unit, Unit::Users(users));
    let said = &rmse.pairs[0].sentence;
    assert!(
        said.starts_with("bias is better than spy by rmse: -"),
        "{said}"
    );
    assert!(said.contains("over 4 folds, corrected p"), "{said}");
    Ok(())
}

#[test]
fn cards_of_other_protocols_or_rows_are_refused() -> Outcome {
    let bias = Classical::new("bias", json!({}))?;
    let run = |protocol: &Protocol| protocol.with(small())?.run(&bias, &[1], 1);
    let base = protocol(BY_USER, Task::RATINGS);
    let card = run(&base)?;
    assert!(matches!(compare(&[]), Err(CompareError::Few { cards: 0 })));
    assert!(matches!(
        compare(std::slice::from_ref(&card)),
        Err(CompareError::Few { cards: 1 })
    ));
    let refused = |other: Card, said: &str| {
        let error = compare(&[card.clone(), other]).expect_err(said).to_string();
        assert!(error.contains(said), "{error}");
    };
    let mut other = base.clone();
    other.name = "yours".to_string();
    other.seed = 43;
    refused(
        run(&other)?,
        "the protocol is \"mine\" of one and \"yours\" of the other",
    );
    other.name = base.name.clone();
    refused(
        run(&other)?,
        "`seed` of the protocol mine is 42 of one and 43 of the other",
    );
    let clipped = protocol(BY_USER, Task::Ratings { clip: true });
    refused(run(&clipped)?, "`task` of the protocol mine is");
    let mut changed = card.clone();
    changed.runs[0].fingerprint.hash ^= 1;
    refused(
        changed,
        "the fingerprint of the split by-user-hashed:0.7/0.1/0.2 is",
    );
    let mut changed = card.clone();
    changed.data.checksum.hash ^= 1;
    refused(changed, "the checksum of the ratings is");
    let mut changed = card.clone();
    changed.summary.clear();
    refused(changed, "the card of bias (2) has no rmse");
    Ok(())
}
