//! What `recommend` and `similar` have in common.

use clap::Args;
use recburn::data::thousands;

/// The length of a list, and which items it may hold.
#[derive(Args)]
pub struct Length {
    /// Number of items in a list
    #[arg(long, short = 'n', value_name = "N", default_value_t = 10)]
    pub count: usize,
    /// Leave out items with fewer than N training ratings; 0 leaves out none [default: 5, or the mean number of ratings
    /// per item if that is lower]
    #[arg(long, value_name = "N")]
    pub min_ratings: Option<u32>,
}

/// The note on items left out of a list; `None` if there are none, or if the user chose the limit.
pub fn left_out(left_out: usize, min_ratings: u32, asked: Option<u32>) -> Option<String> {
    (left_out > 0 && asked.is_none()).then(|| {
        let items = match left_out {
            1 => "1 item was".to_string(),
            items => format!("{} items were", thousands(items)),
        };
        let fewer = match min_ratings {
            1 => "without a training rating".to_string(),
            least => format!("with fewer than {least} training ratings"),
        };
        format!("{items} left out, {fewer}: what little was learnt about them is mostly chance (--min-ratings 0 keeps them)")
    })
}

/// The note that nothing was learnt about a user or an item without a training rating.
pub fn untrained(what: &str, id: &str, ratings: u32, so: &str) -> Option<String> {
    let id = recburn::data::shown(id);
    (ratings == 0)
        .then(|| format!("{what} `{id}` has no training rating: nothing was learnt about it{so}"))
}
