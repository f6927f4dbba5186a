//! Items like another.

use crate::error::RecommenderError;
use crate::recommender::{Named, Recommender, best};
use recburn_data::ItemIx;
use recburn_graph::Op;
use serde::Serialize;

/// An item and how close it lies to another.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Similar {
    /// The item's raw id.
    pub item: String,
    /// Its title, or its raw id where the data have no titles.
    pub title: String,
    /// Its genres.
    pub genres: Vec<String>,
    /// Cosine of the angle between both items' factors, from -1 to 1; 0 where one of them is all zero.
    pub cosine: f32,
}

impl Recommender {
    /// The `count` items whose rows in this embedding table point most nearly where `item`'s does, nearest first, without
    /// the item itself. Without a name the widest table of items is taken.
    pub fn similar(
        &self,
        item: &str,
        count: usize,
        table: Option<&str>,
    ) -> Result<Vec<Similar>, RecommenderError> {
        let own = self.item(item)?;
        let name = match table {
            Some(name) => name.to_string(),
            None => self.widest_item_table()?,
        };
        if !self.item_tables().any(|(known, _)| known == name) {
            return Err(self.unknown_table(name));
        }
        let table = self.embedding(&name)?;
        let rows = self.items.iter().map(|(row, _)| row);
        let rows: Vec<_> = rows.zip(table.values.chunks_exact(table.width)).collect();
        let Some((_, wanted)) = rows.iter().find(|(row, _)| *row == own.0) else {
            return Ok(Vec::new());
        };
        let others = rows.iter().filter(|(row, _)| *row != own.0);
        let scored = others.map(|(row, factors)| (*row, cosine(wanted, factors)));
        Ok(best(scored, count)
            .map(|(row, cosine)| {
                let Named { id, title, genres } = self.named(ItemIx(row));
                Similar {
                    item: id,
                    title,
                    genres,
                    cosine,
                }
            })
            .collect())
    }

    /// The embeddings of items, with their widths.
    fn item_tables(&self) -> impl Iterator<Item = (&str, usize)> {
        let graph = self.model.graph();
        graph.nodes().iter().filter_map(move |node| {
            let of_items = || matches!(graph.nodes()[node.sources[0]].op, Op::Item { .. });
            match node.op {
                Op::Embedding { width, .. } if of_items() => Some((node.name.as_str(), width)),
                _ => None,
            }
        })
    }

    fn widest_item_table(&self) -> Result<String, RecommenderError> {
        let mut widest: Option<(&str, usize)> = None;
        for (name, width) in self.item_tables() {
            // Of equal ones the first: the factors stand before what is built on them.
            if widest.is_none_or(|(_, most)| width > most) {
                widest = Some((name, width));
            }
        }
        let (name, _) = widest.ok_or_else(|| self.unknown_table("of items".to_string()))?;
        Ok(name.to_string())
    }

    pub(crate) fn unknown_table(&self, name: String) -> RecommenderError {
        RecommenderError::UnknownTable {
            name,
            known: self.embedding_names().join(", "),
        }
    }
}

fn cosine(a: &[f32], b: &[f32]) -> f32 {
    let dot = |a: &[f32], b: &[f32]| -> f64 {
        let products = a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b));
        products.sum()
    };
    let lengths = (dot(a, a) * dot(b, b)).sqrt();
    match lengths > 0.0 {
        true => (dot(a, b) / lengths) as f32,
        false => 0.0,
    }
}
