//! One flag in one environment, compiled.

use super::compile;
use super::evaluate::Evaluation;
use super::fault::Fault;
use super::segment::SegmentSource;
use super::strategy::CompiledStrategy;
use super::variant::{CompiledVariant, VariantList};
use crate::domain::flag::Dependency;
use crate::domain::strategy::Strategy;
use crate::domain::variant::Variant;

/// One flag in one environment, as the domain has it.
#[derive(Clone, Copy, Debug)]
pub struct FlagSource<'a> {
    /// Its name.
    pub name: &'a str,
    /// The project it belongs to.
    pub project: &'a str,
    /// The switch of the environment.
    pub enabled: bool,
    /// Whether SDKs tell the application about each evaluation.
    pub impression_data: bool,
    /// In serving order; disabled ones are skipped.
    pub strategies: &'a [Strategy],
    /// Variants of the flag itself.
    pub variants: &'a [Variant],
    /// What other flags must be.
    pub dependencies: &'a [Dependency],
}

/// One flag, compiled. Nothing in it changes, so programs share it.
#[derive(Debug)]
pub struct CompiledFlag {
    pub(super) name: Box<str>,
    pub(super) project: Box<str>,
    pub(super) enabled: bool,
    pub(super) impression_data: bool,
    pub(super) fault: Option<Fault>,
    /// Empty: on for everyone.
    pub(super) strategies: Box<[CompiledStrategy]>,
    /// Those of the flag and of all its strategies.
    pub(super) variants: Box<[CompiledVariant]>,
    pub(super) own_variants: Option<VariantList>,
    pub(super) dependencies: Box<[CompiledDependency]>,
    pub(super) toggle: Toggle,
}

/// What another flag must be.
#[derive(Debug)]
pub(super) struct CompiledDependency {
    pub(super) parent: Box<str>,
    pub(super) enabled: bool,
    /// Empty: any.
    pub(super) variants: Box<[Box<str>]>,
}

/// The JSON of the flag in all its forms but for variants.
#[derive(Debug)]
pub(super) struct Toggle {
    pub(super) off: Box<str>,
    pub(super) on: Box<str>,
    /// How much of `on` comes before the variant.
    pub(super) head: u32,
}

impl CompiledFlag {
    /// Compiles one flag. A flag that cannot be evaluated compiles too: it is off, and [`Self::fault`] says why.
    #[must_use]
    pub fn compile(source: &FlagSource<'_>, segments: &dyn SegmentSource) -> Self {
        compile::flag(source, segments)
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The project it belongs to.
    #[must_use]
    pub fn project(&self) -> &str {
        &self.project
    }

    /// The switch of the environment.
    #[must_use]
    pub fn is_switched_on(&self) -> bool {
        self.enabled
    }

    /// Whether SDKs tell the application about each evaluation.
    #[must_use]
    pub fn impression_data(&self) -> bool {
        self.impression_data
    }

    /// Why the flag cannot be evaluated and is off, if so.
    #[must_use]
    pub fn fault(&self) -> Option<&Fault> {
        self.fault.as_ref()
    }

    /// Whether the flag depends on others.
    #[must_use]
    pub fn has_dependencies(&self) -> bool {
        !self.dependencies.is_empty()
    }

    /// All variants it can resolve to: its own and those of its strategies.
    #[must_use]
    pub fn variants(&self) -> &[CompiledVariant] {
        &self.variants
    }

    /// Appends the toggle of `/api/frontend` for an evaluation of this flag.
    pub fn write_toggle(&self, evaluation: Evaluation<'_>, out: &mut Vec<u8>) {
        match (evaluation.enabled, evaluation.variant) {
            (false, _) => out.extend_from_slice(self.toggle.off.as_bytes()),
            (true, None) => out.extend_from_slice(self.toggle.on.as_bytes()),
            (true, Some(variant)) => {
                let head = self.toggle.on.get(..self.toggle.head as usize);
                out.extend_from_slice(head.unwrap_or_default().as_bytes());
                out.extend_from_slice(variant.toggle_tail().as_bytes());
            }
        }
    }
}
