//! A whole answer to a poll, written once.

use std::io::Write;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;

use super::flag::ServedFlag;
use super::segments::ServedSegments;
use crate::domain::names::Revision;
use crate::wire::client_features::{ClientFeaturesQuery, SegmentMode};
use crate::wire::fingerprint;

/// How a body may be encoded.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Encoding {
    /// As it is.
    Identity,
    /// `gzip`
    Gzip,
    /// `br`
    Brotli,
    /// `zstd`
    Zstd,
}

/// Bodies shorter than this are sent as they are, as the reference does.
const WORTH_COMPRESSING: usize = 1024;

/// A body with its entity tag. Compressed forms are made when first asked for, each at most once.
#[derive(Debug)]
pub struct View {
    bytes: Bytes,
    etag: Bytes,
    gzip: OnceLock<Bytes>,
    brotli: OnceLock<Bytes>,
    zstd: OnceLock<Bytes>,
    /// Whether somebody has asked for it; such views are written anew as soon as something changes.
    used: AtomicBool,
}

impl View {
    /// Joins the parts of a body.
    ///
    /// The entity tag has the form of the reference's, `"<8 digits>:<revision>:v1"`. There the digits tell queries
    /// apart; here they are a fingerprint of the body, so that equal tags mean equal bodies also after a restore,
    /// an upgrade, or a change that the revision of this environment says nothing about.
    pub(super) fn write<'f>(
        flags: impl Iterator<Item = &'f ServedFlag>,
        query: &ClientFeaturesQuery<'_>,
        segments: &ServedSegments,
        revision: Revision,
        capacity: usize,
    ) -> Self {
        let mode = if query.inline_segment_constraints {
            SegmentMode::Inlined
        } else {
            SegmentMode::Global
        };
        let mut body = Vec::with_capacity(capacity);
        body.extend_from_slice(b"{\"version\":2,\"features\":[");
        for (index, flag) in flags.enumerate() {
            if index > 0 {
                body.push(b',');
            }
            body.extend_from_slice(flag.json(mode, segments));
        }
        body.extend_from_slice(b"],\"query\":");
        // Writing to memory cannot fail.
        let _ = serde_json::to_writer(&mut body, query);
        if mode == SegmentMode::Global {
            body.extend_from_slice(b",\"segments\":");
            body.extend_from_slice(segments.json());
        }
        let print = fingerprint::of(&body);
        let hash = format!("{:08x}", (print ^ (print >> 32)) & 0xffff_ffff);
        let _ = write!(
            body,
            ",\"meta\":{{\"revisionId\":{revision},\"etag\":\"\\\"{hash}:{revision}:v1\\\"\",\
             \"queryHash\":\"{hash}\"}}}}"
        );
        Self {
            bytes: body.into(),
            etag: format!("\"{hash}:{revision}:v1\"").into(),
            gzip: OnceLock::new(),
            brotli: OnceLock::new(),
            zstd: OnceLock::new(),
            used: AtomicBool::new(false),
        }
    }

    /// The entity tag, quotes included.
    #[must_use]
    pub fn etag(&self) -> &Bytes {
        &self.etag
    }

    /// The body as it is.
    #[must_use]
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// The body in the encoding wished for, or as it is when that would not help. Says which.
    #[must_use]
    pub fn encoded(&self, wish: Encoding) -> (&Bytes, Encoding) {
        if self.bytes.len() < WORTH_COMPRESSING {
            return (&self.bytes, Encoding::Identity);
        }
        let bytes = match wish {
            Encoding::Identity => &self.bytes,
            Encoding::Gzip => self.gzip.get_or_init(|| gzip(&self.bytes)),
            Encoding::Brotli => self.brotli.get_or_init(|| brotli(&self.bytes)),
            Encoding::Zstd => self.zstd.get_or_init(|| zstd(&self.bytes)),
        };
        if bytes.is_empty() {
            return (&self.bytes, Encoding::Identity);
        }
        (bytes, wish)
    }

    pub(super) fn mark_used(&self) {
        // Looking first keeps the cache line shared between cores.
        if !self.used.load(Ordering::Relaxed) {
            self.used.store(true, Ordering::Relaxed);
        }
    }

    pub(super) fn is_used(&self) -> bool {
        self.used.load(Ordering::Relaxed)
    }
}

/// Levels are chosen so that a body of a thousand flags takes a few milliseconds, once for each change.
fn gzip(body: &[u8]) -> Bytes {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
    let written = encoder.write_all(body).and_then(|()| encoder.finish());
    written.unwrap_or_default().into()
}

fn brotli(body: &[u8]) -> Bytes {
    let mut out = Vec::new();
    let parameters = brotli::enc::BrotliEncoderParams {
        quality: 5,
        ..Default::default()
    };
    match brotli::BrotliCompress(&mut &*body, &mut out, &parameters) {
        Ok(_) => out.into(),
        Err(_) => Bytes::new(),
    }
}

fn zstd(body: &[u8]) -> Bytes {
    zstd::bulk::compress(body, 6).unwrap_or_default().into()
}
