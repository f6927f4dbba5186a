//! Who may ask.

use super::models::{home, settings};
use super::{Client, request};
use axum::body::Body;
use recburn_serve::{Settings, Token};
use std::net::SocketAddr;

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_asked_for_everywhere_but_at_the_probes_and_the_page() {
    let (_home, folder) = home();
    let client = Client::with(Settings {
        token: Token::new("secret-1"),
        ..settings(&folder)
    });
    let with = async |path: &str, value: &str| {
        let request = request("GET", path).header("authorization", value);
        client.send(request.body(Body::empty()).unwrap()).await
    };
    for path in ["/v1/model", "/metrics", "/v1/users/u1/recommendations"] {
        let answer = client.get(path).await;
        assert_eq!(answer.headers["www-authenticate"], "Bearer");
        answer.fails(401, "unauthorized");
        for wrong in [
            "Bearer",
            "Bearer ",
            "Bearer secret-2",
            "Bearer secret-11",
            "secret-1",
            "Basic secret-1",
        ] {
            with(path, wrong).await.fails(401, "unauthorized");
        }
        assert_eq!(with(path, "Bearer secret-1").await.status, 200);
        assert_eq!(with(path, "bearer secret-1").await.status, 200);
    }
    for path in ["/livez", "/readyz", "/", "/openapi.json"] {
        assert_eq!(client.get(path).await.status, 200, "{path}");
    }
    let figures = with("/metrics", "Bearer secret-1").await.text;
    assert!(
        figures.contains("recburn_http_rejected_total{reason=\"unauthorized\"} 21"),
        "{figures}"
    );
    assert!(
        !format!("{:?}", client.service).contains("secret-1"),
        "the token is not printed"
    );
}

#[test]
fn a_token_is_visible_text() {
    assert!(
        Token::new(" a-b_c.d~1 \n").is_some_and(|token| token.is(b"a-b_c.d~1") && !token.is(b"a"))
    );
    for wrong in ["", "  ", "a b", "ä", "a\u{0}"] {
        assert!(Token::new(wrong).is_none(), "{wrong:?}");
    }
}

#[test]
fn an_address_beyond_this_machine_is_exposed_without_a_token() {
    let at = |address: &str| Settings {
        bind: address.parse::<SocketAddr>().unwrap(),
        ..Settings::new("x", burn::tensor::Device::flex())
    };
    for address in ["127.0.0.1:1", "[::1]:1", "127.9.9.9:1"] {
        assert!(!at(address).is_exposed(), "{address}");
    }
    for address in ["0.0.0.0:1", "[::]:1", "10.0.0.1:1"] {
        assert!(at(address).is_exposed(), "{address}");
        let open = Settings {
            open: true,
            ..at(address)
        };
        let with_token = Settings {
            token: Token::new("x"),
            ..at(address)
        };
        assert!(!open.is_exposed() && !with_token.is_exposed());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_leads_here_without_being_ours_is_refused() {
    let (_home, folder) = home();
    let client = Client::of(&folder);
    let called = async |client: &Client, host: Option<&str>, path: &str| {
        let mut request = axum::http::Request::builder().uri(path);
        if let Some(host) = host {
            request = request.header("host", host);
        }
        client.send(request.body(Body::empty()).unwrap()).await
    };
    for host in [
        "localhost",
        "LOCALHOST:7373",
        "127.0.0.1:7373",
        "[::1]:7373",
        "[::1]",
    ] {
        assert_eq!(
            called(&client, Some(host), "/v1/model").await.status,
            200,
            "{host}"
        );
    }
    for host in [
        "evil.example",
        "localhost.evil.example:7373",
        "127.0.0.1.evil.example",
        "",
        "[::1",
        "[::2]",
    ] {
        called(&client, Some(host), "/v1/model")
            .await
            .fails(403, "host");
        called(&client, Some(host), "/").await.fails(403, "host");
        assert_eq!(
            called(&client, Some(host), "/livez").await.status,
            200,
            "{host}"
        );
    }
    called(&client, None, "/v1/model").await.fails(403, "host");

    let named = Client::with(Settings {
        hosts: vec!["films.example".to_string()],
        ..settings(&folder)
    });
    assert_eq!(
        called(&named, Some("films.example"), "/v1/model")
            .await
            .status,
        200
    );
    assert_eq!(
        called(&named, Some("localhost"), "/v1/model").await.status,
        200
    );
    called(&named, Some("other.example"), "/v1/model")
        .await
        .fails(403, "host");

    let far = Client::with(Settings {
        bind: "0.0.0.0:7373".parse().unwrap(),
        open: true,
        ..settings(&folder)
    });
    assert_eq!(
        called(&far, Some("anything.example"), "/v1/model")
            .await
            .status,
        200
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_another_site_changes_nothing() {
    let (_home, folder) = home();
    let client = Client::of(&folder);
    let post = async |headers: &[(&str, &str)]| {
        let mut request = request("POST", "/v1/reload");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        client.send(request.body(Body::empty()).unwrap()).await
    };
    post(&[("sec-fetch-site", "cross-site")])
        .await
        .fails(403, "cross_origin");
    post(&[("origin", "https://evil.example")])
        .await
        .fails(403, "cross_origin");
    post(&[("sec-fetch-site", "same-origin")]).await.fine();
    post(&[("origin", "http://localhost:7373")]).await.fine();
    post(&[]).await.fine();
}
