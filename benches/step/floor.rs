//! The floor: the same algorithm as a hand-written loop over slices, for a factorisation only.
//!
//! No graph, no autodiff, no columns: one pass over the examples, one over the rows that they touched. It keeps weights
//! and state of a row together, brings a row up to date when it is first touched, and runs with the widest
//! instructions, as recburn does; any additional time of recburn is the cost of its generality.

use crate::cases::Case;
use pulp::Arch;
use recburn::prelude::Mode;

const B1: f64 = 0.9;
const B2: f64 = 0.999;
const EPSILON: f64 = 1e-7;
/// Steps after which the effect of a first moment is negligible.
const REACH: usize = 200;
/// Numbers closer to 0 become 0, as in recburn: a CPU takes up to a hundred times as long for a subnormal number.
const TINY: f32 = 1e-18;

#[inline(always)]
fn flushed(value: f32) -> f32 {
    if value.abs() < TINY { 0.0 } else { value }
}

/// Adam's step for one weight.
#[inline(always)]
fn adam_step(w: &mut f32, m: &mut f32, v: &mut f32, g: f32, rate: f32) {
    let g = flushed(g);
    *m = flushed(*m + (g - *m) * (1.0 - B1) as f32);
    *v += (g * g - *v) * (1.0 - B2) as f32;
    if *v < TINY * TINY {
        *v = 0.0;
    }
    *w = flushed(*w - rate * *m / (v.sqrt() + EPSILON as f32));
}

/// The data from which rows catch up.
#[derive(Default)]
struct Clock {
    rates: Vec<f32>,
    /// Sums for rows last updated at each step, see `AdamStep::rest`.
    sums: [Vec<f64>; 3],
    factors: [Vec<f64>; 3],
    /// The share of each state that this many missed steps leave.
    left: Vec<[f32; 2]>,
}

impl Clock {
    fn new() -> Self {
        let q = 1.0 / B2.sqrt();
        let of = |power: i32| {
            let factor = |k: i32| (B1 * q).powi(k) * q.powi(k * power);
            (1..=REACH as i32).rev().map(factor).collect()
        };
        Self {
            factors: [of(0), of(1), of(2)],
            ..Self::default()
        }
    }

    #[inline(always)]
    fn tick(&mut self, rate: f32, adam: bool, closed: bool) {
        self.rates.push(rate);
        while self.left.len() <= self.rates.len() {
            let n = self.left.len() as i32;
            self.left.push(if adam {
                [B1.powi(n) as f32, B2.powi(n) as f32]
            } else {
                [0.9f64.powi(n) as f32, 1.0]
            });
        }
        if adam && closed {
            for (sums, factors) in self.sums.iter_mut().zip(&self.factors) {
                sums.push(0.0);
                let near = sums.len().min(REACH);
                let far = sums.len() - near;
                for (sum, factor) in sums[far..].iter_mut().zip(&factors[REACH - near..]) {
                    *sum += f64::from(rate) * factor;
                }
            }
        }
    }
}

struct Table {
    k: usize,
    stride: usize,
    cells: Vec<f32>,
    done: Vec<u32>,
    stamp: Vec<(u32, u32)>,
    rows: Vec<u32>,
    gradient: Vec<f32>,
    decay: f32,
}

impl Table {
    fn new(rows: usize, k: usize, states: usize, decay: f64, seed: u32) -> Self {
        let stride = k * (1 + states);
        let mut cells = vec![0.0; rows * stride];
        let mut state = seed;
        for row in cells.chunks_exact_mut(stride) {
            for weight in &mut row[..k] {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                *weight = (state >> 8) as f32 / 16_777_216.0 * 0.1 - 0.05;
            }
        }
        Self {
            k,
            stride,
            cells,
            done: vec![0; rows],
            stamp: vec![(0, 0); rows],
            rows: Vec::new(),
            gradient: Vec::new(),
            decay: decay as f32,
        }
    }

    #[inline(always)]
    fn row(&self, id: usize) -> &[f32] {
        &self.cells[id * self.stride..][..self.k]
    }

    #[inline(always)]
    fn catch_up(&mut self, id: usize, clock: &Clock, adam: bool) {
        let now = clock.rates.len();
        let from = self.done[id] as usize;
        if from == now {
            return;
        }
        self.done[id] = now as u32;
        let k = self.k;
        let row = &mut self.cells[id * self.stride..][..self.stride];
        let (w, state) = row.split_at_mut(k);
        let missed = now - from;
        if self.decay > 0.0 {
            assert!(adam, "the cases with a penalty are Adam's");
            for &rate in &clock.rates[from..] {
                let (m, v) = state.split_at_mut(k);
                let (m, v, w) = (&mut m[..k], &mut v[..k], &mut w[..k]);
                for j in 0..k {
                    let g = self.decay * w[j];
                    adam_step(&mut w[j], &mut m[j], &mut v[j], g, rate);
                }
            }
        } else if adam {
            let [a, q, qq] = [0, 1, 2].map(|part| clock.sums[part][from]);
            let mean = q / a;
            let spread = (qq / a - mean * mean) as f32;
            let floor = (EPSILON * mean) as f32;
            let a = a as f32;
            let [left_1, left_2] = clock.left[missed];
            let (m, v) = state.split_at_mut(k);
            let (m, v, w) = (&mut m[..k], &mut v[..k], &mut w[..k]);
            for j in 0..k {
                let inverse = 1.0 / (v[j].sqrt() + floor);
                let share = EPSILON as f32 * inverse;
                w[j] -= a * m[j] * inverse * (1.0 + spread * share * share);
                m[j] = flushed(m[j] * left_1);
                v[j] *= left_2;
            }
        } else {
            let left = clock.left[missed][0];
            let way = 9.0 * (1.0 - left);
            for (w, v) in w.iter_mut().zip(state) {
                *w += way * *v;
                *v = flushed(*v * left);
            }
        }
    }

    /// The position of the row's gradient in this batch, and whether it is new.
    #[inline(always)]
    fn touch(&mut self, id: usize, now: u32, clock: Option<&Clock>, adam: bool) -> (usize, bool) {
        if self.stamp[id].0 == now {
            return (self.stamp[id].1 as usize, false);
        }
        let place = self.rows.len();
        self.stamp[id] = (now, place as u32);
        self.rows.push(id as u32);
        if let Some(clock) = clock {
            self.catch_up(id, clock, adam);
        }
        (place, true)
    }

    #[inline(always)]
    fn apply(&mut self, rate: f32, adam: bool, now: u32) {
        let k = self.k;
        for (place, &id) in self.rows.iter().enumerate() {
            let id = id as usize;
            self.done[id] = now;
            let row = &mut self.cells[id * self.stride..][..self.stride];
            let (w, state) = row.split_at_mut(k);
            let g = &self.gradient[place * k..][..k];
            if adam {
                let (m, v) = state.split_at_mut(k);
                let (m, v, w) = (&mut m[..k], &mut v[..k], &mut w[..k]);
                for j in 0..k {
                    let g = g[j] + self.decay * w[j];
                    adam_step(&mut w[j], &mut m[j], &mut v[j], g, rate);
                }
            } else {
                let (v, w) = (&mut state[..k], &mut w[..k]);
                for j in 0..k {
                    let g = g[j] + self.decay * w[j];
                    v[j] = flushed(0.9 * v[j] - rate * g);
                    w[j] += v[j];
                }
            }
        }
        self.rows.clear();
    }
}

#[inline(always)]
fn dot(left: &[f32], right: &[f32]) -> f32 {
    let mut sums = [0f32; 8];
    let (left, left_rest) = left.as_chunks::<8>();
    let (right, right_rest) = right.as_chunks::<8>();
    for (left, right) in left.iter().zip(right) {
        for lane in 0..8 {
            sums[lane] += left[lane] * right[lane];
        }
    }
    let mut sum: f32 = sums.iter().sum();
    for (left, right) in left_rest.iter().zip(right_rest) {
        sum += left * right;
    }
    sum
}

/// A factorisation in training.
pub struct Floor {
    /// Users' factors, items' factors, users' biases, items' biases.
    tables: [Table; 4],
    clock: Clock,
    case: Case,
    exact: bool,
    steps: u64,
    now: u32,
}

impl Floor {
    pub fn new(case: &Case, mode: Mode) -> Self {
        let states = if case.adam { 2 } else { 1 };
        let decay = 2.0 * case.l2;
        Self {
            tables: [
                Table::new(case.users, case.factors, states, decay, 1),
                Table::new(case.items, case.factors, states, decay, 2),
                Table::new(case.users, 1, states, 2.0 * case.bias_l2, 3),
                Table::new(case.items, 1, states, 2.0 * case.bias_l2, 4),
            ],
            clock: Clock::new(),
            case: *case,
            exact: mode == Mode::Exact,
            steps: 0,
            now: 0,
        }
    }

    /// One step; returns the sum of the squared errors.
    pub fn step(&mut self, users: &[u32], items: &[u32], ratings: &[f32]) -> f32 {
        Arch::new().dispatch(
            #[inline(always)]
            || self.step_with(users, items, ratings),
        )
    }

    #[inline(always)]
    fn step_with(&mut self, users: &[u32], items: &[u32], ratings: &[f32]) -> f32 {
        let (k, adam, biases) = (self.case.factors, self.case.adam, self.case.biases);
        self.now += 1;
        self.steps += 1;
        let now = self.now;
        let clock = self.exact.then_some(&self.clock);
        let [p, q, b, c] = &mut self.tables;
        for (table, k) in [(&mut *p, k), (&mut *q, k), (&mut *b, 1), (&mut *c, 1)] {
            if table.gradient.len() < users.len() * k {
                table.gradient.resize(users.len() * k, 0.0);
            }
        }
        let share = 2.0 / users.len() as f32;
        let mut loss = 0.0;
        for ((&user, &item), &rating) in users.iter().zip(items).zip(ratings) {
            let (user, item) = (user as usize, item as usize);
            let (at_p, new_p) = p.touch(user, now, clock, adam);
            let (at_q, new_q) = q.touch(item, now, clock, adam);
            let mut score = dot(p.row(user), q.row(item));
            if biases {
                let (at_b, new_b) = b.touch(user, now, clock, adam);
                let (at_c, new_c) = c.touch(item, now, clock, adam);
                score += b.row(user)[0] + c.row(item)[0];
                let g = share * (score - rating);
                b.gradient[at_b] = if new_b { g } else { b.gradient[at_b] + g };
                c.gradient[at_c] = if new_c { g } else { c.gradient[at_c] + g };
            }
            let error = score - rating;
            loss += error * error;
            let g = share * error;
            let (of_p, of_q) = (
                &mut p.gradient[at_p * k..][..k],
                &mut q.gradient[at_q * k..][..k],
            );
            let (row_p, row_q) = (
                &p.cells[user * p.stride..][..k],
                &q.cells[item * q.stride..][..k],
            );
            if new_p {
                for j in 0..k {
                    of_p[j] = g * row_q[j];
                }
            } else {
                for j in 0..k {
                    of_p[j] += g * row_q[j];
                }
            }
            if new_q {
                for j in 0..k {
                    of_q[j] = g * row_p[j];
                }
            } else {
                for j in 0..k {
                    of_q[j] += g * row_p[j];
                }
            }
        }
        let mut rate = self.case.learning_rate;
        if adam {
            let t = self.steps as i32;
            rate *= (1.0 - B2.powi(t)).sqrt() / (1.0 - B1.powi(t));
        }
        let rate = rate as f32;
        if self.exact {
            let closed = self.case.l2 == 0.0 || biases;
            self.clock.tick(rate, adam, closed);
        }
        for table in &mut self.tables {
            table.apply(rate, adam, self.clock.rates.len() as u32);
        }
        loss
    }

    /// Brings every row up to date, as at the end of an epoch.
    pub fn settle(&mut self) {
        Arch::new().dispatch(
            #[inline(always)]
            || {
                let used = if self.case.biases { 4 } else { 2 };
                for table in &mut self.tables[..used] {
                    for row in 0..table.done.len() {
                        table.catch_up(row, &self.clock, self.case.adam);
                        table.done[row] = 0;
                    }
                }
            },
        );
        self.clock.rates.clear();
        self.clock.sums.iter_mut().for_each(Vec::clear);
        for table in &mut self.tables {
            table.stamp.fill((0, 0));
        }
        self.now = 0;
    }
}
