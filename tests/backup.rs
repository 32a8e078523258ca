//! Archives good, cut, flipped and hostile: what is not as it was written is refused, and says why.

#![expect(clippy::unwrap_used, reason = "a test: what cannot be read fails it")]

use std::collections::HashSet;

use pentimento::domain::backup::{
    BackupFault, Content, Counts, FORMAT, Incoming, Kind, Listed, MANIFEST, Manifest, blob_name,
    manifest_of, read_rows,
};
use pentimento::domain::date::Timestamp;
use pentimento::domain::record;
use pentimento::domain::zip::{End, Entry, MOST_ENTRIES, Writer, ZipFault};
use proptest::prelude::*;
use sha2::{Digest, Sha256};

fn sha256(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn stretch(file: &[u8], range: std::ops::Range<u64>) -> &[u8] {
    let (start, end) = (range.start as usize, range.end as usize);
    &file[start.min(file.len())..end.min(file.len())]
}

fn entries_of(file: &[u8]) -> Result<Vec<Entry>, ZipFault> {
    let bytes = file.len() as u64;
    let head = stretch(file, 0..bytes.min(4));
    let end = End::read(bytes, head, stretch(file, End::tail_range(bytes)))?;
    let directory = stretch(file, end.directory_range());
    end.entries(directory, |name| Content::of(name).is_some())
}

/// Takes a part as the app takes one: by stretches, everything checked.
fn taken(file: &[u8]) -> Result<(Vec<Incoming>, Vec<String>), BackupFault> {
    let entries = entries_of(file)?;
    let last = manifest_of(&entries)?;
    let manifest = Manifest::read(last.open(stretch(file, last.range()))?, &entries)?;
    if sha256(manifest.to_seal().unwrap().as_bytes()) != manifest.seal {
        return Err(BackupFault::Seal);
    }
    let hash = |entry: &Entry| match Content::of(&entry.name) {
        Some(Content::Blob(hash)) => Some(hash.to_owned()),
        _ => None,
    };
    let hashes: HashSet<String> = entries.iter().filter_map(hash).collect();
    let (mut rows, mut blobs) = (Vec::new(), Vec::new());
    for (entry, listed) in entries.iter().zip(&manifest.entries) {
        match Content::of(&entry.name) {
            Some(Content::Rows(kind)) => {
                let text = entry.open(stretch(file, entry.range()))?;
                if sha256(text) != listed.sha256 {
                    return Err(BackupFault::Damaged(entry.name.clone()));
                }
                rows.extend(read_rows(kind, text, |blob| hashes.contains(blob))?);
            }
            Some(Content::Blob(hash)) => {
                entry.check_header(stretch(file, entry.header_range()))?;
                if sha256(stretch(file, entry.data_range())) != hash {
                    return Err(BackupFault::Damaged(entry.name.clone()));
                }
                blobs.push(hash.to_owned());
            }
            _ => {}
        }
    }
    manifest.check_rows(&rows)?;
    Ok((rows, blobs))
}

fn id(number: usize) -> String {
    format!("01a20000-{number:04x}-7000-8000-{number:012x}")
}

fn picture_row(number: usize, blob: &str) -> String {
    format!(
        r#"{{"v":1,"id":"{}","job":"j","attempt":"{}","provider":"practice","made":5,"request":{{"prompt":"a cat"}},"blob":"{blob}","media_type":"image/png","width":1,"height":1,"bytes":9,"cost":null,"marks":{{"favourite":true}}}}"#,
        id(number),
        id(999),
    )
}

fn ledger_row(number: usize) -> String {
    format!(
        r#"{{"v":1,"attempt":"{}","at":5,"said":"released"}}"#,
        id(number)
    )
}

/// Puts a part together; `change` may alter the manifest before it is sealed.
fn part(blobs: &[Vec<u8>], rows: &[(&str, String)], change: impl Fn(&mut Manifest)) -> Vec<u8> {
    let (mut zip, mut file) = (Writer::new(), Vec::new());
    let mut listed = Vec::new();
    let mut counts = Counts::default();
    let mut push = |name: &str, bytes: &[u8], listed: &mut Vec<Listed>| {
        let crc32 = crc32fast::hash(bytes);
        file.extend(zip.begin(name, bytes.len() as u64, crc32).unwrap());
        file.extend(bytes);
        listed.push(Listed {
            name: name.to_owned(),
            bytes: bytes.len() as u64,
            crc32,
            sha256: sha256(bytes),
        });
    };
    for bytes in blobs {
        let hash = sha256(bytes);
        counts.add(Content::Blob(&hash));
        push(&blob_name(&hash), bytes, &mut listed);
    }
    for (name, text) in rows {
        if let Some(content) = Content::of(name) {
            text.lines().for_each(|_| counts.add(content));
        }
        push(name, text.as_bytes(), &mut listed);
    }
    let mut manifest = Manifest {
        format: FORMAT,
        app: "0.1.0".into(),
        backup: id(1),
        made: Timestamp(5),
        part: 1,
        parts: 1,
        counts,
        ranges: Vec::new(),
        entries: listed,
        seal: String::new(),
    };
    change(&mut manifest);
    manifest.seal = sha256(manifest.to_seal().unwrap().as_bytes());
    let json = record::write(&manifest).unwrap();
    push(MANIFEST, json.as_bytes(), &mut Vec::new());
    file.extend(zip.finish());
    file
}

fn pictures(count: usize) -> Vec<Vec<u8>> {
    let bytes = |number: usize| {
        let byte = |at: usize| (at * 31 + number * 7) as u8;
        (0..200 + number * 3).map(byte).collect()
    };
    (0..count).map(bytes).collect()
}

fn good(count: usize) -> Vec<u8> {
    let blobs = pictures(count);
    let rows = blobs.iter().enumerate();
    let rows = rows.map(|(number, bytes)| picture_row(number, &sha256(bytes)) + "\n");
    let rows = [
        (Kind::Pictures.file(), rows.collect::<String>()),
        (Kind::Ledger.file(), ledger_row(1) + "\n"),
    ];
    part(&blobs, &rows, |_| {})
}

#[test]
fn a_part_is_taken_as_it_was_written() {
    let file = good(20);
    let (rows, blobs) = taken(&file).unwrap();
    assert_eq!((rows.len(), blobs.len()), (21, 20));
    assert!(rows[0].json.contains(r#""favourite":true"#));
    let empty = part(&[], &[], |_| {});
    assert_eq!(taken(&empty), Ok((Vec::new(), Vec::new())));
}

#[test]
fn every_cut_is_noticed() {
    let file = good(4);
    for at in 0..file.len() {
        assert!(taken(&file[..at]).is_err(), "cut at {at}");
    }
    let longer: Vec<u8> = file.iter().copied().chain([0]).collect();
    assert_eq!(taken(&longer), Err(ZipFault::Trailing.into()));
    assert_eq!(
        taken(&file[..file.len() / 2]),
        Err(ZipFault::CutShort.into())
    );
}

#[test]
fn every_flipped_bit_is_noticed() {
    let file = good(4);
    let mut flips = 0;
    for at in 0..file.len() {
        let mut file = file.clone();
        file[at] ^= 1 << (at % 8);
        assert!(taken(&file).is_err(), "bit {} of byte {at}", at % 8);
        flips += 1;
    }
    assert!(flips > 1000, "{flips}");
}

proptest! {
    #[test]
    fn nothing_that_differs_is_taken_and_nothing_panics(
        at in any::<prop::sample::Index>(),
        bytes in prop::collection::vec(any::<u8>(), 1..40),
    ) {
        let file = good(3);
        let at = at.index(file.len());
        let mut other = file.clone();
        let end = (at + bytes.len()).min(file.len());
        other[at..end].copy_from_slice(&bytes[..end - at]);
        prop_assert!(other == file || taken(&other).is_err());
        let mut longer = file.clone();
        longer.splice(at..at, bytes.clone());
        prop_assert!(longer == file || taken(&longer).is_err());
        prop_assert!(taken(&bytes).is_err());
    }
}

/// The fields of a directory's record that a hostile archive lies in.
#[derive(Clone)]
struct Raw {
    name: Vec<u8>,
    data: Vec<u8>,
    flags: u16,
    method: u16,
    stored: u32,
    bytes: u32,
    attributes: u32,
    at: Option<u32>,
    extra: Vec<u8>,
    comment: Vec<u8>,
    disk: u16,
}

fn raw(name: &str, data: &[u8]) -> Raw {
    let bytes = data.len() as u32;
    Raw {
        name: name.into(),
        data: data.into(),
        flags: 0,
        method: 0,
        stored: bytes,
        bytes,
        attributes: 0,
        at: None,
        extra: Vec::new(),
        comment: Vec::new(),
        disk: 0,
    }
}

/// An archive by hand, with an end that says so many entries, so many bytes of directory from there on.
fn by_hand(raws: &[Raw], lie: impl Fn(&mut [u64; 3])) -> Vec<u8> {
    let (mut file, mut directory) = (Vec::new(), Vec::new());
    for raw in raws {
        let at = raw.at.unwrap_or(file.len() as u32);
        let crc = crc32fast::hash(&raw.data);
        let halves = |out: &mut Vec<u8>, halves: &[u16]| {
            halves
                .iter()
                .for_each(|half| out.extend(half.to_le_bytes()));
        };
        let sums = |out: &mut Vec<u8>| {
            for word in [crc, raw.stored, raw.bytes] {
                out.extend(word.to_le_bytes());
            }
        };
        file.extend(b"PK\x03\x04");
        halves(&mut file, &[20, raw.flags, raw.method, 0, 0x21]);
        sums(&mut file);
        halves(&mut file, &[raw.name.len() as u16, 0]);
        file.extend(&raw.name);
        file.extend(&raw.data);
        directory.extend(b"PK\x01\x02");
        halves(&mut directory, &[20, 20, raw.flags, raw.method, 0, 0x21]);
        sums(&mut directory);
        let (extra, comment) = (raw.extra.len() as u16, raw.comment.len() as u16);
        let name = raw.name.len() as u16;
        halves(&mut directory, &[name, extra, comment, raw.disk, 0]);
        directory.extend(raw.attributes.to_le_bytes());
        directory.extend(at.to_le_bytes());
        directory.extend(&raw.name);
        directory.extend(&raw.extra);
        directory.extend(&raw.comment);
    }
    let mut end = [raws.len() as u64, directory.len() as u64, file.len() as u64];
    lie(&mut end);
    file.extend(&directory);
    file.extend(b"PK\x05\x06\0\0\0\0");
    for _ in 0..2 {
        file.extend((end[0] as u16).to_le_bytes());
    }
    file.extend((end[1] as u32).to_le_bytes());
    file.extend((end[2] as u32).to_le_bytes());
    file.extend([0, 0]);
    file
}

/// The same archive, with some other end.
fn with_end(file: &[u8], end: &[u8]) -> Vec<u8> {
    [&file[..file.len() - 22], end].concat()
}

/// Records of Zip64 that say so many entries, so many bytes of directory from there on, and themselves so far in.
fn end_64([entries, bytes, at, here]: [u64; 4]) -> Vec<u8> {
    let mut out = b"PK\x06\x06".to_vec();
    out.extend(44_u64.to_le_bytes());
    out.extend([45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    for long in [entries, entries, bytes, at] {
        out.extend(long.to_le_bytes());
    }
    out.extend(b"PK\x06\x07\0\0\0\0");
    out.extend(here.to_le_bytes());
    out.extend([1, 0, 0, 0]);
    out.extend(b"PK\x05\x06\0\0\0\0\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\0\0");
    out
}

fn honest(_: &mut [u64; 3]) {}

/// Names that nothing of a backup has: paths that lead out, names of devices, doubles of what is allowed.
fn bad_names() -> Vec<Vec<u8>> {
    let hash = "0".repeat(64);
    let mut names: Vec<Vec<u8>> = [
        "../evil",
        "..\\evil",
        "/etc/passwd",
        "C:\\evil",
        "c:evil",
        "\\\\server\\share",
        "a/../../b",
        "./manifest.json",
        "manifest.json/",
        "/manifest.json",
        "Manifest.json",
        "MANIFEST.JSON",
        "manifest.json\0",
        "manifest.json.",
        "manifest.json ",
        " manifest.json",
        "manifest.jsоn",
        "meta.json",
        "settings.json",
        "key",
        "blobs",
        "blobs/",
        "blobs//",
        "blobs/..",
        "blobs/../x",
        "rows",
        "rows/",
        "rows/meta.ndjson",
        "rows/settings.ndjson",
        "rows/blobs.ndjson",
        "rows/drafts.ndjson",
        "rows/jobs.ndjson",
        "rows/quarantine.ndjson",
        "rows/pictures.json",
        "rows/../pictures.ndjson",
        "rows/Pictures.ndjson",
        "rows\\pictures.ndjson",
        "rows/pictures.ndjson/",
        "rows//pictures.ndjson",
        "CON",
        "NUL",
        "aux.png",
        "COM1",
        "lpt1.txt",
        "con.zip",
        "",
        ".",
        "..",
        "/",
        "\\",
        "~/x",
        "$HOME",
        "%TEMP%",
        "a\nb",
        "a\u{202e}gnp.json",
        "\u{feff}manifest.json",
        "__proto__",
        "constructor",
        "index.html",
        "sw.js",
        "blobs/x.svg",
        "x.zip",
        "nested/backup.zip",
        ".htaccess",
    ]
    .map(|name| name.as_bytes().to_vec())
    .to_vec();
    for name in [
        format!("blobs/{}", &hash[1..]),
        format!("blobs/{hash}0"),
        format!("blobs/{}", "A".repeat(64)),
        format!("blobs/{}g", &hash[1..]),
        format!("blobs/{hash}.png"),
        format!("blobs/{hash}/"),
        format!("blobs/../{hash}"),
        format!("Blobs/{hash}"),
        format!("./blobs/{hash}"),
        format!("blobs\\{hash}"),
        format!("blobs/{}\0", &hash[1..]),
        "x".repeat(65_000),
    ] {
        names.push(name.into_bytes());
    }
    names.push(vec![0xFF, 0xFE, 0x80]);
    names.push([b"blobs/".to_vec(), vec![0xC0; 64]].concat());
    names
}

fn hostile() -> Vec<(String, Vec<u8>)> {
    let mut all: Vec<(String, Vec<u8>)> = Vec::new();
    let mut add = |what: &str, file: Vec<u8>| all.push((what.to_owned(), file));
    let manifest = raw(MANIFEST, b"{}");
    for name in bad_names() {
        let bad = Raw {
            name: name.clone(),
            ..raw("", b"x")
        };
        let shown: String = String::from_utf8_lossy(&name).chars().take(40).collect();
        add(
            &format!("name {shown:?}"),
            by_hand(&[bad, manifest.clone()], honest),
        );
    }
    all.extend(lying_entries());
    all.extend(lying_ends());
    all
}

/// Archives whose directory says something else than what is there.
fn lying_entries() -> Vec<(String, Vec<u8>)> {
    let mut all: Vec<(String, Vec<u8>)> = Vec::new();
    let mut add = |what: &str, file: Vec<u8>| all.push((what.to_owned(), file));
    let manifest = raw(MANIFEST, b"{}");
    let hash = |n: u8| format!("blobs/{}", sha256(&[n]));
    let one = raw(&hash(1), &[1]);
    let two = raw(&hash(2), &[2]);
    let with = |change: &dyn Fn(&mut Raw)| {
        let mut changed = one.clone();
        change(&mut changed);
        by_hand(&[changed, manifest.clone()], honest)
    };
    for bit in 0..16 {
        add(&format!("flag {bit}"), with(&|raw| raw.flags = 1 << bit));
    }
    for method in [1, 8, 9, 12, 14, 93, 95, 98, 99, 0xFFFF] {
        add(
            &format!("method {method}"),
            with(&|raw| raw.method = method),
        );
    }
    for (what, attributes) in [
        ("link", 0xA1FF_0000),
        ("folder", 0x10),
        ("device", 0x6000_0000),
        ("hidden", 2),
    ] {
        add(what, with(&|raw| raw.attributes = attributes));
    }
    for (what, stored, bytes) in [
        ("more bytes than stored", 1, 1_000_000),
        ("fewer bytes than stored", 1_000_000, 1),
        ("larger than the file", 1_000_000, 1_000_000),
        ("four gigabytes", 0xFFFF_FFFE, 0xFFFF_FFFE),
        ("Zip64 sizes without a field", 0xFFFF_FFFF, 0xFFFF_FFFF),
        ("nothing", 0, 0),
    ] {
        add(what, with(&|raw| (raw.stored, raw.bytes) = (stored, bytes)));
    }
    for at in [1, 7, 0x7FFF_FFFF, 0xFFFF_FFFE, 0xFFFF_FFFF] {
        add(&format!("begins at {at}"), with(&|raw| raw.at = Some(at)));
    }
    add("another disk", with(&|raw| raw.disk = 1));
    add("a comment", with(&|raw| raw.comment = b"hello".to_vec()));
    add("an extra field", with(&|raw| raw.extra = vec![1, 0, 0, 0]));
    let far = [vec![1, 0, 8, 0], vec![0xFF; 8]].concat();
    let lies_far = |raw: &mut Raw| {
        raw.at = Some(0xFFFF_FFFF);
        raw.extra.clone_from(&far);
    };
    add("Zip64: begins beyond everything", with(&lies_far));
    add(
        "twice",
        by_hand(&[one.clone(), one.clone(), manifest.clone()], honest),
    );
    let shares = Raw {
        at: Some(0),
        ..two.clone()
    };
    add(
        "overlap",
        by_hand(&[one.clone(), shares, manifest.clone()], honest),
    );
    let quoted: Vec<Raw> = (0..20)
        .map(|n| Raw {
            at: Some(0),
            ..raw(&hash(n), &[n])
        })
        .collect();
    add("twenty that share one", by_hand(&quoted, honest));
    add("no manifest", by_hand(&[one.clone(), two.clone()], honest));
    add(
        "manifest first",
        by_hand(&[manifest.clone(), one.clone()], honest),
    );
    add(
        "only a bad manifest",
        by_hand(std::slice::from_ref(&manifest), honest),
    );
    add("nothing at all", by_hand(&[], honest));
    all
}

/// Archives whose end says something else than what is there, and files that are none.
fn lying_ends() -> Vec<(String, Vec<u8>)> {
    let mut all: Vec<(String, Vec<u8>)> = Vec::new();
    let mut add = |what: &str, file: Vec<u8>| all.push((what.to_owned(), file));
    let manifest = raw(MANIFEST, b"{}");
    let one = raw(&blob_name(&sha256(&[1])), &[1]);
    let file = by_hand(&[one.clone(), manifest.clone()], honest);
    for (what, place, lie) in [
        ("too few entries", 0, 1),
        ("too many entries", 0, 3),
        ("no entries", 0, 0),
        ("65,535 entries", 0, 0xFFFF),
        ("a directory too short", 1, 3),
        ("a directory of nothing", 1, 0),
        ("a directory beyond the file", 1, 0xFFFF_FFF0),
        ("a directory at the start", 2, 0),
        ("a directory beyond the end", 2, 0xFFFF_FFF0),
    ] {
        let lying = by_hand(&[one.clone(), manifest.clone()], |end| end[place] = lie);
        add(what, lying);
    }
    let at = file.len() as u64 - 22;
    for (what, end) in [
        ("Zip64 where none is needed", [2, at - 80, 80, at]),
        ("Zip64: 2^64 entries", [u64::MAX, 80, 80, at]),
        ("Zip64: 100,001 entries", [MOST_ENTRIES + 1, 80, 80, at]),
        ("Zip64: a directory of 2^64 bytes", [2, u64::MAX, 1, at]),
        ("Zip64: a directory at 2^64", [2, 80, u64::MAX, at]),
        ("Zip64: all of it 2^64", [u64::MAX; 4]),
        ("Zip64: nothing", [0; 4]),
    ] {
        add(what, with_end(&file, &end_64(end)));
    }
    let small = end_64([0; 4]);
    add(
        "Zip64: its record is missing",
        with_end(&file, &small[76..]),
    );
    add(
        "a comment at the end",
        [&file[..file.len() - 2], &[3, 0, 1, 2, 3]].concat(),
    );
    add("something before it", [b"#!/bin/sh\n", &file[..]].concat());
    add("something behind it", [&file[..], b"\n"].concat());
    add("two archives", [&file[..], &file[..]].concat());
    add(
        "a picture",
        b"\x89PNG\r\n\x1a\n and so on, for some bytes".to_vec(),
    );
    add("a page", b"<!doctype html><p>Not found".repeat(9));
    add("empty", Vec::new());
    add("a few zeros", vec![0; 21]);
    add("many zeros", vec![0; 70_000]);
    add("many ends", b"PK\x05\x06".repeat(20_000));
    all
}

#[test]
fn hostile_archives_are_refused_with_a_reason() {
    let all = hostile();
    assert!(all.len() >= 100, "{}", all.len());
    for (what, file) in &all {
        let fault = taken(file).map(drop).unwrap_err();
        assert!(!fault.to_string().is_empty(), "{what}");
    }
    // What most people will meet is told apart.
    let fault = |wanted: &str| {
        let found = all.iter().find(|(what, _)| what == wanted).unwrap();
        taken(&found.1).map(drop).unwrap_err()
    };
    let name = format!("blobs/{}", sha256(&[1]));
    for (what, expected) in [
        ("a picture", ZipFault::NotAZip),
        ("empty", ZipFault::NotAZip),
        ("flag 0", ZipFault::Encrypted(name.clone())),
        ("method 8", ZipFault::Compressed(name.clone())),
        ("link", ZipFault::Link(name.clone())),
        ("twice", ZipFault::Twice(name.clone())),
        ("more bytes than stored", ZipFault::Size(name.clone())),
        ("four gigabytes", ZipFault::TooLarge(name.clone())),
        ("begins at 7", ZipFault::Gap(name.clone())),
        ("Zip64: 100,001 entries", ZipFault::TooManyEntries(100_001)),
        ("too many entries", ZipFault::Listing),
        ("a comment at the end", ZipFault::Trailing),
        ("name \"../evil\"", ZipFault::Name("../evil".into())),
    ] {
        assert_eq!(fault(what), expected.into(), "{what}");
    }
    assert!(matches!(
        fault("overlap"),
        BackupFault::Zip(ZipFault::Overlap(_))
    ));
    assert_eq!(fault("no manifest"), BackupFault::NoManifest);
}

#[test]
fn a_manifest_that_says_something_else_is_refused() {
    let blobs = pictures(2);
    let rows = [(
        Kind::Pictures.file(),
        picture_row(1, &sha256(&blobs[0])) + "\n",
    )];
    let changed = |change: &dyn Fn(&mut Manifest)| taken(&part(&blobs, &rows, change)).map(drop);
    assert_eq!(changed(&|_| {}), Ok(()));
    assert_eq!(changed(&|it| it.format = 2), Err(BackupFault::Newer(2)));
    let name = blob_name(&sha256(&blobs[0]));
    let listing = || Err(BackupFault::Listing(name.clone()));
    assert_eq!(changed(&|it| it.entries[0].bytes += 1), listing());
    assert_eq!(changed(&|it| it.entries[0].crc32 ^= 1), listing());
    assert_eq!(changed(&|it| it.entries[0].sha256 = sha256(b"")), listing());
    assert_eq!(changed(&|it| it.entries.swap(0, 1)), listing());
    let refused = |change: &dyn Fn(&mut Manifest)| assert!(changed(change).is_err());
    refused(&|it| it.format = 0);
    refused(&|it| it.part = 0);
    refused(&|it| it.part = 2);
    refused(&|it| it.counts.pictures = 2);
    refused(&|it| it.counts.blobs = 1);
    refused(&|it| it.counts.ledger = 1);
    refused(&|it| drop(it.entries.pop()));
    refused(&|it| it.entries.push(it.entries[0].clone()));
    refused(&|it| it.entries[2].sha256 = sha256(b"other rows"));
}

#[test]
fn rows_that_do_not_fit_are_refused() {
    let blobs = pictures(1);
    let hash = sha256(&blobs[0]);
    let of = |kind: Kind, text: String| taken(&part(&blobs, &[(kind.file(), text)], |_| {}));
    let row = picture_row(1, &hash);
    assert!(of(Kind::Pictures, row.clone()).is_ok());
    let bad = [
        "{}".to_owned(),
        "no JSON".into(),
        "[".repeat(100_000),
        row.replace(r#""v":1"#, r#""v":2"#),
        row.replace(&id(1), "../../evil"),
        row.replace(&id(1), ""),
        row.replace(&id(1), &id(1).to_uppercase()),
        row.replace(r#""provider":"practice""#, r#""provider":"https://evil""#),
        row.replace(r#""cost":null"#, r#""cost":-1"#),
        row.replace(r#""cost":null"#, r#""cost":1e400"#),
        row.replace(r#""bytes":9"#, r#""bytes":99999999999999999999999"#),
        format!("{row}\n{row}"),
        row.replace("a cat", &"x".repeat(2 << 20)),
    ];
    for text in bad {
        let start: String = text.chars().take(60).collect();
        let refused = of(Kind::Pictures, text);
        assert!(matches!(refused, Err(BackupFault::Row { .. })), "{start}");
    }
    for blob in [sha256(b"not there"), "r-5".into()] {
        let refused = of(Kind::Trash, picture_row(1, &blob));
        assert!(refused.is_err(), "{blob}");
    }
    // What this build does not know, and what would steer money, is dropped on the way in.
    let more = row.replace(r#""v":1"#, r#""v":1,"__proto__":{},"key":"k","budget":5"#);
    let (rows, _) = of(Kind::Pictures, more).unwrap();
    let (plain, _) = of(Kind::Pictures, row).unwrap();
    assert_eq!(rows, plain);
}

#[test]
fn ten_thousand_changed_manifests_are_refused_or_the_same() {
    let file = good(3);
    let entries = entries_of(&file).unwrap();
    let last = manifest_of(&entries).unwrap();
    let json = last.open(stretch(&file, last.range())).unwrap();
    let pieces: [&[u8]; 8] = [
        b"{",
        b"[",
        b"\"",
        b"-1",
        b"1e999",
        b"null",
        b"\0",
        b"18446744073709551616",
    ];
    let mut taken = 0;
    for number in 0..10_000_usize {
        let at = number * 7919 % json.len();
        let piece = pieces[number % pieces.len()];
        let end = (at + number % 5).min(json.len());
        let changed = [&json[..at], piece, &json[end..]].concat();
        if let Ok(manifest) = Manifest::read(&changed, &entries) {
            let is_sealed = sha256(manifest.to_seal().unwrap().as_bytes()) == manifest.seal;
            assert!(!is_sealed || record::write(&manifest).unwrap().as_bytes() == json);
            taken += usize::from(is_sealed);
        }
    }
    // A space more or a byte replaced by itself says the same.
    assert!(taken < 100, "{taken}");
}
