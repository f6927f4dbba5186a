//! What a batch of ratings holds, where rows are unequally popular.

/// Sums over ranks `1..=rows` of `of(rank^-law / sum of all)`: the first thousand one by one, then in stretches so short
/// that it makes no difference in the digits printed.
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

/// That a row of this share of the ratings is among so many.
fn held(share: f64, ratings: f64) -> f64 {
    -(ratings * (-share).ln_1p()).exp_m1()
}

/// Rows of a table, by how popular they are: Zipf's law with this exponent.
#[derive(Clone, Copy)]
pub struct Rows {
    /// How many.
    pub rows: f64,
    /// The exponent; 0 where all are alike.
    pub law: f64,
}

impl Rows {
    /// Distinct rows among so many ratings, on the mean.
    pub fn distinct(self, ratings: f64) -> f64 {
        over_ranks(self.rows, self.law, |share| held(share, ratings))
    }

    /// The part of the distinct rows among `own` ratings that is among `before` others as well.
    pub fn again(self, own: f64, before: f64) -> f64 {
        let both = over_ranks(self.rows, self.law, |share| {
            held(share, own) * held(share, before)
        });
        both / self.distinct(own)
    }

    /// Where rows lie on so many machines by a hash, and each machine asks for those of so many ratings: the standard
    /// deviation of what an owner is asked for, as a part of the mean.
    pub fn spread(self, machines: f64, ratings: f64) -> f64 {
        // A row asked for by q of the machines falls to one of them: the variance of a sum of such.
        let squares = over_ranks(self.rows, self.law, |share| held(share, ratings).powi(2));
        let variance = machines * squares * (1.0 - 1.0 / machines);
        variance.sqrt() / self.distinct(ratings)
    }
}
