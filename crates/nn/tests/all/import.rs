//! Weights of other programs, by name: what fits, and what is said of what does not.

use burn::tensor::Device;
use recburn_graph::{Activation, Graph, Input, Kind, Side, Sym, concat};
use recburn_nn::{Layout, Misfit, Network, Weight, Weights, WeightsError};
use safetensors::tensor::{Dtype, TensorView};
use std::collections::BTreeMap;
use std::path::PathBuf;
use tempfile::TempDir;

/// Tables of two widths, a dense layer that is square and one that is not, batch normalisation, dropout.
fn tower() -> Graph {
    let (user, item) = (
        Sym::user(7).embed("users", 2),
        Sym::item(5).embed("items", 4),
    );
    let hidden = concat("both", [&user, &item])
        .dropout("dropout", 0.2)
        .dense("hidden", 6, Activation::Relu)
        .batch_norm("norm");
    Graph::new("tower", &hidden.dense("score", 1, Activation::Linear)).unwrap()
}

/// Weights in which no two numbers are equal.
fn distinct() -> Weights {
    let mut weights = Weights::of(&Network::new(tower(), 1, &Device::flex()));
    let values = weights.0.values_mut().flat_map(|weight| &mut weight.values);
    for (number, value) in (1u8..).zip(values) {
        *value = f32::from(number) / 8.0;
    }
    weights
}

/// A tensor of a file to be written.
type Entry = (String, Vec<usize>, Vec<f32>);

/// What PyTorch's `state_dict` would hold, said by hand.
fn pytorch() -> Vec<Entry> {
    let own = distinct().0;
    let entry = |theirs: &str, ours: &str| {
        let Weight { shape, values } = own[ours].clone();
        (theirs.to_string(), shape, values)
    };
    let turned = |theirs: &str, ours: &str| {
        let (name, shape, values) = entry(theirs, ours);
        let (inputs, outputs) = (shape[0], shape[1]);
        let mut there = vec![0.0; values.len()];
        for input in 0..inputs {
            for output in 0..outputs {
                there[output * inputs + input] = values[input * outputs + output];
            }
        }
        (name, vec![outputs, inputs], there)
    };
    vec![
        entry("users.weight", "users.weight"),
        entry("items.weight", "items.weight"),
        turned("hidden.weight", "hidden.weight"),
        entry("hidden.bias", "hidden.bias"),
        entry("norm.weight", "norm.gamma"),
        entry("norm.bias", "norm.beta"),
        entry("norm.running_mean", "norm.running_mean"),
        entry("norm.running_var", "norm.running_var"),
        turned("score.weight", "score.weight"),
        entry("score.bias", "score.bias"),
    ]
}

/// What Keras's weights would be.
fn keras() -> Vec<Entry> {
    let entry = |(ours, weight): (String, Weight)| {
        let (node, parameter) = ours.split_once('.').unwrap();
        let theirs = match (node, parameter) {
            ("users" | "items", _) => "embeddings",
            (_, "weight") => "kernel",
            (_, "running_mean") => "moving_mean",
            (_, "running_var") => "moving_variance",
            (_, same) => same,
        };
        (format!("{node}/{theirs}"), weight.shape, weight.values)
    };
    distinct().0.into_iter().map(entry).collect()
}

struct File {
    _home: TempDir,
    path: PathBuf,
}

/// A safetensors file of these tensors and, besides, one whole number under `counter`.
fn file(entries: &[Entry], counter: Option<&str>) -> File {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("theirs.safetensors");
    let bytes = |values: &[f32]| values.iter().flat_map(|v| v.to_le_bytes()).collect();
    let mut tensors: Vec<(String, Dtype, Vec<usize>, Vec<u8>)> = entries
        .iter()
        .map(|(name, shape, values)| (name.clone(), Dtype::F32, shape.clone(), bytes(values)))
        .collect();
    if let Some(name) = counter {
        tensors.push((name.to_string(), Dtype::I64, vec![], vec![0; 8]));
    }
    let views = tensors.iter().map(|(name, dtype, shape, bytes)| {
        (name, TensorView::new(*dtype, shape.clone(), bytes).unwrap())
    });
    std::fs::write(&path, safetensors::serialize(views, None).unwrap()).unwrap();
    File { _home: home, path }
}

#[track_caller]
fn misfit(entries: &[Entry], layout: Layout, renames: &[(&str, &str)]) -> (Misfit, String) {
    let file = file(entries, None);
    let error = Weights::import(&file.path, layout, &tower(), renames).unwrap_err();
    let text = error.to_string();
    let start = format!("{} does not fit `tower`: ", file.path.display());
    let said = text
        .strip_prefix(&start)
        .unwrap_or_else(|| panic!("{text}"));
    match error {
        WeightsError::Misfit { misfit, .. } => (*misfit, said.to_string()),
        other => panic!("{other}"),
    }
}

#[test]
fn both_layouts_come_to_the_same_weights() {
    for (layout, entries, counter) in [
        (Layout::PyTorch, pytorch(), "norm.num_batches_tracked"),
        (
            Layout::Keras,
            keras(),
            "dropout/seed_generator/seed_generator_state",
        ),
    ] {
        let file = file(&entries, Some(counter));
        let weights = Weights::import(&file.path, layout, &tower(), &[]).unwrap();
        assert_eq!(weights, distinct(), "{layout:?}");
        let model = Network::new(tower(), 2, &Device::flex());
        assert_eq!(Weights::of(&weights.load_into(model).unwrap()), distinct());
    }
}

#[test]
fn layers_inside_others_are_known_by_their_own_name() {
    for (layout, entries, outer) in [
        (Layout::PyTorch, pytorch(), "module.net."),
        (Layout::Keras, keras(), "my_model/"),
    ] {
        let entries: Vec<Entry> = entries
            .into_iter()
            .map(|(name, shape, values)| (format!("{outer}{name}"), shape, values))
            .collect();
        let file = file(&entries, None);
        let weights = Weights::import(&file.path, layout, &tower(), &[]).unwrap();
        assert_eq!(weights, distinct(), "{layout:?}");
    }
}

#[test]
fn layers_of_other_names_are_renamed_all_at_once() {
    // Their `hidden` is our `norm` and their `norm` our `score`: no rename is read by another.
    let moved: Vec<Entry> = pytorch()
        .into_iter()
        .map(|(name, shape, values)| {
            let name = match name.split_once('.').unwrap() {
                ("hidden", parameter) => format!("mlp.0.{parameter}"),
                ("norm", parameter) => format!("hidden.{parameter}"),
                ("score", parameter) => format!("norm.{parameter}"),
                _ => name,
            };
            (name, shape, values)
        })
        .collect();
    let renames = [("mlp.0", "hidden"), ("hidden", "norm"), ("norm", "score")];
    let file = file(&moved, None);
    let weights = Weights::import(&file.path, Layout::PyTorch, &tower(), &renames).unwrap();
    assert_eq!(weights, distinct());
}

#[test]
fn all_that_does_not_fit_is_said_at_once() {
    let mut entries = pytorch();
    entries.retain(|(name, ..)| name != "score.bias" && name != "score.weight");
    entries[0].1 = vec![2, 7];
    entries.push(("head.bias".to_string(), vec![3], vec![0.0; 3]));
    let (misfit, said) = misfit(&entries, Layout::PyTorch, &[("mlp.9", "score")]);
    let expected = Misfit {
        missing: vec![
            ("score.weight".to_string(), vec![1, 6]),
            ("score.bias".to_string(), vec![1]),
        ],
        left_over: vec![("head.bias".to_string(), vec![3])],
        misshapen: vec![("users.weight".to_string(), vec![7, 2], vec![2, 7])],
        unknown: vec!["mlp.9".to_string()],
    };
    assert_eq!(misfit, expected);
    assert_eq!(
        said,
        "missing are `score.weight` [1, 6], `score.bias` [1]; left over are `head.bias` [3]; \
         `users.weight` must be [7, 2], but is [2, 7]; there is no layer `mlp.9` to rename"
    );
}

#[test]
fn a_layer_that_is_there_twice_is_left_over_once() {
    let mut entries = keras();
    let again = entries.iter().find(|(name, ..)| name == "hidden/bias");
    let (_, shape, values) = again.unwrap().clone();
    entries.push(("twin/hidden/bias".to_string(), shape.clone(), values));
    let (misfit, _) = misfit(&entries, Layout::Keras, &[]);
    assert_eq!(misfit.left_over, [("twin/hidden/bias".to_string(), shape)]);
    assert!(misfit.missing.is_empty() && misfit.misshapen.is_empty());
}

#[test]
fn the_other_layout_is_refused() {
    let parameters = distinct().0.len();
    for (layout, entries) in [(Layout::Keras, pytorch()), (Layout::PyTorch, keras())] {
        let (misfit, _) = misfit(&entries, layout, &[]);
        assert_eq!(misfit.missing.len(), parameters, "{layout:?}");
        assert_eq!(misfit.left_over.len(), parameters, "{layout:?}");
    }
}

#[test]
fn a_rename_to_nothing_leaves_its_layer_over() {
    let (misfit, said) = misfit(&keras(), Layout::Keras, &[("users", "people")]);
    let shape = vec![7, 2];
    assert_eq!(
        misfit.missing,
        [("users/embeddings".to_string(), shape.clone())]
    );
    assert_eq!(misfit.left_over, [("users/embeddings".to_string(), shape)]);
    assert!(
        said.contains("missing are `users/embeddings` [7, 2]; left over are"),
        "{said}"
    );
}

#[test]
fn numbers_that_are_no_weights_are_refused_as_when_loading() {
    let mut entries = keras();
    entries[3].2[0] = f32::NAN;
    let name = entries[3].0.clone();
    let bad = file(&entries, None);
    let error = Weights::import(&bad.path, Layout::Keras, &tower(), &[]).unwrap_err();
    assert!(matches!(&error, WeightsError::NotFinite { name: seen, at: 0, .. } if *seen == name));
    // A counter of another program is bookkeeping there alone.
    let other = file(&keras(), Some("norm.num_batches_tracked"));
    let error = Weights::import(&other.path, Layout::Keras, &tower(), &[]).unwrap_err();
    assert!(matches!(&error, WeightsError::Numbers { seen, .. } if seen == "I64"));
    let absent = other.path.with_file_name("absent");
    let error = Weights::import(&absent, Layout::Keras, &tower(), &[]).unwrap_err();
    assert!(matches!(&error, WeightsError::Read { path, .. } if *path == absent));
}

/// A recurrent unit over the items of a history, and what Keras and PyTorch have of it.
#[test]
fn recurrent_units_come_with_their_gates_in_order() {
    let kind = Kind::Sequence { rows: 3, length: 4 };
    let recent = Sym::sequence(&Input::new("recent", Side::User, kind));
    let states = recent.embed("steps", 2).gru("gru", 3);
    let score = states.at_query("user").sum("score");
    let graph = Graph::new("recurrent", &score).unwrap();
    let (inputs, units) = (2, 3);
    let gates = 3 * units;
    let numbers =
        |from: u8, count: usize| -> Vec<f32> { (from..).map(f32::from).take(count).collect() };
    let steps = ("steps", vec![3, 2], numbers(1, 6));
    let weight = numbers(10, inputs * gates);
    let recurrent = numbers(40, units * gates);
    let bias = numbers(80, 2 * gates);
    let entry = |name: &str, shape: &[usize], values: &[f32]| -> Entry {
        (name.to_string(), shape.to_vec(), values.to_vec())
    };
    let keras = vec![
        entry("steps/embeddings", &steps.1, &steps.2),
        entry("gru/gru_cell/kernel", &[inputs, gates], &weight),
        entry("gru/gru_cell/recurrent_kernel", &[units, gates], &recurrent),
        entry("gru/gru_cell/bias", &[2, gates], &bias),
    ];
    // A row per unit, those of the reset gate before those of the update gate.
    let there = |kernel: &[f32]| -> Vec<f32> {
        let order = [units..2 * units, 0..units, 2 * units..gates];
        let columns = order.into_iter().flatten();
        columns
            .flat_map(|column| kernel.iter().skip(column).step_by(gates).copied())
            .collect()
    };
    let pytorch = vec![
        entry("steps.weight", &steps.1, &steps.2),
        entry("gru.weight_ih_l0", &[gates, inputs], &there(&weight)),
        entry("gru.weight_hh_l0", &[gates, units], &there(&recurrent)),
        entry("gru.bias_ih_l0", &[gates], &there(&bias[..gates])),
        entry("gru.bias_hh_l0", &[gates], &there(&bias[gates..])),
    ];
    for (layout, entries) in [
        (Layout::Keras, keras.clone()),
        (Layout::PyTorch, pytorch.clone()),
    ] {
        let file = file(&entries, None);
        let weights = Weights::import(&file.path, layout, &graph, &[]).unwrap();
        for (name, shape, values) in [
            ("steps.weight", [3, 2], &steps.2),
            ("gru.weight", [inputs, gates], &weight),
            ("gru.recurrent", [units, gates], &recurrent),
            ("gru.bias", [2, gates], &bias),
        ] {
            let seen = &weights.0[name];
            assert_eq!(
                (&seen.shape[..], &seen.values),
                (&shape[..], values),
                "{name}"
            );
        }
    }
    let ours = Weights::import(&file(&keras, None).path, Layout::Keras, &graph, &[]).unwrap();
    let there = ours.to_keras(&graph).unwrap();
    for (name, shape, values) in keras {
        assert_eq!(there.0[&name], Weight { shape, values }, "{name}");
    }
    let file = file(&pytorch[..4], None);
    let error = Weights::import(&file.path, Layout::PyTorch, &graph, &[]).unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("missing are `gru.bias` [2, 9]; left over are `gru.bias_ih_l0` [9]"),
        "{error}"
    );
}

#[test]
fn weights_go_to_keras_under_its_paths_and_come_back() {
    let own = distinct();
    let there = own.to_keras(&tower()).unwrap();
    let expected: BTreeMap<String, Weight> = keras()
        .into_iter()
        .map(|(name, shape, values)| (name, Weight { shape, values }))
        .collect();
    assert_eq!(there.0, expected);

    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("keras.safetensors");
    let about = BTreeMap::from([("mean".to_string(), "3.5".to_string())]);
    there.save_with(&path, &about).unwrap();
    let back = Weights::import(&path, Layout::Keras, &tower(), &[]).unwrap();
    assert_eq!(back, own);
    let bytes = std::fs::read(&path).unwrap();
    let (_, read) = safetensors::SafeTensors::read_metadata(&bytes).unwrap();
    assert_eq!(read.metadata().as_ref().unwrap()["mean"], "3.5");
}

#[test]
fn weights_of_another_graph_do_not_go_to_keras() {
    let mut own = distinct();
    own.0.remove("norm.beta");
    let error = own.to_keras(&tower()).unwrap_err().to_string();
    assert!(error.contains("needs `norm.beta`"), "{error}");
}
