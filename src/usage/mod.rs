//! What SDKs report: how often flags are asked for, and which applications run where.
//!
//! Reports are turned into rows ([`ingest`]), added up in memory ([`aggregate`]) and written through the store every
//! few seconds and when the server stops. Memory is bounded: what does not fit is dropped and counted, never waited
//! for. The word "metrics" is kept for the wire.
//!
//! *Who calls it:* the SDK APIs report, `app` runs it and flushes at the end. *What it may import:* `domain`,
//! `store`, `wire`, `telemetry`.

pub mod aggregate;
mod census;
mod clock;
pub mod impact;
pub mod ingest;
mod seen;
mod tally;

pub use census::Census;
pub use seen::Seen;

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::domain::names::{EnvironmentName, FlagName};
use crate::domain::state::State;
use crate::domain::time::{Clock, Timestamp};
use crate::domain::usage::{
    ApplicationCard, Expiry, LastSeen, Retention, Sightings, UsageQuery, UsageReport, UsageRow,
};
use crate::store::{AnyStore, Store, StoreError};
use crate::telemetry::Telemetry;

use crate::wire::plain_metrics::{PlainMetrics, Text};
use aggregate::{Aggregate, Bounds};
use ingest::{Instance, Origin};
use tally::Tally;

/// How often a flag was on and off, by environment.
pub type Counts = BTreeMap<EnvironmentName, (u64, u64)>;

/// How long after the start and how often what is old is forgotten.
const FIRST_PRUNING: Duration = Duration::from_secs(30);
const PRUNING_INTERVAL: Duration = Duration::from_secs(600);

/// Collects reports. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Usage(Arc<Desk>);

#[derive(Debug)]
struct Desk {
    store: Arc<AnyStore>,
    /// What has come in and not been told to anybody yet.
    tally: Mutex<Tally>,
    waiting: Mutex<Aggregate>,
    dropped: AtomicU64,
    clamped: AtomicU64,
    interval: Duration,
    retention: Retention,
    telemetry: Arc<Telemetry>,
    /// When flags were asked for, as it was found a moment ago.
    seen: Mutex<Option<(Instant, Arc<Seen>)>>,
    /// How many of everybody there are, as it was counted a moment ago, and whether they are being counted.
    census: Mutex<Option<(Instant, Arc<Census>)>>,
    counting: AtomicBool,
}

impl Usage {
    /// Collects for `store`, and writes every `interval` when run; counts are kept for `retention`.
    #[must_use]
    pub fn new(
        store: Arc<AnyStore>,
        bounds: Bounds,
        interval: Duration,
        retention: Retention,
    ) -> Self {
        Self(Arc::new(Desk {
            store,
            tally: Mutex::default(),
            waiting: Mutex::new(Aggregate::new(bounds)),
            dropped: AtomicU64::new(0),
            clamped: AtomicU64::new(0),
            interval,
            retention,
            telemetry: Arc::default(),
            seen: Mutex::default(),
            census: Mutex::default(),
            counting: AtomicBool::new(false),
        }))
    }

    /// What is counted for Prometheus.
    #[must_use]
    pub fn telemetry(&self) -> Arc<Telemetry> {
        Arc::clone(&self.0.telemetry)
    }

    /// How many counts wait to be written.
    #[must_use]
    pub fn backlog(&self) -> usize {
        self.tally().counts() + self.waiting().counts()
    }

    /// Counts a report as SDKs write it. False when it names a flag twice: then nothing was counted, and it is to be
    /// read in full.
    #[must_use = "what was not counted here is to be counted otherwise"]
    pub fn count(
        &self,
        report: &PlainMetrics<'_>,
        origin: Origin<'_>,
        state: &State,
        instance: Instance<'_>,
    ) -> bool {
        let reported = report.stop.hour();
        let hour = clock::right(reported, origin.now, self.0.retention);
        let mut tally = self.tally();
        if tally.add(report, hour, origin, state).is_err() {
            return false;
        }
        let is_full = tally.is_full();
        drop(tally);
        if hour != reported {
            let flags = u64::try_from(report.toggles.0.len()).unwrap_or(u64::MAX);
            self.0.clamped.fetch_add(flags, Ordering::Relaxed);
        }
        if let Instance::Seen { sdk } = instance {
            let copy = report.instance_id.as_ref().map(Text::as_str);
            self.keep(origin.sighting(&report.app_name.0, copy, sdk));
        }
        if is_full {
            self.settle();
        }
        true
    }

    /// Adds metrics that an application defines itself; what makes no sense is left out.
    pub fn add_impact<'v>(&self, items: impl IntoIterator<Item = &'v Value>) {
        let (metrics, left_out) = impact::read(items);
        self.0.telemetry.count_impact(&metrics, left_out);
    }

    /// Tells [`Telemetry`] and everybody else what has come in up to now.
    pub fn settle(&self) {
        let report = self.tally().settle();
        if !report.is_empty() {
            self.0.telemetry.count(&report);
            self.keep(report);
        }
    }

    /// Adds a report that came `now` to what will be written next.
    pub fn add(&self, mut report: UsageReport, now: Timestamp) {
        let clamped = clock::clamp(&mut report.rows, now, self.0.retention);
        self.0.clamped.fetch_add(clamped, Ordering::Relaxed);
        self.0.telemetry.count(&report);
        self.keep(report);
    }

    /// What was counted already is kept for the next time.
    fn keep(&self, report: UsageReport) {
        self.remember(&report.sightings.last_seen);
        let overflow = self.waiting().add(report);
        if overflow > 0 {
            self.count_dropped(overflow);
        }
    }

    /// Keeps what was found a moment ago up to date, for as long as it is of use.
    fn remember(&self, last_seen: &[LastSeen]) {
        let mut remembered = self.remembered();
        match remembered.as_mut() {
            Some((since, seen)) if since.elapsed() < self.0.interval => {
                let seen = Arc::make_mut(seen);
                last_seen.iter().for_each(|it| seen.add(it));
            }
            Some(_) => *remembered = None,
            None => {}
        }
    }

    /// When flags were asked for, what was reported here included. What other nodes wrote may be missing for as long
    /// as they take to write.
    ///
    /// # Errors
    /// What the store says.
    pub async fn seen(&self) -> Result<Arc<Seen>, StoreError> {
        self.settle();
        let known = self.remembered().clone();
        if let Some((since, seen)) = known
            && since.elapsed() < self.0.interval
        {
            return Ok(seen);
        }
        let since = Instant::now();
        let seen = Arc::new(Seen::new(self.sightings().await?.last_seen));
        *self.remembered() = Some((since, Arc::clone(&seen)));
        Ok(seen)
    }

    /// How many of everybody there were a moment ago. Only the first who asks waits for it; none while the store is
    /// away.
    pub async fn census(&self, now: Timestamp) -> Option<Arc<Census>> {
        let known = self.counted().clone();
        let Some((at, census)) = known else {
            return self.count_everybody(now).await;
        };
        let old = at.elapsed() >= self.0.interval;
        if old && !self.0.counting.swap(true, Ordering::AcqRel) {
            let usage = self.clone();
            tokio::spawn(async move {
                usage.count_everybody(now).await;
                usage.0.counting.store(false, Ordering::Release);
            });
        }
        Some(census)
    }

    async fn count_everybody(&self, now: Timestamp) -> Option<Arc<Census>> {
        match self.sightings().await {
            Ok(seen) => {
                let census = Arc::new(Census::of(&seen, now));
                *self.counted() = Some((Instant::now(), Arc::clone(&census)));
                Some(census)
            }
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::debug!(error, "applications cannot be counted");
                *self.counted() = None;
                None
            }
        }
    }

    fn counted(&self) -> MutexGuard<'_, Option<(Instant, Arc<Census>)>> {
        self.0.census.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn remembered(&self) -> MutexGuard<'_, Option<(Instant, Arc<Seen>)>> {
        self.0.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many rows did not fit into memory since the start.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.0.dropped.load(Ordering::Relaxed)
    }

    /// How many rows came from clocks that cannot be right since the start, and were counted under the present hour.
    #[must_use]
    pub fn clamped(&self) -> u64 {
        self.0.clamped.load(Ordering::Relaxed)
    }

    /// Writes what was reported. When the store cannot be reached it is kept for the next time.
    ///
    /// # Errors
    /// What the store says.
    pub async fn flush(&self) -> Result<(), StoreError> {
        self.settle();
        let report = self.waiting().take();
        if report.is_empty() {
            return Ok(());
        }
        let report = Arc::new(report);
        let write = self.0.store.add_usage(Arc::clone(&report));
        let written = self.timed("write", write).await;
        if written.is_err() {
            self.0.telemetry.count_failed_flush();
            self.keep(Arc::unwrap_or_clone(report));
        }
        written
    }

    /// What was reported, the newest included.
    ///
    /// # Errors
    /// What the store says.
    pub async fn rows(&self, query: &UsageQuery) -> Result<Vec<UsageRow>, StoreError> {
        self.flush().await?;
        self.timed("read", self.0.store.usage(query)).await
    }

    async fn timed<T>(&self, action: &'static str, operation: impl Future<Output = T>) -> T {
        let telemetry = &self.0.telemetry;
        telemetry.timed("usage", action, operation).await
    }

    /// How often a flag was on and off in the present hour, by environment.
    ///
    /// # Errors
    /// What the store says.
    pub async fn this_hour(&self, flag: &FlagName, now: Timestamp) -> Result<Counts, StoreError> {
        let query = UsageQuery {
            flag: Some(flag.clone()),
            from: Some(now.hour()),
            ..UsageQuery::default()
        };
        let mut counts = Counts::new();
        for row in self.rows(&query).await? {
            let (yes, no) = counts.entry(row.environment).or_default();
            *yes = yes.saturating_add(row.yes);
            *no = no.saturating_add(row.no);
        }
        Ok(counts)
    }

    /// Who and what was seen, the newest included.
    ///
    /// # Errors
    /// What the store says.
    pub async fn sightings(&self) -> Result<Sightings, StoreError> {
        self.flush().await?;
        self.timed("sightings", self.0.store.sightings()).await
    }

    /// Remembers what somebody said about an application; when this returns, it is written.
    ///
    /// # Errors
    /// What the store says.
    pub async fn describe(&self, card: ApplicationCard) -> Result<(), StoreError> {
        let mut report = UsageReport::default();
        report.sightings.cards.push(card);
        self.0.store.add_usage(Arc::new(report)).await
    }

    /// Forgets an application until it is seen again.
    ///
    /// # Errors
    /// What the store says.
    pub async fn forget_application(&self, app_name: &str) -> Result<(), StoreError> {
        self.flush().await?;
        self.0.store.forget_application(app_name).await
    }

    /// Adds old counts up and forgets what is older, once.
    ///
    /// # Errors
    /// What the store says.
    pub async fn prune(&self, now: Timestamp) -> Result<usize, StoreError> {
        let expiry = Expiry::at(now, self.0.retention);
        self.timed("prune", self.0.store.prune_usage(expiry)).await
    }

    /// Forgets what is old every so often until `shutdown` is ready.
    pub async fn run_pruning(self, clock: Clock, shutdown: impl Future<Output = ()> + Send) {
        let mut shutdown = std::pin::pin!(shutdown);
        let mut pause = FIRST_PRUNING;
        loop {
            tokio::select! {
                () = &mut shutdown => return,
                () = tokio::time::sleep(pause) => {}
            }
            pause = PRUNING_INTERVAL;
            let telemetry = &self.0.telemetry;
            let pruned = telemetry
                .timed_job("prune-usage", self.prune(clock()))
                .await;
            if let Err(error) = pruned {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "what SDKs reported long ago cannot be forgotten; trying again later"
                );
            }
        }
    }

    /// Writes every few seconds until `shutdown` is ready, and once more then.
    pub async fn run(self, shutdown: impl Future<Output = ()> + Send) {
        let mut shutdown = std::pin::pin!(shutdown);
        loop {
            let stop = tokio::select! {
                () = &mut shutdown => true,
                () = tokio::time::sleep(self.0.interval) => false,
            };
            let telemetry = &self.0.telemetry;
            let flushed = telemetry.timed_job("flush-usage", self.flush()).await;
            if let Err(error) = flushed {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "what SDKs reported cannot be written; keeping it in memory"
                );
            }
            if stop {
                return;
            }
        }
    }

    fn tally(&self) -> MutexGuard<'_, Tally> {
        self.0.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn waiting(&self) -> MutexGuard<'_, Aggregate> {
        self.0
            .waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn count_dropped(&self, rows: usize) {
        let rows = u64::try_from(rows).unwrap_or(u64::MAX);
        self.0.dropped.fetch_add(rows, Ordering::Relaxed);
        tracing::warn!(
            rows,
            "more was reported than fits into memory; some was dropped"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::MemoryStore;

    const NOW: Timestamp = Timestamp::from_millis(0);

    fn report(yes: u64) -> UsageReport {
        let row = UsageRow {
            hour: Timestamp::from_millis(0),
            flag: FlagName::trusted("f"),
            environment: EnvironmentName::trusted("development"),
            app_name: "app".into(),
            yes,
            no: 0,
            variants: [("blue".to_owned(), yes)].into(),
        };
        UsageReport {
            rows: vec![row],
            ..UsageReport::default()
        }
    }

    #[tokio::test]
    async fn what_is_reported_is_written_once() {
        let store = Arc::new(AnyStore::Memory(MemoryStore::new()));
        let usage = Usage::new(
            Arc::clone(&store),
            Bounds::default(),
            Duration::from_secs(5),
            Retention::default(),
        );
        usage.add(report(2), NOW);
        usage.add(report(3), NOW);
        usage.flush().await.unwrap();
        usage.flush().await.unwrap();
        let rows = store.usage(&UsageQuery::default()).await.unwrap();
        assert_eq!(rows, report(5).rows);
    }

    #[tokio::test]
    async fn nothing_is_lost_while_the_store_is_away() {
        let store = Arc::new(AnyStore::Memory(MemoryStore::new()));
        let usage = Usage::new(
            Arc::clone(&store),
            Bounds::default(),
            Duration::from_secs(5),
            Retention::default(),
        );
        usage.add(report(2), NOW);
        store.close().await.unwrap();
        assert!(usage.flush().await.is_err());
        usage.add(report(1), NOW);
        assert_eq!(usage.waiting().take().rows, report(3).rows);
        assert_eq!(usage.dropped(), 0);
    }

    #[tokio::test]
    async fn stopping_writes_what_is_left() {
        let store = Arc::new(AnyStore::Memory(MemoryStore::new()));
        let usage = Usage::new(
            Arc::clone(&store),
            Bounds::default(),
            Duration::from_secs(5),
            Retention::default(),
        );
        usage.add(report(1), NOW);
        usage.run(async {}).await;
        assert_eq!(store.usage(&UsageQuery::default()).await.unwrap().len(), 1);
    }

    fn sighting(name: &str, at: i64) -> UsageReport {
        let mut report = UsageReport::default();
        report.sightings.last_seen.push(LastSeen {
            flag: FlagName::trusted(name),
            environment: EnvironmentName::trusted("development"),
            at: Timestamp::from_millis(at),
            first: None,
            on: None,
        });
        report
    }

    #[tokio::test]
    async fn what_was_reported_here_is_seen_at_once() {
        for interval in [Duration::ZERO, Duration::from_secs(3600)] {
            let store = Arc::new(AnyStore::Memory(MemoryStore::new()));
            let usage = Usage::new(store, Bounds::default(), interval, Retention::default());
            let f = FlagName::trusted("f");
            assert!(usage.seen().await.unwrap().of(&f).is_empty());
            for at in [5, 3, 9] {
                usage.add(sighting("f", at), NOW);
                usage.add(sighting("g", at), NOW);
                assert!(!usage.seen().await.unwrap().of(&f).is_empty());
            }
            let seen = usage.seen().await.unwrap();
            let times = seen.of(&f).iter().map(|it| (it.first, it.at));
            let expected = (Some(Timestamp::from_millis(3)), Timestamp::from_millis(9));
            assert_eq!(times.collect::<Vec<_>>(), [expected]);
        }
    }

    #[tokio::test]
    async fn what_is_old_is_forgotten() {
        let store = Arc::new(AnyStore::Memory(MemoryStore::new()));
        let usage = Usage::new(
            Arc::clone(&store),
            Bounds::default(),
            Duration::from_secs(5),
            Retention { hours: 1, days: 1 },
        );
        usage.add(report(1), NOW);
        usage.flush().await.unwrap();
        let days = |days: i64| Timestamp::from_millis(days * 24 * 3_600_000);
        assert_eq!(usage.prune(days(1)).await.unwrap(), 0);
        assert_eq!(usage.prune(days(3)).await.unwrap(), 1);
        let left = store.usage(&UsageQuery::default()).await.unwrap();
        assert!(left.is_empty(), "{left:?}");
    }
}
