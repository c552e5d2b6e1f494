//! Opening the store, also while a shared one is away, and keeping a copy of it at hand.

use std::future::Future;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::StartError;
use crate::config::{Redis, Storage};
use crate::domain::names::Revision;
use crate::domain::state::State;
use crate::snapshot::Hub;
use crate::store::{
    AnyStore, EmbeddedStore, LocalCopy, MemoryStore, RedisOptions, RedisStore, Store, StoreError,
};

/// How long a start waits for a shared store that is just starting too, when there is no copy.
const WAIT: Duration = Duration::from_secs(15);
const PAUSE: Duration = Duration::from_millis(500);

/// How long changes are collected before a copy is written.
const COPY_DELAY: Duration = Duration::from_secs(1);

/// A store with what it holds.
pub(super) struct Opened {
    pub(super) store: Arc<AnyStore>,
    pub(super) state: State,
    pub(super) copy: Option<LocalCopy>,
}

/// Opens a store alone. An embedded one is made if there is none.
///
/// # Errors
/// [`StartError::Store`].
pub async fn open_store(storage: &Storage) -> Result<AnyStore, StartError> {
    Ok(match storage {
        Storage::Memory => AnyStore::Memory(MemoryStore::new()),
        Storage::Embedded(folder) => AnyStore::Embedded(EmbeddedStore::open(folder)?),
        Storage::Redis(redis) => AnyStore::Redis(RedisStore::open(&options(redis)?).await?),
    })
}

/// Opens the store of a server, and what it holds.
pub(super) async fn open(storage: &Storage) -> Result<Opened, StartError> {
    if let Storage::Redis(redis) = storage {
        return open_redis(redis).await;
    }
    let store = open_store(storage).await?;
    let state = store.load().await?;
    Ok(Opened {
        store: Arc::new(store),
        state,
        copy: None,
    })
}

async fn open_redis(settings: &Redis) -> Result<Opened, StartError> {
    let store = RedisStore::open(&options(settings)?).await?;
    let copy = settings.snapshot_dir.as_deref().map(LocalCopy::in_folder);
    let copy = copy.transpose()?;
    let state = match load(&store, copy.as_ref()).await {
        Ok(state) => {
            announce(&store, settings.require_durable).await?;
            state
        }
        Err(error) => from_copy(&store, copy.as_ref(), error)?,
    };
    Ok(Opened {
        store: Arc::new(AnyStore::Redis(store)),
        state,
        copy,
    })
}

fn options(settings: &Redis) -> Result<RedisOptions, StartError> {
    let certificate = |file: &Path| {
        fs_err::read(file).map_err(|source| StoreError::Io {
            place: file.display().to_string(),
            doing: "reading the certificate",
            source,
        })
    };
    let root = settings.ca_file.as_deref().map(certificate);
    Ok(RedisOptions {
        namespace: settings.namespace.clone(),
        root_certificate: root.transpose()?,
        patience: settings.timeout,
        connections: settings.pool_size,
        replicas: settings.wait_replicas,
        disk: settings.wait_disk,
        ..RedisOptions::new(settings.url.expose())
    })
}

/// With a copy at hand nobody has to wait.
async fn load(store: &RedisStore, copy: Option<&LocalCopy>) -> Result<State, StoreError> {
    let end = tokio::time::Instant::now() + WAIT;
    let mut told = false;
    loop {
        match store.load().await {
            Err(error @ StoreError::Unavailable { .. })
                if copy.is_none() && tokio::time::Instant::now() < end =>
            {
                if !told {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "waiting for the store"
                    );
                    told = true;
                }
                tokio::time::sleep(PAUSE).await;
            }
            done => return done,
        }
    }
}

fn from_copy(
    store: &RedisStore,
    copy: Option<&LocalCopy>,
    error: StoreError,
) -> Result<State, StoreError> {
    let (StoreError::Unavailable { .. }, Some(copy)) = (&error, copy) else {
        return Err(error);
    };
    let Some(copied) = copy.read()? else {
        return Err(error);
    };
    tracing::warn!(
        error = &error as &dyn std::error::Error,
        copy = %copy.path().display(),
        revision = copied.state.revision.0,
        "the store is away: starting from the copy of this machine. Flags are served, nothing can be changed until the \
         store is back"
    );
    store.serve(copied.lineage, copied.state.revision, copied.mark);
    Ok(copied.state)
}

/// Says what an acknowledged change survives.
async fn announce(store: &RedisStore, require_durable: bool) -> Result<(), StartError> {
    let found = store.durability().await?;
    tracing::info!(
        store = store.place(),
        durability = found.summary,
        "keeping flags in Redis"
    );
    if let Some(why) = found.no_disk {
        return Err(StartError::NoDisk {
            place: store.place().to_owned(),
            why,
        });
    }
    if require_durable && !found.durable {
        return Err(StartError::NotDurable {
            place: store.place().to_owned(),
            why: found.warnings.join(". "),
        });
    }
    for warning in &found.warnings {
        tracing::warn!("{}: {warning}", store.place());
    }
    Ok(())
}

/// Writes a copy a moment after each change, until `shutdown` is ready.
pub(super) async fn keep_copy(
    copy: LocalCopy,
    store: Arc<AnyStore>,
    hub: Arc<Hub>,
    shutdown: impl Future<Output = ()> + Send,
) {
    let mut newer = hub.subscribe();
    let mut written = None;
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let stop = tokio::select! {
            () = &mut shutdown => true,
            () = tokio::time::sleep(COPY_DELAY) => false,
        };
        newer.mark_unchanged();
        if let Err(error) = write(&copy, &store, &hub, &mut written).await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "the copy of the configuration cannot be written; trying again"
            );
        } else if !stop {
            tokio::select! {
                () = &mut shutdown => return,
                changed = newer.changed() => if changed.is_err() { return },
            }
        }
        if stop {
            return;
        }
    }
}

async fn write(
    copy: &LocalCopy,
    store: &AnyStore,
    hub: &Hub,
    written: &mut Option<Revision>,
) -> Result<(), StoreError> {
    let AnyStore::Redis(store) = store else {
        return Ok(());
    };
    let snapshot = hub.load_full();
    let revision = snapshot.state().revision;
    if *written == Some(revision) {
        return Ok(());
    }
    let (copy, lineage, mark) = (copy.clone(), store.lineage(), store.mark_of(revision));
    let done =
        tokio::task::spawn_blocking(move || copy.write(lineage, mark, snapshot.state())).await;
    done.map_err(|error| StoreError::unavailable(error.to_string()))??;
    *written = Some(revision);
    Ok(())
}
