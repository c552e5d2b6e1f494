//! The admin API: what the recorded scenarios of the reference do not cover.

mod access;
mod accounts;
mod addons;
mod applications;
mod assistants;
mod auth_settings;
mod change_requests;
mod concurrent;
mod environments;
mod export_import;
mod favorites;
mod features;
mod groups;
mod insights;
mod instance;
mod lifecycle;
mod maintenance;
mod people;
mod places;
mod projects;
mod roles;
mod service_accounts;
mod sign_ins;
mod tokens;
mod variants;
mod versions;
