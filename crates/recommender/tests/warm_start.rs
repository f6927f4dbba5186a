//! A saved model's weights go on under the ids of grown data.

#![allow(clippy::unwrap_used)]

use burn::tensor::Device;
use proptest::prelude::*;
use recburn_data::{Centre, Dataset, IdMap, IdOrder, Index, Ratings, SplitKind};
use recburn_graph::{Activation, Graph, Sym, concat, dot};
use recburn_nn::{Network, Weights};
use recburn_recommender::{Recommender, RecommenderError, Seen};
use serde_json::Value;
use std::borrow::Cow;

fn dataset(rows: &[(&str, &str, f32)], order: IdOrder) -> Dataset {
    let users = IdMap::new(rows.iter().map(|row| row.0), order).unwrap();
    let items = IdMap::new(rows.iter().map(|row| row.1), order).unwrap();
    let ratings = Ratings {
        users: rows.iter().map(|row| users.index(row.0).unwrap()).collect(),
        items: rows.iter().map(|row| items.index(row.1).unwrap()).collect(),
        ratings: rows.iter().map(|row| row.2).collect(),
        ..Ratings::default()
    };
    Dataset::new("books", users, items, ratings).unwrap()
}

fn factors(data: &Dataset, width: usize) -> [Sym; 2] {
    [
        Sym::user(data.users.rows()).embed("readers", width),
        Sym::item(data.items.rows()).embed("books", width),
    ]
}

fn product(data: &Dataset, width: usize, seed: u64) -> Network {
    let [users, items] = factors(data, width);
    let graph = Graph::new("product", &dot("score", &users, &items)).unwrap();
    Network::new(graph, seed, &Device::flex())
}

fn tower(data: &Dataset, seed: u64) -> Network {
    let [users, items] = factors(data, 3);
    let both = concat("both", [&users, &items]);
    let hidden = both.dense("hidden", 4, Activation::Relu);
    let score = hidden.dense("score", 1, Activation::Linear);
    Network::new(Graph::new("tower", &score).unwrap(), seed, &Device::flex())
}

fn saved(data: &Dataset, network: Network) -> Recommender {
    let seen = Seen::all_trained(data);
    Recommender::new(network, data, seen, Centre::none(), Value::Null).unwrap()
}

const OLD: [(&str, &str, f32); 4] = [
    ("7", "30", 4.0),
    ("9", "10", 2.0),
    ("8", "20", 5.0),
    ("7", "10", 3.0),
];
/// Of which the new ids come first: no known id keeps its row.
const GROWN: [(&str, &str, f32); 7] = [
    ("5", "15", 1.0),
    ("9", "10", 2.0),
    ("8", "20", 5.0),
    ("7", "30", 4.0),
    ("7", "10", 3.0),
    ("5", "20", 2.0),
    ("9", "30", 4.0),
];

fn row<'a>(weights: &'a Weights, table: &str, row: u32) -> &'a [f32] {
    let weight = &weights.0[table];
    let width = weight.shape[1];
    &weight.values[row as usize * width..][..width]
}

#[test]
fn known_ids_keep_their_weights_and_new_ones_start_afresh() {
    for order in [IdOrder::FirstSight, IdOrder::Sorted, IdOrder::Raw] {
        let (old, grown) = (dataset(&OLD, order), dataset(&GROWN, order));
        let model = saved(&old, tower(&old, 1));
        let fresh = Weights::of(&tower(&grown, 2));
        let warm = model.warm_start(tower(&grown, 2), &grown).unwrap();
        let (warm, before) = (Weights::of(&warm), Weights::of(model.model()));
        fn rows<Ix: Index>(grown: &IdMap<Ix>, old: &IdMap<Ix>) -> Vec<(String, u32, Option<u32>)> {
            let row = |(to, id): (Ix, Cow<'_, str>)| {
                let from = old.index(&id).map(Index::row);
                (id.into_owned(), to.row(), from)
            };
            grown.iter().map(row).collect()
        }
        for (table, new, ids) in [
            ("readers.weight", "5", rows(&grown.users, &old.users)),
            ("books.weight", "15", rows(&grown.items, &old.items)),
        ] {
            assert_eq!(ids.len(), 4);
            for (id, to, from) in ids {
                let expected = match from {
                    Some(from) => row(&before, table, from),
                    None => {
                        assert_eq!(id, new);
                        row(&fresh, table, to)
                    }
                };
                assert_eq!(row(&warm, table, to), expected, "{table} {id} {order}");
            }
        }
        for layer in ["hidden.weight", "hidden.bias", "score.weight", "score.bias"] {
            assert_eq!(warm.0[layer], before.0[layer], "{layer}");
        }
        assert_ne!(warm.0["hidden.weight"], fresh.0["hidden.weight"]);
    }
}

#[test]
fn a_warm_start_predicts_as_the_saved_model_did() {
    let old = dataset(&OLD, IdOrder::FirstSight);
    let grown = dataset(&GROWN, IdOrder::FirstSight);
    let before = saved(&old, tower(&old, 1));
    let warm = before.warm_start(tower(&grown, 2), &grown).unwrap();
    let after = saved(&grown, warm);
    for (user, item, _) in OLD {
        let rating = |model: &Recommender| model.predict(user, item).unwrap().rating;
        assert_eq!(rating(&before), rating(&after), "{user} {item}");
    }
}

#[test]
fn another_graph_is_refused_by_what_differs() {
    let data = dataset(&OLD, IdOrder::FirstSight);
    let model = saved(&data, product(&data, 2, 1));
    let refused = |network| {
        let error = model.warm_start(network, &data).unwrap_err();
        assert!(matches!(error, RecommenderError::OtherGraph { .. }));
        error.to_string()
    };
    let wider = refused(product(&data, 3, 1));
    for said in [
        "`readers` width is 2 in the saved model, but 3 here",
        "`books` width is 2 in the saved model, but 3 here",
    ] {
        assert!(wider.contains(said), "{wider}");
    }
    let other = refused(tower(&data, 1));
    for said in [
        "the graph is product in the saved model, but tower here",
        "`hidden` is missing in the saved model, but Dense 4 relu here",
    ] {
        assert!(other.contains(said), "{other}");
    }
    let grown = dataset(&GROWN, IdOrder::FirstSight);
    let error = model.warm_start(product(&data, 2, 1), &grown).unwrap_err();
    assert!(
        matches!(error, RecommenderError::Rows { what: "user", .. }),
        "{error}"
    );
}

#[test]
fn pairs_that_were_trained_on_are_known_by_their_ids() {
    let old = dataset(&OLD, IdOrder::FirstSight);
    let split = old.split(&SplitKind::Fraction { train: 0.75 }, 3).unwrap();
    let held_out = split.valid_rows[0] as usize;
    let seen = Seen::of_split(&old, &split);
    let network = product(&old, 2, 1);
    let model = Recommender::new(network, &old, seen, Centre::none(), Value::Null).unwrap();
    let trained = model.trained_on(&dataset(&GROWN, IdOrder::Sorted));
    for ((user, item, _), trained) in GROWN.iter().zip(trained) {
        let place = OLD.iter().position(|row| (row.0, row.1) == (*user, *item));
        assert_eq!(trained, place.is_some_and(|row| row != held_out));
    }
}

proptest! {
    #[test]
    fn whatever_ids_there_are(
        old in prop::collection::vec((0..20_u32, 0..20_u32), 1..30),
        grown in prop::collection::vec((0..25_u32, 0..25_u32), 1..30),
    ) {
        let texts = |rows: &[(u32, u32)]| -> Vec<(String, String)> {
            rows.iter().map(|(user, item)| (user.to_string(), item.to_string())).collect()
        };
        let (old, grown) = (texts(&old), texts(&grown));
        let data = |rows: &[(String, String)]| {
            let rows: Vec<_> = rows.iter().map(|row| (&*row.0, &*row.1, 1.0)).collect();
            dataset(&rows, IdOrder::FirstSight)
        };
        let (old, grown) = (data(&old), data(&grown));
        let model = saved(&old, product(&old, 2, 1));
        let fresh = Weights::of(&product(&grown, 2, 2));
        let warm = Weights::of(&model.warm_start(product(&grown, 2, 2), &grown).unwrap());
        let before = Weights::of(model.model());
        for (to, id) in grown.items.iter() {
            let expected = match old.items.index(&id) {
                Some(from) => row(&before, "books.weight", from.0),
                None => row(&fresh, "books.weight", to.0),
            };
            prop_assert_eq!(row(&warm, "books.weight", to.0), expected);
        }
    }
}
