//! Runs a model under a protocol.

use crate::baselines::{Baseline, verdict};
use crate::card::{Card, ColdCounts, DataAtHand, Rows, RunEntry};
use crate::contestant::{Contestant, Occasion, Scorer};
use crate::error::{ModelError, ProtocolError};
use crate::figures::Figures;
use crate::machine::{Machine, Taken, peak_memory, timed};
use crate::open::Opened;
use crate::parts::Parts;
use crate::score_lists::Lists;
use crate::score_ratings::{Fault, rated};
use crate::summary::summaries;
use crate::task::Task;
use recburn_data::Ratings;
use std::collections::BTreeMap;

/// A fitted model, the times of selecting its epochs and of the whole fit.
struct FittedModel {
    scorer: Box<dyn Scorer>,
    selection: Option<Taken>,
    fit: Taken,
    epochs: Option<usize>,
}

impl Opened {
    /// Fits the model for each fold and seed, scores the test part of the fold once, and measures it, together with the
    /// baselines: the mean and biases for ratings, popularity for rankings. `threads` is that of models; 0 for one per core.
    ///
    /// ```
    /// use recburn_data::{Dataset, IdOrder};
    /// use recburn_protocol::{Classical, Data, Fold, find};
    ///
    /// let mut protocol = find("p1")?;
    /// protocol.name = "p1-sample".to_string();
    /// protocol.data = Data::named("sample");
    /// protocol.folds = vec![Fold::of("by-user-hashed:0.7/0.1/0.2".parse()?)];
    /// let opened = protocol.with(Dataset::sample(IdOrder::Sorted))?;
    /// let knn = Classical::new("item_knn", serde_json::json!({}))?;
    /// let card = opened.run(&knn, &[1], 1)?;
    /// println!("{}", card.to_markdown());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ProtocolError::NoSeeds`] without seeds, [`ProtocolError::NoRatings`] if the protocol asks for ratings and the model
    /// predicts none, [`ProtocolError::Model`] with the error of a model, [`ProtocolError::Rows`],
    /// [`ProtocolError::Predictions`] and [`ProtocolError::Lists`] for results that cannot be measured, and as
    /// [`split`](Self::split).
    pub fn run(
        &self,
        contestant: &dyn Contestant,
        seeds: &[u64],
        threads: usize,
    ) -> Result<Card, ProtocolError> {
        let protocol = &self.protocol;
        if seeds.is_empty() {
            return Err(ProtocolError::NoSeeds);
        }
        if matches!(protocol.task, Task::Ratings { .. }) && !contestant.predicts_ratings() {
            return Err(ProtocolError::NoRatings {
                protocol: protocol.name.clone(),
                model: contestant.name(),
            });
        }
        let mut runs = Vec::new();
        let mut baselines = Baseline::of(&protocol.task)?;
        for fold in 0..protocol.folds.len() {
            let turn = Turn {
                opened: self,
                parts: &self.parts(fold)?,
                fold,
                threads,
            };
            let lists = turn.lists();
            for baseline in &mut baselines {
                let fitted = turn.fitted(&baseline.model, 0)?;
                let figures = turn.figures(&baseline.model, &*fitted.scorer, &lists, 0)?;
                baseline.folds.push(figures.all.measures);
            }
            for &seed in seeds {
                runs.push(turn.run(contestant, seed, &lists)?);
            }
        }
        let summary = summaries(&runs);
        let baselines: Vec<_> = baselines.into_iter().map(Baseline::entry).collect();
        let name = contestant.name();
        let mut versions = BTreeMap::from([("recburn".to_string(), VERSION.to_string())]);
        versions.extend(contestant.versions());
        Ok(Card {
            version: Card::VERSION,
            protocol: protocol.clone(),
            data: self.at_hand(),
            options: contestant.describe(),
            seeds: seeds.to_vec(),
            verdict: verdict(&name, &protocol.task, &summary, &baselines),
            model: name,
            runs,
            summary,
            baselines,
            machine: Machine::here(threads),
            versions,
        })
    }

    fn at_hand(&self) -> DataAtHand {
        let dataset = self.dataset(0);
        DataAtHand {
            checksum: self.checksum,
            ratings: dataset.ratings.len(),
            users: dataset.users.len(),
            items: dataset.items.len(),
            tied_last: self.tied_last(),
            features: dataset
                .features
                .inputs()
                .map(|input| input.name.clone())
                .collect(),
        }
    }
}

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// A fold.
struct Turn<'a> {
    opened: &'a Opened,
    parts: &'a Parts,
    fold: usize,
    threads: usize,
}

impl Turn<'_> {
    fn task(&self) -> &Task {
        &self.opened.protocol.task
    }

    /// The lists of a protocol of rankings.
    fn lists(&self) -> Option<Lists<'_>> {
        match self.task() {
            Task::Ratings { .. } => None,
            Task::Ranking {
                at,
                candidates,
                positives,
                ..
            } => {
                let names = self.task().user_measures();
                let (candidates, positives) = (*candidates, *positives);
                let threads = self.threads;
                Some(Lists::of(
                    self.parts, at, candidates, positives, names, threads,
                ))
            }
        }
    }

    fn run(
        &self,
        contestant: &dyn Contestant,
        seed: u64,
        lists: &Option<Lists<'_>>,
    ) -> Result<RunEntry, ProtocolError> {
        let parts = self.parts;
        let fitted = self.fitted(contestant, seed)?;
        let (figures, score) = timed(|| self.figures(contestant, &*fitted.scorer, lists, seed));
        Ok(RunEntry {
            fold: self.split(),
            seed,
            fingerprint: parts.fingerprint,
            rows: Rows {
                train: parts.train.len(),
                valid: parts.valid.len(),
                test: parts.test.len(),
            },
            cold: ColdCounts {
                users: parts.cold.users,
                items: parts.cold.items,
                rows: parts.cold.rows,
            },
            figures: figures?,
            fit: fitted.fit,
            selection: fitted.selection,
            score,
            peak_memory: peak_memory(),
            epochs: fitted.epochs,
        })
    }

    /// Fits a model, a second time if it has chosen its epochs and the protocol refits.
    fn fitted(&self, contestant: &dyn Contestant, seed: u64) -> Result<FittedModel, ProtocolError> {
        let parts = self.parts;
        let none = Ratings::default();
        let occasion = Occasion {
            dataset: &parts.dataset,
            train: &parts.known,
            valid: None,
            asked: match self.task() {
                Task::Ratings { .. } => &parts.asked,
                Task::Ranking { .. } => &none,
            },
            epochs: None,
            task: self.task(),
            seed,
            threads: self.threads,
        };
        let fit = |occasion: &Occasion<'_>| {
            let (scorer, taken) = timed(|| contestant.fit(occasion));
            let scorer = scorer.map_err(|source| self.failed(contestant, seed, source))?;
            Ok::<_, ProtocolError>((scorer, taken))
        };
        if !contestant.needs_validation() {
            let (scorer, taken) = fit(&occasion)?;
            return Ok(FittedModel {
                epochs: scorer.epochs(),
                scorer,
                selection: None,
                fit: taken,
            });
        }
        let (scorer, taken) = fit(&Occasion {
            train: &parts.train,
            valid: Some(&parts.valid),
            ..occasion
        })?;
        let epochs = scorer.epochs();
        if !self.opened.protocol.selection.refit || epochs.is_none() {
            return Ok(FittedModel {
                scorer,
                selection: None,
                fit: taken,
                epochs,
            });
        }
        drop(scorer);
        let (scorer, again) = fit(&Occasion { epochs, ..occasion })?;
        Ok(FittedModel {
            scorer,
            selection: Some(taken),
            fit: taken.and(again),
            epochs,
        })
    }

    /// Scores the test part.
    fn figures(
        &self,
        contestant: &dyn Contestant,
        scorer: &dyn Scorer,
        lists: &Option<Lists<'_>>,
        seed: u64,
    ) -> Result<Figures, ProtocolError> {
        let name = contestant.name();
        let figures = match (self.task(), lists) {
            (Task::Ranking { .. }, Some(lists)) => lists.measured(&name, scorer),
            (task, _) => {
                let clip = matches!(task, Task::Ratings { clip: true });
                rated(&name, scorer, self.parts, clip)
            }
        };
        figures.map_err(|fault| match fault {
            Fault::Model(source) => self.failed(contestant, seed, source),
            Fault::Other(error) => *error,
        })
    }

    fn failed(&self, contestant: &dyn Contestant, seed: u64, source: ModelError) -> ProtocolError {
        ProtocolError::Model {
            model: contestant.name(),
            fold: self.split(),
            seed,
            source,
        }
    }

    /// The split in words.
    fn split(&self) -> String {
        let folds = &self.opened.protocol.folds;
        folds
            .get(self.fold)
            .map_or_else(String::new, |fold| fold.split.to_string())
    }
}
