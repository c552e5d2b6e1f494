//! Hearing of commits, of this node and others.

use std::sync::Arc;
use std::time::Duration;

use redis::aio::ConnectionLike;
use redis::{Cmd, FromRedisValue, RedisError};
use tokio::time::{sleep, timeout};

use super::Inner;
use super::fault::Fault;
use super::lineage::RawHead;
use super::link::Wire;
use super::log::Entry;

/// How long the server is to wait for news before it says that there are none. Then it is asked what it holds, so
/// that a loss is noticed even if nothing is ever written again.
const WATCH: Duration = Duration::from_secs(1);

/// The first and the longest pause before connecting again.
const PAUSES: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(2));

/// Follows the feed for as long as the store is used.
pub(super) async fn follow(inner: Arc<Inner>) {
    let mut pause = PAUSES.0;
    loop {
        let fault = match inner.link.own_wire().await {
            Ok(mut wire) => {
                let mut answered = false;
                let fault = inner.listen(&mut wire, &mut answered).await;
                if answered {
                    pause = PAUSES.0;
                }
                fault
            }
            Err(fault) => fault,
        };
        let error = fault.at(&inner.place);
        inner.known.lost(&error);
        sleep(pause).await;
        pause = (pause * 2).min(PAUSES.1);
    }
}

impl Inner {
    /// Ends with the first error.
    async fn listen(&self, wire: &mut Wire, answered: &mut bool) -> Fault {
        loop {
            match self.look(wire).await {
                Ok(()) => *answered = true,
                // What is served is not there: this is said in `known`, and may end any time.
                Err(Fault::Store(_)) => sleep(WATCH).await,
                Err(fault) => return fault,
            }
            if let Err(fault) = self.wait(wire).await {
                return fault;
            }
        }
    }

    async fn look(&self, wire: &mut Wire) -> Result<(), Fault> {
        let before = self.known.before();
        let mut commands = redis::pipe();
        self.ask_head(commands.atomic(), &before);
        let answer = commands.query_async::<(RawHead, Vec<Entry>)>(wire);
        let answer = timeout(self.link.patience(), answer).await;
        let (raw, marks) = answer.map_err(|_| Fault::Late)??;
        self.observe(&before, &raw, marks)?;
        Ok(())
    }

    /// Waits for a commit that is not known yet, or for a while.
    async fn wait(&self, wire: &mut Wire) -> Result<(), Fault> {
        let mut command = redis::cmd("XREAD");
        command
            .arg("BLOCK")
            .arg(WATCH.as_millis().to_string())
            .arg("STREAMS")
            .arg(self.keys.feed())
            .arg(format!("{}-0", self.known.revision()));
        let limit = WATCH + self.link.patience();
        within::<redis::Value>(limit, &command, wire).await?;
        Ok(())
    }
}

async fn within<T: FromRedisValue>(
    limit: Duration,
    command: &Cmd,
    wire: &mut (impl ConnectionLike + Send),
) -> Result<T, Fault> {
    let answer: Result<T, RedisError> = timeout(limit, command.query_async(wire))
        .await
        .map_err(|_| Fault::Late)?;
    Ok(answer?)
}
