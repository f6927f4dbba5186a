//! A small server on loopback with every fault that a real one can have, and archives to serve.

use md5::{Digest, Md5};
use recburn_fetch::{Checksum, Entry, FetchError, Options, Progress, fetch};
use std::fs;
use std::io::{BufRead, BufReader, Cursor, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// How one request is answered.
#[derive(Clone)]
pub enum Reply {
    /// As a good server does, ranges included.
    Good(Vec<u8>),
    /// The same, a piece at a time.
    Slow(Vec<u8>),
    /// The first half, and the connection closes.
    Half(Vec<u8>),
    /// The first half, and silence.
    HalfThenSilence(Vec<u8>),
    /// Not even a status.
    Silence,
    /// The whole file, whatever range was asked for.
    NoRanges(Vec<u8>),
    /// The first half without a word on the version of the file.
    HalfWithoutTag(Vec<u8>),
    /// All of it without saying how much it is.
    Unannounced(Vec<u8>),
    /// A status and no file.
    Status(u16),
    /// A range that was not asked for.
    WrongRange(Vec<u8>),
}

/// What a client asked for.
#[derive(Clone, Debug)]
pub struct Request {
    pub path: String,
    pub range: Option<u64>,
    pub if_range: Option<String>,
}

/// Answers the first request with the first reply and so on; the last reply is repeated.
pub struct Server {
    pub url: &'static str,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    pub fn new(replies: Vec<Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback is there");
        let address = listener.local_addr().expect("it is bound");
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        // It ends with the process of the tests.
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let Some(request) = read(&stream) else {
                    continue;
                };
                let mut seen = seen.lock().expect("nobody panicked with it");
                let reply = replies[seen.len().min(replies.len() - 1)].clone();
                seen.push(request.clone());
                // A client that hangs up is part of the test.
                thread::spawn(move || answer(stream, &request, &reply));
            }
        });
        Self {
            url: leak(format!("http://{address}/toy.zip")),
            requests,
        }
    }

    pub fn requests(&self) -> Vec<Request> {
        self.requests
            .lock()
            .expect("nobody panicked with it")
            .clone()
    }
}

fn read(stream: &TcpStream) -> Option<Request> {
    let mut lines = BufReader::new(stream).lines();
    let first = lines.next()?.ok()?;
    let mut request = Request {
        path: first.split(' ').nth(1)?.to_string(),
        range: None,
        if_range: None,
    };
    loop {
        let line = lines.next()?.ok()?;
        let Some((name, value)) = line.split_once(": ") else {
            return Some(request);
        };
        match name.to_ascii_lowercase().as_str() {
            "range" => {
                request.range = value
                    .strip_prefix("bytes=")?
                    .strip_suffix('-')?
                    .parse()
                    .ok()
            }
            "if-range" => request.if_range = Some(value.to_string()),
            _ => {}
        }
    }
}

fn answer(mut to: TcpStream, request: &Request, reply: &Reply) -> std::io::Result<()> {
    let head = |status: &str, length: usize, more: &str| {
        format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n{more}\r\n")
    };
    match reply {
        Reply::Status(status) => to.write_all(head(&format!("{status} No"), 0, "").as_bytes()),
        Reply::Silence => {
            thread::sleep(Duration::from_secs(3));
            Ok(())
        }
        Reply::Unannounced(file) => {
            to.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")?;
            to.write_all(file)
        }
        Reply::HalfWithoutTag(file) => {
            to.write_all(head("200 OK", file.len(), "").as_bytes())?;
            to.write_all(&file[..file.len() / 2])
        }
        Reply::WrongRange(file) if request.range.is_some() => {
            let range = format!(
                "Content-Range: bytes 1-{}/{}\r\n",
                file.len() - 1,
                file.len()
            );
            to.write_all(head("206 Partial Content", file.len() - 1, &range).as_bytes())?;
            to.write_all(&file[1..])
        }
        Reply::Good(file)
        | Reply::Slow(file)
        | Reply::Half(file)
        | Reply::HalfThenSilence(file)
        | Reply::NoRanges(file)
        | Reply::WrongRange(file) => {
            let tag = format!("\"{}\"", md5_of(file));
            let more = format!("ETag: {tag}\r\n");
            let honours = !matches!(reply, Reply::NoRanges(_));
            let range = request
                .range
                .filter(|_| honours && request.if_range == Some(tag));
            let from = range.unwrap_or(0) as usize;
            let total = file.len();
            if from >= total {
                let more = format!("Content-Range: bytes */{total}\r\n");
                return to.write_all(head("416 No", 0, &more).as_bytes());
            }
            let rest = &file[from..];
            let head = match range {
                None => head("200 OK", rest.len(), &more),
                Some(_) => {
                    let range = format!("Content-Range: bytes {from}-{}/{total}\r\n", total - 1);
                    head("206 Partial Content", rest.len(), &(range + &more))
                }
            };
            to.write_all(head.as_bytes())?;
            match reply {
                Reply::Slow(_) => {
                    for piece in rest.chunks(rest.len() / 12 + 1) {
                        to.write_all(piece)?;
                        thread::sleep(Duration::from_millis(60));
                    }
                    Ok(())
                }
                Reply::Half(_) => to.write_all(&rest[..rest.len() / 2]),
                Reply::HalfThenSilence(_) => {
                    to.write_all(&rest[..rest.len() / 2])?;
                    thread::sleep(Duration::from_secs(3));
                    Ok(())
                }
                _ => to.write_all(rest),
            }
        }
    }
}

/// An archive of stored, not deflated, files.
pub fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, bytes) in files {
        writer.start_file(*name, stored).expect("a file begins");
        writer.write_all(bytes).expect("memory takes it");
    }
    writer.finish().expect("it ends").into_inner()
}

/// A good archive of the data set `toy`.
pub fn toy() -> Vec<u8> {
    let ratings: String = (0..2000)
        .map(|row| format!("{row}\t{}\t3\n", row % 7))
        .collect();
    archive(&[
        ("toy/u.data", ratings.as_bytes()),
        ("toy/more/README", b"made up\n"),
    ])
}

/// The data set `toy` as it must come from that server.
pub fn entry(server: &Server, file: &[u8]) -> Entry {
    Entry {
        name: "toy",
        url: server.url,
        folder: "toy",
        bytes: file.len() as u64,
        checksum: Checksum::Md5(leak(md5_of(file))),
        users: 2000,
        items: 7,
        ratings: 2000,
        licence: "made up",
        citation: "none",
    }
}

/// Impatient and without retries.
pub fn once() -> Options {
    Options {
        connect: Duration::from_secs(2),
        stall: Duration::from_millis(400),
        retries: 0,
        pause: Duration::ZERO,
    }
}

/// A fetch whose progress is kept.
pub fn run(
    entry: &Entry,
    folder: &Path,
    options: &Options,
) -> (Result<PathBuf, FetchError>, Vec<Progress>) {
    let mut told = Vec::new();
    let outcome = fetch(entry, folder, options, &mut |progress| told.push(progress));
    (outcome, told)
}

/// All that stands in a folder, hidden files too.
pub fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .expect("the folder is there")
        .map(|entry| entry.expect("an entry is readable").file_name())
        .map(|name| name.to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// A good server gives the data set, and nothing else stands in the folder then.
pub fn succeeds(folder: &Path) -> Vec<Request> {
    let server = Server::new(vec![Reply::Good(toy())]);
    succeeds_from(&server, folder)
}

pub fn succeeds_from(server: &Server, folder: &Path) -> Vec<Request> {
    let (outcome, _) = run(&entry(server, &toy()), folder, &once());
    let target = outcome.expect("a good server gives it");
    assert_eq!(target, folder.join("toy"));
    assert_eq!(names(folder), ["toy"]);
    assert_eq!(names(&target), ["more", "u.data"]);
    let readme = fs::read(target.join("more/README")).expect("it was unpacked");
    assert_eq!(readme, b"made up\n");
    server.requests()
}

pub fn md5_of(bytes: &[u8]) -> String {
    let sum = Md5::digest(bytes);
    sum.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn leak(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}
