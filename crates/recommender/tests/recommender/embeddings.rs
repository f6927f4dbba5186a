//! Embedding tables by raw id.

use super::*;

#[test]
fn the_embeddings_of_a_model_are_listed_in_its_order() {
    assert_eq!(tiny().embedding_names(), ["user_bias", "item_bias"]);
    let data = films();
    let recommender = recommender(deep(&data, 1), &data, 0.0);
    assert_eq!(
        recommender.embedding_names(),
        ["user_factors", "item_factors"]
    );
}

#[test]
fn an_embedding_table_has_a_row_of_numbers_for_every_id() {
    let table = tiny().embedding("item_bias").unwrap();
    assert_eq!(
        table,
        EmbeddingTable {
            name: "item_bias".to_string(),
            ids: ["alien", "brazil", "casablanca", "dune", "eraserhead"]
                .map(str::to_string)
                .to_vec(),
            width: 1,
            values: vec![-0.5, 0.25, 0.25, 1.5, -2.0],
        }
    );
    let data = films();
    let model = deep(&data, 8);
    let weights = Weights::of(&model).0;
    let recommender = recommender(model, &data, 0.0);
    let table = recommender.embedding("user_factors").unwrap();
    assert_eq!(table.ids, ["ann", "ben", "cleo"]);
    assert_eq!(table.width, 3);
    assert_eq!(table.values, weights["user_factors.weight"].values);
}

#[test]
fn an_embedding_table_leaves_out_rows_that_stand_for_nothing() {
    let data = dataset(
        &["7", "2"],
        &["3", "1"],
        IdOrder::Raw,
        &[("7", "3", 3.0), ("2", "1", 5.0)],
    );
    let users: Vec<f32> = (0..8).map(|row| row as f32).collect();
    let recommender = recommender(sums(&users, &[10.0, 11.0, 12.0, 13.0]), &data, 0.0);
    let table = recommender.embedding("user_bias").unwrap();
    assert_eq!(
        (table.ids, table.values),
        (vec!["2".to_string(), "7".to_string()], vec![2.0, 7.0])
    );
    let table = recommender.embedding("item_bias").unwrap();
    assert_eq!(
        (table.ids, table.values),
        (vec!["1".to_string(), "3".to_string()], vec![11.0, 13.0])
    );
}

#[test]
fn an_embedding_table_as_csv_parses_back_to_the_same_bits() {
    let data = dataset(
        &["plain", "with, comma", "with \"quotes\"", "with\nline", "ü"],
        &["a", "b"],
        IdOrder::FirstSight,
        &[("plain", "a", 3.0), ("ü", "b", 4.0)],
    );
    let made = recommender(deep(&data, 5), &data, 0.0);
    let table = made.embedding("user_factors").unwrap();
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("tables/user_factors.csv");
    table.save_csv(&path).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), table.to_csv());

    let mut reader = csv::Reader::from_path(&path).unwrap();
    let header: Vec<_> = reader
        .headers()
        .unwrap()
        .iter()
        .map(str::to_string)
        .collect();
    assert_eq!(header, ["id", "0", "1", "2"]);
    let (mut ids, mut bits) = (Vec::new(), Vec::new());
    for record in reader.records() {
        let record = record.unwrap();
        assert_eq!(record.len(), 4);
        ids.push(record[0].to_string());
        for field in record.iter().skip(1) {
            bits.push(field.parse::<f32>().unwrap().to_bits());
        }
    }
    assert_eq!(ids, table.ids);
    let wanted: Vec<u32> = table.values.iter().map(|value| value.to_bits()).collect();
    assert_eq!(bits, wanted);

    // Numbers that are hard to write.
    let odd = [1.0 / 3.0, -0.0, f32::MIN_POSITIVE, f32::MAX, 1e-40];
    let model = sums(&odd, &[0.0, 0.0]);
    let table = recommender(model, &data, 0.0)
        .embedding("user_bias")
        .unwrap();
    let text = table.to_csv();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    for (record, value) in reader.records().zip(odd) {
        let parsed: f32 = record.unwrap()[1].parse().unwrap();
        assert_eq!(parsed.to_bits(), value.to_bits());
    }
}

#[test]
fn an_unknown_table_is_named_with_those_that_there_are() {
    let data = films();
    let recommender = recommender(deep(&data, 1), &data, 0.0);
    // Layers that are no embedding are no table either.
    for name in [
        "user_factorz",
        "dense_1",
        "batch_norm_1",
        "user",
        "",
        "user_factors.weight",
    ] {
        let error = recommender.embedding(name).unwrap_err();
        assert!(matches!(&error, RecommenderError::UnknownTable { .. }));
        assert_eq!(
            error.to_string(),
            format!("the model has no embedding table `{name}`; it has user_factors, item_factors")
        );
    }
}
