//! RMSE and seconds of the Bayesian factorisation machine on the five folds of MovieLens 100K, for several sets of columns.
//!
//! `RECBURN_DATA=FOLDER cargo bench -p recburn-classical --bench bayesian_fm -- [held-out] [folds=1,2] [sets=ids,history]
//! [threads=1] [seed=42] [kept] ['{"rank": 10}']`
//!
//! FOLDER holds `ml-100k`. With `held-out` a tenth of each training file is predicted and the test file is not read: this
//! is how options are compared. RMSE is that of unclipped predictions.

use recburn_classical::bayesian_fm::BayesianFm;
use recburn_classical::{Context, Fitted};
use recburn_data::{Feature, Features, ItemIx, Lists, Ratings, Side, UserIx};
use std::error::Error;
use std::path::Path;
use std::time::Instant;

const USERS: usize = 943;
const ITEMS: usize = 1_682;
const GENRES: usize = 19;

/// Sets of columns: name, history and raters, features, day.
const SETS: [(&str, bool, bool, bool); 5] = [
    ("ids", false, false, false),
    ("history", true, false, false),
    ("features", true, true, false),
    ("day", true, false, true),
    ("all", true, true, true),
];

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let value = |name: &str| {
        let found = arguments
            .iter()
            .find_map(|argument| argument.strip_prefix(name));
        found.and_then(|rest| rest.strip_prefix('='))
    };
    let list = |name: &str| value(name).map(|list| list.split(',').collect::<Vec<_>>());
    let Some(folder) = std::env::var_os("RECBURN_DATA") else {
        println!("skipped: RECBURN_DATA is not set");
        return Ok(());
    };
    let folder = Path::new(&folder).join("ml-100k");
    let held_out = arguments.iter().any(|argument| argument == "held-out");
    let folds = list("folds").unwrap_or_else(|| vec!["1", "2", "3", "4", "5"]);
    let threads = value("threads").map_or(Ok(0), str::parse)?;
    let seed = value("seed").map_or(Ok(42), str::parse)?;
    let json = arguments.iter().find(|argument| argument.starts_with('{'));
    let options: BayesianFm = serde_json::from_str(json.map_or("{}", String::as_str))?;
    let features = features(&folder)?;
    println!("{options:?}");
    for (name, history, side, day) in SETS {
        if list("sets").is_some_and(|sets| !sets.contains(&name)) {
            continue;
        }
        let options = BayesianFm {
            history: history && options.history,
            raters: history && options.raters,
            day,
            ..options.clone()
        };
        let (mut errors, mut seconds, mut kept) = (Vec::new(), 0.0, Vec::new());
        for fold in &folds {
            let all = ratings(&folder.join(format!("u{fold}.base")))?;
            let (train, test) = match held_out {
                true => parted(&all),
                false => (all, ratings(&folder.join(format!("u{fold}.test")))?),
            };
            let context = Context {
                train: &train,
                users: USERS,
                items: ITEMS,
                scale: (1.0, 5.0),
                features: side.then_some(&features),
                seed,
                threads,
            };
            let start = Instant::now();
            let predicted = options.fit_and_predict(&context, &test)?;
            seconds += start.elapsed().as_secs_f64();
            errors.push(recburn_metrics::rmse(&predicted, &test.ratings)?);
            if arguments.iter().any(|argument| argument == "kept") {
                let fit = options.fitted(&context)?;
                let pairs = test.users.iter().zip(&test.items);
                let predicted: Vec<f32> = pairs.map(|(&u, &i)| fit.predict(u, i)).collect();
                kept.push(recburn_metrics::rmse(&predicted, &test.ratings)?);
            }
        }
        let mean = |errors: &[f64]| errors.iter().sum::<f64>() / errors.len() as f64;
        println!(
            "{name:<9} RMSE {:.4} {errors:.4?}, {:.2} s per fold",
            mean(&errors),
            seconds / errors.len() as f64
        );
        if !kept.is_empty() {
            println!("{:<9} RMSE {:.4} from the kept samples", "", mean(&kept));
        }
    }
    Ok(())
}

/// Nine tenths and one tenth of the rows, by a hash of user and item.
fn parted(all: &Ratings) -> (Ratings, Ratings) {
    let held = |&row: &u32| {
        let pair =
            u64::from(all.users[row as usize].0) << 32 | u64::from(all.items[row as usize].0);
        (pair.wrapping_add(7).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40) % 10 == 0
    };
    let (valid, train): (Vec<u32>, Vec<u32>) = (0..all.len() as u32).partition(held);
    (all.take(&train), all.take(&valid))
}

fn ratings(path: &Path) -> Result<Ratings, Box<dyn Error>> {
    let mut ratings = Ratings::default();
    let mut times = Vec::new();
    for line in std::fs::read_to_string(path)?.lines() {
        let fields: Vec<i64> = line.split('\t').map(str::parse).collect::<Result<_, _>>()?;
        let &[user, item, rating, time] = fields.as_slice() else {
            return Err(format!("{}: {line}", path.display()).into());
        };
        ratings.users.push(UserIx(user as u32 - 1));
        ratings.items.push(ItemIx(item as u32 - 1));
        ratings.ratings.push(rating as f32);
        times.push(time);
    }
    ratings.timestamps = Some(times);
    Ok(ratings)
}

/// Age in decades, sex and occupation of users; genres of items.
fn features(folder: &Path) -> Result<Features, Box<dyn Error>> {
    let occupations = std::fs::read_to_string(folder.join("u.occupation"))?;
    let occupations: Vec<&str> = occupations.lines().collect();
    let (mut ages, mut sexes, mut work) = (Vec::new(), Vec::new(), Vec::new());
    for line in std::fs::read_to_string(folder.join("u.user"))?.lines() {
        let fields: Vec<&str> = line.split('|').collect();
        ages.push((fields[1].parse::<u32>()? / 10).min(6));
        sexes.push(u32::from(fields[2] == "M"));
        let found = occupations
            .iter()
            .position(|occupation| *occupation == fields[3]);
        work.push(found.ok_or("an unknown occupation")? as u32);
    }
    let mut genres = Lists::default();
    // The titles are in Latin-1; all else is ASCII.
    let items = std::fs::read(folder.join("u.item"))?;
    for line in String::from_utf8_lossy(&items).lines() {
        let flags: Vec<&str> = line.split('|').skip(5).collect();
        genres.push((0..GENRES as u32).filter(|&genre| flags[genre as usize] == "1"));
    }
    let mut features = Features::default();
    features.add(Feature::ids("age", Side::User, 7, ages))?;
    features.add(Feature::ids("sex", Side::User, 2, sexes))?;
    features.add(Feature::ids(
        "occupation",
        Side::User,
        occupations.len(),
        work,
    ))?;
    features.add(Feature::bags("genres", Side::Item, GENRES, genres))?;
    Ok(features)
}
