//! Collecting the nodes and tables of a graph from its output.

use super::Plain;
use crate::op::Op;
use crate::sym::Symbol;
use crate::table::Table;
use std::collections::HashMap;
use std::rc::Rc;

/// Nodes and tables in the order in which they are reached.
#[derive(Default)]
pub(super) struct Walked {
    pub nodes: Vec<Plain>,
    pub tables: Vec<Table>,
    seen: HashMap<*const Symbol, ()>,
}

impl Walked {
    /// Post-order: a node comes after its inputs, once even if it is used several times.
    pub(super) fn walk(&mut self, symbol: &Rc<Symbol>) {
        if self.seen.insert(Rc::as_ptr(symbol), ()).is_some() {
            return;
        }
        for input in &symbol.inputs {
            self.walk(input);
        }
        // `Sym::user(n)` written twice means the same column of users, so equal inputs are merged.
        let mut nodes = self.nodes.iter();
        let again = matches!(symbol.op, Op::Input { .. })
            && nodes.any(|node| node.name == symbol.name && node.op == symbol.op);
        if again {
            return;
        }
        // Different tables with the same name are both kept, so that the check refuses them.
        if let Some(table) = &symbol.table
            && !self.tables.contains(table)
        {
            self.tables.push(table.clone());
        }
        self.nodes.push(Plain {
            name: symbol.name.clone(),
            op: symbol.op.clone(),
            inputs: symbol
                .inputs
                .iter()
                .map(|input| input.name.clone())
                .collect(),
        });
    }
}
