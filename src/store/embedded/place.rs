//! The data directory and the file in it: making, checking, opening.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use redb::backends::FileBackend;
use redb::{Builder, Database, Durability, WriteTransaction};

use super::fault::{Fault, corrupt, io};
use super::rehearsal::Rehearsal;
use super::upgrade;
use crate::store::StoreError;

/// The data file's name in the data directory.
pub(super) const FILE_NAME: &str = "burgee.redb";

/// What every redb file begins with.
const MAGIC: &[u8] = b"redb\x1a\x0a\xa9\x0d\x0a";

/// Memory for pages. All that is read again and again is in the snapshot, so little is enough.
const CACHE: usize = 16 << 20;

/// Files up to this size are read and checked as a whole at each start (about a second for the largest). Of larger
/// ones only the newest commit is looked at.
const CHECKED_WHOLE: u64 = 512 << 20;

/// Opens the data file of a directory; makes both if there is none.
pub(super) fn open(directory: &Path) -> Result<(PathBuf, Database), StoreError> {
    make_directory(directory)?;
    let path = directory.join(FILE_NAME);
    if !exists(&path)? {
        create(directory, &path)?;
    }
    rehearse(&path)?;
    let database = in_earnest(&path)?;
    Ok((path, database))
}

/// Whether there is a data file in a directory, of whatever quality.
pub(super) fn is_in(directory: &Path) -> bool {
    std::fs::symlink_metadata(directory.join(FILE_NAME)).is_ok()
}

/// A data file that was given another name.
#[derive(Debug)]
pub struct Aside {
    path: PathBuf,
    old: PathBuf,
}

impl Aside {
    /// Its name now.
    #[must_use]
    pub fn old(&self) -> &Path {
        &self.old
    }

    /// Gives it its name back, in place of what is there now.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn bring_back(self) -> Result<(), StoreError> {
        std::fs::rename(&self.old, &self.path)
            .map_err(|error| io(&self.old, "renaming the data file", error))
    }
}

/// Gives the data file of a directory another name, unless somebody has it open. Damaged ones are moved, too.
pub(super) fn move_aside(directory: &Path, suffix: &str) -> Result<Option<Aside>, StoreError> {
    let path = directory.join(FILE_NAME);
    if !exists(&path)? {
        return Ok(None);
    }
    if let Err(error @ StoreError::Locked { .. }) = rehearse(&path) {
        return Err(error);
    }
    let old = directory.join(format!("{FILE_NAME}.{suffix}"));
    std::fs::rename(&path, &old).map_err(|error| io(&path, "renaming the data file", error))?;
    Ok(Some(Aside { path, old }))
}

/// Opens a file that has been checked.
pub(super) fn in_earnest(path: &Path) -> Result<Database, StoreError> {
    builder(false)
        .open(path)
        .map_err(|error| Fault::from(error).at(path))
}

/// Begins a transaction that is on the disk when its commit returns, and that leaves a file which opens at once
/// after a crash.
pub(super) fn begin(database: &Database) -> Result<WriteTransaction, Fault> {
    let mut txn = database.begin_write()?;
    txn.set_durability(Durability::Immediate)?;
    txn.set_quick_repair(true);
    Ok(txn)
}

fn builder(check: bool) -> Builder {
    let mut builder = Database::builder();
    builder.set_cache_size(CACHE);
    builder.set_check_integrity_on_open(check);
    builder
}

fn make_directory(directory: &Path) -> Result<(), StoreError> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(directory)
        .map_err(|error| io(directory, "making the data directory", error))
}

fn exists(path: &Path) -> Result<bool, StoreError> {
    match std::fs::symlink_metadata(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(io(path, "looking for the data file", error)),
    }
}

/// Makes an empty store under another name and moves it into place, so that there is never half a file. Linking
/// refuses to replace a file that another process made in the meantime.
fn create(directory: &Path, path: &Path) -> Result<(), StoreError> {
    let draft = directory.join(format!("{FILE_NAME}.{}.new", uuid::Uuid::new_v4()));
    let made = write_empty(&draft).and_then(|()| {
        match std::fs::hard_link(&draft, path) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
            // Some file systems have no links.
            Err(_) => std::fs::rename(&draft, path),
        }
        .map_err(|error| io(path, "making the data file", error))
    });
    // Gone already if it was moved; and a file left behind is no reason to fail.
    let _ = std::fs::remove_file(&draft);
    made?;
    File::open(directory)
        .and_then(|directory| directory.sync_all())
        .map_err(|error| io(directory, "writing the data directory", error))
}

fn write_empty(path: &Path) -> Result<(), StoreError> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options
        .open(path)
        .map_err(|error| io(path, "making the data file", error))?;
    let write = || -> Result<(), Fault> {
        let database = builder(false).create_with_backend(FileBackend::new(file)?)?;
        let txn = begin(&database)?;
        upgrade::found(&txn)?;
        txn.commit()?;
        Ok(database.close()?)
    };
    write().map_err(|fault| fault.at(path))
}

/// Makes sure that the file is ours, whole and not from the future, without changing a byte of it.
fn rehearse(path: &Path) -> Result<(), StoreError> {
    let foreign = |what: &str| StoreError::Foreign {
        place: path.display().to_string(),
        what: what.into(),
    };
    let metadata =
        std::fs::metadata(path).map_err(|error| io(path, "looking at the data file", error))?;
    if !metadata.is_file() {
        return Err(foreign("it is not a file"));
    }
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .open(path)
        .map_err(|error| io(path, "opening the data file", error))?;
    if metadata.len() == 0 {
        return Err(corrupt(path.display().to_string(), "it is empty"));
    }
    let mut start = Vec::new();
    file.by_ref()
        .take(16)
        .read_to_end(&mut start)
        .map_err(|error| io(path, "reading the data file", error))?;
    if !start.starts_with(MAGIC) {
        return Err(foreign(looks_like(&start)));
    }
    let whole = metadata.len() <= CHECKED_WHOLE;
    // Damage of which redb does not think ends in a panic there.
    catch_unwind(AssertUnwindSafe(|| try_open(file, whole)))
        .unwrap_or_else(|_| {
            let what = "the database inside is broken".to_owned();
            Err(Fault::Database(redb::Error::Corrupted(what)))
        })
        .map_err(|fault| fault.at(path))
}

fn try_open(file: File, whole: bool) -> Result<(), Fault> {
    let database = builder(whole).create_with_backend(Rehearsal::of(file)?)?;
    let checked = upgrade::check(&database);
    database.close()?;
    checked
}

fn looks_like(start: &[u8]) -> &'static str {
    if start.starts_with(b"SQLite format 3\0") {
        return "it is an SQLite database";
    }
    if start.starts_with(b"PK\x03\x04") || start.starts_with(b"\x1f\x8b") {
        return "it is an archive";
    }
    if start.starts_with(b"{") || start.starts_with(b"[") {
        return "it looks like JSON";
    }
    "it does not begin like a redb database"
}
