//! Writing a file.

use std::io::Write;

use serde::Serialize;
use sha2::{Digest, Sha256};
use zstd::stream::write::Encoder;

use super::lines::{End, SectionEnd, SectionStart, Sighting, hex};
use super::{Counts, DumpError, FORMAT, Header, PRODUCT, SECTIONS, Section};
use crate::domain::time::Timestamp;
use crate::store::{Origin, Part};

/// zstd's own default: several times faster than the disk, and events shrink to a tenth.
const LEVEL: i32 = 3;

/// Writes parts as they come.
pub struct DumpWriter<W: Write> {
    at: Timestamp,
    place: Place<W>,
    whole: Sha256,
    counts: Counts,
}

/// Where in the file it is.
enum Place<W: Write> {
    Before(W),
    /// Between two sections: how many are done.
    Between(W, usize),
    Inside(Box<Open<W>>),
    After(W),
    /// Something failed.
    Nowhere,
}

/// A section that is being written.
struct Open<W: Write> {
    index: usize,
    section: Section,
    out: Encoder<'static, W>,
    hash: Sha256,
    count: u64,
}

impl<W: Write> std::fmt::Debug for DumpWriter<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DumpWriter").finish_non_exhaustive()
    }
}

impl<W: Write> DumpWriter<W> {
    /// Begins a file that will say that it was made at `at`.
    pub fn new(out: W, at: Timestamp) -> Self {
        Self {
            at,
            place: Place::Before(out),
            whole: Sha256::new(),
            counts: Counts::default(),
        }
    }

    /// Writes a part. After an error nothing more can be written.
    ///
    /// # Errors
    /// [`DumpError::Io`]; [`DumpError::Order`] when it does not follow what came before.
    pub fn write(&mut self, part: Part) -> Result<(), DumpError> {
        match part {
            Part::Begin(origin) => self.begin(origin),
            Part::Entities(list) => self.lines(Section::Configuration, list),
            Part::Events(list) => self.lines(Section::Events, list),
            Part::Usage(list) => self.lines(Section::Usage, list),
            Part::Sightings(seen) => self.lines(Section::Sightings, Sighting::each(seen)),
            Part::Deliveries(list) => self.lines(Section::Deliveries, list),
            Part::End => self.end(),
        }
    }

    /// The file, and what is in it.
    ///
    /// # Errors
    /// [`DumpError::Order`] when the last part has not come.
    pub fn finish(self) -> Result<(W, Counts), DumpError> {
        match self.place {
            Place::After(out) => Ok((out, self.counts)),
            _ => Err(DumpError::Order),
        }
    }

    fn begin(&mut self, origin: Origin) -> Result<(), DumpError> {
        let Place::Before(out) = std::mem::replace(&mut self.place, Place::Nowhere) else {
            return Err(DumpError::Order);
        };
        let header = Header {
            product: PRODUCT.into(),
            format: FORMAT,
            program: env!("CARGO_PKG_VERSION").into(),
            instance: origin.instance,
            revision: origin.revision,
            at: self.at,
        };
        let line = line(&header)?;
        self.whole.update(&line);
        let mut frame = frame(out)?;
        frame.write_all(&line).map_err(DumpError::writing)?;
        self.place = Place::Between(close(frame)?, 0);
        Ok(())
    }

    fn lines<T: Serialize>(
        &mut self,
        section: Section,
        list: impl IntoIterator<Item = T>,
    ) -> Result<(), DumpError> {
        let mut list = list.into_iter().peekable();
        if list.peek().is_none() {
            return Ok(());
        }
        let open = self.reach(section)?;
        for it in list {
            let line = line(&it)?;
            open.hash.update(&line);
            open.out.write_all(&line).map_err(DumpError::writing)?;
            open.count += 1;
        }
        Ok(())
    }

    /// Goes on to a section. Those before it end, and may be empty.
    fn reach(&mut self, section: Section) -> Result<&mut Open<W>, DumpError> {
        while !matches!(&self.place, Place::Inside(open) if open.section == section) {
            self.step()?;
        }
        match &mut self.place {
            Place::Inside(open) => Ok(open),
            _ => Err(DumpError::Order),
        }
    }

    /// Ends the section at hand, or begins the next one.
    fn step(&mut self) -> Result<(), DumpError> {
        self.place = match std::mem::replace(&mut self.place, Place::Nowhere) {
            Place::Between(out, index) => match SECTIONS.get(index) {
                Some(section) => Place::Inside(Box::new(Open::begin(out, index, *section)?)),
                None => return Err(DumpError::Order),
            },
            Place::Inside(open) => {
                let next = open.index + 1;
                let (section, count) = (open.section, open.count);
                let (out, line) = open.end()?;
                self.whole.update(&line);
                self.counts.set(section, count);
                Place::Between(out, next)
            }
            Place::Before(_) | Place::After(_) | Place::Nowhere => return Err(DumpError::Order),
        };
        Ok(())
    }

    fn end(&mut self) -> Result<(), DumpError> {
        while !matches!(&self.place, Place::Between(_, done) if *done == SECTIONS.len()) {
            self.step()?;
        }
        let Place::Between(out, _) = std::mem::replace(&mut self.place, Place::Nowhere) else {
            return Err(DumpError::Order);
        };
        let end = End {
            end_of_backup: true,
            sha256: hex(self.whole.clone()),
        };
        let mut frame = frame(out)?;
        frame.write_all(&line(&end)?).map_err(DumpError::writing)?;
        let mut out = close(frame)?;
        out.flush().map_err(DumpError::writing)?;
        self.place = Place::After(out);
        Ok(())
    }
}

impl<W: Write> Open<W> {
    fn begin(out: W, index: usize, section: Section) -> Result<Self, DumpError> {
        let mut out = frame(out)?;
        let start = line(&SectionStart { section })?;
        out.write_all(&start).map_err(DumpError::writing)?;
        Ok(Self {
            index,
            section,
            out,
            hash: Sha256::new(),
            count: 0,
        })
    }

    /// The last line of the section, too.
    fn end(mut self) -> Result<(W, Vec<u8>), DumpError> {
        let end = line(&SectionEnd {
            end_of_section: self.section,
            count: self.count,
            sha256: hex(self.hash),
        })?;
        self.out.write_all(&end).map_err(DumpError::writing)?;
        Ok((close(self.out)?, end))
    }
}

fn frame<W: Write>(out: W) -> Result<Encoder<'static, W>, DumpError> {
    let make = || {
        let mut frame = Encoder::new(out, LEVEL)?;
        frame.include_checksum(true)?;
        Ok(frame)
    };
    make().map_err(DumpError::writing)
}

fn close<W: Write>(frame: Encoder<'static, W>) -> Result<W, DumpError> {
    frame.finish().map_err(DumpError::writing)
}

fn line<T: Serialize>(value: &T) -> Result<Vec<u8>, DumpError> {
    let mut line = serde_json::to_vec(value).map_err(|error| DumpError::writing(error.into()))?;
    line.push(b'\n');
    Ok(line)
}
