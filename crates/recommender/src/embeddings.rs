//! Export of learnt embeddings as tables.

use crate::error::RecommenderError;
use crate::recommender::Recommender;
use recburn_data::{IdMap, Index, Side};
use recburn_nn::{Model, Weight, Weights};
use safetensors::tensor::{Dtype, TensorView};
use std::collections::HashMap;
use std::io;
use std::path::Path;

/// The rows of one embedding that belong to ids of the data.
#[derive(Clone, Debug, PartialEq)]
pub struct EmbeddingTable {
    /// The layer's name.
    pub name: String,
    /// Raw ids, in the order of their rows.
    pub ids: Vec<String>,
    /// Numbers per row.
    pub width: usize,
    /// The numbers, row by row.
    pub values: Vec<f32>,
}

impl<M: Model + Sync> Recommender<M> {
    /// The embedding with this name.
    pub fn embedding(&self, name: &str) -> Result<EmbeddingTable, RecommenderError> {
        let unknown = || self.unknown_table(name.to_string());
        let side = self.side_of(name).ok_or_else(unknown)?;
        let weight = self.table(name).ok_or_else(unknown)?;
        let (width, values) = (weight.shape[1], &weight.values);
        Ok(match side {
            Side::User => present(name, &self.library.users, width, values),
            Side::Item => present(name, &self.library.items, width, values),
            Side::Event => return Err(unknown()), // an event has no rows
        })
    }

    /// The names and widths of the tables that users or items index.
    pub fn tables_of(&self, side: Side) -> Vec<(String, usize)> {
        let own = self.tables.iter().filter(|table| table.side == side);
        own.map(|table| (table.name.clone(), table.width)).collect()
    }

    /// The side whose ids index a table; `None` for a name that is not a table of users or items.
    pub(crate) fn side_of(&self, name: &str) -> Option<Side> {
        let mut tables = self.tables.iter();
        tables
            .find(|table| table.name == name)
            .map(|table| table.side)
    }

    /// The weights of one embedding, without copying any other.
    pub(crate) fn table(&self, name: &str) -> Option<Weight> {
        Weights::one(&self.model, &format!("{name}.weight"))
    }

    /// The names of the model's tables of users and items.
    pub fn embedding_names(&self) -> Vec<String> {
        let tables = self.tables.iter();
        tables.map(|table| table.name.clone()).collect()
    }
}

fn present<Ix: Index>(name: &str, ids: &IdMap<Ix>, width: usize, all: &[f32]) -> EmbeddingTable {
    let mut table = EmbeddingTable {
        name: name.to_string(),
        ids: Vec::with_capacity(ids.len()),
        width,
        values: Vec::with_capacity(ids.len() * width),
    };
    for (index, id) in ids.iter() {
        table.ids.push(id.into_owned());
        table
            .values
            .extend_from_slice(&all[index.row() as usize * width..][..width]);
    }
    table
}

impl EmbeddingTable {
    /// As CSV: `id, 0, 1, ...`, one row per id.
    pub fn to_csv(&self) -> String {
        let mut out = csv::Writer::from_writer(Vec::new());
        let header = std::iter::once("id".to_string())
            .chain((0..self.width).map(|factor| factor.to_string()));
        out.write_record(header).expect("a row goes into memory");
        for (id, row) in self.ids.iter().zip(self.values.chunks_exact(self.width)) {
            let row = row.iter().map(f32::to_string);
            let row = std::iter::once(id.clone()).chain(row);
            out.write_record(row)
                .expect("rows of one length go into memory");
        }
        let bytes = out.into_inner().expect("memory can be flushed");
        String::from_utf8(bytes).expect("ids and numbers are text")
    }

    /// The table as one tensor with its name, `[ids, width]`, and the ids as a JSON list under `ids` in the metadata.
    pub fn to_safetensors(&self) -> Result<Vec<u8>, RecommenderError> {
        let bytes: Vec<u8> = self.values.iter().flat_map(|v| v.to_le_bytes()).collect();
        let shape = vec![self.ids.len(), self.width];
        let view = TensorView::new(Dtype::F32, shape, &bytes).map_err(io::Error::other)?;
        let ids = serde_json::to_string(&self.ids).expect("a list of strings is plain data");
        let about = HashMap::from([("ids".to_string(), ids)]);
        let bytes = safetensors::serialize([(self.name.as_str(), view)], Some(about));
        Ok(bytes.map_err(io::Error::other)?)
    }

    /// Writes [`EmbeddingTable::to_safetensors`], completely or not at all.
    pub fn save_safetensors(&self, path: &Path) -> Result<(), RecommenderError> {
        Ok(recburn_files::write_whole(path, &self.to_safetensors()?)?)
    }

    /// Writes the CSV, completely or not at all.
    pub fn save_csv(&self, path: &Path) -> Result<(), RecommenderError> {
        Ok(recburn_files::write_whole(path, self.to_csv().as_bytes())?)
    }
}
