//! Tags that have been made, on flags or not.

use actix_web::{HttpResponse, delete, get, post, web};

use super::schema::{CreateTagSchema, TagSchema, TagWithVersionSchema, TagsSchema, tag};
use crate::api::admin::answer::{created, done};
use crate::api::error::ApiError;
use crate::api::extract::{Json, Permit};
use crate::api::registration::ServiceConfig;
use crate::auth::actions::{Read, UpdateFeature};
use crate::change::Writer;
use crate::domain::command::{Command, TagCommand};
use crate::domain::flag::Tag;
use crate::domain::rejection::Rejection;
use crate::snapshot::Hub;

/// Adds the routes of tags.
pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(get_tags)
        .service(create_tag)
        .service(get_tags_by_type)
        .service(get_tag)
        .service(delete_tag);
}

/// Lists tags.
#[utoipa::path(tag = "Tags", operation_id = "getTags", responses((status = 200, body = TagsSchema)))]
#[get("/tags")]
async fn get_tags(_permit: Permit<Read>, hub: web::Data<Hub>) -> HttpResponse {
    HttpResponse::Ok().json(TagsSchema::made(hub.load().state(), None))
}

/// Makes a tag.
#[utoipa::path(
    tag = "Tags",
    operation_id = "createTag",
    request_body = CreateTagSchema,
    responses((status = 201, body = TagWithVersionSchema))
)]
#[post("/tags")]
async fn create_tag(
    permit: Permit<UpdateFeature>,
    body: Json<CreateTagSchema>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let tag = Tag::from(&body.into_inner());
    let wish = Command::Tag(TagCommand::Create(tag.clone()));
    writer.submit(&wish, permit.actor()).await?;
    let body = TagWithVersionSchema {
        version: 1,
        tag: TagSchema::from(&tag),
    };
    Ok(created(&format!("tags/{}/{}", tag.kind, tag.value), &body))
}

/// Lists tags of one kind.
#[utoipa::path(tag = "Tags", operation_id = "getTagsByType", responses((status = 200, body = TagsSchema)))]
#[get("/tags/{type}")]
async fn get_tags_by_type(
    _permit: Permit<Read>,
    kind: web::Path<String>,
    hub: web::Data<Hub>,
) -> HttpResponse {
    HttpResponse::Ok().json(TagsSchema::made(hub.load().state(), Some(&kind)))
}

/// Shows a tag.
#[utoipa::path(tag = "Tags", operation_id = "getTag", responses((status = 200, body = TagWithVersionSchema)))]
#[get("/tags/{type}/{value}")]
async fn get_tag(
    _permit: Permit<Read>,
    path: web::Path<(String, String)>,
    hub: web::Data<Hub>,
) -> Result<HttpResponse, ApiError> {
    let (kind, value) = path.into_inner();
    let snapshot = hub.load();
    let found = snapshot.state().tag_kinds.get(kind.as_str());
    if found.is_none_or(|kind| !kind.values.contains(&value)) {
        let message = format!("No tag with type: [{kind}] and value [{value}]");
        return Err(Rejection::NotFound(message).into());
    }
    Ok(HttpResponse::Ok().json(TagWithVersionSchema {
        version: 1,
        tag: TagSchema::from(&tag(&kind, &value)),
    }))
}

/// Deletes a tag and takes it off all flags.
#[utoipa::path(tag = "Tags", operation_id = "deleteTag", responses((status = 200, description = "Done")))]
#[delete("/tags/{type}/{value}")]
async fn delete_tag(
    permit: Permit<UpdateFeature>,
    path: web::Path<(String, String)>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let (kind, value) = path.into_inner();
    let wish = Command::Tag(TagCommand::Delete(tag(&kind, &value)));
    writer.submit(&wish, permit.actor()).await?;
    Ok(done())
}
