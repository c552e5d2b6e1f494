//! The demo: a new store filled with example flags and known tokens, for people who want to see it work in one minute.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::auth::tokens::Secret;
use crate::domain::command::{
    Command, DependencyCommand, FlagAddress, FlagCommand, NewFlag, NewStrategy, SegmentCommand,
    SegmentWish, StrategyCommand,
};
use crate::domain::constraint::Constraint;
use crate::domain::names::{FlagKindId, FlagName, ProjectId, SegmentId};
use crate::domain::rejection::Rejection;
use crate::domain::variant::Variant;

/// Backend tokens everybody knows.
pub(super) const BACKEND_TOKENS: [&str; 2] = [
    "*:development.demo-backend-token",
    "*:production.demo-backend-token",
];
/// Frontend tokens everybody knows.
pub(super) const FRONTEND_TOKENS: [&str; 2] = [
    "*:development.demo-frontend-token",
    "*:production.demo-frontend-token",
];

#[derive(Deserialize)]
struct Demo {
    segments: Vec<DemoSegment>,
    flags: Vec<DemoFlag>,
    variants: BTreeMap<String, Vec<Variant>>,
}

#[derive(Deserialize)]
struct DemoSegment {
    name: String,
    description: String,
    constraints: Vec<Constraint>,
}

#[derive(Deserialize)]
struct DemoFlag {
    name: String,
    kind: String,
    description: String,
    #[serde(default)]
    impression_data: bool,
    parent: Option<String>,
    development: DemoEnvironment,
    production: DemoEnvironment,
}

#[derive(Deserialize)]
struct DemoEnvironment {
    on: bool,
    strategies: Vec<DemoStrategy>,
}

#[derive(Deserialize)]
struct DemoStrategy {
    name: String,
    title: Option<String>,
    #[serde(default)]
    parameters: BTreeMap<String, String>,
    #[serde(default)]
    constraints: Vec<Constraint>,
    #[serde(default)]
    segments: Vec<String>,
    variants: Option<String>,
}

/// Everything the demo makes, as one change of a store whose first segment gets the number `first_segment`.
pub(super) fn command(first_segment: SegmentId) -> Result<Command, Rejection> {
    let demo: Demo = serde_json::from_str(include_str!("demo.json"))
        .map_err(|error| Rejection::BadData(format!("the demo flags: {error}")))?;
    let mut steps = Vec::new();
    for segment in &demo.segments {
        steps.push(Command::Segment(SegmentCommand::Create(SegmentWish {
            name: segment.name.clone(),
            description: Some(Some(segment.description.clone())),
            project: None,
            constraints: segment.constraints.clone(),
        })));
    }
    for flag in &demo.flags {
        steps.push(create(flag)?);
        for (environment, its) in [
            ("development", &flag.development),
            ("production", &flag.production),
        ] {
            configure(&mut steps, &demo, first_segment, flag, environment, its);
        }
    }
    Ok(Command::Batch(steps))
}

fn address(flag: &DemoFlag) -> FlagAddress {
    FlagAddress {
        project: ProjectId::DEFAULT.into(),
        name: flag.name.clone(),
    }
}

fn create(flag: &DemoFlag) -> Result<Command, Rejection> {
    Ok(Command::Flag(FlagCommand::Create(NewFlag {
        project: ProjectId::DEFAULT.into(),
        name: FlagName::parse(&flag.name)?,
        kind: FlagKindId::trusted(&flag.kind),
        description: Some(flag.description.clone()),
        impression_data: flag.impression_data,
        stale: false,
        archived: false,
        created_at: None,
        tags: std::collections::BTreeSet::new(),
    })))
}

fn configure(
    steps: &mut Vec<Command>,
    demo: &Demo,
    first_segment: SegmentId,
    flag: &DemoFlag,
    environment: &str,
    its: &DemoEnvironment,
) {
    for strategy in &its.strategies {
        steps.push(Command::Strategy(StrategyCommand::Add {
            at: address(flag),
            environment: environment.into(),
            strategy: new_strategy(demo, first_segment, strategy),
        }));
    }
    if its.on {
        steps.push(Command::Strategy(StrategyCommand::Switch {
            at: address(flag),
            environment: environment.into(),
            on: true,
            activate_disabled: false,
        }));
    }
    if let Some(parent) = flag.parent.as_ref().filter(|_| environment == "production") {
        steps.push(Command::Dependency(DependencyCommand::Set {
            child: address(flag),
            parent: parent.clone(),
            enabled: true,
            variants: None,
        }));
    }
}

fn new_strategy(demo: &Demo, first_segment: SegmentId, strategy: &DemoStrategy) -> NewStrategy {
    let number = |name: &String| {
        let place = demo
            .segments
            .iter()
            .position(|segment| segment.name == *name)?;
        Some(SegmentId(first_segment.0 + i32::try_from(place).ok()?))
    };
    NewStrategy {
        name: strategy.name.clone(),
        title: strategy.title.clone(),
        disabled: false,
        sort_order: None,
        parameters: strategy.parameters.clone(),
        constraints: strategy.constraints.clone(),
        segments: strategy.segments.iter().filter_map(number).collect(),
        variants: strategy
            .variants
            .as_ref()
            .and_then(|name| demo.variants.get(name))
            .cloned()
            .unwrap_or_default(),
    }
}

/// What the greeting says about the demo.
pub(super) fn introduction(url: &str, admin: Option<&Secret>) -> String {
    let [backend, _] = BACKEND_TOKENS;
    let [frontend, production_frontend] = FRONTEND_TOKENS;
    let admin = admin.map_or_else(
        || "the one you set".to_owned(),
        |secret| format!("{}  (shown once)", secret.expose()),
    );
    format!(
        "
A dozen example flags are in place, in development and production. Everybody knows these tokens: demo only.

  backend token   {backend}   (or *:production.…)
  frontend token  {frontend}   (or *:production.…)
  admin token     {admin}

See who gets what in production:

  curl '{url}/api/frontend?userId=ada&properties[country]=no&properties[appVersion]=3.1.0' \\
    -H 'Authorization: {production_frontend}'

Ask in Node (npm install unleash-client):

  const {{ startUnleash }} = require('unleash-client');
  startUnleash({{ url: '{url}/api', appName: 'demo', customHeaders: {{ Authorization: '{backend}' }} }})
    .then((unleash) => console.log(unleash.getVariant('button-colour', {{ userId: 'ada' }})));

"
    )
}
