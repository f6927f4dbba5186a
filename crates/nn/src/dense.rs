//! The fully connected layer and the elementwise functions.

#[cfg(feature = "flex")]
use crate::fused;
use crate::initialize::Draw;
use burn::module::{Module, Param};
use burn::tensor::module::linear;
use burn::tensor::{Device, Tensor, TensorData, activation};
use recburn_graph::{Activation, Initializer};

/// `activation(x W + b)`. Burn's `Linear` draws its bias like its kernel; here the bias starts at 0, as in Keras.
#[derive(Module, Debug)]
pub struct Dense {
    /// The kernel, `[inputs, units]`.
    pub weight: Param<Tensor<2>>,
    /// The bias, `[units]`.
    pub bias: Param<Tensor<1>>,
    #[module(skip)]
    activation: Activation,
}

impl Dense {
    /// A layer from `inputs` to `units`. `name` selects the stream of random numbers for the initial kernel.
    pub fn new(
        name: &str,
        [inputs, units]: [usize; 2],
        activation: Activation,
        initializer: Initializer,
        draw: Draw,
        device: &Device,
    ) -> Self {
        let kernel = draw.numbers(name, initializer, inputs, units);
        Self {
            weight: Param::from_data(TensorData::new(kernel, [inputs, units]), device),
            bias: Param::from_data(TensorData::new(vec![0f32; units], [units]), device),
            activation,
        }
    }

    /// The layer applied to each row.
    ///
    /// # Shapes
    /// - input: `[batch, inputs]`
    /// - output: `[batch, units]`
    pub fn forward(&self, input: Tensor<2>) -> Tensor<2> {
        let (weight, bias) = (self.weight.val(), self.bias.val());
        #[cfg(feature = "flex")]
        if let Some(output) = fused::dense(&input, weight.clone(), bias.clone(), self.activation) {
            return output;
        }
        activate(self.activation, linear(input, weight, Some(bias)))
    }
}

/// One learnt number added to each column; all start at 0.
#[derive(Module, Debug)]
pub struct Bias {
    /// The numbers, `[width]`.
    pub bias: Param<Tensor<1>>,
}

impl Bias {
    /// Numbers for rows of this width.
    pub fn new(width: usize, device: &Device) -> Self {
        Self {
            bias: Param::from_data(TensorData::new(vec![0f32; width], [width]), device),
        }
    }

    /// Adds the numbers to each row.
    ///
    /// # Shapes
    /// - input and output: `[batch, width]`
    pub fn forward(&self, input: Tensor<2>) -> Tensor<2> {
        input + self.bias.val().unsqueeze()
    }
}

/// An elementwise function.
///
/// # Shapes
/// - input and output: `[batch, width]`
pub fn activate(function: Activation, input: Tensor<2>) -> Tensor<2> {
    match function {
        Activation::Linear => input,
        Activation::Relu => activation::relu(input),
        Activation::Elu => activation::elu(input, 1.0),
        Activation::Sigmoid => activation::sigmoid(input),
        Activation::Tanh => activation::tanh(input),
    }
}
