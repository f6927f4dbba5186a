//! Files of features, and what titles, genres and histories say.

mod common;

use std::fs;

use common::{below, folder, gzip, zip};
use proptest::prelude::*;
use recburn_data::{
    Dataset, FeatureValues, Features, Filter, IdMap, IdOrder, Input, Kind, Ratings, Side, UserIx,
};
use recburn_read::{FeatureColumns, FeatureFile, OpenDataset, OpenOptions, ReadError};

const RATINGS: &[u8] = b"userId,movieId,rating\nanna,2,3\nbert,3,4.5\nanna,3,1\ncleo,2,5\n";
const MOVIES: &[u8] = b"movieId,title,genres\n2,The Two (1990),Drama|Comedy\n3,Three: the end (2000),Comedy\n9,Nine,War\n";

/// Opens these ratings with a file of features of users.
fn with_users(users: &str, columns: &str) -> Result<Dataset, String> {
    let files = folder(&[
        ("ratings.csv", RATINGS),
        ("movies.csv", MOVIES),
        ("users.csv", users.as_bytes()),
    ]);
    let path = files.path().join("users.csv");
    let how = OpenOptions {
        user_features: Some(FeatureFile {
            path,
            columns: (!columns.is_empty()).then(|| columns.parse().expect("columns")),
        }),
        ..OpenOptions::default()
    };
    how.open(&files.path().to_string_lossy())
        .map_err(|error| below(&files, &error))
}

fn numbers(features: &Features, name: &str) -> Vec<f32> {
    match &features.find(name).expect(name).values {
        FeatureValues::Numbers(numbers) => numbers.clone(),
        other => panic!("{name}: {other:?}"),
    }
}

/// The words of each row.
fn words(features: &Features, name: &str) -> Vec<Vec<String>> {
    let feature = features.find(name).expect(name);
    let word = |&id: &u32| feature.words[id as usize].clone();
    match &feature.values {
        FeatureValues::Ids(ids) => ids.iter().map(|id| vec![word(id)]).collect(),
        FeatureValues::Lists(lists) => (0..lists.len())
            .map(|at| lists.ids(at).iter().map(word).collect())
            .collect(),
        FeatureValues::Numbers(_) => panic!("{name} has no words"),
    }
}

#[test]
fn a_file_of_features_joins_the_users_of_the_ratings() {
    let users = "who,age,gender,likes,zip\nbert,20,m,a; b,85711\ndora,90,f,c,1\nanna,30.5,f,b;b ;a,94043\ncleo,40,f,,85\n";
    let columns = "id=who,years:number=age,gender:id,likes:bag(;),zip:prefix(2)";
    let dataset = with_users(users, columns).expect("good files");
    let features = &dataset.features;
    // Anna, Bert and Cleo: in the order of the ratings.
    assert_eq!(numbers(features, "years"), [30.5, 20.0, 40.0]);
    assert_eq!(words(features, "gender"), [["f"], ["m"], ["f"]]);
    assert_eq!(
        words(features, "likes"),
        [vec!["a", "b"], vec!["a", "b"], vec![]]
    );
    assert_eq!(words(features, "zip"), [["94"], ["85"], ["85"]]);
    // Words of users who have not rated are known, too.
    assert_eq!(
        features.find("likes").expect("a bag").input.kind,
        Kind::Bag { rows: 3 }
    );
    let guessed = with_users(&users.replace(';', "|"), "")
        .expect("good files")
        .features;
    assert_eq!(numbers(&guessed, "age"), [30.5, 20.0, 40.0]);
    assert_eq!(words(&guessed, "likes"), words(features, "likes"));
    assert_eq!(numbers(&guessed, "zip"), [94_043.0, 85_711.0, 85.0]);
}

#[test]
fn what_is_wrong_with_a_file_of_features_is_said() {
    let columns = "id=who,age:number,gender:id";
    for (users, columns, wrong) in [
        (
            "who,age,gender\nanna,30,f\n",
            columns,
            "users.csv: 2 of 3 users are not in it, such as 'bert', 'cleo'; ids are read from its column who, and \
             missing=allow gives who is absent the mean, or no words",
        ),
        (
            "who,age,gender\nana,30,f\n",
            "id=who,age:number,missing=allow",
            "users.csv: 3 of 3 users are not in it, such as 'anna', 'bert', 'cleo'; ids are read from its column who",
        ),
        (
            "who,age,gender\nanna,30,f\nbert,old,m\ncleo,1,f\n",
            columns,
            "users.csv, line 3, column age: expected a number, found 'old'",
        ),
        (
            "who,age,gender\nanna,30,f\n\nbert,,m\ncleo,1,f\n",
            columns,
            "users.csv, line 4, column age: expected a number, found ''",
        ),
        (
            "who,age,gender\nanna,30,f\nbert,2,m\nanna,1,f\n",
            columns,
            "users.csv: the user 'anna' is there twice, in lines 2 and 4",
        ),
        (
            "who,years,gender\nanna,30,f\n",
            columns,
            "users.csv, line 1, column age: no such column; the columns are: who, years, gender",
        ),
        (
            "who,age,gender\nanna,30\n",
            columns,
            "users.csv, line 2: expected 3 fields, found 2",
        ),
        (
            "who,age,gender\n",
            columns,
            "users.csv: no row below the header",
        ),
        ("", columns, "users.csv: the file is empty"),
    ] {
        assert_eq!(
            with_users(users, columns).expect_err("a bad file"),
            wrong,
            "{users}"
        );
    }
}

#[test]
fn a_file_of_features_may_be_packed() {
    let users = b"id,age\n1,30\n";
    let files: [(&str, Vec<u8>); 3] = [
        ("users.csv.gz", gzip(users)),
        ("one.zip", zip(&[("users.csv", users)])),
        (
            "two.zip",
            zip(&[("users.csv", users), ("readme.txt", b"hello")]),
        ),
    ];
    let folder = folder(&[]);
    let ids = IdMap::new(["1"], IdOrder::FirstSight).expect("an id");
    let read = |name: &str, features: &mut Features| {
        let word = format!("{}:id,age:number", folder.path().join(name).display());
        let file: FeatureFile = word.parse().expect("a file and its columns");
        let read = file.read::<UserIx>(Side::User, &ids, features);
        read.map_err(|error| below(&folder, &error))
    };
    for (name, content) in &files {
        fs::write(folder.path().join(name), content).expect("a temporary file");
    }
    for name in ["users.csv.gz", "one.zip", "two.zip/users.csv"] {
        let mut features = Features::default();
        read(name, &mut features).expect("a good file");
        assert_eq!(numbers(&features, "age"), [30.0]);
    }
    let said = read("two.zip", &mut Features::default()).expect_err("two files");
    assert_eq!(
        said,
        "two.zip: an archive of 2 files: name one of them, such as two.zip/readme.txt"
    );
}

#[test]
fn who_is_absent_has_the_mean_and_no_words_where_that_is_allowed() {
    let users = "who,age,gender,likes\nanna,30,f,a\ncleo,,f,b\n";
    let dataset = with_users(users, "id=who,age:number,gender:id,likes:bag,missing=allow")
        .expect("good files");
    assert_eq!(numbers(&dataset.features, "age"), [30.0; 3]);
    assert_eq!(
        words(&dataset.features, "gender"),
        [["f"], ["(missing)"], ["f"]]
    );
    assert_eq!(
        words(&dataset.features, "likes"),
        [vec!["a"], vec![], vec!["b"]]
    );
    let said = dataset.warnings.join("\n");
    assert!(
        said.contains("1 of 3 users are not in it, such as 'bert'; they have the mean"),
        "{said}"
    );
}

#[test]
fn titles_and_genres_are_features_of_items() {
    let features = with_users("who,age\nanna,1\nbert,2\ncleo,3\n", "")
        .expect("good files")
        .features;
    assert_eq!(
        words(&features, Features::GENRES),
        [vec!["Comedy", "Drama"], vec!["Comedy"]]
    );
    assert_eq!(numbers(&features, Features::YEAR), [1990.0, 2000.0]);
    let FeatureValues::Lists(lists) = &features.find(Features::TITLE_WORDS).expect("titles").values
    else {
        panic!("no lists");
    };
    // "the" is in both, and a year is no word.
    assert_eq!((lists.ids(0).len(), lists.ids(1).len()), (2, 3));
    let both = lists
        .ids(0)
        .iter()
        .filter(|id| lists.ids(1).contains(id))
        .count();
    assert_eq!(both, 1);
    // What is hashed must stay where a saved model has learnt it.
    assert_eq!(lists.ids(0), [41, 540]);
}

#[test]
fn numbers_are_normalised_over_the_training_part() {
    let mut dataset = with_users("who,age\nanna,10\nbert,30\ncleo,99\n", "").expect("good files");
    let train = Ratings {
        users: vec![UserIx(0), UserIx(0), UserIx(1)],
        ..dataset.ratings.take(&[0, 0, 0])
    };
    let features = dataset.features_for(&train).expect("good ratings");
    assert_eq!(numbers(&features, "age"), [-1.0, 1.0, 7.9]);
    let scaling = features
        .find("age")
        .expect("a number")
        .scaling
        .expect("on one scale");
    assert_eq!(
        (scaling.mean, scaling.deviation, scaling.apply(40.0)),
        (20.0, 10.0, 2.0)
    );
    let mut again = features.clone();
    again.normalise(&train);
    assert_eq!(again, features);
    // One item is present: its year is the mean, and nothing deviates.
    assert_eq!(numbers(&features, Features::YEAR), [0.0, 10.0]);
    for name in [
        Features::HISTORY,
        Features::RATED_HISTORY,
        Features::RECENT,
        Features::RATERS,
    ] {
        assert!(features.find(name).is_some(), "{name}");
    }
    // A schema says the same without computing any of it.
    let schema = dataset.schema_for(&train);
    let pairs = [Input::users(3), Input::items(2)];
    let wanted: Vec<&Input> = pairs.iter().chain(features.inputs()).collect();
    assert_eq!(schema.inputs.iter().collect::<Vec<_>>(), wanted);
    assert_eq!(schema.scale, (1.0, 5.0));
    let text = serde_json::to_string(&features).expect("plain data");
    assert_eq!(
        serde_json::from_str::<Features>(&text).expect("what was written"),
        features
    );
    dataset.ratings = train;
}

#[test]
fn a_filter_takes_the_features_along() {
    let users = "who,age\nanna,1\nbert,2\ncleo,3\n";
    for order in [IdOrder::FirstSight, IdOrder::Sorted] {
        let dataset = with_users(users, "").expect("good files");
        let filter: Filter = "rating>=4".parse().expect("a filter");
        let (kept, _) = filter.apply(&dataset).expect("ratings are left");
        assert_eq!(numbers(&kept.features, "age"), [2.0, 3.0], "{order}");
        assert_eq!(
            numbers(&kept.features, Features::YEAR),
            [2000.0, 1990.0],
            "{order}"
        );
        let (users, items) = (kept.users.rows(), kept.items.rows());
        for feature in kept.features.iter() {
            let rows = if feature.input.side == Side::User {
                users
            } else {
                items
            };
            assert_eq!(feature.rows(), rows);
        }
    }
}

#[test]
fn movielens_100k_has_its_users_and_items() {
    let files = folder(&[
        ("u.data", b"7\t2\t3\t874965758\n5\t3\t1\t876893171\n"),
        ("u.user", b"5|24|M|technician|85711\n7|53|F|other|94043\n"),
    ]);
    let opened = |order| {
        let how = OpenOptions {
            order,
            ..OpenOptions::default()
        };
        how.open(&files.path().to_string_lossy())
            .expect("good files")
    };
    let dataset = opened(IdOrder::FirstSight);
    assert_eq!(numbers(&dataset.features, "age"), [53.0, 24.0]);
    assert_eq!(
        words(&dataset.features, "occupation"),
        [["other"], ["technician"]]
    );
    assert_eq!(words(&dataset.features, "zip"), [["9"], ["8"]]);
    assert_eq!(dataset.warnings, [""; 0]);
    // A row that no id has is nobody's, and not missing.
    let raw = opened(IdOrder::Raw);
    assert_eq!(numbers(&raw.features, "age")[5..], [24.0, 38.5, 53.0]);
    assert_eq!(raw.warnings, [""; 0]);
}

#[test]
fn a_broken_file_that_nobody_asked_for_is_a_warning() {
    let files = folder(&[
        ("u.data", b"7\t2\t3\t874965758\n5\t3\t1\t876893171\n"),
        ("u.user", b"5|young|M|technician|85711\n"),
    ]);
    let dataset = Dataset::open(&files.path().to_string_lossy()).expect("good ratings");
    assert!(dataset.features.is_empty());
    let said = dataset.warnings.join("\n");
    assert!(said.ends_with("u.user, line 1, column age: expected a number, found 'young'; no features of users are taken from it"), "{said}");
}

#[test]
fn the_sample_takes_no_features() {
    let how = OpenOptions {
        user_features: Some("users.csv".parse().expect("a path")),
        ..OpenOptions::default()
    };
    assert!(matches!(
        how.open("sample"),
        Err(ReadError::NoFile {
            what: "file of features"
        })
    ));
}

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

#[test]
fn offered_inputs_are_those_of_the_features() {
    let features = with_users("who,age\nanna,1\nbert,2\ncleo,3\n", "")
        .expect("good files")
        .features;
    let inputs: Vec<String> = features.inputs().map(Input::to_string).collect();
    assert_eq!(
        inputs,
        [
            "genres (item, a bag of ids below 2)",
            "year (item, a number)",
            "title_words (item, a bag of ids below 1024)",
            "age (user, a number)"
        ]
    );
}
