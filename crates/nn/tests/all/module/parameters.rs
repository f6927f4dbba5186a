//! Parameters of a network, their number and names.

use super::*;

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
