//! Reading the model anew: on request, on SIGHUP, and when its folder changes.

use crate::problem::{Problem, chain};
use crate::state::{Loaded, Service};
use axum::http::StatusCode;
use recburn_recommender::AnyRecommender;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// How often a folder is looked for that is not there: where two folders cannot change places, `recburn train` replaces one
/// by two renames.
const TRIES: usize = 5;
const PAUSE: Duration = Duration::from_millis(50);

/// Reads the model again. The old one is served until then, and stays if the new one is refused.
pub(crate) async fn reload(service: &Arc<Service>) -> Result<Loaded, Problem> {
    let Ok(_alone) = service.reloading.try_lock() else {
        return Err(Problem::new(
            StatusCode::CONFLICT,
            "busy",
            "a model is being read already",
        ));
    };
    let mut tries = 0;
    loop {
        let own = service.clone();
        let loaded = tokio::task::spawn_blocking(move || own.load()).await;
        tries += 1;
        match loaded {
            Ok(Ok(loaded)) => {
                tracing::info!(target: "recburn", model = loaded.name, digest = loaded.after, "serving");
                return Ok(loaded);
            }
            Ok(Err(_)) if tries < TRIES && !service.settings.folder.exists() => {
                tokio::time::sleep(PAUSE).await;
            }
            Ok(Err(error)) => return Err(refused(&chain(&error))),
            Err(fault) => return Err(refused(&fault.to_string())),
        }
    }
}

fn refused(why: &str) -> Problem {
    tracing::warn!(target: "recburn", why, "a model was refused; the one before is still served");
    Problem::unprocessable(
        "refused",
        format!("{why}; the model before is still served"),
    )
}

/// What tells one manifest of a model, such as `model.json`, from another without reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    inode: u64,
    length: u64,
    written: Option<SystemTime>,
}

fn stamp(folder: &Path) -> Option<Stamp> {
    let file = std::fs::metadata(AnyRecommender::manifest_in(folder)).ok()?;
    #[cfg(unix)]
    let inode = std::os::unix::fs::MetadataExt::ino(&file);
    #[cfg(not(unix))]
    let inode = 0;
    Some(Stamp {
        inode,
        length: file.len(),
        written: file.modified().ok(),
    })
}

/// Looks at the folder again and again, and reads the model when it has changed. Notifications of the system do not reach
/// network file systems, bind mounts and swapped links; looking does. A model that is refused is tried again at the next
/// look, since a copy may not be complete yet.
pub(crate) async fn watch(service: Arc<Service>, every: Duration) {
    let folder = service.settings.folder.clone();
    let mut served = stamp(&folder).filter(|_| {
        // It may have changed since it was read.
        let now = AnyRecommender::digest_in(&folder);
        let own = service.model().map(|served| served.digest.clone());
        now.ok() == own.ok()
    });
    loop {
        tokio::time::sleep(every).await;
        let now = stamp(&folder);
        if now.is_some() && now != served && reload(&service).await.is_ok() {
            served = now;
        }
    }
}
