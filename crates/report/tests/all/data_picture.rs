//! What stands in the picture of a data set.

use crate::common::{seen, texts};
use proptest::prelude::*;
use recburn_data::{Dataset, DatasetDescription, IdMap, IdOrder, Index, ItemIx, Ratings, UserIx};
use recburn_report::{Picture, ReportError, data_picture};

/// Bars of a picture; its paper is one more.
fn bars(picture: &Picture) -> usize {
    picture.svg().matches("<rect").count() - 1
}

fn filled(data: &DatasetDescription) -> usize {
    let counts = data.users_by_ratings.iter().chain(&data.items_by_ratings);
    let ratings = data.histogram.iter().map(|bar| bar.count);
    let all = ratings.chain(counts.map(|bar| bar.count));
    all.filter(|&count| count > 0).count()
}

#[test]
fn the_sample_is_shown_in_bars_words_and_medians() -> Result<(), Box<dyn std::error::Error>> {
    let data = Dataset::sample(IdOrder::FirstSight).describe();
    let picture = data_picture(&data)?;
    let (wide, tall, inked) = seen(&picture, 1.0);
    assert_eq!((wide, tall), (1_260, 360));
    assert!(inked > 50_000, "{inked}");
    assert_eq!(bars(&picture), filled(&data));
    let texts = texts(&picture);
    for words in [
        "sample (synthetic)",
        "100,000 ratings, mean 3.55, 1.69 % of all pairs",
        "ratings per user",
        "610 users, half of them with 40 to 163, at most 1,877",
        "median 75.5",
        "ratings per item",
        "ratings of one item",
        "18 %",
        "10,000",
    ] {
        assert!(texts.contains(&words.to_string()), "{words} of {texts:?}");
    }
    Ok(())
}

/// Ratings of these pairs, all as high as their row says.
fn made(rows: &[(u32, u32, f32)], name: &str) -> DatasetDescription {
    fn ids<Ix: Index>(ids: Vec<u32>) -> IdMap<Ix> {
        let texts: Vec<String> = ids.iter().map(u32::to_string).collect();
        IdMap::new(texts.iter().map(String::as_str), IdOrder::Raw).expect("numbers")
    }
    let users = ids(rows.iter().map(|row| row.0).collect());
    let items = ids(rows.iter().map(|row| row.1).collect());
    let ratings = Ratings {
        users: rows.iter().map(|row| UserIx(row.0)).collect(),
        items: rows.iter().map(|row| ItemIx(row.1)).collect(),
        ratings: rows.iter().map(|row| row.2).collect(),
        ..Ratings::default()
    };
    Dataset::new(name, users, items, ratings)
        .expect("indices of the maps")
        .describe()
}

#[test]
fn one_rating_and_millions_are_drawn() -> Result<(), ReportError> {
    let mut data = made(&[(1, 1, 3.0)], "one <&>");
    let picture = data_picture(&data)?;
    assert_eq!(bars(&picture), 3);
    assert!(picture.svg().contains("one &lt;&amp;&gt;"));
    assert!(texts(&picture).contains(&"100 %".to_string()));
    data.histogram[0].count = 5_000_000;
    let picture = data_picture(&data)?;
    for words in ["ratings, in thousands", "5,000"] {
        assert!(texts(&picture).contains(&words.to_string()), "{words}");
    }
    Ok(())
}

#[test]
fn a_description_of_nothing_is_drawn_without_bars() -> Result<(), ReportError> {
    let mut data = made(&[(1, 1, 3.0)], "none");
    data.histogram.clear();
    data.users_by_ratings.clear();
    data.items_by_ratings.clear();
    assert_eq!(bars(&data_picture(&data)?), 0);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn any_ratings_can_be_drawn(
        rows in prop::collection::vec((0..50_u32, 0..90_u32, prop_oneof![any::<f32>(), (0..11_i8).prop_map(|half| f32::from(half) / 2.0)]), 1..300),
        name in ".{0,60}",
    ) {
        let mut rows = rows;
        rows.retain(|row| row.2.is_finite());
        prop_assume!(!rows.is_empty());
        let data = made(&rows, &name);
        let picture = data_picture(&data)?;
        prop_assert!(!picture.svg().contains("NaN"));
        prop_assert_eq!(bars(&picture), filled(&data));
    }
}
