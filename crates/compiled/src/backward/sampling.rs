//! The gradients of draws from Gaussians.

use super::{Backward, Own};
use crate::gaussian::divergence_weight;
use crate::program::{Draws, ValueIx};

impl Backward<'_, '_> {
    /// Of the means and of the logarithms of variances, that of the divergence included.
    pub(super) fn sampling(
        &mut self,
        own: Own<'_>,
        inputs: [ValueIx; 2],
        draws: &Draws,
        (noises, step): (&[f32], u64),
        of_output: &[f32],
    ) {
        let (rows, width) = (own.rows, own.place.width);
        // The divergence is a mean over the rows of the whole batch, of which a process may have none.
        let mut whole = [rows as f64];
        if let Some(sums) = self.sums {
            sums(&mut whole);
        }
        let weight = divergence_weight(draws.kl, draws.warm_up, step) / whole[0].max(1.0) as f32;
        for (this, input) in inputs.into_iter().enumerate() {
            let Some(add) = own.step.adds[this] else {
                continue;
            };
            let place = self.place(input);
            let values = place.rows(&self.values[place.buffer], rows);
            let gradients = place.rows_mut(&mut self.gradients[place.buffer], rows);
            let slopes = of_output
                .chunks_exact(width)
                .zip(noises.chunks_exact(width));
            for ((out, values), (slopes, noises)) in gradients.zip(values).zip(slopes) {
                let cells = out.iter_mut().zip(values).zip(slopes.iter().zip(noises));
                for ((out, &value), (&slope, &noise)) in cells {
                    let gradient = match this {
                        0 => slope + weight * value,
                        _ => {
                            let half = 0.5 * (0.5 * value).exp();
                            slope * noise * half + 0.5 * weight * (value.exp() - 1.0)
                        }
                    };
                    *out = if add { *out + gradient } else { gradient };
                }
            }
        }
    }
}
