//! What the paths of several resources name.

use serde::Deserialize;
use utoipa::IntoParams;

use crate::domain::command::{FlagAddress, StrategyAddress};

/// A project.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Path)]
pub(super) struct ProjectPath {
    /// The project.
    pub project_id: String,
}

/// An environment of a project.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Path)]
pub(super) struct ProjectEnvironmentPath {
    /// The project.
    pub project_id: String,
    /// The environment.
    pub environment: String,
}

/// A flag of a project.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Path)]
pub(super) struct FeaturePath {
    /// The project.
    pub project_id: String,
    /// The flag.
    pub feature_name: String,
}

impl FeaturePath {
    pub(super) fn address(&self) -> FlagAddress {
        FlagAddress {
            project: self.project_id.clone(),
            name: self.feature_name.clone(),
        }
    }
}

/// A flag of a project in an environment.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Path)]
pub(super) struct FeatureEnvironmentPath {
    /// The project.
    pub project_id: String,
    /// The flag.
    pub feature_name: String,
    /// The environment.
    pub environment: String,
}

impl FeatureEnvironmentPath {
    pub(super) fn address(&self) -> FlagAddress {
        FlagAddress {
            project: self.project_id.clone(),
            name: self.feature_name.clone(),
        }
    }
}

/// A strategy of a flag in an environment.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Path)]
pub(super) struct StrategyPath {
    /// The project.
    pub project_id: String,
    /// The flag.
    pub feature_name: String,
    /// The environment.
    pub environment: String,
    /// The strategy.
    pub strategy_id: String,
}

impl StrategyPath {
    pub(super) fn address(&self) -> StrategyAddress {
        StrategyAddress {
            flag: FlagAddress {
                project: self.project_id.clone(),
                name: self.feature_name.clone(),
            },
            environment: self.environment.clone(),
            id: self.strategy_id.clone(),
        }
    }
}
