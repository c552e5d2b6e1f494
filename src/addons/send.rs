//! Sending one request.

use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;
use ureq::Agent;
use ureq::unversioned::transport::DefaultConnector;

use super::guard::Guard;
use super::message::Outgoing;

/// How long a request may take, all in all.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why somebody was not told. Never says where to: addresses may be secrets.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub(super) enum Failure {
    /// The answer was not one of success.
    #[error("failed, the answer was {0}")]
    Answer(u16),
    /// There was no answer in time.
    #[error("failed, there was no answer within {} seconds", PATIENCE.as_secs())]
    Late,
    /// The name of the host is not known.
    #[error("failed, the host was not found")]
    NoHost,
    /// The address is a private one.
    #[error("failed, the host has a private address, which this server does not allow")]
    Private,
    /// The connection was refused, broke or was not trusted.
    #[error("failed, the connection could not be made or broke")]
    Connection,
    /// The request makes no sense.
    #[error("failed, the address or a header is not valid")]
    Nonsense,
}

impl Failure {
    /// Whether trying again may help.
    pub(super) fn may_pass(&self) -> bool {
        match self {
            Self::Answer(status) => matches!(status, 408 | 425 | 429 | 500..=599),
            Self::Late | Self::NoHost | Self::Connection => true,
            Self::Private | Self::Nonsense => false,
        }
    }
}

/// Sends requests.
#[derive(Debug)]
pub(super) struct Sender(Agent);

impl Sender {
    /// Refuses private addresses unless they are allowed. Redirections are not followed, and no proxy is used: both
    /// would lead around the refusal.
    pub(super) fn new(allow_private: bool) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .timeout_global(Some(PATIENCE))
            .user_agent(concat!("burgee/", env!("CARGO_PKG_VERSION")))
            .build();
        let guard = Guard::new(allow_private);
        Self(Agent::with_parts(config, DefaultConnector::new(), guard))
    }

    /// Sends a request and says the status of a good answer.
    pub(super) async fn send(&self, message: Arc<Outgoing>) -> Result<u16, Failure> {
        let agent = self.0.clone();
        let sent = tokio::task::spawn_blocking(move || post(&agent, &message)).await;
        sent.unwrap_or(Err(Failure::Connection))
    }
}

fn post(agent: &Agent, message: &Outgoing) -> Result<u16, Failure> {
    let mut request = agent.post(&message.url);
    for (name, value) in &message.headers {
        request = request.header(name, value);
    }
    let answer = request.send(&message.body).map_err(|error| why(&error))?;
    match answer.status().as_u16() {
        good @ 200..=299 => Ok(good),
        other => Err(Failure::Answer(other)),
    }
}

fn why(error: &ureq::Error) -> Failure {
    match error {
        ureq::Error::Timeout(_) => Failure::Late,
        ureq::Error::HostNotFound => Failure::NoHost,
        ureq::Error::Io(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
            Failure::Private
        }
        ureq::Error::BadUri(_) | ureq::Error::Http(_) => Failure::Nonsense,
        _ => Failure::Connection,
    }
}
