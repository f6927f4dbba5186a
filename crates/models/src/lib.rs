//! The model zoo: one file per architecture, and a registry.
//!
//! An architecture is a struct of options that builds a [`Graph`](recburn_graph::Graph). To add one, write its file
//! next to the others and add two lines here: the module and the entry.
//!
//! ```
//! use recburn_models::biased_mf::BiasedMf;
//! use recburn_models::{Architecture, ModelError};
//! use recburn_schema::Schema;
//!
//! let schema = Schema::of_pairs(943, 1_682, (1.0, 5.0));
//! let graph = BiasedMf { factors: 40, ..BiasedMf::default() }.graph(&schema)?;
//! assert_eq!(graph.parameters().total(), 107_625);
//! # Ok::<(), ModelError>(())
//! ```

mod architecture;
pub mod autorec;
pub mod biased_mf;
pub mod bpr_mf;
pub mod concat_mlp;
pub mod dcn_v2;
mod deep;
pub mod deep_fm;
pub mod dot_mf;
pub mod factorisation_machine;
mod features;
pub mod gmf;
pub mod gru4rec;
mod history;
pub mod light_gcn;
pub mod mult_dae;
pub mod mult_vae;
pub mod narm;
pub mod neumf;
mod nominal;
pub mod non_negative_mf;
pub mod residual_mf;
pub mod sasrec;
pub mod scaled_mf;
pub mod svdpp;
pub mod two_tower;
pub mod wide_and_deep;

pub use architecture::{Architecture, Entry, ModelError};
pub use nominal::nominal_schema;

pub use recburn_schema::Schema;

/// All architectures, in the order of the notebooks.
pub fn zoo() -> Vec<Entry> {
    vec![
        Entry::of::<dot_mf::DotMf>(),
        Entry::of::<biased_mf::BiasedMf>(),
        Entry::of::<scaled_mf::ScaledMf>(),
        Entry::of::<non_negative_mf::NonNegativeMf>(),
        Entry::of::<concat_mlp::ConcatMlp>(),
        Entry::of::<residual_mf::ResidualMf>(),
        Entry::of::<gmf::Gmf>(),
        Entry::of::<svdpp::SvdPp>(),
        Entry::of::<bpr_mf::BprMf>(),
        Entry::of::<neumf::NeuMf>(),
        Entry::of::<autorec::AutoRec>(),
        Entry::of::<two_tower::TwoTower>(),
        Entry::of::<factorisation_machine::FactorisationMachine>(),
        Entry::of::<wide_and_deep::WideAndDeep>(),
        Entry::of::<deep_fm::DeepFm>(),
        Entry::of::<dcn_v2::DcnV2>(),
        Entry::of::<mult_dae::MultDae>(),
        Entry::of::<mult_vae::MultVae>(),
        Entry::of::<light_gcn::LightGcn>(),
        Entry::of::<sasrec::SasRec>(),
        Entry::of::<gru4rec::Gru4Rec>(),
        Entry::of::<narm::Narm>(),
    ]
}

/// The architecture with this name.
pub fn find(name: &str) -> Result<Entry, ModelError> {
    let zoo = zoo();
    let names: Vec<_> = zoo.iter().map(|entry| entry.name).collect();
    zoo.into_iter()
        .find(|entry| entry.name == name)
        .ok_or_else(|| ModelError::Unknown {
            name: name.to_string(),
            known: names.join(", "),
        })
}
