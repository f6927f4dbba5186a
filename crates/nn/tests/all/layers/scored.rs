//! Models by hand and from graphs: their tables are found, their scores are the same in any batch.

use super::*;

/// A model by hand, whose one table of nodes is read by both columns.
#[derive(Module, Debug)]
struct Friends {
    nodes: Embedding,
    user_bias: Embedding,
    item_bias: Embedding,
    unused: Embedding,
    head: Dense,
}

impl Friends {
    fn new(device: &Device) -> Self {
        let draw = Draw::new(3);
        let table = |name: &str, rows, width, l2| {
            let table = TableOptions {
                l2,
                non_negative: name == "item_bias",
                ..TableOptions::default()
            };
            Embedding::new(name, rows, width, table, draw, device)
        };
        Self {
            nodes: table("nodes", 9, 4, 0.25),
            user_bias: table("user_bias", 9, 1, 0.0),
            item_bias: table("item_bias", 7, 1, 1e-3),
            unused: table("unused", 2, 2, 0.0),
            head: Dense::new(
                "head",
                [4, 1],
                Activation::Linear,
                Initializer::GlorotUniform,
                draw,
                device,
            ),
        }
    }
}

impl PairModel for Friends {
    fn score(&self, users: Ids<'_>, items: Ids<'_>) -> Tensor<2> {
        let both = self.nodes.forward(users) * self.nodes.forward(items);
        self.head.forward(both) + self.item_bias.forward(items) + self.user_bias.forward(users)
    }
}

#[test]
fn the_tables_of_a_network_are_found_with_names_sides_and_settings() {
    let device = Device::flex();
    let penalised = TableOptions {
        l2: 1e-4,
        non_negative: true,
        initializer: Initializer::Zeros,
        ..TableOptions::default()
    };
    let (user, item) = (Sym::user(6), Sym::item(8));
    let affinity = dot(
        "affinity",
        &user.embed_with("user_factors", 3, penalised),
        &item.embed("item_factors", 3),
    );
    let score = add(
        "score",
        [
            &affinity,
            &item.embed("item_bias", 1),
            &user.embed("user_bias", 1),
        ],
    );
    let graph = Graph::new("test", &score).unwrap();
    let model = Network::new(graph, 5, &device);
    for model in [model.clone(), model.clone().train(), model.valid()] {
        let found = tables(&model);
        let shown: Vec<_> = found
            .iter()
            .map(|info| (info.name.as_str(), info.rows, info.width, info.columns[0]))
            .collect();
        assert_eq!(
            shown,
            [
                ("user_factors.weight", 6, 3, ColumnId::USERS),
                ("item_factors.weight", 8, 3, ColumnId::ITEMS),
                ("user_bias.weight", 6, 1, ColumnId::USERS),
                ("item_bias.weight", 8, 1, ColumnId::ITEMS),
            ]
        );
        assert_eq!(found[0].options, penalised);
        assert_eq!(found[1].options, TableOptions::default());
        let weights = Weights::of(&model).0;
        for info in found {
            assert!(!info.weights.is_autodiff());
            assert_eq!(numbers(info.weights), weights[&info.name].values);
        }
    }
}

#[test]
fn the_tables_of_a_module_by_hand_are_found_once_each_also_one_that_both_columns_read() {
    let device = Device::flex();
    let model = Friends::new(&device);
    for model in [model.clone(), model.clone().train()] {
        let found = tables(&model);
        let shown: Vec<_> = found
            .iter()
            .map(|info| {
                let name = info.name.as_str();
                (name, info.rows, info.width, info.options.l2)
            })
            .collect();
        // `unused` is not read, so it is no table of the model.
        assert_eq!(
            shown,
            [
                ("nodes.weight", 9, 4, 0.25),
                ("item_bias.weight", 7, 1, 1e-3),
                ("user_bias.weight", 9, 1, 0.0),
            ]
        );
        assert_eq!(found[0].columns, [ColumnId::USERS, ColumnId::ITEMS]);
        assert_eq!(
            (&found[1].columns, &found[2].columns),
            (&vec![ColumnId::ITEMS], &vec![ColumnId::USERS])
        );
        assert!(found[1].options.non_negative && !found[2].options.non_negative);
        assert_eq!(found[0].id, model.nodes.weight.id);
        assert!(!Weights::of(&model).0.contains_key("nodes"));
    }
}

#[test]
fn a_table_that_both_columns_read_collects_the_gradient_of_both() {
    let device = Device::flex();
    let model = Friends::new(&device).train();
    let step = Step::training(FromModule, (&[3, 0], &[0, 1, 0]), (&[3], &[0, 0, 0]));
    let gradients = step.score(&model).sum().backward();
    let touched = step.pass.take();
    let nodes: Vec<_> = touched
        .iter()
        .filter(|touched| rows_of(touched).0 == model.nodes.weight.id)
        .collect();
    assert_eq!(nodes.len(), 2);
    let all = numbers(model.nodes.weights());
    let head = numbers(model.head.weight.val().inner());
    let row = |row: usize| &all[row * 4..][..4];
    // Of users: rows 3 (twice) and 0, each times row 3 of the items.
    let wanted: Vec<f32> = [2.0, 1.0]
        .iter()
        .flat_map(|times| (0..4).map(move |at| (times, at)))
        .map(|(times, at)| times * head[at] * row(3)[at])
        .collect();
    assert_close(
        &numbers(nodes[0].leaf.grad(&gradients).unwrap()),
        &wanted,
        1e-6,
    );
    let wanted: Vec<f32> = (0..4)
        .map(|at| head[at] * (2.0 * row(3)[at] + row(0)[at]))
        .collect();
    assert_close(
        &numbers(nodes[1].leaf.grad(&gradients).unwrap()),
        &wanted,
        1e-6,
    );
}

/// A tower with every kind of layer that behaves differently in training.
fn tower() -> Network {
    let (user, item) = (Sym::user(30), Sym::item(40));
    let output = concat("both", [&user.embed("u", 5), &item.embed("i", 5)])
        .dropout("dropout_1", 0.3)
        .dense("dense_1", 8, Activation::Relu)
        .batch_norm("batch_norm_1")
        .dropout("dropout_2", 0.5)
        .dense("dense_2", 1, Activation::Sigmoid)
        .rescale("stars", 0.5, 5.0);
    let graph = Graph::new("tower", &output).unwrap();
    let start = Network::new(graph, 2, &Device::flex());
    // Statistics that a batch of these tables would not have.
    let mut weights = Weights::of(&start);
    for (name, from) in [
        ("batch_norm_1.running_mean", -0.1),
        ("batch_norm_1.running_var", 0.5),
        ("batch_norm_1.gamma", 1.5),
        ("batch_norm_1.beta", 0.2),
    ] {
        let values = &mut weights.0.get_mut(name).unwrap().values;
        for (at, value) in values.iter_mut().enumerate() {
            *value = from + 0.05 * at as f32;
        }
    }
    weights.load_into(start).unwrap()
}

fn pairs(count: u32) -> (Vec<u32>, Vec<u32>) {
    (0..count).map(|at| (at * 7 % 30, at * 11 % 40)).unzip()
}

/// A forward pass in training, which moves the statistics of batch normalisation.
fn one_step(model: &Network, seed: u64) {
    let step = Step::seeded(
        Rc::new(RefCell::new(FromModule)),
        seed,
        (&[0, 5, 9], &[0, 1, 2, 1]),
        (&[3, 1, 39], &[2, 1, 0, 0]),
    );
    step.score(model).sum().backward();
}

#[test]
fn predict_gives_one_score_a_pair_in_order_the_same_whatever_the_batch() {
    let (users, items) = pairs(2_000);
    let tower = tower();
    let whole = predict(&tower, &users, &items, 10_000);
    assert_eq!(whole.len(), 2_000);
    assert!(whole.iter().all(|score| (0.5..=5.0).contains(score)));
    for batch in [1, 3, 1_000, 1_999, 2_000] {
        // A matrix product of few rows adds up in another order than one of many.
        let seen = predict(&tower, &users, &items, batch);
        assert_close(&seen, &whole, 1e-6);
        assert!(seen == predict(&tower, &users, &items, batch), "{batch}");
    }
    assert!(predict(&tower, &[], &[], 5).is_empty());
}

#[test]
fn a_factorisation_predicts_the_same_bits_whatever_the_batch() {
    let (user, item) = (Sym::user(30), Sym::item(40));
    let affinity = dot("affinity", &user.embed("u", 17), &item.embed("i", 17));
    let score = add(
        "score",
        [
            &affinity,
            &user.embed("user_bias", 1),
            &item.embed("item_bias", 1),
        ],
    );
    let graph = Graph::new("mf", &score).unwrap();
    let model = Network::new(graph, 4, &Device::flex());
    let (users, items) = pairs(1_200);
    let whole = predict(&model, &users, &items, 10_000);
    for batch in [1, 3, 1_000] {
        assert!(predict(&model, &users, &items, batch) == whole, "{batch}");
    }
}

#[test]
fn predict_is_the_same_for_a_model_in_training_form_and_out_of_it() {
    let (users, items) = pairs(100);
    let model = tower();
    let wanted = predict(&model, &users, &items, 32);
    for form in [
        model.clone().train(),
        model.valid(),
        model.clone().train().valid(),
        model.clone().train().train(),
        model.valid().train(),
    ] {
        assert_eq!(predict(&form, &users, &items, 32), wanted);
    }
    // Nor does it depend on what a pass drew in between.
    let training = model.clone().train();
    one_step(&training, 1);
    let after = predict(&training, &users, &items, 32);
    assert_eq!(predict(&training, &users, &items, 7), after);
    assert_eq!(predict(&training.valid(), &users, &items, 32), after);
    assert_ne!(after, wanted, "the step moved the statistics");
    assert_eq!(predict(&model, &users, &items, 32), wanted);
}

#[test]
#[should_panic(expected = "a pair is a user and an item")]
fn predict_refuses_columns_of_unequal_length() {
    predict(&tower(), &[0, 1], &[0], 8);
}

#[test]
fn finding_tables_and_predicting_leave_the_statistics_of_batch_norm_alone() {
    let (users, items) = pairs(100);
    let start = Weights::of(&tower());
    for model in [tower(), tower().train(), tower().train().valid()] {
        tables(&model);
        predict(&model, &users, &items, 10);
        assert_eq!(Weights::of(&model), start);
        assert_eq!(Weights::of(&model.valid()), start);
    }
    // In the middle of training too.
    let model = tower().train();
    one_step(&model, 1);
    one_step(&model, 2);
    let before = Weights::of(&model.valid());
    assert_ne!(before, start);
    tables(&model);
    predict(&model, &users, &items, 10);
    assert_eq!(Weights::of(&model), before);
    assert_eq!(Weights::of(&model.valid()), before);
}
