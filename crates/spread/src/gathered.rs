//! Numbers that all ranks tell each other.

use crate::ranks::Ranks;
use bytemuck::Pod;

/// As [`Ranks::gather`], for numbers.
pub fn gather<T: Pod>(ranks: &dyn Ranks, own: &[T]) -> Vec<Vec<T>> {
    let of_all = ranks.gather(bytemuck::cast_slice(own));
    let numbers = |bytes: Vec<u8>| {
        let numbers = bytes.chunks_exact(size_of::<T>());
        numbers.map(bytemuck::pod_read_unaligned).collect()
    };
    of_all.into_iter().map(numbers).collect()
}
