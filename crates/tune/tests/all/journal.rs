//! Resuming a study from its journal.

use crate::common::{bowl, journal, notes, run, study, timeless_board, with};
use recburn_tune::{Event, Outcome, Results, Sampler, Stop, Study, Trial};
use serde_json::json;
use std::convert::Infallible;
use std::fs;
use std::path::Path;

/// Runs and returns the results, the ids of the trials that ran, and the notes.
fn resume(study: &Study, path: &Path) -> (Results, Vec<usize>, Vec<String>) {
    let mut events = Vec::new();
    let evaluate = |trial: &Trial, _: Stop| Ok::<_, Infallible>(Outcome::new(bowl(trial)));
    let results = study.run(1, Some(path), evaluate, |event| events.push(event.clone()));
    let ran = events.iter().filter_map(|event| match event {
        Event::Started(trial) => Some(trial.id),
        _ => None,
    });
    (results.expect("a result"), ran.collect(), notes(&events))
}

#[test]
fn a_kill_at_any_byte_of_a_line_changes_nothing() {
    let (_home, path) = journal();
    let whole = run(&study(), 1, Some(&path), bowl);
    let bytes = fs::read(&path).expect("a journal");
    let last = bytes[..bytes.len() - 1]
        .iter()
        .rposition(|&byte| byte == b'\n')
        .expect("lines")
        + 1;
    for end in last..=bytes.len() {
        fs::write(&path, &bytes[..end]).expect("written");
        let (resumed, ran, notes) = resume(&study(), &path);
        assert_eq!(
            timeless_board(&resumed),
            timeless_board(&whole),
            "cut at {end}"
        );
        // The line is complete without its end, too.
        let is_complete = end + 1 >= bytes.len();
        assert_eq!(
            ran,
            if is_complete { vec![] } else { vec![13] },
            "cut at {end}"
        );
        let is_torn = end > last && !is_complete;
        let note = "line 15 of the journal is incomplete, as after a kill: it is dropped";
        assert_eq!(
            notes,
            if is_torn { vec![note] } else { vec![] },
            "cut at {end}"
        );
        let (_, ran, notes) = resume(&study(), &path);
        assert!(
            ran.is_empty() && notes.is_empty(),
            "the journal is whole again"
        );
    }
    // The header as well.
    let header = bytes
        .iter()
        .position(|&byte| byte == b'\n')
        .expect("a header");
    for end in [0, 1, header / 2, header, header + 1] {
        fs::write(&path, &bytes[..end]).expect("written");
        let (resumed, ran, _) = resume(&study(), &path);
        assert_eq!((resumed.trials.len(), ran.len()), (14, 14), "cut at {end}");
    }
}

#[test]
fn a_kill_of_several_workers_changes_nothing() {
    for sampler in [Sampler::Tpe { startup: 4 }, Sampler::Halving { eta: 2 }] {
        let study = with(study().budget(1, 8), |study| study.sampler = sampler);
        let (_home, path) = journal();
        let whole = run(&study, 3, Some(&path), bowl);
        let text = fs::read_to_string(&path).expect("a journal");
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        for kept in 1..lines.len() {
            // Workers end in any order, so the last trial of a generation may be there without the others.
            let mut some = lines[..kept].to_vec();
            some[1..].reverse();
            fs::write(&path, some.concat()).expect("written");
            let resumed = run(&study, 2, Some(&path), bowl);
            assert_eq!(
                timeless_board(&resumed),
                timeless_board(&whole),
                "{sampler}, {kept} lines"
            );
        }
    }
}

#[test]
fn more_trials_extend_a_study() {
    let (_home, path) = journal();
    run(&study(), 2, Some(&path), bowl);
    let longer = study().trials(30);
    let (resumed, ran, _) = resume(&longer, &path);
    assert_eq!(ran, (14..30).collect::<Vec<_>>());
    assert_eq!(
        timeless_board(&resumed),
        timeless_board(&run(&longer, 1, None, bowl))
    );
    let (shorter, ran, notes) = resume(&study(), &path);
    assert_eq!((shorter.trials.len(), ran.len()), (14, 0));
    assert_eq!(
        notes,
        ["the journal holds 16 trials beyond the 14 of this study: they are left out"]
    );
}

#[test]
fn values_of_another_version_are_kept_with_a_note() {
    let (_home, path) = journal();
    run(&study(), 1, Some(&path), bowl);
    let text = fs::read_to_string(&path).expect("a journal");
    let mut lines: Vec<String> = text.lines().map(str::to_string).collect();
    let mut trial: serde_json::Value = serde_json::from_str(&lines[14]).expect("a trial");
    assert_eq!(trial["id"], 13);
    trial["values"]["options.factors"] = json!(77);
    lines[14] = trial.to_string();
    fs::write(&path, lines.join("\n") + "\n").expect("written");
    let (resumed, ran, notes) = resume(&study(), &path);
    assert!(ran.is_empty());
    assert_eq!(resumed.trials[13].trial.values["options.factors"], 77);
    let note = "trial 13 of the journal has other values than this version would propose; they are kept: {";
    assert!(notes.len() == 1 && notes[0].starts_with(note), "{notes:?}");
}

#[test]
fn failed_trials_are_not_run_again() {
    let (_home, path) = journal();
    let evaluate = |trial: &Trial, _: Stop| match trial.id % 2 {
        0 => Err("no memory"),
        _ => Ok(Outcome::new(bowl(trial))),
    };
    let whole = study()
        .run(2, Some(&path), evaluate, |_| {})
        .expect("a result");
    let (resumed, ran, _) = resume(&study(), &path);
    assert!(ran.is_empty());
    assert_eq!(timeless_board(&resumed), timeless_board(&whole));
    assert_eq!(resumed.leaderboard().failed.len(), 7);
}
