//! A service from its start to its end.

use crate::accept;
use crate::journal::JournalError;
use crate::process::Process;
use crate::reload;
use crate::routes::{of_metrics, router};
use crate::served::ModelError;
use crate::settings::Settings;
use crate::state::{Loaded, Service};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// Why a service does not start.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ServeError {
    /// An address beyond this machine without a token.
    #[error(
        "{bind} can be reached from other machines: give a token (--token-file, or the variable RECBURN_TOKEN), or allow \
         everybody to ask with --open"
    )]
    Exposed {
        /// The address.
        bind: SocketAddr,
    },
    /// The address cannot be listened on.
    #[error("cannot listen on {bind}")]
    Bind {
        /// The address.
        bind: SocketAddr,
        /// The system's error.
        source: io::Error,
    },
    /// The model cannot be served.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The journal cannot be used.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The system refuses threads or signals.
    #[error("the system refuses what a service needs")]
    System(#[source] io::Error),
}

/// What is served, once it is.
#[derive(Clone, Debug)]
pub struct Started {
    /// The address, with the port that the system chose if the settings leave it open.
    pub address: SocketAddr,
    /// The model.
    pub model: Loaded,
    /// Memory in use, in bytes, where the system says it.
    pub memory: Option<u64>,
    /// Bytes of the journal that were no whole line, and have been cut off.
    pub torn: u64,
}

/// Serves a model until SIGTERM or Ctrl-C; `started` is called when it answers.
///
/// # Errors
///
/// [`ServeError`], before `started` is called.
pub fn run(settings: Settings, started: impl FnOnce(&Started)) -> Result<(), ServeError> {
    if settings.is_exposed() {
        return Err(ServeError::Exposed {
            bind: settings.bind,
        });
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let runtime = runtime.map_err(ServeError::System)?;
    let served = runtime.block_on(serve(settings, started));
    // What is still running is past its time.
    runtime.shutdown_background();
    served
}

async fn serve(settings: Settings, started: impl FnOnce(&Started)) -> Result<(), ServeError> {
    // Before anything else: a signal while the model is read is to be no accident.
    let mut signals = Signals::new().map_err(ServeError::System)?;
    let listener = listen(settings.bind).await?;
    let address = listener.local_addr().map_err(ServeError::System)?;
    let figures = match settings.metrics_bind {
        Some(bind) => Some(listen(bind).await?),
        None => None,
    };
    let service = Service::new(settings)?;
    let limits = service.settings.limits;
    let (end, ended) = watch::channel(false);
    let until = |mut ended: watch::Receiver<bool>| async move {
        let _ = ended.wait_for(|end| *end).await;
    };
    let mut tasks = vec![tokio::spawn(accept::serve(
        listener,
        router(service.clone()),
        limits,
        until(ended.clone()),
    ))];
    if let Some(figures) = figures {
        let router = of_metrics(service.clone());
        tasks.push(tokio::spawn(accept::serve(
            figures,
            router,
            limits,
            until(ended.clone()),
        )));
    }
    let own = service.clone();
    let loaded = tokio::task::spawn_blocking(move || own.load()).await;
    let model =
        loaded.map_err(|fault| ServeError::System(io::Error::other(fault.to_string())))??;
    started(&Started {
        address,
        model,
        memory: Process::now().resident,
        torn: service.journal.as_ref().map_or(0, |journal| journal.torn),
    });
    if let Some(every) = service.settings.watch {
        tokio::spawn(reload::watch(service.clone(), every));
    }
    while signals.next().await == Signal::Reload {
        let service = service.clone();
        tokio::spawn(async move { reload_aloud(&service).await });
    }
    service.drain();
    tracing::info!(target: "recburn", "ending");
    tokio::time::sleep(service.settings.drain).await;
    let _ = end.send(true);
    for task in tasks {
        let _ = task.await;
    }
    Ok(())
}

async fn reload_aloud(service: &Arc<Service>) {
    if let Err(problem) = reload::reload(service).await {
        tracing::warn!(target: "recburn", why = problem.detail, "not reloaded");
    }
}

async fn listen(bind: SocketAddr) -> Result<TcpListener, ServeError> {
    let listener = TcpListener::bind(bind).await;
    listener.map_err(|source| ServeError::Bind { bind, source })
}

/// What a signal asks for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Signal {
    Reload,
    End,
}

#[cfg(unix)]
struct Signals {
    hangup: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            hangup: signal(SignalKind::hangup())?,
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.hangup.recv() => Signal::Reload,
            _ = self.terminate.recv() => Signal::End,
            _ = self.interrupt.recv() => Signal::End,
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) -> Signal {
        let _ = tokio::signal::ctrl_c().await;
        Signal::End
    }
}
