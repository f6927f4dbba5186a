//! What the tables of a model in training share of the other processes: the rows that a step asks for.

use crate::spread_ahead::{Ahead, Listed, LookAhead};
use crate::spread_raters::{Pooled, SharedRaters};
use crate::spread_wanted::Wanted;
use recburn_data::Batch;
use recburn_nn::{ColumnId, TableInfo};
use recburn_optim::Goal;
use recburn_schema::{Bags, Column, Input, Values};
use recburn_spread::{Ranks, WholeBatch, sum};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The processes, as the tables of a model see them.
pub(crate) struct Spreading {
    pub ranks: Rc<dyn Ranks>,
    whole: Cell<WholeBatch>,
    groups: Vec<Group>,
    /// The names of the model's inputs other than users and items.
    others: Vec<String>,
    raters: SharedRaters,
    /// The weight of all examples of the epoch so far.
    examples: Cell<f64>,
    stop: Arc<AtomicBool>,
    /// Whether this process asks all to write a checkpoint after the next step.
    pub save: Cell<bool>,
    /// The next batch, if its rows have been asked for.
    ahead: RefCell<Option<Ahead>>,
}

/// Columns that index common tables: their rows have positions in one list.
struct Group {
    columns: Vec<ColumnId>,
    wants: Vec<(Vec<ColumnId>, Rc<RefCell<Wanted>>)>,
}

/// The distinct rows of a column of a batch, if it has ids.
fn rows_of(batch: &mut Batch, column: ColumnId) -> Option<&mut Vec<u32>> {
    match column {
        ColumnId::USERS => Some(&mut batch.users.rows),
        ColumnId::ITEMS => Some(&mut batch.items.rows),
        other => match batch.others.get_mut(other.index() - 2)? {
            Values::Ids(column) => Some(&mut column.rows),
            Values::Bags(bags) => Some(&mut bags.column.rows),
            Values::Numbers(_) => None,
        },
    }
}

/// A batch without queries, which needs no rows either: not those of candidates that all queries share.
fn without_rows(batch: &Batch) -> Batch {
    let none = |values: &Values| match values {
        Values::Ids(_) => Values::Ids(Column::default()),
        Values::Bags(_) => Values::Bags(Bags::default()),
        Values::Numbers(_) => Values::Numbers(Vec::new()),
    };
    Batch {
        candidates: batch.candidates,
        others: batch.others.iter().map(none).collect(),
        every_position: batch.every_position,
        ..Batch::default()
    }
}

impl Group {
    /// The rows of a batch that each request is for; the batch gets their positions in place of their numbers.
    fn list(&self, batch: &mut Batch) -> Vec<Listed> {
        let mut list: Vec<u32> = Vec::new();
        let mut positions: HashMap<u32, u32> = HashMap::new();
        // The positions of the rows of each column.
        let mut of_columns: Vec<Vec<u32>> = Vec::new();
        for &column in &self.columns {
            let Some(rows) = rows_of(batch, column) else {
                of_columns.push(Vec::new());
                continue;
            };
            if self.columns.len() == 1 {
                let positions = (0..rows.len() as u32).collect();
                list = std::mem::replace(rows, positions);
                of_columns.push(Vec::new()); // not needed: every request is for all
                continue;
            }
            for row in rows.iter_mut() {
                *row = *positions.entry(*row).or_insert_with(|| {
                    list.push(*row);
                    list.len() as u32 - 1
                });
            }
            of_columns.push(rows.clone());
        }
        let len = list.len();
        let of_request = |(columns, _): &(Vec<ColumnId>, _)| {
            if columns.len() == self.columns.len() {
                return (list.clone(), None);
            }
            let own = self.columns.iter().zip(&of_columns);
            let own = own.filter(|(column, _)| columns.contains(column));
            let mut at: Vec<u32> = own.flat_map(|(_, at)| at.iter().copied()).collect();
            at.sort_unstable();
            at.dedup();
            let rows = at.iter().map(|&at| list[at as usize]).collect();
            (rows, Some(at))
        };
        let requests = self.wants.iter().map(of_request);
        requests
            .map(|(rows, at)| Listed { rows, at, len })
            .collect()
    }
}

impl Spreading {
    pub fn new(ranks: Rc<dyn Ranks>, stop: Arc<AtomicBool>, raters: SharedRaters) -> Self {
        Self {
            ranks,
            others: Vec::new(),
            raters,
            whole: Cell::default(),
            groups: Vec::new(),
            examples: Cell::new(0.0),
            stop,
            save: Cell::new(false),
            ahead: RefCell::default(),
        }
    }

    /// Prepares requests for the rows of these tables of a model with these inputs, except for those of the users, which are
    /// at home.
    pub fn adopt(&mut self, tables: &[TableInfo], inputs: &[Input]) {
        let others = inputs.iter().filter(|it| !it.is_users() && !it.is_items());
        self.others = others.map(|input| input.name.clone()).collect();
        let before = std::mem::take(&mut self.groups);
        let before: Vec<_> = before.into_iter().flat_map(|group| group.wants).collect();
        for info in tables.iter().filter(|info| !is_at_home(info)) {
            let known = |(columns, _): &(Vec<ColumnId>, _)| *columns == info.columns;
            let mut group = Group {
                columns: info.columns.clone(),
                wants: Vec::new(),
            };
            let meets = |other: &mut Group| {
                let mut columns = other.columns.iter();
                columns.any(|column| info.columns.contains(column))
            };
            for other in self.groups.extract_if(.., meets) {
                let columns = other.columns.into_iter();
                group
                    .columns
                    .extend(columns.filter(|it| !info.columns.contains(it)));
                group.wants.extend(other.wants);
            }
            if !group.wants.iter().any(known) {
                let wanted = before.iter().find(|want| known(want));
                let wanted = wanted.map_or_else(Rc::default, |(_, wanted)| wanted.clone());
                group.wants.push((info.columns.clone(), wanted));
            }
            self.groups.push(group);
        }
    }

    /// The requests for the rows of a table; `None` if its rows are at home.
    pub fn wanted(&self, info: &TableInfo) -> Option<Rc<RefCell<Wanted>>> {
        self.wanted_by(&info.columns)
    }

    /// As [`Spreading::wanted`], for a table that these columns index.
    pub fn wanted_by(&self, columns: &[ColumnId]) -> Option<Rc<RefCell<Wanted>>> {
        let mut wants = self.groups.iter().flat_map(|group| &group.wants);
        let own = wants.find(|(known, _)| known == columns)?;
        Some(own.1.clone())
    }

    /// Asks for the rows of a batch, and returns it with their positions in place of their numbers.
    pub fn ask(&self, batch: &Batch) -> Batch {
        let stop = self.stop.load(Ordering::Relaxed);
        let weight = Goal::of(batch).total_weight();
        let whole = WholeBatch::begin(&*self.ranks, weight, stop, self.save.get());
        self.whole.set(whole);
        self.examples.set(self.examples.get() + whole.weight());
        let ahead = self.ahead.take();
        let ahead = ahead.unwrap_or_else(|| self.look_ahead(batch).now());
        let wants = self.groups.iter().flat_map(|group| {
            let pools = self.raters_of(group).is_some();
            group.wants.iter().map(move |(_, wanted)| (wanted, pools))
        });
        for ((wanted, pools), (asked, at, len)) in wants.zip(ahead.asked) {
            let mut wanted = wanted.borrow_mut();
            let request = wanted.request + 1;
            let raters = self.raters.borrow();
            *wanted = Wanted {
                pooled: pools.then(|| Pooled::new(&*self.ranks, &asked, &raters)),
                asked,
                at,
                len,
                request,
                weight: whole.weight(),
            };
        }
        ahead.batch
    }

    /// Prepares to ask for the rows of a batch.
    pub fn look_ahead(&self, batch: &Batch) -> LookAhead {
        let mut local = match batch.is_empty() {
            true => without_rows(batch),
            false => batch.clone(),
        };
        let items = local.items.rows.clone();
        let groups = self.groups.iter();
        let lists = groups.flat_map(|group| match self.raters_of(group) {
            Some(raters) => self.list_raters(group, raters, &items, &mut local),
            None => group.list(&mut local),
        });
        let lists = lists.collect();
        LookAhead::new(self.ranks.clone(), local, lists)
    }

    /// Keeps what has been asked for, until the step of that batch.
    pub fn keep(&self, ahead: Ahead) {
        self.ahead.replace(Some(ahead));
    }

    /// The column of the users of an item, if these are what a group reads.
    fn raters_of(&self, group: &Group) -> Option<ColumnId> {
        let mut others = self.others.iter();
        let at = others.position(|name| name == Input::RATERS)?;
        let column = ColumnId::other(at);
        (group.columns == [column]).then_some(column)
    }

    /// The items whose users' rows each request is for, pooled; the batch gets one entry for each item in place of its users.
    fn list_raters(
        &self,
        group: &Group,
        column: ColumnId,
        items: &[u32],
        batch: &mut Batch,
    ) -> Vec<Listed> {
        if let Some(values) = batch.others.get_mut(column.index() - 2) {
            *values = Values::Bags(self.raters.borrow().bags(items));
        }
        let listed = || Listed {
            rows: items.to_vec(),
            at: None,
            len: items.len(),
        };
        group.wants.iter().map(|_| listed()).collect()
    }

    /// Begins another epoch.
    pub fn begin_epoch(&self) {
        self.ahead.replace(None); // the last one may have been stopped
        self.examples.set(0.0);
    }

    /// The weight of the examples of all processes in the epoch so far.
    pub fn examples(&self) -> f64 {
        self.examples.get()
    }

    /// The current step.
    pub fn whole(&self) -> WholeBatch {
        self.whole.get()
    }

    /// Replaces a gradient by the sum over all processes; one that has no part of the batch adds nothing.
    pub fn add_up(&self, gradient: &mut [f32], nothing: bool) {
        if nothing {
            gradient.fill(0.0);
        }
        if !gradient.is_empty() {
            sum(&*self.ranks, gradient);
        }
    }
}

/// Whether the rows of a table are those of the users at home.
fn is_at_home(info: &TableInfo) -> bool {
    info.columns == [ColumnId::USERS]
}
