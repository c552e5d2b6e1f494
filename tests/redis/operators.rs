//! What the pages tell operators to run does what they say, as it is written there.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use tempfile::{TempDir, tempdir};

use crate::harness::ADMIN;
use crate::process::{Server, commands_of, run, shell};
use crate::rig::{Cluster, Options, RedisServer, Sentinel, wait_for};

/// The address of the page's examples.
const EXAMPLE: &str = "redis.example.com:6379";

const PAGE: &str = include_str!("../../docs/redis.md");

/// All pages and the README.
fn pages() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut pages = vec![fs::read_to_string(root.join("README.md")).unwrap()];
    for entry in fs::read_dir(root.join("docs")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|it| it == "md") {
            pages.push(fs::read_to_string(path).unwrap());
        }
    }
    pages
}

/// Commands that stand in the text.
fn redis_commands() -> Vec<&'static str> {
    let quoted = PAGE.split('`').skip(1).step_by(2);
    quoted.filter(|it| it.starts_with("redis-cli ")).collect()
}

#[test]
fn each_command_of_each_page_is_one() {
    let pages = pages();
    let all = pages.iter().flat_map(|page| commands_of(page));
    let own: Vec<&str> = all.filter(|line| line.starts_with("burgee ")).collect();
    assert!(own.len() >= 15, "{own:?}");
    for line in own {
        let words = line.split_whitespace();
        let parsed = burgee::cli::command().try_get_matches_from(words);
        assert!(parsed.is_ok(), "{line}: {}", parsed.unwrap_err());
    }
}

/// A folder with the file of the token, a Redis, and the servers on it.
struct Place {
    folder: TempDir,
    redis: RedisServer,
    nodes: Vec<Server>,
}

impl Place {
    fn new() -> Self {
        let folder = tempdir().unwrap();
        fs::write(folder.path().join("admin-token"), ADMIN).unwrap();
        Self {
            folder,
            redis: RedisServer::start(Options::volatile()),
            nodes: Vec::new(),
        }
    }

    /// Starts a server as a command says, and waits until it serves.
    fn serve(&mut self, line: &str) {
        let line = self.here(line);
        let words: Vec<&str> = line.split_whitespace().skip(1).collect();
        let token = ["--init-admin-api-tokens", ADMIN];
        self.nodes
            .push(Server::with(&[&words, &token[..]].concat()));
    }

    /// A command with the addresses of this place.
    fn here(&self, line: &str) -> String {
        let redis = format!("127.0.0.1:{}", self.redis.port());
        let line = line.replace(EXAMPLE, &redis);
        match self.nodes.first() {
            Some(node) => line.replace("localhost:4242", &format!("127.0.0.1:{}", node.port())),
            None => line,
        }
    }

    /// Runs a command that has to succeed, and gives what it said.
    fn run(&self, line: &str) -> String {
        let (good, said) = self.try_to_run(line);
        assert!(good, "{line}: {said}");
        said
    }

    fn try_to_run(&self, line: &str) -> (bool, String) {
        let mut shell = shell(&self.here(line), self.folder.path());
        // What stands on the page is asked of the server on the usual port.
        if let Some(node) = self.nodes.last() {
            shell.env("BURGEE_URL", format!("http://127.0.0.1:{}", node.port()));
        }
        let (status, output, error) = run(shell);
        (status.success(), format!("{output}{error}"))
    }

    fn has(&self, name: &str) -> bool {
        self.folder.path().join(name).exists()
    }

    fn make_flag(&self, name: &str) {
        let path = "/api/admin/projects/default/features";
        let body = format!("{{\"name\":\"{name}\"}}");
        wait_for("a flag is made", || {
            let made = self.nodes[0].ask("POST", path, ADMIN, &body);
            made.starts_with("HTTP/1.1 201").then_some(())
        });
    }

    fn serve_flag(&self, name: &str) -> bool {
        let path = format!("/api/admin/projects/default/features/{name}");
        let has = |node: &Server| {
            node.ask("GET", &path, ADMIN, "")
                .starts_with("HTTP/1.1 200")
        };
        self.nodes.iter().all(has)
    }

    fn wait_until(&self, what: &str, wanted: impl Fn(&str) -> bool) {
        wait_for(what, || {
            let ready = |node: &Server| wanted(&node.ask("GET", "/ready", "", ""));
            self.nodes.iter().all(ready).then_some(())
        });
    }

    fn wait_until_diverged(&self) {
        self.wait_until("all have diverged", |ready| ready.contains("diverged"));
    }

    fn wait_until_good(&self) {
        self.wait_until("all is well", |ready| !ready.contains("\"store\""));
    }

    /// Loses everything, and the nodes are right.
    fn reseed(&self, line: &str) {
        self.make_flag("served");
        let (good, said) = self.try_to_run(line);
        assert!(!good && said.contains("refuses"), "all is well: {said}");
        self.redis.cli(&["FLUSHALL"]);
        self.wait_until_diverged();
        let said = self.run(line);
        assert!(said.contains("are at revision "), "{said}");
        self.wait_until_good();
        assert!(self.serve_flag("served"));
        self.make_flag("after-reseed");
    }

    /// Gets an older dump, which is right.
    fn adopt(&mut self, line: &str) {
        self.redis.cli(&["SAVE"]);
        self.make_flag("newer");
        wait_for("all serve it", || self.serve_flag("newer").then_some(()));
        self.redis.kill();
        self.redis.restart();
        self.wait_until_diverged();
        let said = self.run(line);
        assert!(said.contains("are at revision "), "{said}");
        self.wait_until_good();
        assert!(self.serve_flag("after-reseed") && !self.serve_flag("newer"));
        self.make_flag("after-adopt");
    }

    fn back_up(&self, line: &str) {
        let _ = fs::remove_file(self.folder.path().join("flags.backup"));
        let said = self.run(line);
        assert!(said.contains("flags.backup holds revision "), "{said}");
        assert!(self.has("flags.backup"));
    }

    fn copy(&mut self, line: &str) {
        for node in self.nodes.drain(..) {
            node.stop();
        }
        if line.contains("--from ./burgee-data") {
            self.run("burgee restore flags.backup --data-dir burgee-data");
            self.redis.cli(&["FLUSHALL"]);
        }
        let said = self.run(line);
        assert!(said.contains(" holds what "), "{said}");
    }
}

#[test]
fn the_commands_of_the_page_do_what_it_says() {
    let mut place = Place::new();
    let mut done = BTreeSet::new();
    for line in commands_of(PAGE) {
        let words: Vec<&str> = line.split_whitespace().collect();
        match &words[..] {
            ["burgee", "--redis-url", ..] => {
                place.serve(line);
                place.serve(line);
                done.insert("serve");
            }
            ["burgee", "store", "reseed", ..] => {
                place.reseed(line);
                done.insert("reseed");
            }
            ["burgee", "store", "adopt", ..] => {
                place.adopt(line);
                done.insert("adopt");
            }
            ["burgee", "backup", ..] => {
                place.back_up(line);
                done.insert("backup");
            }
            ["burgee", "restore", ..] => {
                place.run(line);
                done.insert("restore");
            }
            ["burgee", "store", "copy", ..] => {
                place.copy(line);
                done.insert("copy");
            }
            _ => panic!("nobody tries {line}"),
        }
    }
    let all = ["serve", "reseed", "adopt", "backup", "restore", "copy"];
    assert_eq!(done, BTreeSet::from(all));
    assert!(place.has("elsewhere"));
    for namespace in ["burgee", "third"] {
        place.serve(&format!(
            "burgee --redis-url redis://{EXAMPLE} --redis-namespace {namespace}"
        ));
    }
    assert!(place.serve_flag("after-adopt"));
}

/// Runs `redis-cli` as the page says, at another port.
fn redis_cli(line: &str, port: u16) -> String {
    let port = port.to_string();
    let mut words: Vec<&str> = line.split_whitespace().skip(1).collect();
    match words.iter().position(|word| *word == "-p") {
        Some(place) => words[place + 1] = &port,
        None => words.splice(0..0, ["-p", &port]).for_each(drop),
    }
    let mut command = Command::new("redis-cli");
    command.args(["-h", "127.0.0.1"]).args(words);
    let (status, output, error) = run(command);
    assert!(status.success(), "{line}: {output}{error}");
    output.trim().to_owned()
}

#[test]
fn the_drill_fails_over() {
    let [by_sentinel, of_cluster] = redis_commands()[..] else {
        panic!("nobody tries {:?}", redis_commands());
    };
    let sentinel = Sentinel::start(Options::volatile());
    let before = sentinel.master_port();
    let line = by_sentinel.replace("mymaster", sentinel.name());
    let mut accepted = 0;
    wait_for("a Sentinel carries out the failover", || {
        if sentinel.master_port() != before {
            return Some(());
        }
        // One that finds no replica it likes gives up, and is asked again; one that is at it says so.
        accepted += usize::from(redis_cli(&line, sentinel.port()) == "OK");
        std::thread::sleep(Duration::from_millis(300));
        None
    });
    assert!(accepted > 0, "it was the command");
    sentinel.wait_for_another_master(before);
    drop(sentinel);

    let cluster = Cluster::with_replicas(Options::volatile());
    let before = cluster.owner("{burgee}:meta");
    let replica = &cluster.nodes()[before + 3];
    assert_eq!(replica.info("role"), "slave");
    assert_eq!(redis_cli(of_cluster, replica.port()), "OK");
    wait_for("the replica takes over", || {
        (cluster.owner("{burgee}:meta") == before + 3).then_some(())
    });
}
