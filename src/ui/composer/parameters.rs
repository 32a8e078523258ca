//! Every parameter that the model's row has, as a control; what it lacks is absent.

use leptos::prelude::*;

use crate::domain::model::Row;
use crate::domain::request::{ImageRequestStoreFields as _, Parameter};
use crate::state::composer::Composer;
use crate::state::words::Words;
use crate::ui::composer::size::SizeChoice;
use crate::ui::controls::choice::{Choice, Choosable};
use crate::ui::controls::number::Number;
use crate::ui::use_words;

/// The controls, in the order of their weight on picture and price.
#[component]
pub fn Parameters() -> impl IntoView {
    let (w, composer) = (use_words(), expect_context::<Composer>());
    let most = Signal::derive(move || composer.row.read().n.max);
    view! {
        <ValueChoice parameter=Parameter::Quality />
        <SizeChoice />
        <Number
            label=Signal::derive(move || w().count.into())
            value=Signal::derive(move || composer.request.n().get())
            min=1
            max=most
            change=move |n| composer.request.n().set(n)
        />
        <ValueChoice parameter=Parameter::OutputFormat />
        <Compression />
        <ValueChoice parameter=Parameter::Background />
        <ValueChoice parameter=Parameter::Style />
        <details class="more">
            <summary>{move || w().more_settings}</summary>
            <div class="settings">
                <ValueChoice parameter=Parameter::Complexity />
                <ValueChoice parameter=Parameter::Moderation />
                <Previews />
            </div>
        </details>
    }
}

/// One parameter that takes one of a list of values.
#[component]
fn ValueChoice(parameter: Parameter) -> impl IntoView {
    let (w, composer) = (use_words(), expect_context::<Composer>());
    let field = composer.field(parameter);
    let options = Memo::new(move |_| {
        let (row, w) = (composer.row.get(), w());
        let values = parameter
            .options(&row)
            .map(|options| options.values.clone())
            .unwrap_or_default();
        values
            .into_iter()
            .map(|value| choosable(parameter, value, &row, w))
            .collect::<Vec<_>>()
    });
    view! {
        <Show when=move || !options.read().is_empty()>
            <Choice
                label=Signal::derive(move || label(parameter, w()).into())
                group=group(parameter)
                options=options.into()
                value=Signal::derive(move || field.get())
                choose=move |value| field.set(value)
            />
        </Show>
    }
}

/// From 0 to 100, for the formats that take it.
#[component]
fn Compression() -> impl IntoView {
    let (w, composer) = (use_words(), expect_context::<Composer>());
    let value = composer.request.output_compression();
    let takes = Memo::new(move |_| {
        composer
            .request
            .read()
            .takes_compression(&composer.row.read())
    });
    let slide = move |text: String| {
        if let Ok(percent) = text.parse() {
            value.set(percent);
        }
    };
    view! {
        <Show when=move || takes.get()>
            <label class="field slider">
                <span>{move || w().compression}</span>
                <input
                    type="range"
                    min="0"
                    max="100"
                    aria-label=move || w().compression
                    prop:value=move || value.get().to_string()
                    on:input:target=move |event| slide(event.target().value())
                />
                <output aria-hidden="true">{move || value.get()}</output>
            </label>
        </Show>
    }
}

/// Partial previews, where the model streams: each is paid.
#[component]
fn Previews() -> impl IntoView {
    let (w, composer) = (use_words(), expect_context::<Composer>());
    let most = Signal::derive(move || composer.row.read().partial_images);
    view! {
        <Show when=move || { most.get() > 0 }>
            <Number
                label=Signal::derive(move || w().previews.into())
                value=Signal::derive(move || composer.request.partial_images().get())
                min=0
                max=most
                change=move |count| composer.request.partial_images().set(count)
            />
            <p class="hint">{move || w().previews_hint}</p>
        </Show>
    }
}

fn group(parameter: Parameter) -> &'static str {
    match parameter {
        Parameter::Quality => "quality",
        Parameter::Background => "background",
        Parameter::OutputFormat => "format",
        Parameter::Moderation => "moderation",
        Parameter::Complexity => "complexity",
        Parameter::Style => "style",
    }
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
fn value_label(parameter: Parameter, value: &str, w: &Words) -> Option<&'static str> {
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
