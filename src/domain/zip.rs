//! Zip archives in one canonical form: stored entries one behind the other, then their directory, Zip64 where it must be.
//!
//! Plain bytes, no input and no output. The writer says what to put before each entry and at the end. The reader is told the
//! length of a file and asks for stretches of it: its two ends, the directory, then whatever entry is wanted. What is not in
//! the form that the writer gives it is refused, so every byte outside the entries themselves is known to be right.

use std::collections::HashSet;
use std::ops::Range;

/// The most entries of an archive.
pub const MOST_ENTRIES: u64 = 100_000;
/// The most bytes of one entry.
pub const MOST_ENTRY_BYTES: u64 = 1 << 30;
/// The most bytes of all entries.
pub const MOST_BYTES: u64 = 20_000_000_000;
/// What a file's end is read of at first: the end records, behind the longest comment.
const TAIL_BYTES: u64 = 22 + 20 + 56 + 0xFFFF;

const LOCAL: u32 = 0x0403_4B50;
const CENTRAL: u32 = 0x0201_4B50;
const END: u32 = 0x0605_4B50;
const END_64: u32 = 0x0606_4B50;
const LOCATOR_64: u32 = 0x0706_4B50;
/// Version 2.0 of the format has all that stored entries need; 4.5 brought Zip64.
const VERSION: u16 = 20;
const VERSION_64: u16 = 45;
/// 1980-01-01: the day of an entry says nothing, so that equal pictures make equal archives.
const DATE: u16 = 0x21;
const ABOVE_16: u16 = 0xFFFF;
const ABOVE_32: u32 = 0xFFFF_FFFF;

/// One stored file of an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub name: String,
    pub bytes: u64,
    pub crc32: u32,
    /// Where its local header begins.
    at: u64,
}

/// Why a file is no archive as this module writes them. The names are of entries.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ZipFault {
    #[error("no zip archive")]
    NotAZip,
    /// It begins like one, and its end is missing.
    #[error("the end of the archive is missing")]
    CutShort,
    /// Something stands behind its end, or its end has a comment.
    #[error("something follows the end of the archive")]
    Trailing,
    #[error("a part of an archive that was split over several files")]
    Split,
    #[error("{0} entries are too many")]
    TooManyEntries(u64),
    /// The directory does not lie where the end says.
    #[error("the directory is not where it should be")]
    Directory,
    /// The directory is damaged, or has fewer or more entries than the end says.
    #[error("the directory cannot be read")]
    Listing,
    #[error("an entry that does not belong here: {0:?}")]
    Name(String),
    #[error("twice there: {0}")]
    Twice(String),
    #[error("encrypted: {0}")]
    Encrypted(String),
    #[error("compressed: {0}")]
    Compressed(String),
    #[error("a link: {0}")]
    Link(String),
    #[error("it says two different sizes: {0}")]
    Size(String),
    #[error("too large: {0}")]
    TooLarge(String),
    #[error("it shares bytes with another entry: {0}")]
    Overlap(String),
    #[error("unnamed bytes before it: {0}")]
    Gap(String),
    /// Written by another program, or damaged.
    #[error("written in another form: {0}")]
    Form(String),
    /// Its bytes are not those of its check sum.
    #[error("damaged: {0}")]
    Damaged(String),
}

impl Entry {
    /// What stands before its bytes.
    fn header(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(30 + self.name.len());
        put32(&mut out, LOCAL);
        for half in [VERSION, 0, 0, 0, DATE] {
            put16(&mut out, half);
        }
        self.put_sums(&mut out);
        put16(&mut out, 0);
        out.extend(self.name.as_bytes());
        out
    }

    /// What the directory says of it.
    fn listed(&self) -> Vec<u8> {
        let is_far = self.at >= u64::from(ABOVE_32);
        let version = if is_far { VERSION_64 } else { VERSION };
        let mut out = Vec::with_capacity(46 + self.name.len() + 12);
        put32(&mut out, CENTRAL);
        for half in [version, version, 0, 0, 0, DATE] {
            put16(&mut out, half);
        }
        self.put_sums(&mut out);
        // The extra field's length; no comment, the first disk, no attributes.
        for half in [if is_far { 12 } else { 0 }, 0, 0, 0, 0, 0] {
            put16(&mut out, half);
        }
        put32(&mut out, u32::try_from(self.at).unwrap_or(ABOVE_32));
        out.extend(self.name.as_bytes());
        if is_far {
            put16(&mut out, 1);
            put16(&mut out, 8);
            out.extend(self.at.to_le_bytes());
        }
        out
    }

    /// Its check sum, its size twice (as stored and as it is), and its name's length.
    fn put_sums(&self, out: &mut Vec<u8>) {
        let bytes = u32::try_from(self.bytes).unwrap_or(ABOVE_32);
        for word in [self.crc32, bytes, bytes] {
            put32(out, word);
        }
        put16(out, u16::try_from(self.name.len()).unwrap_or(ABOVE_16));
    }

    fn header_bytes(&self) -> u64 {
        30 + self.name.len() as u64
    }

    /// Where its header lies, followed by its bytes.
    #[must_use]
    pub fn range(&self) -> Range<u64> {
        self.at..self.at + self.header_bytes() + self.bytes
    }

    /// Where its bytes lie.
    #[must_use]
    pub fn data_range(&self) -> Range<u64> {
        let range = self.range();
        range.end - self.bytes..range.end
    }

    /// Where its header lies.
    #[must_use]
    pub fn header_range(&self) -> Range<u64> {
        self.at..self.at + self.header_bytes()
    }

    /// Holds the header that was read against what the directory says.
    ///
    /// # Errors
    /// They differ.
    pub fn check_header(&self, header: &[u8]) -> Result<(), ZipFault> {
        if header == self.header() {
            Ok(())
        } else {
            Err(ZipFault::Form(self.name.clone()))
        }
    }

    /// Its bytes, out of those of its [`Self::range`].
    ///
    /// # Errors
    /// They are not those of its check sum, or its header differs from what the directory says.
    pub fn open<'a>(&self, stretch: &'a [u8]) -> Result<&'a [u8], ZipFault> {
        let damaged = || ZipFault::Damaged(self.name.clone());
        let header = usize::try_from(self.header_bytes())
            .ok()
            .ok_or_else(damaged)?;
        let (header, bytes) = stretch.split_at_checked(header).ok_or_else(damaged)?;
        self.check_header(header)?;
        if bytes.len() as u64 == self.bytes && crc32fast::hash(bytes) == self.crc32 {
            Ok(bytes)
        } else {
            Err(damaged())
        }
    }
}

/// Writes an archive: what to put before each entry, and what at the end.
#[derive(Debug, Default)]
pub struct Writer {
    entries: Vec<Entry>,
    at: u64,
}

impl Writer {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The bytes to put before those of the next entry, whose length and check sum are known by now.
    ///
    /// # Errors
    /// It has too many bytes, or there are too many entries.
    pub fn begin(&mut self, name: &str, bytes: u64, crc32: u32) -> Result<Vec<u8>, ZipFault> {
        let entries = self.entries.len() as u64 + 1;
        if bytes > MOST_ENTRY_BYTES {
            return Err(ZipFault::TooLarge(name.to_owned()));
        }
        if entries > MOST_ENTRIES {
            return Err(ZipFault::TooManyEntries(entries));
        }
        let entry = Entry {
            name: name.to_owned(),
            bytes,
            crc32,
            at: self.at,
        };
        self.at = entry.range().end;
        let header = entry.header();
        self.entries.push(entry);
        Ok(header)
    }

    /// The bytes so far.
    #[must_use]
    pub fn bytes_len(&self) -> u64 {
        self.at
    }

    /// The bytes to put behind the last entry.
    #[must_use]
    pub fn finish(self) -> Vec<u8> {
        let mut out: Vec<u8> = self.entries.iter().flat_map(Entry::listed).collect();
        let end = End {
            entries: self.entries.len() as u64,
            at: self.at,
            bytes: out.len() as u64,
        };
        out.extend(end.written());
        out
    }
}

/// Where the directory of an archive lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct End {
    entries: u64,
    at: u64,
    bytes: u64,
}

impl End {
    /// The stretch at the end of a file that [`Self::read`] wants.
    #[must_use]
    pub fn tail_range(file_bytes: u64) -> Range<u64> {
        file_bytes.saturating_sub(TAIL_BYTES)..file_bytes
    }

    /// Reads the end of a file: `head` are its first four bytes, `tail` those of [`Self::tail_range`].
    ///
    /// # Errors
    /// It is no archive, or none that could be read.
    pub fn read(file_bytes: u64, head: &[u8], tail: &[u8]) -> Result<Self, ZipFault> {
        let Some(at) = tail.len().checked_sub(22) else {
            return Err(missing_end(head));
        };
        if u32_at(tail, at) != Some(END) {
            let mark = END.to_le_bytes();
            let is_further_up = tail.windows(4).any(|window| window == mark);
            return Err(if is_further_up && is_zip(head) {
                ZipFault::Trailing
            } else {
                missing_end(head)
            });
        }
        let word = |offset| u32_at(tail, at + offset).unwrap_or_default();
        let half = |offset| u16_at(tail, at + offset).unwrap_or_default();
        if half(20) != 0 {
            return Err(ZipFault::Trailing);
        }
        if half(4) != 0 || half(6) != 0 || half(8) != half(10) {
            return Err(ZipFault::Split);
        }
        let (entries, bytes, starts_at) = (half(10), word(12), word(16));
        let is_64 = entries == ABOVE_16 || bytes == ABOVE_32 || starts_at == ABOVE_32;
        let end = if is_64 {
            Self::read_64(tail, at)?
        } else {
            Self {
                entries: entries.into(),
                at: starts_at.into(),
                bytes: bytes.into(),
            }
        };
        if end.entries > MOST_ENTRIES {
            return Err(ZipFault::TooManyEntries(end.entries));
        }
        let written = end.written();
        let directory_ends = end.at.checked_add(end.bytes);
        let is_behind = directory_ends.and_then(|ends| ends.checked_add(written.len() as u64));
        // Names are short: what the end says of the directory's size cannot be a lie that costs memory.
        if is_behind != Some(file_bytes) || end.bytes > end.entries * MOST_LISTED_BYTES {
            return Err(ZipFault::Directory);
        }
        if !tail.ends_with(&written) {
            return Err(ZipFault::Form(String::new()));
        }
        Ok(end)
    }

    /// What stands for the fields that are too small.
    fn read_64(tail: &[u8], end: usize) -> Result<Self, ZipFault> {
        let (locator, record) = (end.checked_sub(20), end.checked_sub(20 + 56));
        let (Some(locator), Some(record)) = (locator, record) else {
            return Err(ZipFault::Directory);
        };
        if u32_at(tail, locator) != Some(LOCATOR_64) || u32_at(tail, record) != Some(END_64) {
            return Err(ZipFault::Directory);
        }
        let long = |offset| u64_at(tail, record + offset).unwrap_or_default();
        Ok(Self {
            entries: long(32),
            bytes: long(40),
            at: long(48),
        })
    }

    /// The records at the very end.
    fn written(&self) -> Vec<u8> {
        let mut out = Vec::new();
        let small = u16::try_from(self.entries).unwrap_or(ABOVE_16);
        let bytes = u32::try_from(self.bytes).unwrap_or(ABOVE_32);
        let at = u32::try_from(self.at).unwrap_or(ABOVE_32);
        if small == ABOVE_16 || bytes == ABOVE_32 || at == ABOVE_32 {
            put32(&mut out, END_64);
            out.extend(44_u64.to_le_bytes());
            put16(&mut out, VERSION_64);
            put16(&mut out, VERSION_64);
            out.extend([0; 8]);
            for long in [self.entries, self.entries, self.bytes, self.at] {
                out.extend(long.to_le_bytes());
            }
            put32(&mut out, LOCATOR_64);
            put32(&mut out, 0);
            out.extend((self.at.saturating_add(self.bytes)).to_le_bytes());
            put32(&mut out, 1);
        }
        put32(&mut out, END);
        for half in [0, 0, small, small] {
            put16(&mut out, half);
        }
        put32(&mut out, bytes);
        put32(&mut out, at);
        put16(&mut out, 0);
        out
    }

    /// Where the directory lies.
    #[must_use]
    pub fn directory_range(&self) -> Range<u64> {
        self.at..self.at + self.bytes
    }

    /// Reads the directory, whose names must all be among those allowed. The entries come as they lie in the file.
    ///
    /// # Errors
    /// Something in it is not as the writer writes it.
    pub fn entries(
        &self,
        directory: &[u8],
        is_allowed: impl Fn(&str) -> bool,
    ) -> Result<Vec<Entry>, ZipFault> {
        let mut rest = directory;
        let (mut entries, mut names) = (Vec::new(), HashSet::new());
        let mut all = 0_u64;
        while !rest.is_empty() {
            if entries.len() as u64 == self.entries {
                return Err(ZipFault::Listing);
            }
            let (entry, after) = read_listed(rest, &is_allowed)?;
            if !names.insert(entry.name.clone()) {
                return Err(ZipFault::Twice(entry.name));
            }
            all = all.saturating_add(entry.bytes);
            if all > MOST_BYTES {
                return Err(ZipFault::TooLarge(entry.name));
            }
            entries.push(entry);
            rest = after;
        }
        if entries.len() as u64 != self.entries {
            return Err(ZipFault::Listing);
        }
        self.check_ranges(&entries)?;
        Ok(entries)
    }

    /// Each entry begins where the one before it ends, and the directory begins where the last one does.
    fn check_ranges(&self, entries: &[Entry]) -> Result<(), ZipFault> {
        let mut sorted: Vec<&Entry> = entries.iter().collect();
        sorted.sort_by_key(|entry| entry.at);
        let mut free = 0;
        for entry in &sorted {
            if entry.at < free {
                return Err(ZipFault::Overlap(entry.name.clone()));
            }
            if entry.at > free {
                return Err(ZipFault::Gap(entry.name.clone()));
            }
            free = entry.range().end;
        }
        if free > self.at {
            let last = sorted.last().map(|entry| entry.name.clone());
            return Err(ZipFault::Overlap(last.unwrap_or_default()));
        }
        if free < self.at {
            return Err(ZipFault::Directory);
        }
        match entries.windows(2).find(|pair| pair[0].at > pair[1].at) {
            Some(pair) => Err(ZipFault::Form(pair[1].name.clone())),
            None => Ok(()),
        }
    }
}

/// The most that a directory says of one entry: names have 70 bytes at most.
const MOST_LISTED_BYTES: u64 = 46 + 70 + 12;

fn read_listed(
    bytes: &[u8],
    is_allowed: impl Fn(&str) -> bool,
) -> Result<(Entry, &[u8]), ZipFault> {
    if u32_at(bytes, 0) != Some(CENTRAL) || bytes.len() < 46 {
        return Err(ZipFault::Listing);
    }
    let word = |offset| u32_at(bytes, offset).unwrap_or_default();
    let half = |offset| u16_at(bytes, offset).unwrap_or_default();
    let name_ends = 46 + usize::from(half(28));
    let extra_ends = name_ends + usize::from(half(30));
    let ends = extra_ends + usize::from(half(32));
    let (Some(name), Some(extra)) = (bytes.get(46..name_ends), bytes.get(name_ends..extra_ends))
    else {
        return Err(ZipFault::Listing);
    };
    let shown: String = String::from_utf8_lossy(name).chars().take(80).collect();
    let name = str::from_utf8(name).ok().filter(|name| is_allowed(name));
    let Some(name) = name else {
        return Err(ZipFault::Name(shown));
    };
    let name = name.to_owned();
    if half(8) & (1 | 1 << 6 | 1 << 13) != 0 {
        return Err(ZipFault::Encrypted(name));
    }
    if half(10) != 0 {
        return Err(ZipFault::Compressed(name));
    }
    if word(38) >> 28 == 0xA {
        return Err(ZipFault::Link(name));
    }
    if word(20) != word(24) {
        return Err(ZipFault::Size(name));
    }
    if u64::from(word(24)) > MOST_ENTRY_BYTES {
        return Err(ZipFault::TooLarge(name));
    }
    let at = match word(42) {
        // In the extra field, whose form is checked below.
        ABOVE_32 => u64_at(extra, 4).unwrap_or_default(),
        at => at.into(),
    };
    // Further away than any archive is large: no sum of it overflows below.
    if at > MOST_BYTES * 2 {
        return Err(ZipFault::Directory);
    }
    let entry = Entry {
        name,
        bytes: word(24).into(),
        crc32: word(16),
        at,
    };
    match bytes.get(..ends) {
        Some(listed) if listed == entry.listed() => Ok((entry, &bytes[ends..])),
        _ => Err(ZipFault::Form(entry.name)),
    }
}

fn is_zip(head: &[u8]) -> bool {
    u32_at(head, 0) == Some(LOCAL)
}

fn missing_end(head: &[u8]) -> ZipFault {
    if is_zip(head) {
        ZipFault::CutShort
    } else {
        ZipFault::NotAZip
    }
}

fn put16(out: &mut Vec<u8>, half: u16) {
    out.extend(half.to_le_bytes());
}

fn put32(out: &mut Vec<u8>, word: u32) {
    out.extend(word.to_le_bytes());
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}
