//! The command line.
//!
//! *Who calls it:* `main`. *What it may import:* `app`, `config`, `domain`, `store`, `import`.

mod backup;
mod healthcheck;
mod progress;
mod remote;
mod restore;
mod serve;
mod store;

use std::collections::BTreeMap;
use std::io::Write;
use std::process::ExitCode;

use clap::{Arg, ArgMatches, Command};

use crate::app;
use crate::config;

/// The command line as clap sees it.
#[must_use]
pub fn command() -> Command {
    Command::new("burgee")
        .version(env!("CARGO_PKG_VERSION"))
        .about("A feature-flag server that speaks the Unleash wire formats.")
        .after_help("Without a command, `serve` is meant. The options of `serve` may stand alone: burgee --port 8080")
        .args(config::options())
        .args_conflicts_with_subcommands(true)
        .subcommand(
            Command::new("serve")
                .about("Run the server (what happens without a command).")
                .args(config::options()),
        )
        .subcommand(
            Command::new("healthcheck")
                .about("Ask a running server whether it is ready; exit status 0 when it is. For containers.")
                .arg(
                    Arg::new("url")
                        .long("url")
                        .value_name("URL")
                        .help("The server's address. Default: made from the same settings as `serve`."),
                )
                .args(config::options()),
        )
        .subcommand(backup::command())
        .subcommand(restore::command())
        .subcommand(store::command())
        .subcommand(
            Command::new("settings-docs").about("Print the page about all settings, in Markdown."),
        )
        .subcommand(
            Command::new("openapi")
                .about("Print the OpenAPI document of all routes, as served at /docs/openapi.json."),
        )
}

/// Runs the command that the arguments name. Failures are written to stderr, for people.
#[must_use]
pub fn run() -> ExitCode {
    let matches = command().get_matches();
    match dispatch(&matches) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nothing is left to be done when even stderr is gone.
            let _ = writeln!(std::io::stderr(), "burgee: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(matches: &ArgMatches) -> anyhow::Result<()> {
    match matches.subcommand() {
        None => serve::run(matches, &environment()),
        Some(("serve", options)) => serve::run(options, &environment()),
        Some(("healthcheck", options)) => healthcheck::run(options, &environment()),
        Some(("backup", options)) => backup::run(options, &environment()),
        Some(("restore", options)) => restore::run(options, &environment()),
        Some(("store", options)) => store::run(options, &environment()),
        Some(("settings-docs", _)) => Ok(std::io::stdout().write_all(config::page().as_bytes())?),
        Some(("openapi", _)) => Ok(writeln!(std::io::stdout(), "{:#}", app::openapi())?),
        Some((other, _)) => anyhow::bail!("there is no command {other}"),
    }
}

/// The environment of the process, read once and only here. Names and values that are not text are not ours.
fn environment() -> BTreeMap<String, String> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}
