//! A copy of the configuration on this machine, for starting while the shared store is away.
//!
//! One file: a line that says what it is, then a line for each entity. It holds hashes of secrets like any store, so
//! only its owner may read it. It is written under another name first, so there is never half of one.

use std::fs::Permissions;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::StoreError;
use crate::domain::names::Revision;
use crate::domain::state::{Entity, State};

const PRODUCT: &str = "burgee-copy";
const FORMAT: u64 = 1;
const REMEDY: &str = "Delete it: the next start with the store at hand makes a new one";

#[derive(Debug, Serialize, Deserialize)]
struct Head {
    product: String,
    format: u64,
    lineage: Option<String>,
    revision: Revision,
    #[serde(default)]
    mark: Option<String>,
    /// Of everything after the first line, in hexadecimal.
    sha256: String,
}

/// The place of a copy.
#[derive(Clone, Debug)]
pub struct LocalCopy {
    path: PathBuf,
}

/// What a copy holds.
#[derive(Clone, Debug)]
pub struct Copied {
    /// Of which history.
    pub lineage: Option<String>,
    /// What tells its revision from another one with that number.
    pub mark: Option<String>,
    /// The configuration.
    pub state: State,
}

impl LocalCopy {
    /// The copy in a folder, which is made if it is missing.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn in_folder(folder: &Path) -> Result<Self, StoreError> {
        let path = folder.join("configuration.copy");
        fs_err::create_dir_all(folder).map_err(|source| io(&path, "making the folder", source))?;
        Ok(Self { path })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a copy in place of the last one. Blocks.
    ///
    /// # Errors
    /// [`StoreError::Io`]; the last copy is still there.
    pub fn write(
        &self,
        lineage: Option<String>,
        mark: Option<String>,
        state: &State,
    ) -> Result<(), StoreError> {
        let failed = |source| io(&self.path, "writing", source);
        let mut body = Vec::new();
        for entity in state.entities() {
            serde_json::to_writer(&mut body, &entity).map_err(|it| failed(it.into()))?;
            body.push(b'\n');
        }
        let head = Head {
            product: PRODUCT.into(),
            format: FORMAT,
            lineage,
            revision: state.revision,
            mark,
            sha256: digest(&body),
        };
        let fresh = self.path.with_extension("fresh");
        let mut file = fs_err::File::create(&fresh).map_err(failed)?;
        file.set_permissions(Permissions::from_mode(0o600))
            .map_err(failed)?;
        serde_json::to_writer(&mut file, &head).map_err(|it| failed(it.into()))?;
        file.write_all(b"\n").map_err(failed)?;
        file.write_all(&body).map_err(failed)?;
        file.sync_all().map_err(failed)?;
        fs_err::rename(&fresh, &self.path).map_err(failed)
    }

    /// Reads the copy; none when there is none. Blocks.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when it is not what was written, [`StoreError::Io`].
    pub fn read(&self) -> Result<Option<Copied>, StoreError> {
        let content = match fs_err::read(&self.path) {
            Ok(content) => content,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(io(&self.path, "reading", source)),
        };
        let end = content.iter().position(|byte| *byte == b'\n');
        let (first, body) = content
            .split_at_checked(end.map_or(0, |end| end + 1))
            .unwrap_or_default();
        let head: Head = serde_json::from_slice(first)
            .map_err(|error| self.damaged(&format!("its first line: {error}")))?;
        if head.product != PRODUCT || head.format > FORMAT {
            return Err(self.damaged("it is of another program or a newer version"));
        }
        if head.sha256 != digest(body) {
            return Err(self.damaged("its checksum is wrong"));
        }
        let mut state = State::default();
        for line in body.split(|byte| *byte == b'\n') {
            if !line.is_empty() {
                let entity: Entity = serde_json::from_slice(line)
                    .map_err(|error| self.damaged(&error.to_string()))?;
                state.put(entity);
            }
        }
        state.revision = head.revision;
        Ok(Some(Copied {
            lineage: head.lineage,
            mark: head.mark,
            state,
        }))
    }

    fn damaged(&self, what: &str) -> StoreError {
        StoreError::Corrupt {
            place: self.path.display().to_string(),
            what: what.to_owned(),
            remedy: REMEDY,
        }
    }
}

fn digest(body: &[u8]) -> String {
    let digest = Sha256::digest(body);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn io(path: &Path, doing: &'static str, source: std::io::Error) -> StoreError {
    StoreError::Io {
        place: path.display().to_string(),
        doing,
        source,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::domain::environment::Environment;
    use crate::domain::names::EnvironmentName;

    fn state() -> State {
        let mut state = State::default();
        state.put(Entity::Environment(Arc::new(Environment {
            name: EnvironmentName::trusted("production"),
            kind: "production".into(),
            sort_order: 1,
            enabled: true,
            protected: false,
        })));
        state.revision = Revision(7);
        state
    }

    #[test]
    fn a_copy_is_read_as_it_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let copy = LocalCopy::in_folder(&folder.path().join("new")).unwrap();
        assert!(copy.read().unwrap().is_none());
        let write = |name: &str, state: &State| {
            let (lineage, mark) = (Some(name.to_owned()), Some(format!("mark of {name}")));
            copy.write(lineage, mark, state).unwrap();
        };
        write("a", &State::default());
        write("b", &state());
        let read = copy.read().unwrap().unwrap();
        assert_eq!((read.lineage.as_deref(), read.state), (Some("b"), state()));
        assert_eq!(read.mark.as_deref(), Some("mark of b"));
        let mode = fs_err::metadata(copy.path()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_damaged_copy_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let copy = LocalCopy::in_folder(folder.path()).unwrap();
        copy.write(None, None, &state()).unwrap();
        let good = fs_err::read(copy.path()).unwrap();
        for place in 0..good.len() {
            let mut bad = good.clone();
            bad[place] ^= 1;
            fs_err::write(copy.path(), &bad).unwrap();
            if let Ok(Some(read)) = copy.read() {
                // A letter of the lineage or a digit of the revision cannot be told from another one.
                assert!(place < good.iter().position(|it| *it == b'\n').unwrap());
                assert_eq!(read.state.environments, state().environments);
            }
        }
        fs_err::write(copy.path(), &good[..good.len() - 2]).unwrap();
        assert!(copy.read().is_err());
        fs_err::write(copy.path(), b"").unwrap();
        assert!(copy.read().is_err());
    }
}
