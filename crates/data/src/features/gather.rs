//! The other inputs of a batch.

use crate::coalesce::Coalescer;
use crate::error::DataError;
use crate::features::{Feature, FeatureValues, Features, Lists};
use crate::ratings::Ratings;
use recburn_schema::{Bags, Batch, Column, Input, Kind, Schema, Side, Values};

/// Fills in the inputs of batches other than users and items.
///
/// ```
/// use recburn_data::{Batch, Column, Feature, Features, Input, Kind, Side, Values};
///
/// let mut features = Features::default();
/// features.add(Feature::numbers("age", Side::User, 1, vec![24.0, 53.0, 23.0]))?;
/// let wanted = [Input::users(3), Input::new("age", Side::User, Kind::Numbers { width: 1 })];
/// let mut gather = features.gather(&wanted)?;
/// let users = Column { rows: vec![2, 0], inverse: vec![0, 1, 0] };
/// let mut batch = Batch { users, ..Batch::default() };
/// gather.fill(&mut batch);
/// assert_eq!(batch.others, [Values::Numbers(vec![23.0, 24.0])]);
/// # Ok::<(), recburn_data::DataError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Gather<'a>(Vec<Source<'a>>);

/// The source of the values of one input.
#[derive(Clone, Debug)]
enum Source<'a> {
    Ids(Rows, &'a [u32], Coalescer),
    Lists {
        of: Rows,
        lists: &'a Lists,
        /// The number of entries taken from the end of each list.
        length: usize,
        coalescer: Coalescer,
        /// The ids of all lists of the batch.
        ids: Vec<u32>,
    },
    Numbers(Rows, &'a [f32], usize),
    /// Filled in by the feed itself.
    Feed,
}

/// Which values of a feature a batch has.
#[derive(Clone, Copy, Debug)]
enum Rows {
    /// Those of its distinct users.
    Users,
    /// Those of its distinct items.
    Items,
    /// Those of its queries, which are rows of ratings.
    Events,
    /// The one value there is, for every query: a typical event.
    Typical,
}

impl Rows {
    fn of(side: Side, is_column: bool) -> Self {
        match side {
            Side::User => Self::Users,
            Side::Item => Self::Items,
            Side::Event if is_column => Self::Events,
            Side::Event => Self::Typical,
        }
    }
}

impl Features {
    /// Prepares filling in the inputs of `wanted` other than the users and items themselves, in their order.
    ///
    /// # Errors
    ///
    /// [`DataError::Schema`] for an input that is not among these features or has another form.
    pub fn gather(&self, wanted: &[Input]) -> Result<Gather<'_>, DataError> {
        Gather::new(wanted, Some(self), &[], None)
    }

    /// As [`Features::gather`], for batches of these ratings, whose own columns take precedence over typical values. Fill
    /// batches with [`Gather::fill_rows`].
    ///
    /// # Errors
    ///
    /// As [`Features::gather`].
    pub fn gather_of<'a>(
        &'a self,
        wanted: &[Input],
        ratings: &'a Ratings,
    ) -> Result<Gather<'a>, DataError> {
        Gather::new(wanted, Some(self), &ratings.others, None)
    }
}

impl<'a> Gather<'a> {
    /// From these features and columns of ratings; the input `own` is filled in by the feed.
    pub(crate) fn new(
        wanted: &[Input],
        features: Option<&'a Features>,
        events: &'a [Feature],
        own: Option<&Input>,
    ) -> Result<Self, DataError> {
        let others: Vec<&Input> = wanted.iter().filter(|input| is_other(input)).collect();
        if others.is_empty() {
            return Ok(Self(Vec::new()));
        }
        let offered = Schema {
            inputs: inputs(features, events, own).cloned().collect(),
            scale: (0.0, 0.0),
        };
        let source = |input: &&Input| {
            offered.serves(std::slice::from_ref(*input))?;
            let named = |feature: &&Feature| feature.input.name == input.name;
            let event = events.iter().find(named);
            // An offered input that is neither of these is the feed's own.
            let of_side = || features.and_then(|features| features.find(&input.name));
            let own = own.is_some_and(|own| own.name == input.name);
            let found = if own { None } else { event.or_else(of_side) };
            Ok(found.map_or(Source::Feed, |feature| {
                Source::new(input, feature, event.is_some())
            }))
        };
        Ok(Self(
            others
                .iter()
                .map(source)
                .collect::<Result<_, DataError>>()?,
        ))
    }

    /// Whether there is nothing to fill in.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Fills in the other inputs of a batch that has its users and items: one entry per distinct row.
    ///
    /// # Panics
    ///
    /// If a feature has no value for one of the rows.
    pub fn fill(&mut self, batch: &mut Batch) {
        self.fill_rows(batch, &[]);
    }

    /// As [`Gather::fill`]; `events` holds the row of each query among the ratings.
    ///
    /// # Panics
    ///
    /// As [`Gather::fill`], or if there is no such row.
    pub fn fill_rows(&mut self, batch: &mut Batch, events: &[u32]) {
        let typical = vec![0; batch.queries];
        let others = &mut batch.others;
        others.resize_with(self.0.len(), || Values::Numbers(Vec::new()));
        for (source, values) in self.0.iter_mut().zip(others) {
            let rows = match source.rows() {
                None => continue,
                Some(Rows::Users) => &batch.users.rows,
                Some(Rows::Items) => &batch.items.rows,
                Some(Rows::Events) => events,
                Some(Rows::Typical) => &typical,
            };
            source.fill(rows, values);
        }
    }

    /// Fills in the inputs of the items of a batch, and leaves the others as they are.
    pub(crate) fn fill_items(&mut self, batch: &mut Batch) {
        for (source, values) in self.0.iter_mut().zip(&mut batch.others) {
            if let Some(Rows::Items) = source.rows() {
                source.fill(&batch.items.rows, values);
            }
        }
    }

    /// The lists that the feed itself fills in, before the others; `None` if the model does not read them.
    pub(crate) fn own<'b>(&self, batch: &'b mut Batch) -> Option<&'b mut Bags> {
        let is_own = |source: &Source<'_>| matches!(source, Source::Feed);
        let at = self.0.iter().position(is_own)?;
        let others = &mut batch.others;
        others.resize_with(self.0.len(), || Values::Numbers(Vec::new()));
        Some(bags(&mut others[at]))
    }
}

impl<'a> Source<'a> {
    fn new(input: &Input, feature: &'a Feature, is_column: bool) -> Self {
        let of = Rows::of(feature.input.side, is_column);
        let rows = feature.input.kind.rows().unwrap_or(0);
        match &feature.values {
            FeatureValues::Ids(ids) => Self::Ids(of, ids, Coalescer::new(rows)),
            FeatureValues::Numbers(numbers) => {
                let width = numbers.len() / feature.rows().max(1);
                Self::Numbers(of, numbers, width)
            }
            FeatureValues::Lists(lists) => Self::Lists {
                of,
                lists,
                length: match input.kind {
                    Kind::Sequence { length, .. } => length,
                    Kind::Id { .. } | Kind::Bag { .. } | Kind::Numbers { .. } => usize::MAX,
                },
                coalescer: Coalescer::new(rows),
                ids: Vec::new(),
            },
        }
    }

    /// `None` where the feed fills it in.
    fn rows(&self) -> Option<Rows> {
        match self {
            Self::Ids(of, ..) | Self::Numbers(of, ..) | Self::Lists { of, .. } => Some(*of),
            Self::Feed => None,
        }
    }

    fn fill(&mut self, rows: &[u32], values: &mut Values) {
        match self {
            Self::Ids(_, ids, coalescer) => {
                let ids = rows.iter().map(|&row| ids[row as usize]);
                coalescer.fill(ids, column(values));
            }
            Self::Numbers(_, all, width) => {
                let into = numbers(values);
                into.clear();
                for &row in rows {
                    let from = row as usize * *width;
                    into.extend_from_slice(&all[from..from + *width]);
                }
            }
            Self::Lists {
                lists,
                length,
                coalescer,
                ids,
                ..
            } => {
                let into = bags(values);
                into.ends.clear();
                into.weights.clear();
                ids.clear();
                for &row in rows {
                    let list = lists.ids(row as usize);
                    let from = list.len().saturating_sub(*length);
                    ids.extend_from_slice(&list[from..]);
                    if let Some(weights) = lists.weights(row as usize) {
                        into.weights.extend_from_slice(&weights[from..]);
                    }
                    into.ends.push(ids.len() as u32);
                }
                coalescer.fill(ids.iter().copied(), &mut into.column);
            }
            Self::Feed => {}
        }
    }
}

/// Whether the input is one of a batch's other inputs.
fn is_other(input: &Input) -> bool {
    !input.is_users() && !input.is_items()
}

/// Every input on offer besides users and items. What the feed makes itself and the columns of ratings take precedence
/// over a feature of the same name.
pub(crate) fn inputs<'a>(
    features: Option<&'a Features>,
    events: &'a [Feature],
    own: Option<&'a Input>,
) -> impl Iterator<Item = &'a Input> {
    let of_sides = features.into_iter().flat_map(Features::inputs);
    let of_sides = of_sides.filter(move |input| {
        let named = |other: &Input| other.name == input.name;
        !own.is_some_and(named) && !events.iter().any(|event| named(&event.input))
    });
    let events = events.iter().map(|event| &event.input);
    own.into_iter().chain(of_sides).chain(events)
}

fn column(values: &mut Values) -> &mut Column {
    if !matches!(values, Values::Ids(_)) {
        *values = Values::Ids(Column::default());
    }
    match values {
        Values::Ids(column) => column,
        Values::Bags(_) | Values::Numbers(_) => unreachable!("made ids of it"),
    }
}

fn bags(values: &mut Values) -> &mut Bags {
    if !matches!(values, Values::Bags(_)) {
        *values = Values::Bags(Bags::default());
    }
    match values {
        Values::Bags(bags) => bags,
        Values::Ids(_) | Values::Numbers(_) => unreachable!("made bags of it"),
    }
}

fn numbers(values: &mut Values) -> &mut Vec<f32> {
    if !matches!(values, Values::Numbers(_)) {
        *values = Values::Numbers(Vec::new());
    }
    match values {
        Values::Numbers(numbers) => numbers,
        Values::Ids(_) | Values::Bags(_) => unreachable!("made numbers of it"),
    }
}
