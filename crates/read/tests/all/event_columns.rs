//! What a row has besides user, item, rating and time.

use crate::common;
use crate::common::{named, open_in};
use proptest::prelude::*;
use recburn_data::{Feature, FeatureValues, Kind, Lists, Ratings, Side};
use recburn_read::{BadLines, Columns, OpenOptions};
use std::path::Path;

const ROWS: &str = "who;what;stars;when;device;price;tags\n\
    anna;tea;5;0;phone;1.5;b,a\nbert;tea;4;90000;web;3,5;\nanna;rum;1;7200;phone;2;a,a\n";

fn opened(columns: &str) -> Result<Ratings, String> {
    let files = [("rows.csv", ROWS.as_bytes())];
    open_in(&files, "rows.csv", &named(columns)).map(|dataset| dataset.ratings)
}

#[test]
fn other_columns_are_read_as_inputs_of_the_event() {
    let columns = "user=who,item=what,rating=stars,timestamp=when,on:id=device,kind:prefix(1)=device,tags:bag(,)";
    let others = opened(columns).expect("a good file").others;
    let words = |words: &[&str]| {
        words
            .iter()
            .map(|word| word.to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        others,
        [
            Feature::ids("on", Side::Event, 2, vec![0, 1, 0]).words(words(&["phone", "web"])),
            Feature::ids("kind", Side::Event, 2, vec![0, 1, 0]).words(words(&["p", "w"])),
            Feature::bags("tags", Side::Event, 2, Lists::of([&[0, 1][..], &[], &[0]]))
                .words(words(&["a", "b"])),
        ]
    );
}

#[test]
fn a_field_that_is_not_a_number_is_named() {
    let said = opened("user=who,item=what,rating=stars,price:number").expect_err("a bad file");
    assert_eq!(
        said,
        "rows.csv, line 3, column price: expected a number, found '3,5'"
    );
    let said = opened("user=who,item=what,rating=stars,size:number").expect_err("a bad file");
    assert!(
        said.starts_with(
            "rows.csv, line 1, column size: no such column; the columns are: who, what, stars"
        ),
        "{said}"
    );
    let how = OpenOptions {
        bad_lines: BadLines::Skip,
        ..named("user=who,item=what,rating=stars,price:number,on:id=device")
    };
    let dataset =
        open_in(&[("rows.csv", ROWS.as_bytes())], "rows.csv", &how).expect("two good rows");
    assert_eq!(
        dataset.ratings.others[0].values,
        FeatureValues::Numbers(vec![1.5, 2.0])
    );
    assert_eq!(
        dataset.ratings.others[1].values,
        FeatureValues::Ids(vec![0, 0])
    );
    let json = b"{\"who\": \"a\", \"what\": \"b\", \"stars\": 1, \"price\": 2}\n";
    let how = named("user=who,item=what,rating=stars,price:number");
    let said = open_in(&[("rows.json", json)], "rows.json", &how).expect_err("lines of JSON");
    assert_eq!(
        said,
        "rows.json: columns other than user, item, rating and timestamp are read from tables of lines alone"
    );
}

#[test]
fn two_files_number_words_alike() {
    let files = common::folder(&[
        ("a.csv", b"u,i,r,on\n1,1,1,web\n1,2,2,tv\n"),
        ("b.csv", b"on,u,i,r\nphone,1,1,1\nweb,2,2,2\n"),
    ]);
    let path = |name: &str| files.path().join(name);
    let how = named("user=u,item=i,rating=r,on:id");
    let dataset = how
        .open_given(Path::new(&path("a.csv")), Path::new(&path("b.csv")))
        .expect("good files");
    let on = &dataset.ratings.others[0];
    assert_eq!(on.words, ["phone", "tv", "web"]);
    assert_eq!(on.values, FeatureValues::Ids(vec![2, 1, 0, 2]));
}

proptest! {
    #[test]
    fn words_for_other_columns_are_read_back(
        others in prop::collection::btree_map("[a-h]{1,4}", (prop::option::of("[a-z]{1,3}|[1-9]"), 0..5_usize), 0..5),
    ) {
        let kinds = ["number", "id", "prefix(3)", "bag(|)", "bag(,)"];
        let mut word = "user=u,item=i,rating=r".to_string();
        for (name, (column, kind)) in &others {
            let column = column.as_ref().filter(|column| *column != name);
            let column = column.map_or(String::new(), |column| format!("={column}"));
            word += &format!(",{name}:{}{column}", kinds[*kind]);
        }
        let columns: Columns = word.parse().expect("columns");
        prop_assert_eq!(columns.others.len(), others.len());
        prop_assert_eq!(columns.to_string(), word);
    }
}

#[test]
fn words_that_are_no_columns_are_refused() {
    for word in [
        "hour:years=h",
        "hour:id=h,hour:id=k",
        ":id=h",
        "hour:id=",
        "id:id",
    ] {
        let columns = format!("user=u,item=i,{word}");
        assert!(columns.parse::<Columns>().is_err(), "{columns}");
    }
    let hour: Columns = "user=1,item=2,hour:id=4".parse().expect("columns");
    assert_eq!(hour.others[0].name, "hour");
    assert_eq!(
        Feature::ids("hour", Side::Event, 24, vec![]).input.kind,
        Kind::Id { rows: 24 }
    );
}
