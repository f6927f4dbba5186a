//! What a model is given in one step.
//!
//! A batch reads and moves only the table rows that it names. It names each of them once, so that a model gathers them
//! once and sums their gradients once.

/// Ids by distinct row: `rows[inverse[n]]` is entry `n`'s.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Column {
    /// The distinct table rows.
    pub rows: Vec<u32>,
    /// For each entry, the position of its row in `rows`.
    pub inverse: Vec<u32>,
}

impl Column {
    /// A column whose entries are its rows, in order, repeated or not: for inference, where nothing is added up by row.
    pub fn plain(rows: Vec<u32>) -> Self {
        let inverse = (0..rows.len() as u32).collect();
        Self { rows, inverse }
    }

    /// How many entries.
    pub fn len(&self) -> usize {
        self.inverse.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.inverse.is_empty()
    }
}

/// Lists of ids, one after the other: bags with weights, or sequences.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Bags {
    /// The ids of all lists.
    pub column: Column,
    /// Where each list ends among the entries of the column; it begins where the one before it ends.
    pub ends: Vec<u32>,
    /// The weight of each entry; empty where all are 1.
    pub weights: Vec<f32>,
}

impl Bags {
    /// How many lists.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The entries of list `at`.
    ///
    /// # Panics
    /// If there are not that many lists.
    pub fn entries(&self, at: usize) -> std::ops::Range<usize> {
        let begin = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        begin as usize..self.ends[at] as usize
    }
}

/// The values of an input other than the users and the items themselves. Those of the user side have one entry (one id,
/// one list, `width` numbers) for each of the batch's *distinct* users, those of the item side for each distinct item, and
/// those of an event one for each query.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// Of [`Kind::Id`](crate::Kind::Id).
    Ids(Column),
    /// Of [`Kind::Bag`](crate::Kind::Bag) and [`Kind::Sequence`](crate::Kind::Sequence), the latter oldest first.
    Bags(Bags),
    /// Of [`Kind::Numbers`](crate::Kind::Numbers), row-major.
    Numbers(Vec<f32>),
}

/// What the queries of a batch are scored against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Candidates {
    /// Each query against this many items of its own: 1 for a rating, 2 for a pair, 1 + n for a positive and n negatives.
    Each(usize),
    /// All queries against the same items, this many: those of the whole batch, samples, the catalogue.
    Shared(usize),
}

impl Candidates {
    /// Scores of one query.
    pub fn per_query(self) -> usize {
        match self {
            Self::Each(count) | Self::Shared(count) => count,
        }
    }
}

/// Examples that a model learns from, or is measured on, in one step: queries, each scored against candidates.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    /// Rows of scores: ratings, or users, or positions of a sequence.
    pub queries: usize,
    /// What each of them is scored against.
    pub candidates: Candidates,
    /// The users, one entry per query.
    pub users: Column,
    /// The items: `queries * n` entries for [`Candidates::Each`], query by query, and `n` for [`Candidates::Shared`].
    pub items: Column,
    /// The other inputs, in the order in which the model lists them.
    pub others: Vec<Values>,
    /// Whether each entry of a sequence is a query, in the order of the entries; otherwise the last one of each user is.
    pub every_position: bool,
    /// What the scores are to come close to, `queries * candidates`; empty where [`Batch::positives`] say it.
    pub targets: Vec<f32>,
    /// The place of each query's positive among its candidates; empty for the first.
    pub positives: Vec<u32>,
    /// Places in the matrix of scores that are no negatives, ascending: other known positives of a query among shared
    /// candidates.
    pub left_out: Vec<u32>,
    /// The logarithm of each candidate's chance of being drawn, one per entry of [`Batch::items`]; empty for none. It is
    /// taken off the scores before a softmax (Bengio and Senécal 2008; Yi et al. 2019).
    pub log_q: Vec<f32>,
    /// The weight of each query; empty where all are 1.
    pub weights: Vec<f32>,
}

impl Default for Batch {
    fn default() -> Self {
        Self {
            queries: 0,
            candidates: Candidates::Each(1),
            users: Column::default(),
            items: Column::default(),
            others: Vec::new(),
            every_position: false,
            targets: Vec::new(),
            positives: Vec::new(),
            left_out: Vec::new(),
            log_q: Vec::new(),
            weights: Vec::new(),
        }
    }
}

impl Batch {
    /// A batch of ratings: one item per query.
    pub fn of_ratings(users: Column, items: Column, ratings: Vec<f32>) -> Self {
        Self {
            queries: ratings.len(),
            users,
            items,
            targets: ratings,
            ..Self::default()
        }
    }

    /// How many queries.
    pub fn len(&self) -> usize {
        self.queries
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.queries == 0
    }

    /// How many scores.
    pub fn scores(&self) -> usize {
        self.queries * self.candidates.per_query()
    }
}
