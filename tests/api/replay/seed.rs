//! What the reference server held when the answers were recorded.

use std::path::Path;
use std::sync::Arc;

use burgee::auth::tokens::{hash, visible_prefix};
use burgee::domain::api_token::{ApiToken, TokenKind, TokenProjects};
use burgee::domain::change::Draft;
use burgee::domain::command::{Command, CreateInstance};
use burgee::domain::decide::{Circumstances, decide};
use burgee::domain::event::{Actor, EventKind, NewEvent};
use burgee::domain::instance::{HashKey, Instance};
use burgee::domain::limits::Limits;
use burgee::domain::names::{EnvironmentName, ProjectId};
use burgee::domain::state::{Entity, State};
use burgee::domain::time::Timestamp;
use burgee::store::{EmbeddedStore, Store};
use serde::Deserialize;

#[derive(Deserialize)]
struct Seed {
    entities: Vec<Entity>,
    tokens: Vec<Token>,
}

#[derive(Deserialize)]
struct Token {
    secret: String,
    kind: TokenKind,
    environment: Option<EnvironmentName>,
    projects: Option<Vec<ProjectId>>,
    alias: Option<String>,
    name: Option<String>,
    #[serde(default)]
    expired: bool,
}

const NOW: Timestamp = Timestamp::from_millis(1_795_342_800_000);

impl Token {
    fn into_entity(self, key: &HashKey) -> Entity {
        Entity::Token(Arc::new(ApiToken {
            hash: hash(key, &self.secret),
            name: self.name.unwrap_or_else(|| "seed".into()),
            kind: self.kind,
            projects: match self.projects {
                Some(projects) => TokenProjects::Only(projects.into_iter().collect()),
                None => TokenProjects::All,
            },
            environment: self.environment,
            visible_prefix: visible_prefix(&self.secret).to_owned(),
            alias_hash: self.alias.map(|alias| hash(key, &alias)),
            expires_at: self.expired.then_some(Timestamp::from_millis(0)),
            created_at: NOW,
            created_by: "seed".into(),
        }))
    }
}

fn new_instance(key: &HashKey) -> Command {
    Command::CreateInstance(CreateInstance {
        admin: None,
        instance: Instance {
            id: "replay".into(),
            hash_key: key.clone(),
            created_at: NOW,
        },
        environments: Vec::new(),
        tokens: Vec::new(),
        frontend_origins: vec!["*".into()],
    })
}

/// Fills a new store in `folder`.
pub(super) fn plant(folder: &Path) {
    let text = include_str!("../../../fixtures/reference/wire/seed.json");
    let seed: Seed = serde_json::from_str(text).unwrap();
    let key = HashKey::new([7; 32]);
    let actor = Actor::system();
    let circumstances = Circumstances {
        actor: &actor,
        now: NOW,
        limits: &Limits::default(),
        new_id: &|| "id".to_owned(),
    };
    let empty = State::default();
    let created = decide(&empty, &new_instance(&key), &circumstances)
        .unwrap()
        .unwrap();
    let mut draft = Draft::new(&empty.apply(&created));
    for entity in seed.entities {
        draft.put(entity);
    }
    for token in seed.tokens {
        draft.put(token.into_entity(&key));
    }
    draft.tell(NewEvent::new(EventKind::FeatureImport));
    let planted = draft.seal(&actor, NOW).unwrap();
    actix_web::rt::System::new().block_on(async {
        let store = EmbeddedStore::open(folder).unwrap();
        store.commit(Arc::new(created)).await.unwrap();
        store.commit(Arc::new(planted)).await.unwrap();
        store.close().await.unwrap();
    });
}
