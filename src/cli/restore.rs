//! `burgee restore`.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, bail};
use clap::{ArgMatches, Command};

use super::backup::{check, described, file, named_file, open, runtime, switch};
use super::progress::{Progress, say};
use crate::app;
use crate::config::{self, Settings, Storage};
use crate::store::{Aside, EmbeddedStore, Store, StoreError};

pub(super) fn command() -> Command {
    Command::new("restore")
        .about("Fill the store of the settings, which has to be empty, with what a backup holds.")
        .arg(file())
        .arg(switch(
            "replace",
            "Move the present data file aside first. It is kept under another name.",
        ))
        .arg(switch("check", "Only read the file and say what is in it.").conflicts_with("replace"))
        .args(config::options())
}

pub(super) fn run(
    options: &ArgMatches,
    environment: &BTreeMap<String, String>,
) -> anyhow::Result<()> {
    let file = named_file(options)?;
    let named = file.display();
    // All of it, before anything is written.
    let (header, counts) = check(file).with_context(|| named.to_string())?;
    say(&format!("{named} holds {}", described(&header, counts)));
    if options.get_flag("check") {
        return Ok(());
    }
    let storage = Settings::read(options, environment)?.storage;
    let aside = match (&storage, options.get_flag("replace")) {
        (Storage::Memory, _) => bail!("the memory store forgets what it is filled with"),
        (Storage::Embedded(folder), true) => move_aside(folder)?,
        (Storage::Redis(_), true) => bail!(
            "what is in Redis cannot be moved aside. Restore under another --redis-namespace, or delete its keys first"
        ),
        (_, false) => None,
    };
    match runtime()?.block_on(fill(file, &storage)) {
        Ok(place) => say(&format!("{place} holds revision {} now", header.revision)),
        Err(error) => {
            let Some(aside) = aside else {
                return Err(error);
            };
            let old = aside.old().display().to_string();
            aside
                .bring_back()
                .with_context(|| format!("the data file from before is still {old}"))?;
            return Err(error.context("the data file from before is back in its place"));
        }
    }
    if let Some(aside) = aside {
        say(&format!("{} is from before", aside.old().display()));
    }
    Ok(())
}

fn move_aside(folder: &Path) -> anyhow::Result<Option<Aside>> {
    let at = app::now().to_string().replace(':', "-");
    Ok(EmbeddedStore::move_aside(folder, &at)?)
}

/// Fills the store and says where it is.
async fn fill(file: &Path, storage: &Storage) -> anyhow::Result<String> {
    let store = app::open_store(storage).await?;
    let mut reader = open(file)?;
    let mut progress = Progress::of("restoring");
    while let Some(part) = reader.read()? {
        store.fill(part).await.map_err(advised)?;
        progress.at(&reader.counts());
    }
    store.close().await?;
    Ok(named(storage))
}

fn advised(error: StoreError) -> anyhow::Error {
    let full = matches!(error, StoreError::NotEmpty { .. });
    let error = anyhow::Error::from(error);
    if full {
        return error
            .context("nothing was restored; a data file can be moved aside with --replace, and Redis has room under another --redis-namespace");
    }
    error
}

/// What people call it.
pub(super) fn named(storage: &Storage) -> String {
    match storage {
        Storage::Memory => "memory".into(),
        Storage::Embedded(folder) => folder.display().to_string(),
        Storage::Redis(redis) => format!("namespace {} of Redis", redis.namespace),
    }
}
