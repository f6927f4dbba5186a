//! A column of ids on its way into tables.

use crate::tape::Tape;
use burn::tensor::{Device, Int, Tensor, TensorData};
use std::cell::OnceCell;
use std::rc::Rc;

/// Which of the two columns of a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The one who rates.
    User,
    /// What is rated.
    Item,
}

/// The ids of one column of a batch: the distinct rows of the tables behind it and, for each example, its position
/// among them. Made on the host, and checked there, since no GPU backend checks an index.
#[derive(Clone)]
pub struct Ids {
    side: Side,
    rows: Rc<[u32]>,
    on_device: Rc<OnceCell<Tensor<1, Int>>>,
    /// `None`: each example is its own row.
    inverse: Option<Tensor<1, Int>>,
    device: Device,
    tape: Option<Tape>,
}

fn integers(values: &[u32], device: &Device) -> Tensor<1, Int> {
    let values: Vec<i32> = values.iter().map(|&value| value as i32).collect();
    let count = values.len();
    Tensor::from_data(TensorData::new(values, [count]), device)
}

impl Ids {
    /// Distinct rows, and each example's position among them.
    pub fn new(side: Side, rows: &[u32], inverse: &[u32], device: &Device) -> Self {
        let device = device.clone().inner();
        Self {
            inverse: Some(integers(inverse, &device)),
            ..Self::of(side, rows, &device)
        }
    }

    /// One row for each example, repeated or not: for inference.
    pub fn of(side: Side, rows: &[u32], device: &Device) -> Self {
        Self {
            side,
            rows: rows.into(),
            on_device: Rc::default(),
            inverse: None,
            device: device.clone().inner(),
            tape: None,
        }
    }

    /// The same ids in training: tables note on `tape` what is taken from them.
    pub fn on_tape(self, tape: &Tape) -> Self {
        Self {
            tape: Some(tape.clone()),
            ..self
        }
    }

    /// The same ids without the tape, which may then hold them without holding itself.
    pub(crate) fn off_tape(&self) -> Self {
        Self {
            tape: None,
            ..self.clone()
        }
    }

    /// Which column this is.
    pub fn side(&self) -> Side {
        self.side
    }

    /// The rows, on the host.
    pub fn rows(&self) -> &Rc<[u32]> {
        &self.rows
    }

    /// The rows, on the device; sent there when first asked for.
    pub fn rows_on_device(&self) -> Tensor<1, Int> {
        self.on_device
            .get_or_init(|| integers(&self.rows, &self.device))
            .clone()
    }

    /// The step's tape, in training.
    pub fn tape(&self) -> Option<&Tape> {
        self.tape.as_ref()
    }

    /// One value an example from one value a row.
    ///
    /// # Shapes
    /// - values: `[rows, width]`
    /// - output: `[batch, width]`
    pub fn spread(&self, values: Tensor<2>) -> Tensor<2> {
        match &self.inverse {
            Some(inverse) => values.select(0, inverse.clone()),
            None => values,
        }
    }
}
