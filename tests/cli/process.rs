//! Starting, asking and stopping the command.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Mutex, mpsc};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(20);

/// A command with a clean environment, so that the machine's settings do not decide.
pub(crate) fn burgee(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_burgee"));
    command.args(arguments).env_clear();
    command
}

/// A script for the shell, run in a folder where `burgee` is found like any other command.
pub(crate) fn shell(script: &str, folder: &Path) -> Command {
    let binaries = Path::new(env!("CARGO_BIN_EXE_burgee")).parent().unwrap();
    let mut paths = OsString::from(binaries);
    paths.push(":");
    paths.push(std::env::var_os("PATH").unwrap());
    let mut shell = Command::new("sh");
    shell
        .args(["-e", "-x", "-c", script])
        .env_clear()
        .env("PATH", paths)
        .current_dir(folder);
    shell
}

/// The commands of a page of the documentation: lines after `$ ` in blocks called `console`.
pub(crate) fn commands_of(page: &str) -> Vec<&str> {
    let blocks = page.split("```console\n").skip(1);
    let lines = blocks.flat_map(|block| block.split("```").next().unwrap().lines());
    lines.filter_map(|line| line.strip_prefix("$ ")).collect()
}

/// Runs a command to its end: status, stdout, stderr. One that does not end is killed, which no test takes for good.
pub(crate) fn run(mut command: Command) -> (ExitStatus, String, String) {
    let child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let id = child.id().to_string();
    let (ended, end) = mpsc::channel::<()>();
    let guard = std::thread::spawn(move || {
        if end.recv_timeout(PATIENCE) == Err(mpsc::RecvTimeoutError::Timeout) {
            let _ = Command::new("kill").args(["-KILL", &id]).status();
        }
    });
    let output = child.wait_with_output().unwrap();
    drop(ended);
    guard.join().unwrap();
    (
        output.status,
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    )
}

/// A running server. Killed when it is dropped.
pub(crate) struct Server {
    child: Child,
    port: u16,
    output: Mutex<mpsc::Receiver<String>>,
    read: Vec<String>,
}

impl Server {
    /// Starts on a free port with its data in `folder`.
    pub(crate) fn start(folder: &Path, more: &[&str]) -> Self {
        let folder = ["--data-dir", folder.to_str().unwrap()];
        Self::with(&[&folder, more].concat())
    }

    /// Starts on a free port with these options.
    pub(crate) fn with(options: &[&str]) -> Self {
        let place = ["--host", "127.0.0.1", "--port", "0", "--workers", "1"];
        let arguments = [&place, options].concat();
        let mut child = burgee(&arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (tell, output) = mpsc::channel();
        let streams: [Box<dyn Read + Send>; 2] = [
            Box::new(child.stdout.take().unwrap()),
            Box::new(child.stderr.take().unwrap()),
        ];
        for stream in streams {
            let tell = tell.clone();
            std::thread::spawn(move || {
                for line in BufReader::new(stream).lines().map_while(Result::ok) {
                    let _ = tell.send(line);
                }
            });
        }
        let mut server = Self {
            child,
            port: 0,
            output: Mutex::new(output),
            read: Vec::new(),
        };
        let line = server.wait_for("listens on http://localhost:");
        let (_, port) = line.rsplit_once(':').unwrap();
        server.port = port.split('/').next().unwrap().parse().unwrap();
        server
    }

    /// Reads output until a line contains `text`.
    fn wait_for(&mut self, text: &str) -> String {
        loop {
            let output = self.output.get_mut().unwrap();
            let line = output.recv_timeout(PATIENCE).unwrap_or_else(|_| {
                panic!("{text} was not printed, only:\n{}", self.read.join("\n"))
            });
            self.read.push(line.clone());
            if line.contains(text) {
                return line;
            }
        }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// One request; the whole answer as text.
    pub(crate) fn ask(&self, method: &str, path: &str, token: &str, body: &str) -> String {
        let mut stream = self.connect();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: {token}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    pub(crate) fn signal(&self, signal: &str) {
        let status = Command::new("kill")
            .args([signal, &self.child.id().to_string()])
            .status();
        assert!(status.unwrap().success());
    }

    /// Waits for the end; status and everything that was printed.
    pub(crate) fn end(mut self) -> (ExitStatus, String) {
        let limit = Instant::now() + PATIENCE;
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(Instant::now() < limit, "the server does not end");
            std::thread::sleep(Duration::from_millis(10));
        };
        self.read.extend(self.output.get_mut().unwrap().iter());
        (status, self.read.join("\n"))
    }

    /// Asks it to stop and waits.
    pub(crate) fn stop(self) -> String {
        self.signal("-TERM");
        let (status, output) = self.end();
        assert!(status.success(), "{output}");
        output
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
