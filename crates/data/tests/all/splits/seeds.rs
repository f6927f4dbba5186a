//! What seeds draw.

use super::dataset;
use recburn_data::{RowOrder, SplitKind};

#[test]
fn seeds_differ() {
    let pairs: Vec<(u32, u32)> = (0..500).map(|row| (row % 10, row)).collect();
    let dataset = dataset(&pairs);
    let train = 0.5;
    for kind in [
        SplitKind::Fraction { train },
        SplitKind::Mask { train },
        SplitKind::ByUser {
            train,
            order: RowOrder::Shuffled,
        },
        SplitKind::KFold { folds: 2, fold: 0 },
    ] {
        let rows = |seed| dataset.split(&kind, seed).expect("a good kind").train_rows;
        assert_ne!(rows(1), rows(2), "{kind}");
    }
    let kind = SplitKind::ByUser {
        train,
        order: RowOrder::File,
    };
    assert_eq!(
        dataset.split(&kind, 1).expect("good"),
        dataset.split(&kind, 2).expect("good")
    );
}

#[test]
fn a_mask_trains_on_about_its_share() {
    let pairs: Vec<(u32, u32)> = (0..20_000).map(|row| (row % 10, row % 900)).collect();
    let split = dataset(&pairs)
        .split(&SplitKind::Mask { train: 0.8 }, 3)
        .expect("a share");
    // Five standard deviations of 57 rows.
    assert!(
        split.train.len().abs_diff(16_000) < 285,
        "{}",
        split.train.len()
    );
}

#[test]
fn the_same_seed_gives_the_same_rows_in_every_version() {
    let pairs: Vec<(u32, u32)> = (0..10).map(|row| (0, row)).collect();
    let split = dataset(&pairs)
        .split(&SplitKind::Fraction { train: 0.5 }, 42)
        .expect("a share");
    assert_eq!(split.train_rows, [0, 1, 3, 6, 8]);
}
