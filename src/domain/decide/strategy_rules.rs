//! What a strategy must look like to be saved, and the form in which it is saved.
//!
//! Stricter than the reference where SDKs switch a flag off because of a sloppy parameter
//! (contract EVALUATION §4, §5.1).

use std::collections::BTreeMap;

use super::constraint_rules::check_strategy_constraints;
use super::variant_rules;
use crate::domain::command::NewStrategy;
use crate::domain::flag::Flag;
use crate::domain::limits::Limits;
use crate::domain::names::{ProjectId, SegmentId, StrategyId};
use crate::domain::rejection::Rejection;
use crate::domain::state::State;
use crate::domain::strategy::Strategy;

/// The kind whose parameters are filled in.
pub(super) const ROLLOUT: &str = "flexibleRollout";

/// Checks a new strategy of a flag and makes it what will be saved, except for its place.
pub(super) fn check_new(
    state: &State,
    limits: &Limits,
    flag: &Flag,
    new: &NewStrategy,
    id: StrategyId,
) -> Result<Strategy, Rejection> {
    check_kind(state, &new.name)?;
    let parameters = filled(&new.name, &new.parameters, flag.name.as_str());
    check_parameters(&new.name, &parameters)?;
    Ok(Strategy {
        id,
        name: new.name.clone(),
        title: new.title.clone(),
        disabled: new.disabled,
        sort_order: new.sort_order.unwrap_or_default(),
        parameters,
        constraints: check_strategy_constraints(&new.constraints, state, limits)?,
        segments: check_segments(state, limits, &flag.project, &new.segments)?,
        variants: variant_rules::weighed(&new.variants)?,
    })
}

/// Whether there is such a kind of strategy.
pub(super) fn check_kind(state: &State, name: &str) -> Result<(), Rejection> {
    if state.strategy_kinds.contains_key(name) {
        return Ok(());
    }
    Err(Rejection::bad_data(format!(
        "Could not find strategy type with name {name}"
    )))
}

/// The parameters with those filled in that a rollout cannot do without.
pub(super) fn filled(
    kind: &str,
    given: &BTreeMap<String, String>,
    flag: &str,
) -> BTreeMap<String, String> {
    let mut parameters = given.clone();
    if kind == ROLLOUT {
        parameters
            .entry("rollout".into())
            .or_insert_with(|| "100".into());
        for (name, value) in [("groupId", flag), ("stickiness", "default")] {
            let own = parameters.entry(name.into()).or_default();
            if own.is_empty() {
                value.clone_into(own);
            }
        }
    }
    parameters
}

/// Refuses parameters that some SDKs answer by switching the whole flag off.
pub(super) fn check_parameters(
    kind: &str,
    parameters: &BTreeMap<String, String>,
) -> Result<(), Rejection> {
    if kind == ROLLOUT
        && let Some(rollout) = parameters.get("rollout")
    {
        check_percentage("rollout", rollout)?;
    }
    for name in ["groupId", "hostNames"] {
        if let Some(value) = parameters.get(name).filter(|value| value.contains('"')) {
            return Err(Rejection::broken_rule(
                name,
                "must not contain quotation marks",
                &value.as_str().into(),
            ));
        }
    }
    Ok(())
}

/// Empty text is let through: every SDK reads it as nobody.
fn check_percentage(name: &str, text: &str) -> Result<(), Rejection> {
    if text.is_empty() || text.parse::<u8>().is_ok_and(|percentage| percentage <= 100) {
        return Ok(());
    }
    Err(Rejection::broken_rule(
        name,
        "must be a whole number from 0 to 100",
        &text.into(),
    ))
}

/// Checks the segments of a strategy; each is named once, in ascending order.
pub(super) fn check_segments(
    state: &State,
    limits: &Limits,
    project: &ProjectId,
    given: &[SegmentId],
) -> Result<Vec<SegmentId>, Rejection> {
    let mut segments = given.to_vec();
    segments.sort_unstable();
    segments.dedup();
    for id in &segments {
        let Some(segment) = state.segments.get(id) else {
            return Err(Rejection::NotFound(format!(
                "No segment exists with ID \"{id}\""
            )));
        };
        if segment.project.as_ref().is_some_and(|own| own != project) {
            return Err(Rejection::bad_data(format!(
                "The segment \"{}\" belongs to another project",
                segment.name
            )));
        }
    }
    if segments.len() > limits.strategy_segments {
        return Err(Rejection::bad_data(format!(
            "Strategies may not have more than {} segments",
            limits.strategy_segments
        )));
    }
    Ok(segments)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameters(list: &[(&str, &str)]) -> BTreeMap<String, String> {
        list.iter()
            .map(|(name, value)| ((*name).into(), (*value).into()))
            .collect()
    }

    #[test]
    fn a_rollout_gets_what_it_cannot_do_without() {
        let all = [
            ("groupId", "f"),
            ("rollout", "100"),
            ("stickiness", "default"),
        ];
        assert_eq!(filled(ROLLOUT, &parameters(&[]), "f"), parameters(&all));
        let empty = [
            ("groupId", ""),
            ("rollout", ""),
            ("stickiness", ""),
            ("x", ""),
        ];
        let saved = [
            ("groupId", "f"),
            ("rollout", ""),
            ("stickiness", "default"),
            ("x", ""),
        ];
        assert_eq!(
            filled(ROLLOUT, &parameters(&empty), "f"),
            parameters(&saved)
        );
        assert_eq!(filled("default", &parameters(&[]), "f"), parameters(&[]));
    }

    #[test]
    fn parameters_that_break_sdks_are_refused() {
        for good in ["", "0", "7", "100"] {
            assert!(check_parameters(ROLLOUT, &parameters(&[("rollout", good)])).is_ok());
        }
        for bad in ["101", "-1", "50.5", "abc", " 5"] {
            let refused = check_parameters(ROLLOUT, &parameters(&[("rollout", bad)]));
            assert!(matches!(refused, Err(Rejection::Invalid { .. })), "{bad}");
        }
        assert!(check_parameters("x", &parameters(&[("hostNames", "a\"b")])).is_err());
    }
}
