//! The zoo: one file an architecture, one table of them all.
//!
//! An architecture is a struct of options that draws a [`Graph`](recburn_graph::Graph). To add one, write its file
//! beside the others and give it its two lines here: the module and the entry.
//!
//! ```
//! use recburn_models::{Architecture, BiasedMf, Dims};
//!
//! let dims = Dims { users: 943, items: 1_682, scale: (1.0, 5.0) };
//! let graph = BiasedMf { factors: 40, ..BiasedMf::default() }.graph(dims)?;
//! assert_eq!(graph.parameters().total(), 107_625);
//! # Ok::<(), recburn_graph::GraphError>(())
//! ```

mod architecture;
mod biased_mf;
mod concat_mlp;
mod dot_mf;
mod non_negative_mf;
mod preset;
mod residual_mf;
mod scaled_mf;

pub use architecture::{Architecture, Dims, Entry, ModelError};
pub use biased_mf::BiasedMf;
pub use concat_mlp::{Block, ConcatMlp};
pub use dot_mf::DotMf;
pub use non_negative_mf::NonNegativeMf;
pub use preset::{Phase, Preset, Training};
pub use residual_mf::ResidualMf;
pub use scaled_mf::ScaledMf;

/// Every architecture, in the order of the notebooks.
pub fn zoo() -> Vec<Entry> {
    vec![
        Entry::of::<DotMf>(),
        Entry::of::<BiasedMf>(),
        Entry::of::<ScaledMf>(),
        Entry::of::<NonNegativeMf>(),
        Entry::of::<ConcatMlp>(),
        Entry::of::<ResidualMf>(),
    ]
}

/// The architecture of this name.
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
