//! The exchange of rows, and sums.

use proptest::prelude::*;
use recburn_spread::{
    Asked, One, Ranks, Request, Room, WholeBatch, number_of, or, owned_by, sum, threads,
};

const WIDTH: usize = 2;

/// The row of an item.
fn row(item: u32) -> [f32; WIDTH] {
    [item as f32, -(item as f32)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn a_rank_gets_the_rows_that_it_asks_for_and_owners_the_sums_of_gradients(
        size in 1usize..=5,
        items in 1usize..30,
        wanted in prop::collection::vec(prop::collection::btree_set(0u32..30, 0..20), 5),
    ) {
        let of_rank = |rank: usize| -> Vec<u32> {
            let wanted = wanted[rank].iter().rev();
            wanted.copied().filter(|item| (*item as usize) < items).collect()
        };
        let found = threads(size, |ranks| {
            let (rank, own) = (ranks.rank(), of_rank(ranks.rank()));
            let table: Vec<[f32; WIDTH]> = (0..owned_by(rank, items, size) as u32)
                .map(|at| row(number_of(at, rank, size)))
                .collect();
            let asked = Asked::ask(&ranks, &own);
            let step = WholeBatch::begin(&ranks, own.len() as f64, rank == 3, rank == 0);
            let mut room = Room::default();
            let rows = asked.answer(&ranks, WIDTH, |at| &table[at as usize][..], &mut room).clone();
            let mut gradients: Vec<f32> = own.iter().flat_map(|&item| [item as f32, 1.0]).collect();
            let sums = asked.add_up(&ranks, WIDTH, &mut gradients, &mut room).to_vec();
            let numbers: Vec<u32> = asked.rows().iter().map(|&at| number_of(at, rank, size)).collect();
            (own, rows, numbers, sums, step.share(), [step.stop(), step.save()])
        });
        let mut all: Vec<u32> = (0..size).flat_map(of_rank).collect();
        let whole = all.len();
        let askers = |item: u32| all.iter().filter(|other| **other == item).count() as f32;
        for (own, rows, numbers, sums, share, stop) in &found {
            prop_assert_eq!(rows, &own.iter().flat_map(|&item| row(item)).collect::<Vec<f32>>());
            let wanted: Vec<f32> = numbers
                .iter()
                .flat_map(|&item| [askers(item) * item as f32, askers(item)])
                .collect();
            prop_assert_eq!(sums, &wanted);
            prop_assert!((share * whole as f32 - own.len() as f32).abs() < 1e-3);
            prop_assert_eq!(*stop, [size > 3, true]);
        }
        all.sort_unstable();
        all.dedup();
        let mut answered: Vec<u32> = found.iter().flat_map(|found| found.2.clone()).collect();
        answered.sort_unstable();
        prop_assert_eq!(answered, all);
    }

    #[test]
    fn requests_travel_while_the_ranks_do_something_else(
        size in 1usize..=5,
        first in prop::collection::vec(prop::collection::btree_set(0u32..30, 0..20), 5),
        second in prop::collection::vec(prop::collection::btree_set(0u32..30, 0..20), 5),
    ) {
        threads(size, |ranks| {
            let rank = ranks.rank();
            let lists = [&first, &second].map(|all| all[rank].iter().copied().collect::<Vec<u32>>());
            let table: Vec<[f32; WIDTH]> = (0..owned_by(rank, 30, size) as u32)
                .map(|at| row(number_of(at, rank, size)))
                .collect();
            let mut whole = WholeBatch::default();
            let told = Request::new(&ranks, &lists)
                .told_during(&ranks, &mut || whole = WholeBatch::begin(&ranks, 1.0, false, false));
            let mut meanwhile = Vec::new();
            let asked = told.sent_during(&ranks, &mut || {
                meanwhile = lists.iter().map(|list| Asked::ask(&ranks, list)).collect();
            });
            assert_eq!(whole.weight(), size as f64);
            assert_eq!(asked.len(), 2);
            for (own, (asked, alone)) in lists.iter().zip(asked.iter().zip(&meanwhile)) {
                assert_eq!((asked.rows(), asked.len()), (alone.rows(), own.len()));
                let row_of = |at: u32| &table[at as usize][..];
                let rows = asked.answer(&ranks, WIDTH, row_of, &mut Room::default()).clone();
                assert_eq!(rows, own.iter().flat_map(|&item| row(item)).collect::<Vec<f32>>());
            }
        });
    }

    #[test]
    fn all_ranks_have_the_same_sums(numbers in prop::collection::vec(-1e6f32..1e6, 5), size in 1usize..=5) {
        let sums = threads(size, |ranks| {
            let mut own = [numbers[ranks.rank()], 1.0];
            sum(&ranks, &mut own);
            own.map(f32::to_bits)
        });
        let wanted = numbers[1..size].iter().fold(numbers[0], |sum, number| sum + number);
        prop_assert!(sums.iter().all(|sum| *sum == [wanted, size as f32].map(f32::to_bits)));
    }
}

#[test]
fn one_process_is_a_rank_without_others() {
    let asked = Asked::ask(&One, &[2, 0]);
    assert_eq!(asked.rows(), [0, 2]);
    assert_eq!(WholeBatch::begin(&One, 3.0, false, false).share(), 1.0);
    assert!(WholeBatch::begin(&One, 0.0, false, false).is_of_nobody());
    let table = [[1.0], [2.0], [3.0]];
    assert_eq!(
        *asked.answer(
            &One,
            1,
            |row| &table[row as usize][..],
            &mut Room::default()
        ),
        [3.0, 1.0]
    );
    assert_eq!(
        asked.add_up(&One, 1, &mut [5.0, 7.0], &mut Room::default()),
        [7.0, 5.0]
    );
    assert!(or(&One, true) && !or(&One, false));
}

#[test]
#[should_panic(expected = "another rank has ended")]
fn a_rank_that_panics_ends_the_others() {
    threads(3, |ranks| {
        assert!(ranks.rank() != 1, "a rank fails");
        ranks.barrier();
    });
}
