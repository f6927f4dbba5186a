//! Weights trained in Keras and PyTorch, imported by name; predictions agree to 1e-5.
//!
//!     cargo run --example import_weights
//!
//! `examples/import_weights/make.py` wrote the files: two small models, each from both libraries.

use anyhow::Context;
use clap::Parser;
use recburn::data::{ItemIx, UserIx};
use recburn::files::write_whole;
use recburn::models::biased_mf::BiasedMf;
use recburn::models::concat_mlp::{Block, ConcatMlp};
use recburn::nn::{Layout, predict};
use recburn::prelude::*;
use recburn::report::{Chart, Series};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The largest tolerated difference of predictions, whose sums are computed in a different order.
const TOLERANCE: f32 = 1e-5;

/// Layers with different names in the PyTorch model: theirs, ours.
const RENAMES: [(&str, &str); 5] = [
    ("user", "user_factors"),
    ("item", "item_factors"),
    ("mlp.1", "dense_1"),
    ("mlp.3", "batch_norm_1"),
    ("mlp.5", "dense_2"),
];

/// Import weights from Keras and PyTorch, and compare predictions.
#[derive(Parser)]
struct Flags {
    /// flex, ndarray, wgpu or cuda, if built in [default: BURN_DEVICE, or the fastest kind there is]
    #[arg(long, value_name = "NAME")]
    device: Option<String>,
    /// Folder for the report and the pictures
    #[arg(long, value_name = "DIR", default_value = "out/import_weights")]
    out: PathBuf,
}

/// The predictions of the other libraries.
#[derive(Deserialize)]
struct Expected {
    keras: String,
    torch: String,
    users: u32,
    items: u32,
    /// By file: user by user, one number per item.
    predictions: BTreeMap<String, Vec<f32>>,
}

/// One line of `report.json`.
#[derive(Serialize)]
struct Line {
    file: String,
    model: String,
    parameters: usize,
    pairs: usize,
    largest_deviation: f32,
}

fn main() -> anyhow::Result<()> {
    let flags = Flags::parse();
    let device = pick_device(flags.device.as_deref())?;
    println!("device: {}", device_name(&device));

    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/import_weights");
    let path = folder.join("predictions.json");
    let text = fs::read(&path).with_context(|| format!("{}", path.display()))?;
    let expected: Expected =
        serde_json::from_slice(&text).with_context(|| format!("{}", path.display()))?;
    println!("Keras {}, PyTorch {}\n", expected.keras, expected.torch);
    let (users, items): (Vec<UserIx>, Vec<ItemIx>) = (0..expected.users)
        .flat_map(|user| (0..expected.items).map(move |item| (UserIx(user), ItemIx(item))))
        .unzip();

    let (user_rows, item_rows) = (expected.users as usize, expected.items as usize);
    let schema = Schema::of_pairs(user_rows, item_rows, (0.5, 5.0));
    let (biased, mlp) = (biased_mf().graph(&schema)?, concat_mlp().graph(&schema)?);
    let mut lines = Vec::new();
    let mut charts = Vec::new();
    for (file, graph, layout, renames) in [
        ("keras_biased_mf", &biased, Layout::Keras, &[][..]),
        ("keras_concat_mlp", &mlp, Layout::Keras, &[]),
        ("pytorch_biased_mf", &biased, Layout::PyTorch, &[]),
        ("pytorch_concat_mlp", &mlp, Layout::PyTorch, &RENAMES),
    ] {
        // Import: a graph, the file's weights under the graph's names, a network with these weights.
        let path = folder.join(format!("{file}.safetensors"));
        let weights = Weights::import(&path, layout, graph, renames)?;
        let model = weights.load_into(Network::new(graph.clone(), 0, &device))?;

        let ours = predict(&model, &users, &items, users.len());
        let theirs = &expected.predictions[file];
        anyhow::ensure!(
            theirs.len() == ours.len(),
            "{file}: {} predictions are recorded, {} were computed",
            theirs.len(),
            ours.len()
        );
        charts.push(diagonal(file, theirs, &ours));
        lines.push(Line {
            file: file.to_string(),
            model: graph.name().to_string(),
            parameters: model.num_params(),
            pairs: ours.len(),
            largest_deviation: largest_deviation(theirs, &ours),
        });
        diagram(graph)?.save(&flags.out, graph.name())?;
    }

    println!("file                 parameters  pairs  largest deviation");
    for line in &lines {
        println!(
            "{:<20} {:>10}  {:>5}  {:>17.1e}",
            line.file, line.parameters, line.pairs, line.largest_deviation
        );
    }
    Chart::row(&charts)?.save(&flags.out, "predictions")?;
    let report = flags.out.join("report.json");
    write_whole(&report, &serde_json::to_vec_pretty(&lines)?)?;
    println!("\nreport.json and pictures: {}", flags.out.display());
    let off = lines.iter().find(|line| line.largest_deviation > TOLERANCE);
    anyhow::ensure!(
        off.is_none(),
        "the predictions differ by more than {TOLERANCE}"
    );
    Ok(())
}

/// The model called `biased_mf` in both libraries.
fn biased_mf() -> BiasedMf {
    BiasedMf {
        factors: 4,
        ..BiasedMf::default()
    }
}

/// The model called `concat_mlp` in both libraries. Its batch normalisation uses Keras's epsilon, also in PyTorch.
fn concat_mlp() -> ConcatMlp {
    let dense = |units, activation| Block::Dense { units, activation };
    ConcatMlp {
        user_factors: 3,
        item_factors: 5,
        stack: vec![
            Block::Dropout(0.2),
            dense(8, Activation::Relu),
            Block::BatchNorm,
            Block::Dropout(0.2),
            dense(1, Activation::Linear),
        ],
        ..ConcatMlp::default()
    }
}

/// The largest difference between the two; infinite if a value is NaN.
fn largest_deviation(theirs: &[f32], ours: &[f32]) -> f32 {
    let deviations = theirs.iter().zip(ours).map(|(left, right)| {
        let deviation = (left - right).abs();
        if deviation.is_nan() {
            f32::INFINITY
        } else {
            deviation
        }
    });
    deviations.fold(0.0, f32::max)
}

/// Predictions of one library plotted against those of the other: a straight line if they are equal.
fn diagonal(file: &str, theirs: &[f32], ours: &[f32]) -> Chart {
    let pairs = theirs.iter().zip(ours);
    let mut points: Vec<(f64, f64)> = pairs
        .map(|(&theirs, &ours)| (theirs.into(), ours.into()))
        .collect();
    points.sort_by(|left, right| left.0.total_cmp(&right.0));
    Chart {
        title: file.to_string(),
        x_label: "predicted there".to_string(),
        y_label: "predicted here".to_string(),
        series: vec![Series {
            name: "pairs".to_string(),
            points,
        }],
        scattered: true,
    }
}
