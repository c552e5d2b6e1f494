//! Why a flag is on or off for one context: each strategy, constraint and segment looked at, whether it decides or not.
//!
//! For people who try flags out. It comes to the same answer as [`Program::evaluate`](super::Program::evaluate) and
//! takes its time: what is switched off or disabled, and so is not part of the program, is compiled on the spot.

use super::bucket::Dice;
use super::evaluate::Session;
use super::fault::Fault;
use super::flag::FlagSource;
use super::operators::CompiledConstraint;
use super::segment::{CompiledSegment, SegmentSource};
use super::strategy::CompiledStrategy;
use super::variant::VariantCompiler;
use crate::domain::strategy::Strategy;

/// What can be said about a strategy, or about all strategies of a flag.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Conclusion {
    /// It holds.
    Holds,
    /// It does not hold.
    Fails,
    /// Only an SDK can say: the strategy is custom, or asks where the application runs.
    Unknown,
}

impl Conclusion {
    fn of(holds: bool) -> Self {
        if holds { Self::Holds } else { Self::Fails }
    }
}

/// Whose list of variants was chosen from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ListOwner {
    /// The flag.
    Flag,
    /// The strategy at that place.
    Strategy(usize),
}

/// Why a flag is what it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Explanation {
    /// Whether the flag is on: what SDKs say. A flag of which only an SDK can say more is off.
    pub enabled: bool,
    /// Whether all flags it depends on are what they must be.
    pub dependencies_hold: bool,
    /// What its strategies say together, whatever the switch.
    pub conclusion: Conclusion,
    /// Its strategies, disabled ones included, in order.
    pub strategies: Vec<StrategyExplanation>,
    /// The list the variant is chosen from when the flag is on, and the place of the variant in it.
    pub variant: Option<(ListOwner, usize)>,
    /// Why the flag cannot be evaluated and is off, if so.
    pub fault: Option<Fault>,
}

/// Why a strategy holds or not.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StrategyExplanation {
    /// What it comes to. Of a disabled one, what it would come to.
    pub conclusion: Conclusion,
    /// Whether an SDK must be asked what its kind means.
    pub foreign: bool,
    /// Whether each of its constraints holds.
    pub constraints: Vec<bool>,
    /// Its segments, in order.
    pub segments: Vec<SegmentExplanation>,
    /// The place of the variant among its own that the user would get.
    pub variant: Option<usize>,
    /// Why it cannot be evaluated, if so.
    pub fault: Option<Fault>,
}

/// Why a segment holds or not.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SegmentExplanation {
    /// Whether the context is in it.
    pub holds: bool,
    /// Whether each of its constraints holds.
    pub constraints: Vec<bool>,
}

/// Kinds of strategies whose rule can be judged from a context alone.
const JUDGED: [&str; 7] = [
    "default",
    "userWithId",
    "flexibleRollout",
    "gradualRolloutUserId",
    "gradualRolloutSessionId",
    "gradualRolloutRandom",
    "remoteAddress",
];

impl<D: Dice + ?Sized> Session<'_, '_, D> {
    /// Explains one flag of the program, given as the domain has it.
    ///
    /// Dice that always say the same make all parts of an explanation agree where chance decides.
    pub fn explain(
        &mut self,
        index: Option<usize>,
        source: &FlagSource<'_>,
        segments: &dyn SegmentSource,
    ) -> Explanation {
        let strategies: Vec<StrategyExplanation> = source
            .strategies
            .iter()
            .map(|strategy| self.explain_strategy(strategy, source.name, segments))
            .collect();
        let mut active = source
            .strategies
            .iter()
            .zip(&strategies)
            .filter(|(strategy, _)| !strategy.disabled);
        let fault = active.find_map(|(_, it)| it.fault.clone());
        let conclusion = match fault {
            Some(_) => Conclusion::Fails,
            None => together(source, &strategies),
        };
        let dependencies_hold = index.is_none_or(|index| self.parents_agree(index));
        let enabled = source.enabled && dependencies_hold && conclusion == Conclusion::Holds;
        let variant = match enabled {
            true => self.explain_variant(source, &strategies),
            false => None,
        };
        Explanation {
            enabled,
            dependencies_hold,
            conclusion,
            strategies,
            variant,
            fault,
        }
    }

    fn explain_strategy(
        &mut self,
        source: &Strategy,
        flag: &str,
        segments: &dyn SegmentSource,
    ) -> StrategyExplanation {
        let compiled = CompiledStrategy::compile(source, flag, segments);
        let constraints: Vec<bool> = source
            .constraints
            .iter()
            .map(|it| CompiledConstraint::compile(it).is_ok_and(|it| self.constraint_holds(&it)))
            .collect();
        let named = source.segments.iter();
        let segments: Vec<SegmentExplanation> = named
            .map(|id| self.explain_segment(segments.segment(*id).as_deref()))
            .collect();
        let conditions =
            constraints.iter().all(|holds| *holds) && segments.iter().all(|segment| segment.holds);
        let foreign = !JUDGED.contains(&source.name.as_str());
        let conclusion = match &compiled {
            Ok(_) if foreign && conditions => Conclusion::Unknown,
            // The rule is asked even where conditions fail, so that chance is taken in a fixed order.
            Ok(it) => Conclusion::of(self.rule_holds(&it.rule) && conditions),
            Err(_) => Conclusion::Fails,
        };
        StrategyExplanation {
            conclusion,
            foreign,
            constraints,
            segments,
            variant: self.own_variant(source, flag),
            fault: compiled.err(),
        }
    }

    fn explain_segment(&self, segment: Option<&CompiledSegment>) -> SegmentExplanation {
        let usable = segment.filter(|it| it.fault().is_none());
        let constraints: Vec<bool> = usable
            .into_iter()
            .flat_map(CompiledSegment::constraints)
            .map(|it| self.constraint_holds(it))
            .collect();
        SegmentExplanation {
            holds: usable.is_some() && constraints.iter().all(|holds| *holds),
            constraints,
        }
    }

    /// The place of the variant among those of a strategy.
    fn own_variant(&mut self, source: &Strategy, flag: &str) -> Option<usize> {
        let parameter = |name| source.parameters.get(name).map(String::as_str);
        let mut compiler = VariantCompiler {
            impression_data: false,
            variants: Vec::new(),
        };
        let list = compiler.strategy_list(
            parameter("groupId").unwrap_or(flag),
            parameter("stickiness"),
            &source.variants,
        )?;
        self.variant_of(&list, &compiler.variants)
    }

    fn explain_variant(
        &mut self,
        source: &FlagSource<'_>,
        strategies: &[StrategyExplanation],
    ) -> Option<(ListOwner, usize)> {
        let decider = source.strategies.iter().zip(strategies).position(|it| {
            let (strategy, explained) = it;
            !strategy.disabled && explained.conclusion == Conclusion::Holds
        });
        if let Some(at) = decider
            && let Some((strategy, explained)) = source.strategies.get(at).zip(strategies.get(at))
            && !strategy.variants.is_empty()
        {
            let variant = explained.variant?;
            return Some((ListOwner::Strategy(at), variant));
        }
        let mut compiler = VariantCompiler {
            impression_data: source.impression_data,
            variants: Vec::new(),
        };
        let list = compiler.flag_list(source.name, source.variants)?;
        let variant = self.variant_of(&list, &compiler.variants)?;
        Some((ListOwner::Flag, variant))
    }
}

/// What the strategies that count say together. Without any, a flag that is switched on is on for everyone.
fn together(source: &FlagSource<'_>, explained: &[StrategyExplanation]) -> Conclusion {
    let pairs = source.strategies.iter().zip(explained);
    let conclusions: Vec<Conclusion> = pairs
        .filter(|(strategy, _)| !strategy.disabled)
        .map(|(_, it)| it.conclusion)
        .collect();
    if conclusions.is_empty() {
        return Conclusion::of(source.enabled);
    }
    [Conclusion::Holds, Conclusion::Unknown]
        .into_iter()
        .find(|wanted| conclusions.contains(wanted))
        .unwrap_or(Conclusion::Fails)
}
