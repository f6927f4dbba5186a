//! The distinct rows in a batch of ratings, if rows are unequally popular.

/// Sums over ranks `1..=rows` of `of(rank^-law / sum of all)`: the first thousand exactly, then in intervals short
/// enough not to affect the printed digits.
fn over_ranks(rows: f64, law: f64, of: impl Fn(f64) -> f64) -> f64 {
    let stretches = || {
        let mut first = 1.0;
        std::iter::from_fn(move || {
            let length = (first / 1_000.0_f64)
                .floor()
                .max(1.0)
                .min(rows + 1.0 - first);
            let middle = first + (length - 1.0) / 2.0;
            first += length;
            (length > 0.0).then_some((middle, length))
        })
    };
    let all: f64 = stretches()
        .map(|(rank, length)| length * rank.powf(-law))
        .sum();
    stretches()
        .map(|(rank, length)| length * of(rank.powf(-law) / all))
        .sum()
}

/// The probability that a row with this share of the ratings is among this many ratings.
fn held(share: f64, ratings: f64) -> f64 {
    -(ratings * (-share).ln_1p()).exp_m1()
}

/// Rows of a table with popularity by Zipf's law with this exponent.
#[derive(Clone, Copy)]
pub struct Rows {
    /// The number of rows.
    pub rows: f64,
    /// The exponent; 0 for a uniform distribution.
    pub law: f64,
}

impl Rows {
    /// The mean number of distinct rows among this many ratings.
    pub fn distinct(self, ratings: f64) -> f64 {
        over_ranks(self.rows, self.law, |share| held(share, ratings))
    }

    /// The fraction of the distinct rows among `own` ratings that also occur among `before` other ratings.
    pub fn again(self, own: f64, before: f64) -> f64 {
        let both = over_ranks(self.rows, self.law, |share| {
            held(share, own) * held(share, before)
        });
        both / self.distinct(own)
    }

    /// If rows are distributed over machines by a hash, and each machine requests those of this many ratings: the
    /// standard deviation of the number of rows requested from an owner, relative to the mean.
    pub fn spread(self, machines: f64, ratings: f64) -> f64 {
        // A row requested by q of the machines belongs to one of them: the variance of such a sum.
        let squares = over_ranks(self.rows, self.law, |share| held(share, ratings).powi(2));
        let variance = machines * squares * (1.0 - 1.0 / machines);
        variance.sqrt() / self.distinct(ratings)
    }
}
