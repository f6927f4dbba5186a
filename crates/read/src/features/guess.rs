//! What a file of features holds, where nobody says it.

use crate::column::ColumnName;
use crate::features::columns::{ColumnKind, FeatureColumn, FeatureColumns};
use crate::features::table::Table;
use crate::field::float;

/// What a column of ids may be called in a file of features.
pub(super) const IDS: [&str; 9] = [
    "id", "user_id", "userId", "user", "movieId", "movie_id", "itemId", "item_id", "item",
];

/// Every column but the ids, each as what its values look like.
pub(super) fn columns(table: &Table) -> (FeatureColumns, Vec<String>) {
    let mut features = Vec::new();
    let mut said = Vec::new();
    let id = table.place_of_id(None, &IDS).unwrap_or(0);
    for (place, name) in table
        .header()
        .iter()
        .enumerate()
        .filter(|(place, _)| *place != id)
    {
        let fields = table
            .records()
            .iter()
            .filter_map(|record| record.fields.get(place));
        let fields = fields
            .map(|field| field.trim())
            .filter(|field| !field.is_empty());
        let count = fields.clone().count();
        let mut words: Vec<&str> = fields.clone().collect();
        words.sort_unstable();
        words.dedup();
        let kind = if count == 0 {
            continue;
        } else if fields.clone().all(|field| float(field.as_bytes()).is_ok()) {
            ColumnKind::Number
        } else if fields.clone().any(|field| field.contains('|')) {
            ColumnKind::Bag("|".to_string())
        } else if count > 20 && words.len() > count / 2 {
            said.push(format!(
                "{}: the column {name} is no feature, since nearly every row has a word of its own; name it to take it",
                table.path.display()
            ));
            continue;
        } else {
            ColumnKind::Id
        };
        features.push(FeatureColumn {
            name: name.clone(),
            column: ColumnName::Number(place + 1),
            kind,
        });
    }
    let columns = FeatureColumns {
        id: Some(ColumnName::Number(id + 1)),
        features,
        missing_allowed: false,
        delimiter: None,
        header: None,
    };
    (columns, said)
}
