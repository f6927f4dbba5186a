//! Roles recognised in headers.

use super::*;

/// user, item, rating and timestamp, each as a number from 1; 0 for none, 9 for several.
fn roles(header: &str) -> [usize; 4] {
    let names: Vec<&[u8]> = header.split(',').map(str::as_bytes).collect();
    let roles = Roles::of(&names);
    let number = |found: &Found| match found {
        Found::None => 0,
        Found::One(place) => place + 1,
        Found::Several(_) => 9,
    };
    let time = roles.times.first().map_or(0, |place| place + 1);
    [
        number(&roles.user),
        number(&roles.item),
        number(&roles.rating),
        time,
    ]
}

#[test]
fn the_names_of_public_data_sets_are_known() {
    for (header, expected) in [
        ("userId,movieId,rating,timestamp", [1, 2, 3, 4]),
        ("user_id,book_id,rating", [1, 2, 3, 0]),
        ("User-ID,ISBN,Book-Rating", [1, 2, 3, 0]),
        ("user_id,parent_asin,rating,timestamp", [1, 2, 3, 4]),
        ("UserId,ProductId,Rating,Timestamp", [1, 2, 3, 4]),
        ("user_id,anime_id,rating", [1, 2, 3, 0]),
        ("username,anime_id,my_score", [1, 2, 3, 0]),
        ("userID,artistID,weight", [1, 2, 3, 0]),
        ("userID,artistID,tagID,timestamp", [1, 2, 0, 4]),
        ("user_id,book_id,is_read,rating,is_reviewed", [1, 2, 4, 0]),
        ("userId,jokeId,rating", [1, 2, 3, 0]),
        ("user,track,play count", [1, 2, 3, 0]),
        (
            "reviewerID,asin,reviewerName,helpful,reviewText,overall,summary,unixReviewTime,reviewTime",
            [1, 2, 6, 8],
        ),
        (
            "Id,ProductId,UserId,ProfileName,HelpfulnessNumerator,HelpfulnessDenominator,Score,Time,Summary,Text",
            [3, 2, 7, 8],
        ),
        (
            "review_id,user_id,business_id,stars,useful,funny,cool,text,date",
            [2, 3, 4, 9],
        ),
        (
            "brewery_id,review_time,review_overall,review_profilename,beer_name,beer_beerid",
            [4, 0, 3, 2],
        ),
        ("Cust_Id,Rating,Movie_Id", [1, 3, 2, 0]),
        ("user_id,recipe_id,date,rating,review", [1, 2, 4, 3]),
        (
            "timestamp,visitorid,event,itemid,transactionid",
            [2, 4, 0, 1],
        ),
        ("USER NAME,Game,Hours", [1, 2, 3, 0]),
        (",userId,movieId,rating", [2, 3, 4, 0]),
    ] {
        assert_eq!(roles(header), expected, "{header}");
    }
}

#[test]
fn two_that_could_be_it_are_two() {
    for (header, expected) in [
        ("user_id,book_id,isbn,rating", [1, 9, 4, 0]),
        ("user,item,product,rating", [1, 9, 4, 0]),
        ("user_id,item_id,movie,rating", [1, 9, 4, 0]),
        ("user_id,customer_id,item_id,rating", [9, 3, 4, 0]),
        ("user_id,user_id,item_id,rating", [9, 3, 4, 0]),
        ("user,item,stars,score", [1, 2, 9, 0]),
        ("user,item,plays,count", [1, 2, 9, 0]),
        ("rating,user_id,asin,parent_asin", [2, 9, 1, 0]),
    ] {
        assert_eq!(roles(header), expected, "{header}");
    }
}

#[test]
fn an_id_goes_before_its_name_and_a_rating_before_a_count() {
    assert_eq!(roles("user,user_id,artist,artist_id,plays"), [2, 4, 5, 0]);
    assert_eq!(roles("user_id,user_name,item_id,rating"), [1, 3, 4, 0]);
    assert_eq!(roles("user,item,count,stars"), [1, 2, 4, 0]);
    assert_eq!(
        roles("user,item,overall,rating,date,timestamp"),
        [1, 2, 4, 6]
    );
    assert_eq!(roles("a,b,c"), [0, 0, 0, 0]);
    assert_eq!(roles("colour,size,rating"), [0, 0, 3, 0]);
}
