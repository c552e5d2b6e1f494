//! Compressing answers that differ from request to request: quickly rather than well.

use std::io::Write;

use crate::snapshot::Encoding;

/// Bodies shorter than this are sent as they are.
const WORTH_COMPRESSING: usize = 1024;

/// The body in that encoding, or as it is when that would not help. Says which.
pub(super) fn compressed(body: Vec<u8>, wish: Encoding) -> (Vec<u8>, Encoding) {
    if body.len() < WORTH_COMPRESSING {
        return (body, Encoding::Identity);
    }
    let made = match wish {
        // Brotli's quick levels are no better than these and slower.
        Encoding::Identity | Encoding::Brotli => None,
        Encoding::Gzip => gzip(&body).ok(),
        Encoding::Zstd => zstd::bulk::compress(&body, 1).ok(),
    };
    match made {
        Some(made) => (made, wish),
        None => (body, Encoding::Identity),
    }
}

fn gzip(body: &[u8]) -> std::io::Result<Vec<u8>> {
    let room = Vec::with_capacity(body.len() / 4);
    let mut encoder = flate2::write::GzEncoder::new(room, flate2::Compression::fast());
    encoder.write_all(body)?;
    encoder.finish()
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn what_is_compressed_says_the_same() {
        let body = b"{\"toggles\":[]}".repeat(200);
        let (made, encoding) = compressed(body.clone(), Encoding::Gzip);
        assert_eq!(encoding, Encoding::Gzip);
        let mut back = Vec::new();
        flate2::read::GzDecoder::new(&made[..])
            .read_to_end(&mut back)
            .unwrap();
        assert_eq!(back, body);
        let (made, _) = compressed(body.clone(), Encoding::Zstd);
        assert_eq!(zstd::bulk::decompress(&made, 1 << 20).unwrap(), body);
    }

    #[test]
    fn short_bodies_stay() {
        let (body, encoding) = compressed(b"{}".to_vec(), Encoding::Gzip);
        assert_eq!((&body[..], encoding), (&b"{}"[..], Encoding::Identity));
    }
}
