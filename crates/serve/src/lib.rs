//! A saved recommender as an HTTP service.
//!
//! [`run`] serves a model's folder until SIGTERM: lists, predictions, fold-in of visitors, explanations, search and similar
//! items, with an OpenAPI description ([`openapi`]), Prometheus figures, probes, and reload without a gap. A model of any
//! kind is served through [`AnyRecommender`](recburn_recommender::AnyRecommender); there is no database.
//!
//! [`router`] is the same as an axum router, for programs of their own and for tests:
//!
//! ```no_run
//! use burn::tensor::Device;
//! use recburn_serve::{Service, Settings, router};
//!
//! let settings = Settings::new("out/biased_mf/model", Device::default());
//! let service = Service::new(settings)?;
//! service.load()?;
//! let router = router(service);
//! # drop(router);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`exported_page`] makes the service's page one file with the model in it, which needs no service.
//!
//! Time limits of connections are those of [`run`], which accepts connections itself.

mod accept;
mod answer;
mod auth;
mod base64;
mod bitmap;
mod catalogue;
mod export;
mod extract;
mod journal;
mod limits;
mod log;
mod metrics;
mod observe;
mod openapi;
mod page;
mod pca;
mod problem;
mod process;
mod reload;
mod routes;
mod run;
mod served;
mod settings;
mod state;
mod tables;
mod titles;
mod turns;

pub use export::{Exported, exported_page};
pub use journal::JournalError;
pub use limits::Limits;
pub use log::{Log, UnknownLog};
pub use openapi::openapi;
pub use routes::router;
pub use run::{ServeError, Started, run};
pub use served::ModelError;
pub use settings::{Settings, Token};
pub use state::{Loaded, Service};

/// Accepts connections by a router until `end`, with the time limits of [`run`].
#[doc(hidden)] // for tests over sockets
pub async fn accept_until(
    listener: tokio::net::TcpListener,
    router: axum::Router,
    limits: Limits,
    end: impl Future<Output = ()>,
) {
    accept::serve(listener, router, limits, end).await;
}
