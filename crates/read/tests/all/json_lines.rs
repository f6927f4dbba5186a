//! An object on each line.

use crate::common::{gzip, named, open_in, zip};
use proptest::prelude::*;
use recburn_data::{Dataset, ItemIx, UserIx};
use recburn_read::{BadLines, OpenOptions};

fn opened(name: &str, content: &[u8]) -> Result<Dataset, String> {
    open_in(&[(name, content)], name, &OpenOptions::default())
}

const REVIEWS: &str = r#"{"reviewerID": "A1", "asin": "0001", "helpful": [2, 3], "reviewText": "\"Good\"\n", "overall": 4.5, "unixReviewTime": 1100000000}

{"asin": "0002", "overall": 3, "reviewerID": "A\u00e9", "unixReviewTime": 1100000001}
"#;

#[test]
fn keys_are_known_by_the_names_of_columns() {
    let bytes = REVIEWS.as_bytes();
    for (name, content) in [
        ("reviews.jsonl", bytes.to_vec()),
        ("reviews.json", bytes.to_vec()),
        ("reviews.ndjson", bytes.to_vec()),
        ("reviews.json.gz", gzip(bytes)),
        ("reviews.zip", zip(&[("a/reviews.json", bytes)])),
        ("whatever", [b"\xEF\xBB\xBF", bytes].concat()),
    ] {
        let dataset = opened(name, &content).unwrap_or_else(|said| panic!("{name}: {said}"));
        assert_eq!(dataset.ratings.ratings, [4.5, 3.0]);
        assert_eq!(
            dataset.ratings.timestamps,
            Some(vec![1_100_000_000, 1_100_000_001])
        );
        assert_eq!(dataset.users.id(UserIx(1)).as_deref(), Some("Aé"));
        assert_eq!(dataset.items.id(ItemIx(0)).as_deref(), Some("0001"));
        assert_eq!(
            dataset.read_as.as_deref(),
            Some(
                "user=reviewerID, item=asin, rating=overall, timestamp=unixReviewTime, lines of JSON"
            )
        );
    }
}

#[test]
fn keys_may_be_named() {
    let content = br#"{"who": 7, "what": "x", "stars": "4,5", "more": {"deep": [1]}}
{"who": 8.0, "what": true, "stars": 3, "more": null}"#;
    let files: [(&str, &[u8]); 1] = [("r.jsonl", content)];
    let dataset =
        open_in(&files, "r.jsonl", &named("user=who,item=WHAT,rating=stars")).expect("named");
    assert_eq!(dataset.ratings.ratings, [4.5, 3.0]);
    assert_eq!(dataset.users.id(UserIx(1)).as_deref(), Some("8"));
    for (columns, said) in [
        (
            "user=who,item=which",
            "r.jsonl, column which: no such column; the columns are: who, what, stars, more; this file may open with \
             --columns user=who,item=what,rating=stars",
        ),
        ("user=1,item=2", "r.jsonl, column 1: no such column"),
        (
            "user=who,item=who",
            "r.jsonl: user and item are the same column",
        ),
        (
            "user=who,item=what,rating=more",
            "line 1: expected a JSON object: 'more' is a list or an object",
        ),
    ] {
        let seen = open_in(&files, "r.jsonl", &named(columns)).expect_err(columns);
        assert!(seen.contains(said), "{seen}");
    }
}

#[test]
fn faults_are_told_by_line_with_the_way_out() {
    for (content, said) in [
        (
            "[{\"user\": 1, \"item\": 2, \"rating\": 3}]\n",
            "r.json: one JSON array; an object on each line is read: `jq -c '.[]'",
        ),
        ("[\n{\"user\": 1}\n]\n", "r.json: one JSON array"),
        (
            "{\n  \"user\": 1,\n  \"item\": 2\n}\n",
            "r.json, line 1: expected one object per line, but this one does not end",
        ),
        (
            "{'user': 1, 'item': 'x'}\n",
            "r.json, line 1: a dictionary as Python prints it, not JSON: `python3 -c",
        ),
        (
            "{\"user\": 1, \"item\": 2, \"rating\": 3}\n{\"user\": 1, \"item\": 2}\n",
            "r.json, line 2: the object has no 'rating'",
        ),
        (
            "{\"user\": 1, \"item\": 2, \"rating\": 3}\n\n{\"user\": \"\", \"item\": 2, \"rating\": 3}\n",
            "r.json, line 3, column user: the id is empty",
        ),
        (
            "{\"user\": 1, \"item\": 2, \"rating\": 3}\n{\"user\": 1, \"item\": 2, \"rating\": null}\n",
            "r.json, line 2, column rating: expected a number, found ''",
        ),
        (
            "{\"user\": 1, \"item\": 2, \"rating\": 3}\nuser\n",
            "r.json, line 2: expected a JSON object: expected value, at its letter 1",
        ),
        (
            "{\"user\": 1, \"item\": [2], \"rating\": 3}\n",
            "r.json, line 1: expected a JSON object: 'item' is a list or an object",
        ),
        (
            "{\"user\": 1, \"asin\": 2, \"parent_asin\": 2, \"rating\": 3}\n",
            "r.json: more than one column could be the item: asin, parent_asin; say which: --columns \
             user=user,item=asin,rating=rating",
        ),
        (
            "{\"who\": \"a\", \"what\": \"b\", \"stars\": 3}\n",
            "r.json: no column is recognised as the user; the columns are: who, what, stars; say which: --columns \
             user=who,item=what,rating=stars",
        ),
        ("{}\n", "r.json: no column is recognised as the user"),
    ] {
        let seen = opened("r.json", content.as_bytes()).expect_err(content);
        assert!(seen.starts_with(said), "{seen}");
    }
}

#[test]
fn bad_lines_may_be_left_out() {
    let how = OpenOptions {
        bad_lines: BadLines::Skip,
        ..OpenOptions::default()
    };
    let content = b"{\"user\": 1, \"item\": 2, \"rating\": 3}\n{\"user\": 1, \"item\n{\"user\": 2, \"item\": 2}\n{\"user\": 3, \"item\": 2, \"rating\": 1}\n";
    let dataset = open_in(&[("r.json", content)], "r.json", &how).expect("two lines are good");
    assert_eq!(dataset.ratings.ratings, [3.0, 1.0]);
    assert_eq!(dataset.users.len(), 2);
    let said = &dataset.warnings[0];
    assert!(
        said.starts_with("2 lines that cannot be read are left out: ") && said.contains("line 2: "),
        "{said}"
    );
}

#[test]
fn latin_1_is_read_and_told() {
    let content = b"{\"user\": \"Ren\xE9\", \"item\": 2, \"rating\": 3}\n{\"user\": 1, \"item\": 2, \"rating\": 4}\n";
    let dataset = opened("r.json", content).expect("Latin-1");
    assert_eq!(dataset.users.id(UserIx(0)).as_deref(), Some("René"));
    assert!(
        dataset.warnings[0].starts_with("1 line is not UTF-8 and read as Latin-1"),
        "{:?}",
        dataset.warnings
    );
}

proptest! {
    #[test]
    fn what_was_written_is_read(rows in prop::collection::vec(("\\PC{1,6}", any::<u32>(), 0..11_u32), 1..20)) {
        let rows: Vec<_> = rows.into_iter().filter(|(user, ..)| !user.trim_ascii().is_empty()).collect();
        prop_assume!(!rows.is_empty());
        let lines: Vec<String> = rows
            .iter()
            .map(|(user, item, half)| {
                serde_json::json!({"item": item, "user": user, "stars": f64::from(*half) / 2.0, "x": [user]}).to_string()
            })
            .collect();
        let dataset = opened("r.jsonl", lines.join("\n").as_bytes()).expect("good lines");
        for (row, (user, item, half)) in rows.iter().enumerate() {
            prop_assert_eq!(dataset.users.index(user.trim_ascii()), Some(dataset.ratings.users[row]));
            prop_assert_eq!(dataset.items.index(&item.to_string()), Some(dataset.ratings.items[row]));
            prop_assert_eq!(dataset.ratings.ratings[row], *half as f32 / 2.0);
        }
    }

    #[test]
    fn noise_gives_data_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..60), text in "[\\{\\}\\[\\]\":,a1 \n]{0,60}") {
        let _ = opened("r.json", &[b"{", bytes.as_slice()].concat());
        let _ = opened("r.json", format!("{{{text}").as_bytes());
    }
}
