//! Ratings that are given while a model is served: a file of lines that only grows, and what it says of each user.

use crate::extract::Id;
use recburn_recommender::Query;
use std::collections::HashMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError, RwLock};
use std::time::{SystemTime, UNIX_EPOCH};
use thiserror::Error;

/// The first line of a journal.
const HEADING: &str = "user,item,rating,time";

/// Why there is no journal.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum JournalError {
    /// It cannot be read or written.
    #[error("journal {path}")]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// Another service writes to it.
    #[error("journal {path}: another service has it open")]
    Taken {
        /// The file.
        path: PathBuf,
    },
    /// A line is not one of a journal.
    #[error("journal {path}, line {line}: {reason}")]
    Line {
        /// The file.
        path: PathBuf,
        /// The number of the line, from 1.
        line: u64,
        /// What is wrong with it.
        reason: String,
    },
}

/// A user's ratings in the journal, oldest first; `None` for a rating that was taken back.
pub(crate) type Own = Vec<(Id, Option<f32>)>;

/// An open journal.
#[derive(Debug)]
pub(crate) struct Journal {
    file: Mutex<Lines>,
    users: RwLock<HashMap<String, Own>>,
    /// Bytes at the end of the file that were no whole line and have been cut off: a line that was never acknowledged.
    pub torn: u64,
}

/// The file, and where its last whole line ends.
#[derive(Debug)]
struct Lines {
    file: File,
    end: u64,
}

impl Journal {
    /// Opens a journal, or begins one, and reads what it says.
    pub fn open(path: &Path) -> Result<Self, JournalError> {
        let failed = |source| JournalError::Io {
            path: path.to_path_buf(),
            source,
        };
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(JournalError::Taken {
                    path: path.to_path_buf(),
                });
            }
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(failed)?;
        let whole = bytes
            .iter()
            .rposition(|&byte| byte == b'\n')
            .map_or(0, |at| at + 1);
        let users = replay(path, &bytes[..whole])?;
        let torn = (bytes.len() - whole) as u64;
        let mut lines = Lines {
            file,
            end: whole as u64,
        };
        if torn > 0 {
            lines.file.set_len(lines.end).map_err(failed)?;
        }
        if whole == 0 {
            lines.append(&format!("{HEADING}\n")).map_err(failed)?;
            if let Some(parent) = path
                .parent()
                .filter(|parent| !parent.as_os_str().is_empty())
            {
                // A new file is to be there after a power failure as well.
                let _ = File::open(parent).and_then(|folder| folder.sync_all());
            }
        }
        Ok(Self {
            file: Mutex::new(lines),
            users: RwLock::new(users),
            torn,
        })
    }

    /// Writes a rating, or that it was taken back, and waits until the disk has it. What the journal says of the user changes
    /// after that.
    pub fn write(&self, user: &Id, item: &Id, rating: Option<f32>) -> io::Result<()> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let time = now.map_or(0, |now| now.as_secs()).to_string();
        let stars = rating.map(|stars| stars.to_string()).unwrap_or_default();
        let mut line = csv::Writer::from_writer(Vec::new());
        line.write_record([&user.0, &item.0, &stars, &time])?;
        let line = line.into_inner().map_err(|error| error.into_error())?;
        let line = String::from_utf8(line).map_err(io::Error::other)?;
        let mut lines = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        lines.append(&line)?;
        // Under the lock of the file: memory has the lines in the order of the file.
        let mut users = self.users.write().unwrap_or_else(PoisonError::into_inner);
        note(&mut users, user.clone(), item.clone(), rating);
        Ok(())
    }

    /// The ratings that a user has given, the last [`Query::MOST_RATINGS`] at most.
    pub fn ratings_of(&self, user: &str) -> Vec<(Id, f32)> {
        let users = self.users.read().unwrap_or_else(PoisonError::into_inner);
        let own = users.get(user).map_or(&[][..], Vec::as_slice);
        let given = own
            .iter()
            .filter_map(|(item, rating)| Some((item.clone(), (*rating)?)));
        let given: Vec<_> = given.collect();
        given[given.len().saturating_sub(Query::MOST_RATINGS)..].to_vec()
    }

    /// Whether a user has given ratings.
    pub fn knows(&self, user: &str) -> bool {
        let users = self.users.read().unwrap_or_else(PoisonError::into_inner);
        let own = users.get(user).map_or(&[][..], Vec::as_slice);
        own.iter().any(|(_, rating)| rating.is_some())
    }
}

impl Lines {
    /// Adds a line, wholly or not at all.
    fn append(&mut self, line: &str) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(self.end))?;
        let written = self
            .file
            .write_all(line.as_bytes())
            .and_then(|()| self.file.sync_data());
        match written {
            Ok(()) => {
                self.end += line.len() as u64;
                Ok(())
            }
            Err(error) => {
                // A full disk: what was written of it goes, so that the next line does not follow half a line.
                let _ = self.file.set_len(self.end);
                Err(error)
            }
        }
    }
}

/// Later ratings of an item take the place of earlier ones.
fn note(users: &mut HashMap<String, Own>, user: Id, item: Id, rating: Option<f32>) {
    let own = users.entry(user.0).or_default();
    own.retain(|(known, _)| *known != item);
    own.push((item, rating));
}

fn replay(path: &Path, bytes: &[u8]) -> Result<HashMap<String, Own>, JournalError> {
    let mut users = HashMap::new();
    let mut rows = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(bytes);
    for (at, row) in rows.records().enumerate() {
        let wrong = |reason: String, line| JournalError::Line {
            path: path.to_path_buf(),
            line,
            reason,
        };
        let row = row.map_err(|error| {
            let line = error.position().map_or(0, csv::Position::line);
            wrong(error.to_string(), line)
        })?;
        let line = row.position().map_or(0, csv::Position::line);
        let fields: Vec<&str> = row.iter().collect();
        if at == 0 && fields.join(",") == HEADING {
            continue;
        }
        let [user, item, stars, _] = fields[..] else {
            return Err(wrong(
                format!("it has {} fields instead of 4", fields.len()),
                line,
            ));
        };
        let rating = match stars {
            "" => None,
            stars => match stars.parse::<f32>() {
                Ok(stars) if stars.is_finite() => Some(stars),
                _ => return Err(wrong(format!("`{stars}` is not a rating"), line)),
            },
        };
        note(
            &mut users,
            Id(user.to_string()),
            Id(item.to_string()),
            rating,
        );
    }
    Ok(users)
}

#[cfg(test)]
mod tests {
    use super::{Id, Journal, JournalError};
    use std::fs;

    fn id(id: &str) -> Id {
        Id(id.to_string())
    }

    #[test]
    fn what_was_written_is_there_after_a_restart_and_half_a_line_is_not() {
        let home = tempfile::tempdir().expect("a folder");
        let path = home.path().join("journal.csv");
        let journal = Journal::open(&path).expect("a new journal");
        let written = [
            ("a,\"b", "7", Some(4.5)),
            ("a,\"b", "8", Some(1.0)),
            ("c", "7", Some(3.0)),
        ];
        for (user, item, rating) in written {
            journal
                .write(&id(user), &id(item), rating)
                .expect("written");
        }
        journal
            .write(&id("a,\"b"), &id("7"), Some(2.0))
            .expect("again");
        journal.write(&id("c"), &id("7"), None).expect("taken back");
        assert!(matches!(
            Journal::open(&path),
            Err(JournalError::Taken { .. })
        ));
        let (own, others) = (journal.ratings_of("a,\"b"), journal.ratings_of("c"));
        assert_eq!(own, [(id("8"), 1.0), (id("7"), 2.0)]);
        assert!(others.is_empty() && !journal.knows("c") && journal.knows("a,\"b"));
        drop(journal);

        let mut bytes = fs::read(&path).expect("the file");
        let whole = bytes.len();
        bytes.extend_from_slice(b"c,9,5");
        fs::write(&path, &bytes).expect("half a line");
        let journal = Journal::open(&path).expect("an old journal");
        assert_eq!((journal.torn, journal.ratings_of("a,\"b")), (5, own));
        assert!(!journal.knows("c"));
        assert_eq!(fs::read(&path).expect("the file").len(), whole);
    }

    #[test]
    fn a_line_that_is_none_is_named() {
        let home = tempfile::tempdir().expect("a folder");
        let path = home.path().join("journal.csv");
        for (text, line) in [
            ("user,item,rating,time\na,b,c,1\n", 2),
            ("a,b\n", 1),
            ("a,b,inf,1\n", 1),
        ] {
            fs::write(&path, text).expect("a file");
            match Journal::open(&path) {
                Err(JournalError::Line { line: at, .. }) => assert_eq!(at, line, "{text}"),
                other => panic!("{other:?}"),
            }
        }
    }
}
