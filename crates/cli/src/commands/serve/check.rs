//! `recburn serve --check URL`, for containers that hold nothing else that could ask.

use crate::exit::wrong;
use anyhow::{Context, Result, bail};
use std::io::{Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

const TIME: Duration = Duration::from_secs(5);

/// Asks for a URL; an error unless the answer's status is 200.
pub fn check(url: &str) -> Result<()> {
    let Some(rest) = url.strip_prefix("http://") else {
        return Err(wrong("--check: the URL begins with http://"));
    };
    let (host, path) = match rest.find('/') {
        Some(at) => rest.split_at(at),
        None => (rest, "/readyz"),
    };
    let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic());
    if !plain(host) || !plain(path) {
        return Err(wrong("--check: that is not a URL"));
    }
    let address = match host.parse() {
        Ok(address) => address,
        Err(_) => {
            let with_port = match host.rsplit_once(':') {
                Some((_, port)) if port.parse::<u16>().is_ok() => host.to_string(),
                _ => format!("{host}:80"),
            };
            let mut found = with_port
                .to_socket_addrs()
                .with_context(|| url.to_string())?;
            found
                .next()
                .with_context(|| format!("{url}: no such host"))?
        }
    };
    let mut stream = TcpStream::connect_timeout(&address, TIME).with_context(|| url.to_string())?;
    stream.set_read_timeout(Some(TIME))?;
    stream.set_write_timeout(Some(TIME))?;
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
    )?;
    let mut answer = Vec::new();
    stream
        .take(64 << 10)
        .read_to_end(&mut answer)
        .with_context(|| url.to_string())?;
    let answer = String::from_utf8_lossy(&answer);
    let status = answer.split_whitespace().nth(1).unwrap_or("no status");
    match status {
        "200" => Ok(()),
        status => bail!("{url} answers {status}"),
    }
}
