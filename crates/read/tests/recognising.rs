//! Tables that open by themselves, since their header or their shape tells what is where, and those that do not.

mod common;

use common::{gzip, named, open_in, zip};
use recburn_data::{Dataset, ItemIx, UserIx};
use recburn_read::OpenOptions;

fn opened(name: &str, content: &[u8]) -> Result<Dataset, String> {
    open_in(&[(name, content)], name, &OpenOptions::default())
}

#[track_caller]
fn refused(name: &str, content: &str) -> String {
    opened(name, content.as_bytes()).expect_err(content)
}

/// Two rows below a header, with this sign between fields.
fn table(header: &[&str], sign: &str) -> String {
    let row = |fields: [&str; 4]| fields[..header.len()].join(sign) + "\n";
    header.join(sign)
        + "\n"
        + &row(["anna", "x1", "4.5", "1100000000"])
        + &row(["bert", "x2", "3", "1100000001"])
}

#[test]
fn common_names_open_a_table_whatever_separates_its_fields() {
    let headers: [&[&str]; 10] = [
        &["user_id", "book_id", "rating"],
        &["User-ID", "ISBN", "Book-Rating"],
        &["reviewerID", "asin", "overall", "unixReviewTime"],
        &["UserId", "ProductId", "Rating", "Timestamp"],
        &["user_id", "anime_id", "score"],
        &["userID", "artistID", "weight"],
        &["uid", "business_id", "stars", "date"],
        &["customer", "product", "rating"],
        &["PROFILE", "Game", "play-count"],
        &["user", "song", "listens", "time"],
    ];
    for (sign, plural) in [
        (",", "commas"),
        (";", "semicolons"),
        ("\t", "tabs"),
        ("|", "pipes"),
        ("::", "'::'"),
        (" ", "spaces"),
        ("   ", "spaces"),
    ] {
        for header in headers {
            let content = table(header, sign);
            for (name, bytes) in [
                ("ratings.csv", content.as_bytes().to_vec()),
                ("mine.txt", gzip(content.as_bytes())),
                ("u.data", content.as_bytes().to_vec()),
            ] {
                let dataset = opened(name, &bytes).unwrap_or_else(|said| panic!("{content}{said}"));
                assert_eq!(dataset.ratings.ratings, [4.5, 3.0], "{content}");
                assert_eq!(dataset.users.id(UserIx(1)).as_deref(), Some("bert"));
                assert_eq!(dataset.items.id(ItemIx(0)).as_deref(), Some("x1"));
                let times = (header.len() == 4).then(|| vec![1_100_000_000, 1_100_000_001]);
                assert_eq!(dataset.ratings.timestamps, times, "{content}");
                let read_as = dataset.read_as.expect("no known format");
                assert!(
                    read_as.starts_with(&format!("user={}, item={}", header[0], header[1])),
                    "{read_as}"
                );
                assert!(
                    read_as.ends_with(&format!("separated by {plural}")),
                    "{read_as}"
                );
            }
        }
    }
}

#[test]
fn what_was_understood_is_said() {
    let said = |content: &str| opened("t.txt", content.as_bytes()).expect(content).read_as;
    assert_eq!(
        said("rating,book_id,user_id\n3,b,u\n").as_deref(),
        Some("user=user_id, item=book_id, rating=rating, separated by commas")
    );
    assert_eq!(
        said("user\tartist\tplays\nu\ta\t312\n").as_deref(),
        Some("user=user, item=artist, rating=plays (a count), separated by tabs")
    );
    assert_eq!(
        said("user_id,track,rating,plays,date\nu,t,4,312,last week\n").as_deref(),
        Some(
            "user=user_id, item=track, rating=rating (date is not read: no time that is known), separated by commas"
        )
    );
    assert_eq!(
        said("7 9 4.5\n8 9 3\n").as_deref(),
        Some("user=1, item=2, rating=3 by place, separated by spaces, without a header")
    );
    // Known formats and whoever names the columns know themselves.
    assert_eq!(said("userId,movieId,rating\n1,2,3\n"), None);
    assert_eq!(said("1\t2\t3\t4\n"), None);
    assert_eq!(said("1::2::3::4\n"), None);
    let dataset = opened("t.txt", b"user_id,book_id,rating\n1,2,3\n").expect("common names");
    assert!(
        dataset
            .describe()
            .to_string()
            .contains("\nread as           user=user_id, item=book_id, rating=rating,")
    );
    let how = named("user=user_id,item=book_id,rating=rating");
    let files: [(&str, &[u8]); 1] = [("t.txt", b"user_id,book_id,rating\n1,2,3\n")];
    assert_eq!(open_in(&files, "t.txt", &how).expect("named").read_as, None);
}

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

#[test]
fn names_of_rows_as_r_writes_them_are_no_column() {
    let content =
        b"\"user\" \"item\" \"rating\"\n\"1\" \"u 1\" \"i 7\" 4.5\n\"2\" \"u 2\" \"i 7\" 3\n";
    let dataset = opened("r.txt", content).expect("write.table");
    assert_eq!(dataset.users.id(UserIx(1)).as_deref(), Some("u 2"));
    let files: [(&str, &[u8]); 1] = [("r.txt", content)];
    let dataset =
        open_in(&files, "r.txt", &named("user=item,item=user,rating=rating")).expect("by name");
    assert_eq!(dataset.users.id(UserIx(0)).as_deref(), Some("i 7"));
    // A delimiter at the end of every line but the header's is no name.
    let dataset = opened("r.txt", b"user,item,rating\nu,i,3,\nv,i,4,\n").expect("a comma too many");
    assert_eq!(dataset.users.id(UserIx(0)).as_deref(), Some("u"));
    // pandas gives the index an empty name.
    let dataset = opened("r.csv", b",userId,movieId,rating\n0,7,8,3\n1,9,8,4\n").expect("an index");
    assert_eq!(dataset.users.id(UserIx(1)).as_deref(), Some("9"));
}

#[test]
fn titles_go_by_the_name_that_the_item_has() {
    let files: [(&str, &[u8]); 2] = [
        ("ratings.csv", b"user_id,book_id,rating\n1,b7,3\n"),
        ("movies.csv", b"book_id,title\nb7,Seven\n"),
    ];
    let dataset = open_in(&files, "", &OpenOptions::default()).expect("good files");
    assert_eq!(dataset.title(ItemIx(0)), "Seven");
}

#[test]
fn pairs_need_no_ratings() {
    let pairs = OpenOptions {
        pairs: true,
        ..OpenOptions::default()
    };
    let files: [(&str, &[u8]); 2] = [
        ("pairs.csv", b"userId,movieId\n1,25\n2,25\n"),
        ("ratings.csv", b"userId,movieId,rating\n1,25,4\n"),
    ];
    let dataset = open_in(&files, "pairs.csv", &pairs).expect("pairs");
    assert!(dataset.unrated);
    assert_eq!(dataset.ratings.ratings, [1.0, 1.0]);
    let dataset = open_in(&files, "ratings.csv", &pairs).expect("ratings");
    assert!(!dataset.unrated);
    assert_eq!(dataset.ratings.ratings, [4.0]);
    let dataset = open_in(&files, "pairs.csv", &named("user=1,item=2,header=yes")).expect("named");
    assert!(dataset.unrated);
}

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
