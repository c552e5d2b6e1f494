//! Kinds of tags.

use actix_web::{HttpResponse, delete, get, post, put, web};

use super::schema::{
    TagTypeSchema, TagTypeWithVersionSchema, TagTypesSchema, UpdateTagTypeSchema,
    ValidateTagTypeSchema,
};
use crate::api::admin::answer::{created, done};
use crate::api::error::ApiError;
use crate::api::extract::{Json, Permit};
use crate::api::registration::ServiceConfig;
use crate::auth::actions::{CreateTagType, DeleteTagType, Read, UpdateTagType};
use crate::change::Writer;
use crate::domain::command::{Command, TagCommand};
use crate::domain::decide::tag::check_free;
use crate::domain::names::{TagKindName, check_url_friendly};
use crate::domain::rejection::Rejection;
use crate::snapshot::Hub;

/// Shortest and longest name of a kind of tag.
const LENGTH: (usize, usize) = (2, 50);

/// Adds the routes of kinds of tags.
pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(get_tag_types)
        .service(create_tag_type)
        .service(validate_tag_type)
        .service(get_tag_type)
        .service(update_tag_type)
        .service(delete_tag_type);
}

fn parse_name(text: &str) -> Result<TagKindName, Rejection> {
    check_url_friendly("name", text, LENGTH.1)?;
    if text.chars().count() < LENGTH.0 {
        let rule = format!("length must be at least {} characters long", LENGTH.0);
        return Err(Rejection::broken_rule("name", &rule, &text.into()));
    }
    Ok(TagKindName::trusted(text))
}

/// Lists kinds of tags.
#[utoipa::path(tag = "Tags", operation_id = "getTagTypes", responses((status = 200, body = TagTypesSchema)))]
#[get("/tag-types")]
async fn get_tag_types(_permit: Permit<Read>, hub: web::Data<Hub>) -> HttpResponse {
    let snapshot = hub.load();
    let kinds = snapshot.state().tag_kinds.values();
    HttpResponse::Ok().json(TagTypesSchema {
        version: 1,
        tag_types: kinds.map(|kind| kind.as_ref().into()).collect(),
    })
}

/// Makes a kind of tag.
#[utoipa::path(
    tag = "Tags",
    operation_id = "createTagType",
    request_body = TagTypeSchema,
    responses((status = 201, body = TagTypeSchema))
)]
#[post("/tag-types")]
async fn create_tag_type(
    permit: Permit<CreateTagType>,
    body: Json<TagTypeSchema>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let body = body.into_inner();
    let wish = TagCommand::CreateKind(parse_name(&body.name)?, body.wish());
    writer.submit(&Command::Tag(wish), permit.actor()).await?;
    Ok(created(&format!("tag-types/{}", body.name), &body))
}

/// Says whether a kind of tag could be made.
#[utoipa::path(
    tag = "Tags",
    operation_id = "validateTagType",
    request_body = TagTypeSchema,
    responses((status = 200, body = ValidateTagTypeSchema))
)]
#[post("/tag-types/validate")]
async fn validate_tag_type(
    _permit: Permit<Read>,
    body: Json<TagTypeSchema>,
    hub: web::Data<Hub>,
) -> Result<HttpResponse, ApiError> {
    let tag_type = body.into_inner();
    check_free(hub.load().state(), &parse_name(&tag_type.name)?)?;
    Ok(HttpResponse::Ok().json(ValidateTagTypeSchema {
        valid: true,
        tag_type,
    }))
}

/// Shows a kind of tag.
#[utoipa::path(
    tag = "Tags",
    operation_id = "getTagType",
    responses((status = 200, body = TagTypeWithVersionSchema))
)]
#[get("/tag-types/{name}")]
async fn get_tag_type(
    _permit: Permit<Read>,
    name: web::Path<String>,
    hub: web::Data<Hub>,
) -> Result<HttpResponse, ApiError> {
    match hub.load().state().tag_kinds.get(name.as_str()) {
        Some(kind) => Ok(HttpResponse::Ok().json(TagTypeWithVersionSchema {
            version: 1,
            tag_type: kind.as_ref().into(),
        })),
        None => Err(Rejection::NotFound("Could not find tag-type".into()).into()),
    }
}

/// Changes a kind of tag.
#[utoipa::path(
    tag = "Tags",
    operation_id = "updateTagType",
    request_body = UpdateTagTypeSchema,
    responses((status = 200, description = "Done"))
)]
#[put("/tag-types/{name}")]
async fn update_tag_type(
    permit: Permit<UpdateTagType>,
    name: web::Path<String>,
    body: Json<UpdateTagTypeSchema>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let wish = TagCommand::UpdateKind(TagKindName::trusted(&name), body.into_inner().into());
    writer.submit(&Command::Tag(wish), permit.actor()).await?;
    Ok(done())
}

/// Deletes a kind of tag and all its tags.
#[utoipa::path(tag = "Tags", operation_id = "deleteTagType", responses((status = 200, description = "Done")))]
#[delete("/tag-types/{name}")]
async fn delete_tag_type(
    permit: Permit<DeleteTagType>,
    name: web::Path<String>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let wish = TagCommand::DeleteKind(TagKindName::trusted(&name));
    writer.submit(&Command::Tag(wish), permit.actor()).await?;
    Ok(done())
}
