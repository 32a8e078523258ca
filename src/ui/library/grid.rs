//! A grid of which only what is in the window is made, walked through by arrow keys.

use std::ops::Range;
use std::sync::Arc;

use leptos::ev::{KeyboardEvent, MouseEvent};
use leptos::html::Ul;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::{Element, HtmlElement, HtmlUListElement};

use crate::domain::gallery::{Grid, Step};
use crate::domain::record::PictureRecord;
use crate::state::gallery::Records;
use crate::state::thumbnails::Thumbnails;
use crate::state::time::when_idle;
use crate::state::words::Language;
use crate::ui::library::scroll::{reveal, seen_of};
use crate::ui::{derived, use_all_words};

/// In so many frames all rows that are wanted are made.
const MOST_FRAMES: u32 = 60;

/// What a cell shows; it is made anew with another language. It is told when it is drawn: what is not looked at first, if
/// there is such, is made then.
type Cell = fn(Arc<PictureRecord>, Signal<bool>) -> AnyView;

/// A list of pictures, named by `label`.
pub(super) fn grid(label: Signal<&'static str>, records: Signal<Records>, cell: Cell) -> AnyView {
    let (w, list) = (use_all_words(), NodeRef::<Ul>::new());
    let seen = seen_of(list);
    let layout = Memo::new(move |_| Grid::of(seen.get(), records.read().0.len()));
    let growing = Growing::follow(layout, records);
    let (range, is_growing) = (growing.range, growing.is_growing);
    let made = Memo::new(move |_| {
        let records = records.get();
        let shown = records.0.get(range.get()).unwrap_or_default();
        Records(Arc::new(shown.to_vec()))
    });
    let length = move |pixels: f64| format!("{pixels:.1}px");
    let columns = derived(move || layout.read().columns.to_string());
    let count = derived(move || records.read().0.len().to_string());
    let place = move |id: &str| {
        let (made, first) = (made.get(), range.get().start);
        let place = made.0.iter().position(|record| record.id == id);
        place.map(|place| first + place)
    };
    let cells = move || {
        let (language, made) = (w.language(), made.get());
        let cells = made.0.iter().map(|record| (language, Arc::clone(record)));
        cells.collect::<Vec<_>>()
    };
    let item = move |(_, record): (Language, Arc<PictureRecord>)| {
        let id = record.id.clone();
        let position = derived(move || place(&id).map(|place| (place + 1).to_string()));
        let cell = cell(record, growing.is_drawn());
        view! { <li aria-posinset=position aria-setsize=count>{cell}</li> }.into_any()
    };
    let step = boxed(move |event: KeyboardEvent| walk(&event, layout, list, is_growing));
    view! {
        <ul
            class="grid"
            class:narrow=derived(move || layout.read().is_narrow)
            node_ref=list
            aria-label=label
            style:--columns=columns
            style:--cell=derived(move || length(layout.read().cell_height))
            style:padding-top=derived(move || length(layout.read().before(range.read().start)))
            style:height=derived(move || length(layout.read().height()))
            on:keydown=step
        >
            <For each=cells key=|(language, record)| (*language, record.id.clone()) children=item />
        </ul>
    }
    .into_any()
}

/// The cells that are made: a row more with each frame, until all that are wanted are there.
#[derive(Clone, Copy)]
struct Growing {
    layout: Memo<Grid>,
    records: Signal<Records>,
    thumbnails: Thumbnails,
    range: RwSignal<Range<usize>>,
    is_growing: StoredValue<bool>,
    /// Of the cells that were made since the last frame: whether they are drawn.
    undrawn: StoredValue<Vec<RwSignal<bool>>>,
}

impl Growing {
    fn follow(layout: Memo<Grid>, records: Signal<Records>) -> Self {
        let growing = Self {
            layout,
            records,
            thumbnails: expect_context::<Thumbnails>(),
            range: RwSignal::new(0..0),
            is_growing: StoredValue::new(false),
            undrawn: StoredValue::default(),
        };
        Effect::new(move |_| {
            layout.track();
            if !growing.is_growing.get_value() {
                growing.is_growing.set_value(true);
                growing.grow();
            }
        });
        growing
    }

    fn grow(self) {
        let (Some(layout), Some(made)) = (
            self.layout.try_get_untracked(),
            self.range.try_get_untracked(),
        ) else {
            return;
        };
        let next = layout.next(&made);
        if next == made {
            self.is_growing.set_value(false);
            return;
        }
        self.foresee(&made, &next);
        self.range.set(next.clone());
        let goes_on = move || self.grow();
        if layout.fills_window(&next) {
            // Beyond the window they come when the browser has nothing better to do.
            when_idle(goes_on);
        } else {
            request_animation_frame(goes_on);
        }
    }

    /// For a new cell.
    fn is_drawn(self) -> Signal<bool> {
        let is_drawn = RwSignal::new(false);
        let is_first = self.undrawn.try_update_value(|undrawn| {
            undrawn.push(is_drawn);
            undrawn.len() == 1
        });
        if is_first == Some(true) {
            request_animation_frame(move || when_idle(move || self.draw_rest()));
        }
        is_drawn.into()
    }

    fn draw_rest(self) {
        let undrawn = self.undrawn.try_update_value(std::mem::take);
        for is_drawn in undrawn.unwrap_or_default() {
            is_drawn.try_set(true);
        }
    }

    /// The small pictures of new cells are on their way while these are made.
    fn foresee(self, made: &Range<usize>, next: &Range<usize>) {
        let (above, below) = (
            next.start..made.start.min(next.end),
            made.end.max(next.start)..next.end,
        );
        let records = self.records.read_untracked();
        for new in [above, below] {
            self.thumbnails
                .foresee(records.0.get(new).unwrap_or_default());
        }
    }
}

/// Arrow keys on a picture lead to the next; the page follows.
fn walk(
    event: &KeyboardEvent,
    layout: Memo<Grid>,
    list: NodeRef<Ul>,
    is_growing: StoredValue<bool>,
) {
    let target: Option<Element> = event.target().and_then(|target| target.dyn_into().ok());
    let Some(cell) = target.filter(|target| target.has_attribute("data-cell")) else {
        return;
    };
    let has_modifier = event.ctrl_key() || event.meta_key() || event.alt_key() || event.shift_key();
    let (Some(step), Some(list), false) = (
        Step::of_key(&event.key()),
        list.get_untracked(),
        has_modifier,
    ) else {
        return;
    };
    let Some(from) = place_of(&cell) else { return };
    event.prevent_default();
    let grid = layout.get_untracked();
    let Some(to) = grid.step(from, step) else {
        return;
    };
    reveal(&list, grid.reach(to));
    focus_soon(list, to, is_growing, MOST_FRAMES);
}

/// The cell may be made only now, after others; and a row that comes above it would take the focus away.
fn focus_soon(list: HtmlUListElement, place: usize, is_growing: StoredValue<bool>, frames: u32) {
    request_animation_frame(move || {
        let is_there = is_growing.try_get_value() != Some(true) && focus(&list, place);
        if !is_there && frames > 0 {
            focus_soon(list, place, is_growing, frames - 1);
        }
    });
}

/// The place of the list item around an element, from zero.
fn place_of(cell: &Element) -> Option<usize> {
    let item = cell.closest("li").ok()??;
    let position: usize = item.get_attribute("aria-posinset")?.parse().ok()?;
    position.checked_sub(1)
}

fn focus(list: &HtmlElement, place: usize) -> bool {
    let selector = format!("li[aria-posinset=\"{}\"] [data-cell]", place + 1);
    let cell = list.query_selector(&selector).ok().flatten();
    let cell = cell.and_then(|cell| cell.dyn_into::<HtmlElement>().ok());
    cell.is_some_and(|cell| cell.focus().is_ok())
}

/// A press, told whether Shift was held.
pub(super) fn modified_press(f: impl Fn(bool) + 'static) -> Box<dyn FnMut(MouseEvent)> {
    boxed(move |event: MouseEvent| f(event.shift_key()))
}

fn boxed<E>(f: impl FnMut(E) + 'static) -> Box<dyn FnMut(E)> {
    Box::new(f)
}
