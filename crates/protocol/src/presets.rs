//! The named protocols.

use crate::error::ProtocolError;
use crate::protocol::{Data, Fold, Protocol, Tied};
use crate::task::{Candidates, ColdRows, Selection, Task};
use recburn_data::{Filter, FilterStep, Fingerprint, RowOrder, SplitKind, TestPart, Ties};

/// The seed of all named protocols.
const SEED: u64 = 42;

/// The seed of the sampled candidates: another one, since the keys of [`SEED`] decide which rows are held out.
const SAMPLE_SEED: u64 = 99;

const ML_100K: &str = "ml-100k";
const LATEST_SMALL: &str = "ml-latest-small";

/// The official folds of MovieLens 100K, and their fingerprints.
const OFFICIAL: [(&str, u64); 7] = [
    ("u1", 0x9832_1281_a30d_6c1a),
    ("u2", 0x242c_7afe_5863_49cd),
    ("u3", 0x2475_5803_01a0_c87a),
    ("u4", 0x4be1_6bdf_19df_4c79),
    ("u5", 0xc7e8_5e6d_1f4a_5eb3),
    ("ua", 0xe2c4_687f_fe3a_e65f),
    ("ub", 0x2d39_f943_d90c_dbdd),
];

/// The folds of `fold:1/5` to `fold:5/5` of MovieLens 100K.
const RANDOM: [u64; 5] = [
    0x4942_baef_d047_c25c,
    0x06e5_86df_d043_8a49,
    0x0bae_8b7c_9b5d_ca3b,
    0x0723_c498_1e14_1b0d,
    0x91a3_1dea_dc3d_f7a0,
];

/// All named protocols: first those of ratings, then those of rankings.
pub fn all() -> Vec<Protocol> {
    let official = |at: usize| {
        let (name, hash) = OFFICIAL[at];
        let split = SplitKind::Given {
            train: format!("{name}.base").into(),
            valid: format!("{name}.test").into(),
        };
        fold(split, Some((100_000, hash)))
    };
    let one = |at: usize| {
        let name = OFFICIAL[at].0;
        let about = match at {
            0..5 => format!("ratings, the official fold {name} of MovieLens 100K"),
            _ => format!("ratings, the official split {name}: ten test ratings per user"),
        };
        ratings(
            format!("ml-100k-{name}"),
            about,
            ml_100k(),
            vec![official(at)],
        )
    };
    let mut all = vec![ratings(
        "ml-100k-u",
        "ratings, the five official folds u1 to u5 of MovieLens 100K",
        ml_100k(),
        (0..5).map(official).collect(),
    )];
    all.extend((0..OFFICIAL.len()).map(one));
    let random = RANDOM.iter().enumerate().map(|(at, &hash)| {
        let split = SplitKind::KFold { folds: 5, fold: at };
        fold(split, Some((100_000, hash)))
    });
    all.push(ratings(
        "ml-100k-random-5-fold",
        "ratings, five random folds of MovieLens 100K",
        ml_100k(),
        random.collect(),
    ));
    let shares = [
        (
            "ml-100k-80-20",
            ml_100k(),
            0.8,
            Some((100_000, 0x91a3_1dea_dc3d_f7a0)),
        ),
        (
            "ml-latest-small-80-20",
            latest_small(),
            0.8,
            Some((100_836, 0xd5ef_1de1_cd6d_0944)),
        ),
        ("ml-1m-90-10", Data::named("ml-1m"), 0.9, None),
        ("ml-10m-90-10", Data::named("ml-10m"), 0.9, None),
    ];
    for (name, data, train, print) in shares {
        let held_out = (100.0_f64 * (1.0 - train)).round();
        let about = format!("ratings, random {held_out} % of {} held out", data.name);
        let split = SplitKind::Fraction { train };
        all.push(ratings(name, about, data, vec![fold(split, print)]));
    }
    all.extend(rankings());
    all
}

/// The protocol with this name.
///
/// ```
/// let protocol = recburn_protocol::find("p1")?;
/// assert_eq!(protocol.folds[0].split.to_string(), "by-user-hashed:0.7/0.1/0.2");
/// # Ok::<(), recburn_protocol::ProtocolError>(())
/// ```
///
/// # Errors
///
/// [`ProtocolError::Unknown`] if there is none.
pub fn find(name: &str) -> Result<Protocol, ProtocolError> {
    let all = all();
    let names: Vec<&str> = all.iter().map(|protocol| protocol.name.as_str()).collect();
    let known = names.join(", ");
    let found = all.into_iter().find(|protocol| protocol.name == name);
    found.ok_or_else(|| ProtocolError::Unknown {
        name: name.to_string(),
        known,
    })
}

fn rankings() -> Vec<Protocol> {
    let by_user = |hash| {
        let kind = SplitKind::ByUser {
            train: 0.7,
            order: RowOrder::Hashed,
        };
        fold(with_test(kind, TestPart::Share(0.2)), Some(hash))
    };
    let last = |hash| {
        let kind = SplitKind::LeaveLastOut {
            count: 1,
            ties: Ties::Hashed,
        };
        fold(with_test(kind, TestPart::Rows(1)), Some(hash))
    };
    let positive = Filter {
        steps: vec![FilterStep::Rating(4.0), FilterStep::Users(5)],
        repeat: false,
    };
    let tied = |data: Data, tied, users| Data {
        tied_last: Some(Tied { tied, users }),
        ..data
    };
    let last_of_100k = (100_000, 0x1e39_3e64_e83f_21bd);
    let ranking = |name, about, data, fold| Protocol {
        task: Task::full_ranking(),
        ..ratings(name, about, data, vec![fold])
    };
    vec![
        ranking(
            "p1",
            "rankings, a fifth of each user's ratings held out by hash",
            ml_100k(),
            by_user((100_000, 0x5e0c_23ed_a446_239b)),
        ),
        Protocol {
            filter: Some(positive),
            ..ranking(
                "p1-from-4",
                "rankings, a fifth of each user's ratings of 4 or more held out by hash",
                ml_100k(),
                by_user((55_361, 0x74c8_df29_4b0c_2bc0)),
            )
        },
        ranking(
            "p2",
            "rankings, each user's last rating held out",
            tied(ml_100k(), 415, 943),
            last(last_of_100k),
        ),
        ranking(
            "p1-latest-small",
            "rankings, a fifth of each user's ratings held out by hash",
            latest_small(),
            by_user((100_836, 0xc3c4_ceeb_e949_eef5)),
        ),
        ranking(
            "p2-latest-small",
            "rankings, each user's last rating held out",
            tied(latest_small(), 94, 610),
            last((100_836, 0xaa54_5dcc_8041_3a97)),
        ),
        Protocol {
            task: Task::ranking(Candidates::Sampled {
                negatives: 99,
                seed: SAMPLE_SEED,
            }),
            ..ranking(
                "loo-99",
                "rankings of each user's last rating among 99 sampled items only",
                tied(ml_100k(), 415, 943),
                last(last_of_100k),
            )
        },
    ]
}

fn ratings(
    name: impl Into<String>,
    about: impl Into<String>,
    data: Data,
    folds: Vec<Fold>,
) -> Protocol {
    Protocol {
        name: name.into(),
        about: about.into(),
        data,
        filter: None,
        folds,
        seed: SEED,
        selection: Selection::default(),
        cold: ColdRows::Count,
        task: Task::RATINGS,
    }
}

fn fold(split: SplitKind, print: Option<(usize, u64)>) -> Fold {
    Fold {
        split,
        fingerprint: print.map(|(rows, hash)| Fingerprint { rows, hash }),
    }
}

fn with_test(kind: SplitKind, test: TestPart) -> SplitKind {
    SplitKind::WithTest {
        kind: Box::new(kind),
        test,
    }
}

fn ml_100k() -> Data {
    checked(ML_100K, 100_000, 0x0af5_cdaf_b08e_2e98)
}

fn latest_small() -> Data {
    checked(LATEST_SMALL, 100_836, 0x71d6_0b3a_0022_a124)
}

fn checked(name: &str, rows: usize, hash: u64) -> Data {
    Data {
        checksum: Some(Fingerprint { rows, hash }),
        ..Data::named(name)
    }
}
