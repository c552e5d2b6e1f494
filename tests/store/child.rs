//! Tests in two processes: this program started again with one of its tests and a directory to work in.

use std::path::{Path, PathBuf};
use std::process::Command;

const DIRECTORY: &str = "BURGEE_TEST_DIRECTORY";
const ROLE: &str = "BURGEE_TEST_ROLE";

/// The test `name`, as a child that plays `role` in `directory`.
pub(crate) fn of(name: &str, role: &str, directory: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args([name, "--exact", "--nocapture", "--test-threads=1"])
        .env(DIRECTORY, directory)
        .env(ROLE, role);
    command
}

/// The directory to work in, if this is the child that plays `role`.
pub(crate) fn directory(role: &str) -> Option<PathBuf> {
    if std::env::var(ROLE).ok()? != role {
        return None;
    }
    std::env::var_os(DIRECTORY).map(PathBuf::from)
}
