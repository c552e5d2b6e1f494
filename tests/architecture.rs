//! The dependency table: which room may know which, and what of the outside each may use.
//!
//! See `docs/decisions/01-rooms.md`. Test code (`#[cfg(test)]`, files called `tests.rs`) may know everything.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on stops"
)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use syn::visit::Visit;

/// A room, the rooms it may know, and the crates it may use beside `std`, `serde` and `thiserror`.
const TABLE: &[(&str, &[&str], &[&str])] = &[
    ("domain", &[], &["chrono", "regex", "semver", "serde_json"]),
    (
        "engine",
        &["domain"],
        &["chrono", "ipnet", "regex", "semver", "serde_json"],
    ),
    ("wire", &["domain"], &["semver", "serde_json", "utoipa"]),
    (
        "store",
        &["domain"],
        &[
            "deadpool",
            "fs_err",
            "redb",
            "redis",
            "serde_json",
            "sha2",
            "tokio",
            "tracing",
            "uuid",
            "zstd",
        ],
    ),
    ("config", &["domain"], &["clap", "fs_err"]),
    (
        "snapshot",
        &["domain", "engine", "wire"],
        &[
            "actix_web",
            "arc_swap",
            "brotli",
            "bytes",
            "flate2",
            "serde_json",
            "tokio",
            "zstd",
        ],
    ),
    (
        "change",
        &["domain", "snapshot", "store", "telemetry"],
        &["tokio", "tracing"],
    ),
    (
        "auth",
        &["domain", "snapshot", "store", "telemetry"],
        &["argon2", "getrandom", "hmac", "sha2"],
    ),
    ("telemetry", &["domain"], &["prometheus", "tracing"]),
    (
        "usage",
        &["domain", "store", "telemetry", "wire"],
        &["chrono", "serde_json", "tokio", "tracing"],
    ),
    (
        "addons",
        &["domain", "snapshot", "store", "telemetry"],
        &["hmac", "serde_json", "sha2", "tokio", "tracing", "ureq"],
    ),
    (
        "api",
        &[
            "addons",
            "auth",
            "change",
            "domain",
            "engine",
            "snapshot",
            "telemetry",
            "usage",
            "wire",
        ],
        &[
            "actix_web",
            "anyhow",
            "brotli",
            "bytes",
            "chrono",
            "flate2",
            "futures_util",
            "regex",
            "serde_json",
            "tracing",
            "utoipa",
            "utoipa_actix_web",
            "uuid",
            "zstd",
        ],
    ),
    (
        "app",
        &[
            "addons",
            "api",
            "auth",
            "change",
            "config",
            "domain",
            "engine",
            "snapshot",
            "store",
            "telemetry",
            "usage",
            "wire",
        ],
        &[
            "actix_web",
            "chrono",
            "fs_err",
            "serde_json",
            "tokio",
            "tracing",
            "utoipa",
            "utoipa_actix_web",
            "uuid",
        ],
    ),
    (
        "cli",
        &["app", "config", "domain", "store"],
        &[
            "actix_web",
            "anyhow",
            "clap",
            "fs_err",
            "serde_json",
            "tokio",
            "tracing",
            "tracing_subscriber",
            "ureq",
        ],
    ),
];

const ALWAYS: &[&str] = &["alloc", "core", "serde", "std", "thiserror"];

const FORBIDDEN_NAMES: &[&str] = &[
    "common", "core", "helper", "helpers", "manager", "misc", "service", "util", "utils",
];

/// What a file names.
#[derive(Default)]
struct Names {
    rooms: BTreeSet<String>,
    roots: BTreeSet<String>,
}

impl Names {
    fn path(&mut self, segments: &[String]) {
        match segments {
            [first, room, ..] if first == "crate" => {
                self.rooms.insert(room.clone());
            }
            [first, _, ..] => {
                self.roots.insert(first.clone());
            }
            _ => {}
        }
    }

    fn tree(&mut self, before: &mut Vec<String>, tree: &syn::UseTree) {
        match tree {
            syn::UseTree::Path(path) => {
                before.push(path.ident.to_string());
                self.tree(before, &path.tree);
                before.pop();
            }
            syn::UseTree::Group(group) => {
                group.items.iter().for_each(|item| self.tree(before, item))
            }
            syn::UseTree::Name(name) => self.leaf(before, &name.ident),
            syn::UseTree::Rename(rename) => self.leaf(before, &rename.ident),
            syn::UseTree::Glob(_) => self.path(before),
        }
    }

    fn leaf(&mut self, before: &mut Vec<String>, name: &syn::Ident) {
        before.push(name.to_string());
        self.path(before);
        before.pop();
    }
}

fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let mut found = attribute.path().is_ident("test");
        if attribute.path().is_ident("cfg") {
            let _ = attribute.parse_nested_meta(|meta| {
                found |= meta.path.is_ident("test");
                Ok(())
            });
        }
        found
    })
}

impl<'ast> Visit<'ast> for Names {
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if !is_test(&module.attrs) {
            syn::visit::visit_item_mod(self, module);
        }
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        if !is_test(&item.attrs) {
            self.tree(&mut Vec::new(), &item.tree);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments: Vec<String> = path
            .segments
            .iter()
            .map(|segment| segment.ident.to_string())
            .collect();
        self.path(&segments);
        syn::visit::visit_path(self, path);
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn is_test_file(path: &Path) -> bool {
    path.components()
        .any(|part| matches!(part.as_os_str().to_str(), Some("tests.rs" | "tests")))
        || path
            .file_stem()
            .is_some_and(|stem| stem.to_string_lossy().ends_with("_tests"))
}

fn room_of(path: &Path) -> String {
    let inside = path.strip_prefix(source()).unwrap();
    let first = inside
        .components()
        .next()
        .unwrap()
        .as_os_str()
        .to_string_lossy();
    first.trim_end_matches(".rs").to_owned()
}

fn names_in(path: &Path) -> Names {
    let text = std::fs::read_to_string(path).unwrap();
    let file = syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut names = Names::default();
    names.visit_file(&file);
    names
}

/// Crates of the manifest, as code names them.
fn dependencies() -> BTreeSet<String> {
    let manifest =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml")).unwrap();
    manifest
        .lines()
        .skip_while(|line| *line != "[dependencies]")
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .filter_map(|line| {
            line.split_once(" = ")
                .map(|(name, _)| name.replace('-', "_"))
        })
        .collect()
}

#[test]
fn rooms_know_only_what_the_table_allows() {
    let dependencies = dependencies();
    let mut faults = Vec::new();
    for path in files(&source()).iter().filter(|path| !is_test_file(path)) {
        let room = room_of(path);
        if ["lib", "main"].contains(&room.as_str()) {
            continue;
        }
        let Some((_, rooms, crates)) = TABLE.iter().find(|(known, _, _)| *known == room) else {
            faults.push(format!("{room} is not in the table"));
            continue;
        };
        let names = names_in(path);
        for other in names.rooms.iter().filter(|other| **other != room) {
            if TABLE.iter().any(|(known, _, _)| known == other) && !rooms.contains(&other.as_str())
            {
                faults.push(format!("{} imports crate::{other}", path.display()));
            }
        }
        for outside in names.roots.intersection(&dependencies) {
            if !crates.contains(&outside.as_str()) && !ALWAYS.contains(&outside.as_str()) {
                faults.push(format!("{} uses {outside}", path.display()));
            }
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn the_table_has_no_circle() {
    for (room, knows, _) in TABLE {
        let mut reached: Vec<&str> = knows.to_vec();
        while let Some(other) = reached.pop() {
            assert_ne!(other, *room, "{room} reaches itself");
            let (_, further, _) = TABLE.iter().find(|(known, _, _)| *known == other).unwrap();
            reached.extend(*further);
        }
    }
}

#[test]
fn no_module_has_a_name_that_says_nothing() {
    for path in files(&source()) {
        for part in path.strip_prefix(source()).unwrap().components() {
            let name = part.as_os_str().to_string_lossy();
            let name = name.trim_end_matches(".rs");
            assert!(!FORBIDDEN_NAMES.contains(&name), "{}", path.display());
        }
    }
}

/// What is written in one place only: a text, and where.
const HOMES: &[(&str, &str)] = &[
    ("TableDefinition::new", "store/embedded/tables.rs"),
    // The braces of a hash tag.
    ("{{{namespace", "store/redis/keys.rs"),
    ("redb::", "store/embedded/"),
    ("deadpool::", "store/redis/"),
    ("redis::", "store/redis/"),
];

#[test]
fn what_belongs_to_a_database_has_one_home() {
    for path in files(&source()) {
        let text = std::fs::read_to_string(&path).unwrap();
        let place = path.strip_prefix(source()).unwrap().to_string_lossy();
        for (what, home) in HOMES {
            // Our own module is called like the crate.
            let text = text
                .replace("pub use redis::", "")
                .replace("store::redis::", "");
            let at_home = place.starts_with(home);
            assert!(at_home || !text.contains(what), "{place} has {what}");
        }
    }
}

#[test]
fn the_pure_rooms_have_neither_clock_nor_dice() {
    for room in ["domain", "engine"] {
        for path in files(&source().join(room))
            .iter()
            .filter(|path| !is_test_file(path))
        {
            let text = std::fs::read_to_string(path).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap();
            for name in [
                "SystemTime::now",
                "Instant::now",
                "Utc::now",
                "Uuid::new",
                "getrandom",
                "rand::",
            ] {
                assert!(!code.contains(name), "{} uses {name}", path.display());
            }
        }
    }
}
