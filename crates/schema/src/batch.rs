//! The input of a model in one step.
//!
//! A step reads and updates only the table rows that its batch names. Each row is named once, so that a model gathers
//! it once and sums its gradients once.

/// Ids by distinct row: `rows[inverse[n]]` is the row of entry `n`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Column {
    /// The distinct table rows.
    pub rows: Vec<u32>,
    /// For each entry, the position of its row in `rows`.
    pub inverse: Vec<u32>,
}

impl Column {
    /// A column whose entries are its rows, in order, repeated or not: for inference, where nothing is summed by row.
    pub fn plain(rows: Vec<u32>) -> Self {
        let inverse = (0..rows.len() as u32).collect();
        Self { rows, inverse }
    }

    /// The number of entries.
    pub fn len(&self) -> usize {
        self.inverse.len()
    }

    /// Whether it is empty.
    pub fn is_empty(&self) -> bool {
        self.inverse.is_empty()
    }
}

/// Lists of ids, one after the other: bags with weights, or sequences.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Bags {
    /// The ids of all lists.
    pub column: Column,
    /// The end of each list among the entries of the column; a list begins where the one before it ends.
    pub ends: Vec<u32>,
    /// The weight of each entry; empty if all are 1.
    pub weights: Vec<f32>,
}

impl Bags {
    /// The number of lists.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether it is empty.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The entries of list `at`.
    ///
    /// # Panics
    /// If there is no such list.
    pub fn entries(&self, at: usize) -> std::ops::Range<usize> {
        let begin = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        begin as usize..self.ends[at] as usize
    }
}

/// The values of an input other than the users and the items themselves. Inputs of the user side have one entry (one
/// id, one list, `width` numbers) per *distinct* user of the batch, those of the item side one per distinct item, and
/// those of an event one per query.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// For [`Kind::Id`](crate::Kind::Id).
    Ids(Column),
    /// For [`Kind::Bag`](crate::Kind::Bag) and [`Kind::Sequence`](crate::Kind::Sequence), the latter oldest first.
    Bags(Bags),
    /// For [`Kind::Numbers`](crate::Kind::Numbers), row-major.
    Numbers(Vec<f32>),
}

/// The items that the queries of a batch are scored against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Candidates {
    /// Each query has this many items of its own: 1 for a rating, 2 for a pair, 1 + n for a positive and n negatives.
    Each(usize),
    /// All queries share the same items, this many: those of the whole batch, samples, the catalogue.
    Shared(usize),
}

impl Candidates {
    /// Scores per query.
    pub fn per_query(self) -> usize {
        match self {
            Self::Each(count) | Self::Shared(count) => count,
        }
    }
}

/// The examples of one step of training or evaluation: queries, each scored against candidates.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    /// Rows of scores: ratings, or users, or positions of a sequence.
    pub queries: usize,
    /// The candidates that each query is scored against.
    pub candidates: Candidates,
    /// The users, one entry per query.
    pub users: Column,
    /// The items: `queries * n` entries for [`Candidates::Each`], query by query, and `n` for [`Candidates::Shared`].
    pub items: Column,
    /// The other inputs, in the order in which the model lists them.
    pub others: Vec<Values>,
    /// Whether each entry of a sequence is a query, in the order of the entries; otherwise only the last one per user
    /// is.
    pub every_position: bool,
    /// The targets of the scores, `queries * candidates`; empty if [`Batch::positives`] gives them.
    pub targets: Vec<f32>,
    /// The position of each query's positive among its candidates; empty if it is always the first.
    pub positives: Vec<u32>,
    /// Positions in the matrix of scores that are not negatives, ascending: other known positives of a query among
    /// shared candidates.
    pub left_out: Vec<u32>,
    /// The logarithm of each candidate's sampling probability, one per entry of [`Batch::items`]; empty for none. It is
    /// subtracted from the scores before a softmax (Bengio and Senécal 2008; Yi et al. 2019).
    pub log_q: Vec<f32>,
    /// The weight of each query; empty if all are 1.
    pub weights: Vec<f32>,
    /// What the random numbers of each query's dropout masks depend on, besides the step; empty for its position. With keys
    /// a query has the same masks whatever else is in its batch, and wherever it is.
    pub keys: Vec<u64>,
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
            keys: Vec::new(),
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

    /// The number of queries.
    pub fn len(&self) -> usize {
        self.queries
    }

    /// Whether it is empty.
    pub fn is_empty(&self) -> bool {
        self.queries == 0
    }

    /// The number of scores.
    pub fn scores(&self) -> usize {
        self.queries * self.candidates.per_query()
    }
}
