//! The items of the sample: titles, genres and planted parameters.

use super::words::{ADJECTIVES, GENRES, NOUNS};
use super::{ITEM_BIAS, ITEMS, RANK, Taste, taste};
use crate::dataset::Item;
use crate::random::Random;

pub(super) struct Catalogue {
    /// Raw ids, unrelated to popularity.
    pub(super) ids: Vec<String>,
    pub(super) items: Vec<Item>,
    /// The relative probability that each item is rated.
    pub(super) popularity: Vec<f64>,
    pub(super) biases: Vec<f64>,
    pub(super) tastes: Vec<Taste>,
}

impl Catalogue {
    pub(super) fn new(random: &mut Random) -> Self {
        let names = random.permutation((ADJECTIVES.len() * NOUNS.len()) as u32);
        let ranks = random.permutation(ITEMS as u32);
        let genre_tastes: [Taste; GENRES.len()] = std::array::from_fn(|_| taste(random));
        let mut catalogue = Self {
            ids: (1..=ITEMS).map(|id| id.to_string()).collect(),
            items: Vec::with_capacity(ITEMS),
            popularity: Vec::with_capacity(ITEMS),
            biases: Vec::with_capacity(ITEMS),
            tastes: Vec::with_capacity(ITEMS),
        };
        for (&name, &rank) in names.iter().zip(&ranks) {
            let genres = genres(random);
            let title = title(random, name as usize);
            catalogue
                .tastes
                .push(item_taste(random, &genres, &genre_tastes));
            catalogue.items.push(Item {
                title,
                genres: genres
                    .iter()
                    .map(|&genre| GENRES[genre].0.to_string())
                    .collect(),
            });
            // The most popular items are rated by half of the users, the last few thousand by one or two.
            let place = f64::from(rank) + 300.0;
            catalogue.popularity.push(1.0 / (place * place));
            // Popular items are liked slightly better.
            let liked = 0.25 * (0.3 - f64::from(rank) / ITEMS as f64);
            catalogue.biases.push(liked + ITEM_BIAS * random.gaussian());
        }
        catalogue
    }
}

/// One to three genres, common ones more often, in the order of the list.
fn genres(random: &mut Random) -> Vec<usize> {
    let count = [1, 1, 2, 2, 2, 3][random.below(6) as usize];
    let mut chosen = Vec::with_capacity(count);
    while chosen.len() < count {
        let mut drawn = random.below(GENRES.iter().map(|(_, weight)| weight).sum());
        let mut genre = 0;
        while drawn >= GENRES[genre].1 {
            drawn -= GENRES[genre].1;
            genre += 1;
        }
        if !chosen.contains(&genre) {
            chosen.push(genre);
        }
    }
    chosen.sort_unstable();
    chosen
}

/// The taste of its genres plus an individual part, with the variance of a single taste.
fn item_taste(random: &mut Random, genres: &[usize], genre_tastes: &[Taste]) -> Taste {
    let own = taste(random);
    let scale = (0.7 / genres.len() as f64).sqrt();
    let mut mixed: Taste = [0.0; RANK];
    for (place, value) in mixed.iter_mut().enumerate() {
        let shared: f64 = genres.iter().map(|&genre| genre_tastes[genre][place]).sum();
        *value = scale * shared + 0.3_f64.sqrt() * own[place];
    }
    mixed
}

/// A unique title: each name is one pair of adjective and noun.
fn title(random: &mut Random, name: usize) -> String {
    let (adjective, noun) = (
        ADJECTIVES[name % ADJECTIVES.len()],
        NOUNS[name / ADJECTIVES.len()],
    );
    // The latest of three draws, since most films are recent.
    let year = 1930 + (0..3).map(|_| random.below(90)).max().unwrap_or_default();
    match random.below(8) {
        0 => format!("Return of the {adjective} {noun} ({year})"),
        1 | 2 => format!("{adjective} {noun} ({year})"),
        _ => format!("The {adjective} {noun} ({year})"),
    }
}
