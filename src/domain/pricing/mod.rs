//! What a request will cost, as far as that can be known before it is sent, and what a reply did cost.

pub mod compare;
pub mod tokens;

use crate::domain::model::{Certainty, Model};
use crate::domain::money::{Rate, Usd};
use crate::domain::request::{AUTO, ImageRequest};
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
    let row = &model.endpoints.generations;
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
        let added = model.text_tokens.as_ref().map_or(0, |tokens| tokens.added);
        rates
            .text_in
            .of((most + added).saturating_mul(requests.into()))
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
    let (added, certainty) = match &model.text_tokens {
        Some(known) if text.is_exact => (known.added, known.certainty),
        known => (
            known.as_ref().map_or(0, |known| known.added),
            Certainty::Inferred,
        ),
    };
    let tokens = text.tokens.saturating_add(added).saturating_mul(requests);
    let mut lines = vec![line(
        LineKind::PromptText,
        Span::exactly(tokens),
        rates.text_in,
        certainty,
    )];
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
    let has_quality = model.endpoints.generations.quality.is_some();
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
