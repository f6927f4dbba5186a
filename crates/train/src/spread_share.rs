//! Batches whose queries share candidates with those of other processes.

use crate::fit::Fit;
use recburn_nn::Model;
use recburn_schema::Batch;
use recburn_spread::gather;

impl<M: Model> Fit<'_, M> {
    /// The part of a batch that this process has, with the candidates of the whole; `None` if it has them. Processes then tell
    /// each other their queries and the items of their positives, 4 bytes each; the items' rows are asked for like all
    /// others. All processes call it.
    pub(crate) fn shared(&mut self, part: &Batch) -> Option<Batch> {
        let spread = self.session.trainer.spread.as_ref()?;
        let sharing = self.sharing.as_mut()?;
        let mut own = vec![part.queries as u32];
        own.extend(sharing.own(part));
        let (mut queries, mut items) = (0, Vec::new());
        for numbers in gather(spread.ranks(), &own) {
            let Some((count, own)) = numbers.split_first() else {
                continue; // each has sent its count
            };
            queries += *count as usize;
            items.extend_from_slice(own);
        }
        let mut part = part.clone();
        sharing.complete(&mut part, queries, &items);
        Some(part)
    }
}
