//! Random contexts, read from JSON as SDKs do.

use serde_json::{Map, Value};
use unleash_types::client_features as wire;

use crate::generate::Generator;
use crate::pools::{HOSTS, Kind, PROPERTIES, ROOTS};

/// Who asks, and the host the asking program runs on.
pub(crate) struct User {
    pub(crate) context: wire::Context,
    pub(crate) host: Option<&'static str>,
}

impl Generator<'_> {
    pub(crate) fn user(&mut self) -> User {
        let host = self.chance.once_in(3).then(|| *self.chance.pick(HOSTS));
        self.reached.note_pair(host.is_some(), "host", "known");
        let json = Value::Object(self.context());
        User {
            context: serde_json::from_value(json).unwrap(),
            host,
        }
    }

    fn context(&mut self) -> Map<String, Value> {
        let mut roots = Map::new();
        let mut properties = Map::new();
        let fullness = 1 + self.chance.below(4);
        for &(name, kind) in ROOTS {
            let target = match self.chance.once_in(12) {
                true => {
                    self.reached.note_pair(true, name, "among the properties");
                    &mut properties
                }
                false => &mut roots,
            };
            if self.chance.below(4) < fullness {
                target.insert(name.into(), self.value(name, kind));
            } else {
                self.reached.note_pair(true, name, "missing");
            }
        }
        for &(name, kind) in PROPERTIES {
            if self.chance.below(5) < fullness {
                properties.insert(name.into(), self.value(name, kind));
            } else {
                self.reached.note_pair(true, name, "missing");
            }
        }
        roots.insert("properties".into(), properties.into());
        roots
    }

    fn value(&mut self, name: &'static str, kind: Kind) -> Value {
        let kind = match self.chance.once_in(15) {
            true => *self.chance.pick(&Kind::ALL),
            false => kind,
        };
        let value = *self.chance.pick(kind.pool());
        self.reached.note_pair(value.is_empty(), name, "empty");
        self.reached.note_pair(!value.is_ascii(), name, "not ASCII");
        value.into()
    }
}
