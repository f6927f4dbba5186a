//! What a model reads is compared with what there is.

use recburn_schema::{Input, Kind, Schema, SchemaError, Side};

fn offered() -> Schema {
    Schema::of_pairs(10, 20, (1.0, 5.0))
        .with(Input::new("genres", Side::Item, Kind::Bag { rows: 4 }))
        .with(Input::new("age", Side::User, Kind::Numbers { width: 1 }))
        .with(Input::new(
            "recent",
            Side::User,
            Kind::Sequence {
                rows: 20,
                length: 50,
            },
        ))
}

#[test]
fn what_is_there_is_served() {
    let schema = offered();
    assert_eq!(schema.serves(&schema.inputs), Ok(()));
    assert_eq!((schema.users(), schema.items()), (10, 20));
    let shorter = Kind::Sequence {
        rows: 30,
        length: 5,
    };
    let wanted = [Input::new("recent", Side::User, shorter), Input::users(11)];
    assert_eq!(schema.serves(&wanted), Ok(()));
}

#[test]
fn what_is_missing_is_named_with_what_there_is() {
    let wanted = Input::new("zip", Side::User, Kind::Id { rows: 3 });
    let error = offered().serves(&[wanted]).expect_err("no zip");
    assert_eq!(
        error.to_string(),
        "there is no input `zip`; the data have user (user, ids below 10), item (item, ids below 20), \
         genres (item, a bag of ids below 4), age (user, a number), recent (user, the last 50 ids below 20)"
    );
    let none = Schema {
        inputs: vec![],
        scale: (0.0, 1.0),
    };
    let error = none.serves(&[Input::users(1)]).expect_err("nothing there");
    assert_eq!(
        error.to_string(),
        "there is no input `user`; the data have none"
    );
}

#[test]
fn sides_kinds_and_rows_have_to_fit() {
    for (wanted, said) in [
        (
            Input::new("genres", Side::User, Kind::Bag { rows: 4 }),
            "the input `genres` is a bag of ids below 4 of the item, but the model needs a bag of ids below 4 of the user",
        ),
        (
            Input::new("genres", Side::Item, Kind::Id { rows: 4 }),
            "the input `genres` is a bag of ids below 4 of the item, but the model needs ids below 4 of the item",
        ),
        (
            Input::new("age", Side::User, Kind::Numbers { width: 2 }),
            "the input `age` is a number of the user, but the model needs 2 numbers of the user",
        ),
        (
            Input::users(9),
            "the input `user` has ids below 10, but the model's tables have only 9 rows",
        ),
    ] {
        let error = offered().serves(&[wanted]).expect_err("it does not fit");
        assert_eq!(error.to_string(), said);
        assert!(!matches!(error, SchemaError::Missing { .. }));
    }
}

#[test]
fn a_schema_comes_back_from_json() {
    let schema = offered();
    let json = serde_json::to_string(&schema).expect("plain data");
    assert_eq!(
        serde_json::from_str::<Schema>(&json).expect("its own"),
        schema
    );
}
