//! A zlib stream (RFC 1950, RFC 1951) of rows that are mostly like the one above: written run by run, not byte by byte.
//!
//! A mask of 4096x4096 pixels is 64 MB of RGBA, of which a deflate of general purpose looks at each byte.

/// The symbols of literals, of the block's end and of lengths.
const SYMBOLS: usize = 286;
const END: usize = 256;
/// The longest match.
const LONGEST: usize = 258;
/// The base of Adler-32.
const BASE: u64 = 65_521;

/// How many bits a symbol has: one set for every mask. Zeros are where a row is like the one above; a soft edge changes from
/// one row to the next by little.
const fn bits_of(symbol: usize) -> u32 {
    match symbol {
        0 => 1,
        285 => 3,
        1 | 255 => 4,
        2 | 254 => 5,
        3 | 4 | 252 | 253 => 7,
        5..=26 | 230..=251 => 10,
        _ => 11,
    }
}

/// The bit counts that are used, and one more, so that three bits name each of them.
const BIT_COUNTS: [u32; 8] = [1, 3, 4, 5, 7, 10, 11, 15];
/// In which order a block says how many bits the bit counts have.
const ORDER: [u32; 19] = [
    16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
];

/// A code as it is written: its first bit lowest.
#[derive(Debug, Clone, Copy)]
struct Code {
    bits: u32,
    count: u32,
}

/// RFC 1951, 3.2.2: codes of the same length follow each other, and shorter ones come first.
const CODES: [Code; SYMBOLS] = {
    let mut codes = [Code { bits: 0, count: 0 }; SYMBOLS];
    let (mut next, mut count) = (0, 1);
    while count <= 15 {
        let mut symbol = 0;
        while symbol < SYMBOLS {
            if bits_of(symbol) == count {
                let bits = u32::reverse_bits(next) >> (32 - count);
                codes[symbol] = Code { bits, count };
                next += 1;
            }
            symbol += 1;
        }
        next <<= 1;
        count += 1;
    }
    codes
};

/// The stream in the making.
#[derive(Debug)]
pub(super) struct Runs {
    bytes: Vec<u8>,
    /// Not yet whole bytes, the first bit lowest.
    bits: u64,
    count: u32,
    /// Adler-32, its two sums.
    sums: [u64; 2],
}

impl Runs {
    pub(super) fn new() -> Self {
        let mut runs = Self {
            // Deflate with a window of 32 KB; the two bytes are a multiple of 31.
            bytes: vec![0x78, 0x01],
            bits: 0,
            count: 0,
            sums: [1, 0],
        };
        // The last block, with codes of its own: 286 of symbols, one of distances, 19 of bit counts.
        runs.put(1, 1);
        runs.put(2, 2);
        runs.put(SYMBOLS as u32 - 257, 5);
        runs.put(0, 5);
        runs.put(ORDER.len() as u32 - 4, 4);
        for count in ORDER {
            runs.put(if BIT_COUNTS.contains(&count) { 3 } else { 0 }, 3);
        }
        for symbol in 0..SYMBOLS {
            runs.bit_count(bits_of(symbol));
        }
        // The only distance, to the byte before, has one bit.
        runs.bit_count(1);
        runs
    }

    fn bit_count(&mut self, count: u32) {
        let place = BIT_COUNTS.iter().position(|it| *it == count).unwrap_or(0);
        self.put((place as u32).reverse_bits() >> 29, 3);
    }

    /// At most 16 bits.
    fn put(&mut self, bits: u32, count: u32) {
        self.bits |= u64::from(bits) << self.count;
        self.count += count;
        if self.count >= 32 {
            self.bytes
                .extend_from_slice(&(self.bits as u32).to_le_bytes());
            self.bits >>= 32;
            self.count -= 32;
        }
    }

    fn symbol(&mut self, symbol: usize) {
        let Code { bits, count } = CODES[symbol];
        self.put(bits, count);
    }

    pub(super) fn byte(&mut self, byte: u8) {
        let [a, b] = self.sums;
        let a = (a + u64::from(byte)) % BASE;
        self.sums = [a, (b + a) % BASE];
        self.symbol(usize::from(byte));
    }

    /// So many zeros.
    pub(super) fn zeros(&mut self, count: usize) {
        let [a, b] = self.sums;
        self.sums = [a, (b + a * count as u64) % BASE];
        if count == 0 {
            return;
        }
        self.symbol(0);
        let (matches, rest) = ((count - 1) / LONGEST, (count - 1) % LONGEST);
        for _ in 0..matches {
            self.symbol(285);
            self.put(0, 1);
        }
        // A zero has one bit, a length and its distance have about 16.
        if rest < 16 {
            return (0..rest).for_each(|_| self.symbol(0));
        }
        // RFC 1951, 3.2.5: from 11 on four symbols share each count of extra bits.
        let offset = rest - 3;
        let extra = offset.ilog2() - 2;
        self.symbol(257 + 4 * extra as usize + (offset >> extra));
        self.put((offset & ((1 << extra) - 1)) as u32, extra);
        self.put(0, 1);
    }

    /// What each byte is less the one above it, which `less` says, and before each of them so many zeros.
    pub(super) fn differences<const BEFORE: usize>(
        &mut self,
        above: &[u8],
        row: &[u8],
        less: impl Fn(u8, u8) -> u8 + Copy,
    ) {
        let mut zeros = 0;
        let (aboves, rows) = (above.as_chunks::<8>(), row.as_chunks::<8>());
        for (above, row) in aboves.0.iter().zip(rows.0) {
            if u64::from_le_bytes(*above) == u64::from_le_bytes(*row) {
                zeros += 8 * (BEFORE + 1);
            } else {
                zeros = self.each_difference::<BEFORE>(above, row, less, zeros);
            }
        }
        zeros = self.each_difference::<BEFORE>(aboves.1, rows.1, less, zeros);
        self.zeros(zeros);
    }

    /// So many zeros are not yet written, before and after that.
    fn each_difference<const BEFORE: usize>(
        &mut self,
        above: &[u8],
        row: &[u8],
        less: impl Fn(u8, u8) -> u8,
        mut zeros: usize,
    ) -> usize {
        for (above, byte) in above.iter().zip(row) {
            zeros += BEFORE;
            if above == byte {
                zeros += 1;
            } else {
                self.zeros(std::mem::take(&mut zeros));
                self.byte(less(*byte, *above));
            }
        }
        zeros
    }

    /// How many bytes there are so far.
    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    pub(super) fn finish(mut self) -> Vec<u8> {
        self.symbol(END);
        // To whole bytes; at most 31 bits wait here.
        let rest = self.count.div_ceil(8) as usize;
        self.bytes
            .extend_from_slice(&self.bits.to_le_bytes()[..rest]);
        let [a, b] = self.sums;
        self.bytes
            .extend_from_slice(&((b << 16 | a) as u32).to_be_bytes());
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use miniz_oxide::inflate::decompress_to_vec_zlib;

    #[test]
    fn the_codes_leave_no_bit_pattern_over() {
        let patterns = |symbol| 1 << (15 - bits_of(symbol));
        assert_eq!((0..SYMBOLS).map(patterns).sum::<u32>(), 1 << 15);
        assert!((0..SYMBOLS).all(|symbol| BIT_COUNTS.contains(&bits_of(symbol))));
    }

    #[test]
    fn each_byte_and_each_run_is_read_as_it_was_written() {
        let (mut runs, mut all) = (Runs::new(), Vec::new());
        for count in (0..1_200).chain([16_384, 100_000]) {
            let byte = (count % 255) as u8 + 1;
            runs.zeros(count);
            runs.byte(byte);
            all.resize(all.len() + count, 0);
            all.push(byte);
        }
        runs.byte(0);
        runs.zeros(3);
        all.extend([0; 4]);
        // With its check sum.
        assert!(read(runs) == all);
        assert!(read(Runs::new()).is_empty());
    }

    fn read(runs: Runs) -> Vec<u8> {
        decompress_to_vec_zlib(&runs.finish()).unwrap()
    }
}
