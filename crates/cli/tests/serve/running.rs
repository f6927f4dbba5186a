//! A service that is running.

use crate::common::command;
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// A service that is running; killed at the end if nothing has ended it.
pub struct Running {
    pub child: Child,
    pub address: String,
    /// What it said at the start.
    pub said: Vec<String>,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Running {
    pub fn start(command: &mut Command) -> Self {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut said = Vec::new();
        while let Some(line) = lines.next().transpose().unwrap() {
            let last = line.starts_with("try: ");
            said.push(line);
            if last {
                break;
            }
        }
        let Some(first) = said.first() else {
            let mut error = String::new();
            child
                .stderr
                .take()
                .unwrap()
                .read_to_string(&mut error)
                .unwrap();
            panic!("it did not start: {error}");
        };
        let address = first.split("http://").nth(1).unwrap().to_string();
        Self {
            child,
            address,
            said,
        }
    }

    /// Of a folder on any port.
    pub fn of(home: &Path, flags: &[&str]) -> Self {
        Self::start(
            command(home)
                .args(["serve", "run", "--bind", "127.0.0.1:0", "--log", "off"])
                .args(flags),
        )
    }

    pub fn ask(&self, head: &str, body: &str) -> std::io::Result<(u16, String)> {
        let mut stream = TcpStream::connect(&self.address)?;
        let length = body.len();
        let own = format!(
            "Host: {}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}",
            self.address
        );
        stream.write_all(format!("{head}\r\n{own}").as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let status = answer
            .split_whitespace()
            .nth(1)
            .and_then(|status| status.parse().ok());
        let status = status.ok_or(std::io::ErrorKind::UnexpectedEof)?;
        Ok((status, answer.split_once("\r\n\r\n").unwrap().1.to_string()))
    }

    pub fn get(&self, path: &str) -> (u16, String) {
        self.ask(&format!("GET {path} HTTP/1.1"), "").unwrap()
    }

    #[track_caller]
    pub fn json(&self, path: &str) -> Value {
        let (status, text) = self.get(path);
        assert_eq!(status, 200, "{text}");
        serde_json::from_str(&text).unwrap()
    }

    pub fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args([name, &id])
                .status()
                .unwrap()
                .success()
        );
    }

    pub fn digest(&self) -> String {
        self.json("/v1/model")["digest"]
            .as_str()
            .unwrap()
            .to_string()
    }

    /// Waits until another model is served.
    pub fn await_other(&self, digest: &str) -> String {
        let begun = Instant::now();
        loop {
            let now = self.digest();
            if now != digest {
                return now;
            }
            assert!(
                begun.elapsed() < Duration::from_secs(60),
                "still the old model"
            );
            sleep(Duration::from_millis(50));
        }
    }
}
