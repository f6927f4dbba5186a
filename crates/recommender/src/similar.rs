//! Similar items.

use crate::error::RecommenderError;
use crate::library::Named;
use crate::recommender::Recommender;
use crate::top::best;
use recburn_data::{ItemIx, Side};
use recburn_nn::Model;
use serde::Serialize;

/// An item and its similarity to another.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Similar {
    /// The item's raw id.
    pub item: String,
    /// Its title, or its raw id if the data have no titles.
    pub title: String,
    /// Its genres.
    pub genres: Vec<String>,
    /// The cosine similarity of both items' factors, from -1 to 1; 0 if one of them is all zeros.
    pub cosine: f32,
    /// The number of its training ratings.
    pub ratings: u32,
}

/// Options of a list of similar items.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SimilarOptions {
    /// Its maximum length.
    pub count: usize,
    /// The embedding whose directions are compared; `None` for the widest item embedding.
    pub table: Option<String>,
    /// The minimum number of training ratings of an item; 0 for all items, `None` for [`Recommender::min_ratings`].
    pub min_ratings: Option<u32>,
}

impl Default for SimilarOptions {
    /// Ten items, by the widest table, with enough training ratings.
    fn default() -> Self {
        Self {
            count: 10,
            table: None,
            min_ratings: None,
        }
    }
}

/// A list of similar items, with information about it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SimilarList {
    /// The raw id of the reference item.
    pub item: String,
    /// The number of its training ratings. Without any, the model has learnt nothing about it.
    pub item_ratings: u32,
    /// The embedding whose directions were compared.
    pub table: String,
    /// The items, most similar first.
    pub items: Vec<Similar>,
    /// The minimum number of training ratings of the items considered.
    pub min_ratings: u32,
    /// The number of items left out because they have fewer.
    pub left_out: usize,
}

impl<M: Model + Sync> Recommender<M> {
    /// The `count` items whose rows in this embedding table are closest in direction to that of `item`, most similar
    /// first, without the item itself and items with fewer than [`Recommender::min_ratings`] training ratings. Without
    /// a name the widest item table is used.
    pub fn similar(
        &self,
        item: &str,
        count: usize,
        table: Option<&str>,
    ) -> Result<Vec<Similar>, RecommenderError> {
        let options = SimilarOptions {
            count,
            table: table.map(str::to_string),
            min_ratings: None,
        };
        Ok(self.similar_list(item, &options)?.items)
    }

    /// As [`Recommender::similar`], with all information.
    pub fn similar_list(
        &self,
        item: &str,
        options: &SimilarOptions,
    ) -> Result<SimilarList, RecommenderError> {
        let own = self.library.item(item)?;
        let name = match &options.table {
            Some(name) => name.clone(),
            None => self.widest_item_table()?,
        };
        let table = match self.side_of(&name) {
            Some(Side::Item) => self.table(&name),
            Some(Side::User) => {
                let tables: Vec<_> = self.item_tables().map(|(name, _)| name).collect();
                return Err(RecommenderError::UserTable {
                    name,
                    known: match tables.is_empty() {
                        true => "the model has none of items".to_string(),
                        false => format!("of items there are {}", tables.join(", ")),
                    },
                });
            }
            Some(Side::Event) | None => None,
        };
        let Some(table) = table else {
            return Err(self.unknown_table(name));
        };
        let row = |item: u32| &table.values[item as usize * table.shape[1]..][..table.shape[1]];
        let wanted = row(own.0);
        let candidates = self.library.candidates(options.min_ratings);
        let others = candidates.rows.iter().filter(|&&item| item != own.0);
        let scored = others.map(|&item| (item, cosine(wanted, row(item))));
        let lines = best(scored, options.count).into_iter();
        let lines = lines.map(|(item, cosine)| {
            let Named { id, title, genres } = self.library.named(ItemIx(item));
            Similar {
                item: id,
                title,
                genres,
                cosine,
                ratings: self.library.seen.trained_of_item(ItemIx(item)),
            }
        });
        let item_ratings = self.library.seen.trained_of_item(own);
        // The item itself does not count as left out.
        let itself = usize::from(item_ratings < candidates.least);
        Ok(SimilarList {
            item: item.to_string(),
            item_ratings,
            items: lines.collect(),
            min_ratings: candidates.least,
            left_out: candidates.left_out - itself,
            table: name,
        })
    }

    /// The item embeddings, with their widths.
    fn item_tables(&self) -> impl Iterator<Item = (&str, usize)> {
        let of_items = self.tables.iter().filter(|table| table.side == Side::Item);
        of_items.map(|table| (table.name.as_str(), table.width))
    }

    fn widest_item_table(&self) -> Result<String, RecommenderError> {
        let mut widest: Option<(&str, usize)> = None;
        for (name, width) in self.item_tables() {
            // On ties the first one: the factors come before tables of derived layers.
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
