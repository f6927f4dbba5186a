//! Many items against a few users, of scores that layers compute from a row of each.
//!
//! The first layer of a perceptron over a pair is linear in it: `W [p; q] + b = (W_p p + b) + W_q q`. What depends on the
//! item alone is computed once for a catalogue, what depends on the user alone once for a list, and only the rest is
//! computed for each pair.

use crate::elementwise::finish;
use crate::product::Matrix;
use crate::widest::widest;
use recburn_graph::Activation;
use std::ops::Range;

/// Items that are scored together: few enough that their values stay in the cache, enough for long products.
const BLOCK: usize = 256;

/// Numbers of a pair.
#[derive(Clone, Debug, PartialEq)]
pub enum Operand {
    /// These columns of the user's row.
    User(Range<usize>),
    /// These columns of the item's row.
    Item(Range<usize>),
    /// The value of an earlier step.
    Value(usize),
}

/// A summand of a step.
#[derive(Clone, Debug, PartialEq)]
pub enum Term {
    /// The numbers themselves, from this column on.
    Plain(Operand, usize),
    /// The product of operands of one width, column by column.
    Product(Vec<Operand>),
    /// The same, added up to one number.
    Dot(Vec<Operand>),
    /// The value of an earlier step times a kernel, `[columns, units]`.
    Times(usize, Vec<f32>),
}

/// `activation(scale * sum of terms + shift)`
#[derive(Clone, Debug, PartialEq)]
pub struct HeadStep {
    /// Columns of its value.
    pub width: usize,
    /// What is added up.
    pub terms: Vec<Term>,
    /// A factor and a summand for each column; `None` for 1 and 0.
    pub affine: Option<(Vec<f32>, Vec<f32>)>,
    /// Applied at the end.
    pub activation: Activation,
}

/// The layers that compute a score from a row of the user and one of the item. The last step's value is the score.
#[derive(Clone, Debug, PartialEq)]
pub struct Head {
    /// Numbers of a user's row.
    pub user_width: usize,
    /// Numbers of an item's row.
    pub item_width: usize,
    /// In order: each reads values of steps before it.
    pub steps: Vec<HeadStep>,
}

impl Head {
    /// Whether every operand is there and has the width that its place asks for.
    fn is_sound(&self) -> bool {
        let mut widths: Vec<usize> = Vec::new();
        for step in &self.steps {
            let width = |operand: &Operand| match operand {
                Operand::User(of) => (of.end <= self.user_width).then_some(of.len()),
                Operand::Item(of) => (of.end <= self.item_width).then_some(of.len()),
                Operand::Value(at) => widths.get(*at).copied(),
            };
            let equal = |of: &[Operand]| -> Option<usize> {
                let first = width(of.first()?)?;
                of.iter()
                    .all(|of| width(of) == Some(first))
                    .then_some(first)
            };
            let fits = |term: &Term| match term {
                Term::Plain(of, at) => width(of).is_some_and(|width| at + width <= step.width),
                Term::Product(of) => equal(of) == Some(step.width),
                Term::Dot(of) => equal(of).is_some() && step.width == 1,
                Term::Times(at, kernel) => widths
                    .get(*at)
                    .is_some_and(|width| *width > 0 && kernel.len() == width * step.width),
            };
            let affine = step.affine.as_ref();
            if step.width == 0
                || !step.terms.iter().all(fits)
                || !affine.is_none_or(|(scale, shift)| {
                    scale.len() == step.width && shift.len() == step.width
                })
            {
                return false;
            }
            widths.push(step.width);
        }
        widths.last() == Some(&1)
    }
}

/// The items' rows of a catalogue, kept with the layers behind them.
///
/// A score does not depend on who else is asked for, to the bit.
#[derive(Clone, Debug)]
pub struct Halves {
    head: Head,
    /// Blocks of items, each with the first numbers of all its rows, then the second ones, and so on.
    numbers: Vec<f32>,
    count: usize,
}

impl Halves {
    /// Of the items' rows, one after the other.
    ///
    /// # Panics
    /// If they are not whole rows, or an operand of the head is not there or has the wrong width.
    pub fn new(head: Head, rows: &[f32]) -> Self {
        let width = head.item_width;
        assert!(head.is_sound(), "the operands of a head fit");
        assert!(
            width > 0 && rows.len().is_multiple_of(width),
            "{} numbers are not rows of {width}",
            rows.len()
        );
        let mut numbers = Vec::with_capacity(rows.len());
        for block in rows.chunks(BLOCK * width) {
            for column in 0..width {
                numbers.extend(block.iter().skip(column).step_by(width));
            }
        }
        Self {
            count: rows.len() / width,
            head,
            numbers,
        }
    }

    /// How many items.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Numbers of a user's row.
    pub fn user_width(&self) -> usize {
        self.head.user_width
    }

    /// The score of each item for each user's row, user by user: `[users, items]`.
    ///
    /// # Panics
    /// If the numbers are not whole rows.
    pub fn scores(&self, users: &[f32]) -> Vec<f32> {
        let width = self.head.user_width;
        assert!(
            width > 0 && users.len().is_multiple_of(width),
            "{} numbers are not rows of {width}",
            users.len()
        );
        let mut scores = vec![0.0; users.len() / width * self.count];
        let steps = self.head.steps.iter();
        let mut values: Vec<Vec<f32>> = steps.map(|step| vec![0.0; step.width * BLOCK]).collect();
        let blocks = self.numbers.chunks(BLOCK * self.head.item_width);
        for (from, items) in (0..).step_by(BLOCK).zip(blocks) {
            let count = items.len() / self.head.item_width;
            for (at, user) in users.chunks_exact(width).enumerate() {
                for (step, at) in self.head.steps.iter().zip(0..) {
                    let (values, rest) = values.split_at_mut(at);
                    let given = Given {
                        user,
                        items,
                        values,
                        count,
                    };
                    step.run(&given, &mut rest[0][..step.width * count]);
                }
                if let Some(last) = values.last() {
                    let from = at * self.count + from;
                    scores[from..from + count].copy_from_slice(&last[..count]);
                }
            }
        }
        scores
    }
}

/// What a step reads, of one user and a block of items.
struct Given<'a> {
    user: &'a [f32],
    items: &'a [f32],
    values: &'a [Vec<f32>],
    count: usize,
}

/// One column of an operand.
#[derive(Clone, Copy)]
enum Column<'a> {
    /// The same number for all items.
    One(f32),
    Each(&'a [f32]),
}

impl<'a> Given<'a> {
    fn column(&self, of: &Operand, at: usize) -> Column<'a> {
        let each =
            |numbers: &'a [f32], at: usize| Column::Each(&numbers[at * self.count..][..self.count]);
        match of {
            Operand::User(of) => Column::One(self.user[of.start + at]),
            Operand::Item(of) => each(self.items, of.start + at),
            Operand::Value(value) => each(&self.values[*value], at),
        }
    }

    fn width(&self, of: &Operand) -> usize {
        match of {
            Operand::User(of) | Operand::Item(of) => of.len(),
            Operand::Value(value) => self.values[*value].len() / BLOCK,
        }
    }
}

impl HeadStep {
    fn run(&self, given: &Given<'_>, out: &mut [f32]) {
        let count = given.count;
        let mut terms = self.terms.as_slice();
        match terms {
            // A first layer's two halves.
            [
                Term::Plain(user @ Operand::User(_), 0),
                Term::Plain(item @ Operand::Item(_), 0),
                rest @ ..,
            ] if given.width(user) == self.width && given.width(item) == self.width => {
                terms = rest;
                for (at, out) in out.chunks_exact_mut(count).enumerate() {
                    if let (Column::One(user), Column::Each(item)) =
                        (given.column(user, at), given.column(item, at))
                    {
                        widest!(for (out, item) in out.iter_mut().zip(item) {
                            *out = user + *item;
                        });
                    }
                }
            }
            [Term::Times(value, kernel), rest @ ..] if self.width > 1 => {
                terms = rest;
                times(given, *value, kernel, out, false);
            }
            _ => out.fill(0.0),
        }
        for term in terms {
            match term {
                Term::Plain(of, from) => {
                    let out = out[from * count..].chunks_exact_mut(count);
                    for (at, out) in out.take(given.width(of)).enumerate() {
                        add_product(&[given.column(of, at)], out);
                    }
                }
                Term::Product(of) => {
                    for (at, out) in out.chunks_exact_mut(count).enumerate() {
                        let columns: Vec<_> = of.iter().map(|of| given.column(of, at)).collect();
                        add_product(&columns, out);
                    }
                }
                Term::Dot(of) => {
                    for at in 0..of.first().map_or(0, |of| given.width(of)) {
                        let columns: Vec<_> = of.iter().map(|of| given.column(of, at)).collect();
                        add_product(&columns, out);
                    }
                }
                Term::Times(value, kernel) if self.width == 1 => {
                    for (at, weight) in kernel.iter().enumerate() {
                        let value = given.column(&Operand::Value(*value), at);
                        add_product(&[Column::One(*weight), value], out);
                    }
                }
                Term::Times(value, kernel) => times(given, *value, kernel, out, true),
            }
        }
        finish(out, count, self.affine.as_ref(), self.activation);
    }
}

/// Writes the product of a value and a kernel, or adds it.
fn times(given: &Given<'_>, value: usize, kernel: &[f32], out: &mut [f32], add: bool) {
    let (count, units) = (given.count, out.len() / given.count);
    let width = kernel.len() / units;
    let kernel = Matrix::new(kernel, [width, units]).transposed();
    let value = Matrix::new(&given.values[value][..width * count], [width, count]);
    kernel.times_into(value, out, count, add);
}

/// Adds the product of columns.
fn add_product(columns: &[Column<'_>], out: &mut [f32]) {
    let (mut number, mut each): (f32, Vec<&[f32]>) = (1.0, Vec::new());
    for column in columns {
        match column {
            Column::One(one) => number *= one,
            Column::Each(numbers) => each.push(numbers),
        }
    }
    match each.as_slice() {
        [] => widest!(for out in out.iter_mut() {
            *out += number;
        }),
        [one] => widest!(for (out, one) in out.iter_mut().zip(*one) {
            *out += number * one;
        }),
        [one, other] => {
            widest!(
                for ((out, one), other) in out.iter_mut().zip(*one).zip(*other) {
                    *out += number * one * other;
                }
            );
        }
        all => {
            for (at, out) in out.iter_mut().enumerate() {
                *out += number * all.iter().map(|each| each[at]).product::<f32>();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{BLOCK, Halves, Head, HeadStep, Operand, Term};
    use recburn_graph::Activation;

    fn numbers(count: usize, by: usize) -> Vec<f32> {
        (0..count)
            .map(|at| (at * by % 13) as f32 / 4.0 - 1.5)
            .collect()
    }

    /// `relu(u + i)`, a layer over it with a product beside, one number.
    fn head() -> Head {
        let step = |width, terms, affine, activation| HeadStep {
            width,
            terms,
            affine,
            activation,
        };
        Head {
            user_width: 5,
            item_width: 6,
            steps: vec![
                step(
                    3,
                    vec![
                        Term::Plain(Operand::User(0..3), 0),
                        Term::Plain(Operand::Item(1..4), 0),
                    ],
                    None,
                    Activation::Relu,
                ),
                step(
                    2,
                    vec![
                        Term::Times(0, numbers(6, 5)),
                        Term::Product(vec![Operand::User(3..5), Operand::Item(4..6)]),
                    ],
                    Some((vec![2.0, 1.0], vec![0.5, -0.25])),
                    Activation::Linear,
                ),
                step(
                    1,
                    vec![
                        Term::Times(1, vec![0.5, -2.0]),
                        Term::Dot(vec![
                            Operand::Item(4..6),
                            Operand::Value(1),
                            Operand::Item(0..2),
                        ]),
                        Term::Plain(Operand::Item(0..1), 0),
                    ],
                    None,
                    Activation::Linear,
                ),
            ],
        }
    }

    #[test]
    fn scores_are_those_of_the_definition_and_the_same_alone_and_together() {
        for items in [0, 1, BLOCK, BLOCK + 3] {
            let (rows, users) = (numbers(items * 6, 7), numbers(3 * 5, 11));
            let kept = Halves::new(head(), &rows);
            let scores = kept.scores(&users);
            assert_eq!((kept.len(), scores.len()), (items, 3 * items));
            let kernel = numbers(6, 5);
            for (u, user) in users.chunks_exact(5).enumerate() {
                assert_eq!(kept.scores(user), &scores[u * items..][..items]);
                for (i, item) in rows.chunks_exact(6).enumerate() {
                    let hidden: Vec<f32> = (0..3)
                        .map(|at| (user[at] + item[1 + at]).max(0.0))
                        .collect();
                    let layer = |unit: usize| -> f32 {
                        let sum: f32 = (0..3).map(|at| hidden[at] * kernel[at * 2 + unit]).sum();
                        sum + user[3 + unit] * item[4 + unit]
                    };
                    let second = [2.0 * layer(0) + 0.5, layer(1) - 0.25];
                    let dot: f32 = (0..2).map(|at| item[4 + at] * second[at] * item[at]).sum();
                    let exact = 0.5 * second[0] - 2.0 * second[1] + dot + item[0];
                    let score = scores[u * items + i];
                    assert!((score - exact).abs() < 1e-4, "{score} and {exact}");
                }
            }
        }
    }
}
