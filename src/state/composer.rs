//! The request being composed, what is wrong with it and what it will cost: functions of one store.

use std::rc::Rc;
use std::sync::Arc;

use leptos::prelude::*;
use reactive_stores::{Field, Patch as _, Store};

use crate::browser::{clock, local};
use crate::domain::date::Date;
use crate::domain::model::{Catalogue, Model, Row};
use crate::domain::pricing::compare::Comparison;
use crate::domain::pricing::tokens::{TextCount, approximate_text_tokens};
use crate::domain::pricing::{Estimate, estimate};
use crate::domain::request::{
    ImageRequest, ImageRequestStoreFields as _, Parameter, ValidRequest, Violation,
};
use crate::domain::secret::looks_like_key;

/// The composer; copies are handles to the same one.
#[derive(Debug, Clone, Copy)]
pub struct Composer {
    pub request: Store<ImageRequest>,
    pub violations: Memo<Vec<Violation>>,
    pub estimate: Memo<Estimate>,
    /// What the chosen model takes: every control is derived from it.
    pub row: Memo<Arc<Row>>,
    /// Changes when a provider says what has become of its models, and with a newer price file.
    pub catalogue: RwSignal<Arc<Catalogue>>,
    pub today: Date,
    /// The request without its prompt.
    settings: Memo<ImageRequest>,
    /// The tokens of the prompt.
    text: Memo<TextCount>,
    /// What a move to the successor of the model costs, in words; said by the rest of the app.
    pub successor_costs: RwSignal<String>,
    /// What the next bill will likely be by those so far, in words; said by the rest of the app.
    pub learned_price: RwSignal<String>,
    /// Whether the price is shown with what it is made of.
    pub shows_costs: RwSignal<bool>,
    /// Comes with the rest of the app, and with the token table.
    pub(super) exact_text: RwSignal<Option<CountText>, LocalStorage>,
    /// The prompt's field is the page's own and keeps its text; this asks it to show another one.
    pub shown_prompt: RwSignal<String>,
    /// Off while everything is being erased: the draft would come back.
    keeps_draft: StoredValue<bool>,
    /// It has changed since it was written.
    has_unstored: StoredValue<bool>,
}

/// The model that comes after the chosen one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Successor {
    pub model: String,
    /// The chosen one is shut down already.
    pub is_gone: bool,
}
/// Counts the tokens of a text exactly.
pub(super) type CountText = Rc<dyn Fn(&str) -> Option<u64>>;

pub(super) const DRAFT: &str = "pentimento.draft";
const DRAFT_DELAY_MILLIS: u32 = 400;

impl Composer {
    /// Starts with a draft, or with the default model of the day.
    #[must_use]
    pub fn new(catalogue: Catalogue, draft: Option<ImageRequest>, today: Date) -> Self {
        let fresh = || ImageRequest::new(default_model(&catalogue, today), &catalogue);
        let draft = draft.unwrap_or_else(fresh);
        let shown_prompt = RwSignal::new(draft.prompt.clone());
        let request = Store::new(draft);
        let catalogue = RwSignal::new(Arc::new(catalogue));
        let exact_text = RwSignal::new_local(None::<CountText>);
        let text = Memo::new(move |_| {
            let count = exact_text.read();
            count_text(count.as_ref(), &request.prompt().read())
        });
        Self {
            request,
            violations: Memo::new(move |_| {
                let request = request.read();
                request.violations(catalogue.read().model(&request.model))
            }),
            estimate: Memo::new(move |_| {
                let request = request.read();
                estimate(&request, text.get(), catalogue.read().model(&request.model))
            }),
            row: Memo::new(move |_| {
                let is_edit = !request.images().read().is_empty();
                let catalogue = catalogue.read();
                Arc::new(
                    catalogue
                        .model(&request.model().read())
                        .row(is_edit)
                        .clone(),
                )
            }),
            settings: Memo::new(move |_| ImageRequest {
                prompt: String::new(),
                ..request.get()
            }),
            catalogue,
            today,
            text,
            successor_costs: RwSignal::default(),
            learned_price: RwSignal::default(),
            shows_costs: RwSignal::new(false),
            exact_text,
            shown_prompt,
            keeps_draft: StoredValue::new(true),
            has_unstored: StoredValue::new(false),
        }
    }

    /// The tokens of a text: exactly as soon as the token table is here.
    #[must_use]
    pub fn text_tokens(self, text: &str) -> TextCount {
        count_text(self.exact_text.read_untracked().as_ref(), text)
    }

    /// Whether text is counted exactly. Reactive.
    #[must_use]
    pub fn counts_text_exactly(self) -> bool {
        self.exact_text.read().is_some()
    }

    /// The draft that this tab has handed over to itself, or that of the last visit.
    #[must_use]
    pub fn stored_draft() -> Option<ImageRequest> {
        let kept = local::take_for_tab(DRAFT).or_else(|| local::get(DRAFT))?;
        serde_json::from_str(&kept).ok()
    }

    /// Keeps the draft a moment after each change.
    pub fn keep_draft(self) {
        Effect::new(move |_| {
            self.request.track();
            if self.has_unstored.get_value() {
                return;
            }
            self.has_unstored.set_value(true);
            leptos::task::spawn_local(async move {
                clock::sleep(DRAFT_DELAY_MILLIS).await;
                self.store_draft();
            });
        });
    }

    /// Writes the draft now, unless it is written: another tab may have written a later one since. A prompt that holds a key is
    /// not written.
    pub fn store_draft(self) {
        if !(self.has_unstored.get_value() && self.keeps_draft.get_value()) {
            return;
        }
        self.has_unstored.set_value(false);
        if let Some(json) = self.draft() {
            local::set(DRAFT, &json);
        }
    }

    /// Keeps the draft for the next load of this tab, whatever other tabs write.
    pub fn hand_draft_over(self) {
        if let Some(json) = self.draft() {
            local::set_for_tab(DRAFT, &json);
        }
    }

    fn draft(self) -> Option<String> {
        let mut draft = self.request.get_untracked();
        if looks_like_key(&draft.prompt) {
            draft.prompt.clear();
        }
        serde_json::to_string(&draft).ok()
    }

    /// Writes no draft from here on.
    pub fn stop_keeping(self) {
        self.keeps_draft.set_value(false);
    }

    /// Takes what was typed into the prompt's field.
    pub fn prompt_typed(self, text: String) {
        self.request.prompt().set(text);
    }

    /// Moves to a model; settings that it does not know become its defaults.
    pub fn choose_model(self, model: &str) {
        let mut request = self.request.get_untracked();
        request.adapt(model, &self.catalogue.read_untracked());
        self.request.patch(request);
    }

    /// What takes the place of the chosen model, once its shutdown is near. Reactive.
    #[must_use]
    pub fn successor(self) -> Option<Successor> {
        let catalogue = self.catalogue.get();
        let model = catalogue.known(&self.request.model().read())?;
        let (_, replacement) = model.lifecycle.due(self.today)?;
        Some(Successor {
            is_gone: !model.is_active(self.today),
            model: replacement.into(),
        })
    }

    /// Switches to the settings of another request; the prompt stays as it is.
    pub fn switch(self, to: &ImageRequest) {
        let prompt = self.request.prompt().get_untracked();
        self.request.patch(ImageRequest {
            prompt,
            ..to.clone()
        });
    }

    /// Looks at what else the present request could be. Reactive.
    pub fn compare<T>(self, look: impl FnOnce(Comparison<'_>) -> T) -> T {
        look(Comparison {
            present: &self.settings.read(),
            prompt_chars: self.request.prompt().read().chars().count(),
            text: self.text.get(),
            catalogue: &self.catalogue.read(),
            today: self.today,
        })
    }

    /// Takes over the settings and the prompt of an earlier request.
    pub fn reuse(self, earlier: &ImageRequest) {
        self.shown_prompt.set(earlier.prompt.clone());
        self.request.patch(earlier.clone());
    }

    /// The field that holds a parameter's value.
    #[must_use]
    pub fn field(self, parameter: Parameter) -> Field<String> {
        match parameter {
            Parameter::Quality => self.request.quality().into(),
            Parameter::Background => self.request.background().into(),
            Parameter::OutputFormat => self.request.output_format().into(),
            Parameter::Moderation => self.request.moderation().into(),
            Parameter::Complexity => self.request.complexity().into(),
            Parameter::Style => self.request.style().into(),
            Parameter::InputFidelity => self.request.input_fidelity().into(),
        }
    }

    /// The requests to send for what is composed now, each with its own estimate; `None` where something is wrong with it.
    #[must_use]
    pub fn sends(self) -> Option<Vec<Planned>> {
        let request = self.request.get_untracked();
        let catalogue = self.catalogue.get_untracked();
        let model = catalogue.model(&request.model);
        let valid = request.check(model).ok()?;
        let sends = valid.sends(request.row(model));
        let plan = |send: ValidRequest| {
            let request = ImageRequest {
                n: send.n(),
                ..request.clone()
            };
            let text = self.text_tokens(&request.prompt);
            Planned {
                estimate: estimate(&request, text, model),
                request,
                send,
            }
        };
        Some(sends.into_iter().map(plan).collect())
    }
}

fn count_text(exact: Option<&CountText>, text: &str) -> TextCount {
    exact
        .and_then(|count| count(text))
        .map_or_else(|| approximate_text_tokens(text), TextCount::exact)
}

/// One request that is about to be sent.
#[derive(Debug, Clone)]
pub struct Planned {
    pub send: ValidRequest,
    /// The same as it was composed, for the record.
    pub request: ImageRequest,
    pub estimate: Estimate,
}

/// The cheapest model that is active on a day, can edit, and whose price is known: by its own default settings.
fn default_model(catalogue: &Catalogue, today: Date) -> &str {
    let price = |model: &Model| {
        let request = ImageRequest::new(&model.id, catalogue);
        estimate(&request, TextCount::exact(0), model).upper_bound
    };
    let offered = catalogue
        .models()
        .iter()
        .filter(|model| model.is_active(today) && model.endpoints.edits.is_some());
    let priced = offered.filter_map(|model| Some((price(model)?, model)));
    let cheapest = priced.reduce(|best, next| if next.0 < best.0 { next } else { best });
    cheapest.map_or_else(
        || catalogue.models().first().map_or("", |model| &model.id),
        |(_, model)| &model.id,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::listing::Listed;
    use crate::domain::model::FILE;
    use crate::domain::money::Usd;
    use crate::domain::pricing::compare::Scope;
    use crate::domain::size::{Pixels, Size};

    fn composer(today: &str) -> Composer {
        let today = Date::try_from(today.to_owned()).unwrap();
        Composer::new(Catalogue::built_in().unwrap(), None, today)
    }

    #[test]
    fn the_default_model_follows_the_date() {
        Owner::new().with(|| {
            let model = |today| composer(today).request.model().get_untracked();
            assert_eq!(model("2026-11-22"), "gpt-image-1-mini");
            assert_eq!(model("2026-11-30"), "gpt-image-1-mini");
            assert_eq!(model("2026-12-02"), "gpt-image-2.5-flare");
        });
    }

    #[test]
    fn a_model_near_its_end_knows_its_successor() {
        Owner::new().with(|| {
            let is_gone = |today| {
                let composer = composer(today);
                composer.choose_model("gpt-image-1-mini");
                composer.successor().map(|successor| {
                    let built_in = Catalogue::built_in().unwrap();
                    assert!(built_in.known(&successor.model).is_some());
                    successor.is_gone
                })
            };
            assert_eq!(is_gone("2026-10-31"), None);
            assert_eq!(is_gone("2026-11-22"), Some(false));
            assert_eq!(is_gone("2026-12-01"), Some(true));
            assert_eq!(is_gone("2026-12-02"), Some(true));
        });
    }

    #[test]
    fn a_date_in_newer_data_reaches_what_is_shown() {
        Owner::new().with(|| {
            let composer = composer("2026-12-02");
            assert_eq!(composer.successor(), None);
            let chosen = composer.request.model().get_untracked();
            let day = |day: &str| Date::try_from(day.to_owned()).ok();
            composer.choose_model("gpt-image-1.5");
            assert!(composer.successor().unwrap().is_gone);
            let later = Listed {
                id: "gpt-image-1.5".into(),
                shutdown: day("2027-03-01"),
            };
            let mut newer = Catalogue::clone(&composer.catalogue.read());
            assert_eq!(newer.learn(&[later], true).dates, 1);
            composer.catalogue.set(Arc::new(newer));
            assert_eq!(composer.successor(), None);
            composer.choose_model(&chosen);
            assert!(composer.violations.get() == [Violation::PromptEmpty]);
        });
    }

    #[test]
    fn a_model_that_newer_data_lacks_is_an_unknown_one() {
        Owner::new().with(|| {
            let composer = composer("2026-11-22");
            composer.prompt_typed("a cat".into());
            let chosen = composer.request.model().get_untracked();
            let without = FILE.replace(&format!("\"{chosen}\""), "\"another-model\"");
            let newer = Catalogue::read(&without).unwrap();
            composer.catalogue.set(Arc::new(newer));
            assert!(composer.estimate.get().likely.is_none());
            assert_eq!(composer.successor(), None);
            assert_eq!(composer.violations.get(), []);
            let sent = composer.sends().unwrap();
            assert_eq!(sent[0].send.model(), chosen);
            composer.choose_model("another-model");
            assert!(composer.estimate.get().likely.is_some());
        });
    }

    #[test]
    fn a_row_of_the_comparison_is_taken_without_the_prompt() {
        Owner::new().with(|| {
            let composer = composer("2026-11-22");
            composer.prompt_typed("a cat".into());
            let rows = composer.compare(|all| all.across(Scope::Models));
            composer.prompt_typed("a cat on a mat".into());
            let row = rows.last().unwrap();
            composer.switch(&row.request);
            assert_eq!(composer.request.prompt().get(), "a cat on a mat");
            assert_eq!(composer.request.model().get(), row.request.model);
            assert!(composer.violations.get().is_empty());
        });
    }

    #[test]
    fn a_change_of_a_setting_reaches_the_price() {
        Owner::new().with(|| {
            let composer = composer("2026-11-22");
            composer.prompt_typed("a red dot".into());
            let low = |composer: Composer| composer.estimate.get().likely.unwrap().low;
            let one = low(composer);
            composer.request.n().set(4);
            assert!(low(composer) > one.times(3));
            composer.field(Parameter::Quality).set("high".into());
            assert!(low(composer) > Usd::parse("0.13").unwrap());
        });
    }

    #[test]
    fn the_token_table_makes_the_count_exact() {
        Owner::new().with(|| {
            let composer = composer("2026-11-22");
            composer.prompt_typed("a cat".into());
            let tokens = || composer.estimate.get().lines[0].tokens;
            let about = tokens();
            assert!(!composer.counts_text_exactly());
            composer
                .exact_text
                .set(Some(Rc::new(|text| Some(text.len() as u64 * 100))));
            assert!(composer.counts_text_exactly() && tokens() != about);
            assert_eq!(tokens().unwrap().low, 506);
            assert_eq!(
                composer.sends().unwrap()[0].estimate.lines[0].tokens,
                tokens()
            );
            assert_eq!(composer.text_tokens("ab"), TextCount::exact(200));
        });
    }

    #[test]
    fn what_is_wrong_follows_the_request() {
        Owner::new().with(|| {
            let composer = composer("2026-11-22");
            assert_eq!(composer.violations.get(), [Violation::PromptEmpty]);
            assert!(composer.sends().is_none());
            composer.prompt_typed("a cat".into());
            assert!(composer.violations.get().is_empty());
            assert_eq!(composer.sends().unwrap().len(), 1);
        });
    }

    #[test]
    fn previews_of_four_are_four_priced_requests() {
        Owner::new().with(|| {
            let composer = composer("2026-11-22");
            composer.prompt_typed("a cat".into());
            composer.request.n().set(4);
            composer.request.partial_images().set(2);
            let sends = composer.sends().unwrap();
            assert_eq!(sends.len(), 4);
            let bounds = sends
                .iter()
                .map(|planned| planned.estimate.upper_bound.unwrap());
            assert_eq!(
                bounds.reduce(Usd::plus),
                composer.estimate.get().upper_bound
            );
        });
    }

    #[test]
    fn another_model_brings_its_own_rules() {
        Owner::new().with(|| {
            let composer = composer("2026-11-22");
            composer.prompt_typed("a cat".into());
            composer.choose_model("gpt-image-2");
            composer
                .request
                .size()
                .set(Size::Pixels(Pixels::new(2048, 1152)));
            assert!(composer.violations.get().is_empty());
            composer.choose_model("gpt-image-1-mini");
            assert!(composer.violations.get().is_empty());
            assert_eq!(composer.request.prompt().get(), "a cat");
        });
    }
}
