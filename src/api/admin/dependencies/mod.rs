//! What flags depend on.

pub(super) mod schema;

use std::collections::BTreeSet;

use actix_web::{HttpResponse, delete, get, post, web};
use serde::Deserialize;
use utoipa::IntoParams;

use super::paths::{FeaturePath, ProjectPath};
use crate::api::error::ApiError;
use crate::api::extract::{Json, Permit};
use crate::api::registration::ServiceConfig;
use crate::auth::actions::{Read, UpdateFeatureDependency};
use crate::change::Writer;
use crate::domain::command::{Command, DependencyCommand, FlagAddress};
use crate::domain::event::Actor;
use crate::domain::flag::Flag;
use crate::snapshot::Hub;
use schema::CreateDependentFeatureSchema;

/// Adds the routes of dependencies.
pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(add_feature_dependency)
        .service(delete_feature_dependency)
        .service(delete_feature_dependencies)
        .service(list_parent_options)
        .service(list_parent_variant_options)
        .service(check_dependencies_exist);
}

/// A flag that depends on another one.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Path)]
struct ChildPath {
    /// The project.
    project_id: String,
    /// The flag that depends.
    child: String,
}

impl ChildPath {
    fn into_address(self) -> FlagAddress {
        FlagAddress {
            project: self.project_id,
            name: self.child,
        }
    }
}

/// A dependency.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Path)]
struct DependencyPath {
    /// The project.
    project_id: String,
    /// The flag that depends.
    child: String,
    /// The flag depended on.
    parent: String,
}

async fn submit(
    writer: &Writer,
    wish: DependencyCommand,
    actor: &Actor,
) -> Result<HttpResponse, ApiError> {
    writer.submit(&Command::Dependency(wish), actor).await?;
    Ok(HttpResponse::Ok().finish())
}

/// Lets a flag depend on another one, instead of the one it depended on so far.
#[utoipa::path(
    tag = "Dependencies",
    operation_id = "addFeatureDependency",
    params(ChildPath),
    request_body = CreateDependentFeatureSchema,
    responses((status = 200, description = "Added"))
)]
#[post("/projects/{projectId}/features/{child}/dependencies")]
async fn add_feature_dependency(
    permit: Permit<UpdateFeatureDependency>,
    path: web::Path<ChildPath>,
    body: Json<CreateDependentFeatureSchema>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let wish = DependencyCommand::Set {
        child: path.into_inner().into_address(),
        enabled: body.0.enabled,
        variants: body.0.variants,
        parent: body.0.feature,
    };
    submit(&writer, wish, permit.actor()).await
}

/// Removes a dependency.
#[utoipa::path(
    tag = "Dependencies",
    operation_id = "deleteFeatureDependency",
    params(DependencyPath),
    responses((status = 200, description = "Removed"))
)]
#[delete("/projects/{projectId}/features/{child}/dependencies/{parent}")]
async fn delete_feature_dependency(
    permit: Permit<UpdateFeatureDependency>,
    path: web::Path<DependencyPath>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let DependencyPath {
        project_id: project,
        child: name,
        parent,
    } = path.into_inner();
    let child = FlagAddress { project, name };
    let wish = DependencyCommand::Remove { child, parent };
    submit(&writer, wish, permit.actor()).await
}

/// Removes all dependencies of a flag.
#[utoipa::path(
    tag = "Dependencies",
    operation_id = "deleteFeatureDependencies",
    params(ChildPath),
    responses((status = 200, description = "Removed"))
)]
#[delete("/projects/{projectId}/features/{child}/dependencies")]
async fn delete_feature_dependencies(
    permit: Permit<UpdateFeatureDependency>,
    path: web::Path<ChildPath>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let child = path.into_inner().into_address();
    let wish = DependencyCommand::RemoveAll { child };
    submit(&writer, wish, permit.actor()).await
}

/// Lists the flags a flag can depend on.
#[utoipa::path(
    tag = "Dependencies",
    operation_id = "listParentOptions",
    params(ChildPath),
    responses((status = 200, body = Vec<String>))
)]
#[get("/projects/{projectId}/features/{child}/parents")]
async fn list_parent_options(
    _permit: Permit<Read>,
    path: web::Path<ChildPath>,
    hub: web::Data<Hub>,
) -> web::Json<Vec<String>> {
    let fits = |flag: &&Flag| {
        !flag.is_archived()
            && flag.dependencies.is_empty()
            && flag.project == *path.project_id
            && flag.name != *path.child
    };
    let snapshot = hub.load();
    let flags = snapshot.state().flags.values().map(AsRef::as_ref);
    web::Json(
        flags
            .filter(fits)
            .map(|flag| flag.name.to_string())
            .collect(),
    )
}

/// Lists the variants a flag can resolve to.
#[utoipa::path(
    tag = "Dependencies",
    operation_id = "listParentVariantOptions",
    params(FeaturePath),
    responses((status = 200, body = Vec<String>))
)]
#[get("/projects/{projectId}/features/{featureName}/parent-variants")]
async fn list_parent_variant_options(
    _permit: Permit<Read>,
    path: web::Path<FeaturePath>,
    hub: web::Data<Hub>,
) -> web::Json<BTreeSet<String>> {
    let snapshot = hub.load();
    let flag = snapshot.state().live_flag(&path.feature_name);
    let environments = flag.into_iter().flat_map(|flag| flag.environments.values());
    let variants = environments.flat_map(|environment| {
        let of_strategies = environment.strategies.iter().flat_map(|it| &it.variants);
        environment.variants.iter().chain(of_strategies)
    });
    web::Json(variants.map(|variant| variant.name.clone()).collect())
}

/// Says whether any flag depends on another one.
#[utoipa::path(
    tag = "Dependencies",
    operation_id = "checkDependenciesExist",
    params(ProjectPath),
    responses((status = 200, body = bool, content_type = "application/json"))
)]
#[get("/projects/{projectId}/dependencies")]
async fn check_dependencies_exist(
    _permit: Permit<Read>,
    _path: web::Path<ProjectPath>,
    hub: web::Data<Hub>,
) -> web::Json<bool> {
    let snapshot = hub.load();
    let mut flags = snapshot.state().flags.values();
    web::Json(flags.any(|flag| !flag.is_archived() && !flag.dependencies.is_empty()))
}
