//! The end of flags: stale, archived, revived, deleted.

pub(super) mod schema;

use actix_web::{HttpResponse, delete, post, web};
use serde::Deserialize;
use utoipa::IntoParams;

use super::paths::{FeaturePath, ProjectPath};
use crate::api::error::ApiError;
use crate::api::extract::{Json, Permit};
use crate::api::registration::ServiceConfig;
use crate::auth::actions::{DeleteFeature, Read, UpdateFeature};
use crate::change::Writer;
use crate::domain::command::{Command, FlagCommand};
use crate::domain::event::Actor;
use crate::domain::state::State;
use crate::snapshot::Hub;
use schema::{BatchFeaturesSchema, BatchStaleSchema, ValidateArchiveFeaturesSchema};

/// Adds the routes of archived flags.
pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(archive_feature)
        .service(validate_archive_features)
        .service(archive_features)
        .service(stale_features)
        .service(revive_features)
        .service(delete_features)
        .service(revive_feature)
        .service(delete_feature);
}

/// A flag, whatever its project.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Path)]
struct NamePath {
    /// The flag.
    feature_name: String,
}

async fn submit(writer: &Writer, wish: FlagCommand, actor: &Actor) -> Result<(), ApiError> {
    writer.submit(&Command::Flag(wish), actor).await?;
    Ok(())
}

/// Archives a flag.
#[utoipa::path(
    tag = "Features",
    operation_id = "archiveFeature",
    params(FeaturePath),
    responses((status = 202, description = "Archived"))
)]
#[delete("/projects/{projectId}/features/{featureName}")]
async fn archive_feature(
    permit: Permit<DeleteFeature>,
    path: web::Path<FeaturePath>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let wish = FlagCommand::Archive(path.address());
    submit(&writer, wish, permit.actor()).await?;
    Ok(HttpResponse::Accepted().finish())
}

/// Archives flags.
#[utoipa::path(
    tag = "Features",
    operation_id = "archiveFeatures",
    params(ProjectPath),
    request_body = BatchFeaturesSchema,
    responses((status = 202, description = "Archived"))
)]
#[post("/projects/{projectId}/archive")]
async fn archive_features(
    permit: Permit<DeleteFeature>,
    path: web::Path<ProjectPath>,
    body: Json<BatchFeaturesSchema>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let wish = FlagCommand::ArchiveAll {
        project: path.into_inner().project_id,
        names: body.into_inner().features,
    };
    submit(&writer, wish, permit.actor()).await?;
    Ok(HttpResponse::Accepted().finish())
}

/// Says what would stand in the way of archiving flags.
#[utoipa::path(
    tag = "Features",
    operation_id = "validateArchiveFeatures",
    params(ProjectPath),
    request_body = BatchFeaturesSchema,
    responses((status = 200, body = ValidateArchiveFeaturesSchema))
)]
#[post("/projects/{projectId}/archive/validate")]
async fn validate_archive_features(
    _permit: Permit<Read>,
    _path: web::Path<ProjectPath>,
    body: Json<BatchFeaturesSchema>,
    hub: web::Data<Hub>,
) -> web::Json<ValidateArchiveFeaturesSchema> {
    web::Json(obstacles(hub.load().state(), &body.0.features))
}

fn obstacles(state: &State, names: &[String]) -> ValidateArchiveFeaturesSchema {
    let stays = |child: &str| names.iter().all(|name| name != child);
    let parents = names
        .iter()
        .filter(|name| state.children(name).any(|child| stays(child.name.as_str())));
    let related = |name: &String| {
        state.children(name).next().is_some()
            || state
                .live_flag(name)
                .is_some_and(|flag| !flag.dependencies.is_empty())
    };
    ValidateArchiveFeaturesSchema {
        parents_with_child_features: parents.cloned().collect(),
        has_deleted_dependencies: names.iter().any(related),
    }
}

/// Marks flags for removal, or takes the mark away.
#[utoipa::path(
    tag = "Features",
    operation_id = "staleFeatures",
    params(ProjectPath),
    request_body = BatchStaleSchema,
    responses((status = 202, description = "Marked"))
)]
#[post("/projects/{projectId}/stale")]
async fn stale_features(
    permit: Permit<UpdateFeature>,
    path: web::Path<ProjectPath>,
    body: Json<BatchStaleSchema>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let wish = FlagCommand::MarkStale {
        project: path.into_inner().project_id,
        stale: body.0.stale,
        names: body.into_inner().features,
    };
    submit(&writer, wish, permit.actor()).await?;
    Ok(HttpResponse::Accepted().finish())
}

/// Brings archived flags back.
#[utoipa::path(
    tag = "Archive",
    operation_id = "reviveFeatures",
    params(ProjectPath),
    request_body = BatchFeaturesSchema,
    responses((status = 200, description = "Revived"))
)]
#[post("/projects/{projectId}/revive")]
async fn revive_features(
    permit: Permit<UpdateFeature>,
    path: web::Path<ProjectPath>,
    body: Json<BatchFeaturesSchema>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let wish = FlagCommand::ReviveAll {
        project: path.into_inner().project_id,
        names: body.into_inner().features,
    };
    submit(&writer, wish, permit.actor()).await?;
    Ok(HttpResponse::Ok().finish())
}

/// Deletes archived flags for ever.
#[utoipa::path(
    tag = "Archive",
    operation_id = "deleteFeatures",
    params(ProjectPath),
    request_body = BatchFeaturesSchema,
    responses((status = 200, description = "Deleted"))
)]
#[post("/projects/{projectId}/delete")]
async fn delete_features(
    permit: Permit<DeleteFeature>,
    path: web::Path<ProjectPath>,
    body: Json<BatchFeaturesSchema>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let wish = FlagCommand::Delete {
        project: Some(path.into_inner().project_id),
        names: body.into_inner().features,
    };
    submit(&writer, wish, permit.actor()).await?;
    Ok(HttpResponse::Ok().finish())
}

/// Brings an archived flag back.
#[utoipa::path(
    tag = "Archive",
    operation_id = "reviveFeature",
    params(NamePath),
    responses((status = 200, description = "Revived"))
)]
#[post("/archive/revive/{featureName}")]
async fn revive_feature(
    permit: Permit<UpdateFeature>,
    path: web::Path<NamePath>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let wish = FlagCommand::Revive {
        name: path.into_inner().feature_name,
    };
    submit(&writer, wish, permit.actor()).await?;
    Ok(HttpResponse::Ok().finish())
}

/// Deletes an archived flag for ever.
#[utoipa::path(
    tag = "Archive",
    operation_id = "deleteFeature",
    params(NamePath),
    responses((status = 200, description = "Deleted"))
)]
#[delete("/archive/{featureName}")]
async fn delete_feature(
    permit: Permit<DeleteFeature>,
    path: web::Path<NamePath>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let wish = FlagCommand::Delete {
        project: None,
        names: vec![path.into_inner().feature_name],
    };
    submit(&writer, wish, permit.actor()).await?;
    Ok(HttpResponse::Ok().finish())
}
