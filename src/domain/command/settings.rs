//! Wishes about the run-time settings.

/// Wishes about the run-time settings.
#[derive(Clone, Debug)]
pub enum SettingsCommand {
    /// Say from which origins browsers may call.
    SetFrontendOrigins(Vec<String>),
}
