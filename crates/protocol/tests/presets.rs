//! The named protocols: their list, their words, and their data and splits.

#[path = "../../../tests/common/at_hand.rs"]
mod at_hand;
mod common;

use at_hand::at_hand;
use common::Outcome;
use recburn_protocol::{Candidates, Protocol, ProtocolError, Task, all, find};

const NAMES: [&str; 18] = [
    "ml-100k-u",
    "ml-100k-u1",
    "ml-100k-u2",
    "ml-100k-u3",
    "ml-100k-u4",
    "ml-100k-u5",
    "ml-100k-ua",
    "ml-100k-ub",
    "ml-100k-random-5-fold",
    "ml-100k-80-20",
    "ml-latest-small-80-20",
    "ml-1m-90-10",
    "ml-10m-90-10",
    "p1",
    "p1-from-4",
    "p2",
    "p1-latest-small",
    "p2-latest-small",
];

#[test]
fn every_name_is_found_and_every_protocol_is_sound() -> Outcome {
    let all = all();
    let names: Vec<&str> = all.iter().map(|protocol| protocol.name.as_str()).collect();
    assert_eq!(names, [&NAMES[..], &["loo-99"]].concat());
    for protocol in &all {
        protocol.check()?;
        assert_eq!(&find(&protocol.name)?, protocol);
        let json = serde_json::to_string(protocol)?;
        assert_eq!(
            &serde_json::from_str::<Protocol>(&json)?,
            protocol,
            "{json}"
        );
    }
    let error = find("p3").expect_err("no such protocol").to_string();
    assert!(
        error.starts_with("there is no protocol `p3`; there are ml-100k-u, "),
        "{error}"
    );
    Ok(())
}

#[test]
fn a_protocol_says_in_plain_words_what_it_is() -> Outcome {
    let said = find("p2")?.describe();
    let wanted = "\
p2: rankings, each user's last rating held out
Data: ml-100k, 100,000 ratings (checksum 0af5cdafb08e2e98).
Split: leave-last-out-hashed:1/1, seed 42 (fingerprint 100000-1e393e64e83f21bd).
415 of 943 users (44.01 %) have several ratings at their last time; which one is held out is decided by a hash of the ids.
Settings and epochs are chosen on the validation part; a model is then fitted again to both parts. The test part decides \
nothing and is scored once.
Test rows of users or items without training ratings count; warm and cold rows are also given separately.
Task: rank all items that the user has not rated in training or validation; every test row is relevant, whatever its \
rating; lists of 10 and 20; equal scores are in the order of the item rows.";
    assert_eq!(said, wanted);
    let said = find("ml-100k-u")?.describe();
    assert!(
        said.contains("Splits: given:u1.base,u1.test; given:u2.base,u2.test; "),
        "{said}"
    );
    assert!(
        said.contains("figures are means over these 5 folds"),
        "{said}"
    );
    assert!(
        said.contains("a validation part, 10 % of the training part by hash"),
        "{said}"
    );
    assert!(!said.contains("seed"), "{said}");
    let said = find("p1-from-4")?.describe();
    assert!(
        said.contains("filtered by rating>=4,users>=5 before the split"),
        "{said}"
    );
    Ok(())
}

#[test]
fn a_protocol_of_samples_says_so() -> Outcome {
    let sampled = find("loo-99")?;
    assert!(sampled.about.contains("sampled"));
    let said = sampled.describe();
    assert!(
        said.contains("the user's test items and 99 sampled items (seed 99)"),
        "{said}"
    );
    assert!(said.contains("SAMPLED: "), "{said}");
    assert!(
        said.contains("need not even put models in the same order"),
        "{said}"
    );
    for protocol in all() {
        let Task::Ranking { candidates, .. } = protocol.task else {
            continue;
        };
        let is_sampled = protocol.describe().contains("SAMPLED");
        assert_eq!(
            is_sampled,
            candidates != Candidates::Full,
            "{}",
            protocol.name
        );
    }
    Ok(())
}

#[test]
fn splits_of_the_data_at_hand_have_the_fingerprints_of_the_protocols() -> Outcome {
    let Some(folder) = at_hand("RECBURN_DATA") else {
        return Ok(());
    };
    let mut checked = 0;
    for protocol in all() {
        // These are downloaded by few.
        if ["ml-1m", "ml-10m"].contains(&protocol.data.name.as_str()) {
            continue;
        }
        let opened = protocol.open(Some(&folder))?;
        for (fold, wanted) in protocol.folds.iter().enumerate() {
            let (_, found) = opened.split(fold)?;
            assert_eq!(
                Some(found),
                wanted.fingerprint,
                "{}, {}",
                protocol.name,
                wanted.split
            );
            checked += 1;
        }
    }
    assert_eq!(checked, 25);
    Ok(())
}

#[test]
fn other_data_are_refused() -> Outcome {
    let Some(folder) = at_hand("RECBURN_DATA") else {
        return Ok(());
    };
    let mut protocol = find("p1")?;
    protocol.data.name = "ml-latest-small".to_string();
    let error = protocol.open(Some(&folder)).expect_err("another data set");
    assert!(matches!(error, ProtocolError::Other { .. }), "{error}");
    let said = error.to_string();
    assert!(
        said.contains("the checksum of ml-latest-small is 100836-71d60b3a0022a124"),
        "{said}"
    );

    let mut protocol = find("p1")?;
    protocol.seed = 43;
    let opened = protocol.open(Some(&folder))?;
    let said = opened.split(0).expect_err("another split").to_string();
    assert!(
        said.contains("the fingerprint of the split by-user-hashed:0.7/0.1/0.2 is"),
        "{said}"
    );
    Ok(())
}
