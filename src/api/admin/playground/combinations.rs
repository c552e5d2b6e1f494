//! Every combination of comma-separated values, and how many are too many.

use super::request::{AdvancedPlaygroundRequestSchema, Fields, includes};
use crate::domain::rejection::Rejection;
use crate::domain::state::State;

/// Most evaluations of one request, as the reference has it.
const MOST: usize = 15_000;

/// Refuses what would take too long.
pub(super) fn check(
    input: &AdvancedPlaygroundRequestSchema,
    state: &State,
) -> Result<(), Rejection> {
    let environments = input.environments.len();
    let live = state.flags.values().filter(|flag| !flag.is_archived());
    let wanted = live.filter(|flag| includes(input.projects.as_ref(), &flag.project));
    let features = wanted.count();
    let contexts = input
        .context
        .pairs()
        .iter()
        .map(|(_, value)| value.split(',').count())
        .fold(1_usize, usize::saturating_mul);
    let all = environments
        .saturating_mul(features)
        .saturating_mul(contexts);
    if all <= MOST {
        return Ok(());
    }
    Err(Rejection::bad_data(format!(
        "Rejecting evaluation as it would generate {all} combinations exceeding {MOST} limit. Please reduce the number \
         of selected environments ({environments}), features ({features}), context field combinations ({contexts})."
    )))
}

/// One context for each combination of values; the values of the first field change last.
pub(super) fn all(fields: &[(&str, &str)]) -> Vec<Fields> {
    let mut made = vec![Fields::new()];
    for (name, values) in fields {
        made = made
            .iter()
            .flat_map(|before| {
                values.split(',').map(|value| {
                    let mut one = before.clone();
                    one.insert((*name).to_owned(), value.to_owned());
                    one
                })
            })
            .collect();
    }
    made
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_meets_every_other() {
        let made = all(&[("a", "1,2"), ("b", "x"), ("c", "y,,z")]);
        let texts: Vec<String> = made
            .iter()
            .map(|it| it.values().cloned().collect::<Vec<_>>().join("/"))
            .collect();
        assert_eq!(texts, ["1/x/y", "1/x/", "1/x/z", "2/x/y", "2/x/", "2/x/z"]);
        assert_eq!(all(&[]), [Fields::new()]);
    }
}
