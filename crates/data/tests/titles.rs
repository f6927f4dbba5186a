//! Titles and genres arrive as they were written.

mod common;

use common::{gzip, in_order, named, open_in, zip};
use recburn_data::{Dataset, IdOrder, Item, ItemIx, Open};

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

/// A line of `u.item` with these genre flags set.
fn line(id: u32, title: &[u8], genres: &[usize]) -> Vec<u8> {
    let mut line = format!("{id}|").into_bytes();
    line.extend_from_slice(title);
    line.extend_from_slice(b"|01-Jan-1995||http://example.org");
    for genre in 0..19 {
        line.extend_from_slice(if genres.contains(&genre) {
            b"|1"
        } else {
            b"|0"
        });
    }
    line.push(b'\n');
    line
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

/// The title of the only item of a table whose columns are named, with this file beside it.
fn beside(name: &str, content: &[u8]) -> Result<String, String> {
    let files: [(&str, &[u8]); 2] = [("table.txt", b"who what\n1 m7\n"), (name, content)];
    let dataset = open_in(&files, "table.txt", &named("user=who,item=what"))?;
    Ok(dataset.title(ItemIx(0)))
}

#[test]
fn named_columns_find_titles_beside_them() {
    for (name, content) in [
        ("movies.csv", &b"movieId,title,genres\nm7,Seven,Drama\n"[..]),
        ("movies.csv", b"What,Name\nm7,Seven\n"),
        ("movies.csv.gz", &gzip(b"what,title\nm7,Seven\n")),
        ("movie.csv", b"year;title;what\n1995;Seven;m7\n"),
        (
            "u.item",
            b"m7|Seven|||x|0|1|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0\n",
        ),
        ("movies.dat", b"m7::Seven::Drama|Crime\n"),
        (
            "table.txt.item",
            b"item_id:token\tmovie_title:token_seq\nm7\tSeven\n",
        ),
    ] {
        assert_eq!(beside(name, content), Ok("Seven".to_string()), "{name}");
    }
    // What lies there by chance is no fault; what is one of items and broken further down is.
    for (name, content) in [
        ("movies.csv", &b"colour,size\nred,7\n"[..]),
        ("movies.csv", b""),
        ("movies.csv", b"\x00\x01"),
        ("films.csv", b"movieId,title\nm7,Seven\n"),
    ] {
        assert_eq!(beside(name, content), Ok("m7".to_string()), "{name}");
    }
    assert_eq!(
        beside("movies.csv", b"what,title\nm7\n"),
        Err("movies.csv, line 2: 2 fields expected, 1 seen".to_string())
    );
}

/// The title of the only item, from a file of items that is named.
fn from_file(name: &str, content: &[u8]) -> Result<String, String> {
    let home = tempfile::tempdir().expect("a temporary folder");
    let path = home.path().join(name);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    std::fs::write(&path, content).expect("a file");
    let items = Some(path);
    let how = Open {
        items: items.clone(),
        ..Open::default()
    };
    // The file beside the ratings is not looked at then.
    let files: [(&str, &[u8]); 2] = [
        ("ratings.csv", b"userId,movieId,rating\n1,7,3\n"),
        ("movies.csv", b"movieId,title\n7,Not This\n"),
    ];
    let opened = open_in(&files, "ratings.csv", &how);
    let said = |said: String| said.replace(&format!("{}/", home.path().display()), "");
    Ok(opened.map_err(said)?.title(ItemIx(0)))
}

#[test]
fn a_file_of_items_may_be_named() {
    let tabs: &[u8] = b"item_id\ttitle\tgenres\n7\tSeven \"7\tDrama\n";
    assert_eq!(from_file("films.tsv", tabs), Ok("Seven \"7".to_string()));
    for (name, content) in [
        ("films", &b"movieId;title\n7;Seven\n"[..]),
        ("films", b"item_id:token\tname:token_seq\n7\tSeven\n"),
        ("films", b"8::Eight::\n7::Seven::Drama\n"),
        (
            "films",
            b"7|Seven|||x|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|1\n",
        ),
        (
            "films.zip",
            &zip(&[("any name", b"movieId,title\n7,Seven\n")]),
        ),
        (
            "no ending",
            &zip(&[("any name", b"movieId,title\n7,Seven\n")]),
        ),
        ("films.gz", &gzip(b"movieId,title\n7,Seven\n")),
    ] {
        assert_eq!(from_file(name, content), Ok("Seven".to_string()), "{name}");
    }
    for (name, content, said) in [
        (
            "films.txt",
            &b"colour,size\nred,7\n"[..],
            "films.txt: not a known file of items (known: a table whose header has movieId and title, parted by commas, \
             tabs or semicolons; .item of RecBole; u.item and movies.dat of MovieLens); the first line is 'colour,size'",
        ),
        ("films.txt", b"", "films.txt: the file is empty"),
        (
            "films.txt",
            b"movieId,title\n8,Eight\n",
            "films.txt: none of these items is rated: are they those of another data set?",
        ),
        (
            "films.csv",
            b"movieId,title\n7\n",
            "films.csv, line 2: 2 fields expected, 1 seen",
        ),
        (
            "films.zip",
            &zip(&[("a", b""), ("b", b"")]),
            "films.zip: no file of items is there",
        ),
    ] {
        let seen = from_file(name, content).expect_err("no titles");
        assert!(seen.starts_with(said), "{seen}");
    }
}
