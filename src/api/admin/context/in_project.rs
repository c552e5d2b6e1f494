//! Context fields, named through a project. Those of all projects can be seen through it but not changed.

use actix_web::{HttpResponse, delete, get, post, put, web};

use super::fields;
use super::schema::{
    ContextFieldSchema, ContextFieldStrategiesSchema, CreateContextFieldSchema, LegalValueSchema,
    UpdateContextFieldSchema,
};
use crate::api::admin::names::NameSchema;
use crate::api::error::ApiError;
use crate::api::extract::{Json, Permit};
use crate::api::registration::ServiceConfig;
use crate::auth::actions::{CreateContextField, DeleteContextField, Read, UpdateContextField};
use crate::change::Writer;
use crate::domain::command::ContextFieldCommand;
use crate::snapshot::Hub;

/// Adds the routes below a project.
pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(get_context_fields_for_project)
        .service(create_context_field_for_project)
        .service(validate_context_field_name_for_project)
        .service(get_strategies_by_context_field_for_project)
        .service(update_context_field_legal_value_for_project)
        .service(delete_context_field_legal_value_for_project)
        .service(get_context_field_for_project)
        .service(update_context_field_for_project)
        .service(delete_context_field_for_project);
}

/// Lists context fields.
#[utoipa::path(
    tag = "Context",
    operation_id = "getContextFieldsForProject",
    responses((status = 200, body = Vec<ContextFieldSchema>))
)]
#[get("/projects/{projectId}/context")]
async fn get_context_fields_for_project(
    _permit: Permit<Read>,
    project: web::Path<String>,
    hub: web::Data<Hub>,
) -> HttpResponse {
    fields::list(&hub, Some(&project))
}

/// Makes a context field.
#[utoipa::path(
    tag = "Context",
    operation_id = "createContextFieldForProject",
    request_body = CreateContextFieldSchema,
    responses((status = 201, body = ContextFieldSchema))
)]
#[post("/projects/{projectId}/context")]
async fn create_context_field_for_project(
    permit: Permit<CreateContextField>,
    project: web::Path<String>,
    body: Json<CreateContextFieldSchema>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let project = Some(project.into_inner());
    fields::create(&writer, permit.actor(), body.into_inner(), project).await
}

/// Says whether a name is free.
#[utoipa::path(
    tag = "Context",
    operation_id = "validateContextFieldNameForProject",
    request_body = NameSchema,
    responses((status = 200, description = "Done"))
)]
#[post("/projects/{projectId}/context/validate")]
async fn validate_context_field_name_for_project(
    _permit: Permit<Read>,
    body: Json<NameSchema>,
    hub: web::Data<Hub>,
) -> Result<HttpResponse, ApiError> {
    fields::validate(&hub, &body.into_inner().name)
}

/// Lists the strategies that look at a context field.
#[utoipa::path(
    tag = "Strategies",
    operation_id = "getStrategiesByContextFieldForProject",
    responses((status = 200, body = ContextFieldStrategiesSchema))
)]
#[get("/projects/{projectId}/context/{contextField}/strategies")]
async fn get_strategies_by_context_field_for_project(
    _permit: Permit<Read>,
    path: web::Path<(String, String)>,
    hub: web::Data<Hub>,
) -> HttpResponse {
    let (_, name) = path.into_inner();
    fields::strategies(&hub, &name)
}

/// Adds a legal value, or changes its description.
#[utoipa::path(
    tag = "Context",
    operation_id = "updateContextFieldLegalValueForProject",
    request_body = LegalValueSchema,
    responses((status = 200, description = "Done"))
)]
#[post("/projects/{projectId}/context/{contextField}/legal-values")]
async fn update_context_field_legal_value_for_project(
    permit: Permit<UpdateContextField>,
    path: web::Path<(String, String)>,
    body: Json<LegalValueSchema>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let (project, name) = path.into_inner();
    let target = fields::target(name, Some(&project));
    fields::put_value(&writer, permit.actor(), target, body.into_inner()).await
}

/// Removes a legal value.
#[utoipa::path(
    tag = "Context",
    operation_id = "deleteContextFieldLegalValueForProject",
    responses((status = 200, description = "Done"))
)]
#[delete("/projects/{projectId}/context/{contextField}/legal-values/{legalValue}")]
async fn delete_context_field_legal_value_for_project(
    permit: Permit<UpdateContextField>,
    path: web::Path<(String, String, String)>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let (project, name, value) = path.into_inner();
    let target = fields::target(name, Some(&project));
    let wish = ContextFieldCommand::RemoveLegalValue(target, value);
    fields::submit(&writer, permit.actor(), wish).await
}

/// Shows a context field.
#[utoipa::path(
    tag = "Context",
    operation_id = "getContextFieldForProject",
    responses((status = 200, body = ContextFieldSchema))
)]
#[get("/projects/{projectId}/context/{contextField}")]
async fn get_context_field_for_project(
    _permit: Permit<Read>,
    path: web::Path<(String, String)>,
    hub: web::Data<Hub>,
) -> Result<HttpResponse, ApiError> {
    let (_, name) = path.into_inner();
    fields::show(&hub, &name)
}

/// Changes a context field.
#[utoipa::path(
    tag = "Context",
    operation_id = "updateContextFieldForProject",
    request_body = UpdateContextFieldSchema,
    responses((status = 200, description = "Done"))
)]
#[put("/projects/{projectId}/context/{contextField}")]
async fn update_context_field_for_project(
    permit: Permit<UpdateContextField>,
    path: web::Path<(String, String)>,
    body: Json<UpdateContextFieldSchema>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let (project, name) = path.into_inner();
    let target = fields::target(name, Some(&project));
    fields::update(&writer, permit.actor(), target, body.into_inner()).await
}

/// Deletes a context field that no flag uses.
#[utoipa::path(
    tag = "Context",
    operation_id = "deleteContextFieldForProject",
    responses((status = 200, description = "Done"))
)]
#[delete("/projects/{projectId}/context/{contextField}")]
async fn delete_context_field_for_project(
    permit: Permit<DeleteContextField>,
    path: web::Path<(String, String)>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let (project, name) = path.into_inner();
    let wish = ContextFieldCommand::Delete(fields::target(name, Some(&project)));
    fields::submit(&writer, permit.actor(), wish).await
}
