//! The diagram as text: Mermaid for web pages, DOT for Graphviz and for the pictures of `recburn-report`.

use crate::graph::Graph;
use crate::node::Node;
use std::fmt::Write;

/// The lines of a box: name, operation, shape of the value.
fn label(graph: &Graph, node: &Node) -> [String; 3] {
    let shape = node.shape.to_string();
    [node.name.clone(), graph.describe(node), shape]
}

impl Graph {
    /// The diagram in Mermaid's flowchart language.
    pub fn mermaid(&self) -> String {
        let mut out = String::from("flowchart TD\n");
        for (at, node) in self.nodes().iter().enumerate() {
            let [name, what, shape] = label(self, node);
            // Columns are rounded boxes, layers are rectangular.
            let (open, close) = if node.is_column() {
                ("([", "])")
            } else {
                ("[", "]")
            };
            let _ = writeln!(
                out,
                "    n{at}{open}\"{name}<br/>{what}<br/>{shape}\"{close}"
            );
        }
        self.edges(|from, to| {
            let _ = writeln!(out, "    n{from} --> n{to}");
        });
        out
    }

    /// The diagram in Graphviz's DOT language.
    pub fn dot(&self) -> String {
        let mut out = format!("digraph {} {{\n", self.identifier());
        for (at, node) in self.nodes().iter().enumerate() {
            let [name, what, shape] = label(self, node);
            let outline = if node.is_column() { "ellipse" } else { "box" };
            let _ = writeln!(
                out,
                "    n{at} [label=\"{name}\\n{what}\\n{shape}\", shape={outline}];"
            );
        }
        self.edges(|from, to| {
            let _ = writeln!(out, "    n{from} -> n{to};");
        });
        out.push_str("}\n");
        out
    }

    fn edges(&self, mut each: impl FnMut(usize, usize)) {
        for (at, node) in self.nodes().iter().enumerate() {
            for &source in &node.sources {
                each(source, at);
            }
        }
    }

    /// The graph's name as an identifier of the DOT language.
    fn identifier(&self) -> String {
        let word = self
            .name()
            .replace(|c: char| !c.is_ascii_alphanumeric(), "_");
        format!("model_{word}")
    }
}
