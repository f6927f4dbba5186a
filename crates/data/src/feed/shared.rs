//! Candidates that the parts of a batch share.

use crate::error::DataError;
use crate::features::Gather;
use crate::feed::Share;
use crate::feed::against::{Against, How};
use crate::feed::negatives::Negatives;
use crate::feed::urn::Urn;
use recburn_schema::Batch;

/// Adds the candidates of other parts of a batch to those of one part.
pub(crate) struct Shared<'a> {
    against: Against<'a>,
    gather: Gather<'a>,
}

impl<'a> Shared<'a> {
    /// For whole batches of at most so many queries; `None` if queries do not share what is drawn for them.
    pub(crate) fn of(
        urn: &'a Urn,
        how: How,
        queries: usize,
        gather: Gather<'a>,
    ) -> Result<Option<Box<dyn Share + 'a>>, DataError> {
        if !matches!(how.negatives, Negatives::Shared { .. }) {
            return Ok(None);
        }
        how.check(queries, urn)?;
        Ok(Some(Box::new(Self {
            against: Against::new(urn, how),
            gather,
        })))
    }
}

impl Share for Shared<'_> {
    fn own(&self, part: &Batch) -> Vec<u32> {
        Against::items_of(part)
    }

    fn complete(&mut self, part: &mut Batch, queries: usize, items: &[u32]) {
        self.against.extend(part, queries, items);
        self.gather.fill_items(part);
    }
}
