//! The parameters that are not tables, in contiguous memory.

use crate::program::Span;

/// A named parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// Its path in a network, such as `dense_1.weight`.
    pub name: String,
    /// Its shape.
    pub shape: Vec<usize>,
    /// Penalty `l2 * sum(w^2)`.
    pub l2: f64,
    pub(crate) span: Span,
    /// Whether it is stored by columns instead of rows.
    transposed: bool,
}

impl Parameter {
    fn read(&self, numbers: &[f32]) -> Vec<f32> {
        match (self.transposed, &self.shape[..]) {
            (true, [rows, columns]) => transposed(numbers, [*columns, *rows]),
            _ => numbers.to_vec(),
        }
    }

    fn write(&self, values: &[f32], numbers: &mut [f32]) {
        match (self.transposed, &self.shape[..]) {
            (true, [rows, columns]) => {
                numbers.copy_from_slice(&transposed(values, [*rows, *columns]));
            }
            _ => numbers.copy_from_slice(values),
        }
    }
}

/// The transpose of a matrix with this shape.
fn transposed(numbers: &[f32], [rows, columns]: [usize; 2]) -> Vec<f32> {
    let places = 0..rows * columns;
    places
        .map(|at| numbers[at % rows * columns + at / rows])
        .collect()
}

/// The parameters of dense layers and normalisations in flat memory, with their gradients.
#[derive(Clone, Debug, Default)]
pub struct Parameters {
    /// The parameters that gradients update.
    moved: Vec<Parameter>,
    /// The moving statistics of batch normalisation.
    kept: Vec<Parameter>,
    /// The numbers of the trained parameters.
    pub(crate) weights: Vec<f32>,
    pub(crate) gradient: Vec<f32>,
    /// The numbers of the moving statistics.
    pub(crate) statistics: Vec<f32>,
}

fn append(list: &mut Vec<Parameter>, name: String, shape: Vec<usize>, l2: f64) -> Span {
    let start = list
        .last()
        .map_or(0, |last| last.span.start + last.span.len);
    let len = shape.iter().product();
    let span = Span { start, len };
    list.push(Parameter {
        name,
        shape,
        l2,
        span,
        transposed: false,
    });
    span
}

impl Parameters {
    /// The weights, and the gradients of the gamma and beta of a normalisation.
    pub(crate) fn of_norm(&mut self, gamma: Span, beta: Span) -> (&[f32], &mut [f32], &mut [f32]) {
        // Gamma and beta are adjacent.
        let both = Span {
            start: gamma.start,
            len: gamma.len + beta.len,
        };
        let (of_gamma, of_beta) = both.of_mut(&mut self.gradient).split_at_mut(gamma.len);
        (&self.weights, of_gamma, of_beta)
    }

    /// Adds a parameter that gradients update.
    pub(crate) fn moved(&mut self, name: String, shape: Vec<usize>, l2: f64) -> Span {
        let span = append(&mut self.moved, name, shape, l2);
        self.weights.resize(span.start + span.len, 0.0);
        self.gradient.resize(span.start + span.len, 0.0);
        span
    }

    /// Adds a matrix that gradients update, stored by columns if `transposed`.
    pub(crate) fn kernel(
        &mut self,
        name: String,
        shape: [usize; 2],
        l2: f64,
        transposed: bool,
    ) -> Span {
        let span = self.moved(name, shape.to_vec(), l2);
        if let Some(parameter) = self.moved.last_mut() {
            parameter.transposed = transposed;
        }
        span
    }

    /// Adds a parameter that is not updated by gradients.
    pub(crate) fn kept(&mut self, name: String, shape: Vec<usize>) -> Span {
        let span = append(&mut self.kept, name, shape, 0.0);
        self.statistics.resize(span.start + span.len, 0.0);
        span
    }

    /// The parameters that gradients update, in the order of `weights`.
    pub fn trained(&self) -> &[Parameter] {
        &self.moved
    }

    /// All parameters.
    pub fn all(&self) -> impl Iterator<Item = &Parameter> {
        self.moved.iter().chain(&self.kept)
    }

    /// The parameter with this name and its numbers, in row-major order.
    pub fn get(&self, name: &str) -> Option<(&Parameter, Vec<f32>)> {
        let lists = [(&self.moved, &self.weights), (&self.kept, &self.statistics)];
        lists.into_iter().find_map(|(list, numbers)| {
            let parameter = list.iter().find(|parameter| parameter.name == name)?;
            Some((parameter, self.read(parameter, numbers)))
        })
    }

    /// Replaces the numbers of the parameter with this name, in row-major order; `false` if there is none, or the count
    /// differs.
    pub fn set(&mut self, name: &str, values: &[f32]) -> bool {
        for (list, numbers) in [
            (&self.moved, &mut self.weights),
            (&self.kept, &mut self.statistics),
        ] {
            let named = |parameter: &&Parameter| parameter.name == name;
            if let Some(parameter) = list.iter().find(named)
                && parameter.span.len == values.len()
            {
                parameter.write(values, parameter.span.of_mut(numbers));
                return true;
            }
        }
        false
    }

    /// The numbers of one trained parameter, in row-major order, taken from a vector with one number per weight, such
    /// as a state of the optimizer.
    pub fn read(&self, parameter: &Parameter, numbers: &[f32]) -> Vec<f32> {
        parameter.read(parameter.span.of(numbers))
    }

    /// Replaces the numbers of one trained parameter, see [`Parameters::read`].
    ///
    /// # Panics
    /// If the number of values does not match the shape.
    pub fn write(&self, parameter: &Parameter, values: &[f32], numbers: &mut [f32]) {
        parameter.write(values, parameter.span.of_mut(numbers));
    }

    /// The number of weights that gradients update.
    pub fn len(&self) -> usize {
        self.weights.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.weights.is_empty()
    }

    /// The weights, and their gradient from the last backward pass with that of the penalties added, for an update
    /// rule.
    pub fn to_move(&mut self) -> (&mut [f32], &[f32]) {
        for parameter in self.moved.iter().filter(|parameter| parameter.l2 > 0.0) {
            let slope = 2.0 * parameter.l2 as f32;
            let gradient = parameter.span.of_mut(&mut self.gradient);
            for (gradient, weight) in gradient.iter_mut().zip(parameter.span.of(&self.weights)) {
                *gradient += slope * weight;
            }
        }
        (&mut self.weights, &self.gradient)
    }

    /// The gradient from the last backward pass, without penalties, so that processes that share a batch can replace it by
    /// the sum of theirs. It is as long as the weights of [`Parameters::to_move`].
    pub fn gradient_mut(&mut self) -> &mut [f32] {
        &mut self.gradient
    }

    /// The gradient of a parameter from the last backward pass, without penalties.
    pub fn gradient(&self, name: &str) -> Option<Vec<f32>> {
        let parameter = self.moved.iter().find(|parameter| parameter.name == name)?;
        Some(self.read(parameter, &self.gradient))
    }
}
