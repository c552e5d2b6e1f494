//! The network between one node and Redis, which a test may spoil.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// How often a connection looks at the weather while nothing comes.
const BLINK: Duration = Duration::from_millis(5);

/// What becomes of bytes on their way.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(crate) enum Weather {
    /// They arrive.
    #[default]
    Fair,
    /// Each portion arrives late, in both directions.
    Slow(Duration),
    /// They do not arrive as long as this lasts; connections stay open. What a broken wire does.
    Silent,
    /// Connections are closed, and new ones as soon as they are made.
    Cut,
    /// Commands arrive; the next answer to a command with this word does not, and its connection is closed. Then the
    /// weather is fair again.
    LosesAnswerTo(&'static str),
}

/// Listens on loopback and passes everything to a server.
#[derive(Debug)]
pub(crate) struct Proxy {
    address: SocketAddr,
    weather: Shared,
    thread: Option<JoinHandle<()>>,
}

type Shared = Arc<Mutex<State>>;

#[derive(Default, Debug)]
struct State {
    weather: Weather,
    ended: bool,
    lost: usize,
}

fn look(state: &Shared) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Proxy {
    /// In front of the server on this port of loopback.
    pub(crate) fn before(port: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let weather = Shared::default();
        let seen = Arc::clone(&weather);
        let thread = std::thread::spawn(move || accept(&listener, port, &seen));
        Self {
            address,
            weather,
            thread: Some(thread),
        }
    }

    /// Where it listens.
    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    /// Changes the weather for old and new connections.
    pub(crate) fn set(&self, weather: Weather) {
        look(&self.weather).weather = weather;
    }

    /// Lets everything pass again.
    pub(crate) fn heal(&self) {
        self.set(Weather::Fair);
    }

    /// How many answers were lost so far.
    pub(crate) fn lost(&self) -> usize {
        look(&self.weather).lost
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        look(&self.weather).ended = true;
        // Wakes the thread that waits for connections.
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn accept(listener: &TcpListener, port: u16, state: &Shared) {
    let mut threads: Vec<JoinHandle<()>> = Vec::new();
    for client in listener.incoming().map_while(Result::ok) {
        let (weather, ended) = {
            let state = look(state);
            (state.weather, state.ended)
        };
        if ended {
            break;
        }
        if weather == Weather::Cut {
            continue;
        }
        if let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)) {
            threads.extend(join(client, server, state));
        }
    }
    for thread in threads {
        let _ = thread.join();
    }
}

/// Two threads, one for each direction.
fn join(client: TcpStream, server: TcpStream, state: &Shared) -> [JoinHandle<()>; 2] {
    let asked = Arc::new(AtomicBool::new(false));
    let directions = [
        (
            client.try_clone().unwrap(),
            server.try_clone().unwrap(),
            Direction::Commands,
        ),
        (server, client, Direction::Answers),
    ];
    directions.map(|(from, to, direction)| {
        let (state, asked) = (Arc::clone(state), Arc::clone(&asked));
        std::thread::spawn(move || {
            pass(&from, &to, direction, &asked, &state);
            let _ = from.shutdown(Shutdown::Both);
            let _ = to.shutdown(Shutdown::Both);
        })
    })
}

#[derive(Clone, Copy)]
enum Direction {
    Commands,
    Answers,
}

/// Passes bytes one way until an end closes, the proxy ends or the weather closes the connection.
/// `asked`: whether the answer that comes next is one to lose.
fn pass(
    mut from: &TcpStream,
    mut to: &TcpStream,
    direction: Direction,
    asked: &AtomicBool,
    state: &Shared,
) {
    let mut buffer = vec![0; 64 * 1024];
    let _ = from.set_nodelay(true);
    let _ = from.set_read_timeout(Some(BLINK));
    loop {
        if calm(state).is_none() {
            return;
        }
        let count = match from.read(&mut buffer) {
            Ok(0) => return,
            Ok(count) => count,
            Err(error) if waits(&error) => continue,
            Err(_) => return,
        };
        // What was read while the weather changed meets the new weather.
        if let Some(Weather::Slow(delay)) = calm(state) {
            std::thread::sleep(delay);
        }
        let Some(weather) = calm(state) else { return };
        let bytes = buffer.get(..count).unwrap_or_default();
        match (direction, weather) {
            (Direction::Commands, Weather::LosesAnswerTo(word)) => {
                asked.store(contains(bytes, word), Ordering::SeqCst);
            }
            (Direction::Answers, Weather::LosesAnswerTo(_)) if asked.load(Ordering::SeqCst) => {
                let mut state = look(state);
                state.weather = Weather::Fair;
                state.lost += 1;
                return;
            }
            _ => {}
        }
        if to.write_all(bytes).is_err() {
            return;
        }
    }
}

/// Waits while nothing may pass. Nothing if the connection is to be closed.
fn calm(state: &Shared) -> Option<Weather> {
    loop {
        {
            let state = look(state);
            if state.ended || state.weather == Weather::Cut {
                return None;
            }
            if state.weather != Weather::Silent {
                return Some(state.weather);
            }
        }
        std::thread::sleep(BLINK);
    }
}

fn contains(bytes: &[u8], word: &str) -> bool {
    bytes
        .windows(word.len())
        .any(|window| window == word.as_bytes())
}

fn waits(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{Interrupted, TimedOut, WouldBlock};
    matches!(error.kind(), Interrupted | TimedOut | WouldBlock)
}
