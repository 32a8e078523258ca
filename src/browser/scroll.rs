//! What of a list is in the window, told again whenever that changes.

use std::rc::Rc;

use send_wrapper::SendWrapper;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, ResizeObserver};

use super::listener::Listener;
use super::{document, window};
use crate::domain::gallery::Seen;

/// Watches a list; ends when dropped.
#[derive(Debug)]
pub struct Watch {
    _listeners: [Option<Listener>; 2],
    _observer: SendWrapper<Observed>,
}

#[derive(Debug)]
struct Observed {
    observer: Option<ResizeObserver>,
    _callback: Closure<dyn FnMut()>,
}

impl Drop for Observed {
    fn drop(&mut self) {
        if let Some(observer) = &self.observer {
            observer.disconnect();
        }
    }
}

/// Calls with what is seen now, and after each scroll and change of size.
#[must_use]
pub fn watch(list: &Element, f: impl Fn(Seen) + 'static) -> Watch {
    let list = list.clone();
    let observed = list.clone();
    let tell = Rc::new(move || {
        if let Some(seen) = seen(&list) {
            f(seen);
        }
    });
    tell();
    let [scrolled, resized, reshaped] = [tell.clone(), tell.clone(), tell];
    let document = document();
    let window = window();
    let listeners = [
        Listener::new(document.as_ref().map(AsRef::as_ref), "scroll", move |_| {
            scrolled();
        }),
        Listener::new(window.as_ref().map(AsRef::as_ref), "resize", move |_| {
            resized();
        }),
    ];
    let callback = Closure::<dyn FnMut()>::new(move || reshaped());
    let observer = ResizeObserver::new(callback.as_ref().unchecked_ref()).ok();
    if let Some(observer) = &observer {
        observer.observe(&observed);
    }
    Watch {
        _listeners: listeners,
        _observer: SendWrapper::new(Observed {
            observer,
            _callback: callback,
        }),
    }
}

/// Brings a stretch of a list into the window, measured in CSS pixels from the list's upper edge, with room for what
/// covers the window's edges.
pub fn reveal(list: &Element, (top, bottom): (f64, f64)) {
    /// The bar above, and the navigation below on a phone.
    const COVERED: f64 = 80.0;
    let (Some(window), Some(seen)) = (window(), seen(list)) else {
        return;
    };
    let by = if top - COVERED < seen.above {
        top - COVERED - seen.above
    } else if bottom + COVERED > seen.above + seen.height {
        bottom + COVERED - seen.above - seen.height
    } else {
        return;
    };
    window.scroll_by_with_x_and_y(0.0, by);
}

fn seen(list: &Element) -> Option<Seen> {
    let window = window()?;
    let place = list.get_bounding_client_rect();
    let root = document()?.document_element()?;
    let style = window.get_computed_style(&root).ok()??;
    let font_size = style.get_property_value("font-size").ok()?;
    Some(Seen {
        width: place.width(),
        above: -place.top(),
        height: window.inner_height().ok()?.as_f64()?,
        rem: font_size.trim_end_matches("px").parse().unwrap_or(16.0),
    })
}
