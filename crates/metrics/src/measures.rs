//! Measures by name.

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::ops::Index;

/// Measures by name, in order of insertion: `loss`, `rmse`, `ndcg@10`. Serialised as an object.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Measures(Vec<(String, f64)>);

impl Measures {
    /// The mean loss, without the penalty.
    pub const LOSS: &'static str = "loss";
    /// The root of the mean squared error.
    pub const RMSE: &'static str = "rmse";
    /// The mean absolute error.
    pub const MAE: &'static str = "mae";

    /// Adds a measure, or replaces the one with the same name.
    pub fn set(&mut self, name: impl Into<String>, value: f64) {
        let name = name.into();
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => *known = value,
            None => self.0.push((name, value)),
        }
    }

    /// The measure with this name.
    pub fn get(&self, name: &str) -> Option<f64> {
        let mut all = self.0.iter();
        all.find(|(known, _)| known == name)
            .map(|(_, value)| *value)
    }

    /// The mean loss, without the penalty; NaN if there is none.
    pub fn loss(&self) -> f64 {
        self.get(Self::LOSS).unwrap_or(f64::NAN)
    }

    /// The names, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// Names and values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, f64)> {
        self.0.iter().map(|(name, value)| (name.as_str(), *value))
    }
}

impl<N: Into<String>> FromIterator<(N, f64)> for Measures {
    fn from_iter<I: IntoIterator<Item = (N, f64)>>(figures: I) -> Self {
        let mut measures = Self::default();
        for (name, value) in figures {
            measures.set(name, value);
        }
        measures
    }
}

/// # Panics
/// If there is no measure with this name.
impl Index<&str> for Measures {
    type Output = f64;

    fn index(&self, name: &str) -> &f64 {
        let mut all = self.0.iter();
        match all.find(|(known, _)| known == name) {
            Some((_, value)) => value,
            None => panic!(
                "there is no `{name}` among {:?}",
                self.names().collect::<Vec<_>>()
            ),
        }
    }
}

/// One line per measure.
impl fmt::Display for Measures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.names().map(str::len).max().unwrap_or(0);
        for (name, value) in self.iter() {
            writeln!(f, "{name:<width$}  {value:.4}")?;
        }
        Ok(())
    }
}

impl Serialize for Measures {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for Measures {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Figures;
        impl<'de> Visitor<'de> for Figures {
            type Value = Measures;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("measures by name")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Measures, A::Error> {
                let mut measures = Measures::default();
                while let Some((name, value)) = map.next_entry::<String, f64>()? {
                    measures.set(name, value);
                }
                Ok(measures)
            }
        }
        deserializer.deserialize_map(Figures)
    }
}
