//! The parts of a model: each with the users of one process, and all items.

use super::{Experiment, ExperimentError, SpreadPrepared};
use crate::data::{Dataset, Ratings, Scale};
use crate::models::find;
use crate::nn::{Model, Network, Weights};
use crate::recommender::{ModelParts, Part, Recommender, RecommenderError, Role, Rows, Seen};
use crate::spread::{gather, sum};
use crate::train::Trainer;
use burn::tensor::Device;
use std::path::{Path, PathBuf};

/// More distinct ratings than this are not gathered: they are no scale of steps.
const MOST_STARS: usize = 1_001;

impl Experiment {
    /// Writes the trained model in parts, one for each process: a model folder `2-of-4` with the users of the second of four
    /// processes and all items, by which it can be served alone. The folder replaces one of any number of parts, completely or
    /// not at all. All processes call it.
    ///
    /// Model and trainer end with it, so that no process has more at a time than its own rows and those of all items.
    ///
    /// # Errors
    /// If a file cannot be written or memory for all items is missing; for a model without parts
    /// ([`Experiment::has_parts`]).
    pub fn save_parts(
        &self,
        folder: &Path,
        prepared: &SpreadPrepared,
        model: Network,
        trainer: Trainer,
        device: &Device,
    ) -> Result<(), ExperimentError> {
        if !self.has_parts(&model) {
            return Err(ExperimentError::NotSpread {
                what: "the model reads all users of an item, of whom a part has some".to_string(),
            });
        }
        let ranks = prepared.spread.ranks();
        let part = Part {
            number: ranks.rank() + 1,
            of: ranks.size(),
        };
        let write = |folder: &Path| -> Result<(), ExperimentError> {
            let own = folder.join(part.folder());
            std::fs::create_dir_all(&own)?;
            let weights = own.join(Recommender::WEIGHTS);
            prepared.spread.save_part(&model, &weights)?;
            prepared.spread.let_go();
            drop((model, trainer));
            let part = self.part(prepared, part, &weights, device)?;
            part.complete(&own)?;
            ranks.barrier();
            Ok(())
        };
        if ranks.rank() > 0 {
            let named = ranks.gather(&[]).swap_remove(0);
            write(&PathBuf::from(String::from_utf8_lossy(&named).into_owned()))?;
        } else {
            recburn_files::write_folder(folder, |temporary| {
                let absolute = std::fs::canonicalize(temporary)?;
                ranks.gather(absolute.to_string_lossy().as_bytes());
                write(temporary)?;
                ModelParts::complete(temporary, ranks.size())?;
                Ok::<(), ExperimentError>(())
            })?;
        }
        ranks.barrier();
        Ok(())
    }

    /// The model of the users at home here, with weights from a file.
    fn part(
        &self,
        prepared: &SpreadPrepared,
        part: Part,
        weights: &Path,
        device: &Device,
    ) -> Result<Recommender, ExperimentError> {
        let ranks = prepared.spread.ranks();
        let sums = |numbers: &mut [f64]| sum(ranks, numbers);
        let schema = prepared.spread.schema_of_part(prepared.scale);
        let graph = find(&self.model)?.graph(&self.options, &schema)?;
        let model = Network::try_new(graph, self.seed, device)?;
        let model = Weights::load(weights)
            .and_then(|weights| weights.load_into(model))
            .map_err(RecommenderError::from)?;
        let (train, valid) = (prepared.train.ratings(), prepared.valid.ratings());
        let centre = prepared.centre;
        let restored = |part: &Ratings| -> Vec<f32> {
            let ratings = part.ratings.iter();
            ratings.map(|&rating| centre.restore(rating)).collect()
        };
        let valid_stars = restored(valid);
        let all = |own: Vec<f32>| gather(ranks, &own).concat();
        let own = distinct(train.ratings.iter().map(|&rating| centre.restore(rating)));
        let own = [own, distinct(valid_stars.iter().copied())].concat();
        let dataset = Dataset {
            scale: Scale::of(&all(own)),
            catalogue: prepared.titles.clone(),
            ..Dataset::without_ratings(
                prepared.name.clone(),
                prepared.spread.users().clone(),
                prepared.spread.items().clone(),
            )
        };
        let rows = [
            Rows {
                centre,
                ..Rows::new(Role::Train, train)
            },
            Rows {
                ratings: &valid_stars,
                ..Rows::new(Role::Valid, valid)
            },
            Rows::new(Role::LeftOut, &prepared.left_out),
        ];
        let seen = Seen::of_part(&dataset, &rows, &all, &sums);
        let features = prepared.features(&model.inputs())?;
        let recommender = self.recommender_of(&model, &dataset, seen, centre, &features)?;
        let provenance = self.provenance_of_parts(prepared);
        Ok(recommender
            .with_provenance(provenance)
            .into_part(part, &sums))
    }
}

/// The distinct numbers, or the first so many and the extremes.
fn distinct(numbers: impl Iterator<Item = f32>) -> Vec<f32> {
    let mut known: Vec<f32> = Vec::new();
    let (mut least, mut most) = (f32::INFINITY, f32::NEG_INFINITY);
    for number in numbers {
        (least, most) = (least.min(number), most.max(number));
        if known.len() < MOST_STARS {
            let place = known.binary_search_by(|own| own.total_cmp(&number));
            if let Err(place) = place {
                known.insert(place, number);
            }
        }
    }
    if least <= most {
        known.extend([least, most]);
    }
    known
}
