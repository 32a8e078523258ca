//! A rectangle by its numbers, for whoever would rather type than draw.

use leptos::prelude::*;

use crate::domain::mask::geometry::Rect;
use crate::domain::mask::{Combine, Event};
use crate::domain::request::ImageRef;
use crate::state::mask::MaskDesk;
use crate::ui::controls::icon::word_button;
use crate::ui::controls::number::number;
use crate::ui::use_all_words;

/// Left, top, width and height in pixels of the image, and one press to mask them or to take them out.
pub(super) fn box_form(image: &ImageRef) -> AnyView {
    let (w, desk) = (use_all_words(), expect_context::<MaskDesk>());
    let (width, height) = (image.width, image.height);
    let field = |from: u32| RwSignal::new(from);
    let (left, top) = (field(0), field(0));
    let (across, down) = (field(width), field(height));
    let select = move |combine: Combine| {
        move || {
            let rect = Rect {
                left: left.get_untracked().min(width) as i32,
                top: top.get_untracked().min(height) as i32,
                right: left
                    .get_untracked()
                    .saturating_add(across.get_untracked())
                    .min(width) as i32,
                bottom: top
                    .get_untracked()
                    .saturating_add(down.get_untracked())
                    .min(height) as i32,
            };
            desk.edit(Event::SelectBox(rect, combine));
        }
    };
    let most = |most: u32| Signal::stored(most);
    view! {
        <details class="more mask-box">
            <summary>{w.text(|w| w.mask_box)}</summary>
            <div class="mask-box-fields">
                {number(w.text(|w| w.mask_left), left.into(), (0, most(width)), 1, move |n| left.set(n))}
                {number(w.text(|w| w.mask_top), top.into(), (0, most(height)), 1, move |n| top.set(n))}
                {number(w.text(|w| w.mask_width), across.into(), (1, most(width)), 1, move |n| across.set(n))}
                {number(w.text(|w| w.mask_height), down.into(), (1, most(height)), 1, move |n| down.set(n))}
            </div>
            <div class="mask-whole">
                {word_button("quiet", w.text(|w| w.mask_box_add), select(Combine::Add))}
                {word_button("quiet", w.text(|w| w.mask_box_subtract), select(Combine::Subtract))}
            </div>
        </details>
    }
    .into_any()
}
