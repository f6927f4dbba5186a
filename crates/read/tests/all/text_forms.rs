//! How text may be written: quotes, blanks, decimal commas, letters.

use crate::common::{gzip, named, open_in};
use proptest::prelude::*;
use recburn_data::{Dataset, IdOrder, ItemIx, UserIx};
use recburn_read::OpenOptions;

fn opened(content: &[u8], columns: &str) -> Result<Dataset, String> {
    open_in(&[("table.txt", content)], "table.txt", &named(columns))
}

fn plainly(name: &str, content: &[u8]) -> Result<Dataset, String> {
    open_in(&[(name, content)], name, &OpenOptions::default())
}

fn ids(dataset: &Dataset) -> Vec<String> {
    let users = (0..dataset.users.len() as u32).filter_map(|user| dataset.users.id(UserIx(user)));
    let items = (0..dataset.items.len() as u32).filter_map(|item| dataset.items.id(ItemIx(item)));
    users.chain(items).map(|id| id.into_owned()).collect()
}

#[test]
fn quotes_around_fields_are_no_part_of_them() {
    for sign in ["\t", ",", ";", "|", "::", " "] {
        let rows = format!(
            "\"u 1\"{sign}\"i{sign}2\"{sign}\"4.5\"\n\"u 2\"{sign}\"the \"\"i\"\"\"{sign}\"3\"\n"
        );
        let expected = vec![
            "u 1".to_string(),
            "u 2".into(),
            format!("i{sign}2"),
            "the \"i\"".into(),
        ];
        let header = format!("\"user_id\"{sign}\"item_id\"{sign}\"rating\"\n{rows}");
        for (content, columns) in [
            (&rows, "user=1,item=2,rating=3"),
            (&header, "user=user_id,item=item_id,rating=rating"),
            (&header, "user=1,item=2,rating=3,header=yes"),
            (&header, "user=1,item=2,rating=3"),
        ] {
            let dataset = opened(content.as_bytes(), columns)
                .unwrap_or_else(|said| panic!("{content}{said}"));
            assert_eq!(ids(&dataset), expected, "{content}");
            assert_eq!(dataset.ratings.ratings, [4.5, 3.0], "{content}");
        }
        for content in [&rows, &header] {
            let dataset = plainly("r.txt", content.as_bytes())
                .unwrap_or_else(|said| panic!("{content}{said}"));
            assert_eq!(ids(&dataset), expected, "{content}");
        }
    }
    for (name, sign) in [("u.data", "\t"), ("ratings.dat", "::")] {
        let content = format!("\"a\"{sign}\"b\"{sign}\"3\"{sign}\"4\"\n");
        assert_eq!(
            ids(&plainly(name, content.as_bytes()).expect(name)),
            ["a", "b"]
        );
    }
    // A blank ahead of a quote is none of the id's.
    let dataset =
        opened(b"1, \"a, b\", 3\n2, \"c\", 4\n", "user=1,item=2,rating=3").expect("blanks");
    assert_eq!(ids(&dataset), ["1", "2", "a, b", "c"]);
}

#[test]
fn a_quote_that_nothing_answers_is_a_letter_where_lines_are_lines() {
    for sign in ["\t", "::", " "] {
        let content = format!("1{sign}\"x{sign}3\n2{sign}y\"{sign}4\n");
        let dataset = opened(content.as_bytes(), "user=1,item=2,rating=3").expect("two rows");
        assert_eq!(ids(&dataset), ["1", "2", "\"x", "y\""]);
    }
}

#[test]
fn columns_may_be_set_with_blanks() {
    let content = b"     1     15     3\n     1     23   2.5\n\n    22      1 \t 4.5  \n   \n";
    let dataset = opened(content, "user=1,item=2,rating=3").expect("runs of blanks");
    assert_eq!(dataset.ratings.ratings, [3.0, 2.5, 4.5]);
    assert_eq!(ids(&dataset), ["1", "22", "15", "23", "1"]);
    let header = [b"  user      item  rating\n", content.as_slice()].concat();
    let dataset = opened(&header, "user=user,item=item,rating=rating").expect("names, too");
    assert_eq!(dataset.ratings.ratings, [3.0, 2.5, 4.5]);
    assert_eq!(
        opened(b" 1  2  3\n 1  2\n", "user=1,item=2,rating=3").expect_err("a field lacks"),
        "table.txt, line 2: expected 3 fields, found 2"
    );
}

#[test]
fn a_comma_is_a_decimal_point_where_it_is_no_delimiter() {
    for sign in [";", "\t", "|", "::", " "] {
        let rows = ["1", "25", "4,5"].join(sign)
            + "\n"
            + &["2", "14", "-3,0"].join(sign)
            + "\n"
            + &["2", "16", "3"].join(sign)
            + "\n";
        let header = ["user", "item", "rating"].join(sign) + "\n" + &rows;
        for (content, columns) in [
            (&rows, "user=1,item=2,rating=3"),
            (&header, "user=user,item=item,rating=rating"),
        ] {
            let dataset = opened(content.as_bytes(), columns)
                .unwrap_or_else(|said| panic!("{content}{said}"));
            assert_eq!(dataset.ratings.ratings, [4.5, -3.0, 3.0], "{content}");
        }
        assert_eq!(
            plainly("r.csv", header.as_bytes())
                .expect(&header)
                .ratings
                .ratings,
            [4.5, -3.0, 3.0]
        );
    }
    assert_eq!(
        opened(b"1,25,\"4,5\"\n", "user=1,item=2,rating=3").expect_err("commas everywhere"),
        "table.txt, line 1, column 3: '4,5' has a decimal comma, and commas separate the fields of this file: write 4.5 \
         for 4,5, or use semicolons or tabs"
    );
    let said = plainly("r.csv", b"userId,movieId,rating\n1,25,3\n1,25,4,5\n")
        .expect_err("a field too many");
    assert!(
        said.starts_with(
            "r.csv, line 3: expected 3 fields, found 4; a comma that is a decimal comma (4,5)"
        ),
        "{said}"
    );
    for rating in ["1.234,5", "4,5,6", ",", "x,5"] {
        let said = opened(
            format!("1;24;3\n1;25;{rating}\n").as_bytes(),
            "user=1,item=2,rating=3",
        )
        .expect_err(rating);
        assert!(
            said.ends_with(&format!("expected a number, found '{rating}'")),
            "{said}"
        );
    }
}

#[test]
fn an_id_that_is_not_utf_8_is_latin_1() {
    let header = b"\"User-ID\";\"ISBN\";\"Book-Rating\"\n";
    let content = [
        header.as_slice(),
        b"\"1\";\"caf\xE9\";\"5\"\n\"2\";\"caf\xE9\";\"0\"\n\"2\";\"\x93x\x94\";\"7\"\n",
    ]
    .concat();
    for (name, bytes) in [("r.csv", content.clone()), ("r.csv.gz", gzip(&content))] {
        let dataset = plainly(name, &bytes).expect("a book or two in Latin-1");
        assert_eq!(ids(&dataset), ["1", "2", "café", "“x”"]);
        assert_eq!(
            dataset.warnings,
            [
                "2 item ids are not UTF-8 and read as Latin-1, such as 'café'; if the whole file is Latin-1, say \
              encoding=latin-1 in --columns"
            ]
        );
    }
    for content in [
        &b"u\xFC\tcaf\xE9\t3\n"[..],
        b"u\xFC::caf\xE9::3\n",
        b"u\xFC  caf\xE9 3\n",
    ] {
        let dataset = plainly("r.txt", content).expect("Latin-1");
        assert_eq!(ids(&dataset), ["uü", "café"]);
        assert_eq!(dataset.warnings.len(), 2);
    }
}

#[test]
fn an_encoding_may_be_said() {
    // In Latin-1 these are two letters, in UTF-8 one.
    let content = b"1,\xC3\xA9,3\n1,caf\xE9,3\n";
    let columns = "user=1,item=2,rating=3";
    let latin = opened(content, &format!("{columns},encoding=latin-1")).expect("Latin-1");
    assert_eq!(ids(&latin), ["1", "Ã©", "café"]);
    let foreign = |warning: &String| warning.contains("Latin-1");
    assert!(!latin.warnings.iter().any(foreign));
    assert_eq!(
        ids(&opened(content, columns).expect("either")),
        ["1", "é", "café"]
    );
    assert_eq!(
        opened(content, &format!("{columns},encoding=utf-8")).expect_err("UTF-8 alone"),
        "table.txt, line 2, column 2: the text is not UTF-8: 'caf\u{FFFD}'"
    );
    // A header, too.
    let dataset = opened(
        b"w\xE9r;was;wert\nanna;tee;4,5\n",
        "user=wér,item=was,rating=wert",
    )
    .expect("a header in Latin-1");
    assert_eq!(dataset.ratings.ratings, [4.5]);
}

#[test]
fn byte_order_marks_go_and_utf_16_is_read() {
    let text = "user\titem\trating\nAnn\u{e9}\t\u{1F3AC}\t4,5\nBert\tx\t3\n";
    let utf_16 = |bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
        let marked = format!("\u{FEFF}{text}");
        marked.encode_utf16().flat_map(bytes).collect()
    };
    for bytes in [
        utf_16(u16::to_le_bytes),
        utf_16(u16::to_be_bytes),
        gzip(&utf_16(u16::to_le_bytes)),
        format!("\u{FEFF}{text}").into_bytes(),
    ] {
        let dataset = plainly("sheet.txt", &bytes).expect("a mark says how");
        assert_eq!(ids(&dataset), ["Anné", "Bert", "\u{1F3AC}", "x"]);
        assert_eq!(dataset.ratings.ratings, [4.5, 3.0]);
    }
    // The first id of a file without a header has no mark either.
    let dataset = plainly("u.data", b"\xEF\xBB\xBF1\t2\t3\t4\n").expect("a mark");
    assert_eq!(ids(&dataset), ["1", "2"]);
    let unmarked: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let said = plainly("sheet.txt", &unmarked).expect_err("no mark");
    assert!(
        said.contains("UTF-16 text without a byte order mark"),
        "{said}"
    );
}

#[test]
fn numbers_find_a_header_that_nobody_named() {
    let content = b"who,what,stars\nanna,tea,4.5\nbert,milk,3\n";
    let dataset = opened(content, "user=1,item=2,rating=3").expect("the first line is none");
    assert_eq!(dataset.ratings.ratings, [4.5, 3.0]);
    let said =
        opened(content, "user=1,item=2,rating=3,header=no").expect_err("it is said to be one");
    assert_eq!(
        said,
        "table.txt, line 1, column 3: expected a number, found 'stars'"
    );
    // A line with a number in it is no header.
    let said = opened(b"7,tea,x\n8,milk,3\n", "user=1,item=2,rating=3").expect_err("a bad line");
    assert_eq!(
        said,
        "table.txt, line 1, column 3: expected a number, found 'x'"
    );
}

proptest! {
    #[test]
    fn ids_come_out_as_they_went_in(
        rows in prop::collection::vec(("[a-c\" :;,|]{1,5}", "[x-z\"]{1,4}", 0..11_u32), 1..20), place in 0..6_usize,
    ) {
        let sign = ["\t", ",", ";", "|", "::", " "][place];
        let quoted = |id: &str| format!("\"{}\"", id.replace('"', "\"\""));
        let rows: Vec<_> = rows.into_iter().filter(|(user, ..)| !user.trim().is_empty() && !user.starts_with(' ')).collect();
        prop_assume!(!rows.is_empty());
        let mut text = String::new();
        for (user, item, half) in &rows {
            text += &format!("{}{sign}{}{sign}{}\n", quoted(user), quoted(item), f64::from(*half) / 2.0);
        }
        let columns = format!("user=1,item=2,rating=3,header=no,delimiter={}", ["tab", "comma", ";", "|", "::", "space"][place]);
        let dataset = opened(text.as_bytes(), &columns).expect("quoted by the rules");
        for (row, (user, item, _)) in rows.iter().enumerate() {
            prop_assert_eq!(dataset.users.index(user.trim()), Some(dataset.ratings.users[row]), "{}", text);
            prop_assert_eq!(dataset.items.index(item), Some(dataset.ratings.items[row]), "{}", text);
        }
    }

    #[test]
    fn bytes_in_any_encoding_give_data_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..80), mark in 0..3_usize) {
        let marked = [[&b"\xFF\xFE"[..], b"\xFE\xFF", b"\xEF\xBB\xBF"][mark], &bytes].concat();
        let _ = plainly("r.csv", &marked);
        let _ = opened(&marked, "user=1,item=2,rating=3,encoding=latin-1");
    }
}

#[test]
fn latin_1_ids_are_told_from_numbers_in_raw_order() {
    let how = OpenOptions {
        order: IdOrder::Raw,
        ..OpenOptions::default()
    };
    let said = open_in(&[("u.data", b"1\t\xE9\t3\n")], "u.data", &how).expect_err("no number");
    assert!(
        said.contains("in raw order an id must be a whole number"),
        "{said}"
    );
}
