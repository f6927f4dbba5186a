//! Matrices of Matrix Market.

use super::{opened, refused};
use crate::common::{named, open_in};
use recburn_data::{ItemIx, UserIx};

#[test]
fn a_matrix_of_matrix_market_opens() {
    let content =
        b"%%MatrixMarket matrix coordinate real general\n% made up\n3 4 3\n1 4 2.5\n3 4 1\n3 1 5\n";
    let dataset = opened("m.mtx", content).expect("a matrix");
    assert_eq!(dataset.ratings.ratings, [2.5, 1.0, 5.0]);
    assert_eq!(dataset.items.id(ItemIx(1)).as_deref(), Some("1"));
    let files: [(&str, &[u8]); 1] = [("m.mtx", content)];
    let dataset =
        open_in(&files, "m.mtx", &named("user=2,item=1,rating=3")).expect("the other way round");
    assert_eq!(dataset.users.id(UserIx(0)).as_deref(), Some("4"));
    let dataset = opened(
        "m.mtx",
        b"%%MatrixMarket matrix coordinate pattern general\n3 4 1\n1 4\n",
    )
    .expect("pairs");
    assert!(dataset.unrated);
    for (content, said) in [
        (
            "%%MatrixMarket matrix array real general\n2 2\n1\n",
            "line 1: expected a sparse matrix of users by items",
        ),
        (
            "%%MatrixMarket matrix coordinate real symmetric\n2 2 1\n1 1 1\n",
            "found 'matrix coordinate real symmetric'",
        ),
        (
            "%%MatrixMarket matrix coordinate real general\n%\nx\n",
            "line 3: expected the numbers of rows, columns and entries",
        ),
        (
            "%%MatrixMarket matrix coordinate real general\n3 4 2\n1 4 2.5\n",
            "2 entries are announced and 1 are there",
        ),
    ] {
        let seen = refused("m.mtx", content);
        assert!(seen.contains(said), "{seen}");
    }
}
