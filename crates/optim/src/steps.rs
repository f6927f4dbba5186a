//! The steps of a training, as rows that rest will ask for them.

use crate::pace::Pace;
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
    paces: Vec<Pace>,
    /// What resting this many steps leaves of the state.
    left: Vec<[f64; 2]>,
    ways: Option<Ways>,
    /// For a rule with weight decay, the logarithm of what it has left of a weight after each of the steps.
    kept: Option<Vec<f64>>,
}

/// A row's missed steps.
#[derive(Clone, Copy, Debug)]
pub struct Rest<'a> {
    /// Their paces, first to last.
    pub paces: &'a [Pace],
    /// What they leave of each state, if no gradient and no penalty is at work.
    pub left: [f64; 2],
    /// For Adam and AdamW, where the first moment goes, see [`AdamStep`](crate::AdamStep).
    pub way: Option<Way>,
    /// What their weight decay leaves of a weight.
    pub kept: f64,
}

/// Sums over missed steps `k = 1, 2, ...` of Adam's `rate_k (b1 / sqrt(b2))^k`, each times `b2^(-k/2)` to the power of 0,
/// 1 and 2, and times what the weight decay of the steps behind it leaves.
#[derive(Clone, Copy, Debug, Default)]
pub struct Way {
    /// Of the terms themselves.
    pub sum: f64,
    /// Of the terms times `b2^(-k/2)`.
    pub first: f64,
    /// Of the terms times `b2^-k`.
    pub second: f64,
}

impl Way {
    /// Steps beyond the last of the sums: all that they do is to decay.
    fn shrink(&mut self, kept: f64) {
        for sum in [&mut self.sum, &mut self.first, &mut self.second] {
            *sum *= kept;
        }
    }
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
    fn begin(&mut self, Pace { rate, decay }: Pace) {
        let kept = 1.0 - decay;
        for (sums, factors) in self.sums.iter_mut().zip(&self.factors) {
            sums.push(0.0);
            let near = sums.len().min(factors.len());
            let (far, out) = (sums.len() - near, factors.len() - near);
            for (sum, factor) in sums[far..].iter_mut().zip(&factors[out..]) {
                *sum = *sum * kept + rate * factor;
            }
        }
    }

    /// Of a row left at this step, up to its last step in reach.
    #[inline(always)]
    fn at(&self, left: usize) -> Way {
        let [sum, first, second] = self.sums.each_ref().map(|sums| sums[left]);
        Way { sum, first, second }
    }

    /// Steps behind the one at which a row was left in which its first moment moves anything.
    fn reach(&self) -> usize {
        self.factors[0].len()
    }
}

impl Steps {
    /// A training that has come to this step, with every row up to date.
    pub fn after(taken: u64, rule: Rule, mode: Mode) -> Self {
        let ways = match rule {
            Rule::Adam { beta_1, beta_2, .. } | Rule::AdamW { beta_1, beta_2, .. }
                if mode == Mode::Exact =>
            {
                Ways::new(beta_1, beta_2)
            }
            _ => None,
        };
        let decays = matches!(rule, Rule::AdamW { .. }) && mode == Mode::Exact;
        Self {
            rule,
            mode,
            settled: taken,
            paces: Vec::new(),
            left: vec![[1.0; 2]],
            ways,
            kept: decays.then(|| vec![0.0]),
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
        self.settled + self.paces.len() as u64
    }

    /// Begins the next step and returns its pace. [`Rule::check_rate`] says which learning rates a rule can use.
    pub fn begin(&mut self, learning_rate: f64) -> Pace {
        let pace = self.rule.pace(Step {
            number: self.taken() + 1,
            learning_rate,
        });
        self.paces.push(pace);
        if self.mode == Mode::Exact {
            if self.left.len() == self.paces.len() {
                let before = self.left[self.left.len() - 1];
                let keeps = self.rule.keeps();
                self.left.push([before[0] * keeps[0], before[1] * keeps[1]]);
            }
            if let Some(ways) = &mut self.ways {
                pulp::Arch::new().dispatch(
                    #[inline(always)]
                    || ways.begin(pace),
                );
            }
            if let Some(kept) = &mut self.kept {
                kept.push(kept[kept.len() - 1] + (-pace.decay).ln_1p());
            }
        }
        pace
    }

    /// Forgets the steps that every table has made up. Call after [`RowTable::make_up_all`](crate::RowTable::make_up_all)
    /// on each.
    pub fn settle(&mut self) {
        self.settled = self.taken();
        self.paces.clear();
        if let Some(kept) = &mut self.kept {
            kept.truncate(1);
        }
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

    /// The paces of the last steps, so many of them.
    #[inline(always)]
    pub(crate) fn last(&self, count: usize) -> &[Pace] {
        &self.paces[self.paces.len() - count..]
    }

    /// The steps since this mark.
    #[inline(always)]
    pub(crate) fn since(&self, mark: u32) -> Rest<'_> {
        let missed = self.missed(mark);
        let first = self.paces.len() - missed;
        let mut rest = Rest {
            paces: &self.paces[first..],
            left: self.left[missed],
            way: match &self.ways {
                Some(ways) if missed > 0 => Some(ways.at(first)),
                _ => None,
            },
            kept: 1.0,
        };
        if let Some(kept) = &self.kept {
            let left_since = |step: usize| (kept[kept.len() - 1] - kept[step]).exp();
            rest.kept = left_since(first);
            if let (Some(way), Some(ways)) = (&mut rest.way, &self.ways)
                && missed > ways.reach()
            {
                way.shrink(left_since(first + ways.reach()));
            }
        }
        rest
    }
}
