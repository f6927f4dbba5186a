//! Files of features: how they join the ratings, and what is wrong with them.

use super::{numbers, with_users, words};
use crate::common::{below, folder, gzip, zip};
use recburn_data::{Features, IdMap, IdOrder, Kind, Side, UserIx};
use recburn_read::FeatureFile;
use std::fs;

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
