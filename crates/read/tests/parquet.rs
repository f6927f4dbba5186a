//! Parquet files, where the crate is built with the feature that reads them.

mod common;

use std::sync::Arc;

use common::{gzip, named, open_in, zip};
use parquet::basic::{Compression, ZstdLevel};
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, FloatType, Int32Type, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use proptest::prelude::*;
use recburn_data::{Dataset, ItemIx, UserIx};
use recburn_read::OpenOptions;

/// A column, in one row group or more.
enum Values<'a> {
    Int(&'a [i32]),
    Long(&'a [i64]),
    Float(&'a [f32]),
    Double(&'a [f64]),
    Text(&'a [&'a str]),
    /// With gaps where the level is 0.
    Gaps(&'a [f64], &'a [i16]),
}

fn file(schema: &str, groups: &[&[Values<'_>]]) -> Vec<u8> {
    packed(schema, groups, Compression::UNCOMPRESSED)
}

fn packed(schema: &str, groups: &[&[Values<'_>]], compression: Compression) -> Vec<u8> {
    let properties = WriterProperties::builder().set_compression(compression);
    let properties = Arc::new(properties.build());
    let schema = Arc::new(parse_message_type(schema).expect("a schema"));
    let mut bytes = Vec::new();
    let mut writer = SerializedFileWriter::new(&mut bytes, schema, properties).expect("memory");
    for columns in groups {
        let mut group = writer.next_row_group().expect("a group");
        for values in *columns {
            let mut column = group
                .next_column()
                .expect("good")
                .expect("as many as the schema has");
            match values {
                Values::Int(values) => column.typed::<Int32Type>().write_batch(values, None, None),
                Values::Long(values) => column.typed::<Int64Type>().write_batch(values, None, None),
                Values::Float(values) => {
                    column.typed::<FloatType>().write_batch(values, None, None)
                }
                Values::Double(values) => {
                    column.typed::<DoubleType>().write_batch(values, None, None)
                }
                Values::Text(values) => {
                    let values: Vec<ByteArray> =
                        values.iter().map(|text| ByteArray::from(*text)).collect();
                    column
                        .typed::<ByteArrayType>()
                        .write_batch(&values, None, None)
                }
                Values::Gaps(values, levels) => {
                    column
                        .typed::<DoubleType>()
                        .write_batch(values, Some(levels), None)
                }
            }
            .expect("good values");
            column.close().expect("good");
        }
        group.close().expect("good");
    }
    writer.close().expect("good");
    bytes
}

/// Folders as Spark (`part-*`, `_SUCCESS`), polars and Ray Data (other names) write them, in the ways that they compress.
#[test]
fn a_folder_of_part_files_is_read_in_the_order_of_their_names() {
    let part = |user: i64, rating: f32, compression| {
        let columns: &[Values<'_>] = &[
            Values::Long(&[user]),
            Values::Text(&["7"]),
            Values::Float(&[rating]),
            Values::Long(&[1_000_000]),
        ];
        packed(SCHEMA, &[columns], compression)
    };
    let files = [
        part(2, 4.0, Compression::ZSTD(ZstdLevel::default())),
        part(1, 3.0, Compression::SNAPPY),
        part(3, 5.0, Compression::UNCOMPRESSED),
    ];
    let named = |names: [&'static str; 3]| {
        let mut all: Vec<(&str, &[u8])> = vec![("set/_SUCCESS", b""), ("set/.a.crc", b"x")];
        all.extend(names.into_iter().zip(files.iter().map(Vec::as_slice)));
        open_in(&all, "set", &OpenOptions::default()).expect("a good folder")
    };
    for names in [
        [
            "set/part-00001-9f.c000.zstd.parquet",
            "set/part-00000-9f.c000.snappy.parquet",
            "set/part-00002-9f.c000.parquet",
        ],
        [
            "set/00000001.parquet",
            "set/00000000.parquet",
            "set/00000002.parquet",
        ],
        [
            "set/9_000001.parquet",
            "set/9_000000.parquet",
            "set/9_000002.parquet",
        ],
    ] {
        let dataset = named(names);
        assert_eq!(dataset.ratings.ratings, [3.0, 4.0, 5.0], "{names:?}");
        assert_eq!(dataset.users.id(UserIx(1)).as_deref(), Some("2"));
        assert_eq!(dataset.name, "set");
    }
}

const SCHEMA: &str = "message m { required int64 userId; required binary movieId (UTF8); required float rating; \
                      required int64 timestamp (TIMESTAMP(MICROS,true)); }";

fn good() -> Vec<u8> {
    file(
        SCHEMA,
        &[
            &[
                Values::Long(&[7, 8]),
                Values::Text(&["a", "b"]),
                Values::Float(&[3.5, 4.0]),
                Values::Long(&[1_500_000, -1]),
            ],
            &[
                Values::Long(&[7]),
                Values::Text(&["b"]),
                Values::Float(&[1.0]),
                Values::Long(&[5_000_000]),
            ],
        ],
    )
}

fn opened(name: &str, content: &[u8]) -> Result<Dataset, String> {
    open_in(&[(name, content)], name, &OpenOptions::default())
}

#[test]
fn columns_are_found_by_their_usual_names_plain_and_packed() {
    let plain = good();
    for (name, content) in [
        ("ratings.parquet", plain.clone()),
        ("whatever", plain.clone()),
        ("ratings.parquet.gz", gzip(&plain)),
        (
            "a.zip",
            zip(&[("d/ratings.parquet", &plain), ("d/other", b"")]),
        ),
    ] {
        let dataset = opened(name, &content).unwrap_or_else(|said| panic!("{name}: {said}"));
        assert_eq!(dataset.ratings.ratings, [3.5, 4.0, 1.0]);
        assert_eq!(dataset.ratings.timestamps, Some(vec![1, -1, 5]));
        assert_eq!(dataset.users.id(UserIx(1)).as_deref(), Some("8"));
        assert_eq!(dataset.items.id(ItemIx(1)).as_deref(), Some("b"));
    }
}

#[test]
fn titles_join_a_parquet_file() {
    let items = b"movieId,title\nb,Bee\na,Ay\n";
    let files: [(&str, &[u8]); 2] = [("ratings.parquet", &good()), ("movies.csv", items)];
    let dataset = open_in(&files, "", &OpenOptions::default()).expect("good files");
    assert_eq!(dataset.title(recburn_data::ItemIx(1)), "Bee");
    let columns = named("user=userId,item=movieId,rating=rating");
    let dataset = open_in(&files, "ratings.parquet", &columns).expect("good files");
    assert_eq!(dataset.title(recburn_data::ItemIx(0)), "Ay");
}

#[test]
fn columns_may_be_named() {
    let schema = "message m { required int32 when (DATE); required int32 who (UINT_32); required int64 what; }";
    let bytes = file(
        schema,
        &[&[Values::Int(&[1]), Values::Int(&[-1]), Values::Long(&[5])]],
    );
    let open = |columns: &str| open_in(&[("t.parquet", &bytes)], "t.parquet", &named(columns));
    let dataset = open("user=who,item=3,timestamp=when").expect("good");
    assert_eq!(dataset.ratings.ratings, [1.0]);
    assert_eq!(dataset.ratings.timestamps, Some(vec![86_400]));
    assert_eq!(dataset.users.id(UserIx(0)).as_deref(), Some("4294967295"));
    let error = open("user=who,item=which")
        .expect_err("it lacks")
        .to_string();
    assert!(
        error.ends_with(
            "t.parquet, column which: no such column; the columns are: when, who, what; this file may open with --columns \
             user=when,item=who,rating=what"
        ),
        "{error}"
    );
}

#[test]
fn gaps_in_the_times_stop_only_what_needs_them() {
    let schema =
        "message m { required int32 user; required int32 item; optional double timestamp; }";
    let rows = [1, 2, 3];
    let times = |times, levels| {
        let columns = [
            Values::Int(&rows),
            Values::Int(&rows),
            Values::Gaps(times, levels),
        ];
        let pairs = OpenOptions {
            pairs: true,
            ..OpenOptions::default()
        };
        let content = file(schema, &[&columns]);
        open_in(&[("r.parquet", &content)], "r.parquet", &pairs).expect("good")
    };
    let dataset = times(&[1.1e12, 1.2e12], &[1, 0, 1]);
    let known = [1_100_000_000, recburn_data::Ratings::NO_TIME, 1_200_000_000];
    assert_eq!(dataset.ratings.timestamps, Some(known.to_vec()));
    let kind = "time:0.5".parse().expect("a split");
    let refused = dataset.split(&kind, 0).expect_err("a gap").to_string();
    assert!(
        refused.contains("r.parquet, row 2, column timestamp: there is no time"),
        "{refused}"
    );
    assert_eq!(times(&[], &[0, 0, 0]).ratings.timestamps, None);
}

#[test]
fn faults_are_told_by_row_and_column() {
    let schema = "message m { required double user; required int32 item; optional double rating; }";
    let users = Values::Double(&[1.0, 2.0, 3.0]);
    let bytes = file(
        schema,
        &[&[
            users,
            Values::Int(&[1, 2, 3]),
            Values::Gaps(&[4.0, 5.0], &[1, 0, 1]),
        ]],
    );
    assert_eq!(
        opened("r.parquet", &bytes).expect_err("a gap"),
        "r.parquet, row 2, column rating: expected a number, found ''"
    );
    let nan = file(
        schema,
        &[&[
            Values::Double(&[1.0]),
            Values::Int(&[1]),
            Values::Gaps(&[f64::NAN], &[1]),
        ]],
    );
    assert_eq!(
        opened("r.parquet", &nan).expect_err("no rating"),
        "r.parquet, row 1, column rating: expected a finite number, found 'NaN'"
    );
    let schema = "message m { required boolean user; required int32 item; required int64 rating (DECIMAL(9,2)); }";
    let said = opened("r.parquet", &file(schema, &[])).expect_err("no ids");
    assert_eq!(
        said,
        "r.parquet, column user: values of type BOOLEAN; expected numbers or text"
    );
    let schema = "message m { required int32 user; required int32 item; required int64 rating (DECIMAL(9,2)); }";
    let said = opened("r.parquet", &file(schema, &[])).expect_err("no plain numbers");
    assert!(
        said.starts_with("r.parquet, column rating: decimal numbers"),
        "{said}"
    );
    let schema = "message m { required int32 user; required int32 item; repeated double rating; }";
    let said = opened("r.parquet", &file(schema, &[])).expect_err("lists");
    assert!(
        said.starts_with("r.parquet, column rating: a list in each row"),
        "{said}"
    );
    assert_eq!(
        opened("r.parquet", &file(SCHEMA, &[])).expect_err("empty"),
        "r.parquet: the file has no rows"
    );
    assert!(
        opened("r.parquet", b"PAR1PAR1")
            .expect_err("no footer")
            .starts_with("r.parquet: not a readable Parquet file")
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn damaged_files_give_data_or_an_error(at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in 0..40_usize) {
        let mut bytes = good();
        let place = at.index(bytes.len() - 4) + 4;
        bytes[place] = byte;
        bytes.truncate(bytes.len() - cut.saturating_sub(30));
        let _ = opened("r.parquet", &bytes);
    }
}
