//! Fields in quotes.

use csv::ByteRecord;

use crate::column::Delimiter;

/// The fields of a line, without enclosing quotes.
///
/// A field is quoted if it begins and ends with a quote; a doubled quote inside is one quote. A quote without a partner
/// in the line is an ordinary character, so it cannot swallow the following lines.
pub(in crate::formats) fn quoted(line: &[u8], delimiter: Delimiter, into: &mut ByteRecord) {
    into.clear();
    let sign = sign(delimiter);
    let blanks = delimiter == Delimiter::Space;
    let mut at = 0;
    loop {
        // Blanks before a quote do not belong to the field.
        let ahead = line[at..].iter().take_while(|byte| **byte == b' ').count();
        if blanks {
            let rest = line[at..].iter();
            at += rest.take_while(|byte| byte.is_ascii_whitespace()).count();
            if at == line.len() {
                return;
            }
        }
        let begin = if blanks { at } else { at + ahead };
        let found = (line.get(begin) == Some(&b'"'))
            .then(|| closing(line, begin + 1, sign, blanks))
            .flatten();
        let end = match found {
            Some((close, end)) => {
                into.push_field(&unescaped(&line[begin + 1..close]));
                end
            }
            None => {
                let end = next_sign(line, at, sign, blanks);
                into.push_field(&line[at..end]);
                end
            }
        };
        if end >= line.len() {
            return;
        }
        at = end + if blanks { 1 } else { sign.len() };
    }
}

/// Whether a field found by the csv reader begins with a significant quote.
pub(in crate::formats) fn begins_with_quote(field: &[u8], delimiter: Delimiter) -> bool {
    match field.first() {
        Some(b'"') => !delimiter.spans_lines(),
        Some(b' ') => field.trim_ascii_start().starts_with(b"\""),
        _ => false,
    }
}

/// The line of a record of the csv reader, or an equivalent one.
pub(in crate::formats) fn line_of(record: &ByteRecord, delimiter: Delimiter) -> Vec<u8> {
    let sign = sign(delimiter);
    let mut line = Vec::with_capacity(record.as_slice().len() + record.len());
    for (place, field) in record.iter().enumerate() {
        if place > 0 {
            line.extend_from_slice(sign);
        }
        let was_quoted = delimiter.spans_lines()
            && (field.starts_with(b"\"") || field.windows(sign.len()).any(|seen| seen == sign));
        match was_quoted {
            true => {
                line.push(b'"');
                for &byte in field {
                    line.push(byte);
                    if byte == b'"' {
                        line.push(byte);
                    }
                }
                line.push(b'"');
            }
            false => line.extend_from_slice(field),
        }
    }
    line
}

/// The delimiter as bytes.
fn sign(delimiter: Delimiter) -> &'static [u8] {
    match delimiter {
        Delimiter::Tab => b"\t",
        Delimiter::Comma => b",",
        Delimiter::Semicolon => b";",
        Delimiter::Pipe => b"|",
        Delimiter::Colons => b"::",
        Delimiter::Space => b" ",
    }
}

/// The position of the closing quote of a field, and the end of the field.
fn closing(line: &[u8], from: usize, sign: &[u8], blanks: bool) -> Option<(usize, usize)> {
    let mut at = from;
    while at < line.len() {
        if line[at] != b'"' {
            at += 1;
            continue;
        }
        if line.get(at + 1) == Some(&b'"') {
            at += 2;
            continue;
        }
        let behind = &line[at + 1..];
        let spaces = match blanks {
            true => 0,
            false => behind.iter().take_while(|byte| **byte == b' ').count(),
        };
        let rest = &behind[spaces..];
        let ends = rest.is_empty()
            || match blanks {
                true => rest[0].is_ascii_whitespace(),
                false => rest.starts_with(sign),
            };
        if ends {
            return Some((at, at + 1 + spaces));
        }
        at += 1;
    }
    None
}

fn next_sign(line: &[u8], from: usize, sign: &[u8], blanks: bool) -> usize {
    let rest = &line[from..];
    let found = match blanks {
        true => rest.iter().position(u8::is_ascii_whitespace),
        false => rest.windows(sign.len()).position(|seen| seen == sign),
    };
    found.map_or(line.len(), |found| from + found)
}

/// Replaces doubled quotes by single ones.
fn unescaped(field: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(field.len());
    let mut bytes = field.iter().peekable();
    while let Some(&byte) = bytes.next() {
        plain.push(byte);
        if byte == b'"' {
            bytes.next_if(|next| **next == b'"');
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::super::Parts;
    use super::*;
    use proptest::prelude::*;

    fn fields(line: &str, delimiter: Delimiter) -> Vec<String> {
        let mut record = ByteRecord::new();
        quoted(line.as_bytes(), delimiter, &mut record);
        let text = |field: &[u8]| String::from_utf8_lossy(field).into_owned();
        record.iter().map(text).collect()
    }

    #[test]
    fn quotes_hold_a_field_together_and_go() {
        for (line, delimiter, expected) in [
            (
                "\"u 1\"\t\"i 2\"\t4.5",
                Delimiter::Tab,
                vec!["u 1", "i 2", "4.5"],
            ),
            ("\"a\tb\"\tc", Delimiter::Tab, vec!["a\tb", "c"]),
            ("\"a \"\"b\"\"\"\tc", Delimiter::Tab, vec!["a \"b\"", "c"]),
            (
                "\"a\"::\"b::c\"::3",
                Delimiter::Colons,
                vec!["a", "b::c", "3"],
            ),
            (
                "  \"a b\"   c \t 3 ",
                Delimiter::Space,
                vec!["a b", "c", "3"],
            ),
            ("1, \"a, b\" ,3", Delimiter::Comma, vec!["1", "a, b", "3"]),
            ("\"\"\t\"\"", Delimiter::Tab, vec!["", ""]),
            // Nobody answers these.
            ("1\t\"x\t3", Delimiter::Tab, vec!["1", "\"x", "3"]),
            ("2\ty\"\t4", Delimiter::Tab, vec!["2", "y\"", "4"]),
            (
                "1\t\"The\" End\t3",
                Delimiter::Tab,
                vec!["1", "\"The\" End", "3"],
            ),
            ("1\t\t3\t", Delimiter::Tab, vec!["1", "", "3", ""]),
            ("", Delimiter::Tab, vec![""]),
            ("  ", Delimiter::Space, vec![]),
        ] {
            assert_eq!(fields(line, delimiter), expected, "{line}");
        }
    }

    proptest! {
        #[test]
        fn without_quotes_both_ways_are_one(line in "[a:\t ]{0,20}") {
            for delimiter in [Delimiter::Colons, Delimiter::Space] {
                let mut parts = Parts::default();
                parts.find(line.as_bytes(), delimiter);
                let plain: Vec<String> = (0..parts.len())
                    .map(|place| String::from_utf8_lossy(parts.field(line.as_bytes(), place)).into_owned())
                    .collect();
                prop_assert_eq!(plain, fields(&line, delimiter));
            }
        }

        #[test]
        fn what_was_quoted_comes_back(names in prop::collection::vec("[ab\" \t:]{1,6}", 1..6)) {
            for delimiter in [Delimiter::Tab, Delimiter::Colons, Delimiter::Space, Delimiter::Comma] {
                let written: Vec<String> =
                    names.iter().map(|name| format!("\"{}\"", name.replace('"', "\"\""))).collect();
                let line = written.join(std::str::from_utf8(sign(delimiter)).expect("text"));
                prop_assert_eq!(fields(&line, delimiter), names.clone());
            }
        }
    }
}
