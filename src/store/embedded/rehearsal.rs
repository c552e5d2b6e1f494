//! Opening the data file without touching it.
//!
//! Opening a database writes: a mark that it is in use, perhaps a repair. A damaged or foreign file has to stay as
//! it is, for whoever wants to rescue something from it. So the file is first opened in a rehearsal, in which reads
//! come from the file and writes stay in memory; only a file that passes is opened in earnest.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io::{Error, ErrorKind};
use std::ops::Bound;
use std::sync::{Mutex, MutexGuard, PoisonError};

use redb::backends::FileBackend;
use redb::{BackendError, StorageBackend};

const BLOCK: u64 = 4096;

/// A file whose changes are forgotten. Locks are real.
pub(super) struct Rehearsal {
    file: FileBackend,
    stage: Mutex<Stage>,
}

struct Stage {
    len: u64,
    /// How much of the file still shows; it shrinks when the stage does and never grows back.
    shown: u64,
    blocks: BTreeMap<u64, Vec<u8>>,
}

impl Rehearsal {
    pub(super) fn of(file: File) -> Result<Self, redb::DatabaseError> {
        let file = FileBackend::new(file)?;
        let len = file.len()?;
        Ok(Self {
            file,
            stage: Mutex::new(Stage {
                len,
                shown: len,
                blocks: BTreeMap::new(),
            }),
        })
    }

    fn stage(&self) -> MutexGuard<'_, Stage> {
        self.stage.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A block as it is in the file, with zeros after its end.
    fn beneath(&self, shown: u64, start: u64) -> Result<Vec<u8>, Error> {
        let mut block = vec![0; usize::try_from(BLOCK).map_err(Error::other)?];
        let rest = shown.saturating_sub(start).min(BLOCK);
        let rest = usize::try_from(rest).map_err(Error::other)?;
        if let Some(part) = block.get_mut(..rest) {
            self.file.read(start, part)?;
        }
        Ok(block)
    }

    /// Calls `each` for every block that `len` bytes at `offset` touch, with the bytes of the block that belong to
    /// them and where in the whole they lie.
    fn pieces(
        offset: u64,
        len: usize,
        mut each: impl FnMut(u64, std::ops::Range<usize>, std::ops::Range<usize>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut done = 0_usize;
        while done < len {
            let at = offset + u64::try_from(done).map_err(Error::other)?;
            let start = at - at % BLOCK;
            let inside = usize::try_from(at - start).map_err(Error::other)?;
            let size = usize::try_from(BLOCK).map_err(Error::other)?;
            let count = (size - inside).min(len - done);
            each(start, inside..inside + count, done..done + count)?;
            done += count;
        }
        Ok(())
    }
}

impl fmt::Debug for Rehearsal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rehearsal").finish_non_exhaustive()
    }
}

fn outside() -> Error {
    Error::from(ErrorKind::UnexpectedEof)
}

impl StorageBackend for Rehearsal {
    fn len(&self) -> Result<u64, Error> {
        Ok(self.stage().len)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Result<(), Error> {
        let stage = self.stage();
        let end = offset.checked_add(u64::try_from(out.len()).map_err(Error::other)?);
        if end.is_none_or(|end| end > stage.len) {
            return Err(outside());
        }
        Self::pieces(offset, out.len(), |start, inside, whole| {
            let read;
            let block = match stage.blocks.get(&start) {
                Some(block) => block,
                None => {
                    read = self.beneath(stage.shown, start)?;
                    &read
                }
            };
            let (Some(from), Some(to)) = (block.get(inside), out.get_mut(whole)) else {
                return Err(outside());
            };
            to.copy_from_slice(from);
            Ok(())
        })
    }

    fn set_len(&self, len: u64) -> Result<(), Error> {
        let mut stage = self.stage();
        let edge = len - len % BLOCK;
        if len < stage.len && edge < len {
            let mut block = match stage.blocks.remove(&edge) {
                Some(block) => block,
                None => self.beneath(stage.shown, edge)?,
            };
            let kept = usize::try_from(len - edge).map_err(Error::other)?;
            if let Some(gone) = block.get_mut(kept..) {
                gone.fill(0);
            }
            stage.blocks.insert(edge, block);
        }
        stage.blocks.retain(|start, _| *start < len);
        stage.shown = stage.shown.min(len);
        stage.len = len;
        Ok(())
    }

    fn sync_data(&self) -> Result<(), Error> {
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> Result<(), Error> {
        let mut stage = self.stage();
        let shown = stage.shown;
        Self::pieces(offset, data.len(), |start, inside, whole| {
            let mut block = match stage.blocks.remove(&start) {
                Some(block) => block,
                None => self.beneath(shown, start)?,
            };
            let (Some(to), Some(from)) = (block.get_mut(inside), data.get(whole)) else {
                return Err(outside());
            };
            to.copy_from_slice(from);
            stage.blocks.insert(start, block);
            Ok(())
        })?;
        let end = offset + u64::try_from(data.len()).map_err(Error::other)?;
        stage.len = stage.len.max(end);
        Ok(())
    }

    fn close(&self) -> Result<(), Error> {
        self.file.close()
    }

    fn try_lock_range(&self, from: Bound<u64>, to: Bound<u64>) -> Result<bool, BackendError> {
        self.file.try_lock_range(from, to)
    }

    fn try_lock_shared_range(
        &self,
        from: Bound<u64>,
        to: Bound<u64>,
    ) -> Result<bool, BackendError> {
        self.file.try_lock_shared_range(from, to)
    }

    fn lock_range(&self, from: Bound<u64>, to: Bound<u64>) -> Result<(), BackendError> {
        self.file.lock_range(from, to)
    }

    fn lock_shared_range(&self, from: Bound<u64>, to: Bound<u64>) -> Result<(), BackendError> {
        self.file.lock_shared_range(from, to)
    }

    fn unlock_range(&self, from: Bound<u64>, to: Bound<u64>) -> Result<(), BackendError> {
        self.file.unlock_range(from, to)
    }

    fn query_lock_range(&self, from: Bound<u64>, to: Bound<u64>) -> Result<bool, BackendError> {
        self.file.query_lock_range(from, to)
    }
}
