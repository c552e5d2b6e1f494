//! Random faults, one round after another, and after each the same questions: see [`crate::audit`].
//!
//! With `appendfsync always` nothing that was acknowledged may be lost. With `everysec` Redis itself holds back what it
//! writes while the disk is busy, for up to two seconds: what was acknowledged before that may not be lost when the
//! process dies, and what came after may only be lost if the nodes that served it say so.
//!
//! `BURGEE_CHAOS_ROUNDS` says how many rounds, `BURGEE_CHAOS_SEED` repeats what was done in an earlier run (not how
//! fast the machine was). `make chaos` plays 200.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use burgee::change::{Right, StandingError};
use burgee::store::Condition;

use crate::audit::{Ledger, check, check_acknowledged};
use crate::load::Load;
use crate::node::{Node, options};
use crate::rig::{Options, Proxy, RedisServer, Weather};

const ROUNDS: usize = 8;
/// After so many rounds a new Redis is taken, so that reading all of it for the audit stays short.
const ROUNDS_OF_A_WORLD: usize = 10;
/// For how long Redis may hold back what it writes, and a little more for the clock of a busy machine.
const HELD_BACK: Duration = Duration::from_millis(2500);
/// Writers of each node.
const WRITERS: usize = 3;

/// Numbers by chance (splitmix64), the same for the same seed.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut it = self.0;
        it = (it ^ (it >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        it = (it ^ (it >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        it ^ (it >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).unwrap()
    }

    /// A time up to this many milliseconds; short ones are as likely as long ones.
    fn millis(&mut self, most: u64) -> Duration {
        let most = 1 + self.next() % most;
        Duration::from_millis(1 + self.next() % most)
    }
}

/// What goes wrong.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Fault {
    Killed,
    Stopped,
    Paused,
    ConnectionsClosed,
    ScriptsForgotten,
    MemoryFull,
    ReadOnly,
    LogRewritten,
    NodeCut,
    NodeUnheard,
    NodeSlow,
    AnswersLost,
    NodeStartedAnew,
}

const FAULTS: [Fault; 13] = [
    Fault::Killed,
    Fault::Stopped,
    Fault::Paused,
    Fault::ConnectionsClosed,
    Fault::ScriptsForgotten,
    Fault::MemoryFull,
    Fault::ReadOnly,
    Fault::LogRewritten,
    Fault::NodeCut,
    Fault::NodeUnheard,
    Fault::NodeSlow,
    Fault::AnswersLost,
    Fault::NodeStartedAnew,
];

/// A Redis, and nodes on it, each behind a network of its own.
struct World {
    server: RedisServer,
    proxies: Vec<Proxy>,
    nodes: Vec<Arc<Node>>,
    ledger: Arc<Ledger>,
    /// Whether everything acknowledged is on disk.
    durable: bool,
    /// When the process died.
    deaths: Vec<Instant>,
    /// Whether somebody had to decide what is right.
    decided: bool,
}

impl World {
    async fn new(durable: bool) -> Self {
        let server = RedisServer::start(match durable {
            true => Options::always(),
            false => Options::every_second(),
        });
        let mut world = Self {
            proxies: (0..3).map(|_| Proxy::before(server.port())).collect(),
            server,
            nodes: Vec::new(),
            ledger: Arc::default(),
            durable,
            deaths: Vec::new(),
            decided: false,
        };
        for place in 0..world.proxies.len() {
            let node = world.open(place).await;
            world.nodes.push(node);
        }
        world.nodes[0].found().await;
        world
    }

    async fn open(&self, place: usize) -> Arc<Node> {
        let url = self.server.url_at(self.proxies[place].port());
        Arc::new(Node::open(&options(url)).await)
    }

    /// Lets something go wrong, and puts it right again.
    async fn suffer(&mut self, fault: Fault, dice: &mut Dice) {
        let (place, lasting) = (dice.below(self.proxies.len()), dice.millis(1200));
        let proxy = &self.proxies[place];
        match fault {
            Fault::Killed => {
                self.server.kill();
                self.deaths.push(Instant::now());
                tokio::time::sleep(lasting).await;
                tokio::task::block_in_place(|| self.server.restart());
            }
            Fault::Stopped => {
                tokio::task::block_in_place(|| self.server.stop());
                tokio::time::sleep(lasting).await;
                tokio::task::block_in_place(|| self.server.restart());
            }
            Fault::Paused => {
                self.server.pause();
                tokio::time::sleep(lasting).await;
                self.server.resume();
            }
            Fault::ConnectionsClosed => {
                self.server
                    .cli(&["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"]);
            }
            Fault::ScriptsForgotten => drop(self.server.cli(&["SCRIPT", "FLUSH"])),
            Fault::MemoryFull => {
                self.server.cli(&["CONFIG", "SET", "maxmemory", "1"]);
                tokio::time::sleep(lasting).await;
                self.server.cli(&["CONFIG", "SET", "maxmemory", "0"]);
            }
            Fault::ReadOnly => {
                // Nobody is there to be copied, so it keeps what it has.
                self.server.cli(&["REPLICAOF", "127.0.0.1", "1"]);
                tokio::time::sleep(lasting).await;
                self.server.cli(&["REPLICAOF", "NO", "ONE"]);
            }
            Fault::LogRewritten => drop(self.server.ask(&["BGREWRITEAOF"])),
            Fault::NodeCut => weather(proxy, Weather::Cut, lasting).await,
            Fault::NodeUnheard => weather(proxy, Weather::Silent, lasting).await,
            Fault::NodeSlow => {
                let late = Weather::Slow(dice.millis(300));
                weather(proxy, late, lasting).await;
            }
            Fault::AnswersLost => {
                for _ in 0..1 + dice.below(5) {
                    weather(proxy, Weather::LosesAnswerTo("EVALSHA"), lasting / 4).await;
                }
            }
            Fault::NodeStartedAnew => {
                let node = self.open(place).await;
                self.nodes[place] = node;
            }
        }
    }

    /// One or two faults while everybody writes; then all is well again and nothing is lost.
    async fn round(&mut self, number: usize, dice: &mut Dice, tally: &mut Tally) {
        let load = Load::on(&self.nodes, WRITERS, &format!("of-{number}"), &self.ledger);
        for _ in 0..1 + dice.below(2) {
            let fault = FAULTS[dice.below(FAULTS.len())];
            tally
                .faults
                .entry(fault)
                .and_modify(|it| *it += 1)
                .or_insert(1);
            self.suffer(fault, dice).await;
            tokio::time::sleep(dice.millis(200)).await;
        }
        tally.refused += load.end().await;
        if !self.durable {
            self.settle(tally).await;
        }
        for (place, node) in self.nodes.iter().enumerate() {
            node.becomes_good().await;
            node.write_at_last(&format!("after-{number}-{place}")).await;
        }
        let direct = Node::open(&options(self.server.url())).await;
        let deaths = &self.deaths;
        let held_back = |at: Instant| {
            let mut deaths = deaths.iter();
            deaths.any(|death| at <= *death && death.duration_since(at) < HELD_BACK)
        };
        if !self.durable {
            tally.held_back += self.ledger.strike_out(&direct.store, held_back).await;
        }
        if self.decided {
            check_acknowledged(&direct.store, &self.nodes, &self.ledger).await;
        } else {
            check(&direct.store, &self.nodes, &self.ledger).await;
        }
        direct.close().await;
    }

    /// A node may serve what Redis held back when it died. It says so, and what Redis has is right.
    async fn settle(&mut self, tally: &mut Tally) {
        for node in &self.nodes {
            node.becomes("settled", |now| !matches!(now, Condition::Away(_)))
                .await;
            if matches!(node.condition(), Condition::Diverged(_)) && !self.deaths.is_empty() {
                println!("chaos: {:?}", node.condition());
                match node.decide(Right::Held).await {
                    Ok(_) => tally.decisions += 1,
                    // The decision on another node was heard of.
                    Err(StandingError::Agreed) => {}
                    Err(error) => panic!("{error:?}"),
                }
                self.decided = true;
            }
        }
    }
}

async fn weather(proxy: &Proxy, weather: Weather, lasting: Duration) {
    proxy.set(weather);
    tokio::time::sleep(lasting).await;
    proxy.heal();
}

/// What happened.
#[derive(Default)]
struct Tally {
    faults: BTreeMap<Fault, usize>,
    acknowledged: usize,
    refused: usize,
    decisions: usize,
    held_back: usize,
}

fn setting(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(
        text.parse()
            .unwrap_or_else(|_| panic!("{name} is not a number")),
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_acknowledged_is_lost_and_nobody_goes_back() {
    let rounds = setting("BURGEE_CHAOS_ROUNDS").map_or(ROUNDS, |it| usize::try_from(it).unwrap());
    let seed = setting("BURGEE_CHAOS_SEED").unwrap_or_else(|| u64::from(std::process::id()));
    println!("chaos: {rounds} rounds, BURGEE_CHAOS_SEED={seed}");
    let (mut dice, mut tally, begun) = (Dice(seed), Tally::default(), Instant::now());
    let length = ROUNDS_OF_A_WORLD.min(rounds.div_ceil(2));
    let mut played = 0;
    for place in 0.. {
        let mut world = World::new(place % 2 == 0).await;
        let end = rounds.min(played + length);
        while played < end {
            world.round(played, &mut dice, &mut tally).await;
            played += 1;
        }
        tally.acknowledged += world.ledger.count();
        if played == rounds {
            break;
        }
    }
    println!(
        "chaos: {rounds} rounds in {:.0} s, seed {seed}: {} writes acknowledged, {} refused; 0 lost with appendfsync \
         always; with everysec 0 lost of those older than two seconds, {} of the newest, which {} nodes noticed; no \
         number twice, no node went back; faults: {:?}",
        begun.elapsed().as_secs_f64(),
        tally.acknowledged,
        tally.refused,
        tally.held_back,
        tally.decisions,
        tally.faults
    );
    assert!(tally.acknowledged > rounds, "hardly anything was written");
}
