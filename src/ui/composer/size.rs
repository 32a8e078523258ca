//! The size of the picture: the model's list, its own choice, or any size that its rule allows.

use leptos::prelude::*;

use crate::domain::request::ImageRequestStoreFields as _;
use crate::domain::size::{Pixels, Size};
use crate::state::composer::Composer;
use crate::state::words::Words;
use crate::ui::controls::choice::{Choosable, choice};
use crate::ui::controls::number::number;
use crate::ui::{derived, shown, use_words};

/// The radio button of a size typed by hand; no size is written so.
const CUSTOM: &str = "";

/// Listed sizes, `auto`, and for models with a rule a width and a height.
pub fn size_choice() -> AnyView {
    let (w, composer) = (use_words(), expect_context::<Composer>());
    let size = composer.request.size();
    let has_rule = derived(move || composer.row.read().sizes.rule.is_some());
    let typing = RwSignal::new(false);
    let is_custom = derived(move || {
        let listed =
            composer.row.read().sizes.listed.contains(&size.get()) || size.get() == Size::Auto;
        has_rule.get() && (typing.get() || !listed)
    });
    let options = Memo::new(move |_| {
        let (row, w) = (composer.row.get(), w.now());
        let auto = row.sizes.auto.then_some(Size::Auto);
        let listed = row
            .sizes
            .listed
            .iter()
            .copied()
            .chain(auto)
            .map(|size| choosable(size, w));
        let custom = has_rule.get().then(|| Choosable {
            value: CUSTOM.into(),
            label: w.custom_size.into(),
            note: None,
        });
        listed.chain(custom).collect::<Vec<_>>()
    });
    let choose = move |value: String| {
        typing.set(value == CUSTOM);
        if let Ok(chosen) = value.parse() {
            size.set(chosen);
        } else if size.get_untracked() == Size::Auto {
            size.set(composer.row.read_untracked().sizes.default);
        }
    };
    let value = derived(move || {
        if is_custom.get() {
            CUSTOM.to_owned()
        } else {
            size.get().to_string()
        }
    });
    view! {
        {choice(w.text(|w| w.size), "size", options.into(), value, choose)}
        {shown(is_custom, custom_size)}
    }
    .into_any()
}

/// Width and height; what is wrong with them stands beside Generate, with the nearest legal size.
fn custom_size() -> AnyView {
    let (w, composer) = (use_words(), expect_context::<Composer>());
    let size = composer.request.size();
    let pixels = derived(move || size.get().pixels().unwrap_or_default());
    let most = derived(move || {
        composer
            .row
            .read()
            .sizes
            .rule
            .map_or(0, |rule| rule.max_edge)
    });
    let step = composer
        .row
        .read_untracked()
        .sizes
        .rule
        .map_or(1, |rule| rule.multiple);
    let set_width = move |width| {
        size.set(Size::Pixels(Pixels {
            width,
            ..pixels.get_untracked()
        }));
    };
    let set_height = move |height| {
        size.set(Size::Pixels(Pixels {
            height,
            ..pixels.get_untracked()
        }));
    };
    view! {
        <div class="row">
            {number(w.text(|w| w.width), derived(move || pixels.get().width), (step, most), step, set_width)}
            {number(w.text(|w| w.height), derived(move || pixels.get().height), (step, most), step, set_height)}
        </div>
    }
    .into_any()
}

fn choosable(size: Size, w: &Words) -> Choosable {
    let Size::Pixels(pixels) = size else {
        return Choosable {
            value: size.to_string(),
            label: w.value_auto.into(),
            note: None,
        };
    };
    let shape = match pixels.width.cmp(&pixels.height) {
        std::cmp::Ordering::Equal => w.square,
        std::cmp::Ordering::Greater => w.landscape,
        std::cmp::Ordering::Less => w.portrait,
    };
    Choosable {
        value: size.to_string(),
        label: shape.into(),
        note: Some(size.to_string()),
    }
}
