//! Chance for one request.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use actix_web::{HttpRequest, web};

use crate::auth::tokens::random_bytes;
use crate::engine::Dice;

/// Where chance comes from: a new number each time it is asked. Tests hand in their own.
#[derive(Clone)]
pub struct Seeds(Arc<dyn Fn() -> u64 + Send + Sync>);

impl Seeds {
    /// Seeds from any source.
    pub fn new(source: impl Fn() -> u64 + Send + Sync + 'static) -> Self {
        Self(Arc::new(source))
    }

    /// Seeds that follow from one of the operating system.
    #[must_use]
    pub fn random() -> Self {
        let counter = AtomicU64::new(u64::from_le_bytes(random_bytes()));
        // Mixed, so that requests do not share a stretch of the same sequence.
        Self::new(move || mixed(counter.fetch_add(1, Ordering::Relaxed)))
    }
}

impl fmt::Debug for Seeds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seeds(…)")
    }
}

/// Numbers nobody can foresee, but not secrets.
#[derive(Debug)]
pub(super) struct Chance(u64);

impl Chance {
    pub(super) fn of(request: &HttpRequest) -> Self {
        let seeds = request.app_data::<web::Data<Seeds>>();
        Self(seeds.map_or(0, |seeds| (seeds.0)()))
    }

    /// The "splitmix" generator: one addition and two multiplications a number.
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mixed(self.0)
    }

    /// Sixteen hexadecimal digits: the session of somebody who names none. It is the same for all flags of a
    /// request, so flags of one group agree.
    pub(super) fn session<'b>(&mut self, buffer: &'b mut [u8; 16]) -> &'b str {
        let number = self.next();
        for (place, shift) in buffer.iter_mut().zip((0..64).step_by(4)) {
            let digit = u32::try_from((number >> shift) & 0xf).unwrap_or_default();
            *place = char::from_digit(digit, 16).map_or(b'0', |digit| digit as u8);
        }
        std::str::from_utf8(buffer).unwrap_or_default()
    }
}

impl Dice for Chance {
    fn roll(&mut self, sides: u32) -> u32 {
        let scaled = (self.next() >> 32) * u64::from(sides);
        u32::try_from(scaled >> 32).map_or(1, |below| below + 1)
    }
}

fn mixed(mut number: u64) -> u64 {
    number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_side_comes_up_about_as_often() {
        let mut chance = Chance(7);
        let mut counts = [0_u32; 6];
        for _ in 0..60_000 {
            counts[chance.roll(6) as usize - 1] += 1;
        }
        assert!(
            counts.iter().all(|count| (9_500..10_500).contains(count)),
            "{counts:?}"
        );
    }

    #[test]
    fn sessions_are_hexadecimal_and_differ() {
        let mut chance = Chance(7);
        let (mut one, mut two) = ([0; 16], [0; 16]);
        let (one, two) = (
            chance.session(&mut one).to_owned(),
            chance.session(&mut two).to_owned(),
        );
        assert!(one.bytes().all(|digit| digit.is_ascii_hexdigit()));
        assert_ne!(one, two);
    }
}
