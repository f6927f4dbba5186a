//! What stands behind a list: how many ratings were trained on, and which items were left out for want of them.

#![allow(clippy::unwrap_used)]

use burn::tensor::Device;
use recburn_data::{Centre, Dataset, IdMap, IdOrder, Index, ItemIx, Ratings, UserIx};
use recburn_graph::{Graph, Sym, dot};
use recburn_nn::{Network, Weight, Weights};
use recburn_recommender::{
    ListOptions, Recommender, RecommenderError, Role, Rows, Seen, SimilarOptions,
};
use serde_json::Value;
use std::collections::BTreeMap;

fn ids<Ix: Index>(names: &[String]) -> IdMap<Ix> {
    IdMap::new(names.iter().map(String::as_str), IdOrder::FirstSight).unwrap()
}

fn names(of: &str, count: usize) -> Vec<String> {
    (0..count).map(|at| format!("{of}{at}")).collect()
}

fn ratings(rows: &[(u32, u32, f32)]) -> Ratings {
    Ratings {
        users: rows.iter().map(|row| UserIx(row.0)).collect(),
        items: rows.iter().map(|row| ItemIx(row.1)).collect(),
        ratings: rows.iter().map(|row| row.2).collect(),
        ..Ratings::default()
    }
}

/// Users with the factor 1 and items with their own row as factor, so that a later item is always better.
fn recommender(
    users: usize,
    items: usize,
    train: &[(u32, u32, f32)],
    valid: &[(u32, u32, f32)],
) -> Recommender {
    let all = [train, valid].concat();
    let dataset = Dataset::new(
        "made",
        ids(&names("u", users)),
        ids(&names("i", items)),
        ratings(&all),
    )
    .unwrap();
    let score = dot(
        "score",
        &Sym::user(users).embed("user_factors", 1),
        &Sym::item(items).embed("item_factors", 1),
    );
    let graph = Graph::new("rows", &score).unwrap();
    let column = |values: Vec<f32>| Weight {
        shape: vec![values.len(), 1],
        values,
    };
    let weights = BTreeMap::from([
        ("user_factors.weight".to_string(), column(vec![1.0; users])),
        (
            "item_factors.weight".to_string(),
            column((0..items).map(|item| item as f32).collect()),
        ),
    ]);
    let model = Weights(weights)
        .load_into(Network::new(graph, 0, &Device::flex()))
        .unwrap();
    let (train, valid) = (ratings(train), ratings(valid));
    let parts = [
        Rows::new(Role::Train, &train),
        Rows::new(Role::Valid, &valid),
    ];
    let seen = Seen::of(&dataset, &parts);
    Recommender::new(model, &dataset, seen, Centre::none(), Value::Null).unwrap()
}

/// Item `i` is rated by this many users of the first ones; nobody of these is user 9.
fn rated(counts: &[u32]) -> Vec<(u32, u32, f32)> {
    let rows = (0..).zip(counts);
    rows.flat_map(|(item, &count)| {
        (0..count).map(move |user| (user, item, 1.0 + (item % 5) as f32))
    })
    .collect()
}

fn items(recommender: &Recommender, user: &str, options: &ListOptions) -> Vec<String> {
    let list = recommender.list(user, options).unwrap();
    list.items.into_iter().map(|line| line.item).collect()
}

#[test]
fn items_with_few_training_ratings_are_left_out_and_counted_and_can_be_asked_for() {
    // 8 ratings an item on average, so that 5 are asked for.
    let recommender = recommender(10, 5, &rated(&[9, 9, 4, 9, 9]), &[(1, 2, 1.0), (2, 2, 1.0)]);
    assert_eq!(recommender.min_ratings(), 5);
    let list = recommender.list("u9", &ListOptions::default()).unwrap();
    let seen: Vec<_> = list
        .items
        .iter()
        .map(|line| (line.item.as_str(), line.ratings))
        .collect();
    // Two more ratings that were held out taught the model nothing of item 2.
    assert_eq!(seen, [("i4", 9), ("i3", 9), ("i1", 9), ("i0", 9)]);
    assert_eq!(
        (list.min_ratings, list.left_out, list.user_ratings),
        (5, 1, 0)
    );
    assert_eq!(
        recommender.recommend("u9", 2).unwrap(),
        list.items[..2].to_vec()
    );
    let asked = |least| ListOptions {
        min_ratings: Some(least),
        ..ListOptions::default()
    };
    assert_eq!(
        items(&recommender, "u9", &asked(0)),
        ["i4", "i3", "i2", "i1", "i0"]
    );
    assert_eq!(items(&recommender, "u9", &asked(4)).len(), 5);
    assert_eq!(items(&recommender, "u9", &asked(10)).len(), 0);
}

#[test]
fn where_items_have_few_ratings_all_of_them_the_default_asks_for_fewer_but_not_for_none() {
    let recommender =
        |counts: &[u32]| recommender(10, counts.len(), &rated(counts), &[(9, 0, 1.0)]);
    assert_eq!(recommender(&[2, 2, 3, 1]).min_ratings(), 2);
    assert_eq!(recommender(&[1, 1, 1, 0]).min_ratings(), 1);
    // An item that was never trained on does not count for the mean, and is left out.
    assert_eq!(recommender(&[3, 3, 0, 0]).min_ratings(), 3);
    assert_eq!(recommender(&[9, 9, 9, 9]).min_ratings(), 5);
    let list = recommender(&[1, 1, 1, 0])
        .list("u8", &ListOptions::default())
        .unwrap();
    assert_eq!((list.items.len(), list.left_out), (3, 1));
}

#[test]
fn a_rating_is_also_told_within_the_scale_and_the_order_is_that_of_the_model() {
    let recommender = recommender(10, 8, &rated(&[9; 8]), &[]);
    let list = recommender.list("u9", &ListOptions::default()).unwrap();
    // The scale is 1 to 5.
    let seen: Vec<_> = list
        .items
        .iter()
        .map(|line| (line.rating, line.clipped))
        .collect();
    assert_eq!(
        seen,
        [
            (7.0, 5.0),
            (6.0, 5.0),
            (5.0, 5.0),
            (4.0, 4.0),
            (3.0, 3.0),
            (2.0, 2.0),
            (1.0, 1.0),
            (0.0, 1.0)
        ]
    );
}

#[test]
fn a_user_with_held_out_rows_alone_is_known_and_has_no_training_rating() {
    let recommender = recommender(10, 2, &rated(&[6, 6]), &[(9, 0, 2.0)]);
    let list = recommender.list("u9", &ListOptions::default()).unwrap();
    assert_eq!(list.user_ratings, 0);
    // What was held out is seen all the same.
    assert_eq!(list.items.len(), 1);
    let pair = recommender.predict("u9", "i1").unwrap();
    assert_eq!((pair.user_ratings, pair.item_ratings), (0, 6));
    assert_eq!(recommender.predict("u0", "i1").unwrap().user_ratings, 2);
}

#[test]
fn the_lists_of_all_users_are_their_lists_one_by_one_in_the_order_of_rows() {
    let recommender = recommender(
        300,
        12,
        &rated(&[9, 7, 280, 9, 1, 9, 30, 6, 8, 9, 0, 120]),
        &[],
    );
    let options = ListOptions {
        count: 4,
        ..ListOptions::default()
    };
    let mut all = Vec::new();
    let done = recommender.lists(&options, |list| {
        all.push(list);
        Ok::<(), RecommenderError>(())
    });
    done.unwrap();
    let alone = |at: usize| recommender.list(&format!("u{at}"), &options).unwrap();
    assert_eq!(all, (0..300).map(alone).collect::<Vec<_>>());
    // They end where somebody wants it.
    let mut seen = 0;
    let ended = recommender.lists(&options, |_| {
        seen += 1;
        match seen {
            3 => Err(RecommenderError::OtherProfile),
            _ => Ok(()),
        }
    });
    assert!(matches!(ended, Err(RecommenderError::OtherProfile)));
    assert_eq!(seen, 3);
}

#[test]
fn similar_items_are_those_that_something_was_learnt_of() {
    let recommender = recommender(10, 6, &rated(&[9, 9, 2, 9, 9, 9]), &[]);
    let list = recommender
        .similar_list("i2", &SimilarOptions::default())
        .unwrap();
    assert_eq!(
        (list.table.as_str(), list.item_ratings),
        ("item_factors", 2)
    );
    // The item itself is not missing from its own list.
    assert_eq!(
        (list.min_ratings, list.left_out, list.items.len()),
        (5, 0, 5)
    );
    let list = recommender
        .similar_list("i1", &SimilarOptions::default())
        .unwrap();
    assert_eq!((list.left_out, list.items.len()), (1, 4));
    let all = SimilarOptions {
        min_ratings: Some(0),
        ..SimilarOptions::default()
    };
    let list = recommender.similar_list("i1", &all).unwrap();
    // All but the first point the same way; of equal ones the lower row comes first.
    let seen: Vec<_> = list
        .items
        .iter()
        .map(|line| (line.item.as_str(), line.cosine))
        .collect();
    assert_eq!(
        seen,
        [
            ("i2", 1.0),
            ("i3", 1.0),
            ("i4", 1.0),
            ("i5", 1.0),
            ("i0", 0.0)
        ]
    );
    assert_eq!(list.items[0].ratings, 2);
}

#[test]
fn a_table_of_users_is_called_that_where_one_of_items_is_needed() {
    let recommender = recommender(10, 3, &rated(&[9; 3]), &[]);
    let error = recommender
        .similar("i1", 3, Some("user_factors"))
        .unwrap_err();
    assert!(matches!(error, RecommenderError::UserTable { .. }));
    assert_eq!(
        error.to_string(),
        "`user_factors` is a table of users; of items there are item_factors"
    );
    let error = recommender.similar("i1", 3, Some("score")).unwrap_err();
    assert!(matches!(error, RecommenderError::UnknownTable { .. }));
}

#[test]
fn an_unknown_id_is_answered_with_the_spelling_that_is_known() {
    let data = ["1.0", "007", "Ann", " x "].map(str::to_string);
    let dataset = Dataset::new("odd", ids(&data), ids(&data), ratings(&[(0, 0, 1.0)])).unwrap();
    let score = dot(
        "score",
        &Sym::user(4).embed("u", 1),
        &Sym::item(4).embed("i", 1),
    );
    let model = Network::new(Graph::new("odd", &score).unwrap(), 0, &Device::flex());
    let seen = Seen::all_trained(&dataset);
    let recommender = Recommender::new(model, &dataset, seen, Centre::none(), Value::Null).unwrap();
    for (asked, known) in [
        ("1", "`1.0`"),
        ("7", "`007`"),
        ("ann", "`Ann`"),
        ("x", "` x `"),
    ] {
        let said = recommender.recommend(asked, 1).unwrap_err().to_string();
        assert!(said.ends_with(&format!("; it has {known}")), "{said}");
    }
    // What would break the line is escaped.
    let said = recommender.recommend("a\nb", 1).unwrap_err().to_string();
    assert!(said.contains("`a\\nb`") && !said.contains('\n'), "{said}");
}

#[test]
fn one_recommender_serves_several_threads_with_the_same_answers() {
    fn shared<T: Send + Sync>(_: &T) {}
    let recommender = recommender(40, 12, &rated(&[30; 12]), &[]);
    shared(&recommender);
    let answers = |recommender: &Recommender| -> Vec<_> {
        let users = (0..40).map(|user| format!("u{user}"));
        let lists = users.map(|user| recommender.recommend(&user, 3).unwrap());
        lists.collect()
    };
    let alone = answers(&recommender);
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..2)
            .map(|_| scope.spawn(|| answers(&recommender)))
            .collect();
        for thread in threads {
            assert_eq!(thread.join().unwrap(), alone);
        }
    });
}
