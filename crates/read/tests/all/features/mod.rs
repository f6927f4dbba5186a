//! Files of features, and what titles, genres and histories say.

mod columns;
mod dataset;
mod files;
mod formats;

use crate::common::{below, folder};
use recburn_data::{Dataset, FeatureValues, Features};
use recburn_read::{FeatureFile, OpenOptions};

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
