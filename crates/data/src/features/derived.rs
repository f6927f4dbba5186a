//! Features derived from titles, genres and the training part.

use crate::dataset::{Dataset, Item};
use crate::error::DataError;
use crate::features::{Feature, FeatureValues, Features, Lists, Scaling, in_order, numbered};
use crate::ratings::Ratings;
use recburn_schema::{Input, Kind, Schema, Side};

impl Features {
    /// The input that holds the genres of each item, a bag.
    pub const GENRES: &'static str = "genres";
    /// The input that holds the year in each item's title, a number.
    pub const YEAR: &'static str = "year";
    /// The input that holds the words of each item's title, a bag of [`Features::TITLE_ROWS`] hashed ids.
    pub const TITLE_WORDS: &'static str = "title_words";
    /// The number of ids to which title words are hashed. With few words per title, few of them collide.
    pub const TITLE_ROWS: usize = 1_024;

    /// Adds the features of titles and genres, if any item has them: `genres`, `year` (from titles that end with one;
    /// the mean for the rest) and `title_words`.
    ///
    /// # Errors
    ///
    /// As [`Features::add`], except that existing features of these names are replaced.
    pub fn set_titles(&mut self, catalogue: &[Option<Item>]) -> Result<(), DataError> {
        let items = || catalogue.iter().map(Option::as_ref);
        let genres = |item: Option<&Item>| item.map(|item| item.genres.clone()).unwrap_or_default();
        let numbers = numbered(items().flat_map(genres));
        if !numbers.is_empty() {
            let mut lists = Lists::default();
            for item in items() {
                let mut own: Vec<u32> = genres(item).iter().map(|genre| numbers[genre]).collect();
                own.sort_unstable();
                own.dedup();
                lists.push(own);
            }
            let feature = Feature::bags(Self::GENRES, Side::Item, numbers.len(), lists);
            self.set(feature.words(in_order(numbers)))?;
        }
        let years: Vec<Option<f32>> = items()
            .map(|item| year(&item?.title).map(|(_, year)| year))
            .collect();
        if years.iter().any(Option::is_some) {
            let mean = Scaling::of(years.iter().flatten().copied()).mean as f32;
            let years = years.into_iter().map(|year| year.unwrap_or(mean)).collect();
            self.set(Feature::numbers(Self::YEAR, Side::Item, 1, years))?;
        }
        if items().flatten().any(|item| !item.title.is_empty()) {
            let mut lists = Lists::default();
            for item in items() {
                lists.push(item.map(|item| hashed(&item.title)).unwrap_or_default());
            }
            self.set(Feature::bags(
                Self::TITLE_WORDS,
                Side::Item,
                Self::TITLE_ROWS,
                lists,
            ))?;
        }
        Ok(())
    }

    /// Standardises numbers to mean 0 and standard deviation 1 over the users or items of the training part, each
    /// counted once. Numbers that have already been standardised, and features of several numbers, are unchanged.
    pub fn normalise(&mut self, train: &Ratings) {
        let (_, items) = train.table_rows();
        self.normalise_part(train, items, &|_| {});
    }

    /// As [`Features::normalise`], by a part of the training part that has all ratings of its users: `sums` adds up the
    /// numbers of all parts. These features have the users of this part and all `items`.
    pub fn normalise_part(&mut self, train: &Ratings, items: usize, sums: &dyn Fn(&mut [f64])) {
        let (users, _) = train.table_rows();
        let (mut of_users, mut of_items) = (vec![false; users], vec![0.0; items]);
        train
            .users
            .iter()
            .for_each(|user| of_users[user.index()] = true);
        train
            .items
            .iter()
            .for_each(|item| of_items[item.index()] = 1.0);
        sums(&mut of_items);
        let of_items: Vec<bool> = of_items.into_iter().map(|count| count > 0.0).collect();
        for feature in &mut self.0 {
            match feature.input.side {
                Side::User => feature.normalise(&of_users, sums),
                Side::Item => feature.normalise(&of_items, &|_| {}),
                Side::Event => {} // as the columns are
            }
        }
    }
}

impl Feature {
    /// Standardises single numbers to mean 0 and standard deviation 1 over the rows that are present.
    fn normalise(&mut self, present: &[bool], sums: &dyn Fn(&mut [f64])) {
        let FeatureValues::Numbers(numbers) = &self.values else {
            return;
        };
        if self.scaling.is_some() || self.input.kind != (Kind::Numbers { width: 1 }) {
            return;
        }
        let rows = numbers.iter().zip(present).filter(|(_, present)| **present);
        let scaling = Scaling::of_part(rows.map(|(&number, _)| number), sums);
        self.scale(scaling);
    }
}

impl Dataset {
    /// The features for training on this part of the ratings: numbers on one scale ([`Features::normalise`]), the part's
    /// histories ([`Features::set_histories`]) and a typical value of each of its columns ([`Feature::typical`]). Pass the
    /// part as it is trained on, centred if it is.
    ///
    /// # Errors
    ///
    /// As [`Features::set_histories`]; [`DataError::Feature`] for a column that has the name of a feature.
    pub fn features_for(&self, train: &Ratings) -> Result<Features, DataError> {
        let mut features = self.features.clone();
        features.normalise(train);
        features.set_histories(train, self.users.rows(), self.items.rows())?;
        for column in &train.others {
            features.add(column.typical())?;
        }
        Ok(features)
    }

    /// What a model trained on this part of the ratings can read: users and items, the inputs of [`Dataset::features_for`]
    /// (without computing any of them) and the part's own columns. The scale is that of the data set.
    pub fn schema_for(&self, train: &Ratings) -> Schema {
        let (users, items) = (self.users.rows(), self.items.rows());
        let mut schema = Schema::of_pairs(users, items, (self.scale.min, self.scale.max));
        let histories = Features::histories(train, users, items);
        // A history replaces a feature of its name, as in `features_for`.
        let taken = |input: &&Input| histories.iter().all(|own| own.name != input.name);
        schema
            .inputs
            .extend(self.features.inputs().filter(taken).cloned());
        schema.inputs.extend(histories);
        let columns = train.others.iter().map(|column| column.input.clone());
        schema.inputs.extend(columns);
        schema
    }
}

/// The position of the year in parentheses at the end of a title, and the year.
fn year(title: &str) -> Option<(usize, f32)> {
    let inside = title.trim_end().strip_suffix(')')?;
    let at = inside.rfind('(')?;
    let digits = &inside[at + 1..];
    let is_year = digits.len() == 4 && digits.bytes().all(|digit| digit.is_ascii_digit());
    digits
        .parse()
        .ok()
        .filter(|_| is_year)
        .map(|year| (at, year))
}

/// The words of a title, without its year, as hashed ids; each once, ascending.
fn hashed(title: &str) -> Vec<u32> {
    let name = year(title).map_or(title, |(at, _)| &title[..at]);
    let words = name.split(|letter: char| !letter.is_alphanumeric() && letter != '\'');
    let words = words.filter(|word| !word.is_empty()).map(str::to_lowercase);
    let mut ids: Vec<u32> = words
        .map(|word| fnv(word.as_bytes()) % Features::TITLE_ROWS as u32)
        .collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// FNV-1a: stable across versions, as saved models require.
fn fnv(bytes: &[u8]) -> u32 {
    let step = |hash: u32, byte: &u8| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193);
    bytes.iter().fold(0x811C_9DC5, step)
}
