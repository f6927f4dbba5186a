//! Loops with the widest instructions of the machine.

/// Runs an expression with the widest instructions of the machine. Variables named in it are moved into it.
///
/// A closure that can be called more than once is called through a function of the standard library, which is not
/// always inlined: a large loop would then run without the wide instructions, several times slower. A closure that
/// consumes one of its captures can only be called once, and is inlined as requested.
macro_rules! widest {
    ($run:expr) => {{
        let once = $crate::widest::Once;
        pulp::Arch::new().dispatch(
            #[inline(always)]
            move || {
                let _once = once;
                $run
            },
        )
    }};
}
pub(crate) use widest;

/// Consumed by a closure so that it can be called only once.
pub(crate) struct Once;
