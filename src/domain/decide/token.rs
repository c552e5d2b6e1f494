//! Decides wishes about an API token.

use std::sync::Arc;

use super::Circumstances;
use crate::domain::api_token::{ApiToken, TokenHash, TokenProjects};
use crate::domain::change::Draft;
use crate::domain::command::TokenCommand;
use crate::domain::document;
use crate::domain::event::{EventKind, NewEvent};
use crate::domain::names::{EnvironmentName, ProjectId};
use crate::domain::rejection::Rejection;
use crate::domain::state::{Entity, EntityKey, State};
use crate::domain::time::Timestamp;

pub(super) fn carry_out(
    draft: &mut Draft,
    wish: &TokenCommand,
    it: &Circumstances<'_>,
) -> Result<(), Rejection> {
    match wish {
        TokenCommand::Create(token) => create(draft, token, it),
        TokenCommand::Expire(hash, end) => {
            expire(draft, *hash, *end);
            Ok(())
        }
        TokenCommand::Delete(hash) => {
            delete(draft, *hash);
            Ok(())
        }
        TokenCommand::DeleteInProject(project, hash) => delete_in_project(draft, project, *hash),
    }
}

fn create(draft: &mut Draft, token: &ApiToken, it: &Circumstances<'_>) -> Result<(), Rejection> {
    let state = draft.state();
    if state.tokens.len() >= it.limits.api_tokens {
        return Err(Rejection::Limit {
            resource: "api token".into(),
            limit: it.limits.api_tokens,
        });
    }
    check_scope(state, token)?;
    // Random secrets do not meet; a given one (at start) may.
    if state.tokens.contains_key(&token.hash) {
        return Err(Rejection::NameTaken(
            "A token with this secret exists already".into(),
        ));
    }
    draft.tell(event(EventKind::ApiTokenCreated, None, Some(token), token));
    draft.put(Entity::Token(Arc::new(token.clone())));
    Ok(())
}

fn check_scope(state: &State, token: &ApiToken) -> Result<(), Rejection> {
    if let Some(name) = &token.environment
        && !state.environments.contains_key(name)
    {
        return Err(Rejection::bad_data(format!(
            "Environment={name} does not exist"
        )));
    }
    if let TokenProjects::Only(projects) = &token.projects
        && let Some(id) = projects.iter().find(|id| !is_active(state, id))
    {
        return Err(Rejection::bad_data(format!("Project={id} does not exist")));
    }
    Ok(())
}

fn is_active(state: &State, id: &ProjectId) -> bool {
    let project = state.projects.get(id);
    project.is_some_and(|project| project.archived_at.is_none())
}

fn expire(draft: &mut Draft, hash: TokenHash, end: Option<Timestamp>) {
    let Some(before) = draft.state().tokens.get(&hash).map(Arc::clone) else {
        return;
    };
    let after = ApiToken {
        expires_at: end,
        ..(*before).clone()
    };
    replace(draft, &before, after);
}

fn delete(draft: &mut Draft, hash: TokenHash) {
    let Some(before) = draft.state().tokens.get(&hash).map(Arc::clone) else {
        return;
    };
    draft.delete(EntityKey::Token(hash));
    draft.tell(event(
        EventKind::ApiTokenDeleted,
        Some(&before),
        None,
        &before,
    ));
}

fn delete_in_project(
    draft: &mut Draft,
    project: &ProjectId,
    hash: TokenHash,
) -> Result<(), Rejection> {
    let Some(token) = draft.state().tokens.get(&hash) else {
        return Err(Rejection::NotFound("No such token".into()));
    };
    let only = matches!(&token.projects, TokenProjects::Only(some) if some.len() == 1 && some.contains(project));
    if !only {
        return Err(Rejection::bad_data(format!(
            "The token is not one of the project {project} alone, so it cannot be deleted through it"
        )));
    }
    delete(draft, hash);
    Ok(())
}

/// Deletes the tokens of a project alone, and takes the project off the others.
pub(super) fn forget_project(draft: &mut Draft, project: &ProjectId) {
    let tokens: Vec<Arc<ApiToken>> = draft.state().tokens.values().cloned().collect();
    for before in tokens {
        let TokenProjects::Only(projects) = &before.projects else {
            continue;
        };
        let mut left = projects.clone();
        if !left.remove(project) {
            continue;
        }
        if left.is_empty() {
            delete(draft, before.hash);
        } else {
            let projects = TokenProjects::Only(left);
            replace(
                draft,
                &before,
                ApiToken {
                    projects,
                    ..(*before).clone()
                },
            );
        }
    }
}

/// Deletes the tokens of an environment.
pub(super) fn forget_environment(draft: &mut Draft, environment: &EnvironmentName) {
    let tokens = draft.state().tokens.values();
    let tokens: Vec<TokenHash> = tokens
        .filter(|token| token.environment.as_ref() == Some(environment))
        .map(|token| token.hash)
        .collect();
    tokens.into_iter().for_each(|hash| delete(draft, hash));
}

fn replace(draft: &mut Draft, before: &ApiToken, after: ApiToken) {
    let kind = EventKind::ApiTokenUpdated;
    draft.tell(event(kind, Some(before), Some(&after), &after));
    draft.put(Entity::Token(Arc::new(after)));
}

fn event(
    kind: EventKind,
    before: Option<&ApiToken>,
    after: Option<&ApiToken>,
    about: &ApiToken,
) -> NewEvent {
    let mut event = NewEvent::new(kind);
    event.project = Some(ProjectId::trusted(
        &document::project_names(&about.projects).join(","),
    ));
    event.environment.clone_from(&about.environment);
    event.pre_data = before.map(document::token);
    event.data = after.map(document::token);
    event
}
