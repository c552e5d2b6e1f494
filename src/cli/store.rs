//! `burgee store`: about the store as a whole.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::{Arg, ArgMatches, Command};
use serde_json::Value;

use super::backup::{open_filled, runtime};
use super::progress::{Progress, say};
use super::remote::Remote;
use super::restore::named;
use crate::app;
use crate::config::{self, Redis, Storage};
use crate::store::dump::Counts;
use crate::store::{Store, copy};

pub(super) fn command() -> Command {
    Command::new("store")
        .about("About the store as a whole.")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(
            Command::new("copy")
                .about("Copy everything from one store into another, which has to be empty. Stop the servers of both first.")
                .arg(place("from", "The store to read: a data folder, or an address as of --redis-url."))
                .arg(place("to", "The store to fill: a data folder, or an address as of --redis-url."))
                .arg(namespace("from-namespace", "The namespace to read in Redis. Default: that of the settings."))
                .arg(namespace("to-namespace", "The namespace to fill in Redis. Default: that of the settings."))
                .args(config::options()),
        )
        .subcommand(decision(
            "reseed",
            "After Redis lost or got other data: write what the running server serves to it. All nodes go on from there.",
        ))
        .subcommand(decision(
            "adopt",
            "After Redis lost or got other data: let all nodes take what it holds now.",
        ))
}

fn decision(name: &'static str, about: &'static str) -> Command {
    Command::new(name)
        .about(about)
        .after_help("Ask the node whose /ready tells the highest revision.")
        .args(Remote::options())
        .args(config::options())
}

fn place(name: &'static str, help: &'static str) -> Arg {
    Arg::new(name)
        .long(name)
        .value_name("STORE")
        .required(true)
        .help(help)
}

fn namespace(name: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).value_name("NAME").help(help)
}

pub(super) fn run(
    options: &ArgMatches,
    environment: &BTreeMap<String, String>,
) -> anyhow::Result<()> {
    match options.subcommand() {
        Some(("copy", options)) => run_copy(options, environment),
        Some((decision @ ("reseed" | "adopt"), options)) => {
            let remote = Remote::of(options, environment)?;
            let answer = remote.post(&format!("/api/admin/store/{decision}"))?;
            say(&format!(
                "the store and the nodes are at revision {} now",
                answer.get("revision").unwrap_or(&Value::Null)
            ));
            Ok(())
        }
        _ => bail!("there is no such command"),
    }
}

fn run_copy(options: &ArgMatches, environment: &BTreeMap<String, String>) -> anyhow::Result<()> {
    let place = |name| storage(name, options, environment);
    let (from, to) = (place("from")?, place("to")?);
    if from == to {
        bail!("--from and --to are the same store");
    }
    let counts = runtime()?.block_on(transfer(&from, &to))?;
    say(&format!(
        "{} holds what {} holds: {counts}",
        named(&to),
        named(&from)
    ));
    Ok(())
}

/// A folder, or Redis with the other options of Redis that are given.
fn storage(
    name: &str,
    options: &ArgMatches,
    environment: &BTreeMap<String, String>,
) -> anyhow::Result<Storage> {
    let text = options
        .get_one::<String>(name)
        .with_context(|| format!("--{name} is missing"))?;
    if text.contains("://") {
        let mut redis = Redis::at(text, options, environment)?;
        if let Some(namespace) = options.get_one::<String>(&format!("{name}-namespace")) {
            redis.namespace.clone_from(namespace);
        }
        return Ok(Storage::Redis(redis));
    }
    Ok(Storage::Embedded(PathBuf::from(text)))
}

async fn transfer(from: &Storage, to: &Storage) -> anyhow::Result<Counts> {
    let source = open_filled(from)
        .await
        .with_context(|| format!("--from {}", named(from)))?;
    let target = app::open_store(to)
        .await
        .with_context(|| format!("--to {}", named(to)))?;
    let mut counts = Counts::default();
    let mut progress = Progress::of("copying");
    copy(&source, &target, |part| {
        counts.add(part);
        progress.at(&counts);
    })
    .await?;
    source.close().await?;
    target.close().await?;
    Ok(counts)
}
