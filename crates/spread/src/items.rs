//! The numbers of the items.

use crate::ranks::Ranks;
use recburn_data::{DataError, IdMap, IdOrder, ItemIx};

/// Texts in one piece: each its length and its bytes.
pub fn packed(texts: impl Iterator<Item = impl AsRef<str>>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for text in texts {
        let text = text.as_ref();
        bytes.extend((text.len() as u32).to_le_bytes());
        bytes.extend(text.as_bytes());
    }
    bytes
}

/// The texts of such a piece.
pub fn unpacked(mut bytes: &[u8]) -> impl Iterator<Item = &str> {
    std::iter::from_fn(move || {
        let (length, rest) = bytes.split_first_chunk::<4>()?;
        let (text, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        bytes = rest;
        std::str::from_utf8(text).ok()
    })
}

/// The items of all ranks, from those that each has seen: sorted by their ids, so that the number of ranks and who read
/// what does not change their numbers.
///
/// # Errors
/// [`DataError::TooManyIds`].
pub fn catalogue(
    ranks: &dyn Ranks,
    seen: impl Iterator<Item = impl AsRef<str>>,
) -> Result<IdMap<ItemIx>, DataError> {
    let of_all = ranks.gather(&packed(seen));
    let texts = of_all.iter().flat_map(|bytes| unpacked(bytes));
    IdMap::new(texts, IdOrder::Sorted)
}
