//! A module of one's own behind a recommender: saved, loaded, asked.

#![allow(clippy::unwrap_used)]

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use recburn_data::{Centre, Dataset, IdMap, IdOrder, ItemIx, Ratings, UserIx};
use recburn_graph::{Activation, Initializer, TableOptions};
use recburn_nn::{Dense, Draw, Dropout, Embedding, Ids, PairModel};
use recburn_recommender::{
    ListOptions, Portable, Query, RebuildError, Recommender, RecommenderError, Seen, Source,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fs;

/// What the constructor needs.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sizes {
    users: usize,
    items: usize,
    width: usize,
}

/// GMF + MLP of neural collaborative filtering (He et al. 2017).
#[derive(Module, Debug)]
struct NeuMf {
    user: Embedding,
    item: Embedding,
    hidden: Dense,
    dropout: Dropout,
    output: Dense,
}

impl NeuMf {
    fn new(sizes: &Sizes, seed: u64, device: &Device) -> Self {
        let draw = Draw::new(seed);
        let table = TableOptions {
            initializer: Initializer::Normal {
                mean: 0.1,
                std: 0.5,
            },
            ..TableOptions::default()
        };
        let dense = |name, shape, activation| {
            Dense::new(
                name,
                shape,
                activation,
                Initializer::GlorotUniform,
                draw,
                device,
            )
        };
        let width = sizes.width;
        Self {
            user: Embedding::new("user", sizes.users, width, table, draw, device),
            item: Embedding::new("item", sizes.items, width, table, draw, device),
            hidden: dense("hidden", [2 * width, width], Activation::Relu),
            dropout: Dropout { rate: 0.2 },
            output: dense("output", [2 * width, 1], Activation::Linear),
        }
    }
}

impl PairModel for NeuMf {
    fn score(&self, users: Ids<'_>, items: Ids<'_>) -> Tensor<2> {
        let (user, item) = (self.user.forward(users), self.item.forward(items));
        let product = user.clone() * item.clone();
        let hidden = self.hidden.forward(Tensor::cat(vec![user, item], 1));
        let hidden = self.dropout.forward(hidden, users.pass());
        self.output.forward(Tensor::cat(vec![product, hidden], 1))
    }
}

impl Portable for NeuMf {
    fn describe(&self) -> Value {
        let [users, width] = self.user.shape();
        let [items, _] = self.item.shape();
        serde_json::json!({"users": users, "items": items, "width": width})
    }

    fn rebuild(described: &Value, device: &Device) -> Result<Self, RebuildError> {
        let sizes: Sizes = serde_json::from_value(described.clone())?;
        Ok(Self::new(&sizes, 0, device))
    }
}

fn recommender() -> Recommender<NeuMf> {
    let ids = |prefix: &str| -> Vec<String> { (0..8).map(|at| format!("{prefix}{at}")).collect() };
    let (users, items) = (ids("u"), ids("i"));
    let mut ratings = Ratings::default();
    for (user, item) in (0..8).flat_map(|user| (0..8).map(move |item| (user, item))) {
        if (user + 2 * item) % 3 != 0 {
            ratings.users.push(UserIx(user));
            ratings.items.push(ItemIx(item));
            ratings
                .ratings
                .push(1.0 + ((user * 3 + item * 5) % 9) as f32 / 2.0);
        }
    }
    let users = IdMap::new(users.iter().map(String::as_str), IdOrder::FirstSight).unwrap();
    let items = IdMap::new(items.iter().map(String::as_str), IdOrder::FirstSight).unwrap();
    let dataset = Dataset::new("tiny", users, items, ratings).unwrap();
    let sizes = Sizes {
        users: 8,
        items: 8,
        width: 3,
    };
    let model = NeuMf::new(&sizes, 4, &Device::flex());
    let seen = Seen::all_trained(&dataset);
    let centre = Centre::of(&dataset.ratings);
    Recommender::new(model, &dataset, seen, centre, Value::Null).unwrap()
}

#[test]
fn a_module_of_ones_own_is_saved_loaded_and_asked() {
    let before = recommender();
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("model");
    before.save(&folder).unwrap();
    let after = Recommender::<NeuMf>::load_as(&folder, &Device::flex()).unwrap();

    assert_eq!(after.embedding_names(), ["user", "item"]);
    assert_eq!(
        after.predict("u1", "i2").unwrap(),
        before.predict("u1", "i2").unwrap()
    );
    assert_eq!(
        after.recommend("u1", 3).unwrap(),
        before.recommend("u1", 3).unwrap()
    );
    assert_eq!(
        after.similar("i1", 3, None).unwrap(),
        before.similar("i1", 3, None).unwrap()
    );
    assert_eq!(
        after.embedding("item").unwrap(),
        before.embedding("item").unwrap()
    );

    let query = Query {
        user: None,
        ratings: &[("i1", 5.0), ("i4", 1.0), ("i6", 4.5)],
    };
    let (one, other) = (
        before.profile(&query).unwrap(),
        after.profile(&query).unwrap(),
    );
    assert_eq!((one.source, &one), (Source::Folded, &other));
    assert!(one.steps > 0);
    let list = after.top(&other, &ListOptions::default()).unwrap();
    assert_eq!(list, before.top(&one, &ListOptions::default()).unwrap());
    assert_eq!(list.items.len(), 5);
}

#[test]
fn a_folder_of_another_model_is_refused() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("model");
    recommender().save(&folder).unwrap();
    let as_network = Recommender::load(&folder, &Device::flex());
    assert!(matches!(
        as_network,
        Err(RecommenderError::NotAModel { .. })
    ));

    // Other sizes than those of the weights.
    let path = folder.join("model.json");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("\"width\": 3", "\"width\": 4")).unwrap();
    let other = Recommender::<NeuMf>::load_as(&folder, &Device::flex());
    assert!(
        matches!(other, Err(RecommenderError::Saved { .. })),
        "{other:?}"
    );
}

#[test]
fn a_module_with_too_few_rows_is_refused() {
    let ids: Vec<String> = (0..9).map(|at| at.to_string()).collect();
    let users = IdMap::new(ids.iter().map(String::as_str), IdOrder::FirstSight).unwrap();
    let items = IdMap::new(["a"], IdOrder::FirstSight).unwrap();
    let rated = Ratings {
        users: vec![UserIx(8)],
        items: vec![ItemIx(0)],
        ratings: vec![3.0],
        ..Ratings::default()
    };
    let dataset = Dataset::new("tiny", users, items, rated).unwrap();
    let sizes = Sizes {
        users: 8,
        items: 8,
        width: 3,
    };
    let model = NeuMf::new(&sizes, 4, &Device::flex());
    let seen = Seen::all_trained(&dataset);
    let refused = Recommender::new(model, &dataset, seen, Centre::none(), Value::Null);
    let said = refused.unwrap_err().to_string();
    assert_eq!(
        said,
        "the model's user table has 8 rows, but the ids need 9"
    );
}
