//! The size of the picture: the model's list, its own choice, or any size that its rule allows.

use leptos::prelude::*;

use crate::domain::request::ImageRequestStoreFields as _;
use crate::domain::size::{Pixels, Size};
use crate::state::composer::Composer;
use crate::state::words::Words;
use crate::ui::controls::choice::{Choice, Choosable};
use crate::ui::controls::number::Number;
use crate::ui::use_words;

/// The radio button of a size typed by hand; no size is written so.
const CUSTOM: &str = "";

/// Listed sizes, `auto`, and for models with a rule a width and a height.
#[component]
pub fn SizeChoice() -> impl IntoView {
    let (w, composer) = (use_words(), expect_context::<Composer>());
    let size = composer.request.size();
    let has_rule = Memo::new(move |_| composer.row.read().sizes.rule.is_some());
    let typing = RwSignal::new(false);
    let is_custom = Memo::new(move |_| {
        let listed =
            composer.row.read().sizes.listed.contains(&size.get()) || size.get() == Size::Auto;
        has_rule.get() && (typing.get() || !listed)
    });
    let options = Memo::new(move |_| {
        let (row, w) = (composer.row.get(), w());
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
    view! {
        <Choice
            label=Signal::derive(move || w().size.into())
            group="size"
            options=options.into()
            value=Signal::derive(move || if is_custom.get() { CUSTOM.to_owned() } else { size.get().to_string() })
            choose=choose
        />
        <Show when=move || is_custom.get()>
            <CustomSize />
        </Show>
    }
}

/// Width and height; what is wrong with them stands beside Generate, with the nearest legal size.
#[component]
fn CustomSize() -> impl IntoView {
    let (w, composer) = (use_words(), expect_context::<Composer>());
    let size = composer.request.size();
    let pixels = move || size.get().pixels().unwrap_or_default();
    let most = Signal::derive(move || {
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
        .map(|rule| rule.multiple);
    let step = step.unwrap_or(1);
    let now = move || untrack(pixels);
    view! {
        <div class="row">
            <Number
                label=Signal::derive(move || w().width.into())
                value=Signal::derive(move || pixels().width)
                min=step
                max=most
                step=step
                change=move |width| size.set(Size::Pixels(Pixels { width, ..now() }))
            />
            <Number
                label=Signal::derive(move || w().height.into())
                value=Signal::derive(move || pixels().height)
                min=step
                max=most
                step=step
                change=move |height| size.set(Size::Pixels(Pixels { height, ..now() }))
            />
        </div>
    }
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
