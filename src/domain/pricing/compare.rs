//! What the same request would cost with another model, quality or size, and where as much or more costs less.

use crate::domain::date::Date;
use crate::domain::model::{Catalogue, Certainty, Model, Options};
use crate::domain::money::Usd;
use crate::domain::pricing::tokens::{Span, TextCount, output_tokens};
use crate::domain::pricing::{Estimate, estimate};
use crate::domain::request::{ImageRequest, Violation};
use crate::domain::size::Size;

/// What is varied; everything else stays as near to the present request as the rules allow.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Scope {
    #[default]
    Models,
    Qualities,
    Sizes,
}

impl Scope {
    pub const ALL: [Self; 3] = [Self::Models, Self::Qualities, Self::Sizes];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Models => "models",
            Self::Qualities => "qualities",
            Self::Sizes => "sizes",
        }
    }
}

/// A request that may be sent in place of the present one, and its price.
#[derive(Debug, Clone, PartialEq)]
pub struct Alternative {
    pub request: ImageRequest,
    pub estimate: Estimate,
    /// Against the present request; `None` where one of the two prices is unknown.
    pub difference: Option<Difference>,
    pub is_present: bool,
}

/// How much more or less something costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Difference {
    Same,
    Less(Span<Usd>),
    More(Span<Usd>),
    /// Nobody can say which: from so much less to so much more.
    Between {
        less: Usd,
        more: Usd,
    },
}

/// Why another request is worth a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Advantage {
    /// More pixels of the same model and quality, for less.
    MorePixels,
    /// As many output tokens of another model, for less.
    SameTokens,
    /// As many output tokens of another model at the same price, and there it is a higher step.
    HigherStep,
}

/// Another request, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Hint {
    pub advantage: Advantage,
    pub to: Alternative,
}

/// The present request, and what compares with it.
#[derive(Debug, Clone, Copy)]
pub struct Comparison<'a> {
    /// Its prompt may be left out: a long one would be copied and read again for each row, at each key.
    pub present: &'a ImageRequest,
    /// The characters of its prompt, and the tokens.
    pub prompt_chars: usize,
    pub text: TextCount,
    pub catalogue: &'a Catalogue,
    pub today: Date,
}

impl Comparison<'_> {
    /// The present request and its alternatives, the cheapest first (by the most that is likely), those without a price last.
    #[must_use]
    pub fn across(&self, scope: Scope) -> Vec<Alternative> {
        let mut rows = vec![self.row(self.present.clone())];
        let others = match scope {
            Scope::Models => self.other_models(),
            Scope::Qualities => self.other_qualities(),
            Scope::Sizes => self.other_sizes(),
        };
        rows.extend(others.into_iter().filter_map(|request| self.legal(request)));
        rows.sort_by_key(|row| {
            let likely = row.estimate.likely;
            (
                likely.is_none(),
                likely.map(|likely| (likely.high, likely.low)),
            )
        });
        rows
    }

    /// Where as much or more costs less, by the published figures alone.
    #[must_use]
    pub fn hints(&self) -> Vec<Hint> {
        let larger = self.larger_for_less();
        let larger = larger.map(|to| Hint {
            advantage: Advantage::MorePixels,
            to,
        });
        larger.into_iter().chain(self.same_tokens()).collect()
    }

    /// The present request moved to the successor of its model, once the shutdown is near.
    #[must_use]
    pub fn succession(&self) -> Option<Alternative> {
        let model = self.catalogue.known(&self.present.model)?;
        let (_, replacement) = model.lifecycle.due(self.today)?;
        Some(self.row(self.moved(replacement)))
    }

    fn model(&self) -> &Model {
        self.catalogue.model(&self.present.model)
    }

    fn other_models(&self) -> Vec<ImageRequest> {
        let chosen = self.model();
        let others = self
            .catalogue
            .models()
            .iter()
            .filter(|model| model.id != chosen.id && model.is_active(self.today));
        others.map(|model| self.moved(&model.id)).collect()
    }

    fn other_qualities(&self) -> Vec<ImageRequest> {
        let values = values(self.present.row(self.model()).quality.as_ref());
        let others = values
            .iter()
            .filter(|value| **value != self.present.quality);
        let with = |quality: &String| ImageRequest {
            quality: quality.clone(),
            ..self.present.clone()
        };
        others.map(with).collect()
    }

    fn other_sizes(&self) -> Vec<ImageRequest> {
        let sizes = &self.present.row(self.model()).sizes;
        let auto = sizes.auto.then_some(Size::Auto);
        let others = sizes
            .listed
            .iter()
            .copied()
            .chain(auto)
            .filter(|size| *size != self.present.size);
        others
            .map(|size| ImageRequest {
                size,
                ..self.present.clone()
            })
            .collect()
    }

    fn moved(&self, model: &str) -> ImageRequest {
        let mut request = self.present.clone();
        request.adapt(model, self.catalogue);
        request
    }

    /// A row for a request that would be sent as it is: of as many pictures, and with nothing wrong that the present one
    /// could not mend by its prompt.
    fn legal(&self, request: ImageRequest) -> Option<Alternative> {
        let model = self.catalogue.model(&request.model);
        let faults = request.check(model).err().unwrap_or_default();
        let fits = self.prompt_chars <= request.row(model).prompt_chars;
        let begins =
            |fault: &Violation| matches!(fault, Violation::PromptEmpty | Violation::PromptHoldsKey);
        (fits && request.n == self.present.n && faults.iter().all(begins))
            .then(|| self.row(request))
    }

    fn row(&self, request: ImageRequest) -> Alternative {
        let (from, to) = (self.model(), self.catalogue.model(&request.model));
        let is_same_model = from.id == to.id;
        let priced = estimate(&request, self.text, to);
        let present = estimate(self.present, self.text, from).likely;
        let difference = present
            .zip(priced.likely)
            .map(|(present, likely)| Difference::of(present, likely, is_same_model));
        Alternative {
            is_present: request == *self.present,
            request,
            estimate: priced,
            difference,
        }
    }

    /// The largest listed size of the same model and quality that has more pixels and costs less.
    fn larger_for_less(&self) -> Option<Alternative> {
        let pixels = |request: &ImageRequest| request.size.pixels().map(|size| size.count());
        let present = pixels(self.present)?;
        let others = self.other_sizes().into_iter();
        let larger = others.filter(|request| pixels(request).is_some_and(|count| count > present));
        larger
            .filter_map(|request| self.legal(request))
            .filter(|to| to.is_sure() && matches!(to.difference, Some(Difference::Less(_))))
            .min_by_key(|to| {
                let count = std::cmp::Reverse(pixels(&to.request));
                (count, to.estimate.likely.map(|likely| likely.high))
            })
    }

    /// The cheapest quality of another model with exactly the same published output tokens, at a lower price or as a higher
    /// step. A model whose end is near is no advice.
    fn same_tokens(&self) -> Option<Hint> {
        let tokens = |model: &Model, quality: &str| {
            let (tokens, certainty) = output_tokens(model, self.present.size, quality);
            tokens.filter(|span| certainty == Certainty::Official && span.low == span.high)
        };
        let wanted = tokens(self.model(), &self.present.quality)?;
        let step = step(self.model(), &self.present.quality);
        let mut found = Vec::new();
        for request in self.other_models() {
            let model = self.catalogue.model(&request.model);
            if model.lifecycle.due(self.today).is_some() || request.size != self.present.size {
                continue;
            }
            for quality in values(model.endpoints.generations.quality.as_ref()) {
                if tokens(model, quality) != Some(wanted) {
                    continue;
                }
                let quality = quality.clone();
                let is_higher = self::step(model, &quality) > step;
                let to = self.legal(ImageRequest {
                    quality,
                    ..request.clone()
                });
                found.extend(to.and_then(|to| advantage(to, is_higher)));
            }
        }
        found.into_iter().min_by_key(|hint| {
            hint.to
                .estimate
                .likely
                .map(|likely| (likely.high, likely.low))
        })
    }
}

impl Alternative {
    fn is_sure(&self) -> bool {
        self.estimate.certainty < Certainty::Unknown
    }
}

fn advantage(to: Alternative, is_higher: bool) -> Option<Hint> {
    let advantage = match to.difference? {
        Difference::Less(_) => Advantage::SameTokens,
        Difference::Same if is_higher => Advantage::HigherStep,
        _ => return None,
    };
    to.is_sure().then_some(Hint { advantage, to })
}

fn values(options: Option<&Options>) -> &[String] {
    options.map_or(&[], |options| &options.values)
}

/// Where a quality stands among those of its model.
fn step(model: &Model, quality: &str) -> Option<usize> {
    values(model.endpoints.generations.quality.as_ref())
        .iter()
        .position(|value| value == quality)
}

impl Difference {
    /// From one price to another. What is open for both in the same way (which of two published figures is billed, how
    /// many previews come) is no difference between two requests of the same model.
    #[must_use]
    pub fn of(from: Span<Usd>, to: Span<Usd>, is_same_model: bool) -> Self {
        let (of_low, of_high) = if is_same_model {
            (from.low, from.high)
        } else {
            (from.high, from.low)
        };
        let signed = |to: Usd, from: Usd| i128::from(to.0) - i128::from(from.0);
        let (one, other) = (signed(to.low, of_low), signed(to.high, of_high));
        let (low, high) = (one.min(other), one.max(other));
        let amount = |signed: i128| Usd(u64::try_from(signed.unsigned_abs()).unwrap_or(u64::MAX));
        match (low, high) {
            (0, 0) => Self::Same,
            (0.., _) => Self::More(Span::new(amount(low), amount(high))),
            (_, ..=0) => Self::Less(Span::new(amount(high), amount(low))),
            _ => Self::Between {
                less: amount(low),
                more: amount(high),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn catalogue() -> Catalogue {
        Catalogue::built_in().unwrap()
    }

    fn day(text: &str) -> Date {
        Date::try_from(text.to_owned()).unwrap()
    }

    fn request(model: &str, quality: &str, size: &str) -> ImageRequest {
        ImageRequest {
            prompt: "a red dot".into(),
            quality: quality.into(),
            size: size.parse().unwrap(),
            ..ImageRequest::new(model, &catalogue())
        }
    }

    fn compared<T>(
        present: &ImageRequest,
        today: &str,
        look: impl FnOnce(Comparison<'_>) -> T,
    ) -> T {
        let catalogue = catalogue();
        look(Comparison {
            present,
            prompt_chars: 9,
            text: TextCount::exact(3),
            catalogue: &catalogue,
            today: day(today),
        })
    }

    #[test]
    fn a_model_that_the_prompt_is_too_long_for_is_no_alternative() {
        let catalogue = catalogue();
        let present = ImageRequest::new("gpt-image-2", &catalogue);
        let rows = |prompt_chars: usize| {
            let all = Comparison {
                present: &present,
                prompt_chars,
                text: TextCount::exact(3),
                catalogue: &catalogue,
                today: day("2026-04-01"),
            };
            all.across(Scope::Models).len()
        };
        assert!(rows(9) > rows(4_001));
        assert_eq!(rows(32_001), 1);
    }

    fn hints(present: &ImageRequest, today: &str) -> Vec<(Advantage, String)> {
        let named = |hint: Hint| {
            let ImageRequest {
                model,
                quality,
                size,
                ..
            } = hint.to.request;
            (hint.advantage, format!("{model} {quality} {size}"))
        };
        compared(present, today, |all| {
            all.hints().into_iter().map(named).collect()
        })
    }

    #[test]
    fn the_models_of_the_day_and_the_chosen_one() {
        let models = |chosen: &str, today: &str| {
            let present = request(chosen, "low", "1024x1024");
            compared(&present, today, |all| {
                let rows = all.across(Scope::Models);
                rows.into_iter()
                    .map(|row| row.request.model)
                    .collect::<Vec<_>>()
            })
        };
        let early = models("gpt-image-1-mini", "2026-11-22");
        assert_eq!(early.len(), 8);
        assert_eq!(early.first().unwrap(), "gpt-image-1-mini");
        assert_eq!(models("gpt-image-1-mini", "2026-12-02").len(), 6);
        assert_eq!(models("gpt-image-2", "2026-12-02").len(), 5);
        // A dated name is its model, and an unknown one has no price and comes last.
        assert_eq!(models("gpt-image-2-2026-04-21", "2026-12-02").len(), 5);
        let unknown = models("some-model", "2026-12-02");
        assert_eq!(
            (unknown.len(), unknown.last().unwrap().as_str()),
            (6, "some-model")
        );
    }

    #[test]
    fn hints_follow_the_published_figures() {
        let pixels = |name: &str| (Advantage::MorePixels, name.to_owned());
        let same = |name: &str| (Advantage::SameTokens, name.to_owned());
        let higher = |name: &str| (Advantage::HigherStep, name.to_owned());
        let wide = request("gpt-image-2.5-flare", "high", "1024x1024");
        assert_eq!(
            hints(&wide, "2026-11-22"),
            [pixels("gpt-image-2.5-flare high 1536x1024")]
        );
        let two = request("gpt-image-2", "medium", "1536x1024");
        assert_eq!(
            hints(&two, "2026-11-22"),
            [higher("gpt-image-2.5-flare high 1536x1024")]
        );
        let old = request("gpt-image-1", "medium", "1024x1024");
        assert_eq!(
            hints(&old, "2026-10-01"),
            [same("gpt-image-1-mini medium 1024x1024")]
        );
        // On its last days it is no advice any more.
        assert!(hints(&old, "2026-11-22").is_empty());
        assert!(
            hints(
                &request("gpt-image-1-mini", "low", "1024x1024"),
                "2026-11-22"
            )
            .is_empty()
        );
    }

    #[test]
    fn a_shutdown_is_announced_a_month_before() {
        let mini = request("gpt-image-1-mini", "low", "1024x1024");
        let due = |today: &str| compared(&mini, today, |all| all.succession());
        assert_eq!(due("2026-10-31"), None);
        let early = due("2026-11-22").unwrap();
        assert_eq!(early.request.model, "gpt-image-2.6-flare");
        assert_eq!(early.request.prompt, mini.prompt);
        assert!(matches!(early.difference, Some(Difference::More(_))));
        assert!(due("2026-12-01").is_some() && due("2026-12-02").is_some());
        let lasting = request("gpt-image-2", "low", "1024x1024");
        assert_eq!(
            compared(&lasting, "2026-12-02", |all| all.succession()),
            None
        );
    }

    #[test]
    fn differences_are_as_wide_as_what_is_not_known() {
        let span = |low, high| Span::new(Usd(low), Usd(high));
        let of = |from, to| Difference::of(from, to, false);
        assert_eq!(of(span(5, 5), span(5, 5)), Difference::Same);
        assert_eq!(of(span(2, 5), span(9, 10)), Difference::More(span(4, 8)));
        assert_eq!(of(span(9, 10), span(2, 5)), Difference::Less(span(4, 8)));
        assert_eq!(
            of(span(2, 5), span(3, 6)),
            Difference::Between {
                less: Usd(2),
                more: Usd(4)
            }
        );
        let same_model = Difference::of(span(2, 5), span(3, 6), true);
        assert_eq!(same_model, Difference::More(span(1, 1)));
    }

    proptest! {
        #[test]
        fn every_row_may_be_sent_at_its_price(
            model in 0_usize..12, quality in 0_usize..6, size in 0_usize..5, n in 1_u32..=10, previews in 0_u32..=3,
            after in any::<bool>(),
        ) {
            let catalogue = catalogue();
            let id = catalogue.models().get(model).map_or("unheard-of", |model| &model.id);
            let mut present = ImageRequest::new(id, &catalogue);
            present.prompt = "a red dot".into();
            let row = &catalogue.model(id).endpoints.generations;
            if let Some(quality) = values(row.quality.as_ref()).get(quality) {
                present.quality.clone_from(quality);
            }
            if let Some(size) = row.sizes.listed.get(size) {
                present.size = *size;
            }
            present.n = n.min(row.n.max);
            present.partial_images = previews.min(row.partial_images);
            let today = day(if after { "2026-12-02" } else { "2026-11-22" });
            let text = TextCount::exact(3);
            let all = Comparison { present: &present, prompt_chars: 9, text, catalogue: &catalogue, today };
            let price = |request: &ImageRequest| estimate(request, text, catalogue.model(&request.model));
            for scope in Scope::ALL {
                let rows = all.across(scope);
                prop_assert_eq!(rows.iter().filter(|row| row.is_present).count(), 1);
                prop_assert_eq!(&rows, &all.across(scope));
                for (at, row) in rows.iter().enumerate() {
                    prop_assert!(row.request.check(catalogue.model(&row.request.model)).is_ok());
                    prop_assert_eq!(&price(&row.request), &row.estimate);
                    prop_assert_eq!((&row.request.prompt, row.request.n), (&present.prompt, present.n));
                    let mut switched = present.clone();
                    switched.clone_from(&row.request);
                    // From the other side, it is the same difference.
                    let back = Comparison { present: &switched, ..all };
                    let seen = back.row(present.clone()).difference;
                    prop_assert_eq!(seen.is_none(), row.difference.is_none());
                    prop_assert_eq!(seen.map(mirrored), row.difference);
                    if let Some(next) = rows.get(at + 1) {
                        let most = |row: &Alternative| row.estimate.likely.map_or(u64::MAX, |likely| likely.high.0);
                        prop_assert!(most(row) <= most(next));
                    }
                }
            }
            for hint in all.hints() {
                prop_assert!(matches!(hint.to.difference, Some(Difference::Less(_) | Difference::Same)));
            }
        }
    }

    fn mirrored(difference: Difference) -> Difference {
        match difference {
            Difference::Same => Difference::Same,
            Difference::Less(span) => Difference::More(span),
            Difference::More(span) => Difference::Less(span),
            Difference::Between { less, more } => Difference::Between {
                less: more,
                more: less,
            },
        }
    }
}
