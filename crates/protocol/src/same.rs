//! Whether figures can be compared.

use crate::card::Card;
use crate::error::CompareError;
use serde_json::Value;

/// An error with what differs, unless the protocols, the data and the splits of two cards are the same.
pub(crate) fn check_same(left: &Card, right: &Card) -> Result<(), CompareError> {
    let differ = |what: String, of_left: String, of_right: String| {
        Err(CompareError::Differ {
            left: left.model.clone(),
            right: right.model.clone(),
            what,
            of_left,
            of_right,
        })
    };
    if left.protocol != right.protocol {
        let (what, of_left, of_right) = first_difference(left, right);
        return differ(what, of_left, of_right);
    }
    let checksums = (left.data.checksum, right.data.checksum);
    if checksums.0 != checksums.1 {
        let what = "the checksum of the ratings".to_string();
        return differ(what, checksums.0.to_string(), checksums.1.to_string());
    }
    if left.folds() != right.folds() {
        let what = "the list of folds".to_string();
        return differ(what, left.folds().join("; "), right.folds().join("; "));
    }
    for run in &left.runs {
        let same = right.runs.iter().filter(|other| other.fold == run.fold);
        for other in same {
            if other.fingerprint != run.fingerprint {
                let what = format!("the fingerprint of the split {}", run.fold);
                let (of_left, of_right) = (run.fingerprint, other.fingerprint);
                return differ(what, of_left.to_string(), of_right.to_string());
            }
        }
    }
    Ok(())
}

/// The first field in which the protocols differ, and both values.
fn first_difference(left: &Card, right: &Card) -> (String, String, String) {
    let values = [&left.protocol, &right.protocol]
        .map(|protocol| serde_json::to_value(protocol).unwrap_or_default());
    let [Value::Object(of_left), Value::Object(of_right)] = values else {
        return ("the protocol".to_string(), String::new(), String::new());
    };
    // The name says most.
    let names = ["name"].into_iter().map(String::from);
    for field in names.chain(of_left.keys().cloned()) {
        let (one, other) = (&of_left[&field], &of_right[&field]);
        if one != other {
            let what = match field.as_str() {
                "name" => "the protocol".to_string(),
                field => format!("`{field}` of the protocol {}", left.protocol.name),
            };
            return (what, one.to_string(), other.to_string());
        }
    }
    ("the protocol".to_string(), String::new(), String::new())
}
