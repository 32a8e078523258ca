//! Deleted pictures: kept until the person says otherwise, and what is freed then.

use std::cell::RefCell;
use std::collections::HashSet;
use std::sync::Arc;

use leptos::prelude::*;

use crate::browser::database::{Durability, Op, Order, Rows, Store, whole_store};
use crate::browser::error::DatabaseError;
use crate::browser::local;
use crate::domain::record::{PictureRecord, blobs_named};
use crate::state::archive::Archive;
use crate::state::composer::DRAFT;
use crate::state::error::AppError;
use crate::state::gallery::Records;
use crate::state::library::Library;
use crate::state::mask;
use crate::state::notices::{Message, Notices};

/// The trash; copies are handles to the same one.
#[derive(Debug, Clone, Copy)]
pub struct Trash {
    /// The deleted pictures, the newest picture first.
    pub records: RwSignal<Records>,
    /// The ids of those that the person is asked about: whether deleting them for good is meant.
    pub asks: RwSignal<Option<Vec<String>>>,
    archive: Archive,
    library: Library,
    notices: Notices,
}

impl Trash {
    #[must_use]
    pub fn new(archive: Archive, library: Library, notices: Notices) -> Self {
        Self {
            records: RwSignal::default(),
            asks: RwSignal::new(None),
            archive,
            library,
            notices,
        }
    }

    /// Reads what is in it.
    pub fn refresh(self) {
        leptos::task::spawn_local(async move {
            match self.read().await {
                Ok(records) => self.records.set(records),
                Err(error) => self.notices.trouble(AppError::Database(error)),
            }
        });
    }

    async fn read(self) -> Result<Records, DatabaseError> {
        let database = self.archive.database().await?;
        let rows = database
            .page(Store::Trash, Order::NewestFirst, u32::MAX, None)
            .await?;
        let records: Vec<PictureRecord> =
            self.archive.understood(Store::Trash, &rows, self.notices);
        Ok(Records(Arc::new(
            records.into_iter().map(Arc::new).collect(),
        )))
    }

    /// Brings one back.
    pub fn restore(self, id: String) {
        leptos::task::spawn_local(async move {
            if let Err(error) = self.library.bring_back(&[id]).await {
                self.notices.trouble(AppError::Database(error));
            }
            self.refresh();
        });
    }

    /// Asks whether all of it is to be deleted for good.
    pub fn ask_for_all(self) {
        let records = self.records.get_untracked();
        let ids = records.0.iter().map(|record| record.id.clone());
        self.asks.set(Some(ids.collect()));
    }

    /// Deletes for good what was asked about, with every Blob that nothing else names; decided in the transaction that deletes.
    pub fn purge(self) {
        let Some(ids) = self.asks.get_untracked() else {
            return;
        };
        self.asks.set(None);
        leptos::task::spawn_local(async move {
            let bytes = self.weight(&ids);
            match self.purge_stored(&ids).await {
                Ok(pictures) => {
                    self.archive.note_purge().await;
                    self.notices.say(Message::Purged { pictures, bytes });
                }
                Err(error) => self.notices.trouble(AppError::Database(error)),
            }
            self.refresh();
        });
    }

    /// Bytes of pictures.
    fn weight(self, ids: &[String]) -> u64 {
        let records = self.records.get_untracked();
        let counted = records.0.iter().filter(|record| ids.contains(&record.id));
        counted.map(|record| record.bytes).sum()
    }

    async fn purge_stored(self, ids: &[String]) -> Result<usize, DatabaseError> {
        let wanted: HashSet<&str> = ids.iter().map(String::as_str).collect();
        let purged = RefCell::new(0);
        let decide = |_: &[Option<String>], ranges: &[Rows]| {
            let (pictures, ops) = purge(ranges, &wanted, &local::get(DRAFT).unwrap_or_default());
            purged.replace(pictures);
            (pictures > 0).then_some(ops)
        };
        let all = whole_store();
        let ranges = NAMING.map(|store| (store, &all));
        let scope = [Store::Trash, Store::Blobs, Store::Thumbs];
        self.archive
            .database()
            .await?
            .decide_over(&[], &ranges, &scope, Durability::Strict, decide)
            .await?;
        Ok(purged.into_inner())
    }
}

/// The stores whose rows name Blobs; the trash comes first.
pub(super) const NAMING: [Store; 5] = [
    Store::Trash,
    Store::Pictures,
    Store::Attempts,
    Store::Jobs,
    Store::Drafts,
];

/// What deletes the wanted rows of the trash, and the Blobs that only they name. `draft` names some as well.
fn purge(ranges: &[Rows], wanted: &HashSet<&str>, draft: &str) -> (usize, Vec<Op>) {
    let (mut ops, mut candidates, mut named) = (Vec::new(), HashSet::new(), HashSet::new());
    let mut pictures = 0;
    named.extend(blobs_named(draft));
    for (at, rows) in ranges.iter().enumerate() {
        for (key, json) in rows {
            if at == 0 && wanted.contains(key.as_str()) {
                pictures += 1;
                candidates.extend(blobs_named(json));
                ops.push(delete(Store::Trash, key));
            } else {
                named.extend(blobs_named(json));
            }
        }
    }
    for blob in candidates.difference(&named) {
        ops.push(delete(Store::Blobs, blob));
        ops.push(delete(Store::Blobs, &mask::draft_key(blob)));
        ops.push(delete(Store::Thumbs, blob));
    }
    (pictures, ops)
}

fn delete(store: Store, key: &str) -> Op {
    Op::Delete {
        store,
        key: key.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: &str, blobs: &[&str]) -> (String, String) {
        let blobs = blobs.iter().map(|blob| format!(r#"{{"blob":"{blob}"}}"#));
        (id.to_owned(), blobs.collect::<Vec<_>>().join(","))
    }

    fn deleted(ops: &[Op], store: Store) -> Vec<String> {
        let mut keys: Vec<String> = ops
            .iter()
            .filter(|op| op.store() == store)
            .filter_map(|op| match op {
                Op::Delete { key, .. } => Some(key.clone()),
                _ => None,
            })
            .collect();
        keys.sort_unstable();
        keys
    }

    #[test]
    fn only_what_nothing_else_names_is_freed() {
        let trash = vec![row("1", &["a", "shared", "sketch"]), row("2", &["b"])];
        let pictures = vec![row("3", &["c", "shared"])];
        let attempts = vec![row("4", &["asked"])];
        let ranges = [trash, pictures, attempts, vec![], vec![]];
        let wanted = HashSet::from(["1"]);
        let (n, ops) = purge(&ranges, &wanted, r#"{"blob":"sketch"}"#);
        assert_eq!(n, 1);
        assert_eq!(deleted(&ops, Store::Trash), ["1"]);
        assert_eq!(deleted(&ops, Store::Blobs), ["a", &mask::draft_key("a")]);
        assert_eq!(deleted(&ops, Store::Thumbs), ["a"]);
        // Nothing there by that name: nothing is deleted.
        let (n, ops) = purge(&ranges, &HashSet::from(["9"]), "");
        assert!(n == 0 && ops.is_empty());
        // Two of the trash that share a Blob, both gone.
        let both = [vec![row("1", &["x"]), row("2", &["x"])]];
        let (_, ops) = purge(&both, &HashSet::from(["1", "2"]), "");
        assert_eq!(deleted(&ops, Store::Thumbs), ["x"]);
        let (_, ops) = purge(&both, &wanted, "");
        assert!(deleted(&ops, Store::Blobs).is_empty());
    }
}
