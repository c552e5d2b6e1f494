//! Wishes about an API token.

use crate::domain::api_token::{ApiToken, TokenHash};
use crate::domain::names::ProjectId;
use crate::domain::time::Timestamp;

/// Wishes about an API token.
#[derive(Clone, Debug)]
pub enum TokenCommand {
    /// Make one. The caller has the dice: only the hash of the secret comes here.
    Create(ApiToken),
    /// Say when it stops working. Nothing happens to an unknown one.
    Expire(TokenHash, Option<Timestamp>),
    /// Delete it. Nothing happens to an unknown one.
    Delete(TokenHash),
    /// Delete it through the one project it sees.
    DeleteInProject(ProjectId, TokenHash),
}
