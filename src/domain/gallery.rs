//! What a person looks for among the pictures, and where a picture stands in a grid of which only the seen part is made.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::domain::date::{DAY_MILLIS, Timestamp};
use crate::domain::money::Usd;
use crate::domain::record::{Label, PictureRecord};

/// How a picture was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// From words alone.
    Created,
    /// From other images.
    Edited,
}

/// How long ago.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Age {
    Day,
    Week,
    Month,
    Year,
}

/// What a picture cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CostClass {
    Nothing,
    /// At most one US cent, and more than nothing.
    Cent,
    /// More than one US cent.
    More,
    Unknown,
}

/// A name for each value, as it stands in a form.
pub trait Named: Copy + 'static {
    const NAMES: &'static [(Self, &'static str)];

    fn of_name(name: &str) -> Option<Self> {
        let found = Self::NAMES.iter().find(|(_, known)| *known == name);
        found.map(|(value, _)| *value)
    }
}

impl Named for Kind {
    const NAMES: &'static [(Self, &'static str)] =
        &[(Self::Created, "created"), (Self::Edited, "edited")];
}

impl Named for Age {
    const NAMES: &'static [(Self, &'static str)] = &[
        (Self::Day, "day"),
        (Self::Week, "week"),
        (Self::Month, "month"),
        (Self::Year, "year"),
    ];
}

impl Named for CostClass {
    const NAMES: &'static [(Self, &'static str)] = &[
        (Self::Nothing, "nothing"),
        (Self::Cent, "cent"),
        (Self::More, "more"),
        (Self::Unknown, "unknown"),
    ];
}

impl Age {
    /// Milliseconds.
    fn millis(self) -> u64 {
        let days = match self {
            Self::Day => 1,
            Self::Week => 7,
            Self::Month => 30,
            Self::Year => 365,
        };
        days * DAY_MILLIS
    }
}

impl CostClass {
    fn of(cost: Option<Usd>) -> Self {
        /// Pico-dollars.
        const CENT: u64 = 10_000_000_000;
        match cost {
            None => Self::Unknown,
            Some(Usd(0)) => Self::Nothing,
            Some(Usd(cost)) if cost <= CENT => Self::Cent,
            Some(_) => Self::More,
        }
    }
}

/// What is looked for: everything that is named must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    /// Words that prompt, tags, collections or the model's name must hold, each somewhere.
    pub text: String,
    pub model: Option<String>,
    pub kind: Option<Kind>,
    pub age: Option<Age>,
    pub cost: Option<CostClass>,
    pub collection: Option<String>,
    pub favourites_only: bool,
}

impl Query {
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Made ready to be held against many pictures.
    #[must_use]
    pub fn ready(&self, now: Timestamp) -> Search {
        Search {
            words: fold(&self.text)
                .split_whitespace()
                .map(str::to_owned)
                .collect(),
            since: self
                .age
                .map(|age| Timestamp(now.0.saturating_sub(age.millis()))),
            query: self.clone(),
        }
    }
}

/// A query with its words folded and its dates fixed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    words: Vec<String>,
    since: Option<Timestamp>,
    query: Query,
}

impl Search {
    /// Whether a picture is looked for; `text` is its [`searched_text`].
    #[must_use]
    pub fn finds(&self, record: &PictureRecord, text: &str) -> bool {
        let query = &self.query;
        let kind = if record.request.is_edit() {
            Kind::Edited
        } else {
            Kind::Created
        };
        let is_named = |wanted: &String| record.marks.collections.contains(wanted);
        (!query.favourites_only || record.marks.favourite)
            && query.kind.is_none_or(|wanted| wanted == kind)
            && self.since.is_none_or(|since| record.made >= since)
            && query
                .cost
                .is_none_or(|wanted| wanted == CostClass::of(record.cost))
            && query
                .model
                .as_ref()
                .is_none_or(|wanted| *wanted == record.request.model)
            && query.collection.as_ref().is_none_or(is_named)
            && self.words.iter().all(|word| text.contains(word))
    }
}

/// Everything in a picture's record that words are looked for in, folded.
#[must_use]
pub fn searched_text(record: &PictureRecord) -> String {
    let revised = record.revised_prompt.as_deref();
    let labels = [Label::Tag, Label::Collection]
        .into_iter()
        .flat_map(|label| record.marks.labels(label))
        .map(String::as_str);
    let parts = [record.request.prompt.as_str(), &record.request.model];
    let all: Vec<&str> = parts.into_iter().chain(revised).chain(labels).collect();
    fold(&all.join("\n"))
}

/// Letters as one looks for them: small, of normal width, and Katakana as Hiragana.
#[must_use]
pub fn fold(text: &str) -> String {
    let plain = |c: char| {
        let code = u32::from(c);
        let shifted = match code {
            0xFF01..=0xFF5E => code - 0xFEE0,
            0x30A1..=0x30F6 => code - 0x60,
            0x3000 => 0x20,
            _ => code,
        };
        char::from_u32(shifted).unwrap_or(c)
    };
    text.chars()
        .map(plain)
        .flat_map(char::to_lowercase)
        .collect()
}

/// The models and the names of collections among pictures, sorted.
#[must_use]
pub fn present<'a>(
    records: impl Iterator<Item = &'a PictureRecord>,
) -> (BTreeSet<&'a str>, BTreeSet<&'a str>) {
    let (mut models, mut collections) = (BTreeSet::new(), BTreeSet::new());
    for record in records {
        models.insert(record.request.model.as_str());
        collections.extend(record.marks.collections.iter().map(String::as_str));
    }
    (models, collections)
}

/// Where a list stands in the window, in CSS pixels.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Seen {
    /// Of the list.
    pub width: f64,
    /// How much of the list is above the window's upper edge; negative while it begins below it.
    pub above: f64,
    /// Of the window.
    pub height: f64,
    /// The root's font size.
    pub rem: f64,
}

/// A grid of cells of one height, as wide as there is room.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Grid {
    pub columns: usize,
    /// Whether a cell has no room for one row of buttons.
    pub is_narrow: bool,
    /// Of a cell, without the gap below it.
    pub cell_height: f64,
    pub rows: usize,
    row: f64,
    count: usize,
    seen: Seen,
}

/// In rem, as `style/library.css` has them.
const GAP: f64 = 1.0;
const LEAST_CELL: f64 = 14.0;
/// Of a narrow list: two beside each other on a phone.
const LEAST_SHARE: f64 = 0.44;
/// What stands below the image: prompt, recipe, and a row of buttons.
const TEXT: f64 = 7.75;
/// Where the buttons need two rows.
const TEXT_NARROW: f64 = 10.0;
/// In a cell that is less wide they do.
const NARROW_CELL: f64 = 13.75;
/// Rows that are made beyond the window, on either side.
const BEYOND: usize = 2;

impl Grid {
    /// The grid of `count` cells in a list.
    #[must_use]
    pub fn of(seen: Seen, count: usize) -> Self {
        let rem = seen.rem.max(1.0);
        let (gap, width) = (GAP * rem, seen.width.max(rem));
        let least = (LEAST_CELL * rem).min(width * LEAST_SHARE).max(1.0);
        let columns = (((width + gap) / (least + gap)).floor() as usize).max(1);
        let cell = (width - gap * (columns - 1) as f64) / columns as f64;
        let is_narrow = cell < NARROW_CELL * rem;
        let text = if is_narrow { TEXT_NARROW } else { TEXT };
        let cell_height = cell + text * rem;
        Self {
            columns,
            is_narrow,
            cell_height,
            rows: count.div_ceil(columns),
            row: cell_height + gap,
            count,
            seen,
        }
    }

    /// The cells that are made: those of the window and of some rows around it.
    #[must_use]
    pub fn shown(&self) -> Range<usize> {
        if self.columns == 0 || self.row <= 0.0 {
            return 0..0;
        }
        let seen = self.seen_rows();
        let first = seen.start.saturating_sub(BEYOND);
        let last = (seen.end + BEYOND).min(self.rows);
        let cells = |row: usize| (row * self.columns).min(self.count);
        cells(first.min(last))..cells(last)
    }

    /// What is made next, where `made` is there: what is not wanted any more goes at once. Where nothing of it stays, the rows
    /// in the window come together; else one row comes, the nearest to the window first. So no single turn takes long.
    #[must_use]
    pub fn next(&self, made: &Range<usize>) -> Range<usize> {
        let wanted = self.shown();
        let (start, end) = (made.start.max(wanted.start), made.end.min(wanted.end));
        let columns = self.columns.max(1);
        let seen = self.seen_rows();
        let middle = self.row_at(self.seen.above + self.seen.height / 2.0);
        // Another number of columns: all of it is laid out anew.
        if start >= end || !start.is_multiple_of(columns) {
            let last = wanted.end.saturating_sub(1) / columns * columns;
            let first = (seen.start * columns).clamp(wanted.start, last.max(wanted.start));
            return first..(seen.end * columns).max(first + columns).min(wanted.end);
        }
        let (above, below) = (
            start.saturating_sub(columns).max(wanted.start)..end,
            start..(end + columns).min(wanted.end),
        );
        let lacks_below = end < wanted.end;
        let is_nearer =
            middle.abs_diff(end / columns) <= middle.abs_diff(start.saturating_sub(1) / columns);
        if lacks_below && (is_nearer || start == wanted.start) {
            below
        } else {
            above
        }
    }

    /// Whether nothing lacks in the window where these cells are made.
    #[must_use]
    pub fn fills_window(&self, made: &Range<usize>) -> bool {
        let (seen, columns) = (self.seen_rows(), self.columns.max(1));
        made.start <= seen.start * columns && made.end >= (seen.end * columns).min(self.count)
    }

    /// The rows in the window; the last may lie beyond the list.
    fn seen_rows(&self) -> Range<usize> {
        self.row_at(self.seen.above)..self.row_at(self.seen.above + self.seen.height) + 1
    }

    /// The row at so many CSS pixels below the list's upper edge.
    fn row_at(&self, y: f64) -> usize {
        (y / self.row.max(1.0)).floor().clamp(0.0, self.rows as f64) as usize
    }

    /// The height of the rows above a cell, in CSS pixels.
    #[must_use]
    pub fn before(&self, cell: usize) -> f64 {
        (cell / self.columns.max(1)) as f64 * self.row
    }

    /// Of the whole list, in CSS pixels.
    #[must_use]
    pub fn height(&self) -> f64 {
        (self.rows as f64 * self.row - (self.row - self.cell_height)).max(0.0)
    }

    /// From where to where a cell's row reaches, below the list's upper edge.
    #[must_use]
    pub fn reach(&self, cell: usize) -> (f64, f64) {
        let top = (cell / self.columns.max(1)) as f64 * self.row;
        (top, top + self.cell_height)
    }

    /// Where a key leads from a cell; `None` for a key that leads nowhere.
    #[must_use]
    pub fn step(&self, from: usize, step: Step) -> Option<usize> {
        let last = self.count.checked_sub(1)?;
        let page = ((self.seen.height / self.row.max(1.0)) as usize).max(1) * self.columns;
        let to = match step {
            Step::Left => from.checked_sub(1)?,
            Step::Right => from + 1,
            Step::Up => from.checked_sub(self.columns)?,
            Step::Down => from + self.columns,
            Step::PageUp => from.saturating_sub(page),
            Step::PageDown => (from + page).min(last),
            Step::First => 0,
            Step::Last => last,
        };
        (to <= last && to != from).then_some(to)
    }
}

/// A step through the grid by a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Left,
    Right,
    Up,
    Down,
    PageUp,
    PageDown,
    First,
    Last,
}

impl Step {
    /// The step of a key, by its name in `KeyboardEvent.key`.
    #[must_use]
    pub fn of_key(key: &str) -> Option<Self> {
        Some(match key {
            "ArrowLeft" => Self::Left,
            "ArrowRight" => Self::Right,
            "ArrowUp" => Self::Up,
            "ArrowDown" => Self::Down,
            "PageUp" => Self::PageUp,
            "PageDown" => Self::PageDown,
            "Home" => Self::First,
            "End" => Self::Last,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::provider::Provider;
    use crate::domain::record::{Marking, Marks, VERSION};
    use crate::domain::request::{ImageRef, ImageRequest};
    use proptest::prelude::*;

    fn picture(prompt: &str) -> PictureRecord {
        PictureRecord {
            v: VERSION,
            id: "1".into(),
            job: String::new(),
            attempt: String::new(),
            provider: Provider::OpenAi,
            made: Timestamp(100 * DAY_MILLIS),
            request: ImageRequest {
                prompt: prompt.into(),
                model: "gpt-image-2".into(),
                ..ImageRequest::default()
            },
            blob: String::new(),
            media_type: String::new(),
            width: 1,
            height: 1,
            bytes: 1,
            cost: Some(Usd(5_000_000_000)),
            revised_prompt: None,
            deleted: None,
            marks: Marks::default(),
        }
    }

    fn finds(query: &Query, record: &PictureRecord) -> bool {
        let now = Timestamp(103 * DAY_MILLIS);
        query.ready(now).finds(record, &searched_text(record))
    }

    fn text(text: &str) -> Query {
        Query {
            text: text.into(),
            ..Query::default()
        }
    }

    #[test]
    fn every_word_must_be_there_however_it_is_written() {
        let mut record = picture("A Red Umbrella in the rain");
        record
            .marks
            .change(&Marking::Add(Label::Tag, "ネコ".into()));
        for found in [
            "",
            "  ",
            "red",
            "UMBRELLA red",
            "ｒｅｄ",
            "ねこ",
            "ネコ　rain",
            "image-2",
        ] {
            assert!(finds(&text(found), &record), "{found}");
        }
        for other in ["green", "red umbrellas", "いぬ"] {
            assert!(!finds(&text(other), &record), "{other}");
        }
    }

    #[test]
    fn each_filter_leaves_out_what_it_does_not_name() {
        let plain = picture("a cat");
        let mut edited = picture("a cat");
        edited.request.images.push(ImageRef {
            blob: "1".into(),
            media_type: "image/png".into(),
            width: 1,
            height: 1,
            bytes: 1,
        });
        edited.marks.favourite = true;
        edited.marks.collections = vec!["pets".into()];
        edited.cost = None;
        edited.made = Timestamp(102 * DAY_MILLIS + 1);
        edited.request.model = "other".into();
        let only_edited = [
            Query {
                favourites_only: true,
                ..Query::default()
            },
            Query {
                kind: Some(Kind::Edited),
                ..Query::default()
            },
            Query {
                age: Some(Age::Day),
                ..Query::default()
            },
            Query {
                cost: Some(CostClass::Unknown),
                ..Query::default()
            },
            Query {
                collection: Some("pets".into()),
                ..Query::default()
            },
            Query {
                model: Some("other".into()),
                ..Query::default()
            },
        ];
        for query in only_edited {
            assert!(!query.is_empty());
            assert!(
                finds(&query, &edited) && !finds(&query, &plain),
                "{query:?}"
            );
        }
        let week = Query {
            age: Some(Age::Week),
            kind: Some(Kind::Created),
            cost: Some(CostClass::Cent),
            ..Query::default()
        };
        assert!(finds(&week, &plain) && !finds(&week, &edited));
    }

    #[test]
    fn costs_are_sorted_by_the_cent() {
        let class = |cost| CostClass::of(cost);
        assert_eq!(class(None), CostClass::Unknown);
        assert_eq!(class(Some(Usd(0))), CostClass::Nothing);
        assert_eq!(class(Some(Usd(10_000_000_000))), CostClass::Cent);
        assert_eq!(class(Some(Usd(10_000_000_001))), CostClass::More);
    }

    #[test]
    fn every_name_of_a_form_leads_back_to_its_value() {
        fn hold<T: Named + PartialEq + std::fmt::Debug>() {
            for (value, name) in T::NAMES {
                assert_eq!(T::of_name(name), Some(*value));
            }
            assert_eq!(T::of_name(""), None);
        }
        hold::<Kind>();
        hold::<Age>();
        hold::<CostClass>();
    }

    #[test]
    fn a_phone_shows_two_beside_each_other_and_a_desk_as_many_as_fit() {
        let grid = |width| {
            Grid::of(
                Seen {
                    width,
                    above: 0.0,
                    height: 800.0,
                    rem: 16.0,
                },
                100,
            )
        };
        assert_eq!(grid(328.0).columns, 2);
        assert_eq!(grid(1400.0).columns, 5);
        assert_eq!(grid(0.0).columns, 1, "before it is measured");
        assert_eq!(Grid::of(Seen::default(), 0).shown(), 0..0);
    }

    #[test]
    fn keys_stay_in_the_grid() {
        let seen = Seen {
            width: 1000.0,
            above: 0.0,
            height: 900.0,
            rem: 16.0,
        };
        let grid = Grid::of(seen, 10);
        assert_eq!(grid.columns, 4);
        assert_eq!(grid.step(0, Step::Left), None);
        assert_eq!(grid.step(0, Step::Up), None);
        assert_eq!(grid.step(0, Step::Right), Some(1));
        assert_eq!(grid.step(5, Step::Down), Some(9));
        assert_eq!(grid.step(6, Step::Down), None);
        assert_eq!(grid.step(9, Step::Last), None);
        assert_eq!(grid.step(2, Step::Last), Some(9));
        assert_eq!(grid.step(9, Step::First), Some(0));
        assert_eq!(Grid::of(seen, 0).step(0, Step::Right), None);
        for key in ["ArrowLeft", "Home", "PageDown"] {
            assert!(Step::of_key(key).is_some());
        }
        assert_eq!(Step::of_key("a"), None);
    }

    proptest! {
        /// The window, and then row by row all that is wanted comes, wherever one was before, and nothing else.
        #[test]
        fn rows_come_one_by_one(
            width in 100.0..3000.0_f64,
            above in -2000.0..200_000.0_f64,
            count in 0_usize..3_000,
            made in (0_usize..3_000, 0_usize..90),
        ) {
            let grid = Grid::of(Seen { width, above, height: 900.0, rem: 16.0 }, count);
            let (wanted, mut made) = (grid.shown(), made.0..made.0 + made.1);
            // Where nothing is wanted any more, one turn lets go of what was there.
            let rows = wanted.len().div_ceil(grid.columns).max(1);
            for turn in 0..=rows {
                if made == wanted {
                    break;
                }
                prop_assert!(turn < rows, "{made:?} of {wanted:?}");
                let before = made.clone();
                made = grid.next(&before);
                prop_assert!(made.start >= wanted.start && made.end <= wanted.end);
                let fresh = made.clone().filter(|cell| !before.contains(cell)).count();
                let in_window = (900.0 / grid.row).ceil() as usize + 1;
                let stays = before.start.max(wanted.start)..before.end.min(wanted.end);
                let is_new = stays.is_empty() || !stays.start.is_multiple_of(grid.columns);
                let most = if is_new { in_window } else { 1 };
                prop_assert!(fresh <= grid.columns * most);
                if is_new && !made.is_empty() {
                    let seen = (above.max(0.0), (above + 900.0).min(grid.height()));
                    let (first, last) = (grid.reach(made.start), grid.reach(made.end - 1));
                    prop_assert!(seen.0 >= seen.1 || (first.0 <= seen.0 + grid.row && last.1 >= seen.1 - grid.row));
                }
            }
            prop_assert_eq!(grid.next(&wanted), wanted);
        }

        /// What is in the window is made, and little more.
        #[test]
        fn the_window_is_always_filled(
            width in 100.0..3000.0_f64,
            above in -2000.0..2_000_000.0_f64,
            height in 200.0..2000.0_f64,
            count in 0_usize..10_000,
        ) {
            let grid = Grid::of(Seen { width, above, height, rem: 16.0 }, count);
            let shown = grid.shown();
            prop_assert!(shown.start <= shown.end && shown.end <= count);
            let most = ((height / grid.cell_height).ceil() as usize + 2 + 2 * BEYOND) * grid.columns;
            prop_assert!(shown.len() <= most, "{} of {most}", shown.len());
            prop_assert_eq!(shown.start % grid.columns, 0);
            prop_assert!(grid.fills_window(&shown));
            for cell in 0..count {
                let (top, bottom) = grid.reach(cell);
                if bottom > above && top < above + height {
                    prop_assert!(shown.contains(&cell), "{cell} of {shown:?}");
                    prop_assert!(!grid.fills_window(&(shown.start..cell)), "{cell} lacks");
                }
            }
            prop_assert!((grid.before(shown.start) - grid.reach(shown.start).0).abs() < 0.001);
            if count > 0 {
                prop_assert!((grid.height() - grid.reach(count - 1).1).abs() < 0.001);
            }
        }
    }
}
