//! Ratings that a service has acknowledged: they are there after a kill, and while the disk is full.

use crate::disk::SmallDisk;
use crate::running::Running;
use crate::trained;
use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::thread::{scope, sleep};
use std::time::{Duration, UNIX_EPOCH};

/// Clients that rate, each as a user of its own, and clients that ask for their lists.
const WRITERS: usize = 4;

const JOURNAL: [&str; 2] = ["--journal", "journal.csv"];

/// How many times the service is killed, unless `RECBURN_KILLS` has another number.
const KILLS: usize = 2;

fn put(user: usize, item: usize) -> String {
    format!("PUT /v1/users/new{user}/ratings/{item} HTTP/1.1\r\nContent-Type: application/json")
}

fn stars(item: usize) -> usize {
    1 + item % 5
}

/// Rates one item after another until nobody answers; how many times that was acknowledged.
fn rate(running: &Running, user: usize, first: usize) -> usize {
    for item in first.. {
        let body = format!("{{\"rating\": {}}}", stars(item));
        match running.ask(&put(user, item), &body) {
            Ok((200, _)) => {}
            Ok((status, text)) => panic!("{status} {text}"),
            Err(_) => return item - first, // killed
        }
    }
    0
}

/// Asks for lists until nobody answers.
fn read(running: &Running, user: usize) {
    let path = format!("GET /v1/users/new{user}/recommendations HTTP/1.1");
    while let Ok((status, text)) = running.ask(&path, "") {
        // Unknown before the first rating, and while no rated item is in the model.
        assert!(matches!(status, 200 | 404 | 422), "{status} {text}");
    }
}

/// The ratings in a journal: item and rating by user.
fn ratings_in(path: &Path) -> BTreeMap<String, Vec<(usize, usize)>> {
    let mut all: BTreeMap<String, Vec<(usize, usize)>> = BTreeMap::new();
    for line in fs::read_to_string(path).unwrap().lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        let number = |at: usize| fields[at].parse().unwrap();
        let own = all.entry(fields[0].to_string()).or_default();
        own.push((number(1), number(2)));
    }
    all
}

#[test]
fn a_kill_under_load_loses_no_rating_that_was_acknowledged() {
    let home = trained();
    let journal = home.path().join("journal.csv");
    let kills = std::env::var("RECBURN_KILLS").map(|kills| kills.parse().unwrap());
    let mut acknowledged = [0; WRITERS];
    for kill in 0..kills.unwrap_or(KILLS) {
        let running = Running::of(home.path(), &JOURNAL);
        let moment = UNIX_EPOCH.elapsed().unwrap().subsec_nanos() % 400;
        scope(|all| {
            let running = &running;
            let writers: Vec<_> = (0..WRITERS)
                .map(|user| (user, acknowledged[user] + 1))
                .map(|(user, first)| all.spawn(move || rate(running, user, first)))
                .collect();
            for user in 0..WRITERS {
                all.spawn(move || read(running, user));
            }
            sleep(Duration::from_millis(100 + u64::from(moment)));
            running.signal("-KILL");
            for (user, writer) in writers.into_iter().enumerate() {
                acknowledged[user] += writer.join().unwrap();
            }
        });
        drop(running);
        // Half a line at the end, as of a write that the kill came into.
        let mut file = OpenOptions::new().append(true).open(&journal).unwrap();
        file.write_all(b"somebody,9999").unwrap();
        let again = Running::of(home.path(), &JOURNAL);
        let kept = ratings_in(&journal);
        for (user, last) in acknowledged.iter_mut().enumerate() {
            let name = format!("new{user}");
            let own = kept.get(&name).map_or(&[][..], Vec::as_slice);
            let wanted: Vec<_> = (1..=own.len()).map(|item| (item, stars(item))).collect();
            assert_eq!(own, wanted, "kill {kill}");
            // One more may be there, whose acknowledgement the kill came before.
            assert!(
                (*last..=*last + 1).contains(&own.len()),
                "kill {kill}: {} instead of {last}",
                own.len()
            );
            *last = own.len();
            if *last > 0 {
                let said = again.json(&format!("/v1/users/{name}"));
                assert_eq!(said["journal"], *last.min(&mut 1_000));
                let list = again.json(&format!("/v1/users/{name}/recommendations"));
                assert_eq!(list["source"], "fold_in");
            }
        }
        assert!(!kept.contains_key("somebody"));
    }
    assert!(
        acknowledged.iter().sum::<usize>() > 0,
        "it was killed before the first rating"
    );
    println!("{acknowledged:?} ratings");
}

#[test]
fn where_the_disk_is_full_no_rating_is_acknowledged_and_lists_are_made() {
    let Some(disk) = SmallDisk::of(1 << 20) else {
        return;
    };
    let home = trained();
    let journal = disk.path().join("journal.csv");
    let flags = ["--journal", journal.to_str().unwrap()];
    let running = Running::of(home.path(), &flags);
    let body = "{\"rating\": 4}";
    let mut acknowledged = 0;
    for attempt in 0..2 {
        disk.fill(0);
        // The last page of the file has room for some lines.
        let (status, text) = loop {
            match running.ask(&put(0, acknowledged + 1), body).unwrap() {
                (200, _) => acknowledged += 1,
                refused => break refused,
            }
        };
        assert_eq!(status, 503, "{text}");
        assert!(text.contains("\"journal\""), "{text}");
        assert_eq!(running.get("/readyz").0, 200);
        let said = running.json("/v1/users/new0");
        assert_eq!(said["journal"], acknowledged, "attempt {attempt}");
        let list = running.json("/v1/users/new0/recommendations");
        assert_eq!(list["source"], "fold_in");
        disk.empty();
        let answer = running.ask(&put(0, acknowledged + 1), body).unwrap();
        assert_eq!(answer.0, 200, "{}", answer.1);
        acknowledged += 1;
    }
    drop(running);
    let wanted: Vec<_> = (1..=acknowledged).map(|item| (item, 4)).collect();
    assert_eq!(ratings_in(&journal)["new0"], wanted);
    let again = Running::of(home.path(), &flags);
    assert_eq!(again.json("/v1/users/new0")["journal"], acknowledged);
}
