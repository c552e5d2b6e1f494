//! `burgee serve`.

use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};

use clap::ArgMatches;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

use crate::app::{App, greeting};
use crate::config::{LogFormat, LogSettings, Settings};

pub(super) fn run(
    options: &ArgMatches,
    environment: &BTreeMap<String, String>,
) -> anyhow::Result<()> {
    let settings = Settings::read(options, environment)?;
    start_log(&settings.log)?;
    for notice in &settings.notices {
        tracing::warn!("{notice}");
    }
    actix_web::rt::System::new().block_on(serve(settings))
}

async fn serve(settings: Settings) -> anyhow::Result<()> {
    let (app, first) = App::open(settings).await?;
    let bound = app.bind()?;
    let text = greeting(
        bound.app().settings(),
        bound.address().port(),
        first.as_ref(),
    );
    // A closed stdout is no reason not to serve.
    let _ = std::io::stdout().write_all(text.as_bytes());
    tracing::info!(address = %bound.address(), "listening");
    bound.serve(asked_to_stop()).await?;
    tracing::info!("stopped");
    Ok(())
}

/// Ready when the process is told to end, by SIGTERM (containers, systemd) or SIGINT (Ctrl-C).
async fn asked_to_stop() {
    let (terminate, interrupt) = (
        signal(SignalKind::terminate()),
        signal(SignalKind::interrupt()),
    );
    match (terminate, interrupt) {
        (Ok(mut terminate), Ok(mut interrupt)) => {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        }
        _ => {
            tracing::warn!("signals cannot be received; stop the process by force");
            std::future::pending::<()>().await;
        }
    }
}

fn start_log(settings: &LogSettings) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(format!("{0},actix_server=warn", settings.level))?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    let started = match settings.format {
        LogFormat::Text => builder.try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    };
    started.map_err(|error| anyhow::anyhow!("the log cannot be started: {error}"))
}
