//! What all requests share.

use crate::journal::{Journal, JournalError};
use crate::limits::Limits;
use crate::metrics::Metrics;
use crate::problem::Problem;
use crate::served::{ModelError, Served};
use crate::settings::Settings;
use crate::turns::Turns;
use arc_swap::ArcSwapOption;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::Mutex;

/// A service: settings, the model that it serves now, its journal and its figures.
#[derive(Debug)]
pub struct Service {
    pub(crate) settings: Settings,
    served: ArcSwapOption<Served>,
    draining: AtomicBool,
    /// Held while a model is read, one at a time.
    pub(crate) reloading: Mutex<()>,
    pub(crate) metrics: Metrics,
    pub(crate) journal: Option<Journal>,
    pub(crate) turns: Turns,
}

/// A service, as handlers have it.
pub(crate) type Shared = Arc<Service>;

impl Service {
    /// A service without a model as yet: [`Service::load`] reads it. Until then `/readyz` says that it is loading.
    ///
    /// # Errors
    ///
    /// A journal that cannot be read or written.
    pub fn new(settings: Settings) -> Result<Arc<Self>, JournalError> {
        let journal = settings.journal.as_deref().map(Journal::open).transpose()?;
        Ok(Arc::new(Self {
            turns: Turns::new(settings.limits.in_flight, settings.limits.waiting),
            settings,
            served: ArcSwapOption::empty(),
            draining: AtomicBool::new(false),
            reloading: Mutex::new(()),
            metrics: Metrics::new(),
            journal,
        }))
    }

    /// Reads the model of the settings and serves it from now on. The one before, if there is one, is served until then, and
    /// stays if there is an error.
    ///
    /// # Errors
    ///
    /// A folder without a sound model.
    pub fn load(&self) -> Result<Loaded, ModelError> {
        let before = self.served.load_full().map(|served| served.digest.clone());
        let served = Served::read(&self.settings.folder, &self.settings.device);
        self.metrics.reloaded(served.is_ok());
        let served = Arc::new(served?);
        self.metrics.describe(&served);
        let loaded = Loaded {
            before,
            name: served.name.clone(),
            after: served.digest.clone(),
            verified: served.verified,
            users: served.model.users().len(),
            items: served.model.items().len(),
            first_user: served
                .model
                .users()
                .iter()
                .next()
                .map(|(_, id)| id.into_owned()),
        };
        self.served.store(Some(served));
        Ok(loaded)
    }

    /// The model that is served now.
    pub(crate) fn model(&self) -> Result<Arc<Served>, Problem> {
        let served = self.served.load_full();
        served.ok_or_else(|| Problem::unavailable("loading", "the model is being read"))
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.settings.limits
    }

    /// From now on `/readyz` says that the service is about to end.
    pub fn drain(&self) {
        self.draining.store(true, Ordering::SeqCst);
    }

    pub(crate) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::SeqCst)
    }
}

/// A model that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loaded {
    /// The digest of the one before.
    pub before: Option<String>,
    /// Its name.
    pub name: String,
    /// Its digest.
    pub after: String,
    /// Whether its folder has digests of its files.
    pub verified: bool,
    /// How many users it knows.
    pub users: usize,
    /// How many items it knows.
    pub items: usize,
    /// The id of a user.
    pub first_user: Option<String>,
}
