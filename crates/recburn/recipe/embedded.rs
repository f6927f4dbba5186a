//! The repository's recipes, compiled in.

/// The recipes of a model by name, with their text.
pub(super) type OfModel = (&'static str, &'static [(&'static str, &'static str)]);

macro_rules! recipes {
    ($($model:literal: $($name:literal),+;)+) => {
        &[$((
            $model,
            &[$((
                $name,
                include_str!(concat!("../../../recipes/", $model, "/", $name, ".toml")),
            )),+],
        )),+]
    };
}

/// Every file of the folder `recipes`; the first of a model is its default.
pub(super) const RECIPES: &[OfModel] = recipes! {
    "dot_mf": "default", "small18", "100k-explicit", "100k-mf3";
    "biased_mf": "default", "ml20m", "small18", "small16", "100k", "100k-tuned", "surprise";
    "scaled_mf": "default", "100k";
    "non_negative_mf": "default", "100k-nnmf";
    "concat_mlp": "default", "small18", "ml20m", "100k-tower";
    "residual_mf": "default", "ml20m";
    "gmf": "default";
    "svdpp": "default", "100k";
    "bpr_mf": "default", "100k", "100k-fast";
    "neumf": "default", "100k", "implicit", "100k-implicit";
    "autorec": "default", "100k";
    "two_tower": "default", "100k";
    "factorisation_machine": "default", "100k";
    "wide_and_deep": "default", "100k";
    "deep_fm": "default", "100k";
    "dcn_v2": "default", "100k";
    "mult_dae": "default", "100k";
    "mult_vae": "default", "100k";
    "light_gcn": "default", "100k";
    "sasrec": "default", "100k", "small18";
    "gru4rec": "default", "100k";
    "narm": "default", "100k";
};
