//! Titles and genres arrive as they were written.

mod common;

use common::{gzip, in_order, named, open_in, zip};
use recburn_data::{Dataset, IdOrder, Item, ItemIx};
use recburn_read::{OpenDataset, OpenOptions};

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
    // What is there by chance stops nothing, and no line of a file of items does.
    for (name, content) in [
        ("movies.csv", &b"colour,size\nred,7\n"[..]),
        ("movies.csv", b""),
        ("movies.csv", b"\x00\x01"),
        ("films.csv", b"movieId,title\nm7,Seven\n"),
        ("movies.csv", b"what,title\nm7\n"),
    ] {
        assert_eq!(beside(name, content), Ok("m7".to_string()), "{name}");
    }
}

/// The title of the only item, from a file of items that is named.
fn from_file(name: &str, content: &[u8]) -> Result<String, String> {
    let home = tempfile::tempdir().expect("a temporary folder");
    let path = home.path().join(name);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    std::fs::write(&path, content).expect("a file");
    let items = Some(path);
    let how = OpenOptions {
        items: items.clone(),
        ..OpenOptions::default()
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
            "films.txt: not a known file of items (known: a table whose header has movieId and title, separated by commas, \
             tabs or semicolons; .item of RecBole; u.item and movies.dat of MovieLens); the first line is 'colour,size'",
        ),
        ("films.txt", b"", "films.txt: the file is empty"),
        (
            "films.txt",
            b"movieId,title\n8,Eight\n",
            "films.txt: none of these items has ratings: do they belong to another data set?",
        ),
        (
            "films.zip",
            &zip(&[("a", b""), ("b", b"")]),
            "films.zip: there is no items file",
        ),
    ] {
        let seen = from_file(name, content).expect_err("no titles");
        assert!(seen.starts_with(said), "{seen}");
    }
}

/// The titles of the items 7 to 9, and what was said of this file of them next to the ratings.
fn titles_of(name: &str, content: &[u8]) -> ([String; 3], Vec<String>) {
    let (ratings, rows) = match name {
        "movies.csv" | "movies.csv.gz" => (
            "ratings.csv",
            "userId,movieId,rating\n1,7,3\n1,8,4\n2,9,5\n",
        ),
        "movie.csv" => ("rating.csv", "userId,movieId,rating\n1,7,3\n1,8,4\n2,9,5\n"),
        "u.item" | "u.genre" => ("u.data", "1\t7\t3\n1\t8\t4\n2\t9\t5\n"),
        "movies.dat" => ("ratings.dat", "1::7::3\n1::8::4\n2::9::5\n"),
        _ => (
            "small.inter",
            "user_id:token\titem_id:token\trating:float\n1\t7\t3\n1\t8\t4\n2\t9\t5\n",
        ),
    };
    let files = [(ratings, rows.as_bytes()), (name, content)];
    let folder = common::folder(&files);
    let path = folder.path().join(ratings);
    let dataset = Dataset::open(&path.to_string_lossy()).expect("ratings");
    assert_eq!(dataset.ratings.ratings, [3.0, 4.0, 5.0], "{name}");
    let below = |said: String| said.replace(&format!("{}/", folder.path().display()), "");
    let titles = [0, 1, 2].map(|item| dataset.title(ItemIx(item)));
    (titles, dataset.warnings.into_iter().map(below).collect())
}

#[track_caller]
fn check(name: &str, content: &[u8], titles: [&str; 3], said: &[&str]) {
    let (seen, warnings) = titles_of(name, content);
    assert_eq!(seen, titles, "{name}: {warnings:?}");
    assert_eq!(warnings, said, "{name}");
}

#[test]
fn a_title_with_a_bare_separator_is_still_a_title() {
    let comma = "movies.csv, line 2: a title has ',' in it and no quotes around it; it is read as one title";
    check(
        "movies.csv",
        b"movieId,title,genres\n7,Quiet, Very Quiet (1990),Comedy|Drama\n8,Eight,Drama\n9,\"Nine, Again\",Drama\n",
        ["Quiet, Very Quiet (1990)", "Eight", "Nine, Again"],
        &[comma],
    );
    // The title at the end, and the id behind it.
    check(
        "movies.csv",
        b"movieId,title\n7,A, B, C\n8,Eight\n9,Nine\n",
        ["A, B, C", "Eight", "Nine"],
        &[comma],
    );
    check(
        "movies.csv",
        b"title,movieId\nA, B,7\nEight,8\nNine,9\n",
        ["A, B", "Eight", "Nine"],
        &[comma],
    );
    check(
        "movie.csv",
        b"movieId,title,genres\n8,Eight,Drama\n7,A, B,Drama\n9,C, D,Drama\n",
        ["A, B", "Eight", "C, D"],
        &[
            "movie.csv, line 3: a title has ',' in it and no quotes around it; this and 1 more lines of the file are read \
           with one title each",
        ],
    );
    check(
        "movies.dat",
        b"7::One::Two::Drama\n8::Eight::\n9::Nine::Drama\n",
        ["One::Two", "Eight", "Nine"],
        &[
            "movies.dat, line 1: a title has '::' in it and no quotes around it; it is read as one title",
        ],
    );
    check(
        "u.item",
        &[
            line(7, b"One|Two", &[5]),
            line(8, b"Eight", &[]),
            line(9, b"Nine", &[3]),
        ]
        .concat(),
        ["One|Two", "Eight", "Nine"],
        &["u.item, line 1: a title has '|' in it and no quotes around it; it is read as one title"],
    );
    check(
        "small.item",
        b"item_id:token\ttitle:token_seq\tclass:token_seq\n7\tOne\tTwo\tDrama\n8\tEight\tDrama\n9\tNine\tDrama\n",
        ["One\tTwo", "Eight", "Nine"],
        &["small.item, line 2: a title has '\\t' in it and no quotes around it; it is read as one title"],
    );
    // Commas at the end belong to nobody, and genres stay genres.
    check(
        "movies.csv",
        b"movieId,title,genres\n7,Seven,Drama,,\n8,Eight,,\n9,Nine,\n",
        ["Seven", "Eight", "Nine"],
        &[],
    );
}

#[test]
fn lines_that_are_none_of_an_item_are_passed_over_and_the_others_are_not() {
    check(
        "movies.csv",
        b"movieId,title,genres\n7,Seven,Drama\n8\n9,Nine,Drama\n",
        ["Seven", "8", "Nine"],
        &["movies.csv, line 3: expected 3 fields, found 1; that line is passed over"],
    );
    check(
        "movies.dat",
        b"7::Seven::Drama\nrubbish\n\x008\n9::Nine::Drama\n",
        ["Seven", "8", "Nine"],
        &[
            "movies.dat, line 2: expected 3 fields, found 1; this and 1 more lines of the file are passed over",
        ],
    );
    check(
        "u.item",
        &[
            line(7, b"Seven", &[5]),
            b"8|Eight|too|short\n".to_vec(),
            line(9, b"Nine", &[3]),
        ]
        .concat(),
        ["Seven", "8", "Nine"],
        &["u.item, line 2: expected 24 fields, found 4; that line is passed over"],
    );
    check(
        "small.item",
        b"item_id:token\ttitle:token_seq\n7\tSeven\n8\n9\tNine\n",
        ["Seven", "8", "Nine"],
        &["small.item, line 3: expected 2 fields, found 1; that line is passed over"],
    );
    // More flags than there are genres are not the end of a title.
    check(
        "u.item",
        b"7|Seven|||x|0|0|1\n8|Eight|||x|1|1|1\n9|Nine|||x|1|1|1\n",
        ["7", "8", "9"],
        &[
            "u.item: none of these items has ratings: do they belong to another data set?; no titles are taken from it",
        ],
    );
    // A line in Latin-1 among others, and one without a title.
    check(
        "movies.csv",
        b"movieId,title\n7,Caf\xE9\n8,\n9,\xC3\x87a\n",
        ["Café", "8", "Ça"],
        &[],
    );
    // A tab needs no quotes, and some programs write them.
    check(
        "movies.csv",
        b"movieId\ttitle\n7\t\"Seven, \"\"7\"\"\"\n8\tEight \"8\n9\tNine\n",
        ["Seven, \"7\"", "Eight \"8", "Nine"],
        &[],
    );
}

#[test]
fn a_quote_that_nothing_closes_costs_one_title() {
    check(
        "movies.csv",
        b"movieId,title,genres\n7,\"Seven,Drama\n8,Eight,Drama\n9,\"Nine, Again\",Drama\n",
        ["Seven", "Eight", "Nine, Again"],
        &[],
    );
    check(
        "movies.csv",
        b"movieId,title\r\n7,\"Seven\r\n8,Eight\r\n9,Nine\r\n",
        ["Seven", "Eight", "Nine"],
        &[],
    );
    // A title may well have two lines.
    check(
        "movies.csv",
        b"movieId,title\n7,\"Seven\nand more\"\n8,Eight\n9,Nine\n",
        ["Seven\nand more", "Eight", "Nine"],
        &[],
    );
}

#[test]
fn a_table_of_something_else_is_passed_over() {
    let taken = "; no titles are taken from it";
    for (name, content, said) in [
        (
            "movies.csv",
            &b"colour,size\nred,7\n"[..],
            "movies.csv, line 1, column movieId: no such column; the columns are: colour, size",
        ),
        ("movies.csv", b"", "movies.csv: the file is empty"),
        (
            "movies.csv",
            b"movieId,title\n1,One\n",
            "movies.csv: none of these items has ratings",
        ),
        (
            "movies.csv.gz",
            b"\x1f\x8bnothing",
            "cannot access movies.csv.gz: ",
        ),
        (
            "movie.csv",
            b"movieId|title\n7|Seven\n",
            "movie.csv, line 1, column movieId: no such column",
        ),
        (
            "small.item",
            b"item_id:token\tprice:float\n7\t3\n",
            "small.item, line 1, column title: no such column",
        ),
        (
            "small.item",
            b"item_id,title\n7,Seven\n",
            "small.item, line 1: expected a column's name and type",
        ),
        (
            "u.item",
            b"nothing of the kind\n",
            "u.item: none of these items has ratings",
        ),
        (
            "movies.dat",
            b"nothing of the kind\n",
            "movies.dat: none of these items has ratings",
        ),
    ] {
        let (titles, warnings) = titles_of(name, content);
        assert_eq!(titles, ["7", "8", "9"], "{name}");
        let [only] = warnings.as_slice() else {
            panic!("{name}: {warnings:?}")
        };
        assert!(only.starts_with(said) && only.ends_with(taken), "{only}");
    }
}

#[test]
fn of_a_file_that_was_asked_for_single_lines_stop_nothing_either() {
    assert_eq!(
        from_file("films.csv", b"movieId,title\n8\n7,Seven, Again\n"),
        Ok("Seven, Again".to_string())
    );
    assert_eq!(
        from_file("films.csv", b"movieId,title\n7,Caf\xE9\n"),
        Ok("Café".to_string())
    );
    let seen = from_file("films.csv", b"movieId,title\n7\n").expect_err("no titles");
    assert!(seen.contains("none of these items has ratings"), "{seen}");
}
