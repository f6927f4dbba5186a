//! Journals that are refused.

use crate::common::{FOUR, bowl, journal, run, space, study, with};
use recburn_tune::{Direction, Outcome, Sampler, Stop, Study, Trial, TuneError};
use serde_json::json;
use std::convert::Infallible;
use std::error::Error;
use std::fs;
use std::path::Path;

fn refusal(study: &Study, path: &Path) -> String {
    let before = fs::read(path).ok();
    let evaluate = |_: &Trial, _: Stop| Ok::<_, Infallible>(Outcome::new(0.0));
    let error = study
        .run(1, Some(path), evaluate, |_| {})
        .expect_err("a refusal");
    assert!(matches!(error, TuneError::Journal { .. }));
    assert_eq!(
        error.to_string(),
        format!("the journal {} cannot be used", path.display())
    );
    assert_eq!(fs::read(path).ok(), before, "a refused file is not touched");
    error.source().expect("a cause").to_string()
}

#[test]
fn the_journal_of_another_study_is_refused_with_the_differences() {
    let (_home, path) = journal();
    let own = || study().subject(json!({ "model": "biased_mf", "rows": 80000 }));
    run(&own(), 2, Some(&path), bowl);
    let narrower = FOUR.replace("[0.0, 0.9]", "[0.0, 0.5]");
    let renamed = FOUR.replace("training.dropout", "options.dropout");
    let other = |text: &str| with(own(), |study| study.space = space(text));
    let cases = [
        (
            with(own(), |study| study.seed = 12),
            "seed is 11 there and 12 here",
        ),
        (
            own().direction(Direction::Maximize),
            "direction is \"minimize\" there and \"maximize\" here",
        ),
        (
            own().generation(4).budget(1, 5),
            "budget is 1 there and 5 here; generation is 3 there and 4 here",
        ),
        (
            with(own(), |study| study.sampler = Sampler::Random),
            "sampler is \"tpe:4\" there and \"random\" here",
        ),
        (
            own().subject(json!({ "model": "svdpp", "rows": 80000 })),
            "subject.model is \"biased_mf\" there and \"svdpp\" here",
        ),
        (
            study(),
            "subject.model is \"biased_mf\" there and absent here; subject.rows is 80000 there and absent here",
        ),
        (
            other(&narrower),
            "space.training.dropout.float is [0.0,0.9] there and [0.0,0.5] here",
        ),
        (
            other(&renamed),
            "space.options.dropout.float is absent there and [0.0,0.9] here; \
                           space.training.dropout.float is [0.0,0.9] there and absent here",
        ),
    ];
    for (study, expected) in cases {
        let expected = format!("it is the journal of another study: {expected}");
        assert_eq!(refusal(&study, &path), expected);
    }
    // The plan of halving depends on the number of trials.
    let (_home, path) = journal();
    let halving = |trials| {
        with(study().trials(trials), |study| {
            study.sampler = Sampler::HALVING
        })
    };
    run(&halving(14), 2, Some(&path), bowl);
    assert_eq!(
        refusal(&halving(15), &path),
        "it is the journal of another study: trials is 14 there and 15 here"
    );
}

#[test]
fn files_that_are_no_journals_are_refused_and_kept() {
    let (_home, path) = journal();
    for text in [
        "shopping list",
        "shopping list\n",
        "{}\n",
        "[1, 2]\n",
        "\n",
        "\u{1F600}",
    ] {
        fs::write(&path, text).expect("written");
        assert_eq!(
            refusal(&study(), &path),
            "line 1: this is not the header of a journal"
        );
    }
    fs::write(
        &path,
        "{\"format\":\"recburn-tune journal\",\"version\":2}\n",
    )
    .expect("written");
    assert_eq!(
        refusal(&study(), &path),
        "line 1: the version of the format is 2, but this program reads version 1"
    );
    assert_eq!(
        refusal(&study(), Path::new("-")),
        "a journal is read as well as written, which standard output does not allow"
    );
}

/// A change of a line.
type Change<'a> = &'a dyn Fn(&mut serde_json::Value);

#[test]
fn damaged_lines_are_refused() {
    let (_home, path) = journal();
    run(&study(), 1, Some(&path), bowl);
    let text = fs::read_to_string(&path).expect("a journal");
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let with = |at: usize, line: &str| {
        let mut lines = lines.clone();
        lines[at] = line;
        fs::write(&path, lines.concat()).expect("written");
        refusal(&study(), &path)
    };
    assert!(with(2, "{\"id\":1,\n").starts_with("line 3: this is not a finished trial"));
    assert_eq!(with(2, lines[1]), "line 3: trial 0 is recorded twice");
    let trial = |change: Change<'_>| {
        let mut trial: serde_json::Value = serde_json::from_str(lines[2]).expect("a trial");
        change(&mut trial);
        format!("{trial}\n")
    };
    let cases: [(Change<'_>, &str); 4] = [
        (
            &|trial| trial["values"]["options.bias"] = json!(3),
            "line 3: the parameter `options.bias` cannot be 3",
        ),
        (
            &|trial| trial["values"]["x"] = json!(3),
            "line 3: there is no parameter `x` in the space",
        ),
        (
            &|trial| trial["values"] = json!({}),
            "line 3: the parameter `options.bias` has no value",
        ),
        (
            &|trial| trial["error"] = json!("no"),
            "line 3: a trial has either a value or an error",
        ),
    ];
    for (change, expected) in cases {
        assert_eq!(with(2, &trial(change)), expected);
    }
}

#[test]
fn two_studies_do_not_share_a_journal() {
    let (_home, path) = journal();
    let evaluate = |trial: &Trial, _: Stop| {
        if trial.id == 0 {
            assert_eq!(refusal(&study(), &path), "another process is writing to it");
        }
        Ok::<_, Infallible>(Outcome::new(bowl(trial)))
    };
    let results = study()
        .run(2, Some(&path), evaluate, |_| {})
        .expect("a result");
    assert!(results.leaderboard().failed.is_empty());
}
