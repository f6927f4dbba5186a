//! Numbers as text, for browsers: base64 (RFC 4648) of their little-endian bytes.

const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The bytes of `f32` numbers.
pub(crate) fn of_floats(numbers: &[f32]) -> String {
    base64(numbers.iter().flat_map(|number| number.to_le_bytes()))
}

/// The bytes of `f64` numbers.
pub(crate) fn of_doubles(numbers: &[f64]) -> String {
    base64(numbers.iter().flat_map(|number| number.to_le_bytes()))
}

fn base64(bytes: impl Iterator<Item = u8>) -> String {
    let mut text = String::new();
    let mut bytes = bytes.peekable();
    while bytes.peek().is_some() {
        let three: [Option<u8>; 3] = std::array::from_fn(|_| bytes.next());
        let group = three.iter().fold(0_u32, |group, byte| {
            group << 8 | u32::from(byte.unwrap_or(0))
        });
        let taken = three.iter().flatten().count();
        for at in 0..4 {
            let letter = LETTERS[(group >> (18 - 6 * at) & 63) as usize];
            text.push(match at <= taken {
                true => char::from(letter),
                false => '=',
            });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{base64, of_doubles, of_floats};

    #[test]
    fn the_test_vectors_of_the_standard() {
        let encoded = [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ];
        for (plain, text) in encoded {
            assert_eq!(base64(plain.bytes()), text);
        }
        assert_eq!(base64([0xfb, 0xff, 0xfe].into_iter()), "+//+");
    }

    #[test]
    fn numbers_are_little_endian() {
        assert_eq!(of_floats(&[1.0]), "AACAPw==");
        assert_eq!(of_doubles(&[1.0]), "AAAAAAAA8D8=");
    }
}
