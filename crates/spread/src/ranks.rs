//! The verbs that ranks communicate by.

use bytemuck::Pod;

/// The processes of a training, as one of them sees them.
///
/// Every verb but [`rank`](Ranks::rank) and [`size`](Ranks::size) is collective: all ranks call it, in the same order, and
/// it returns when this rank has what it needs of the others. There is no error to handle: if a rank is gone, the others
/// cannot continue, and the implementation ends the process.
pub trait Ranks {
    /// The number of this rank, from 0.
    fn rank(&self) -> usize;

    /// The number of ranks.
    fn size(&self) -> usize;

    /// Sends `counts[r]` bytes of `send` to each rank `r`, in order, and receives `expected[r]` bytes from each, in order.
    ///
    /// # Panics
    /// If the counts are not one per rank, or do not add up to the lengths of the buffers.
    fn exchange(&self, send: &[u8], counts: &[usize], expected: &[usize], receive: &mut [u8]);

    /// As [`exchange`](Ranks::exchange), while `work` runs: it begins before `work`, and what is received can be read once it
    /// returns. `work` may call other verbs, but not this one. Where nothing can be on its way, the exchange comes first.
    ///
    /// # Panics
    /// As [`exchange`](Ranks::exchange).
    fn exchange_during(
        &self,
        send: &[u8],
        counts: &[usize],
        expected: &[usize],
        receive: &mut [u8],
        work: &mut dyn FnMut(),
    ) {
        self.exchange(send, counts, expected, receive);
        work();
    }

    /// What each rank passes, in the order of ranks.
    fn gather(&self, own: &[u8]) -> Vec<Vec<u8>>;

    /// Returns when all ranks have called it.
    fn barrier(&self) {
        self.gather(&[]);
    }
}

/// As [`Ranks::exchange`], for numbers.
pub fn exchange<T: Pod>(
    ranks: &dyn Ranks,
    send: &[T],
    counts: &[usize],
    expected: &[usize],
) -> Vec<T> {
    let mut receive = vec![T::zeroed(); expected.iter().sum()];
    exchange_into(ranks, send, counts, expected, &mut receive);
    receive
}

/// As [`exchange`], into memory of the right size.
pub(crate) fn exchange_into<T: Pod>(
    ranks: &dyn Ranks,
    send: &[T],
    counts: &[usize],
    expected: &[usize],
    receive: &mut [T],
) {
    ranks.exchange(
        bytemuck::cast_slice(send),
        &bytes_of::<T>(counts),
        &bytes_of::<T>(expected),
        bytemuck::cast_slice_mut(receive),
    );
}

/// As [`Ranks::exchange_during`], for numbers.
pub fn exchange_during<T: Pod>(
    ranks: &dyn Ranks,
    send: &[T],
    counts: &[usize],
    expected: &[usize],
    work: &mut dyn FnMut(),
) -> Vec<T> {
    let mut receive = vec![T::zeroed(); expected.iter().sum()];
    ranks.exchange_during(
        bytemuck::cast_slice(send),
        &bytes_of::<T>(counts),
        &bytes_of::<T>(expected),
        bytemuck::cast_slice_mut(&mut receive),
        work,
    );
    receive
}

fn bytes_of<T>(counts: &[usize]) -> Vec<usize> {
    counts.iter().map(|count| count * size_of::<T>()).collect()
}

/// Tells each rank a count, and returns what each tells this rank.
pub fn share_counts(ranks: &dyn Ranks, counts: &[usize]) -> Vec<usize> {
    let counts: Vec<u64> = counts.iter().map(|&count| count as u64).collect();
    let ones = vec![1; ranks.size()];
    let told = exchange(ranks, &counts, &ones, &ones);
    told.into_iter().map(|count| count as usize).collect()
}

/// Sends each rank its part, and returns the part from each rank.
///
/// # Panics
/// If there is not one part per rank.
pub fn exchange_parts<T: Pod>(ranks: &dyn Ranks, parts: &[Vec<T>]) -> Vec<Vec<T>> {
    let counts: Vec<usize> = parts.iter().map(Vec::len).collect();
    let expected = share_counts(ranks, &counts);
    let received = exchange(ranks, &parts.concat(), &counts, &expected);
    let mut rest = &received[..];
    let mut take = |count: &usize| {
        let (own, others) = rest.split_at(*count);
        rest = others;
        own.to_vec()
    };
    expected.iter().map(&mut take).collect()
}

/// Numbers sent to the first rank at a time, so that a message stays far below the 2 GB that MPI can count.
const AT_ONCE: usize = 1 << 22;

/// Sends numbers to the first rank, which returns those of each; the others return nothing of any.
pub fn to_first<T: Pod>(ranks: &dyn Ranks, own: &[T]) -> Vec<Vec<T>> {
    let size = ranks.size();
    let mut all = vec![Vec::new(); size];
    let mut rest = own;
    loop {
        let (now, later) = rest.split_at(rest.len().min(AT_ONCE));
        rest = later;
        let mut counts = vec![0; size];
        counts[0] = now.len();
        let expected = share_counts(ranks, &counts);
        let received = exchange(ranks, now, &counts, &expected);
        let mut begin = 0;
        for (of_rank, count) in all.iter_mut().zip(&expected) {
            of_rank.extend_from_slice(&received[begin..begin + count]);
            begin += count;
        }
        if !or(ranks, !rest.is_empty()) {
            return all;
        }
    }
}

/// Numbers that can be added up.
pub trait Number: Pod {
    /// `self + other`
    fn plus(self, other: Self) -> Self;
}

macro_rules! number {
    ($($type:ty),*) => { $(impl Number for $type {
        fn plus(self, other: Self) -> Self {
            self + other
        }
    })* };
}

number!(f32, f64, u64);

/// Replaces each number by its sum over all ranks, added in the order of ranks, so that all ranks have the same bits.
pub fn sum<T: Number>(ranks: &dyn Ranks, numbers: &mut [T]) {
    if ranks.size() == 1 {
        return;
    }
    let of_all = ranks.gather(bytemuck::cast_slice(numbers));
    for (rank, bytes) in of_all.iter().enumerate() {
        let others = bytes.chunks_exact(size_of::<T>());
        for (number, other) in numbers.iter_mut().zip(others) {
            let other: T = bytemuck::pod_read_unaligned(other);
            *number = match rank {
                0 => other,
                _ => number.plus(other),
            };
        }
    }
}

/// The sum of one count over all ranks.
pub fn sum_whole(ranks: &dyn Ranks, count: u64) -> u64 {
    let mut one = [count];
    sum(ranks, &mut one);
    one[0]
}

/// One count of each rank, in the order of ranks.
pub(crate) fn counts_of_all(ranks: &dyn Ranks, own: u64) -> Vec<u64> {
    let of_all = ranks.gather(&own.to_le_bytes());
    let number = |bytes: Vec<u8>| bytemuck::pod_read_unaligned::<u64>(&bytes);
    of_all.into_iter().map(number).collect()
}

/// The largest of one count over all ranks.
pub fn most(ranks: &dyn Ranks, own: u64) -> u64 {
    counts_of_all(ranks, own).into_iter().max().unwrap_or(0)
}

/// Whether any rank says so.
pub fn or(ranks: &dyn Ranks, own: bool) -> bool {
    sum_whole(ranks, u64::from(own)) > 0
}
