//! The stores of the database in the memory of a tab, where the browser keeps nothing.

use std::collections::BTreeMap;

use web_sys::Blob;

use super::database::{Op, Order, Rows, Store};
use super::error::DatabaseError;
use super::picture::BlobHandle;

/// All rows, in the order of their keys.
#[derive(Debug, Default)]
pub(super) struct Memory(BTreeMap<(Store, String), Value>);

#[derive(Debug, Clone)]
enum Value {
    Json(String),
    Blob(BlobHandle),
}

impl Memory {
    /// Does all of it or nothing.
    pub(super) fn apply(&mut self, ops: &[Op]) -> Result<(), DatabaseError> {
        let is_taken = |op: &Op| match op {
            Op::Add { store, key, .. } => self.0.contains_key(&(*store, key.clone())),
            _ => false,
        };
        if ops.iter().any(is_taken) {
            return Err(DatabaseError::KeyExists);
        }
        for op in ops.iter().cloned() {
            match op {
                Op::Put { store, key, json } | Op::Add { store, key, json } => {
                    self.0.insert((store, key), Value::Json(json));
                }
                Op::PutBlob { store, key, blob } => {
                    self.0.insert((store, key), Value::Blob(blob));
                }
                // The tab has it in hand for as long as it lives.
                Op::PutFolder { .. } => {}
                Op::Delete { store, key } => {
                    self.0.remove(&(store, key));
                }
            }
        }
        Ok(())
    }

    /// What a decision reads.
    pub(super) fn look(
        &self,
        reads: &[(Store, &str)],
        ranges: &[(Store, &[String; 2])],
    ) -> (Vec<Option<String>>, Vec<Rows>) {
        let one = |(store, key): &(Store, &str)| self.get(*store, key);
        let all = |(store, range): &(Store, &[String; 2])| self.rows(*store, range);
        (
            reads.iter().map(one).collect(),
            ranges.iter().map(all).collect(),
        )
    }

    pub(super) fn get(&self, store: Store, key: &str) -> Option<String> {
        match self.0.get(&(store, key.to_owned()))? {
            Value::Json(json) => Some(json.clone()),
            Value::Blob(_) => None,
        }
    }

    pub(super) fn blob(&self, store: Store, key: &str) -> Option<Blob> {
        match self.0.get(&(store, key.to_owned()))? {
            Value::Json(_) => None,
            Value::Blob(blob) => Some((*blob.0).clone()),
        }
    }

    pub(super) fn count(&self, store: Store) -> u64 {
        self.keys(store).count() as u64
    }

    /// The rows from one key to another.
    pub(super) fn rows(&self, store: Store, [first, last]: &[String; 2]) -> Rows {
        let range = (store, first.clone())..=(store, last.clone());
        let row = |((_, key), value): (&(Store, String), &Value)| match value {
            Value::Json(json) => (key.clone(), json.clone()),
            Value::Blob(_) => (key.clone(), String::new()),
        };
        self.0.range(range).map(row).collect()
    }

    pub(super) fn page(
        &self,
        store: Store,
        order: Order,
        limit: u32,
        before: Option<&str>,
    ) -> Rows {
        let mut rows = self.rows(store, &super::database::whole_store());
        if let Some(before) = before {
            rows.retain(|(key, _)| match order {
                Order::NewestFirst => key.as_str() < before,
                Order::OldestFirst => key.as_str() > before,
            });
        }
        if order == Order::NewestFirst {
            rows.reverse();
        }
        rows.truncate(limit as usize);
        rows
    }

    fn keys(&self, store: Store) -> impl Iterator<Item = &String> {
        let of_store = move |(at, _): &&(Store, String)| *at == store;
        self.0.keys().filter(of_store).map(|(_, key)| key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::browser::database::whole_store;

    fn put(store: Store, key: &str) -> Op {
        Op::Put {
            store,
            key: key.into(),
            json: format!("{key}!"),
        }
    }

    fn keys(rows: &Rows) -> String {
        let keys: Vec<&str> = rows.iter().map(|(key, _)| key.as_str()).collect();
        keys.join(" ")
    }

    #[test]
    fn it_answers_as_the_database_does() {
        let mut memory = Memory::default();
        let rows = ["b", "a", "c"].map(|key| put(Store::Pictures, key));
        memory.apply(&rows).unwrap();
        memory.apply(&[put(Store::Trash, "d")]).unwrap();
        let page = |order, limit, before| keys(&memory.page(Store::Pictures, order, limit, before));
        assert_eq!(page(Order::NewestFirst, 2, None), "c b");
        assert_eq!(page(Order::NewestFirst, 9, Some("b")), "a");
        assert_eq!(page(Order::OldestFirst, 2, Some("a")), "b c");
        assert_eq!(memory.count(Store::Pictures), 3);
        assert_eq!(memory.get(Store::Trash, "d").as_deref(), Some("d!"));
        assert_eq!(memory.get(Store::Trash, "a"), None);
        let all = whole_store();
        let (found, ranges) = memory.look(&[(Store::Pictures, "b")], &[(Store::Trash, &all)]);
        assert_eq!(found, [Some("b!".to_owned())]);
        assert_eq!(keys(&ranges[0]), "d");
    }

    #[test]
    fn a_key_that_is_there_undoes_the_whole_write() {
        let mut memory = Memory::default();
        memory.apply(&[put(Store::Ledger, "l")]).unwrap();
        let again = Op::Add {
            store: Store::Ledger,
            key: "l".into(),
            json: String::new(),
        };
        let written = memory.apply(&[put(Store::Jobs, "j"), again]);
        assert_eq!(written, Err(DatabaseError::KeyExists));
        assert_eq!(memory.count(Store::Jobs), 0);
        let gone = Op::Delete {
            store: Store::Ledger,
            key: "l".into(),
        };
        memory.apply(&[gone]).unwrap();
        assert_eq!(memory.count(Store::Ledger), 0);
    }
}
