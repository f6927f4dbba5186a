//! Any table of lines opens once somebody has said which column is what.

use crate::common::{named, open_in};
use proptest::prelude::*;
use recburn_data::{Dataset, ItemIx, UserIx};
use recburn_read::{ColumnName, Columns, Delimiter};

fn opened(content: &[u8], columns: &str) -> Result<Dataset, String> {
    open_in(&[("table.txt", content)], "table.txt", &named(columns))
}

#[test]
fn columns_are_found_by_name_and_by_place_whatever_parts_them() {
    for sign in ["\t", ",", ";", "|", "::", " "] {
        let line = |fields: [&str; 4]| fields.join(sign) + "\n";
        let rows = line(["7", "4.5", "a", "12"]) + &line(["8", "3", "b", "13"]);
        let named = line(["who", "stars", "what", "when"]) + &rows;
        for (content, columns) in [
            (&named, "user=WHO,item=what,rating=stars,timestamp=when"),
            (&rows, "user=1,item=3,rating=2,timestamp=4"),
            (&named, "user=1,item=3,rating=2,timestamp=4,header=yes"),
            (&named, "user=who,item=3,rating=stars,timestamp=4"),
        ] {
            let dataset = opened(content.as_bytes(), columns)
                .unwrap_or_else(|said| panic!("'{sign}' {columns}: {said}"));
            assert_eq!(dataset.users.id(UserIx(1)).as_deref(), Some("8"));
            assert_eq!(dataset.items.id(ItemIx(0)).as_deref(), Some("a"));
            assert_eq!(dataset.ratings.ratings, [4.5, 3.0]);
            assert_eq!(dataset.ratings.timestamps, Some(vec![12, 13]));
        }
    }
}

#[test]
fn without_a_rating_every_row_is_one() {
    let dataset = opened(b"anna,tea\nbert,milk\n", "user=1,item=2").expect("two columns");
    assert_eq!(dataset.ratings.ratings, [1.0, 1.0]);
    assert_eq!(dataset.ratings.timestamps, None);
}

#[test]
fn a_delimiter_that_stands_in_a_field_is_not_taken_for_one() {
    // Pipes would make four fields, too, but no rating of the third.
    let dataset = opened(
        b"1,2,4,Action|Comedy|Drama|War\n3,4,5,War\n",
        "user=1,item=2,rating=3",
    );
    assert_eq!(dataset.expect("commas").ratings.ratings, [4.0, 5.0]);
    let dataset = opened(b"\"a b\";\"x;y\";3\n", "user=1,item=2,rating=3").expect("quotes hold");
    assert_eq!(dataset.items.id(ItemIx(0)).as_deref(), Some("x;y"));
    // Where tabs part, a quote is a letter.
    let dataset = opened(b"1\t\"x\t3\n2\ty\"\t4\n", "user=1,item=2,rating=3").expect("two rows");
    assert_eq!(dataset.ratings.len(), 2);
}

#[test]
fn faults_name_file_line_and_column() {
    for (content, columns, said) in [
        (
            "who;what\nanna;tea\n",
            "user=who,item=which",
            "table.txt, line 1, column which: no such column; the columns are: who, what; this file may \
             open with --columns user=who,item=what",
        ),
        (
            "1,2\n",
            "user=1,item=3",
            "table.txt, line 1, column 3: no such column; the columns are: 1, 2; this file may open \
             with --columns user=1,item=2",
        ),
        (
            "nothing\n",
            "user=1,item=2",
            "table.txt, line 1: expected fields separated by tabs, '::', semicolons, commas, pipes or spaces, found 'nothing'",
        ),
        (
            "1,2\n",
            "user=1,item=2,delimiter=tab",
            "table.txt, line 1: expected fields separated by tabs, found '1,2'",
        ),
        (
            "1,2,3\n1,2,x\n",
            "user=1,item=2,rating=3",
            "table.txt, line 2, column 3: expected a number, found 'x'",
        ),
        (
            "who,what,stars\n1,2,x\n",
            "user=who,item=what,rating=stars",
            "table.txt, line 2, column stars: expected a number, found 'x'",
        ),
        (
            "who,what\n1,2\n1\n",
            "user=who,item=what",
            "table.txt, line 3: expected 2 fields, found 1",
        ),
        (
            "who,what\n",
            "user=who,item=what",
            "table.txt: no ratings below the header",
        ),
        ("", "user=1,item=2", "table.txt: the file is empty"),
        (
            "a::b\na::\n",
            "user=1,item=2",
            "table.txt, line 2, column 2: the id is empty",
        ),
    ] {
        assert_eq!(
            opened(content.as_bytes(), columns).expect_err(columns),
            said
        );
    }
}

#[test]
fn columns_are_words() {
    let columns: Columns =
        " user = userId ,item=movieId,rating=stars,timestamp=4,delimiter=::,header=yes"
            .parse()
            .expect("good");
    assert_eq!(columns.user, ColumnName::Name("userId".to_string()));
    assert_eq!(columns.timestamp, Some(ColumnName::Number(4)));
    assert_eq!(
        (columns.delimiter, columns.header),
        (Some(Delimiter::Colons), Some(true))
    );
    for word in [
        "",
        "user",
        "user=1",
        "item=2",
        "user=,item=2",
        "user=1,user=2,item=3",
        "user=1,item=2,colour=3",
        "user=1,item=2,header=perhaps",
        "user=1,item=2,delimiter=x",
        "user=who,item=2,header=no",
        "user=1,item=2,",
    ] {
        let error = word.parse::<Columns>().expect_err(word);
        assert!(error.to_string().contains("expected "), "{error}");
    }
    let saved = serde_json::to_string(&columns).expect("plain text");
    assert_eq!(
        saved,
        r#""user=userId,item=movieId,rating=stars,timestamp=4,delimiter=colons,header=yes""#
    );
    assert_eq!(
        serde_json::from_str::<Columns>(&saved).expect("what was saved"),
        columns
    );
    assert!(serde_json::from_str::<Columns>("\"x\"").is_err());
}

fn names() -> impl Strategy<Value = ColumnName> {
    prop_oneof![
        "[a-z][a-zA-Z0-9_]{0,6}".prop_map(ColumnName::Name),
        (1..9_usize).prop_map(ColumnName::Number)
    ]
}

#[test]
fn parentheses_in_names_are_closed() {
    let columns: Columns = "item=b,user=a (x, y),price:bag(()"
        .parse()
        .expect("columns");
    assert_eq!(columns.user, ColumnName::Name("a (x, y)".to_string()));
    let again: Columns = columns.to_string().parse().expect("its own words");
    assert_eq!(columns, again);
    for open in [
        "item=a),user=b(",
        "user=b(,item=a",
        "user=a,item=b,p:id=c(,header=yes",
    ] {
        assert!(open.parse::<Columns>().is_err(), "{open}");
    }
}

proptest! {
    #[test]
    fn words_come_back(
        user in names(), item in names(), rating in prop::option::of(names()), timestamp in prop::option::of(names()),
        place in prop::option::of(0..6_usize),
    ) {
        let signs = [Delimiter::Tab, Delimiter::Comma, Delimiter::Semicolon, Delimiter::Pipe, Delimiter::Colons, Delimiter::Space];
        let columns = Columns { user, item, rating, timestamp, others: Vec::new(), delimiter: place.map(|place| signs[place]), header: None, encoding: None };
        prop_assert_eq!(columns.to_string().parse::<Columns>().expect("its own words"), columns);
    }

    #[test]
    fn what_was_written_is_read(
        rows in prop::collection::vec((0..50_u32, 0..50_u32, 0..11_u32, any::<i32>()), 1..40),
        place in 0..6_usize, header in any::<bool>(),
    ) {
        let sign = ["\t", ",", ";", "|", "::", " "][place];
        let mut text = if header { ["a", "b", "c", "d"].join(sign) + "\n" } else { String::new() };
        for (user, item, half, time) in &rows {
            let rating = f64::from(*half) / 2.0;
            text += &format!("{time}{sign}{item}{sign}{rating}{sign}{user}\n");
        }
        let columns = if header { "user=d,item=b,rating=c,timestamp=a" } else { "user=4,item=2,rating=3,timestamp=1" };
        let dataset = opened(text.as_bytes(), columns).expect("a good table");
        prop_assert_eq!(dataset.ratings.len(), rows.len());
        for (row, (user, item, half, time)) in rows.iter().enumerate() {
            let ratings = &dataset.ratings;
            let (user, item) = (user.to_string(), item.to_string());
            prop_assert_eq!(dataset.users.index(&user), Some(ratings.users[row]));
            prop_assert_eq!(dataset.items.index(&item), Some(ratings.items[row]));
            prop_assert_eq!(ratings.ratings[row], *half as f32 / 2.0);
            prop_assert_eq!(ratings.timestamps.as_ref().map(|times| times[row]), Some(i64::from(*time)));
        }
    }

    #[test]
    fn noise_gives_data_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..120), text in "[a1,;:|\t\n \"]{0,60}", header in any::<bool>()) {
        let columns = if header { "user=a,item=1" } else { "user=1,item=2,rating=3" };
        let _ = opened(&bytes, columns);
        let _ = opened(text.as_bytes(), columns);
    }
}
