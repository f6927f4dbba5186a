//! Recurrent units and additive attention: what they compute and differentiate, against their formulas.

use super::*;
use recburn_graph::concat;
use recburn_nn::{AdditiveAttention, Gru};

const UNITS: usize = 3;

/// States over the items of a sequence and attention to them, decoded.
fn recurrent() -> Network {
    let options = TableOptions {
        initializer: START,
        ..TableOptions::default()
    };
    let items = Table::with("items", ITEMS, WIDTH, options);
    let kind = Kind::Sequence {
        rows: ITEMS,
        length: LENGTH,
    };
    let recent = Sym::sequence(&Input::new("recent", Side::User, kind));
    let states = recent.look_up("recent_items", &items).gru("gru", UNITS);
    let both = concat("both", [&states, &states.additive_attention("look")]);
    let user = both.dense("decoder", WIDTH, Activation::Linear);
    let item = Sym::item(ITEMS).look_up("item_row", &items);
    let score = dot("score", &user.at_query("user"), &item);
    let network = Network::new(Graph::new("test", &score).unwrap(), 7, &Device::flex());
    // Biases that start at 0 would hide which of them is which.
    let mut weights = Weights::of(&network);
    let bias = weights.0.get_mut("gru.bias").unwrap();
    assert_eq!(bias.shape, [2, 3 * UNITS]);
    bias.values = Draw::new(8).numbers("bias", START, 2, 3 * UNITS);
    weights.load_into(network).unwrap()
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// The states after each of these steps.
fn states(steps: &[Vec<f64>], weights: &Numbers) -> Vec<Vec<f64>> {
    let (of_input, of_state) = weights["gru.bias"].split_at(3 * UNITS);
    let mut state = vec![0.0; UNITS];
    let next = |step: &Vec<f64>| {
        let x = plus(&times(step, &weights["gru.weight"], 3 * UNITS), of_input);
        let h = plus(
            &times(&state, &weights["gru.recurrent"], 3 * UNITS),
            of_state,
        );
        let unit = |unit: usize| {
            let update = sigmoid(x[unit] + h[unit]);
            let reset = sigmoid(x[UNITS + unit] + h[UNITS + unit]);
            let candidate = (x[2 * UNITS + unit] + reset * h[2 * UNITS + unit]).tanh();
            update * state[unit] + (1.0 - update) * candidate
        };
        state = (0..UNITS).map(unit).collect();
        state.clone()
    };
    steps.iter().map(next).collect()
}

/// The weighted sums of the steps up to each of them.
fn looked(steps: &[Vec<f64>], weights: &Numbers) -> Vec<Vec<f64>> {
    let at = |at: usize| {
        let query = times(&steps[at], &weights["look.query"], UNITS);
        let mut sum = vec![0.0; UNITS];
        for step in &steps[..=at] {
            let units = plus(&query, &times(step, &weights["look.key"], UNITS));
            let units: Vec<f64> = units.into_iter().map(sigmoid).collect();
            let share = dotted(&units, &weights["look.scale"]);
            let own: Vec<f64> = step.iter().map(|x| share * x).collect();
            sum = plus(&sum, &own);
        }
        sum
    };
    (0..steps.len()).map(at).collect()
}

/// The vectors of a list's positions.
fn vectors(list: &[u32], weights: &Numbers) -> Vec<Vec<f64>> {
    let row = |&item: &u32| weights["items.weight"][item as usize * WIDTH..][..WIDTH].to_vec();
    let steps: Vec<Vec<f64>> = list.iter().map(row).collect();
    let states = states(&steps, weights);
    let both = states.iter().zip(looked(&states, weights));
    both.map(|(state, looked)| {
        let both = [&state[..], &looked[..]].concat();
        let decoded = times(&both, &weights["decoder.weight"], WIDTH);
        plus(&decoded, &weights["decoder.bias"])
    })
    .collect()
}

#[test]
fn the_scores_of_recurrent_units_and_attention_are_those_of_their_formulas() {
    let model = recurrent();
    let weights = weights_of(&model);
    for (every_position, shared) in [(true, false), (true, true), (false, false), (false, true)] {
        let batch = batch(&LISTS, every_position, shared);
        let wanted = reference(&LISTS, &batch, &weights, vectors);
        let seen = scores(&model, &batch);
        assert_eq!(seen.len(), wanted.len());
        for (seen, wanted) in seen.iter().zip(&wanted) {
            assert!((f64::from(*seen) - wanted).abs() < 1e-5, "{seen} {wanted}");
        }
    }
}

#[test]
fn the_gradients_of_recurrent_units_and_attention_are_those_of_finite_differences() {
    let model = recurrent();
    for (every_position, shared) in [(true, true), (true, false), (false, true)] {
        compare_gradients(&model, &batch(&LISTS, every_position, shared), vectors);
    }
}

#[test]
fn states_know_nothing_of_what_comes_after_them_or_next_to_them() {
    let device = Device::flex();
    let gru = Gru::new("layer", [4, 3], START, Draw::new(3), &device);
    let look = AdditiveAttention::new("look", 4, START, Draw::new(5), &device);
    let numbers = Draw::new(4).numbers("steps", START, 5, 4);
    let steps = |range: std::ops::Range<usize>| {
        let shape = [range.len(), 4];
        let numbers = numbers[range.start * 4..range.end * 4].to_vec();
        Tensor::<2>::from_data(TensorData::new(numbers, shape), &Device::flex())
    };
    let values = |tensor: Tensor<2>| tensor.into_data().iter::<f32>().collect::<Vec<_>>();
    let of = |range: std::ops::Range<usize>, ends: &[u32]| {
        let both = [
            values(gru.forward(steps(range.clone()), ends)),
            values(look.forward(steps(range), ends)),
        ];
        both.concat()
    };
    let near = |left: &[f32], right: &[f32]| {
        assert_eq!(left.len(), right.len());
        for (left, right) in left.iter().zip(right) {
            assert!((left - right).abs() < 1e-6, "{left} {right}");
        }
    };
    let all = of(0..5, &[5]);
    let (states, looked) = all.split_at(5 * 3);
    for count in 1..5 {
        let first = of(0..count, &[count as u32]);
        near(&first[..count * 3], &states[..count * 3]);
        near(&first[count * 3..], &looked[..count * 4]);
    }
    // Sequences without steps are nowhere.
    let apart = of(0..5, &[0, 2, 2, 5, 5]);
    let (one, other) = (of(0..2, &[2]), of(2..5, &[3]));
    near(&apart[..15], &[&one[..6], &other[..9]].concat());
    near(&apart[15..], &[&one[6..], &other[9..]].concat());
}
