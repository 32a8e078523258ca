//! Every parameter that the model's row has, as a control; what it lacks is absent.

use leptos::prelude::*;

use crate::domain::model::Row;
use crate::domain::request::{ImageRequestStoreFields as _, Parameter};
use crate::state::composer::Composer;
use crate::state::words::Words;
use crate::ui::composer::size::size_choice;
use crate::ui::controls::choice::{Choosable, choice};
use crate::ui::controls::number::number;
use crate::ui::{Wording, derived, shown, use_words, with_text};

/// The controls, in the order of their weight on picture and price.
pub fn parameters() -> AnyView {
    let (w, composer) = (use_words(), expect_context::<Composer>());
    let most = derived(move || composer.row.read().n.max);
    let n = composer.request.n();
    view! {
        {value_choice(Parameter::Quality)}
        {size_choice()}
        {number(w.text(|w| w.count), derived(move || n.get()), (1, most), 1, move |count| n.set(count))}
        {value_choice(Parameter::OutputFormat)}
        {compression()}
        {value_choice(Parameter::Background)}
        {value_choice(Parameter::Style)}
        {value_choice(Parameter::InputFidelity)}
        <details class="more">
            <summary>{w.text(|w| w.more_settings)}</summary>
            <div class="settings">
                {value_choice(Parameter::Complexity)}
                {value_choice(Parameter::Moderation)}
                {previews()}
            </div>
        </details>
    }
    .into_any()
}

/// One parameter that takes one of a list of values.
fn value_choice(parameter: Parameter) -> AnyView {
    let (w, composer) = (use_words(), expect_context::<Composer>());
    let field = composer.field(parameter);
    let options = Memo::new(move |_| {
        let (row, w) = (composer.row.get(), w.now());
        let values = parameter
            .options(&row)
            .map(|options| options.values.clone())
            .unwrap_or_default();
        values
            .into_iter()
            .map(|value| choosable(parameter, value, &row, w))
            .collect::<Vec<_>>()
    });
    let label = label_text(parameter, w);
    shown(derived(move || !options.read().is_empty()), move || {
        choice(
            label,
            group(parameter),
            options.into(),
            derived(move || field.get()),
            move |value| field.set(value),
        )
    })
}

/// From 0 to 100, for the formats that take it.
fn compression() -> AnyView {
    let (w, composer) = (use_words(), expect_context::<Composer>());
    let value = composer.request.output_compression();
    let format = composer.request.output_format();
    let takes = derived(move || composer.row.read().takes_compression(&format.read()));
    let percent = derived(move || value.get().to_string());
    let slide = move |text: String| {
        if let Ok(percent) = text.parse() {
            value.set(percent);
        }
    };
    shown(takes, move || {
        view! {
            <label class="field slider">
                <span>{w.text(|w| w.compression)}</span>
                <input
                    type="range"
                    min="0"
                    max="100"
                    aria-label=w.text(|w| w.compression)
                    prop:value=percent
                    on:input:target=with_text(slide)
                />
                <output aria-hidden="true">{percent}</output>
            </label>
        }
        .into_any()
    })
}

/// Partial previews, where the model streams: each is paid.
fn previews() -> AnyView {
    let (w, composer) = (use_words(), expect_context::<Composer>());
    let most = derived(move || composer.row.read().partial_images);
    let count = composer.request.partial_images();
    shown(derived(move || most.get() > 0), move || {
        view! {
            {number(w.text(|w| w.previews), derived(move || count.get()), (0, most), 1, move |n| count.set(n))}
            <p class="hint">{w.text(|w| w.previews_hint)}</p>
        }
        .into_any()
    })
}

fn group(parameter: Parameter) -> &'static str {
    match parameter {
        Parameter::Quality => "quality",
        Parameter::Background => "background",
        Parameter::OutputFormat => "format",
        Parameter::Moderation => "moderation",
        Parameter::Complexity => "complexity",
        Parameter::Style => "style",
        Parameter::InputFidelity => "input_fidelity",
    }
}

fn label_text(parameter: Parameter, w: Wording) -> Signal<&'static str> {
    derived(move || label(parameter, w.now()))
}

/// The name of a parameter.
#[must_use]
pub fn label(parameter: Parameter, w: &Words) -> &'static str {
    match parameter {
        Parameter::Quality => w.quality,
        Parameter::Background => w.background,
        Parameter::OutputFormat => w.format,
        Parameter::Moderation => w.moderation,
        Parameter::Complexity => w.complexity,
        Parameter::Style => w.style,
        Parameter::InputFidelity => w.input_fidelity,
    }
}

fn choosable(parameter: Parameter, value: String, row: &Row, w: &Words) -> Choosable {
    let label = value_label(parameter, &value, w).map_or_else(|| value.clone(), str::to_owned);
    let is_preview = row
        .preview_values
        .get(wire_name(parameter))
        .is_some_and(|values| values.contains(&value));
    Choosable {
        label,
        note: is_preview.then(|| w.preview_value.into()),
        value,
    }
}

/// The key of a parameter in the model data.
fn wire_name(parameter: Parameter) -> &'static str {
    match parameter {
        Parameter::OutputFormat => "output_format",
        other => group(other),
    }
}

/// The words for a value that is known today; another one is shown as it stands.
pub(super) fn value_label(parameter: Parameter, value: &str, w: &Words) -> Option<&'static str> {
    Some(match (parameter, value) {
        (Parameter::Moderation, "auto") => w.value_standard,
        (_, "auto") => w.value_auto,
        (Parameter::Moderation, "low") => w.value_less_strict,
        (_, "low") => w.value_low,
        (_, "medium") => w.value_medium,
        (_, "high") => w.value_high,
        (_, "xhigh") => w.value_xhigh,
        (_, "max") => w.value_max,
        (_, "standard") => w.value_standard,
        (_, "hd") => w.value_hd,
        (_, "opaque") => w.value_opaque,
        (_, "transparent") => w.value_transparent,
        (_, "vivid") => w.value_vivid,
        (_, "natural") => w.value_natural,
        (Parameter::OutputFormat, "png") => "PNG",
        (Parameter::OutputFormat, "jpeg") => "JPEG",
        (Parameter::OutputFormat, "webp") => "WebP",
        (Parameter::OutputFormat, "gif") => "GIF",
        (Parameter::OutputFormat, "svg") => "SVG",
        _ => return None,
    })
}
