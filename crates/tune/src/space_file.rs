//! Reading a space from TOML.

use crate::error::SpaceError;
use crate::parameter::{Parameter, Part};
use crate::space::{Space, check_name};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::ops::Range;
use toml::Spanned;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    parameters: Spanned<BTreeMap<Spanned<String>, Spanned<Entry>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    // Not arrays: of a longer list, they would be the beginning.
    int: Option<Spanned<Vec<i64>>>,
    float: Option<Spanned<Vec<f64>>>,
    choice: Option<Spanned<Vec<Spanned<toml::Value>>>>,
    step: Option<Spanned<i64>>,
    log: Option<Spanned<bool>>,
}

/// A mistake and its place.
type Mistake = (Range<usize>, String);

impl Space {
    /// Reads a space from TOML; `name` is the name of the file in errors.
    ///
    /// ```toml
    /// [parameters]
    /// "options.factors" = { int = [8, 128], log = true }    # both bounds included
    /// "options.layers" = { int = [1, 9], step = 2 }         # 1, 3, 5, 7, 9
    /// "options.l2" = { float = [1e-7, 1e-3], log = true }
    /// "training.batch" = { choice = [64, 256, 1024] }       # any TOML values except dates
    /// ```
    ///
    /// # Errors
    ///
    /// If it is not TOML, has keys other than these, or contains a space that [`Space::new`] refuses. Errors have the line
    /// and the column, and say what was seen.
    pub fn parse(name: &str, text: &str) -> Result<Self, SpaceError> {
        let place = |(span, what): Mistake| {
            let before = text.get(..span.start).unwrap_or(text);
            let line_start = before.rfind('\n').map_or(0, |at| at + 1);
            SpaceError::Place {
                name: name.to_string(),
                line: before.matches('\n').count() + 1,
                column: before[line_start..].chars().count() + 1,
                what,
            }
        };
        let file: File = toml::from_str(text).map_err(|error| {
            let mut what = error.message().trim().to_string();
            if what.starts_with("unknown field") && what.contains("`int`") {
                what += "; a parameter's name that has dots is written in quotes";
            }
            place((error.span().unwrap_or_default(), what))
        })?;
        let span = file.parameters.span();
        let entries = file.parameters.into_inner();
        let names: Vec<String> = entries.keys().map(|name| name.get_ref().clone()).collect();
        let mut parameters = BTreeMap::new();
        for (name, entry) in entries {
            let of = |what| format!("`{}`: {what}", name.get_ref());
            let span = name.span();
            check_name(name.get_ref(), names.iter()).map_err(|what| place((span, of(what))))?;
            let parameter = parameter(entry).map_err(|(span, what)| place((span, of(what))))?;
            parameters.insert(name.into_inner(), parameter);
        }
        if parameters.is_empty() {
            return Err(place((span, SpaceError::Empty.to_string())));
        }
        Self::new(parameters)
    }
}

fn parameter(entry: Spanned<Entry>) -> Result<Parameter, Mistake> {
    let whole = entry.span();
    let Entry {
        int,
        float,
        choice,
        step,
        log,
    } = entry.into_inner();
    let step_span = step.as_ref().map(Spanned::span);
    let log_span = log.as_ref().map(Spanned::span);
    let is_log = log.is_some_and(Spanned::into_inner);
    let (parameter, values_span) = match (int, float, choice) {
        (Some(int), None, None) => {
            let values_span = int.span();
            let [low, high] = bounds(int)?;
            let step = step.map_or(1, Spanned::into_inner);
            let parameter = Parameter::Int {
                low,
                high,
                step,
                log: is_log,
            };
            (parameter, values_span)
        }
        (None, Some(float), None) => {
            if let Some(span) = step_span {
                return Err((span, "only an int has a step".to_string()));
            }
            let values_span = float.span();
            let [low, high] = bounds(float)?;
            let parameter = Parameter::Float {
                low,
                high,
                log: is_log,
            };
            (parameter, values_span)
        }
        (None, None, Some(choice)) => {
            if let Some(span) = step_span {
                return Err((span, "only an int has a step".to_string()));
            }
            if let Some(span) = log_span {
                return Err((span, "choices have no scale: omit `log`".to_string()));
            }
            let values_span = choice.span();
            let choices = choice.into_inner().into_iter().map(|choice| {
                let span = choice.span();
                json(choice.into_inner()).map_err(|what| (span, what))
            });
            let choices = choices.collect::<Result<_, _>>()?;
            (Parameter::Choice(choices), values_span)
        }
        (int, float, choice) => {
            let seen = [
                int.map(|_| "int"),
                float.map(|_| "float"),
                choice.map(|_| "choice"),
            ];
            let seen: Vec<_> = seen.into_iter().flatten().collect();
            let seen = match seen.is_empty() {
                true => "none of them".to_string(),
                false => seen.join(" and "),
            };
            let what =
                format!("a parameter has exactly one of int, float and choice, and here is {seen}");
            return Err((whole, what));
        }
    };
    let span = |part| match part {
        Part::Values => Some(values_span.clone()),
        Part::Step => step_span.clone(),
        Part::Log => log_span.clone(),
    };
    match parameter.check() {
        Ok(()) => Ok(parameter),
        Err((part, what)) => Err((span(part).unwrap_or(whole), what)),
    }
}

fn bounds<T>(values: Spanned<Vec<T>>) -> Result<[T; 2], Mistake> {
    let span = values.span();
    let bounds = <[T; 2]>::try_from(values.into_inner());
    bounds.map_err(|values| {
        let count = values.len();
        let what = format!("a range has two bounds, the lower and the upper one, not {count}");
        (span, what)
    })
}

fn json(value: toml::Value) -> Result<Value, String> {
    Ok(match value {
        toml::Value::String(text) => text.into(),
        toml::Value::Integer(number) => number.into(),
        toml::Value::Boolean(truth) => truth.into(),
        toml::Value::Float(number) if number.is_finite() => number.into(),
        toml::Value::Float(number) => {
            return Err(format!("a choice must be finite, not {number}"));
        }
        toml::Value::Datetime(date) => return Err(format!("a choice cannot be a date ({date})")),
        toml::Value::Array(values) => values.into_iter().map(json).collect::<Result<_, _>>()?,
        toml::Value::Table(table) => {
            let pairs = table
                .into_iter()
                .map(|(key, value)| Ok((key, json(value)?)));
            Value::Object(pairs.collect::<Result<_, String>>()?)
        }
    })
}
