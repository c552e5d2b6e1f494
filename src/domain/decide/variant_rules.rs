//! What variants must look like to be saved, and how their weights are shared out (contract EVALUATION §6).

use serde_json::{Value, json};

use crate::domain::names::{MAX_NAME_LENGTH, check_url_friendly};
use crate::domain::rejection::Rejection;
use crate::domain::variant::{TOTAL_WEIGHT, Variant, WeightType};

/// Checks variants, shares the weights out and puts the variants in order.
///
/// The order decides which users get which variant, so it is the reference's: by name.
pub(super) fn weighed(given: &[Variant]) -> Result<Vec<Variant>, Rejection> {
    check_each(given)?;
    let mut variants = share(given)?;
    variants.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(variants)
}

fn check_each(given: &[Variant]) -> Result<(), Rejection> {
    for (index, variant) in given.iter().enumerate() {
        check_url_friendly(&format!("[{index}].name"), &variant.name, MAX_NAME_LENGTH)?;
        if variant.stickiness.as_deref() == Some("") {
            return Err(Rejection::empty(&format!("[{index}].stickiness")));
        }
        if variant
            .payload
            .as_ref()
            .is_some_and(|it| it.value.is_empty())
        {
            return Err(Rejection::empty(&format!("[{index}].payload.value")));
        }
        if given.iter().take(index).any(|it| it.name == variant.name) {
            return Err(duplicate(index, variant));
        }
    }
    given.iter().try_for_each(check_payload)
}

fn duplicate(index: usize, variant: &Variant) -> Rejection {
    let kind = match variant.weight_type {
        WeightType::Fix => "fix",
        WeightType::Variable => "variable",
    };
    Rejection::invalid(
        format!("[{index}]"),
        format!(
            "\"[{index}]\" contains a duplicate value. You provided {{\"name\":{},\"weight\":{},\"weightType\":\"{kind}\",\
             \"stickiness\":{}}}.",
            json!(variant.name),
            variant.weight,
            json!(variant.stickiness),
        ),
    )
}

fn check_payload(variant: &Variant) -> Result<(), Rejection> {
    let Some(payload) = variant.payload.as_ref().filter(|it| it.kind == "json") else {
        return Ok(());
    };
    if serde_json::from_str::<Value>(&payload.value).is_ok() {
        return Ok(());
    }
    Err(Rejection::invalid(
        "value",
        format!(
            "'value' must be a valid json string when 'type' is json. You provided {}.",
            json!(payload.value)
        ),
    ))
}

/// Fixed variants keep their weight. The others share the rest evenly; what is left over goes to the first of them
/// in the order given.
fn share(given: &[Variant]) -> Result<Vec<Variant>, Rejection> {
    let mut variants = given.to_vec();
    if variants.is_empty() {
        return Ok(variants);
    }
    let fixed: u64 = given
        .iter()
        .filter(|variant| variant.weight_type == WeightType::Fix)
        .map(|variant| u64::from(variant.weight))
        .sum();
    let Some(rest) = u32::try_from(fixed)
        .ok()
        .and_then(|fixed| TOTAL_WEIGHT.checked_sub(fixed))
    else {
        return Err(Rejection::bad_data(
            "The traffic distribution total must equal 100%",
        ));
    };
    let variable = |variant: &&mut Variant| variant.weight_type == WeightType::Variable;
    let sharers = u32::try_from(variants.iter_mut().filter(variable).count()).unwrap_or(u32::MAX);
    if sharers == 0 {
        return Err(Rejection::bad_data(
            "There must be at least one \"variable\" variant",
        ));
    }
    for (place, variant) in (0..).zip(variants.iter_mut().filter(variable)) {
        variant.weight = rest / sharers + u32::from(place < rest % sharers);
    }
    Ok(variants)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variant(name: &str, weight: u32, weight_type: WeightType) -> Variant {
        Variant {
            name: name.into(),
            weight,
            weight_type,
            stickiness: Some("default".into()),
            payload: None,
            overrides: Vec::new(),
        }
    }

    fn weights(list: &[(&str, u32, WeightType)]) -> Result<Vec<(String, u32)>, Rejection> {
        let variants: Vec<Variant> = list.iter().map(|(n, w, t)| variant(n, *w, *t)).collect();
        let saved = weighed(&variants)?;
        Ok(saved.into_iter().map(|it| (it.name, it.weight)).collect())
    }

    #[test]
    fn what_is_left_over_goes_to_the_first_given_and_names_decide_the_order() {
        use WeightType::{Fix, Variable};
        let even = weights(&[("c", 0, Variable), ("a", 7, Variable), ("b", 0, Variable)]).unwrap();
        assert_eq!(
            even,
            [("a".into(), 333), ("b".into(), 333), ("c".into(), 334)]
        );
        let mixed = weights(&[("a", 999, Fix), ("b", 1, Variable), ("c", 1, Variable)]).unwrap();
        assert_eq!(mixed, [("a".into(), 999), ("b".into(), 1), ("c".into(), 0)]);
    }

    #[test]
    fn weights_that_cannot_add_up_are_refused() {
        use WeightType::{Fix, Variable};
        assert!(weights(&[]).unwrap().is_empty());
        assert!(weights(&[("a", 300, Fix)]).is_err());
        assert!(weights(&[("a", 700, Fix), ("b", 700, Fix), ("c", 1, Variable)]).is_err());
        assert!(weights(&[("a", 1, Variable), ("a", 1, Variable)]).is_err());
        assert!(weights(&[("a b", 1, Variable)]).is_err());
    }
}
