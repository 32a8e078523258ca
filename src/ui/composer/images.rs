//! The images of the request below the prompt: what each is and costs, their order, and how more of them come in.

use std::collections::HashMap;

use leptos::ev::DragEvent;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::HtmlElement;

use crate::domain::pricing::price_of_given;
use crate::domain::pricing::tokens::Span;
use crate::domain::request::{ImageRef, ImageRequestStoreFields as _};
use crate::domain::size::shown_bytes;
use crate::state::composer::Composer;
use crate::state::mask::MaskDesk;
use crate::state::notices::kind_name;
use crate::state::tray::{Tray, Treatment};
use crate::state::words::{AllWords, fill};
use crate::ui::composer::price::span;
use crate::ui::controls::file::file_button;
use crate::ui::controls::icon::{drawn_button, word_button};
use crate::ui::{derived, shown, use_all_words};

const LEFT: &str = "M19 12H5M12 19l-7-7 7-7";
const RIGHT: &str = "M5 12h14M12 5l7 7-7 7";
const REMOVE: &str = "M18 6 6 18M6 6l12 12";

/// An image, and which one it is of those with the same bytes: it stays itself when others come, go and move.
type Place = (ImageRef, usize);

/// The list, the button, and the sign that files can be dropped.
pub fn images() -> AnyView {
    let (w, tray) = (use_all_words(), expect_context::<Tray>());
    let given = expect_context::<Composer>().request.images();
    let has_images = derived(move || !given.read().is_empty());
    let busy = derived(move || match tray.busy.get() {
        0 => String::new(),
        n => fill(w.now().looking_at, &[("n", &n.to_string())]),
    });
    let veil = move || view! { <p class="drop-veil">{w.text(|w| w.drop_here)}</p> }.into_any();
    view! {
        {shown(has_images, list)}
        <div class="row">
            {shown(derived(move || tray.takes_images()), chooser)}
            <span class="hint" role="status">{busy}</span>
        </div>
        {shown(tray.hovered.into(), veil)}
    }
    .into_any()
}

fn chooser() -> AnyView {
    let (w, tray) = (use_all_words(), expect_context::<Tray>());
    file_button(w.text(|w| w.add_images), "image/*", true, move |files| {
        tray.add(files);
    })
}

fn list() -> AnyView {
    let w = use_all_words();
    let given = expect_context::<Composer>().request.images();
    let places = move || {
        let mut seen: HashMap<String, usize> = HashMap::new();
        let place = |image: &ImageRef| {
            let nth = seen.entry(image.blob.clone()).or_default();
            *nth += 1;
            (image.clone(), *nth)
        };
        given.read().iter().map(place).collect::<Vec<Place>>()
    };
    let dragged = StoredValue::new(None::<usize>);
    let item = move |place| item(place, dragged);
    let is_several = derived(move || given.read().len() > 1);
    let hint = move || view! { <p class="hint">{w.text(|w| w.canvas_hint)}</p> }.into_any();
    view! {
        <ul class="images" aria-label=w.text(|w| w.images)>
            <For each=places key=|(image, nth)| (image.blob.clone(), *nth) children=item />
        </ul>
        {shown(is_several, hint)}
    }
    .into_any()
}

fn item((image, nth): Place, dragged: StoredValue<Option<usize>>) -> AnyView {
    let (w, tray) = (use_all_words(), expect_context::<Tray>());
    let composer = expect_context::<Composer>();
    let given = composer.request.images();
    let (url, _) = tray.preview(&image);
    let image = StoredValue::new(image);
    let at = Memo::new(move |_| {
        let given = given.read();
        let same = given.iter().enumerate();
        let mut same = same.filter(|(_, other)| image.with_value(|image| image.blob == other.blob));
        same.nth(nth - 1).map_or(0, |(at, _)| at)
    });
    let name = derived(move || {
        let text = match at.get() {
            0 => w.now().image_canvas,
            _ => w.now().image_reference,
        };
        fill(text, &[("n", &(at.get() + 1).to_string())])
    });
    let facts = derived(move || image.with_value(|image| facts(image, tray, w.now())));
    let cost = derived(move || image.with_value(|image| cost(image, composer, w.now())));
    let last = derived(move || given.read().len().saturating_sub(1));
    let step = move |by: isize| {
        let from = at.get_untracked();
        if let Some(to) = from.checked_add_signed(by) {
            keeping_focus(move || tray.move_to(from, to));
        }
    };
    let start: Box<dyn FnMut(DragEvent)> = Box::new(move |event| {
        dragged.set_value(Some(at.get_untracked()));
        if let Some(carried) = event.data_transfer() {
            // Some browsers drag nothing that says nothing.
            drop(carried.set_data("application/x-image", ""));
        }
    });
    let over: Box<dyn FnMut(DragEvent)> = Box::new(move |event| {
        if dragged.get_value().is_some() {
            event.prevent_default();
        }
    });
    let dropped: Box<dyn FnMut(DragEvent)> = Box::new(move |event| {
        if let Some(from) = dragged.get_value() {
            event.prevent_default();
            tray.move_to(from, at.get_untracked());
        }
    });
    let ended: Box<dyn FnMut(DragEvent)> = Box::new(move |_| dragged.set_value(None));
    view! {
        <li class="image" draggable="true" on:dragstart=start on:dragover=over on:drop=dropped on:dragend=ended>
            <img src=derived(move || url.get()) alt="" decoding="async" draggable="false" />
            <div class="image-text">
                <p class="image-name">{name}</p>
                <p class="hint">{facts}</p>
                <p class="hint">{cost}</p>
            </div>
            <div class="image-actions">
                {drawn_button(LEFT, w.text(|w| w.move_left), derived(move || at.get() == 0), move || step(-1))}
                {drawn_button(RIGHT, w.text(|w| w.move_right), derived(move || at.get() == last.get()), move || step(1))}
                {drawn_button(REMOVE, w.text(|w| w.remove), derived(|| false), move || tray.remove(at.get_untracked()))}
            </div>
            {shown(derived(move || at.get() == 0 && composer.row.read().mask.is_some()), move || mask(image))}
        </li>
    }
    .into_any()
}

/// The way to the mask of the canvas, and whether there is one.
fn mask(image: StoredValue<ImageRef>) -> AnyView {
    let (w, desk) = (use_all_words(), expect_context::<MaskDesk>());
    let mask = expect_context::<Composer>().request.mask();
    let is_masked = derived(move || mask.read().is_some());
    let note = move || view! { <span class="hint">{w.text(|w| w.mask_is_drawn)}</span> }.into_any();
    view! {
        <div class="image-mask">
            {word_button("quiet", w.text(|w| w.draw_mask), move || desk.open(image.get_value()))}
            {shown(is_masked, note)}
        </div>
    }
    .into_any()
}

/// An element that is moved loses the focus; whoever moves it by its button goes on from there.
fn keeping_focus(change: impl FnOnce()) {
    let focused = document().active_element();
    change();
    leptos::task::spawn_local(async move {
        // Once the list shows the change.
        leptos::task::tick().await;
        if let Some(focused) = focused {
            drop(focused.unchecked_into::<HtmlElement>().focus());
        }
    });
}

/// Size, weight, and what was done on the way in.
fn facts(image: &ImageRef, tray: Tray, w: &AllWords) -> String {
    let treated = tray
        .treatment(&image.blob)
        .map(|treatment| match treatment {
            Treatment::Cleaned => w.cleaned.to_owned(),
            Treatment::Turned => w.turned.to_owned(),
            Treatment::Converted(made) => {
                let text = match made.is_first_frame {
                    true => w.converted_first_frame,
                    false => w.converted,
                };
                fill(text, &[("kind", kind_name(made.media_type))])
            }
        });
    let parts = [
        Some(image.pixels().to_string()),
        Some(shown_bytes(image.bytes)),
        treated,
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// What it costs as input. Not looked at again for every letter of the prompt.
fn cost(image: &ImageRef, composer: Composer, w: &AllWords) -> String {
    composer.request.input_fidelity().track();
    composer.request.model().track();
    let catalogue = composer.catalogue.read();
    let request = composer.request.read_untracked();
    let model = catalogue.model(&request.model);
    let Some((tokens, cost)) = price_of_given(image, &request, model) else {
        return String::new();
    };
    let tokens = match tokens {
        Span { low, high } if low == high => low.to_string(),
        Span { low, high } => format!("{low} – {high}"),
    };
    match cost {
        Some(cost) => fill(
            w.image_input_priced,
            &[("tokens", &tokens), ("cost", &span(cost))],
        ),
        None => fill(w.image_input, &[("tokens", &tokens)]),
    }
}

/// Phrases for what is asked most, to be filled in; there while there are images.
pub fn helpers() -> AnyView {
    let given = expect_context::<Composer>().request.images();
    shown(derived(move || !given.read().is_empty()), phrases)
}

fn phrases() -> AnyView {
    let (w, tray) = (use_all_words(), expect_context::<Tray>());
    type Text = fn(&'static AllWords) -> &'static str;
    let all: [(Text, Text); 5] = [
        (|w| w.helper_add, |w| w.phrase_add),
        (|w| w.remove, |w| w.phrase_remove),
        (|w| w.helper_replace, |w| w.phrase_replace),
        (|w| w.helper_recolour, |w| w.phrase_recolour),
        (|w| w.helper_restyle, |w| w.phrase_restyle),
    ];
    let button = move |(name, phrase): (Text, Text)| {
        word_button("quiet", w.text(name), move || {
            tray.suggest(phrase(untrack(move || w.now())));
        })
    };
    let buttons = all.map(button).into_any();
    view! { <div class="row helpers" role="group" aria-label=w.text(|w| w.edit_helpers)>{buttons}</div> }.into_any()
}
