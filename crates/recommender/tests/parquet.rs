//! An embedding table as Parquet has a column of ids and one a factor.

#![cfg(feature = "parquet")]
#![allow(clippy::unwrap_used)]

use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::RowAccessor;
use recburn_recommender::EmbeddingTable;
use std::fs::File;

#[test]
fn a_table_comes_back_from_parquet() {
    let table = EmbeddingTable {
        name: "item_factors".to_string(),
        ids: vec!["318".to_string(), "né \"1\"".to_string(), String::new()],
        width: 2,
        values: vec![0.5, -1.25, 3.0, f32::MIN_POSITIVE, 0.0, -0.0],
    };
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("deep/item_factors.parquet");
    table.save_parquet(&path).unwrap();
    let file = SerializedFileReader::new(File::open(&path).unwrap()).unwrap();
    let schema = file.metadata().file_metadata().schema_descr();
    let names: Vec<&str> = schema
        .columns()
        .iter()
        .map(|column| column.name())
        .collect();
    assert_eq!(names, ["id", "0", "1"]);
    let rows: Vec<_> = file
        .get_row_iter(None)
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(rows.len(), 3);
    for (at, row) in rows.iter().enumerate() {
        assert_eq!(row.get_string(0).unwrap(), &table.ids[at]);
        for factor in 0..2 {
            let value = row.get_float(1 + factor).unwrap();
            assert_eq!(value.to_bits(), table.values[2 * at + factor].to_bits());
        }
    }
}
