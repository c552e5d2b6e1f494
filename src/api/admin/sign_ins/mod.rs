//! Who signed in, and who could not. Told from the event log.

use actix_web::http::header::ACCEPT;
use actix_web::{HttpRequest, HttpResponse, get, web};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::api::error::ApiError;
use crate::api::extract::Permit;
use crate::api::registration::ServiceConfig;
use crate::auth::actions::ReadLogs;
use crate::change::{EventQuery, History};
use crate::domain::event::{Event, EventKind};

/// Most attempts of an answer, the newest.
const MOST: usize = 10_000;

/// Adds the routes of the history of sign-ins.
pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(get_login_history);
}

/// Attempts to sign in.
#[derive(Debug, Serialize, ToSchema)]
struct LoginHistorySchema {
    /// The attempts, the newest first.
    events: Vec<LoginEventSchema>,
}

/// An attempt to sign in.
#[derive(Debug, Serialize, ToSchema)]
struct LoginEventSchema {
    /// The number of the event.
    id: u64,
    /// As whom. Left out for names nobody has: people type passwords into the wrong field.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    username: Option<String>,
    /// How: `simple` is a password.
    auth_type: &'static str,
    /// When.
    #[schema(format = DateTime)]
    created_at: String,
    /// Whether it succeeded.
    successful: bool,
    /// The address the attempt came from.
    ip: Option<String>,
    /// Why it did not succeed.
    #[serde(skip_serializing_if = "Option::is_none")]
    failure_reason: Option<String>,
}

impl LoginEventSchema {
    fn new(event: &Event) -> Self {
        let successful = event.what.kind == EventKind::UserSignedIn;
        let told = |name: &str| {
            let data = event.what.data.as_ref();
            data.and_then(|data| data.get(name)?.as_str().map(ToOwned::to_owned))
        };
        Self {
            id: event.id.0,
            username: match successful {
                true => Some(event.by.name.clone()),
                false => told("username"),
            },
            auth_type: "simple",
            created_at: event.at.to_string(),
            successful,
            ip: event.by.ip.clone(),
            failure_reason: told("reason"),
        }
    }

    /// A line of comma-separated values.
    fn line(&self) -> String {
        let value = serde_json::to_value(self).unwrap_or_default();
        let cells = COLUMNS.map(|column| match value.get(column) {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => cell(text),
            Some(other) => other.to_string(),
        });
        cells.join(",") + "\r\n"
    }
}

const COLUMNS: [&str; 7] = [
    "id",
    "username",
    "auth_type",
    "created_at",
    "successful",
    "ip",
    "failure_reason",
];

/// Text that a spreadsheet shows and does not calculate.
fn cell(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let guard = if formula { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

/// Lists attempts to sign in, the newest 10,000; with `Accept: text/csv` as a table.
#[utoipa::path(
    tag = "Instance Admin",
    operation_id = "getLoginHistory",
    responses((status = 200, description = "The attempts", content(
        (LoginHistorySchema = "application/json"),
        (String = "text/csv"),
    )))
)]
#[get("/logins")]
async fn get_login_history(
    _permit: Permit<ReadLogs>,
    request: HttpRequest,
    history: web::Data<History>,
) -> Result<HttpResponse, ApiError> {
    let query = EventQuery {
        kinds: vec![EventKind::UserSignedIn, EventKind::UserSignInFailed],
        limit: MOST,
        ..EventQuery::default()
    };
    let page = history.events(&query).await?;
    let events: Vec<_> = page
        .events
        .iter()
        .map(|it| LoginEventSchema::new(it))
        .collect();
    let accepted = request.headers().get(ACCEPT);
    if accepted.is_some_and(|it| it.as_bytes().starts_with(b"text/csv")) {
        let lines: String = events.iter().map(LoginEventSchema::line).collect();
        return Ok(HttpResponse::Ok()
            .content_type("text/csv; charset=utf-8")
            .body(COLUMNS.join(",") + "\r\n" + &lines));
    }
    Ok(HttpResponse::Ok().json(LoginHistorySchema { events }))
}

#[cfg(test)]
mod tests {
    use super::cell;

    #[test]
    fn cells_are_text() {
        for (text, expected) in [
            ("ann", "\"ann\""),
            ("a\"b,c", "\"a\"\"b,c\""),
            ("=1+1", "\"'=1+1\""),
            ("@x", "\"'@x\""),
        ] {
            assert_eq!(cell(text), expected);
        }
    }
}
