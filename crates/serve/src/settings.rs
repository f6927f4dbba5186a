//! The settings of a service.

use crate::limits::Limits;
use burn::tensor::Device;
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;
use subtle::ConstantTimeEq;

/// What is served, and how.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The folder of a saved model.
    pub folder: PathBuf,
    /// The device that runs it.
    pub device: Device,
    /// The address to listen on.
    pub bind: SocketAddr,
    /// Another address for `/metrics` and the probes, without a token.
    pub metrics_bind: Option<SocketAddr>,
    /// What requests are to bring along.
    pub token: Option<Token>,
    /// Whether an address beyond this machine may be served without a token.
    pub open: bool,
    /// The names by which clients may call the service; empty: on a loopback address the names of this machine, elsewhere any.
    pub hosts: Vec<String>,
    /// How long to go on answering after a request to end, while `/readyz` says so.
    pub drain: Duration,
    /// How often to look whether the folder holds another model.
    pub watch: Option<Duration>,
    /// A file of ratings that are given while the model is served.
    pub journal: Option<PathBuf>,
    /// What requests may be and take.
    pub limits: Limits,
}

impl Settings {
    /// A model on this machine's port 7373, without a token and a journal.
    pub fn new(folder: impl Into<PathBuf>, device: Device) -> Self {
        Self {
            folder: folder.into(),
            device,
            bind: SocketAddr::from(([127, 0, 0, 1], 7373)),
            metrics_bind: None,
            token: None,
            open: false,
            hosts: Vec::new(),
            drain: Duration::ZERO,
            watch: None,
            journal: None,
            limits: Limits::default(),
        }
    }

    /// Whether others than this machine could ask without a token although nobody has allowed it.
    pub fn is_exposed(&self) -> bool {
        !self.bind.ip().is_loopback() && self.token.is_none() && !self.open
    }
}

/// A secret that requests bring along. It is not printed, and is compared in constant time.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    /// A secret without the blanks around it; `None` unless it is 1 to 4,096 visible ASCII characters.
    pub fn new(secret: &str) -> Option<Self> {
        let secret = secret.trim();
        let visible = secret.bytes().all(|byte| byte.is_ascii_graphic());
        (visible && (1..=4_096).contains(&secret.len())).then(|| Self(secret.to_string()))
    }

    /// Whether this is the secret.
    pub fn is(&self, given: &[u8]) -> bool {
        self.0.as_bytes().ct_eq(given).into()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}
