//! Saying how far something is, on stderr.

use std::fmt::Display;
use std::io::Write;
use std::time::{Duration, Instant};

const PAUSE: Duration = Duration::from_secs(2);

/// Says now and then how far something is.
pub(super) struct Progress {
    doing: &'static str,
    last: Instant,
}

impl Progress {
    /// Of something that begins now. What is done at once is not talked about.
    pub(super) fn of(doing: &'static str) -> Self {
        Self {
            doing,
            last: Instant::now(),
        }
    }

    /// It is so far.
    pub(super) fn at(&mut self, place: &impl Display) {
        if self.last.elapsed() >= PAUSE {
            self.last = Instant::now();
            say(&format!("{}: {place}", self.doing));
        }
    }
}

/// A line for people.
pub(super) fn say(line: &str) {
    // A closed stderr is no reason to stop.
    let _ = writeln!(std::io::stderr(), "{line}");
}
