//! One server.

use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::options::Options;
use super::process::Process;
use super::resp::{Reply, Resp};
use super::{ports, wait_for};

/// The tests' own way in, whatever the server asks of others: a socket file and a user who may do everything.
const OWNER: &str = "rig";

/// A running server with its files. Ends, and its files with it, when it is dropped.
#[derive(Debug)]
pub(crate) struct RedisServer {
    process: Process,
    port: u16,
    options: Options,
    directory: TempDir,
}

impl RedisServer {
    /// Starts a server and waits until it answers.
    pub(crate) fn start(options: Options) -> Self {
        let directory = tempfile::Builder::new().prefix("redis-").tempdir().unwrap();
        // A port that was free may be taken by now.
        (0..5)
            .find_map(|_| {
                let port = ports::free();
                let file = configuration(directory.path(), port, &options);
                let mut process = Process::start(&file, &[]);
                answers(&mut process, directory.path()).then_some((process, port))
            })
            .map(|(process, port)| Self {
                process,
                port,
                options,
                directory,
            })
            .expect("a server starts")
    }

    /// The port clients use; TLS or not.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// The address for clients, with name and password if they need one.
    pub(crate) fn url(&self) -> String {
        self.url_at(self.port)
    }

    /// The same through something that listens on another port.
    pub(crate) fn url_at(&self, port: u16) -> String {
        let tls = self.options.tls.is_some();
        let scheme = if tls { "rediss" } else { "redis" };
        format!("{scheme}://{}127.0.0.1:{port}", self.login())
    }

    /// Name and password as they stand in an address.
    pub(super) fn login(&self) -> String {
        match &self.options.login {
            Some((name, password)) => format!("{name}:{password}@"),
            None => String::new(),
        }
    }

    /// The socket in the file system.
    pub(crate) fn socket(&self) -> PathBuf {
        socket(self.directory.path())
    }

    /// The directory with its files: `dump.rdb`, `appendonlydir`.
    pub(crate) fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// The certificate of the authority that vouches for it, if it speaks TLS.
    pub(crate) fn authority(&self) -> Option<&Path> {
        let certificates = self.options.tls.as_ref();
        certificates.map(|certificates| certificates.authority.as_path())
    }

    /// What it answers to a command, or that it does not.
    pub(crate) fn ask(&self, words: &[&str]) -> io::Result<Reply> {
        ask(self.directory.path(), words)
    }

    /// What it answers to a command, as text. An error fails the test.
    #[track_caller]
    pub(crate) fn cli(&self, words: &[&str]) -> String {
        match self.ask(words) {
            Ok(Reply::Error(error)) => panic!("{words:?}: {error}"),
            Ok(reply) => reply.to_string(),
            Err(error) => panic!("{words:?}: {error}\n{}", self.process.last_words()),
        }
    }

    /// Whether it has a command of this name.
    pub(crate) fn knows(&self, command: &str) -> bool {
        let answer = self.ask(&["COMMAND", "INFO", command]).unwrap();
        let found = answer.into_list();
        found.first().is_some_and(|it| *it != Reply::Nothing)
    }

    /// A line of `INFO`.
    #[track_caller]
    pub(crate) fn info(&self, name: &str) -> String {
        // Whose role changes may be cut off by a Sentinel meanwhile.
        let all = wait_for("a server says how it is", || {
            let answer = self.ask(&["INFO", "everything"]).ok()?;
            Some(answer.to_string())
        });
        let found = all
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        found.unwrap_or_else(|| panic!("no {name}")).to_owned()
    }

    /// Stops its time; connections stay open and nothing answers.
    pub(crate) fn pause(&self) {
        self.process.signal("STOP");
    }

    /// Lets it go on.
    pub(crate) fn resume(&self) {
        self.process.signal("CONT");
    }

    /// Ends it as a crash does.
    pub(crate) fn kill(&mut self) {
        self.process.kill();
    }

    /// Ends it as an operator does.
    pub(crate) fn stop(&mut self) {
        let _ = self.ask(&["SHUTDOWN", "NOSAVE"]);
        wait_for("the server has ended", || {
            self.process.ended().then_some(())
        });
    }

    /// Starts it again where it was, with the files it has.
    pub(crate) fn restart(&mut self) {
        self.process.kill();
        let _ = std::fs::remove_file(self.socket());
        let file = file(self.directory.path());
        wait_for("the server is back on its port", || {
            self.process = Process::start(&file, &[]);
            answers(&mut self.process, self.directory.path()).then_some(())
        });
    }
}

fn file(directory: &Path) -> PathBuf {
    directory.join("server.conf")
}

fn socket(directory: &Path) -> PathBuf {
    directory.join("socket")
}

/// Writes the configuration file. It is written once: the server itself rewrites it when its role changes.
fn configuration(directory: &Path, port: u16, options: &Options) -> PathBuf {
    let mut lines = vec![
        "bind 127.0.0.1".to_owned(),
        format!("dir {}", directory.display()),
        format!("unixsocket {}", socket(directory).display()),
        "daemonize no".to_owned(),
        "save \"\"".to_owned(),
        "databases 4".to_owned(),
        "enable-debug-command yes".to_owned(),
        format!("user {OWNER} on nopass ~* &* +@all"),
    ];
    match &options.tls {
        Some(certificates) => {
            lines.extend(["port 0".to_owned(), format!("tls-port {port}")]);
            lines.extend(certificates.lines());
        }
        None => lines.push(format!("port {port}")),
    }
    if options.cluster {
        lines.push(format!("cluster-port {}", ports::free()));
    }
    lines.extend(options.lines.iter().cloned());
    let text = lines.iter().fold(String::new(), |mut text, line| {
        let _ = writeln!(text, "{line}");
        text
    });
    let file = file(directory);
    std::fs::write(&file, text).unwrap();
    file
}

/// Waits until the server answers; not if it ends.
fn answers(process: &mut Process, directory: &Path) -> bool {
    wait_for("the server answers or ends", || {
        let ended = process.ended();
        // One that still reads its files answers that it is loading.
        let ready = matches!(ask(directory, &["PING"]), Ok(Reply::Text(_)));
        (ended || ready).then_some(ready && !ended)
    })
}

fn ask(directory: &Path, words: &[&str]) -> io::Result<Reply> {
    let mut connection = Resp::over_file(&socket(directory))?;
    connection.ask(&["AUTH", OWNER, ""])?;
    connection.ask(words)
}
