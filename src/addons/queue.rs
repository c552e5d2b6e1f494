//! One addon after the other event: in order, and again when that may help.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};

use super::message::{self, Outgoing};
use super::send::{Failure, Sender};
use crate::domain::addon::Addon;
use crate::domain::change::Change;
use crate::domain::delivery::{DELIVERIES_KEPT, Delivery, DeliveryState};
use crate::domain::event::Event;
use crate::domain::time::Clock;
use crate::store::{AnyStore, Store};

/// Pauses before the second, third and fourth try.
const PAUSES: [Duration; 3] = [
    Duration::from_secs(1),
    Duration::from_secs(5),
    Duration::from_secs(25),
];

/// How long a node may take to tell about an event; then another one may. All tries of one message take 71 seconds.
const CLAIM: Duration = Duration::from_secs(300);

/// How long a store that failed is left alone.
const PATIENCE: Duration = Duration::from_secs(5);

/// What all queues use.
pub(super) struct Tools {
    pub(super) store: Arc<AnyStore>,
    pub(super) clock: Clock,
    pub(super) url: String,
    pub(super) sender: Sender,
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

async fn work(tools: Arc<Tools>, mut waiting: UnboundedReceiver<Job>) {
    while let Some(job) = waiting.recv().await {
        if tools.is_mine(&job).await {
            tools.tell_about(&job).await;
        } else {
            // Whoever has it may die before it is done.
            let tools = Arc::clone(&tools);
            tokio::spawn(async move { tools.look_again(job).await });
        }
    }
}

impl Tools {
    /// Of the nodes that share the store, one tells.
    async fn is_mine(&self, job: &Job) -> bool {
        let Some(event) = job.change.events.get(job.place) else {
            return true;
        };
        let task = format!("addon:{}:{}", job.addon.id, event.id);
        loop {
            match self.store.claim(&task, CLAIM).await {
                Ok(mine) => return mine,
                Err(error) => {
                    tracing::warn!(
                        addon = job.addon.id.0,
                        error = &error as &dyn std::error::Error,
                        "which node is to tell about an event cannot be settled; trying again"
                    );
                    tokio::time::sleep(PATIENCE).await;
                }
            }
        }
    }

    async fn tell_about(&self, job: &Job) {
        if let Some(event) = job.change.events.get(job.place) {
            self.tell(&job.addon, event).await;
        }
    }

    /// Tells what another node took on and did not do.
    async fn look_again(&self, job: Job) {
        tokio::time::sleep(CLAIM).await;
        if !self.was_told(&job).await && self.is_mine(&job).await {
            self.tell_about(&job).await;
        }
    }

    /// Whether a delivery is noted, or was before so many others were.
    async fn was_told(&self, job: &Job) -> bool {
        let Some(event) = job.change.events.get(job.place) else {
            return true;
        };
        let noted = loop {
            match self.store.deliveries(job.addon.id).await {
                Ok(noted) => break noted,
                // Nobody knows; telling twice is no better than telling late.
                Err(_) => tokio::time::sleep(PATIENCE).await,
            }
        };
        let oldest = noted.iter().map(|it| it.event.id).min();
        noted.iter().any(|it| it.event.id == event.id)
            || noted.len() >= DELIVERIES_KEPT && oldest > Some(event.id)
    }

    async fn tell(&self, addon: &Addon, event: &Event) {
        let (state, state_details, details) = match message::write(addon, event, &self.url) {
            Ok(messages) => self.send_all(messages).await,
            Err(why) => (DeliveryState::Failed, why, Value::Null),
        };
        let delivery = Delivery {
            id: 0,
            addon: addon.id,
            at: (self.clock)(),
            event: event.clone(),
            state,
            state_details,
            details,
        };
        if let Err(error) = self.store.add_delivery(Arc::new(delivery)).await {
            tracing::warn!(
                addon = addon.id.0,
                error = &error as &dyn std::error::Error,
                "what became of a delivery cannot be noted"
            );
        }
    }

    /// Sends the messages about one event, and says how that went.
    async fn send_all(&self, messages: Vec<Outgoing>) -> (DeliveryState, String, Value) {
        let (mut sent, mut reports) = (0, Vec::new());
        let all = messages.len();
        let details = messages.first().map(|it| it.shown.clone());
        for message in messages {
            match self.send_patiently(Arc::new(message)).await {
                Ok(status) => {
                    sent += 1;
                    reports.push(format!("sent, the answer was {status}"));
                }
                Err(failure) => reports.push(failure.to_string()),
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
        (state, reports.join("; "), details.unwrap_or_default())
    }

    async fn send_patiently(&self, message: Arc<Outgoing>) -> Result<u16, Failure> {
        for pause in PAUSES {
            match self.sender.send(Arc::clone(&message)).await {
                Err(failure) if failure.may_pass() => tokio::time::sleep(pause).await,
                done => return done,
            }
        }
        self.sender.send(message).await
    }
}
