//! Traffic per machine and step, by the design of the training.

use crate::batch::Rows;

/// The users and their popularity distribution.
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

/// A machine's share of a step.
pub struct Step {
    machines: f64,
    /// Distinct users and items among its ratings.
    users: f64,
    items: f64,
    /// Bytes of a row's weights or gradient.
    row: f64,
}

/// The bytes that it sends, and receives.
impl Step {
    /// A step with this many machines, ratings and factors.
    pub fn new(machines: f64, ratings: f64, factors: f64) -> Self {
        Self {
            machines,
            users: USERS.distinct(ratings),
            items: ITEMS.distinct(ratings),
            row: factors * NUMBER,
        }
    }

    /// The fraction of rows whose owner is another machine.
    fn abroad(&self) -> f64 {
        (self.machines - 1.0) / self.machines
    }

    /// Whole tables everywhere; dense gradients are summed in a ring.
    pub fn dense(&self) -> f64 {
        2.0 * self.abroad() * (USERS.rows + ITEMS.rows) * self.row
    }

    /// Whole tables everywhere; the gradients of touched rows are sent to all machines.
    pub fn replicated(&self) -> f64 {
        (self.machines - 1.0) * (self.users + self.items) * (NUMBER + self.row)
    }

    /// Both tables distributed: an id is sent, a row received, its gradient sent.
    pub fn sharded(&self) -> f64 {
        self.abroad() * (self.users + self.items) * (NUMBER + 2.0 * self.row)
    }

    /// Users stored with their ratings, the items' table everywhere.
    pub fn items_everywhere(&self) -> f64 {
        (self.machines - 1.0) * self.items * (NUMBER + self.row)
    }

    /// Users stored with their ratings, items distributed.
    pub fn chosen(&self) -> f64 {
        self.abroad() * self.items * (NUMBER + 2.0 * self.row)
    }
}
