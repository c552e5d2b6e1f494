//! The shapes of users, roles and their tokens.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::super::user_interface::FeedbackResponseSchema;
use crate::auth::avatar::image_url;
use crate::domain::names::RoleId;
use crate::domain::rejection::Rejection;
use crate::domain::role::Role;
use crate::domain::state::State;
use crate::domain::user::{AccountKind, Invitation, PersonalToken, User};

/// A user. Secrets are never among its fields.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api) struct UserSchema {
    /// `User` or `Service Account`.
    pub account_type: &'static str,
    /// The number.
    pub id: i64,
    /// For people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// An address to sign in with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// A name to sign in with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// A picture.
    pub image_url: String,
    /// When it last signed in.
    pub seen_at: Option<String>,
    /// How many wrong passwords in a row there were; not told by searches.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = u32, required = false)]
    pub login_attempts: Option<u32>,
    /// When it was made; not told by searches.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    pub created_at: Option<String>,
    /// Always null: accounts come from nowhere else.
    pub scim_id: Option<String>,
    /// Always null.
    pub seat_type: Option<String>,
    /// Always null: nobody is asked.
    pub company_role: Option<String>,
    /// Always null: nobody is asked.
    pub product_updates_email_consent: Option<bool>,
    /// What it may do everywhere: the number of a role, or the name the caller gave.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Value)]
    pub root_role: Option<Value>,
    /// A link to choose a password, in the answer that makes it only; else empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invite_link: Option<String>,
    /// Whether a mail was sent: never.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email_sent: Option<bool>,
    /// How many browsers it is signed in with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active_sessions: Option<usize>,
    /// How many older sessions ended because there were too many.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deleted_sessions: Option<usize>,
}

impl UserSchema {
    /// What everybody may know.
    pub(in crate::api) fn new(user: &User) -> Self {
        Self {
            account_type: match user.kind {
                AccountKind::Person => "User",
                AccountKind::Service => "Service Account",
            },
            id: user.id.0,
            name: user.name.clone(),
            email: user.email.clone(),
            username: user.username.clone(),
            image_url: image_url(user),
            seen_at: user.seen_at.map(|it| it.to_string()),
            login_attempts: Some(0),
            created_at: Some(user.created_at.to_string()),
            scim_id: None,
            seat_type: None,
            company_role: None,
            product_updates_email_consent: None,
            root_role: None,
            invite_link: None,
            email_sent: None,
            active_sessions: None,
            deleted_sessions: None,
        }
    }

    /// What searches tell.
    pub(in crate::api) fn found(user: &User) -> Self {
        Self {
            login_attempts: None,
            created_at: None,
            ..Self::new(user)
        }
    }

    /// The same with the role.
    pub(in crate::api) fn with_role(user: &User) -> Self {
        Self {
            root_role: Some(user.root_role.0.into()),
            ..Self::new(user)
        }
    }

    /// The answer to signing in, which ended `ended` older sessions.
    pub(in crate::api) fn signed_in(state: &State, user: &User, ended: usize) -> Self {
        let own = state.sessions.values().filter(|it| it.user == user.id);
        Self {
            active_sessions: Some(own.count()),
            deleted_sessions: Some(ended),
            ..Self::new(user)
        }
    }
}

/// A role.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(in crate::api) struct RoleSchema {
    /// Its number.
    pub id: i64,
    /// `root`, `project`, `root-custom` or `custom`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Its name.
    pub name: String,
    /// For people.
    pub description: String,
    /// The project it counts in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
}

impl From<&Role> for RoleSchema {
    fn from(it: &Role) -> Self {
        Self {
            id: it.id.0,
            kind: it.kind.as_str(),
            name: it.name.clone(),
            description: it.description.clone(),
            project: None,
        }
    }
}

/// Roles.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct RolesSchema {
    /// Always 1.
    pub version: u32,
    /// The roles.
    pub roles: Vec<RoleSchema>,
}

/// All users.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api) struct UsersSchema {
    /// The users.
    pub users: Vec<UserSchema>,
    /// The roles one may have everywhere.
    pub root_roles: Vec<RoleSchema>,
}

/// A role, by number or name.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(untagged)]
pub(in crate::api) enum RootRole {
    /// Its number.
    Number(i64),
    /// Its name.
    Name(String),
}

impl RootRole {
    /// The number of the role.
    pub(in crate::api) fn id(&self, state: &State) -> Result<RoleId, Rejection> {
        let unknown = |given: &dyn std::fmt::Display| {
            Rejection::bad_data(format!("Could not find rootRole={given}"))
        };
        match self {
            Self::Number(number) => Ok(RoleId(*number)),
            Self::Name(name) => {
                let mut roles = state.all_roles().filter(|role| role.kind.is_root());
                let found = roles.find(|role| role.name == *name);
                found.map(|role| role.id).ok_or_else(|| unknown(name))
            }
        }
    }

    /// As the caller wrote it.
    pub(in crate::api) fn given(&self) -> Value {
        match self {
            Self::Number(number) => (*number).into(),
            Self::Name(name) => name.as_str().into(),
        }
    }
}

/// A user to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::api) struct CreateUserSchema {
    /// A name to sign in with.
    #[serde(default)]
    #[schema(value_type = String, required = false)]
    pub username: Option<String>,
    /// An address to sign in with.
    #[serde(default)]
    #[schema(value_type = String, required = false)]
    pub email: Option<String>,
    /// For people.
    #[serde(default)]
    #[schema(value_type = String, required = false)]
    pub name: Option<String>,
    /// A password. Without one the user chooses it through the link in the answer.
    #[serde(default)]
    #[schema(value_type = String, required = false)]
    pub password: Option<String>,
    /// What it may do everywhere: the number or the name of a role.
    #[schema(value_type = Value)]
    pub root_role: RootRole,
    /// Taken, and without effect: no mail is sent.
    #[expect(dead_code, reason = "callers send it, and it means nothing here")]
    #[serde(default)]
    #[schema(value_type = bool, required = false)]
    pub send_email: Option<bool>,
}

/// What is to be different about a user.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api) struct UpdateUserSchema {
    /// An address to sign in with.
    #[serde(default)]
    #[schema(value_type = String, required = false)]
    pub email: Option<String>,
    /// For people.
    #[serde(default)]
    #[schema(value_type = String, required = false)]
    pub name: Option<String>,
    /// What it may do everywhere: the number or the name of a role.
    #[serde(default)]
    #[schema(value_type = Value, required = false)]
    pub root_role: Option<RootRole>,
}

/// A password to be looked at.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct ValidatePasswordSchema {
    /// The password.
    pub password: String,
}

/// A password to be set.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::api) struct PasswordSchema {
    /// The password.
    pub password: String,
    /// The one it takes the place of.
    #[serde(default)]
    #[schema(value_type = String, required = false)]
    pub old_password: Option<String>,
    /// The password once more.
    #[serde(default)]
    #[schema(value_type = String, required = false)]
    pub confirm_password: Option<String>,
}

/// Who needs another password.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct IdSchema {
    /// The number, the address or the name to sign in with.
    pub id: String,
}

/// A link to choose a password.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api) struct ResetPasswordSchema {
    /// The link. It is shown once.
    pub reset_password_url: String,
}

/// How many can sign in, and how.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api) struct AdminCountSchema {
    /// Administrators with a password.
    pub password: usize,
    /// Administrators without one.
    pub no_password: usize,
    /// Service accounts that are administrators.
    pub service: usize,
}

/// Users and groups, to choose from.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct UsersGroupsBaseSchema {
    /// The groups.
    pub groups: Vec<GroupItemSchema>,
    /// The users.
    pub users: Vec<UserItemSchema>,
}

/// A user to choose.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api) struct UserItemSchema {
    /// The number.
    pub id: i64,
    /// For people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The name to sign in with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// `User` or `Service Account`.
    pub account_type: &'static str,
}

impl From<&User> for UserItemSchema {
    fn from(it: &User) -> Self {
        Self {
            id: it.id.0,
            name: it.name.clone(),
            email: it.email.clone(),
            username: it.username.clone(),
            account_type: UserSchema::new(it).account_type,
        }
    }
}

/// A group to choose.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api) struct GroupItemSchema {
    /// The number.
    pub id: i64,
    /// The name.
    pub name: String,
    /// For people.
    pub description: Option<String>,
    /// How many users are in it.
    pub user_count: usize,
}

/// Users nobody has seen for a long time.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api) struct InactiveUsersSchema {
    /// Always 1.
    pub version: u32,
    /// The users.
    pub inactive_users: Vec<InactiveUserSchema>,
}

/// A user nobody has seen for a long time.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api) struct InactiveUserSchema {
    /// The number.
    pub id: i64,
    /// For people.
    pub name: Option<String>,
    /// The address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The name to sign in with.
    pub username: Option<String>,
    /// When it last signed in.
    pub seen_at: Option<String>,
    /// When it was made.
    pub created_at: String,
}

/// Numbers of users.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct IdsSchema {
    /// The numbers.
    pub ids: Vec<i64>,
}

/// A token of a user.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api) struct PatSchema {
    /// The number.
    pub id: i64,
    /// Tells the tokens of a user apart.
    pub description: String,
    /// When it stops working.
    pub expires_at: String,
    /// Whom it acts for.
    pub user_id: i64,
    /// When it was made.
    pub created_at: String,
    /// Always null: the use of a token leaves no trace.
    pub seen_at: Option<String>,
    /// The secret, in the answer that makes the token only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    pub secret: Option<String>,
}

impl From<&PersonalToken> for PatSchema {
    fn from(it: &PersonalToken) -> Self {
        Self {
            id: it.id,
            description: it.description.clone(),
            expires_at: it.expires_at.to_string(),
            user_id: it.user.0,
            created_at: it.created_at.to_string(),
            seen_at: None,
            secret: None,
        }
    }
}

/// Tokens of a user.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct PatsSchema {
    /// The tokens.
    pub pats: Vec<PatSchema>,
}

/// A token of a user, to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api) struct CreatePatSchema {
    /// Tells the tokens of a user apart.
    pub description: String,
    /// When it stops working.
    #[schema(format = DateTime)]
    pub expires_at: String,
}

/// A link with which people make accounts.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api) struct PublicSignupTokenSchema {
    /// The secret in the answer that makes the link; later a handle that every call takes as well.
    pub secret: String,
    /// The link, in the answer that makes it only.
    pub url: Option<String>,
    /// For people.
    pub name: String,
    /// Whether it works.
    pub enabled: bool,
    /// When it stops working.
    pub expires_at: String,
    /// When it was made.
    pub created_at: String,
    /// Who made it.
    pub created_by: String,
    /// Who came by it.
    pub users: Vec<InvitedUserSchema>,
    /// What they may do everywhere.
    pub role: InvitedRoleSchema,
}

/// What people who came by a link may do everywhere.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct InvitedRoleSchema {
    /// The number.
    pub id: i64,
    /// The name.
    pub name: String,
    /// `root`.
    #[serde(rename = "type")]
    pub kind: &'static str,
}

/// Somebody who came by a link.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct InvitedUserSchema {
    /// The number.
    pub id: i64,
    /// For people.
    pub name: Option<String>,
    /// The name to sign in with.
    pub username: Option<String>,
}

impl PublicSignupTokenSchema {
    /// The link as lists show it: a handle in place of the secret.
    pub(super) fn new(state: &State, link: &Invitation) -> Self {
        let users = link.users.iter().filter_map(|id| state.users.get(id));
        let role = state.role(crate::domain::role::VIEWER);
        Self {
            secret: handle(link),
            url: None,
            name: link.name.clone(),
            enabled: link.enabled,
            expires_at: link.expires_at.to_string(),
            created_at: link.created_at.to_string(),
            created_by: link.created_by.clone(),
            users: users
                .map(|user| InvitedUserSchema {
                    id: user.id.0,
                    name: user.name.clone(),
                    username: user.username.clone(),
                })
                .collect(),
            role: InvitedRoleSchema {
                id: crate::domain::role::VIEWER.0,
                name: role.map(|role| role.name.clone()).unwrap_or_default(),
                kind: "root",
            },
        }
    }
}

/// What stands for a link once its secret is gone.
pub(super) fn handle(link: &Invitation) -> String {
    let digits = link.hash.to_hex();
    format!("invite-{}", digits.get(..16).unwrap_or_default())
}

/// Links with which people make accounts.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct PublicSignupTokensSchema {
    /// The links.
    pub tokens: Vec<PublicSignupTokenSchema>,
}

/// Such a link, to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::api) struct PublicSignupTokenCreateSchema {
    /// For people.
    pub name: String,
    /// When it stops working.
    #[schema(format = DateTime)]
    pub expires_at: String,
}

/// What is to be different about such a link.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::api) struct PublicSignupTokenUpdateSchema {
    /// When it stops working.
    #[serde(default)]
    #[schema(value_type = String, format = DateTime, required = false)]
    pub expires_at: Option<String>,
    /// Whether it works.
    #[serde(default)]
    #[schema(value_type = bool, required = false)]
    pub enabled: Option<bool>,
}

/// Who the caller is.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct MeSchema {
    /// The user, or what stands for one.
    #[schema(value_type = Object)]
    pub user: Value,
    /// What the caller may do.
    pub permissions: Vec<PermissionSchema>,
    /// What it said to questions of the admin page.
    pub feedback: Vec<FeedbackResponseSchema>,
    /// The announcements it saw.
    pub splash: BTreeMap<String, bool>,
}

/// Something one may do.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct PermissionSchema {
    /// The name of the permission.
    pub permission: String,
    /// The only project it counts in.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    pub project: Option<String>,
    /// The only environment it counts in.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    pub environment: Option<String>,
}

/// What the caller has.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api) struct ProfileSchema {
    /// What it may do everywhere.
    pub root_role: RoleSchema,
    /// Projects it has a role in.
    pub projects: Vec<String>,
    /// Groups it is in.
    pub groups: Vec<GroupItemSchema>,
    /// Mails it gets: none.
    pub subscriptions: Vec<String>,
    /// Always empty, as with the reference.
    #[schema(value_type = Vec<Object>)]
    pub features: Vec<Value>,
    /// Whether it signs in with a password.
    pub can_change_password: bool,
}
