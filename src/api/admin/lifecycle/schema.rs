//! The shapes of the life of flags.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::flag::Outcome;
use crate::domain::lifecycle::{Entered, Stage};

/// A stage of a flag's life.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(in crate::api::admin) enum LifecycleStage {
    Initial,
    PreLive,
    Live,
    Completed,
    Archived,
}

/// How a flag's life ended.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::api::admin) enum LifecycleOutcome {
    Kept,
    Discarded,
}

impl From<LifecycleOutcome> for Outcome {
    fn from(it: LifecycleOutcome) -> Self {
        match it {
            LifecycleOutcome::Kept => Self::Kept,
            LifecycleOutcome::Discarded => Self::Discarded,
        }
    }
}

impl From<Outcome> for LifecycleOutcome {
    fn from(it: Outcome) -> Self {
        match it {
            Outcome::Kept => Self::Kept,
            Outcome::Discarded => Self::Discarded,
        }
    }
}

/// A stage a flag has entered.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api::admin) struct LifecycleEntry {
    /// The stage.
    pub stage: LifecycleStage,
    /// How it ended, of completed ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = LifecycleOutcome, required = false)]
    pub status: Option<LifecycleOutcome>,
    /// When.
    #[schema(format = DateTime)]
    pub entered_stage_at: String,
}

impl From<&Entered> for LifecycleEntry {
    fn from(it: &Entered) -> Self {
        Self {
            stage: match it.stage {
                Stage::Initial => LifecycleStage::Initial,
                Stage::PreLive => LifecycleStage::PreLive,
                Stage::Live => LifecycleStage::Live,
                Stage::Completed => LifecycleStage::Completed,
                Stage::Archived => LifecycleStage::Archived,
            },
            status: it.outcome.map(Into::into),
            entered_stage_at: it.at.to_string(),
        }
    }
}

/// The stages a flag has entered, in order.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FeatureLifecycleSchema(pub Vec<LifecycleEntry>);

/// How a flag's life ended.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct FeatureLifecycleCompletedSchema {
    /// Whether what it switched was kept.
    pub status: LifecycleOutcome,
    /// The variant that was kept.
    #[serde(default)]
    #[schema(value_type = String, required = false)]
    pub status_value: Option<String>,
}

/// How many flags are in each stage.
#[derive(Debug, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct FeatureLifecycleCountSchema {
    /// Made.
    pub initial: usize,
    /// Tried out.
    pub pre_live: usize,
    /// In production.
    pub live: usize,
    /// Done.
    pub completed: usize,
    /// Put away.
    pub archived: usize,
}

impl FeatureLifecycleCountSchema {
    pub(super) fn new(stages: impl Iterator<Item = Stage>) -> Self {
        let mut counts = Self::default();
        for stage in stages {
            *match stage {
                Stage::Initial => &mut counts.initial,
                Stage::PreLive => &mut counts.pre_live,
                Stage::Live => &mut counts.live,
                Stage::Completed => &mut counts.completed,
                Stage::Archived => &mut counts.archived,
            } += 1;
        }
        counts
    }
}
