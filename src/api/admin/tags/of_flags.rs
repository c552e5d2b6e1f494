//! The tags of flags.

use actix_web::{HttpResponse, delete, get, post, put, web};

use super::schema::{TagSchema, TagsBulkAddSchema, TagsSchema, UpdateTagsSchema, tag};
use crate::api::admin::answer::{created, done};
use crate::api::error::ApiError;
use crate::api::extract::{Json, Permit};
use crate::api::registration::ServiceConfig;
use crate::auth::actions::{Read, UpdateFeature};
use crate::change::Writer;
use crate::domain::command::{Command, TagCommand};
use crate::domain::flag::Tag;
use crate::domain::names::{FlagName, ProjectId};
use crate::snapshot::Hub;

/// Adds the routes of flags' tags.
pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(list_tags)
        .service(add_tag)
        .service(update_tags)
        .service(remove_tag)
        .service(add_tag_to_features);
}

fn tags(list: &[TagSchema]) -> Vec<Tag> {
    list.iter().map(Into::into).collect()
}

/// Lists the tags of a flag.
#[utoipa::path(tag = "Features", operation_id = "listTags", responses((status = 200, body = TagsSchema)))]
#[get("/features/{featureName}/tags")]
async fn list_tags(
    _permit: Permit<Read>,
    flag: web::Path<String>,
    hub: web::Data<Hub>,
) -> Result<HttpResponse, ApiError> {
    Ok(HttpResponse::Ok().json(TagsSchema::of_flag(hub.load().state(), &flag)?))
}

/// Puts a tag on a flag.
#[utoipa::path(
    tag = "Features",
    operation_id = "addTag",
    request_body = TagSchema,
    responses((status = 201, body = TagSchema))
)]
#[post("/features/{featureName}/tags")]
async fn add_tag(
    permit: Permit<UpdateFeature>,
    flag: web::Path<String>,
    body: Json<TagSchema>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let tag = Tag::from(&body.into_inner());
    let wish = TagCommand::Change {
        flag: FlagName::trusted(&flag),
        add: vec![tag.clone()],
        remove: Vec::new(),
    };
    writer.submit(&Command::Tag(wish), permit.actor()).await?;
    Ok(created(&format!("{flag}/tags"), &TagSchema::from(&tag)))
}

/// Puts tags on a flag and takes others off.
#[utoipa::path(
    tag = "Features",
    operation_id = "updateTags",
    request_body = UpdateTagsSchema,
    responses((status = 200, body = TagsSchema))
)]
#[put("/features/{featureName}/tags")]
async fn update_tags(
    permit: Permit<UpdateFeature>,
    flag: web::Path<String>,
    body: Json<UpdateTagsSchema>,
    writer: web::Data<Writer>,
    hub: web::Data<Hub>,
) -> Result<HttpResponse, ApiError> {
    TagsSchema::of_flag(hub.load().state(), &flag)?;
    let body = body.into_inner();
    let wish = TagCommand::Change {
        flag: FlagName::trusted(&flag),
        add: tags(&body.added_tags),
        remove: tags(&body.removed_tags),
    };
    let done = writer.submit(&Command::Tag(wish), permit.actor()).await?;
    Ok(HttpResponse::Ok().json(TagsSchema::of_flag(done.snapshot.state(), &flag)?))
}

/// Takes a tag off a flag.
#[utoipa::path(tag = "Features", operation_id = "removeTag", responses((status = 200, description = "Done")))]
#[delete("/features/{featureName}/tags/{type}/{value}")]
async fn remove_tag(
    permit: Permit<UpdateFeature>,
    path: web::Path<(String, String, String)>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let (flag, kind, value) = path.into_inner();
    let wish = TagCommand::Change {
        flag: FlagName::trusted(&flag),
        add: Vec::new(),
        remove: vec![tag(&kind, &value)],
    };
    writer.submit(&Command::Tag(wish), permit.actor()).await?;
    Ok(done())
}

/// Puts tags on several flags of a project and takes others off.
#[utoipa::path(
    tag = "Tags",
    operation_id = "addTagToFeatures",
    request_body = TagsBulkAddSchema,
    responses((status = 200, description = "Done"))
)]
#[put("/projects/{projectId}/tags")]
async fn add_tag_to_features(
    permit: Permit<UpdateFeature>,
    project: web::Path<String>,
    body: Json<TagsBulkAddSchema>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let body = body.into_inner();
    let names = body.features.iter();
    let wish = TagCommand::ChangeMany {
        project: ProjectId::trusted(&project),
        flags: names.map(|name| FlagName::trusted(name)).collect(),
        add: tags(&body.tags.added_tags),
        remove: tags(&body.tags.removed_tags),
    };
    writer.submit(&Command::Tag(wish), permit.actor()).await?;
    Ok(done())
}
