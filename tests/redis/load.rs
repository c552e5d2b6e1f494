//! Writers that never rest.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::task::JoinSet;

use crate::audit::Ledger;
use crate::node::Node;

/// Writers of several nodes, until they are told to end.
pub(crate) struct Load {
    tasks: JoinSet<usize>,
    stop: Arc<AtomicBool>,
}

impl Load {
    /// Each node writes with `writers` at once; names begin with `prefix`.
    pub(crate) fn on(
        nodes: &[Arc<Node>],
        writers: usize,
        prefix: &str,
        ledger: &Arc<Ledger>,
    ) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let mut tasks = JoinSet::new();
        for (place, node) in nodes.iter().enumerate() {
            for writer in 0..writers {
                let name = format!("{prefix}-{place}-{writer}");
                let (node, ledger) = (Arc::clone(node), Arc::clone(ledger));
                tasks.spawn(write(node, name, ledger, Arc::clone(&stop)));
            }
        }
        Self { tasks, stop }
    }

    /// Ends, after what is on its way. Says how many writes were refused.
    pub(crate) async fn end(self) -> usize {
        self.stop.store(true, Ordering::SeqCst);
        self.tasks.join_all().await.into_iter().sum()
    }
}

/// Says how many writes were refused.
async fn write(node: Arc<Node>, name: String, ledger: Arc<Ledger>, stop: Arc<AtomicBool>) -> usize {
    let (mut number, mut refused) = (0, 0);
    while !stop.load(Ordering::SeqCst) {
        let accepted = ledger.write(&node, &format!("{name}-{number}")).await;
        // As a client does that was told to try again later.
        let pause = if accepted { 5 } else { 20 };
        tokio::time::sleep(Duration::from_millis(pause)).await;
        number += 1;
        refused += usize::from(!accepted);
    }
    refused
}
