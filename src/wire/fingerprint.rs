//! A fast fingerprint of bytes, for entity tags. Equal on all machines and in all versions; no secret depends on it.

/// Odd numbers with about as many ones as zeros. The two factors of a product never get the same one.
const KEYS: [u64; 4] = [
    0x9e37_79b9_7f4a_7c15,
    0xd1b5_4a32_d192_ed03,
    0xa3c5_9ac2_1f6e_4b87,
    0x8cb9_2ba7_2f3d_8dd7,
];

/// Multiplies to 128 bits and folds the halves together: each bit of the input reaches most of the output.
const fn fold(a: u64, b: u64) -> u64 {
    let product = (a as u128) * (b as u128);
    let (low, high) = (product as u64, (product >> 64) as u64);
    low ^ high
}

/// The fingerprint of `bytes`.
#[must_use]
pub fn of(bytes: &[u8]) -> u64 {
    let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    let (blocks, rest) = bytes.as_chunks::<32>();
    let (mut one, mut two) = (KEYS[2] ^ length, KEYS[3]);
    for block in blocks {
        let (words, _) = block.as_chunks::<8>();
        if let [a, b, c, d] = words {
            one = fold(
                u64::from_le_bytes(*a) ^ one,
                u64::from_le_bytes(*b) ^ KEYS[0],
            );
            two = fold(
                u64::from_le_bytes(*c) ^ two,
                u64::from_le_bytes(*d) ^ KEYS[1],
            );
        }
    }
    let (words, tail) = rest.as_chunks::<8>();
    for word in words {
        one = fold(u64::from_le_bytes(*word) ^ one, KEYS[1]);
    }
    let mut last = [0; 8];
    for (to, from) in last.iter_mut().zip(tail) {
        *to = *from;
    }
    fold(fold(u64::from_le_bytes(last) ^ one, KEYS[0]) ^ two, KEYS[1])
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::of;

    #[test]
    fn every_single_bit_counts() {
        for length in [1, 7, 8, 9, 31, 32, 33, 64, 100] {
            let mut bytes = vec![0_u8; length];
            let mut seen = BTreeSet::from([of(&bytes)]);
            for bit in 0..length * 8 {
                bytes[bit / 8] ^= 1 << (bit % 8);
                assert!(seen.insert(of(&bytes)), "bit {bit} of {length} bytes");
                bytes[bit / 8] ^= 1 << (bit % 8);
            }
        }
    }

    #[test]
    fn the_length_counts() {
        let zeros = [0; 100];
        let all: BTreeSet<u64> = (0..=100).map(|length| of(&zeros[..length])).collect();
        assert_eq!(all.len(), 101);
    }

    #[test]
    fn it_stays_the_same_for_ever() {
        assert_eq!(
            [
                of(b""),
                of(b"{\"version\":2,\"features\":[]}, and some more")
            ],
            FIXED
        );
    }

    const FIXED: [u64; 2] = [5_724_048_826_384_398_560, 816_248_574_060_719_377];
}
