//! How fast batches are made: `RECBURN_DATA=... cargo test -p recburn-read --test all feed_speed -- --ignored
//! --nocapture`.

use recburn_data::{
    Batch, Dataset, Examples, Features, Implicit, Input, Kind, Negatives, NextItem, Side, Whole,
};
use recburn_read::OpenDataset;
use std::time::Instant;

/// A name, examples, what is read of them, and the size of a batch.
type Case<'a> = (&'a str, Box<dyn Examples + 'a>, &'a [Input], usize);

#[test]
#[ignore = "measures, and needs ml-100k"]
fn batches_are_made_faster_than_they_are_trained_on() {
    let train = Dataset::open("ml-100k").expect("ml-100k").ratings;
    let implicit = |negatives: &str| {
        let negatives = negatives.parse().expect("negatives");
        Implicit::new(&train, negatives).expect("good positives")
    };
    let kind = Kind::Sequence {
        rows: 1_682,
        length: 50,
    };
    let recent = Input::new(Features::RECENT, Side::User, kind);
    let next = NextItem::new(&train, Negatives::uniform(1)).expect("good ratings");
    let whole = Whole::users(&train).expect("good ratings");
    let examples: [Case<'_>; 9] = [
        ("ratings", Box::new(train.clone()), &[], 1_024),
        ("uniform:1", Box::new(implicit("uniform:1")), &[], 1_024),
        ("uniform:4", Box::new(implicit("uniform:4")), &[], 1_024),
        ("popular:1", Box::new(implicit("popular:1")), &[], 1_024),
        ("in-batch", Box::new(implicit("in-batch")), &[], 1_024),
        (
            "shared-uniform:100",
            Box::new(implicit("shared-uniform:100")),
            &[],
            1_024,
        ),
        ("catalogue", Box::new(implicit("catalogue")), &[], 1_024),
        (
            "next item, uniform:1",
            Box::new(next),
            std::slice::from_ref(&recent),
            128,
        ),
        ("whole users", Box::new(whole), &[], 32),
    ];
    for (name, examples, wanted, size) in examples {
        let mut feed = examples.feed(wanted, size).expect("good examples");
        let mut batch = Batch::default();
        let mut best = f64::INFINITY;
        for epoch in 0..12 {
            feed.begin(1, epoch);
            let start = Instant::now();
            while feed.fill(&mut batch) {}
            best = best.min(start.elapsed().as_secs_f64());
        }
        let queries = feed.queries() as f64;
        println!(
            "{name:>22}: {:6.1} million queries per second",
            queries / best / 1e6
        );
    }
}
