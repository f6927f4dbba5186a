//! Settings that are measured.

use serde_json::{Value, json};

/// The settings of every method: those that the validation part of the protocol has chosen for `ease`, and for `slim` on
/// MovieLens 100K; defaults for the others.
pub fn chosen(protocol: &str) -> Vec<(&'static str, Value)> {
    let (lambda, l1, l2) = match protocol {
        "p1-from-4" => (800.0, 0.5, 120.0),
        "p2" | "p2-ls" => (100.0, 1.0, 60.0),
        _ => (400.0, 1.0, 60.0),
    };
    vec![
        ("ease", json!({ "lambda": lambda })),
        ("popularity", json!({})),
        ("slim", json!({ "l1": l1, "l2": l2 })),
        ("ials", json!({})),
        ("item_knn", json!({})),
        ("user_knn", json!({})),
        ("pure_svd", json!({})),
        ("blend", json!({})),
    ]
}

/// Small grids.
pub fn grids() -> Vec<(&'static str, Value)> {
    let mut grid = Vec::new();
    for lambda in [100.0, 200.0, 400.0, 800.0] {
        grid.push(("ease", json!({ "lambda": lambda })));
    }
    for (l1, l2) in [
        (0.5, 60.0),
        (1.0, 20.0),
        (1.0, 60.0),
        (1.0, 120.0),
        (2.0, 60.0),
    ] {
        grid.push(("slim", json!({ "l1": l1, "l2": l2 })));
    }
    for factors in [32, 64, 96] {
        for alpha0 in [0.3, 0.5, 1.0, 2.0] {
            for (exponent, lambdas) in [
                (1.0, [0.006, 0.012, 0.024]),
                (0.5, [0.2, 0.4, 0.8]),
                (0.0, [7.0, 15.0, 30.0]),
            ] {
                for lambda in lambdas {
                    let options = json!({
                        "factors": factors, "alpha0": alpha0, "exponent": exponent, "lambda": lambda
                    });
                    grid.push(("ials", options));
                }
            }
        }
    }
    for factors in [8, 12, 16, 24, 32] {
        grid.push(("pure_svd", json!({ "factors": factors })));
    }
    grid
}
