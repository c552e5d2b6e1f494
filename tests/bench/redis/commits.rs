//! How fast changes are committed, and how soon another node serves them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use burgee::domain::command::{Command, FlagAddress, StrategyCommand};
use burgee::domain::names::FlagName;
use tokio::task::JoinSet;

use crate::node::{Node, options};
use crate::rig::{Options, RedisServer};
use crate::servers::{Folder, Server};
use crate::yardstick::per_second;
use crate::{flags, percentiles, runtime};

const FLAGS: u64 = 1000;
/// Changes made one after the other.
const SERIAL: usize = 1000;
/// Writers on each of two nodes.
const WRITERS: usize = 10;
/// For how long they write.
const CROWD: Duration = Duration::from_secs(5);

/// Measures with a way of keeping the append-only file.
pub(crate) fn measure(name: &str, kept: Options) {
    let server = RedisServer::start(kept);
    let folder = Folder::make();
    let first = Server::start(&["--redis-url", &server.url()]);
    first.import(&flags::import(FLAGS));
    first.stop();
    drop(folder);
    println!("\nCommits: {FLAGS} flags, two nodes, appendfsync {name}");
    println!(
        "{:<44} {:>9} {:>15} {:>15}",
        "", "per second", "commit, ms", "elsewhere, ms"
    );
    println!(
        "{:<44} {:>9} {:>15} {:>15}",
        "", "", "p50 / p99", "p50 / p99"
    );
    let alone = runtime().block_on(one_by_one(&server, "one after the other"));
    let busy = Busy::start();
    runtime().block_on(one_by_one(
        &server,
        "the same, both cores busy with other work",
    ));
    drop(busy);
    let crowd = runtime().block_on(at_once(&server));
    yardsticks(&server, alone, crowd);
}

/// Turns one flag after the other over on one node, and waits for the other. Changes per second.
async fn one_by_one(server: &RedisServer, what: &str) -> f64 {
    let options = options(server.url());
    let (one, other) = (Node::open(&options).await, Node::open(&options).await);
    let names: Vec<FlagName> = one.state().flags.keys().cloned().collect();
    let (mut commits, mut elsewhere) = (Vec::new(), Vec::new());
    for number in 0..SERIAL {
        let command = turn_over(&one, &names[number % names.len()]);
        let begun = Instant::now();
        let revision = one.submit(&command).await;
        commits.push(begun.elapsed());
        other.reaches(revision).await;
        elsewhere.push(begun.elapsed());
    }
    let sum: Duration = commits.iter().sum();
    let per_second = SERIAL as f64 / sum.as_secs_f64();
    let (commits, elsewhere) = (percentiles(&mut commits), percentiles(&mut elsewhere));
    println!(
        "{what:<44} {per_second:>9.0} {:>15} {:>15}",
        format!("{:.1} / {:.1}", commits.0, commits.1),
        format!("{:.1} / {:.1}", elsewhere.0, elsewhere.1)
    );
    one.close().await;
    other.close().await;
    per_second
}

/// Both nodes write at once. Changes per second.
async fn at_once(server: &RedisServer) -> f64 {
    let options = options(server.url());
    let nodes = [Node::open(&options).await, Node::open(&options).await].map(Arc::new);
    let names: Vec<FlagName> = nodes[0].state().flags.keys().cloned().collect();
    let done = Arc::new(AtomicU32::new(0));
    let begun = Instant::now();
    let mut writers = JoinSet::new();
    for (place, name) in names.into_iter().take(2 * WRITERS).enumerate() {
        let (node, done) = (Arc::clone(&nodes[place % 2]), Arc::clone(&done));
        writers.spawn(async move {
            while begun.elapsed() < CROWD {
                node.submit(&turn_over(&node, &name)).await;
                done.fetch_add(1, Ordering::Relaxed);
            }
        });
    }
    writers.join_all().await;
    let per_second = f64::from(done.load(Ordering::Relaxed)) / begun.elapsed().as_secs_f64();
    println!(
        "{:<44} {per_second:>9.0}",
        format!("both nodes, {WRITERS} writers each")
    );
    for node in nodes {
        Arc::into_inner(node).unwrap().close().await;
    }
    per_second
}

fn turn_over(node: &Node, name: &FlagName) -> Command {
    let state = node.state();
    let flag = &state.flags[name];
    let on = flag
        .environments
        .iter()
        .any(|(environment, it)| environment.as_str() == "development" && it.enabled);
    Command::Strategy(StrategyCommand::Switch {
        at: FlagAddress {
            project: flag.project.to_string(),
            name: name.to_string(),
        },
        environment: "development".into(),
        on: !on,
        activate_disabled: false,
    })
}

/// What Redis does without us: writing as much as a flag, by itself and by a script.
fn yardsticks(server: &RedisServer, alone: f64, crowd: f64) {
    let body = "x".repeat(1000);
    let hset = ["HSET", "yardstick", "flag", body.as_str()];
    let script = "return redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])";
    let eval = ["EVAL", script, "1", "yardstick", "flag", body.as_str()];
    for (clients, ours) in [("1", alone), ("20", crowd)] {
        for (name, command) in [("HSET", &hset[..]), ("EVAL", &eval[..])] {
            let theirs = per_second(server, &["-c", clients, "-n", "4000"], command);
            println!(
                "{:<44} {theirs:>9.0} {:>15}",
                format!("redis-benchmark {name}, {clients} clients"),
                format!("ratio {:.3}", ours / theirs)
            );
        }
    }
}

/// Both cores compute all the time.
struct Busy {
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Busy {
    fn start() -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let threads = (0..2).map(|_| {
            let stop = Arc::clone(&stop);
            std::thread::spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    std::hint::spin_loop();
                }
            })
        });
        Self {
            threads: threads.collect(),
            stop,
        }
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}
