//! Figures about the service, in Prometheus' text format.

use crate::process::Process;
use crate::served::Served;
use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue, prometheus_text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The type of what [`Metrics::text`] returns.
pub(crate) const CONTENT_TYPE: &str = prometheus_text::CONTENT_TYPE;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Request {
    /// The pattern of the path and not the path, whose ids would be endless.
    route: String,
    method: &'static str,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    route: String,
}

/// Why a request was rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EncodeLabelValue)]
#[allow(non_camel_case_types)] // as they are written
pub(crate) enum Reason {
    busy,
    too_large,
    timeout,
    unauthorized,
    host,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Rejected {
    reason: Reason,
}

/// What a list was made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EncodeLabelValue)]
#[allow(non_camel_case_types)]
pub(crate) enum ListSource {
    model,
    fold_in,
    popular,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Listed {
    source: ListSource,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Unknown {
    kind: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    result: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ModelInfo {
    name: String,
    architecture: String,
    digest: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct BuildInfo {
    version: &'static str,
    backend: &'static str,
}

type Durations = Family<Route, Histogram, fn() -> Histogram>;

/// All figures.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    requests: Family<Request, Counter>,
    durations: Durations,
    pub in_flight: Gauge,
    rejected: Family<Rejected, Counter>,
    pub panics: Counter,
    listed: Family<Listed, Counter>,
    unknown: Family<Unknown, Counter>,
    fold_in_ratings: Histogram,
    fold_in_seconds: Histogram,
    score_seconds: Histogram,
    model: Family<ModelInfo, Gauge>,
    users: Gauge,
    items: Gauge,
    parameters: Gauge,
    trained: Gauge<f64, AtomicU64>,
    loaded: Gauge<f64, AtomicU64>,
    reloads: Family<Outcome, Counter>,
}

/// From 0.1 ms to 10 s in steps of 1, 2.5 and 5.
fn seconds() -> Histogram {
    let decades = (-4..1).flat_map(|decade| [1.0, 2.5, 5.0].map(|step| step * 10_f64.powi(decade)));
    Histogram::new(decades.chain([10.0]))
}

impl Metrics {
    pub fn new() -> Self {
        let mut all = Self {
            registry: Registry::with_prefix("recburn"),
            requests: Family::default(),
            durations: Family::new_with_constructor(seconds),
            in_flight: Gauge::default(),
            rejected: Family::default(),
            panics: Counter::default(),
            listed: Family::default(),
            unknown: Family::default(),
            fold_in_ratings: Histogram::new([
                1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1_000.0,
            ]),
            fold_in_seconds: seconds(),
            score_seconds: seconds(),
            model: Family::default(),
            users: Gauge::default(),
            items: Gauge::default(),
            parameters: Gauge::default(),
            trained: Gauge::default(),
            loaded: Gauge::default(),
            reloads: Family::default(),
        };
        all.register();
        all
    }

    fn register(&mut self) {
        let own = &mut self.registry;
        own.register("http_requests", "Requests answered", self.requests.clone());
        let help = "Time from the head of a request to the head of its answer";
        own.register(
            "http_request_duration_seconds",
            help,
            self.durations.clone(),
        );
        own.register(
            "http_requests_in_flight",
            "Requests being answered",
            self.in_flight.clone(),
        );
        own.register(
            "http_rejected",
            "Requests rejected before they were looked at",
            self.rejected.clone(),
        );
        own.register(
            "panics",
            "Faults of the program: to stay at 0",
            self.panics.clone(),
        );
        own.register(
            "recommendations",
            "Lists by what they were made of",
            self.listed.clone(),
        );
        own.register(
            "unknown_ids",
            "Ids of requests that the model does not know",
            self.unknown.clone(),
        );
        own.register(
            "fold_in_ratings",
            "Ratings folded in at a time",
            self.fold_in_ratings.clone(),
        );
        own.register(
            "fold_in_duration_seconds",
            "Time of a fold-in",
            self.fold_in_seconds.clone(),
        );
        own.register(
            "score_duration_seconds",
            "Time to score all items for one user",
            self.score_seconds.clone(),
        );
        own.register("model_info", "The model that is served", self.model.clone());
        own.register(
            "model_users",
            "Users that the model knows",
            self.users.clone(),
        );
        own.register(
            "model_items",
            "Items that the model knows",
            self.items.clone(),
        );
        own.register(
            "model_parameters",
            "Numbers that the model has learnt",
            self.parameters.clone(),
        );
        own.register(
            "model_trained_timestamp_seconds",
            "When the model was written",
            self.trained.clone(),
        );
        own.register(
            "model_loaded_timestamp_seconds",
            "When the model was read",
            self.loaded.clone(),
        );
        own.register("model_reloads", "Readings of a model", self.reloads.clone());
        let build: Family<BuildInfo, Gauge> = Family::default();
        let (version, backend) = (env!("CARGO_PKG_VERSION"), "burn");
        build.get_or_create(&BuildInfo { version, backend }).set(1);
        own.register("build_info", "The program", build);
        for reason in [
            Reason::busy,
            Reason::too_large,
            Reason::timeout,
            Reason::unauthorized,
            Reason::host,
        ] {
            drop(self.rejected.get_or_create(&Rejected { reason }));
        }
        for result in ["ok", "refused"] {
            drop(self.reloads.get_or_create(&Outcome { result }));
        }
    }

    /// A request that was answered.
    pub fn answered(&self, route: &str, method: &'static str, status: u16, time: Duration) {
        let route = route.to_string();
        let of_route = self.durations.get_or_create_owned(&Route {
            route: route.clone(),
        });
        of_route.observe(time.as_secs_f64());
        let request = Request {
            route,
            method,
            status,
        };
        self.requests.get_or_create(&request).inc();
    }

    /// A request that was rejected with this code.
    pub fn rejected(&self, code: &str) {
        let reason = match code {
            "busy" => Reason::busy,
            "too_large" => Reason::too_large,
            "timeout" | "slow_body" => Reason::timeout,
            "unauthorized" => Reason::unauthorized,
            "host" | "cross_origin" => Reason::host,
            _ => return,
        };
        self.rejected.get_or_create(&Rejected { reason }).inc();
    }

    /// A list that was made.
    pub fn listed(&self, source: ListSource) {
        self.listed.get_or_create(&Listed { source }).inc();
    }

    /// Ids that the model does not know.
    pub fn unknown(&self, kind: &'static str, count: usize) {
        if count > 0 {
            self.unknown
                .get_or_create(&Unknown { kind })
                .inc_by(count as u64);
        }
    }

    /// Ratings that were folded in.
    pub fn folded(&self, ratings: usize, time: Duration) {
        self.fold_in_ratings.observe(ratings as f64);
        self.fold_in_seconds.observe(time.as_secs_f64());
    }

    /// All items were scored for somebody.
    pub fn scored(&self, time: Duration) {
        self.score_seconds.observe(time.as_secs_f64());
    }

    /// A model was read, or not.
    pub fn reloaded(&self, well: bool) {
        let result = match well {
            true => "ok",
            false => "refused",
        };
        self.reloads.get_or_create(&Outcome { result }).inc();
    }

    /// The model that is served from now on.
    pub fn describe(&self, served: &Served) {
        let of = |time: SystemTime| {
            time.duration_since(UNIX_EPOCH)
                .map_or(0.0, |time| time.as_secs_f64())
        };
        self.model.clear();
        let info = ModelInfo {
            name: served.name.clone(),
            architecture: served.model.name().to_string(),
            digest: served.digest.clone(),
        };
        self.model.get_or_create(&info).set(1);
        self.users.set(served.model.users().len() as i64);
        self.items.set(served.model.items().len() as i64);
        self.parameters.set(served.parameters().unwrap_or(0) as i64);
        self.trained.set(served.created.map_or(0.0, of));
        self.loaded.set(of(served.loaded));
    }

    /// All figures as text.
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Writing to memory does not fail.
        let _ = prometheus_text::encode(&mut text, &self.registry);
        text.push_str(&Process::now().text());
        text
    }
}
