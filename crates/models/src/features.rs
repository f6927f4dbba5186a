//! The inputs that a model reads besides users and items.

use crate::architecture::ModelError;
use recburn_graph::{Activation, Kernel, Pool, Sym, Table, TableOptions};
use recburn_schema::{Input, Kind, Schema, SchemaError, Side};

/// The inputs with these names; without names, every input of these sides except the histories, which are made of ratings.
/// Users and items themselves are not included.
///
/// # Errors
///
/// [`ModelError::Schema`] for a name that the data lack or an input of another side.
pub(crate) fn chosen(
    schema: &Schema,
    names: Option<&[String]>,
    sides: &[Side],
) -> Result<Vec<Input>, ModelError> {
    let is_other = |input: &&Input| !input.is_users() && !input.is_items();
    let Some(names) = names else {
        let offered = schema.inputs.iter().filter(is_other);
        let taken = offered.filter(|input| sides.contains(&input.side) && !input.is_history());
        return Ok(taken.map(read).collect());
    };
    let mut inputs: Vec<Input> = Vec::new();
    for name in names {
        let input = schema.require(name)?;
        if !sides.contains(&input.side) {
            let sides: Vec<String> = sides.iter().map(Side::to_string).collect();
            return Err(SchemaError::Unlike {
                input: name.clone(),
                wanted: format!("an input of the {}", sides.join(" or the ")),
                offered: format!("{} of the {}", input.kind, input.side),
            }
            .into());
        }
        if is_other(&input) && !inputs.contains(&read(input)) {
            inputs.push(read(input));
        }
    }
    Ok(inputs)
}

/// How much of a sequence is read: a model must not depend on the length of the longest history.
const LENGTH: usize = 50;

/// An input as it is read.
fn read(input: &Input) -> Input {
    let kind = match &input.kind {
        Kind::Sequence { rows, length: _ } => Kind::Sequence {
            rows: *rows,
            length: LENGTH,
        },
        Kind::Id { .. } | Kind::Bag { .. } | Kind::Numbers { .. } => input.kind.clone(),
    };
    Input::new(&input.name, input.side, kind)
}

/// An input as `width` numbers: the row of an id, the mean row of a bag or sequence, numbers times a matrix plus a bias.
pub(crate) fn embedded(
    input: &Input,
    name: &str,
    width: usize,
    table: TableOptions,
    kernel: Kernel,
) -> Sym {
    match &input.kind {
        Kind::Id { .. } => Sym::column(input).embed_with(name, width, table),
        Kind::Bag { rows } | Kind::Sequence { rows, .. } => {
            let rows = Table::with(name, *rows, width, table);
            Sym::bag(input).pool(name, &rows, Pool::Mean)
        }
        Kind::Numbers { .. } => {
            Sym::numbers(input).dense_with(name, width, Activation::Linear, kernel)
        }
    }
}
