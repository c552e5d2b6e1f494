//! From Redis's errors to the store's.

use redis::{ErrorKind, RedisError, ServerErrorKind};

use crate::store::StoreError;

/// An address that cannot be used.
pub(super) fn wrong(what: &str) -> StoreError {
    StoreError::Address { what: what.into() }
}

/// What Redis said, or that it said nothing.
#[derive(Debug)]
pub(super) enum Fault {
    /// The client's or the server's error.
    Redis(RedisError),
    /// No answer in time.
    Late,
    /// The store has been closed.
    Closed,
    /// Nobody receives any more what is given away: no error of whoever gives it.
    Unheard,
    /// A value is not what it should be.
    Value {
        what: String,
        source: serde_json::Error,
    },
    /// Another error of ours.
    Store(StoreError),
}

impl From<RedisError> for Fault {
    fn from(error: RedisError) -> Self {
        Self::Redis(error)
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

const RESTORE: &str =
    "Restore a backup into an empty Redis, or choose another --redis-namespace to begin anew";

impl Fault {
    /// Whether another connection, or a little time, may help.
    pub(super) fn may_pass(&self) -> bool {
        match self {
            Self::Redis(error) => {
                let passing = matches!(
                    error.kind(),
                    ErrorKind::Server(
                        ServerErrorKind::BusyLoading
                            | ServerErrorKind::ReadOnly
                            | ServerErrorKind::MasterDown
                            | ServerErrorKind::ClusterDown
                            | ServerErrorKind::TryAgain
                            | ServerErrorKind::Moved
                            | ServerErrorKind::Ask
                            // Of a cluster whose slots have moved: the client does not follow in a transaction.
                            | ServerErrorKind::ExecAbort
                    ) | ErrorKind::ClusterConnectionNotFound
                        | ErrorKind::MasterNameNotFoundBySentinel
                );
                passing || error.is_io_error() || error.is_connection_dropped()
            }
            Self::Late => true,
            Self::Closed | Self::Unheard | Self::Value { .. } | Self::Store(_) => false,
        }
    }

    /// Whether the question may have been carried out although there was no answer.
    pub(super) fn may_have_worked(&self) -> bool {
        match self {
            Self::Redis(error) => !error.is_connection_refusal() && error.is_io_error(),
            Self::Late => true,
            Self::Closed | Self::Unheard | Self::Value { .. } | Self::Store(_) => false,
        }
    }

    pub(super) fn at(self, place: &str) -> StoreError {
        match self {
            Self::Store(error) => error,
            Self::Closed => StoreError::unavailable(format!("{place} has been closed")),
            Self::Unheard => StoreError::unavailable(format!("nobody receives what {place} holds")),
            Self::Late => StoreError::unavailable(format!("{place} does not answer in time")),
            Self::Value { what, source } => StoreError::Corrupt {
                place: place.to_owned(),
                what: format!("{what} cannot be read: {source}"),
                remedy: RESTORE,
            },
            Self::Redis(error) if error.kind() == ErrorKind::UnexpectedReturnType => {
                StoreError::Foreign {
                    place: place.to_owned(),
                    what: error.to_string(),
                }
            }
            Self::Redis(error) => StoreError::Unavailable {
                what: place.to_owned(),
                source: Some(Box::new(error)),
            },
        }
    }
}

pub(super) fn decode<T: serde::de::DeserializeOwned>(what: &str, json: &[u8]) -> Result<T, Fault> {
    serde_json::from_slice(json).map_err(|source| Fault::Value {
        what: what.to_owned(),
        source,
    })
}

pub(super) fn encode<T: serde::Serialize>(what: &str, value: &T) -> Result<Vec<u8>, Fault> {
    serde_json::to_vec(value).map_err(|source| Fault::Value {
        what: what.to_owned(),
        source,
    })
}
