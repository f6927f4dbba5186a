//! Measures of ranked lists.

use crate::contestant::Scorer;
use crate::error::{ModelError, ProtocolError};
use crate::figures::{Figures, Group, PerUser, defined};
use crate::negatives::Excluded;
use crate::parts::Parts;
use crate::score_ratings::Fault;
use crate::task::{Candidates, Positives};
use recburn_data::{Known, UserIx};
use recburn_metrics::{
    EvaluationError, ItemsOf, Measures, PerUser as Columns, Popularity, RankingEvaluation,
    RankingEvaluator, UserItems,
};

/// The relevant items and the candidates of a fold, which are the same for all models.
pub(crate) struct Lists<'a> {
    parts: &'a Parts,
    at: &'a [usize],
    names: Vec<String>,
    known: Known,
    excluded: Option<Excluded>,
    /// Users and items of relevant rows, and whether the row is cold.
    relevant: Vec<(u32, u32, bool)>,
    counts: Vec<u32>,
    threads: usize,
}

impl<'a> Lists<'a> {
    pub(crate) fn of(
        parts: &'a Parts,
        at: &'a [usize],
        candidates: Candidates,
        positives: Positives,
        names: Vec<String>,
        threads: usize,
    ) -> Self {
        let (known, test) = (&parts.known, &parts.test);
        let is_relevant = |&row: &usize| match positives {
            Positives::Every => true,
            Positives::AtLeast(least) => test.ratings[row] >= least,
        };
        let rows = (0..test.len()).filter(is_relevant);
        let mut counts = vec![0; parts.dataset.items.rows()];
        for item in &known.items {
            counts[item.index()] += 1;
        }
        let excluded = match candidates {
            Candidates::Full => None,
            Candidates::Sampled { negatives, seed } => {
                Some(Excluded::of(&parts.dataset, known, test, negatives, seed))
            }
        };
        Self {
            parts,
            at,
            names,
            known: Known::of(&[known]),
            excluded,
            relevant: rows
                .map(|row| (test.users[row].0, test.items[row].0, parts.is_cold[row]))
                .collect(),
            counts,
            threads: match threads {
                0 => std::thread::available_parallelism().map_or(1, usize::from),
                threads => threads,
            },
        }
    }

    /// Ranks the candidates of all users and measures the lists.
    pub(crate) fn measured(&self, model: &str, scorer: &dyn Scorer) -> Result<Figures, Fault> {
        let fault = |error| match error {
            EvaluationError::Scores(source) => Fault::Model(source),
            EvaluationError::Ranking(source) => Fault::Other(Box::new(ProtocolError::Lists {
                model: model.to_string(),
                source,
            })),
            _ => Fault::Model("the lists cannot be measured".into()),
        };
        let wanted = |wanted: &dyn Fn(u32, bool) -> bool| -> UserItems {
            let rows = self.relevant.iter();
            let rows = rows.filter(|(user, _, is_cold)| wanted(*user, *is_cold));
            UserItems::of(rows.map(|&(user, item, _)| (user, item)))
        };
        let whole = self
            .evaluated(scorer, &wanted(&|_, _| true))
            .map_err(fault)?;
        let columns = whole.per_user.clone().unwrap_or_default();
        // Only users with cold rows have another list of relevant items when these are left out.
        let mut mixed = vec![false; self.parts.dataset.users.rows()];
        for &(user, _, is_cold) in &self.relevant {
            mixed[user as usize] |= is_cold;
        }
        let part = |is_cold: bool| -> Result<Option<Columns>, Fault> {
            let relevant = wanted(&|user, cold| mixed[user as usize] && cold == is_cold);
            match relevant.users() {
                0 => Ok(None),
                _ => Ok(self.evaluated(scorer, &relevant).map_err(fault)?.per_user),
            }
        };
        let (own, cold) = match mixed.contains(&true) {
            true => (part(false)?, part(true)?),
            false => (None, None),
        };
        let everybody = |_: u32| true;
        let pure = |user: u32| !mixed[user as usize];
        let mut warm: Vec<(&Columns, &dyn Fn(u32) -> bool)> = vec![(&columns, &pure)];
        if let Some(own) = &own {
            warm.push((own, &everybody));
        }
        let cold: Vec<(&Columns, &dyn Fn(u32) -> bool)> = match &cold {
            Some(cold) => vec![(cold, &everybody)],
            None => Vec::new(),
        };
        let (warm, cold) = (self.group(&warm, false), self.group(&cold, true));
        let kept = self.names.iter().filter_map(|name| {
            let column = columns.column(name)?;
            column
                .iter()
                .all(|value| value.is_finite())
                .then(|| (name.clone(), column))
        });
        Ok(Figures {
            all: Group {
                rows: self.relevant.len(),
                users: whole.users,
                measures: defined(&whole.means),
            },
            warm,
            cold,
            standard_errors: defined(&whole.standard_errors),
            nan_users: whole.nan_users,
            per_user: PerUser::of(&self.parts.dataset, columns.users(), kept),
        })
    }

    /// The means over the users of these columns; `None` without a row.
    fn group(&self, of: &[(&Columns, &dyn Fn(u32) -> bool)], is_cold: bool) -> Option<Group> {
        let rows = self.relevant.iter();
        let rows = rows.filter(|(_, _, cold)| *cold == is_cold).count();
        let names = of.first()?.0.names();
        let (mut measures, mut users) = (Measures::default(), 0);
        for name in names {
            let mut values = Vec::new();
            users = 0;
            for (columns, is_wanted) in of {
                let column = columns.column(name).unwrap_or_default();
                let own = columns.users().iter().zip(column);
                let own = own.filter(|(user, _)| is_wanted(**user));
                let before = values.len();
                values.extend(own.map(|(_, value)| value));
                users += values.len() - before;
            }
            values.retain(|value| !value.is_nan());
            measures.set(
                name.as_str(),
                values.iter().sum::<f64>() / values.len() as f64,
            );
        }
        (rows > 0 && users > 0).then(|| Group {
            rows,
            users,
            measures: defined(&measures),
        })
    }

    fn evaluated(
        &self,
        scorer: &dyn Scorer,
        relevant: &UserItems,
    ) -> Result<RankingEvaluation, EvaluationError<ModelError>> {
        let dataset = &self.parts.dataset;
        let (users, items) = (dataset.users.rows(), dataset.items.rows());
        let seen = |user: u32, items: &mut Vec<u32>| {
            items.extend(self.known.items(UserIx(user)).iter().map(|item| item.0));
        };
        let unsampled = |user: u32, items: &mut Vec<u32>| {
            if let Some(excluded) = &self.excluded {
                items.extend_from_slice(excluded.items(user));
            }
        };
        let left_out: &dyn ItemsOf = match self.excluded {
            Some(_) => &unsampled,
            None => &seen,
        };
        let evaluator = RankingEvaluator::new(users, items, relevant)
            .leaving_out(left_out)
            .at(self.at.iter().copied())
            .popularity(Popularity {
                counts: &self.counts,
                users,
            })
            .threads(self.threads)
            .keep_users();
        let indices = |users: &[u32]| users.iter().copied().map(UserIx).collect::<Vec<_>>();
        match scorer.shared() {
            Some(shared) => {
                evaluator.evaluate(|users, into| shared.score_block(&indices(users), into))
            }
            None => {
                evaluator.evaluate_serial(|users, into| scorer.score_block(&indices(users), into))
            }
        }
    }
}
