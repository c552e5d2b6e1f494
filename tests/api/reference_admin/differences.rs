//! Where we differ from the reference on purpose. `docs/differences-admin.md` tells operators.

/// Steps of one scenario that differ for one reason.
pub(super) struct Difference {
    /// How the file's name begins.
    pub(super) file: &'static str,
    /// The steps, counted from 1.
    pub(super) steps: &'static [usize],
    /// Why it is better so.
    pub(super) why: &'static str,
}

pub(super) const DIFFERENCES: &[Difference] = &[];
