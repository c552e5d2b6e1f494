//! From the domain's description of a flag to the plain data that is evaluated.

use super::fault::Fault;
use super::flag::{CompiledDependency, CompiledFlag, FlagSource, Toggle};
use super::json;
use super::segment::SegmentSource;
use super::strategy::CompiledStrategy;
use super::variant::VariantCompiler;
use crate::domain::flag::Dependency;
use crate::domain::strategy::Strategy;

pub(super) fn flag(source: &FlagSource<'_>, segments: &dyn SegmentSource) -> CompiledFlag {
    let mut variants = VariantCompiler {
        impression_data: source.impression_data,
        variants: Vec::new(),
    };
    let own_variants = variants.flag_list(source.name, source.variants);
    let (strategies, fault) = match strategies(source, segments, &mut variants) {
        Ok(strategies) => (strategies, None),
        Err(fault) => (Box::default(), Some(fault)),
    };
    CompiledFlag {
        name: source.name.into(),
        project: source.project.into(),
        enabled: source.enabled,
        impression_data: source.impression_data,
        fault,
        strategies,
        variants: variants.variants.into(),
        own_variants,
        dependencies: source.dependencies.iter().map(dependency).collect(),
        toggle: toggle(source),
    }
}

fn strategies(
    source: &FlagSource<'_>,
    segments: &dyn SegmentSource,
    variants: &mut VariantCompiler,
) -> Result<Box<[CompiledStrategy]>, Fault> {
    source
        .strategies
        .iter()
        .filter(|strategy| !strategy.disabled)
        .map(|strategy| compile_strategy(strategy, source.name, segments, variants))
        .collect()
}

fn compile_strategy(
    source: &Strategy,
    flag: &str,
    segments: &dyn SegmentSource,
    variants: &mut VariantCompiler,
) -> Result<CompiledStrategy, Fault> {
    let mut strategy = CompiledStrategy::compile(source, flag, segments)?;
    let parameter = |name| source.parameters.get(name).map(String::as_str);
    strategy.variants = variants.strategy_list(
        parameter("groupId").unwrap_or(flag),
        parameter("stickiness"),
        &source.variants,
    );
    Ok(strategy)
}

fn dependency(source: &Dependency) -> CompiledDependency {
    CompiledDependency {
        parent: source.parent.as_str().into(),
        enabled: source.enabled,
        variants: source
            .variants
            .iter()
            .map(|name| name.as_str().into())
            .collect(),
    }
}

fn toggle(source: &FlagSource<'_>) -> Toggle {
    let whole = |enabled| {
        json::toggle_head(source.name, enabled)
            + &json::toggle_tail_without_variant(enabled, source.impression_data)
    };
    Toggle {
        off: whole(false).into(),
        on: whole(true).into(),
        head: u32::try_from(json::toggle_head(source.name, true).len()).unwrap_or_default(),
    }
}
