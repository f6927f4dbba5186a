//! What a machine sends in a step, by the design of the training.

use crate::batch::Rows;

/// The users, and how unequal they are.
pub const USERS: Rows = Rows {
    rows: 100e6,
    law: 0.5,
};
/// The items.
pub const ITEMS: Rows = Rows {
    rows: 10e6,
    law: 1.0,
};

/// Bytes of a number, an id or a mark.
pub const NUMBER: f64 = 4.0;

/// A machine's part of a step.
pub struct Step {
    machines: f64,
    /// Distinct users and items of its ratings.
    users: f64,
    items: f64,
    /// Bytes of a row's weights or gradient.
    row: f64,
}

/// What it sends, and receives, in bytes.
impl Step {
    /// Of so many machines, with so many ratings and factors.
    pub fn new(machines: f64, ratings: f64, factors: f64) -> Self {
        Self {
            machines,
            users: USERS.distinct(ratings),
            items: ITEMS.distinct(ratings),
            row: factors * NUMBER,
        }
    }

    /// Of what goes to its owner, the part that goes to another machine.
    fn abroad(&self) -> f64 {
        (self.machines - 1.0) / self.machines
    }

    /// Whole tables everywhere; dense gradients are added up in a ring.
    pub fn dense(&self) -> f64 {
        2.0 * self.abroad() * (USERS.rows + ITEMS.rows) * self.row
    }

    /// Whole tables everywhere; the gradients of touched rows go to everybody.
    pub fn replicated(&self) -> f64 {
        (self.machines - 1.0) * (self.users + self.items) * (NUMBER + self.row)
    }

    /// Both tables spread: an id goes, a row comes, its gradient goes.
    pub fn sharded(&self) -> f64 {
        self.abroad() * (self.users + self.items) * (NUMBER + 2.0 * self.row)
    }

    /// Users where their ratings are, the items' table everywhere.
    pub fn items_everywhere(&self) -> f64 {
        (self.machines - 1.0) * self.items * (NUMBER + self.row)
    }

    /// Users where their ratings are, items spread.
    pub fn chosen(&self) -> f64 {
        self.abroad() * self.items * (NUMBER + 2.0 * self.row)
    }
}
