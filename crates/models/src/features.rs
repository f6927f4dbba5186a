//! The inputs that a model reads besides users and items.

use crate::architecture::ModelError;
use recburn_graph::{Activation, Kernel, Pool, Sym, Table, TableOptions, concat};
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

/// Users, items and the inputs with these names, of users, items and events; without names, every such input except the
/// histories.
///
/// # Errors
///
/// As [`chosen`].
pub(crate) fn fields(schema: &Schema, names: Option<&[String]>) -> Result<Vec<Input>, ModelError> {
    let mut fields = vec![Input::users(schema.users()), Input::items(schema.items())];
    fields.extend(chosen(
        schema,
        names,
        &[Side::User, Side::Item, Side::Event],
    )?);
    Ok(fields)
}

/// The items of each user, as a bag.
///
/// # Errors
///
/// [`ModelError::Schema`] for data without histories.
pub(crate) fn items_of_user(schema: &Schema) -> Result<Input, ModelError> {
    let kind = Kind::Bag {
        rows: schema.items(),
    };
    let history = Input::new(Input::HISTORY, Side::User, kind);
    schema.serves(std::slice::from_ref(&history))?;
    Ok(history)
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

/// What a stack of dense layers reads of the columns of a pair.
pub(crate) struct Joined {
    /// Their values, side by side.
    pub value: Sym,
    /// The width of all of them.
    pub width: usize,
}

/// `own` factors of users and items, `others` of each other id and bag, and numbers as they are, concatenated.
pub(crate) fn joined(
    name: &str,
    fields: &[Input],
    [own, others]: [usize; 2],
    table: TableOptions,
) -> Joined {
    let read = |input: &Input| match &input.kind {
        Kind::Numbers { width } => (Sym::numbers(input), *width),
        Kind::Id { .. } | Kind::Bag { .. } | Kind::Sequence { .. } => {
            let name = format!("{}_factors", input.name);
            let width = match input.is_users() || input.is_items() {
                true => own,
                false => others,
            };
            let rows = embedded(input, &name, width, table, Kernel::default());
            (rows, width)
        }
    };
    let (values, widths): (Vec<Sym>, Vec<usize>) = fields.iter().map(read).unzip();
    Joined {
        value: concat(name, &values),
        width: widths.into_iter().fold(0, usize::saturating_add),
    }
}

/// Factors of equal width for each field, as factorisation machines have them: numbers are multiplied by a learnt row, plus a
/// bias.
pub(crate) fn factors(
    fields: &[Input],
    width: usize,
    table: TableOptions,
    kernel: Kernel,
) -> Vec<Sym> {
    let row = |input: &Input| {
        let name = format!("{}_factors", input.name);
        embedded(input, &name, width, table, kernel)
    };
    fields.iter().map(row).collect()
}

/// The linear terms: a learnt number for each id, the mean of those of a bag, and numbers by a learnt weight plus a bias.
pub(crate) fn linear(fields: &[Input], table: TableOptions, kernel: Kernel) -> Vec<Sym> {
    let term = |input: &Input| {
        let name = format!("{}_bias", input.name);
        embedded(input, &name, 1, table, kernel)
    };
    fields.iter().map(term).collect()
}
