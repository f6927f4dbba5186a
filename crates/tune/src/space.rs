//! The parameters of a study.

use crate::error::SpaceError;
use crate::parameter::Parameter;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// A configuration: a value per parameter.
pub type Values = BTreeMap<String, Value>;

/// Parameters by name. A name is a dotted path, such as `options.factors`, to which the caller gives a meaning.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(
    try_from = "BTreeMap<String, Parameter>",
    into = "BTreeMap<String, Parameter>"
)]
pub struct Space {
    parameters: BTreeMap<String, Parameter>,
}

impl TryFrom<BTreeMap<String, Parameter>> for Space {
    type Error = SpaceError;

    fn try_from(parameters: BTreeMap<String, Parameter>) -> Result<Self, SpaceError> {
        for (name, parameter) in &parameters {
            let wrong = |what| SpaceError::Parameter {
                parameter: name.clone(),
                what,
            };
            check_name(name, parameters.keys()).map_err(wrong)?;
            parameter.check().map_err(|(_, what)| wrong(what))?;
        }
        match parameters.is_empty() {
            true => Err(SpaceError::Empty),
            false => Ok(Self { parameters }),
        }
    }
}

impl From<Space> for BTreeMap<String, Parameter> {
    fn from(space: Space) -> Self {
        space.parameters
    }
}

impl Space {
    /// A space of these parameters.
    ///
    /// # Errors
    ///
    /// If there are none, if a name is not a dotted path or is part of the path of another, or if a parameter is not
    /// valid: bounds must be finite and ascending, above 0 on a log scale and within ±2^53 for integers; a step is at
    /// least 1 and at most the width of the range; there is at least one choice, and choices are distinct.
    pub fn new(
        parameters: impl IntoIterator<Item = (String, Parameter)>,
    ) -> Result<Self, SpaceError> {
        let parameters: BTreeMap<_, _> = parameters.into_iter().collect();
        parameters.try_into()
    }

    /// The parameters, ordered by name.
    pub fn parameters(&self) -> &BTreeMap<String, Parameter> {
        &self.parameters
    }

    /// The number of configurations; `None` if a parameter is a range of floating-point numbers (or the number exceeds
    /// 128 bits).
    pub fn size(&self) -> Option<u128> {
        let mut sizes = self.parameters.values().map(Parameter::size);
        sizes.try_fold(1_u128, |size, of| size.checked_mul(of?))
    }

    /// Whether these are values of exactly the parameters of the space, each in its range.
    ///
    /// # Errors
    ///
    /// The reason why they are not, in words.
    pub(crate) fn check(&self, values: &Values) -> Result<(), String> {
        if let Some(name) = values
            .keys()
            .find(|name| !self.parameters.contains_key(*name))
        {
            return Err(format!("there is no parameter `{name}` in the space"));
        }
        for (name, parameter) in &self.parameters {
            let Some(value) = values.get(name) else {
                return Err(format!("the parameter `{name}` has no value"));
            };
            if parameter.position(value).is_none() {
                return Err(format!("the parameter `{name}` cannot be {value}"));
            }
        }
        Ok(())
    }

    /// The configuration at an index below [`Space::size`]; the last parameter varies fastest.
    pub(crate) fn nth(&self, mut index: u128) -> Values {
        let mut values = Values::new();
        for (name, parameter) in self.parameters.iter().rev() {
            let size = parameter.size().unwrap_or(1);
            values.insert(name.clone(), parameter.nth(index % size));
            index /= size;
        }
        values
    }
}

/// Refuses names that are no paths, and names that contain another as their beginning: both could not be set.
pub(crate) fn check_name<'a>(
    name: &str,
    mut all: impl Iterator<Item = &'a String>,
) -> Result<(), String> {
    let is_segment = |part: &str| !part.is_empty() && !part.contains(char::is_whitespace);
    if !name.split('.').all(is_segment) {
        return Err("a name is a path of words separated by dots".to_string());
    }
    let inner = |other: &&String| {
        let rest = other.strip_prefix(name);
        rest.is_some_and(|rest| rest.starts_with('.'))
    };
    match all.find(inner) {
        Some(other) => Err(format!(
            "`{name}` contains `{other}`, so both cannot be parameters"
        )),
        None => Ok(()),
    }
}
