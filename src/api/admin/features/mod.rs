//! Flags: make, look at, change, copy.

pub(super) mod answer;
pub(super) mod list;
pub(super) mod schema;

use actix_web::{HttpRequest, HttpResponse, get, patch, post, put, web};

use super::favorites::Reader;
use super::patches::PatchesSchema;
use super::paths::{FeaturePath, ProjectPath};
use crate::api::error::ApiError;
use crate::api::extract::{Json, Permit, Query, now};
use crate::api::registration::ServiceConfig;
use crate::api::schema::check_document;
use crate::auth::actions::{CreateFeature, Read, UpdateFeature};
use crate::change::Writer;
use crate::domain::command::{Command, FlagAddress, FlagChange, FlagCommand};
use crate::domain::decide::flag::check_new_name;
use crate::domain::names::FlagName;
use crate::domain::rejection::Rejection;
use crate::domain::state::State;
use crate::snapshot::Hub;
use crate::usage::Usage;
use answer::{FeatureSchema, found};
use list::{Filter, ProjectFeaturesSchema};
use schema::{CloneFeatureSchema, CreateFeatureSchema, UpdateFeatureSchema, ValidateFeatureSchema};

/// Adds the routes of flags.
pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(validate_feature)
        .service(get_features)
        .service(create_feature)
        .service(clone_feature)
        .service(get_feature)
        .service(update_feature)
        .service(patch_feature);
}

/// Lists the live flags of a project.
#[utoipa::path(
    tag = "Features",
    operation_id = "getFeatures",
    params(
        ProjectPath,
        ("namePrefix" = Option<String>, Query, description = "Only flags whose names begin so"),
        ("tag" = Option<Vec<String>>, Query, description = "Only flags with these tags, as type:value"),
    ),
    responses((status = 200, body = ProjectFeaturesSchema))
)]
#[get("/projects/{projectId}/features")]
async fn get_features(
    permit: Permit<Read>,
    path: web::Path<ProjectPath>,
    query: Query,
    hub: web::Data<Hub>,
    usage: web::Data<Usage>,
) -> Result<web::Json<ProjectFeaturesSchema>, ApiError> {
    let seen = super::lifecycle::seen(&usage).await?;
    let filter = Filter {
        name_prefix: query.first("namePrefix"),
        tags: query
            .all("tag")
            .into_iter()
            .enumerate()
            .map(kind_and_value)
            .collect::<Result<_, _>>()?,
    };
    let snapshot = hub.load();
    Ok(web::Json(ProjectFeaturesSchema::new(
        &path.project_id,
        &filter,
        snapshot.state(),
        &seen,
        Reader::new(&permit),
    )))
}

fn kind_and_value((index, tag): (usize, &str)) -> Result<(&str, &str), Rejection> {
    tag.split_once(':').ok_or_else(|| {
        Rejection::invalid(
            "tag",
            format!(
                "\"tag[{index}]\" with value \"{tag}\" fails to match the tag pattern. You provided \"{tag}\"."
            ),
        )
    })
}

/// Makes a flag.
#[utoipa::path(
    tag = "Features",
    operation_id = "createFeature",
    params(ProjectPath),
    request_body = CreateFeatureSchema,
    responses((status = 201, body = FeatureSchema))
)]
#[post("/projects/{projectId}/features")]
async fn create_feature(
    permit: Permit<CreateFeature>,
    path: web::Path<ProjectPath>,
    body: Json<CreateFeatureSchema>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let new = body.into_inner().into_wish(path.into_inner().project_id)?;
    let name = new.name.clone();
    let command = Command::Flag(FlagCommand::Create(new));
    let done = writer.submit(&command, permit.actor()).await?;
    Ok(HttpResponse::Created().json(found(done.snapshot.state(), name.as_str())?))
}

/// Makes a flag like another one.
#[utoipa::path(
    tag = "Features",
    operation_id = "cloneFeature",
    params(FeaturePath),
    request_body = CloneFeatureSchema,
    responses((status = 201, body = FeatureSchema))
)]
#[post("/projects/{projectId}/features/{featureName}/clone")]
async fn clone_feature(
    permit: Permit<CreateFeature>,
    path: web::Path<FeaturePath>,
    body: Json<CloneFeatureSchema>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let name = FlagName::parse(&body.0.name)?;
    let command = Command::Flag(FlagCommand::Clone {
        source: path.address(),
        name: name.clone(),
        replace_group_id: body.0.replace_group_id,
    });
    let done = writer.submit(&command, permit.actor()).await?;
    Ok(HttpResponse::Created().json(found(done.snapshot.state(), name.as_str())?))
}

/// Shows a flag with everything about it.
#[utoipa::path(
    tag = "Features",
    operation_id = "getFeature",
    params(FeaturePath),
    responses((status = 200, body = FeatureSchema))
)]
#[get("/projects/{projectId}/features/{featureName}")]
async fn get_feature(
    permit: Permit<Read>,
    request: HttpRequest,
    path: web::Path<FeaturePath>,
    hub: web::Data<Hub>,
    usage: web::Data<Usage>,
) -> Result<web::Json<FeatureSchema>, ApiError> {
    let seen = super::lifecycle::seen(&usage).await?;
    let name = FlagName::trusted(&path.feature_name);
    let counts = super::lifecycle::counts(&usage, &name, now(&request)).await?;
    let snapshot = hub.load();
    let state = snapshot.state();
    let flag = state.live_flag_at(&path.address())?;
    let shown = FeatureSchema::full(flag, state, (&seen, &counts), Reader::new(&permit));
    Ok(web::Json(shown))
}

/// Replaces a flag's metadata.
#[utoipa::path(
    tag = "Features",
    operation_id = "updateFeature",
    params(FeaturePath),
    request_body = UpdateFeatureSchema,
    responses((status = 200, body = FeatureSchema))
)]
#[put("/projects/{projectId}/features/{featureName}")]
async fn update_feature(
    permit: Permit<UpdateFeature>,
    path: web::Path<FeaturePath>,
    body: Json<UpdateFeatureSchema>,
    writer: web::Data<Writer>,
) -> Result<web::Json<FeatureSchema>, ApiError> {
    let wish = body.into_inner();
    if wish
        .name
        .as_ref()
        .is_some_and(|name| *name != path.feature_name)
    {
        return Err(Rejection::bad_data("Cannot change name of feature flag").into());
    }
    change(&permit, &writer, path.address(), wish.into_change()).await
}

/// Changes a flag's metadata step by step.
#[utoipa::path(
    tag = "Features",
    operation_id = "patchFeature",
    params(FeaturePath),
    request_body = PatchesSchema,
    responses((status = 200, body = FeatureSchema))
)]
#[patch("/projects/{projectId}/features/{featureName}")]
async fn patch_feature(
    permit: Permit<UpdateFeature>,
    path: web::Path<FeaturePath>,
    body: Json<PatchesSchema>,
    writer: web::Data<Writer>,
) -> Result<web::Json<FeatureSchema>, ApiError> {
    let at = path.address();
    let make = |state: &State| {
        let (at, change) = (at.clone(), patched(state, &at, &body.0)?);
        Ok::<_, ApiError>(Command::Flag(FlagCommand::Change { at, change }))
    };
    let done = writer.submit_made(make, permit.actor()).await?;
    Ok(web::Json(found(done.snapshot.state(), &at.name)?))
}

fn patched(
    state: &State,
    at: &FlagAddress,
    patches: &PatchesSchema,
) -> Result<FlagChange, ApiError> {
    if !state.flags.contains_key(at.name.as_str()) {
        return Err(Rejection::NotFound("No feature flag found".into()).into());
    }
    let flag = state.flag_at(at)?;
    if patches.touches("variants") {
        return Err(ApiError::OperationDenied(
            "Changing variants is done via PATCH operation to /api/admin/projects/:project/features/:feature/variants",
        ));
    }
    let document = serde_json::to_value(FeatureSchema::short(flag));
    let mut document = document.map_err(|error| ApiError::Internal(error.into()))?;
    patches.apply(&mut document)?;
    let details = check_document::<UpdateFeatureSchema>(&mut document);
    if !details.is_empty() {
        return Err(ApiError::PatchedSchema(details));
    }
    let wish: UpdateFeatureSchema =
        serde_json::from_value(document).map_err(|error| Rejection::bad_data(error.to_string()))?;
    Ok(wish.into_difference(flag))
}

async fn change(
    permit: &Permit<UpdateFeature>,
    writer: &Writer,
    at: FlagAddress,
    change: FlagChange,
) -> Result<web::Json<FeatureSchema>, ApiError> {
    let name = at.name.clone();
    let command = Command::Flag(FlagCommand::Change { at, change });
    let done = writer.submit(&command, permit.actor()).await?;
    Ok(web::Json(found(done.snapshot.state(), &name)?))
}

/// Says whether a flag of this name could be made.
#[utoipa::path(
    tag = "Features",
    operation_id = "validateFeature",
    request_body = ValidateFeatureSchema,
    responses((status = 200, description = "It could"))
)]
#[post("/features/validate")]
async fn validate_feature(
    _permit: Permit<Read>,
    body: Json<ValidateFeatureSchema>,
    hub: web::Data<Hub>,
) -> Result<HttpResponse, ApiError> {
    let name = FlagName::parse(&body.0.name)?;
    check_new_name(hub.load().state(), &name, body.0.project_id.as_deref())?;
    Ok(HttpResponse::Ok().finish())
}
