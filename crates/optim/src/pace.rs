//! How far a step goes.

/// What of a step's learning rate a rule uses: the same for every weight.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Pace {
    /// What the step's direction is multiplied by: the learning rate, for Adam with its bias correction.
    pub rate: f64,
    /// Share of every weight that weight decay takes before the step: learning rate times weight decay, 0 for rules
    /// without it.
    pub decay: f64,
}
