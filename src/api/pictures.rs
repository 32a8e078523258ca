//! Base64 to bytes in chunks cut anywhere, without a copy of the text.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// Decodes one text after another. Standard alphabet; padding may be missing; anything else between is junk.
#[derive(Debug, Default)]
pub(crate) struct Base64 {
    /// The characters of a quartet that is not full yet.
    carry: [u8; 4],
    carried: usize,
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
    pub(crate) fn push(
        &mut self,
        text: &[u8],
        out: &mut impl FnMut(&[u8]),
    ) -> Result<(), NotBase64> {
        self.any |= !text.is_empty();
        let text = self.fill_carry(text, out)?;
        let (whole, rest) = text.split_at(text.len() - text.len() % 4);
        for block in whole.chunks(BLOCK) {
            self.decode(block, out)?;
        }
        if self.padded && !rest.is_empty() {
            return Err(NotBase64);
        }
        self.carry[self.carried..self.carried + rest.len()].copy_from_slice(rest);
        self.carried += rest.len();
        Ok(())
    }

    /// Ends the text; `false` where it was empty. Ready for the next one.
    pub(crate) fn finish(&mut self, out: &mut impl FnMut(&[u8])) -> Result<bool, NotBase64> {
        let carry = self.carry;
        let mut last = &carry[..std::mem::take(&mut self.carried)];
        while let Some(unpadded) = last.strip_suffix(b"=") {
            last = unpadded;
        }
        let ended = self.decode(last, out);
        self.padded = false;
        ended.map(|()| std::mem::take(&mut self.any))
    }

    /// As new, with its memory.
    pub(crate) fn fresh(self) -> Self {
        Self {
            decoded: self.decoded,
            ..Self::default()
        }
    }

    /// Completes the quartet begun before, and gives what is left of the text.
    fn fill_carry<'a>(
        &mut self,
        text: &'a [u8],
        out: &mut impl FnMut(&[u8]),
    ) -> Result<&'a [u8], NotBase64> {
        if self.carried == 0 {
            return Ok(text);
        }
        let taken = text.len().min(4 - self.carried);
        let (head, rest) = text.split_at(taken);
        self.carry[self.carried..self.carried + taken].copy_from_slice(head);
        self.carried += taken;
        if self.carried == 4 {
            self.carried = 0;
            let quartet = self.carry;
            self.decode(&quartet, out)?;
        }
        Ok(rest)
    }

    fn decode(&mut self, text: &[u8], out: &mut impl FnMut(&[u8])) -> Result<(), NotBase64> {
        if text.is_empty() {
            return Ok(());
        }
        if self.padded {
            return Err(NotBase64);
        }
        self.padded = text.ends_with(b"=");
        self.decoded.resize(BLOCK / 4 * 3, 0);
        let length = ENGINE
            .decode_slice(text, &mut self.decoded)
            .map_err(|_junk| NotBase64)?;
        out(&self.decoded[..length]);
        Ok(())
    }
}
