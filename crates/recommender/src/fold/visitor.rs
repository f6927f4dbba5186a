//! Somebody with a row of their own, before a model.

use crate::fold::fit::Scored;
use burn::module::ParamId;
use burn::tensor::{Tensor, TensorData};
use recburn_data::{Bags, Batch, Candidates, Column, Input, ItemIx, Side, Values};
use recburn_nn::{
    Axis, Bag, Catalogue, ColumnId, Columns, Embedding, Ids, Inputs, Model, Pass, Pool, Read,
    RowSource, device_of, pool_scale,
};
use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;

/// A value of the user's side other than the user, of one visitor.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Own {
    /// An id; `None` where nobody knows it, which reads the mean row of its table.
    Id(Option<u32>),
    /// A list, each id with a weight; without weights all are 1.
    List(Vec<u32>, Vec<f32>),
    /// Numbers.
    Numbers(Vec<f32>),
}

/// What a visitor puts in the place of a user of the tables.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Visitor {
    /// The rows of all tables of users, side by side.
    pub row: Vec<f64>,
    /// The other inputs of the user's side, in the order in which the model lists them.
    pub own: Vec<Own>,
}

/// Which part of a visitor's row stands for which table, and what else is read in the place of rows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Places {
    /// The tables that users index, by the id of their weights.
    pub tables: HashMap<ParamId, Range<usize>>,
    /// The mean rows of tables that an id of the user's side indexes, for those whose id nobody knows.
    pub mean_rows: HashMap<(ParamId, ColumnId), Vec<f32>>,
}

/// Where a pass gets a visitor's rows from: theirs in the place of the users', and the model's own otherwise.
struct Source {
    row: Vec<f32>,
    places: Rc<Places>,
    /// The inputs whose id nobody knows.
    unknown: Vec<ColumnId>,
    /// Pooled lists: they are the same for every entry, and for every row that is tried.
    pooled: Rc<RefCell<HashMap<(ParamId, ColumnId), Tensor<2>>>>,
}

impl RowSource for Source {
    fn gather(&mut self, table: &Embedding, ids: Ids<'_>) -> Tensor<2> {
        let (id, column, count) = (table.weight.id, ids.key().column, ids.rows().len());
        let repeated = |row: &[f32]| {
            let data = TensorData::new(row.repeat(count), [count, row.len()]);
            Tensor::from_data(data, &table.weights().device())
        };
        if column == ColumnId::USERS
            && let Some(place) = self.places.tables.get(&id)
        {
            return repeated(&self.row[place.clone()]);
        }
        if self.unknown.contains(&column)
            && let Some(mean) = self.places.mean_rows.get(&(id, column))
        {
            return repeated(mean);
        }
        table.weights().select(0, ids.rows_on_device())
    }

    fn pool(&mut self, table: &Embedding, bag: Bag<'_>, how: Pool) -> Option<Tensor<2>> {
        let (key, bags) = (bag.ids().key(), bag.ends().len());
        if key.axis != Axis::Users {
            return None;
        }
        let mut pooled = self.pooled.borrow_mut();
        let one = pooled
            .entry((table.weight.id, key.column))
            .or_insert_with(|| {
                let entries = bag.ends().first().map_or(0, |&end| end as usize);
                let device = table.weights().device();
                if entries == 0 {
                    return Tensor::zeros([1, table.shape()[1]], &device);
                }
                let rows = table.weights().select(0, bag.ids().rows_on_device());
                let scale = pool_scale(entries, how);
                let weight = |entry: usize| bag.weights().get(entry).copied().unwrap_or(1.0);
                // By distinct row, as which they were looked up.
                let mut scales = vec![0.0; bag.ids().rows().len()];
                for (entry, &place) in bag.ids().inverse()[..entries].iter().enumerate() {
                    scales[place as usize] += scale * weight(entry);
                }
                let shape = [scales.len(), 1];
                (rows * Tensor::from_data(TensorData::new(scales, shape), &device)).sum_dim(0)
            });
        Some(one.clone().repeat_dim(0, bags))
    }
}

/// A visitor's questions to a model.
pub(crate) struct Asked<'a, M> {
    pub model: &'a M,
    pub inputs: &'a [Input],
    pub places: Rc<Places>,
    /// The items' other inputs, in the order in which the model lists them.
    pub item_others: &'a dyn Fn(&mut Batch),
    pooled: Rc<RefCell<HashMap<(ParamId, ColumnId), Tensor<2>>>>,
}

impl<'a, M: Model> Asked<'a, M> {
    /// Asks this model, which is not in training.
    pub fn new(
        model: &'a M,
        inputs: &'a [Input],
        places: &Places,
        item_others: &'a dyn Fn(&mut Batch),
    ) -> Self {
        Self {
            model,
            inputs,
            places: Rc::new(places.clone()),
            item_others,
            pooled: Rc::default(),
        }
    }

    /// The scores of these items, and their slopes along the numbers of the visitor's row: one pass forwards and one
    /// backwards with the row once for each item.
    pub fn jacobian(&self, visitor: &Visitor, items: &[ItemIx]) -> Scored {
        let (count, width) = (items.len(), visitor.row.len());
        let mut batch = Batch::of_ratings(
            Column::plain(vec![0; count]),
            Column::plain(items.iter().map(|item| item.0).collect()),
            vec![0.0; count],
        );
        self.fill(visitor, &mut batch);
        let pass = Pass::fitting(self.source(visitor));
        let scores = self.score(&batch, &pass);
        let numbers = scores.to_data().iter::<f32>().map(f64::from).collect();
        let mut gradients = scores.sum().backward();
        let mut jacobian = vec![0.0; count * width];
        for touched in pass.take() {
            let Read::Rows(table, key) = touched.read else {
                continue; // pooled lists stay as they are
            };
            let place = self.places.tables.get(&table);
            let Some(place) = place.filter(|_| key.column == ColumnId::USERS) else {
                continue;
            };
            let Some(gradient) = touched.leaf.grad_remove(&mut gradients) else {
                continue; // nothing depends on it
            };
            let gradient: Vec<f32> = gradient.into_data().iter::<f32>().collect();
            let rows = jacobian.chunks_exact_mut(width);
            for (row, slopes) in rows.zip(gradient.chunks_exact(place.len())) {
                for (into, slope) in row[place.clone()].iter_mut().zip(slopes) {
                    *into += f64::from(*slope);
                }
            }
        }
        Scored {
            scores: numbers,
            jacobian,
        }
    }

    /// The scores of these items.
    pub fn scores(&self, visitor: &Visitor, items: &[ItemIx], batch: usize) -> Vec<f32> {
        let mut scores = Vec::with_capacity(items.len());
        for items in items.chunks(batch) {
            let mut batch = Batch {
                queries: 1,
                candidates: Candidates::Shared(items.len()),
                users: Column::plain(vec![0]),
                items: Column::plain(items.iter().map(|item| item.0).collect()),
                ..Batch::default()
            };
            self.fill(visitor, &mut batch);
            let pass = Pass::reading(self.source(visitor));
            scores.extend(self.score(&batch, &pass).into_data().iter::<f32>());
        }
        scores
    }

    /// The row of the visitor that scores are computed from with those of a catalogue.
    pub fn row(&self, visitor: &Visitor, catalogue: &Catalogue) -> Vec<f32> {
        let mut batch = Batch {
            queries: 1,
            candidates: Candidates::Shared(1),
            users: Column::plain(vec![0]),
            items: Column::plain(vec![0]),
            ..Batch::default()
        };
        self.fill(visitor, &mut batch);
        let pass = Pass::reading(self.source(visitor));
        let columns = Columns::new(&batch, self.inputs, &device_of(self.model));
        let row = catalogue.of_users(self.model, &Inputs::new(&columns, &pass));
        row.into_data().iter::<f32>().collect()
    }

    fn score(&self, batch: &Batch, pass: &Pass) -> Tensor<2> {
        let columns = Columns::new(batch, self.inputs, &device_of(self.model));
        self.model.score(&Inputs::new(&columns, pass))
    }

    fn source(&self, visitor: &Visitor) -> Rc<RefCell<dyn RowSource>> {
        let own = of_users(self.inputs).zip(&visitor.own);
        let unknown = own.filter(|(_, own)| **own == Own::Id(None));
        Rc::new(RefCell::new(Source {
            row: visitor.row.iter().map(|&number| number as f32).collect(),
            places: self.places.clone(),
            unknown: unknown.map(|((column, _), _)| column).collect(),
            pooled: self.pooled.clone(),
        }))
    }

    /// The inputs other than users and items: the items' as the model remembers them, the visitor's once per entry.
    fn fill(&self, visitor: &Visitor, batch: &mut Batch) {
        (self.item_others)(batch);
        let mut of_items = std::mem::take(&mut batch.others).into_iter();
        let mut own = visitor.own.iter();
        let entries = batch.users.rows.len();
        let others = others(self.inputs).filter_map(|(_, input)| match input.side {
            Side::User => own.next().map(|own| own.repeated(entries)),
            Side::Item | Side::Event => of_items.next(),
        });
        batch.others = others.collect();
    }
}

impl Own {
    /// As many times as a batch has entries of users.
    fn repeated(&self, entries: usize) -> Values {
        match self {
            Self::Id(id) => Values::Ids(Column::plain(vec![id.unwrap_or(0); entries])),
            Self::Numbers(numbers) => Values::Numbers(numbers.repeat(entries)),
            Self::List(ids, weights) => {
                let places: Vec<u32> = (0..ids.len() as u32).collect();
                Values::Bags(Bags {
                    column: Column {
                        rows: ids.clone(),
                        inverse: places.repeat(entries),
                    },
                    ends: (1..=entries).map(|at| (at * ids.len()) as u32).collect(),
                    weights: weights.repeat(entries),
                })
            }
        }
    }
}

/// The inputs of a model other than users and items, each with its column.
pub(crate) fn others(inputs: &[Input]) -> impl Iterator<Item = (ColumnId, &Input)> {
    let others = inputs
        .iter()
        .filter(|input| !input.is_users() && !input.is_items());
    others
        .enumerate()
        .map(|(at, input)| (ColumnId::other(at), input))
}

/// Those of the user's side.
pub(crate) fn of_users(inputs: &[Input]) -> impl Iterator<Item = (ColumnId, &Input)> {
    others(inputs).filter(|(_, input)| input.side == Side::User)
}

#[cfg(test)]
mod tests {
    use super::{Asked, Own, Visitor};
    use crate::fold::Folding;
    use burn::module::Module;
    use burn::tensor::Device;
    use recburn_data::{Batch, Feature, Features, Input, ItemIx, Kind, Side, UserIx, Values};
    use recburn_graph::{Activation, Graph, Pool, Sym, Table, add, concat, dot};
    use recburn_nn::{Model, Network};

    const ITEMS: usize = 6;

    /// Models of all kinds of nodes between the users' tables and the score.
    fn graphs() -> Vec<Graph> {
        let (user, item) = (Sym::user(4), Sym::item(ITEMS));
        let (p, q) = (user.embed("p", 3), item.embed("q", 3));
        let (b, c) = (user.embed("b", 1), item.embed("c", 1));
        let biased = add("sum", [&dot("affinity", &p, &q), &b, &c]);
        let bounded = biased
            .activation("squashed", Activation::Sigmoid)
            .rescale("stars", 1.0, 5.0);
        let stack = concat("pair", [&p, &q])
            .dropout("dropped", 0.5)
            .dense("hidden", 5, Activation::Tanh)
            .batch_norm("normed")
            .dense("out", 1, Activation::Linear);
        let history = Input::new(Features::HISTORY, Side::User, Kind::Bag { rows: ITEMS });
        let work = Input::new("work", Side::User, Kind::Id { rows: 3 });
        let age = Input::new("age", Side::User, Kind::Numbers { width: 2 });
        let year = Input::new("year", Side::Item, Kind::Numbers { width: 1 });
        let said = Sym::bag(&history).pool("said", &Table::new("y", ITEMS, 3), Pool::RootMean);
        let person = add("person", [&p, &said, &Sym::column(&work).embed("w", 3)]);
        let deep = concat(
            "all",
            [&person, &Sym::numbers(&age), &q, &Sym::numbers(&year)],
        )
        .dense("deep", 1, Activation::Sigmoid);
        [
            ("biased", biased),
            ("bounded", bounded),
            ("stack", stack),
            ("features", deep),
        ]
        .map(|(name, output)| Graph::new(name, &output).expect("a sound graph"))
        .to_vec()
    }

    #[test]
    fn slopes_are_those_of_the_scores() {
        let items = [ItemIx(1), ItemIx(4), ItemIx(2)];
        for graph in graphs() {
            let name = graph.name().to_string();
            let model = Network::new(graph, 3, &Device::flex()).valid();
            let inputs = model.inputs();
            let mut features = Features::default();
            let ids = Feature::ids("work", Side::User, 3, vec![0, 2, 2, 1]);
            features.add(ids).expect("a feature of four users");
            let trained = [0, 1, 2, 3].map(UserIx);
            let folding = Folding::new(&model, &inputs, &features, &trained, 1.0, None, &|_| {});
            let years = |batch: &mut Batch| {
                let years = batch.items.rows.iter().map(|&item| item as f32 / 10.0);
                batch.others = vec![Values::Numbers(years.collect())];
            };
            let asked = Asked::new(&model, &inputs, &folding.places, &years);
            let own = match name.as_str() {
                "features" => vec![
                    Own::List(vec![0, 3, 5], Vec::new()),
                    Own::Id(None),
                    Own::Numbers(vec![0.3, -0.2]),
                ],
                _ => Vec::new(),
            };
            let width = folding.mean.len();
            let row = (0..width).map(|at| 0.3 - 0.2 * at as f64).collect();
            let visitor = Visitor { row, own };
            let said = asked.jacobian(&visitor, &items);
            let scores = |visitor: &Visitor| asked.scores(visitor, &items, 2);
            for (one, other) in said.scores.iter().zip(scores(&visitor)) {
                assert!((one - f64::from(other)).abs() < 1e-5, "{name}");
            }
            for at in 0..width {
                let moved = |by: f64| {
                    let mut moved = visitor.clone();
                    moved.row[at] += by;
                    scores(&moved)
                };
                let (up, down) = (moved(0.01), moved(-0.01));
                for rating in 0..items.len() {
                    let slope = f64::from(up[rating] - down[rating]) / 0.02;
                    let own = said.jacobian[rating * width + at];
                    assert!(
                        (slope - own).abs() < 1e-3 * (1.0 + slope.abs()),
                        "{name}: {slope} and {own} of number {at}"
                    );
                }
            }
        }
    }
}
