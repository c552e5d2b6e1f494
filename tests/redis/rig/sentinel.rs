//! A server with replicas, watched by Sentinels.

use std::path::Path;
use std::time::Duration;

use tempfile::TempDir;

use super::options::Options;
use super::process::Process;
use super::resp::{LIMIT, Reply, ask_port};
use super::server::RedisServer;
use super::{ports, wait_for};

/// What the Sentinels call the server they watch.
const NAME: &str = "main";

/// Makes a Sentinel look around more often than it would in earnest, and rest for less time when the machine stalls.
///
/// It promotes no replica that has not answered for five ping periods, and asks them once a second when the master is
/// down: a ping period below a fifth of a second would make every failover a matter of luck.
#[rustfmt::skip]
const HASTE: &[&str] = &[
    "SENTINEL", "DEBUG", "INFO-PERIOD", "300", "PING-PERIOD", "500", "ASK-PERIOD", "200",
    "PUBLISH-PERIOD", "200", "TILT-PERIOD", "1000", "ELECTION-TIMEOUT", "2000",
];

/// A master, two replicas and three Sentinels that agree about them.
#[derive(Debug)]
pub(crate) struct Sentinel {
    servers: Vec<RedisServer>,
    watchers: Vec<Watcher>,
}

/// One Sentinel.
#[derive(Debug)]
struct Watcher {
    _process: Process,
    /// For the tests; no TLS.
    port: u16,
    /// For clients.
    door: u16,
    _directory: TempDir,
}

impl Sentinel {
    /// Starts three servers with these options and three Sentinels, and waits until all know each other.
    pub(crate) fn start(options: Options) -> Self {
        let master = RedisServer::start(options.clone());
        let port = master.port();
        let replicas = (0..2).map(|_| RedisServer::start(options.clone().replica_of(port)));
        let mut servers = vec![master];
        servers.extend(replicas);
        let watchers = (0..3).map(|_| Watcher::start(port, &options));
        let sentinel = Self {
            watchers: watchers.collect(),
            servers,
        };
        sentinel.wait_until_agreed();
        sentinel
    }

    /// The address for clients.
    pub(crate) fn url(&self) -> String {
        let hosts: Vec<String> = self.watchers.iter().map(Watcher::host).collect();
        let login = self.servers.first().map(RedisServer::login);
        let login = login.unwrap_or_default();
        let first = self.servers.first();
        let s = first.and_then(RedisServer::authority).map_or("", |_| "s");
        format!("redis{s}-sentinel://{login}{}/{NAME}", hosts.join(","))
    }

    /// What the Sentinels call the server they watch.
    pub(crate) fn name(&self) -> &'static str {
        NAME
    }

    /// The port of one of the Sentinels; no TLS.
    pub(crate) fn port(&self) -> u16 {
        self.watchers.first().expect("a Sentinel").port
    }

    /// The certificate of the authority that vouches for all of them, if they speak TLS.
    pub(crate) fn authority(&self) -> Option<&Path> {
        self.servers.first()?.authority()
    }

    /// All servers, whatever their role is now.
    pub(crate) fn servers(&self) -> &[RedisServer] {
        &self.servers
    }

    /// The server that takes writes, as the Sentinels say.
    pub(crate) fn master(&self) -> &RedisServer {
        let port = self.master_port();
        let found = self.servers.iter().find(|server| server.port() == port);
        found.expect("the Sentinels name one of the servers")
    }

    /// The server on this port, to be killed and started.
    pub(crate) fn server_mut(&mut self, port: u16) -> &mut RedisServer {
        let mut servers = self.servers.iter_mut();
        let found = servers.find(|server| server.port() == port);
        found.expect("one of the servers")
    }

    /// Waits until two of three Sentinels name the same server, and returns its port.
    pub(crate) fn master_port(&self) -> u16 {
        wait_for("the Sentinels agree who is master", || {
            let named: Vec<Option<u16>> = self.watchers.iter().map(Watcher::master_port).collect();
            let most = |port: &&Option<u16>| named.iter().filter(|it| it == port).count() >= 2;
            named.iter().find(most).copied().flatten()
        })
    }

    /// Makes a replica the master, in peace, and waits until it is. Returns its port.
    pub(crate) fn failover(&self) -> u16 {
        let before = self.master_port();
        let first = self.watchers.first().expect("a Sentinel");
        wait_for("a Sentinel carries out a failover", || {
            if first.master_port() != Some(before) {
                return Some(());
            }
            // One that found no replica it likes gives up, and is asked again; one that is at it says so.
            let _ = first.ask(&["SENTINEL", "FAILOVER", NAME]);
            std::thread::sleep(Duration::from_millis(300));
            None
        });
        self.wait_for_another_master(before)
    }

    /// Waits until the Sentinels name another master than `before` and it takes writes. Returns its port.
    pub(crate) fn wait_for_another_master(&self, before: u16) -> u16 {
        wait_for("another server is master", || {
            let port = self.master_port();
            (port != before && self.master().info("role") == "master").then_some(port)
        })
    }

    /// Waits until all servers copy the master and all Sentinels see that.
    pub(crate) fn wait_until_agreed(&self) {
        wait_for("all replicas copy the master", || {
            let linked = |server: &&RedisServer| {
                server.info("role") == "slave" && server.info("master_link_status") == "up"
            };
            (self.servers.iter().filter(linked).count() == 2).then_some(())
        });
        wait_for("the Sentinels know each other", || {
            self.watchers.iter().all(Watcher::knows_all).then_some(())
        });
    }
}

impl Watcher {
    fn start(master: u16, options: &Options) -> Self {
        let directory = tempfile::Builder::new()
            .prefix("sentinel-")
            .tempdir()
            .unwrap();
        let port = ports::free();
        let door = options.tls.as_ref().map_or(port, |_| ports::free());
        let file = directory.path().join("sentinel.conf");
        let mut text = configuration(directory.path(), port, master, options);
        if let Some(certificates) = &options.tls {
            text.push_str(&format!("tls-port {door}\n"));
            text.push_str(&certificates.lines().join("\n"));
        }
        std::fs::write(&file, text).unwrap();
        let mut process = Process::start(&file, &["--sentinel"]);
        wait_for("a Sentinel answers", || {
            assert!(!process.ended(), "{}", process.last_words());
            ask_port(port, &["PING"], LIMIT)
        });
        ask_port(port, HASTE, LIMIT);
        Self {
            _process: process,
            port,
            door,
            _directory: directory,
        }
    }

    fn host(&self) -> String {
        format!("127.0.0.1:{}", self.door)
    }

    fn ask(&self, words: &[&str]) -> Option<Reply> {
        ask_port(self.port, words, LIMIT)
    }

    fn master_port(&self) -> Option<u16> {
        let address = self.ask(&["SENTINEL", "GET-MASTER-ADDR-BY-NAME", NAME])?;
        address.into_list().last()?.to_string().parse().ok()
    }

    /// Whether it sees two replicas and two other Sentinels, all well.
    fn knows_all(&self) -> bool {
        let well = |kind: &str| {
            let list = self.ask(&["SENTINEL", kind, NAME]);
            let list = list.map(Reply::into_list).unwrap_or_default();
            // Not `master_down`: that is what it once said of another.
            let bad = |flag: &str| ["s_down", "o_down", "disconnected"].contains(&flag);
            let is_well = |entry: &&Reply| flags(entry).is_some_and(|it| !it.split(',').any(bad));
            list.iter().filter(is_well).count()
        };
        let quorum = self.ask(&["SENTINEL", "CKQUORUM", NAME]);
        well("REPLICAS") == 2 && well("SENTINELS") == 2 && matches!(quorum, Some(Reply::Text(_)))
    }
}

/// The flags of an entry, which is a list of names and values in turn.
fn flags(entry: &Reply) -> Option<String> {
    let fields = entry.clone().into_list();
    let place = fields.iter().position(|name| name.to_string() == "flags")?;
    Some(fields.get(place + 1)?.to_string())
}

fn configuration(directory: &Path, port: u16, master: u16, options: &Options) -> String {
    let password = match &options.login {
        Some((_, password)) => format!("sentinel auth-pass {NAME} {password}\n"),
        None => String::new(),
    };
    format!(
        "bind 127.0.0.1\n\
         port {port}\n\
         dir {}\n\
         daemonize no\n\
         sentinel monitor {NAME} 127.0.0.1 {master} 2\n\
         sentinel down-after-milliseconds {NAME} 800\n\
         sentinel failover-timeout {NAME} 2000\n\
         {password}",
        directory.display()
    )
}
