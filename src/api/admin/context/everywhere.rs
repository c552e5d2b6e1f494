//! Context fields, named alone.

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

/// Adds the routes.
pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(get_context_fields)
        .service(create_context_field)
        .service(validate_context_field_name)
        .service(get_strategies_by_context_field)
        .service(update_context_field_legal_value)
        .service(delete_context_field_legal_value)
        .service(get_context_field)
        .service(update_context_field)
        .service(delete_context_field);
}

/// Lists context fields.
#[utoipa::path(
    tag = "Context",
    operation_id = "getContextFields",
    responses((status = 200, body = Vec<ContextFieldSchema>))
)]
#[get("/context")]
async fn get_context_fields(_permit: Permit<Read>, hub: web::Data<Hub>) -> HttpResponse {
    fields::list(&hub, None)
}

/// Makes a context field.
#[utoipa::path(
    tag = "Context",
    operation_id = "createContextField",
    request_body = CreateContextFieldSchema,
    responses((status = 201, body = ContextFieldSchema))
)]
#[post("/context")]
async fn create_context_field(
    permit: Permit<CreateContextField>,
    body: Json<CreateContextFieldSchema>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    fields::create(&writer, permit.actor(), body.into_inner(), None).await
}

/// Says whether a name is free.
#[utoipa::path(
    tag = "Context",
    operation_id = "validateContextFieldName",
    request_body = NameSchema,
    responses((status = 200, description = "Done"))
)]
#[post("/context/validate")]
async fn validate_context_field_name(
    _permit: Permit<Read>,
    body: Json<NameSchema>,
    hub: web::Data<Hub>,
) -> Result<HttpResponse, ApiError> {
    fields::validate(&hub, &body.into_inner().name)
}

/// Lists the strategies that look at a context field.
#[utoipa::path(
    tag = "Strategies",
    operation_id = "getStrategiesByContextField",
    responses((status = 200, body = ContextFieldStrategiesSchema))
)]
#[get("/context/{contextField}/strategies")]
async fn get_strategies_by_context_field(
    _permit: Permit<Read>,
    path: web::Path<String>,
    hub: web::Data<Hub>,
) -> HttpResponse {
    let name = path.into_inner();
    fields::strategies(&hub, &name)
}

/// Adds a legal value, or changes its description.
#[utoipa::path(
    tag = "Context",
    operation_id = "updateContextFieldLegalValue",
    request_body = LegalValueSchema,
    responses((status = 200, description = "Done"))
)]
#[post("/context/{contextField}/legal-values")]
async fn update_context_field_legal_value(
    permit: Permit<UpdateContextField>,
    path: web::Path<String>,
    body: Json<LegalValueSchema>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let name = path.into_inner();
    let target = fields::target(name, None);
    fields::put_value(&writer, permit.actor(), target, body.into_inner()).await
}

/// Removes a legal value.
#[utoipa::path(
    tag = "Context",
    operation_id = "deleteContextFieldLegalValue",
    responses((status = 200, description = "Done"))
)]
#[delete("/context/{contextField}/legal-values/{legalValue}")]
async fn delete_context_field_legal_value(
    permit: Permit<UpdateContextField>,
    path: web::Path<(String, String)>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let (name, value) = path.into_inner();
    let target = fields::target(name, None);
    let wish = ContextFieldCommand::RemoveLegalValue(target, value);
    fields::submit(&writer, permit.actor(), wish).await
}

/// Shows a context field.
#[utoipa::path(
    tag = "Context",
    operation_id = "getContextField",
    responses((status = 200, body = ContextFieldSchema))
)]
#[get("/context/{contextField}")]
async fn get_context_field(
    _permit: Permit<Read>,
    path: web::Path<String>,
    hub: web::Data<Hub>,
) -> Result<HttpResponse, ApiError> {
    let name = path.into_inner();
    fields::show(&hub, &name)
}

/// Changes a context field.
#[utoipa::path(
    tag = "Context",
    operation_id = "updateContextField",
    request_body = UpdateContextFieldSchema,
    responses((status = 200, description = "Done"))
)]
#[put("/context/{contextField}")]
async fn update_context_field(
    permit: Permit<UpdateContextField>,
    path: web::Path<String>,
    body: Json<UpdateContextFieldSchema>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let name = path.into_inner();
    let target = fields::target(name, None);
    fields::update(&writer, permit.actor(), target, body.into_inner()).await
}

/// Deletes a context field that no flag uses.
#[utoipa::path(
    tag = "Context",
    operation_id = "deleteContextField",
    responses((status = 200, description = "Done"))
)]
#[delete("/context/{contextField}")]
async fn delete_context_field(
    permit: Permit<DeleteContextField>,
    path: web::Path<String>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let name = path.into_inner();
    let wish = ContextFieldCommand::Delete(fields::target(name, None));
    fields::submit(&writer, permit.actor(), wish).await
}
