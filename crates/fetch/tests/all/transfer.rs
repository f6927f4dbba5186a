//! Every fault on the way: what is said, what is left in the folder, and that the next fetch succeeds.

use crate::common::{
    Reply, Server, archive, entry, names, once, run, succeeds, succeeds_from, toy,
};
use recburn_fetch::{Entry, FetchError, Options, Progress};
use std::fs::{self, File};
use std::net::TcpListener;
use std::time::{Duration, Instant};
use tempfile::tempdir;

const PART: [&str; 2] = ["toy.zip.part", "toy.zip.part.tag"];

#[test]
fn a_good_server_gives_it_and_a_second_fetch_asks_nobody() {
    let home = tempdir().expect("a folder");
    let folder = home.path().join("not/there/yet");
    let server = Server::new(vec![Reply::Good(toy())]);
    let (outcome, told) = run(&entry(&server, &toy()), &folder, &once());
    outcome.expect("a good server gives it");
    let total = Some(toy().len() as u64);
    assert_eq!(told.first(), Some(&Progress::Started { have: 0, total }));
    assert!(told.contains(&Progress::Received {
        have: toy().len() as u64,
        total
    }));
    assert!(told.contains(&Progress::Verifying));
    assert!(told.contains(&Progress::Unpacking {
        file: "toy/u.data".to_string()
    }));
    assert_eq!(succeeds_from(&server, &folder).len(), 1);
}

#[test]
fn a_slow_server_is_waited_for() {
    let home = tempdir().expect("a folder");
    let server = Server::new(vec![Reply::Slow(toy())]);
    let begin = Instant::now();
    succeeds_from(&server, home.path());
    // Longer than the silence allowed, which is counted anew with every piece.
    assert!(begin.elapsed() > once().stall);
}

#[test]
fn what_was_cut_off_is_gone_on_from() {
    let home = tempdir().expect("a folder");
    let server = Server::new(vec![Reply::Half(toy()), Reply::Good(toy())]);
    let (outcome, _) = run(&entry(&server, &toy()), home.path(), &once());
    let error = outcome.expect_err("half is not all");
    let half = toy().len() as u64 / 2;
    assert!(
        matches!(&error, FetchError::CutOff { have, .. } if *have == half),
        "{error}"
    );
    assert!(
        error.to_string().contains("fetch again to resume"),
        "{error}"
    );
    assert_eq!(names(home.path()), PART);
    let requests = succeeds_from(&server, home.path());
    assert_eq!(requests[1].range, Some(half));
    assert!(requests[1].if_range.is_some());
}

#[test]
fn a_retry_goes_on_within_one_fetch() {
    let home = tempdir().expect("a folder");
    let replies = vec![
        Reply::Half(toy()),
        Reply::HalfThenSilence(toy()),
        Reply::Good(toy()),
    ];
    let server = Server::new(replies);
    let patient = Options {
        retries: 2,
        ..once()
    };
    let (outcome, told) = run(&entry(&server, &toy()), home.path(), &patient);
    outcome.expect("the third try succeeds");
    let interrupted = |it: &&Progress| matches!(it, Progress::Interrupted { .. });
    assert_eq!(told.iter().filter(interrupted).count(), 2);
    let ranges: Vec<_> = server.requests().iter().map(|it| it.range).collect();
    assert!(ranges[0] < ranges[1] && ranges[1] < ranges[2], "{ranges:?}");
    assert_eq!(names(home.path()), ["toy"]);
}

#[test]
fn a_silent_server_is_given_up_and_gone_on_from() {
    let home = tempdir().expect("a folder");
    let replies = vec![
        Reply::Silence,
        Reply::HalfThenSilence(toy()),
        Reply::Good(toy()),
    ];
    let server = Server::new(replies);
    for left in [&[][..], &PART[..]] {
        let begin = Instant::now();
        let (outcome, _) = run(&entry(&server, &toy()), home.path(), &once());
        let error = outcome.expect_err("nothing came any more");
        assert!(matches!(error, FetchError::Stalled { .. }), "{error}");
        assert!(begin.elapsed() < Duration::from_secs(2));
        assert_eq!(names(home.path()), left);
    }
    let requests = succeeds_from(&server, home.path());
    assert_eq!(requests[2].range, Some(toy().len() as u64 / 2));
}

#[test]
fn a_server_without_ranges_sends_it_all_again() {
    let home = tempdir().expect("a folder");
    let server = Server::new(vec![Reply::Half(toy()), Reply::NoRanges(toy())]);
    assert!(
        run(&entry(&server, &toy()), home.path(), &once())
            .0
            .is_err()
    );
    let requests = succeeds_from(&server, home.path());
    assert!(requests[1].range.is_some());
    assert_eq!(requests.len(), 2);
}

#[test]
fn a_range_that_was_not_asked_for_is_not_believed() {
    let home = tempdir().expect("a folder");
    let server = Server::new(vec![Reply::Half(toy()), Reply::WrongRange(toy())]);
    assert!(
        run(&entry(&server, &toy()), home.path(), &once())
            .0
            .is_err()
    );
    let requests = succeeds_from(&server, home.path());
    assert_eq!(requests[2].range, None);
}

#[test]
fn a_file_that_changed_is_fetched_afresh() {
    let home = tempdir().expect("a folder");
    let old = archive(&[("toy/u.data", &[b'o'; 30_000])]);
    let server = Server::new(vec![Reply::Half(old.clone()), Reply::Good(toy())]);
    assert!(run(&entry(&server, &old), home.path(), &once()).0.is_err());
    let requests = succeeds_from(&server, home.path());
    assert!(requests[1].range.is_some());
}

#[test]
fn bytes_of_an_unknown_version_are_not_gone_on_from() {
    let home = tempdir().expect("a folder");
    let server = Server::new(vec![Reply::HalfWithoutTag(toy()), Reply::Good(toy())]);
    assert!(
        run(&entry(&server, &toy()), home.path(), &once())
            .0
            .is_err()
    );
    assert_eq!(names(home.path()), ["toy.zip.part"]);
    assert_eq!(succeeds_from(&server, home.path())[1].range, None);
}

#[test]
fn other_bytes_than_the_published_are_thrown_away() {
    let home = tempdir().expect("a folder");
    let mut other = toy();
    other[100] ^= 1;
    let server = Server::new(vec![Reply::Good(other)]);
    let (outcome, _) = run(&entry(&server, &toy()), home.path(), &once());
    let error = outcome.expect_err("a bit is wrong");
    assert!(matches!(error, FetchError::Checksum { .. }), "{error}");
    assert!(names(home.path()).is_empty());
    succeeds(home.path());
}

#[test]
fn another_size_than_the_published_is_refused() {
    let mut long = toy();
    long.push(0);
    let short = toy()[1..].to_vec();
    for reply in [
        Reply::Good(long.clone()),
        Reply::Good(short.clone()),
        Reply::Unannounced(long),
        Reply::Unannounced(short),
    ] {
        let home = tempdir().expect("a folder");
        let server = Server::new(vec![reply]);
        let (outcome, _) = run(&entry(&server, &toy()), home.path(), &once());
        let error = outcome.expect_err("the size is wrong");
        assert!(matches!(error, FetchError::Size { .. }), "{error}");
        assert!(names(home.path()).is_empty());
        succeeds(home.path());
    }
}

#[test]
fn a_size_that_is_not_announced_is_counted() {
    let home = tempdir().expect("a folder");
    succeeds_from(&Server::new(vec![Reply::Unannounced(toy())]), home.path());
}

#[test]
fn a_status_is_passed_on_and_keeps_what_there_is() {
    let home = tempdir().expect("a folder");
    let replies = vec![
        Reply::Status(404),
        Reply::Half(toy()),
        Reply::Status(503),
        Reply::Good(toy()),
    ];
    let server = Server::new(replies);
    let error = |status, left: &[&str]| {
        let (outcome, _) = run(&entry(&server, &toy()), home.path(), &once());
        let error = outcome.expect_err("no file came");
        assert!(error.to_string().contains(status), "{error}");
        assert_eq!(names(home.path()), left);
    };
    error("status 404", &[]);
    error("connection lost", &PART);
    error("status 503", &PART);
    assert!(succeeds_from(&server, home.path())[3].range.is_some());
}

#[test]
fn without_a_server_it_is_said_at_once_where_the_files_belong() {
    let home = tempdir().expect("a folder");
    let server = Server::new(vec![Reply::Good(toy())]);
    let closed = TcpListener::bind("127.0.0.1:0").expect("loopback is there");
    let url = format!("http://{}/toy.zip", closed.local_addr().expect("bound"));
    drop(closed);
    let gone = Entry {
        url: Box::leak(url.into_boxed_str()),
        ..entry(&server, &toy())
    };
    let patient = Options::default();
    let begin = Instant::now();
    let (outcome, _) = run(&gone, home.path(), &patient);
    let error = outcome.expect_err("nobody answers");
    assert!(matches!(error, FetchError::Unreachable { .. }), "{error}");
    assert!(begin.elapsed() < Duration::from_secs(2));
    let place = home.path().join("toy").display().to_string();
    assert!(error.to_string().contains(&place), "{error}");
    assert!(names(home.path()).is_empty());
    succeeds(home.path());
}

#[test]
fn a_whole_part_is_not_fetched_again() {
    let home = tempdir().expect("a folder");
    let server = Server::new(vec![Reply::Half(toy()), Reply::Status(500)]);
    assert!(
        run(&entry(&server, &toy()), home.path(), &once())
            .0
            .is_err()
    );
    fs::write(home.path().join(PART[0]), toy()).expect("the rest came by another way");
    assert_eq!(succeeds_from(&server, home.path()).len(), 1);
}

#[test]
fn two_at_once_do_not_write_the_same_part() {
    let home = tempdir().expect("a folder");
    let part = File::create(home.path().join(PART[0])).expect("a file");
    part.lock().expect("nobody else has it");
    let server = Server::new(vec![Reply::Good(toy())]);
    let (outcome, _) = run(&entry(&server, &toy()), home.path(), &once());
    let error = outcome.expect_err("another one writes it");
    assert!(matches!(error, FetchError::Busy { .. }), "{error}");
    drop(part);
    succeeds(home.path());
}
