//! The page as one file with the model in it.
//!
//! The document that the page finds in its element `embedded` is described in `page/README.md`.

use crate::base64::{of_doubles, of_floats};
use crate::page::PAGE;
use crate::routes::ModelAnswer;
use crate::served::{ModelError, Served};
use burn::tensor::Device;
use recburn_nn::Link;
use recburn_recommender::FoldInFactors;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::path::Path;

/// Where the page expects its model.
const PLACE: &str = "<script type=\"application/json\" id=\"embedded\">";

/// The version of the document.
const FORMAT: u32 = 1;

/// A page with a model in it.
#[derive(Clone, Debug)]
pub struct Exported {
    /// The page.
    pub html: String,
    /// The name of the model.
    pub name: String,
    /// How many items it can recommend.
    pub items: usize,
    /// Whether the model's folder has digests by which its files were checked.
    pub verified: bool,
}

/// The service's page with the model of a folder in it: item vectors and the prior of the users' rows, by which the page
/// folds in ratings and recommends without a service, and titles, genres, counts of ratings and the description of the
/// training. No user's ratings and no user's row are in it.
///
/// # Errors
///
/// [`ModelError`] if the folder holds no sound model, or one whose scores are not linear in the row of a user
/// ([`NotLinear`](recburn_recommender::RecommenderError::NotLinear)).
pub fn exported_page(folder: &Path, device: &Device) -> Result<Exported, ModelError> {
    let served = Served::read(folder, device)?;
    let factors = served.model.fold_in_factors()?;
    // In an element of data only `<` could end it.
    let document = document(&served, &factors).to_string();
    let document = document.replace('<', "\\u003c");
    Ok(Exported {
        html: PAGE.replacen(PLACE, &format!("{PLACE}{document}"), 1),
        items: served.model.items().len(),
        verified: served.verified,
        name: served.name,
    })
}

fn document(served: &Served, factors: &FoldInFactors) -> Value {
    let genres: Vec<&str> = served.catalogue.genres().collect();
    let places: HashMap<&str, usize> = genres.iter().copied().zip(0..).collect();
    let model = &served.model;
    let items = model.items().iter().map(|(item, id)| {
        let known = model.item(item);
        let own = known.map_or(&[][..], |known| &known.genres).iter();
        // Two spellings of a genre are one.
        let named = own.filter_map(|genre| served.catalogue.genre(genre));
        let own: Vec<usize> = named.filter_map(|name| places.get(name).copied()).collect();
        let mean = model.seen().mean_of_item(item);
        let title = known.map(|known| &known.title);
        json!([id, title, own, served.catalogue.ratings(item), mean])
    });
    let histograms = served.histograms.as_ref().map(|(levels, counts)| {
        let own = model.items().iter().map(|(item, _)| {
            let from = item.index() * levels.len();
            &counts[from..from + levels.len()]
        });
        own.collect::<Vec<_>>()
    });
    let mut about = json!(ModelAnswer::of(served, false));
    if let Some((levels, _)) = &served.histograms {
        about["scale"]["values"] = json!(levels);
    }
    json!({
        "format": FORMAT,
        "model": about,
        "genres": genres,
        "items": items.collect::<Vec<_>>(),
        "histograms": histograms,
        "factors": {
            "table": served.item_tables.first().map_or("item vectors", |table| &table.name),
            "width": factors.width,
            "items": of_floats(&factors.items),
            "item_bias": of_floats(&factors.item_bias),
            "user_bias": factors.user_bias,
            "centre": factors.centre,
            "link": match factors.link {
                Link::Identity => Value::Null,
                Link::Sigmoid { min, max } => json!({ "low": min, "high": max }),
            },
            "non_negative": factors.non_negative,
            "target": factors.target,
        },
        "prior": {
            "mean": of_doubles(&factors.mean),
            "precision": of_doubles(&factors.precision),
        },
    })
}
