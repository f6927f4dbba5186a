//! Parsing of one JSON line: an object with a few required keys.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// The texts of the required keys.
pub(super) struct Cells {
    keys: [String; 4],
    texts: [Vec<u8>; 4],
    met: [bool; 4],
}

impl Cells {
    /// Cells for these keys; empty ones are ignored.
    pub(super) fn new(keys: [String; 4]) -> Self {
        Self {
            keys,
            texts: Default::default(),
            met: [false; 4],
        }
    }

    pub(super) fn is_wanted(&self, place: usize) -> bool {
        !self.keys[place].is_empty()
    }

    pub(super) fn text(&self, place: usize) -> &[u8] {
        &self.texts[place]
    }
}

/// Reads the required keys, which must all exist. Errors are returned as text.
pub(super) fn parse(line: &[u8], cells: &mut Cells) -> Result<(), String> {
    cells.met = [false; 4];
    let mut reader = serde_json::Deserializer::from_slice(line);
    let read = Wanted(cells).deserialize(&mut reader);
    read.and_then(|()| reader.end())
        .map_err(|error| wrong(line, &error))?;
    let lacks = (0..4).find(|&place| cells.is_wanted(place) && !cells.met[place]);
    match lacks {
        // The time may be missing, as it may be empty in a table.
        Some(3) => {
            cells.texts[3].clear();
            Ok(())
        }
        Some(place) => Err(format!("the object has no '{}'", cells.keys[place])),
        None => Ok(()),
    }
}

/// A key of an object and its value as text; `None` for a list or another object.
pub(super) type Entry = (String, Option<Vec<u8>>);

/// All keys, with the text of their value if it has one.
pub(super) fn parse_all(line: &[u8]) -> Result<Vec<Entry>, String> {
    let mut reader = serde_json::Deserializer::from_slice(line);
    let read = All.deserialize(&mut reader);
    read.and_then(|fields| reader.end().map(|()| fields))
        .map_err(|error| wrong(line, &error))
}

/// The error of a line, with a remedy if there is one.
fn wrong(line: &[u8], error: &serde_json::Error) -> String {
    let line = line.trim_ascii();
    let said = error.to_string();
    // The line number is reported with the file; here it is always 1.
    let said = said.replace(" at line 1 column ", ", at its letter ");
    let quotes = |byte: &u8| *byte == b'\'';
    let python = line.starts_with(b"{'")
        || line.starts_with(b"{u'")
        || (error.is_syntax()
            && line.iter().filter(|byte| quotes(byte)).count() > 4
            && !line.contains(&b'"'));
    if python {
        return "a dictionary as Python prints it, not JSON: `python3 -c \"import ast, json, sys; [print(json.dumps(\
                ast.literal_eval(line))) for line in sys.stdin]\" < FILE > ratings.jsonl` makes JSON lines of it"
            .to_string();
    }
    match error.is_eof() {
        true => format!(
            "expected one object per line, but this one does not end on its line ({said}); `jq -c . FILE > \
             ratings.jsonl` puts each object on one line"
        ),
        false => format!("expected a JSON object: {said}"),
    }
}

struct Wanted<'a>(&'a mut Cells);

impl<'de> DeserializeSeed<'de> for Wanted<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Wanted<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(place) = map.next_key_seed(Place(&self.0.keys))? {
            match place {
                Some(place) => {
                    let key = &self.0.keys[place];
                    let text = &mut self.0.texts[place];
                    text.clear();
                    if !map.next_value_seed(Text(text))? {
                        return Err(A::Error::custom(format!(
                            "'{key}' is a list or an object; expected text or a number"
                        )));
                    }
                    self.0.met[place] = true;
                }
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

/// The position of this key among the required ones.
struct Place<'a>(&'a [String; 4]);

impl<'de> DeserializeSeed<'de> for Place<'_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Place<'_> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<Self::Value, E> {
        Ok(self
            .0
            .iter()
            .position(|known| known == key && !key.is_empty()))
    }
}

/// The text of a value; `false` for a list or an object, which have none.
struct Text<'a>(&'a mut Vec<u8>);

impl<'de> DeserializeSeed<'de> for Text<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl Text<'_> {
    fn is(self, text: impl fmt::Display) -> bool {
        use std::io::Write;
        // Writing to memory does not fail.
        let _ = write!(self.0, "{text}");
        true
    }
}

impl<'de> Visitor<'de> for Text<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text or a number")
    }

    fn visit_str<E>(self, text: &str) -> Result<bool, E> {
        self.0.extend_from_slice(text.as_bytes());
        Ok(true)
    }

    fn visit_u64<E>(self, value: u64) -> Result<bool, E> {
        Ok(self.is(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<bool, E> {
        Ok(self.is(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<bool, E> {
        Ok(self.is(value))
    }

    fn visit_bool<E>(self, value: bool) -> Result<bool, E> {
        Ok(self.is(value))
    }

    fn visit_unit<E>(self) -> Result<bool, E> {
        Ok(true)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<bool, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(false)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<bool, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(false)
    }
}

/// All keys and values.
struct All;

impl<'de> DeserializeSeed<'de> for All {
    type Value = Vec<(String, Option<Vec<u8>>)>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for All {
    type Value = Vec<(String, Option<Vec<u8>>)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut fields = Vec::new();
        while let Some(key) = map.next_key::<String>()? {
            let mut text = Vec::new();
            let has_text = map.next_value_seed(Text(&mut text))?;
            fields.push((key, has_text.then_some(text)));
        }
        Ok(fields)
    }
}
