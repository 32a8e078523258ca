//! What of a list is in the window.

use leptos::ev::{resize, scroll};
use leptos::html::Ul;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos::wasm_bindgen::closure::Closure;
use leptos::web_sys::{Element, ResizeObserver, Window};

use crate::domain::gallery::Seen;

/// What of a list is seen: looked at when the list is there, and after each scroll and change of the window, of the list, and
/// of what is around it: a style that comes late, or filters that take another line.
pub(super) fn seen_of(list: NodeRef<Ul>) -> RwSignal<Seen> {
    let seen = RwSignal::new(Seen::default());
    let look = move || {
        let list = list.try_get_untracked().flatten();
        if let Some(now) = list.and_then(|list| measure(&list)) {
            seen.try_set(now);
        }
    };
    // In the next frame: what is looked at changes what is watched.
    let soon = move || request_animation_frame(look);
    let observer = StoredValue::new_local(Observer::new(soon));
    Effect::new(move |_| {
        if let Some(list) = list.get() {
            observer.with_value(|observer| {
                if let Some(observer) = observer {
                    observer.watch(&list);
                }
            });
        }
        look();
        // The view around it may be hidden until this turn ends.
        request_animation_frame(look);
    });
    let listening = [
        window_event_listener(scroll, move |_| look()),
        window_event_listener(resize, move |_| look()),
    ];
    on_cleanup(move || listening.into_iter().for_each(WindowListenerHandle::remove));
    seen
}

/// Tells when an element, or what it lies in, has another size; as long as it lives.
#[derive(Debug)]
struct Observer {
    observer: ResizeObserver,
    _callback: Closure<dyn FnMut()>,
}

impl Observer {
    fn new(f: impl FnMut() + 'static) -> Option<Self> {
        let callback = Closure::<dyn FnMut()>::new(f);
        let observer = ResizeObserver::new(callback.as_ref().unchecked_ref()).ok()?;
        Some(Self {
            observer,
            _callback: callback,
        })
    }

    fn watch(&self, element: &Element) {
        self.observer.disconnect();
        self.observer.observe(element);
        if let Some(around) = element.parent_element() {
            self.observer.observe(&around);
        }
    }
}

impl Drop for Observer {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}

/// Brings a stretch of a list into the window, measured in CSS pixels from the list's upper edge, with room for what
/// covers the window's edges.
pub(super) fn reveal(list: &Element, (top, bottom): (f64, f64)) {
    /// The bar above, and the navigation below on a phone.
    const COVERED: f64 = 80.0;
    let Some(seen) = measure(list) else { return };
    let by = if top - COVERED < seen.above {
        top - COVERED - seen.above
    } else if bottom + COVERED > seen.above + seen.height {
        bottom + COVERED - seen.above - seen.height
    } else {
        return;
    };
    window().scroll_by_with_x_and_y(0.0, by);
}

fn measure(list: &Element) -> Option<Seen> {
    let window = window();
    let place = list.get_bounding_client_rect();
    Some(Seen {
        width: place.width(),
        above: -place.top(),
        height: window.inner_height().ok()?.as_f64()?,
        rem: root_font_size(&window).unwrap_or(16.0),
    })
}

fn root_font_size(window: &Window) -> Option<f64> {
    let root = document().document_element()?;
    let style = window.get_computed_style(&root).ok()??;
    let size = style.get_property_value("font-size").ok()?;
    size.trim_end_matches("px").parse().ok()
}
