//! What the models are known to do badly, found in the words of a prompt: hints, never a reason not to send.

/// One thing that may go wrong, as OpenAI states it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Limit {
    /// Small, dense or rotated text.
    HardText,
    /// Text to be drawn in another script than the Latin one.
    OtherScript,
    ExactCount,
    ExactPosition,
    Medical,
}

impl Limit {
    pub const ALL: [Self; 5] = [
        Self::HardText,
        Self::OtherScript,
        Self::ExactCount,
        Self::ExactPosition,
        Self::Medical,
    ];

    /// What it is kept as.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::HardText => "hard_text",
            Self::OtherScript => "other_script",
            Self::ExactCount => "exact_count",
            Self::ExactPosition => "exact_position",
            Self::Medical => "medical",
        }
    }

    fn is_met(self, prompt: &Prompt) -> bool {
        match self {
            Self::HardText => prompt.asks_for_hard_text(),
            Self::OtherScript => prompt.asks_for_other_script(),
            Self::ExactCount => prompt.asks_for_count(),
            Self::ExactPosition => prompt.asks_for_position(),
            Self::Medical => prompt.says(MEDICAL) || prompt.holds(MEDICAL_JA),
        }
    }
}

/// From this number on, models lose count.
const MANY: u32 = 5;
/// A text to be drawn that is longer is dense.
const DENSE_CHARS: usize = 60;
/// Of a long prompt, the beginning is looked at.
const MOST_BYTES: usize = 8_000;

#[rustfmt::skip]
const TEXT: &[&str] = &[
    "text", "letters", "lettering", "caption", "label", "labels", "sign", "words", "title",
    "slogan", "logo", "headline", "subtitle", "poster", "saying", "says", "reads", "inscription",
];
#[rustfmt::skip]
const TEXT_JA: &[&str] = &[
    "文字", "テキスト", "見出し", "看板", "ラベル", "ロゴ", "キャプション", "タイトル", "と書かれた", "と書いた", "と書いて", "と表示",
];
#[rustfmt::skip]
const HARD_TEXT: &[&str] = &[
    "small text", "tiny text", "fine print", "small print", "small letters", "tiny letters",
    "dense text", "rotated text", "slanted text", "vertical text", "upside-down text",
    "paragraph of text", "paragraphs of text", "newspaper page", "full page of text",
    "terms and conditions", "nutrition label", "ingredients list",
];
#[rustfmt::skip]
const HARD_TEXT_JA: &[&str] = &[
    "小さな文字", "小さい文字", "細かい文字", "縦書き", "斜めの文字", "回転した文字", "長文", "文章を載せ", "細かい説明文", "注意書き", "成分表示",
];
#[rustfmt::skip]
const SCRIPTS: &[&str] = &[
    "in japanese", "in chinese", "in korean", "in arabic", "in hebrew", "in hindi", "in thai",
    "in russian", "in greek", "in cyrillic", "japanese text", "chinese text", "korean text",
    "arabic text", "kanji", "hiragana", "katakana", "hangul", "cyrillic",
];
#[rustfmt::skip]
const SCRIPTS_JA: &[&str] = &[
    "日本語の文字", "日本語のテキスト", "日本語で書", "漢字で", "ひらがなで", "カタカナで", "日本語の看板", "日本語の見出し",
];
#[rustfmt::skip]
const NUMBERS: &[&str] = &[
    "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen",
    "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty", "thirty", "forty", "fifty",
    "hundred",
];
/// What follows a number that counts no things.
#[rustfmt::skip]
const UNITS: &[&str] = &[
    "mm", "cm", "m", "km", "px", "pixels", "pixel", "k", "mp", "percent", "degrees", "years",
    "year", "o", "am", "pm", "s", "th", "st", "nd", "rd", "d", "fps", "iso", "inches", "inch",
    "feet", "minutes", "hours", "seconds", "century", "pm.", "x", "bit", "dpi",
];
#[rustfmt::skip]
const COUNTERS_JA: &[char] = &[
    '個', '人', '匹', '本', '枚', '冊', '台', '羽', '頭', '輪', '杯', '軒', '艘', '体', '脚', '粒', 'つ', '名',
];
#[rustfmt::skip]
const POSITIONS: &[&str] = &[
    "chess", "chessboard", "exactly in the center", "exactly in the centre", "exact position",
    "exact positions", "exact center", "exact centre", "precisely aligned", "pixel-perfect",
    "pixel perfect", "to scale", "top left corner", "top right corner", "bottom left corner",
    "bottom right corner", "top-left corner", "top-right corner", "bottom-left corner",
    "bottom-right corner", "from left to right", "floor plan", "seating plan", "grid of",
    "second from the left", "third from the left", "coordinates",
];
#[rustfmt::skip]
const POSITIONS_JA: &[&str] = &[
    "チェス盤", "将棋盤", "囲碁", "ちょうど中央", "正確な位置", "正確に配置", "左上", "右上", "左下", "右下", "左から順", "右から順", "左から",
    "間取り図", "座席表", "座標", "縮尺",
];
#[rustfmt::skip]
const MEDICAL: &[&str] = &[
    "x-ray", "x-rays", "xray", "mri", "ct scan", "ct scans", "ultrasound", "radiograph",
    "mammogram", "histology", "pathology", "biopsy", "medical scan", "medical image",
    "medical images", "medical diagram", "surgical", "anatomical", "anatomy", "diagnosis",
    "dermatology", "endoscopy",
];
#[rustfmt::skip]
const MEDICAL_JA: &[&str] = &[
    "レントゲン", "エックス線", "x線", "mri", "ct画像", "ctスキャン", "超音波画像", "エコー画像", "内視鏡", "病理", "医療画像", "医用画像",
    "解剖", "診断", "手術", "皮膚科", "生検",
];

/// What of a prompt may come out badly, in a fixed order.
#[must_use]
pub fn limits(prompt: &str) -> Vec<Limit> {
    let prompt = Prompt::new(prompt);
    let met = Limit::ALL.into_iter();
    met.filter(|limit| limit.is_met(&prompt)).collect()
}

/// A prompt in the shapes that are looked at.
struct Prompt {
    lower: String,
    /// Words of letters, digits and hyphens, with a space before and behind each.
    words: String,
    /// What stands between quotation marks: text to be drawn, as a rule.
    quoted: Vec<String>,
}

impl Prompt {
    fn new(text: &str) -> Self {
        let mut end = text.len().min(MOST_BYTES);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let lower = text[..end].to_lowercase().replace('’', "'");
        let is_of_word = |c: char| c.is_alphanumeric() || c == '-';
        let words: Vec<&str> = lower
            .split(|c| !is_of_word(c))
            .map(|word| word.trim_matches('-'))
            .filter(|word| !word.is_empty())
            .collect();
        Self {
            words: format!(" {} ", words.join(" ")),
            quoted: quoted(&lower),
            lower,
        }
    }

    /// One of these, as whole words.
    fn says(&self, phrases: &[&str]) -> bool {
        let says = |phrase: &&str| self.words.contains(&format!(" {phrase} "));
        phrases.iter().any(says)
    }

    /// One of these, wherever: for writing without spaces.
    fn holds(&self, parts: &[&str]) -> bool {
        parts.iter().any(|part| self.lower.contains(part))
    }

    fn asks_for_text(&self) -> bool {
        self.says(TEXT) || self.holds(TEXT_JA)
    }

    fn asks_for_hard_text(&self) -> bool {
        let is_dense = |text: &String| text.chars().count() > DENSE_CHARS;
        let is_long = self.asks_for_text() && self.quoted.iter().any(is_dense);
        self.says(HARD_TEXT) || self.holds(HARD_TEXT_JA) || is_long
    }

    fn asks_for_other_script(&self) -> bool {
        let is_other = |text: &String| text.chars().any(is_other_script);
        let is_drawn = self.asks_for_text() && self.quoted.iter().any(is_other);
        let is_named = self.says(SCRIPTS)
            && (self.asks_for_text() || self.says(&["writing", "written", "kanji"]));
        is_drawn || is_named || self.holds(SCRIPTS_JA)
    }

    /// A number of things from five on: "7 cats", "twelve roses", 「七匹の猫」.
    fn asks_for_count(&self) -> bool {
        let words: Vec<&str> = self.words.split_whitespace().collect();
        let counts = words.windows(2).any(|pair| {
            let number = pair[0].parse().is_ok_and(is_countable) || NUMBERS.contains(&pair[0]);
            let is_thing = pair[1].chars().all(|c| c.is_ascii_alphabetic());
            number && is_thing && !UNITS.contains(&pair[1])
        });
        counts
            || self.says(&["exactly three", "exactly four", "exactly 3", "exactly 4"])
            || self.counts_in_japanese()
    }

    fn counts_in_japanese(&self) -> bool {
        let chars: Vec<char> = self.lower.chars().collect();
        chars.windows(2).enumerate().any(|(at, pair)| {
            COUNTERS_JA.contains(&pair[1]) && number_before(&chars[..=at]).is_some_and(is_countable)
        })
    }

    fn asks_for_position(&self) -> bool {
        self.says(POSITIONS) || self.holds(POSITIONS_JA)
    }
}

/// Years and resolutions are numbers of nothing that is drawn.
fn is_countable(number: u32) -> bool {
    (MANY..1000).contains(&number)
}

/// The number that ends there, in digits of either width or in kanji up to 99.
fn number_before(chars: &[char]) -> Option<u32> {
    let digit = |c: char| match c {
        '０'..='９' => Some(u32::from(c) - u32::from('０')),
        _ => c.to_digit(10),
    };
    let start = chars
        .iter()
        .rposition(|c| digit(*c).is_none())
        .map_or(0, |at| at + 1);
    if start < chars.len() {
        let digits = chars[start..].iter().filter_map(|c| digit(*c));
        return digits.take(6).reduce(|number, digit| number * 10 + digit);
    }
    let kanji = |c: char| {
        "一二三四五六七八九"
            .chars()
            .position(|known| known == c)
            .map(|at| at as u32 + 1)
    };
    match chars {
        [.., tens, '十', ones] if kanji(*tens).is_some() && kanji(*ones).is_some() => {
            Some(kanji(*tens)? * 10 + kanji(*ones)?)
        }
        [.., '十', ones] if kanji(*ones).is_some() => Some(10 + kanji(*ones)?),
        [.., tens, '十'] if kanji(*tens).is_some() => Some(kanji(*tens)? * 10),
        [.., '十'] => Some(10),
        [.., ones] => kanji(*ones),
        [] => None,
    }
}

fn quoted(text: &str) -> Vec<String> {
    const MARKS: [(char, char); 6] = [
        ('"', '"'),
        ('“', '”'),
        ('「', '」'),
        ('『', '』'),
        ('«', '»'),
        ('„', '“'),
    ];
    let mut found = Vec::new();
    for (open, close) in MARKS {
        let mut rest = text;
        while let Some((_, after)) = rest.split_once(open) {
            let Some((inside, behind)) = after.split_once(close) else {
                break;
            };
            found.push(inside.to_owned());
            rest = behind;
        }
    }
    found
}

/// A letter that is neither Latin nor a sign of all scripts.
fn is_other_script(c: char) -> bool {
    c.is_alphabetic() && u32::from(c) > 0x024F && !('\u{1E00}'..='\u{1EFF}').contains(&c)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(prompt: &str, expected: &[Limit]) {
        assert_eq!(limits(prompt), expected, "{prompt}");
    }

    #[test]
    fn ordinary_prompts_are_left_alone() {
        for prompt in [
            "",
            "a red fox beside a river",
            "two cats on a sofa, 35 mm lens, f/1.8, 4k",
            "a street in Tokyo in 1998, 20 years ago, at 6 pm",
            "three friends and four dogs in a park",
            "a man in a Japanese garden",
            "a sign that says \"OPEN\"",
            "夕焼けの海辺に立つ白い灯台を水彩画で描いてください。",
            "猫が二匹、ソファの上で寝ている",
            "一人の女性が本を読んでいる",
            "「夏休み」という題の楽しい絵",
        ] {
            check(prompt, &[]);
        }
    }

    #[test]
    fn text_that_is_hard_to_draw() {
        check("a bottle with small print on it", &[Limit::HardText]);
        check("a cereal box with a nutrition label", &[Limit::HardText]);
        let dense = format!(
            "a poster with the text \"{}\"",
            "come and see us ".repeat(6)
        );
        check(&dense, &[Limit::HardText]);
        check("縦書きのポスター", &[Limit::HardText]);
        check("小さな文字がたくさんある新聞", &[Limit::HardText]);
    }

    #[test]
    fn text_in_another_script() {
        check("a sign that reads \"営業中\"", &[Limit::OtherScript]);
        check("a poster with a headline in Arabic", &[Limit::OtherScript]);
        check("a shop sign with the words “Привет”", &[Limit::OtherScript]);
        check("「営業中」と書かれた木の札", &[Limit::OtherScript]);
        check("日本語の看板が並ぶ通り", &[Limit::OtherScript]);
        check("a café sign with the text \"Crème brûlée\"", &[]);
    }

    #[test]
    fn numbers_of_things() {
        for prompt in [
            "7 cats on a fence",
            "a vase with twelve roses",
            "exactly three apples",
            "猫が7匹いる",
            "りんごが十二個",
            "８人の子ども",
            "二十本の鉛筆",
        ] {
            check(prompt, &[Limit::ExactCount]);
        }
    }

    #[test]
    fn places_and_medicine() {
        check("a chess game after move ten", &[Limit::ExactPosition]);
        check("a logo in the top-left corner", &[Limit::ExactPosition]);
        check("左上に太陽、右下に家", &[Limit::ExactPosition]);
        check("an X-ray of a hand", &[Limit::Medical]);
        check("胸部のレントゲン写真", &[Limit::Medical]);
        check("an MRI of 8 knees", &[Limit::ExactCount, Limit::Medical]);
    }

    proptest! {
        #[test]
        fn any_text_can_be_looked_at(text in "\\PC{0,200}") {
            prop_assert!(limits(&text).len() <= Limit::ALL.len());
        }
    }
}
