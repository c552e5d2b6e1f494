//! Where a user falls: hashing to buckets, and chance.

use std::io::Read;

/// The seed of variants, so that the share of a variant does not follow from the share of the rollout.
pub(super) const VARIANT_SEED: u32 = 86_028_157;

/// Chance, handed in so that the engine stays pure.
pub trait Dice {
    /// A number from 1 to `sides`, all equally likely. `sides` is never 0.
    fn roll(&mut self, sides: u32) -> u32;
}

/// The group half of a hash: its text and the colon, joined ahead of time.
#[derive(Debug)]
pub(super) struct Group(Box<str>);

impl Group {
    pub(super) fn new(name: &str) -> Self {
        Self(format!("{name}:").into())
    }

    /// The bucket of `id`, from 1 to 100.
    pub(super) fn percentile(&self, id: &str) -> u32 {
        into_buckets(hash(&self.0, id, 0), 100)
    }

    /// The bucket of `id`, from 1 to `total`; 0 when there are no buckets.
    pub(super) fn share(&self, id: &str, total: u32) -> u32 {
        into_buckets(hash(&self.0, id, VARIANT_SEED), total)
    }
}

/// The bucket, from 1 to `buckets`, of `id` in `group` (contract EVALUATION §3). The text is hashed as UTF-8.
///
/// Returns 0 when `buckets` is 0.
#[must_use]
pub fn bucket(group: &str, id: &str, seed: u32, buckets: u32) -> u32 {
    into_buckets(hash(&format!("{group}:"), id, seed), buckets)
}

fn into_buckets(hash: u32, buckets: u32) -> u32 {
    hash.checked_rem(buckets).map_or(0, |rest| rest + 1)
}

/// Texts up to this many bytes are joined on the stack: one slice is hashed three times as fast as a chain of two.
const JOINED: usize = 128;

fn hash(group: &str, id: &str, seed: u32) -> u32 {
    let (group, id) = (group.as_bytes(), id.as_bytes());
    let mut joined = [0; JOINED];
    let length = group.len() + id.len();
    if let Some(both) = joined.get_mut(..length) {
        let (head, tail) = both.split_at_mut(group.len());
        head.copy_from_slice(group);
        tail.copy_from_slice(id);
        return murmur(&mut &*both, seed);
    }
    murmur(&mut group.chain(id), seed)
}

fn murmur(text: &mut impl Read, seed: u32) -> u32 {
    // Reading from memory cannot fail.
    murmur3::murmur3_32(text, seed).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Group, id, seed, number of buckets, bucket: the vectors of contract EVALUATION §3.
    const VECTORS: &[(&str, &str, u32, u32, u32)] = &[
        ("gr1", "123", 0, 100, 73),
        ("groupX", "999", 0, 100, 25),
        ("AB12A", "122", 0, 100, 23),
        ("ctr-shared-group", "u1", 0, 100, 50),
        ("ctr-shared-group", "u2", 0, 100, 65),
        ("ctr-12", "u9", 0, 100, 40),
        ("ctr-13", "s-42", 0, 100, 80),
        ("Feature.flexibleRollout.userId.55", "49", 0, 100, 52),
        (
            "Feature.flexible.rollout.custom.stickiness_50",
            "388",
            0,
            100,
            10,
        ),
        (
            "Feature.flexible.rollout.custom.stickiness_50",
            "402",
            0,
            100,
            55,
        ),
        ("", "u1", 0, 100, 77),
        ("ctr-05-flex-default-50", "", 0, 100, 98),
        ("a:b", "c", 0, 100, 98),
        ("a", "b:c", 0, 100, 98),
        ("toggle", "00000000-0000-0000-0000-000000000000", 0, 100, 80),
        ("UPPER", "case", 0, 100, 100),
        ("upper", "case", 0, 100, 42),
        ("g", "1", 0, 1000, 285),
        ("g", "1", 86028157, 1000, 720),
        ("g", "1", 86028157, 100, 20),
        ("ctr-var-payloads", "u1", 86028157, 1000, 504),
        ("ctr-var-payloads", "u9", 86028157, 1000, 513),
        ("ctr-var-payloads", "1", 86028157, 1000, 298),
        ("ctr-svar-group", "u1", 86028157, 1000, 174),
        ("ctr-svar-group", "zz", 86028157, 1000, 625),
        ("ctr-var-sticky-tenant", "acme", 86028157, 1000, 204),
        ("gr1", "123", 86028157, 1000, 796),
        ("groupX", "999", 86028157, 1000, 260),
        (
            "Feature.flexible.rollout.custom.stickiness_100",
            "616",
            86028157,
            100,
            15,
        ),
        (
            "Feature.flexible.rollout.custom.stickiness_100",
            "503",
            86028157,
            100,
            35,
        ),
        (
            "Feature.flexible.rollout.custom.stickiness_100",
            "438",
            86028157,
            100,
            60,
        ),
        (
            "Feature.flexible.rollout.custom.stickiness_100",
            "44",
            86028157,
            100,
            98,
        ),
        ("w3", "u7", 86028157, 3, 2),
        ("w1", "u7", 86028157, 1, 1),
        ("spaced group", " id ", 0, 100, 95),
        ("grp", "blåbær", 0, 100, 69),
        ("grp", "漢字", 0, 100, 99),
        ("gruppe-ø", "u1", 86028157, 1000, 214),
        ("grp", "🫐", 0, 100, 80),
    ];

    #[test]
    fn the_vectors_of_the_contract_hold() {
        assert_eq!(VECTORS.len(), 39);
        for &(group, id, seed, buckets, expected) in VECTORS {
            assert_eq!(
                bucket(group, id, seed, buckets),
                expected,
                "{group}:{id} seed {seed}"
            );
        }
    }

    #[test]
    fn long_texts_hash_like_short_ones() {
        for length in [0, 1, 119, 120, 121, 126, 127, 128, 129, 1000] {
            let (group, id) = ("g".repeat(length), "ø🫐".repeat(length));
            let mut whole = format!("{group}:{id}");
            let expected = murmur3::murmur3_32(&mut whole.as_bytes(), 7).unwrap();
            assert_eq!(hash(&format!("{group}:"), &id, 7), expected);
            whole.clear();
        }
    }

    #[test]
    fn no_buckets_is_no_bucket() {
        assert_eq!(bucket("g", "id", 0, 0), 0);
    }
}
