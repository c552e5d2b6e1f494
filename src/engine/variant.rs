//! Variants: what is chosen among once a flag is on.

use std::ops::Range;

use super::bucket::Group;
use super::context::{Context, Field};
use super::json;
use super::layout::Share;
use super::operators::TextSet;
use crate::domain::variant::{Payload, Variant};

/// One variant, compiled.
#[derive(Debug)]
pub struct CompiledVariant {
    name: Box<str>,
    payload: Option<Payload>,
    weight: u32,
    /// Sum of the weights up to and including this one.
    pub(super) reach: u32,
    overrides: Box<[(Field, TextSet)]>,
    /// The end of the toggle, from the variant on.
    toggle_tail: Box<str>,
}

impl CompiledVariant {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Data for the application.
    #[must_use]
    pub fn payload(&self) -> Option<&Payload> {
        self.payload.as_ref()
    }

    /// Its share of the weights of its list.
    #[must_use]
    pub fn weight(&self) -> u32 {
        self.weight
    }

    pub(super) fn toggle_tail(&self) -> &str {
        &self.toggle_tail
    }

    fn is_forced_for(&self, context: &Context<'_>) -> bool {
        self.overrides.iter().any(|(field, values)| {
            context
                .get(field)
                .is_some_and(|value| values.contains(value))
        })
    }
}

/// What the choice of a variant, or a rollout, sticks to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Stickiness {
    /// The user, else the session, else nothing.
    Default,
    /// Nothing.
    Random,
    /// A field of the context.
    Field(Field),
}

impl Stickiness {
    pub(super) fn named(name: Option<&str>) -> Self {
        match name {
            None | Some("default") => Self::Default,
            Some("random") => Self::Random,
            Some(field) => Self::Field(Field::named(field)),
        }
    }
}

/// A list of variants among which one choice is made: positions in the variants of the flag.
#[derive(Clone, Debug)]
pub(super) struct VariantList {
    range: Range<usize>,
    pub(super) group: Group,
    pub(super) stickiness: Stickiness,
    pub(super) total: u32,
    forces: bool,
}

/// Collects the variants of a flag and of its strategies in one place.
#[derive(Debug)]
pub(super) struct VariantCompiler {
    pub(super) impression_data: bool,
    pub(super) variants: Vec<CompiledVariant>,
}

impl VariantCompiler {
    /// The list of a flag: stickiness is that of the first variant, and variants may be forced.
    pub(super) fn flag_list(&mut self, flag: &str, variants: &[Variant]) -> Option<VariantList> {
        let stickiness = variants.first()?.stickiness.as_deref();
        self.list(flag, Stickiness::named(stickiness), variants, true)
    }

    /// The list of a strategy: group and stickiness are those of the strategy, nothing is forced.
    pub(super) fn strategy_list(
        &mut self,
        group: &str,
        stickiness: Option<&str>,
        variants: &[Variant],
    ) -> Option<VariantList> {
        self.list(group, Stickiness::named(stickiness), variants, false)
    }

    fn list(
        &mut self,
        group: &str,
        stickiness: Stickiness,
        variants: &[Variant],
        forces: bool,
    ) -> Option<VariantList> {
        if variants.is_empty() {
            return None;
        }
        let start = self.variants.len();
        let mut total = 0_u32;
        for variant in variants {
            total = total.saturating_add(variant.weight);
            let compiled = self.compile(variant, total, forces);
            self.variants.push(compiled);
        }
        Some(VariantList {
            range: start..self.variants.len(),
            group: Group::of_variants(group),
            stickiness,
            total,
            forces: forces && variants.iter().any(|it| !it.overrides.is_empty()),
        })
    }

    fn compile(&self, source: &Variant, reach: u32, forces: bool) -> CompiledVariant {
        let overrides = match forces {
            true => source.overrides.as_slice(),
            false => &[],
        };
        let tail = json::toggle_tail(&source.name, source.payload.as_ref(), self.impression_data);
        CompiledVariant {
            name: source.name.as_str().into(),
            payload: source.payload.clone(),
            weight: source.weight,
            reach,
            overrides: overrides
                .iter()
                .map(|it| (Field::named(&it.context_name), TextSet::new(&it.values)))
                .collect(),
            toggle_tail: tail.into(),
        }
    }
}

impl VariantList {
    /// The position among all `variants` of the flag of the one that is forced on that user.
    pub(super) fn forced(
        &self,
        variants: &[CompiledVariant],
        context: &Context<'_>,
    ) -> Option<usize> {
        if !self.forces {
            return None;
        }
        let list = variants.get(self.range.clone())?;
        let at = list.iter().position(|it| it.is_forced_for(context))?;
        Some(self.range.start + at)
    }

    /// The position among all variants of the flag, whose shares are the first of `shares`, of the one that `target`,
    /// from 1 to the total, falls on.
    pub(super) fn by_weight(&self, shares: &[Share], target: u32) -> Option<usize> {
        let list = shares.get(self.range.clone())?;
        let at = list.iter().position(|share| share.reach >= target)?;
        Some(self.range.start + at)
    }
}
