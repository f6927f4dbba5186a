//! Cards as files and as Markdown.

mod common;

use common::{Outcome, Spy, opened};
use proptest::prelude::*;
use recburn_protocol::{Card, CardError, Classical, Task};
use serde_json::{Value, json};

const BY_USER: &str = "by-user-hashed:0.7/0.1/0.2";

fn card(task: Task) -> Result<Card, Box<dyn std::error::Error>> {
    let spy = Spy {
        validates: true,
        ..Spy::default()
    };
    Ok(opened(BY_USER, task).run(&spy, &[1, 2], 1)?)
}

#[test]
fn a_card_is_loaded_as_it_was_saved() -> Outcome {
    let folder = tempfile::tempdir()?;
    for (name, task) in [("ratings", Task::RATINGS), ("lists", Task::full_ranking())] {
        let card = card(task)?;
        let path = folder.path().join("cards").join(name);
        card.save(&path)?;
        assert_eq!(Card::load(&path)?, card);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_card_of_any_run_survives_json(seeds in prop::collection::vec(any::<u64>(), 1..3)) {
        let card = opened(BY_USER, Task::RATINGS).run(&Spy::default(), &seeds, 1).expect("figures");
        let text = card.to_json().expect("JSON");
        prop_assert_eq!(serde_json::from_str::<Card>(&text).expect("a card"), card);
    }
}

#[test]
fn files_that_are_no_cards_are_refused_by_name() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("card.json");
    let error = Card::load(&path).expect_err("no file");
    assert!(matches!(error, CardError::Read { .. }), "{error}");
    assert!(error.to_string().contains("card.json"), "{error}");
    for text in ["", "{}", "[1]", r#"{"version": 1}"#] {
        std::fs::write(&path, text)?;
        let error = Card::load(&path).expect_err("no card");
        assert!(matches!(error, CardError::Json { .. }), "{text}: {error}");
        assert!(
            error
                .to_string()
                .ends_with("card.json is not a card of results"),
            "{error}"
        );
    }
    let mut value: Value = serde_json::from_str(&card(Task::RATINGS)?.to_json()?)?;
    value["version"] = json!(Card::VERSION + 1);
    std::fs::write(&path, value.to_string())?;
    let said = Card::load(&path).expect_err("another version").to_string();
    assert!(
        said.contains("is a card of version 2, but this program reads version 1"),
        "{said}"
    );
    value["version"] = json!(Card::VERSION);
    value["surprise"] = json!(true);
    std::fs::write(&path, value.to_string())?;
    assert!(matches!(Card::load(&path), Err(CardError::Json { .. })));
    let error = card(Task::RATINGS)?
        .save(folder.path())
        .expect_err("a folder");
    assert!(matches!(error, CardError::Write(_)), "{error}");
    Ok(())
}

#[test]
fn a_card_as_markdown_has_figures_protocol_runs_options_and_machine() -> Outcome {
    let text = card(Task::full_ranking())?.to_markdown();
    assert!(text.starts_with("# spy under mine\n"), "{text}");
    for wanted in [
        "| measure | spy | ± seeds | popularity |\n| --- | ---: | ---: | ---: |\n| ndcg@10 | 0.",
        "## Protocol\n\n- mine: a test\n- Data: sample.\n- Split: by-user-hashed:0.7/0.1/0.2, seed 42.\n",
        "- At hand: ",
        "| split | fingerprint | seed | train / valid / test | cold rows | ndcg@10 | recall@10 | ndcg@10, warm | ndcg@10, cold |",
        "\n| by-user-hashed:0.7/0.1/0.2 | ",
        "## Options\n\n```json\n{\n  \"shift\": 0.0\n}\n```\n",
        " 1 thread, ",
        "spyglass 1.0.",
    ] {
        assert!(text.contains(wanted), "{wanted}\nis not in\n{text}");
    }
    Ok(())
}

#[test]
fn names_cannot_break_a_table() -> Outcome {
    let odd = Classical::new("bias", json!({}))?.called("a|b\nc");
    let text = opened(BY_USER, Task::RATINGS)
        .run(&odd, &[1], 1)?
        .to_markdown();
    assert!(
        text.contains("| measure | a\\|b c | mean | bias |"),
        "{text}"
    );
    Ok(())
}
