//! A dialog over the page.

use leptos::html::Dialog;
use leptos::prelude::*;

/// A modal dialog named by `label`, there while `is_open` holds; `closed` is called when the person has closed it.
pub fn modal(
    class: &'static str,
    label: Signal<&'static str>,
    is_open: Signal<bool>,
    closed: impl Fn() + 'static,
    body: AnyView,
) -> AnyView {
    view_of(class, label, is_open, Box::new(closed), body)
}

fn view_of(
    class: &'static str,
    label: Signal<&'static str>,
    is_open: Signal<bool>,
    closed: Box<dyn Fn()>,
    body: AnyView,
) -> AnyView {
    let dialog = NodeRef::<Dialog>::new();
    Effect::new(move |_| {
        let (wanted, Some(dialog)) = (is_open.get(), dialog.get()) else {
            return;
        };
        if wanted && !dialog.open() {
            dialog.show_modal().ok();
        } else if !wanted && dialog.open() {
            dialog.close();
        }
    });
    view! {
        <dialog class=class node_ref=dialog aria-label=label on:close=move |_| closed()>
            {body}
        </dialog>
    }
    .into_any()
}
