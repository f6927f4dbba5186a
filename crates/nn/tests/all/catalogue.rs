//! Scores that come apart into a row of the user and one of the item: as their product, or with layers behind both.

use burn::module::Module;
use burn::tensor::Device;
use recburn_graph::{
    Activation, Graph, Input, Kind, Pool, Side, Sym, Table, add, concat, dot, multiply, pairwise,
};
use recburn_nn::{Catalogue, Columns, Inputs, Model, Network, Pass, score_batch};
use recburn_schema::{Bags, Batch, Candidates, Column, Values};

const USERS: usize = 5;
const ITEMS: usize = 7;

fn history() -> Input {
    Input::new("history", Side::User, Kind::Bag { rows: ITEMS })
}

fn year() -> Input {
    Input::new("year", Side::Item, Kind::Numbers { width: 2 })
}

/// A name, a score, and whether it is a product of two rows.
fn scores() -> Vec<(&'static str, Sym, bool)> {
    let (user, item) = (Sym::user(USERS), Sym::item(ITEMS));
    let (p, q) = (user.embed("p", 3), item.embed("q", 3));
    let (b, c) = (user.embed("b", 1), item.embed("c", 1));
    let affinity = dot("affinity", &p, &q);
    let biased = || add("sum", [&affinity, &b, &c]);
    let said = Sym::bag(&history()).pool("said", &Table::new("y", ITEMS, 3), Pool::RootMean);
    let numbers = Sym::numbers(&year());
    let deep_item = concat("deep_item", [&q, &numbers]).dense("tower", 3, Activation::Tanh);
    let person = add("person", [&p, &said]);
    let product = multiply("product", [&p, &q]);
    let squared = multiply("squared", [&p, &p, &q]);
    let machine = pairwise("machine", [&p, &said, &q, &deep_item]);
    let bounded = biased()
        .activation("squashed", Activation::Sigmoid)
        .rescale("stars", 1.0, 5.0);
    vec![
        ("dot", affinity.clone(), true),
        ("biased", biased(), true),
        ("bounded", bounded, true),
        (
            "sigmoid",
            biased().activation("squashed", Activation::Sigmoid),
            true,
        ),
        ("stretched", biased().rescale("stretched", -2.0, 3.0), true),
        ("two towers", dot("score", &person, &deep_item), true),
        (
            "weighed",
            product.dense("score", 1, Activation::Linear),
            true,
        ),
        (
            "summed",
            add("both", [&product, &p, &deep_item]).sum("score"),
            true,
        ),
        (
            "three factors",
            squared.dropout("d", 0.4).sum("score"),
            true,
        ),
        (
            "machine",
            add("score", [&machine.sum("second"), &b, &c]),
            true,
        ),
        (
            "side by side",
            concat("all", [&product, &numbers, &p]).dense("score", 1, Activation::Linear),
            true,
        ),
        ("users alone", add("score", [&b, &p.sum("ps")]), true),
        (
            "perceptron",
            concat("pair", [&p, &q])
                .dense("hidden", 4, Activation::Relu)
                .dense("score", 1, Activation::Linear),
            false,
        ),
        (
            "residual",
            add(
                "score",
                [&biased(), &product.dense("hidden", 1, Activation::Relu)],
            ),
            false,
        ),
    ]
}

/// Every user against every item, with histories and years.
fn batch(inputs: &[Input]) -> Batch {
    let others = inputs.iter().filter_map(|input| match input.name.as_str() {
        "history" => Some(Values::Bags(Bags {
            column: Column::plain(vec![1, 3, 6, 0, 2]),
            ends: vec![2, 2, 3, 4, 5],
            weights: Vec::new(),
        })),
        "year" => Some(Values::Numbers(
            (0..2 * ITEMS).map(|at| at as f32 / 9.0).collect(),
        )),
        _ => None,
    });
    Batch {
        queries: USERS,
        candidates: Candidates::Shared(ITEMS),
        users: Column::plain((0..USERS as u32).collect()),
        items: Column::plain((0..ITEMS as u32).collect()),
        others: others.collect(),
        ..Batch::default()
    }
}

#[test]
fn the_product_of_both_rows_under_the_link_is_the_score() {
    let device = Device::flex();
    for (name, score, comes_apart) in scores() {
        let graph = Graph::new("test", &score).unwrap();
        let model = Network::new(graph, 9, &device).valid();
        let Some(towers) = model.towers() else {
            assert!(!comes_apart, "{name} is a product");
            continue;
        };
        assert!(comes_apart, "{name} is no product");
        let inputs = model.inputs();
        let batch = batch(&inputs);
        let (columns, pass) = (Columns::new(&batch, &inputs, &device), Pass::inference());
        let asked = Inputs::new(&columns, &pass);
        let (users, items) = (towers.users(&asked), towers.items(&asked));
        assert_eq!(users.dims()[1], items.dims()[1], "{name}");
        let products = users.matmul(items.transpose()).into_data();
        let products: Vec<f32> = products.iter::<f32>().collect();
        let scores = score_batch(&model, &inputs, &batch, &device);
        assert_eq!(products.len(), scores.len(), "{name}");
        for (product, score) in products.into_iter().zip(scores) {
            let product = towers.link().of(product);
            assert!(
                (product - score).abs() < 1e-5,
                "{name}: {product} and {score}"
            );
        }
    }
}

/// A name and a score that is no product; layers behind two rows compute it.
fn layered() -> Vec<(&'static str, Sym)> {
    let (user, item) = (Sym::user(USERS), Sym::item(ITEMS));
    let (p, q) = (user.embed("p", 3), item.embed("q", 3));
    let (b, c) = (user.embed("b", 1), item.embed("c", 1));
    let said = Sym::bag(&history()).pool("said", &Table::new("y", ITEMS, 3), Pool::RootMean);
    let numbers = Sym::numbers(&year());
    let (relu, linear) = (Activation::Relu, Activation::Linear);
    let pair = concat("pair", [&p, &numbers, &q, &said]);
    let tower = |of: &Sym, name: &str| {
        of.dense(&format!("{name}_1"), 5, relu)
            .dense(&format!("{name}_2"), 3, relu)
    };
    let product = multiply("product", [&p, &said, &q]);
    let neural = concat("both", [&product, &tower(&pair, "tower")]);
    let crossed = multiply("crossed", [&pair, &pair.dense("cross", 11, linear)]);
    let nested = concat(
        "nested",
        [&concat("inner", [&p, &tower(&pair, "inner")]), &q],
    );
    let machine = pairwise("machine", [&p, &said, &q]);
    let normalised = pair
        .dense("first", 4, linear)
        .batch_norm("norm")
        .activation("elu", Activation::Elu)
        .dense("second", 1, Activation::Sigmoid)
        .rescale("stars", 0.5, 5.0);
    let bent = add("sum", [&p, &q])
        .bias("bias")
        .activation("bent", Activation::Tanh);
    vec![
        (
            "deep perceptron",
            tower(&pair, "tower").dense("score", 1, linear),
        ),
        ("neural", neural.dropout("d", 0.5).dense("score", 1, linear)),
        (
            "crossed",
            add("next", [&crossed, &pair]).dense("score", 1, linear),
        ),
        ("nested", nested.dense("score", 1, linear)),
        ("normalised", normalised),
        ("bent", add("score", [&bent.sum("of_bent"), &b, &c])),
        ("dotted", dot("score", &bent, &p)),
        (
            "wide and deep",
            add(
                "score",
                [
                    &machine.dense("of_machine", 1, relu),
                    &tower(&pair, "t").sum("deep"),
                    &b,
                ],
            ),
        ),
        (
            "of an item's half",
            concat("one", [&q, &product.dense("h", 2, relu)]).dense("score", 1, linear),
        ),
    ]
}

/// Whatever a catalogue computes equals the model's scores, the same for all users together and each alone.
#[test]
fn a_catalogue_has_the_scores_of_the_model() {
    let device = Device::flex();
    let products = scores().into_iter().map(|(name, score, _)| (name, score));
    for (name, score) in products.chain(layered()) {
        let graph = Graph::new("test", &score).unwrap();
        let model = Network::new(graph, 9, &device).valid();
        let inputs = model.inputs();
        let whole = batch(&inputs);
        // Features are by row, and a batch has all of them.
        let mut fill = |batch: &mut Batch| {
            let of_all = whole.others.clone();
            batch.others = inputs
                .iter()
                .filter(|input| !input.is_users() && !input.is_items())
                .zip(of_all)
                .map(|(input, values)| rows_of(input, values, batch))
                .collect();
        };
        let (users, items) = (
            (0..USERS as u32).collect::<Vec<_>>(),
            (0..ITEMS as u32).collect::<Vec<_>>(),
        );
        let catalogue = Catalogue::new(&model, &items, &mut fill).unwrap();
        let rows = catalogue.users(&model, &users, &mut fill);
        let together = catalogue.scores(&rows);
        let alone: Vec<f32> = rows
            .chunks_exact(catalogue.width())
            .flat_map(|row| catalogue.scores(row))
            .collect();
        assert_eq!(together, alone, "{name}");
        let scores = score_batch(&model, &inputs, &whole, &device);
        for (own, score) in together.into_iter().zip(scores) {
            let own = catalogue.link().of(own);
            assert!((own - score).abs() < 1e-5, "{name}: {own} and {score}");
        }
    }
}

/// The values of an input for the rows of a batch.
fn rows_of(input: &Input, values: Values, batch: &Batch) -> Values {
    match values {
        Values::Bags(bags) => {
            let mut own = Bags::default();
            for &user in &batch.users.rows {
                let from = (user as usize)
                    .checked_sub(1)
                    .map_or(0, |before| bags.ends[before]);
                let entries = from as usize..bags.ends[user as usize] as usize;
                own.column.rows.extend(&bags.column.rows[entries]);
                own.ends.push(own.column.rows.len() as u32);
            }
            own.column.inverse = (0..own.column.rows.len() as u32).collect();
            Values::Bags(own)
        }
        Values::Numbers(numbers) => {
            let of = |row: &u32| numbers[*row as usize * 2..][..2].to_vec();
            assert_eq!(input.side, Side::Item);
            Values::Numbers(batch.items.rows.iter().flat_map(of).collect())
        }
        Values::Ids(ids) => Values::Ids(ids),
    }
}
