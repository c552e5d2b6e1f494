//! Wishes about the run-time settings.

/// Wishes about the run-time settings.
#[derive(Clone, Debug)]
pub enum SettingsCommand {}
