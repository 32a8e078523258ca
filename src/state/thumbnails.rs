//! Small pictures for lists: made once from the stored ones, kept, and made again where they are gone.

use std::sync::Arc;

use leptos::prelude::*;

use crate::browser::database::{Database, Durability, Op, Store};
use crate::browser::decode_image;
use crate::browser::error::DatabaseError;
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
}

/// Of a small picture, which is within it; `None` until it is there.
pub type Address = Option<Arc<str>>;

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

    fn show(&self, address: &str) {
        self.address.try_set(Some(address.into()));
    }
}

impl Thumbnails {
    #[must_use]
    pub fn new(archive: Archive, library: Library) -> Self {
        Self {
            archive,
            library,
            wanted: StoredValue::new_local(Vec::new()),
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
        let is_first = self
            .wanted
            .try_update_value(|all| {
                all.push(wanted);
                all.len() == 1
            })
            .unwrap_or_default();
        if is_first {
            // All that are asked for in this turn are read in one transaction.
            leptos::task::spawn_local(async move { self.serve().await });
        }
        address
    }

    async fn serve(self) {
        let wanted = self
            .wanted
            .try_update_value(std::mem::take)
            .unwrap_or_default();
        // A picture that cannot be shown here is said where it is opened.
        drop(self.serve_all(wanted).await);
    }

    async fn serve_all(self, wanted: Vec<Wanted>) -> Result<(), DatabaseError> {
        let database = self.archive.database().await?;
        let keys: Vec<&str> = wanted.iter().map(|one| one.blob.as_str()).collect();
        let stored = database.texts(Store::Thumbs, &keys).await?;
        let mut missing = Vec::new();
        for (one, stored) in wanted.iter().zip(stored) {
            match stored {
                Some(address) => one.show(&address),
                None => missing.push(one),
            }
        }
        for one in missing {
            if one.is_wanted() {
                make(&database, self.library, one).await?;
            }
        }
        Ok(())
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
    wanted.show(&address);
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
