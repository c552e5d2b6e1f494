//! A server for one test, and clients for it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::thread::JoinHandle;

use burgee::app::App;
use burgee::change::Clock;
use burgee::config::{Settings, options};
use burgee::domain::time::Timestamp;
use serde_json::Value;
use tokio::sync::oneshot;

use crate::contract;

/// The admin token of every test server.
pub(crate) const ADMIN: &str = "*:*.test-admin-token";
/// A backend token for `development`, all projects.
pub(crate) const BACKEND: &str = "*:development.test-backend-token";
/// A frontend token for `development`, project `default`.
pub(crate) const FRONTEND: &str = "default:development.test-frontend-token";

/// A running server on a store that forgets. Stops when it is dropped.
pub(crate) struct TestApp {
    address: SocketAddr,
    base_path: String,
    clock: ManualClock,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// A clock that tests turn by hand. Begins at the real time, so that dates in fixtures make sense.
#[derive(Clone)]
pub(crate) struct ManualClock(Arc<AtomicI64>);

impl ManualClock {
    fn new() -> Self {
        Self(Arc::new(AtomicI64::new(
            chrono::Utc::now().timestamp_millis(),
        )))
    }

    /// Turns it forward.
    pub(crate) fn advance(&self, millis: i64) {
        self.0.fetch_add(millis, Ordering::SeqCst);
    }

    fn as_clock(&self) -> Clock {
        let time = Arc::clone(&self.0);
        Arc::new(move || Timestamp::from_millis(time.load(Ordering::SeqCst)))
    }
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error} in {}", self.text()))
    }

    /// The answer itself, if it has this status.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text());
        self
    }
}

impl TestApp {
    /// A server as it is after a first start with the tokens above.
    pub(crate) fn start() -> Self {
        Self::with(&[])
    }

    /// The same with more options of the command line.
    pub(crate) fn with(arguments: &[&str]) -> Self {
        let clock = ManualClock::new();
        let settings = settings(arguments);
        let base_path = settings.network.base_path.clone();
        let (tell, told) = std::sync::mpsc::channel();
        let (stop, stopped) = oneshot::channel::<()>();
        let its_clock = clock.as_clock();
        let thread = std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let (app, _) = App::open_with(settings, its_clock).await.unwrap();
                let bound = app.bind().unwrap();
                tell.send(bound.address()).unwrap();
                bound
                    .serve(async {
                        let _ = stopped.await;
                    })
                    .await
                    .unwrap();
            });
        });
        Self {
            address: told.recv().expect("the server starts"),
            base_path,
            clock,
            stop: Some(stop),
            thread: Some(thread),
        }
    }

    pub(crate) fn clock(&self) -> &ManualClock {
        &self.clock
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// A client without a token.
    pub(crate) fn anonymous(&self) -> Client<'_> {
        self.with_token("")
    }

    /// A client with the admin token.
    pub(crate) fn admin(&self) -> Client<'_> {
        self.with_token(ADMIN)
    }

    /// A client with the backend token.
    pub(crate) fn backend(&self) -> Client<'_> {
        self.with_token(BACKEND)
    }

    /// A client with the frontend token.
    pub(crate) fn frontend(&self) -> Client<'_> {
        self.with_token(FRONTEND)
    }

    /// A client of a browser in which somebody signed in.
    pub(crate) fn signed_in(&self, username: &str, password: &str) -> Client<'_> {
        let body = serde_json::json!({"username": username, "password": password});
        let answer = self
            .anonymous()
            .post("/auth/simple/login", body)
            .expect(200);
        let cookie = answer.header("set-cookie").unwrap();
        self.with_cookie(cookie.split(';').next().unwrap())
    }

    /// A client of a browser that has this cookie.
    pub(crate) fn with_cookie(&self, cookie: &str) -> Client<'_> {
        Client {
            cookie: cookie.to_owned(),
            ..self.anonymous()
        }
    }

    /// A client with any token.
    pub(crate) fn with_token(&self, token: &str) -> Client<'_> {
        Client {
            app: self,
            token: token.to_owned(),
            cookie: String::new(),
        }
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        self.stop.take().map(|stop| stop.send(()));
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            if !std::thread::panicking() {
                ended.expect("the server ends without a panic");
            }
        }
    }
}

fn settings(arguments: &[&str]) -> Settings {
    let base = [
        "burgee",
        "--host",
        "127.0.0.1",
        "--port",
        "0",
        "--workers",
        "1",
        "--shutdown-timeout",
        "1000",
        "--init-admin-api-tokens",
        ADMIN,
        "--init-backend-api-tokens",
        BACKEND,
        "--init-frontend-api-tokens",
        FRONTEND,
    ];
    let memory: &[&str] = if arguments.contains(&"--data-dir") {
        &[]
    } else {
        &["--store", "memory"]
    };
    let matches = clap::Command::new("burgee")
        .args(options())
        .args_override_self(true)
        .get_matches_from(base.iter().chain(memory).chain(arguments));
    Settings::read(&matches, &std::collections::BTreeMap::new()).unwrap()
}

/// Sends requests with one token.
pub(crate) struct Client<'a> {
    app: &'a TestApp,
    token: String,
    cookie: String,
}

impl Client<'_> {
    /// What its browser keeps.
    pub(crate) fn cookie(&self) -> &str {
        &self.cookie
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], None)
    }

    pub(crate) fn post(&self, path: &str, body: Value) -> Answer {
        self.json("POST", path, body)
    }

    pub(crate) fn put(&self, path: &str, body: Value) -> Answer {
        self.json("PUT", path, body)
    }

    pub(crate) fn patch(&self, path: &str, body: Value) -> Answer {
        self.json("PATCH", path, body)
    }

    pub(crate) fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, &[], None)
    }

    fn json(&self, method: &str, path: &str, body: Value) -> Answer {
        let body = body.to_string().into_bytes();
        self.send(
            method,
            path,
            &[("content-type", "application/json")],
            Some(body),
        )
    }

    /// Sends exactly these headers and this body, and the client's token unless the headers bring one.
    ///
    /// Whatever comes back is held against the OpenAPI document.
    pub(crate) fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Vec<u8>>,
    ) -> Answer {
        let answer = self.ask(method, path, headers, body);
        if let Some(path) = path.strip_prefix(&*self.app.base_path) {
            contract::check(method, path, &answer);
        }
        answer
    }

    fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Vec<u8>>,
    ) -> Answer {
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .allow_non_standard_methods(true)
            .max_redirects(0)
            .timeout_global(Some(std::time::Duration::from_secs(30)))
            .build()
            .into();
        let mut request = ureq::http::Request::builder()
            .method(method)
            .uri(self.app.url(path));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let own = headers
            .iter()
            .any(|(name, _)| name.eq_ignore_ascii_case("authorization"));
        if !self.token.is_empty() && !own {
            request = request.header("authorization", &self.token);
        }
        if !self.cookie.is_empty() {
            request = request.header("cookie", &self.cookie);
        }
        let answer = match body {
            Some(body) => agent.run(request.body(body).unwrap()),
            None => agent.run(request.body(()).unwrap()),
        };
        let mut answer = answer.unwrap_or_else(|error| panic!("{method} {path}: {error}"));
        Answer {
            status: answer.status().as_u16(),
            headers: answer
                .headers()
                .iter()
                .map(|(name, value)| {
                    (
                        name.to_string(),
                        String::from_utf8_lossy(value.as_bytes()).into_owned(),
                    )
                })
                .collect(),
            body: answer
                .body_mut()
                .with_config()
                .limit(256 * 1024 * 1024)
                .read_to_vec()
                .unwrap(),
        }
    }
}
