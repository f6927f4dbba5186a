//! The forms of a module: copies, devices, training and inference.

use super::*;

/// What a module says of each float parameter.
#[derive(Default)]
struct Census {
    ids: BTreeMap<String, ParamId>,
    on_autodiff: BTreeSet<String>,
    requiring: BTreeSet<String>,
    path: Vec<String>,
}

impl Census {
    fn of(model: &Network) -> Self {
        let mut census = Self::default();
        model.visit(&mut census);
        assert!(census.path.is_empty());
        census
    }
}

impl ModuleVisitor for Census {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.path.push(name.to_string());
    }
    fn exit_module(&mut self, name: &str, _: &str) {
        assert_eq!(self.path.pop().as_deref(), Some(name));
    }
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let path = self.path.join(".");
        let value = param.val();
        if value.is_autodiff() {
            self.on_autodiff.insert(path.clone());
        }
        if value.is_require_grad() {
            self.requiring.insert(path.clone());
        }
        self.ids.insert(path, param.id);
    }
}

fn is_table(name: &str) -> bool {
    name.contains("factors") || name.ends_with("_bias.weight") || name == "bias.weight"
}

#[test]
fn every_form_of_a_network_keeps_weights_names_and_scores() {
    let device = Device::flex();
    for graph in graphs() {
        let model = network(graph.clone());
        let (weights, scores) = (Weights::of(&model), all_scores(&model));
        let ids = Census::of(&model).ids;
        for (form, other) in [
            ("clone", model.clone()),
            ("train", model.clone().train()),
            ("valid", model.valid()),
            ("train, valid", model.clone().train().valid()),
            ("to_device", model.clone().to_device(&device)),
            ("fork", model.clone().fork(&device)),
            (
                "to autodiff",
                model.clone().to_device(&device.clone().autodiff()),
            ),
            (
                "fork to autodiff",
                model.clone().fork(&device.clone().autodiff()),
            ),
            ("materialize", model.clone().materialize()),
            ("no_grad", model.clone().train().no_grad()),
            ("loaded", weights.load_into(model.clone()).unwrap()),
            (
                "loaded in training",
                weights.load_into(model.clone().train()).unwrap(),
            ),
        ] {
            let name = graph.name();
            assert!(Weights::of(&other) == weights, "{name}: {form}");
            assert!(all_scores(&other) == scores, "{name}: {form}");
            // Optimizers know a parameter by its id.
            assert_eq!(Census::of(&other).ids, ids, "{name}: {form}");
            assert_eq!(other.graph(), &graph);
            assert_eq!(other.num_params(), model.num_params());
        }
        // None of it moved the model itself.
        assert_same_bits(&Weights::of(&model), &weights);
        assert_eq!(all_scores(&model), scores);
        assert!(Census::of(&model).on_autodiff.is_empty());
    }
}

#[test]
fn a_copy_goes_its_own_way() {
    let model = network(users_only());
    let before = Weights::of(&model);
    let other = Weights::of(&Network::new(users_only(), 9, &Device::flex()));
    let copy = other.load_into(model.clone()).unwrap();
    assert_ne!(Weights::of(&copy), before);
    assert_same_bits(&Weights::of(&model), &before);
}

#[test]
fn in_training_form_only_dense_weights_require_a_gradient() {
    for graph in graphs() {
        let model = network(graph);
        let fresh = Weights::of(&model);
        for model in [
            model.clone().train(),
            model.valid().train(),
            fresh.load_into(model.clone()).unwrap().train(),
            fresh.load_into(model.clone().train()).unwrap(),
        ] {
            let census = Census::of(&model);
            let wanted: BTreeSet<String> = census
                .ids
                .keys()
                .filter(|name| !is_table(name) && !name.contains(".running_"))
                .cloned()
                .collect();
            assert_eq!(census.requiring, wanted);
        }
        let census = Census::of(&model.clone().train().valid());
        assert!(census.on_autodiff.is_empty() && census.requiring.is_empty());
    }
}

#[test]
fn a_module_is_on_the_device_that_it_was_made_on() {
    let device = Device::flex();
    for graph in graphs() {
        let model = Network::new(graph, 0, &device);
        assert_eq!(model.devices(), std::slice::from_ref(&device));
        assert_eq!(model.valid().devices(), std::slice::from_ref(&device));
    }
}

#[test]
fn a_network_made_on_an_autodiff_device_has_its_tables_off_it() {
    let plain = Network::new(tower(), 5, &Device::flex());
    let model = Network::new(tower(), 5, &Device::flex().autodiff());
    assert_same_bits(&Weights::of(&model), &Weights::of(&plain));
    let census = Census::of(&model);
    for name in census.ids.keys() {
        let on = census.on_autodiff.contains(name);
        assert_eq!(on, !is_table(name), "{name}");
    }
    assert_eq!(all_scores(&model), all_scores(&plain));
}

/// A source that looks at each table as it is read.
#[derive(Default)]
struct Inspector {
    read: Vec<(ParamId, usize)>,
}

impl RowSource for Inspector {
    fn gather(&mut self, table: &Embedding, ids: Ids<'_>) -> Tensor<2> {
        let weights = table.weights();
        assert!(!weights.is_autodiff());
        assert!(!weights.device().is_autodiff());
        self.read.push((table.weight.id, ids.rows().len()));
        weights.select(0, ids.rows_on_device())
    }
}

/// Which parameters got a gradient, and of what shape.
struct Gathered<'a> {
    gradients: &'a Gradients,
    path: Vec<String>,
    seen: BTreeMap<String, Vec<usize>>,
}

impl ModuleVisitor for Gathered<'_> {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.path.push(name.to_string());
    }
    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
    }
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(gradient) = param.val().grad(self.gradients) {
            let shape = gradient.dims().to_vec();
            self.seen.insert(self.path.join("."), shape);
        }
    }
}

#[test]
fn in_training_tables_stay_off_the_autodiff_device_and_only_their_rows_get_a_gradient() {
    for graph in [biased(), tower(), residual()] {
        let model = network(graph).train();
        let inspector = Rc::new(RefCell::new(Inspector::default()));
        let step = Step::seeded(
            inspector.clone(),
            0,
            (&[11, 4], &[0, 1, 1]),
            (&[8, 0, 2], &[0, 1, 2]),
        );
        let scores = step.score(&model);
        assert!(scores.is_autodiff());
        assert_eq!(scores.dims(), [3, 1]);
        let gradients = scores.sum().backward();

        let mut gathered = Gathered {
            gradients: &gradients,
            path: Vec::new(),
            seen: BTreeMap::new(),
        };
        model.visit(&mut gathered);
        let weights = Weights::of(&model).0;
        for (name, weight) in &weights {
            let wanted = (!is_table(name) && !name.contains(".running_")).then_some(&weight.shape);
            assert_eq!(gathered.seen.get(name), wanted, "{name}");
        }
        // Every table was read once, and notes what was read of it.
        let read = &inspector.borrow().read;
        let tables = weights.keys().filter(|name| is_table(name)).count();
        assert_eq!(read.len(), tables);
        let touched = step.pass.take();
        assert_eq!(touched.len(), tables);
        for (touched, &(id, rows)) in touched.iter().zip(read) {
            assert!(matches!(&touched.read, Read::Rows(table, _) if *table == id));
            let gradient = touched.leaf.grad(&gradients).unwrap();
            assert_eq!(gradient.dims()[0], rows);
            assert_eq!(gradient.dims(), touched.leaf.dims());
        }
    }
}

#[test]
fn in_inference_nothing_is_tracked_even_in_training_form() {
    let model = network(biased()).train();
    let step = Step::inference(&[0, 1], &[0, 1]);
    assert!(!step.score(&model).is_autodiff());
}

#[test]
fn shown_a_network_is_the_summary_of_its_graph() {
    for graph in graphs() {
        let model = Network::new(graph.clone(), 0, &Device::flex());
        assert_eq!(model.to_string(), graph.summary());
        assert_eq!(model.train().to_string(), graph.summary());
    }
}

/// A pass in training, which moves the statistics of batch normalisation.
fn one_step(model: &Network) {
    let source = Rc::new(RefCell::new(Inspector::default()));
    let rows: [(&[u32], &[u32]); 2] = [(&[0, 5, 9], &[0, 1, 2, 1]), (&[3, 1, 8], &[2, 1, 0, 0])];
    let step = Step::seeded(source, 1, rows[0], rows[1]);
    step.score(model).sum().backward();
}

#[test]
fn training_a_copy_leaves_the_statistics_of_the_model_alone() {
    let model = network(tower());
    let before = Weights::of(&model);
    let copy = model.clone().train();
    one_step(&copy);
    one_step(&copy);
    assert_ne!(Weights::of(&copy.valid()), before);
    assert_same_bits(&Weights::of(&model), &before);
    assert_same_bits(&Weights::of(&model.valid()), &before);
}

#[test]
fn weights_loaded_into_a_copy_leave_the_model_alone() {
    let model = network(tower());
    let before = Weights::of(&model);
    let fresh = Weights::of(&Network::new(tower(), 9, &Device::flex()));
    let copy = fresh.load_into(model.clone()).unwrap();
    assert_same_bits(&Weights::of(&copy), &fresh);
    assert_same_bits(&Weights::of(&model), &before);
}

#[test]
fn weights_loaded_after_a_step_of_training_stay() {
    let model = network(tower()).train();
    one_step(&model);
    let fresh = Weights::of(&Network::new(tower(), 9, &Device::flex()));
    let model = fresh.load_into(model).unwrap();
    assert_same_bits(&Weights::of(&model), &fresh);
    assert_same_bits(&Weights::of(&model.valid()), &fresh);
}

#[test]
fn weights_read_in_training_are_those_of_the_last_step() {
    let model = network(tower()).train();
    one_step(&model);
    assert_same_bits(&Weights::of(&model), &Weights::of(&model.valid()));
}
