//! Connections of all sorts.

use super::models::{self, home, settings};
use super::{Client, request};
use axum::body::Body;
use recburn_serve::{Limits, Settings, accept_until, router};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

struct Running {
    address: SocketAddr,
    client: Client,
    end: Arc<Notify>,
    task: JoinHandle<()>,
    _home: tempfile::TempDir,
}

/// Short times, so that tests take no longer.
fn limits() -> Limits {
    Limits {
        head: Duration::from_millis(300),
        idle: Duration::from_secs(5),
        body_time: Duration::from_secs(2),
        shutdown: Duration::from_secs(2),
        ..Limits::default()
    }
}

impl Running {
    async fn with(limits: Limits) -> Self {
        let (home, folder) = home();
        let client = Client::with(Settings {
            limits,
            ..settings(&folder)
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let end = Arc::new(Notify::new());
        let (until, router) = (end.clone(), router(client.service.clone()));
        let task =
            tokio::spawn(
                async move { accept_until(listener, router, limits, until.notified()).await },
            );
        Self {
            address,
            client,
            end,
            task,
            _home: home,
        }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// What comes back for these bytes until the other side closes, and how long that takes.
    async fn told(&self, bytes: &str) -> (String, Duration) {
        let mut stream = self.connect().await;
        stream.write_all(bytes.as_bytes()).await.unwrap();
        read(&mut stream).await
    }
}

async fn read(stream: &mut TcpStream) -> (String, Duration) {
    let (begun, mut bytes) = (Instant::now(), Vec::new());
    let reading = stream.read_to_end(&mut bytes);
    // A connection that is reset is closed as well.
    let _ = tokio::time::timeout(Duration::from_secs(10), reading)
        .await
        .expect("the connection stays open");
    (
        String::from_utf8_lossy(&bytes).into_owned(),
        begun.elapsed(),
    )
}

const GET: &str = "GET /livez HTTP/1.1\r\nHost: localhost\r\n";

#[tokio::test(flavor = "multi_thread")]
async fn heads_that_do_not_come_and_connections_without_use_are_closed() {
    let running = Running::with(limits()).await;
    for begun in ["", "GET /livez HT", GET] {
        let (answer, time) = running.told(begun).await;
        assert!(!answer.contains("200 OK"), "{answer}");
        assert!(
            (Duration::from_millis(200)..Duration::from_millis(4_500)).contains(&time),
            "{begun:?}: {time:?}"
        );
    }
    // A byte now and then does not help.
    let mut stream = running.connect().await;
    let begun = Instant::now();
    for byte in GET.bytes().cycle().take(100) {
        if stream.write_all(&[byte]).await.is_err() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
    assert!(
        begun.elapsed() < Duration::from_secs(15),
        "{:?}",
        begun.elapsed()
    );

    // Between requests there is more time.
    let (answer, time) = running.told(&format!("{GET}\r\n")).await;
    assert!(
        answer.starts_with("HTTP/1.1 200 OK") && answer.ends_with("ok"),
        "{answer}"
    );
    assert!(
        (Duration::from_millis(4_500)..Duration::from_secs(60)).contains(&time),
        "{time:?}"
    );
    let mut stream = running.connect().await;
    for _ in 0..3 {
        stream
            .write_all(format!("{GET}\r\n").as_bytes())
            .await
            .unwrap();
        let mut bytes = [0; 4_096];
        let count = stream.read(&mut bytes).await.unwrap();
        assert!(bytes[..count].starts_with(b"HTTP/1.1 200 OK"));
        tokio::time::sleep(Duration::from_millis(450)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_has_said_all_gets_its_answer_and_a_broken_one_does_no_harm() {
    let running = Running::with(limits()).await;
    let mut stream = running.connect().await;
    let body = "{\"user\": \"u1\"}";
    let post = |length: usize| {
        format!(
            "POST /v1/recommendations HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
             Content-Length: {length}\r\n\r\n{body}"
        )
    };
    stream.write_all(post(body.len()).as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    let (answer, _) = read(&mut stream).await;
    assert!(
        answer.starts_with("HTTP/1.1 200 OK") && answer.contains("\"source\":\"model\""),
        "{answer}"
    );
    // A body that ends too early, or does not go on.
    let mut stream = running.connect().await;
    stream.write_all(post(500).as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    let (answer, _) = read(&mut stream).await;
    assert!(
        answer.is_empty() || answer.starts_with("HTTP/1.1 400"),
        "{answer}"
    );
    let (answer, _) = running.told(&post(500)).await;
    assert!(
        answer.starts_with("HTTP/1.1 408") && answer.contains("slow_body"),
        "{answer}"
    );
    // No HTTP at all, too much of it, and clients who hang up.
    for (bytes, status) in [
        ("\u{16}\u{3}\u{1}hello", "400"),
        ("GET / HTTP/9.9\r\n\r\n", "400"),
        (
            &format!(
                "GET /{} HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "x".repeat(70_000)
            ),
            "4",
        ),
        (&format!("{GET}x: {}\r\n\r\n", "x".repeat(70_000)), "431"),
        (
            "GET /livez HTTP/1.1\r\nHost: a\r\nHost: b\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
            "400",
        ),
    ] {
        let mut stream = running.connect().await;
        let _ = stream.write_all(bytes.as_bytes()).await;
        let (answer, _) = read(&mut stream).await;
        assert!(
            answer.is_empty() || answer.starts_with(&format!("HTTP/1.1 {status}")),
            "{answer}"
        );
    }
    for _ in 0..20 {
        let mut stream = running.connect().await;
        stream.write_all(post(body.len()).as_bytes()).await.unwrap();
        drop(stream);
    }
    let (answer, _) = running
        .told("GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        .await;
    assert!(answer.ends_with("ok"));
    assert_eq!(
        running.client.figure("recburn_panics_total").await,
        Some(0.0)
    );
    let (answer, _) = running
        .told("GET /v1/model HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")
        .await;
    assert!(
        answer.starts_with("HTTP/1.1 403") && answer.contains("\"host\""),
        "{answer}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn more_connections_than_allowed_wait_for_a_place() {
    let running = Running::with(Limits {
        connections: 2,
        ..limits()
    })
    .await;
    let waiting = [running.connect().await, running.connect().await];
    let begun = Instant::now();
    let (answer, _) = running
        .told("GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        .await;
    assert!(answer.ends_with("ok"));
    assert!(
        begun.elapsed() > Duration::from_millis(200),
        "it had to wait for the two to be closed"
    );
    drop(waiting);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_flight_at_the_end_is_answered_and_idle_connections_are_closed() {
    let running = Running::with(limits()).await;
    let mut idle = running.connect().await;
    idle.write_all(format!("{GET}\r\n").as_bytes())
        .await
        .unwrap();
    let mut bytes = [0; 4_096];
    assert!(idle.read(&mut bytes).await.unwrap() > 0);
    let mut busy = running.connect().await;
    let body = "{\"user\": \"u1\"}";
    let head = format!(
        "POST /v1/recommendations HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    busy.write_all(head.as_bytes()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    running.end.notify_one();
    let (rest, _) = read(&mut idle).await;
    assert!(rest.is_empty());
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(
        TcpStream::connect(running.address).await.is_err(),
        "nobody else is let in"
    );
    busy.write_all(body.as_bytes()).await.unwrap();
    let (answer, _) = read(&mut busy).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    tokio::time::timeout(Duration::from_secs(20), running.task)
        .await
        .expect("it ends")
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn many_clients_at_once_are_answered() {
    let running = Running::with(limits()).await;
    let address = running.address;
    let clients = (0..40).map(|client| {
        tokio::spawn(async move {
            let mut stream = TcpStream::connect(address).await.unwrap();
            let user = client % models::USERS + 1;
            let path = format!("/v1/users/u{user}/recommendations");
            let ask =
                format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
            stream.write_all(ask.as_bytes()).await.unwrap();
            let (answer, _) = read(&mut stream).await;
            (path, answer)
        })
    });
    let clients: Vec<_> = clients.collect();
    for client in clients {
        let (path, answer) = client.await.unwrap();
        let body = answer.split("\r\n\r\n").nth(1).unwrap();
        let alone = running
            .client
            .send(request("GET", &path).body(Body::empty()).unwrap())
            .await;
        assert_eq!(body, alone.text);
    }
}
