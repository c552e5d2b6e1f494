//! Finding things by what a caller calls them, or saying in the reference's words why they are not there.

use std::sync::Arc;

use super::command::FlagAddress;
use super::environment::Environment;
use super::flag::Flag;
use super::names::{EnvironmentName, StrategyId};
use super::project::Project;
use super::rejection::Rejection;
use super::state::State;
use super::strategy::Strategy;

impl State {
    /// A flag, archived or not.
    ///
    /// # Errors
    /// [`Rejection::NotFound`] when there is none, or when it is in another project.
    pub fn flag_at(&self, at: &FlagAddress) -> Result<&Arc<Flag>, Rejection> {
        let FlagAddress { project, name } = at;
        match self.flags.get(name.as_str()) {
            Some(flag) if flag.project == **project => Ok(flag),
            Some(flag) => Err(Rejection::NotFound(format!(
                "There's no feature named \"{name}\" in project \"{project}\", but there's a feature with that name in \
                 project \"{}\"",
                flag.project
            ))),
            None => Err(Rejection::NotFound(format!(
                "There's no feature named \"{name}\" in project \"{project}\"."
            ))),
        }
    }

    /// A flag that is not archived.
    ///
    /// # Errors
    /// As [`State::flag_at`], and when it is archived.
    pub fn live_flag_at(&self, at: &FlagAddress) -> Result<&Arc<Flag>, Rejection> {
        self.flag_at(at).and_then(|flag| {
            if flag.is_archived() {
                Err(Rejection::NotFound(format!(
                    "Could not find feature flag with name {}",
                    at.name
                )))
            } else {
                Ok(flag)
            }
        })
    }

    /// A project, archived or not.
    ///
    /// # Errors
    /// [`Rejection::NotFound`].
    pub fn project(&self, id: &str) -> Result<&Arc<Project>, Rejection> {
        self.projects
            .get(id)
            .ok_or_else(|| Rejection::NotFound("No project found".into()))
    }

    /// A project that is not archived.
    ///
    /// # Errors
    /// [`Rejection::NotFound`].
    pub fn active_project(&self, id: &str) -> Result<&Arc<Project>, Rejection> {
        self.projects
            .get(id)
            .filter(|project| project.archived_at.is_none())
            .ok_or_else(|| {
                Rejection::NotFound(format!("Active project with id {id} does not exist"))
            })
    }

    /// An environment.
    ///
    /// # Errors
    /// [`Rejection::NotFound`].
    pub fn environment(&self, name: &str) -> Result<&Arc<Environment>, Rejection> {
        self.environments
            .get(name)
            .ok_or_else(|| Rejection::NotFound(format!("Could not find environment {name}")))
    }

    /// Environments in the order of lists.
    #[must_use]
    pub fn environments_in_order(&self) -> Vec<&Arc<Environment>> {
        let mut all: Vec<_> = self.environments.values().collect();
        all.sort_by_key(|environment| (environment.sort_order, &environment.name));
        all
    }

    /// The environments a flag is shown with: those its project uses, in the order of lists.
    #[must_use]
    pub fn environments_of(&self, flag: &Flag) -> Vec<&Arc<Environment>> {
        let used = self
            .projects
            .get(&flag.project)
            .map(|project| &project.environments);
        let mut all = self.environments_in_order();
        all.retain(|environment| used.is_some_and(|used| used.contains_key(&environment.name)));
        all
    }

    /// The name of an environment a flag can be configured in: its project uses it, or did when the flag was.
    #[must_use]
    pub fn environment_of(&self, flag: &Flag, name: &str) -> Option<EnvironmentName> {
        self.environment_in_use(flag, name).or_else(|| {
            flag.environments
                .get_key_value(name)
                .map(|(name, _)| name.clone())
        })
    }

    /// The name of an environment the flag's project uses.
    #[must_use]
    pub fn environment_in_use(&self, flag: &Flag, name: &str) -> Option<EnvironmentName> {
        let project = self.projects.get(&flag.project)?;
        let (name, _) = project.environments.get_key_value(name)?;
        Some(name.clone())
    }

    /// Live flags that depend on the flag.
    pub fn children<'a>(&'a self, parent: &'a str) -> impl Iterator<Item = &'a Arc<Flag>> {
        self.flags
            .values()
            .filter(|flag| !flag.is_archived() && flag.depends_on(parent))
    }

    /// The flag and environment a strategy belongs to. Asks the flag named first, then all.
    #[must_use]
    pub fn strategy_owner(&self, likely: &str, id: &str) -> Option<(&Arc<Flag>, EnvironmentName)> {
        let likely = self.flags.get(likely).into_iter();
        likely.chain(self.flags.values()).find_map(|flag| {
            let (environment, _) = flag.strategy(id)?;
            Some((flag, environment.clone()))
        })
    }
}

impl Flag {
    /// Whether the flag depends on another one.
    #[must_use]
    pub fn depends_on(&self, parent: &str) -> bool {
        self.dependencies
            .iter()
            .any(|dependency| dependency.parent == *parent)
    }

    /// A strategy and the environment it is for.
    #[must_use]
    pub fn strategy(&self, id: &str) -> Option<(&EnvironmentName, &Strategy)> {
        self.environments.iter().find_map(|(name, environment)| {
            let found = environment
                .strategies
                .iter()
                .find(|strategy| StrategyId::as_str(&strategy.id) == id)?;
            Some((name, found))
        })
    }
}
