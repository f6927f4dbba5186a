//! A filter leaves what a file without the other rows would have held.

use crate::common::{orders, written};
use proptest::prelude::*;
use recburn_data::{Dataset, Filter, FilterStep, IdOrder, Item, Repeats, Synthetic};

fn text(rows: &[(u32, u32, u32)]) -> String {
    rows.iter()
        .map(|(user, item, rating)| format!("{user}\t{item}\t{rating}\t{}\n", user + item))
        .collect()
}

fn opened(rows: &[(u32, u32, u32)], order: IdOrder) -> Dataset {
    written(&text(rows), order)
}

/// By the book: rows as tuples, and counts by looking at all of them.
fn by_hand(rows: &[(u32, u32, u32)], filter: &Filter) -> (Vec<(u32, u32, u32)>, Vec<usize>) {
    let (mut rows, mut taken) = (rows.to_vec(), Vec::new());
    loop {
        let at_start = rows.len();
        for step in &filter.steps {
            let seen = rows.clone();
            let mut place = 0..;
            rows.retain(|row| match step {
                FilterStep::Repeats(policy) => {
                    let place = place.next().expect("a place");
                    let others = match policy {
                        Repeats::First => &seen[..place],
                        Repeats::Last => &seen[place + 1..],
                        _ => &[],
                    };
                    others
                        .iter()
                        .all(|other| (other.0, other.1) != (row.0, row.1))
                }
                FilterStep::Users(least) => {
                    seen.iter().filter(|other| other.0 == row.0).count() >= *least
                }
                FilterStep::Items(least) => {
                    seen.iter().filter(|other| other.1 == row.1).count() >= *least
                }
                FilterStep::Rating(least) => row.2 as f32 >= *least,
            });
            taken.push(seen.len() - rows.len());
        }
        if !filter.repeat || rows.len() == at_start {
            return (rows, taken);
        }
    }
}

fn filters() -> impl Strategy<Value = Filter> {
    let step = prop_oneof![
        (0..5_usize).prop_map(FilterStep::Users),
        (0..5_usize).prop_map(FilterStep::Items),
        (0..5_u32).prop_map(|least| FilterStep::Rating(least as f32 + 0.5)),
        prop::sample::select(vec![Repeats::Keep, Repeats::First, Repeats::Last])
            .prop_map(FilterStep::Repeats),
    ];
    (prop::collection::vec(step, 1..4), any::<bool>())
        .prop_map(|(steps, repeat)| Filter { steps, repeat })
}

proptest! {
    #[test]
    fn filtering_is_opening_a_smaller_file(
        rows in prop::collection::vec((0..10_u32, 0..15_u32, 1..6_u32), 1..80), filter in filters(), order in orders(),
    ) {
        let dataset = opened(&rows, order);
        let (kept, taken) = by_hand(&rows, &filter);
        if kept.is_empty() {
            let said = filter.apply(&dataset).expect_err("nothing left").to_string();
            prop_assert_eq!(said, format!("the filter '{filter}' leaves none of {} ratings", rows.len()));
            return Ok(());
        }
        let (filtered, report) = filter.apply(&dataset).expect("something left");
        let smaller = opened(&kept, order);
        prop_assert_eq!(&filtered.ratings, &smaller.ratings);
        prop_assert_eq!((&filtered.users, &filtered.items), (&smaller.users, &smaller.items));
        prop_assert_eq!((filtered.scale, filtered.duplicates), (smaller.scale, smaller.duplicates));
        prop_assert_eq!((report.before, report.after), (rows.len(), kept.len()));
        prop_assert_eq!(report.taken.iter().map(|taken| taken.rows).collect::<Vec<_>>(), taken);
    }

    #[test]
    fn words_come_back(filter in filters()) {
        prop_assert_eq!(filter.to_string().parse::<Filter>().expect("its own words"), filter.clone());
        let saved = serde_json::to_string(&filter).expect("plain data");
        prop_assert_eq!(&saved, &format!("\"{filter}\""));
        prop_assert_eq!(serde_json::from_str::<Filter>(&saved).expect("what was saved"), filter);
    }
}

#[test]
fn a_core_is_stable_and_its_rounds_are_told() {
    // The second user falls below two when their first item goes, and the second item with them.
    let rows = [
        (1, 1, 5),
        (1, 2, 5),
        (2, 2, 5),
        (2, 3, 5),
        (1, 4, 5),
        (3, 1, 5),
        (3, 4, 5),
    ];
    let once: Filter = "users>=2,items>=2".parse().expect("good");
    let (_, report) = once
        .apply(&opened(&rows, IdOrder::FirstSight))
        .expect("some left");
    assert_eq!(
        report.to_string(),
        "users>=2: 0 ratings left out\nitems>=2: 1 ratings left out\n6 of 7 ratings kept"
    );
    let core: Filter = "users>=2,items>=2,repeat".parse().expect("good");
    let (dataset, report) = core
        .apply(&opened(&rows, IdOrder::FirstSight))
        .expect("some left");
    assert_eq!(
        report.taken.last().map(|taken| (taken.round, taken.rows)),
        Some((3, 0))
    );
    assert!(
        report
            .to_string()
            .contains("users>=2 (round 2): 1 ratings left out"),
        "{report}"
    );
    assert_eq!(
        (
            dataset.users.len(),
            dataset.items.len(),
            dataset.ratings.len()
        ),
        (2, 2, 4)
    );
}

#[test]
fn titles_truth_and_noise_floor_stay_with_their_rows() {
    let mut dataset = Synthetic::of(40, 30, 500)
        .dataset(IdOrder::FirstSight)
        .expect("a shape");
    let title = |id: &str| {
        Some(Item {
            title: format!("title of {id}"),
            genres: Vec::new(),
        })
    };
    dataset.catalogue = dataset.items.iter().map(|(_, id)| title(&id)).collect();
    let filter: Filter = "rating>=3.5,items>=8".parse().expect("good");
    let (kept, _) = filter.apply(&dataset).expect("some left");
    assert!(kept.synthetic && kept.ratings.ratings.iter().all(|&rating| rating >= 3.5));
    assert!(kept.items.len() < dataset.items.len());
    for (index, id) in kept.items.iter() {
        assert_eq!(kept.catalogue[index.index()], title(&id));
    }
    let rows: Vec<u32> = (0..kept.ratings.len() as u32).collect();
    assert_eq!(kept.noise_floor, kept.noise_floor_of(&rows));
    assert!(kept.noise_floor.is_some());
}

#[test]
fn what_is_no_filter_is_refused() {
    for word in [
        "",
        "users",
        "users>=x",
        "users>=-1",
        "stars>=4",
        "rating>=NaN",
        "rating>=inf",
        "repeat",
        "users>=5,",
        "repeat,users>=5",
    ] {
        let error = word.parse::<Filter>().expect_err(word);
        assert!(error.to_string().contains("expected users>=5"), "{error}");
    }
    // The object that older files have, and a filter that leaves everything.
    let stored = r#"{"steps":[{"users":5},{"rating":3.5}],"repeat":true}"#;
    let old: Filter = serde_json::from_str(stored).expect(stored);
    assert_eq!(old.to_string(), "users>=5,rating>=3.5,repeat");
    let nothing = serde_json::to_string(&Filter::default()).expect("plain data");
    assert_eq!(
        serde_json::from_str::<Filter>(&nothing).expect("none"),
        Filter::default()
    );
    let spaced: Filter = " users >= 5 , repeat ".parse().expect("spaces do no harm");
    assert_eq!(spaced.to_string(), "users>=5,repeat");
}
