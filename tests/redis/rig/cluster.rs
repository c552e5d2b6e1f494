//! Servers that share the keys among them.

use std::path::Path;

use super::options::Options;
use super::server::RedisServer;
use super::wait_for;

/// How many slots there are.
const SLOTS: usize = 16_384;

/// Masters with a third of the slots each and, if wanted, a replica of each.
#[derive(Debug)]
pub(crate) struct Cluster {
    nodes: Vec<RedisServer>,
}

impl Cluster {
    /// Three masters.
    pub(crate) fn start(options: Options) -> Self {
        let options = options.cluster();
        let nodes: Vec<_> = (0..3)
            .map(|_| RedisServer::start(options.clone()))
            .collect();
        for (place, node) in nodes.iter().enumerate() {
            let from = place * SLOTS / nodes.len();
            let to = (place + 1) * SLOTS / nodes.len() - 1;
            node.cli(&[
                "CLUSTER",
                "ADDSLOTSRANGE",
                &from.to_string(),
                &to.to_string(),
            ]);
        }
        let cluster = Self { nodes };
        cluster.introduce();
        cluster
    }

    /// Three masters with a replica each.
    pub(crate) fn with_replicas(options: Options) -> Self {
        let mut cluster = Self::start(options.clone());
        let options = options.cluster();
        let masters: Vec<String> = cluster.nodes.iter().map(id).collect();
        for _ in &masters {
            cluster.nodes.push(RedisServer::start(options.clone()));
        }
        cluster.introduce();
        for (node, master) in cluster.nodes.iter().skip(masters.len()).zip(&masters) {
            wait_for("a node knows its master to be", || {
                let answer = node.ask(&["CLUSTER", "REPLICATE", master]).ok()?;
                (answer.to_string() == "OK").then_some(())
            });
        }
        for node in cluster.nodes.iter().skip(masters.len()) {
            wait_for("a replica copies its master", || {
                (node.info("master_link_status") == "up").then_some(())
            });
        }
        cluster
    }

    /// The address for clients.
    pub(crate) fn url(&self) -> String {
        let hosts: Vec<String> = self
            .nodes
            .iter()
            .map(|node| format!("127.0.0.1:{}", node.port()))
            .collect();
        let login = self.nodes.first().map(RedisServer::login);
        let s = self.authority().map_or("", |_| "s");
        format!(
            "redis{s}-cluster://{}{}",
            login.unwrap_or_default(),
            hosts.join(",")
        )
    }

    /// The certificate of the authority that vouches for all of them, if they speak TLS.
    pub(crate) fn authority(&self) -> Option<&Path> {
        self.nodes.first()?.authority()
    }

    /// All nodes, whatever their role.
    pub(crate) fn nodes(&self) -> &[RedisServer] {
        &self.nodes
    }

    /// The place of the master that has the slot of `key` now, as most nodes say.
    pub(crate) fn owner(&self, key: &str) -> usize {
        wait_for("the nodes agree who has a slot", || {
            let owners: Vec<Option<usize>> = self
                .nodes
                .iter()
                .map(|node| self.owner_by(node, key))
                .collect();
            let most = |it: &&Option<usize>| {
                owners.iter().filter(|other| other == it).count() * 2 > owners.len()
            };
            owners.iter().find(most).copied().flatten()
        })
    }

    /// The same, to be killed and started.
    pub(crate) fn node_mut(&mut self, place: usize) -> &mut RedisServer {
        self.nodes.get_mut(place).expect("a node")
    }

    fn owner_by(&self, node: &RedisServer, key: &str) -> Option<usize> {
        let slot: u32 = slot(node, key)?.parse().ok()?;
        let ranges = node.ask(&["CLUSTER", "SLOTS"]).ok()?.into_list();
        let owner = ranges.into_iter().find_map(|range| {
            let range = range.into_list();
            let number = |place: usize| range.get(place)?.to_string().parse::<u32>().ok();
            let inside = (number(0)?..=number(1)?).contains(&slot);
            let master = range.get(2)?.clone().into_list();
            inside.then_some(master.get(2)?.to_string())
        })?;
        // Not by port: over a socket none is told of those that speak TLS only.
        let is_owner = |node: &RedisServer| {
            let id = node.ask(&["CLUSTER", "MYID"]);
            id.is_ok_and(|id| id.to_string() == owner)
        };
        self.nodes.iter().position(is_owner)
    }

    /// Moves the slot of `key` to another master as resharding does: keys are migrated one by one while clients go on.
    /// `on_the_way` happens when one of the keys has moved and the others have not.
    pub(crate) fn move_slot(&self, key: &str, to: usize, on_the_way: impl FnOnce()) {
        let from = self.owner(key);
        let node = |place: usize| self.nodes.get(place).expect("a node");
        let (source, target) = (node(from), node(to));
        let slot = slot(source, key).expect("a number");
        let set = |node: &RedisServer, words: &[&str]| {
            node.cli(&[&["CLUSTER", "SETSLOT", &slot], words].concat());
        };
        set(target, &["IMPORTING", &id(source)]);
        set(source, &["MIGRATING", &id(target)]);
        let migrate = |count: &str| {
            let keys = source.cli(&["CLUSTER", "GETKEYSINSLOT", &slot, count]);
            let keys: Vec<&str> = keys.lines().collect();
            let port = target.port().to_string();
            let words = ["MIGRATE", "127.0.0.1", &port, "", "0", "5000", "KEYS"];
            if !keys.is_empty() {
                source.cli(&[&words, &keys[..]].concat());
            }
            keys.len()
        };
        migrate("1");
        on_the_way();
        while migrate("100") > 0 {}
        for node in [target, source] {
            set(node, &["NODE", &id(target)]);
        }
        for node in &self.nodes {
            set(node, &["NODE", &id(target)]);
        }
        wait_for("all know where the slot is", || {
            (self.owner(key) == to).then_some(())
        });
    }

    /// Makes all known to all, and waits until they say that all is well.
    fn introduce(&self) {
        let (first, others) = self.nodes.split_first().expect("nodes");
        for node in others {
            let (port, bus) = (
                node.port().to_string(),
                node.cli(&["CONFIG", "GET", "cluster-port"]),
            );
            let bus = bus.lines().last().unwrap_or_default().to_owned();
            first.cli(&["CLUSTER", "MEET", "127.0.0.1", &port, &bus]);
        }
        let count = self.nodes.len();
        wait_for("the Cluster is whole", || {
            let whole = |node: &RedisServer| {
                let info = node.cli(&["CLUSTER", "INFO"]);
                info.contains("cluster_state:ok")
                    && info.contains(&format!("cluster_known_nodes:{count}\r"))
            };
            self.nodes.iter().all(whole).then_some(())
        });
    }
}

fn slot(node: &RedisServer, key: &str) -> Option<String> {
    let slot = node.ask(&["CLUSTER", "KEYSLOT", key]).ok()?;
    Some(slot.to_string())
}

fn id(node: &RedisServer) -> String {
    node.cli(&["CLUSTER", "MYID"])
}
