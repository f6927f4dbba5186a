//! The record of steps from which rows catch up.

use crate::adam_sums::RunningSums;
use crate::missed::Missed;
use crate::mode::Mode;
use crate::pace::Pace;
use crate::rule::{Rule, Step};

/// The steps since all tables were last brought up to date.
///
/// The movement of a row outside the batch follows from the rates of the steps that it missed. They reduce to a few
/// numbers that depend only on the step of the row's last update, so these numbers are kept here, one entry per step,
/// and updated as steps are taken: catching up is one look-up, however many steps a row missed.
#[derive(Clone, Debug)]
pub struct Steps {
    rule: Rule,
    mode: Mode,
    settled: u64,
    paces: Vec<Pace>,
    /// The share of the state that this many missed steps leave.
    left: Vec<[f64; 2]>,
    sums: Option<RunningSums>,
    /// For a rule with weight decay, the logarithm of the share of a weight left after each step.
    kept: Option<Vec<f64>>,
}

impl Steps {
    /// The record of a training run at this step, with every row up to date.
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

    /// The update rule.
    pub fn rule(&self) -> Rule {
        self.rule
    }

    /// Which rows the steps update.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// Steps taken so far.
    pub fn taken(&self) -> u64 {
        self.settled + self.paces.len() as u64
    }

    /// Begins the next step and returns its pace. [`Rule::check_rate`] checks learning rates.
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

    /// Forgets the steps so far. Call it after [`RowTable::catch_up_all`](crate::RowTable::catch_up_all) on each table.
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

    /// The mark of a row that is brought up to date now: the low half of the step count, since rows are never further
    /// behind than the steps of an epoch.
    #[inline(always)]
    pub fn mark(&self) -> u32 {
        self.taken() as u32
    }

    /// The number of steps that a row with this mark has missed.
    #[inline(always)]
    pub fn missed(&self, mark: u32) -> usize {
        self.mark().wrapping_sub(mark) as usize
    }

    /// The paces of the last `count` steps.
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
