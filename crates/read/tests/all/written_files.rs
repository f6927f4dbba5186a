//! Files written by `recburn-data` hold what was written: splits and synthetic ratings come back from them.

use crate::common;
use crate::common::{in_order, named, orders};
use proptest::prelude::*;
use recburn_data::{
    DataError, IdMap, IdOrder, ItemIx, Ratings, Scale, Split, SplitKind, Synthetic, UserIx,
};
use recburn_read::OpenOptions;

/// Ids and ratings as they stand in the data, row by row.
fn told(
    ratings: &Ratings,
    users: &IdMap<UserIx>,
    items: &IdMap<ItemIx>,
) -> Vec<(String, String, f32)> {
    (0..ratings.len())
        .map(|row| {
            let user = users.id(ratings.users[row]).expect("its own row");
            let item = items.id(ratings.items[row]).expect("its own row");
            (user.into_owned(), item.into_owned(), ratings.ratings[row])
        })
        .collect()
}

fn shapes() -> impl Strategy<Value = Synthetic> {
    let scales = prop_oneof![
        Just((0.5, 5.0, 0.5)),
        Just((1.0, 5.0, 1.0)),
        Just((0.0, 1.0, 0.1)),
        Just((-10.0, 10.0, 0.25)),
    ];
    let sizes = (1..40_usize, 1..60_usize, 0.0..=1.0_f64);
    (sizes, 1..5_u32, scales, any::<u64>()).prop_map(|(sizes, spread, scale, seed)| {
        let (users, items, filled) = sizes;
        let (least, most) = (users.max(items), users * items);
        let (min, max, step) = scale;
        Synthetic {
            item_ids_up_to: items as u32 * spread,
            scale: Scale { min, max, step },
            seed,
            ..Synthetic::of(
                users,
                items,
                least + (filled * (most - least) as f64) as usize,
            )
        }
    })
}

proptest! {
    // Each file is made durable, which takes a while.
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_was_saved_is_read(
        rows in prop::collection::vec((0..9_u32, 0..9_u32, any::<f32>(), any::<i64>()), 2..60),
        order in orders(), odd in any::<bool>(), train in 0.1..0.9_f64, seed in any::<u64>(),
    ) {
        // Ids that need quotes are texts, which raw order has none of.
        let odd = odd && order != IdOrder::Raw;
        let mut text = "user;item;rating;timestamp\n".to_string();
        for (user, item, rating, time) in &rows {
            let rating = if rating.is_finite() { *rating } else { 3.5 };
            text += &match odd {
                true => format!("\"u,\"\" {user}\";é{item};{rating:?};{time}\n"),
                false => format!("{user};{item};{rating:?};{time}\n"),
            };
        }
        let columns = "user=user,item=item,rating=rating,timestamp=timestamp";
        let how = OpenOptions { order, ..named(columns) };
        let dataset = common::open_in(&[("t", text.as_bytes())], "t", &how).expect("a good file");
        let kind = SplitKind::Fraction { train };
        let split: Split = match dataset.split(&kind, seed) {
            Err(DataError::EmptyPart { .. }) => return Ok(()),
            split => split.expect("a share"),
        };
        let folder = tempfile::tempdir().expect("a temporary folder");
        let [train, valid] = dataset.save_split(&split, folder.path()).expect("a free place");

        let (by_ids, again) = in_order(order).open_pair(&train, &valid).expect("its own files");
        for (part, saved) in [(&again.train, &split.train), (&again.valid, &split.valid)] {
            prop_assert_eq!(
                told(part, &by_ids.users, &by_ids.items),
                told(saved, &dataset.users, &dataset.items)
            );
            prop_assert_eq!(&part.timestamps, &saved.timestamps);
        }
        let how = OpenOptions {
            order: IdOrder::Raw,
            ..named("user=user_row,item=item_row,rating=rating,timestamp=timestamp")
        };
        let (_, again) = how.open_pair(&train, &valid).expect("its own files");
        prop_assert_eq!((again.train, again.valid), (split.train, split.valid));
    }

    #[test]
    fn synthetic_ratings_are_the_same_held_and_read(shape in shapes(), raw in any::<bool>()) {
        let order = if raw { IdOrder::Raw } else { IdOrder::FirstSight };
        let made = shape.dataset(order).expect("a good shape");
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("new/ratings.csv");
        shape.write_csv(&path).expect("a free place");
        let read = in_order(order).open(&path.to_string_lossy()).expect("a good file");
        prop_assert_eq!(&read.ratings, &made.ratings);
        prop_assert_eq!((&read.users, &read.items), (&made.users, &made.items));
        prop_assert_eq!((read.scale, read.duplicates), (made.scale, 0));
    }
}
