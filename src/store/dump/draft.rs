//! A file in the making.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::DumpError;

/// A file under another name beside its own, readable for its owner only. It gets its own name when it is whole, and
/// is gone when that never happens.
#[derive(Debug)]
pub struct Draft {
    target: PathBuf,
    path: PathBuf,
    file: BufWriter<File>,
}

impl Draft {
    /// Begins a file that will be called `target`.
    ///
    /// # Errors
    /// [`DumpError::Io`] when the folder is missing or not writable.
    pub fn create(target: &Path) -> Result<Self, DumpError> {
        let mut name = target.file_name().unwrap_or_default().to_owned();
        name.push(format!(".{}.part", uuid::Uuid::new_v4()));
        let path = target.with_file_name(name);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path).map_err(making)?;
        Ok(Self {
            target: target.to_owned(),
            path,
            file: BufWriter::new(file),
        })
    }

    /// Where it is for now.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Makes sure that everything written is on the disk.
    ///
    /// # Errors
    /// [`DumpError::Io`], when the disk is full for example.
    pub fn sync(&mut self) -> Result<(), DumpError> {
        let written = self
            .file
            .flush()
            .and_then(|()| self.file.get_ref().sync_all());
        written.map_err(DumpError::writing)
    }

    /// Gives it its own name, over an older file only if `overwrite` says so.
    ///
    /// # Errors
    /// [`DumpError::Io`], also when there is another file of that name.
    pub fn keep(mut self, overwrite: bool) -> Result<(), DumpError> {
        self.sync()?;
        let named = if overwrite {
            std::fs::rename(&self.path, &self.target)
        } else {
            self.link()
        };
        named.map_err(making)?;
        let folder = match self.target.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        File::open(folder)
            .and_then(|folder| folder.sync_all())
            .map_err(making)
    }

    /// Linking refuses to replace what another process made in the meantime.
    fn link(&self) -> io::Result<()> {
        match std::fs::hard_link(&self.path, &self.target) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(error),
            // Some file systems have no links.
            Err(_) if !self.target.exists() => std::fs::rename(&self.path, &self.target),
            result => result,
        }
    }
}

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // Gone already if it was renamed; and a file left behind is no reason to fail.
        let _ = std::fs::remove_file(&self.path);
    }
}

fn making(source: io::Error) -> DumpError {
    DumpError::Io {
        doing: "making the backup file",
        source,
    }
}
