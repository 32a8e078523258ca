//! Finds bytes eight at a time: a reply is a hundred megabytes of base64 between two quotes.

/// Where the first byte that is one of the two stands.
pub(crate) fn find_either(bytes: &[u8], one: u8, other: u8) -> Option<usize> {
    let (words, tail) = bytes.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        let found = matches(*word, one) | matches(*word, other);
        if found != 0 {
            return Some(index * 8 + found.trailing_zeros() as usize / 8);
        }
    }
    tail.iter()
        .position(|byte| *byte == one || *byte == other)
        .map(|at| words.len() * 8 + at)
}

/// The high bit of every byte that matches; bits above the first match may be wrong, and are not read.
fn matches(word: [u8; 8], byte: u8) -> u64 {
    const LOW: u64 = u64::from_le_bytes([0x01; 8]);
    const HIGH: u64 = u64::from_le_bytes([0x80; 8]);
    let differing = u64::from_le_bytes(word) ^ u64::from_le_bytes([byte; 8]);
    differing.wrapping_sub(LOW) & !differing & HIGH
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn finds_what_a_walk_finds(bytes: Vec<u8>, one: u8, other: u8) {
            let walked = bytes.iter().position(|byte| *byte == one || *byte == other);
            prop_assert_eq!(find_either(&bytes, one, other), walked);
        }

        #[test]
        fn finds_the_first_of_few_kinds(bytes in proptest::collection::vec(0_u8..4, 0..40)) {
            let walked = bytes.iter().position(|byte| *byte == 1 || *byte == 2);
            prop_assert_eq!(find_either(&bytes, 1, 2), walked);
        }
    }
}
