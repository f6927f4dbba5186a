//! A data set to draw models for, where there is none.

use recburn_schema::{Input, Kind, Schema, Side};

/// What MovieLens 100K offers, with this many users and items: every model of the zoo can be drawn for it.
///
/// Besides users and items these are the features of its files (`age`, `gender`, `occupation` and the first character of
/// the `zip` code; `genres`, `year` and `title_words`), the histories of a training part (`history`, `rated_history`,
/// `recent`, `raters`) and the columns that its timestamps make (`hour_of_day`, `day_of_week`, `day`).
pub fn nominal_schema(users: usize, items: usize) -> Schema {
    let number = Kind::Numbers { width: 1 };
    let id = |rows| Kind::Id { rows };
    let bag = |rows| Kind::Bag { rows };
    let recent = Kind::Sequence {
        rows: items,
        length: 200,
    };
    let inputs = [
        ("age", Side::User, number.clone()),
        ("gender", Side::User, id(2)),
        ("occupation", Side::User, id(21)),
        ("zip", Side::User, id(19)),
        ("genres", Side::Item, bag(18)),
        ("year", Side::Item, number.clone()),
        ("title_words", Side::Item, bag(1_024)),
        (Input::RECENT, Side::User, recent),
        (Input::HISTORY, Side::User, bag(items)),
        (Input::RATED_HISTORY, Side::User, bag(items)),
        (Input::RATERS, Side::Item, bag(users)),
        ("hour_of_day", Side::Event, id(24)),
        ("day_of_week", Side::Event, id(7)),
        ("day", Side::Event, number),
    ];
    let others = inputs.map(|(name, side, kind)| Input::new(name, side, kind));
    let mut schema = Schema::of_pairs(users, items, (1.0, 5.0));
    schema.inputs.extend(others);
    schema
}
