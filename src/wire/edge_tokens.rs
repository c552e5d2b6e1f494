//! What Unleash Edge asks about tokens (contract CLIENT-API §10).

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Tokens to look up.
#[derive(Clone, Deserialize, ToSchema)]
#[schema(as = TokenStringListSchema)]
pub struct TokenStringList {
    /// Their secrets.
    pub tokens: Vec<String>,
}

// Secrets do not belong into logs.
impl std::fmt::Debug for TokenStringList {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TokenStringList({} tokens)", self.tokens.len())
    }
}

/// Those of the tokens that are valid.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ValidatedEdgeTokensSchema)]
pub struct ValidatedEdgeTokens {
    /// In the order asked.
    pub tokens: Vec<EdgeToken>,
}

/// What a token may see.
#[derive(Clone, Serialize, ToSchema)]
#[schema(as = EdgeTokenSchema)]
pub struct EdgeToken {
    /// Its secret, as the caller sent it.
    pub token: String,
    /// `client`, `backend`, `frontend` or `admin`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Projects, or `*`.
    pub projects: Vec<String>,
    /// The environment; `*` is any.
    pub environment: String,
}

impl std::fmt::Debug for EdgeToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EdgeToken")
            .field("kind", &self.kind)
            .field("projects", &self.projects)
            .field("environment", &self.environment)
            .finish_non_exhaustive()
    }
}
