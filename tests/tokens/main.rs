//! Text tokens are counted as tiktoken counts them: held against tiktoken-rs, over any text and any edit of it.
#![expect(clippy::unwrap_used, reason = "tests: what is missing fails them")]

mod table;

use std::path::Path;
use std::sync::LazyLock;

use pentimento::domain::tokenizer::{Counter, Reading, Vocabulary};
use proptest::prelude::*;
use tiktoken_rs::{CoreBPE, o200k_base_singleton};

const TABLE: &[u8] = include_bytes!("../../public/o200k_base.bin");
const CORPUS: [(&str, &str); 6] = [
    ("english", include_str!("../fixtures/prompts/english.txt")),
    ("japanese", include_str!("../fixtures/prompts/japanese.txt")),
    ("arabic", include_str!("../fixtures/prompts/arabic.txt")),
    ("emoji", include_str!("../fixtures/prompts/emoji.txt")),
    ("code", include_str!("../fixtures/prompts/code.txt")),
    ("spaces", include_str!("../fixtures/prompts/spaces.txt")),
];

static VOCABULARY: LazyLock<Vocabulary> =
    LazyLock::new(|| Vocabulary::read(TABLE.to_vec()).unwrap());

fn oracle() -> &'static CoreBPE {
    o200k_base_singleton()
}

#[track_caller]
fn same(text: &str) {
    let expected = oracle().encode_ordinary(text).len() as u64;
    let head: String = text.chars().take(60).collect();
    assert_eq!(VOCABULARY.count(text), expected, "{head:?}");
}

/// So many characters of a text, again and again.
fn long(text: &str, characters: usize) -> String {
    text.chars().cycle().take(characters).collect()
}

#[test]
fn the_table_is_what_is_made_of_the_vocabulary() {
    assert!(
        table::make(oracle()) == TABLE,
        "public/o200k_base.bin is another one: cargo test --test tokens -- --ignored writes it"
    );
}

#[test]
#[ignore = "writes public/o200k_base.bin"]
fn write_the_table() {
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("public/o200k_base.bin");
    std::fs::write(place, table::make(oracle())).unwrap();
}

#[test]
fn a_damaged_table_is_refused() {
    for len in [0, 3, 11, 12, 5_000, TABLE.len() - 1] {
        assert!(Reading::begin(TABLE[..len].to_vec()).is_err(), "{len}");
    }
    let mut forward = TABLE.to_vec();
    let planes = TABLE.len() - 6 * (199_998 - 256);
    forward[planes] = 0xff;
    assert!(Vocabulary::read(forward).is_err());
}

#[test]
fn the_corpus_is_counted_as_by_the_oracle() {
    for (name, text) in CORPUS {
        assert!(text.len() > 500, "{name}");
        same(text);
        for line in text.lines() {
            same(line);
        }
        same(&long(text, 32_000));
    }
}

#[test]
fn what_is_special_elsewhere_is_ordinary_text() {
    for text in [
        "<|endoftext|>",
        "a<|endofprompt|>b",
        "<|start|>system",
        "<|im_end|>\n",
    ] {
        same(text);
    }
    assert_eq!(VOCABULARY.count("<|endoftext|>"), 7);
    assert_eq!(VOCABULARY.count(""), 0);
    assert_eq!(VOCABULARY.count("a red dot"), 3);
    // The two that the stories show.
    assert_eq!(
        VOCABULARY.count(
            "A watercolor painting of a lighthouse on a rocky coast at sunset, with seagulls in the sky."
        ),
        21
    );
    assert_eq!(
        VOCABULARY.count("夕焼けの海辺に立つ白い灯台を水彩画で描いてください。"),
        22
    );
}

#[test]
fn corners_of_the_pattern_are_cut_as_by_the_oracle() {
    let corners = [
        "I'll we'LL it'ſ don't DON'T you'vE 'tis 's 'S x'dx HE'S日's",
        "日AAAA 日AAAAb AAA日BBB ǅungla ǆ ʰAʰ",
        "a\u{301}A\u{301}b \u{301}ABC \u{301}\u{301} ABC\u{301}d",
        "\u{a0}word \tword \nword \r\n word \u{3000}言葉",
        "!!!/\r\n/// a//b\n\n\n /",
        "12345678 ½Ⅷ٣٤٥ 1a2b",
        "   \n  \n   x   ",
        " \u{85}\u{2028} \u{200b}\u{feff}",
    ];
    for text in corners {
        same(text);
    }
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "runs on the host, where the clock of the standard library exists"
)]
fn the_worst_texts_stay_fast() {
    for c in ['a', 'A', '日', ' ', '\n', '=', '7', '🦊', '\u{301}'] {
        let text = long(&c.to_string(), 32_000);
        let start = std::time::Instant::now();
        let count = VOCABULARY.count(&text);
        let time = start.elapsed();
        assert!(count > 0 && time.as_millis() < 2_000, "{c:?}: {time:?}");
        // The oracle's own matcher gives up on white space that long.
        if !c.is_whitespace() {
            same(&text);
        }
    }
}

#[test]
fn a_counter_that_saw_other_texts_counts_as_a_new_one() {
    let mut counter = Counter::new(Vocabulary::read(TABLE.to_vec()).unwrap());
    for text in [
        "",
        "a",
        "ab",
        "日AAAAAAAA",
        "日AAAAAAAAb",
        "日AAAAAAAA",
        "a  ",
        "a  b",
        "it'",
        "it's",
        "it'sa",
        "",
    ] {
        assert_eq!(counter.count(text), VOCABULARY.count(text), "{text:?}");
    }
}

/// What typing and pasting look like, with all that the pattern looks at.
fn texts() -> impl Strategy<Value = String> {
    let parts = prop_oneof![
        "[a-z]{1,6}",
        "[A-Z]{1,4}",
        "[ \t]{1,3}",
        "[\r\n]{1,2}",
        "'(s|S|ſ|t|re|VE|m|ll|d|x)",
        "[0-9]{1,5}",
        "[!-/]{1,4}",
        "[ぁ-ん一-龠]{1,6}",
        "[\u{600}-\u{6ff}]{1,5}",
        "(👩‍👩‍👧|🦊|✨️|🇯🇵)",
        "\\p{M}{1,2}",
        "\\p{Lt}|\\p{Lm}|\\p{N}",
        "\\PC{1,3}",
        any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(parts, 0..24).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn any_text_is_counted_as_by_the_oracle(text in texts(), any in any::<String>()) {
        prop_assert_eq!(VOCABULARY.count(&text), oracle().encode_ordinary(&text).len() as u64);
        prop_assert_eq!(VOCABULARY.count(&any), oracle().encode_ordinary(&any).len() as u64);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn an_edit_is_counted_as_the_whole(first in texts(), edits in prop::collection::vec((any::<prop::sample::Index>(), 0_usize..6, texts(), 0_usize..4), 1..20)) {
        let mut counter = Counter::new(Vocabulary::read(TABLE.to_vec()).unwrap());
        let mut text: Vec<char> = first.chars().collect();
        for (place, removed, inserted, kept) in edits {
            let at = place.index(text.len() + 1);
            let end = (at + removed).min(text.len());
            text.splice(at..end, inserted.chars().take(kept));
            let now: String = text.iter().collect();
            prop_assert_eq!(counter.count(&now), VOCABULARY.count(&now), "{:?}", now);
        }
    }
}
