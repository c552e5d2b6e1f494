//! How a server is to be configured.

use super::tls::Certificates;

/// Lines of a configuration file, and what clients have to know of them.
#[derive(Clone, Default, Debug)]
pub(crate) struct Options {
    pub(super) lines: Vec<String>,
    /// Name and password that clients use; the name may be empty.
    pub(super) login: Option<(String, String)>,
    /// The same for all servers that are started with these options.
    pub(super) tls: Option<Certificates>,
    /// The port of the Cluster's own talk is chosen together with the port of clients.
    pub(super) cluster: bool,
}

impl Options {
    /// Keeps nothing on disk.
    pub(crate) fn volatile() -> Self {
        Self::default()
    }

    /// Each acknowledged write is on disk.
    pub(crate) fn always() -> Self {
        Self::default()
            .set("appendonly", "yes")
            .set("appendfsync", "always")
    }

    /// Writes are on disk within about a second.
    pub(crate) fn every_second() -> Self {
        Self::default()
            .set("appendonly", "yes")
            .set("appendfsync", "everysec")
    }

    /// Any other line of the configuration file.
    pub(crate) fn set(mut self, name: &str, value: &str) -> Self {
        self.lines.push(format!("{name} {value}"));
        self
    }

    /// Clients need this password.
    pub(crate) fn password(mut self, password: &str) -> Self {
        self.login = Some((String::new(), password.to_owned()));
        self.set("requirepass", password)
            .set("masterauth", password)
    }

    /// Clients sign in with a name, and may do what the rules say; nobody gets in without.
    pub(crate) fn user(mut self, name: &str, password: &str, rules: &str) -> Self {
        self.login = Some((name.to_owned(), password.to_owned()));
        self.set("user", "default off")
            .set("user", &format!("{name} on >{password} {rules}"))
    }

    /// Speaks TLS only, with a certificate of an authority of its own.
    pub(crate) fn tls(mut self) -> Self {
        self.tls = Some(Certificates::make());
        self
    }

    /// Refuses writes beyond this many bytes instead of forgetting something.
    pub(crate) fn max_memory(self, bytes: &str) -> Self {
        self.set("maxmemory", bytes)
            .set("maxmemory-policy", "noeviction")
    }

    /// Copies the server on this port.
    pub(crate) fn replica_of(self, port: u16) -> Self {
        self.set("replicaof", &format!("127.0.0.1 {port}"))
            .set("repl-diskless-sync-delay", "0")
    }

    /// Is a node of a Cluster.
    pub(super) fn cluster(mut self) -> Self {
        self.cluster = true;
        if self.tls.is_some() {
            self = self.set("tls-cluster", "yes");
        }
        self.set("cluster-enabled", "yes")
            .set("cluster-config-file", "nodes.conf")
            .set("cluster-node-timeout", "1000")
    }
}
