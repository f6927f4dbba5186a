//! Summaries and diagrams.

use super::*;

#[test]
fn the_summary_of_a_residual_graph() {
    assert_eq!(
        residual().summary(),
        r#"Model: residual
| Layer (type)             | Output shape | Parameters | Connected to               |
|--------------------------|--------------|------------|----------------------------|
| user (Input)             | [batch]      |          0 | -                          |
| user_factors (Embedding) | [batch, 4]   |      4,000 | user                       |
| item (Input)             | [batch]      |          0 | -                          |
| item_factors (Embedding) | [batch, 4]   |         80 | item                       |
| product (Multiply)       | [batch, 4]   |          0 | user_factors, item_factors |
| dense_1 (Dense)          | [batch, 4]   |         20 | product                    |
| batch_norm_1 (BatchNorm) | [batch, 4]   |         16 | dense_1                    |
| dropout_1 (Dropout)      | [batch, 4]   |          0 | batch_norm_1               |
| sum (Add)                | [batch, 4]   |          0 | product, dropout_1         |
| affinity (Dot)           | [batch, 1]   |          0 | user_factors, item_factors |
| both (Concat)            | [batch, 5]   |          0 | sum, affinity              |
| score (Dense)            | [batch, 1]   |          6 | both                       |
| squash (Activation)      | [batch, 1]   |          0 | score                      |
| stars (Rescale)          | [batch, 1]   |          0 | squash                     |
Total parameters: 4,122
Trainable parameters: 4,114
Non-trainable parameters: 8
"#
    );
}

#[test]
fn the_mermaid_diagram_of_a_residual_graph() {
    assert_eq!(
        residual().mermaid(),
        r#"flowchart TD
    n0(["user<br/>Input 1000 rows<br/>[batch]"])
    n1["user_factors<br/>Embedding 4 l2 0.000001 non-negative<br/>[batch, 4]"]
    n2(["item<br/>Input 20 rows<br/>[batch]"])
    n3["item_factors<br/>Embedding 4<br/>[batch, 4]"]
    n4["product<br/>Multiply<br/>[batch, 4]"]
    n5["dense_1<br/>Dense 4 relu<br/>[batch, 4]"]
    n6["batch_norm_1<br/>BatchNorm<br/>[batch, 4]"]
    n7["dropout_1<br/>Dropout 0.25<br/>[batch, 4]"]
    n8["sum<br/>Add<br/>[batch, 4]"]
    n9["affinity<br/>Dot<br/>[batch, 1]"]
    n10["both<br/>Concat<br/>[batch, 5]"]
    n11["score<br/>Dense 1 linear<br/>[batch, 1]"]
    n12["squash<br/>Activation sigmoid<br/>[batch, 1]"]
    n13["stars<br/>Rescale 0.5 to 5<br/>[batch, 1]"]
    n0 --> n1
    n2 --> n3
    n1 --> n4
    n3 --> n4
    n4 --> n5
    n5 --> n6
    n6 --> n7
    n4 --> n8
    n7 --> n8
    n1 --> n9
    n3 --> n9
    n8 --> n10
    n9 --> n10
    n10 --> n11
    n11 --> n12
    n12 --> n13
"#
    );
}

#[test]
fn the_dot_diagram_of_a_residual_graph() {
    assert_eq!(
        residual().dot(),
        r#"digraph model_residual {
    n0 [label="user\nInput 1000 rows\n[batch]", shape=ellipse];
    n1 [label="user_factors\nEmbedding 4 l2 0.000001 non-negative\n[batch, 4]", shape=box];
    n2 [label="item\nInput 20 rows\n[batch]", shape=ellipse];
    n3 [label="item_factors\nEmbedding 4\n[batch, 4]", shape=box];
    n4 [label="product\nMultiply\n[batch, 4]", shape=box];
    n5 [label="dense_1\nDense 4 relu\n[batch, 4]", shape=box];
    n6 [label="batch_norm_1\nBatchNorm\n[batch, 4]", shape=box];
    n7 [label="dropout_1\nDropout 0.25\n[batch, 4]", shape=box];
    n8 [label="sum\nAdd\n[batch, 4]", shape=box];
    n9 [label="affinity\nDot\n[batch, 1]", shape=box];
    n10 [label="both\nConcat\n[batch, 5]", shape=box];
    n11 [label="score\nDense 1 linear\n[batch, 1]", shape=box];
    n12 [label="squash\nActivation sigmoid\n[batch, 1]", shape=box];
    n13 [label="stars\nRescale 0.5 to 5\n[batch, 1]", shape=box];
    n0 -> n1;
    n2 -> n3;
    n1 -> n4;
    n3 -> n4;
    n4 -> n5;
    n5 -> n6;
    n6 -> n7;
    n4 -> n8;
    n7 -> n8;
    n1 -> n9;
    n3 -> n9;
    n8 -> n10;
    n9 -> n10;
    n10 -> n11;
    n11 -> n12;
    n12 -> n13;
}
"#
    );
}

#[test]
fn any_name_of_a_graph_is_one_word_in_dot() {
    for (name, word) in [
        ("biased_mf", "model_biased_mf"),
        ("my \"model\"-1.0\n", "model_my__model__1_0_"),
        ("größe", "model_gr__e"),
        ("", "model_"),
    ] {
        let graph = Graph::new(name, &Sym::user(3).embed("bias", 1)).unwrap();
        assert_eq!(graph.name(), name);
        let dot = graph.dot();
        assert_eq!(dot.lines().next(), Some(&*format!("digraph {word} {{")));
    }
}
