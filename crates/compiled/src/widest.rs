//! Loops with the widest instructions of the machine.

/// Runs an expression with the widest instructions of the machine. What it names is moved into it.
///
/// A closure that can be called more than once is called through a function of the standard library, which need not be
/// inlined: a large loop would then run without the wide instructions, several times slower. One that takes something of
/// its own apart can only be called once, and is inlined where it is said.
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

/// What a closure takes apart to be callable once.
pub(crate) struct Once;
