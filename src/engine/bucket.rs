//! Where a user falls: hashing to buckets, and chance.

/// The seed of variants, so that the share of a variant does not follow from the share of the rollout.
pub(super) const VARIANT_SEED: u32 = 86_028_157;

/// Chance, handed in so that the engine stays pure.
pub trait Dice {
    /// A number from 1 to `sides`, all equally likely. `sides` is never 0.
    fn roll(&mut self, sides: u32) -> u32;
}

/// The group half of a hash, worked off ahead of time: what users of a rollout or a list of variants have in common.
#[derive(Clone, Copy, Debug)]
pub(super) struct Group {
    /// The hash so far.
    state: u32,
    /// Up to three bytes that do not fill a word yet, the first one lowest.
    rest: u32,
    /// How many bytes the group and the colon have; only the lowest 32 bits count.
    length: u32,
}

impl Group {
    /// The group of a rollout.
    pub(super) fn of_rollout(name: &str) -> Self {
        Self::new(name, 0)
    }

    /// The group of a list of variants.
    pub(super) fn of_variants(name: &str) -> Self {
        Self::new(name, VARIANT_SEED)
    }

    fn new(name: &str, seed: u32) -> Self {
        let whole = format!("{name}:");
        let (words, rest) = whole.as_bytes().as_chunks::<4>();
        Self {
            state: words.iter().fold(seed, |state, word| {
                mixed_in(state, scrambled(u32::from_le_bytes(*word)))
            }),
            rest: little_endian(rest),
            length: counted(whole.len()),
        }
    }

    /// The bucket of `id`, from 1 to `buckets`; 0 when there are none.
    pub(super) fn bucket(self, id: &str, buckets: u32) -> u32 {
        into_buckets(self.hash(id.as_bytes()), buckets)
    }

    /// The same for an id that many groups ask about.
    pub(super) fn bucket_of(self, id: &Id<'_>, buckets: u32) -> u32 {
        into_buckets(self.hash_of(id), buckets)
    }

    /// The bucket of `id` among a hundred.
    pub(super) fn percentile_of(self, id: &Id<'_>) -> u32 {
        // A constant divisor needs no division.
        self.hash_of(id) % 100 + 1
    }

    /// The buckets of `id` among a hundred in several groups at once.
    pub(super) fn percentiles_of(groups: &[Self; LANES], id: &Id<'_>) -> [u32; LANES] {
        let pending = groups.first().map_or(0, |group| group.pending());
        let together = groups.iter().all(|group| group.pending() == pending);
        let Some(form) = id.form(pending).filter(|form| together && form.count > 0) else {
            return groups.map(|group| group.percentile_of(id));
        };
        let first = |group: Self| mixed_in(group.state, scrambled(group.rest | form.first));
        let mut states = groups.map(first);
        for word in form.words.iter().take(form.count).skip(1) {
            states = states.map(|state| mixed_in(state, *word));
        }
        let length = counted(id.text.len());
        let lengths = groups.map(|group| group.length.wrapping_add(length));
        for (state, length) in states.iter_mut().zip(lengths) {
            *state = finished(*state ^ form.last ^ length) % 100 + 1;
        }
        states
    }

    /// MurmurHash3, x86, 32 bits, of the group, the colon and `id`.
    fn hash(self, id: &[u8]) -> u32 {
        let mut state = self.state;
        let last = each_word(self.pending(), self.rest, id, |word| {
            state = mixed_in(state, scrambled(word));
        });
        self.finished(state ^ scrambled(last), id.len())
    }

    fn hash_of(self, id: &Id<'_>) -> u32 {
        let Some(form) = id.form(self.pending()) else {
            return self.hash(id.text.as_bytes());
        };
        // What the group left over is the beginning of the first word.
        let first = scrambled(self.rest | form.first);
        if form.count == 0 {
            return self.finished(self.state ^ first, id.text.len());
        }
        let words = form.words.iter().take(form.count).skip(1);
        let state = words.fold(mixed_in(self.state, first), |state, word| {
            mixed_in(state, *word)
        });
        self.finished(state ^ form.last, id.text.len())
    }

    /// How many bytes of the group wait for a word to be full.
    pub(super) fn pending(self) -> usize {
        self.length as usize % 4
    }

    fn finished(self, state: u32, length: usize) -> u32 {
        finished(state ^ self.length.wrapping_add(counted(length)))
    }
}

/// How many groups are hashed side by side: what vector registers hold, and some to wait for.
pub(super) const LANES: usize = 16;

/// The longest id in bytes that is worked off ahead of time. Longer ones are hashed as they come.
const LONGEST: usize = 4 * WORDS - 4;
const WORDS: usize = 16;

/// The id of a user that many groups ask about, worked off as far as that can be done without knowing the group:
/// where its words begin depends on how many bytes the group leaves over.
#[derive(Debug)]
pub(super) struct Id<'t> {
    text: &'t str,
    /// By the number of bytes left over. None for long ids.
    forms: [Form; 4],
    known: usize,
}

/// An id as words, behind some bytes of the group.
#[derive(Clone, Copy, Default, Debug)]
struct Form {
    /// The first word, or the bytes that do not fill one.
    first: u32,
    /// All words, scrambled.
    words: [u32; WORDS],
    count: usize,
    /// The bytes after the last word, scrambled.
    last: u32,
}

impl<'t> Id<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        let mut forms = [Form::default(); 4];
        let known = match text.len() {
            ..=LONGEST => forms.len(),
            _ => 0,
        };
        for (pending, form) in forms.iter_mut().take(known).enumerate() {
            let last = each_word(pending, 0, text.as_bytes(), |word| {
                if form.count == 0 {
                    form.first = word;
                }
                if let Some(place) = form.words.get_mut(form.count) {
                    *place = scrambled(word);
                }
                form.count += 1;
            });
            if form.count == 0 {
                form.first = last;
            }
            form.last = scrambled(last);
        }
        Self { text, forms, known }
    }

    pub(super) fn text(&self) -> &'t str {
        self.text
    }

    fn form(&self, pending: usize) -> Option<&Form> {
        self.forms.get(..self.known)?.get(pending)
    }
}

/// Calls `on_word` for each full word of the `pending` bytes in `rest` and the bytes of `id`. Returns what is left.
fn each_word(pending: usize, rest: u32, id: &[u8], mut on_word: impl FnMut(u32)) -> u32 {
    // At most three bytes wait before each step, seven within.
    let mut waiting = u64::from(rest);
    let (words, rest) = id.as_chunks::<4>();
    for word in words {
        waiting |= u64::from(u32::from_le_bytes(*word)) << (8 * pending);
        on_word(lowest(waiting));
        waiting >>= 32;
    }
    waiting |= u64::from(little_endian(rest)) << (8 * pending);
    if pending + rest.len() >= 4 {
        on_word(lowest(waiting));
        waiting >>= 32;
    }
    lowest(waiting)
}

/// The bucket, from 1 to `buckets`, of `id` in `group` (contract EVALUATION §3). The text is hashed as UTF-8.
///
/// Returns 0 when `buckets` is 0.
#[must_use]
pub fn bucket(group: &str, id: &str, seed: u32, buckets: u32) -> u32 {
    Group::new(group, seed).bucket(id, buckets)
}

fn scrambled(word: u32) -> u32 {
    word.wrapping_mul(0xcc9e_2d51)
        .rotate_left(15)
        .wrapping_mul(0x1b87_3593)
}

fn mixed_in(state: u32, scrambled: u32) -> u32 {
    (state ^ scrambled)
        .rotate_left(13)
        .wrapping_mul(5)
        .wrapping_add(0xe654_6b64)
}

fn finished(mut state: u32) -> u32 {
    state = (state ^ (state >> 16)).wrapping_mul(0x85eb_ca6b);
    state = (state ^ (state >> 13)).wrapping_mul(0xc2b2_ae35);
    state ^ (state >> 16)
}

fn into_buckets(hash: u32, buckets: u32) -> u32 {
    hash.checked_rem(buckets).map_or(0, |rest| rest + 1)
}

/// Up to four bytes as a number.
fn little_endian(bytes: &[u8]) -> u32 {
    let add = |number, byte: &u8| (number << 8) | u32::from(*byte);
    bytes.iter().rev().fold(0, add)
}

/// Lengths enter the hash modulo 2^32.
fn counted(length: usize) -> u32 {
    length as u32
}

fn lowest(waiting: u64) -> u32 {
    waiting as u32
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

    proptest::proptest! {
        #[test]
        fn the_hash_is_that_of_the_murmur3_crate(group in ".{0,9}", id in ".{0,30}", seed: u32) {
            let whole = format!("{group}:{id}");
            let expected = murmur3::murmur3_32(&mut whole.as_bytes(), seed).unwrap();
            let group = Group::new(&group, seed);
            proptest::prop_assert_eq!(group.hash(id.as_bytes()), expected);
            proptest::prop_assert_eq!(group.hash_of(&Id::new(&id)), expected);
            let many = Group::percentiles_of(&[group; LANES], &Id::new(&id));
            proptest::prop_assert_eq!(many, [expected % 100 + 1; LANES]);
        }
    }

    #[test]
    fn no_buckets_is_no_bucket() {
        assert_eq!(bucket("g", "id", 0, 0), 0);
    }
}
