//! Every crate that becomes part of the binary may be given away under our licence.

use std::process::Command;

use serde_json::Value;
use spdx::{Expression, LicenseReq};

/// Licences that ask for no more than naming the authors.
const ACCEPTED: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    // Of data: the list of root certificates.
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

fn accepted(requirement: &LicenseReq) -> bool {
    requirement
        .license
        .id()
        .is_some_and(|id| ACCEPTED.contains(&id.name))
}

#[test]
fn licences_of_dependencies_are_accepted() {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version",
            "1",
            "--locked",
            "--manifest-path",
        ])
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    assert!(packages.len() > 50, "the list is complete");
    let mut faults = Vec::new();
    for package in packages {
        let name = package["name"].as_str().unwrap();
        // Old manifests separate alternatives by a slash.
        let licence = package["license"]
            .as_str()
            .unwrap_or("")
            .replace('/', " OR ");
        let good =
            Expression::parse(&licence).is_ok_and(|expression| expression.evaluate(accepted));
        if !good {
            faults.push(format!("{name}: \"{licence}\""));
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}
