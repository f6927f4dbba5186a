//! Tables taken up from their parts.

use super::{Moves, WIDTH, take};
use recburn_optim::{Mode, Penalty, RowTable, Rule, Steps};

#[test]
fn a_table_taken_up_from_its_parts_goes_on_as_if_nothing_had_happened() {
    for rule in [
        Rule::sgd(0.0),
        Rule::sgd(0.9),
        Rule::ADAM,
        Rule::ADAMW,
        Rule::ADAGRAD,
        Rule::ROWWISE_ADAGRAD,
    ] {
        let penalty = Penalty {
            l2: 1e-3,
            ..Penalty::default()
        };
        let start = [0.5f32, -0.5, 0.25, 0.1, 0.2, 0.3];
        let mut steps = Steps::after(0, rule, Mode::Exact);
        let mut table = RowTable::new(&start, WIDTH, penalty, &steps);
        let step: Moves = (0.05, vec![(1, [0.3, -0.7, 1.0])]);
        for _ in 0..4 {
            take(&mut table, &mut steps, &step);
        }
        table.catch_up_all(&steps);
        steps.settle();

        let weights: Vec<f32> = table.part(0).collect();
        let mut again = Steps::after(steps.taken(), rule, Mode::Exact);
        let mut taken_up = RowTable::new(&weights, WIDTH, penalty, &again);
        for part in 1..=rule.states() {
            let state: Vec<f32> = table.part(part).collect();
            taken_up.set_part(part, &state);
        }
        for _ in 0..3 {
            take(&mut table, &mut steps, &step);
            take(&mut taken_up, &mut again, &step);
        }
        table.catch_up_all(&steps);
        taken_up.catch_up_all(&again);
        let (ours, theirs): (Vec<f32>, Vec<f32>) =
            (table.part(0).collect(), taken_up.part(0).collect());
        assert_eq!(ours, theirs, "{rule}");
    }
}
