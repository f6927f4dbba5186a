//! Draws from Gaussians.

use super::Forward;
use crate::buffers::{Buffers, first};
use crate::compiled::Pass;
use crate::gaussian::noise_by;
use crate::kernels::copy;
use crate::program::{Draws, ValueIx};

impl Forward<'_, '_> {
    /// In training a draw for each row, otherwise the means.
    pub(super) fn sampling(
        &self,
        [mean, log_variance]: [ValueIx; 2],
        draws: &Draws,
        buffers: &mut Buffers,
        pass: Pass,
        rows: usize,
        out: &mut [f32],
    ) {
        let width = out.len() / rows.max(1);
        let values = &buffers.values;
        copy(
            self.rows(mean, values, rows),
            out.chunks_exact_mut(width),
            false,
        );
        if pass == Pass::Inference {
            return;
        }
        let noises = first(&mut buffers.masks[draws.noise], out.len());
        let keys = self.layout.keys(self.program.values[mean.0].axis);
        noise_by(buffers.keys[draws.noise], keys.as_deref(), noises);
        let variances = self.rows(log_variance, values, rows);
        let rows = out.chunks_exact_mut(width).zip(noises.chunks_exact(width));
        for ((out, noises), variances) in rows.zip(variances) {
            for ((out, noise), variance) in out.iter_mut().zip(noises).zip(variances) {
                *out += (0.5 * variance).exp() * noise;
            }
        }
    }
}
