//! The file that is imported at each start, when the settings name one.

use super::{App, StartError};
use crate::api::admin::import_command;
use crate::api::error::ApiError;
use crate::config::Import;
use crate::domain::event::Actor;

/// Imports the file as one change. A file that is already in place changes nothing that SDKs see.
pub(super) async fn run(app: &App) -> Result<(), StartError> {
    let Some(import) = &app.settings.import else {
        return Ok(());
    };
    let refused = |why: String| StartError::Import {
        file: import.file.clone(),
        why,
    };
    let content = fs_err::read(&import.file).map_err(|error| refused(error.to_string()))?;
    let command = import_command(&content, &import.project, &import.environment)
        .map_err(|error| refused(reason(&error)))?;
    app.writer
        .submit(&command, &Actor::system())
        .await
        .map_err(|source| StartError::Change {
            what: format!("the file to import, {}, was refused", import.file.display()),
            source,
        })?;
    tell(import);
    Ok(())
}

fn tell(import: &Import) {
    tracing::info!(
        file = %import.file.display(),
        project = %import.project,
        environment = %import.environment,
        "imported"
    );
}

/// The first fault rather than the sentence that points to a list of faults.
fn reason(error: &ApiError) -> String {
    match error {
        ApiError::Schema(details) => details
            .first()
            .map_or_else(|| error.to_string(), |detail| detail.message.clone()),
        _ => error.to_string(),
    }
}
