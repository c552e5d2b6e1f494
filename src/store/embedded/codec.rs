//! Values of tables.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::fault::Fault;

pub(super) fn encode<T: Serialize>(what: &str, value: &T) -> Result<Vec<u8>, Fault> {
    serde_json::to_vec(value).map_err(|source| Fault::Value {
        what: what.to_owned(),
        source,
    })
}

pub(super) fn decode<T: DeserializeOwned>(what: &str, json: &[u8]) -> Result<T, Fault> {
    serde_json::from_slice(json).map_err(|source| Fault::Value {
        what: format!("{what} cannot be read"),
        source,
    })
}

/// A key made of several texts. JSON keeps them apart whatever they contain.
pub(super) fn joined(parts: &[&str]) -> Result<String, Fault> {
    serde_json::to_string(parts).map_err(|source| Fault::Value {
        what: "a key".into(),
        source,
    })
}
