//! Making tokens, and finding them again by what callers have: the secret or the handle.

use actix_web::HttpResponse;

use super::rights::{self, Needed};
use super::schema::{ApiTokenSchema, ApiTokensSchema, CreateApiTokenSchema, handle};
use crate::api::admin::answer::created;
use crate::api::error::ApiError;
use crate::api::extract::Permit;
use crate::auth::actions::Action;
use crate::auth::tokens::{self, Secret};
use crate::change::Writer;
use crate::domain::api_token::{ApiToken, TokenHash, TokenProjects};
use crate::domain::command::{Command, TokenCommand};
use crate::domain::instance::HashKey;
use crate::domain::rejection::Rejection;
use crate::domain::state::{Entity, State};
use crate::domain::time::Timestamp;
use crate::snapshot::Hub;

/// The key of the token hashes.
fn hash_key(state: &State) -> Result<&HashKey, ApiError> {
    let instance = state.instance.as_ref();
    instance
        .map(|instance| &instance.hash_key)
        .ok_or_else(|| ApiError::Internal(anyhow::anyhow!("there is no instance yet")))
}

/// The part of a secret in front of the dot (contract TOKENS §1).
fn scope_text(projects: &TokenProjects, environment: Option<&str>) -> String {
    let project = match projects {
        TokenProjects::All => "*",
        TokenProjects::Only(some) if some.len() == 1 => some.first().map_or("*", |id| id.as_str()),
        TokenProjects::Only(_) => "[]",
    };
    format!("{project}:{}", environment.unwrap_or("*"))
}

/// Makes a token. Its secret is in this answer and nowhere else.
pub(super) async fn create<A: Action>(
    writer: &Writer,
    hub: &Hub,
    permit: &Permit<A>,
    now: Timestamp,
    body: CreateApiTokenSchema,
) -> Result<HttpResponse, ApiError> {
    let scope = body.scope()?;
    rights::CREATE.check(permit, scope.kind, &scope.projects)?;
    let actor = permit.actor();
    let environment = scope.environment.as_ref().map(|name| name.as_str());
    let secret = tokens::generate(&scope_text(&scope.projects, environment));
    let token = ApiToken {
        hash: tokens::hash(hash_key(hub.load().state())?, secret.expose()),
        name: body.token_name.clone(),
        kind: scope.kind,
        projects: scope.projects,
        environment: scope.environment,
        visible_prefix: tokens::visible_prefix(secret.expose()).to_owned(),
        alias_hash: None,
        expires_at: body.expires_at.as_deref().and_then(Timestamp::parse),
        created_at: now,
        created_by: actor.name.clone(),
    };
    let wish = Command::Token(TokenCommand::Create(token));
    let done = writer.submit(&wish, actor).await?;
    let put = done.change.iter().flat_map(|change| &change.put);
    let token = put.filter_map(made).next();
    let token = token.ok_or_else(|| ApiError::Internal(anyhow::anyhow!("no token was made")))?;
    Ok(answer(token, &secret, &body.kind))
}

fn made(entity: &Entity) -> Option<&ApiToken> {
    match entity {
        Entity::Token(token) => Some(token),
        _ => None,
    }
}

fn answer(token: &ApiToken, secret: &Secret, kind: &str) -> HttpResponse {
    let body = ApiTokenSchema::made(token, secret.expose(), kind);
    created("api-tokens", &body)
}

/// The token somebody means: by its secret, or by its handle.
fn find(hub: &Hub, given: &str) -> Option<TokenHash> {
    let snapshot = hub.load();
    let state = snapshot.state();
    let hash = tokens::hash(hash_key(state).ok()?, given);
    if state.tokens.contains_key(&hash) {
        return Some(hash);
    }
    let mut tokens = state.tokens.values();
    tokens
        .find(|token| handle(token) == given)
        .map(|token| token.hash)
}

/// The same, if the caller has the right for it.
pub(super) fn find_for<A: Action>(
    needed: &Needed,
    permit: &Permit<A>,
    hub: &Hub,
    given: &str,
) -> Result<Option<TokenHash>, ApiError> {
    let found = find(hub, given);
    let snapshot = hub.load();
    if let Some(token) = found.and_then(|hash| snapshot.state().tokens.get(&hash)) {
        needed.check(permit, token.kind, &token.projects)?;
    }
    Ok(found)
}

/// Tokens that are wanted, the oldest first.
pub(super) fn list(hub: &Hub, wanted: impl Fn(&ApiToken) -> bool) -> HttpResponse {
    let snapshot = hub.load();
    let mut tokens: Vec<&ApiToken> = snapshot
        .state()
        .tokens
        .values()
        .map(AsRef::as_ref)
        .filter(|token| wanted(token))
        .collect();
    tokens.sort_by_key(|token| (token.created_at, token.hash));
    HttpResponse::Ok().json(ApiTokensSchema {
        tokens: tokens.into_iter().map(Into::into).collect(),
    })
}

/// Checks that there is a project of this name.
pub(super) fn check_project(hub: &Hub, id: &str) -> Result<(), ApiError> {
    hub.load().state().project(id)?;
    Ok(())
}

/// An instant that has passed the schema.
pub(super) fn instant(text: &str) -> Result<Timestamp, ApiError> {
    Timestamp::parse(text)
        .ok_or_else(|| Rejection::invalid("expiresAt", "\"expiresAt\" must be a date").into())
}
