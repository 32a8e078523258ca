//! Bytes compared and mixed eight at a time.

const WORD: usize = 8;

/// How many bytes two texts share at their beginnings.
pub(super) fn shared_head(a: &[u8], b: &[u8]) -> usize {
    let words = a.as_chunks::<WORD>().0.iter().zip(b.as_chunks().0);
    let equal = words.take_while(|(a, b)| a == b).count() * WORD;
    let rest = a.iter().zip(b).skip(equal);
    equal + rest.take_while(|(a, b)| a == b).count()
}

/// How many bytes two texts share at their ends.
pub(super) fn shared_tail(a: &[u8], b: &[u8]) -> usize {
    let (a_words, b_words) = (a.as_rchunks::<WORD>().1, b.as_rchunks::<WORD>().1);
    let words = a_words.iter().rev().zip(b_words.iter().rev());
    let equal = words.take_while(|(a, b)| a == b).count() * WORD;
    let rest = a.iter().rev().zip(b.iter().rev()).skip(equal);
    equal + rest.take_while(|(a, b)| a == b).count()
}

/// The same as `==`, without a call for a few bytes.
pub(super) fn equal(a: &[u8], b: &[u8]) -> bool {
    let ((a_words, a_rest), (b_words, b_rest)) = (a.as_chunks::<WORD>(), b.as_chunks::<WORD>());
    let rests = || a_rest.iter().zip(b_rest).all(|(a, b)| a == b);
    a.len() == b.len() && a_words.iter().zip(b_words).all(|(a, b)| a == b) && rests()
}

/// A hash that takes one word more; its high bits are the good ones.
#[inline]
pub(super) fn mixed(hash: u64, word: u64) -> u64 {
    (hash.rotate_left(23) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_two_texts_share_is_found_to_the_byte() {
        let text: Vec<u8> = (0..40).collect();
        for at in 0..40 {
            let mut other = text.clone();
            other[at] = 99;
            assert_eq!(shared_head(&text, &other), at);
            assert_eq!(shared_tail(&text, &other), 39 - at);
            assert_eq!(shared_head(&text, &text[..at]), at);
            assert_eq!(shared_tail(&text, &text[at..]), 40 - at);
            assert!(!equal(&text, &other) && !equal(&text, &text[..at]));
            assert!(equal(&text[at..], &text.clone()[at..]));
        }
    }
}
