//! What the tables of a model in training share of the other processes: the rows that a step asks for.

use crate::spread_ahead::{Ahead, Listed, LookAhead};
use recburn_data::Batch;
use recburn_nn::{ColumnId, TableInfo};
use recburn_optim::Goal;
use recburn_schema::Values;
use recburn_spread::{Asked, Ranks, Room, WholeBatch, sum};
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

/// The rows of one or more tables that the current step asks for.
#[derive(Default)]
pub(crate) struct Wanted {
    asked: Asked,
    /// Their positions in the list of the group; `None` if they are all of it.
    at: Option<Vec<u32>>,
    /// The length of that list.
    pub len: usize,
    /// The number of the request.
    pub request: u64,
    /// The weight of the whole batch.
    pub weight: f64,
}

impl Wanted {
    /// The own rows that any process wants, ascending.
    pub fn rows(&self) -> &[u32] {
        self.asked.rows()
    }

    /// The rows of the list, which `row` returns where they live; 0 for those that were not asked for. Their memory is taken
    /// from the room.
    pub fn answer<'a>(
        &self,
        ranks: &dyn Ranks,
        width: usize,
        row: impl Fn(u32) -> &'a [f32],
        room: &mut Room,
    ) -> Vec<f32> {
        let rows = self.asked.answer(ranks, width, row, room);
        let Some(at) = &self.at else {
            return std::mem::take(rows);
        };
        let mut list = vec![0.0; self.len * width];
        for (&at, row) in at.iter().zip(rows.chunks_exact(width)) {
            list[at as usize * width..][..width].copy_from_slice(row);
        }
        list
    }

    /// Sends the gradients of rows at these positions of the list, and returns the sums of those of [`Wanted::rows`]. It may
    /// leave the gradients in another order.
    pub fn add_up<'r>(
        &self,
        ranks: &dyn Ranks,
        width: usize,
        positions: &[u32],
        gradients: &mut [f32],
        room: &'r mut Room,
    ) -> &'r [f32] {
        let in_order = self.at.is_none()
            && positions.len() == self.len
            && positions
                .iter()
                .zip(0..)
                .all(|(&position, at)| position == at);
        if in_order {
            return self.asked.add_up(ranks, width, gradients, room);
        }
        let mut list = vec![0.0; self.len * width];
        for (&position, gradient) in positions.iter().zip(gradients.chunks_exact(width)) {
            list[position as usize * width..][..width].copy_from_slice(gradient);
        }
        let Some(at) = &self.at else {
            return self.asked.add_up(ranks, width, &mut list, room);
        };
        let of = |&at: &u32| list[at as usize * width..][..width].iter().copied();
        let mut asked: Vec<f32> = at.iter().flat_map(of).collect();
        self.asked.add_up(ranks, width, &mut asked, room)
    }
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
    pub fn new(ranks: Rc<dyn Ranks>, stop: Arc<AtomicBool>) -> Self {
        Self {
            ranks,
            whole: Cell::default(),
            groups: Vec::new(),
            examples: Cell::new(0.0),
            stop,
            save: Cell::new(false),
            ahead: RefCell::default(),
        }
    }

    /// Prepares requests for the rows of these tables, except for those of the users, which are at home.
    pub fn adopt(&mut self, tables: &[TableInfo]) {
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
        let mut wants = self.groups.iter().flat_map(|group| &group.wants);
        let own = wants.find(|(columns, _)| *columns == info.columns)?;
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
        let wants = self.groups.iter().flat_map(|group| &group.wants);
        for ((_, wanted), (asked, at, len)) in wants.zip(ahead.asked) {
            let mut wanted = wanted.borrow_mut();
            let request = wanted.request + 1;
            *wanted = Wanted {
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
        let mut local = batch.clone();
        let groups = self.groups.iter();
        let lists = groups.flat_map(|group| group.list(&mut local)).collect();
        LookAhead::new(self.ranks.clone(), local, lists)
    }

    /// Keeps what has been asked for, until the step of that batch.
    pub fn keep(&self, ahead: Ahead) {
        self.ahead.replace(Some(ahead));
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
