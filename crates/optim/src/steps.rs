//! The steps of a training, as rows that rest will ask for them.

use crate::rule::{Rule, Step};
use crate::table::Mode;

/// The steps since all tables were last brought up to date.
///
/// A row at rest moves by the rates of the steps that it missed. What a whole row needs of them is a few numbers that
/// depend on where it was left and on nothing else, so they are kept here, one entry a step, and brought forward as
/// steps are taken: a row that returns asks for its entry, however long it was away.
#[derive(Clone, Debug)]
pub struct Steps {
    rule: Rule,
    mode: Mode,
    settled: u64,
    rates: Vec<f64>,
    /// What resting this many steps leaves of the state.
    left: Vec<[f64; 2]>,
    ways: Option<Ways>,
}

/// A row's missed steps.
#[derive(Clone, Copy, Debug)]
pub struct Rest<'a> {
    /// Their effective rates, first to last.
    pub rates: &'a [f64],
    /// What they leave of each state, if no gradient and no penalty is at work.
    pub left: [f64; 2],
    /// For Adam, where its first moment goes, see [`AdamStep`](crate::AdamStep).
    pub way: Option<Way>,
}

/// Sums over missed steps `k = 1, 2, ...` of Adam's `rate_k (b1 / sqrt(b2))^k`, each times `b2^(-k/2)` to the power of 0,
/// 1 and 2.
#[derive(Clone, Copy, Debug, Default)]
pub struct Way {
    /// Of the terms themselves.
    pub sum: f64,
    /// Of the terms times `b2^(-k/2)`.
    pub first: f64,
    /// Of the terms times `b2^-k`.
    pub second: f64,
}

/// The sums of [`Way`], for rows left at each step.
#[derive(Clone, Debug)]
struct Ways {
    /// For a step's distance, last to first, the three factors of its rate. Beyond them a moment moves nothing.
    factors: [Vec<f64>; 3],
    /// For rows left at each step since all were brought up to date.
    sums: [Vec<f64>; 3],
}

impl Ways {
    /// `None` for betas under which a first moment outlives the second: rows then take their missed steps one by one.
    fn new(beta_1: f64, beta_2: f64) -> Option<Self> {
        let stretch = 1.0 / beta_2.sqrt();
        let shrink = beta_1 * stretch;
        // Steps after which what is still to come is below 1e-8 of the first move.
        let reach = ((1e-8 * (1.0 - shrink)).ln() / shrink.ln()).ceil();
        if !(shrink < 1.0 && reach < 10_000.0) {
            return None;
        }
        let distances = 1..=reach.max(1.0) as i32;
        let of = |power| {
            let factor = |k| shrink.powi(k) * stretch.powi(k * power);
            distances.clone().rev().map(factor).collect()
        };
        Some(Self {
            factors: [of(0), of(1), of(2)],
            sums: Default::default(),
        })
    }

    #[inline(always)]
    fn begin(&mut self, rate: f64) {
        for (sums, factors) in self.sums.iter_mut().zip(&self.factors) {
            sums.push(0.0);
            let near = sums.len().min(factors.len());
            let (far, out) = (sums.len() - near, factors.len() - near);
            for (sum, factor) in sums[far..].iter_mut().zip(&factors[out..]) {
                *sum += rate * factor;
            }
        }
    }

    fn at(&self, left: usize) -> Way {
        let [sum, first, second] = self.sums.each_ref().map(|sums| sums[left]);
        Way { sum, first, second }
    }
}

impl Steps {
    /// A training that has come to this step, with every row up to date.
    pub fn after(taken: u64, rule: Rule, mode: Mode) -> Self {
        let ways = match rule {
            Rule::Adam { beta_1, beta_2, .. } if mode == Mode::Exact => Ways::new(beta_1, beta_2),
            _ => None,
        };
        Self {
            rule,
            mode,
            settled: taken,
            rates: Vec::new(),
            left: vec![[1.0; 2]],
            ways,
        }
    }

    /// The rule that takes them.
    pub fn rule(&self) -> Rule {
        self.rule
    }

    /// Which rows they move.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// Steps taken so far.
    pub fn taken(&self) -> u64 {
        self.settled + self.rates.len() as u64
    }

    /// Begins the next step and returns its effective rate.
    pub fn begin(&mut self, learning_rate: f64) -> f64 {
        let rate = self.rule.effective_rate(Step {
            number: self.taken() + 1,
            learning_rate,
        });
        self.rates.push(rate);
        if self.mode == Mode::Exact {
            if self.left.len() == self.rates.len() {
                let before = self.left[self.left.len() - 1];
                let keeps = self.rule.keeps();
                self.left.push([before[0] * keeps[0], before[1] * keeps[1]]);
            }
            if let Some(ways) = &mut self.ways {
                pulp::Arch::new().dispatch(
                    #[inline(always)]
                    || ways.begin(rate),
                );
            }
        }
        rate
    }

    /// Forgets the steps that every table has made up. Call after [`RowTable::make_up_all`](crate::RowTable::make_up_all)
    /// on each.
    pub fn settle(&mut self) {
        self.settled = self.taken();
        self.rates.clear();
        if let Some(ways) = &mut self.ways {
            ways.sums.iter_mut().for_each(Vec::clear);
        }
    }

    /// The number that a row brought up to date now keeps. Of the step count its low half: rows are never further behind
    /// than the steps of an epoch.
    #[inline(always)]
    pub(crate) fn mark(&self) -> u32 {
        self.taken() as u32
    }

    /// How many steps a row with this mark has missed.
    #[inline(always)]
    pub(crate) fn missed(&self, mark: u32) -> usize {
        self.mark().wrapping_sub(mark) as usize
    }

    /// The rates of the last steps, so many of them.
    #[inline(always)]
    pub(crate) fn last(&self, count: usize) -> &[f64] {
        &self.rates[self.rates.len() - count..]
    }

    /// The steps since this mark.
    #[inline(always)]
    pub(crate) fn since(&self, mark: u32) -> Rest<'_> {
        let missed = self.missed(mark);
        let first = self.rates.len() - missed;
        Rest {
            rates: &self.rates[first..],
            left: self.left[missed],
            way: match &self.ways {
                Some(ways) if missed > 0 => Some(ways.at(first)),
                _ => None,
            },
        }
    }
}
