//! Tables without ratings.

use crate::common::{named, open_in};
use recburn_read::OpenOptions;

#[test]
fn pairs_need_no_ratings() {
    let pairs = OpenOptions {
        pairs: true,
        ..OpenOptions::default()
    };
    let files: [(&str, &[u8]); 2] = [
        ("pairs.csv", b"userId,movieId\n1,25\n2,25\n"),
        ("ratings.csv", b"userId,movieId,rating\n1,25,4\n"),
    ];
    let dataset = open_in(&files, "pairs.csv", &pairs).expect("pairs");
    assert!(dataset.unrated);
    assert_eq!(dataset.ratings.ratings, [1.0, 1.0]);
    let dataset = open_in(&files, "ratings.csv", &pairs).expect("ratings");
    assert!(!dataset.unrated);
    assert_eq!(dataset.ratings.ratings, [4.0]);
    let dataset = open_in(&files, "pairs.csv", &named("user=1,item=2,header=yes")).expect("named");
    assert!(dataset.unrated);
}
