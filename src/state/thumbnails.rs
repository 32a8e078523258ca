//! Small pictures for lists: made once from the stored ones, kept, and made again where they are gone.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use leptos::prelude::*;

use crate::browser::database::{Database, Durability, Op, Store};
use crate::browser::decode_image;
use crate::browser::error::DatabaseError;
use crate::browser::picture::DataAddress;
use crate::domain::intake::{MOST_EDGE, MOST_PIXELS};
use crate::domain::record::PictureRecord;
use crate::domain::size::Pixels;
use crate::state::archive::Archive;
use crate::state::library::Library;

/// Of the shorter side, in pixels: sharp in a cell of the grid.
const SHORT_SIDE: u32 = 320;
/// Of a picture that is within its address.
const MOST_BYTES: u64 = 2 << 20;

/// The small pictures; copies are handles to the same ones.
#[derive(Debug, Clone, Copy)]
pub struct Thumbnails {
    archive: Archive,
    library: Library,
    wanted: StoredValue<Vec<Wanted>, LocalStorage>,
    /// Keys of the pictures whose small ones are read in this turn, and of those that are being read.
    asked: StoredValue<Vec<String>>,
    reading: StoredValue<HashSet<String>>,
}

/// Of a small picture; `None` until it is there.
pub type Address = Option<DataAddress>;

/// Somebody waits for a picture.
#[derive(Debug, Clone)]
struct Wanted {
    blob: String,
    pixels: Pixels,
    address: RwSignal<Address>,
}

impl Wanted {
    /// Whether whoever asked is still there.
    fn is_wanted(&self) -> bool {
        self.address.try_get_untracked().is_some()
    }

    fn show(&self, address: &DataAddress) {
        self.address.try_set(Some(address.clone()));
    }
}

impl Thumbnails {
    #[must_use]
    pub fn new(archive: Archive, library: Library) -> Self {
        Self {
            archive,
            library,
            wanted: StoredValue::new_local(Vec::new()),
            asked: StoredValue::default(),
            reading: StoredValue::default(),
        }
    }

    /// The address of a picture made small.
    #[must_use]
    pub fn address(self, record: &PictureRecord) -> RwSignal<Address> {
        let address = RwSignal::new(None);
        let wanted = Wanted {
            blob: record.blob.clone(),
            pixels: Pixels::new(record.width, record.height),
            address,
        };
        self.wanted.update_value(|all| all.push(wanted));
        self.read(&record.blob);
        address
    }

    /// Reads what will be asked for in this turn: it comes while that is still being made.
    pub fn foresee(self, records: &[Arc<PictureRecord>]) {
        for record in records {
            self.read(&record.blob);
        }
    }

    fn read(self, blob: &str) {
        let is_new = (self.reading).try_update_value(|reading| reading.insert(blob.to_owned()));
        if is_new != Some(true) {
            return;
        }
        let is_first = self.asked.try_update_value(|asked| {
            asked.push(blob.to_owned());
            asked.len() == 1
        });
        if is_first == Some(true) {
            // All that are asked for in this turn are read in one transaction.
            leptos::task::spawn_local(self.serve());
        }
    }

    async fn serve(self) {
        let asked = self.asked.try_update_value(std::mem::take);
        let keys = asked.unwrap_or_default();
        let found = self.find(&keys).await;
        self.reading.update_value(|reading| {
            for key in &keys {
                reading.remove(key);
            }
        });
        let waiting = self.wanted.try_update_value(|all| {
            let (these, others) = std::mem::take(all)
                .into_iter()
                .partition(|one| keys.contains(&one.blob));
            *all = others;
            these
        });
        let waiting: Vec<Wanted> = waiting.unwrap_or_default();
        let Ok((database, stored)) = found else {
            // A picture that cannot be shown here is said where it is opened.
            return;
        };
        let mut missing = Vec::new();
        for one in waiting {
            match stored.get(&one.blob) {
                Some(address) => one.show(address),
                None => missing.push(one),
            }
        }
        for one in missing {
            if one.is_wanted() && make(&database, self.library, &one).await.is_err() {
                return;
            }
        }
    }

    /// Those that are stored, by their keys.
    async fn find(
        self,
        keys: &[String],
    ) -> Result<(Database, HashMap<&String, DataAddress>), DatabaseError> {
        let database = self.archive.database().await?;
        let names: Vec<&str> = keys.iter().map(String::as_str).collect();
        let stored = database.thumbs(&names).await?;
        let pairs = keys.iter().zip(stored);
        let there = pairs.filter_map(|(key, address)| Some((key, address?)));
        Ok((database, there.collect()))
    }
}

/// Makes and keeps the small picture; what the browser cannot make smaller is shown as it is, unless it is a bomb.
async fn make(database: &Database, library: Library, wanted: &Wanted) -> Result<(), DatabaseError> {
    let Some(picture) = database.blob(Store::Blobs, &wanted.blob).await? else {
        library.miss(&wanted.blob);
        return Ok(());
    };
    let Some(pixels) = small(wanted.pixels) else {
        return Ok(());
    };
    let thumbnail = decode_image::make_small(&picture, pixels).await;
    let is_smaller = thumbnail.is_ok();
    let shown = thumbnail.unwrap_or(picture);
    if shown.bytes_len() > MOST_BYTES {
        return Ok(());
    }
    let Ok(address) = shown.data_address().await else {
        return Ok(());
    };
    wanted.show(&DataAddress::from(address.as_str()));
    if !is_smaller {
        return Ok(());
    }
    let kept = Op::Put {
        store: Store::Thumbs,
        key: wanted.blob.clone(),
        json: address,
    };
    // It can be made again: the disk need not be waited for, and a full one is no trouble.
    drop(database.write(vec![kept], Durability::Relaxed).await);
    Ok(())
}

/// The size of the small picture; `None` for one that must not be decoded.
fn small(pixels: Pixels) -> Option<Pixels> {
    let (short, long) = (
        pixels.width.min(pixels.height),
        pixels.width.max(pixels.height),
    );
    if short == 0 || long > MOST_EDGE || u64::from(short) * u64::from(long) > MOST_PIXELS {
        return None;
    }
    let side = |side: u32| {
        let scaled = u64::from(side) * u64::from(SHORT_SIDE.min(short)) / u64::from(short);
        u32::try_from(scaled).unwrap_or(side).max(1)
    };
    Some(Pixels::new(side(pixels.width), side(pixels.height)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_pictures_keep_their_shape_and_bombs_are_left_alone() {
        let of = |width, height| small(Pixels::new(width, height)).map(|p| (p.width, p.height));
        assert_eq!(of(1024, 1536), Some((320, 480)));
        assert_eq!(of(3840, 2160), Some((568, 320)));
        assert_eq!(of(200, 100), Some((200, 100)));
        assert_eq!(of(0, 0), None);
        assert_eq!(of(MOST_EDGE + 1, 1), None);
        assert_eq!(of(8192, 8192), None);
    }
}
