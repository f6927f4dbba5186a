//! Orders, homes and numbers.

use proptest::prelude::*;
use recburn_data::{
    Batch, DataError, Examples, Featured, Features, IdMap, IdOrder, ItemIx, Ratings, SplitKind,
    UserIx,
};
use recburn_spread::{
    AtHome, Parts, Placed, Places, Ranks, bring_home, catalogue, home_of, launched_by, number_of,
    owned_by, owner_of, row_of, threads,
};
use std::collections::BTreeSet;

/// A rating as in a file.
type Line = (String, String, f32);

pub fn lines() -> impl Strategy<Value = Vec<Line>> {
    let line = ("u[0-9]{1,2}", "[a-c][0-9]", 1u8..=5);
    prop::collection::vec(line.prop_map(|(u, i, r)| (u, i, f32::from(r))), 1..120)
}

/// What a rank has read.
fn part(lines: &[Line]) -> Result<(IdMap<UserIx>, IdMap<ItemIx>, Ratings), DataError> {
    let users: IdMap<UserIx> = IdMap::new(lines.iter().map(|l| l.0.as_str()), IdOrder::FirstSight)?;
    let items: IdMap<ItemIx> = IdMap::new(lines.iter().map(|l| l.1.as_str()), IdOrder::FirstSight)?;
    let ratings = Ratings {
        users: lines.iter().map(|l| users.index(&l.0).unwrap()).collect(),
        items: lines.iter().map(|l| items.index(&l.1).unwrap()).collect(),
        ratings: lines.iter().map(|l| l.2).collect(),
        ..Ratings::default()
    };
    Ok((users, items, ratings))
}

/// Brings lines home that each rank has a run of.
pub fn at_home(ranks: &dyn Ranks, lines: &[Line], parts: Parts) -> AtHome {
    let (rank, size) = (ranks.rank(), ranks.size());
    let own = &lines[lines.len() * rank / size..lines.len() * (rank + 1) / size];
    let (users, items, ratings) = part(own).unwrap();
    bring_home(ranks, users, items, ratings, parts, 42).unwrap()
}

/// The ratings of each step of two epochs, sorted.
fn steps(home: &AtHome) -> Vec<Vec<Line>> {
    let features = Features::default();
    let examples = Box::new(Featured::new(home.train.ratings(), &features));
    let placed = Placed::ratings(&home.train, examples, "");
    let mut feed = placed.feed(&[], 7).unwrap();
    let mut steps = Vec::new();
    for epoch in [1, 2] {
        feed.begin(5, epoch);
        let mut batch = Batch::default();
        while feed.fill(&mut batch) {
            let line = |at: usize| {
                let user = UserIx(batch.users.rows[batch.users.inverse[at] as usize]);
                let item = ItemIx(batch.items.rows[batch.items.inverse[at] as usize]);
                (
                    home.users.id(user).unwrap().into_owned(),
                    home.items.id(item).unwrap().into_owned(),
                    batch.targets[at],
                )
            };
            steps.push((0..batch.len()).map(line).collect());
        }
    }
    steps
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn the_order_of_an_epoch_is_a_permutation(count in 1u64..700, seed: u64, epoch in 0u64..9) {
        let places = Places::new(count, seed, epoch);
        let all: BTreeSet<u64> = (0..count).map(|place| places.at(place)).collect();
        prop_assert_eq!(all.len() as u64, count);
        prop_assert_eq!(all.last().copied(), Some(count - 1));
    }

    #[test]
    fn every_item_has_one_owner_and_one_row_there(items in 0usize..200, ranks in 1usize..7) {
        let mut rows = vec![0; ranks];
        for item in 0..items as u32 {
            let owner = owner_of(item, ranks);
            prop_assert_eq!(row_of(item, ranks), rows[owner]);
            prop_assert_eq!(number_of(rows[owner], owner, ranks), item);
            rows[owner] += 1;
        }
        let owned: Vec<u32> = (0..ranks).map(|rank| owned_by(rank, items, ranks) as u32).collect();
        prop_assert_eq!(rows, owned);
    }

    #[test]
    fn every_step_has_the_same_ratings_for_any_number_of_ranks(
        lines in lines(),
        parts in prop_oneof![Just(Parts::All), Just(Parts::Mask(0.7)), Just(Parts::Fraction(0.75))],
    ) {
        let mut alone = None;
        for size in 1..=5 {
            let homes = threads(size, |ranks| at_home(&ranks, &lines, parts));
            let mut of_steps: Vec<Vec<Line>> = Vec::new();
            for (rank, home) in homes.iter().enumerate() {
                prop_assert!(home.users.iter().all(|(_, id)| home_of(&id, size) == rank));
                if home.train.count() == 0 {
                    continue;
                }
                for (at, step) in steps(home).into_iter().enumerate() {
                    of_steps.resize_with(of_steps.len().max(at + 1), Vec::new);
                    of_steps[at].extend(step);
                }
            }
            for step in &mut of_steps {
                step.sort_by(|one, other| one.partial_cmp(other).unwrap());
            }
            let home = &homes[0];
            let counts = [home.train.count(), home.valid.count(), home.all_users];
            let held_out: usize = homes.iter().map(|home| home.valid.ratings().len()).sum();
            prop_assert_eq!(held_out as u64, counts[1]);
            prop_assert_eq!(counts[0] + counts[1], lines.len() as u64);
            let prints = [home.train.fingerprint(), home.valid.fingerprint()];
            let found = (of_steps, home.items.clone(), counts, prints, home.scale);
            let mean = home.mean;
            match &alone {
                None => alone = Some((found, mean)),
                Some((wanted, exact)) => {
                    prop_assert_eq!(&found, wanted, "{} ranks", size);
                    prop_assert!((mean - exact).abs() < 1e-9);
                }
            }
        }
    }

    #[test]
    fn items_have_the_same_numbers_whoever_has_seen_them(seen in prop::collection::vec("[a-z0-9 ,\"]{1,4}", 1..40)) {
        let alone: BTreeSet<&str> = seen.iter().map(String::as_str).collect();
        for size in 1..=5 {
            let maps = threads(size, |ranks| {
                let own = seen.iter().skip(ranks.rank()).step_by(size);
                catalogue(&ranks, own.map(String::as_str)).unwrap()
            });
            prop_assert_eq!(maps[0].len(), alone.len());
            prop_assert!(maps.iter().all(|map| *map == maps[0]));
        }
    }
}

#[test]
fn users_are_spread_evenly() {
    let mut users = [0; 8];
    for user in 0..8_000 {
        users[home_of(&user.to_string(), 8)] += 1;
    }
    assert!(
        users.iter().all(|&users| (880..1_120).contains(&users)),
        "{users:?}"
    );
}

#[test]
fn a_split_that_needs_all_ratings_in_one_place_is_refused() {
    let split: SplitKind = "by-user-shuffled:0.8".parse().unwrap();
    let refused = Parts::of(&split).unwrap_err().to_string();
    assert!(
        refused.contains("`by-user-shuffled:0.8` needs all ratings in one place"),
        "{refused}"
    );
    let mask: SplitKind = "mask:0.8".parse().unwrap();
    assert_eq!(Parts::of(&mask), Ok(Parts::Mask(0.8)));
}

#[test]
fn launchers_are_recognised_by_their_variables() {
    let by = |pairs: &'static [(&str, &str)]| {
        launched_by(move |name| {
            let found = pairs.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| value.to_string())
        })
        .map(|launch| (launch.variable, launch.processes))
    };
    assert_eq!(by(&[]), None);
    assert_eq!(by(&[("PMI_SIZE", "4")]), Some(("PMI_SIZE", 4)));
    assert_eq!(by(&[("SLURM_STEP_NUM_TASKS", "no")]), None);
    let both = &[("SLURM_STEP_NUM_TASKS", "1"), ("OMPI_COMM_WORLD_SIZE", "2")];
    assert_eq!(by(both), Some(("OMPI_COMM_WORLD_SIZE", 2)));
}
