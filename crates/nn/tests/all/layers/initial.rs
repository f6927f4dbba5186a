//! How the numbers of weights start.

use super::*;

fn moments(values: &[f32]) -> (f64, f64) {
    let count = values.len() as f64;
    let mean = values.iter().map(|&v| f64::from(v)).sum::<f64>() / count;
    let squares = values.iter().map(|&v| (f64::from(v) - mean).powi(2));
    (mean, (squares.sum::<f64>() / count).sqrt())
}

/// Within 4 deviations of what uniform numbers of this range would have, and the range used to its ends.
#[track_caller]
fn assert_uniform(values: &[f32], min: f32, max: f32) {
    assert!(values.iter().all(|value| (min..max).contains(value)));
    let (mean, deviation) = moments(values);
    let (width, count) = (f64::from(max - min), values.len() as f64);
    let wanted = width / 12f64.sqrt();
    let middle = f64::from(min) + width / 2.0;
    assert!((mean - middle).abs() < 4.0 * wanted / count.sqrt());
    // The deviation of a deviation: sqrt((kurtosis - 1) / 4n), 1.8 for uniform numbers.
    assert!((deviation - wanted).abs() < 4.0 * wanted * (0.2 / count).sqrt());
    let smallest = values.iter().copied().fold(f32::INFINITY, f32::min);
    let largest = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    assert!(f64::from(smallest - min) < 0.001 * width && f64::from(max - largest) < 0.001 * width);
}

#[test]
fn uniform_numbers_fill_their_range_evenly() {
    let draw = Draw::new(42);
    for (min, max) in [(-0.05, 0.05), (0.0, 1.0), (2.0, 5.0)] {
        let values = draw.numbers("table", Initializer::Uniform { min, max }, 1_000, 50);
        assert_eq!(values.len(), 50_000);
        assert_uniform(&values, min, max);
    }
}

#[test]
fn normal_numbers_have_their_mean_and_deviation() {
    let (mean, std) = (0.5f32, 0.05f32);
    let values = Draw::new(42).numbers("table", Initializer::Normal { mean, std }, 1_000, 50);
    let (seen_mean, seen_std) = moments(&values);
    let count = values.len() as f64;
    assert!((seen_mean - 0.5).abs() < 4.0 * 0.05 / count.sqrt());
    assert!((seen_std - 0.05).abs() < 4.0 * 0.05 / (2.0 * count).sqrt());
    // A deviation of 0 is the mean.
    let still = Draw::new(1).numbers("table", Initializer::Normal { mean, std: 0.0 }, 2, 3);
    assert_eq!(still, [0.5; 6]);
}

#[test]
fn glorot_numbers_lie_within_the_bound_of_their_shape() {
    for (inputs, outputs) in [(100, 70), (300, 100), (400, 3)] {
        let bound = (6.0 / (inputs + outputs) as f32).sqrt();
        let values = Draw::new(3).numbers("kernel", Initializer::GlorotUniform, inputs, outputs);
        assert_eq!(values.len(), inputs * outputs);
        if values.len() > 5_000 {
            assert_uniform(&values, -bound, bound);
        } else {
            assert!(values.iter().all(|value| value.abs() <= bound));
        }
    }
    // 6 / (2 + 4) is 1.
    let values = Draw::new(3).numbers("kernel", Initializer::GlorotUniform, 2, 4);
    assert!(values.iter().all(|value| value.abs() <= 1.0));
    let zeros = Draw::new(3).numbers("kernel", Initializer::Zeros, 2, 4);
    assert_eq!(zeros, [0.0; 8]);
}

#[test]
fn one_seed_and_name_are_one_start_and_another_of_either_is_another() {
    let numbers = |seed, name| Draw::new(seed).numbers(name, Initializer::EMBEDDING, 20, 5);
    assert_eq!(numbers(1, "user_factors"), numbers(1, "user_factors"));
    let starts: Vec<_> = [1, 2, 3]
        .into_iter()
        .flat_map(|seed| {
            ["user_factors", "item_factors", "user_bias", "a", "b", ""]
                .map(|name| numbers(seed, name))
        })
        .collect();
    for (at, left) in starts.iter().enumerate() {
        for right in &starts[at + 1..] {
            let equal = left.iter().zip(right).filter(|(a, b)| a == b).count();
            assert!(equal < 3, "{equal} of 100 numbers are equal");
        }
    }
}

#[test]
fn the_first_numbers_of_neighbouring_seeds_and_names_are_spread_evenly() {
    let uniform = Initializer::Uniform { min: 0.0, max: 1.0 };
    let spread = |firsts: Vec<f32>| {
        let (mean, deviation) = moments(&firsts);
        let root = (firsts.len() as f64).sqrt();
        assert!((mean - 0.5).abs() < 4.0 * 0.289 / root, "mean {mean}");
        assert!((deviation - 0.2887).abs() < 0.6 / root, "{deviation}");
    };
    for place in 0..4 {
        let of = |draw: Draw, name: &str| draw.numbers(name, uniform, 2, 2)[place];
        spread(
            (0..4_000)
                .map(|seed| of(Draw::new(seed), "user_factors"))
                .collect(),
        );
        let named = |number| of(Draw::new(42), &format!("dense_{number}"));
        spread((0..4_000).map(named).collect());
    }
}

/// A machine that holds some rows of a table draws them without the others.
#[test]
fn a_part_of_a_weight_has_the_numbers_that_it_has_among_all() {
    let (rows, columns) = (40, 3);
    let normal = Initializer::Normal {
        mean: 0.0,
        std: 0.1,
    };
    let ways = [
        Initializer::EMBEDDING,
        Initializer::GlorotUniform,
        normal,
        Initializer::Zeros,
    ];
    for initializer in ways {
        let draw = Draw::new(7);
        let all = draw.numbers("user_factors", initializer, rows, columns);
        for (from, to) in [(0, 40), (0, 1), (17, 23), (39, 40), (5, 5)] {
            let part = draw.rows("user_factors", initializer, [rows, columns], from..to);
            assert_eq!(part, all[from * columns..to * columns]);
        }
    }
}

/// The rows of one seed are not those of the next seed, one further.
#[test]
fn no_row_is_drawn_twice_under_neighbouring_seeds() {
    let mut seen = std::collections::BTreeSet::new();
    for seed in 0..8 {
        let numbers = Draw::new(seed).numbers("user_factors", Initializer::EMBEDDING, 500, 4);
        for row in numbers.chunks_exact(4) {
            let bits: Vec<u32> = row.iter().map(|number| number.to_bits()).collect();
            assert!(seen.insert(bits), "seed {seed} repeats {row:?}");
        }
    }
}

#[test]
fn the_numbers_of_a_seed_are_these_on_every_machine_and_in_every_version() {
    let start = |initializer| Draw::new(42).numbers("user_factors", initializer, 2, 2);
    let normal = Initializer::Normal {
        mean: 0.0,
        std: 1.0,
    };
    assert_eq!(
        start(Initializer::EMBEDDING),
        [0.02900092, -0.020238692, -0.029859072, 0.015630502]
    );
    assert_eq!(
        start(Initializer::GlorotUniform),
        [0.7103746, -0.4957447, -0.73139495, 0.38286757]
    );
    assert_eq!(
        start(normal),
        [0.89052707, -0.6435821, -0.2768738, 0.5483104]
    );
}

#[test]
fn adding_a_layer_does_not_change_where_the_others_start() {
    let user = Sym::user(6);
    let (u, i) = (user.embed("u", 4), Sym::item(7).embed("i", 4));
    let small = concat("both", [&u, &i]).dense("out", 1, Activation::Linear);
    let large = add(
        "score",
        [
            &user.embed("first", 1),
            &concat("both", [&u, &i])
                .batch_norm("norm")
                .dense("out", 1, Activation::Linear),
        ],
    );
    let start = |output: &Sym| {
        let graph = Graph::new("test", output).unwrap();
        Weights::of(&Network::new(graph, 9, &Device::flex())).0
    };
    let (small, large) = (start(&small), start(&large));
    for (name, weight) in &small {
        assert_eq!(&large[name], weight, "{name}");
    }
    assert_eq!(large.len(), small.len() + 5);
}

#[test]
fn a_network_starts_as_its_graph_says_from_its_seed() {
    let table = TableOptions {
        initializer: Initializer::Normal {
            mean: 3.0,
            std: 0.0,
        },
        ..TableOptions::default()
    };
    let both = concat(
        "both",
        [
            &Sym::user(6).embed_with("u", 2, table),
            &Sym::item(7).embed("i", 3),
        ],
    );
    let output = both
        .dense("hidden", 4, Activation::Relu)
        .batch_norm("norm")
        .dense("out", 1, Activation::Linear);
    let start = |seed| {
        let graph = Graph::new("test", &output).unwrap();
        Weights::of(&Network::new(graph, seed, &Device::flex())).0
    };
    let weights = start(11);
    let draw = Draw::new(11);
    let numbers = |name: &str| weights[name].values.clone();
    assert_eq!(numbers("u.weight"), [3.0; 12]);
    assert_eq!(
        numbers("i.weight"),
        draw.numbers("i", Initializer::EMBEDDING, 7, 3)
    );
    assert_eq!(
        numbers("hidden.weight"),
        draw.numbers("hidden", Initializer::GlorotUniform, 5, 4)
    );
    assert_eq!(numbers("hidden.bias"), [0.0; 4]);
    assert_eq!(numbers("norm.gamma"), [1.0; 4]);
    assert_eq!(numbers("norm.beta"), [0.0; 4]);
    assert_eq!(numbers("norm.running_mean"), [0.0; 4]);
    assert_eq!(numbers("norm.running_var"), [1.0; 4]);
    assert_eq!(start(11), weights);
    assert_ne!(start(12)["i.weight"], weights["i.weight"]);
}
