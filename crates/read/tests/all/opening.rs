//! A name or a path leads to indexed columns.

use std::fs;

use crate::common::{folder, named, open_file, zip};
use recburn_data::{Dataset, IdOrder, ItemIx, UserIx};
use recburn_read::{NAMES, NamedSet, OpenDataset, OpenOptions};

fn in_folder(data_dir: &std::path::Path) -> OpenOptions {
    OpenOptions {
        data_dir: Some(data_dir.to_path_buf()),
        ..OpenOptions::default()
    }
}

#[test]
fn columns_are_found_by_the_headers_names() {
    let content =
        b"extra,rating, movieId ,timestamp,USERID\nx,3.5,m7,12,u1\ny,4,m8,-13,u1\nz,0.5,m7,14,u0\n";
    let dataset = open_file("ratings.csv", content, IdOrder::FirstSight).expect("a good file");
    assert_eq!(dataset.ratings.users, [UserIx(0), UserIx(0), UserIx(1)]);
    assert_eq!(dataset.ratings.items, [ItemIx(0), ItemIx(1), ItemIx(0)]);
    assert_eq!(dataset.ratings.ratings, [3.5, 4.0, 0.5]);
    assert_eq!(dataset.ratings.timestamps, Some(vec![12, -13, 14]));
    assert_eq!(dataset.users.index("u0"), Some(UserIx(1)));
    assert_eq!(dataset.items.id(ItemIx(1)).as_deref(), Some("m8"));
    let scale = dataset.scale;
    assert_eq!((scale.min, scale.max, scale.step), (0.5, 4.0, 0.5));
    assert_eq!(
        [scale.clip(0.0), scale.clip(1.25), scale.clip(9.0)],
        [0.5, 1.25, 4.0]
    );
    assert!(scale.clip(f32::NAN).is_nan());
}

#[test]
fn a_file_without_timestamps_is_a_file() {
    let csv = b"userId,movieId,rating\n1,2,3\n";
    let dataset = open_file("ratings.csv", csv, IdOrder::FirstSight).expect("a good file");
    assert_eq!(dataset.ratings.timestamps, None);
    let dataset = open_file("u.data", b"1\t2\t3\n", IdOrder::FirstSight).expect("a good file");
    assert_eq!(dataset.ratings.timestamps, None);
}

#[test]
fn files_of_other_names_are_known_by_their_first_line() {
    let csv = b"userId,movieId,rating\r\n1,2,3\r\n";
    let dataset = open_file("mine.txt", csv, IdOrder::FirstSight).expect("a good file");
    assert_eq!(
        (dataset.ratings.len(), dataset.name.as_str()),
        (1, "mine.txt")
    );
    let dataset = open_file("mine.tsv", b"1\t2\t3\t4\n", IdOrder::FirstSight).expect("a good file");
    assert_eq!(dataset.ratings.len(), 1);
}

#[test]
fn a_byte_order_mark_and_a_missing_last_line_end_do_no_harm() {
    let csv = b"\xEF\xBB\xBFuserId,movieId,rating\n1,2,3\n2,2,4";
    let dataset = open_file("ratings.csv", csv, IdOrder::FirstSight).expect("a good file");
    assert_eq!(dataset.ratings.ratings, [3.0, 4.0]);
}

#[test]
fn raw_order_takes_the_id_for_the_index() {
    let content = b"7\t3\t5\n2\t3\t4\n07\t10\t3\n";
    let dataset = open_file("u.data", content, IdOrder::Raw).expect("a good file");
    assert_eq!(dataset.ratings.users, [UserIx(7), UserIx(2), UserIx(7)]);
    assert_eq!(dataset.ratings.items, [ItemIx(3), ItemIx(3), ItemIx(10)]);
    assert_eq!((dataset.users.rows(), dataset.users.len()), (8, 2));
    assert_eq!((dataset.items.rows(), dataset.items.len()), (11, 2));
}

#[test]
fn sorted_order_is_that_of_the_ids() {
    let content = b"10\tb\t5\n9\ta\t4\n10\tc\t3\n";
    let dataset = open_file("u.data", content, IdOrder::Sorted).expect("a good file");
    assert_eq!(dataset.ratings.users, [UserIx(1), UserIx(0), UserIx(1)]);
    assert_eq!(dataset.ratings.items, [ItemIx(1), ItemIx(0), ItemIx(2)]);
}

#[test]
fn repeated_pairs_are_counted_and_kept() {
    let content = b"1\t2\t5\n1\t3\t4\n2\t2\t3\n1\t2\t1\n1\t2\t2\n";
    let dataset = open_file("u.data", content, IdOrder::FirstSight).expect("a good file");
    assert_eq!((dataset.duplicates, dataset.ratings.len()), (2, 5));
    assert_eq!(
        dataset.describe_line(),
        "u.data: 5 ratings by 2 users of 2 items, 75.00 % of all pairs, 1 to 5 in steps of 1, \
         2 repeated pairs kept"
            .replace("u.data", &dataset.name)
    );
}

#[test]
fn a_name_is_looked_for_below_the_given_folder() {
    let data_dir = folder(&[]);
    let place = data_dir.path().join("ml-100k");
    fs::create_dir(&place).expect("a folder");
    fs::write(place.join("u.data"), "1\t2\t3\t4\n").expect("a file");
    let dataset = in_folder(data_dir.path())
        .open("ml-100k")
        .expect("it lies there");
    assert_eq!(
        (dataset.name.as_str(), dataset.ratings.len()),
        ("ml-100k", 1)
    );
}

#[test]
fn every_name_leads_to_its_folder_and_its_files() {
    let csv: &[u8] = b"userId,movieId,rating,timestamp\n7,2,3.5,4\n";
    for set in NamedSet::ALL {
        assert!(NAMES.contains(&set.name));
        if set == NamedSet::SAMPLE {
            continue;
        }
        let (ratings, titles): (&[u8], &[u8]) = match set.files[0] {
            "u.data" => (b"7\t2\t3.5\t4\n", b"2|Two|||x|1|0\n"),
            "ratings.dat" => (b"7::2::3.5::4\n", b"2::Two::Drama\n"),
            _ => (csv, b"movieId,title,genres\n2,Two,Drama\n"),
        };
        let [file, items] = set.files.map(|file| format!("{}/{file}", set.folder));
        let mut files: Vec<(&str, &[u8])> = vec![(&file, ratings), (&items, titles)];
        let genres = format!("{}/u.genre", set.folder);
        if set == NamedSet::ML_100K {
            files.push((&genres, b"Action|0\nDrama|1\n"));
        }
        let data_dir = folder(&files);
        let dataset = in_folder(data_dir.path())
            .open(set.name)
            .expect("it lies there");
        assert_eq!(dataset.name, set.name);
        assert_eq!(dataset.title(ItemIx(0)), "Two", "{}", set.name);
        assert_eq!(dataset.ratings.timestamps, Some(vec![4]));
        // As it is fetched: an archive of the set's name, with the set's folder in it.
        let archive = format!("{}.zip", set.name);
        let data_dir = folder(&[(&archive, &zip(&files))]);
        let dataset = in_folder(data_dir.path())
            .open(set.name)
            .expect("it lies there, packed");
        assert_eq!(
            (dataset.name.as_str(), dataset.ratings.len()),
            (set.name, 1)
        );
    }
}

#[test]
fn kaggles_files_are_ml_20m_too() {
    let data_dir = folder(&[
        (
            "ml-20m/rating.csv",
            b"\"userId\",\"movieId\",\"rating\",\"timestamp\"\n1,2,3.5,\"2005-04-02 23:53:47\"\n",
        ),
        (
            "ml-20m/movie.csv",
            b"\"movieId\",\"title\",\"genres\"\n2,\"Two\",\"Drama\"\n",
        ),
        // Kaggle's archive has more of them, which are passed over.
        (
            "ml-20m/genome_scores.csv",
            b"movieId,tagId,relevance\n2,1,0.5\n",
        ),
    ]);
    let dataset = in_folder(data_dir.path())
        .open("ml-20m")
        .expect("it lies there");
    assert_eq!(dataset.title(ItemIx(0)), "Two");
    assert_eq!(dataset.ratings.timestamps, Some(vec![1_112_486_027]));
}

#[test]
fn a_set_that_lacks_says_how_to_get_it() {
    let data_dir = folder(&[]);
    for (name, said) in [
        (
            "ml-10m",
            "`recburn data fetch ml-10m` gets it; or put ratings.dat and movies.dat of ml-10m into \
             datasets/ml-10M100K/, or name the folder that holds ml-10M100K/ with --data-dir or RECBURN_DATA",
        ),
        (
            "ml-32m",
            "`recburn data fetch ml-32m` gets it; or put ratings.csv and movies.csv of ml-32m into datasets/ml-32m/",
        ),
    ] {
        // It may lie in the folder of whoever runs this.
        if let Err(error) = in_folder(data_dir.path()).open(name) {
            assert!(error.to_string().contains(said), "{error}");
        }
    }
}

#[test]
fn a_name_not_found_says_where_it_looked_and_what_to_do() {
    let data_dir = folder(&[]);
    let error = in_folder(data_dir.path()).open("ml-latest-small-2016");
    // It may lie in the folder of whoever runs this.
    if let Err(error) = error {
        let message = error.to_string();
        let place = data_dir.path().join("ml-latest-small-2016");
        assert!(message.contains(&place.display().to_string()), "{message}");
        assert!(
            message.contains(
                "put ratings.csv and movies.csv of ml-latest-small-2016 into \
                 datasets/ml-latest-small-2016/, or name the folder that holds \
                 ml-latest-small-2016/ with --data-dir or RECBURN_DATA"
            ),
            "{message}"
        );
    }
}

#[test]
fn the_sample_is_one_of_the_names() {
    let dataset = Dataset::open(NAMES[0]).expect("it is made in memory");
    assert_eq!(dataset.name, "sample");
    let said = |how: &OpenOptions| how.open("sample").expect_err("no file").to_string();
    assert_eq!(
        said(&named("user=1,item=2")),
        "'sample' is generated in memory and takes no columns"
    );
    let items = OpenOptions {
        items: Some("movies.csv".into()),
        ..OpenOptions::default()
    };
    assert_eq!(
        said(&items),
        "'sample' is generated in memory and takes no file of items"
    );
}

#[test]
fn a_pair_of_files_shares_its_ids() {
    let folder = folder(&[
        ("u1.base", b"1\t2\t5\t0\n2\t3\t4\t0\n"),
        ("u1.test", b"2\t2\t3\t0\n3\t9\t1\t0\n"),
    ]);
    let (train, valid) = (folder.path().join("u1.base"), folder.path().join("u1.test"));
    let (dataset, split) = OpenOptions::default()
        .open_pair(&train, &valid)
        .expect("two good files");
    assert_eq!(
        (split.train_rows, split.valid_rows),
        (vec![0, 1], vec![2, 3])
    );
    assert_eq!(split.valid.users, [UserIx(1), UserIx(2)]);
    assert_eq!(split.valid.items, [ItemIx(0), ItemIx(2)]);
    assert_eq!(
        (split.cold.users, split.cold.items, split.cold.rows),
        (1, 1, 1)
    );
    assert_eq!(dataset.ratings.len(), 4);
    assert_eq!(dataset.users.len(), 3);

    let missing = folder.path().join("u2.test");
    let error = OpenOptions::default()
        .open_pair(&train, &missing)
        .expect_err("one lacks");
    assert!(error.to_string().contains("u2.test"), "{error}");
}

#[test]
fn a_pair_may_have_columns_of_its_own_and_titles() {
    let folder = folder(&[
        (
            "past.csv",
            b"who;what;stars;when\nanna;tea;5;1\nbert;milk;4;2\n",
        ),
        (
            "new.csv",
            b"stars;what;when;who\n3;tea;3;bert\n1;rum;4;carl\n",
        ),
        ("movies.csv", b"what,title\nrum,Rum\ntea,Tea\n"),
    ]);
    let (train, valid) = (
        folder.path().join("past.csv"),
        folder.path().join("new.csv"),
    );
    let how = named("user=who,item=what,rating=stars,timestamp=when");
    let (dataset, split) = how.open_pair(&train, &valid).expect("two good files");
    assert_eq!(split.train.ratings, [5.0, 4.0]);
    assert_eq!(split.valid.ratings, [3.0, 1.0]);
    assert_eq!(split.valid.timestamps, Some(vec![3, 4]));
    let titles: Vec<String> = (0..3).map(|item| dataset.title(ItemIx(item))).collect();
    assert_eq!(titles, ["Tea", "milk", "Rum"]);
    // Each may be packed by itself.
    let archive = folder.path().join("past");
    let content = std::fs::read(&train).expect("it was read before");
    fs::write(&archive, zip(&[("some.csv", &content)])).expect("a file");
    let (packed, _) = how.open_pair(&archive, &valid).expect("two good files");
    assert_eq!(packed.ratings, dataset.ratings);
}
