//! The size of a step.

/// The factors of a step that follow from its learning rate, the same for every weight.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Pace {
    /// The factor of the step's direction: the learning rate, for Adam with its bias correction.
    pub rate: f64,
    /// The share of every weight that weight decay removes before the step: learning rate times weight decay, 0 for
    /// rules without it.
    pub decay: f64,
}
