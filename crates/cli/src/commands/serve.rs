//! `recburn serve`.

use crate::commands::saved::{model_folder, unverified};
use crate::commands::time::time;
use crate::exit::wrong;
use crate::output::Output;
use anyhow::Result;
use clap::Args;
use recburn::data::thousands;
use recburn::pick_device;
use recburn_serve::{Limits, Log, Settings, Started, Token, run};
use serde::Serialize;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

mod check;

const HELP: &str = "\
Examples:
  recburn serve out/biased_mf/model
  recburn serve out/biased_mf/model --watch 2s              serves a new model when it is there
  recburn serve out/biased_mf/model --journal ratings.csv   takes ratings, for train --add
  recburn serve out/big/parts/2-of-4                        the users of one of several processes
  recburn serve out/biased_mf/model --bind 0.0.0.0:7373 --token-file token
  recburn serve --openapi                                   the interface, as OpenAPI 3.1

Then, for example:
  curl 'http://127.0.0.1:7373/v1/users/1/recommendations?count=5'
  curl http://127.0.0.1:7373/v1/recommendations -H 'Content-Type: application/json' \\
    -d '{\"ratings\": [{\"item\": 318, \"rating\": 5}]}'
docs/service.md has all requests. SIGHUP reads the model again, SIGTERM and Ctrl-C end the service.

Every flag can be given by a variable: --metrics-bind is RECBURN_SERVE_METRICS_BIND. The command
line takes precedence over variables, and these over a --config file. The token is in a file or in
the variable RECBURN_TOKEN, never a flag: the command line of a process can be read by everybody on
the machine.";

/// Serve a model over HTTP
#[derive(Args)]
#[command(after_help = HELP)]
pub struct Serve {
    /// The folder of a saved model, such as out/biased_mf/model, or the output folder of `train`
    #[arg(value_name = "MODEL", env = "RECBURN_SERVE_MODEL")]
    model: Option<PathBuf>,
    /// The address and port to listen on; port 0 for any free one
    #[arg(
        long,
        value_name = "ADDRESS:PORT",
        env = "RECBURN_SERVE_BIND",
        default_value = "127.0.0.1:7373"
    )]
    bind: SocketAddr,
    /// Another address for /metrics, /livez and /readyz, which needs no token
    #[arg(long, value_name = "ADDRESS:PORT", env = "RECBURN_SERVE_METRICS_BIND")]
    metrics_bind: Option<SocketAddr>,
    /// A file with the token that requests must carry [default: the variable RECBURN_TOKEN, or no token]
    #[arg(long, value_name = "FILE", env = "RECBURN_SERVE_TOKEN_FILE")]
    token_file: Option<PathBuf>,
    /// Let everybody who can reach the address ask without a token
    #[arg(long, env = "RECBURN_SERVE_OPEN")]
    open: bool,
    /// A name by which clients may call the service, may be repeated [default: those of this machine on a loopback
    /// address, any on others]
    #[arg(
        long,
        value_name = "NAME",
        env = "RECBURN_SERVE_HOST",
        value_delimiter = ','
    )]
    host: Vec<String>,
    /// How long to go on answering after SIGTERM while /readyz says `draining`, such as 5s
    #[arg(long, value_name = "TIME", env = "RECBURN_SERVE_DRAIN", default_value = "0s", value_parser = time)]
    drain: Duration,
    /// Check this often, such as every 2s, whether the folder holds another model, and serve that one
    #[arg(long, value_name = "TIME", env = "RECBURN_SERVE_WATCH", value_parser = time)]
    watch: Option<Duration>,
    /// Take ratings of users, and keep them in this file
    #[arg(long, value_name = "FILE", env = "RECBURN_SERVE_JOURNAL")]
    journal: Option<PathBuf>,
    /// The form of the log on standard error: text, json or off
    #[arg(
        long,
        value_name = "text|json|off",
        env = "RECBURN_SERVE_LOG",
        default_value = "text"
    )]
    log: Log,
    /// The largest body of a request, in bytes
    #[arg(long, value_name = "BYTES", env = "RECBURN_SERVE_MAX_BODY", default_value_t = Limits::default().body)]
    max_body: usize,
    /// How many connections may be open at a time; others wait
    #[arg(long, value_name = "N", env = "RECBURN_SERVE_CONNECTIONS", default_value_t = Limits::default().connections)]
    connections: usize,
    /// How many requests are answered at a time [default: 4 for each core]
    #[arg(long, value_name = "N", env = "RECBURN_SERVE_IN_FLIGHT")]
    in_flight: Option<usize>,
    /// How many requests may wait for their turn; others are answered with 503
    #[arg(long, value_name = "N", env = "RECBURN_SERVE_WAITING", default_value_t = Limits::default().waiting)]
    waiting: usize,
    /// flex, ndarray, wgpu or cuda, if built in [default: BURN_DEVICE, or the fastest kind there is]
    #[arg(long, value_name = "NAME", env = "RECBURN_SERVE_DEVICE")]
    device: Option<String>,
    /// Print the description of the interface (OpenAPI 3.1) and exit
    #[arg(long)]
    openapi: bool,
    /// Ask a running service, such as http://127.0.0.1:7373/readyz, and exit with status 0 if it answers 200
    #[arg(long, value_name = "URL")]
    check: Option<String>,
}

/// What is said at the start, for programs.
#[derive(Serialize)]
struct Said<'a> {
    address: String,
    model: &'a str,
    digest: &'a str,
    users: usize,
    items: usize,
    memory: Option<u64>,
}

impl Serve {
    /// Runs the command.
    pub fn run(&self, output: &Output) -> Result<()> {
        if self.openapi {
            return Ok(std::io::Write::write_all(
                &mut std::io::stdout(),
                recburn_serve::openapi().as_bytes(),
            )?);
        }
        if let Some(url) = &self.check {
            return check::check(url);
        }
        let Some(model) = &self.model else {
            return Err(wrong("MODEL is missing: the folder of a saved model"));
        };
        let token = self.token()?;
        let settings = Settings {
            bind: self.bind,
            metrics_bind: self.metrics_bind,
            open: self.open,
            hosts: self.host.clone(),
            drain: self.drain,
            watch: self.watch,
            journal: self.journal.clone(),
            limits: Limits {
                body: self.max_body,
                connections: self.connections,
                in_flight: self.in_flight.unwrap_or(Limits::default().in_flight),
                waiting: self.waiting,
                ..Limits::default()
            },
            token,
            ..Settings::new(model_folder(model)?, pick_device(self.device.as_deref())?)
        };
        self.log.start();
        let with_token = settings.token.is_some();
        run(settings, |started| {
            // A reader of the start who has gone away does not end the service.
            let _ = self.say(started, with_token, output);
        })?;
        Ok(())
    }

    /// The token of the file or of the variable.
    fn token(&self) -> Result<Option<Token>> {
        let of = |text: &str, from: &str| {
            Token::new(text).ok_or_else(|| {
                wrong(format!(
                    "{from} holds no token: 1 to 4,096 visible ASCII characters"
                ))
            })
        };
        if let Some(file) = &self.token_file {
            let text = std::fs::read_to_string(file);
            let text =
                text.map_err(|error| wrong(format!("--token-file {}: {error}", file.display())))?;
            return of(&text, &file.display().to_string()).map(Some);
        }
        match std::env::var("RECBURN_TOKEN") {
            Ok(text) => of(&text, "RECBURN_TOKEN").map(Some),
            Err(_) => Ok(None),
        }
    }

    fn say(&self, started: &Started, with_token: bool, output: &Output) -> Result<()> {
        let model = &started.model;
        output.note((!model.verified).then(|| unverified(&model.name)))?;
        if started.torn > 0 {
            output.note(Some(format!(
                "the journal ended in {} bytes that were no whole line, and were cut off: a rating that was never acknowledged",
                started.torn
            )))?;
        }
        let address = format!("http://{}", started.address);
        let megabytes = |bytes: u64| format!("{} MB", bytes >> 20);
        let memory = started
            .memory
            .map_or_else(|| "unknown".to_string(), megabytes);
        let text = format!(
            "serving {} ({} users, {} items) on {address}\ndigest: {}\nmemory: {memory}\ntry: {}",
            model.name,
            thousands(model.users),
            thousands(model.items),
            model.after,
            example(started, with_token),
        );
        let said = Said {
            address,
            model: &model.name,
            digest: &model.after,
            users: model.users,
            items: model.items,
            memory: started.memory,
        };
        output.answer(&said, text)
    }
}

/// A command that works.
fn example(started: &Started, with_token: bool) -> String {
    let mut address = started.address;
    if address.ip().is_unspecified() {
        address.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
    }
    let token = match with_token {
        true => "-H \"Authorization: Bearer $RECBURN_TOKEN\" ",
        false => "",
    };
    let path = match &started.model.first_user {
        Some(user) => format!("/v1/users/{}/recommendations?count=5", encoded(user)),
        None => "/v1/model".to_string(),
    };
    format!("curl {token}'http://{address}{path}'")
}

/// An id as a part of a path.
fn encoded(id: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'~');
    id.bytes()
        .map(|byte| match plain(byte) {
            true => char::from(byte).to_string(),
            false => format!("%{byte:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::encoded;

    #[test]
    fn ids_are_encoded() {
        assert_eq!(encoded("a b/ü"), "a%20b%2F%C3%BC");
    }
}
