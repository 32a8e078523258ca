//! What is looked for in the library, what of it is chosen, and what is done with that.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use leptos::prelude::*;

use crate::browser::clock;
use crate::domain::gallery::{Query, present, searched_text};
use crate::domain::record::{Marking, PictureRecord};
use crate::state::library::Library;

/// Records in the order of the grid; equal when they are the same list.
#[derive(Debug, Clone, Default)]
pub struct Records(pub Arc<Vec<Arc<PictureRecord>>>);

impl PartialEq for Records {
    fn eq(&self, other: &Self) -> bool {
        self.0.len() == other.0.len()
            && self
                .0
                .iter()
                .zip(other.0.iter())
                .all(|(a, b)| Arc::ptr_eq(a, b))
    }
}

/// What the library can be narrowed down to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Present {
    pub models: Vec<String>,
    pub collections: Vec<String>,
}

/// The library as it is looked through; copies are handles to the same one.
#[derive(Debug, Clone, Copy)]
pub struct Gallery {
    pub query: RwSignal<Query>,
    /// What the query finds, newest first.
    pub found: Memo<Records>,
    pub present: Memo<Present>,
    /// Whether pictures are being chosen, to do something with several.
    pub is_choosing: RwSignal<bool>,
    /// The ids of the chosen ones.
    pub chosen: RwSignal<BTreeSet<String>>,
    /// The picture whose details are open.
    pub details: RwSignal<Option<String>>,
    /// Whether the trash is looked at instead of the pictures.
    pub shows_trash: RwSignal<bool>,
    /// Where a stretch of chosen ones begins.
    anchor: StoredValue<Option<String>>,
    library: Library,
}

/// A record, and its text as it is searched.
type Indexed = (Arc<PictureRecord>, Arc<str>);

impl Gallery {
    #[must_use]
    pub fn new(library: Library) -> Self {
        let query = RwSignal::new(Query::default());
        let index = StoredValue::new(HashMap::<String, Indexed>::new());
        let found = Memo::new(move |_| {
            let search = query.read().ready(clock::now());
            let pictures = library.pictures.read();
            let mut records = Vec::new();
            index.update_value(|index| {
                for record in pictures.iter() {
                    if search.finds(record, &text_of(index, record)) {
                        records.push(Arc::clone(record));
                    }
                }
            });
            Records(Arc::new(records))
        });
        let present = Memo::new(move |_| {
            let pictures = library.pictures.read();
            let (models, collections) = present(pictures.iter().map(AsRef::as_ref));
            let owned = |names: BTreeSet<&str>| names.into_iter().map(str::to_owned).collect();
            Present {
                models: owned(models),
                collections: owned(collections),
            }
        });
        Self {
            query,
            found,
            present,
            is_choosing: RwSignal::new(false),
            chosen: RwSignal::default(),
            details: RwSignal::new(None),
            shows_trash: RwSignal::new(false),
            anchor: StoredValue::new(None),
            library,
        }
    }

    /// Changes what is looked for.
    pub fn look_for(self, change: impl FnOnce(&mut Query)) {
        self.query.update(change);
    }

    /// Begins or ends choosing; nothing is chosen then.
    pub fn choose(self, is_choosing: bool) {
        self.is_choosing.set(is_choosing);
        self.chosen.set(BTreeSet::new());
        self.anchor.set_value(None);
    }

    /// Chooses a picture, or no longer; with `to_here` everything from the last one to this one.
    pub fn toggle(self, id: &str, to_here: bool) {
        let before = self.anchor.get_value().filter(|_| to_here);
        self.chosen.update(|chosen| match before {
            Some(before) => chosen.extend(self.between(&before, id)),
            None => {
                if !chosen.remove(id) {
                    chosen.insert(id.to_owned());
                }
            }
        });
        self.anchor.set_value(Some(id.to_owned()));
    }

    /// The ids from one picture to another, both with them, whichever comes first.
    fn between(self, one: &str, other: &str) -> Vec<String> {
        let found = self.found.get_untracked();
        let place = |id: &str| found.0.iter().position(|record| record.id == id);
        let (Some(a), Some(b)) = (place(one), place(other)) else {
            return vec![other.to_owned()];
        };
        let stretch = found.0.get(a.min(b)..=a.max(b)).unwrap_or_default();
        stretch.iter().map(|record| record.id.clone()).collect()
    }

    /// Chooses everything that is found.
    pub fn choose_all(self) {
        let found = self.found.get_untracked();
        let all = found.0.iter().map(|record| record.id.clone());
        self.chosen.set(all.collect());
    }

    /// Chosen and found: what a filter hides is not touched.
    fn chosen_records(self) -> Vec<Arc<PictureRecord>> {
        let (found, chosen) = (self.found.get_untracked(), self.chosen.read_untracked());
        let records = found.0.iter();
        records
            .filter(|record| chosen.contains(&record.id))
            .cloned()
            .collect()
    }

    /// How many of those found are chosen. Reactive.
    #[must_use]
    pub fn chosen_count(self) -> usize {
        let (found, chosen) = (self.found.read(), self.chosen.read());
        let is_chosen = |record: &&Arc<PictureRecord>| chosen.contains(&record.id);
        found.0.iter().filter(is_chosen).count()
    }

    pub fn delete_chosen(self) {
        self.library.delete(self.chosen_records());
        self.choose(false);
    }

    pub fn mark_chosen(self, marking: Marking) {
        let records = self.chosen_records();
        let ids = records.iter().map(|record| record.id.clone()).collect();
        self.library.mark(ids, marking);
    }

    pub fn download_chosen(self) {
        self.library.download(self.chosen_records());
    }

    /// Opens the details of the picture before (-1) or after (1) the open one.
    pub fn turn_details(self, by: isize) {
        let found = self.found.get_untracked();
        let open = self.details.get_untracked();
        let place = found
            .0
            .iter()
            .position(|record| Some(&record.id) == open.as_ref());
        let next = place
            .and_then(|place| place.checked_add_signed(by))
            .and_then(|place| found.0.get(place));
        if let Some(next) = next {
            self.details.set(Some(next.id.clone()));
        }
    }
}

/// The searched text of a record, made once for each state that it is in.
fn text_of(index: &mut HashMap<String, Indexed>, record: &Arc<PictureRecord>) -> Arc<str> {
    if let Some((known, text)) = index.get(&record.id)
        && Arc::ptr_eq(known, record)
    {
        return Arc::clone(text);
    }
    let text: Arc<str> = searched_text(record).into();
    index.insert(record.id.clone(), (Arc::clone(record), Arc::clone(&text)));
    text
}
