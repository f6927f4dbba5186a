//! Prints the figures in `docs/scale.md` that follow from sizes only, as tables:
//!
//! ```sh
//! cargo run --release -- 900
//! ```
//!
//! The number is the nanoseconds that a rating takes on one core at 64 factors, as measured by `ranks.sh`, figure
//! `steps`.

mod batch;
mod step;

use batch::Rows;
use step::{ITEMS, NUMBER, Step, USERS};

/// The training.
const RATINGS: f64 = 10e9;
const FACTORS: f64 = 64.0;
const BATCH: f64 = 65_536.0;
/// The machines, their cores and their networks, in gigabits per second.
const MACHINES: [f64; 3] = [8.0, 16.0, 64.0];
const CORES: f64 = 16.0;
const NETWORKS: [f64; 3] = [10.0, 25.0, 100.0];

/// Numbers per weight under Adam, the weight included.
const PARTS: f64 = 3.0;
/// Bytes per rating in `recburn-data`: user, item, rating, and its position in the order of the epoch.
const RATING: f64 = 16.0;
/// Seconds of one missed step of a weight, Adam under a penalty: `docs/performance.md`.
const MISSED: f64 = 0.13e-9;

/// Milliseconds on a network.
fn transfer(bytes: f64, gigabits: f64) -> f64 {
    bytes * 8.0 / gigabits / 1e6
}

fn size(bytes: f64) -> String {
    match bytes {
        b if b >= 1e9 => format!("{:.1} GB", b / 1e9),
        b if b >= 1e6 => format!("{:.1} MB", b / 1e6),
        b => format!("{:.0} KB", b / 1e3),
    }
}

fn time(milliseconds: f64) -> String {
    let digits = (2.0 - milliseconds.log10().floor()).clamp(0.0, 2.0) as usize;
    format!("{milliseconds:.digits$}")
}

fn on_each(of: impl Fn(f64) -> String) -> String {
    MACHINES.map(of).join(" / ")
}

fn table(title: &str, head: &[&str], rows: impl IntoIterator<Item = Vec<String>>) {
    println!("\n{title}\n\n| {} |", head.join(" | "));
    println!("|{}", "---|".repeat(head.len()));
    rows.into_iter()
        .for_each(|row| println!("| {} |", row.join(" | ")));
}

fn rows_of_a_batch() {
    let laws = [0.0, 0.5, 0.8, 1.0, 1.2];
    let ratings = [1_024.0, 4_096.0, 8_192.0, 65_536.0];
    let rows = ratings.map(|ratings| {
        let mut row = vec![
            format!("{ratings}"),
            format!("{:.0}", USERS.distinct(ratings)),
        ];
        row.extend(laws.map(|law| format!("{:.0}", Rows { law, ..ITEMS }.distinct(ratings))));
        row
    });
    let head = [
        "ratings",
        "users (0.5)",
        "items (0: uniform)",
        "0.5",
        "0.8",
        "1",
        "1.2",
    ];
    table(
        "Distinct rows among this many ratings, by Zipf's exponent",
        &head,
        rows,
    );
}

fn memory() {
    let rows = [32.0, 64.0, 128.0].map(|factors| {
        let of = |table: Rows| table.rows * (factors * NUMBER * PARTS + NUMBER);
        let (users, items) = (of(USERS), of(ITEMS));
        let mut row = vec![format!("{factors}"), size(users), size(items)];
        row.extend(MACHINES.map(|machines| size((users + items) / machines)));
        row
    });
    let ratings = MACHINES.map(|machines| size(RATING * RATINGS / machines));
    let all = vec!["ratings".to_string(), size(RATING * RATINGS), String::new()];
    let head = ["K", "users", "items", "on each of 8", "of 16", "of 64"];
    table(
        "Tables with Adam's state and marks",
        &head,
        rows.into_iter().chain([[all, ratings.to_vec()].concat()]),
    );
}

fn designs(title: &str, ratings: impl Fn(f64) -> f64) {
    type Design = (&'static str, fn(&Step) -> f64);
    let designs: [Design; 5] = [
        ("dense gradients, as in Burn", Step::dense),
        ("touched rows to all machines", Step::replicated),
        ("both tables distributed", Step::sharded),
        ("users local, items everywhere", Step::items_everywhere),
        ("users local, items distributed", Step::chosen),
    ];
    let rows = designs.map(|(name, bytes)| {
        let mut row = vec![name.to_string()];
        for machines in MACHINES {
            let bytes = bytes(&Step::new(machines, ratings(machines), FACTORS));
            let times = NETWORKS.map(|network| time(transfer(bytes, network)));
            row.extend([size(bytes), times.join(" / ")]);
        }
        row
    });
    let head = [
        "design",
        "8 machines",
        "ms",
        "16 machines",
        "ms",
        "64 machines",
        "ms",
    ];
    table(title, &head, rows);
}

fn epochs(nanoseconds: f64) {
    let mut rows = Vec::new();
    for factors in [32.0, 64.0, 128.0] {
        for machines in MACHINES {
            let ratings = BATCH / machines;
            let bytes = Step::new(machines, ratings, factors).chosen();
            // The cost of a rating is the cache lines that it touches, which grow with the width of rows.
            let core = ratings * nanoseconds * factors / FACTORS / 1e6;
            let minutes = |cores: f64| {
                let epoch = |network| {
                    let step = core / cores + transfer(bytes, network);
                    time(step * RATINGS / BATCH / 60e3)
                };
                NETWORKS.map(epoch).join(" / ")
            };
            rows.push(vec![
                format!("{factors}"),
                format!("{machines}"),
                size(bytes),
                NETWORKS
                    .map(|network| time(transfer(bytes, network)))
                    .join(" / "),
                time(core),
                minutes(1.0),
                minutes(CORES),
            ]);
        }
    }
    let head = [
        "K",
        "machines",
        "sent",
        "ms",
        "ms of work, one core",
        "minutes per epoch, one core",
        "16 cores, with perfect scaling",
    ];
    table(
        "The chosen design, global batch 65,536; at 10 / 25 / 100 Gbit/s",
        &head,
        rows,
    );
}

fn others() {
    let steps = RATINGS / BATCH;
    let weights = (USERS.rows + ITEMS.rows) * FACTORS;
    let item_weights = ITEMS.rows * FACTORS * NUMBER;
    let own = |machines: f64| BATCH / machines;
    let sent = |machines| Step::new(machines, own(machines), FACTORS).chosen();
    let message = |m: f64| ITEMS.distinct(own(m)) / m * FACTORS * NUMBER;
    let line = |what: &str, value: String| vec![what.to_string(), value];
    let rows = [
        line("steps per epoch", format!("{steps:.0}")),
        line(
            "sent per machine and epoch",
            on_each(|m| size(sent(m) * steps)),
        ),
        line(
            "the same, if blocks of items were passed around once instead",
            on_each(|m| size(item_weights * PARTS * (m - 1.0) / m)),
        ),
        line(
            "rows or gradients per other machine",
            on_each(|m| size(message(m))),
        ),
        line(
            "rows requested from an owner, standard deviation",
            on_each(|m| format!("{:.1} %", 100.0 * ITEMS.spread(m, own(m)))),
        ),
        line(
            "requested items that the previous step updated",
            on_each(|m| format!("{:.0} %", 100.0 * ITEMS.again(own(m), BATCH))),
        ),
        line(
            "core hours of missed steps per epoch, Adam under a penalty",
            format!("{:.0}", weights * steps * MISSED / 3_600.0),
        ),
        line(
            "weights and state: a checkpoint",
            size(weights * PARTS * NUMBER),
        ),
        line(
            "its share per machine",
            on_each(|m| size(weights * PARTS * NUMBER / m)),
        ),
        line("all item weights", size(item_weights)),
        line(
            "core days to score every pair at 100 Gflop/s",
            format!(
                "{:.0}",
                2.0 * USERS.rows * ITEMS.rows * FACTORS / 1e11 / 86_400.0
            ),
        ),
    ];
    table(
        "K = 64, global batch 65,536; on 8 / 16 / 64 machines",
        &["what", ""],
        rows,
    );
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let given = std::env::args().nth(1);
    let given = given.ok_or("give the nanoseconds that a rating takes on one core, such as 600")?;
    let nanoseconds = match given.parse::<f64>() {
        Ok(number) if number.is_finite() && number > 0.0 => number,
        _ => return Err(format!("`{given}` is not a number of nanoseconds").into()),
    };
    rows_of_a_batch();
    memory();
    designs(
        "Sent per machine and step, K = 64, global batch 65,536; ms at 10 / 25 / 100 Gbit/s",
        |machines| BATCH / machines,
    );
    designs("The same, 65,536 ratings per machine", |_| BATCH);
    epochs(nanoseconds);
    others();
    Ok(())
}
