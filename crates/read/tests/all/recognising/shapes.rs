//! Tables without a header.

use super::opened;
use crate::common::zip;

#[test]
fn a_shape_opens_a_table_without_a_header() {
    for (name, content, times) in [
        ("filmtrust.txt", "1 15 3\n1 23 2.5\n2 15 4\n", false),
        ("real.tr", "0 14 3\n0 22 2.5\n1 14 1\n", false),
        (
            "r.csv",
            "ATNZEKJCBHGKWJ,0850351060,1.0,1100000000\nATNZEKJCBHGKWJ,B000000001,2.5,1100000001\nA2,0850351060,5,1100000002\n",
            true,
        ),
        (
            "r.txt",
            "anna;7;4,5;2005-04-02\nanna;8;3\u{2c}0;2005-04-03\nbert;7;1;2005-04-04\n",
            true,
        ),
        ("r.txt", "1|15|3\n1|23|2.5\n2|15|4\n", false),
        (
            "r.txt",
            "  1   15     3\n  1   23   2.5\n 22   15     4\n",
            false,
        ),
        ("r.tsv", "1\t15\t3\n1\t23\t2.5\n2\t15\t4\n", false),
        (
            "out.net",
            "% bip weighted\n% 3 2 2\n1 15 3\n1 23 2.5\n2 15 4\n",
            false,
        ),
        (
            "graph.txt",
            "# users and items\n# from to weight\n1\t15\t3\n1\t23\t2.5\n2\t15\t4\n",
            false,
        ),
    ] {
        let dataset =
            opened(name, content.as_bytes()).unwrap_or_else(|said| panic!("{content}{said}"));
        assert_eq!(
            (
                dataset.ratings.len(),
                dataset.users.len(),
                dataset.items.len()
            ),
            (3, 2, 2),
            "{content}"
        );
        assert_eq!(dataset.ratings.timestamps.is_some(), times, "{content}");
        let archive = zip(&[("folder/part.one", content.as_bytes())]);
        assert_eq!(
            opened("a.zip", &archive).expect("packed").ratings,
            dataset.ratings
        );
    }
}
