//! Requests to a service: the first byte chooses the path, the others are the body or what is asked for.

#![no_main]

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt;
use libfuzzer_sys::fuzz_target;
use recburn_fuzz::{Scratch, models};
use recburn_serve::{Service, Settings, router};
use tokio::runtime::Runtime;
use tower::ServiceExt;

/// A method, and a path in which `*` is what the fuzzer has.
const PATHS: [(&str, &str); 20] = [
    ("POST", "/v1/recommendations"),
    ("POST", "/v1/recommendations/batch"),
    ("POST", "/v1/predictions"),
    ("POST", "/v1/explanations"),
    ("POST", "/v1/fold-in"),
    ("PUT", "/v1/users/u1/ratings/3"),
    ("GET", "/v1/users/u1/recommendations?*"),
    ("GET", "/v1/users/*/recommendations"),
    ("GET", "/v1/users/*"),
    ("GET", "/v1/users/u1/similar?*"),
    ("GET", "/v1/items?*"),
    ("GET", "/v1/items/*"),
    ("GET", "/v1/items/1/similar?*"),
    ("GET", "/v1/popular?*"),
    ("GET", "/v1/map?*"),
    ("GET", "/v1/model?*"),
    ("PUT", "/v1/users/*"),
    ("DELETE", "/v1/users/*"),
    ("GET", "/*"),
    ("POST", "/*"),
];

struct World {
    _scratch: Scratch,
    routers: Vec<Router>,
    runtime: Runtime,
}

impl World {
    fn new() -> Self {
        let scratch = Scratch::new();
        let ratings = models::ratings(&scratch);
        let of = |name: &&str| {
            let folder = scratch.path(name);
            models::save(name, &ratings, &folder);
            let device = recburn::pick_device(None).expect("a device");
            let mut settings = Settings::new(folder, device);
            settings.journal = Some(scratch.path(&format!("{name}.csv")));
            let service = Service::new(settings).expect("a journal");
            service.load().expect("a model");
            router(service)
        };
        Self {
            routers: ["biased_mf", "concat_mlp", "ease"].iter().map(of).collect(),
            _scratch: scratch,
            runtime: tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("threads"),
        }
    }
}

std::thread_local! {
    static WORLD: World = World::new();
}

fuzz_target!(|input: &[u8]| {
    let [kind, rest @ ..] = input else {
        return;
    };
    let (method, path) = PATHS[usize::from(*kind) % PATHS.len()];
    let (path, body) = match path.split_once('*') {
        None => (path.to_string(), rest.to_vec()),
        Some((before, after)) => match std::str::from_utf8(rest) {
            Ok(asked) => (
                format!("{before}{asked}{after}"),
                b"{\"rating\": 4}".to_vec(),
            ),
            Err(_) => return,
        },
    };
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("host", "localhost")
        .header("content-type", "application/json")
        .body(Body::from(body));
    let Ok(request) = request else {
        return; // no request can say this
    };
    WORLD.with(|world| {
        let router = &world.routers[usize::from(*kind) / PATHS.len() % world.routers.len()];
        world.runtime.block_on(async {
            let answer = router.clone().oneshot(request).await.expect("never fails");
            let status = answer.status();
            let json = answer
                .headers()
                .get("content-type")
                .is_some_and(|kind| kind.as_bytes().ends_with(b"json"));
            let body = answer
                .into_body()
                .collect()
                .await
                .expect("a body")
                .to_bytes();
            assert!(!status.is_server_error(), "{status}: {body:?}");
            if json {
                let read: Result<serde_json::Value, _> = serde_json::from_slice(&body);
                assert!(read.is_ok(), "{status}: {body:?}");
            }
        });
    });
});
