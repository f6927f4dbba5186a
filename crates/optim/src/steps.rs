//! The steps of a training, as rows that rest will ask for them.

use crate::adam_sums::RunningSums;
use crate::missed::Missed;
use crate::mode::Mode;
use crate::pace::Pace;
use crate::rule::{Rule, Step};

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
    sums: Option<RunningSums>,
    /// For a rule with weight decay, the logarithm of what it has left of a weight after each of the steps.
    kept: Option<Vec<f64>>,
}

impl Steps {
    /// A training that has come to this step, with every row up to date.
    pub fn after(taken: u64, rule: Rule, mode: Mode) -> Self {
        let sums = match rule {
            Rule::Adam { beta_1, beta_2, .. } | Rule::AdamW { beta_1, beta_2, .. }
                if mode == Mode::Exact =>
            {
                RunningSums::new(beta_1, beta_2)
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
            sums,
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
            if let Some(sums) = &mut self.sums {
                pulp::Arch::new().dispatch(
                    #[inline(always)]
                    || sums.begin(pace),
                );
            }
            if let Some(kept) = &mut self.kept {
                kept.push(kept[kept.len() - 1] + (-pace.decay).ln_1p());
            }
        }
        pace
    }

    /// Forgets the steps that every table has caught up with. Call after
    /// [`RowTable::catch_up_all`](crate::RowTable::catch_up_all) on each.
    pub fn settle(&mut self) {
        self.settled = self.taken();
        self.paces.clear();
        if let Some(kept) = &mut self.kept {
            kept.truncate(1);
        }
        if let Some(sums) = &mut self.sums {
            sums.clear();
        }
    }

    /// The number that a row brought up to date now keeps. Of the step count its low half: rows are never further behind
    /// than the steps of an epoch.
    #[inline(always)]
    pub fn mark(&self) -> u32 {
        self.taken() as u32
    }

    /// How many steps a row with this mark has missed.
    #[inline(always)]
    pub fn missed(&self, mark: u32) -> usize {
        self.mark().wrapping_sub(mark) as usize
    }

    /// The paces of the last steps, so many of them.
    #[inline(always)]
    pub(crate) fn last(&self, count: usize) -> &[Pace] {
        &self.paces[self.paces.len() - count..]
    }

    /// The steps since this mark.
    #[inline(always)]
    pub fn since(&self, mark: u32) -> Missed<'_> {
        let missed = self.missed(mark);
        let first = self.paces.len() - missed;
        let mut rest = Missed {
            paces: &self.paces[first..],
            left: self.left[missed],
            sums: self.sums.as_ref().map(|sums| sums.at(first)),
            kept: 1.0,
        };
        if let Some(kept) = &self.kept {
            let left_since = |step: usize| (kept[kept.len() - 1] - kept[step]).exp();
            rest.kept = left_since(first);
            if let (Some(sums), Some(running)) = (&mut rest.sums, &self.sums)
                && missed > running.reach()
            {
                sums.shrink(left_since(first + running.reach()));
            }
        }
        rest
    }
}
