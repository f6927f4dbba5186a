//! The sizes of the parts of a split by user and key.

use crate::split_kind::{RowOrder, SplitKind, TestPart, check_share};
use crate::word::WordError;

/// The held-out shares of a split by user and key, in billionths, so that halves are recognised without error.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HashedShares {
    valid: u128,
    test: u128,
}

impl HashedShares {
    const WHOLE: u128 = 1_000_000_000;

    fn new(train: f64, test: f64) -> Self {
        let billionths = |share: f64| (share * 1e9).round() as u128;
        let test = billionths(test);
        Self {
            valid: Self::WHOLE.saturating_sub(billionths(train) + test),
            test,
        }
    }

    /// The number of validation rows of a user with this many rows.
    pub(crate) fn valid(self, rows: usize) -> usize {
        // Both halves may round up.
        Self::round(self.valid, rows).min(rows - self.test(rows))
    }

    /// The number of test rows of a user with this many rows.
    pub(crate) fn test(self, rows: usize) -> usize {
        Self::round(self.test, rows)
    }

    /// Halves round up.
    fn round(share: u128, rows: usize) -> usize {
        let rounded = (2 * share * rows as u128 + Self::WHOLE) / (2 * Self::WHOLE);
        rounded as usize
    }
}

impl SplitKind {
    /// The shares of a split by user and key; `None` for other kinds.
    pub(crate) fn hashed(&self) -> Result<Option<HashedShares>, WordError> {
        let (kind, test) = match self {
            Self::WithTest { kind, test } => (&**kind, Some(*test)),
            kind => (kind, None),
        };
        let Self::ByUser {
            train,
            order: RowOrder::Hashed,
        } = kind
        else {
            return Ok(None);
        };
        check_share(*train)?;
        if let Some(test) = test {
            Self::untested(kind, test)?;
        }
        let test = match test {
            Some(TestPart::Share(test)) => test,
            _ => 0.0,
        };
        Ok(Some(HashedShares::new(*train, test)))
    }
}
