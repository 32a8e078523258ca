//! What a request will cost, as far as that can be known before it is sent, and what a reply did cost.

pub mod compare;
pub mod tokens;

use crate::domain::model::{Certainty, Model};
use crate::domain::money::{Rate, Usd};
use crate::domain::request::{AUTO, HIGH, ImageRef, ImageRequest};
use crate::domain::size::Size;
use crate::domain::usage::Usage;

use tokens::{Span, TextCount};

/// The price of a request before it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Estimate {
    /// What it is made of; empty where nothing is published.
    pub lines: Vec<Line>,
    /// From the least to the most that is likely; `None`: the price is unknown.
    pub likely: Option<Span<Usd>>,
    /// What it cannot exceed by what is published; `None`: nobody can say.
    pub upper_bound: Option<Usd>,
    /// The least sure of the lines.
    pub certainty: Certainty,
    /// How many requests are sent for it.
    pub requests: u32,
}

/// One part of a price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub kind: LineKind,
    pub tokens: Option<Span<u64>>,
    pub rate: Option<Rate>,
    pub cost: Span<Usd>,
    pub certainty: Certainty,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LineKind {
    /// The words of the prompt; approximated until the token table is here.
    PromptText,
    /// The images that are edited: paid as input.
    GivenImages,
    /// The pictures.
    Pictures,
    /// Partial previews: each is paid as output.
    Previews,
    /// What the published price per picture adds to tokens × rates, where the two differ and nobody knows which is billed.
    PublishedExtra,
    /// A published price per picture, for models that are not sold by tokens.
    PerPicture,
}

/// The price of a request: a pure function of what is composed and of the model's published figures.
#[must_use]
pub fn estimate(request: &ImageRequest, text: TextCount, model: &Model) -> Estimate {
    let row = request.row(model);
    let streams = request.streams(row);
    let requests = if streams && request.n > row.n.max_streamed {
        request.n
    } else {
        1
    };
    let lines = match (&model.rates, &model.output_tokens) {
        (Some(_), Some(_)) => token_lines(request, text, model, u64::from(requests), streams),
        _ => picture_line(request, model).into_iter().collect(),
    };
    let likely = lines
        .iter()
        .map(|line| line.cost)
        .reduce(|sum, cost| Span::new(sum.low.plus(cost.low), sum.high.plus(cost.high)));
    let certainty = lines
        .iter()
        .map(|line| line.certainty)
        .max()
        .unwrap_or(Certainty::Unknown);
    // Every token holds at least one byte, so the prompt's bytes bound its tokens whatever the tokenizer.
    let most = match &model.text_tokens {
        Some(_) if text.is_exact => text.tokens,
        _ => request.prompt.len() as u64,
    };
    let text_bound = model.rates.as_ref().map_or(Usd::ZERO, |rates| {
        let all = most + added_text(request, model).high;
        rates.text_in.of(all.saturating_mul(requests.into()))
    });
    let all_but_text = lines
        .iter()
        .filter(|line| line.kind != LineKind::PromptText);
    let upper_bound = (certainty < Certainty::Unknown)
        .then(|| all_but_text.fold(text_bound, |sum, line| sum.plus(line.cost.high)));
    Estimate {
        lines,
        likely,
        upper_bound,
        certainty,
        requests,
    }
}

/// What a reply cost, by the tokens it reports; `None` where the model's rates are unknown.
#[must_use]
pub fn actual(usage: &Usage, model: &Model) -> Option<Usd> {
    let rates = model.rates.as_ref()?;
    let text_out = rates.text_out.map_or(0, |_| usage.text_out());
    let parts = [
        rates.text_in.of(usage.text_in()),
        rates.image_in.of(usage.input_tokens_details.image_tokens),
        rates
            .image_out
            .of(usage.output_tokens.saturating_sub(text_out)),
        rates.text_out.unwrap_or_default().of(text_out),
    ];
    Some(parts.into_iter().fold(Usd::ZERO, Usd::plus))
}

fn token_lines(
    request: &ImageRequest,
    text: TextCount,
    model: &Model,
    requests: u64,
    streams: bool,
) -> Vec<Line> {
    let Some(rates) = &model.rates else {
        return Vec::new();
    };
    let certainty = match &model.text_tokens {
        Some(known) if text.is_exact && !request.is_edit() => known.certainty,
        _ => Certainty::Inferred,
    };
    let added = added_text(request, model);
    let tokens = added.map(|added| text.tokens.saturating_add(added).saturating_mul(requests));
    let mut lines = vec![line(LineKind::PromptText, tokens, rates.text_in, certainty)];
    if request.is_edit() {
        let (tokens, certainty) = given_images(request, model);
        let all = tokens.map(|tokens| tokens.saturating_mul(requests));
        lines.push(line(LineKind::GivenImages, all, rates.image_in, certainty));
    }
    let (pictures, certainty) = tokens::output_tokens(model, request.size, &request.quality);
    if let Some(each) = pictures {
        let all = each.map(|tokens| tokens.saturating_mul(request.n.into()));
        lines.push(line(LineKind::Pictures, all, rates.image_out, certainty));
        lines.extend(published_extra(
            request,
            model,
            all.map(|tokens| rates.image_out.of(tokens)),
        ));
    }
    if streams {
        let most =
            u64::from(request.partial_images) * model.partial_image_tokens * u64::from(request.n);
        lines.push(line(
            LineKind::Previews,
            Span::new(0, most),
            rates.image_out,
            Certainty::Official,
        ));
    }
    lines
}

/// Tokens of text on top of the prompt's own, of one request.
fn added_text(request: &ImageRequest, model: &Model) -> Span<u64> {
    let Some(known) = &model.text_tokens else {
        return Span::exactly(0);
    };
    let [low, high] = known.added_by_image.unwrap_or_default();
    let images = request.images.len() as u64;
    Span::new(known.added + low * images, known.added + high * images)
}

/// Tokens of the images that are edited, of one request, and the least sure of them. A mask is not counted: nothing says that
/// it is paid.
#[must_use]
pub fn given_images(request: &ImageRequest, model: &Model) -> (Span<u64>, Certainty) {
    let mut sum = (Span::exactly(0), Certainty::Official);
    for image in &request.images {
        let (tokens, certainty) = given_image(image, request, model);
        let one = tokens.unwrap_or(Span::exactly(0));
        let both = Span::new(sum.0.low + one.low, sum.0.high + one.high);
        sum = (both, sum.1.max(certainty));
    }
    sum
}

/// Tokens of one image as a part of the request, and how sure that is; `None` where nothing is known.
fn given_image(
    image: &ImageRef,
    request: &ImageRequest,
    model: &Model,
) -> (Option<Span<u64>>, Certainty) {
    let is_high = request.input_fidelity == HIGH && request.row(model).input_fidelity.is_some();
    tokens::image_tokens(model, image.pixels(), is_high)
}

/// What one image of the request costs as input: tokens, and money where the model is sold by tokens.
#[must_use]
pub fn price_of_given(
    image: &ImageRef,
    request: &ImageRequest,
    model: &Model,
) -> Option<(Span<u64>, Option<Span<Usd>>)> {
    let tokens = given_image(image, request, model).0?;
    let rates = model.rates.as_ref();
    let cost = rates.map(|rates| tokens.map(|tokens| rates.image_in.of(tokens)));
    Some((tokens, cost))
}

fn line(kind: LineKind, tokens: Span<u64>, rate: Rate, certainty: Certainty) -> Line {
    Line {
        kind,
        tokens: Some(tokens),
        rate: Some(rate),
        cost: tokens.map(|tokens| rate.of(tokens)),
        certainty,
    }
}

/// Where the published price per picture is the higher one, the difference is the upper end of the range.
fn published_extra(request: &ImageRequest, model: &Model, by_tokens: Span<Usd>) -> Option<Line> {
    model
        .published
        .as_ref()
        .filter(|published| published.upper_bound)?;
    let most = published(request, model)?.high.times(request.n.into());
    let extra = Usd(most.0.saturating_sub(by_tokens.high.0));
    let cost = Span::new(Usd::ZERO, extra);
    Some(Line {
        kind: LineKind::PublishedExtra,
        tokens: None,
        rate: None,
        cost,
        certainty: Certainty::Official,
    })
}

fn picture_line(request: &ImageRequest, model: &Model) -> Option<Line> {
    let each = published(request, model)?;
    let cost = each.map(|price| price.times(request.n.into()));
    Some(Line {
        kind: LineKind::PerPicture,
        tokens: None,
        rate: None,
        cost,
        certainty: Certainty::Official,
    })
}

/// The published price of one picture; a range where size or quality is left to the model.
fn published(request: &ImageRequest, model: &Model) -> Option<Span<Usd>> {
    let cells = &model.published.as_ref()?.cells;
    let has_quality = request.row(model).quality.is_some();
    let quality = if has_quality {
        request.quality.as_str()
    } else {
        ""
    };
    let size = (request.size != Size::Auto).then(|| request.size.to_string());
    let of_size = cells
        .iter()
        .filter(|(name, _)| size.as_ref().is_none_or(|size| size == *name));
    let prices = of_size.flat_map(|(_, row)| row.iter());
    Span::over(
        prices
            .filter(|(name, _)| quality == AUTO || quality == name.as_str())
            .map(|(_, price)| *price),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::model::Catalogue;
    use crate::domain::size::Pixels;
    use proptest::prelude::*;

    fn catalogue() -> Catalogue {
        Catalogue::built_in().unwrap()
    }

    fn priced(model: &str, change: impl FnOnce(&mut ImageRequest)) -> Estimate {
        let catalogue = catalogue();
        let mut request = ImageRequest::new(model, &catalogue);
        request.prompt = "a red dot".into();
        change(&mut request);
        estimate(&request, TextCount::exact(3), catalogue.model(model))
    }

    fn usd(text: &str) -> Usd {
        Usd::parse(text).unwrap()
    }

    #[test]
    fn the_recorded_reply_of_mini_costs_what_its_tokens_cost() {
        let usage: Usage = serde_json::from_str(
            r#"{"input_tokens":9,"output_tokens":272,"total_tokens":281,"input_tokens_details":{"text_tokens":9,"image_tokens":0}}"#,
        )
        .unwrap();
        let mini = catalogue();
        let mini = mini.model("gpt-image-1-mini");
        assert_eq!(actual(&usage, mini), Some(usd("0.002194")));
        let guess = priced("gpt-image-1-mini", |r| r.quality = "low".into());
        assert_eq!(guess.likely.unwrap().low, usd("0.002194"));
        assert_eq!(guess.likely.unwrap().high, usd("0.005018"));
    }

    #[test]
    fn what_cannot_be_known_is_said() {
        let newest = priced("gpt-image-2.6-flare", |_| ());
        assert_eq!(
            (newest.certainty, newest.upper_bound),
            (Certainty::Unknown, None)
        );
        assert!(newest.likely.unwrap().low < newest.likely.unwrap().high);
        let unknown = priced("flux", |_| ());
        assert_eq!((unknown.likely, unknown.upper_bound), (None, None));
        let auto = priced("gpt-image-1.5", |r| r.quality = AUTO.into())
            .likely
            .unwrap();
        assert!(auto.low < usd("0.009") && auto.high > usd("0.13"));
        assert_eq!(
            priced("dall-e-3", |_| ()).likely,
            Some(Span::exactly(usd("0.04")))
        );
    }

    #[test]
    fn previews_are_paid_and_split_the_request() {
        let streamed = priced("gpt-image-2", |r| (r.n, r.partial_images) = (4, 3));
        assert_eq!(streamed.requests, 4);
        let previews = streamed
            .lines
            .iter()
            .find(|line| line.kind == LineKind::Previews)
            .unwrap();
        assert_eq!(previews.tokens, Some(Span::new(0, 1200)));
        let text = streamed
            .lines
            .iter()
            .find(|line| line.kind == LineKind::PromptText)
            .unwrap();
        assert_eq!(text.tokens, Some(Span::exactly(36)));
    }

    #[test]
    fn given_images_are_paid_once_for_each_request() {
        let image = |width, height| ImageRef {
            blob: String::new(),
            media_type: "image/png".into(),
            width,
            height,
            bytes: 9,
        };
        let given = |estimate: &Estimate| {
            let line = |line: &&Line| line.kind == LineKind::GivenImages;
            estimate.lines.iter().find(line).cloned().unwrap()
        };
        let edit = |r: &mut ImageRequest| {
            r.images = vec![image(1024, 1024), image(1536, 1024)];
            r.input_fidelity = HIGH.into();
        };
        let high = given(&priced("gpt-image-1.5", edit));
        assert_eq!(high.tokens, Some(Span::exactly(194 + 4160 + 323 + 6240)));
        assert_eq!(high.certainty, Certainty::Inferred);
        let catalogue = catalogue();
        let model = catalogue.model("gpt-image-1.5");
        let mut request = ImageRequest::new(&model.id, &catalogue);
        edit(&mut request);
        let each = request.images.iter();
        let each = each.filter_map(|image| price_of_given(image, &request, model)?.1);
        let sum = each.fold(Usd::ZERO, |sum, cost| sum.plus(cost.high));
        assert_eq!(sum, high.cost.high);
        // Mini has no high fidelity.
        let plain = given(&priced("gpt-image-1-mini", edit));
        assert_eq!(plain.cost, Span::exactly(usd("0.0012925")));
        let streamed = |r: &mut ImageRequest| {
            edit(r);
            (r.n, r.partial_images) = (3, 1);
        };
        let thrice = priced("gpt-image-2", streamed);
        assert_eq!(given(&thrice).tokens, Some(Span::new(6 * 1024, 6 * 1536)));
        assert!(thrice.upper_bound.unwrap() > thrice.likely.unwrap().low);
    }

    /// Published, by tokens, and why they differ by more than half of the last published digit.
    #[test]
    fn all_published_cells_stand_beside_their_tokens() {
        let catalogue = catalogue();
        let (mut cells, mut differing) = (0, Vec::new());
        for id in [
            "gpt-image-1-mini",
            "gpt-image-1",
            "gpt-image-1.5",
            "gpt-image-2",
        ] {
            let model = catalogue.model(id);
            let rate = model.rates.as_ref().unwrap().image_out;
            for (size, row) in &model.published.as_ref().unwrap().cells {
                for (quality, published) in row {
                    let pixels = size.parse().unwrap();
                    let (tokens, certainty) = tokens::output_tokens(model, pixels, quality);
                    let tokens = tokens.unwrap();
                    assert_eq!((tokens.low, certainty), (tokens.high, Certainty::Official));
                    cells += 1;
                    let cost = rate.of(tokens.low);
                    // Published to a tenth of a cent.
                    if published.0.abs_diff(cost.0) > 500_000_000 {
                        let (published, cost) = (published.decimal(), cost.decimal());
                        differing.push(format!("{id} {quality} {size}: {published} for {cost}"));
                    }
                }
            }
        }
        assert_eq!(cells, 36);
        // Of mini all nine: tokens and a constant of about a quarter of a cent; which of the two is billed is not settled.
        let is_mini = |cell: &String| cell.contains("mini");
        let (mini, others): (Vec<_>, Vec<_>) = differing.into_iter().partition(is_mini);
        assert_eq!(mini.len(), 9, "{mini:#?}");
        // The others are rounded otherwise: one up to the next tenth of a cent, three to whole cents.
        assert_eq!(
            others,
            [
                "gpt-image-1 high 1024x1024: 0.167 for 0.1664",
                "gpt-image-1 high 1536x1024: 0.25 for 0.24832",
                "gpt-image-1.5 medium 1024x1536: 0.05 for 0.050688",
                "gpt-image-1.5 high 1536x1024: 0.2 for 0.198656",
            ]
        );
    }

    #[test]
    fn text_is_measured_when_it_is_counted_and_bounded_by_its_bytes_until_then() {
        let catalogue = catalogue();
        let model = catalogue.model("gpt-image-1-mini");
        let mut request = ImageRequest::new(&model.id, &catalogue);
        request.prompt = "a red dot".into();
        let of = |is_exact| {
            estimate(
                &request,
                TextCount {
                    tokens: 3,
                    is_exact,
                },
                model,
            )
        };
        let (exact, about) = (of(true), of(false));
        assert_eq!(exact.lines[0].certainty, Certainty::Measured);
        assert_eq!(about.lines[0].certainty, Certainty::Inferred);
        assert_eq!(exact.lines[0].tokens, Some(Span::exactly(9)));
        assert_eq!(exact.upper_bound, exact.likely.map(|likely| likely.high));
        let bytes_more = model.rates.as_ref().unwrap().text_in.of(9 - 3);
        assert_eq!(
            about.upper_bound,
            exact.upper_bound.map(|most| most.plus(bytes_more))
        );
    }

    proptest! {
        #[test]
        fn more_costs_more(n in 1_u32..10, width in 1_u32..200, height in 1_u32..200, model in 0_usize..11) {
            let catalogue = catalogue();
            let model = &catalogue.models()[model];
            let mut request = ImageRequest::new(&model.id, &catalogue);
            request.prompt = "x".into();
            request.n = n;
            let size = Pixels::new(width * 16, height * 16);
            if model.endpoints.generations.sizes.allows(Size::Pixels(size)).is_none() {
                request.size = Size::Pixels(size);
            }
            let cost = |request: &ImageRequest| estimate(request, TextCount::exact(1), model);
            let one = cost(&request);
            request.n += 1;
            let more = cost(&request);
            prop_assert!(one.likely.unwrap().high < more.likely.unwrap().high);
            prop_assert!(one.likely.unwrap().low <= one.likely.unwrap().high);
            prop_assert!(one.upper_bound.is_none_or(|bound| bound >= one.likely.unwrap().high));
        }
    }
}
