//! A button that opens the browser's own choice of files.

use leptos::ev::{Event, Targeted};
use leptos::html::Input;
use leptos::prelude::*;
use leptos::web_sys::{File, HtmlInputElement};

use crate::ui::controls::icon::word_button;

/// A button named by its words; `take` is called with what was chosen. `accept` is what the choice shows at first, as in HTML.
pub fn file_button(
    label: Signal<&'static str>,
    accept: &'static str,
    several: bool,
    take: impl Fn(Vec<File>) + 'static,
) -> AnyView {
    field(label, accept, several, Box::new(take))
}

fn field(
    label: Signal<&'static str>,
    accept: &'static str,
    several: bool,
    take: Box<dyn Fn(Vec<File>)>,
) -> AnyView {
    let field = NodeRef::<Input>::new();
    let open = move || {
        if let Some(field) = field.get_untracked() {
            field.click();
        }
    };
    let chosen: Box<dyn FnMut(Targeted<Event, HtmlInputElement>)> = Box::new(move |event| {
        let field = event.target();
        let files = field.files().map_or_else(Vec::new, |files| {
            (0..files.length()).filter_map(|at| files.get(at)).collect()
        });
        // The same file again, mended, is a change too.
        field.set_value("");
        take(files);
    });
    view! {
        <input type="file" accept=accept multiple=several hidden node_ref=field on:change:target=chosen />
        {word_button("quiet", label, open)}
    }
    .into_any()
}
