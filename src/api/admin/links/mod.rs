//! Links of a flag to pages about it.

use actix_web::{HttpResponse, delete, post, put, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::answer::nothing;
use crate::api::error::ApiError;
use crate::api::extract::{Json, Permit};
use crate::api::registration::ServiceConfig;
use crate::auth::actions::UpdateFeature;
use crate::change::Writer;
use crate::domain::command::{Command, FlagAddress, LinkCommand};
use crate::domain::event::Actor;

/// A link to be added or changed.
#[derive(Debug, Deserialize, ToSchema)]
struct LinkSchema {
    /// Where it leads.
    url: String,
    /// What it is called.
    #[serde(default)]
    title: Option<String>,
}

/// Adds the routes of links.
pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(create_feature_link)
        .service(update_feature_link)
        .service(delete_feature_link);
}

async fn submit(
    writer: &Writer,
    actor: &Actor,
    wish: LinkCommand,
) -> Result<HttpResponse, ApiError> {
    writer.submit(&Command::Link(wish), actor).await?;
    Ok(nothing())
}

/// Adds a link to a flag.
#[utoipa::path(
    tag = "Features",
    operation_id = "createFeatureLink",
    request_body = LinkSchema,
    responses((status = 204, description = "Done"))
)]
#[post("/projects/{projectId}/features/{featureName}/link")]
async fn create_feature_link(
    permit: Permit<UpdateFeature>,
    path: web::Path<(String, String)>,
    body: Json<LinkSchema>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let (project, name) = path.into_inner();
    let LinkSchema { url, title } = body.into_inner();
    let at = FlagAddress { project, name };
    submit(&writer, permit.actor(), LinkCommand::Add { at, url, title }).await
}

/// Changes a link of a flag.
#[utoipa::path(
    tag = "Features",
    operation_id = "updateFeatureLink",
    request_body = LinkSchema,
    responses((status = 204, description = "Done"))
)]
#[put("/projects/{projectId}/features/{featureName}/link/{linkId}")]
async fn update_feature_link(
    permit: Permit<UpdateFeature>,
    path: web::Path<(String, String, String)>,
    body: Json<LinkSchema>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let (project, name, id) = path.into_inner();
    let LinkSchema { url, title } = body.into_inner();
    let at = FlagAddress { project, name };
    let wish = LinkCommand::Change { at, id, url, title };
    submit(&writer, permit.actor(), wish).await
}

/// Removes a link of a flag.
#[utoipa::path(
    tag = "Features",
    operation_id = "deleteFeatureLink",
    responses((status = 204, description = "Done"))
)]
#[delete("/projects/{projectId}/features/{featureName}/link/{linkId}")]
async fn delete_feature_link(
    permit: Permit<UpdateFeature>,
    path: web::Path<(String, String, String)>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let (project, name, id) = path.into_inner();
    let at = FlagAddress { project, name };
    submit(&writer, permit.actor(), LinkCommand::Remove { at, id }).await
}
