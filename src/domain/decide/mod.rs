//! State and command in, change or rejection out. One file for each aggregate; all of it pure.

mod access;
mod account;
pub mod addon;
mod archive;
pub mod constraint_rules;
pub mod context_field;
mod dependency;
mod documents;
pub mod environment;
mod environment_clone;
pub mod flag;
mod flag_kind;
mod import;
pub mod import_check;
mod instance;
#[cfg(test)]
mod laws;
mod link;
mod personal;
pub mod project;
mod project_environment;
pub mod role_rules;
pub mod segment;
mod settings;
mod sign_in;
mod strategy;
mod strategy_kind;
mod strategy_rules;
mod switch;
pub mod tag;
mod token;
mod variant_rules;

use super::change::{Change, Draft};
use super::command::Command;
use super::event::Actor;
use super::limits::Limits;
use super::rejection::Rejection;
use super::state::State;
use super::time::Timestamp;

/// What a decision may depend on beside the state and the command.
pub struct Circumstances<'a> {
    /// Who asks.
    pub actor: &'a Actor,
    /// When.
    pub now: Timestamp,
    /// What is too much.
    pub limits: &'a Limits,
    /// Makes an identifier nobody has: a UUID text.
    pub new_id: &'a dyn Fn() -> String,
}

impl std::fmt::Debug for Circumstances<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Circumstances")
            .field("actor", self.actor)
            .field("now", &self.now)
            .field("limits", self.limits)
            .finish_non_exhaustive()
    }
}

/// Decides one command on top of `state`.
///
/// Returns `None` when the wish is already fulfilled, so that there is nothing to commit.
///
/// # Errors
/// A [`Rejection`] when the command breaks a rule; the state is as it was.
pub fn decide(
    state: &State,
    command: &Command,
    circumstances: &Circumstances<'_>,
) -> Result<Option<Change>, Rejection> {
    let mut draft = Draft::new(state);
    carry_out(&mut draft, command, circumstances)?;
    Ok(draft.seal(circumstances.actor, circumstances.now))
}

fn carry_out(
    draft: &mut Draft,
    command: &Command,
    it: &Circumstances<'_>,
) -> Result<(), Rejection> {
    match command {
        Command::CreateInstance(wish) => instance::create(draft, wish, it),
        Command::Flag(wish) => flag::carry_out(draft, wish, it),
        Command::Strategy(wish) => strategy::carry_out(draft, wish, it),
        Command::Dependency(wish) => dependency::carry_out(draft, wish, it),
        Command::Link(wish) => link::carry_out(draft, wish, it),
        Command::Project(wish) => project::carry_out(draft, wish, it),
        Command::Environment(wish) => environment::carry_out(draft, wish, it),
        Command::Segment(wish) => segment::carry_out(draft, wish, it),
        Command::ContextField(wish) => context_field::carry_out(draft, wish, it),
        Command::FlagKind(wish) => flag_kind::carry_out(draft, wish, it),
        Command::StrategyKind(wish) => strategy_kind::carry_out(draft, wish, it),
        Command::Tag(wish) => tag::carry_out(draft, wish, it),
        Command::Token(wish) => token::carry_out(draft, wish, it),
        Command::Account(wish) => account::carry_out(draft, wish, it),
        Command::Access(wish) => access::carry_out(draft, wish, it),
        Command::Addon(wish) => addon::carry_out(draft, wish, it),
        Command::Settings(wish) => settings::carry_out(draft, wish, it),
        Command::Import(wish) => import::carry_out(draft, wish, it),
        Command::Batch(wishes) => wishes
            .iter()
            .try_for_each(|wish| carry_out(draft, wish, it)),
    }
}
