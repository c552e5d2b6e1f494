//! Export and import of flags with all that belongs to them.

mod export;
mod import;
mod rights;
mod schema;

use actix_web::{HttpResponse, post, web};
use serde_json::{Value, json};
use uuid::Uuid;

use super::answer::done;
use crate::api::error::ApiError;
use crate::api::extract::{BodyLimit, Json, Permit, Somewhere, typed};
use crate::api::registration::ServiceConfig;
use crate::auth::actions::{Import, Read};
use crate::change::Writer;
use crate::domain::command::{Command, ImportCommand, ImportWish};
use crate::domain::decide::import_check::inspect;
use crate::domain::names::{EnvironmentName, ProjectId};
use crate::domain::rejection::Rejection;
use crate::snapshot::Hub;
use schema::{
    ExportQuerySchema, ExportResultSchema, ImportTogglesSchema, ImportTogglesValidateSchema,
};

/// A whole configuration of thousands of flags is larger than any other body.
const LIMIT: BodyLimit = BodyLimit(64 * 1024 * 1024);

/// Adds the routes of export and import.
pub(super) fn routes(config: &mut ServiceConfig) {
    let routes = |config: &mut ServiceConfig<'_>| {
        config
            .service(export_features)
            .service(validate_import)
            .service(import_toggles);
    };
    config.scope("/features-batch", routes, |scope| scope.app_data(LIMIT));
}

/// The command that a file to be imported at start stands for: what `/export` answers, or a body of `/import`.
///
/// # Errors
/// As a request with that body: not JSON, against the schema, or against a rule.
pub fn import_command(
    file: &[u8],
    project: &ProjectId,
    environment: &EnvironmentName,
) -> Result<Command, ApiError> {
    let content: Value =
        serde_json::from_slice(file).map_err(|error| ApiError::MalformedJson(error.to_string()))?;
    let data = content.get("data").unwrap_or(&content);
    let body = json!({"project": project, "environment": environment, "data": data});
    let wish = wish(typed(body)?)?;
    Ok(Command::Import(ImportCommand::Flags(Box::new(wish))))
}

fn wish(body: ImportTogglesSchema) -> Result<ImportWish, Rejection> {
    body.into_wish(|| Uuid::new_v4().to_string())
}

/// Exports flags with their configuration in one environment.
#[utoipa::path(
    tag = "Import/Export",
    operation_id = "exportFeatures",
    request_body = ExportQuerySchema,
    responses((status = 200, body = ExportResultSchema))
)]
#[post("/export")]
async fn export_features(
    permit: Permit<Read>,
    body: Json<ExportQuerySchema>,
    writer: web::Data<Writer>,
    hub: web::Data<Hub>,
) -> Result<HttpResponse, ApiError> {
    let query = body.into_inner();
    let exported = export::write(hub.load().state(), &query);
    let names = exported.features.iter().map(|flag| flag.name.clone());
    let note = ImportCommand::NoteExport {
        environment: EnvironmentName::trusted(&query.environment),
        flags: names.collect(),
    };
    writer
        .submit(&Command::Import(note), permit.actor())
        .await?;
    Ok(HttpResponse::Ok().json(exported))
}

/// Says what stands in the way of an import, and what it would overwrite.
#[utoipa::path(
    tag = "Import/Export",
    operation_id = "validateImport",
    request_body = ImportTogglesSchema,
    responses((status = 200, body = ImportTogglesValidateSchema))
)]
#[post("/validate")]
async fn validate_import(
    permit: Permit<Read>,
    body: Json<ImportTogglesSchema>,
    hub: web::Data<Hub>,
) -> Result<HttpResponse, ApiError> {
    let wish = wish(body.into_inner())?;
    let snapshot = hub.load();
    let state = snapshot.state();
    let missing = rights::missing(&permit, state, &wish);
    let found = ImportTogglesValidateSchema::new(inspect(state, &wish), &missing);
    Ok(HttpResponse::Ok().json(found))
}

/// Imports flags with their configuration into one environment: all of it, or nothing.
#[utoipa::path(
    tag = "Import/Export",
    operation_id = "importToggles",
    request_body = ImportTogglesSchema,
    responses((status = 200, description = "Done"))
)]
#[post("/import")]
async fn import_toggles(
    caller: Somewhere<Import>,
    body: Json<ImportTogglesSchema>,
    writer: web::Data<Writer>,
    hub: web::Data<Hub>,
) -> Result<HttpResponse, ApiError> {
    let wish = wish(body.into_inner())?;
    let permit = caller.for_each();
    rights::check(&permit, hub.load().state(), &wish)?;
    let wish = ImportCommand::Flags(Box::new(wish));
    writer
        .submit(&Command::Import(wish), permit.actor())
        .await?;
    Ok(done())
}
