//! What the routes of all context fields and those of one project's fields do alike.

use actix_web::HttpResponse;

use super::schema::{
    ContextFieldSchema, ContextFieldStrategiesSchema, CreateContextFieldSchema, LegalValueSchema,
    UpdateContextFieldSchema,
};
use crate::api::admin::answer::{created, done};
use crate::api::error::ApiError;
use crate::change::Writer;
use crate::domain::command::{Command, ContextFieldCommand, ContextFieldTarget};
use crate::domain::decide::context_field::check_free;
use crate::domain::event::Actor;
use crate::domain::names::{ContextFieldName, ProjectId};
use crate::domain::rejection::Rejection;
use crate::snapshot::Hub;

/// All fields, or those of one project.
pub(super) fn list(hub: &Hub, project: Option<&str>) -> HttpResponse {
    let snapshot = hub.load();
    let state = snapshot.state();
    let wanted =
        |owner: Option<&ProjectId>| project.is_none() || owner.map(ProjectId::as_str) == project;
    let fields: Vec<_> = state
        .context_fields
        .values()
        .filter(|field| wanted(field.project.as_ref()))
        .map(|field| ContextFieldSchema::counted(state, field))
        .collect();
    HttpResponse::Ok().json(fields)
}

/// One field, whatever project it is for.
pub(super) fn show(hub: &Hub, name: &str) -> Result<HttpResponse, ApiError> {
    match hub.load().state().context_fields.get(name) {
        Some(field) => Ok(HttpResponse::Ok().json(ContextFieldSchema::from(field.as_ref()))),
        None => Err(Rejection::NotFound("Could not find context field".into()).into()),
    }
}

/// The strategies that look at a field; none when there is no such field.
pub(super) fn strategies(hub: &Hub, name: &str) -> HttpResponse {
    let snapshot = hub.load();
    let users = snapshot.state().users_of_context_field(name);
    HttpResponse::Ok().json(ContextFieldStrategiesSchema {
        strategies: users.map(Into::into).collect(),
    })
}

/// Whether a name is free.
pub(super) fn validate(hub: &Hub, name: &str) -> Result<HttpResponse, ApiError> {
    check_free(hub.load().state(), &ContextFieldName::parse(name)?)?;
    Ok(done())
}

/// Makes a field.
pub(super) async fn create(
    writer: &Writer,
    actor: &Actor,
    body: CreateContextFieldSchema,
    project: Option<String>,
) -> Result<HttpResponse, ApiError> {
    let name = ContextFieldName::parse(&body.name)?;
    let project = project.or(body.project).filter(|id| !id.is_empty());
    let wish = ContextFieldCommand::Create {
        name: name.clone(),
        project: project.map(|id| ProjectId::trusted(&id)),
        wish: body.rest.into(),
    };
    let done = writer.submit(&Command::ContextField(wish), actor).await?;
    let fields = &done.snapshot.state().context_fields;
    let field = fields.get(&name).ok_or_else(|| {
        ApiError::Internal(anyhow::anyhow!("the context field made is not there"))
    })?;
    let body = ContextFieldSchema::from(field.as_ref());
    Ok(created(&format!("context/{name}"), &body))
}

/// Names a field, through a project or not.
pub(super) fn target(name: String, project: Option<&str>) -> ContextFieldTarget {
    ContextFieldTarget {
        name,
        project: project.map(ProjectId::trusted),
    }
}

/// Changes a field.
pub(super) async fn update(
    writer: &Writer,
    actor: &Actor,
    target: ContextFieldTarget,
    body: UpdateContextFieldSchema,
) -> Result<HttpResponse, ApiError> {
    let wish = ContextFieldCommand::Update(target, body.into());
    submit(writer, actor, wish).await
}

/// Adds a legal value or changes its description.
pub(super) async fn put_value(
    writer: &Writer,
    actor: &Actor,
    target: ContextFieldTarget,
    body: LegalValueSchema,
) -> Result<HttpResponse, ApiError> {
    let wish = ContextFieldCommand::PutLegalValue(target, body.into());
    submit(writer, actor, wish).await
}

/// Submits a wish and answers with nothing.
pub(super) async fn submit(
    writer: &Writer,
    actor: &Actor,
    wish: ContextFieldCommand,
) -> Result<HttpResponse, ApiError> {
    writer.submit(&Command::ContextField(wish), actor).await?;
    Ok(done())
}
