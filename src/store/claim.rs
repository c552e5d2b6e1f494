//! Tasks of which one process is to do each, of all that share a store.

use std::time::Duration;

/// What a process has to say about a task.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Claim {
    /// It wants to do it, or goes on doing it. Unless it says so again in this time, another one may.
    Do(Duration),
    /// It does not go on. Another one may.
    Leave,
    /// It is done. Others are told so for this time.
    Done(Duration),
}

/// What becomes of a task then.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Turn {
    /// It is the caller's to do, or was.
    Mine,
    /// Another process does it, and may yet die.
    Taken,
    /// It was done.
    Done,
}
