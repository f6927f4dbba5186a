//! Loops with the widest instructions of the machine.

/// Consumed by a closure so that it can be called only once.
struct Once;

/// Runs `run` with the widest instructions of the machine, if it and all that it calls are inlined.
///
/// A closure that can be called more than once is called through a function of the standard library that is not always
/// inlined, and would run without the wide instructions; one that consumes a capture can only be called directly.
#[inline(always)]
pub(super) fn widest<T>(run: impl FnOnce() -> T) -> T {
    let once = Once;
    pulp::Arch::new().dispatch(
        #[inline(always)]
        move || {
            let _once = once;
            run()
        },
    )
}
