//! A network as a Burn module: its parameters, their names, its forms, and its weights on and off files.

#![allow(clippy::unwrap_used)]

mod common;

use burn::module::{Module, ModuleVisitor, Param, ParamId};
use burn::tensor::{Device, Gradients, Tensor};
use common::{Step, predict};
use recburn_graph::{
    Activation, Graph, Initializer, Sym, TableOptions, add, concat, dot, multiply,
};
use recburn_nn::{Embedding, Ids, Network, Read, RowSource, Weight, Weights, WeightsError};
use safetensors::tensor::{Dtype, TensorView};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::rc::Rc;

fn biased() -> Graph {
    let (user, item) = (Sym::user(12), Sym::item(9));
    let table = TableOptions {
        l2: 1e-4,
        non_negative: true,
        ..TableOptions::default()
    };
    let affinity = dot(
        "affinity",
        &user.embed_with("user_factors", 3, table),
        &item.embed("item_factors", 3),
    );
    let score = add(
        "score",
        [
            &affinity,
            &user.embed("user_bias", 1),
            &item.embed("item_bias", 1),
        ],
    );
    Graph::new("biased", &score.rescale("stars", 1.0, 5.0)).unwrap()
}

fn tower() -> Graph {
    let both = concat(
        "both",
        [
            &Sym::user(12).embed("user_factors", 3),
            &Sym::item(9).embed("item_factors", 5),
        ],
    );
    let output = both
        .dropout("dropout_1", 0.2)
        .dense("dense_1", 6, Activation::Relu)
        .batch_norm("batch_norm_1")
        .dense("dense_2", 4, Activation::Tanh)
        .batch_norm("batch_norm_2")
        .dropout("dropout_2", 0.5)
        .dense("score", 1, Activation::Sigmoid);
    Graph::new("tower", &output).unwrap()
}

fn residual() -> Graph {
    let table = TableOptions {
        initializer: Initializer::Normal {
            mean: 0.0,
            std: 0.3,
        },
        ..TableOptions::default()
    };
    let user = Sym::user(12).embed_with("user-factors", 4, table);
    let item = Sym::item(9).embed_with("item-factors", 4, table);
    let product = multiply("product", [&user, &item]);
    let hidden = product.dense("dense_1", 4, Activation::Elu);
    let sum = add("sum", [&product, &hidden]).batch_norm("batch_norm_1");
    let output = add(
        "total",
        [
            &sum.dense("score", 1, Activation::Linear),
            &dot("affinity", &user, &item),
        ],
    );
    Graph::new("residual", &output).unwrap()
}

fn users_only() -> Graph {
    Graph::new("users", &Sym::user(12).embed("bias", 1)).unwrap()
}

fn graphs() -> [Graph; 4] {
    [biased(), tower(), residual(), users_only()]
}

/// A network away from its start, moving statistics too.
fn network(graph: Graph) -> Network {
    let start = Network::new(graph, 3, &Device::flex());
    let mut weights = Weights::of(&start);
    for (number, weight) in (1u8..).zip(weights.0.values_mut()) {
        for (at, value) in (1u8..).zip(&mut weight.values) {
            *value = (*value + 0.01 * f32::from(at) / f32::from(number)).abs() + 1e-3;
        }
    }
    weights.load_into(start).unwrap()
}

fn all_scores(model: &Network) -> Vec<u32> {
    let (users, items): (Vec<u32>, Vec<u32>) = (0..108).map(|at| (at % 12, at / 12)).unzip();
    let scores = predict(model, &users, &items, 50);
    scores.into_iter().map(f32::to_bits).collect()
}

fn names(weights: &Weights) -> Vec<&str> {
    weights.0.keys().map(String::as_str).collect()
}

/// Equal numbers to the last bit, shapes and names too.
#[track_caller]
fn assert_same_bits(left: &Weights, right: &Weights) {
    assert_eq!(names(left), names(right));
    for (name, weight) in &left.0 {
        let other = &right.0[name];
        assert_eq!(weight.shape, other.shape, "{name}");
        let bits = |weight: &Weight| {
            weight
                .values
                .iter()
                .map(|v| v.to_bits())
                .collect::<Vec<_>>()
        };
        assert_eq!(bits(weight), bits(other), "{name}");
    }
}

#[test]
fn a_network_has_as_many_parameters_as_its_graph_says() {
    for graph in graphs() {
        let model = Network::new(graph.clone(), 0, &Device::flex());
        let counted = graph.parameters();
        assert_eq!(model.num_params(), counted.total(), "{}", graph.name());
        let weights = Weights::of(&model);
        let held: usize = weights.0.values().map(|weight| weight.values.len()).sum();
        assert_eq!(held, counted.total());
        let moving = |name: &str| name.contains(".running_");
        let fixed = weights.0.iter().filter(|(name, _)| moving(name));
        let fixed: usize = fixed.map(|(_, weight)| weight.values.len()).sum();
        assert_eq!(fixed, counted.fixed);
        // Node by node.
        for node in graph.nodes() {
            let of_node = |name: &str| name.split('.').next() == Some(&*node.name);
            let held = weights.0.iter().filter(|(name, _)| of_node(name));
            let held: usize = held.map(|(_, weight)| weight.values.len()).sum();
            assert_eq!(held, node.parameters.total(), "{}", node.name);
        }
    }
}

#[test]
fn parameters_are_named_by_node() {
    let of = |graph: Graph| Weights::of(&Network::new(graph, 0, &Device::flex()));
    assert_eq!(
        names(&of(biased())),
        [
            "item_bias.weight",
            "item_factors.weight",
            "user_bias.weight",
            "user_factors.weight",
        ]
    );
    let tower = of(tower());
    assert_eq!(
        names(&tower),
        [
            "batch_norm_1.beta",
            "batch_norm_1.gamma",
            "batch_norm_1.running_mean",
            "batch_norm_1.running_var",
            "batch_norm_2.beta",
            "batch_norm_2.gamma",
            "batch_norm_2.running_mean",
            "batch_norm_2.running_var",
            "dense_1.bias",
            "dense_1.weight",
            "dense_2.bias",
            "dense_2.weight",
            "item_factors.weight",
            "score.bias",
            "score.weight",
            "user_factors.weight",
        ]
    );
    assert_eq!(tower.0["user_factors.weight"].shape, [12, 3]);
    assert_eq!(tower.0["dense_1.weight"].shape, [8, 6]);
    assert_eq!(tower.0["dense_1.bias"].shape, [6]);
    assert_eq!(tower.0["batch_norm_1.gamma"].shape, [6]);
    assert!(of(residual()).0.contains_key("user-factors.weight"));
}

#[test]
fn weights_come_back_from_a_file_bit_by_bit() {
    let home = tempfile::tempdir().unwrap();
    for graph in graphs() {
        let path = home.path().join("deep/down").join(graph.name());
        let model = network(graph.clone());
        let weights = Weights::of(&model);
        weights.save(&path).unwrap();
        let back = Weights::load(&path).unwrap();
        assert_same_bits(&back, &weights);
        let fresh = Network::new(graph, 99, &Device::flex());
        let fresh_scores = all_scores(&fresh);
        let loaded = back.load_into(fresh).unwrap();
        assert_same_bits(&Weights::of(&loaded), &weights);
        assert_eq!(all_scores(&loaded), all_scores(&model));
        assert_ne!(all_scores(&loaded), fresh_scores);
    }
}

#[test]
fn odd_numbers_come_back_bit_by_bit_too() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("odd");
    let values = vec![
        0.0,
        -0.0,
        f32::MIN_POSITIVE,
        f32::from_bits(1),
        f32::MAX,
        f32::MIN,
        0.1,
        1.0 / 3.0,
        -1e-38,
        16_777_217.0,
        f32::EPSILON,
        -7.5,
    ];
    let shape = vec![12, 1];
    let weights = Weights(BTreeMap::from([(
        "bias.weight".to_string(),
        Weight { shape, values },
    )]));
    weights.save(&path).unwrap();
    assert_same_bits(&Weights::load(&path).unwrap(), &weights);
    let model = Network::new(users_only(), 0, &Device::flex());
    assert_same_bits(&Weights::of(&weights.load_into(model).unwrap()), &weights);
}

#[test]
fn saving_replaces_the_file_and_leaves_nothing_beside_it() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("weights.safetensors");
    Weights::of(&network(biased())).save(&path).unwrap();
    let second = Weights::of(&network(tower()));
    second.save(&path).unwrap();
    assert_same_bits(&Weights::load(&path).unwrap(), &second);
    assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 1);
}

#[test]
fn one_set_of_weights_is_always_the_same_bytes() {
    let home = tempfile::tempdir().unwrap();
    let bytes = |name: &str| {
        let path = home.path().join(name);
        Weights::of(&network(tower())).save(&path).unwrap();
        std::fs::read(path).unwrap()
    };
    assert!(bytes("a") == bytes("b"));
}

#[test]
fn weights_that_miss_a_parameter_are_refused_by_its_name() {
    for graph in graphs() {
        let model = network(graph);
        let whole = Weights::of(&model);
        for name in whole.0.keys() {
            let mut weights = whole.clone();
            weights.0.remove(name);
            let error = weights.load_into(model.clone()).unwrap_err();
            assert!(matches!(&error, WeightsError::Missing { name: seen, .. } if seen == name));
            assert!(error.to_string().contains(&format!("`{name}`")), "{error}");
        }
    }
    let error = Weights::of(&network(users_only()))
        .load_into(network(biased()))
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "the model needs `item_bias.weight`, which the weights do not have; they have bias.weight"
    );
}

#[test]
fn weights_with_a_parameter_that_the_model_lacks_are_refused_by_its_name() {
    let model = network(biased());
    for name in ["dense_1.bias", "", "user_factors", "user_factors.bias"] {
        let mut weights = Weights::of(&model);
        let extra = weights.0["user_bias.weight"].clone();
        weights.0.insert(name.to_string(), extra);
        let error = weights.load_into(model.clone()).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("the weights have `{name}`, which the model does not")
        );
    }
}

#[test]
fn a_parameter_of_another_shape_is_refused_by_its_name_with_both_shapes() {
    let model = network(tower());
    for (name, shape, text) in [
        (
            "user_factors.weight",
            vec![3, 12],
            "`user_factors.weight` is [12, 3] in the model and [3, 12] in the weights",
        ),
        (
            "dense_1.bias",
            vec![6, 1],
            "`dense_1.bias` is [6] in the model and [6, 1] in the weights",
        ),
        (
            "batch_norm_1.running_var",
            vec![7],
            "`batch_norm_1.running_var` is [6] in the model and [7] in the weights",
        ),
    ] {
        let mut weights = Weights::of(&model);
        let values = vec![0.5; shape.iter().product()];
        weights.0.insert(name.to_string(), Weight { shape, values });
        assert_eq!(
            weights.load_into(model.clone()).unwrap_err().to_string(),
            text
        );
    }
    // One more user: the ids of another data set.
    let (user, item) = (Sym::user(13), Sym::item(9));
    let output = dot("d", &user.embed("u", 2), &item.embed("i", 2));
    let other = Network::new(Graph::new("mf", &output).unwrap(), 0, &Device::flex());
    let output = dot("d", &Sym::user(12).embed("u", 2), &item.embed("i", 2));
    let own = Network::new(Graph::new("mf", &output).unwrap(), 0, &Device::flex());
    let error = Weights::of(&other).load_into(own).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`u.weight` is [12, 2] in the model and [13, 2] in the weights"
    );
}

#[test]
fn weights_that_are_refused_leave_the_model_as_it_was() {
    let model = network(tower());
    let before = Weights::of(&model);
    let mut weights = Weights::of(&Network::new(tower(), 77, &Device::flex()));
    weights.0.remove("user_factors.weight");
    weights.load_into(model.clone()).unwrap_err();
    assert_same_bits(&Weights::of(&model), &before);
}

// Files that hold no weights.

/// Writes one tensor of these bytes.
fn write(path: &Path, name: &str, dtype: Dtype, shape: &[usize], bytes: &[u8]) {
    let view = TensorView::new(dtype, shape.to_vec(), bytes).unwrap();
    let bytes = safetensors::serialize([(name, view)], None).unwrap();
    std::fs::write(path, bytes).unwrap();
}

#[test]
fn a_file_of_another_number_type_is_refused_by_tensor_and_type() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("weights");
    for (dtype, size, text) in [
        (Dtype::F64, 8, "F64"),
        (Dtype::F16, 2, "F16"),
        (Dtype::BF16, 2, "BF16"),
        (Dtype::I32, 4, "I32"),
        (Dtype::U8, 1, "U8"),
    ] {
        write(&path, "bias.weight", dtype, &[2, 1], &vec![0; 2 * size]);
        let error = Weights::load(&path).unwrap_err();
        assert!(matches!(&error, WeightsError::Numbers { .. }));
        assert_eq!(
            error.to_string(),
            format!(
                "{}: `bias.weight` holds {text} numbers; weights are F32",
                path.display()
            )
        );
    }
}

#[test]
fn a_number_that_is_not_finite_is_refused_by_tensor_and_position() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("weights");
    for (odd, text) in [
        (f32::NAN, "`bias.weight` holds NaN at position 3"),
        (f32::INFINITY, "`bias.weight` holds inf at position 3"),
        (f32::NEG_INFINITY, "`bias.weight` holds -inf at position 3"),
    ] {
        let values = [1.0f32, 2.0, 3.0, odd, 5.0, f32::NAN];
        let bytes: Vec<u8> = values
            .iter()
            .flat_map(|value| value.to_le_bytes())
            .collect();
        write(&path, "bias.weight", Dtype::F32, &[6, 1], &bytes);
        let error = Weights::load(&path).unwrap_err();
        assert!(matches!(&error, WeightsError::NotFinite { at: 3, .. }));
        assert_eq!(error.to_string(), format!("{}: {text}", path.display()));
    }
}

#[test]
fn a_truncated_file_is_refused_wherever_it_ends() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("weights");
    Weights::of(&network(users_only())).save(&path).unwrap();
    let whole = std::fs::read(&path).unwrap();
    for length in 0..whole.len() {
        std::fs::write(&path, &whole[..length]).unwrap();
        let error = Weights::load(&path).unwrap_err();
        assert!(matches!(&error, WeightsError::Format { .. }), "{length}");
        let text = error.to_string();
        let start = format!("{} is not a safetensors file: ", path.display());
        assert!(text.starts_with(&start), "{text}");
    }
    // And one that goes on.
    std::fs::write(&path, [&whole[..], &[0]].concat()).unwrap();
    let error = Weights::load(&path).unwrap_err();
    assert!(matches!(&error, WeightsError::Format { .. }));
}

#[test]
fn a_file_with_any_byte_of_its_header_changed_never_panics() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("weights");
    Weights::of(&network(users_only())).save(&path).unwrap();
    let whole = std::fs::read(&path).unwrap();
    let header = whole.len() - 12 * 4;
    for at in 0..header {
        for byte in [0, b'"', b'9', b'}', whole[at] ^ 1, 0xff] {
            let mut bytes = whole.clone();
            bytes[at] = byte;
            std::fs::write(&path, &bytes).unwrap();
            if let Ok(weights) = Weights::load(&path) {
                let model = Network::new(users_only(), 0, &Device::flex());
                // Refused or taken, by name and shape.
                let _ = weights.load_into(model);
            }
        }
    }
}

#[test]
fn what_is_no_safetensors_file_is_refused_by_path() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("weights");
    let huge = [&u64::MAX.to_le_bytes()[..], b"{}"].concat();
    let past = [&100u64.to_le_bytes()[..], b"{}"].concat();
    for bytes in [
        &b""[..],
        b"userId,movieId,rating\n1,1,4.0\n",
        b"{\"graph\": 1}",
        b"PK\x03\x04 and so on, and so on",
        &huge,
        &past,
    ] {
        std::fs::write(&path, bytes).unwrap();
        let error = Weights::load(&path).unwrap_err();
        assert!(matches!(&error, WeightsError::Format { .. }), "{error}");
        assert!(error.to_string().contains(&path.display().to_string()));
    }
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let home = tempfile::tempdir().unwrap();
    // A folder is no file, neither to read nor to write.
    for path in [home.path().join("nowhere"), home.path().to_path_buf()] {
        let error = Weights::load(&path).unwrap_err();
        assert!(matches!(&error, WeightsError::Read { .. }));
        assert!(error.to_string().contains(&path.display().to_string()));
    }
    let error = Weights::of(&network(users_only()))
        .save(home.path())
        .unwrap_err();
    assert!(matches!(&error, WeightsError::Write(_)));
    let named = home.path().display().to_string();
    assert!(error.to_string().contains(&named), "{error}");
}

#[test]
fn weights_are_held_against_a_graph_before_a_network_of_its_sizes_is_made() {
    for graph in graphs() {
        let weights = Weights::of(&network(graph.clone()));
        weights.check(&graph).unwrap();
        for name in weights.0.keys().filter(|name| name.ends_with(".weight")) {
            let mut missing = weights.clone();
            missing.0.remove(name);
            let error = missing.check(&graph).unwrap_err();
            assert!(matches!(&error, WeightsError::Missing { name: seen, .. } if seen == name));
            let mut other = weights.clone();
            other.0.get_mut(name).unwrap().shape.reverse();
            other.0.get_mut(name).unwrap().shape.push(1);
            let error = other.check(&graph).unwrap_err();
            assert!(matches!(&error, WeightsError::Shape { name: seen, .. } if seen == name));
        }
    }
    // Tables of terabytes, which nobody could make.
    let (user, item) = (Sym::user(2_000_000_000), Sym::item(9));
    let output = dot(
        "affinity",
        &user.embed("user_factors", 300),
        &item.embed("item_factors", 300),
    );
    let graph = Graph::new("biased", &output).unwrap();
    let error = Weights::of(&network(biased())).check(&graph).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`user_factors.weight` is [2000000000, 300] in the model and [12, 3] in the weights"
    );
}

// The forms of a module.

/// What a module says of each float parameter.
#[derive(Default)]
struct Census {
    ids: BTreeMap<String, ParamId>,
    on_autodiff: BTreeSet<String>,
    requiring: BTreeSet<String>,
    path: Vec<String>,
}

impl Census {
    fn of(model: &Network) -> Self {
        let mut census = Self::default();
        model.visit(&mut census);
        assert!(census.path.is_empty());
        census
    }
}

impl ModuleVisitor for Census {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.path.push(name.to_string());
    }
    fn exit_module(&mut self, name: &str, _: &str) {
        assert_eq!(self.path.pop().as_deref(), Some(name));
    }
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let path = self.path.join(".");
        let value = param.val();
        if value.is_autodiff() {
            self.on_autodiff.insert(path.clone());
        }
        if value.is_require_grad() {
            self.requiring.insert(path.clone());
        }
        self.ids.insert(path, param.id);
    }
}

fn is_table(name: &str) -> bool {
    name.contains("factors") || name.ends_with("_bias.weight") || name == "bias.weight"
}

#[test]
fn every_form_of_a_network_keeps_weights_names_and_scores() {
    let device = Device::flex();
    for graph in graphs() {
        let model = network(graph.clone());
        let (weights, scores) = (Weights::of(&model), all_scores(&model));
        let ids = Census::of(&model).ids;
        for (form, other) in [
            ("clone", model.clone()),
            ("train", model.clone().train()),
            ("valid", model.valid()),
            ("train, valid", model.clone().train().valid()),
            ("to_device", model.clone().to_device(&device)),
            ("fork", model.clone().fork(&device)),
            (
                "to autodiff",
                model.clone().to_device(&device.clone().autodiff()),
            ),
            (
                "fork to autodiff",
                model.clone().fork(&device.clone().autodiff()),
            ),
            ("materialize", model.clone().materialize()),
            ("no_grad", model.clone().train().no_grad()),
            ("loaded", weights.load_into(model.clone()).unwrap()),
            (
                "loaded in training",
                weights.load_into(model.clone().train()).unwrap(),
            ),
        ] {
            let name = graph.name();
            assert!(Weights::of(&other) == weights, "{name}: {form}");
            assert!(all_scores(&other) == scores, "{name}: {form}");
            // Optimizers know a parameter by its id.
            assert_eq!(Census::of(&other).ids, ids, "{name}: {form}");
            assert_eq!(other.graph(), &graph);
            assert_eq!(other.num_params(), model.num_params());
        }
        // None of it moved the model itself.
        assert_same_bits(&Weights::of(&model), &weights);
        assert_eq!(all_scores(&model), scores);
        assert!(Census::of(&model).on_autodiff.is_empty());
    }
}

#[test]
fn a_copy_goes_its_own_way() {
    let model = network(users_only());
    let before = Weights::of(&model);
    let other = Weights::of(&Network::new(users_only(), 9, &Device::flex()));
    let copy = other.load_into(model.clone()).unwrap();
    assert_ne!(Weights::of(&copy), before);
    assert_same_bits(&Weights::of(&model), &before);
}

#[test]
fn in_training_form_only_dense_weights_require_a_gradient() {
    for graph in graphs() {
        let model = network(graph);
        let fresh = Weights::of(&model);
        for model in [
            model.clone().train(),
            model.valid().train(),
            fresh.load_into(model.clone()).unwrap().train(),
            fresh.load_into(model.clone().train()).unwrap(),
        ] {
            let census = Census::of(&model);
            let wanted: BTreeSet<String> = census
                .ids
                .keys()
                .filter(|name| !is_table(name) && !name.contains(".running_"))
                .cloned()
                .collect();
            assert_eq!(census.requiring, wanted);
        }
        let census = Census::of(&model.clone().train().valid());
        assert!(census.on_autodiff.is_empty() && census.requiring.is_empty());
    }
}

#[test]
fn a_module_is_on_the_device_that_it_was_made_on() {
    let device = Device::flex();
    for graph in graphs() {
        let model = Network::new(graph, 0, &device);
        assert_eq!(model.devices(), std::slice::from_ref(&device));
        assert_eq!(model.valid().devices(), std::slice::from_ref(&device));
    }
}

#[test]
fn a_network_made_on_an_autodiff_device_has_its_tables_off_it() {
    let plain = Network::new(tower(), 5, &Device::flex());
    let model = Network::new(tower(), 5, &Device::flex().autodiff());
    assert_same_bits(&Weights::of(&model), &Weights::of(&plain));
    let census = Census::of(&model);
    for name in census.ids.keys() {
        let on = census.on_autodiff.contains(name);
        assert_eq!(on, !is_table(name), "{name}");
    }
    assert_eq!(all_scores(&model), all_scores(&plain));
}

/// A source that looks at each table as it is read.
#[derive(Default)]
struct Inspector {
    read: Vec<(ParamId, usize)>,
}

impl RowSource for Inspector {
    fn gather(&mut self, table: &Embedding, ids: Ids<'_>) -> Tensor<2> {
        let weights = table.weights();
        assert!(!weights.is_autodiff());
        assert!(!weights.device().is_autodiff());
        self.read.push((table.weight.id, ids.rows().len()));
        weights.select(0, ids.rows_on_device())
    }
}

/// Which parameters got a gradient, and of what shape.
struct Gathered<'a> {
    gradients: &'a Gradients,
    path: Vec<String>,
    seen: BTreeMap<String, Vec<usize>>,
}

impl ModuleVisitor for Gathered<'_> {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.path.push(name.to_string());
    }
    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
    }
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(gradient) = param.val().grad(self.gradients) {
            let shape = gradient.dims().to_vec();
            self.seen.insert(self.path.join("."), shape);
        }
    }
}

#[test]
fn in_training_tables_stay_off_the_autodiff_device_and_only_their_rows_get_a_gradient() {
    for graph in [biased(), tower(), residual()] {
        let model = network(graph).train();
        let inspector = Rc::new(RefCell::new(Inspector::default()));
        let step = Step::seeded(
            inspector.clone(),
            0,
            (&[11, 4], &[0, 1, 1]),
            (&[8, 0, 2], &[0, 1, 2]),
        );
        let scores = step.score(&model);
        assert!(scores.is_autodiff());
        assert_eq!(scores.dims(), [3, 1]);
        let gradients = scores.sum().backward();

        let mut gathered = Gathered {
            gradients: &gradients,
            path: Vec::new(),
            seen: BTreeMap::new(),
        };
        model.visit(&mut gathered);
        let weights = Weights::of(&model).0;
        for (name, weight) in &weights {
            let wanted = (!is_table(name) && !name.contains(".running_")).then_some(&weight.shape);
            assert_eq!(gathered.seen.get(name), wanted, "{name}");
        }
        // Every table was read once, and notes what was read of it.
        let read = &inspector.borrow().read;
        let tables = weights.keys().filter(|name| is_table(name)).count();
        assert_eq!(read.len(), tables);
        let touched = step.pass.take();
        assert_eq!(touched.len(), tables);
        for (touched, &(id, rows)) in touched.iter().zip(read) {
            assert!(matches!(&touched.read, Read::Rows(table, _) if *table == id));
            let gradient = touched.leaf.grad(&gradients).unwrap();
            assert_eq!(gradient.dims()[0], rows);
            assert_eq!(gradient.dims(), touched.leaf.dims());
        }
    }
}

#[test]
fn in_inference_nothing_is_tracked_even_in_training_form() {
    let model = network(biased()).train();
    let step = Step::inference(&[0, 1], &[0, 1]);
    assert!(!step.score(&model).is_autodiff());
}

#[test]
fn shown_a_network_is_the_summary_of_its_graph() {
    for graph in graphs() {
        let model = Network::new(graph.clone(), 0, &Device::flex());
        assert_eq!(model.to_string(), graph.summary());
        assert_eq!(model.train().to_string(), graph.summary());
    }
}

/// A pass in training, which moves the statistics of batch normalisation.
fn one_step(model: &Network) {
    let source = Rc::new(RefCell::new(Inspector::default()));
    let rows: [(&[u32], &[u32]); 2] = [(&[0, 5, 9], &[0, 1, 2, 1]), (&[3, 1, 8], &[2, 1, 0, 0])];
    let step = Step::seeded(source, 1, rows[0], rows[1]);
    step.score(model).sum().backward();
}

#[test]
fn training_a_copy_leaves_the_statistics_of_the_model_alone() {
    let model = network(tower());
    let before = Weights::of(&model);
    let copy = model.clone().train();
    one_step(&copy);
    one_step(&copy);
    assert_ne!(Weights::of(&copy.valid()), before);
    assert_same_bits(&Weights::of(&model), &before);
    assert_same_bits(&Weights::of(&model.valid()), &before);
}

#[test]
fn weights_loaded_into_a_copy_leave_the_model_alone() {
    let model = network(tower());
    let before = Weights::of(&model);
    let fresh = Weights::of(&Network::new(tower(), 9, &Device::flex()));
    let copy = fresh.load_into(model.clone()).unwrap();
    assert_same_bits(&Weights::of(&copy), &fresh);
    assert_same_bits(&Weights::of(&model), &before);
}

#[test]
fn weights_loaded_after_a_step_of_training_stay() {
    let model = network(tower()).train();
    one_step(&model);
    let fresh = Weights::of(&Network::new(tower(), 9, &Device::flex()));
    let model = fresh.load_into(model).unwrap();
    assert_same_bits(&Weights::of(&model), &fresh);
    assert_same_bits(&Weights::of(&model.valid()), &fresh);
}

#[test]
fn weights_read_in_training_are_those_of_the_last_step() {
    let model = network(tower()).train();
    one_step(&model);
    assert_same_bits(&Weights::of(&model), &Weights::of(&model.valid()));
}

#[test]
fn weights_that_could_not_be_loaded_again_are_not_saved() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("weights");
    let good = Weights::of(&network(users_only()));
    good.save(&path).unwrap();
    let mut bad = good.clone();
    bad.0.get_mut("bias.weight").unwrap().values[4] = f32::NAN;
    let error = bad.save(&path).unwrap_err();
    assert!(matches!(&error, WeightsError::NotFinite { at: 4, .. }));
    assert_same_bits(&Weights::load(&path).unwrap(), &good);
}

#[test]
fn a_weight_whose_numbers_do_not_fill_its_shape_is_an_error_and_no_panic() {
    let model = network(users_only());
    let mut weights = Weights::of(&model);
    weights.0.get_mut("bias.weight").unwrap().values.pop();
    assert!(weights.load_into(model).is_err());
    let home = tempfile::tempdir().unwrap();
    assert!(weights.save(&home.path().join("weights")).is_err());
}
