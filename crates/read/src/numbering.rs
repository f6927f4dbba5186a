//! Numbering of ids in order of first sight.

use crate::field::{Fault, digits};
use crate::text::{Encoding, latin_1};
use recburn_data::internals::{Interner, canonical, excerpt, raw_number};
use recburn_data::{IdOrder, thousands};

/// Marks a value that no id has had so far; not the number of any id.
const FREE: u32 = u32::MAX;

/// Ids below this are looked up by value: at most 4 MiB, freed after reading.
const VALUES: usize = 1 << 20;
/// The most digits of such an id.
const DIGITS: usize = 7;

/// The ids seen so far, with a fast path for small plain numbers, which most ids are.
#[derive(Default)]
pub(crate) struct Numbering {
    texts: Interner,
    /// For each value, the number of the id with those digits, or [`FREE`].
    by_value: Vec<u32>,
    /// The encoding of the current file; `None` for UTF-8 with a fallback to Latin-1.
    pub(crate) encoding: Option<Encoding>,
    /// The number of ids that were not UTF-8 and were read as Latin-1, and the first of them.
    foreign: Option<(usize, String)>,
}

impl Numbering {
    /// The number of an id. Only new ids are validated.
    pub(crate) fn number(&mut self, field: &[u8], order: IdOrder) -> Result<u32, Fault> {
        let field = field.trim_ascii();
        if self.encoding == Some(Encoding::Latin1) && !field.is_ascii() {
            return self.decoded(field, order);
        }
        let value = small(field);
        if let Some(&number) = value.and_then(|value| self.by_value.get(value))
            && number != FREE
        {
            return Ok(number);
        }
        let number = match self.texts.find(field) {
            Some(number) => number,
            None => self.add(field, order)?,
        };
        if let Some(value) = value {
            if self.by_value.len() <= value {
                self.by_value.resize((value + 1).next_power_of_two(), FREE);
            }
            self.by_value[value] = number;
        }
        Ok(number)
    }

    /// The ids in the order of their numbers.
    pub(crate) fn into_texts(self) -> Interner {
        self.texts
    }

    #[cold]
    fn add(&mut self, field: &[u8], order: IdOrder) -> Result<u32, Fault> {
        if std::str::from_utf8(field).is_err() && self.encoding.is_none() {
            let before = self.texts.len();
            let number = self.decoded(field, order)?;
            if self.texts.len() > before {
                let first = || (0, latin_1(field));
                self.foreign.get_or_insert_with(first).0 += 1;
            }
            return Ok(number);
        }
        self.check(field, order)?;
        let id = std::str::from_utf8(field).map_err(|_| Fault::Broken)?;
        match order {
            IdOrder::Raw => self.texts.intern(canonical(id)),
            IdOrder::FirstSight | IdOrder::Sorted => self.texts.add(id),
        }
        .map_err(|_| Fault::TooMany)
    }

    /// The number of an id encoded with one byte per letter.
    fn decoded(&mut self, field: &[u8], order: IdOrder) -> Result<u32, Fault> {
        let id = latin_1(field);
        self.check(field, order)?;
        self.texts.intern(id.trim()).map_err(|_| Fault::TooMany)
    }

    /// What is said of ids that are not UTF-8, where there are such.
    pub(crate) fn warning(&self, whose: &str) -> Option<String> {
        let (count, first) = self.foreign.as_ref()?;
        let are = if *count == 1 { "id is" } else { "ids are" };
        Some(format!(
            "{} {whose} {are} not UTF-8 and read as Latin-1, such as '{}'; if the whole file is Latin-1, say \
             encoding=latin-1 in --columns",
            thousands(*count),
            excerpt(first.as_bytes())
        ))
    }

    /// Checks that a field is a valid id, before it is numbered.
    pub(crate) fn check(&self, field: &[u8], order: IdOrder) -> Result<(), Fault> {
        let field = field.trim_ascii();
        if field.is_empty() {
            return Err(Fault::Empty);
        }
        let text = std::str::from_utf8(field);
        if field.contains(&0) || (text.is_err() && self.encoding == Some(Encoding::Utf8)) {
            return Err(Fault::Broken);
        }
        match order == IdOrder::Raw && text.map_or(None, raw_number).is_none() {
            true => Err(Fault::NotRaw),
            false => Ok(()),
        }
    }
}

/// The value of an id that is a canonical small number: "07" is a different id from "7" and is not one.
fn small(field: &[u8]) -> Option<usize> {
    let plain = field.len() == 1 || field.first() != Some(&b'0');
    let value = digits(field, DIGITS).filter(|_| plain)? as usize;
    (value < VALUES).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn ids_get_the_numbers_of_their_texts(
            ids in prop::collection::vec("0?[0-9]{1,2}|[0-9]{6,8}|[ab ]{1,3}", 1..60),
        ) {
            let mut numbering = Numbering::default();
            let mut by_text: Vec<&str> = Vec::new();
            for id in &ids {
                let id = id.trim();
                let place = by_text.iter().position(|seen| *seen == id);
                let expected = match id {
                    "" => Err(Fault::Empty),
                    _ => Ok(place.unwrap_or_else(|| { by_text.push(id); by_text.len() - 1 }) as u32),
                };
                prop_assert_eq!(numbering.number(id.as_bytes(), IdOrder::FirstSight), expected);
            }
            prop_assert!(numbering.by_value.len() <= VALUES);
            let texts = numbering.into_texts();
            prop_assert_eq!(texts.iter().collect::<Vec<_>>(), by_text);
        }
    }
}
