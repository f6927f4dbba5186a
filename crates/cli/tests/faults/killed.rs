//! SIGKILL at random moments, again and again: the training ends where one that nobody killed ends.

use crate::common::{command, ran, recburn};
use crate::places::{files, leftovers, write_ratings};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How many times trainings are killed, unless `RECBURN_KILLS` has another number.
const KILLS: usize = 6;

/// Leftovers that are younger than this may be those of a living process, and stay.
const NEWBORN: Duration = Duration::from_millis(1_100);

/// Trainings with all that a checkpoint keeps: moments of the optimizer, averages, the best weights so far.
const TRAININGS: [&[&str]; 3] = [
    &["--model", "biased_mf", "--patience", "1000"],
    &["--model", "concat_mlp", "--average", "ema:0.9"],
    &["--model", "svdpp", "--average", "swa:5"],
];

const EPOCHS: &str = "40";

/// Moments that are different in every run of the test, from a seed that a failure tells.
struct Moments(u64);

impl Moments {
    fn new() -> Self {
        let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_nanos() as u64;
        println!("moments of the seed {now}");
        Self(now | 1)
    }

    fn next(&mut self, most: Duration) -> Duration {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        most.mul_f64((self.0 >> 11) as f64 / (1_u64 << 53) as f64)
    }
}

fn train(home: &Path, out: &str, flags: &[&str]) -> Child {
    command(home)
        .args([
            "train",
            "--data",
            "ratings.csv",
            "--epochs",
            EPOCHS,
            "--json",
        ])
        .args(["--out", out])
        .args(flags)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// The checkpoint. For a moment it is beside its place, and is moved back when a training goes on.
fn checkpoint(run: &Path) -> Option<PathBuf> {
    let place = run.join("checkpoint");
    if place.is_dir() {
        return Some(place);
    }
    let beside = fs::read_dir(run).into_iter().flatten().flatten();
    let aside = beside.map(|entry| entry.path()).filter(|path| {
        let name = path.file_name().unwrap().to_str().unwrap();
        name.starts_with(".checkpoint.") && name.ends_with(".old")
    });
    let last = aside.max_by_key(|path| path.metadata().unwrap().modified().unwrap());
    last.map(|aside| aside.join("checkpoint"))
        .filter(|folder| folder.is_dir())
}

/// How many epochs the checkpoint has; 0 if there is none.
fn epochs_in(run: &Path) -> usize {
    let Some(folder) = checkpoint(run) else {
        return 0;
    };
    let text = fs::read(folder.join("progress.json")).unwrap();
    let progress: Value = serde_json::from_slice(&text).unwrap();
    progress["history"].as_array().unwrap().len()
}

#[test]
fn a_training_that_is_killed_and_resumed_ends_as_if_it_had_not_been() {
    let wanted = std::env::var("RECBURN_KILLS").map(|kills| kills.parse().unwrap());
    let wanted = wanted.unwrap_or(KILLS);
    let home = tempfile::tempdir().unwrap();
    let here = home.path();
    write_ratings(&here.join("ratings.csv"));
    let mut moments = Moments::new();
    let (mut kills, mut rounds) = (0, 0);
    let mut whole: [Option<(_, Duration)>; TRAININGS.len()] = Default::default();
    while kills < wanted {
        let at = rounds % TRAININGS.len();
        let flags = TRAININGS[at];
        let (undisturbed, most) = whole[at].get_or_insert_with(|| {
            let begun = Instant::now();
            let out = format!("undisturbed-{at}");
            ran(train(here, &out, flags).wait_with_output().unwrap()).fine();
            (files(&here.join(out).join("model")), begun.elapsed())
        });
        assert!(undisturbed.len() >= 4, "{:?}", undisturbed.keys());
        let out = format!("run-{rounds}");
        let run = here.join(&out);
        // Several kills for each training; the last ones come into the writing of its results.
        let mut done = 0;
        loop {
            if !leftovers(&run).is_empty() {
                sleep(NEWBORN);
            }
            let resumed = match checkpoint(&run) {
                None => flags.to_vec(),
                Some(_) => [flags, &["--resume"]].concat(),
            };
            let mut child = train(here, &out, &resumed);
            if kills < wanted {
                sleep(moments.next(*most));
                child.kill().unwrap();
            }
            let ended = ran(child.wait_with_output().unwrap());
            if ended.code.is_some() {
                ended.fine(); // before the kill
                break;
            }
            kills += 1;
            let now = epochs_in(&run);
            assert!(now >= done, "{done} epochs were there, and {now} are left");
            done = now;
        }
        let model = files(&run.join("model"));
        assert!(
            model == *undisturbed,
            "after {kills} kills {out} differs in {:?}",
            model
                .iter()
                .filter(|(name, bytes)| undisturbed.get(*name) != Some(bytes))
                .map(|(name, _)| name)
                .collect::<Vec<_>>()
        );
        assert_eq!(leftovers(&run), [""; 0], "of {out}");
        let list = ["recommend", &out, "--user", "u1", "--count", "3"];
        recburn(here, &list).fine();
        rounds += 1;
    }
    println!("{kills} kills in {rounds} trainings");
}
