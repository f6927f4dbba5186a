//! The request for the rows of a batch, which travels during the step before it.

use crate::error::TrainError;
use crate::session::{Scored, Session};
use recburn_data::Batch;
use recburn_nn::Model;
use recburn_spread::{Asked, Ranks, Request, Told};
use std::rc::Rc;

/// The rows of a column, or of several, that a request is for.
pub(crate) struct Listed {
    /// The distinct rows.
    pub rows: Vec<u32>,
    /// Their positions in the list of their group; `None` if they are all of it.
    pub at: Option<Vec<u32>>,
    /// The length of that list.
    pub len: usize,
}

/// A batch with positions in place of the numbers of rows, and a request for these rows that has not been sent.
pub(crate) struct LookAhead {
    ranks: Rc<dyn Ranks>,
    request: Request,
    rest: Rest,
}

struct Rest {
    batch: Batch,
    /// For each request, the positions of its rows and the length of their list.
    places: Vec<(Option<Vec<u32>>, usize)>,
}

/// As [`LookAhead`], with the owners told how many rows they are asked for.
struct ToldAhead {
    ranks: Rc<dyn Ranks>,
    told: Told,
    rest: Rest,
}

/// A batch whose rows have been asked for.
pub(crate) struct Ahead {
    pub batch: Batch,
    /// For each request, what was asked, the positions of its rows and the length of their list.
    pub asked: Vec<(Asked, Option<Vec<u32>>, usize)>,
}

impl LookAhead {
    pub fn new(ranks: Rc<dyn Ranks>, batch: Batch, listed: Vec<Listed>) -> Self {
        let mut lists = Vec::new();
        let mut places = Vec::new();
        for Listed { rows, at, len } in listed {
            lists.push(rows);
            places.push((at, len));
        }
        Self {
            request: Request::new(&*ranks, &lists),
            ranks,
            rest: Rest { batch, places },
        }
    }

    /// Asks at once.
    pub fn now(self) -> Ahead {
        self.rest.of(self.request.ask(&*self.ranks))
    }

    fn told_during(self, work: &mut dyn FnMut()) -> ToldAhead {
        ToldAhead {
            told: self.request.told_during(&*self.ranks, work),
            ranks: self.ranks,
            rest: self.rest,
        }
    }
}

impl ToldAhead {
    fn sent_during(self, work: &mut dyn FnMut()) -> Ahead {
        self.rest.of(self.told.sent_during(&*self.ranks, work))
    }
}

impl Rest {
    fn of(self, asked: Vec<Asked>) -> Ahead {
        let both = asked.into_iter().zip(self.places);
        Ahead {
            batch: self.batch,
            asked: both.map(|(asked, (at, len))| (asked, at, len)).collect(),
        }
    }
}

impl<M: Model> Session<'_, M> {
    /// As [`Session::scored_step`]; the request for the rows of the next batch travels meanwhile, if they are distributed.
    /// The next step must be that of this batch, or the first of an epoch.
    pub(crate) fn scored_step_before(
        &mut self,
        batch: &Batch,
        next: Option<&Batch>,
    ) -> Result<Scored, TrainError> {
        let optimizer = self.trainer.optimizer();
        let Some(ahead) = next.and_then(|next| optimizer.look_ahead(next)) else {
            return self.scored_step(batch);
        };
        let mut asked = Ok(None);
        let told = ahead.told_during(&mut || asked = self.ask(batch));
        let asked = asked?;
        let batch = asked.as_ref().unwrap_or(batch);
        let mut scored = None;
        let ahead = told.sent_during(&mut || scored = Some(self.take_step(batch)));
        self.trainer.optimizer().looked_ahead(ahead);
        scored.expect("an exchange does its work once")
    }
}
