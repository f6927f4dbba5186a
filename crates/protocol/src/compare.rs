//! Comparisons of cards: which differences are more than chance.

use crate::card::Card;
use crate::error::CompareError;
use crate::protocol::Protocol;
use crate::same::check_same;
use crate::task::smaller_is_better;
use recburn_metrics::{
    ComparisonError, PairedBootstrap, PairedT, SignTest, holm, paired_bootstrap, paired_t,
    sign_test,
};
use serde::{Deserialize, Serialize};

/// Resamples of each bootstrap, and their seed.
const RESAMPLES: usize = 2_000;
const SEED: u64 = 42;

/// The largest `|t|` that is written: equal differences of all units have an infinite one, which JSON cannot hold.
const LARGEST_T: f64 = 1e9;

/// Models under the same protocol.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Comparison {
    /// The protocol of all cards.
    pub protocol: Protocol,
    /// A table for each of the [main measures](crate::Task::main_measures).
    pub tables: Vec<Table>,
    /// The number of tested pairs in all tables, for which probabilities are corrected.
    pub tests: usize,
}

/// Models by one measure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// The measure.
    pub measure: String,
    /// The models, the best first.
    pub entries: Vec<Entry>,
    /// The best model against each other one, in the order of the entries; empty for a measure that is neither known by
    /// user nor for several folds.
    pub pairs: Vec<Pair>,
}

/// A model in a table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The model; with a number if several have the same name.
    pub model: String,
    /// The mean over all runs.
    pub mean: f64,
    /// The deviation of the folds.
    pub fold_deviation: Option<f64>,
    /// The deviation of the seeds.
    pub seed_deviation: Option<f64>,
    /// The mean seconds of fitting.
    pub fit_seconds: f64,
}

/// What pairs of values are of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Users; each value is the mean over folds and seeds.
    Users(usize),
    /// Folds; each value is the mean over seeds. The training parts of folds overlap, so probabilities are somewhat too
    /// small.
    Folds(usize),
}

/// The best model of a table against another one. All differences are those of the best minus the other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pair {
    /// The best model.
    pub best: String,
    /// The other one.
    pub other: String,
    /// What the values are of.
    pub unit: Unit,
    /// The paired t test.
    pub t: PairedT,
    /// The paired bootstrap.
    pub bootstrap: PairedBootstrap,
    /// The sign test.
    pub sign: SignTest,
    /// The probability of the t test, corrected for all tests of the comparison by Holm's method.
    pub corrected: f64,
    /// Whether the difference is more than chance: whether `corrected` is at most 0.05.
    pub is_clear: bool,
    /// The result in one sentence.
    pub sentence: String,
}

/// Compares cards of the same protocol.
///
/// For each main measure the models are listed by their means, and the best is tested against each other one: over users
/// where the card has each user's value, else over folds if there are several. The measure `rmse` is tested over folds,
/// `user_rmse` over users.
///
/// # Errors
///
/// [`CompareError::Few`] for fewer than two cards; [`CompareError::Differ`] with what differs, unless all cards have the
/// same protocol, the same data and the same splits; [`CompareError::Missing`] for a card without a main measure;
/// [`CompareError::Test`] for columns that cannot be tested.
pub fn compare(cards: &[Card]) -> Result<Comparison, CompareError> {
    let first = match cards {
        [first, _, ..] => first,
        _ => return Err(CompareError::Few { cards: cards.len() }),
    };
    for card in cards {
        check_same(first, card)?;
    }
    let labels = labels(cards);
    let measures = first.protocol.task.main_measures();
    let mut tables: Vec<Table> = measures
        .iter()
        .map(|measure| table(cards, &labels, measure))
        .collect::<Result<_, _>>()?;
    let pairs = tables.iter().flat_map(|table| &table.pairs);
    let corrected = holm(&pairs.map(|pair| pair.t.p).collect::<Vec<_>>());
    let tests = corrected.len();
    let mut corrected = corrected.into_iter();
    for table in &mut tables {
        for (pair, corrected) in table.pairs.iter_mut().zip(&mut corrected) {
            pair.corrected = corrected;
            pair.is_clear = corrected <= 0.05;
            pair.sentence = pair.said(&table.measure);
        }
    }
    Ok(Comparison {
        protocol: first.protocol.clone(),
        tables,
        tests,
    })
}

/// The names of the models, numbered where they are equal.
fn labels(cards: &[Card]) -> Vec<String> {
    let label = |(at, card): (usize, &Card)| {
        let is_same = |other: &&Card| other.model == card.model;
        let before = cards[..at].iter().filter(is_same).count();
        match before {
            0 => card.model.clone(),
            _ => format!("{} ({})", card.model, before + 1),
        }
    };
    cards.iter().enumerate().map(label).collect()
}

fn table(cards: &[Card], labels: &[String], measure: &str) -> Result<Table, CompareError> {
    let entry = |(card, label): (&Card, &String)| {
        let summary = card.summary(measure).ok_or_else(|| CompareError::Missing {
            model: label.clone(),
            measure: measure.to_string(),
        })?;
        Ok(Entry {
            model: label.clone(),
            mean: summary.mean,
            fold_deviation: summary.fold_deviation,
            seed_deviation: summary.seed_deviation,
            fit_seconds: card.fit_seconds(),
        })
    };
    let entries: Vec<Entry> = cards
        .iter()
        .zip(labels)
        .map(entry)
        .collect::<Result<_, _>>()?;
    let mut order: Vec<usize> = (0..cards.len()).collect();
    order.sort_by(|&left, &right| {
        let order = entries[left].mean.total_cmp(&entries[right].mean);
        match smaller_is_better(measure) {
            true => order,
            false => order.reverse(),
        }
    });
    let mut pairs = Vec::new();
    if let Some((&best, others)) = order.split_first() {
        for &other in others {
            let names = [&labels[best], &labels[other]];
            pairs.extend(pair(&cards[best], &cards[other], names, measure)?);
        }
    }
    Ok(Table {
        measure: measure.to_string(),
        entries: order.iter().map(|&at| entries[at].clone()).collect(),
        pairs,
    })
}

/// The test of a pair, before its probability is corrected; `None` if there is nothing to test over.
fn pair(
    best: &Card,
    other: &Card,
    [of_best, of_other]: [&String; 2],
    measure: &str,
) -> Result<Option<Pair>, CompareError> {
    let users = [best.by_user(measure), other.by_user(measure)];
    let folds = [best.by_fold(measure), other.by_fold(measure)];
    let (unit, left, right) = match (users, folds) {
        ([left, right], _) if !left.is_empty() && left.keys().eq(right.keys()) => (
            Unit::Users(left.len()),
            left.into_values().collect::<Vec<_>>(),
            right.into_values().collect(),
        ),
        (_, [Some(left), Some(right)]) if left.len() > 1 => (Unit::Folds(left.len()), left, right),
        _ => return Ok(None),
    };
    let failed = |source: ComparisonError| CompareError::Test {
        measure: measure.to_string(),
        left: of_best.clone(),
        right: of_other.clone(),
        source,
    };
    if left.len() < 2 {
        return Ok(None);
    }
    let t = paired_t(&left, &right).map_err(failed)?;
    Ok(Some(Pair {
        best: of_best.clone(),
        other: of_other.clone(),
        unit,
        t: PairedT {
            t: t.t.clamp(-LARGEST_T, LARGEST_T),
            ..t
        },
        bootstrap: paired_bootstrap(&left, &right, RESAMPLES, SEED).map_err(failed)?,
        sign: sign_test(&left, &right).map_err(failed)?,
        corrected: t.p,
        is_clear: false,
        sentence: String::new(),
    }))
}
