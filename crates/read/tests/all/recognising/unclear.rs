//! Tables that do not open, with the flag that would open them.

use super::refused;
use crate::common::{named, open_in};

#[test]
fn what_could_be_two_things_is_refused_with_the_flag_that_chooses() {
    for (content, said) in [
        (
            "user_id,book_id,isbn,rating\n1,2,3,4\n",
            "line 1: more than one column could be the item: book_id, isbn; say which: --columns \
             user=user_id,item=book_id,rating=rating",
        ),
        (
            "user_id;customer;item;rating\n1;2;3;4\n",
            "line 1: more than one column could be the user: user_id, customer; say which: --columns \
             user=user_id,item=item,rating=rating",
        ),
        (
            "user\titem\tstars\tscore\n1\t2\t3\t4\n",
            "line 1: more than one column could be the rating: stars, score; say which: --columns \
             user=user,item=item,rating=stars",
        ),
        (
            "userId,movieId,liked\n1,2,1\n",
            "line 1: no column is recognised as the rating; the columns are: userId, movieId, liked; say which: --columns \
             user=userId,item=movieId,rating=liked; without a rating= every row is a rating of 1",
        ),
    ] {
        assert_eq!(
            refused("ratings.csv", content),
            format!("ratings.csv, {said}")
        );
    }
}

#[test]
fn what_is_not_known_is_refused_with_the_flag_filled_in() {
    for (content, flag) in [
        (
            "who,what,stars\nanna,tea,4.5\n",
            "user=who,item=what,rating=stars",
        ),
        (
            "wer;was;wie viel\nanna;tee;4,5\n",
            "'user=wer,item=was,rating=wie viel'",
        ),
        (
            "151600000,\"Castle, The\",play,294.6,0\n151600000,\"Castle, The\",purchase,1.0,0\n",
            "user=1,item=2,rating=4",
        ),
        ("anna,tea,4,7\nbert,tea,3,7\n", "user=1,item=2,rating=3"),
        ("4.5,anna,tea\n3,bert,tea\n", "user=2,item=3,rating=1"),
        (
            "anna,tea,1100000000\nbert,tea,1100000001\n",
            "user=1,item=2,timestamp=3",
        ),
        // Amazon's ratings of 2018 have the product first: nobody else's.
        (
            "0001713353,A1C6M8LCIX4M6M,5.0,1123804800\nB00004SB92,A2LVBWKIWJ1XWS,4.0,1123804801\n",
            "user=2,item=1,rating=3,timestamp=4",
        ),
    ] {
        let said = refused("table.csv", content);
        assert!(said.starts_with("table.csv"), "{said}");
        assert!(
            said.ends_with(&format!("--columns {flag}")),
            "{content}{said}"
        );
        let flag = flag.trim_matches('\'');
        let files: [(&str, &[u8]); 1] = [("table.csv", content.as_bytes())];
        open_in(&files, "table.csv", &named(flag)).unwrap_or_else(|said| panic!("{content}{said}"));
    }
    let said = refused("matrix.csv", &("1,".repeat(99) + "2\n"));
    assert!(
        said.contains("with 100 numbers on a line this seems to be a matrix of users by items"),
        "{said}"
    );
    let said = refused(
        "combined_data_1.txt",
        "1:\n1488844,3,2005-09-06\n822109,5,2005-05-13\n",
    );
    assert!(said.contains("the form of the Netflix Prize"), "{said}");
}

#[test]
fn one_column_twice_is_refused() {
    let content = b"userId,movieId,rating,timestamp\n1,2,3,4\n";
    let files: [(&str, &[u8]); 1] = [("ratings.csv", content)];
    for (columns, said) in [
        ("user=userId,item=userId,rating=rating", "user and item"),
        ("user=userId,item=USERID,rating=rating", "user and item"),
        ("user=userId,item=1,rating=rating", "user and item"),
        ("user=userId,item=movieId,rating=movieId", "item and rating"),
        ("user=userId,item=movieId,rating=2", "item and rating"),
        ("user=1,item=2,rating=1", "user and rating"),
        (
            "user=userId,item=movieId,rating=rating,timestamp=rating",
            "rating and timestamp",
        ),
        (
            "user=userId,item=movieId,timestamp=userId",
            "user and timestamp",
        ),
    ] {
        let error = open_in(&files, "ratings.csv", &named(columns)).expect_err(columns);
        assert_eq!(
            error,
            format!(
                "ratings.csv, line 1: {said} are the same column; this file may open with --columns \
                 user=userId,item=movieId,rating=rating,timestamp=timestamp"
            )
        );
    }
    let two: [(&str, &[u8]); 1] = [("t.csv", b"id,id,rating\n1,2,3\n")];
    let error = open_in(&two, "t.csv", &named("user=id,item=2,rating=rating"))
        .expect_err("two of that name");
    assert!(
        error.contains(
            "more than one column could be the user: id, id, rating; say which by its number"
        ),
        "{error}"
    );
}
