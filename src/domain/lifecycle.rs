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
    /// Applications ask for it.
    PreLive,
    /// Applications in production ask for it, and it is on there.
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
        let any = (seen.first.unwrap_or(seen.at), seen.at);
        tried = earliest(tried, first_after(any, flag.created_at));
        if let Some(on) = seen.on.filter(|_| production) {
            live = earliest(live, first_after(on, flag.created_at));
        }
    }
    let mut entered = vec![Entered::new(Stage::Initial, flag.created_at)];
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

fn earliest(one: Option<Timestamp>, other: Option<Timestamp>) -> Option<Timestamp> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

/// The first time, unless that was another flag of the same name, deleted since; then the last.
fn first_after((first, last): (Timestamp, Timestamp), created: Timestamp) -> Option<Timestamp> {
    [first, last].into_iter().find(|at| *at >= created)
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
            on: None,
        }
    }

    fn on(first: i64, last: i64) -> LastSeen {
        let seen = seen(first, last);
        LastSeen {
            on: seen.first.map(|first| (first, seen.at)),
            ..seen
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
        let tried = (on(20, 90), false);
        let off = (seen(25, 95), true);
        let live = (on(30, 95), true);
        for tried in [tried.clone(), (seen(20, 90), true)] {
            let tried = std::slice::from_ref(&tried);
            assert_eq!(told(&flag, tried), [("initial", 10), ("pre-live", 20)]);
        }
        assert_eq!(told(&flag, &[off]), [("initial", 10), ("pre-live", 25)]);
        let all = [tried, live.clone()];
        assert_eq!(
            told(&flag, &all),
            [("initial", 10), ("pre-live", 20), ("live", 30)]
        );
        let alone = std::slice::from_ref(&live);
        assert_eq!(
            told(&flag, alone),
            [("initial", 10), ("pre-live", 30), ("live", 30)]
        );
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
            told(&flag, alone),
            [("initial", 10), ("completed", 25), ("archived", 50)]
        );
    }

    #[test]
    fn what_was_seen_before_the_flag_was_made_was_another_flag() {
        assert_eq!(told(&flag(), &[(on(1, 5), true)]), [("initial", 10)]);
        assert_eq!(
            told(&flag(), &[(on(1, 15), true)]),
            [("initial", 10), ("pre-live", 15), ("live", 15)]
        );
    }
}
