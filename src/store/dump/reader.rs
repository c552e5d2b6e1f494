//! Reading a file, and refusing what is not as it was written.

use std::io::{self, BufRead, BufReader, ErrorKind, Read};

use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use zstd::stream::read::Decoder;

use super::lines::{End, SECTION_END, SectionEnd, SectionStart, Sighting, hex};
use super::{Counts, DumpError, FORMAT, Header, PRODUCT, SECTIONS, Section};
use crate::domain::usage::Sightings;
use crate::store::{Origin, PART_LENGTH, Part};

/// What a zstd frame begins with.
const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// A part is cut off when its lines have this many bytes.
const PART_SIZE: usize = 1 << 20;

/// Gives a file part by part.
pub struct DumpReader<R: BufRead> {
    header: Header,
    place: Place<R>,
    whole: Sha256,
    counts: Counts,
}

/// Where in the file it is.
enum Place<R: BufRead> {
    Start(R),
    /// Between two sections: how many are done.
    Between(R, usize),
    Inside(Box<Open<R>>),
    Finished,
    /// Something failed.
    Nowhere,
}

/// A section that is being read.
struct Open<R: BufRead> {
    index: usize,
    frame: Frame<R>,
    hash: Sha256,
    count: u64,
}

impl<R: BufRead> std::fmt::Debug for DumpReader<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DumpReader")
            .field("header", &self.header)
            .finish_non_exhaustive()
    }
}

impl<R: BufRead> DumpReader<R> {
    /// Reads the header.
    ///
    /// # Errors
    /// [`DumpError::Foreign`] and [`DumpError::NewerFormat`] when the file is not for this program,
    /// [`DumpError::Damaged`] when its header is not whole.
    pub fn open(mut input: R) -> Result<Self, DumpError> {
        let start = input.fill_buf().map_err(reading)?;
        if start.is_empty() {
            return Err(DumpError::Foreign("it is empty".into()));
        }
        if !start.starts_with(&MAGIC) {
            return Err(DumpError::Foreign("it does not begin like one".into()));
        }
        let mut frame = Frame::open(input, Section::Header)?;
        let line = frame.line()?;
        let header = read_header(&line)?;
        let mut whole = Sha256::new();
        whole.update(&line);
        Ok(Self {
            header,
            place: Place::Start(frame.close()?),
            whole,
            counts: Counts::default(),
        })
    }

    /// What the file says about itself.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// What has been read. All there is after the last part.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// The next part; none after the last. What came before an error is not to be used.
    ///
    /// # Errors
    /// [`DumpError::Damaged`] with the section, or [`DumpError::Io`].
    pub fn read(&mut self) -> Result<Option<Part>, DumpError> {
        loop {
            match std::mem::replace(&mut self.place, Place::Nowhere) {
                Place::Start(input) => {
                    self.place = Place::Between(input, 0);
                    return Ok(Some(Part::Begin(Origin {
                        instance: self.header.instance.clone(),
                        revision: self.header.revision,
                    })));
                }
                Place::Between(input, index) => match SECTIONS.get(index) {
                    Some(section) => {
                        self.place = Place::Inside(Box::new(Open::begin(input, index, *section)?));
                    }
                    None => {
                        self.end(input)?;
                        self.place = Place::Finished;
                        return Ok(Some(Part::End));
                    }
                },
                Place::Inside(mut open) => {
                    let (part, last) = open.part()?;
                    self.place = match last {
                        Some(line) => self.leave(*open, &line)?,
                        None => Place::Inside(open),
                    };
                    if part.is_some() {
                        return Ok(part);
                    }
                }
                Place::Finished => {
                    self.place = Place::Finished;
                    return Ok(None);
                }
                Place::Nowhere => return Err(DumpError::Order),
            }
        }
    }

    fn leave(&mut self, open: Open<R>, line: &[u8]) -> Result<Place<R>, DumpError> {
        self.whole.update(line);
        let section = open.frame.section;
        let end: SectionEnd = parse(section, line)?;
        if end.end_of_section != section || end.count != open.count {
            let what = format!("it should have {} lines and has {}", end.count, open.count);
            return Err(DumpError::damaged(section, what));
        }
        if end.sha256 != hex(open.hash) {
            return Err(DumpError::damaged(section, "its checksum differs"));
        }
        self.counts.set(section, open.count);
        Ok(Place::Between(open.frame.close()?, open.index + 1))
    }

    fn end(&mut self, input: R) -> Result<(), DumpError> {
        let mut frame = Frame::open(input, Section::End)?;
        let end: End = parse(Section::End, &frame.line()?)?;
        if end.sha256 != hex(self.whole.clone()) {
            return Err(DumpError::damaged(
                Section::End,
                "the checksum of the whole differs",
            ));
        }
        let mut rest = frame.close()?;
        if rest.fill_buf().map_err(reading)?.is_empty() {
            return Ok(());
        }
        Err(DumpError::damaged(
            Section::End,
            "something stands after its end",
        ))
    }
}

impl<R: BufRead> Open<R> {
    fn begin(input: R, index: usize, section: Section) -> Result<Self, DumpError> {
        let mut frame = Frame::open(input, section)?;
        let start: SectionStart = parse(section, &frame.line()?)?;
        if start.section != section {
            let what = format!("the section `{}` stands there", start.section.as_str());
            return Err(DumpError::damaged(section, what));
        }
        Ok(Self {
            index,
            frame,
            hash: Sha256::new(),
            count: 0,
        })
    }

    /// The next part, and the last line when the section has been read.
    fn part(&mut self) -> Result<(Option<Part>, Option<Vec<u8>>), DumpError> {
        match self.frame.section {
            Section::Configuration => self.list(|list| Some(Part::Entities(list))),
            Section::Events => self.list(|list| Some(Part::Events(list))),
            Section::Usage => self.list(|list| Some(Part::Usage(list))),
            Section::Sightings => self.list(|list: Vec<Sighting>| {
                let mut seen = Sightings::default();
                list.into_iter().for_each(|it| it.join(&mut seen));
                Some(Part::Sightings(seen))
            }),
            Section::Deliveries => self.list(|list| Some(Part::Deliveries(list))),
            Section::Header | Section::End => Err(DumpError::Order),
        }
    }

    fn list<T: DeserializeOwned>(
        &mut self,
        wrap: impl FnOnce(Vec<T>) -> Option<Part>,
    ) -> Result<(Option<Part>, Option<Vec<u8>>), DumpError> {
        let (mut list, mut size, mut last) = (Vec::new(), 0, None);
        while list.len() < PART_LENGTH && size < PART_SIZE {
            let line = self.frame.line()?;
            if line.starts_with(SECTION_END) {
                last = Some(line);
                break;
            }
            size += line.len();
            self.hash.update(&line);
            self.count += 1;
            list.push(parse(self.frame.section, &line)?);
        }
        let part = if list.is_empty() { None } else { wrap(list) };
        Ok((part, last))
    }
}

/// The frame of a section, uncompressed.
struct Frame<R: BufRead> {
    section: Section,
    text: BufReader<Decoder<'static, R>>,
}

impl<R: BufRead> Frame<R> {
    fn open(mut input: R, section: Section) -> Result<Self, DumpError> {
        if input.fill_buf().map_err(reading)?.is_empty() {
            return Err(DumpError::damaged(section, "the file ends before it"));
        }
        let decoder = Decoder::with_buffer(input).map_err(reading)?;
        Ok(Self {
            section,
            text: BufReader::new(decoder.single_frame()),
        })
    }

    /// A line with its end.
    fn line(&mut self) -> Result<Vec<u8>, DumpError> {
        let mut line = Vec::new();
        self.text
            .read_until(b'\n', &mut line)
            .map_err(|error| self.broken(error))?;
        if line.last() != Some(&b'\n') {
            return Err(DumpError::damaged(self.section, "it ends too early"));
        }
        Ok(line)
    }

    /// What stands after it. Checks that its lines were all.
    fn close(mut self) -> Result<R, DumpError> {
        match self.text.read(&mut [0]) {
            Ok(0) => Ok(self.text.into_inner().finish()),
            Ok(_) => Err(DumpError::damaged(self.section, "it goes on after its end")),
            Err(error) => Err(self.broken(error)),
        }
    }

    /// What zstd finds is damage, what the system says is not.
    fn broken(&self, error: io::Error) -> DumpError {
        if error.raw_os_error().is_some() {
            return reading(error);
        }
        if error.kind() == ErrorKind::UnexpectedEof {
            return DumpError::damaged(self.section, "the file ends in the middle of it");
        }
        DumpError::damaged(self.section, error.to_string())
    }
}

/// Says whose file it is before anything else is asked of it.
fn read_header(line: &[u8]) -> Result<Header, DumpError> {
    #[derive(serde::Deserialize)]
    struct Label {
        product: String,
        format: u64,
        #[serde(default)]
        program: String,
    }
    let label: Label = serde_json::from_slice(line)
        .map_err(|_| DumpError::Foreign("it does not say which program made it".into()))?;
    if label.product != PRODUCT {
        let what = format!("it belongs to the program {:?}", label.product);
        return Err(DumpError::Foreign(what));
    }
    if label.format > FORMAT {
        return Err(DumpError::NewerFormat {
            found: label.format,
            known: FORMAT,
            program: label.program,
        });
    }
    parse(Section::Header, line)
}

fn parse<T: DeserializeOwned>(section: Section, line: &[u8]) -> Result<T, DumpError> {
    serde_json::from_slice(line)
        .map_err(|error| DumpError::damaged(section, format!("a line cannot be read: {error}")))
}

fn reading(source: io::Error) -> DumpError {
    DumpError::Io {
        doing: "reading the backup",
        source,
    }
}
