//! One model of the parts that several processes have written.

use super::{Experiment, ExperimentError};
use crate::experiment::Prepared;
use crate::nn::Network;
use crate::spread::{One, Ranks};
use crate::train::Trainer;
use burn::tensor::Device;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

impl Experiment {
    /// Reads the data and a checkpoint of any number of processes into this one: the data and the model, as an experiment on
    /// one process has them, and a trainer that could continue.
    ///
    /// # Errors
    /// As [`Experiment::read_part`] and [`Experiment::resume_spread`].
    pub fn gather(
        &self,
        checkpoint: &Path,
        data_dir: Option<&Path>,
        device: &Device,
    ) -> Result<Option<(Prepared, Network, Trainer)>, ExperimentError> {
        let one: Rc<dyn Ranks> = Rc::new(One);
        let part = self.read_part(&*one, data_dir)?;
        let mut home = self.bring_home(part, &*one)?;
        let (features, _) = self.spread_features(&mut home)?;
        let prepared = self.prepare_spread(home, features, one, Arc::default())?;
        let mut model = self.spread_network(&prepared, device)?;
        let mut trainer = self.spread_trainer(&prepared);
        self.resume_spread(&mut trainer, checkpoint, &mut model, &prepared)?;
        let whole = self.collect(&prepared, &model, device)?;
        Ok(whole.map(|(data, model)| (data, model, trainer)))
    }
}
