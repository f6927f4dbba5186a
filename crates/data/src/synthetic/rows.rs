//! Generation of the ratings, one user at a time.

use super::plan::{Plan, RANK, Taste, taste};

/// Mean and standard deviations, in stars from 0.5 to 5.
const MEAN: f64 = 3.58;
const USER_BIAS: f64 = 0.44;
const TASTE: f64 = 0.36;
const NOISE: f64 = 0.88;
const LOW: f64 = 0.5;
const HIGH: f64 = 5.0;

/// The range of timestamps: early 1995 to early 2015.
const FIRST_SECOND: i64 = 789_652_009;
const SECONDS: u64 = 638_131_993;
/// Seconds per rating of an active user.
const PACE: u64 = 90;

/// One synthetic rating.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rated {
    /// The user's id, counted from 1.
    pub user: u32,
    /// The item's id.
    pub item: u32,
    /// The rating, a value of the scale.
    pub rating: f32,
    /// Seconds since 1970.
    pub timestamp: i64,
    /// The value before noise and rounding.
    pub truth: f32,
}

/// An iterator over synthetic ratings, from [`Synthetic::rows`](crate::Synthetic::rows).
#[derive(Clone, Debug)]
pub struct SyntheticRows {
    plan: Plan,
    user: User,
    /// The number of users started, including the current one.
    begun: usize,
    /// The number of the plan's first ratings already used.
    firsts: usize,
    /// The items of the current user, ascending, and the number of them already used.
    items: Vec<u32>,
    next: usize,
    /// For each item, the number of users started when it was last assigned.
    seen: Vec<u32>,
    /// The number of remaining ratings.
    left: usize,
}

/// The planted parameters of a user.
#[derive(Clone, Copy, Debug, Default)]
struct User {
    bias: f64,
    taste: Taste,
    /// The first second of the user's ratings, and their duration in seconds.
    since: i64,
    seconds: u32,
}

impl SyntheticRows {
    pub(super) fn new(plan: Plan) -> Self {
        Self {
            user: User::default(),
            begun: 0,
            firsts: 0,
            items: Vec::new(),
            next: 0,
            seen: vec![0; plan.ids.len()],
            left: plan.quotas.iter().map(|&quota| quota as usize).sum(),
            plan,
        }
    }

    /// The possible ratings, ascending.
    pub(super) fn levels(&self) -> &[f32] {
        &self.plan.levels
    }

    /// The next rating, and the position of its item among all items by id.
    pub(super) fn next_placed(&mut self) -> Option<(usize, Rated)> {
        while self.next == self.items.len() {
            self.begin_user()?;
        }
        let item = self.items[self.next] as usize;
        self.next += 1;
        self.left -= 1;
        let plan = &mut self.plan;
        let dot: f32 = (0..RANK)
            .map(|n| self.user.taste[n] * plan.tastes[item][n])
            .sum();
        let truth = MEAN + self.user.bias + f64::from(plan.biases[item]) + TASTE * f64::from(dot);
        let truth = truth.clamp(LOW, HIGH);
        let noisy = (truth + NOISE * plan.random.gaussian()).clamp(LOW, HIGH);
        // Convert stars to a share of the scale, and then to one of its steps.
        let share = |stars: f64| (stars - LOW) / (HIGH - LOW);
        let steps = (plan.levels.len() - 1) as f64;
        let (min, max) = (plan.levels[0], plan.levels[plan.levels.len() - 1]);
        let (min, width) = (f64::from(min), f64::from(max) - f64::from(min));
        let rated = Rated {
            user: self.begun as u32,
            item: plan.ids[item],
            rating: plan.levels[(share(noisy) * steps).round_ties_even() as usize],
            timestamp: self.user.since + i64::from(plan.random.below(self.user.seconds)),
            truth: (min + share(truth) * width) as f32,
        };
        Some((item, rated))
    }

    /// Draws the next user and all items they rate; `None` after the last one.
    fn begin_user(&mut self) -> Option<()> {
        let quota = *self.plan.quotas.get(self.begun)? as usize;
        let random = &mut self.plan.random;
        // A dense shape may need more ratings than there are seconds, which they then share.
        let seconds = (quota as u64 * PACE).clamp(1, SECONDS / 2) as u32;
        self.user = User {
            bias: USER_BIAS * random.gaussian(),
            taste: taste(random),
            since: FIRST_SECOND + i64::from(random.below(SECONDS as u32 - seconds)),
            seconds,
        };
        let number = self.begun as u32;
        self.begun += 1;
        let stamp = self.begun as u32;
        self.items.clear();
        self.next = 0;
        while let Some(&(_, item)) = (self.plan.firsts.get(self.firsts)).filter(|f| f.0 == number) {
            self.items.push(item);
            self.seen[item as usize] = stamp;
            self.firsts += 1;
        }
        // A user with many ratings soon draws only items they already have, so the draws are limited.
        for _ in 0..8 * quota + 64 {
            if self.items.len() == quota {
                break;
            }
            let item = self.plan.draw();
            if self.seen[item as usize] != stamp {
                self.seen[item as usize] = stamp;
                self.items.push(item);
            }
        }
        self.add_any(quota - self.items.len(), stamp);
        self.items.sort_unstable();
        Some(())
    }

    /// Adds the missing items for the current user, chosen from twice as many of the most popular ones that they lack.
    fn add_any(&mut self, missing: usize, stamp: u32) {
        let by_rank = self.plan.by_rank.iter().copied();
        let mut rest: Vec<u32> = by_rank
            .filter(|&item| self.seen[item as usize] != stamp)
            .take(2 * missing)
            .collect();
        for place in 0..missing {
            let other = place + self.plan.random.below((rest.len() - place) as u32) as usize;
            rest.swap(place, other);
        }
        self.items.extend_from_slice(&rest[..missing]);
    }
}

impl Iterator for SyntheticRows {
    type Item = Rated;

    fn next(&mut self) -> Option<Rated> {
        self.next_placed().map(|(_, rated)| rated)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for SyntheticRows {}
