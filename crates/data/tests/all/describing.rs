//! A data set in numbers, and its most active corner.

use crate::common::{of_rows, written};
use proptest::prelude::*;
use recburn_data::{DatasetDescription, IdOrder};

const TEXT: &str =
    "10\t1\t5\t0\n10\t2\t4\t86400\n10\t30\t4\t86401\n9\t2\t1\t-1\n9\t30\t5\t10\n8\t2\t4\t11\n";

#[test]
fn a_description_counts_everything() {
    for order in [IdOrder::FirstSight, IdOrder::Raw] {
        let description = written(TEXT, order).describe();
        assert_eq!(
            (description.users, description.items, description.ratings),
            (3, 3, 6)
        );
        let per_user = description.per_user;
        assert_eq!((per_user.count, per_user.min, per_user.max), (3, 1, 3));
        // As numpy has them for 1, 2, 3.
        assert_eq!(
            (
                per_user.lower_quartile,
                per_user.median,
                per_user.upper_quartile,
                per_user.mean
            ),
            (1.5, 2.0, 2.5, 2.0)
        );
        assert_eq!(description.time_span, Some((-1, 86_401)));
        let bars: Vec<(f32, usize)> = description
            .histogram
            .iter()
            .map(|bar| (bar.from, bar.count))
            .collect();
        assert_eq!(bars, [(1.0, 1), (4.0, 3), (5.0, 2)]);
        let users: Vec<_> = description
            .users_by_ratings
            .iter()
            .map(|bar| (bar.from, bar.to, bar.count))
            .collect();
        assert_eq!(users, [(1, 1, 1), (2, 2, 1), (3, 3, 1)]);
        let saved = serde_json::to_string(&description).expect("plain data");
        assert_eq!(
            serde_json::from_str::<DatasetDescription>(&saved).expect("what was saved"),
            description
        );
    }
    let mut dataset = written(TEXT, IdOrder::FirstSight);
    dataset.name = "made".to_string();
    let shown = dataset.describe().to_string();
    let expected = "\
made
ratings           6
users             3
items             3
density           66.67 % of all pairs
scale             1 to 5 in steps of 1, mean 3.833
ratings per user  1 to 3, quartiles 1.5 2 2.5, mean 2.0
ratings per item  1 to 3, quartiles 1.5 2 2.5, mean 2.0
time              1969-12-31 to 1970-01-02
1   16.7 %  #############
4   50.0 %  ########################################
5   33.3 %  ###########################
";
    assert_eq!(shown, expected);
}

#[test]
fn many_different_ratings_are_gathered() {
    let text: String = (0..100)
        .map(|row| format!("1\t{row}\t{}\n", f64::from(row) / 10.0))
        .collect();
    let description = written(&text, IdOrder::FirstSight).describe();
    assert_eq!(description.histogram.len(), 10);
    assert!(description.histogram.iter().all(|bar| bar.count == 10));
    assert_eq!(description.histogram[9].to, 9.9);
    assert_eq!(description.time_span, None);
    // As wide as numbers go.
    let text = (0..30)
        .map(|row| format!("1\t{row}\t{row}\n"))
        .collect::<String>()
        + "1\t98\t-3e38\n1\t99\t3e38\n";
    let counts: Vec<usize> = written(&text, IdOrder::FirstSight)
        .describe()
        .histogram
        .iter()
        .map(|bar| bar.count)
        .collect();
    assert_eq!(
        (counts.iter().sum::<usize>(), counts[0], counts[9]),
        (32, 1, 1)
    );
}

#[test]
fn a_crosstab_is_blank_where_nothing_is_rated() {
    let table = written(TEXT, IdOrder::FirstSight).crosstab(15);
    assert_eq!(table.users, ["8", "9", "10"]);
    assert_eq!(table.items, ["1", "2", "30"]);
    assert_eq!(table.ratings[1], [None, Some(1.0), Some(5.0)]);
    let expected = "\
item    1    2   30
user
8          4.0
9          1.0  5.0
10    5.0  4.0  4.0
";
    assert_eq!(table.to_string(), expected);
    let table = written(TEXT, IdOrder::Raw).crosstab(2);
    assert_eq!(
        (table.users, table.items),
        (
            vec!["9".to_string(), "10".into()],
            vec!["2".to_string(), "30".into()]
        )
    );
    let table = written(TEXT, IdOrder::Sorted).crosstab(0);
    assert_eq!(
        (table.users.len(), table.to_string().as_str()),
        (0, "item\nuser\n")
    );
    // A pair rated twice is summed, as in the notebooks.
    let table = written("1\t1\t2\n1\t1\t3\n", IdOrder::FirstSight).crosstab(5);
    assert_eq!(table.ratings, [[Some(5.0)]]);
}

#[test]
fn the_step_of_a_scale_is_what_it_is_on_paper() {
    for (ratings, scale) in [
        ("-9.95 -9.94 3.5 10", "-9.95 to 10 in steps of 0.01"),
        ("0.1 0.4 0.7 0.9", "0.1 to 0.9 in steps of 0.2"),
        ("4.3 4.25 1", "1 to 4.3 in steps of 0.05"),
        ("0.5 1 1.5 5", "0.5 to 5 in steps of 0.5"),
        ("1e-7 3e-7", "0.0000001 to 0.0000003 in steps of 0.0000002"),
        ("16777216 16777218", "16777216 to 16777218 in steps of 2"),
        ("3", "3 to 3"),
    ] {
        let rows = ratings.split(' ').enumerate();
        let text: String = rows
            .map(|(row, rating)| format!("1\t{row}\t{rating}\n"))
            .collect();
        assert_eq!(written(&text, IdOrder::FirstSight).scale.to_string(), scale);
    }
}

#[test]
fn what_is_printed_has_few_digits() {
    let rows = (0..200).map(|row| format!("{row}\t{row}\t{}\n", f64::from(row) / 10.0 - 9.95));
    let dataset = written(&rows.collect::<String>(), IdOrder::FirstSight);
    let shown = dataset.describe().to_string();
    assert!(
        shown.contains("scale             -9.95 to 9.95 in steps of 0.1,"),
        "{shown}"
    );
    assert!(shown.contains("-9.95 to -7.96  "), "{shown}");
    // As long a run of digits as the picture of any number here has.
    let longest = shown
        .split(|letter: char| !letter.is_ascii_digit())
        .map(str::len)
        .max();
    assert!(longest <= Some(4), "{shown}");
    // A sum of two is as short as its parts.
    let table = written("1\t1\t0.1\n1\t1\t0.2\n1\t1\t0.4\n", IdOrder::FirstSight).crosstab(1);
    assert_eq!(table.to_string(), "item    1\nuser\n1     0.7\n");
    // One pair of a hundred million is not none.
    let rows = (0..10_000).map(|row| format!("{row}\t{row}\t3\n"));
    let line = written(&rows.collect::<String>(), IdOrder::FirstSight).describe_line();
    assert!(line.contains(" 0.010 % of all pairs"), "{line}");
}

#[test]
fn ids_that_would_break_the_screen_are_escaped_on_it() {
    let rows = [
        ("a\nb", "x\u{1b}[2J", 3.0, None),
        ("c", "\u{202e}y", 4.0, None),
    ];
    let mut dataset = of_rows(&rows, IdOrder::FirstSight);
    let table = dataset.crosstab(5).to_string();
    let expected = "\
item  x\\u{1b}[2J  \\u{202e}y
user
a\\nb         3.0
c                       4.0
";
    assert_eq!(table, expected);
    // Whoever computes with them has them as they are.
    assert_eq!(dataset.crosstab(5).users, ["a\nb", "c"]);
    dataset.name = "two\nlines".to_string();
    assert!(dataset.describe_line().starts_with("two\\nlines: "));
    assert!(dataset.describe().to_string().starts_with("two\\nlines\n"));
}

proptest! {
    #[test]
    fn bins_hold_every_user_and_leave_no_gap(users in prop::collection::vec(1..400_usize, 1..30)) {
        let mut text = String::new();
        for (user, &count) in users.iter().enumerate() {
            (0..count).for_each(|item| text += &format!("{user}\t{item}\t3\n"));
        }
        let bars = written(&text, IdOrder::FirstSight).describe().users_by_ratings;
        for bar in &bars {
            let inside = users.iter().filter(|count| (bar.from..=bar.to).contains(count)).count();
            prop_assert_eq!(inside, bar.count);
            // Twice two bins are a doubling.
            prop_assert!(bar.to <= 2 * bar.from);
        }
        prop_assert_eq!(bars.iter().map(|bar| bar.count).sum::<usize>(), users.len());
        prop_assert!(bars.windows(2).all(|pair| pair[0].to + 1 == pair[1].from));
        prop_assert!(bars[0].count > 0 && bars[bars.len() - 1].count > 0);
    }

    #[test]
    fn sums_agree(rows in prop::collection::vec((0..20_u32, 0..20_u32, 0..60_u32), 1..120), k in 0..25_usize) {
        let text: String = rows.iter().map(|(user, item, rating)| format!("{user}\t{item}\t{rating}\n")).collect();
        let dataset = written(&text, IdOrder::FirstSight);
        let description = dataset.describe();
        let all = rows.len();
        prop_assert_eq!(description.histogram.iter().map(|bar| bar.count).sum::<usize>(), all);
        for (spread, count) in [(description.per_user, dataset.users.len()), (description.per_item, dataset.items.len())] {
            prop_assert_eq!(spread.count, count);
            prop_assert!((spread.mean * count as f64 - all as f64).abs() < 1e-9);
            let steps = [spread.min as f64, spread.lower_quartile, spread.median, spread.upper_quartile, spread.max as f64];
            prop_assert!(steps.is_sorted(), "{:?}", steps);
        }
        let table = dataset.crosstab(k);
        prop_assert_eq!((table.users.len(), table.items.len()), (k.min(dataset.users.len()), k.min(dataset.items.len())));
        for (user, row) in table.users.iter().zip(&table.ratings) {
            for (item, cell) in table.items.iter().zip(row) {
                let met = rows.iter().filter(|row| row.0.to_string() == *user && row.1.to_string() == *item);
                let sum = met.clone().map(|row| row.2 as f32).sum::<f32>();
                prop_assert_eq!(*cell, met.clone().next().map(|_| sum));
            }
        }
        let count = |id: &String| rows.iter().filter(|row| row.0.to_string() == *id).count();
        let least = table.users.iter().map(count).min();
        let others = (0..20).map(|user: u32| user.to_string()).filter(|user| !table.users.contains(user));
        prop_assert!(least.is_none_or(|least| others.map(|user| count(&user)).all(|other| other <= least)));
    }
}
