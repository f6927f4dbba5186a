//! Rows that are read, and the gradients that come back to them.

use super::*;

fn counting_table(rows: usize, width: usize, device: &Device) -> Embedding {
    let table = Embedding::new(
        "t",
        rows,
        width,
        TableOptions::default(),
        Draw::new(0),
        device,
    );
    let count = (rows * width) as i64;
    let values: Vec<f32> = (0..count).map(|value| value as f32).collect();
    let values = matrix(&values, [rows, width], device);
    Embedding {
        weight: table.weight.map(|_| values),
        ..table
    }
}

#[test]
fn distinct_rows_spread_over_the_batch_are_a_plain_lookup() {
    let device = Device::flex();
    let table = counting_table(6, 2, &device);
    assert_eq!(table.shape(), [6, 2]);
    for (rows, inverse) in [
        (vec![4, 0, 2], vec![0, 1, 0, 2, 2, 0]),
        (vec![5], vec![0, 0, 0]),
        (vec![0, 1, 2, 3, 4, 5], vec![5, 4, 3, 2, 1, 0]),
        (vec![3], vec![0]),
    ] {
        let plain: Vec<u32> = inverse.iter().map(|&at: &u32| rows[at as usize]).collect();
        let wanted: Vec<f32> = plain
            .iter()
            .flat_map(|&row| [2.0 * row as f32, 2.0 * row as f32 + 1.0])
            .collect();
        let seen = |step: &Step| step.look(|inputs| table.forward(inputs.users()));
        let zeros = vec![0; inverse.len()];
        let spread = Step::training(FromModule, (&rows, &inverse), (&[0], &zeros));
        let repeated = Step::inference(&plain, &zeros);
        assert_eq!(numbers(seen(&spread).inner()), wanted);
        assert_eq!(numbers(seen(&repeated)), wanted);
        let own = spread.look(|inputs| inputs.users().rows().to_vec());
        assert_eq!(own, rows);
    }
}

#[test]
fn rows_sent_to_the_device_are_the_rows() {
    let step = Step::training(
        FromModule,
        (&[0], &[0, 0, 0, 0]),
        (&[7, 3, 2_000_000_000], &[0, 1, 2, 0]),
    );
    step.look(|inputs| {
        let ids = inputs.items();
        for _ in 0..2 {
            let rows: Vec<i64> = ids.rows_on_device().into_data().iter::<i64>().collect();
            assert_eq!(rows, [7, 3, 2_000_000_000]);
        }
        assert_eq!(ids.key().column, ColumnId::ITEMS);
    });
}

#[test]
#[should_panic(expected = "user id 6 is beyond the table's 6 rows")]
fn an_id_beyond_the_table_panics_on_a_processor() {
    let table = counting_table(6, 2, &Device::flex());
    let step = Step::inference(&[6], &[0]);
    numbers(step.look(|inputs| table.forward(inputs.users())));
}

// Gradients.

#[test]
fn the_gradient_of_a_repeated_row_is_the_sum_over_its_examples() {
    let device = Device::flex();
    let score = dot(
        "affinity",
        &Sym::user(3).embed("u", 2),
        &Sym::item(4).embed("i", 2),
    );
    let u: [[f32; 2]; 3] = [[1.0, 2.0], [3.0, -1.0], [0.5, 0.25]];
    let i: [[f32; 2]; 4] = [[2.0, 0.0], [-1.0, 4.0], [1.0, 1.0], [0.0, -3.0]];
    let model = network(
        &score,
        &[
            ("u.weight", &[3, 2], u.as_flattened()),
            ("i.weight", &[4, 2], i.as_flattened()),
        ],
    )
    .train();
    // Pairs (2, 1), (0, 1), (2, 3), (2, 1): user 2 stands three times, item 1 too.
    let step = Step::training(
        FromModule,
        (&[2, 0], &[0, 1, 0, 0]),
        (&[1, 3], &[0, 0, 1, 0]),
    );
    let scores = step.score(&model);
    assert_eq!(numbers(scores.clone().inner()), [0.5, 7.0, -0.75, 0.5]);
    let weights = [1.0f32, 10.0, 100.0, 1_000.0];
    let loss = (scores * matrix(&weights, [4, 1], &device.clone().autodiff())).sum();
    let gradients = loss.backward();

    let touched = step.pass.take();
    assert_eq!(touched.len(), 2);
    assert!(step.pass.take().is_empty());
    let of = |column| {
        let touched = touched
            .iter()
            .find(|touched| rows_of(touched).1.column == column);
        let touched = touched.unwrap();
        (
            step.rows(rows_of(touched).1),
            numbers(touched.leaf.grad(&gradients).unwrap()),
        )
    };
    // User 2: 1 i1 + 100 i3 + 1000 i1; user 0: 10 i1.
    assert_eq!(
        of(ColumnId::USERS),
        (vec![2, 0], vec![-1_001.0, 4_004.0 - 300.0, -10.0, 40.0])
    );
    // Item 1: 1 u2 + 10 u0 + 1000 u2; item 3: 100 u2.
    assert_eq!(
        of(ColumnId::ITEMS),
        (
            vec![1, 3],
            vec![0.5 * 1_001.0 + 10.0, 0.25 * 1_001.0 + 20.0, 50.0, 25.0]
        )
    );
}

#[test]
fn gradients_of_rows_follow_finite_differences_through_a_whole_network() {
    let device = Device::flex();
    let (u, i) = (Sym::user(4).embed("u", 3), Sym::item(5).embed("i", 3));
    let hidden = concat("both", [&u, &i, &multiply("product", [&u, &i])])
        .dense("hidden", 6, Activation::Tanh)
        .dense("squeezed", 3, Activation::Sigmoid);
    let output = add(
        "score",
        [
            &hidden.dense("out", 1, Activation::Elu),
            &dot("affinity", &u, &i),
        ],
    )
    .rescale("stars", 1.0, 5.0);
    let graph = Graph::new("test", &output).unwrap();
    let start = Weights::of(&Network::new(graph.clone(), 1, &device));
    // Wider than the usual start, so that the functions bend.
    let start = Weights(
        start
            .0
            .into_iter()
            .map(|(name, mut weight)| {
                for value in &mut weight.values {
                    *value = *value * if name.len() == 8 { 15.0 } else { 1.0 } + 0.1;
                }
                (name, weight)
            })
            .collect(),
    );
    let load = |weights: &Weights| {
        let fresh = Network::new(graph.clone(), 0, &device);
        weights.load_into(fresh).unwrap()
    };
    let (users, items) = ([3u32, 1, 3, 0], [2u32, 2, 4, 2]);
    let loss = |weights: &Weights| -> f64 {
        let scores = predict(&load(weights), &users, &items, 4);
        scores.iter().map(|&score| f64::from(score).powi(2)).sum()
    };

    let model = load(&start).train();
    let step = Step::training(
        FromModule,
        (&[3, 1, 0], &[0, 1, 0, 2]),
        (&[2, 4], &[0, 0, 1, 0]),
    );
    let scores = step.score(&model);
    let gradients = (scores.clone() * scores).sum().backward();
    let infos = tables(&model);
    let width = 1e-2f32;
    for touched in step.pass.take() {
        let name = &infos
            .iter()
            .find(|info| info.id == rows_of(&touched).0)
            .unwrap()
            .name;
        let seen = numbers(touched.leaf.grad(&gradients).unwrap());
        let mut wanted = Vec::new();
        for &row in step.rows(rows_of(&touched).1).iter() {
            for column in 0..3 {
                let moved = |by: f32| {
                    let mut weights = start.clone();
                    let weight = weights.0.get_mut(name).unwrap();
                    weight.values[row as usize * 3 + column] += by;
                    loss(&weights)
                };
                wanted.push(((moved(width) - moved(-width)) / (2.0 * f64::from(width))) as f32);
            }
        }
        let largest = wanted.iter().fold(0f32, |max, value| max.max(value.abs()));
        assert!(largest > 1.0, "{name} matters: {wanted:?}");
        assert_close(&seen, &wanted, 2e-3 * largest);
    }
}

#[test]
fn a_leaf_is_no_larger_than_the_distinct_rows_of_its_batch() {
    let device = Device::flex();
    let table = counting_table(100_000, 2, &device).train();
    let step = Step::training(
        FromModule,
        (&[0], &[0; 5]),
        (&[99_999, 5], &[0, 1, 1, 0, 0]),
    );
    let values = step.look(|inputs| table.forward(inputs.items()));
    assert_eq!(values.dims(), [5, 2]);
    let gradients = values.sum().backward();
    assert!(table.weight.val().grad(&gradients).is_none());
    let touched = step.pass.take();
    assert_eq!(touched[0].leaf.dims(), [2, 2]);
    assert_eq!(rows_of(&touched[0]).0, table.weight.id);
    let gradient = touched[0].leaf.grad(&gradients).unwrap();
    assert_eq!(numbers(gradient), [3.0, 3.0, 2.0, 2.0]);
}
