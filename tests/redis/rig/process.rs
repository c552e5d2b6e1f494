//! A process and what it printed.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// The variable that names another server than `redis-server`.
const SERVER: &str = "BURGEE_TEST_REDIS_SERVER";

/// A running server. Killed when it is dropped; a test that fails shows the end of its log.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts the server with a configuration file and further arguments, its log in the directory of that file.
    pub(super) fn start(file: &Path, more: &[&str]) -> Self {
        let program = std::env::var(SERVER).unwrap_or_else(|_| "redis-server".to_owned());
        let log = file.with_extension("log");
        let output = append(&log);
        let child = Command::new(&program)
            .arg(file)
            .args(more)
            .stdin(Stdio::null())
            .stdout(output.try_clone().unwrap())
            .stderr(output)
            .spawn()
            .unwrap_or_else(|error| {
                panic!("{program} does not start ({error}); `make packages` installs it")
            });
        Self { child, log }
    }

    /// Whether it ended by itself.
    pub(super) fn ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Sends a signal by the name that `kill` knows.
    pub(super) fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-s", name, &id]).status();
        assert!(sent.unwrap().success(), "no process {id} to send {name} to");
    }

    /// Ends it at once, whatever it is doing, and waits until it is gone.
    pub(super) fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// The last lines it printed.
    pub(super) fn last_words(&self) -> String {
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        let from = lines.len().saturating_sub(25);
        lines.get(from..).unwrap_or_default().join("\n")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            eprintln!("--- {}\n{}", self.log.display(), self.last_words());
        }
    }
}

fn append(path: &Path) -> File {
    OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
        .unwrap()
}
