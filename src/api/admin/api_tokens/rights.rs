//! Who may see, make, change and delete which tokens: the kind of the token decides, and the projects it sees.

use crate::api::error::ApiError;
use crate::api::extract::Permit;
use crate::auth::actions::Action;
use crate::domain::api_token::{ApiToken, TokenKind, TokenProjects};

/// The rights of which one is needed, by kind of token. Tokens of administrators are for administrators.
pub(super) struct Needed {
    backend: &'static str,
    frontend: &'static str,
    /// Counts where the token sees nothing but projects in which the caller has it.
    project: Option<&'static str>,
}

pub(super) const READ: Needed = Needed {
    backend: "READ_CLIENT_API_TOKEN",
    frontend: "READ_FRONTEND_API_TOKEN",
    project: Some("READ_PROJECT_API_TOKEN"),
};
pub(super) const CREATE: Needed = Needed {
    backend: "CREATE_CLIENT_API_TOKEN",
    frontend: "CREATE_FRONTEND_API_TOKEN",
    project: Some("CREATE_PROJECT_API_TOKEN"),
};
pub(super) const UPDATE: Needed = Needed {
    backend: "UPDATE_CLIENT_API_TOKEN",
    frontend: "UPDATE_FRONTEND_API_TOKEN",
    project: None,
};
pub(super) const DELETE: Needed = Needed {
    backend: "DELETE_CLIENT_API_TOKEN",
    frontend: "DELETE_FRONTEND_API_TOKEN",
    project: Some("DELETE_PROJECT_API_TOKEN"),
};

impl Needed {
    /// Checks the right for a token of this kind that sees these projects.
    pub(super) fn check<A: Action>(
        &self,
        permit: &Permit<A>,
        kind: TokenKind,
        projects: &TokenProjects,
    ) -> Result<(), ApiError> {
        let everywhere = match kind {
            TokenKind::Admin => "ADMIN",
            TokenKind::Backend => self.backend,
            TokenKind::Frontend => self.frontend,
        };
        let refused = match permit.check(everywhere, None) {
            Ok(()) => return Ok(()),
            Err(refused) => refused,
        };
        match (self.project, projects) {
            (Some(right), TokenProjects::Only(some)) if kind != TokenKind::Admin => some
                .iter()
                .try_for_each(|project| permit.check(right, Some(project.as_str()))),
            _ => Err(refused),
        }
    }

    /// Whether the caller has the right for a token.
    pub(super) fn allows<A: Action>(&self, permit: &Permit<A>, token: &ApiToken) -> bool {
        self.check(permit, token.kind, &token.projects).is_ok()
    }
}
