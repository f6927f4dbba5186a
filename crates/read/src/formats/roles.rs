//! Recognition of columns by common names.
//!
//! Case, blanks, `_`, `-` and `.` are ignored in names. User and item must be unambiguous: if two columns could be the
//! user or the item, none is chosen.

use crate::text::utf_8_or_latin_1;

/// Names for users.
const USERS: [&str; 19] = [
    "user",
    "reviewer",
    "customer",
    "cust",
    "member",
    "profile",
    "person",
    "visitor",
    "client",
    "account",
    "viewer",
    "listener",
    "reader",
    "subscriber",
    "buyer",
    "shopper",
    "consumer",
    "critic",
    "rater",
];
/// Names for items.
const ITEMS: [&str; 36] = [
    "item",
    "movie",
    "film",
    "show",
    "tvshow",
    "series",
    "book",
    "product",
    "prod",
    "article",
    "anime",
    "manga",
    "joke",
    "artist",
    "song",
    "track",
    "album",
    "business",
    "restaurant",
    "venue",
    "hotel",
    "recipe",
    "game",
    "app",
    "video",
    "course",
    "podcast",
    "beer",
    "wine",
    "news",
    "paper",
    "listing",
    "store",
    "attraction",
    "boardgame",
    "poi",
];
/// Suffixes that mark such a word as an id.
const ID_ENDINGS: [&str; 8] = ["id", "ids", "uid", "no", "nr", "number", "key", "code"];
/// Separate words for user ids.
const USER_IDS: [&str; 3] = ["uid", "usr", "usrid"];
const ITEM_IDS: [&str; 13] = [
    "iid",
    "isbn",
    "isbn10",
    "isbn13",
    "asin",
    "parentasin",
    "sku",
    "pid",
    "gmapid",
    "imdbid",
    "tmdbid",
    "tconst",
    "animeuid",
];
/// User names, used if there is nothing better.
const USER_NAMES: [&str; 5] = [
    "username",
    "profilename",
    "nickname",
    "screenname",
    "reviewername",
];

/// Names for ratings; the first ones take precedence.
const RATINGS: [&str; 13] = [
    "rating",
    "ratings",
    "ratingvalue",
    "ratingscore",
    "starrating",
    "stars",
    "star",
    "score",
    "overall",
    "overallrating",
    "grade",
    "preference",
    "rate",
];
/// Possible prefixes of these names.
const OF_WHOM: [&str; 2] = ["my", "review"];
/// Names for counts, used as ratings if there are no others.
const COUNTS: [&str; 27] = [
    "weight",
    "playcount",
    "plays",
    "count",
    "counts",
    "listens",
    "listencount",
    "listencounts",
    "clicks",
    "clickcount",
    "views",
    "viewcount",
    "quantity",
    "qty",
    "hours",
    "hoursplayed",
    "playtime",
    "playtimeforever",
    "purchases",
    "interactions",
    "frequency",
    "freq",
    "timesplayed",
    "scrobbles",
    "watchcount",
    "visits",
    "visitcount",
];
/// Names for times, the better ones first.
const TIMES: [&str; 21] = [
    "timestamp",
    "ts",
    "unixtimestamp",
    "unixreviewtime",
    "unixtime",
    "ratingtimestamp",
    "reviewtimestamp",
    "timestamps",
    "ratingtime",
    "datetime",
    "ratedat",
    "createdat",
    "createdtime",
    "createtime",
    "reviewedat",
    "time",
    "reviewtime",
    "date",
    "ratingdate",
    "reviewdate",
    "createddate",
];

/// The role of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    User,
    Item,
    Rating,
    Timestamp,
}

impl Role {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Item => "item",
            Self::Rating => "rating",
            Self::Timestamp => "timestamp",
        }
    }
}

/// The columns that could have a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    None,
    One(usize),
    Several(Vec<usize>),
}

impl Found {
    /// The first column that could have the role.
    pub(crate) fn first(&self) -> Option<usize> {
        match self {
            Self::None => None,
            Self::One(place) => Some(*place),
            Self::Several(places) => places.first().copied(),
        }
    }

    fn of(places: Vec<usize>) -> Self {
        match places.as_slice() {
            [] => Self::None,
            [only] => Self::One(*only),
            _ => Self::Several(places),
        }
    }
}

/// The roles recognised from the names in a header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Roles {
    pub(crate) user: Found,
    pub(crate) item: Found,
    pub(crate) rating: Found,
    /// Whether the ratings are counts, such as plays, purchases or views.
    pub(crate) counts: bool,
    /// All columns that could be the timestamp, the more likely ones first.
    pub(crate) times: Vec<usize>,
}

impl Roles {
    pub(crate) fn of(header: &[&[u8]]) -> Self {
        let names: Vec<String> = header.iter().map(|name| plain(name)).collect();
        let rating = Found::of(places(&names, |name| {
            is_rating(name).then_some(usize::from(name != "rating"))
        }));
        let counts = Found::of(places(&names, |name| COUNTS.contains(&name).then_some(0)));
        let counted = rating == Found::None && counts != Found::None;
        let mut times: Vec<(usize, usize)> = names
            .iter()
            .enumerate()
            .filter_map(|(place, name)| {
                Some((TIMES.iter().position(|known| known == name)?, place))
            })
            .collect();
        times.sort_unstable();
        Self {
            user: side(&names, &USERS, &USER_IDS, &USER_NAMES),
            item: side(&names, &ITEMS, &ITEM_IDS, &[]),
            rating: if counted { counts } else { rating },
            counts: counted,
            times: times.into_iter().map(|(_, place)| place).collect(),
        }
    }

    /// How many of user and item have a candidate column.
    pub(crate) fn sides(&self) -> usize {
        usize::from(self.user != Found::None) + usize::from(self.item != Found::None)
    }
}

/// A name in the normalised form used for comparison.
pub(crate) fn plain(name: &[u8]) -> String {
    let name = utf_8_or_latin_1(name);
    let letters = name.chars().filter(|letter| {
        !letter.is_whitespace() && !matches!(letter, '_' | '-' | '.' | '"' | '\'' | '#')
    });
    letters.flat_map(char::to_lowercase).collect()
}

fn is_rating(name: &str) -> bool {
    let of_whom = OF_WHOM.iter().find_map(|whom| name.strip_prefix(whom));
    let of_what = |name: &str| {
        let whose = name.strip_suffix("rating").or(name.strip_suffix("score"));
        whose.is_some_and(|whose| ITEMS.contains(&whose) || USERS.contains(&whose))
    };
    RATINGS.contains(&name) || of_what(name) || of_whom.is_some_and(|rest| RATINGS.contains(&rest))
}

/// The positions of the best of these names: `rank` returns 0 for the best, and `None` for a name that does not match.
fn places(names: &[String], rank: impl Fn(&str) -> Option<usize>) -> Vec<usize> {
    let ranks: Vec<Option<usize>> = names.iter().map(|name| rank(name)).collect();
    let best = ranks.iter().flatten().min().copied();
    (0..names.len())
        .filter(|&place| ranks[place].is_some() && ranks[place] == best)
        .collect()
}

/// The columns that could be the user, or the item.
///
/// An id takes precedence over the bare word (`artist_id` over `artist`, which is then its name), and names of people
/// come last. Two ids, or an id and another word, are ambiguous.
fn side(names: &[String], words: &[&str], ids: &[&str], called: &[&str]) -> Found {
    let stem_of = |name: &str| {
        let endings = ID_ENDINGS.iter();
        let mut stems = endings.filter_map(|ending| name.strip_suffix(ending));
        stems.find_map(|stem| words.iter().copied().find(|word| *word == stem))
    };
    // `review_userid`, which is not `reviewer_id`.
    let stem = |name: &str| stem_of(name).or_else(|| stem_of(name.strip_prefix("review")?));
    let is_id = |name: &str| ids.contains(&name) || stem(name).is_some();
    let mut found: Vec<usize> = (0..names.len())
        .filter(|&place| is_id(&names[place]))
        .collect();
    let stems: Vec<&str> = found
        .iter()
        .filter_map(|&place| stem(&names[place]))
        .collect();
    let bare = (0..names.len()).filter(|&place| {
        let name = names[place].as_str();
        words.contains(&name) && !stems.contains(&name)
    });
    found.extend(bare);
    if found.is_empty() {
        let by_name = |place: &usize| {
            let name = names[*place].as_str();
            let name = name
                .strip_prefix("review")
                .filter(|rest| called.contains(rest))
                .unwrap_or(name);
            called.contains(&name)
        };
        found = (0..names.len()).filter(by_name).collect();
    }
    found.sort_unstable();
    Found::of(found)
}

#[cfg(test)]
mod tests {
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
}
