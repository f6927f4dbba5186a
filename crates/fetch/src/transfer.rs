//! The transfer from the server into the part.

use crate::checksum::md5_in;
use crate::part::Part;
use crate::{Entry, FetchError, Options, Progress};
use std::io::{ErrorKind, Read};
use std::path::Path;
use std::thread;
use std::time::Duration;
use ureq::http::{HeaderMap, Response};
use ureq::{Agent, Body, Error, Timeout};

/// The size limit if neither the catalogue nor the server gives a size; larger than any archive of ratings.
const MOST: u64 = 8 << 30;

/// One data set's server.
pub(crate) struct Transfer {
    agent: Agent,
    url: &'static str,
    stall: Duration,
    /// What to do if the server cannot be reached.
    advice: String,
}

impl Transfer {
    pub(crate) fn new(entry: &Entry, folder: &Path, options: &Options) -> Self {
        let mut config = Agent::config_builder()
            .http_status_as_error(false)
            // Never follow a redirect from an encrypted address to an unencrypted one.
            .https_only(entry.url.starts_with("https:"))
            .user_agent(concat!("recburn-fetch/", env!("CARGO_PKG_VERSION")))
            // Size and ranges must be those of the file, not of a compressed encoding.
            .accept_encoding("identity")
            .timeout_resolve(Some(options.connect))
            .timeout_connect(Some(options.connect))
            .timeout_per_read(Some(options.stall))
            .timeout_per_write(Some(options.stall));
        // Local addresses are never reached through a proxy, whatever the environment says.
        if entry.url.starts_with("http://127.0.0.1:") {
            config = config.proxy(None);
        }
        Self {
            agent: config.build().into(),
            url: entry.url,
            stall: options.stall,
            advice: entry.by_hand(folder),
        }
    }

    /// The checksum that the server publishes next to the file.
    pub(crate) fn published_md5(&self) -> Result<String, FetchError> {
        let url = format!("{}.md5", self.url);
        let mut answer = self
            .agent
            .get(&url)
            .call()
            .map_err(|error| self.fault(&url, error, 0))?;
        if answer.status().as_u16() != 200 {
            return Err(self.status(&url, &answer));
        }
        let mut text = Vec::new();
        let body = answer.body_mut().as_reader();
        // A checksum with a name is short; anything longer is something else.
        let read = body.take(4096).read_to_end(&mut text);
        read.map_err(|error| self.fault(&url, error.into(), 0))?;
        let text = String::from_utf8_lossy(&text);
        md5_in(&text).ok_or_else(|| FetchError::NoChecksum {
            url,
            seen: text.chars().take(60).collect(),
        })
    }

    /// Downloads the missing bytes, retrying interrupted transfers as often as the options allow. `bytes` is the
    /// required size, if known.
    pub(crate) fn bring(
        &self,
        part: &mut Part,
        bytes: Option<u64>,
        options: &Options,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<(), FetchError> {
        let mut retry = 0;
        loop {
            match self.bring_once(part, bytes, progress) {
                Err(error) if error.may_pass() && retry < options.retries => {
                    retry += 1;
                    progress(Progress::Interrupted {
                        why: error.to_string(),
                        retry,
                    });
                    thread::sleep(options.pause);
                }
                outcome => return outcome,
            }
        }
    }

    fn bring_once(
        &self,
        part: &mut Part,
        bytes: Option<u64>,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<(), FetchError> {
        match bytes {
            Some(bytes) if part.have() == bytes => return Ok(()),
            Some(bytes) if part.have() > bytes => part.restart(None)?,
            _ => {}
        }
        let mut request = self.agent.get(self.url);
        let resumes = part.resume().is_some();
        if let Some((have, validator)) = part.resume() {
            // If-Range makes the server send the whole file if it has changed.
            request = request
                .header("Range", format!("bytes={have}-"))
                .header("If-Range", validator);
        }
        let answer = request
            .call()
            .map_err(|error| self.fault(self.url, error, part.have()))?;
        let range = ContentRange::of(answer.headers());
        let total = match answer.status().as_u16() {
            200 => {
                part.restart(validator(answer.headers()))?;
                answer.body().content_length()
            }
            206 if resumes && range.start == Some(part.have()) => range.total,
            416 if resumes && range.total == Some(part.have()) => return Ok(()),
            // The range was not the requested one, or not available: start over, without a range.
            206 | 416 if resumes => {
                part.restart(None)?;
                return self.bring_once(part, bytes, progress);
            }
            _ => return Err(self.status(self.url, &answer)),
        };
        if let (Some(expected), Some(seen)) = (bytes, total)
            && expected != seen
        {
            return Err(self.size(expected, seen));
        }
        self.receive(answer, part, bytes.or(total), progress)
    }

    fn receive(
        &self,
        answer: Response<Body>,
        part: &mut Part,
        total: Option<u64>,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<(), FetchError> {
        let most = total.unwrap_or(MOST);
        let announced = answer.body().content_length().is_some();
        let mut body = answer.into_body().into_reader();
        let mut bytes = vec![0; 1 << 16];
        let mut have = part.have();
        progress(Progress::Started { have, total });
        loop {
            let count = match body.read(&mut bytes) {
                Ok(0) => break,
                Ok(count) => count,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(self.fault(self.url, error.into(), have)),
            };
            if have + count as u64 > most {
                return Err(self.size(most, have + count as u64));
            }
            part.add(&bytes[..count])?;
            have = part.have();
            progress(Progress::Received { have, total });
        }
        match total {
            Some(total) if have < total && announced => Err(FetchError::CutOff {
                url: self.url.to_string(),
                have,
                why: format!("of {total}"),
            }),
            // The server has reported that this was everything.
            Some(total) if have < total => Err(self.size(total, have)),
            _ => Ok(()),
        }
    }

    fn status(&self, url: &str, answer: &Response<Body>) -> FetchError {
        FetchError::Status {
            url: url.to_string(),
            status: answer.status().as_u16(),
            advice: self.advice.clone(),
        }
    }

    fn size(&self, expected: u64, seen: u64) -> FetchError {
        FetchError::Size {
            url: self.url.to_string(),
            expected,
            seen,
        }
    }

    /// Distinguishes silence and a lost connection, which may be temporary, from an unreachable server.
    fn fault(&self, url: &str, error: Error, have: u64) -> FetchError {
        let url = url.to_string();
        match error {
            Error::Timeout(Timeout::PerRead | Timeout::PerWrite) => FetchError::Stalled {
                url,
                have,
                seconds: self.stall.as_secs_f64(),
            },
            Error::Io(error)
                if matches!(
                    error.kind(),
                    ErrorKind::UnexpectedEof
                        | ErrorKind::ConnectionReset
                        | ErrorKind::ConnectionAborted
                        | ErrorKind::BrokenPipe
                ) =>
            {
                FetchError::CutOff {
                    url,
                    have,
                    why: error.to_string(),
                }
            }
            error => FetchError::Unreachable {
                url,
                why: error.to_string(),
                advice: self.advice.clone(),
            },
        }
    }
}

/// The identifier of this version of the file: its ETag, unless it is weak and may denote several versions; otherwise
/// its date.
fn validator(headers: &HeaderMap) -> Option<String> {
    let text = |name: &str| headers.get(name)?.to_str().ok();
    text("etag")
        .filter(|tag| tag.starts_with('"'))
        .or_else(|| text("last-modified"))
        .map(str::to_string)
}

/// `bytes 5-9/10`, or `bytes */10` if there is no such range.
#[derive(Default)]
struct ContentRange {
    start: Option<u64>,
    total: Option<u64>,
}

impl ContentRange {
    fn of(headers: &HeaderMap) -> Self {
        let text = headers.get("content-range").and_then(|it| it.to_str().ok());
        let parts = text
            .and_then(|text| text.strip_prefix("bytes "))
            .and_then(|text| text.split_once('/'));
        match parts {
            Some((range, total)) => Self {
                start: range
                    .split_once('-')
                    .and_then(|(start, _)| start.parse().ok()),
                total: total.parse().ok(),
            },
            None => Self::default(),
        }
    }
}
