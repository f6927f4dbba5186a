//! Suggestions for unknown ids.

use recburn_data::{IdMap, Index, shown};

/// The most suggestions.
const MOST: usize = 3;

/// The normalised form of an id: without surrounding quotes or blanks, in lower case, without leading zeros or a
/// fraction of zeros.
fn plain(id: &str) -> String {
    let id = id.trim_matches(|letter: char| letter.is_whitespace() || matches!(letter, '"' | '\''));
    let id = id.to_lowercase();
    let whole = match id.split_once('.') {
        Some((whole, zeros)) if !whole.is_empty() && zeros.bytes().all(|byte| byte == b'0') => {
            whole
        }
        _ => &id,
    };
    match whole.trim_start_matches('0') {
        "" if !whole.is_empty() => "0".to_string(),
        rest => rest.to_string(),
    }
}

/// Text for an error message: similar ids, or a few examples. Empty if there are no ids.
pub(crate) fn near<Ix: Index>(id: &str, known: &IdMap<Ix>) -> String {
    let wanted = plain(id);
    let quoted = |ids: Vec<String>| {
        let ids: Vec<String> = ids.iter().map(|id| format!("`{}`", shown(id))).collect();
        ids.join(", ")
    };
    let meant = known.iter().filter(|(_, known)| plain(known) == wanted);
    let meant: Vec<String> = meant.take(MOST).map(|(_, id)| id.into_owned()).collect();
    if !meant.is_empty() {
        return format!("; it has {}", quoted(meant));
    }
    // Ids with the same beginning are of the same kind.
    let begins = |known: &str| !wanted.is_empty() && plain(known).starts_with(&wanted);
    let alike = known.iter().filter(|(_, known)| begins(known));
    let mut examples: Vec<String> = alike.take(MOST).map(|(_, id)| id.into_owned()).collect();
    for (_, id) in known.iter().take(MOST) {
        if examples.len() < MOST && !examples.iter().any(|example| *example == id) {
            examples.push(id.into_owned());
        }
    }
    match examples.is_empty() {
        true => String::new(),
        false => format!("; known ones are, for example, {}", quoted(examples)),
    }
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn spellings_of_one_id_are_alike() {
        for id in ["7", "007", "7.0", " 7 ", "\"7\"", "7.000"] {
            assert_eq!(plain(id), "7", "{id}");
        }
        assert_eq!(plain("Ann"), plain("ann "));
        assert_eq!(
            (plain("0"), plain("000"), plain("0.0")),
            ("0".into(), "0".into(), "0".into())
        );
        assert_ne!(plain("7.5"), plain("7"));
        assert_eq!(plain(""), "");
        assert_eq!(plain(".0"), ".0");
    }
}
