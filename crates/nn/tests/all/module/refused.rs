//! Weights that do not fit a model.

use super::*;

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
