//! A walk through a whole store, some rows at a time.

use super::{Database, Order, Rows, Store};
use crate::browser::error::DatabaseError;

/// Where the walk stands. What is written meanwhile is met where the walk has not been yet.
#[derive(Debug)]
pub struct Pages<'a> {
    database: &'a Database,
    store: Store,
    order: Order,
    limit: u32,
    last: Option<String>,
    is_over: bool,
}

impl Database {
    /// A walk through a store in that order, `limit` rows at a time.
    #[must_use]
    pub fn pages(&self, store: Store, order: Order, limit: u32) -> Pages<'_> {
        Pages {
            database: self,
            store,
            order,
            limit,
            last: None,
            is_over: false,
        }
    }
}

impl Pages<'_> {
    /// The same, beginning behind that key.
    #[must_use]
    pub fn behind(self, key: Option<String>) -> Self {
        Self { last: key, ..self }
    }

    /// The next rows; `None` after the last ones.
    ///
    /// # Errors
    /// When the database cannot be read; asked again, the same rows are read.
    pub async fn next(&mut self) -> Result<Option<Rows>, DatabaseError> {
        if self.is_over {
            return Ok(None);
        }
        let before = self.last.as_deref();
        let page = self
            .database
            .page(self.store, self.order, self.limit, before);
        let page = page.await?;
        self.is_over = page.len() < self.limit as usize;
        self.last = page.last().map(|(key, _)| key.clone());
        Ok(Some(page))
    }
}
