//! The admin API: what the recorded scenarios of the reference do not cover.

mod environments;
mod features;
mod projects;
mod variants;
