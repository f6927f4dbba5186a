//! Embedding tables as Parquet.

use crate::embeddings::EmbeddingTable;
use crate::error::RecommenderError;
use parquet::basic::{Compression, LogicalType, Repetition, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType, FloatType};
use parquet::errors::Result;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type;
use std::io;
use std::path::Path;
use std::sync::Arc;

impl EmbeddingTable {
    /// Writes a text column `id` and one column of floats per factor, `0`, `1` and so on; completely or not at all.
    pub fn save_parquet(&self, path: &Path) -> std::result::Result<(), RecommenderError> {
        let bytes = self.to_parquet().map_err(io::Error::other)?;
        Ok(recburn_files::write_whole(path, &bytes)?)
    }

    fn to_parquet(&self) -> Result<Vec<u8>> {
        let mut columns = vec![Arc::new(
            Type::primitive_type_builder("id", Physical::BYTE_ARRAY)
                .with_repetition(Repetition::REQUIRED)
                .with_logical_type(Some(LogicalType::String))
                .build()?,
        )];
        for factor in 0..self.width {
            let column = Type::primitive_type_builder(&factor.to_string(), Physical::FLOAT)
                .with_repetition(Repetition::REQUIRED)
                .build()?;
            columns.push(Arc::new(column));
        }
        let schema = Type::group_type_builder(&self.name)
            .with_fields(columns)
            .build()?;
        let settings = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .build();
        let mut file = SerializedFileWriter::new(Vec::new(), Arc::new(schema), Arc::new(settings))?;
        let mut rows = file.next_row_group()?;
        if let Some(mut column) = rows.next_column()? {
            let ids = self.ids.iter().map(|id| ByteArray::from(id.as_str()));
            let ids: Vec<_> = ids.collect();
            column
                .typed::<ByteArrayType>()
                .write_batch(&ids, None, None)?;
            column.close()?;
        }
        for factor in 0..self.width {
            let Some(mut column) = rows.next_column()? else {
                break;
            };
            let values = self.values.iter().skip(factor).step_by(self.width);
            let values: Vec<f32> = values.copied().collect();
            column
                .typed::<FloatType>()
                .write_batch(&values, None, None)?;
            column.close()?;
        }
        rows.close()?;
        file.into_inner()
    }
}
