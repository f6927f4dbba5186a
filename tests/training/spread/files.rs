//! Files next to the ratings: titles and genres, and features that some users lack.

use super::models::{Files, same_on_any_number};
use super::prepared;
use recburn::data::{IdMap, ItemIx, Ratings, UserIx};
use recburn::optim::Rule;
use recburn::spread::{Ranks, threads};
use serde_json::json;
use std::fs;
use std::rc::Rc;

#[test]
fn genres_and_years_come_with_the_items() {
    let files = Files::new();
    let mut text = "item_id,title,genres\n".to_string();
    for at in 0..45 {
        let genres = ["Drama", "Comedy|Drama", "War"][at % 3];
        text += &format!("i{at},Film {at} ({}),{genres}\n", 1950 + at);
    }
    fs::write(files.path("titles.csv"), text).unwrap();
    let options = json!({ "factors": 4, "features": ["genres", "year", "title_words"] });
    let mut experiment = files.of("factorisation_machine", options);
    experiment.training.items = Some(files.path("titles.csv"));
    experiment.training.rule = Rule::sgd(0.9);
    same_on_any_number(&experiment, "genres and years");
}

#[test]
fn users_whom_the_file_lacks_have_the_mean_of_all_others() {
    let files = Files::new();
    let lines = fs::read_to_string(files.path("users.csv")).unwrap();
    let known = lines.lines().enumerate();
    let known = known.filter(|(at, _)| *at == 0 || at % 3 > 0);
    let known: Vec<&str> = known.map(|(_, line)| line).collect();
    fs::write(files.path("some.csv"), known.join("\n")).unwrap();
    let mut experiment = files.of("factorisation_machine", json!({ "factors": 4 }));
    let some = files.path("some.csv");
    experiment.training.user_features = Some(format!("{some}:id,age:number,job:id,missing=allow"));
    experiment.training.rule = Rule::sgd(0.9);
    same_on_any_number(&experiment, "missing users");
}

#[test]
fn filters_count_the_ratings_of_all() {
    let files = Files::new();
    let mut experiment = files.of("biased_mf", json!({ "factors": 4, "l2": 1e-4 }));
    for filter in ["rating>=2,users>=30", "users>=16,items>=30,repeat"] {
        experiment.training.filter = Some(filter.to_string());
        same_on_any_number(&experiment, filter);
    }
    // What is left is what one process outside MPI keeps.
    let kept = experiment.prepare(None).unwrap();
    assert_eq!(kept.rows, 945);
    threads(3, |ranks| {
        let ranks: Rc<dyn Ranks> = Rc::new(ranks);
        let own = prepared(&experiment, &ranks);
        let rows = own.train.count() + own.valid.count();
        assert_eq!(rows, kept.rows as u64);
        assert_eq!(own.spread.items().len(), kept.dataset.items.len());
    });
    experiment.training.filter = Some("users>=1000".to_string());
    let said = threads(2, |ranks| {
        let part = experiment.read_part(&ranks, None).unwrap();
        let refused = experiment.bring_home(part, &ranks);
        refused.err().unwrap().to_string()
    });
    assert!(said[1].contains("users>=1000"), "{said:?}");
}

#[test]
fn a_users_own_ratings_decide_what_is_held_out() {
    let files = Files::new();
    let mut experiment = files.of("biased_mf", json!({ "factors": 4 }));
    for split in [
        "leave-last-out:2",
        "leave-last-out-hashed",
        "by-user:0.7",
        "by-user-hashed:0.8",
    ] {
        experiment.training.split = split.to_string();
        same_on_any_number(&experiment, split);
        // The same ratings are held out as on one process outside MPI.
        let wanted = experiment.prepare(None).unwrap();
        let names = |users: &IdMap<UserIx>, items: &IdMap<ItemIx>, held: &Ratings| {
            let pairs = held.users.iter().zip(&held.items).zip(&held.ratings);
            let name = |((user, item), stars): ((&UserIx, &ItemIx), &f32)| {
                let ids = (users.id(*user).unwrap(), items.id(*item).unwrap());
                format!("{} {} {}", ids.0, ids.1, stars.round())
            };
            pairs.map(name).collect::<Vec<_>>()
        };
        let held = threads(3, |ranks| {
            let ranks: Rc<dyn Ranks> = Rc::new(ranks);
            let own = prepared(&experiment, &ranks);
            let (users, items) = (own.spread.users(), own.spread.items());
            let rows = own.valid.places().len() as u64 + own.train.places().len() as u64;
            assert!(rows < own.train.count() + own.valid.count());
            names(users, items, own.valid.ratings())
        });
        let mut held = held.concat();
        let (users, items) = (&wanted.dataset.users, &wanted.dataset.items);
        let mut wanted = names(users, items, &wanted.valid);
        held.sort();
        wanted.sort();
        assert_eq!(held, wanted, "{split}");
    }
    fs::write(
        files.path("untimed.csv"),
        "user,item,rating\na,x,1\na,y,2\nb,x,3\n",
    )
    .unwrap();
    experiment.training.data = files.path("untimed.csv");
    experiment.training.split = "leave-last-out".to_string();
    let said = threads(2, |ranks| {
        let part = experiment.read_part(&ranks, None).unwrap();
        let refused = experiment.bring_home(part, &ranks);
        refused.err().unwrap().to_string()
    });
    assert_eq!(said[0], said[1]);
    assert!(said[0].contains("leave-last-out"), "{said:?}");
}

#[test]
fn a_file_that_has_none_of_the_users_is_refused_by_all() {
    let files = Files::new();
    fs::write(files.path("others.csv"), "id,age\nx,3\ny,4\n").unwrap();
    let mut experiment = files.of("factorisation_machine", json!({ "factors": 4 }));
    let others = files.path("others.csv");
    experiment.training.user_features = Some(format!("{others}:id,age:number,missing=allow"));
    let said = threads(3, |ranks| {
        let ranks: Rc<dyn Ranks> = Rc::new(ranks);
        let part = experiment.read_part(&*ranks, None).unwrap();
        let mut home = experiment.bring_home(part, &*ranks).unwrap();
        let (features, _) = experiment.spread_features(&mut home).unwrap();
        let refused = experiment.prepare_spread(home, features, ranks, Default::default());
        refused.err().unwrap().to_string()
    });
    for said in said {
        assert!(
            said.contains("others.csv: it has none of the 37 ids"),
            "{said}"
        );
    }
}
