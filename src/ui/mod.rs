//! The components: they read fields and call verbs of `state`, and hold no rule of their own.
//!
//! What changes in a view is a `Signal`, a `live` part or a boxed handler, never a bare closure: each closure type would
//! bring its own copy of the rendering code, and the first load would be twice as large.

pub mod composer;
pub mod controls;
pub mod costs;
pub mod library;
pub mod mask_editor;
pub mod navigation;
pub mod notices;
pub mod picture;
pub mod settings;
pub mod stage;
pub mod standing;
pub mod storage;

use std::sync::Arc;

use leptos::ev::{Event, MouseEvent, Targeted};
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys;

use crate::state::settings::Settings;
use crate::state::words::{AllWords, Language, Words};

/// Texts of the chosen language.
struct Wording<T: 'static = Words> {
    settings: Settings,
    of: fn(Language) -> &'static T,
}

impl<T> Clone for Wording<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Wording<T> {}

/// The texts of the first paint.
fn use_words() -> Wording {
    Wording {
        settings: expect_context::<Settings>(),
        of: Language::words,
    }
}

/// All texts: for the views that come with the rest of the app.
fn use_all_words() -> Wording<AllWords> {
    Wording {
        settings: expect_context::<Settings>(),
        of: Language::all_words,
    }
}

impl<T> Wording<T> {
    /// The texts as they are now. Reactive.
    fn now(self) -> &'static T {
        (self.of)(self.settings.language.get())
    }

    /// The texts as they are now, for a part that is made anew when the language changes: a signal for each text of each
    /// picture is most of what a list costs.
    fn fixed(self) -> &'static T {
        (self.of)(self.settings.language.get_untracked())
    }

    /// What such a part is made anew with. Reactive.
    fn language(self) -> Language {
        self.settings.language.get()
    }

    /// One text, following the language.
    fn text(self, pick: fn(&'static T) -> &'static str) -> Signal<&'static str> {
        Signal::derive(move || pick(self.now()))
    }
}

/// A value that follows others.
fn derived<T: Send + Sync + 'static>(f: impl Fn() -> T + Send + Sync + 'static) -> Signal<T> {
    Signal::derive(f)
}

type Part = Arc<dyn Fn() -> AnyView + Send + Sync>;

/// A part of a view that is made anew when what it reads changes.
fn live(f: impl Fn() -> AnyView + Send + Sync + 'static) -> AnyView {
    fn shared(part: Part) -> AnyView {
        (move || part()).into_any()
    }
    shared(Arc::new(f))
}

/// A part of a view that is there while something holds.
fn shown(when: Signal<bool>, f: impl Fn() -> AnyView + Send + Sync + 'static) -> AnyView {
    fn shared(when: Signal<bool>, part: Part) -> AnyView {
        let when = Memo::new(move |_| when.get());
        (move || when.get().then(|| part())).into_any()
    }
    shared(when, Arc::new(f))
}

/// What a press of a button does.
fn press(mut f: impl FnMut() + 'static) -> Box<dyn FnMut(MouseEvent)> {
    Box::new(move |_| f())
}

/// What a changed field does with its text.
fn with_text<T>(f: impl Fn(String) + 'static) -> Box<dyn FnMut(Targeted<Event, T>)>
where
    T: TextOf + JsCast,
{
    Box::new(move |event| f(T::text_of(&event)))
}

/// The elements that hold a text.
trait TextOf: Sized {
    fn text_of(event: &Targeted<Event, Self>) -> String;
}

impl TextOf for web_sys::HtmlInputElement {
    fn text_of(event: &Targeted<Event, Self>) -> String {
        event.target().value()
    }
}

impl TextOf for web_sys::HtmlSelectElement {
    fn text_of(event: &Targeted<Event, Self>) -> String {
        event.target().value()
    }
}
