//! Numbers of all ranks.

use crate::ranks::Ranks;
use bytemuck::Pod;

/// The numbers that each rank passes, in the order of ranks. All ranks call it.
pub fn gather_numbers<T: Pod>(ranks: &dyn Ranks, own: &[T]) -> Vec<Vec<T>> {
    let of_all = ranks.gather(bytemuck::cast_slice(own));
    let numbers = |bytes: &Vec<u8>| {
        let each = bytes.chunks_exact(size_of::<T>());
        each.map(bytemuck::pod_read_unaligned).collect()
    };
    of_all.iter().map(numbers).collect()
}
