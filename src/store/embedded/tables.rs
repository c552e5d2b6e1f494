//! Every table of the data file. Keys are ours to order, values are JSON of domain types, so that any later version
//! can read them.

use redb::TableDefinition;

/// A JSON document.
pub(super) type Json = &'static [u8];

/// What the file is: `about` → [`About`](super::upgrade::About), `revision` → a number.
pub(super) const META: TableDefinition<'_, &str, Json> = TableDefinition::new("meta");

/// The newest value of each entity by [`EntityKey::to_text`](crate::domain::state::EntityKey::to_text).
pub(super) const ENTITY: TableDefinition<'_, &str, Json> = TableDefinition::new("entity");

/// The event log by event number.
pub(super) const EVENT: TableDefinition<'_, u64, Json> = TableDefinition::new("event");

/// The newest committed changes by the revision they lead to; their events are in [`EVENT`].
pub(super) const CHANGE: TableDefinition<'_, u64, Json> = TableDefinition::new("change");

/// Counts by flag, hour (of old ones: the first of their day) and JSON of `[environment, application]`: the history of one flag lies together.
pub(super) const USAGE: TableDefinition<'_, (&str, i64, &str), Json> =
    TableDefinition::new("usage");

/// Applications by JSON of `[application, environment]`.
pub(super) const APPLICATION: TableDefinition<'_, &str, Json> = TableDefinition::new("application");

/// What people said about applications by application. Missing in files of older versions.
pub(super) const APPLICATION_CARD: TableDefinition<'_, &str, Json> =
    TableDefinition::new("application_card");

/// Their running copies by JSON of `[application, environment, instance]`.
pub(super) const CLIENT_INSTANCE: TableDefinition<'_, &str, Json> =
    TableDefinition::new("client_instance");

/// When flags were last asked for by JSON of `[flag, environment]`.
pub(super) const LAST_SEEN: TableDefinition<'_, &str, Json> = TableDefinition::new("last_seen");

/// What became of telling addons, by number. Made with the first one: older files do not have it.
pub(super) const DELIVERY: TableDefinition<'_, u64, Json> = TableDefinition::new("delivery");

/// Flags that do not exist by JSON of `[flag, application, environment]`.
pub(super) const UNKNOWN_FLAG: TableDefinition<'_, &str, Json> =
    TableDefinition::new("unknown_flag");
