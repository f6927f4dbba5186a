//! The catalogue has the names that data sets open by, and what it says of them is so.

use crate::at_hand::at_hand;
use recburn_fetch::{Checksum, catalogue, find};
use recburn_read::{NamedSet, OpenOptions};

#[test]
fn the_catalogue_is_that_of_the_published_names() {
    let published = NamedSet::ALL.iter().filter(|set| set.published);
    let named: Vec<_> = published.map(|set| (set.name, set.folder)).collect();
    let listed: Vec<_> = catalogue()
        .iter()
        .map(|entry| (entry.name, entry.folder))
        .collect();
    assert_eq!(listed, named);
}

/// `RECBURN_DATA` names the folder of their folders; those that are not there are passed over, and said to be.
#[test]
fn the_sets_at_hand_have_the_counts_of_the_catalogue() {
    let Some(folder) = at_hand("RECBURN_DATA") else {
        return;
    };
    let (there, absent): (Vec<_>, Vec<_>) = catalogue()
        .iter()
        .partition(|entry| folder.join(entry.folder).is_dir());
    for entry in absent {
        println!("RECBURN_DATA has no {}", entry.folder);
    }
    assert!(
        !there.is_empty(),
        "{} has none of the published sets",
        folder.display()
    );
    for entry in there {
        let how = OpenOptions {
            data_dir: Some(folder.clone()),
            ..OpenOptions::default()
        };
        let dataset = how.open(entry.name).expect("the published files");
        let counts = [
            dataset.users.len(),
            dataset.items.len(),
            dataset.ratings.len(),
        ];
        let expected = [entry.users, entry.items, entry.ratings];
        assert_eq!(counts.map(|count| count as u64), expected, "{}", entry.name);
    }
}

#[test]
fn the_catalogue_is_in_order() {
    let mut last = 0;
    for entry in catalogue() {
        assert_eq!(find(entry.name).expect("its own name"), entry);
        let url = "https://files.grouplens.org/datasets/movielens/".to_string() + entry.name;
        assert_eq!(entry.url, url + ".zip");
        assert!(last <= entry.ratings, "{}", entry.name);
        last = entry.ratings;
        if let Checksum::Md5(sum) = entry.checksum {
            let hex = |letter: u8| letter.is_ascii_digit() || (b'a'..=b'f').contains(&letter);
            assert!(sum.len() == 32 && sum.bytes().all(hex), "{}", entry.name);
        }
        assert!(entry.by_hand("datasets").contains(entry.url));
    }
    let error = find("ml-1").expect_err("no such set");
    assert!(
        error
            .to_string()
            .contains("ml-100k, ml-latest-small, ml-1m"),
        "{error}"
    );
}
