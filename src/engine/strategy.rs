//! Strategies: the rule of each kind, its constraints and its segments.

use std::sync::Arc;

use super::bucket::Group;
use super::fault::{Fault, readable_by_sdks};
use super::operators::{Addresses, CompiledConstraint, TextSet};
use super::segment::{CompiledSegment, SegmentSource};
use super::variant::{Stickiness, VariantList};
use crate::domain::strategy::Strategy;

/// One strategy, compiled. It holds where its rule, its constraints and its segments all hold.
#[derive(Debug)]
pub(super) struct CompiledStrategy {
    pub(super) rule: Rule,
    pub(super) constraints: Box<[Arc<CompiledConstraint>]>,
    pub(super) segments: Box<[Arc<CompiledSegment>]>,
    pub(super) variants: Option<VariantList>,
}

/// What a kind of strategy asks, its parameters read.
#[derive(Clone, Debug)]
pub(super) enum Rule {
    Always,
    /// A parameter is missing, or the kind is custom: only SDKs that implement it can answer.
    Never,
    Users(Arc<TextSet>),
    Addresses(Arc<Addresses>),
    /// In lower case.
    Hosts(Arc<[Box<str>]>),
    Rollout {
        percent: u32,
        group: Group,
        stickiness: Stickiness,
    },
    Chance(u32),
}

impl CompiledStrategy {
    /// Compiles all but the variants.
    pub(super) fn compile(
        source: &Strategy,
        flag: &str,
        segments: &dyn SegmentSource,
    ) -> Result<Self, Fault> {
        Ok(Self {
            rule: Rule::compile(source, flag)?,
            constraints: source
                .constraints
                .iter()
                .map(|it| CompiledConstraint::compile(it).map(Arc::new))
                .collect::<Result<_, _>>()?,
            segments: compile_segments(source, segments)?,
            variants: None,
        })
    }

    /// The constraints of the strategy, then those of its segments.
    pub(super) fn all_constraints(&self) -> impl Iterator<Item = &Arc<CompiledConstraint>> {
        self.constraints.iter().chain(
            self.segments
                .iter()
                .flat_map(|segment| segment.constraints()),
        )
    }
}

fn compile_segments(
    source: &Strategy,
    segments: &dyn SegmentSource,
) -> Result<Box<[Arc<CompiledSegment>]>, Fault> {
    let find = |id| {
        let segment = segments.segment(id).ok_or(Fault::MissingSegment(id))?;
        match segment.fault() {
            Some(fault) => Err(fault.clone()),
            None => Ok(segment),
        }
    };
    source.segments.iter().copied().map(find).collect()
}

impl Rule {
    fn compile(source: &Strategy, flag: &str) -> Result<Self, Fault> {
        let parameter = |name| source.parameters.get(name).map(String::as_str);
        match source.name.as_str() {
            "default" => Ok(Self::Always),
            "userWithId" => Ok(parameter("userIds").map_or(Self::Never, |ids| {
                Self::Users(Arc::new(TextSet::new(ids.split(',').map(str::trim))))
            })),
            "flexibleRollout" => Self::rollout(
                parameter("rollout"),
                Some(parameter("groupId").unwrap_or(flag)),
                Stickiness::named(parameter("stickiness")),
            ),
            "gradualRolloutUserId" => Self::rollout(
                parameter("percentage"),
                parameter("groupId"),
                Stickiness::named(Some("userId")),
            ),
            "gradualRolloutSessionId" => Self::rollout(
                parameter("percentage"),
                parameter("groupId"),
                Stickiness::named(Some("sessionId")),
            ),
            "gradualRolloutRandom" => {
                Ok(percentage(parameter("percentage")).map_or(Self::Never, Self::Chance))
            }
            "remoteAddress" => match parameter("IPs") {
                Some(list) => {
                    let entries = readable_by_sdks(list)?.split(',').map(str::trim);
                    Ok(Self::Addresses(Arc::new(Addresses::new(entries))))
                }
                None => Ok(Self::Never),
            },
            "applicationHostname" => hosts(parameter("hostNames").unwrap_or_default()),
            _ => Ok(Self::Never),
        }
    }

    fn rollout(
        percent: Option<&str>,
        group: Option<&str>,
        stickiness: Stickiness,
    ) -> Result<Self, Fault> {
        let (Some(percent), Some(group)) = (percentage(percent), group) else {
            return Ok(Self::Never);
        };
        if percent > 100 {
            return Err(Fault::ShareTooLarge(percent.to_string().into()));
        }
        if let Stickiness::Field(super::context::Field::Property(name)) = &stickiness {
            readable_by_sdks(name)?;
        }
        // A rollout to everybody that needs no field is no question.
        if percent == 100 && matches!(stickiness, Stickiness::Default | Stickiness::Random) {
            unquoted(group)?;
            return Ok(Self::Always);
        }
        Ok(Self::Rollout {
            percent,
            group: Group::of_rollout(&unquoted(group)?),
            stickiness,
        })
    }
}

/// A whole number; too large ones are as good as the largest.
fn percentage(text: Option<&str>) -> Option<u32> {
    let number = text?.parse::<usize>().ok()?;
    Some(u32::try_from(number).unwrap_or(u32::MAX))
}

fn hosts(list: &str) -> Result<Rule, Fault> {
    let names = list
        .split(',')
        .map(|name| Ok(unquoted(name.trim())?.to_lowercase().into()));
    names.collect::<Result<_, _>>().map(Rule::Hosts)
}

/// The text as SDKs read it: a quotation mark must follow a backslash, which is then dropped.
fn unquoted(text: &str) -> Result<String, Fault> {
    Ok(readable_by_sdks(text)?.replace("\\\"", "\""))
}
