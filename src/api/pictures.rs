//! Base64 to bytes in chunks cut anywhere, without a copy of the text.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// Decodes one text after another. Standard alphabet; padding may be missing; anything else between is junk.
#[derive(Debug, Default)]
pub(crate) struct Base64 {
    /// Characters not decoded yet: a block is filled first, so that a text in small pieces costs no more than one in large.
    staged: Vec<u8>,
    /// The padding was read: nothing may follow.
    padded: bool,
    any: bool,
    decoded: Vec<u8>,
}

/// The text is not base64.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotBase64;

/// Characters decoded at a time: 48 KiB of picture.
const BLOCK: usize = 64 * 1024;

const ENGINE: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

impl Base64 {
    /// Takes the next characters; `out` gets 48 KiB at a time.
    pub(crate) fn push(
        &mut self,
        mut text: &[u8],
        out: &mut impl FnMut(&[u8]),
    ) -> Result<(), NotBase64> {
        self.any |= !text.is_empty();
        while !text.is_empty() {
            let (head, rest) = text.split_at(text.len().min(BLOCK - self.staged.len()));
            self.staged.extend_from_slice(head);
            text = rest;
            if self.staged.len() == BLOCK {
                self.decode(BLOCK, out)?;
                self.staged.clear();
            }
        }
        Ok(())
    }

    /// Ends the text; `false` where it was empty.
    pub(crate) fn finish(&mut self, out: &mut impl FnMut(&[u8])) -> Result<bool, NotBase64> {
        let whole = self.staged.len() - self.staged.len() % 4;
        self.decode(whole, out)?;
        self.staged.drain(..whole);
        if self.padded && !self.staged.is_empty() {
            return Err(NotBase64);
        }
        while self.staged.ends_with(b"=") {
            self.staged.pop();
        }
        self.decode(self.staged.len(), out)?;
        let any = self.any;
        self.clear();
        Ok(any)
    }

    /// Ready for another text.
    pub(crate) fn clear(&mut self) {
        self.staged.clear();
        (self.padded, self.any) = (false, false);
    }

    /// Decodes the first staged characters.
    fn decode(&mut self, length: usize, out: &mut impl FnMut(&[u8])) -> Result<(), NotBase64> {
        if length == 0 {
            return Ok(());
        }
        if self.padded {
            return Err(NotBase64);
        }
        let text = &self.staged[..length];
        self.padded = text.ends_with(b"=");
        self.decoded.resize(BLOCK / 4 * 3, 0);
        let decoded = ENGINE
            .decode_slice(text, &mut self.decoded)
            .map_err(|_junk| NotBase64)?;
        out(&self.decoded[..decoded]);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn texts_around_a_block(near in -5_isize..5, pieces in 1_usize..70_000, padded: bool, byte: u8) {
            let bytes = vec![byte; (BLOCK / 4 * 3).saturating_add_signed(near)];
            let text = if padded { STANDARD.encode(&bytes) } else { STANDARD_NO_PAD.encode(&bytes) };
            let (mut decoder, mut decoded) = (Base64::default(), Vec::new());
            for _ in 0..2 {
                let mut out = |bytes: &[u8]| decoded.extend_from_slice(bytes);
                for piece in text.as_bytes().chunks(pieces) {
                    decoder.push(piece, &mut out).unwrap();
                }
                prop_assert_eq!(decoder.finish(&mut out), Ok(true));
            }
            prop_assert_eq!(decoded, [bytes.clone(), bytes].concat());
        }
    }
}
