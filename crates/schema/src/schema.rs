//! The inputs that a data set offers.

use crate::input::{Input, Kind};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The inputs of a data set and the scale of its ratings: all that an architecture needs to know about the data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schema {
    /// The inputs, with unique names.
    pub inputs: Vec<Input>,
    /// Lowest and highest rating, as the model predicts them (after centring, if any).
    pub scale: (f32, f32),
}

/// Why a model cannot read a data set.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SchemaError {
    /// There is no input with this name.
    #[error("there is no input `{input}`; the data have {offered}")]
    Missing {
        /// The input that the model reads.
        input: String,
        /// The inputs that the data have.
        offered: String,
    },
    /// The input has another side or kind.
    #[error("the input `{input}` is {offered}, but the model needs {wanted}")]
    Unlike {
        /// The name of the input.
        input: String,
        /// The side and kind that the model reads.
        wanted: String,
        /// The side and kind in the data.
        offered: String,
    },
    /// The data have more rows than the model's tables.
    #[error(
        "the input `{input}` has ids below {needed}, but the model's tables have only {table} rows"
    )]
    Rows {
        /// The name of the input.
        input: String,
        /// Rows of the model's tables.
        table: usize,
        /// Rows that the data refer to.
        needed: usize,
    },
}

impl Schema {
    /// A schema of users and items only.
    pub fn of_pairs(users: usize, items: usize, scale: (f32, f32)) -> Self {
        let inputs = vec![Input::users(users), Input::items(items)];
        Self { inputs, scale }
    }

    /// Adds an input.
    pub fn with(mut self, input: Input) -> Self {
        self.inputs.push(input);
        self
    }

    /// The input with this name, if any.
    pub fn input(&self, name: &str) -> Option<&Input> {
        self.inputs.iter().find(|input| input.name == name)
    }

    /// The input with this name, or an error that lists the inputs that exist.
    ///
    /// # Errors
    /// [`SchemaError::Missing`].
    pub fn require(&self, name: &str) -> Result<&Input, SchemaError> {
        self.input(name).ok_or_else(|| SchemaError::Missing {
            input: name.to_string(),
            offered: self.offered(),
        })
    }

    /// Rows of the user tables; 0 without users.
    pub fn users(&self) -> usize {
        self.rows(Input::USERS)
    }

    /// Rows of the item tables; 0 without items.
    pub fn items(&self) -> usize {
        self.rows(Input::ITEMS)
    }

    fn rows(&self, name: &str) -> usize {
        let input = self.input(name);
        input.and_then(|input| input.kind.rows()).unwrap_or(0)
    }

    fn offered(&self) -> String {
        match self.inputs.as_slice() {
            [] => "none".to_string(),
            inputs => {
                let inputs: Vec<String> = inputs.iter().map(Input::to_string).collect();
                inputs.join(", ")
            }
        }
    }

    /// Checks that the data can serve a model that reads these inputs: each exists with the same side and kind, with no
    /// more rows than the model's tables, and numbers have the same width. An offered sequence may be longer than the
    /// model reads.
    ///
    /// # Errors
    /// The first input that does not fit.
    pub fn serves(&self, wanted: &[Input]) -> Result<(), SchemaError> {
        for input in wanted {
            let offered = self.require(&input.name)?;
            let fits = offered.side == input.side
                && match (&offered.kind, &input.kind) {
                    (Kind::Numbers { width }, Kind::Numbers { width: read }) => width == read,
                    (offered, read) => offered.is_like(read),
                };
            if !fits {
                let said = |input: &Input| format!("{} of the {}", input.kind, input.side);
                return Err(SchemaError::Unlike {
                    input: input.name.clone(),
                    wanted: said(input),
                    offered: said(offered),
                });
            }
            if let (Some(needed), Some(table)) = (offered.kind.rows(), input.kind.rows())
                && needed > table
            {
                return Err(SchemaError::Rows {
                    input: input.name.clone(),
                    table,
                    needed,
                });
            }
        }
        Ok(())
    }
}
