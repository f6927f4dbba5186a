//! The figures of `docs/scale.md` that follow from sizes alone, as its tables:
//!
//! ```sh
//! cargo run --release --no-default-features --bin figures -- 500 # nanoseconds a rating takes a core, as `exchange` measures it
//! ```

/// The training.
const USERS: f64 = 100e6;
const ITEMS: f64 = 10e6;
const RATINGS: f64 = 10e9;
const FACTORS: f64 = 64.0;
const BATCH: f64 = 65_536.0;
/// How unequal users and items are: Zipf's exponent.
const USER_LAW: f64 = 0.5;
const ITEM_LAW: f64 = 1.0;
/// The machines.
const MACHINES: [f64; 3] = [8.0, 16.0, 64.0];
const CORES: f64 = 16.0;
/// Gigabits a second.
const NETWORKS: [f64; 3] = [10.0, 25.0, 100.0];

/// Bytes of a number, and of an id or a mark.
const NUMBER: f64 = 4.0;
/// Numbers that Adam keeps for a weight, with it.
const PARTS: f64 = 3.0;
/// Bytes of a rating as `recburn-data` holds it: user, item, rating, and its place in the epoch's order.
const RATING: f64 = 16.0;

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

/// Distinct rows that a batch holds on the mean.
fn distinct(rows: f64, law: f64, ratings: f64) -> f64 {
    over_ranks(rows, law, |share| held(share, ratings))
}

/// Bytes that a machine sends in a step, and receives.
struct Step {
    machines: f64,
    /// Distinct users and items of its ratings.
    users: f64,
    items: f64,
    /// Bytes of a row's weights or gradient.
    row: f64,
}

impl Step {
    fn new(machines: f64, ratings: f64, factors: f64) -> Self {
        Self {
            machines,
            users: distinct(USERS, USER_LAW, ratings),
            items: distinct(ITEMS, ITEM_LAW, ratings),
            row: factors * NUMBER,
        }
    }

    /// Of what goes to whoever owns it, the part that is another's.
    fn abroad(&self) -> f64 {
        (self.machines - 1.0) / self.machines
    }

    /// Whole tables everywhere, dense gradients added up in a ring.
    fn dense(&self) -> f64 {
        2.0 * self.abroad() * (USERS + ITEMS) * self.row
    }

    /// Whole tables everywhere, gradients of the touched rows to everybody.
    fn replicated(&self) -> f64 {
        (self.machines - 1.0) * (self.users + self.items) * (NUMBER + self.row)
    }

    /// Both tables spread: an id there, a row back, a gradient there.
    fn sharded(&self) -> f64 {
        self.abroad() * (self.users + self.items) * (NUMBER + 2.0 * self.row)
    }

    /// Users where their ratings are, the items' table everywhere.
    fn items_everywhere(&self) -> f64 {
        (self.machines - 1.0) * self.items * (NUMBER + self.row)
    }

    /// Users where their ratings are, items spread.
    fn chosen(&self) -> f64 {
        self.abroad() * self.items * (NUMBER + 2.0 * self.row)
    }
}

/// Milliseconds on a network.
fn transfer(bytes: f64, gigabits: f64) -> f64 {
    bytes * 8.0 / gigabits / 1e6
}

/// As a cell of a table.
fn size(bytes: f64) -> String {
    match bytes {
        b if b >= 1e9 => format!("{:.1} GB", b / 1e9),
        b if b >= 1e6 => format!("{:.1} MB", b / 1e6),
        b => format!("{:.0} KB", b / 1e3),
    }
}

fn table(title: &str, head: &[&str], rows: impl IntoIterator<Item = Vec<String>>) {
    println!(
        "\n{title}\n\n| {} |\n|{}",
        head.join(" | "),
        "---|".repeat(head.len())
    );
    rows.into_iter()
        .for_each(|row| println!("| {} |", row.join(" | ")));
}

fn rows_of_a_batch() {
    let laws = [0.0, 0.5, 0.8, 1.0, 1.2];
    let rows = [1_024.0, 4_096.0, 8_192.0, 65_536.0, 524_288.0, 4_194_304.0].map(|ratings| {
        let items = laws.map(|law| format!("{:.0}", distinct(ITEMS, law, ratings)));
        let users = format!("{:.0}", distinct(USERS, USER_LAW, ratings));
        [vec![format!("{ratings}"), users], items.to_vec()].concat()
    });
    let head = [
        "ratings",
        "users, 0.5",
        "items, 0",
        "0.5",
        "0.8",
        "1",
        "1.2",
    ];
    table(
        "Distinct rows in so many ratings, by Zipf's exponent",
        &head,
        rows,
    );
}

fn memory() {
    let rows = [32.0, 64.0, 128.0].map(|factors| {
        let of = |rows: f64| rows * (factors * NUMBER * PARTS + NUMBER);
        let mut row = vec![format!("{factors}"), size(of(USERS)), size(of(ITEMS))];
        row.extend(MACHINES.map(|machines| {
            let (tables, ratings) = (of(USERS + ITEMS) / machines, RATING * RATINGS / machines);
            format!("{} + {}", size(tables), size(ratings))
        }));
        row
    });
    let head = ["K", "users", "items", "on 8, + ratings", "on 16", "on 64"];
    table(
        "Tables with Adam's state and marks, in all and a machine",
        &head,
        rows,
    );
}

fn designs(title: &str, ratings: impl Fn(f64) -> f64) {
    type Design = (&'static str, fn(&Step) -> f64);
    let designs: [Design; 5] = [
        ("dense gradients, as Burn's", Step::dense),
        ("touched rows to everybody", Step::replicated),
        ("both tables spread", Step::sharded),
        ("users at home, items everywhere", Step::items_everywhere),
        ("users at home, items spread", Step::chosen),
    ];
    let rows = designs.map(|(name, bytes)| {
        let mut row = vec![name.to_string()];
        for machines in MACHINES {
            let bytes = bytes(&Step::new(machines, ratings(machines), FACTORS));
            let times = NETWORKS.map(|network| format!("{:.3}", transfer(bytes, network)));
            row.extend([size(bytes), times.join(" / ")]);
        }
        row
    });
    let head = ["design", "8 machines", "ms", "16", "ms", "64", "ms"];
    table(title, &head, rows);
}

fn epochs(nanoseconds: f64) {
    let mut rows = Vec::new();
    for factors in [32.0, 64.0, 128.0] {
        for machines in MACHINES {
            let ratings = BATCH / machines;
            let bytes = Step::new(machines, ratings, factors).chosen();
            // What a rating costs follows the cache lines that it touches.
            let core = ratings * nanoseconds * factors / FACTORS / 1e6;
            let steps = RATINGS / BATCH;
            let minutes = |work: f64, network| (work + transfer(bytes, network)) * steps / 60e3;
            let mut row = vec![format!("{factors}"), format!("{machines}"), size(bytes)];
            row.push(format!("{core:.2}"));
            row.extend(NETWORKS.map(|network| {
                let (one, all) = (minutes(core, network), minutes(core / CORES, network));
                format!("{:.2}: {one:.0} / {all:.0}", transfer(bytes, network))
            }));
            rows.push(row);
        }
    }
    let head = [
        "K",
        "machines",
        "sent",
        "ms on a core",
        "ms at 10 Gbit/s: minutes an epoch, 1 / 16 cores",
        "25",
        "100",
    ];
    table("The chosen design, global batch 65,536", &head, rows);
}

fn others() {
    let row = FACTORS * NUMBER;
    let line = |what: &str, value: String| vec![what.to_string(), value];
    let again = |machines: f64| {
        let own = BATCH / machines;
        let both = over_ranks(ITEMS, ITEM_LAW, |share| {
            held(share, own) * held(share, BATCH)
        });
        format!("{:.0} %", 100.0 * both / distinct(ITEMS, ITEM_LAW, own))
    };
    let (steps, weights) = (RATINGS / BATCH, (USERS + ITEMS) * FACTORS);
    let chosen = Step::new(8.0, BATCH / 8.0, FACTORS).chosen() * steps;
    let state = weights * NUMBER * PARTS;
    let rows = [
        line("steps of an epoch", format!("{steps:.0}")),
        line("sent by one of 8 machines in an epoch", size(chosen)),
        line(
            "the same, item blocks going round once",
            size(ITEMS * row * PARTS * 7.0 / 8.0),
        ),
        line(
            "asked items that the step before moved, 8 / 16 / 64",
            MACHINES.map(again).join(" / "),
        ),
        line(
            "core hours an epoch of missed steps, Adam, l2",
            format!("{:.0}", weights * steps * 0.13e-9 / 3600.0),
        ),
        line("weights and state, a checkpoint", size(state)),
        line(
            "of it on each of 8 / 16 / 64",
            MACHINES.map(|machines| size(state / machines)).join(" / "),
        ),
        line("all item weights", size(ITEMS * row)),
        line(
            "core days to score every pair at 100 Gflop/s",
            format!("{:.0}", 2.0 * USERS * ITEMS * FACTORS / 1e11 / 86_400.0),
        ),
    ];
    table("Apart from steps, K = 64", &["what", ""], rows);
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let given = std::env::args()
        .nth(1)
        .ok_or("say how many nanoseconds a rating takes a core")?;
    let nanoseconds = given
        .parse()
        .map_err(|_| format!("`{given}` is no number of nanoseconds"))?;
    rows_of_a_batch();
    memory();
    designs(
        "Sent by a machine in a step, K = 64, global batch 65,536; ms at 10 / 25 / 100 Gbit/s",
        |machines| BATCH / machines,
    );
    designs("The same, 65,536 ratings a machine", |_| BATCH);
    epochs(nanoseconds);
    others();
    Ok(())
}
