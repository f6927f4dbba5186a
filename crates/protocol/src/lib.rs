//! Named evaluation protocols, and cards of what models achieve under them: no figure without its protocol.
//!
//! A [`Protocol`] is everything that a figure depends on besides the model: the data and their checksum, the filter, the
//! splits and their fingerprints, how settings are chosen, the rule for cold rows, the candidates of a ranking and the order
//! of ties. [`find`] and [`all`] hold the named ones. [`Protocol::open`] reads the data and checks them; [`Opened::run`] fits
//! a [`Contestant`] and returns a [`Card`], which is saved as JSON and printed as Markdown; [`compare`] tests whether models
//! differ by more than chance, and refuses cards of different protocols.
//!
//! ```no_run
//! use recburn_protocol::{Classical, compare, find};
//! use serde_json::json;
//!
//! let opened = find("p1")?.open(None)?;
//! println!("{}", opened.protocol());
//! let ease = opened.run(&Classical::new("ease", json!({ "lambda": 400.0 }))?, &[1], 0)?;
//! let slim = opened.run(&Classical::new("slim", json!({ "l1": 1.0, "l2": 60.0 }))?, &[1], 0)?;
//! ease.save("cards/ease.json")?;
//! println!("{}", ease.to_markdown());
//! println!("{}", compare(&[ease, slim])?.to_markdown());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod baselines;
mod card;
mod card_file;
mod card_markdown;
mod checksum;
mod classical;
mod compare;
mod compare_markdown;
mod contestant;
mod describe;
mod error;
mod figures;
mod machine;
mod negatives;
mod open;
mod parts;
mod presets;
mod protocol;
mod run;
mod same;
mod score_lists;
mod score_ratings;
mod summary;
mod task;

pub use card::{BaselineEntry, Card, ColdCounts, DataAtHand, Rows, RunEntry};
pub use checksum::checksum;
pub use classical::Classical;
pub use compare::{Comparison, Entry, Pair, Table, Unit, compare};
pub use contestant::{Contestant, Occasion, Scorer};
pub use error::{CardError, CompareError, ModelError, ProtocolError};
pub use figures::{Figures, Group, PerUser};
pub use machine::{Machine, Taken};
pub use open::Opened;
pub use presets::{all, find};
pub use protocol::{Data, Fold, Protocol, Tied};
pub use summary::Summary;
pub use task::{Candidates, ColdRows, Positives, Selection, Task, TieRule, smaller_is_better};
