//! Variants of a flag itself, environment by environment. Strategies bring their own.

mod own;
pub(super) mod schema;

use actix_web::{get, patch, put, web};

use super::patches::PatchesSchema;
use super::paths::{FeatureEnvironmentPath, FeaturePath};
use crate::api::error::ApiError;
use crate::api::extract::{Json, Permit, Somewhere};
use crate::api::registration::ServiceConfig;
use crate::api::schema::check_document;
use crate::auth::actions::{Action, Read, UpdateFeatureEnvironmentVariants, UpdateFeatureVariants};
use crate::change::Writer;
use crate::domain::command::{Command, FlagAddress, StrategyCommand};
use crate::domain::flag::Flag;
use crate::domain::names::EnvironmentName;
use crate::domain::rejection::Rejection;
use crate::domain::state::State;
use crate::domain::variant::Variant;
use crate::snapshot::Hub;
use own::{FeatureVariantsSchema, PushVariantsSchema, VariantsSchema};

/// Adds the routes of variants.
pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(get_environment_feature_variants)
        .service(overwrite_environment_feature_variants)
        .service(patch_environments_feature_variants)
        .service(overwrite_feature_variants_on_environments)
        .service(get_feature_variants)
        .service(overwrite_feature_variants)
        .service(patch_feature_variants);
}

fn place<'s>(
    state: &'s State,
    path: &FeatureEnvironmentPath,
) -> Result<(&'s Flag, EnvironmentName), Rejection> {
    let flag = state.live_flag_at(&path.address())?;
    match state.environment_of(flag, &path.environment) {
        Some(environment) => Ok((flag, environment)),
        None => Err(Rejection::NotFound(format!(
            "Could not find {} in {}",
            path.feature_name, path.environment
        ))),
    }
}

fn variants<'f>(flag: &'f Flag, environment: &str) -> &'f [Variant] {
    flag.environments
        .get(environment)
        .map_or(&[], |own| &own.variants)
}

/// All environments of the flag's project, and the variants of the first of them.
fn everywhere<'s>(
    state: &'s State,
    path: &FeaturePath,
) -> Result<(Vec<String>, &'s [Variant]), Rejection> {
    let flag = state.live_flag_at(&path.address())?;
    let environments: Vec<String> = state
        .environments_of(flag)
        .into_iter()
        .map(|environment| environment.name.to_string())
        .collect();
    let first = environments
        .iter()
        .map(|environment| variants(flag, environment))
        .find(|variants| !variants.is_empty());
    Ok((environments, first.unwrap_or_default()))
}

async fn set<A: Action>(
    permit: &Permit<A>,
    writer: &Writer,
    at: FlagAddress,
    environments: Vec<String>,
    variants: VariantsSchema,
) -> Result<web::Json<FeatureVariantsSchema>, ApiError> {
    let name = at.name.clone();
    let first = environments.first().cloned().unwrap_or_default();
    let command = command(at, environments, variants)?;
    let done = writer.submit(&command, permit.actor()).await?;
    Ok(saved(done.snapshot.state(), name.as_str(), &first))
}

fn command(
    at: FlagAddress,
    environments: Vec<String>,
    variants: VariantsSchema,
) -> Result<Command, ApiError> {
    Ok(Command::Strategy(StrategyCommand::SetVariants {
        at,
        environments,
        variants: variants.into_domain()?,
    }))
}

fn saved(state: &State, name: &str, environment: &str) -> web::Json<FeatureVariantsSchema> {
    let flag = state.flags.get(name);
    let saved = flag.map_or(&[][..], |flag| variants(flag, environment));
    web::Json(FeatureVariantsSchema::new(saved))
}

fn saved_everywhere(
    state: &State,
    path: &FeaturePath,
) -> Result<web::Json<FeatureVariantsSchema>, ApiError> {
    let (environments, _) = everywhere(state, path)?;
    let first = environments.first().map_or("", String::as_str);
    Ok(saved(state, &path.feature_name, first))
}

fn patched(before: &[Variant], patches: &PatchesSchema) -> Result<VariantsSchema, ApiError> {
    let document = serde_json::to_value(VariantsSchema::from_domain(before));
    let mut document = document.map_err(|error| ApiError::Internal(error.into()))?;
    patches.apply(&mut document)?;
    let details = check_document::<VariantsSchema>(&mut document);
    if !details.is_empty() {
        return Err(ApiError::PatchedSchema(details));
    }
    let wish = serde_json::from_value(document);
    Ok(wish.map_err(|error| Rejection::bad_data(error.to_string()))?)
}

/// Shows the variants of a flag in an environment.
#[utoipa::path(
    tag = "Features",
    operation_id = "getEnvironmentFeatureVariants",
    params(FeatureEnvironmentPath),
    responses((status = 200, body = FeatureVariantsSchema))
)]
#[get("/projects/{projectId}/features/{featureName}/environments/{environment}/variants")]
async fn get_environment_feature_variants(
    _permit: Permit<Read>,
    path: web::Path<FeatureEnvironmentPath>,
    hub: web::Data<Hub>,
) -> Result<web::Json<FeatureVariantsSchema>, ApiError> {
    let snapshot = hub.load();
    let (flag, environment) = place(snapshot.state(), &path)?;
    let variants = variants(flag, environment.as_str());
    Ok(web::Json(FeatureVariantsSchema::new(variants)))
}

/// Replaces the variants of a flag in an environment.
#[utoipa::path(
    tag = "Features",
    operation_id = "overwriteEnvironmentFeatureVariants",
    params(FeatureEnvironmentPath),
    request_body = VariantsSchema,
    responses((status = 200, body = FeatureVariantsSchema))
)]
#[put("/projects/{projectId}/features/{featureName}/environments/{environment}/variants")]
async fn overwrite_environment_feature_variants(
    permit: Permit<UpdateFeatureEnvironmentVariants>,
    path: web::Path<FeatureEnvironmentPath>,
    body: Json<VariantsSchema>,
    writer: web::Data<Writer>,
) -> Result<web::Json<FeatureVariantsSchema>, ApiError> {
    let environments = vec![path.environment.clone()];
    set(&permit, &writer, path.address(), environments, body.0).await
}

/// Changes the variants of a flag in an environment step by step.
#[utoipa::path(
    tag = "Features",
    operation_id = "patchEnvironmentsFeatureVariants",
    params(FeatureEnvironmentPath),
    request_body = PatchesSchema,
    responses((status = 200, body = FeatureVariantsSchema))
)]
#[patch("/projects/{projectId}/features/{featureName}/environments/{environment}/variants")]
async fn patch_environments_feature_variants(
    permit: Permit<UpdateFeatureEnvironmentVariants>,
    path: web::Path<FeatureEnvironmentPath>,
    body: Json<PatchesSchema>,
    writer: web::Data<Writer>,
) -> Result<web::Json<FeatureVariantsSchema>, ApiError> {
    let make = |state: &State| {
        let (flag, environment) = place(state, &path)?;
        let wish = patched(variants(flag, environment.as_str()), &body.0)?;
        command(path.address(), vec![path.environment.clone()], wish)
    };
    let done = writer.submit_made(make, permit.actor()).await?;
    Ok(saved(
        done.snapshot.state(),
        &path.feature_name,
        &path.environment,
    ))
}

/// Replaces the variants of a flag in several environments.
#[utoipa::path(
    tag = "Features",
    operation_id = "overwriteFeatureVariantsOnEnvironments",
    params(FeaturePath),
    request_body = PushVariantsSchema,
    responses((status = 200, body = FeatureVariantsSchema))
)]
#[put("/projects/{projectId}/features/{featureName}/variants-batch")]
async fn overwrite_feature_variants_on_environments(
    caller: Somewhere<UpdateFeatureEnvironmentVariants>,
    path: web::Path<FeaturePath>,
    body: Json<PushVariantsSchema>,
    writer: web::Data<Writer>,
) -> Result<web::Json<FeatureVariantsSchema>, ApiError> {
    let PushVariantsSchema {
        variants,
        environments,
    } = body.into_inner();
    let permit = caller.at_all(&path.project_id, &environments)?;
    let variants = VariantsSchema(variants);
    set(&permit, &writer, path.address(), environments, variants).await
}

/// Shows the variants of a flag, which may differ from environment to environment: the first that has some.
#[utoipa::path(
    tag = "Features",
    operation_id = "getFeatureVariants",
    params(FeaturePath),
    responses((status = 200, body = FeatureVariantsSchema))
)]
#[get("/projects/{projectId}/features/{featureName}/variants")]
async fn get_feature_variants(
    _permit: Permit<Read>,
    path: web::Path<FeaturePath>,
    hub: web::Data<Hub>,
) -> Result<web::Json<FeatureVariantsSchema>, ApiError> {
    let snapshot = hub.load();
    let (_, variants) = everywhere(snapshot.state(), &path)?;
    Ok(web::Json(FeatureVariantsSchema::new(variants)))
}

/// Replaces the variants of a flag in all environments of its project.
#[utoipa::path(
    tag = "Features",
    operation_id = "overwriteFeatureVariants",
    params(FeaturePath),
    request_body = VariantsSchema,
    responses((status = 200, body = FeatureVariantsSchema))
)]
#[put("/projects/{projectId}/features/{featureName}/variants")]
async fn overwrite_feature_variants(
    permit: Permit<UpdateFeatureVariants>,
    path: web::Path<FeaturePath>,
    body: Json<VariantsSchema>,
    writer: web::Data<Writer>,
) -> Result<web::Json<FeatureVariantsSchema>, ApiError> {
    let make = |state: &State| {
        let (environments, _) = everywhere(state, &path)?;
        command(path.address(), environments, body.0.clone())
    };
    let done = writer.submit_made(make, permit.actor()).await?;
    saved_everywhere(done.snapshot.state(), &path)
}

/// Changes the variants of a flag step by step, and gives the result to all environments of its project.
#[utoipa::path(
    tag = "Features",
    operation_id = "patchFeatureVariants",
    params(FeaturePath),
    request_body = PatchesSchema,
    responses((status = 200, body = FeatureVariantsSchema))
)]
#[patch("/projects/{projectId}/features/{featureName}/variants")]
async fn patch_feature_variants(
    permit: Permit<UpdateFeatureVariants>,
    path: web::Path<FeaturePath>,
    body: Json<PatchesSchema>,
    writer: web::Data<Writer>,
) -> Result<web::Json<FeatureVariantsSchema>, ApiError> {
    let make = |state: &State| {
        let (environments, before) = everywhere(state, &path)?;
        command(path.address(), environments, patched(before, &body.0)?)
    };
    let done = writer.submit_made(make, permit.actor()).await?;
    saved_everywhere(done.snapshot.state(), &path)
}
