//! Values: the axis of their rows and their places in buffers; ranges of the dense parameters.

use recburn_schema::Side;

/// The axis along which a value has rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Axis {
    /// One row per distinct user of a batch, for values that depend only on the user.
    Users,
    /// One row per distinct item.
    Items,
    /// One row per entry of the sequences that are looked up step by step.
    Entries,
    /// One row per query.
    Queries,
    /// One row per pair of a query and a candidate.
    Pairs,
}

impl Axis {
    /// The axis of the values of a side.
    pub fn of(side: Side) -> Self {
        match side {
            Side::User => Self::Users,
            Side::Item => Self::Items,
            Side::Event => Self::Queries,
        }
    }
}

/// A value of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ValueIx(pub usize);

/// Where the rows of a value are: `width` numbers at offset `start` of every `stride` numbers of a buffer. Its gradient
/// has the same place in the buffer of gradients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub buffer: usize,
    pub start: usize,
    pub width: usize,
    pub stride: usize,
}

impl Place {
    /// Whether the value is the whole buffer.
    pub fn is_whole(&self) -> bool {
        self.width == self.stride
    }
}

/// A value, with one row per element of its axis.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Value {
    pub axis: Axis,
    pub place: Place,
}

/// A range of the dense parameters, which are contiguous.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub start: usize,
    pub len: usize,
}

impl Span {
    pub fn of(self, numbers: &[f32]) -> &[f32] {
        &numbers[self.start..][..self.len]
    }

    pub fn of_mut(self, numbers: &mut [f32]) -> &mut [f32] {
        &mut numbers[self.start..][..self.len]
    }
}
