//! Titles as people type them.

/// A title without case, accents and punctuation, and with its article in front: "Matrix, The (1999)" becomes
/// "the matrix 1999".
pub(crate) fn folded(title: &str) -> String {
    let title = article_in_front(title);
    let mut text = String::with_capacity(title.len());
    let mut gap = false;
    for letter in title.chars() {
        for letter in letter.to_lowercase() {
            if matches!(letter, '\'' | '’' | '.') {
                continue; // "don't", "l.a."
            }
            if !letter.is_alphanumeric() {
                gap = true;
                continue;
            }
            if gap && !text.is_empty() {
                text.push(' ');
            }
            gap = false;
            match plain(letter) {
                "" => text.push(letter),
                plain => text.push_str(plain),
            }
        }
    }
    text
}

const ARTICLES: [&str; 22] = [
    "the", "a", "an", "le", "la", "les", "l'", "un", "une", "el", "los", "las", "il", "lo", "gli",
    "i", "der", "die", "das", "den", "het", "de",
];

/// "Matrix, The (1999)" as "The Matrix (1999)".
fn article_in_front(title: &str) -> String {
    let (name, rest) = match title.rfind(" (") {
        Some(at) => title.split_at(at),
        None => (title, ""),
    };
    let Some((front, article)) = name.rsplit_once(", ") else {
        return title.to_string();
    };
    match ARTICLES.contains(&article.to_lowercase().as_str()) {
        true => format!("{article} {front}{rest}"),
        false => title.to_string(),
    }
}

/// A letter without its accent; empty for a letter that has none.
fn plain(letter: char) -> &'static str {
    match letter {
        'à'..='å' | 'ā' | 'ă' | 'ą' => "a",
        'æ' => "ae",
        'ç' | 'ć' | 'č' => "c",
        'ď' | 'đ' | 'ð' => "d",
        'è'..='ë' | 'ē' | 'ę' | 'ě' => "e",
        'ğ' => "g",
        'ì'..='ï' | 'ī' | 'ı' => "i",
        'ł' => "l",
        'ñ' | 'ń' | 'ň' => "n",
        'ò'..='ö' | 'ø' | 'ō' | 'ő' => "o",
        'œ' => "oe",
        'ř' => "r",
        'ß' => "ss",
        'ś' | 'š' | 'ş' => "s",
        'ť' | 'ţ' => "t",
        'ù'..='ü' | 'ū' | 'ů' | 'ű' => "u",
        'ý' | 'ÿ' => "y",
        'ź' | 'ż' | 'ž' => "z",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::folded;

    #[test]
    fn titles_are_found_however_they_are_typed() {
        for (title, wanted) in [
            ("Matrix, The (1999)", "the matrix 1999"),
            ("The Matrix", "the matrix"),
            (
                "Amélie (Fabuleux destin d'Amélie Poulain, Le) (2001)",
                "amelie fabuleux destin damelie poulain le 2001",
            ),
            ("Avventura, L' (1960)", "l avventura 1960"),
            ("L.A. Confidential (1997)", "la confidential 1997"),
            (
                "Good, the Bad and the Ugly, The (1966)",
                "the good the bad and the ugly 1966",
            ),
            ("  --  ", ""),
            ("ÅŁßœ", "alssoe"),
            ("七人の侍", "七人の侍"),
        ] {
            assert_eq!(folded(title), wanted, "{title}");
        }
        assert!(folded("Matrix, The (1999)").contains(&folded("the matrix")));
    }
}
