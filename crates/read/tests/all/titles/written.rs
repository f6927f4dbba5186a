//! Titles and genres of well-formed files.

use super::line;
use crate::common::{in_order, open_in};
use recburn_data::{Dataset, IdOrder, Item, ItemIx};

fn item(title: &str, genres: &[&str]) -> Option<Item> {
    Some(Item {
        title: title.to_string(),
        genres: genres.iter().map(|genre| genre.to_string()).collect(),
    })
}

fn opened(files: &[(&str, &[u8])], order: IdOrder) -> Dataset {
    open_in(files, "", &in_order(order)).expect("good files")
}

#[test]
fn commas_and_quotes_stay_in_titles() {
    let ratings = b"userId,movieId,rating\n1,11,3\n1,7,4\n2,9,5\n2,100,1\n";
    let movies = "movieId,title,genres\r\n\
        7,\"Quiet, Very Quiet (1990)\",Comedy|Drama\r\n\
        9,\"The \"\"Loud\"\" One, Part 2 (1991)\",(no genres listed)\r\n\
        8,Nobody Rated This (1992),Drama\r\n\
        11,Çà et là (1993),Romance\r\n";
    let files: [(&str, &[u8]); 2] = [("ratings.csv", ratings), ("movies.csv", movies.as_bytes())];
    let dataset = opened(&files, IdOrder::FirstSight);
    assert_eq!(
        dataset.catalogue,
        [
            item("Çà et là (1993)", &["Romance"]),
            item("Quiet, Very Quiet (1990)", &["Comedy", "Drama"]),
            item("The \"Loud\" One, Part 2 (1991)", &[]),
            None,
        ]
    );
    assert_eq!(dataset.title(ItemIx(2)), "The \"Loud\" One, Part 2 (1991)");
    // Without a title there is the id, and beyond the table not even that.
    assert_eq!(dataset.title(ItemIx(3)), "100");
    assert_eq!(dataset.title(ItemIx(9)), "item 9");
}

#[test]
fn columns_of_an_item_file_are_found_by_name() {
    let ratings: &[u8] = b"rating,itemId,who,userId\n3,a,x,1\n";
    let movies: &[u8] = b"Genres,Title,extra,itemId\nDrama,A Title,1,a\n";
    let dataset = opened(
        &[("ratings.csv", ratings), ("movies.csv", movies)],
        IdOrder::FirstSight,
    );
    assert_eq!(dataset.catalogue, [item("A Title", &["Drama"])]);
}

#[test]
fn latin_1_titles_become_utf_8() {
    let items = [
        line(1, b"Caf\xE9 \"One\" (1995)", &[5, 8]),
        line(2, b"unknown", &[0]),
    ]
    .concat();
    let ratings = b"1\t2\t3\t4\n1\t1\t3\t4\n";
    let dataset = opened(&[("u.data", ratings), ("u.item", &items)], IdOrder::Raw);
    assert_eq!(
        dataset.catalogue,
        [
            None,
            item("Café \"One\" (1995)", &["Comedy", "Drama"]),
            item("unknown", &[])
        ]
    );
}

#[test]
fn the_genre_file_names_the_flags() {
    let items = b"1|One|||x|0|1\n2|Two|||x|1|1\n";
    let files: [(&str, &[u8]); 3] = [
        ("u.data", b"1\t1\t3\n1\t2\t4\n"),
        ("u.item", items),
        ("u.genre", b"Tragic|0\nMerry|1\n\n"),
    ];
    let dataset = opened(&files, IdOrder::FirstSight);
    assert_eq!(
        dataset.catalogue,
        [item("One", &["Merry"]), item("Two", &["Tragic", "Merry"])]
    );
}
