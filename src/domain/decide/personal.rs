//! Decides wishes about what belongs to users: sessions, tokens, marks, and links with which people make accounts.

use std::sync::Arc;

use serde_json::{Value, json};

use super::Circumstances;
use super::account::{create, document, event, take_number};
use crate::domain::api_token::TokenHash;
use crate::domain::change::Draft;
use crate::domain::command::{Favorite, FlagAddress, NewPersonalToken, NewUser, PageNote};
use crate::domain::event::{EventKind, NewEvent};
use crate::domain::names::UserId;
use crate::domain::rejection::Rejection;
use crate::domain::state::{Entity, EntityKey};
use crate::domain::time::Timestamp;
use crate::domain::user::{Invitation, PersonalToken, Session, User};

/// Signs in; of the user's sessions only the newest `most` stay.
pub(super) fn sign_in(draft: &mut Draft, session: &Session, most: usize) -> Result<(), Rejection> {
    let mut user = (**draft.state().user(session.user)?).clone();
    let state = draft.state();
    let own = state.sessions.values().filter(|it| it.user == user.id);
    let mut older: Vec<Arc<Session>> = own.cloned().collect();
    older.sort_by_key(|it| std::cmp::Reverse(it.created_at));
    // Those that ended by themselves go with the first sign-in after that.
    let over = |at: usize, it: &Session| at + 1 >= most || it.expires_at <= session.created_at;
    for (at, old) in older.iter().enumerate() {
        if over(at, old) {
            draft.delete(EntityKey::Session(old.hash));
        }
    }
    user.seen_at = Some(session.created_at);
    draft.tell(event(EventKind::UserSignedIn, None, Some(&user)));
    draft.put(Entity::User(Arc::new(user)));
    draft.put(Entity::Session(Arc::new(session.clone())));
    Ok(())
}

/// A name nobody has is not kept: people type passwords into the wrong field.
pub(super) fn fail_sign_in(draft: &mut Draft, user: Option<UserId>, reason: &str) {
    let user = user.and_then(|id| draft.state().users.get(&id));
    let mut event = NewEvent::new(EventKind::UserSignInFailed);
    event.data = Some(match user {
        Some(user) => json!({"id": user.id, "username": user.label(), "reason": reason}),
        None => json!({"reason": reason}),
    });
    draft.tell(event);
}

pub(super) fn sign_out(draft: &mut Draft, hash: TokenHash) {
    let Some(session) = draft.state().sessions.get(&hash).map(Arc::clone) else {
        return;
    };
    let user = draft.state().users.get(&session.user).map(Arc::clone);
    draft.delete(EntityKey::Session(hash));
    draft.tell(event(EventKind::UserSignedOut, None, user.as_deref()));
}

/// Ends the sessions of a user, but for one.
pub(super) fn end_sessions(draft: &mut Draft, user: UserId, keep: Option<TokenHash>) {
    let sessions = draft.state().sessions.values();
    let ended: Vec<TokenHash> = sessions
        .filter(|it| it.user == user && Some(it.hash) != keep)
        .map(|it| it.hash)
        .collect();
    for hash in ended {
        draft.delete(EntityKey::Session(hash));
    }
}

/// Deletes everything that makes no sense without the user.
pub(super) fn delete_belongings(draft: &mut Draft, user: UserId) {
    end_sessions(draft, user, None);
    let state = draft.state().clone();
    for token in state.personal_tokens.values().filter(|it| it.user == user) {
        draft.delete(EntityKey::PersonalToken(token.hash));
    }
    for group in state
        .groups
        .values()
        .filter(|it| it.users.contains_key(&user))
    {
        let mut group = (**group).clone();
        group.users.remove(&user);
        draft.put(Entity::Group(Arc::new(group)));
    }
    for access in state
        .access
        .values()
        .filter(|it| it.users.contains_key(&user))
    {
        let mut access = (**access).clone();
        access.users.remove(&user);
        draft.put(Entity::Access(Arc::new(access)));
    }
}

pub(super) fn mark(
    draft: &mut Draft,
    id: UserId,
    what: &Favorite,
    on: bool,
) -> Result<(), Rejection> {
    let mut user = (**draft.state().user(id)?).clone();
    let mut event;
    let changed;
    match what {
        Favorite::Flag(project, name) => {
            let at = FlagAddress {
                project: project.to_string(),
                name: name.to_string(),
            };
            draft.state().flag_at(&at)?;
            changed = match on {
                true => user.favorite_flags.insert(name.clone()),
                false => user.favorite_flags.remove(name),
            };
            event = NewEvent::new(match on {
                true => EventKind::FeatureFavorited,
                false => EventKind::FeatureUnfavorited,
            });
            event.flag = Some(name.clone());
            event.project = Some(project.clone());
        }
        Favorite::Project(project) => {
            draft.state().project(project.as_str())?;
            changed = match on {
                true => user.favorite_projects.insert(project.clone()),
                false => user.favorite_projects.remove(project),
            };
            event = NewEvent::new(match on {
                true => EventKind::ProjectFavorited,
                false => EventKind::ProjectUnfavorited,
            });
            event.project = Some(project.clone());
        }
    }
    if changed {
        draft.tell(event);
        draft.put(Entity::User(Arc::new(user)));
    }
    Ok(())
}

/// Takes marks off what is gone, so that a namesake begins without them.
pub(super) fn forget_marks(
    draft: &mut Draft,
    is_marked: impl Fn(&User) -> bool,
    unmark: impl Fn(&mut User),
) {
    let users = draft.state().users.values();
    let marked: Vec<Arc<User>> = users.filter(|user| is_marked(user)).cloned().collect();
    for mut user in marked {
        unmark(Arc::make_mut(&mut user));
        draft.put(Entity::User(user));
    }
}

/// How many notes of one kind are kept for a user, and how long their names may be.
const MOST_NOTES: usize = 100;
const LONGEST_NOTE: usize = 255;

pub(super) fn note(draft: &mut Draft, id: UserId, note: &PageNote) -> Result<(), Rejection> {
    let before = Arc::clone(draft.state().user(id)?);
    let mut after = (*before).clone();
    let (name, count) = match note {
        PageNote::Feedback(name, answer) => {
            after.pages.feedback.insert(name.clone(), *answer);
            (name, after.pages.feedback.len())
        }
        PageNote::Seen(name) => {
            after.pages.seen.insert(name.clone());
            (name, after.pages.seen.len())
        }
    };
    if name.is_empty() || name.chars().count() > LONGEST_NOTE {
        return Err(Rejection::bad_data(format!(
            "The identifier must have 1 to {LONGEST_NOTE} characters."
        )));
    }
    if count > MOST_NOTES {
        return Err(Rejection::bad_data(format!(
            "No more than {MOST_NOTES} of these are kept for a user."
        )));
    }
    if after.pages != before.pages {
        draft.tell(NewEvent::new(EventKind::UserPreferenceUpdated));
        draft.put(Entity::User(Arc::new(after)));
    }
    Ok(())
}

pub(super) fn create_token(
    draft: &mut Draft,
    new: &NewPersonalToken,
    it: &Circumstances<'_>,
) -> Result<(), Rejection> {
    let user = Arc::clone(draft.state().user(new.user)?);
    if new.description.trim().is_empty() {
        return Err(Rejection::bad_data("PAT description cannot be empty."));
    }
    if new.expires_at <= it.now {
        return Err(Rejection::bad_data("The expiry date should be in future."));
    }
    let state = draft.state();
    let mut own = state
        .personal_tokens
        .values()
        .filter(|it| it.user == new.user);
    if own.any(|it| it.description == new.description) {
        return Err(Rejection::NameTaken(
            "PAT description already exists.".into(),
        ));
    }
    let id = take_number(draft, |counters| {
        let id = counters.next_personal_token;
        counters.next_personal_token += 1;
        id
    });
    let token = PersonalToken {
        hash: new.hash,
        id,
        user: new.user,
        description: new.description.clone(),
        expires_at: new.expires_at,
        created_at: it.now,
    };
    let mut event = NewEvent::new(EventKind::PatCreated);
    event.data = Some(token_document(&token, &user));
    draft.tell(event);
    draft.put(Entity::PersonalToken(Arc::new(token)));
    Ok(())
}

pub(super) fn delete_token(draft: &mut Draft, user: UserId, id: i64) {
    let mut tokens = draft.state().personal_tokens.values();
    let found = tokens.find(|it| it.user == user && it.id == id);
    let (Some(token), Ok(user)) = (found.map(Arc::clone), draft.state().user(user)) else {
        return;
    };
    let mut event = NewEvent::new(EventKind::PatDeleted);
    event.data = Some(token_document(&token, user));
    draft.delete(EntityKey::PersonalToken(token.hash));
    draft.tell(event);
}

fn token_document(token: &PersonalToken, user: &User) -> Value {
    json!({
        "id": token.id,
        "description": token.description,
        "expiresAt": token.expires_at.to_string(),
        "user": document(user),
    })
}

pub(super) fn invite(draft: &mut Draft, invitation: &Invitation) {
    let mut event = NewEvent::new(EventKind::PublicSignupTokenCreated);
    event.data = Some(invitation_document(invitation));
    draft.tell(event);
    draft.put(Entity::Invitation(Arc::new(invitation.clone())));
}

fn invitation(draft: &Draft, hash: TokenHash) -> Result<Arc<Invitation>, Rejection> {
    let found = draft.state().invitations.get(&hash).map(Arc::clone);
    found.ok_or_else(|| Rejection::NotFound("Could not find public signup token.".into()))
}

pub(super) fn change_invitation(
    draft: &mut Draft,
    hash: TokenHash,
    enabled: Option<bool>,
    end: Option<Timestamp>,
) -> Result<(), Rejection> {
    let before = invitation(draft, hash)?;
    let mut after = (*before).clone();
    after.enabled = enabled.unwrap_or(after.enabled);
    after.expires_at = end.unwrap_or(after.expires_at);
    let mut event = NewEvent::new(EventKind::PublicSignupTokenUpdated);
    event.pre_data = Some(invitation_document(&before));
    event.data = Some(invitation_document(&after));
    draft.tell(event);
    draft.put(Entity::Invitation(Arc::new(after)));
    Ok(())
}

pub(super) fn sign_up(
    draft: &mut Draft,
    hash: TokenHash,
    new: &NewUser,
    it: &Circumstances<'_>,
) -> Result<(), Rejection> {
    let mut link = (*invitation(draft, hash)?).clone();
    if !link.works(it.now) {
        return Err(Rejection::NotFound(
            "Could not find public signup token.".into(),
        ));
    }
    let id = create(draft, new, it)?;
    link.users.push(id);
    let mut event = NewEvent::new(EventKind::PublicSignupTokenUserAdded);
    event.data = Some(json!({"name": link.name, "userId": id}));
    draft.tell(event);
    draft.put(Entity::Invitation(Arc::new(link)));
    Ok(())
}

fn invitation_document(link: &Invitation) -> Value {
    json!({
        "name": link.name,
        "enabled": link.enabled,
        "expiresAt": link.expires_at.to_string(),
    })
}
