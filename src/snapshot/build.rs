//! Making snapshots: from nothing, and from the one before.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::environment::ServedEnvironment;
use super::segments::ServedSegments;
use super::step::Step;
use super::touched::Touched;
use crate::domain::api_token::{ApiToken, TokenHash};
use crate::domain::change::Change;
use crate::domain::names::EnvironmentName;
use crate::domain::state::State;

/// The configuration at one revision in the forms in which it is read.
#[derive(Debug)]
pub struct Snapshot {
    state: Arc<State>,
    /// Second secrets of tokens: hash of the alias to hash of the token.
    aliases: Arc<BTreeMap<TokenHash, TokenHash>>,
    segments: Arc<ServedSegments>,
    environments: BTreeMap<EnvironmentName, Arc<ServedEnvironment>>,
    /// What tokens see that ask for an environment nobody made: all flags, all off.
    nowhere: Arc<ServedEnvironment>,
}

impl Snapshot {
    /// Builds everything from a state.
    #[must_use]
    pub fn build(state: State) -> Self {
        let touched = Touched::all(&state);
        Self::empty().advance(state, &touched)
    }

    /// The snapshot after a committed change, made from this one; equal to a full build.
    ///
    /// What the change does not concern is shared: flags that are served as before, and environments whose flags,
    /// segments, revision and tokens are as before, bodies and compressed bodies included.
    #[must_use]
    pub fn next(&self, change: &Change) -> Self {
        let state = self.state.apply(change);
        let touched = Touched::by(change, &self.state, &state);
        self.advance(state, &touched)
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

    /// An environment. One that nobody made has all flags, and all of them are off.
    #[must_use]
    pub fn environment(&self, name: &str) -> &Arc<ServedEnvironment> {
        self.environments.get(name).unwrap_or(&self.nowhere)
    }

    fn empty() -> Self {
        let state = State::default();
        let segments = Arc::new(ServedSegments::new(&state));
        Self {
            state: Arc::new(state),
            aliases: Arc::default(),
            environments: BTreeMap::new(),
            nowhere: Arc::new(ServedEnvironment::empty(&segments)),
            segments,
        }
    }

    fn advance(&self, state: State, touched: &Touched) -> Self {
        let changed = touched.flags_before_and_after(&self.state, &state);
        let segments = self.segments.next(&state, changed);
        let step = Step {
            state: &state,
            touched,
            segments: segments.map_or_else(|| Arc::clone(&self.segments), Arc::new),
        };
        let nowhere = step.nowhere(&self.nowhere);
        let environments = state
            .environments
            .keys()
            .map(|name| {
                let before = self.environments.get(name);
                (name.clone(), step.environment(name, before, &nowhere))
            })
            .collect();
        Self {
            aliases: match touched.scopes {
                Some(_) => Arc::new(aliases(&state)),
                None => Arc::clone(&self.aliases),
            },
            segments: step.segments,
            environments,
            nowhere,
            state: Arc::new(state),
        }
    }
}

fn aliases(state: &State) -> BTreeMap<TokenHash, TokenHash> {
    let tokens = state.tokens.values();
    tokens
        .filter_map(|token| Some((token.alias_hash?, token.hash)))
        .collect()
}
