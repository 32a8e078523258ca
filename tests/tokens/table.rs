//! Makes the token table `public/o200k_base.bin` of OpenAI's vocabulary (MIT, openai/tiktoken), as tiktoken-rs has it.

use std::collections::HashMap;

use regex::Regex;
use tiktoken_rs::CoreBPE;

/// The classes that the pattern asks for; src/domain/tokenizer/classes.rs reads the same codes.
const CLASSES: [(u8, &str); 7] = [
    (7, r"^[\r\n]$"),
    (6, r"^\s$"),
    (1, r"^[\p{Lu}\p{Lt}]$"),
    (2, r"^\p{Ll}$"),
    (3, r"^[\p{Lm}\p{Lo}]$"),
    (4, r"^\p{M}$"),
    (5, r"^\p{N}$"),
];

/// The file, byte for byte; its form is described in src/domain/tokenizer/vocabulary.rs.
pub(crate) fn make(oracle: &CoreBPE) -> Vec<u8> {
    let tokens: Vec<Vec<u8>> = (0..)
        .map_while(|rank| oracle.decode_bytes(&[rank]).ok())
        .collect();
    let ranges = ranges();
    let (singles, merged) = tokens.split_at(256);
    let ranks: HashMap<&[u8], u32> = (0..)
        .zip(&tokens)
        .map(|(rank, token)| (&**token, rank))
        .collect();
    let pairs: Vec<(u32, u32)> = (256..)
        .zip(merged)
        .map(|(rank, token)| pair(token, rank, &ranks))
        .collect();
    let mut file = b"PTV1".to_vec();
    for count in [ranges.len(), pairs.len()] {
        file.extend(u32::try_from(count).unwrap().to_le_bytes());
    }
    for (start, class) in ranges {
        let [a, b, c, _] = start.to_le_bytes();
        file.extend([a, b, c, class]);
    }
    for single in singles {
        assert_eq!(single.len(), 1);
        file.extend(single);
    }
    for side in [|pair: &(u32, u32)| pair.0, |pair: &(u32, u32)| pair.1] {
        for shift in [16, 8, 0] {
            file.extend(pairs.iter().map(|pair| (side(pair) >> shift) as u8));
        }
    }
    file
}

/// The two tokens that the ones of lower rank leave of a token, when they have been merged.
fn pair(token: &[u8], rank: u32, ranks: &HashMap<&[u8], u32>) -> (u32, u32) {
    let mut parts: Vec<&[u8]> = token.chunks(1).collect();
    while parts.len() > 2 {
        let mut at = 0;
        let starts: Vec<usize> = parts
            .iter()
            .map(|part| {
                at += part.len();
                at - part.len()
            })
            .collect();
        let joined = |i: usize| &token[starts[i]..starts[i + 1] + parts[i + 1].len()];
        let merges = (0..parts.len() - 1).filter_map(|i| Some((*ranks.get(joined(i))?, i)));
        let (lowest, i) = merges.min().unwrap();
        assert!(lowest < rank, "token {rank} is not merged of two");
        let whole = joined(i);
        parts.splice(i..i + 2, [whole]);
    }
    (ranks[parts[0]], ranks[parts[1]])
}

/// Where a class begins and which; what is in none is 0.
fn ranges() -> Vec<(u32, u8)> {
    let classes = CLASSES.map(|(code, pattern)| (code, Regex::new(pattern).unwrap()));
    let class = |c: char| {
        let mut buffer = [0; 4];
        let text: &str = c.encode_utf8(&mut buffer);
        let found = classes.iter().find(|(_, pattern)| pattern.is_match(text));
        found.map_or(0, |(code, _)| *code)
    };
    let all = ('\0'..=char::MAX).map(|c| (u32::from(c), class(c)));
    let mut ranges: Vec<(u32, u8)> = Vec::new();
    for (at, class) in all {
        if ranges.last().is_none_or(|(_, before)| *before != class) {
            ranges.push((at, class));
        }
    }
    ranges
}
