//! Ids go to indices and back in every order.

use std::collections::BTreeSet;

use proptest::prelude::*;
use recburn_data::{IdMap, IdOrder, UserIx};

fn texts() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec("[a-zA-Z0-9 é-ü]{1,12}", 1..200)
}

fn numbers() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec((0..5_000_u32).prop_map(|id| id.to_string()), 1..200)
}

/// Everything that must hold whatever the order.
fn check(ids: &[String], order: IdOrder) -> Result<IdMap<UserIx>, TestCaseError> {
    let map = IdMap::<UserIx>::new(ids.iter().map(String::as_str), order).expect("good ids");
    let distinct: BTreeSet<&String> = ids.iter().collect();
    prop_assert_eq!(map.len(), distinct.len());
    prop_assert_eq!(map.order(), order);
    for id in ids {
        let index = map.index(id).expect("an id of the map");
        prop_assert!(index.index() < map.rows());
        let raw = map.id(index);
        prop_assert_eq!(raw.as_deref(), Some(id.as_str()));
    }
    prop_assert_eq!(map.iter().count(), map.len());
    for (index, id) in map.iter() {
        prop_assert_eq!(map.index(&id), Some(index));
    }
    prop_assert_eq!(map.index("never seen!"), None);
    prop_assert_eq!(map.id(UserIx(map.rows() as u32)), None);

    let saved = serde_json::to_string(&map).expect("a map is plain data");
    let loaded: IdMap<UserIx> = serde_json::from_str(&saved).expect("what was saved");
    prop_assert_eq!(&loaded, &map);
    Ok(map)
}

proptest! {
    #[test]
    fn first_sight_counts_up(ids in texts()) {
        let map = check(&ids, IdOrder::FirstSight)?;
        let mut next = 0;
        for id in &ids {
            let index = map.index(id).expect("an id of the map");
            prop_assert!(index.0 <= next);
            next = next.max(index.0 + 1);
        }
    }

    #[test]
    fn sorted_texts_ascend(ids in texts()) {
        let mut ids = ids;
        ids.push("x".to_string());
        let map = check(&ids, IdOrder::Sorted)?;
        let in_order: Vec<String> = map.iter().map(|(_, id)| id.into_owned()).collect();
        prop_assert!(in_order.is_sorted());
    }

    #[test]
    fn sorted_numbers_ascend_by_size(ids in numbers()) {
        let map = check(&ids, IdOrder::Sorted)?;
        let in_order: Vec<u32> = map.iter().map(|(_, id)| id.parse().expect("a number")).collect();
        prop_assert!(in_order.is_sorted());
    }

    #[test]
    fn raw_numbers_are_their_own_indices(ids in numbers()) {
        let map = check(&ids, IdOrder::Raw)?;
        let largest: u32 = ids.iter().map(|id| id.parse().expect("a number")).max().expect("an id");
        prop_assert_eq!(map.rows(), largest as usize + 1);
        for id in &ids {
            prop_assert_eq!(map.index(id).map(|index| index.0.to_string()), Some(id.clone()));
        }
    }
}

#[test]
fn numbers_too_long_for_a_machine_word_are_sorted_too() {
    let ids = [
        "100000000000000000000000000000000",
        "99999999999999999999999999999999",
        "7",
        "07",
    ];
    let map = IdMap::<UserIx>::new(ids, IdOrder::Sorted).expect("good ids");
    let in_order: Vec<String> = map.iter().map(|(_, id)| id.into_owned()).collect();
    assert_eq!(in_order, ["07", "7", ids[1], ids[0]]);
}

#[test]
fn raw_order_keeps_no_row_for_whoever_is_not_there() {
    let map = IdMap::<UserIx>::new(["3", "0", "5"], IdOrder::Raw).expect("good ids");
    assert_eq!((map.rows(), map.len()), (6, 3));
    assert_eq!((map.index("4"), map.id(UserIx(4))), (None, None));
    assert!(IdMap::<UserIx>::new(["three"], IdOrder::Raw).is_err());
}

#[test]
fn orders_are_words() {
    for order in [IdOrder::FirstSight, IdOrder::Sorted, IdOrder::Raw] {
        assert_eq!(
            order.to_string().parse::<IdOrder>().expect("its own word"),
            order
        );
        assert_eq!(
            serde_json::to_string(&order).expect("a word"),
            format!("\"{order}\"")
        );
    }
    assert_eq!(
        "first-sight".parse::<IdOrder>().expect("a word"),
        IdOrder::FirstSight
    );
    let message = "random"
        .parse::<IdOrder>()
        .expect_err("no such order")
        .to_string();
    assert_eq!(
        message,
        "unknown order of ids 'random': expected first_sight, sorted or raw"
    );
}

#[test]
fn a_list_with_an_id_twice_is_no_map() {
    let twice = r#"{"order":"first_sight","ids":["a","b","a"]}"#;
    let message = serde_json::from_str::<IdMap<UserIx>>(twice)
        .expect_err("twice")
        .to_string();
    assert!(message.contains("an id is listed twice"), "{message}");
}
