//! What admin pages tell and ask: which questions and announcements somebody has dealt with, and errors of pages.

use actix_web::{HttpRequest, HttpResponse, get, post, put, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::answer::nothing;
use crate::api::error::ApiError;
use crate::api::extract::{Json, Permit, now};
use crate::api::registration::ServiceConfig;
use crate::auth::actions::Read;
use crate::change::Writer;
use crate::domain::command::{AccountCommand, Command, PageNote};
use crate::domain::names::UserId;
use crate::domain::rejection::Rejection;
use crate::domain::time::Timestamp;
use crate::domain::user::Feedback;

const NEEDS_USER: &str = "This is remembered for the user who asks, and an admin token is none.";

/// Adds the routes for web pages.
pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(create_feedback)
        .service(update_feedback)
        .service(update_splash_settings)
        .service(ui_observability)
        .service(get_telemetry_settings);
}

/// That somebody saw a question.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct FeedbackCreateSchema {
    /// The question.
    feedback_id: String,
    /// Whether never to ask again.
    #[serde(default)]
    #[schema(required = false)]
    never_show: bool,
}

/// That somebody answered a question.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct FeedbackUpdateSchema {
    /// Whether never to ask again.
    #[serde(default)]
    #[schema(required = false)]
    never_show: bool,
    /// When it was answered; now when left out.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    given: Option<String>,
}

/// What is known about a question to somebody.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api) struct FeedbackResponseSchema {
    /// Who was asked.
    user_id: i64,
    /// Whether never to ask again.
    never_show: bool,
    /// When it was answered.
    #[schema(format = DateTime)]
    given: Option<String>,
    /// The question.
    feedback_id: String,
}

impl FeedbackResponseSchema {
    pub(in crate::api) fn new(user: UserId, question: &str, answer: &Feedback) -> Self {
        Self {
            user_id: user.0,
            never_show: answer.never_show,
            given: answer.given.map(|at| at.to_string()),
            feedback_id: question.to_owned(),
        }
    }
}

/// That somebody saw an announcement.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct SplashResponseSchema {
    /// Who saw it.
    user_id: i64,
    /// The announcement.
    splash_id: String,
    /// Whether it was seen.
    seen: bool,
}

/// An error of a web page.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct RecordUiErrorSchema {
    /// What went wrong.
    error_message: String,
    /// Where.
    #[serde(default)]
    #[schema(value_type = String, required = false)]
    error_stack: Option<String>,
}

/// What is collected and sent home.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct TelemetrySettingsSchema {
    /// Whether the version is.
    version_info_collection_enabled: bool,
    /// Whether the use of flags is.
    feature_info_collection_enabled: bool,
}

/// Remembers that the user was asked a question.
#[utoipa::path(
    tag = "Admin UI",
    operation_id = "createFeedback",
    request_body = FeedbackCreateSchema,
    responses((status = 200, body = FeedbackResponseSchema))
)]
#[post("/feedback")]
async fn create_feedback(
    permit: Permit<Read>,
    request: HttpRequest,
    body: Json<FeedbackCreateSchema>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let body = body.into_inner();
    let answer = Feedback {
        never_show: body.never_show,
        given: Some(now(&request)),
    };
    remember_feedback(&permit, &writer, body.feedback_id, answer).await
}

/// Remembers that the user answered a question.
#[utoipa::path(
    tag = "Admin UI",
    operation_id = "updateFeedback",
    params(("id" = String, Path, description = "The question")),
    request_body = FeedbackUpdateSchema,
    responses((status = 200, body = FeedbackResponseSchema))
)]
#[put("/feedback/{id}")]
async fn update_feedback(
    permit: Permit<Read>,
    request: HttpRequest,
    id: web::Path<String>,
    body: Json<FeedbackUpdateSchema>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let body = body.into_inner();
    let given = match &body.given {
        None => now(&request),
        Some(text) => Timestamp::parse(text)
            .ok_or_else(|| Rejection::bad_data("\"given\" must be a date and time"))?,
    };
    let answer = Feedback {
        never_show: body.never_show,
        given: Some(given),
    };
    remember_feedback(&permit, &writer, id.into_inner(), answer).await
}

async fn remember_feedback(
    permit: &Permit<Read>,
    writer: &Writer,
    question: String,
    answer: Feedback,
) -> Result<HttpResponse, ApiError> {
    let user = permit.needed_user(NEEDS_USER)?.id;
    let note = PageNote::Feedback(question.clone(), answer);
    remember(permit, writer, user, note).await?;
    Ok(HttpResponse::Ok().json(FeedbackResponseSchema::new(user, &question, &answer)))
}

async fn remember(
    permit: &Permit<Read>,
    writer: &Writer,
    user: UserId,
    note: PageNote,
) -> Result<(), ApiError> {
    let command = Command::Account(AccountCommand::Note(user, note));
    writer.submit(&command, permit.actor()).await?;
    Ok(())
}

/// Remembers that the user saw an announcement.
#[utoipa::path(
    tag = "Admin UI",
    operation_id = "updateSplashSettings",
    params(("id" = String, Path, description = "The announcement")),
    responses((status = 200, body = SplashResponseSchema))
)]
#[post("/splash/{id}")]
async fn update_splash_settings(
    permit: Permit<Read>,
    id: web::Path<String>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let user = permit.needed_user(NEEDS_USER)?.id;
    let note = PageNote::Seen(id.clone());
    remember(&permit, &writer, user, note).await?;
    Ok(HttpResponse::Ok().json(SplashResponseSchema {
        user_id: user.0,
        splash_id: id.into_inner(),
        seen: true,
    }))
}

/// Logs an error of a web page.
#[utoipa::path(
    tag = "Admin UI",
    operation_id = "uiObservability",
    request_body = RecordUiErrorSchema,
    responses((status = 204, description = "Done"))
)]
#[post("/record-ui-error")]
async fn ui_observability(_permit: Permit<Read>, body: Json<RecordUiErrorSchema>) -> HttpResponse {
    let RecordUiErrorSchema {
        error_message,
        error_stack,
    } = body.into_inner();
    tracing::warn!(message = ?error_message, stack = ?error_stack, "a web page reported an error");
    nothing()
}

/// Burgee sends nothing home.
#[utoipa::path(
    tag = "Telemetry",
    operation_id = "getTelemetrySettings",
    responses((status = 200, body = TelemetrySettingsSchema))
)]
#[get("/telemetry/settings")]
async fn get_telemetry_settings(_permit: Permit<Read>) -> HttpResponse {
    HttpResponse::Ok().json(TelemetrySettingsSchema {
        version_info_collection_enabled: false,
        feature_info_collection_enabled: false,
    })
}
