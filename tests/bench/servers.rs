//! Servers under load: Burgee as a process, requests by hand, and wrk. Everything stays on the loopback address.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

pub(crate) const ADMIN: &str = "*:*.bench-admin";
pub(crate) const BACKEND: &str = "*:development.bench-backend";
pub(crate) const FRONTEND: &str = "*:development.bench-frontend";
pub(crate) const WORKERS: &str = "1";
pub(crate) const FEATURES: &str = "/api/client/features";
pub(crate) const QUERY: &str = "/api/frontend?userId=user-4711&sessionId=1&properties%5Bcountry%5D=no&properties%5BappVersion%5D=3.2.0&appName=bench";

/// Ends the process it holds when it goes.
pub(crate) struct Running(pub(crate) Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A directory that is removed, with what is in it, when it goes.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn make() -> Self {
        let folder = std::env::temp_dir().join(format!("burgee-bench-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A running Burgee.
pub(crate) struct Server {
    running: Running,
    pub(crate) address: SocketAddr,
    /// From the start of the process until it was ready.
    pub(crate) start: Duration,
}

impl Server {
    /// Starts it with these options, and waits until it is ready.
    pub(crate) fn start(options: &[&str]) -> Self {
        let address = free_address();
        let begun = Instant::now();
        let child = Command::new(env!("CARGO_BIN_EXE_burgee"))
            .args(["--host", "127.0.0.1", "--workers", WORKERS])
            .args(["--port", &address.port().to_string()])
            .args(["--init-admin-api-tokens", ADMIN, "--log-level", "error"])
            .args(["--init-backend-api-tokens", BACKEND])
            .args(["--init-frontend-api-tokens", FRONTEND])
            .args(options)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let running = Running(child);
        wait_for(address);
        while ask(address, "GET", "/ready", "", b"", "").status != 200 {
            assert!(begun.elapsed() < Duration::from_secs(60), "never ready");
            std::thread::sleep(Duration::from_millis(1));
        }
        Self {
            running,
            address,
            start: begun.elapsed(),
        }
    }

    /// Imports flags, and says how long that took.
    pub(crate) fn import(&self, flags: &serde_json::Value) -> Duration {
        let begun = Instant::now();
        let path = "/api/admin/features-batch/import";
        let body = flags.to_string();
        let answer = ask(self.address, "POST", path, ADMIN, body.as_bytes(), "");
        let said = String::from_utf8_lossy(&answer.body);
        assert_eq!(answer.status, 200, "{said}");
        begun.elapsed()
    }

    /// Resident, in MiB.
    pub(crate) fn memory(&self) -> f64 {
        let status = format!("/proc/{}/status", self.running.0.id());
        let status = std::fs::read_to_string(status).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:"));
        let kib = line.unwrap().split_whitespace().nth(1).unwrap();
        kib.parse::<f64>().unwrap() / 1024.0
    }

    /// Ends it as an operator does, and waits until it has.
    pub(crate) fn stop(mut self) {
        let id = self.running.0.id().to_string();
        let sent = Command::new("kill").args(["-s", "TERM", &id]).status();
        assert!(sent.unwrap().success());
        self.running.0.wait().unwrap();
    }
}

pub(crate) fn free_address() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap()
}

pub(crate) fn wait_for(address: SocketAddr) {
    let end = Instant::now() + Duration::from_secs(60);
    while TcpStream::connect(address).is_err() {
        assert!(Instant::now() < end, "{address} never answered");
        std::thread::sleep(Duration::from_millis(1));
    }
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> String {
        let found = self.head.lines().find_map(|line| {
            let (known, value) = line.split_once(": ")?;
            known.eq_ignore_ascii_case(name).then(|| value.to_owned())
        });
        found.unwrap_or_default()
    }
}

pub(crate) fn ask(
    address: SocketAddr,
    method: &str,
    path: &str,
    token: &str,
    body: &[u8],
    more: &str,
) -> Answer {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nAuthorization: {token}\r\n{more}Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    )
    .unwrap();
    stream.write_all(body).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let split = answer
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .unwrap();
    let head = String::from_utf8_lossy(&answer[..split]).into_owned();
    Answer {
        status: head.split(' ').nth(1).unwrap().parse().unwrap(),
        body: answer[split + 4..].to_vec(),
        head,
    }
}

/// What an SDK asks with, for what it has not got yet.
pub(crate) fn headers(token: &str) -> Vec<String> {
    vec![
        format!("Authorization: {token}"),
        "Unleash-Client-Spec: 5.2.0".to_owned(),
    ]
}

/// The entity tag of the flags as they are now.
pub(crate) fn etag(address: SocketAddr) -> String {
    let spec = "unleash-client-spec: 5.2.0\r\n";
    ask(address, "GET", FEATURES, BACKEND, b"", spec).header("etag")
}

/// What an SDK posts each minute, as a script of wrk.
pub(crate) fn script(folder: &Path) -> PathBuf {
    let toggles: Vec<String> = (0..20)
        .map(|number| {
            format!("\"checkout-{number:04}-v2\":{{\"yes\":{number},\"no\":1,\"variants\":{{}}}}")
        })
        .collect();
    let body = format!(
        "{{\"appName\":\"bench\",\"instanceId\":\"i\",\"bucket\":{{\"start\":\"2026-01-01T00:00:00Z\",\"stop\":\"2026-01-01T00:01:00Z\",\"toggles\":{{{}}}}}}}",
        toggles.join(",")
    );
    let file = folder.join("post.lua");
    let text = format!(
        "wrk.method = 'POST'\nwrk.headers['Content-Type'] = 'application/json'\nwrk.body = '{body}'\n"
    );
    std::fs::write(&file, text).unwrap();
    file
}

/// Requests per second over two seconds with 16 connections.
pub(crate) fn wrk(
    address: SocketAddr,
    path: &str,
    headers: &[String],
    script: Option<&Path>,
) -> f64 {
    let url = format!("http://{address}{path}");
    let mut command = Command::new("wrk");
    command.args(["-t1", "-c16", "-d2s"]);
    for header in headers {
        command.args(["-H", header]);
    }
    if let Some(script) = script {
        command.arg("-s").arg(script);
    }
    let output = command
        .arg(&url)
        .output()
        .expect("wrk is installed (the recipes of make do it)");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(!text.contains("Non-2xx"), "{url}: {text}");
    text.lines()
        .find_map(|line| line.strip_prefix("Requests/sec:"))
        .and_then(|number| number.trim().parse().ok())
        .unwrap_or_else(|| panic!("{text}"))
}

pub(crate) fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
