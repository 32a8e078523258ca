//! The prompt's field: part of the static page, so that it can be typed into before the app is there, and adopted as it is.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlTextAreaElement};

use super::listener::Listener;

/// A text field of the page; its text, caret and composition are the page's own.
#[derive(Debug, Clone)]
pub struct TextField(HtmlTextAreaElement);

impl TextField {
    /// The field with that id.
    #[must_use]
    pub fn find(id: &str) -> Option<Self> {
        Some(Self(element(id)?.dyn_into().ok()?))
    }

    #[must_use]
    pub fn text(&self) -> String {
        self.0.value()
    }

    /// Shows another text, unless it is there already: writing would move the caret.
    pub fn show(&self, text: &str) {
        if self.0.value() != text {
            self.0.set_value(text);
        }
    }

    pub fn set_placeholder(&self, text: &str) {
        if self.0.placeholder() != text {
            self.0.set_placeholder(text);
        }
    }

    /// Whether something is being composed, is told to `f` whenever that changes.
    pub fn on_composition(&self, f: impl Fn(bool) + Clone + 'static) -> [Option<Listener>; 2] {
        let ended = f.clone();
        let target: Option<&web_sys::EventTarget> = Some(self.0.as_ref());
        [
            Listener::new(target, "compositionstart", move |_| f(true)),
            Listener::new(target, "compositionend", move |_| ended(false)),
        ]
    }

    /// Adds a text at the end as if it were typed, so that the field's own undo takes it back; then the stretch between
    /// the two places (in UTF-16 units of the addition) is selected, and what is typed next takes its place. Gives all the
    /// text that is there then.
    pub fn append(&self, text: &str, selected: Option<(u32, u32)>) -> String {
        let before = self.text();
        let end = before.encode_utf16().count() as u32;
        drop(self.0.focus());
        drop(self.0.set_selection_range(end, end));
        let typed = super::document().map(|document| {
            let document: web_sys::HtmlDocument = document.unchecked_into();
            document.exec_command_with_show_ui_and_value("insertText", false, text)
        });
        if !matches!(typed, Some(Ok(true))) {
            self.0.set_value(&format!("{before}{text}"));
        }
        if let Some((from, to)) = selected {
            drop(self.0.set_selection_range(end + from, end + to));
        }
        self.text()
    }

    /// Calls with the text after each change that a person makes.
    pub fn on_input(&self, f: impl Fn(String) + 'static) -> Option<Listener> {
        let field = self.0.clone();
        Listener::new(Some(self.0.as_ref()), "input", move |_| f(field.value()))
    }
}

/// The page's element with that id, for mounting a view into it.
#[must_use]
pub fn place(id: &str) -> Option<HtmlElement> {
    element(id)?.dyn_into().ok()
}

/// Shows or hides a part of the static page.
pub fn set_hidden(id: &str, hidden: bool) {
    if let Some(element) = place(id) {
        element.set_hidden(hidden);
    }
}

/// Replaces the text of a part of the static page; where it stands already, the page need not be laid out again.
pub fn set_text(id: &str, text: &str) {
    if let Some(element) = element(id)
        && element.text_content().as_deref() != Some(text)
    {
        element.set_text_content(Some(text));
    }
}

/// Says that the app is there: tests and the page's style wait for it.
pub fn mark_ready() {
    if let Some(root) = super::document().and_then(|document| document.document_element()) {
        root.set_attribute("data-ready", "").ok();
    }
}

fn element(id: &str) -> Option<Element> {
    super::document()?.get_element_by_id(id)
}
