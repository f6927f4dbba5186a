//! Batches whose queries share candidates with those of other processes.

use crate::fit::Fit;
use recburn_nn::Model;
use recburn_schema::Batch;

impl<M: Model> Fit<'_, M> {
    /// The part of a batch that this process has, with the candidates of the whole; `None` if it has them. Processes then tell
    /// each other their queries and the items of their positives, 4 bytes each; the items' rows are asked for like all
    /// others. All processes call it.
    pub(crate) fn shared(&mut self, part: &Batch) -> Option<Batch> {
        let spread = self.session.trainer.spread.as_ref()?;
        let sharing = self.sharing.as_mut()?;
        let mut own = vec![part.queries as u32];
        own.extend(sharing.own(part));
        let bytes: Vec<u8> = own.iter().flat_map(|number| number.to_le_bytes()).collect();
        let (mut queries, mut items) = (0, Vec::new());
        for bytes in spread.ranks().gather(&bytes) {
            let numbers = bytes.as_chunks().0.iter();
            let mut numbers = numbers.map(|bytes| u32::from_le_bytes(*bytes));
            queries += numbers.next().unwrap_or(0) as usize;
            items.extend(numbers);
        }
        let mut part = part.clone();
        sharing.complete(&mut part, queries, &items);
        Some(part)
    }
}
