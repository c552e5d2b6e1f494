//! The admin API: what the recorded scenarios of the reference do not cover.

mod accounts;
mod environments;
mod export_import;
mod features;
mod projects;
mod tokens;
mod variants;
mod versions;
