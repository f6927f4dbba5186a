//! The first line of a journal: which study it belongs to.

use crate::error::JournalError;
use crate::sampler::{Direction, Sampler};
use crate::space::Space;
use crate::study::Study;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

const FORMAT: &str = "recburn-tune journal";

/// The version of the format.
const VERSION: u64 = 1;

/// Everything that the proposals and the objective depend on.
#[derive(Serialize)]
struct Header<'a> {
    format: &'static str,
    version: u64,
    seed: u64,
    sampler: Sampler,
    direction: Direction,
    generation: usize,
    budget: usize,
    /// Only of successive halving.
    #[serde(skip_serializing_if = "Option::is_none")]
    least_budget: Option<usize>,
    /// Only of successive halving: with other samplers, more trials continue the same sequence.
    #[serde(skip_serializing_if = "Option::is_none")]
    trials: Option<usize>,
    space: &'a Space,
    #[serde(skip_serializing_if = "Value::is_null")]
    subject: &'a Value,
}

/// The header of a study's journal.
pub(crate) fn of(study: &Study) -> Result<Value, JournalError> {
    let is_halving = matches!(study.sampler, Sampler::Halving { .. });
    let header = Header {
        format: FORMAT,
        version: VERSION,
        seed: study.seed,
        sampler: study.sampler,
        direction: study.direction,
        generation: study.generation,
        budget: study.budget,
        least_budget: is_halving.then_some(study.least_budget),
        trials: is_halving.then_some(study.trials),
        space: &study.space,
        subject: &study.subject,
    };
    serde_json::to_value(header).map_err(|error| JournalError::System(error.into()))
}

/// Refuses a first line that is not the header of this study.
pub(crate) fn compare(seen: &[u8], own: &Value) -> Result<(), JournalError> {
    let wrong = |what: String| Err(JournalError::Line { line: 1, what });
    let seen: Value = serde_json::from_slice(seen).unwrap_or_default();
    if seen.get("format").and_then(Value::as_str) != Some(FORMAT) {
        return wrong("this is not the header of a journal".to_string());
    }
    let version = seen.get("version").and_then(Value::as_u64);
    if version != Some(VERSION) {
        let version = version.map_or("unknown".to_string(), |version| version.to_string());
        return wrong(format!(
            "the version of the format is {version}, but this program reads version {VERSION}"
        ));
    }
    if seen == *own {
        return Ok(());
    }
    let (mut there, mut here) = (BTreeMap::new(), BTreeMap::new());
    flatten(String::new(), &seen, &mut there);
    flatten(String::new(), own, &mut here);
    let mut keys: Vec<&String> = there.keys().chain(here.keys()).collect();
    keys.sort();
    keys.dedup();
    let differences = keys.into_iter().filter_map(|key| {
        let show = |of: &BTreeMap<String, &Value>| {
            of.get(key).map_or("absent".to_string(), |v| v.to_string())
        };
        let (there, here) = (show(&there), show(&here));
        (there != here).then(|| format!("{key} is {there} there and {here} here"))
    });
    let differences = differences.collect::<Vec<_>>().join("; ");
    Err(JournalError::Other { differences })
}

/// The values of all keys, inner ones as paths.
fn flatten<'a>(path: String, value: &'a Value, into: &mut BTreeMap<String, &'a Value>) {
    match value {
        Value::Object(inner) if !inner.is_empty() => {
            for (key, value) in inner {
                let path = match path.is_empty() {
                    true => key.clone(),
                    false => format!("{path}.{key}"),
                };
                flatten(path, value, into);
            }
        }
        _ => {
            into.insert(path, value);
        }
    }
}
