//! The columns of a file of features as words.

use proptest::prelude::*;
use recburn_read::{FeatureColumns, FeatureFile};

proptest! {
    #[test]
    fn words_for_columns_are_read_back(
        path in "[a-z/]{1,9}", id in prop::option::of("[a-z]{1,5}"), features in prop::collection::btree_map("[b-h]{1,4}", (prop::option::of("[1-9]"), 0..5_usize), 1..5),
        missing in any::<bool>(),
    ) {
        let kinds = ["number", "id", "prefix(3)", "bag(|)", "bag(,)"];
        let mut word = id.map_or("id".to_string(), |id| format!("id={id}"));
        for (name, (column, kind)) in &features {
            let column = column.as_ref().map_or(String::new(), |column| format!("={column}"));
            word += &format!(",{name}:{}{column}", kinds[*kind]);
        }
        if missing {
            word += ",missing=allow";
        }
        let columns: FeatureColumns = word.parse().expect("columns");
        prop_assert_eq!(columns.to_string(), word.clone());
        let file: FeatureFile = format!("{path}:{word}").parse().expect("a file");
        prop_assert_eq!(&file.columns, &Some(columns));
        prop_assert_eq!(file.to_string(), format!("{path}:{word}"));
    }
}

#[test]
fn words_that_are_no_columns_are_refused() {
    for word in [
        "id",
        "age:number",
        "id,age",
        "id,age:years",
        "id,age:number,age:id",
        "id,id,age:id",
        "id,age:id=",
        "id,x:prefix(0)",
        "id,x:bag()",
        "id,age:number,missing=some",
        "id,age:number,size=3",
        // It would take what is written after it into the name.
        "id,missing=allow,age:id=a(",
        "id=(,age:number",
        "",
    ] {
        let refused = word.parse::<FeatureColumns>();
        let said = refused.expect_err(word).to_string();
        assert!(
            said.starts_with(&format!(
                "unknown list of features '{word}': expected id,age:number"
            )),
            "{said}"
        );
    }
    let plain: FeatureFile = "C:/data/users.csv".parse().expect("a path");
    assert_eq!(
        (plain.path.to_string_lossy().into_owned(), plain.columns),
        ("C:/data/users.csv".to_string(), None)
    );
}
