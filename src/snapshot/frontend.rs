//! What evaluating all flags for one scope needs.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::domain::api_token::TokenProjects;
use crate::engine::{CompiledFlag, Program};

/// Flags that can be on at all, and how large answers have become.
#[derive(Debug)]
pub struct FrontendView {
    program: Arc<Program>,
    /// Positions of flags in the scope that are switched on and can be evaluated.
    positions: Box<[usize]>,
    capacity: AtomicUsize,
}

impl FrontendView {
    pub(super) fn new(program: &Arc<Program>, projects: &TokenProjects, capacity: usize) -> Self {
        let can_be_on = |flag: &CompiledFlag| {
            flag.is_switched_on() && flag.fault().is_none() && projects.contains(flag.project())
        };
        let positions = program
            .flags()
            .enumerate()
            .filter(|(_, flag)| can_be_on(flag))
            .map(|(position, _)| position)
            .collect();
        Self {
            program: Arc::clone(program),
            positions,
            capacity: AtomicUsize::new(capacity),
        }
    }

    /// All flags of the environment: parents of dependencies may be anywhere.
    #[must_use]
    pub fn program(&self) -> &Arc<Program> {
        &self.program
    }

    /// Positions of flags that can be on, by name.
    #[must_use]
    pub fn positions(&self) -> &[usize] {
        &self.positions
    }

    /// How large the largest answer so far was.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.capacity.load(Ordering::Relaxed)
    }

    /// Remembers the size of an answer, so that the next one fits into its first buffer.
    pub fn remember(&self, size: usize) {
        if size > self.capacity() {
            self.capacity.fetch_max(size, Ordering::Relaxed);
        }
    }
}
