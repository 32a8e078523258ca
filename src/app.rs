//! The composition root: loads what was kept, builds the state, mounts the views into the static page.

use futures::future::LocalBoxFuture;
use leptos::mount::mount_to;
use leptos::prelude::*;

use crate::browser::adopt::{self, TextField};
use crate::browser::listener::Listener;
use crate::browser::{asset, clock, launched, page, panics};
use crate::domain::model::{Catalogue, CatalogueError};
use crate::state::archive::Archive;
use crate::state::backup::Backup;
use crate::state::composer::Composer;
use crate::state::folder::PictureFolder;
use crate::state::gallery::Gallery;
use crate::state::hints::Hints;
use crate::state::jobs::Jobs;
use crate::state::ledger::Ledger;
use crate::state::library::Library;
use crate::state::listing::look_once_a_day;
use crate::state::lists::Lists;
use crate::state::mask::MaskDesk;
use crate::state::network::Network;
use crate::state::notices::Notices;
use crate::state::prices::Prices;
use crate::state::route::View;
use crate::state::settings::Settings;
use crate::state::shared::{Arrival, SharedImages};
use crate::state::storage::Storage;
use crate::state::thumbnails::Thumbnails;
use crate::state::tokens;
use crate::state::trash::Trash;
use crate::state::tray::Tray;
use crate::state::unsettled::Unsettled;
use crate::state::update::Updates;
use crate::ui::composer::breakdown::breakdown;
use crate::ui::composer::compare::{comparison, price_successor};
use crate::ui::composer::hints::hints;
use crate::ui::composer::images::{helpers, images};
use crate::ui::composer::learned::price_learned;
use crate::ui::composer::violations::violations;
use crate::ui::composer::{composer_send, composer_settings};
use crate::ui::costs::costs_view;
use crate::ui::library::library_view;
use crate::ui::navigation::navigation;
use crate::ui::notices::notice_list;
use crate::ui::settings::settings_view;
use crate::ui::stage::stage;
use crate::ui::stage::welcome::welcome;
use crate::ui::standing::{newer_version, offline_sign, shared_images};
use crate::ui::storage::storage_cards;

/// Whether the rest of the app has come.
pub type Bringing = LocalBoxFuture<'static, bool>;

/// Starts the app in the static page.
///
/// # Errors
/// The model data of this build cannot be read; a test keeps that from happening.
pub fn start(bring_rest: fn(Started) -> Bringing) -> Result<(), CatalogueError> {
    panics::report();
    // State is built, and begins to read the database, before the first view is mounted. Set once: never an error.
    any_spawner::Executor::init_wasm_bindgen().ok();
    let catalogue = Catalogue::built_in()?;
    let owner = Owner::new();
    owner.with(|| {
        let state = State::new(catalogue);
        state.provide();
        adopt_prompt(state.composer, state.settings);
        if state.is_in_create() {
            let (place, view) = SEND;
            mount(place, view);
        }
        state.connect();
        let started = Started {
            owner: owner.clone(),
            state,
        };
        leptos::task::spawn_local(bring(started, bring_rest));
    });
    // The app lives as long as its page.
    std::mem::forget(owner);
    Ok(())
}

/// Brings everything, what is looked at first.
async fn bring(started: Started, bring_rest: fn(Started) -> Bringing) {
    let is_create = started.state.is_in_create();
    let (bar, hidden) = if is_create {
        started.mount(&FIRST_VIEWS).await;
        adopt::mark_ready();
        if started.state.is_first_visit() {
            page::first_gesture().await;
        }
        Default::default()
    } else {
        FIRST_VIEWS.split_at(1)
    };
    let (is_styled, is_there, ()) = futures::join!(
        asset::style("rest-style"),
        bring_rest(started.clone()),
        started.mount(bar)
    );
    if !(is_styled && is_there) {
        adopt::set_hidden("boot-failed", false);
    }
    if !is_create {
        started.mount(&[SEND]).await;
    }
    started.mount(hidden).await;
    adopt::mark_ready();
}

/// The app as a first visit shows it: prompt, price and settings, before the rest of it has come.
#[derive(Clone)]
pub struct Started {
    owner: Owner,
    state: State,
}

impl Started {
    /// What is typed gets its price before anything else is made; on a slow machine each part is a wait of its own.
    async fn mount(&self, parts: &[Placed]) {
        for (place, view) in parts {
            clock::idle(PART_WAIT_MILLIS).await;
            self.owner.with(|| mount(place, *view));
        }
    }
}

/// Everything that a first visit does not need until the person does something. Its code is a file of its own: nothing but
/// this function may name the views of the rest, or what sends and what reads the database.
pub fn rest(started: Started) {
    let (owner, state) = (started.owner.clone(), started.state);
    let is_create = state.is_in_create();
    owner.with(|| provide_rest(state));
    leptos::task::spawn_local(async move {
        // The database is being opened by now.
        clock::yield_now().await;
        owner.with(|| mount("view", other_view));
        let (seen, others) = REST_VIEWS.split_at(usize::from(is_create));
        let joined = owner.with(|| state.jobs.join_visits());
        let seen = async {
            started.mount(seen).await;
            if !is_create {
                // Nothing else is asked of the database before that.
                owner
                    .with(|| state.library.until_loaded(FIRST_READ_MILLIS))
                    .await;
                // Then they are drawn.
                clock::idle(PART_WAIT_MILLIS).await;
            }
            clock::idle(PART_WAIT_MILLIS).await;
        };
        // What is pressed is of the visit of the other tabs, and outlives the tab that it was pressed in.
        futures::join!(seen, clock::within(FIRST_READ_MILLIS, joined));
        owner.with(|| begin(state));
        started.mount(others).await;
        owner.with(|| mount_beside("bar", offline_sign));
    });
}

/// What the views of the rest find by its type; and what was kept begins to be read.
fn provide_rest(state: State) {
    let State {
        settings,
        composer,
        archive,
        library,
        notices,
        ..
    } = state;
    state.load();
    let lists = Lists::load(settings);
    provide_context(lists);
    let desk = MaskDesk::new(composer, archive, notices, state.jobs);
    provide_context(desk);
    provide_context(Prices::open(composer, lists, notices));
    let tray = Tray::open(composer, archive, library, notices, state.view);
    provide_context(tray);
    provide_context(Thumbnails::new(archive, library));
    provide_context(Gallery::new(library));
    provide_context(Trash::new(archive, library, notices));
    provide_context(Hints::follow(composer));
    tray.listen()
        .into_iter()
        .for_each(|listener| keep_listening(Some(listener)));
    launched::on_launch(move |files| tray.add(files));
    provide_context(SharedImages::new(tray));
    provide_context(Network::follow());
    let backup = Backup::new(archive, library, settings, notices);
    provide_context(backup);
    provide_context(PictureFolder::follow(archive, library, notices));
    let is_busy = Signal::derive(move || {
        archive.storage.would_lose()
            || state.jobs.is_running()
            || desk.canvas.read().is_some()
            || tray.busy.get() > 0
            || backup.is_running()
    });
    provide_context(Updates::follow(composer, is_busy));
}

/// What the app does by itself.
fn begin(state: State) {
    let State {
        settings,
        composer,
        ledger,
        notices,
        ..
    } = state;
    watch_jobs(state.jobs, state.archive.storage);
    ask_about_shared(state.arrival, notices);
    state.jobs.begin_to_send();
    price_successor(composer);
    ledger.learn();
    price_learned(composer, ledger, settings);
    tokens::load(composer);
    look_once_a_day(expect_context::<Lists>(), composer, notices);
    expect_context::<Backup>().remind();
}

/// Everything the views find by its type.
#[derive(Clone, Copy)]
struct State {
    settings: Settings,
    notices: Notices,
    archive: Archive,
    composer: Composer,
    library: Library,
    ledger: Ledger,
    unsettled: Unsettled,
    jobs: Jobs,
    view: RwSignal<View>,
    /// What was shared, if that opened the app.
    arrival: Option<Arrival>,
}

impl State {
    fn new(catalogue: Catalogue) -> Self {
        let today = clock::now().date();
        let (settings, notices, archive) =
            (Settings::load(), Notices::default(), Archive::closed());
        let composer = Composer::new(catalogue, Composer::stored_draft(), today);
        let library = Library::new(archive, notices);
        // What was never here before has no pictures: nobody has to look.
        library.loaded.set(settings.is_new);
        let ledger = Ledger::new(archive, notices);
        let unsettled = Unsettled::new(archive, notices, composer);
        let jobs = Jobs::new(
            archive, library, ledger, notices, settings, composer, unsettled,
        );
        let address = format!("#{}", page::hash());
        let view = RwSignal::new(View::of(&address));
        Self {
            settings,
            notices,
            archive,
            composer,
            library,
            ledger,
            unsettled,
            jobs,
            view,
            arrival: Arrival::of(&address),
        }
    }

    fn is_in_create(self) -> bool {
        self.view.get_untracked() == View::Create
    }

    /// Whether there is nothing to show beyond an empty composer: nothing was kept here, and no other view is asked for.
    fn is_first_visit(self) -> bool {
        self.settings.is_new
            && self.is_in_create()
            && self.arrival.is_none()
            && self.composer.request.read_untracked().prompt.is_empty()
    }

    fn provide(self) {
        provide_context(self.settings);
        provide_context(self.notices);
        provide_context(self.archive);
        provide_context(self.composer);
        provide_context(self.library);
        provide_context(self.ledger);
        provide_context(self.unsettled);
        provide_context(self.jobs);
        provide_context(self.view);
    }

    /// What the world does to the app, and the app to the world.
    fn connect(self) {
        let Self {
            settings,
            composer,
            view,
            ..
        } = self;
        settings.keep();
        composer.keep_draft();
        keep_listening(page::on_hash_change(move |hash| {
            view.set(View::of(&format!("#{hash}")));
        }));
        keep_listening(page::on_page_hide(move || composer.store_draft()));
        // A hidden tab's clock is slow: its draft would come after that of the tab that is written in.
        keep_listening(page::on_visibility(move |is_hidden| {
            if is_hidden {
                composer.store_draft();
            }
        }));
        Effect::new(move |_| show_view(view.get()));
    }

    /// Reads the database once the page is usable, and again whenever another tab has changed it.
    fn load(self) {
        let Self {
            library,
            unsettled,
            archive,
            ..
        } = self;
        let (is_reading, again) = (StoredValue::new(false), StoredValue::new(false));
        Effect::new(move |_| {
            archive.read_again.track();
            again.set_value(true);
            if is_reading.get_value() {
                return;
            }
            is_reading.set_value(true);
            leptos::task::spawn_local(async move {
                // Many changes in a row are read together.
                while again.get_value() {
                    again.set_value(false);
                    library.refresh().await;
                    unsettled.refresh().await;
                    if again.get_value() {
                        clock::sleep(READ_AGAIN_MILLIS).await;
                    }
                }
                is_reading.set_value(false);
            });
        });
    }
}

/// The static prompt becomes the composer's: what was typed before the start beats a stored draft.
fn adopt_prompt(composer: Composer, settings: Settings) {
    let Some(field) = TextField::find("prompt") else {
        return;
    };
    let typed = field.text();
    if typed.is_empty() {
        field.show(&composer.shown_prompt.get_untracked());
    } else {
        composer.prompt_typed(typed);
    }
    keep_listening(field.on_input(move |text| composer.prompt_typed(text)));
    let shown = field.clone();
    Effect::new(move |before: Option<()>| {
        composer.shown_prompt.track();
        if before.is_some() {
            shown.show(&composer.shown_prompt.read_untracked());
        }
    });
    Effect::new(move |_| {
        let words = settings.words();
        field.set_placeholder(words.prompt_placeholder);
        adopt::set_text("prompt-label", words.prompt);
        adopt::set_text("create-title", words.create);
    });
}

/// A place of the static page, and what comes there.
type Placed = (&'static str, fn() -> AnyView);

/// What a first visit shows besides prompt, price and Generate.
const FIRST_VIEWS: [Placed; 3] = [
    ("bar-views", navigation),
    ("welcome", welcome),
    ("composer-settings", composer_settings),
];
/// Price and Generate: before all else in Create; where another view is looked at, the first of what is hidden.
const SEND: Placed = ("composer-send", composer_send);
/// They come even where the browser is never idle.
const PART_WAIT_MILLIS: u32 = 100;

/// What a view shows is read first; then, or after so long, the rest begins.
const FIRST_READ_MILLIS: f64 = 500.0;

/// Between two looks at what other tabs have changed.
const READ_AGAIN_MILLIS: u32 = 250;

/// What the rest brings: first what is looked at in Create. From the second on, a press of Generate sends.
const REST_VIEWS: [Placed; 5] = [
    ("stage-views", stage),
    ("composer-images", composer_images),
    ("composer-violations", violations),
    ("composer-costs", composer_costs),
    ("notices", notice_area),
];

/// The view beside Create that is looked at.
fn other_view() -> AnyView {
    let view = expect_context::<RwSignal<View>>();
    let other = move || match view.get() {
        View::Create => None,
        View::Library => Some(library_view()),
        View::Costs => Some(costs_view()),
        View::Settings => Some(settings_view()),
    };
    other.into_any()
}

fn composer_images() -> AnyView {
    view! { {images()} {helpers()} {hints()} }.into_any()
}

fn composer_costs() -> AnyView {
    view! { {breakdown()} {comparison()} }.into_any()
}

fn notice_area() -> AnyView {
    view! { {storage_cards()} {newer_version()} {shared_images()} {notice_list()} }.into_any()
}

fn mount(place: &str, view: fn() -> AnyView) {
    if let Some(place) = adopt::place(place) {
        place.set_text_content(None);
        mount_to(place, view).forget();
    }
}

/// After what is there already.
fn mount_beside(place: &str, view: fn() -> AnyView) {
    if let Some(place) = adopt::place(place) {
        mount_to(place, view).forget();
    }
}

/// Create is part of the static page; the other views stand beside it.
fn show_view(view: View) {
    adopt::set_hidden("create", view != View::Create);
    adopt::set_hidden("view", view == View::Create);
    let address = view.hash().trim_start_matches('#');
    let now = page::hash();
    if now != address {
        // "Back" from here would lead to an address of no view, and from there forward again.
        if View::has(&format!("#{now}")) {
            page::set_hash(address);
        } else {
            page::replace_hash(address);
        }
    }
}

/// Tells the tab, and the browser, what runs.
fn watch_jobs(jobs: Jobs, storage: Storage) {
    keep_listening(page::on_shown(move || jobs.finished.set(0)));
    Effect::new(move |_| page::set_title(&title(jobs, page::is_hidden())));
    guard_running(jobs, storage);
}

/// At the start, and whenever the tab is looked at.
fn ask_about_shared(arrival: Option<Arrival>, notices: Notices) {
    let shared = expect_context::<SharedImages>();
    shared.begin(arrival, notices);
    keep_listening(page::on_shown(move || shared.look()));
}

/// What runs and what is done, for a tab that is not looked at.
fn title(jobs: Jobs, hidden: bool) -> String {
    let running = jobs.list.read().rows.len() + jobs.queue.notes.read().more;
    match (running, jobs.finished.get()) {
        (0, done) if done > 0 && hidden => "✓ Pentimento".into(),
        (0, _) => "Pentimento".into(),
        (running, _) => format!("({running}) Pentimento"),
    }
}

/// While something runs or is held in this tab alone, closing the tab asks first; while anything is listed, the clock ticks.
fn guard_running(jobs: Jobs, storage: Storage) {
    let guard = StoredValue::new_local(None::<Listener>);
    let ticking = StoredValue::new_local(None::<clock::Interval>);
    let would_lose = Memo::new(move |_| jobs.is_running() || storage.would_lose());
    let has_any = Memo::new(move |_| jobs.has_any());
    Effect::new(move |_| {
        let tick = || clock::every(500, move || jobs.now.set(clock::now()));
        ticking.set_value(has_any.get().then(tick));
    });
    Effect::new(move |_| {
        guard.set_value(would_lose.get().then(page::guard_leaving).flatten());
    });
}

/// Listens for as long as the page lives.
fn keep_listening(listener: Option<Listener>) {
    let kept = StoredValue::new(listener);
    on_cleanup(move || kept.dispose());
}
