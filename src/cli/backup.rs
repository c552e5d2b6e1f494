//! `burgee backup`.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::{Arg, ArgAction, ArgMatches, Command};
use tokio::sync::mpsc;

use super::progress::{Progress, say};
use super::remote::Remote;
use crate::app::{self, StartError};
use crate::config::{self, Settings, Storage};
use crate::store::dump::{Counts, Draft, DumpReader, DumpWriter, Header};
use crate::store::{AnyStore, EmbeddedStore, Store, StoreError};

pub(super) fn command() -> Command {
    Command::new("backup")
        .about("Write everything that is remembered to one file, while the server runs.")
        .after_help(
            "The file holds hashes of passwords and tokens and the secrets of addons: keep it as safe as the store.",
        )
        .arg(file())
        .args(Remote::options())
        .arg(switch(
            "offline",
            "Read the store of the settings instead of asking a server. An embedded store must not be in use.",
        ))
        .arg(switch("overwrite", "Replace the file if there is one."))
        .args(config::options())
}

pub(super) fn file() -> Arg {
    Arg::new("file")
        .value_name("FILE")
        .required(true)
        .value_parser(clap::value_parser!(PathBuf))
        .help("The backup.")
}

/// What [`file()`] was given.
pub(super) fn named_file(options: &ArgMatches) -> anyhow::Result<&PathBuf> {
    options.get_one("file").context("FILE is missing")
}

pub(super) fn switch(name: &'static str, help: &'static str) -> Arg {
    Arg::new(name)
        .long(name)
        .action(ArgAction::SetTrue)
        .help(help)
}

pub(super) fn run(
    options: &ArgMatches,
    environment: &BTreeMap<String, String>,
) -> anyhow::Result<()> {
    let file = named_file(options)?;
    let named = || file.display().to_string();
    let overwrite = options.get_flag("overwrite");
    if file.exists() && !overwrite {
        bail!(
            "{} is there already. Choose another name, or say --overwrite",
            named()
        );
    }
    let mut draft = Draft::create(file).with_context(named)?;
    if options.get_flag("offline") {
        read_store(&Settings::read(options, environment)?.storage, &mut draft)?;
    } else {
        ask_server(&Remote::of(options, environment)?, &mut draft)?;
    }
    draft.sync().with_context(named)?;
    let (header, counts) = check(draft.path()).context("what arrived is not a backup")?;
    draft.keep(overwrite).with_context(named)?;
    say(&format!("{} holds {}", named(), described(&header, counts)));
    Ok(())
}

/// Reads a file to its end.
pub(super) fn check(file: &Path) -> anyhow::Result<(Header, Counts)> {
    let mut reader = open(file)?;
    let mut progress = Progress::of("checking");
    while reader.read()?.is_some() {
        progress.at(&reader.counts());
    }
    Ok((reader.header().clone(), reader.counts()))
}

pub(super) fn open(file: &Path) -> anyhow::Result<DumpReader<BufReader<File>>> {
    let file = File::open(file).context("it cannot be opened")?;
    Ok(DumpReader::open(BufReader::new(file))?)
}

/// What a file is, in a line.
pub(super) fn described(header: &Header, counts: Counts) -> String {
    let instance = header.instance.as_deref().unwrap_or("without a name");
    format!(
        "revision {} of instance {instance} as of {} ({counts})",
        header.revision, header.at
    )
}

fn ask_server(server: &Remote, draft: &mut Draft) -> anyhow::Result<()> {
    let mut answer = server.get("/api/admin/store/backup")?;
    let mut progress = Progress::of("bytes received");
    let mut piece = vec![0; 64 << 10];
    let mut count = 0;
    loop {
        let len = match answer.read(&mut piece) {
            Ok(0) => return Ok(()),
            Ok(len) => len,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => {
                let what = format!("{} broke the backup off; its log says why", server.url());
                return Err(error).context(what);
            }
        };
        draft.write_all(piece.get(..len).unwrap_or_default())?;
        count += len;
        progress.at(&count);
    }
}

fn read_store(storage: &Storage, draft: &mut Draft) -> anyhow::Result<()> {
    runtime()?.block_on(async {
        let store = open_filled(storage).await.map_err(advised)?;
        let (sender, mut parts) = mpsc::channel(4);
        let mut writer = DumpWriter::new(draft, app::now());
        let mut counts = Counts::default();
        let mut progress = Progress::of("writing");
        let writing = async {
            while let Some(part) = parts.recv().await {
                counts.add(&part);
                writer.write(part)?;
                progress.at(&counts);
            }
            drop(parts);
            anyhow::Ok(())
        };
        let (read, written) = tokio::join!(store.read_out(sender), writing);
        written?;
        read?;
        writer.finish()?;
        Ok(store.close().await?)
    })
}

fn advised(error: anyhow::Error) -> anyhow::Error {
    match error.downcast_ref() {
        Some(StartError::Store(StoreError::Locked { .. })) => {
            error.context("a running server makes backups itself, without --offline")
        }
        _ => error,
    }
}

/// Opens a store that is there already.
pub(super) async fn open_filled(storage: &Storage) -> anyhow::Result<AnyStore> {
    match storage {
        Storage::Memory => bail!("the memory store of another process cannot be read"),
        Storage::Embedded(folder) if !EmbeddedStore::is_in(folder) => bail!(
            "there is no store in {}. Give the folder with --data-dir",
            folder.display()
        ),
        Storage::Embedded(_) | Storage::Redis(_) => {}
    }
    Ok(app::open_store(storage).await?)
}

/// For commands that use a store without a server.
pub(super) fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
}
