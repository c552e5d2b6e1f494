//! Making snapshots: from nothing, and from the one before.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::api_token::{ApiToken, TokenHash};
use crate::domain::change::Change;
use crate::domain::state::State;

/// The configuration at one revision in the forms in which it is read.
#[derive(Debug)]
pub struct Snapshot {
    state: Arc<State>,
    /// Second secrets of tokens: hash of the alias to hash of the token.
    aliases: BTreeMap<TokenHash, TokenHash>,
}

impl Snapshot {
    /// Builds everything from a state.
    #[must_use]
    pub fn build(state: State) -> Self {
        let aliases = state
            .tokens
            .values()
            .filter_map(|token| Some((token.alias_hash?, token.hash)))
            .collect();
        Self {
            state: Arc::new(state),
            aliases,
        }
    }

    /// The snapshot after a committed change, made from this one; equal to a full build.
    #[must_use]
    pub fn next(&self, change: &Change) -> Self {
        Self::build(self.state.apply(change))
    }

    /// The configuration itself.
    #[must_use]
    pub fn state(&self) -> &Arc<State> {
        &self.state
    }

    /// The token whose secret has this hash, expired ones included.
    #[must_use]
    pub fn token(&self, hash: &TokenHash) -> Option<&Arc<ApiToken>> {
        self.state.tokens.get(hash)
    }

    /// The token whose second secret has this hash (contract TOKENS §1, alias).
    #[must_use]
    pub fn token_by_alias(&self, hash: &TokenHash) -> Option<&Arc<ApiToken>> {
        self.state.tokens.get(self.aliases.get(hash)?)
    }
}
