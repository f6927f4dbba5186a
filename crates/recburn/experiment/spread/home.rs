//! From the files to the homes of users.

use super::{Experiment, ExperimentError, SpreadPrepared};
use crate::data::{
    Centre, Features, FilePart, IdMap, Input, Item, ItemIx, Kind, Lacks, Ratings, ReadTitles, Side,
    UserIx,
};
use crate::spread::{AtHome, Kept, Ranks, bring_home, bring_left_out, filtered, most, sum};
use crate::train::Spread;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// The ratings of the users at home on one of several processes.
pub struct SpreadHome {
    name: String,
    home: AtHome,
    /// What a filter has left out, of users at home.
    left_out: Ratings,
    /// What the file of users' features lacks.
    lacks: Option<Lacks>,
    titles: Vec<Option<Item>>,
}

impl Experiment {
    /// Reads this process's part of the data.
    ///
    /// # Errors
    /// As [`OpenOptions::open_part`](crate::data::OpenOptions::open_part).
    pub fn read_part(
        &self,
        ranks: &dyn Ranks,
        data_dir: Option<&Path>,
    ) -> Result<FilePart, ExperimentError> {
        let how = self.how(data_dir)?;
        Ok(how.open_part(&self.training.data, ranks.rank(), ranks.size())?)
    }

    /// Filters the ratings and sends them to the homes of their users. All processes call it.
    ///
    /// # Errors
    /// As [`Experiment::check_spread`] and [`bring_home`].
    pub fn bring_home(
        &self,
        part: FilePart,
        ranks: &dyn Ranks,
    ) -> Result<SpreadHome, ExperimentError> {
        let parts = self.check_spread()?;
        let FilePart {
            name,
            users,
            items,
            ratings,
            ..
        } = part;
        let (home, left_out) = match self.filter()? {
            None => {
                let home = bring_home(ranks, users, items, ratings, parts, self.seed)?;
                (home, Ratings::default())
            }
            Some(filter) => {
                let kept = filtered(ranks, &users, &items, &ratings, &filter)?;
                drop(ratings);
                let Kept {
                    ratings, left_out, ..
                } = kept;
                let home = bring_home(ranks, kept.users, kept.items, ratings, parts, self.seed)?;
                let left_out = bring_left_out(ranks, &users, &items, &left_out, &home);
                (home, left_out)
            }
        };
        Ok(SpreadHome {
            name,
            home,
            left_out,
            lacks: None,
            titles: Vec::new(),
        })
    }

    /// Reads the features of the users at home and of all items, from the files that the settings name, with the
    /// titles and genres of the items, and returns warnings; adds the columns of times, if they are wanted. Each process reads the whole files, and keeps what it needs.
    ///
    /// # Errors
    /// As [`FeatureFile::read`](crate::data::FeatureFile::read), and for ratings without the time that is wanted.
    pub fn spread_features(
        &self,
        home: &mut SpreadHome,
    ) -> Result<(Features, Vec<String>), ExperimentError> {
        if self.training.time_columns {
            home.home.train.add_time_columns()?;
            home.home.valid.add_time_columns()?;
        }
        let mut features = Features::default();
        let AtHome { users, items, .. } = &home.home;
        let (titles, lacks) = self.read_features(users, items, &mut features)?;
        (home.lacks, home.titles) = (lacks, titles.items);
        Ok((features, titles.warnings))
    }

    /// Adds the features of these users and items from the files that the settings name, and returns titles and warnings,
    /// and what the users' file lacks, if there is one.
    pub(super) fn read_features(
        &self,
        users: &IdMap<UserIx>,
        items: &IdMap<ItemIx>,
        features: &mut Features,
    ) -> Result<(ReadTitles, Option<Lacks>), ExperimentError> {
        let how = self.how(None)?;
        let mut titles = how.read_titles(items)?;
        features.set_titles(&titles.items)?;
        let warnings = &mut titles.warnings;
        let mut lacks = None;
        if let Some(file) = how.user_features {
            let (noticed, lacking) = file.read_part(Side::User, users, features)?;
            warnings.extend(noticed);
            lacks = Some(lacking);
        }
        if let Some(file) = how.item_features {
            warnings.extend(file.read(Side::Item, items, features)?);
        }
        Ok((titles, lacks))
    }

    /// The data of this process, ready to train on. All processes call it; once `stop` is set in any of them, training ends
    /// in all of them after the same step.
    ///
    /// # Errors
    /// For settings that contradict each other, and for a file of features that has none of the users.
    pub fn prepare_spread(
        &self,
        SpreadHome {
            name,
            home,
            left_out,
            lacks,
            titles,
        }: SpreadHome,
        mut features: Features,
        ranks: Rc<dyn Ranks>,
        stop: Arc<AtomicBool>,
    ) -> Result<SpreadPrepared, ExperimentError> {
        let centre = match self.training.centre && !self.training.examples.are_positives() {
            true => Centre {
                mean: home.mean as f32,
            },
            false => Centre::none(),
        };
        let (mut train, mut valid) = (home.train, home.valid);
        train.centre(centre.mean);
        valid.centre(centre.mean);
        train.normalise_columns(&mut valid, &*ranks);
        let counts = [home.all_users as usize, home.items.rows()];
        let sums = |numbers: &mut [f64]| sum(&*ranks, numbers);
        if let Some(lacks) = &lacks {
            lacks.settle(&mut features, &sums)?;
        }
        features.normalise_part(train.ratings(), counts[1], &sums);
        let mut inputs: Vec<Input> = features.inputs().cloned().collect();
        let histories = histories(&*ranks, &train.ratings().users, counts);
        inputs.retain(|input| histories.iter().all(|own| own.name != input.name));
        inputs.extend(histories);
        let columns = train.ratings().others.iter();
        inputs.extend(columns.map(|column| column.input.clone()));
        let spread = Spread::new(ranks, home.users, home.items, counts[0], stop);
        let (min, max) = home.scale;
        Ok(SpreadPrepared {
            scale: (min - centre.mean, max - centre.mean),
            spread: Rc::new(spread.with_inputs(inputs)),
            train,
            valid,
            centre,
            features,
            titles,
            left_out,
            counts,
            name,
        })
    }
}

/// The histories in the training part, as inputs with the sizes of all processes.
fn histories(ranks: &dyn Ranks, train: &[UserIx], [users, items]: [usize; 2]) -> [Input; 4] {
    let mut counts = Vec::new();
    for user in train {
        if counts.len() <= user.index() {
            counts.resize(user.index() + 1, 0_u64);
        }
        counts[user.index()] += 1;
    }
    let own = counts.into_iter().max().unwrap_or(0);
    let length = most(ranks, own).max(1) as usize;
    let bag = |rows| Kind::Bag { rows };
    let recent = Kind::Sequence {
        rows: items,
        length,
    };
    [
        Input::new(Input::RECENT, Side::User, recent),
        Input::new(Input::HISTORY, Side::User, bag(items)),
        Input::new(Input::RATED_HISTORY, Side::User, bag(items)),
        Input::new(Input::RATERS, Side::Item, bag(users)),
    ]
}
