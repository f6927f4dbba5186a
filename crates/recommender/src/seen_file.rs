//! The file of a saved model that says what each user has rated.

use crate::error::RecommenderError;
use crate::folder::read;
use crate::seen::Seen;
use crate::stars::Stars;
use safetensors::tensor::{Dtype, SafeTensors, View};
use std::borrow::Cow;
use std::io;
use std::path::Path;

/// Numbers as the bytes of a tensor, converted when they are written, so that only one column at a time is held twice.
struct Column<'a> {
    dtype: Dtype,
    shape: [usize; 1],
    bytes: &'a dyn Fn() -> Vec<u8>,
}

impl View for &Column<'_> {
    fn dtype(&self) -> Dtype {
        self.dtype
    }

    fn shape(&self) -> &[usize] {
        &self.shape
    }

    fn data(&self) -> Cow<'_, [u8]> {
        Cow::Owned((self.bytes)())
    }

    fn data_len(&self) -> usize {
        self.shape[0] * self.dtype.bitsize() / 8
    }
}

impl Seen {
    pub(crate) fn save(&self, path: &Path) -> Result<(), RecommenderError> {
        let column = |dtype, length, bytes| Column {
            dtype,
            shape: [length],
            bytes,
        };
        let whole = |numbers: &[u32]| numbers.iter().flat_map(|n| n.to_le_bytes()).collect();
        let offsets = || whole(&self.offsets);
        let items = || whole(&self.items);
        let roles = || self.roles.clone();
        let held_out = || self.held_out.iter().flat_map(|n| n.to_le_bytes()).collect();
        let places = || whole(&self.places);
        let sums = |sums: &[f64]| sums.iter().flat_map(|n| n.to_le_bytes()).collect();
        let user_sums = || sums(&self.user_sums);
        let item_sums = || sums(&self.item_sums);
        let codes = || self.stars.codes.clone();
        let levels = || {
            self.stars
                .levels
                .iter()
                .flat_map(|n| n.to_le_bytes())
                .collect()
        };
        let of_items = || whole(&self.of_items);
        let mut columns = vec![
            ("codes", column(Dtype::U8, self.stars.codes.len(), &codes)),
            (
                "levels",
                column(Dtype::F32, self.stars.levels.len(), &levels),
            ),
            ("offsets", column(Dtype::U32, self.offsets.len(), &offsets)),
            ("places", column(Dtype::U32, self.places.len(), &places)),
            (
                "user_sums",
                column(Dtype::F64, self.user_sums.len(), &user_sums),
            ),
            (
                "item_sums",
                column(Dtype::F64, self.item_sums.len(), &item_sums),
            ),
            ("items", column(Dtype::U32, self.items.len(), &items)),
            ("roles", column(Dtype::U8, self.roles.len(), &roles)),
            (
                "held_out",
                column(Dtype::F32, self.held_out.len(), &held_out),
            ),
        ];
        if self.of_all {
            let counts = column(Dtype::U32, self.of_items.len(), &of_items);
            columns.push(("of_items", counts));
        }
        let views = columns.iter().map(|(name, column)| (*name, column));
        // Into a folder under construction, which is synced and renamed as a whole.
        safetensors::serialize_to_file(views, None, path).map_err(|error| {
            let path = path.display();
            io::Error::other(format!("cannot write {path}: {error}")).into()
        })
    }

    pub(crate) fn load(path: &Path, users: usize, items: usize) -> Result<Self, RecommenderError> {
        let wrong = |reason: String| RecommenderError::NotAModel {
            path: path.to_path_buf(),
            reason,
        };
        let bytes = read(path)?;
        let file = SafeTensors::deserialize(&bytes).map_err(|error| wrong(error.to_string()))?;
        let data = |name, dtype| {
            let view = file
                .tensor(name)
                .map_err(|error| wrong(error.to_string()))?;
            match view.dtype() == dtype {
                true => Ok(view.data()),
                false => Err(wrong(format!(
                    "`{name}` holds {} numbers, not {dtype}",
                    view.dtype()
                ))),
            }
        };
        let whole = |name| -> Result<Vec<u32>, RecommenderError> {
            let (four, _) = data(name, Dtype::U32)?.as_chunks();
            Ok(four.iter().map(|&four| u32::from_le_bytes(four)).collect())
        };
        let sums = |name| -> Result<Vec<f64>, RecommenderError> {
            let (eight, _) = data(name, Dtype::F64)?.as_chunks();
            let numbers = eight.iter().map(|&eight| f64::from_le_bytes(eight));
            Ok(numbers.collect())
        };
        // Older versions wrote no ratings.
        let stars = match file.tensor("codes").is_ok() {
            false => Stars::default(),
            true => {
                let (four, _) = data("levels", Dtype::F32)?.as_chunks();
                Stars {
                    levels: four.iter().map(|&four| f32::from_le_bytes(four)).collect(),
                    codes: data("codes", Dtype::U8)?.to_vec(),
                }
            }
        };
        let (four, _) = data("held_out", Dtype::F32)?.as_chunks();
        let seen = Self {
            offsets: whole("offsets")?,
            items: whole("items")?,
            roles: data("roles", Dtype::U8)?.to_vec(),
            places: whole("places")?,
            user_sums: sums("user_sums")?,
            item_sums: sums("item_sums")?,
            stars,
            held_out: four.iter().map(|&four| f32::from_le_bytes(four)).collect(),
            ..Self::default()
        };
        if !seen.is_sound(users, items) {
            return Err(wrong(format!(
                "its lists do not belong to {users} users and {items} items"
            )));
        }
        let seen = seen.counted(items);
        if file.tensor("of_items").is_err() {
            return Ok(seen);
        }
        // Of a part of a model: the numbers of all parts.
        let of_items = whole("of_items")?;
        let mut own = seen.of_items.iter().zip(&of_items);
        match of_items.len() == items && own.all(|(own, all)| own <= all) {
            true => Ok(Self {
                of_items,
                of_all: true,
                ..seen
            }),
            false => Err(wrong("`of_items` is not of these items".to_string())),
        }
    }
}
