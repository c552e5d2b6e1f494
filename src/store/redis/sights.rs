//! Who and what was seen: a hash for each kind, JSON by JSON of the key.
//!
//! What two reports of the same thing add up to is decided here and not in a script: the sum is written only if what
//! was read is still there.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Inner;
use super::fault::{Fault, decode, encode};
use super::keys::sights;
use super::link::Question;
use crate::domain::time::Timestamp;
use crate::domain::usage::{
    Application, ApplicationCard, ClientInstance, LastSeen, Sightings, UnknownFlag,
};

/// A field and what is in it.
pub(super) type Written = (String, Vec<u8>);

/// Something seen.
pub(super) trait Sight: Clone + Serialize + DeserializeOwned + Send + Sync {
    /// The kind, for the name of the hash.
    const KIND: &'static str;

    /// The field.
    fn field(&self) -> Result<String, Fault>;

    /// Adds what another report says about the same thing.
    fn merge(&mut self, other: &Self);

    /// When it was last seen.
    fn at(&self) -> Timestamp;
}

/// A key made of several texts. JSON keeps them apart whatever they contain.
fn joined(parts: &[&str]) -> Result<String, Fault> {
    serde_json::to_string(parts).map_err(|source| Fault::Value {
        what: "a key".into(),
        source,
    })
}

macro_rules! sights {
    ($($type:ident $kind:ident $at:ident |$it:ident| [$($part:expr),*];)*) => {
        $(impl Sight for $type {
            const KIND: &'static str = sights::$kind;

            fn field(&self) -> Result<String, Fault> {
                let $it = self;
                joined(&[$($part),*])
            }

            fn merge(&mut self, other: &Self) {
                self.add(other);
            }

            fn at(&self) -> Timestamp {
                self.$at
            }
        })*
    };
}

sights! {
    Application APPLICATION last_seen |it| [&it.app_name, it.environment.as_str()];
    ApplicationCard CARD changed_at |it| [&it.app_name];
    ClientInstance INSTANCE last_seen |it| [&it.app_name, it.environment.as_str(), &it.instance_id];
    LastSeen SEEN at |it| [it.flag.as_str(), it.environment.as_str()];
    UnknownFlag UNKNOWN last_seen |it| [&it.name, &it.app_name, it.environment.as_str()];
}

/// What somebody else wrote gives way: nothing that SDKs report may be kept out by it.
fn tell_of_nonsense<T: Sight>(field: &str, fault: &Fault) {
    tracing::warn!(
        kind = T::KIND,
        field,
        ?fault,
        "what was seen before cannot be read, and begins anew"
    );
}

impl Inner {
    pub(super) async fn sightings(&self) -> Result<Sightings, Fault> {
        let mut found = Sightings {
            applications: self.seen().await?,
            cards: self.seen().await?,
            instances: self.seen().await?,
            last_seen: self.seen().await?,
            unknown_flags: self.seen().await?,
        };
        found.sort();
        Ok(found)
    }

    async fn seen<T: Sight>(&self) -> Result<Vec<T>, Fault> {
        let (good, _) = self.sorted_sights().await?;
        Ok(good.into_iter().map(|(it, _)| it).collect())
    }

    /// All of a kind, each as it is written too; and apart from them what somebody else wrote there, which cannot be
    /// read.
    pub(super) async fn sorted_sights<T: Sight>(
        &self,
    ) -> Result<(Vec<(T, Written)>, Vec<Written>), Fault> {
        let mut commands = redis::pipe();
        commands.hgetall(self.keys.sights(T::KIND));
        let question = Question::Commands(&commands);
        let (all,): (Vec<Written>,) = self.link.ask_within(question, super::log::LOADING).await?;
        let (mut good, mut bad) = (Vec::new(), Vec::new());
        for written in all {
            match decode(T::KIND, &written.1) {
                Ok(it) => good.push((it, written)),
                Err(_) => bad.push(written),
            }
        }
        Ok((good, bad))
    }

    /// What is known of these, each with what it adds up to: field, what is written, what to write.
    pub(super) async fn merged<T: Sight>(
        &self,
        new: &[(String, T)],
    ) -> Result<Vec<(String, Vec<u8>, Vec<u8>)>, Fault> {
        let mut commands = redis::pipe();
        let key = self.keys.sights(T::KIND);
        commands.cmd("HMGET").arg(&key);
        for (field, _) in new {
            commands.arg(field);
        }
        let question = Question::Commands(&commands);
        let (known,): (Vec<Option<Vec<u8>>>,) = self.link.ask(question).await?;
        let mut merged = Vec::with_capacity(new.len());
        for ((field, it), known) in new.iter().zip(known) {
            let mut sum = it.clone();
            match known.as_deref().map(|json| decode::<T>(T::KIND, json)) {
                Some(Ok(before)) => {
                    sum = before;
                    sum.merge(it);
                }
                Some(Err(fault)) => tell_of_nonsense::<T>(field, &fault),
                None => {}
            }
            let sum = encode(T::KIND, &sum)?;
            merged.push((field.clone(), known.unwrap_or_default(), sum));
        }
        Ok(merged)
    }
}
