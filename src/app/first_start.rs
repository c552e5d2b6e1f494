//! What a new store is filled with, and what is imported at start.

use super::{App, StartError, demo};
use crate::auth::passwords;
use crate::auth::tokens::{self, Secret};
use crate::change::ChangeError;
use crate::config::{Accounts, Settings};
use crate::domain::api_token::{ApiToken, TokenKind, TokenProjects};
use crate::domain::command::{AccountCommand, Command, CreateInstance, NewUser};
use crate::domain::environment::Environment;
use crate::domain::event::Actor;
use crate::domain::instance::{HashKey, Instance};
use crate::domain::names::{EnvironmentName, ProjectId, SegmentId};
use crate::domain::rejection::Rejection;
use crate::domain::role;
use crate::domain::time::Timestamp;
use crate::domain::user::AccountKind;

/// What a first start made and shows once.
#[derive(Clone, Debug)]
pub struct FirstStart {
    /// A new admin token, when the settings named none.
    pub admin: Option<Secret>,
    /// A new backend token for the first environment, when the settings named none.
    pub backend: Option<Secret>,
    /// The first environment.
    pub environment: EnvironmentName,
    /// The first administrator.
    pub user: FirstUser,
}

/// The first administrator, made by a first start, or by the first start of a version that knows users.
#[derive(Clone, Debug)]
pub struct FirstUser {
    /// The name to sign in with.
    pub name: String,
    /// A new password, when the settings had none.
    pub password: Option<Secret>,
}

/// Fills the store if it is new.
pub(super) async fn fill(app: &App) -> Result<Option<FirstStart>, StartError> {
    if app.hub.load().state().instance.is_some() {
        return Ok(None);
    }
    let (wish, first) = plan(&app.settings, (app.clock)());
    let command = Command::CreateInstance(wish);
    match app.writer.submit(&command, &Actor::system()).await {
        Ok(done) => {
            if app.settings.bootstrap.demo {
                let first_segment = done.snapshot.state().counters.next_segment;
                seed_demo(app, first_segment).await?;
            }
            Ok(Some(first))
        }
        // Another node was first; what it made is as good.
        Err(ChangeError::Rejected(Rejection::InvalidOperation(_))) => Ok(None),
        Err(source) => Err(StartError::Change {
            what: "the new store could not be filled".into(),
            source,
        }),
    }
}

async fn seed_demo(app: &App, first_segment: SegmentId) -> Result<(), StartError> {
    let failed = |source| StartError::Change {
        what: "the demo flags could not be made".into(),
        source,
    };
    let command = demo::command(first_segment).map_err(|why| failed(ChangeError::Rejected(why)))?;
    let done = app.writer.submit(&command, &Actor::system()).await;
    done.map(|_| ()).map_err(failed)
}

/// Gives a store of an older version, which knew no users, its first administrator.
pub(super) async fn add_user(app: &App) -> Result<Option<FirstUser>, StartError> {
    let snapshot = app.hub.load_full();
    let state = snapshot.state();
    let Some(instance) = state.instance.as_ref().filter(|_| state.users.is_empty()) else {
        return Ok(None);
    };
    let (new, first) = first_user(&app.settings.accounts, &instance.hash_key);
    let command = Command::Account(AccountCommand::Create(new));
    match app.writer.submit(&command, &Actor::system()).await {
        Ok(_) => Ok(Some(first)),
        // Another node was first.
        Err(ChangeError::Rejected(Rejection::BadData(_))) => Ok(None),
        Err(source) => Err(StartError::Change {
            what: "the first administrator could not be made".into(),
            source,
        }),
    }
}

fn first_user(accounts: &Accounts, key: &HashKey) -> (NewUser, FirstUser) {
    let given = accounts.admin_password.expose().first();
    let made = given.is_none().then(passwords::generate);
    let password = made
        .as_ref()
        .map(Secret::expose)
        .or(given.map(String::as_str));
    let new = NewUser {
        kind: AccountKind::Person,
        username: Some(accounts.admin_name.clone()),
        email: None,
        name: None,
        root_role: role::ADMIN,
        password: password.and_then(|password| passwords::hash(key, password)),
        reset: None,
    };
    let first = FirstUser {
        name: accounts.admin_name.clone(),
        password: made,
    };
    (new, first)
}

fn plan(settings: &Settings, now: Timestamp) -> (CreateInstance, FirstStart) {
    let bootstrap = &settings.bootstrap;
    let instance = Instance {
        id: uuid::Uuid::new_v4().to_string(),
        hash_key: HashKey::new(tokens::random_bytes()),
        created_at: now,
    };
    let environments: Vec<Environment> = bootstrap
        .environments
        .iter()
        .zip(1..)
        .map(|(name, position)| environment(name, position * 100))
        .collect();
    let first_environment = bootstrap
        .environments
        .first()
        .cloned()
        .unwrap_or_else(|| EnvironmentName::trusted("development"));
    let mut maker = TokenMaker {
        instance: &instance,
        environments: &bootstrap.environments,
        now,
        made: Vec::new(),
    };
    maker.add_all(TokenKind::Admin, bootstrap.admin_tokens.expose());
    maker.add_all(TokenKind::Backend, bootstrap.backend_tokens.expose());
    maker.add_all(TokenKind::Frontend, bootstrap.frontend_tokens.expose());
    if bootstrap.demo {
        demo::BACKEND_TOKENS
            .iter()
            .for_each(|secret| maker.add(TokenKind::Backend, secret));
        demo::FRONTEND_TOKENS
            .iter()
            .for_each(|secret| maker.add(TokenKind::Frontend, secret));
    }
    let (admin, user) = first_user(&settings.accounts, &instance.hash_key);
    let first = FirstStart {
        admin: bootstrap
            .admin_tokens
            .expose()
            .is_empty()
            .then(|| maker.make(TokenKind::Admin, "*:*")),
        backend: (bootstrap.backend_tokens.expose().is_empty() && !bootstrap.demo)
            .then(|| maker.make(TokenKind::Backend, &format!("*:{first_environment}"))),
        environment: first_environment,
        user,
    };
    let tokens = maker.made;
    let wish = CreateInstance {
        environments,
        tokens,
        admin: Some(admin),
        frontend_origins: bootstrap.frontend_origins.clone(),
        instance,
    };
    (wish, first)
}

/// Kinds are guessed from names people commonly give; they only colour the console.
fn environment(name: &EnvironmentName, sort_order: i32) -> Environment {
    let kind = match name.as_str() {
        "production" | "prod" | "live" => "production",
        "stage" | "staging" | "preproduction" | "preprod" => "preproduction",
        "test" | "testing" | "qa" => "test",
        _ => "development",
    };
    Environment {
        name: name.clone(),
        kind: kind.into(),
        sort_order,
        enabled: true,
        protected: false,
    }
}

struct TokenMaker<'a> {
    instance: &'a Instance,
    environments: &'a [EnvironmentName],
    now: Timestamp,
    made: Vec<ApiToken>,
}

impl TokenMaker<'_> {
    fn make(&mut self, kind: TokenKind, scope: &str) -> Secret {
        let secret = tokens::generate(scope);
        self.add(kind, secret.expose());
        secret
    }

    fn add_all(&mut self, kind: TokenKind, secrets: &[String]) {
        secrets.iter().for_each(|secret| self.add(kind, secret));
    }

    /// As on the reference server, a token whose environment or project does not exist is reported and left out.
    fn add(&mut self, kind: TokenKind, secret: &str) {
        let scope = tokens::visible_prefix(secret).trim_end_matches('.');
        let Some((project, environment)) = scope.split_once(':') else {
            tracing::warn!(
                "an initial token is not of the form project:environment.secret and was left out"
            );
            return;
        };
        let known = self
            .environments
            .iter()
            .find(|name| name.as_str() == environment);
        if (kind != TokenKind::Admin && known.is_none())
            || !["*", ProjectId::DEFAULT].contains(&project)
        {
            tracing::warn!(
                project,
                environment,
                "an initial token names a project or environment that does not exist and was left out"
            );
            return;
        }
        self.made.push(ApiToken {
            hash: tokens::hash(&self.instance.hash_key, secret),
            name: if kind == TokenKind::Admin {
                "admin"
            } else {
                "initial"
            }
            .into(),
            kind,
            projects: match project {
                "*" => TokenProjects::All,
                project => TokenProjects::Only([ProjectId::trusted(project)].into()),
            },
            environment: known.filter(|_| kind != TokenKind::Admin).cloned(),
            visible_prefix: tokens::visible_prefix(secret).to_owned(),
            alias_hash: None,
            expires_at: None,
            created_at: self.now,
            created_by: Actor::system().name,
        });
    }
}
