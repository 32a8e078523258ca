//! Tags and collections: those of a picture, and a field for another.

use leptos::ev::SubmitEvent;
use leptos::html::Input;
use leptos::prelude::*;

use crate::domain::record::Label;
use crate::state::gallery::Gallery;
use crate::state::words::fill;
use crate::ui::{derived, live, press, use_all_words};

/// The names that a picture has, each with a button that takes it off.
pub(super) fn labels_of(
    title: Signal<&'static str>,
    names: Signal<Vec<String>>,
    remove: impl Fn(String) + Clone + Send + Sync + 'static,
) -> AnyView {
    let w = use_all_words();
    let list = live(move || {
        let chip = |name: String| {
            let (remove, gone) = (remove.clone(), name.clone());
            let says = fill(w.now().remove_named, &[("name", &name)]);
            view! {
                <li class="chip">
                    <bdi>{name}</bdi>
                    <button type="button" aria-label=says on:click=press(move || remove(gone.clone()))>"×"</button>
                </li>
            }
        };
        let chips = names.get().into_iter().map(chip).collect_view();
        view! { <ul class="chips" aria-label=title>{chips}</ul> }.into_any()
    });
    view! { <h3>{title}</h3> {list} }.into_any()
}

/// A field and a button that put a name on pictures; known collections are offered.
pub(super) fn label_field(
    label: Label,
    title: Signal<&'static str>,
    add: impl Fn(String) + 'static,
) -> AnyView {
    let (w, gallery) = (use_all_words(), expect_context::<Gallery>());
    let field = NodeRef::<Input>::new();
    let submitted: Box<dyn FnMut(SubmitEvent)> = Box::new(move |event| {
        event.prevent_default();
        if let Some(field) = field.get_untracked() {
            add(field.value());
            field.set_value("");
        }
    });
    let known = derived(move || match label {
        Label::Tag => Vec::new(),
        Label::Collection => gallery.present.get().collections,
    });
    let list = match label {
        Label::Tag => "known-tags",
        Label::Collection => "known-collections",
    };
    let option = |name: String| view! { <option value=name></option> };
    let options = live(move || {
        known
            .get()
            .into_iter()
            .map(option)
            .collect_view()
            .into_any()
    });
    view! {
        <form class="label-field" on:submit=submitted>
            <input type="text" node_ref=field aria-label=title placeholder=title maxlength="60" list=list autocomplete="off" />
            <datalist id=list>{options}</datalist>
            <button type="submit" class="quiet">{w.text(|w| w.add)}</button>
        </form>
    }
    .into_any()
}
