//! The journal of a study: JSON lines, the header and then a line per finished trial.

use crate::error::{JournalError, TuneError};
use crate::header;
use crate::study::Study;
use crate::trial::Finished;
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// An open journal. It is locked until it is dropped.
pub(crate) struct Journal {
    path: PathBuf,
    file: File,
}

/// What a journal held when it was opened.
#[derive(Default)]
pub(crate) struct Recorded {
    /// Finished trials by id.
    pub trials: BTreeMap<usize, Finished>,
    /// What a person should know.
    pub note: Option<String>,
}

impl Journal {
    /// Opens the journal of a study, or begins it.
    pub(crate) fn open(path: &Path, study: &Study) -> Result<(Self, Recorded), TuneError> {
        let opened = open(path, study);
        opened.map_err(|source| about(path, source))
    }

    /// Appends a trial; when this returns, it survives a crash.
    pub(crate) fn append(&mut self, trial: &Finished) -> Result<(), TuneError> {
        let appended = line(trial).and_then(|line| {
            self.file.write_all(&line)?;
            self.file.sync_data()
        });
        appended.map_err(|error| about(&self.path, error.into()))
    }
}

fn about(path: &Path, source: JournalError) -> TuneError {
    let path = path.to_path_buf();
    TuneError::Journal { path, source }
}

fn line(of: &impl serde::Serialize) -> io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(of)?;
    line.push(b'\n');
    Ok(line)
}

fn open(path: &Path, study: &Study) -> Result<(Journal, Recorded), JournalError> {
    if recburn_files::is_stdout(path) {
        return Err(JournalError::Stdout);
    }
    let parent = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    fs::create_dir_all(parent)?;
    let mut options = OpenOptions::new();
    let mut file = options.read(true).append(true).create(true).open(path)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(JournalError::InUse),
        // Some network file systems have no locks.
        Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {}
        Err(TryLockError::Error(error)) => return Err(error.into()),
    }
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;

    let own = header::of(study)?;
    let own_line = line(&own)?;
    let mut recorded = Recorded::default();
    // An empty file, or a header that a kill has cut off.
    if bytes.len() < own_line.len() && own_line.starts_with(&bytes) {
        file.set_len(0)?;
        file.write_all(&own_line)?;
        file.sync_all()?;
        sync_folder(parent)?;
    } else {
        let end = read(&bytes, &own, study, &mut recorded)?;
        if end < bytes.len() {
            file.set_len(end as u64)?;
            file.sync_data()?;
        } else if !bytes.ends_with(b"\n") {
            file.write_all(b"\n")?;
            file.sync_data()?;
        }
    }
    let path = path.to_path_buf();
    Ok((Journal { path, file }, recorded))
}

/// Reads the lines, and returns the length of the part that is complete.
fn read(
    bytes: &[u8],
    own: &serde_json::Value,
    study: &Study,
    recorded: &mut Recorded,
) -> Result<usize, JournalError> {
    let mut end = 0;
    for (at, text) in bytes.split_inclusive(|&byte| byte == b'\n').enumerate() {
        let wrong = |what: String| JournalError::Line { line: at + 1, what };
        let is_torn = !text.ends_with(b"\n");
        if at == 0 {
            header::compare(text, own)?;
            end += text.len();
            continue;
        }
        let trial: Finished = match serde_json::from_slice(text) {
            Ok(trial) => trial,
            Err(_) if is_torn => {
                let line = at + 1;
                recorded.note = Some(format!(
                    "line {line} of the journal is incomplete, as after a kill: it is dropped"
                ));
                break;
            }
            Err(error) => return Err(wrong(format!("this is not a finished trial ({error})"))),
        };
        study.space.check(&trial.trial.values).map_err(&wrong)?;
        if trial.value.is_some() == trial.error.is_some() {
            return Err(wrong("a trial has either a value or an error".to_string()));
        }
        let id = trial.trial.id;
        if recorded.trials.insert(id, trial).is_some() {
            return Err(wrong(format!("trial {id} is recorded twice")));
        }
        end += text.len();
    }
    Ok(end)
}

/// Makes the name of a new file durable.
fn sync_folder(folder: &Path) -> io::Result<()> {
    match cfg!(unix) {
        true => File::open(folder)?.sync_all(),
        false => Ok(()), // other systems do not open folders
    }
}
