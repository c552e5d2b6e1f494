//! How far a flag has come: made, tried out, in production, done, put away. Pure.
//!
//! Nothing of this is written down when it happens: it follows from when the flag was made, first asked for, completed
//! and archived, all of which are remembered.

use super::environment::Environment;
use super::flag::{Flag, Outcome};
use super::time::Timestamp;
use super::usage::LastSeen;

/// A stage of a flag's life.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Stage {
    /// It has been made.
    Initial,
    /// Applications outside production ask for it.
    PreLive,
    /// Applications in production ask for it.
    Live,
    /// Somebody said that it has done its work.
    Completed,
    /// It has been put away.
    Archived,
}

impl Stage {
    /// The name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Initial => "initial",
            Self::PreLive => "pre-live",
            Self::Live => "live",
            Self::Completed => "completed",
            Self::Archived => "archived",
        }
    }
}

/// A stage a flag has entered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Entered {
    /// The stage.
    pub stage: Stage,
    /// When.
    pub at: Timestamp,
    /// How it ended, of completed ones.
    pub outcome: Option<Outcome>,
}

impl Entered {
    fn new(stage: Stage, at: Timestamp) -> Self {
        Self {
            stage,
            at,
            outcome: None,
        }
    }
}

/// Whether an environment counts as production.
#[must_use]
pub fn is_production(environment: &Environment) -> bool {
    environment.kind == "production"
}

/// The stages a flag has entered, in order. `seen` is when it was asked for, with whether that was in production.
pub fn stages<'s>(flag: &Flag, seen: impl Iterator<Item = (&'s LastSeen, bool)>) -> Vec<Entered> {
    let (mut tried, mut live) = (None, None);
    for (seen, production) in seen {
        let first = if production { &mut live } else { &mut tried };
        let at = first_after(seen, flag.created_at);
        *first = match (*first, at) {
            (Some(known), Some(at)) => Some(at.min(known)),
            (known, at) => known.or(at),
        };
    }
    let mut entered = vec![Entered::new(Stage::Initial, flag.created_at)];
    let tried = tried.filter(|tried| live.is_none_or(|live| *tried < live));
    entered.extend(tried.map(|at| Entered::new(Stage::PreLive, at)));
    entered.extend(live.map(|at| Entered::new(Stage::Live, at)));
    if let Some(completed) = &flag.completed {
        // Who still asks does not bring a completed flag back.
        entered.retain(|stage| stage.at <= completed.at);
        entered.push(Entered {
            outcome: Some(completed.outcome),
            ..Entered::new(Stage::Completed, completed.at)
        });
    }
    if let Some(at) = flag.archived_at {
        entered.retain(|stage| stage.at <= at);
        entered.push(Entered::new(Stage::Archived, at));
    }
    entered
}

/// The first time, unless that was another flag of the same name, deleted since.
fn first_after(seen: &LastSeen, created: Timestamp) -> Option<Timestamp> {
    let known = [seen.first.unwrap_or(seen.at), seen.at];
    known.into_iter().find(|at| *at >= created)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::flag::Completion;
    use crate::domain::names::{EnvironmentName, FlagName};

    fn flag() -> Flag {
        let json = json!({
            "name": "f", "project": "default", "kind": "release", "created_at": 10, "created_by": "x",
            "created_by_user_id": 1,
        });
        serde_json::from_value(json).unwrap()
    }

    fn seen(first: i64, last: i64) -> LastSeen {
        LastSeen {
            flag: FlagName::trusted("f"),
            environment: EnvironmentName::trusted("e"),
            at: Timestamp::from_millis(last),
            first: Some(Timestamp::from_millis(first)),
        }
    }

    fn told(flag: &Flag, seen: &[(LastSeen, bool)]) -> Vec<(&'static str, i64)> {
        let seen = seen.iter().map(|(it, production)| (it, *production));
        let stages = stages(flag, seen).into_iter();
        stages
            .map(|it| (it.stage.as_str(), it.at.as_millis()))
            .collect()
    }

    #[test]
    fn stages_follow_from_what_is_remembered() {
        let mut flag = flag();
        assert_eq!(told(&flag, &[]), [("initial", 10)]);
        let tried = (seen(20, 90), false);
        let live = (seen(30, 95), true);
        assert_eq!(
            told(&flag, std::slice::from_ref(&tried)),
            [("initial", 10), ("pre-live", 20)]
        );
        let all = [tried, (seen(25, 26), false), live.clone()];
        assert_eq!(
            told(&flag, &all),
            [("initial", 10), ("pre-live", 20), ("live", 30)]
        );
        let late = [(seen(40, 41), false), live.clone()];
        assert_eq!(told(&flag, &late), [("initial", 10), ("live", 30)]);
        flag.completed = Some(Completion {
            at: Timestamp::from_millis(25),
            outcome: Outcome::Kept,
            variant: None,
        });
        assert_eq!(
            told(&flag, &all),
            [("initial", 10), ("pre-live", 20), ("completed", 25)]
        );
        flag.archived_at = Some(Timestamp::from_millis(50));
        assert_eq!(
            told(&flag, &[live]),
            [("initial", 10), ("completed", 25), ("archived", 50)]
        );
    }

    #[test]
    fn what_was_seen_before_the_flag_was_made_was_another_flag() {
        assert_eq!(told(&flag(), &[(seen(1, 5), true)]), [("initial", 10)]);
        assert_eq!(
            told(&flag(), &[(seen(1, 15), true)]),
            [("initial", 10), ("live", 15)]
        );
    }
}
