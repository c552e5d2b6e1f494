//! The shapes of service accounts.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::users::schema::{PatSchema, RoleSchema, UserSchema};
use super::super::users::tokens;
use crate::domain::state::State;
use crate::domain::user::User;

/// A program's account. It has tokens and no password.
#[derive(Serialize, ToSchema)]
pub(super) struct ServiceAccountSchema {
    /// The account.
    #[serde(flatten)]
    pub user: UserSchema,
    /// Its tokens, without their secrets.
    pub tokens: Vec<PatSchema>,
}

impl ServiceAccountSchema {
    pub(super) fn new(state: &State, user: &User) -> Self {
        Self {
            user: UserSchema::with_role(user),
            tokens: tokens::of(state, user.id),
        }
    }
}

/// Service accounts, and the roles they may have.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ServiceAccountsSchema {
    /// The accounts.
    pub service_accounts: Vec<ServiceAccountSchema>,
    /// The roles one may have everywhere.
    pub root_roles: Vec<RoleSchema>,
}

/// A service account to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct CreateServiceAccountSchema {
    /// Unique among all users.
    pub username: String,
    /// For people.
    pub name: String,
    /// What it may do everywhere: the number of a role.
    pub root_role: i64,
}

/// What is to be different about a service account. What is left out stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct UpdateServiceAccountSchema {
    /// For people.
    #[serde(default)]
    #[schema(value_type = String, required = false)]
    pub name: Option<String>,
    /// What it may do everywhere: the number of a role.
    #[serde(default)]
    #[schema(value_type = i64, required = false)]
    pub root_role: Option<i64>,
}
