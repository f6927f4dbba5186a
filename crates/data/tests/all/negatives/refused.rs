//! Users who are left out, and examples that cannot be made.

use crate::common::ratings;
use recburn_data::{DataError, Examples, Implicit, Input, ItemIx, Negatives, NextItem, Ratings};

#[test]
fn a_user_who_knows_every_item_is_left_out_and_counted() {
    let train = ratings(&[(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (2, 2)]);
    let examples = Implicit::new(&train, Negatives::uniform(1)).expect("good positives");
    assert_eq!((examples.left_out(), examples.queries()), (3, 3));
    let all = Implicit::new(&train, Negatives::uniform(1))
        .expect("good positives")
        .with_known_negatives();
    assert_eq!((all.left_out(), all.queries()), (0, 6));
    assert!(all.feed(&[], 6).is_ok());
    let more =
        Implicit::with(&train, Negatives::uniform(1), &[], [ItemIx(7)]).expect("good positives");
    assert_eq!(more.left_out(), 0);
    assert_eq!(more.schema().items(), 8);
    let histories = NextItem::new(&train, Negatives::uniform(1)).expect("good ratings");
    // One has a single item, and one every item.
    assert_eq!(histories.left_out(), 2);
    assert_eq!(histories.with_known_negatives().left_out(), 1);
}

#[test]
fn what_cannot_be_made_is_refused_in_words() {
    let train = ratings(&[(0, 0), (0, 1), (1, 2)]);
    let said = |examples: &dyn Examples, wanted: &[Input]| {
        let refused = examples.feed(wanted, 4).map(|_| ());
        refused.expect_err("cannot be made").to_string()
    };
    let shared = Implicit::new(&train, Negatives::IN_BATCH).expect("good positives");
    assert_eq!(
        said(&shared.with_targets(), &[]),
        "targets of 1 and 0 need separate negatives per positive, such as uniform:4, not in-batch"
    );
    let small = Implicit::new(&train, Negatives::uniform(1)).expect("good positives");
    assert!(said(&small, &[Input::items(2)]).contains("beyond the table's 2 rows"));
    let more =
        Implicit::with(&train, Negatives::uniform(1), &[], [ItemIx(8)]).expect("good positives");
    assert_eq!(
        said(&more, &[Input::items(5)]),
        "the input `item` has ids below 9, but the model's tables have only 5 rows"
    );
    let next = NextItem::new(&train, Negatives::uniform(1)).expect("good ratings");
    assert_eq!(
        said(&next, &[]),
        "these examples are histories, but the model does not read the sequence `recent`"
    );
    for (word, error) in [
        (
            "uniform:0",
            "at least one negative is needed for each positive",
        ),
        (
            "popular^-1:4",
            "the exponent of a popularity is finite and not below 0, not -1",
        ),
        (
            "random:4",
            "unknown way to take negatives 'random:4': expected uniform:4, popular:4, popular^0.75:4, shared-uniform:100, \
             shared-popular:100, in-batch or catalogue",
        ),
    ] {
        assert_eq!(
            word.parse::<Negatives>().expect_err(word).to_string(),
            error
        );
    }
    let empty = Ratings::default();
    let none = Implicit::new(&empty, Negatives::uniform(1)).expect("columns of one length");
    assert!(matches!(none.serves(&[]), Err(DataError::NoRatings)));
}
