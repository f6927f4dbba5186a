//! Tables whose headers have common names.

use super::opened;
use crate::common::{gzip, named, open_in};
use recburn_data::{ItemIx, UserIx};
use recburn_read::OpenOptions;

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
