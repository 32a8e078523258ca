//! A newer file of the model data, which a person brings: checked wholly before anything of it is used, and compared with
//! what is in use.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::date::Date;
use crate::domain::model::{
    Catalogue, CatalogueError, Model, OutputTokens, Published, Rates, Row, Sizes,
};
use crate::domain::money::Usd;
use crate::domain::pricing::estimate;
use crate::domain::pricing::tokens::TextCount;
use crate::domain::request::ImageRequest;
use crate::domain::size::{Pixels, Size, SizeRule};

/// No file is larger: the built-in one has a twentieth of it.
pub const MOST_BYTES: u64 = 1 << 20;

/// Why a file is not used. Nothing of it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PriceFileFault {
    #[error("the file cannot be read")]
    Unread,
    #[error("the file is larger than {MOST_BYTES} bytes")]
    TooLarge,
    /// Not JSON, or of another shape; with the reader's own words.
    #[error("{0}")]
    Malformed(String),
    #[error("the file is of format {0}")]
    Format(u32),
    /// It names what it does not hold, or an option twice.
    #[error("the file contradicts itself at {0}")]
    Contradiction(String),
    #[error("the file is of {file}, what is in use of {present}")]
    NotNewer { file: Date, present: Date },
    #[error("the file is of {0}, which has not come")]
    Future(Date),
    #[error("the file holds no models")]
    NoModels,
    #[error("{0:?} is no name")]
    BadName(String),
    #[error("{0} is named twice")]
    NamedTwice(String),
    #[error("{place}: {figure:?}")]
    Implausible { place: String, figure: Figure },
}

/// What cannot be right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Figure {
    /// A price of a token.
    Rate,
    /// A price of a picture.
    PicturePrice,
    Tokens,
    /// A size, a number of pictures or of characters.
    Limit,
    Date,
}

/// What is different in a newer file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changes {
    pub from: Date,
    pub to: Date,
    pub added: Vec<String>,
    pub removed: Vec<String>,
    pub repriced: Vec<Repriced>,
    /// Models of which something else is different: limits, options, dates.
    pub altered: Vec<String>,
}

/// A model whose prices are different.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repriced {
    pub model: String,
    /// The most that one picture is likely to cost with the model's own settings, where that is known.
    pub before: Option<Usd>,
    pub after: Option<Usd>,
}

/// A thousand dollars per million tokens: 25 times the dearest that was ever sold.
const MOST_PER_MILLION: Usd = Usd(1_000_000_000_000_000);
const MOST_PER_PICTURE: Usd = Usd(100_000_000_000_000);
/// Whole numbers are read as pico-dollars, as records hold them: a price below this was meant in dollars.
const LEAST_PER_PICTURE: Usd = Usd(1_000_000);
const MOST_TOKENS: u64 = 10_000_000;
const MOST_FACTOR: u64 = 10_000;
const MOST_PERCENT: u64 = 10_000;
const MOST_EDGE: u32 = 65_535;
const MOST_PIXELS: u64 = 1 << 32;
const MOST_PICTURES: u32 = 1_000;
const MOST_CHARS: usize = 10_000_000;
const MOST_NAME_CHARS: usize = 128;

/// Reads a file that is to take the place of the data of `present`. It may be of tomorrow: somewhere it is.
///
/// # Errors
/// The first reason why nothing of it is used.
pub fn read_newer(json: &str, present: Date, today: Date) -> Result<Catalogue, PriceFileFault> {
    if json.len() as u64 > MOST_BYTES {
        return Err(PriceFileFault::TooLarge);
    }
    let read = Catalogue::read(json).map_err(|error| match error {
        CatalogueError::Malformed(words) => PriceFileFault::Malformed(words),
        CatalogueError::Format(format) => PriceFileFault::Format(format),
        CatalogueError::Inconsistent(place) => PriceFileFault::Contradiction(place),
    })?;
    check_dates(&read)?;
    check_names(&read)?;
    read.all().try_for_each(check_model)?;
    check_stand_in(&read)?;
    let file = read.version;
    if file <= present {
        Err(PriceFileFault::NotNewer { file, present })
    } else if file.days() > today.days() + 1 {
        Err(PriceFileFault::Future(file))
    } else {
        Ok(read)
    }
}

fn check_dates(read: &Catalogue) -> Result<(), PriceFileFault> {
    let sources = read.sources.iter();
    let sources = sources.map(|(name, source)| (name.as_str(), source.read));
    let models = read.all().flat_map(|model| {
        let days = [model.lifecycle.released, model.lifecycle.shutdown];
        let days = days.into_iter().flatten();
        days.map(|day| (model.id.as_str(), day))
    });
    let all = [("version", read.version)]
        .into_iter()
        .chain(sources)
        .chain(models);
    let unreal = |(_, day): &(&str, Date)| !day.is_real();
    match all.into_iter().find(unreal) {
        Some((place, _)) => Err(implausible(place, Figure::Date)),
        None => Ok(()),
    }
}

fn check_names(read: &Catalogue) -> Result<(), PriceFileFault> {
    if read.models().is_empty() {
        return Err(PriceFileFault::NoModels);
    }
    let mut seen = BTreeSet::new();
    for model in read.models() {
        for name in [&model.id].into_iter().chain(&model.snapshots) {
            let is_name = !name.is_empty()
                && name.trim() == name
                && name.chars().count() <= MOST_NAME_CHARS
                && !name.contains(char::is_control);
            if !is_name {
                return Err(PriceFileFault::BadName(
                    name.chars().take(MOST_NAME_CHARS).collect(),
                ));
            }
            if !seen.insert(name) {
                return Err(PriceFileFault::NamedTwice(name.clone()));
            }
        }
    }
    Ok(())
}

fn check_model(model: &Model) -> Result<(), PriceFileFault> {
    let rows = || {
        let edits = model.endpoints.edits.as_ref();
        [&model.endpoints.generations].into_iter().chain(edits)
    };
    let figures = [
        (
            Figure::Rate,
            model.rates.as_ref().is_none_or(rates_are_plausible),
        ),
        (
            Figure::PicturePrice,
            model.published.as_ref().is_none_or(cells_are_plausible),
        ),
        (Figure::Tokens, tokens_are_plausible(model)),
        (Figure::Limit, rows().all(limits_are_plausible)),
    ];
    if let Some((figure, _)) = figures.into_iter().find(|(_, plausible)| !plausible) {
        return Err(implausible(&model.id, figure));
    }
    if rows().all(options_differ) {
        Ok(())
    } else {
        Err(PriceFileFault::Contradiction(model.id.clone()))
    }
}

/// The stand-in for unknown names has no price, or every unknown name would have it.
fn check_stand_in(read: &Catalogue) -> Result<(), PriceFileFault> {
    let stand_in = read.model("");
    let has_price = stand_in.rates.is_some() || stand_in.published.is_some();
    match has_price {
        true => Err(PriceFileFault::Contradiction("unknown_model".into())),
        false => Ok(()),
    }
}

fn implausible(place: &str, figure: Figure) -> PriceFileFault {
    PriceFileFault::Implausible {
        place: place.into(),
        figure,
    }
}

fn rates_are_plausible(rates: &Rates) -> bool {
    let all = [
        rates.text_in,
        rates.text_in_cached,
        rates.image_in,
        rates.image_in_cached,
        rates.image_out,
    ];
    all.into_iter()
        .chain(rates.text_out)
        .all(|rate| rate.of(1_000_000) <= MOST_PER_MILLION)
}

fn cells_are_plausible(published: &Published) -> bool {
    published.cells.iter().all(|(size, cells)| {
        is_size(size)
            && cells.values().all(|price| {
                *price == Usd::ZERO || (LEAST_PER_PICTURE..=MOST_PER_PICTURE).contains(price)
            })
    })
}

fn tokens_are_plausible(model: &Model) -> bool {
    let few = |tokens: u64| tokens <= MOST_TOKENS;
    let span = |[low, high]: [u64; 2]| low <= high && few(high);
    let text = model
        .text_tokens
        .as_ref()
        .is_none_or(|text| few(text.added) && text.added_by_image.is_none_or(span));
    let images = model.input_images.as_ref().is_none_or(|images| {
        images
            .tiles
            .is_none_or(|tiles| few(tiles.base) && few(tiles.each))
            && images.seen.is_none_or(span)
            && images
                .high_fidelity
                .is_none_or(|high| few(high.square) && few(high.other))
    });
    let output = |output: &OutputTokens| {
        let cells = |(size, cells): (&String, &BTreeMap<String, u64>)| {
            is_size(size) && cells.values().all(|tokens| few(*tokens))
        };
        let factors = output
            .formula
            .iter()
            .flat_map(|formula| formula.factors.values());
        output.table.iter().all(cells)
            && factors
                .into_iter()
                .all(|factor| (1..=MOST_FACTOR).contains(factor))
            && output
                .percent
                .values()
                .all(|[low, high]| low <= high && *high <= MOST_PERCENT)
    };
    text && images
        && model.output_tokens.as_ref().is_none_or(output)
        && few(model.partial_image_tokens)
}

fn limits_are_plausible(row: &Row) -> bool {
    let Sizes { listed, rule, .. } = &row.sizes;
    let edges = |pixels: Pixels| pixels.short_edge() > 0 && pixels.long_edge() <= MOST_EDGE;
    (1..=MOST_CHARS).contains(&row.prompt_chars)
        && (1..=MOST_PICTURES).contains(&row.n.max)
        && row.n.max_streamed <= row.n.max
        && row.partial_images <= MOST_PICTURES
        && row.images.as_ref().is_none_or(|images| {
            (1..=MOST_PICTURES as usize).contains(&images.max) && images.max_bytes > 0
        })
        && row.mask.as_ref().is_none_or(|mask| mask.max_bytes > 0)
        && listed.iter().filter_map(|size| size.pixels()).all(edges)
        && rule.as_ref().is_none_or(rule_is_plausible)
}

fn rule_is_plausible(rule: &SizeRule) -> bool {
    (1..=MOST_EDGE).contains(&rule.max_edge)
        && (1..=rule.max_edge).contains(&rule.multiple)
        && (1..=MOST_EDGE).contains(&rule.max_ratio)
        && rule.min_pixels <= rule.max_pixels
        && rule.max_pixels <= MOST_PIXELS
        // There is at least one.
        && rule.nearest(Pixels::new(1024, 1024)).is_some()
}

fn is_size(name: &str) -> bool {
    matches!(name.parse(), Ok(Size::Pixels(_)))
}

/// No option is there twice, and none is empty.
fn options_differ(row: &Row) -> bool {
    let sizes: Vec<_> = row.sizes.listed.iter().map(ToString::to_string).collect();
    let mut options = row.options().into_iter().flatten();
    differ(&sizes) && options.all(|options| differ(&options.values))
}

/// One by one: a set made of all at once would bring a sort of its own.
fn differ(values: &[String]) -> bool {
    let mut seen = BTreeSet::new();
    values
        .iter()
        .all(|value| !value.is_empty() && seen.insert(value))
}

impl Changes {
    /// What becomes different with the newer data.
    #[must_use]
    pub fn between(present: &Catalogue, newer: &Catalogue) -> Self {
        let missing_in = |other: &Catalogue, models: &[Model]| {
            let lacks = |id: &&String| other.models().iter().all(|model| model.id != **id);
            let ids = models.iter().map(|model| &model.id);
            ids.filter(lacks).cloned().collect()
        };
        let usual = |model: &Model, catalogue: &Catalogue| {
            let request = ImageRequest::new(&model.id, catalogue);
            let likely = estimate(&request, TextCount::exact(0), model).likely;
            likely.map(|span| span.high)
        };
        let (mut repriced, mut altered) = (Vec::new(), Vec::new());
        for after in newer.models() {
            let before = present.models().iter().find(|old| old.id == after.id);
            let Some(before) = before else { continue };
            let ((old_prices, old_rest), (prices, rest)) = (split(before), split(after));
            if old_prices != prices {
                repriced.push(Repriced {
                    model: after.id.clone(),
                    before: usual(before, present),
                    after: usual(after, newer),
                });
            }
            if old_rest != rest {
                altered.push(after.id.clone());
            }
        }
        Self {
            from: present.version,
            to: newer.version,
            added: missing_in(present, newer.models()),
            removed: missing_in(newer, present.models()),
            repriced,
            altered,
        }
    }

    /// Nothing but the date.
    #[must_use]
    pub fn are_none(&self) -> bool {
        self.added.is_empty()
            && self.removed.is_empty()
            && self.repriced.is_empty()
            && self.altered.is_empty()
    }
}

/// What makes a model's prices, whatever page it was read on, and what else there is of the model.
fn split(model: &Model) -> (impl PartialEq, Model) {
    let mut rest = model.clone();
    let (mut rates, mut output, mut cells, mut text, mut images) = (
        rest.rates.take(),
        rest.output_tokens.take(),
        rest.published.take(),
        rest.text_tokens.take(),
        rest.input_images.take(),
    );
    let previews = std::mem::take(&mut rest.partial_image_tokens);
    let sources = [
        rates.as_mut().map(|rates| &mut rates.source),
        output.as_mut().map(|output| &mut output.source),
        cells.as_mut().map(|cells| &mut cells.source),
        text.as_mut().map(|text| &mut text.source),
        images.as_mut().map(|images| &mut images.source),
    ];
    sources.into_iter().flatten().for_each(String::clear);
    ((rates, output, cells, text, images, previews), rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::model::{FILE, Options};
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn day(text: &str) -> Date {
        Date::try_from(text.to_owned()).unwrap()
    }

    fn built_in() -> Catalogue {
        Catalogue::built_in().unwrap()
    }

    /// The built-in file as of the day on which it could take the place of itself.
    fn newer() -> Value {
        let mut file: Value = serde_json::from_str(FILE).unwrap();
        file["version"] = json!("2026-12-24");
        file
    }

    fn read(file: &str) -> Result<Catalogue, PriceFileFault> {
        read_newer(file, built_in().version, day("2026-12-24"))
    }

    /// What is said of the newer file with one part of it replaced.
    #[track_caller]
    fn refused(part: &str, value: Value) -> PriceFileFault {
        let mut file = newer();
        *file.pointer_mut(part).unwrap() = value;
        read(&file.to_string()).unwrap_err()
    }

    fn at(place: &str, figure: Figure) -> PriceFileFault {
        implausible(place, figure)
    }

    #[test]
    fn a_newer_file_is_read_and_the_built_in_one_would_be() {
        assert_eq!(
            read(&newer().to_string()).unwrap().version,
            day("2026-12-24")
        );
        assert!(read_newer(FILE, day("2026-01-01"), built_in().version).is_ok());
    }

    #[test]
    fn age_is_looked_at() {
        let present = built_in().version;
        let old = |version: &str| refused("/version", json!(version));
        for version in ["2026-11-21", &present.to_string()] {
            let file = day(version);
            assert_eq!(old(version), PriceFileFault::NotNewer { file, present });
        }
        assert_eq!(old("2026-12-26"), PriceFileFault::Future(day("2026-12-26")));
        let mut tomorrow = newer();
        tomorrow["version"] = json!("2026-12-25");
        assert!(read(&tomorrow.to_string()).is_ok());
    }

    #[test]
    fn shape_and_format_are_looked_at() {
        for text in [
            "",
            "null",
            "[]",
            "{}",
            "prices",
            "{\"format\": 1}",
            "{\"format\": NaN}",
        ] {
            let fault = read(text).unwrap_err();
            assert!(
                matches!(fault, PriceFileFault::Malformed(_)),
                "{text}: {fault}"
            );
        }
        assert_eq!(refused("/format", json!(2)), PriceFileFault::Format(2));
        assert_eq!(
            read("{\"format\": 3, \"all\": \"new\"}"),
            Err(PriceFileFault::Format(3))
        );
        let large = " ".repeat(MOST_BYTES as usize) + FILE;
        assert_eq!(read(&large), Err(PriceFileFault::TooLarge));
        let fault = refused("/models/0/rates", json!({"text_in": "1.00"}));
        assert!(matches!(fault, PriceFileFault::Malformed(_)));
    }

    #[test]
    fn dates_must_be_in_the_calendar() {
        let unreal = || json!("2026-02-30");
        assert_eq!(refused("/version", unreal()), at("version", Figure::Date));
        assert_eq!(
            refused("/sources/guide/read", unreal()),
            at("guide", Figure::Date)
        );
        assert_eq!(
            refused("/models/0/lifecycle/shutdown", unreal()),
            at("gpt-image-1-mini", Figure::Date)
        );
    }

    #[test]
    fn names_must_be_there_and_differ() {
        assert_eq!(refused("/models", json!([])), PriceFileFault::NoModels);
        for name in ["", " ", "a ", "a\u{7}"] {
            // Nothing else may refer to it.
            let fault = refused("/models/1/id", json!(name));
            assert_eq!(fault, PriceFileFault::BadName(name.into()));
        }
        let twice = |name: &str| PriceFileFault::NamedTwice(name.into());
        let second = json!("gpt-image-1-mini");
        assert_eq!(refused("/models/1/id", second), twice("gpt-image-1-mini"));
        let mut file = newer();
        file["models"][0]["snapshots"] = json!(["gpt-image-2"]);
        assert_eq!(read(&file.to_string()), Err(twice("gpt-image-2")));
    }

    #[test]
    fn absurd_figures_are_refused() {
        let mini = |part: &str, value: Value| {
            let mut file = newer();
            let model = &mut file["models"][0];
            if model.pointer(part).is_none() {
                panic!("{part}");
            }
            *model.pointer_mut(part).unwrap() = value;
            match read(&file.to_string()).unwrap_err() {
                PriceFileFault::Implausible { place, figure } if place == "gpt-image-1-mini" => {
                    Some(figure)
                }
                PriceFileFault::Malformed(_) => None,
                fault => panic!("{part}: {fault}"),
            }
        };
        for rate in [
            "text_in",
            "text_in_cached",
            "image_in",
            "image_in_cached",
            "image_out",
        ] {
            let rate = format!("/rates/{rate}");
            assert_eq!(mini(&rate, json!("1000.01")), Some(Figure::Rate));
            assert_eq!(mini(&rate, json!("18000000")), Some(Figure::Rate));
            for none in [
                "-2.00",
                "NaN",
                "inf",
                "1e3",
                "",
                "0.0000001",
                "99999999999999999999",
            ] {
                assert_eq!(mini(&rate, json!(none)), None, "{none}");
            }
            for number in [json!(-2), json!(2.5), json!(null), json!([2])] {
                assert_eq!(mini(&rate, number), None);
            }
        }
        let cell = "/published/cells/1024x1024/low";
        for price in [json!("100.01"), json!(1), json!("0.0000001")] {
            assert_eq!(mini(cell, price), Some(Figure::PicturePrice));
        }
        assert_eq!(
            mini("/published/cells", json!({"big": {"low": "1"}})),
            Some(Figure::PicturePrice)
        );
        let table = "/output_tokens/table/1024x1024/low";
        assert_eq!(mini(table, json!(10_000_001)), Some(Figure::Tokens));
        assert_eq!(
            mini("/partial_image_tokens", json!(u64::MAX)),
            Some(Figure::Tokens)
        );
        assert_eq!(
            mini("/text_tokens/added_by_image", json!([9, 8])),
            Some(Figure::Tokens)
        );
        let row = |part: &str| format!("/endpoints/generations/{part}");
        assert_eq!(mini(&row("n/max"), json!(1001)), Some(Figure::Limit));
        assert_eq!(mini(&row("prompt_chars"), json!(0)), Some(Figure::Limit));
    }

    #[test]
    fn what_contradicts_itself_is_refused() {
        let of = |id: &str| PriceFileFault::Contradiction(id.into());
        let quality = json!({"values": ["low", "low"], "default": "low"});
        let part = "/models/0/endpoints/generations/quality";
        assert_eq!(refused(part, quality), of("gpt-image-1-mini"));
        let replacement = "/models/0/lifecycle/replacement";
        assert_eq!(refused(replacement, json!("none")), of("gpt-image-1-mini"));
        let mut priced = newer();
        priced["unknown_model"]["rates"] = priced["models"][0]["rates"].clone();
        assert_eq!(read(&priced.to_string()), Err(of("unknown_model")));
    }

    #[test]
    fn what_changes_is_told_by_kind() {
        let mut file = newer();
        let models = file["models"].as_array_mut().unwrap();
        let mut added = models[0].clone();
        added["id"] = json!("brand-new-image");
        models[0]["rates"]["image_out"] = json!("9.00");
        models[0]["lifecycle"]["shutdown"] = json!("2027-01-01");
        let at = models.iter().position(|model| model["id"] == "gpt-image-2");
        models[at.unwrap()]["rates"]["source"] = json!("guide");
        let last = models.pop().unwrap();
        models.push(added);
        let changes = Changes::between(&built_in(), &read(&file.to_string()).unwrap());
        assert_eq!(
            (changes.from, changes.to),
            (built_in().version, day("2026-12-24"))
        );
        assert_eq!(changes.added, ["brand-new-image"]);
        assert_eq!(changes.removed, [last["id"].as_str().unwrap()]);
        assert_eq!(changes.altered, ["gpt-image-1-mini"]);
        assert_eq!(changes.repriced.len(), 1);
        let Repriced {
            model,
            before,
            after,
        } = &changes.repriced[0];
        assert_eq!(model, "gpt-image-1-mini");
        assert!(before.unwrap() <= after.unwrap());
        assert!(!changes.are_none());
        let same = read(&newer().to_string()).unwrap();
        assert!(Changes::between(&built_in(), &same).are_none());
    }

    /// Every place of a file, as JSON pointers.
    fn places(value: &Value, here: &str, found: &mut Vec<String>) {
        found.push(here.to_owned());
        match value {
            Value::Object(fields) => fields
                .iter()
                .for_each(|(name, part)| places(part, &format!("{here}/{name}"), found)),
            Value::Array(parts) => (0..)
                .zip(parts)
                .for_each(|(at, part): (usize, _)| places(part, &format!("{here}/{at}"), found)),
            _ => {}
        }
    }

    fn odd() -> impl Strategy<Value = Value> {
        prop_oneof![
            Just(json!(null)),
            Just(json!([])),
            Just(json!({})),
            Just(json!("")),
            Just(json!("-1")),
            Just(json!("auto")),
            Just(json!("0x0")),
            Just(json!("4294967295x4294967295")),
            Just(json!("9999-12-31")),
            Just(json!([0, 18_446_744_073_709_551_615_u64])),
            any::<i64>().prop_map(|number| json!(number)),
            (0_u64..20).prop_map(|number| json!(number)),
            any::<u64>().prop_map(|number| json!(number)),
            any::<f64>().prop_map(|number| json!(number)),
            "[0-9]{1,12}(\\.[0-9]{1,9})?".prop_map(|text| json!(text)),
            any::<String>().prop_map(|text| json!(text)),
        ]
    }

    /// Whatever was read can be used: every model, quality and size has a price without harm, and none is out of bounds.
    fn use_all(catalogue: &Catalogue) {
        let changes = Changes::between(&built_in(), catalogue);
        assert!(changes.to > changes.from);
        for model in catalogue.all() {
            let mut request = ImageRequest::new(&model.id, catalogue);
            request.prompt = "a cat".into();
            request.partial_images = u32::MAX;
            request.adapt(&model.id, catalogue);
            let row = request.row(model).clone();
            let values =
                |options: Option<Options>| options.map_or(vec![String::new()], |o| o.values);
            for quality in values(row.quality.clone()) {
                for size in row.sizes.listed.iter().copied().chain([Size::Auto]) {
                    request.quality.clone_from(&quality);
                    request.size = size;
                    let priced = estimate(&request, TextCount::exact(9), model);
                    let bound = MOST_PER_PICTURE.times(1 << 40);
                    assert!(priced.likely.is_none_or(|span| span.high <= bound));
                    drop(request.violations(model));
                }
            }
            assert!(row.sizes.nearest(Pixels::new(3, u32::MAX)) != Some(Pixels::default()));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]

        #[test]
        fn a_file_with_odd_values_is_refused_or_of_use(
            changes in prop::collection::vec((any::<prop::sample::Index>(), odd()), 1..4),
        ) {
            let mut file = newer();
            for (at, value) in changes {
                let mut all = Vec::new();
                places(&file, "", &mut all);
                *file.pointer_mut(&all[at.index(all.len())]).unwrap() = value;
            }
            if let Ok(read) = read(&file.to_string()) {
                use_all(&read);
            }
        }

        #[test]
        fn a_damaged_file_is_read_without_harm(
            cut in any::<prop::sample::Index>(),
            bytes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
            is_cut in any::<bool>(),
        ) {
            let mut file = newer().to_string().into_bytes();
            for (at, byte) in bytes {
                let at = at.index(file.len());
                file[at] = byte;
            }
            if is_cut {
                file.truncate(cut.index(file.len()));
            }
            if let Ok(read) = read(&String::from_utf8_lossy(&file)) {
                use_all(&read);
            }
        }

        #[test]
        fn no_negative_amount_is_ever_read(at in any::<prop::sample::Index>(), pico in 1_i64..i64::MAX) {
            let mut file = newer();
            let mut all = Vec::new();
            places(&file, "", &mut all);
            let is_amount = |place: &String| {
                let amounts = ["/text_in", "/text_in_cached", "/image_in", "/image_in_cached", "/image_out", "/text_out"];
                file.pointer(place).is_some_and(|value| !value.is_object())
                    && (place.contains("/cells/") || amounts.iter().any(|name| place.ends_with(name)))
            };
            all.retain(is_amount);
            let place = at.get(&all);
            for negative in [json!(-pico), json!(-(pico as f64)), json!(format!("-{pico}")), json!(format!("-0.{pico}"))] {
                *file.pointer_mut(place).unwrap() = negative;
                prop_assert!(matches!(read(&file.to_string()), Err(PriceFileFault::Malformed(_))), "{}", place);
            }
        }
    }
}
