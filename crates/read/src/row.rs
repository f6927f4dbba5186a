//! A row of a file, before its fields are parsed.

use std::borrow::Cow;

/// What the fields are called in the file being read, for error messages.
#[derive(Clone)]
pub(crate) struct Names {
    pub(crate) user: Cow<'static, str>,
    pub(crate) item: Cow<'static, str>,
    pub(crate) rating: Cow<'static, str>,
    pub(crate) timestamp: Cow<'static, str>,
}

impl Names {
    /// For files that name no columns.
    pub(crate) const PLAIN: Self = Self {
        user: Cow::Borrowed("user"),
        item: Cow::Borrowed("item"),
        rating: Cow::Borrowed("rating"),
        timestamp: Cow::Borrowed("timestamp"),
    };
}

/// One row as it stands in the file.
pub(crate) struct Row<'a> {
    /// Where it begins; lines are counted only when one is to be named. In a file counted by rows: how many came before.
    pub(crate) byte: u64,
    pub(crate) user: &'a [u8],
    pub(crate) item: &'a [u8],
    pub(crate) rating: &'a [u8],
    pub(crate) timestamp: Option<&'a [u8]>,
}
