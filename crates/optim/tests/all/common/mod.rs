//! The dense optimizer that row tables are held to.

use recburn_optim::{Lane, Penalty, Rule, Step, Update, UpdateVisitor};

/// The dense optimizer: every weight moves at every step. In double precision it is the truth; in single precision it
/// says how far from it rounding alone may lead.
pub struct Dense<L = f64> {
    rule: Rule,
    penalty: Penalty,
    pub weights: Vec<L>,
    pub state: Vec<Vec<L>>,
}

struct Move<'a, L>(&'a mut Dense<L>, &'a [f32]);

impl<L: Lane + From<f32>> UpdateVisitor for Move<'_, L> {
    type Output = ();
    fn visit<const N: usize, U: Update<N>>(self, update: U) {
        let Move(dense, gradient) = self;
        for (at, &gradient) in gradient.iter().enumerate() {
            let weight = dense.weights[at].clone();
            let pull = weight.clone().scale(dense.penalty.decay());
            let state = std::array::from_fn(|i| dense.state[i][at].clone());
            let (weight, state) = update.step(weight, state, pull.plus(gradient.into()));
            dense.weights[at] = if dense.penalty.non_negative {
                weight.positive()
            } else {
                weight
            };
            for (part, value) in state.into_iter().enumerate() {
                dense.state[part][at] = value;
            }
        }
    }
}

impl<L: Lane + From<f32>> Dense<L> {
    pub fn new(rule: Rule, penalty: Penalty, weights: &[f32]) -> Self {
        let start = vec![rule.initial_state().into(); weights.len()];
        Self {
            rule,
            penalty,
            weights: weights.iter().map(|&w| w.into()).collect(),
            state: vec![start; rule.states()],
        }
    }

    pub fn step(&mut self, step: Step, gradient: &[f32]) {
        let rule = self.rule;
        rule.at(rule.pace(step), Move(self, gradient));
    }
}
