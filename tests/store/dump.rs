//! A backup holds everything, and one that is not as it was written is refused with the place named.

use std::collections::BTreeMap;
use std::io::{Read, Write};

use burgee::domain::state::State;
use burgee::store::dump::{DumpError, DumpReader, DumpWriter, Section};
use burgee::store::{AnyStore, Part, Store};
use tempfile::tempdir;

use crate::filling::{begin, holdings, parts, populate, well_filled};
use crate::material::{NOON, put};
use crate::{embedded, memory};

fn write(parts: Vec<Part>) -> Vec<u8> {
    let mut writer = DumpWriter::new(Vec::new(), NOON);
    for part in parts {
        writer.write(part).unwrap();
    }
    writer.finish().unwrap().0
}

async fn dump(store: &AnyStore) -> Vec<u8> {
    write(parts(store).await)
}

/// Reads to the end.
fn read(file: &[u8]) -> Result<Vec<Part>, DumpError> {
    let mut reader = DumpReader::open(file)?;
    let mut parts = Vec::new();
    while let Some(part) = reader.read()? {
        parts.push(part);
    }
    assert_eq!(parts.last(), Some(&Part::End));
    Ok(parts)
}

fn refusal(file: &[u8]) -> DumpError {
    match read(file) {
        Ok(parts) => panic!("it must be refused, and {} parts were read", parts.len()),
        Err(error) => error,
    }
}

fn damaged_section(error: &DumpError) -> Section {
    let DumpError::Damaged { section, .. } = error else {
        panic!("{error}");
    };
    let named = format!("its section `{}` is damaged", section.as_str());
    assert!(error.to_string().contains(&named), "{error}");
    assert!(error.to_string().contains("use another copy"), "{error}");
    *section
}

/// The frames of a file, by the section they are of.
fn frames(file: &[u8]) -> Vec<(Section, Vec<u8>)> {
    const ORDER: [Section; 7] = [
        Section::Header,
        Section::Configuration,
        Section::Events,
        Section::Usage,
        Section::Sightings,
        Section::Deliveries,
        Section::End,
    ];
    let mut rest = file;
    let mut frames = Vec::new();
    for section in ORDER {
        let before = rest;
        let mut frame = zstd::Decoder::with_buffer(rest).unwrap().single_frame();
        frame.read_to_end(&mut Vec::new()).unwrap();
        rest = frame.finish();
        frames.push((section, before[..before.len() - rest.len()].to_vec()));
    }
    assert!(rest.is_empty());
    frames
}

fn joined(frames: &[(Section, Vec<u8>)]) -> Vec<u8> {
    frames.iter().flat_map(|(_, frame)| frame.clone()).collect()
}

fn text(frame: &[u8]) -> String {
    String::from_utf8(zstd::decode_all(frame).unwrap()).unwrap()
}

/// A frame that is whole and says something else.
fn rewritten(frame: &[u8], change: impl FnOnce(String) -> String) -> Vec<u8> {
    zstd::encode_all(change(text(frame)).as_bytes(), 3).unwrap()
}

#[tokio::test]
async fn a_store_is_the_same_after_a_backup() {
    let directories = [tempdir().unwrap(), tempdir().unwrap()];
    let kinds = || [memory(), embedded(directories[0].path())];
    for source in kinds() {
        populate(&source).await;
        let file = dump(&source).await;
        let expected = holdings(&source).await;
        for target in [memory(), embedded(directories[1].path())] {
            for part in read(&file).unwrap() {
                target.fill(part).await.unwrap();
            }
            assert_eq!(holdings(&target).await, expected);
            target.close().await.unwrap();
        }
        std::fs::remove_file(directories[1].path().join("burgee.redb")).unwrap();
    }
}

#[tokio::test]
async fn an_empty_store_has_a_backup_too() {
    let file = dump(&memory()).await;
    let copy = memory();
    for part in read(&file).unwrap() {
        copy.fill(part).await.unwrap();
    }
    assert_eq!(holdings(&copy).await, holdings(&memory()).await);
}

#[tokio::test]
async fn the_file_says_what_it_is_and_common_tools_show_it() {
    let file = dump(&well_filled().await).await;
    let mut reader = DumpReader::open(&file[..]).unwrap();
    assert_eq!(reader.header().at, NOON);
    assert_eq!(reader.header().program, env!("CARGO_PKG_VERSION"));
    while reader.read().unwrap().is_some() {}
    let counts: BTreeMap<&str, u64> = reader
        .counts()
        .iter()
        .map(|(section, count)| (section.as_str(), count))
        .collect();
    assert_eq!(counts["events"], 4 * 302);
    assert_eq!(counts["deliveries"], 120);

    // What `zstdcat` prints: JSON, line by line.
    let all = text(&file);
    assert!(all.starts_with("{\"product\":\"burgee\",\"format\":1,"));
    for line in all.lines() {
        serde_json::from_str::<serde_json::Value>(line).unwrap();
    }
    let things = u64::try_from(all.lines().count()).unwrap();
    assert_eq!(counts.values().sum::<u64>() + 2 + 2 * 5, things);
}

#[tokio::test]
async fn a_flipped_byte_is_found_wherever_it_is() {
    let file = dump(&well_filled().await).await;
    let whole = read(&file).unwrap();
    let mut start = 0;
    for (section, frame) in frames(&file) {
        let mut found = 0;
        for step in 0..16 {
            let at = start + step * (frame.len() - 1) / 15;
            let mut broken = file.clone();
            broken[at] ^= 1 << (step % 8);
            match read(&broken) {
                // Compressed data has bits that mean nothing.
                Ok(parts) => assert!(parts == whole, "byte {at}"),
                Err(DumpError::Foreign(_)) if section == Section::Header => found += 1,
                Err(error) => {
                    assert_eq!(damaged_section(&error), section, "byte {at}: {error}");
                    found += 1;
                }
            }
        }
        assert!(found >= 13, "{found} of 16 in {}", section.as_str());
        start += frame.len();
    }
}

#[tokio::test]
async fn a_file_that_ends_too_early_is_refused_wherever_it_ends() {
    let file = dump(&well_filled().await).await;
    let mut start = 0;
    for (section, frame) in frames(&file) {
        for keep in [0, 1, frame.len() / 2, frame.len() - 1] {
            let error = refusal(&file[..start + keep]);
            if start + keep < 4 {
                assert!(matches!(error, DumpError::Foreign(_)), "{error}");
            } else {
                assert_eq!(damaged_section(&error), section, "{keep}: {error}");
            }
        }
        start += frame.len();
    }
    assert_eq!(start, file.len());
}

#[tokio::test]
async fn lines_that_were_changed_by_somebody_are_noticed() {
    let file = dump(&well_filled().await).await;
    let whole = frames(&file);
    for index in 1..=5 {
        let section = whole[index].0;
        let name = section.as_str();
        let changed = |change: &dyn Fn(String) -> String| {
            let mut frames = whole.clone();
            frames[index].1 = rewritten(&frames[index].1, change);
            refusal(&joined(&frames))
        };
        // One line less, one twice, two in another order: all of them lines that can be read.
        let without = changed(&|text| {
            let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
            lines.remove(1);
            lines.concat()
        });
        assert_eq!(damaged_section(&without), section);
        assert!(without.to_string().contains("lines and has"), "{without}");
        let swapped = changed(&|text| {
            let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
            lines.swap(1, 2);
            lines.concat()
        });
        assert_eq!(damaged_section(&swapped), section);
        assert!(swapped.to_string().contains("checksum"), "{swapped}");
        let nonsense = changed(&|text| text.replacen("\n{", "\n{{", 1));
        assert_eq!(damaged_section(&nonsense), section);
        let other = changed(&|text| text.replacen(name, "deliveriez", 1));
        assert_eq!(damaged_section(&other), section);
    }
}

#[tokio::test]
async fn sections_of_another_backup_do_not_fit() {
    let store = well_filled().await;
    let one = frames(&dump(&store).await);
    let state = store.load().await.unwrap();
    store.commit(put(&state, "later")).await.unwrap();
    let other = frames(&dump(&store).await);
    for index in 0..=2 {
        let mut mixed = one.clone();
        mixed[index] = other[index].clone();
        assert_eq!(damaged_section(&refusal(&joined(&mixed))), Section::End);
    }
    let mut without = one.clone();
    without.remove(2);
    let error = refusal(&joined(&without));
    assert_eq!(damaged_section(&error), Section::Events);
    let mut twice = joined(&one);
    twice.extend(joined(&one));
    let error = refusal(&twice);
    assert_eq!(damaged_section(&error), Section::End);
    assert!(error.to_string().contains("after its end"), "{error}");
}

#[tokio::test]
async fn files_of_others_and_of_the_future_are_refused() {
    let foreign = |file: &[u8], hint: &str| {
        let error = refusal(file);
        assert!(matches!(error, DumpError::Foreign(_)), "{error}");
        assert!(error.to_string().contains(hint), "{error}");
    };
    foreign(b"", "it is empty");
    foreign(b"{\"version\":1}", "does not begin like one");
    foreign(&[0xA5; 10_000], "does not begin like one");
    let compressed = zstd::encode_all(&b"a letter\nto a friend\n"[..], 3).unwrap();
    foreign(&compressed, "which program");

    let whole = frames(&dump(&memory()).await);
    let with_header = |from: &str, to: &str| {
        let mut frames = whole.clone();
        frames[0].1 = rewritten(&frames[0].1, |text| text.replacen(from, to, 1));
        joined(&frames)
    };
    foreign(&with_header("burgee", "banner"), "banner");
    let error = refusal(&with_header("\"format\":1", "\"format\":2,\"new\":[]"));
    let DumpError::NewerFormat {
        found: 2, known: 1, ..
    } = error
    else {
        panic!("{error}");
    };
    assert!(error.to_string().contains("or a newer one"), "{error}");
}

#[test]
fn parts_are_written_in_order_and_to_the_end_or_not_at_all() {
    let order = |parts: Vec<Part>| {
        let mut writer = DumpWriter::new(Vec::new(), NOON);
        for part in parts {
            if let Err(error) = writer.write(part) {
                return error;
            }
        }
        writer.finish().unwrap_err()
    };
    let events = || Part::Events(vec![put(&State::default(), "a").events[0].clone().into()]);
    let entities = || Part::Entities(State::default().entities().collect());
    for parts in [
        vec![],
        vec![events()],
        vec![Part::End],
        vec![begin(1)],
        vec![begin(1), begin(1)],
        vec![begin(1), events(), entities(), Part::End],
        vec![begin(1), Part::End, events()],
    ] {
        assert!(matches!(order(parts), DumpError::Order));
    }
}

#[test]
fn a_full_disk_is_told() {
    struct Full(usize);
    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0 = self
                .0
                .checked_sub(bytes.len())
                .ok_or(std::io::ErrorKind::StorageFull)?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut writer = DumpWriter::new(Full(100), NOON);
    let written = [begin(1), Part::End]
        .into_iter()
        .try_for_each(|part| writer.write(part));
    assert!(matches!(written, Err(DumpError::Io { .. })), "{written:?}");
}
