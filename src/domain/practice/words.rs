//! What a prompt speaks of: things, colours, counts, times of day, in English and Japanese.

use super::colour::Rgb;

/// Something that can be drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Thing {
    Sun,
    Moon,
    Star,
    Cloud,
    Rainbow,
    Bird,
    Butterfly,
    Balloon,
    Rocket,
    Planet,
    Rain,
    Snow,
    Mountain,
    Sea,
    Forest,
    City,
    Hill,
    Tree,
    Flower,
    House,
    Boat,
    Car,
    Umbrella,
    Cat,
    Dog,
    Rabbit,
    Fish,
    Mushroom,
    Snowman,
    Person,
    Cup,
    Apple,
    Book,
    Lamp,
    Robot,
    Bottle,
    Cake,
    Plant,
    Gift,
    Heart,
    Dot,
    Square,
    Triangle,
}

/// The light of a scene.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Time {
    Day,
    Sunset,
    Night,
    Dawn,
}

/// One thing of a prompt: in which colour, if one was named, and how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) thing: Thing,
    pub(super) colour: Option<Rgb>,
    pub(super) count: u32,
}

/// A prompt as far as it was understood.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Reading {
    /// In the order of the prompt, each thing once.
    pub(super) items: Vec<Item>,
    /// The first colour that belongs to no thing.
    pub(super) colour: Option<Rgb>,
    pub(super) time: Option<Time>,
    /// Something is to go away.
    pub(super) removes: bool,
}

#[derive(Clone, Copy)]
enum Word {
    Thing(Thing),
    Colour(Rgb),
    Time(Time),
    Count(u32),
    /// Holds a word inside that it does not mean.
    Nothing,
}

/// Words of one meaning, apart by spaces; English ones in the singular and lower case.
#[rustfmt::skip]
const THINGS: &[(&str, Thing)] = &[
    ("sun sunshine sunny 太陽 お日様 お日さま 日差し", Thing::Sun),
    ("moon 月 三日月 満月", Thing::Moon),
    ("star starry 星 星空", Thing::Star),
    ("cloud cloudy 雲 くもり 曇り", Thing::Cloud),
    ("rainbow 虹 にじ", Thing::Rainbow),
    ("bird seagull swallow sparrow 鳥 小鳥 とり カモメ ツバメ", Thing::Bird),
    ("butterfly butterflies 蝶 ちょうちょ チョウ", Thing::Butterfly),
    ("balloon 風船 気球", Thing::Balloon),
    ("rocket spaceship spacecraft ロケット 宇宙船", Thing::Rocket),
    ("planet space galaxy 惑星 宇宙 土星", Thing::Planet),
    ("rain rainy raindrop 雨", Thing::Rain),
    ("snow snowy snowflake winter 雪 冬", Thing::Snow),
    ("mountain alps fuji peak 山 富士山", Thing::Mountain),
    ("sea ocean beach lake water wave coast harbor harbour 海 浜辺 湖 波 港", Thing::Sea),
    ("forest wood woodland jungle 森 林 森林", Thing::Forest),
    ("city town skyline building skyscraper tokyo 街 町 都市 都会 ビル 東京", Thing::City),
    ("hill meadow field landscape countryside grass 丘 草原 野原 風景 田舎", Thing::Hill),
    ("tree pine oak 木 樹 大木", Thing::Tree),
    ("flower rose tulip daisy sunflower garden 花 バラ チューリップ ひまわり 庭", Thing::Flower),
    ("house home cottage cabin hut 家 小屋 お家", Thing::House),
    ("boat ship sailboat yacht 船 舟 ヨット", Thing::Boat),
    ("car automobile taxi 車 自動車 くるま タクシー", Thing::Car),
    ("umbrella parasol 傘 かさ 日傘", Thing::Umbrella),
    ("cat kitten kitty 猫 ねこ ネコ 子猫", Thing::Cat),
    ("dog puppy puppies 犬 いぬ イヌ 子犬", Thing::Dog),
    ("rabbit bunny bunnies hare 兎 うさぎ ウサギ", Thing::Rabbit),
    ("fish goldfish 魚 さかな 金魚", Thing::Fish),
    ("mushroom toadstool キノコ きのこ", Thing::Mushroom),
    ("snowman 雪だるま", Thing::Snowman),
    ("person people man woman girl boy face child portrait 人 男 女 顔 子供 子ども 少女 少年 男の子 女の子", Thing::Person),
    ("cup mug coffee tea cocoa latte カップ コーヒー お茶 紅茶 マグ", Thing::Cup),
    ("apple fruit りんご リンゴ 林檎 果物", Thing::Apple),
    ("book novel library 本 絵本", Thing::Book),
    ("lamp light lantern ランプ 電灯 明かり", Thing::Lamp),
    ("robot android ロボット", Thing::Robot),
    ("bottle perfume product ボトル 瓶 香水 商品", Thing::Bottle),
    ("cake cupcake dessert birthday ケーキ 誕生日", Thing::Cake),
    ("plant houseplant cactus leaf leaves 植物 観葉植物 葉", Thing::Plant),
    ("gift present box プレゼント 贈り物 箱", Thing::Gift),
    ("heart love ハート 心 愛", Thing::Heart),
    ("dot circle ball sphere round 丸 円 点 水玉 ボール 球", Thing::Dot),
    ("square cube block 四角 正方形", Thing::Square),
    ("triangle pyramid 三角 三角形", Thing::Triangle),
];

const COLOURS: &[(&str, Rgb)] = &[
    ("red crimson scarlet 赤 赤い 紅", 0xE0_4F4A),
    ("blue azure navy 青 青い 紺", 0x3F_7FC8),
    ("green emerald 緑 みどり", 0x4F_A36B),
    ("yellow gold golden 黄色 黄色い 黄 金色", 0xF4_C648),
    ("orange オレンジ 橙", 0xF0_8C3C),
    ("purple violet lavender 紫 むらさき", 0x8A_67C0),
    ("pink ピンク 桃色", 0xF0_8FAE),
    ("black 黒 黒い", 0x33_3844),
    ("white 白 白い", 0xF7_F6F2),
    ("brown 茶色 茶色い", 0x94_6548),
    ("grey gray silver 灰色 グレー 銀色", 0x99_A1AD),
    ("teal turquoise cyan 水色", 0x4D_B6C4),
];

const TIMES: &[(&str, Time)] = &[
    ("day daytime noon morning 昼 朝", Time::Day),
    (
        "sunset dusk evening twilight 夕焼け 夕日 夕陽 夕方 夕暮れ 日没",
        Time::Sunset,
    ),
    (
        "night midnight dark starry 夜 星空 夜空 真夜中",
        Time::Night,
    ),
    (
        "dawn sunrise daybreak 夜明け 朝焼け 日の出 明け方",
        Time::Dawn,
    ),
];

const COUNTS: &[(&str, u32)] = &[
    ("one single 一", 1),
    ("two pair couple 2 二 2", 2),
    ("three 3 三 3", 3),
    ("four 4 四 4", 4),
    ("five several many 5 五 5 たくさん", 5),
];

/// Words that hold another's: read, and meant by nobody.
const NOTHING: &str = "日本 本物 本当 一月 毎日 人気 電車 月曜 today orange-juice";

const REMOVING: &str = "remove erase delete 消し 消す 取り除 削除";

impl Reading {
    /// Reads a prompt.
    pub(super) fn of(prompt: &str) -> Self {
        let prompt = prompt.to_ascii_lowercase();
        let (mut reading, mut rest) = (Self::default(), prompt.as_str());
        let (mut colour, mut count) = (None, 1);
        while let Some(first) = rest.chars().next() {
            let (word, length) = next_word(rest, first);
            rest = &rest[length..];
            match word {
                Some(Word::Thing(thing)) => {
                    reading.add(Item {
                        thing,
                        colour: colour.take(),
                        count,
                    });
                    count = 1;
                }
                Some(Word::Colour(named)) => {
                    if let Some(lone) = colour.replace(named) {
                        reading.colour.get_or_insert(lone);
                    }
                }
                Some(Word::Time(time)) => reading.time = Some(time),
                Some(Word::Count(named)) => {
                    count = named;
                    rest = rest.trim_start_matches([
                        '匹', '本', '個', '羽', '台', '人', '冊', '枚', '軒', 'つ',
                    ]);
                }
                Some(Word::Nothing) | None => {}
            }
        }
        reading.colour = reading.colour.or(colour);
        reading.removes = REMOVING.split(' ').any(|word| prompt.contains(word));
        reading
    }

    pub(super) fn add(&mut self, item: Item) {
        let known = |known: &&mut Item| known.thing == item.thing;
        if let Some(known) = self.items.iter_mut().find(known) {
            known.colour = known.colour.or(item.colour);
            known.count = known.count.max(item.count);
        } else if self.items.len() < 12 {
            self.items.push(item);
        }
        if item.thing == Thing::Star && self.time.is_none() {
            self.time = Some(Time::Night);
        }
    }

    pub(super) fn has(&self, thing: Thing) -> bool {
        self.items.iter().any(|item| item.thing == thing)
    }

    pub(super) fn colour_of(&self, thing: Thing) -> Option<Rgb> {
        self.items.iter().find(|item| item.thing == thing)?.colour
    }
}

/// The word at the start of a text and its length in bytes: a whole one of Latin letters, or the longest known of another script.
fn next_word(text: &str, first: char) -> (Option<Word>, usize) {
    if first.is_ascii_alphabetic() {
        let length = text
            .find(|c: char| !c.is_ascii_alphabetic())
            .unwrap_or(text.len());
        let word = &text[..length];
        let singular = word
            .strip_suffix("es")
            .filter(|stem| stem.ends_with(['x', 's', 'h']));
        let meaning = [Some(word), word.strip_suffix('s'), singular]
            .into_iter()
            .flatten()
            .find_map(|word| meaning(|known| known == word).map(|(word, _)| word));
        return (meaning, length);
    }
    match meaning(|known| !known.is_ascii() && text.starts_with(known) || single_digit(text, known))
    {
        Some((word, length)) => (Some(word), length),
        None => (None, first.len_utf8()),
    }
}

/// A digit that stands alone.
fn single_digit(text: &str, known: &str) -> bool {
    known.len() == 1
        && known.as_bytes()[0].is_ascii_digit()
        && text
            .strip_prefix(known)
            .is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_digit() || c == '.'))
}

/// What the longest known word that fits means, and its length in bytes.
fn meaning(fits: impl Fn(&str) -> bool) -> Option<(Word, usize)> {
    let things = THINGS
        .iter()
        .map(|(words, thing)| (*words, Word::Thing(*thing)));
    let colours = COLOURS
        .iter()
        .map(|(words, colour)| (*words, Word::Colour(*colour)));
    let times = TIMES
        .iter()
        .map(|(words, time)| (*words, Word::Time(*time)));
    let counts = COUNTS
        .iter()
        .map(|(words, count)| (*words, Word::Count(*count)));
    things
        .chain(colours)
        .chain(times)
        .chain(counts)
        .chain([(NOTHING, Word::Nothing)])
        .flat_map(|(words, meaning)| words.split(' ').map(move |word| (word, meaning)))
        .filter(|(word, _)| fits(word))
        .map(|(word, meaning)| (meaning, word.len()))
        .rev_max()
}

/// The longest, and of several as long the first.
trait Longest: Iterator<Item = (Word, usize)> + Sized {
    fn rev_max(self) -> Option<(Word, usize)> {
        self.fold(None, |best: Option<(Word, usize)>, found| match best {
            Some(best) if best.1 >= found.1 => Some(best),
            _ => Some(found),
        })
    }
}

impl<I: Iterator<Item = (Word, usize)>> Longest for I {}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(prompt: &str, things: &[(Thing, u32)], colour: Option<Rgb>, time: Option<Time>) {
        let reading = Reading::of(prompt);
        let read: Vec<_> = reading
            .items
            .iter()
            .map(|item| (item.thing, item.count))
            .collect();
        let first = reading.items.first().and_then(|item| item.colour);
        assert_eq!(
            (&*read, first, reading.time),
            (things, colour, time),
            "{prompt}"
        );
    }

    #[test]
    fn prompts_are_read_in_english_and_japanese() {
        let red = Some(0xE0_4F4A);
        check("A red umbrella", &[(Thing::Umbrella, 1)], red, None);
        check("赤い傘", &[(Thing::Umbrella, 1)], red, None);
        check(
            "three cats at night",
            &[(Thing::Cat, 3)],
            None,
            Some(Time::Night),
        );
        check("3匹の猫と夜", &[(Thing::Cat, 3)], None, Some(Time::Night));
        check("2本の木", &[(Thing::Tree, 2)], None, None);
        check(
            "Boxes, dishes and roses",
            &[(Thing::Gift, 1), (Thing::Flower, 1)],
            None,
            None,
        );
        check("日本のカーテン, category 1024", &[], None, None);
        check(
            "夕焼けの富士山",
            &[(Thing::Mountain, 1)],
            None,
            Some(Time::Sunset),
        );
        assert_eq!(Reading::of("something red").colour, red);
    }

    #[test]
    fn any_text_is_read() {
        for prompt in ["", "\u{0}", "🌞", "5", "2.5", &"cat ".repeat(8_000)] {
            assert!(Reading::of(prompt).items.len() <= 1);
        }
    }
}
