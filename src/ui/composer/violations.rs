//! Why Generate waits: what is wrong with the request, and one press that mends it.

use leptos::prelude::*;

use crate::domain::request::{ImageRequestStoreFields as _, Violation};
use crate::domain::size::{Size, SizeFault};
use crate::state::composer::Composer;
use crate::state::words::{AllWords, fill};
use crate::ui::composer::parameters::label;
use crate::ui::{live, press, use_all_words};

/// Every violation in words. An empty prompt is no fault, only a beginning.
pub fn violations() -> AnyView {
    let (w, composer) = (use_all_words(), expect_context::<Composer>());
    let item = move |violation: Violation| {
        let text = words_for(&violation, w.now());
        let mend = mend(&violation, w.now()).map(|(name, size)| {
            let take = press(move || composer.request.size().set(size));
            view! { <button type="button" class="quiet" on:click=take>{name}</button> }
        });
        view! { <li>{text} {mend}</li> }
    };
    let items = live(move || {
        let found = composer
            .violations
            .get()
            .into_iter()
            .filter(|violation| *violation != Violation::PromptEmpty);
        found.map(item).collect_view().into_any()
    });
    view! { <ul class="violations" aria-live="polite" aria-label=w.text(|w| w.to_mend)>{items}</ul> }.into_any()
}

fn mend(violation: &Violation, w: &AllWords) -> Option<(String, Size)> {
    match violation {
        Violation::Size {
            nearest: Some(nearest),
            ..
        } => Some((
            fill(w.use_size, &[("size", &nearest.to_string())]),
            Size::Pixels(*nearest),
        )),
        _ => None,
    }
}

fn words_for(violation: &Violation, w: &AllWords) -> String {
    match violation {
        Violation::PromptEmpty => w.prompt_empty.into(),
        Violation::PromptTooLong { chars, max } => fill(
            w.prompt_too_long,
            &[("chars", &chars.to_string()), ("max", &max.to_string())],
        ),
        Violation::PromptHoldsKey => w.prompt_holds_key.into(),
        Violation::NoModel => w.model_missing.into(),
        Violation::Count { max } => fill(w.count_limit, &[("max", &max.to_string())]),
        Violation::Size { fault, .. } => size_words(*fault, w),
        Violation::Value { parameter } => {
            fill(w.value_not_offered, &[("parameter", label(*parameter, w))])
        }
        Violation::TransparentFormat { formats } => {
            fill(w.transparent_format, &[("formats", &formats.join(", "))])
        }
        Violation::Compression => w.compression_limit.into(),
        Violation::Previews { max } => fill(w.previews_limit, &[("max", &max.to_string())]),
        Violation::NoEdits => w.no_edits.into(),
        Violation::TooManyImages { max } => fill(w.too_many_images, &[("max", &max.to_string())]),
        Violation::ImageTooLarge { number, max_bytes } => fill(
            w.image_too_large,
            &[("n", &number.to_string()), ("max", &megabytes(*max_bytes))],
        ),
        Violation::ImageType { number, types } => fill(
            w.image_type,
            &[("n", &number.to_string()), ("types", &types.join(", "))],
        ),
        Violation::MaskSize => w.mask_size.into(),
        Violation::MaskTooLarge { max_bytes } => {
            fill(w.mask_too_large, &[("max", &megabytes(*max_bytes))])
        }
    }
}

fn megabytes(bytes: u64) -> String {
    format!("{} MB", bytes / 1_000_000)
}

fn size_words(fault: SizeFault, w: &AllWords) -> String {
    let (text, number) = match fault {
        SizeFault::NotAMultiple(multiple) => (w.size_multiple, u64::from(multiple)),
        SizeFault::EdgeTooLong(edge) => (w.size_edge, edge.into()),
        SizeFault::TooNarrow(ratio) => (w.size_ratio, ratio.into()),
        SizeFault::TooFewPixels(pixels) => (w.size_few, pixels),
        SizeFault::TooManyPixels(pixels) => (w.size_many, pixels),
        SizeFault::NotInList => (w.size_list, 0),
    };
    fill(text, &[("n", &number.to_string())])
}
