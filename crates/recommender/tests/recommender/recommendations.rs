//! Lists for users.

use super::*;

#[test]
fn a_list_is_best_first_without_what_the_user_has_rated_and_ties_in_the_order_of_rows() {
    let recommender = tiny();
    let list = |user| every(&recommender, user, 10);
    assert_eq!(items_of(&list("ann")), ["dune", "casablanca", "eraserhead"]);
    // Brazil and casablanca have one score, and brazil's row comes first.
    assert_eq!(
        items_of(&list("ben")),
        ["brazil", "casablanca", "alien", "eraserhead"]
    );
    assert_eq!(
        items_of(&list("cleo")),
        ["dune", "brazil", "casablanca", "alien"]
    );
}

#[test]
fn a_list_is_no_longer_than_asked_for_and_no_longer_than_the_catalogue() {
    let recommender = tiny();
    for (count, length) in [(0, 0), (1, 1), (3, 3), (4, 4), (5, 4), (usize::MAX, 4)] {
        let list = every(&recommender, "ben", count);
        assert_eq!(list.len(), length);
        let whole = every(&recommender, "ben", 4);
        assert_eq!(list, whole[..length]);
    }
}

#[test]
fn a_user_who_has_rated_everything_gets_an_empty_list() {
    let data = dataset(
        &["all", "none"],
        &["a", "b"],
        IdOrder::FirstSight,
        &[("all", "b", 1.0), ("all", "a", 2.0), ("all", "a", 3.0)],
    );
    let recommender = recommender(sums(&[0.0; 2], &[0.0; 2]), &data, 0.0);
    assert!(every(&recommender, "all", 5).is_empty());
    let list = every(&recommender, "none", 5);
    assert_eq!(items_of(&list), ["a", "b"]);
}

#[test]
fn a_line_has_the_title_the_genres_the_training_ratings_and_the_rating_clipped_and_unclipped() {
    let recommender = tiny();
    let list = every(&recommender, "cleo", 10);
    let shown: Vec<_> = list
        .iter()
        .map(|line| (line.title.as_str(), line.genres.join("|"), line.rating))
        .collect();
    assert_eq!(
        shown,
        [
            ("Dune, Part \"One\" (2021)", String::new(), 0.5),
            ("Brazil (1985)", "Sci-Fi".to_string(), -0.75),
            // The item file lacks it: its id stands for the title.
            ("casablanca", String::new(), -0.75),
            ("Alien (1979)", "Horror|Sci-Fi".to_string(), -1.5),
        ]
    );
    let line = serde_json::to_value(&list[3]).unwrap();
    assert_eq!(
        line,
        json!({
            "item": "alien",
            "title": "Alien (1979)",
            "genres": ["Horror", "Sci-Fi"],
            "rating": -1.5,
            "clipped": 0.5,
            "ratings": 1,
        })
    );
}

#[test]
fn without_an_item_file_ids_stand_for_titles() {
    let mut data = films();
    data.catalogue.clear();
    let recommender = recommender(sums(&[0.0; 3], &[0.0; 5]), &data, 0.0);
    for line in every(&recommender, "ben", 9) {
        assert_eq!(line.title, line.item);
        assert!(line.genres.is_empty());
    }
}

#[test]
fn rows_that_stand_for_nothing_are_never_recommended_nor_predicted() {
    // Ids are rows: the tables have 8 and 10, of which users 2 and 7 and items 3, 4, 6 and 9 are somebody.
    let data = dataset(
        &["7", "2"],
        &["9", "3", "6", "4"],
        IdOrder::Raw,
        &[("7", "3", 3.0), ("2", "9", 5.0)],
    );
    assert_eq!((data.users.rows(), data.items.rows()), (8, 10));
    let mut items = [1_000.0; 10];
    for (row, score) in [(3, 0.5), (4, 1.0), (6, -1.0), (9, 2.0)] {
        items[row] = score;
    }
    let recommender = recommender(sums(&[0.0; 8], &items), &data, 0.0);
    let list = every(&recommender, "7", 10);
    assert_eq!(items_of(&list), ["9", "4", "6"]);
    assert_eq!(list[0].rating, 2.0);
    let list = every(&recommender, "2", 10);
    assert_eq!(items_of(&list), ["4", "3", "6"]);
    assert_eq!(recommender.predict("2", "9").unwrap().rating, 2.0);
    for (user, item) in [("0", "9"), ("1", "9"), ("8", "9"), ("2", "0"), ("2", "10")] {
        recommender.predict(user, item).unwrap_err();
    }
}

#[test]
fn a_catalogue_longer_than_a_batch_is_ranked_whole() {
    let names: Vec<String> = (0..20_000).map(|item| format!("i{item}")).collect();
    let items: Vec<&str> = names.iter().map(String::as_str).collect();
    let data = dataset(
        &["ann"],
        &items,
        IdOrder::FirstSight,
        &[("ann", "i7", 1.0), ("ann", "i19999", 5.0)],
    );
    // 7,919 is prime to 20,000, so every score stands once.
    let score = |item: usize| (item * 7_919 % 20_000) as f32;
    let biases: Vec<f32> = (0..20_000).map(score).collect();
    let recommender = recommender(sums(&[0.0], &biases), &data, 0.0);
    let list = every(&recommender, "ann", 30_000);
    assert_eq!(list.len(), 19_998);
    assert!(list.windows(2).all(|pair| pair[0].rating > pair[1].rating));
    let seen = [7, 19_999].map(score);
    for (place, line) in list.iter().enumerate() {
        let item: usize = line.item[1..].parse().unwrap();
        assert_eq!(line.rating, score(item), "place {place}");
        assert!(!seen.contains(&line.rating));
    }
}

#[test]
fn a_line_says_what_predict_says() {
    let data = films();
    let recommender = recommender(deep(&data, 4), &data, 2.75);
    for (_, user) in data.users.iter() {
        for line in every(&recommender, &user, 9) {
            let alone = recommender.predict(&user, &line.item).unwrap().rating;
            // Alone a pair may be added up in another order.
            assert!((line.rating - alone).abs() < 1e-5);
        }
    }
}

#[test]
fn a_model_with_too_few_rows_is_refused_by_side_with_both_numbers() {
    let new = |users, items| {
        Recommender::new(
            sums(&vec![0.0; users], &vec![0.0; items]),
            &films(),
            Seen::all_trained(&films()),
            Centre::none(),
            Value::Null,
        )
    };
    assert_eq!(
        new(2, 5).unwrap_err().to_string(),
        "the model's user table has 2 rows, but the ids need 3"
    );
    assert_eq!(
        new(3, 4).unwrap_err().to_string(),
        "the model's item table has 4 rows, but the ids need 5"
    );
    // More rows are rows that stand for nothing.
    let list = every(&new(9, 9).unwrap(), "ben", 20);
    assert_eq!(list.len(), 4);
}

// Saved and loaded.
