//! The splits of published comparisons on MovieLens, bit for bit.

use crate::at_hand::at_hand;
use crate::movielens::read;
use recburn_data::{Dataset, Filter, Ratings, SplitKind, TiedLast, id_number, row_key};
use sha2::{Digest, Sha256};

const SEED: u64 = 42;

/// The parts as the lines of a file each, sorted by user, time, key and item.
fn written(dataset: &Dataset, part: &Ratings, decimals: usize) -> String {
    let times = part.timestamps.as_deref().expect("times");
    let mut rows: Vec<_> = (0..part.len())
        .map(|row| {
            let user = id_number(&dataset.users.id(part.users[row]).expect("an id"));
            let item = id_number(&dataset.items.id(part.items[row]).expect("an id"));
            let key = row_key(SEED, user, item);
            (user, times[row], key, item, part.ratings[row])
        })
        .collect();
    rows.sort_by_key(|row| (row.0, row.1, row.2, row.3));
    let lines = rows
        .iter()
        .map(|(user, time, _, item, rating)| format!("{user},{item},{rating:.decimals$},{time}\n"));
    "user,item,rating,timestamp\n".to_string() + &lines.collect::<String>()
}

/// Compares the split with its published numbers of rows and checksum, and with the fingerprint of this crate.
fn check(
    dataset: &Dataset,
    word: &str,
    decimals: usize,
    rows: [usize; 3],
    checksum: &str,
    print: &str,
) {
    let kind: SplitKind = word.parse().expect("a split");
    let split = dataset.split(&kind, SEED).expect("three parts");
    assert_eq!(
        [&split.train, &split.valid, &split.test].map(Ratings::len),
        rows
    );
    let mut hash = Sha256::new();
    for part in [&split.train, &split.valid, &split.test] {
        hash.update(written(dataset, part, decimals));
    }
    let found: String = hash
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert_eq!(found, checksum, "{word}");
    let found = split
        .fingerprint(&dataset.users, &dataset.items)
        .to_string();
    assert_eq!(found, print, "{word}");
}

#[test]
fn splits_of_movielens_100k_are_the_published_ones() {
    let Some(folder) = at_hand("RECBURN_DATA") else {
        return;
    };
    let dataset = read(&folder.join("ml-100k/u.data"));
    check(
        &dataset,
        "by-user-hashed:0.7/0.1/0.2",
        0,
        [69_963, 10_037, 20_000],
        "620757d2f404697519bd41e66833bd4c8621f58fec576a93491bc10effb89536",
        "100000-5e0c23eda446239b",
    );
    check(
        &dataset,
        "leave-last-out-hashed:1/1",
        0,
        [98_114, 943, 943],
        "c0fe9f4950efe9dc4f38d9696958017e25020f74f4d4dcba2390e9a998f1328a",
        "100000-1e393e64e83f21bd",
    );
    assert_eq!(
        dataset.ratings.tied_last(),
        TiedLast {
            tied: 415,
            users: 943
        }
    );
    let filter: Filter = "rating>=4,users>=5".parse().expect("a filter");
    let (positives, _) = filter.apply(&dataset).expect("many ratings");
    assert_eq!((positives.users.len(), positives.items.len()), (938, 1447));
    check(
        &positives,
        "by-user-hashed:0.7/0.1/0.2",
        0,
        [38_701, 5_585, 11_075],
        "33de9ed5f5ea25859d5846a94fe83faa5d65792e05362760adfba11141ff8918",
        "55361-74c8df294b0c2bc0",
    );
}

#[test]
fn splits_of_movielens_latest_small_are_the_published_ones() {
    let Some(folder) = at_hand("RECBURN_DATA") else {
        return;
    };
    let dataset = read(&folder.join("ml-latest-small/ratings.csv"));
    check(
        &dataset,
        "leave-last-out-hashed:1/1",
        1,
        [99_616, 610, 610],
        "24044ceda17737310f28b2ebb5ff08927f09c343dd324fc1f46dc0eb4be7b306",
        "100836-aa545dcc80413a97",
    );
    check(
        &dataset,
        "by-user-hashed:0.7/0.1/0.2",
        1,
        [70_550, 10_122, 20_164],
        "3ea17a1a4371e251065eed9b5206ccc47272368e055ff366ef45eacc6165c9f4",
        "100836-c3c4ceebe949eef5",
    );
    assert_eq!(
        dataset.ratings.tied_last().to_string(),
        "94 of 610 users (15.41 %) have several ratings at their last time"
    );
}
