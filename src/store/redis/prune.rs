//! Forgetting what is old. Several nodes may do it at the same time: each step is taken once.

use redis::Script;

use super::Inner;
use super::fault::Fault;
use super::link::Question;
use super::report::LIFETIME;
use super::sights::{Sight, Written};
use crate::domain::state::EntityKey;
use crate::domain::time::Timestamp;
use crate::domain::usage::{
    Application, ApplicationCard, ClientInstance, Expiry, LastSeen, UnknownFlag, kept,
};

/// How many things are taken away, or looked up, at once.
const PAGE: usize = 500;

impl Inner {
    pub(super) async fn prune(&self, expiry: &Expiry) -> Result<usize, Fault> {
        let (old, most) = (expiry.applications_before, expiry.most);
        let mut gone = self.prune_counts(expiry).await?;
        gone += self.prune_sights::<Application>(old, most).await?;
        gone += self.prune_sights::<ApplicationCard>(old, most).await?;
        gone += self
            .prune_sights::<ClientInstance>(expiry.instances_before, most)
            .await?;
        gone += self
            .prune_sights::<UnknownFlag>(expiry.unknown_before, most)
            .await?;
        Ok(gone + self.prune_last_seen().await?)
    }

    async fn prune_counts(&self, expiry: &Expiry) -> Result<usize, Fault> {
        let end = expiry.by_day_before.max(expiry.counts_before);
        let hours = self.hours("-inf", &format!("({}", end.as_millis())).await?;
        let mut gone = 0;
        for hour in hours {
            let place = expiry.place(hour);
            if place != Some(hour) {
                gone += self.fold(hour, place).await?;
            }
        }
        Ok(gone)
    }

    /// Adds an hour to its day, or forgets it.
    async fn fold(&self, hour: Timestamp, day: Option<Timestamp>) -> Result<usize, Fault> {
        let mut commands = redis::pipe();
        commands.smembers(self.keys.places(hour));
        let (mut places,): (Vec<String>,) = self.link.ask(Question::Commands(&commands)).await?;
        if places.is_empty() {
            // Nothing is left but the hour itself.
            places.push(String::new());
        }
        let script = Script::new(include_str!("fold.lua"));
        let mut gone = 0;
        for place in places {
            let to = day.unwrap_or(hour);
            let mut fold = script.prepare_invoke();
            fold.key(self.keys.hours())
                .key(self.keys.counts(hour, &place))
                .key(self.keys.places(hour))
                .key(self.keys.counts(to, &place))
                .key(self.keys.places(to))
                .arg(&place)
                .arg(hour.as_millis())
                .arg(day.map_or(String::new(), |day| day.as_millis().to_string()))
                .arg(LIFETIME);
            let fewer: usize = self.link.ask(Question::Script(&fold)).await?;
            gone += fewer;
        }
        Ok(gone)
    }

    async fn prune_sights<T: Sight>(&self, before: Timestamp, most: usize) -> Result<usize, Fault> {
        let all = self.good_sights::<T>().await?;
        let dates = all.iter().map(|(it, _)| it.at());
        let mut left: Vec<(usize, Timestamp)> = dates.enumerate().collect();
        kept(&mut left, before, most, |(_, at)| *at);
        let mut stays = vec![false; all.len()];
        for (number, _) in left {
            if let Some(stays) = stays.get_mut(number) {
                *stays = true;
            }
        }
        let old = all.into_iter().zip(stays).filter(|(_, stays)| !stays);
        let old: Vec<_> = old.map(|((_, written), _)| written).collect();
        self.take_off::<T>(&old).await
    }

    /// When flags were last seen is remembered for as long as they exist.
    async fn prune_last_seen(&self) -> Result<usize, Fault> {
        let all = self.good_sights::<LastSeen>().await?;
        let mut old = Vec::new();
        for some in all.chunks(PAGE) {
            let mut commands = redis::pipe();
            commands.cmd("HMGET").arg(self.keys.entity());
            for (seen, _) in some {
                commands.arg(EntityKey::Flag(seen.flag.clone()).to_text());
            }
            let question = Question::Commands(&commands);
            let (flags,): (Vec<Option<Vec<u8>>>,) = self.link.ask(question).await?;
            let gone = some.iter().zip(flags).filter(|(_, flag)| flag.is_none());
            old.extend(gone.map(|((_, written), _)| written.clone()));
        }
        self.take_off::<LastSeen>(&old).await
    }

    pub(super) async fn forget_application(&self, app_name: &str) -> Result<(), Fault> {
        self.forget::<Application>(|it| it.app_name == app_name)
            .await?;
        self.forget::<ApplicationCard>(|it| it.app_name == app_name)
            .await?;
        self.forget::<ClientInstance>(|it| it.app_name == app_name)
            .await
    }

    async fn forget<T: Sight>(&self, is_old: impl Fn(&T) -> bool + Send) -> Result<(), Fault> {
        let all = self.good_sights::<T>().await?.into_iter();
        let old = all.filter(|(it, _)| is_old(it)).map(|(_, written)| written);
        self.take_off::<T>(&old.collect::<Vec<_>>()).await?;
        Ok(())
    }

    /// All of a kind. What cannot be read is taken away.
    async fn good_sights<T: Sight>(&self) -> Result<Vec<(T, Written)>, Fault> {
        let (good, bad) = self.sorted_sights().await?;
        if !bad.is_empty() {
            let gone = self.take_off::<T>(&bad).await?;
            tracing::warn!(
                kind = T::KIND,
                gone,
                "what was seen could not be read and is gone"
            );
        }
        Ok(good)
    }

    /// Takes away what is still as it was read.
    async fn take_off<T: Sight>(&self, old: &[Written]) -> Result<usize, Fault> {
        let script = Script::new(include_str!("forget.lua"));
        let mut gone = 0;
        for some in old.chunks(PAGE) {
            let mut forget = script.prepare_invoke();
            forget.key(self.keys.sights(T::KIND));
            for (field, json) in some {
                forget.arg(field).arg(json);
            }
            let count: usize = self.link.ask(Question::Script(&forget)).await?;
            gone += count;
        }
        Ok(gone)
    }
}
