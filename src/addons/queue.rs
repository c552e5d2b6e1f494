//! One addon after the other event: in order, and again when that may help.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::message::{self, Outgoing};
use super::send::{Failure, Sender};
use super::turn::{LEASE, Turns};
use crate::domain::addon::Addon;
use crate::domain::change::Change;
use crate::domain::delivery::{Delivery, DeliveryState};
use crate::domain::event::Event;
use crate::domain::time::Clock;
use crate::store::{AnyStore, Store, Turn};
use crate::telemetry::Telemetry;

/// Pauses before the second, third and fourth try.
const PAUSES: [Duration; 3] = [
    Duration::from_secs(1),
    Duration::from_secs(5),
    Duration::from_secs(25),
];

/// An event that is so old may have been told by a node whose claim has ended: less than a claim lasts. In milliseconds.
const LATE: i64 = 10_000;

/// How often noting a delivery is tried, and the pause between: until it is noted, others may take it for not told.
const ATTEMPTS: usize = 6;
const PAUSE: Duration = Duration::from_secs(5);

/// What all queues use.
pub(super) struct Tools {
    pub(super) store: Arc<AnyStore>,
    pub(super) clock: Clock,
    pub(super) url: String,
    pub(super) sender: Sender,
    pub(super) turns: Turns,
    /// True when the server stops.
    pub(super) stopped: watch::Receiver<bool>,
    pub(super) telemetry: Arc<Telemetry>,
}

impl std::fmt::Debug for Tools {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tools").finish_non_exhaustive()
    }
}

/// An event for an addon. Events stay in their change: many addons share one.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) addon: Arc<Addon>,
    pub(super) change: Arc<Change>,
    pub(super) place: usize,
}

/// The events one addon has yet to be told. It holds pointers only, so it needs no bound of its own: a change is kept
/// in memory once.
#[derive(Debug)]
pub(super) struct Queue(UnboundedSender<Job>);

impl Queue {
    /// A queue and the work that empties it, which ends when the queue is dropped and empty.
    pub(super) fn new(tools: Arc<Tools>) -> (Self, impl Future<Output = ()> + Send) {
        let (jobs, waiting) = mpsc::unbounded_channel();
        (Self(jobs), work(tools, waiting))
    }

    pub(super) fn add(&self, job: Job) {
        // Nobody takes the jobs only while the server stops.
        let _ = self.0.send(job);
    }
}

/// Ends when there is nothing more to tell, or when the server stops and what is being sent has been.
async fn work(tools: Arc<Tools>, mut waiting: UnboundedReceiver<Job>) {
    let mut others = JoinSet::new();
    loop {
        let job = tokio::select! {
            biased;
            () = tools.stop() => break,
            job = waiting.recv() => match job {
                Some(job) => job,
                None => return,
            },
            Some(_) = others.join_next() => continue,
        };
        if let Some(job) = tools.take(job).await {
            // Whoever has it may die before it is done.
            others.spawn(watch_over(Arc::clone(&tools), job));
        }
    }
    others.join_all().await;
}

/// Sees to it that an event is told which another node has taken on.
async fn watch_over(tools: Arc<Tools>, mut job: Job) {
    loop {
        tokio::select! {
            () = tools.stop() => return,
            () = tokio::time::sleep(LEASE) => {}
        }
        match tools.take(job).await {
            Some(left) => job = left,
            None => return,
        }
    }
}

impl Job {
    fn event(&self) -> Option<&Event> {
        self.change.events.get(self.place)
    }
}

impl Tools {
    /// Ready when the server stops.
    async fn stop(&self) {
        let _ = self.stopped.clone().wait_for(|stop| *stop).await;
    }

    /// Tells about an event if it is this node's turn. Gives it back while another node does.
    async fn take(&self, job: Job) -> Option<Job> {
        let event = job.event()?;
        let turn = tokio::select! {
            () = self.stop() => return None,
            turn = self.turns.whose(job.addon.id, event.id) => turn,
        };
        match turn {
            Turn::Taken => Some(job),
            Turn::Done => None,
            Turn::Mine => {
                let work = self.tell_once(&job.addon, event);
                let held = self.turns.hold(job.addon.id, event.id, work).await;
                held.is_none().then_some(job)
            }
        }
    }

    async fn tell_once(&self, addon: &Addon, event: &Event) {
        let age = (self.clock)().as_millis() - event.at.as_millis();
        let was_told = age > LATE && self.turns.told(addon.id).await.contains(event.id);
        if was_told || self.tell(addon, event).await.is_some() {
            self.turns.end(addon.id, event.id).await;
        }
    }

    /// Tells an addon about an event and notes how that went. None when the server stops before it was told.
    async fn tell(&self, addon: &Addon, event: &Event) -> Option<()> {
        let (state, state_details, details) = match message::write(addon, event, &self.url) {
            Ok(messages) => self.send_all(messages).await?,
            Err(why) => (DeliveryState::Failed, why, Value::Null),
        };
        self.telemetry
            .count_delivery(state.as_str(), &addon.provider);
        let delivery = Delivery {
            id: 0,
            addon: addon.id,
            at: (self.clock)(),
            event: event.clone(),
            state,
            state_details,
            details,
        };
        self.note(Arc::new(delivery)).await;
        Some(())
    }

    async fn note(&self, delivery: Arc<Delivery>) {
        for attempt in 1..=ATTEMPTS {
            let Err(error) = self.store.add_delivery(Arc::clone(&delivery)).await else {
                return;
            };
            tracing::warn!(
                addon = delivery.addon.0,
                attempt,
                error = &error as &dyn std::error::Error,
                "what became of a delivery cannot be noted"
            );
            tokio::select! {
                () = self.stop() => return,
                () = tokio::time::sleep(PAUSE) => {}
            }
        }
    }

    /// Sends the messages about one event, and says how that went. None when the server stops before any arrived.
    async fn send_all(&self, messages: Vec<Outgoing>) -> Option<(DeliveryState, String, Value)> {
        let (mut sent, mut reports) = (0, Vec::new());
        let all = messages.len();
        let details = messages.first().map(|it| it.shown.clone());
        for message in messages {
            match self.send_patiently(Arc::new(message)).await {
                Some(Ok(status)) => {
                    sent += 1;
                    reports.push(format!("sent, the answer was {status}"));
                }
                Some(Err(failure)) => reports.push(failure.to_string()),
                None if sent == 0 => return None,
                // Whoever was told would be told again.
                None => reports.push("the server stopped before the rest was sent".into()),
            }
        }
        reports.dedup();
        let state = match sent {
            0 => DeliveryState::Failed,
            some if some < all => DeliveryState::SuccessWithErrors,
            _ => DeliveryState::Success,
        };
        if reports.is_empty() {
            reports.push("there was nobody to send it to".into());
        }
        Some((state, reports.join("; "), details.unwrap_or_default()))
    }

    /// None when the server stops before it arrived.
    async fn send_patiently(&self, message: Arc<Outgoing>) -> Option<Result<u16, Failure>> {
        for pause in PAUSES {
            match self.sender.send(Arc::clone(&message)).await {
                Err(failure) if failure.may_pass() => tokio::select! {
                    () = self.stop() => return None,
                    () = tokio::time::sleep(pause) => {}
                },
                done => return Some(done),
            }
        }
        Some(self.sender.send(message).await)
    }
}
