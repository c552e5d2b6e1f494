//! Everything the store holds as one file, made while the server goes on.

use std::fmt;
use std::io::{self, ErrorKind, Write};
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::{Clock, Unreadable};
use crate::domain::time::Timestamp;
use crate::store::dump::DumpWriter;
use crate::store::{AnyStore, Origin, Part, Store, StoreError};

/// How many bytes are sent at once.
const CHUNK: usize = 64 << 10;

/// How many chunks and parts are on their way at a time.
const UNDER_WAY: usize = 4;

/// Who takes nothing for so long is gone: an unfinished reading keeps the store from reusing what was freed.
const PATIENCE: Duration = Duration::from_secs(60);

/// Makes backups. Cheap to clone.
#[derive(Clone)]
pub struct Backups {
    store: Arc<AnyStore>,
    clock: Clock,
}

impl fmt::Debug for Backups {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Backups").finish_non_exhaustive()
    }
}

/// A backup that is being made.
#[derive(Debug)]
pub struct Backup {
    /// When it was begun.
    pub at: Timestamp,
    /// What it is of.
    pub origin: Origin,
    pieces: mpsc::Receiver<Vec<u8>>,
    /// Says whether all was written.
    writing: Option<JoinHandle<io::Result<()>>>,
}

impl Backup {
    /// The next piece of the file. It is whole when there is none any more and there was no error.
    pub async fn piece(&mut self) -> Option<io::Result<Vec<u8>>> {
        if let Some(piece) = self.pieces.recv().await {
            return Some(Ok(piece));
        }
        match self.writing.take()?.await {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some(Err(error)),
            Err(error) => Some(Err(io::Error::other(error))),
        }
    }
}

impl Backups {
    /// Makes backups of `store`.
    #[must_use]
    pub fn new(store: Arc<AnyStore>, clock: Clock) -> Self {
        Self { store, clock }
    }

    /// Begins a backup. It goes on as its pieces are taken, and stops when nobody takes them.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn begin(&self) -> Result<Backup, Unreadable> {
        let at = (self.clock)();
        let (sender, mut parts) = mpsc::channel(UNDER_WAY);
        let store = Arc::clone(&self.store);
        let reading = tokio::spawn(async move { store.read_out(sender).await });
        let Some(Part::Begin(origin)) = parts.recv().await else {
            return Err(Unreadable::from(why(reading).await));
        };
        let (pieces, taken) = mpsc::channel(UNDER_WAY);
        let out = Pieces::new(pieces);
        let first = Part::Begin(origin.clone());
        let writing = tokio::task::spawn_blocking(move || write(at, first, parts, reading, out));
        Ok(Backup {
            at,
            origin,
            pieces: taken,
            writing: Some(writing),
        })
    }
}

/// Writes the file as parts come. Blocks.
fn write(
    at: Timestamp,
    first: Part,
    mut parts: mpsc::Receiver<Part>,
    reading: JoinHandle<Result<(), StoreError>>,
    out: Pieces,
) -> io::Result<()> {
    let mut writer = DumpWriter::new(out, at);
    let mut written = writer.write(first);
    while let (Ok(()), Some(part)) = (&written, parts.blocking_recv()) {
        written = writer.write(part);
    }
    // The reading ends when nobody receives its parts.
    drop(parts);
    let read = Handle::current().block_on(reading);
    let whole = written.map_err(io::Error::other).and_then(|()| {
        read.map_err(io::Error::other)?.map_err(io::Error::other)?;
        writer.finish().map_err(io::Error::other)
    });
    if let Err(error) = &whole {
        tracing::warn!(
            error = error as &dyn std::error::Error,
            "a backup was broken off"
        );
    }
    whole.map(drop)
}

/// Why there was no first part.
async fn why(reading: JoinHandle<Result<(), StoreError>>) -> StoreError {
    match reading.await {
        Ok(Err(error)) => error,
        _ => StoreError::unavailable("reading it was broken off"),
    }
}

/// Takes bytes and sends them on in larger pieces.
struct Pieces {
    buffer: Vec<u8>,
    sender: mpsc::Sender<Vec<u8>>,
}

impl Pieces {
    fn new(sender: mpsc::Sender<Vec<u8>>) -> Self {
        Self {
            buffer: Vec::with_capacity(CHUNK),
            sender,
        }
    }

    fn send(&mut self) -> io::Result<()> {
        let piece = std::mem::replace(&mut self.buffer, Vec::with_capacity(CHUNK));
        if piece.is_empty() {
            return Ok(());
        }
        let sending = timeout(PATIENCE, self.sender.send(piece));
        match Handle::current().block_on(sending) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(ErrorKind::BrokenPipe.into()),
            Err(_) => Err(ErrorKind::TimedOut.into()),
        }
    }
}

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= CHUNK {
            self.send()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.send()
    }
}
