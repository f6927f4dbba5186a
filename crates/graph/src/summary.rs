//! The model summary, as printed by Keras.

use crate::graph::Graph;
use comfy_table::{CellAlignment, Table, presets::ASCII_MARKDOWN};

/// A whole number with thousands separators.
fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

impl Graph {
    /// Layer (type), output shape, parameters and connections of every node, and the totals, as in Keras's
    /// `model.summary()`.
    pub fn summary(&self) -> String {
        let mut table = Table::new();
        table.load_preset(ASCII_MARKDOWN);
        table.set_header(["Layer (type)", "Output shape", "Parameters", "Connected to"]);
        for node in self.nodes() {
            let shape = node.shape.to_string();
            table.add_row([
                format!("{} ({})", node.name, node.op.kind()),
                shape,
                thousands(node.parameters.total()),
                if node.inputs.is_empty() {
                    "-".to_string()
                } else {
                    node.inputs.join(", ")
                },
            ]);
        }
        if let Some(column) = table.column_mut(2) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        let sum = self.parameters();
        format!(
            "Model: {}\n{table}\nTotal parameters: {}\nTrainable parameters: {}\nNon-trainable parameters: {}\n",
            self.name(),
            thousands(sum.total()),
            thousands(sum.trainable),
            thousands(sum.fixed),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::thousands;

    #[test]
    fn thousands_stand_apart() {
        let shown: Vec<_> = [0, 7, 999, 1_000, 107_625, 1_384_940]
            .map(thousands)
            .to_vec();
        assert_eq!(shown, ["0", "7", "999", "1,000", "107,625", "1,384,940"]);
    }
}
