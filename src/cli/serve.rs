//! `burgee serve`.

use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};

use clap::ArgMatches;
use tokio::signal::unix::{Signal, SignalKind, signal};
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
    let signals = StopSignals::listen()?;
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
    bound.serve(signals.received()).await?;
    tracing::info!("stopped");
    Ok(())
}

/// The signals that ask the process to end: SIGTERM (containers, systemd) and SIGINT (Ctrl-C).
struct StopSignals {
    terminate: Signal,
    interrupt: Signal,
}

impl StopSignals {
    /// From here on the signals no longer kill the process.
    fn listen() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// Ready when one of them has come.
    async fn received(mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
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
