//! Somebody whom addons tell about events.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::Value;

/// A request somebody received.
pub(crate) struct Received {
    pub(crate) path: String,
    headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Received {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// Takes requests, one after the other.
pub(crate) struct Listener {
    address: SocketAddr,
    received: Receiver<Received>,
}

impl Listener {
    /// Answers 500 as often as asked, then 200.
    pub(crate) fn start(mut failures: usize) -> Self {
        Self::answering(move |_| {
            let fails = failures > 0;
            failures = failures.saturating_sub(1);
            Some(if fails { 500 } else { 200 })
        })
    }

    /// Answers with a status, or not at all.
    pub(crate) fn answering(
        mut answer: impl FnMut(&Received) -> Option<u16> + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (tell, received) = channel();
        std::thread::spawn(move || {
            let mut unanswered = Vec::new();
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let request = read(&mut BufReader::new(stream.try_clone().unwrap()));
                match answer(&request) {
                    Some(status) => {
                        let answer = format!(
                            "HTTP/1.1 {status} So\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
                        );
                        let _ = stream.write_all(answer.as_bytes());
                    }
                    None => unanswered.push(stream),
                }
                if tell.send(request).is_err() {
                    return;
                }
            }
        });
        Self { address, received }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn next(&self) -> Received {
        self.within(Duration::from_secs(20)).unwrap()
    }

    /// The next request, if there is one in time.
    pub(crate) fn within(&self, limit: Duration) -> Option<Received> {
        self.received.recv_timeout(limit).ok()
    }

    pub(crate) fn assert_silent(&self) {
        if let Some(more) = self.within(Duration::from_millis(400)) {
            panic!("{}", more.body);
        }
    }
}

fn read(stream: &mut BufReader<TcpStream>) -> Received {
    let mut line = String::new();
    stream.read_line(&mut line).unwrap();
    let path = line.split(' ').nth(1).unwrap().to_owned();
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).unwrap();
        let Some((name, value)) = line.trim().split_once(": ") else {
            break;
        };
        headers.push((name.to_ascii_lowercase(), value.to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let mut body = vec![0; length.map_or(0, |(_, text)| text.parse().unwrap())];
    stream.read_exact(&mut body).unwrap();
    Received {
        path,
        headers,
        body: String::from_utf8(body).unwrap(),
    }
}
