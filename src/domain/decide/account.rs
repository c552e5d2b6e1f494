//! Decides wishes about users and their passwords.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::{Circumstances, personal};
use crate::domain::api_token::TokenHash;
use crate::domain::change::Draft;
use crate::domain::command::{AccountCommand, NewUser, UserChange};
use crate::domain::event::{EventKind, NewEvent};
use crate::domain::instance::AccountCounters;
use crate::domain::names::{RoleId, UserId};
use crate::domain::rejection::Rejection;
use crate::domain::state::{Entity, EntityKey, State};
use crate::domain::user::{AccountKind, PasswordHash, PasswordReset, User};

/// How many former passwords are remembered.
const FORMER_PASSWORDS: usize = 5;

pub(super) fn carry_out(
    draft: &mut Draft,
    wish: &AccountCommand,
    it: &Circumstances<'_>,
) -> Result<(), Rejection> {
    match wish {
        AccountCommand::Create(new) => create(draft, new, it).map(|_| ()),
        AccountCommand::Change(id, change) => {
            keeping_an_administrator(draft, |draft| update(draft, *id, change))
        }
        AccountCommand::Delete(ids) => keeping_an_administrator(draft, |draft| {
            ids.iter().try_for_each(|id| delete(draft, *id))
        }),
        AccountCommand::SetPassword(id, password, keep) => {
            set_password(draft, *id, password, *keep)
        }
        AccountCommand::OfferReset(id, reset) => offer_reset(draft, *id, reset),
        AccountCommand::UseReset(hash, password) => use_reset(draft, *hash, password, it),
        AccountCommand::SignIn(session, most) => personal::sign_in(draft, session, *most),
        AccountCommand::FailSignIn(user, reason) => {
            personal::fail_sign_in(draft, *user, reason);
            Ok(())
        }
        AccountCommand::SignOut(hash) => {
            personal::sign_out(draft, *hash);
            Ok(())
        }
        AccountCommand::Mark(id, what, on) => personal::mark(draft, *id, what, *on),
        AccountCommand::Note(id, note) => personal::note(draft, *id, note),
        AccountCommand::CreateToken(new) => personal::create_token(draft, new, it),
        AccountCommand::DeleteToken(user, id) => {
            personal::delete_token(draft, *user, *id);
            Ok(())
        }
        AccountCommand::Invite(invitation) => {
            personal::invite(draft, invitation);
            Ok(())
        }
        AccountCommand::ChangeInvitation(hash, enabled, end) => {
            personal::change_invitation(draft, *hash, *enabled, *end)
        }
        AccountCommand::SignUp(hash, new) => personal::sign_up(draft, *hash, new, it),
    }
}

impl State {
    /// The user of that number.
    ///
    /// # Errors
    /// [`Rejection::NotFound`].
    pub fn user(&self, id: UserId) -> Result<&Arc<User>, Rejection> {
        let found = self.users.get(&id);
        found.ok_or_else(|| Rejection::NotFound("No user found".into()))
    }

    /// The person who signs in under `name`.
    #[must_use]
    pub fn person_called(&self, name: &str) -> Option<&Arc<User>> {
        let mut users = self.users.values();
        users.find(|user| user.kind == AccountKind::Person && user.answers_to(name))
    }
}

/// Makes a user and tells its number.
pub(super) fn create(
    draft: &mut Draft,
    new: &NewUser,
    it: &Circumstances<'_>,
) -> Result<UserId, Rejection> {
    let user = make(draft, new, it)?;
    let id = user.id;
    draft.tell(event(kinds(user.kind).0, None, Some(&user)));
    draft.put(Entity::User(Arc::new(user)));
    Ok(id)
}

/// A user as it will be, with a number of its own.
pub(super) fn make(
    draft: &mut Draft,
    new: &NewUser,
    it: &Circumstances<'_>,
) -> Result<User, Rejection> {
    let email = new.email.as_ref().map(|it| it.trim().to_lowercase());
    let unnamed = |text: &Option<String>| text.as_ref().is_none_or(|it| it.trim().is_empty());
    if new.kind == AccountKind::Service && unnamed(&new.username) {
        return Err(Rejection::empty("username"));
    }
    if new.kind == AccountKind::Person && email.is_none() && new.username.is_none() {
        return Err(Rejection::bad_data("You must specify username or email"));
    }
    if let Some(email) = &email {
        check_email(email)?;
    }
    check_root_role(draft.state(), new.root_role)?;
    check_free(
        draft.state(),
        email.as_deref(),
        new.username.as_deref(),
        None,
    )
    .map_err(|refused| match new.kind {
        AccountKind::Person => refused,
        AccountKind::Service => Rejection::NameTaken("A user of this name exists already.".into()),
    })?;
    let id = take_number(draft, |counters| {
        let id = counters.next_user;
        counters.next_user = UserId(id.0 + 1);
        id
    });
    Ok(User {
        id,
        kind: new.kind,
        username: new.username.clone(),
        email,
        name: new.name.clone(),
        root_role: new.root_role,
        password: new.password.clone(),
        former_passwords: new.password.clone().into_iter().collect(),
        reset: new.reset.clone(),
        seen_at: None,
        created_at: it.now,
        favorite_flags: Default::default(),
        favorite_projects: Default::default(),
        pages: Default::default(),
    })
}

/// Takes the next number of something.
pub(super) fn take_number<T>(draft: &mut Draft, take: impl FnOnce(&mut AccountCounters) -> T) -> T {
    let mut counters = (*draft.state().counters).clone();
    let number = take(&mut counters.accounts);
    draft.put(Entity::Counters(Arc::new(counters)));
    number
}

/// Looks like `name@host.domain`, the least that mail needs.
fn check_email(email: &str) -> Result<(), Rejection> {
    let parts = email.rsplit_once('@');
    let plausible = parts.is_some_and(|(name, host)| {
        let labels = host.split('.');
        !name.is_empty()
            && host.contains('.')
            && labels.into_iter().all(|label| !label.is_empty())
            && !email
                .chars()
                .any(|it| it.is_whitespace() || it.is_control())
    });
    if plausible {
        return Ok(());
    }
    Err(Rejection::broken_rule(
        "value",
        "must be a valid email",
        &email.into(),
    ))
}

fn check_root_role(state: &State, id: RoleId) -> Result<(), Rejection> {
    match state.role(id) {
        Some(role) if role.kind.is_root() => Ok(()),
        _ => Err(Rejection::bad_data(format!("Could not find rootRole={id}"))),
    }
}

fn check_free(
    state: &State,
    email: Option<&str>,
    username: Option<&str>,
    but: Option<UserId>,
) -> Result<(), Rejection> {
    let taken = |name: &str| {
        let mut users = state.users.values();
        users.any(|user| Some(user.id) != but && user.answers_to(name))
    };
    if [email, username].into_iter().flatten().any(taken) {
        return Err(Rejection::bad_data("User already exists"));
    }
    Ok(())
}

fn update(draft: &mut Draft, id: UserId, change: &UserChange) -> Result<(), Rejection> {
    let before = Arc::clone(draft.state().user(id)?);
    let email = change.email.as_ref().map(|it| it.trim().to_lowercase());
    if let Some(email) = &email {
        check_email(email)?;
    }
    if let Some(role) = change.root_role {
        check_root_role(draft.state(), role)?;
    }
    let username = change.username.as_deref();
    check_free(draft.state(), email.as_deref(), username, Some(id))?;
    let mut after = (*before).clone();
    after.email = email.or(after.email);
    after.username = change.username.clone().or(after.username);
    after.name = change.name.clone().or(after.name);
    after.root_role = change.root_role.unwrap_or(after.root_role);
    if after == *before {
        return Ok(());
    }
    draft.tell(event(kinds(after.kind).1, Some(&before), Some(&after)));
    draft.put(Entity::User(Arc::new(after)));
    Ok(())
}

/// Does something, and refuses when afterwards no person is left who can do everything.
pub(super) fn keeping_an_administrator(
    draft: &mut Draft,
    act: impl FnOnce(&mut Draft) -> Result<(), Rejection>,
) -> Result<(), Rejection> {
    let before = is_administrated(draft.state());
    act(draft)?;
    if before && !is_administrated(draft.state()) {
        return Err(Rejection::InvalidOperation(
            "This is the last administrator. Make somebody else an administrator first.".into(),
        ));
    }
    Ok(())
}

fn is_administrated(state: &State) -> bool {
    let mut users = state.users.values();
    users.any(|user| user.kind == AccountKind::Person && state.is_admin(user))
}

fn delete(draft: &mut Draft, id: UserId) -> Result<(), Rejection> {
    let before = Arc::clone(draft.state().user(id)?);
    personal::delete_belongings(draft, id);
    draft.delete(EntityKey::User(id));
    draft.tell(event(kinds(before.kind).2, Some(&before), None));
    Ok(())
}

/// Sets a password, remembers it among the former ones, and ends sessions but for `keep`.
fn set_password(
    draft: &mut Draft,
    id: UserId,
    password: &PasswordHash,
    keep: Option<TokenHash>,
) -> Result<(), Rejection> {
    let mut user = (**draft.state().user(id)?).clone();
    user.former_passwords.insert(0, password.clone());
    user.former_passwords.truncate(FORMER_PASSWORDS);
    user.password = Some(password.clone());
    user.reset = None;
    personal::end_sessions(draft, id, keep);
    draft.tell(event(EventKind::UserPasswordChanged, None, Some(&user)));
    draft.put(Entity::User(Arc::new(user)));
    Ok(())
}

fn offer_reset(draft: &mut Draft, id: UserId, reset: &PasswordReset) -> Result<(), Rejection> {
    let mut user = (**draft.state().user(id)?).clone();
    user.reset = Some(reset.clone());
    draft.tell(event(
        EventKind::UserPasswordResetRequested,
        None,
        Some(&user),
    ));
    draft.put(Entity::User(Arc::new(user)));
    Ok(())
}

fn use_reset(
    draft: &mut Draft,
    hash: TokenHash,
    password: &PasswordHash,
    it: &Circumstances<'_>,
) -> Result<(), Rejection> {
    let works = |reset: &PasswordReset| reset.hash == hash && it.now < reset.expires_at;
    let mut users = draft.state().users.values();
    let user = users.find(|user| user.reset.as_ref().is_some_and(works));
    let Some(id) = user.map(|user| user.id) else {
        return Err(Rejection::NotFound("Token was not valid".into()));
    };
    set_password(draft, id, password, None)
}

/// Kinds of events about a user: made, changed, deleted.
fn kinds(kind: AccountKind) -> (EventKind, EventKind, EventKind) {
    match kind {
        AccountKind::Person => (
            EventKind::UserCreated,
            EventKind::UserUpdated,
            EventKind::UserDeleted,
        ),
        AccountKind::Service => (
            EventKind::ServiceAccountCreated,
            EventKind::ServiceAccountUpdated,
            EventKind::ServiceAccountDeleted,
        ),
    }
}

pub(super) fn event(kind: EventKind, before: Option<&User>, after: Option<&User>) -> NewEvent {
    let mut event = NewEvent::new(kind);
    event.pre_data = before.map(document);
    event.data = after.map(document);
    event
}

/// What the audit log says about a user: no hash, no link.
pub(super) fn document(user: &User) -> Value {
    let texts = [
        ("name", &user.name),
        ("username", &user.username),
        ("email", &user.email),
    ];
    let texts = texts.into_iter().filter_map(|(key, text)| {
        let text = text.as_ref()?;
        Some((key.to_owned(), Value::from(text.as_str())))
    });
    let numbers = [("id", json!(user.id)), ("rootRole", json!(user.root_role))];
    let numbers = numbers.map(|(key, value)| (key.to_owned(), value));
    numbers
        .into_iter()
        .chain(texts)
        .collect::<Map<_, _>>()
        .into()
}
