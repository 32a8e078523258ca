//! The images of the request: how files get in, what is done to them on the way, and how they are put in order.

use std::collections::{HashMap, HashSet, VecDeque};

use futures::channel::oneshot;
use leptos::prelude::*;
use reactive_stores::Patch as _;

use crate::browser::adopt::TextField;
use crate::browser::database::{Op, Store};
use crate::browser::decode_image::{redraw, try_open};
use crate::browser::error::{DatabaseError, FileError};
use crate::browser::files::ChosenFile;
use crate::browser::handed_in;
use crate::browser::listener::Listener;
use crate::browser::picture::Picture;
use crate::domain::intake::{Conversion, Facts, Unfit, conversion, examine, within};
use crate::domain::metadata::without_metadata;
use crate::domain::model::ImageLimits;
use crate::domain::record::PictureRecord;
use crate::domain::request::{ImageRef, ImageRequestStoreFields as _};
use crate::domain::size::Pixels;
use crate::state::archive::Archive;
use crate::state::composer::Composer;
use crate::state::error::AppError;
use crate::state::library::{Library, show};
use crate::state::notices::{Action, Message, Notices};
use crate::state::route::View;

/// What became of a file on its way in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Treatment {
    /// Rewritten without its metadata; the pixels are the same.
    Cleaned,
    /// Its pixels were turned upright and written anew.
    Turned,
    Converted(Conversion),
}

/// The images of the request being composed; copies are handles to the same ones.
#[derive(Debug, Clone, Copy)]
pub struct Tray {
    /// How many files are still being looked at.
    pub busy: RwSignal<usize>,
    /// Whether files hover over the page.
    pub hovered: RwSignal<bool>,
    composer: Composer,
    archive: Archive,
    library: Library,
    notices: Notices,
    view: RwSignal<View>,
    /// By blob; for this visit.
    treated: RwSignal<HashMap<String, Treatment>>,
    /// Large images as they are looked at; for this visit.
    previews: StoredValue<HashMap<String, Picture>>,
    /// Blobs that are known to be stored.
    known: StoredValue<HashSet<String>>,
    waiting: StoredValue<VecDeque<Batch>, LocalStorage>,
    is_working: StoredValue<bool>,
    /// Files that could be converted, by the number of the offer.
    offers: StoredValue<Vec<(u64, ChosenFile, Conversion)>, LocalStorage>,
    next_offer: StoredValue<u64>,
    is_composing: StoredValue<bool>,
}

/// Files that came in one go.
struct Batch {
    /// Each with what it is to be made into where the person has asked for that.
    files: Vec<(ChosenFile, Option<Conversion>)>,
    /// Told when they are done with, with those that the app failed with; each other is stored, or was refused by name.
    done: oneshot::Sender<Vec<ChosenFile>>,
}

/// Why a file did not become an image.
enum Fault {
    Unfit(Unfit, Option<Conversion>),
    App(AppError),
}

/// So many files wait for an answer to what is offered for them.
const MOST_OFFERS: usize = 20;
const PROMPT: &str = "prompt";
/// Of larger files, the orientation is not looked for.
const MOST_SEARCHED_BYTES: u64 = 64 << 20;
/// Decoded, more pixels hold more memory than a look is worth; in their place, no edge is longer than this.
const LARGE_PIXELS: u64 = 4_194_304;
const PREVIEW_EDGE: u32 = 1600;

impl Tray {
    /// Takes over the images of the draft.
    #[must_use]
    pub fn open(
        composer: Composer,
        archive: Archive,
        library: Library,
        notices: Notices,
        view: RwSignal<View>,
    ) -> Self {
        let tray = Self {
            busy: RwSignal::new(0),
            hovered: RwSignal::new(false),
            composer,
            archive,
            library,
            notices,
            view,
            treated: RwSignal::default(),
            previews: StoredValue::default(),
            known: StoredValue::default(),
            waiting: StoredValue::new_local(VecDeque::new()),
            is_working: StoredValue::new(false),
            offers: StoredValue::new_local(Vec::new()),
            next_offer: StoredValue::new(0),
            is_composing: StoredValue::new(false),
        };
        tray.drop_missing();
        tray
    }

    /// Listens for what is dropped and pasted anywhere, until the listeners are dropped.
    #[must_use]
    pub fn listen(self) -> Vec<Listener> {
        let take = move |files: Vec<ChosenFile>| self.add(files);
        let held = handed_in::held();
        if !held.is_empty() {
            take(held);
        }
        let dropped = handed_in::on_drop(take, move |hovers| self.hovered.set(hovers));
        let pasted = handed_in::on_paste(take);
        let composing = TextField::find(PROMPT).map(|field| {
            field.on_composition(move |composing| self.is_composing.set_value(composing))
        });
        let composing = composing.into_iter().flatten().flatten();
        dropped
            .into_iter()
            .chain([pasted])
            .flatten()
            .chain(composing)
            .collect()
    }

    /// Whether the chosen model takes images at all. Reactive.
    #[must_use]
    pub fn takes_images(self) -> bool {
        let catalogue = self.composer.catalogue.read();
        let model = catalogue.model(&self.composer.request.model().read());
        model.endpoints.edits.is_some()
    }

    /// What was done to an image on its way in. Reactive.
    #[must_use]
    pub fn treatment(self, blob: &str) -> Option<Treatment> {
        self.treated.read().get(blob).copied()
    }

    /// The address of an image to be looked at while the caller's owner lives; `None` until it is there. A large image is
    /// drawn smaller: decoded, it would hold four bytes of memory for each pixel. Its size then, too.
    #[must_use]
    pub fn preview(self, image: &ImageRef) -> (RwSignal<Option<String>>, Pixels) {
        let pixels = Pixels::new(image.width, image.height);
        let seen = within(pixels, PREVIEW_EDGE);
        if pixels.count() <= LARGE_PIXELS {
            return (self.library.url(image.blob.clone()), pixels);
        }
        let (url, held) = (RwSignal::new(None), StoredValue::new(None));
        on_cleanup(move || held.dispose());
        let blob = image.blob.clone();
        leptos::task::spawn_local(async move {
            if let Some(picture) = self.smaller(blob, seen).await {
                show(url, held, &picture);
            }
        });
        (url, seen)
    }

    /// A picture of that size, or as it is where the browser makes no other.
    async fn smaller(self, blob: String, seen: Pixels) -> Option<Picture> {
        let known = self
            .previews
            .with_value(|previews| previews.get(&blob).cloned());
        if known.is_some() {
            return known;
        }
        let database = self.archive.database().await.ok()?;
        let picture = database.blob(Store::Blobs, &blob).await.ok()??;
        let kind = match picture.media_type() {
            "image/jpeg" => "image/jpeg",
            _ => "image/png",
        };
        let drawn = redraw(&picture, seen, 1, kind).await.unwrap_or(picture);
        self.previews.update_value(|previews| {
            previews.insert(blob, drawn.clone());
        });
        Some(drawn)
    }

    /// Looks at files one after the other, and adds what is fit, in their order.
    pub fn add<T: Into<ChosenFile>>(self, files: impl IntoIterator<Item = T>) {
        let files = files.into_iter().map(|file| (file.into(), None));
        drop(self.begin(files.collect()));
    }

    /// As [`Self::add`], and waits for it. Gives those back that the app failed with; each other is stored, or was refused by
    /// name.
    pub async fn add_all(self, files: Vec<ChosenFile>) -> Vec<ChosenFile> {
        let files = files.into_iter().map(|file| (file, None));
        let failed = self.begin(files.collect()).await.unwrap_or_default();
        // Whoever gave them may forget them now.
        self.composer.store_draft();
        failed
    }

    fn begin(
        self,
        files: Vec<(ChosenFile, Option<Conversion>)>,
    ) -> oneshot::Receiver<Vec<ChosenFile>> {
        let (done, told) = oneshot::channel();
        self.view.set(View::Create);
        self.busy.update(|busy| *busy += files.len());
        self.waiting
            .update_value(|waiting| waiting.push_back(Batch { files, done }));
        if !self.is_working.get_value() {
            self.is_working.set_value(true);
            leptos::task::spawn_local(self.work());
        }
        told
    }

    async fn work(self) {
        while let Some(batch) = self.waiting.try_update_value(VecDeque::pop_front).flatten() {
            let mut failed = Vec::new();
            for (file, wanted) in batch.files {
                if let Err(fault) = self.take_in(&file, wanted).await {
                    if matches!(fault, Fault::App(_)) {
                        failed.push(file.clone());
                    }
                    self.refuse(file, fault);
                }
                self.busy.update(|busy| *busy -= 1);
            }
            // Most are not waited for.
            batch.done.send(failed).ok();
        }
        self.is_working.set_value(false);
    }

    async fn take_in(self, file: &ChosenFile, wanted: Option<Conversion>) -> Result<(), Fault> {
        let limits = self.limits()?;
        self.has_room(&limits)?;
        let facts = file.facts().await?;
        let (picture, pixels, treatment) = match wanted {
            Some(wanted) => {
                let (picture, pixels) = convert(file, wanted).await?;
                (picture, pixels, Some(Treatment::Converted(wanted)))
            }
            None => fit(file, facts, &limits).await?,
        };
        let image = ImageRef {
            blob: picture.key().into(),
            media_type: picture.media_type().into(),
            width: pixels.width,
            height: pixels.height,
            bytes: picture.bytes_len(),
        };
        let stored = Op::PutBlob {
            store: Store::Blobs,
            key: image.blob.clone(),
            blob: (&picture).into(),
        };
        self.archive.write(vec![stored]).await?;
        // Another way in may have been quicker.
        self.has_room(&limits)?;
        self.treated.update(|treated| match treatment {
            Some(treatment) => drop(treated.insert(image.blob.clone(), treatment)),
            None => drop(treated.remove(&image.blob)),
        });
        self.library.keep_at_hand(&picture);
        self.known
            .update_value(|known| known.extend([image.blob.clone()]));
        let mut images = self.images();
        images.push(image);
        self.set(images);
        Ok(())
    }

    /// What the chosen model takes.
    fn limits(self) -> Result<ImageLimits, Fault> {
        let catalogue = self.composer.catalogue.get_untracked();
        let model = catalogue.model(&self.composer.request.read_untracked().model);
        let edits = model.endpoints.edits.as_ref();
        let limits = edits.and_then(|row| row.images.clone());
        limits.ok_or(Fault::Unfit(Unfit::NoEdits, None))
    }

    fn has_room(self, limits: &ImageLimits) -> Result<(), Fault> {
        let max = limits.max;
        match self.composer.request.read_untracked().images.len() < max {
            true => Ok(()),
            false => Err(Fault::Unfit(Unfit::TooMany { max }, None)),
        }
    }

    fn refuse(self, file: ChosenFile, fault: Fault) {
        let (unfit, offered) = match fault {
            Fault::Unfit(unfit, offered) => (unfit, offered),
            Fault::App(error) => return self.notices.trouble(error),
        };
        let name = file.name();
        let action = offered.map(|conversion| {
            let offer = self.next_offer.get_value();
            self.next_offer.set_value(offer + 1);
            self.offers.update_value(|offers| {
                let surplus = (offers.len() + 1).saturating_sub(MOST_OFFERS);
                offers.drain(..surplus);
                offers.push((offer, file, conversion));
            });
            Action::Convert { offer, conversion }
        });
        let message = Message::ImageRefused {
            name,
            unfit,
            conversion: offered,
        };
        self.notices.say_with(message, action);
    }

    /// Converts a file as a notice offers it, and adds it.
    pub fn convert(self, offer: u64) {
        let found = self.offers.try_update_value(|offers| {
            let at = offers.iter().position(|(number, ..)| *number == offer)?;
            Some(offers.remove(at))
        });
        if let Some((_, file, conversion)) = found.flatten() {
            drop(self.begin(vec![(file, Some(conversion))]));
        }
    }

    /// Makes a saved picture the canvas, and the only image.
    pub fn edit(self, record: &PictureRecord) {
        self.take_saved(record, Vec::new());
    }

    /// Adds a saved picture behind the others.
    pub fn refer(self, record: &PictureRecord) {
        self.take_saved(record, self.images());
    }

    /// A picture that a model made goes as it is.
    fn take_saved(self, record: &PictureRecord, mut images: Vec<ImageRef>) {
        let image = ImageRef {
            blob: record.blob.clone(),
            media_type: record.media_type.clone(),
            width: record.width,
            height: record.height,
            bytes: record.bytes,
        };
        let fits = self.limits().and_then(|limits| {
            let kind = image.media_type.trim_start_matches("image/");
            let unfit = match () {
                () if images.len() >= limits.max => Unfit::TooMany { max: limits.max },
                () if !limits.types.iter().any(|taken| taken == kind) => Unfit::Kind,
                () if image.bytes >= limits.max_bytes => Unfit::TooHeavy {
                    bytes: image.bytes,
                    max_bytes: limits.max_bytes,
                },
                () => return Ok(()),
            };
            Err(Fault::Unfit(unfit, None))
        });
        if let Err(Fault::Unfit(unfit, _)) = fits {
            self.notices.say(Message::ImageRefused {
                name: record.file_name(),
                unfit,
                conversion: None,
            });
            return;
        }
        images.push(image);
        self.set(images);
        self.view.set(View::Create);
    }

    pub fn remove(self, at: usize) {
        let mut images = self.images();
        if at < images.len() {
            images.remove(at);
            self.set(images);
        }
    }

    /// Moves an image to another place among the others.
    pub fn move_to(self, from: usize, to: usize) {
        let mut images = self.images();
        if from != to && from < images.len() && to < images.len() {
            let image = images.remove(from);
            images.insert(to, image);
            self.set(images);
        }
    }

    /// Looks, whenever images come from elsewhere (a draft, an earlier request), whether they are still stored; those that are
    /// not are left out, and that is said.
    fn drop_missing(self) {
        let images = self.composer.request.images();
        Effect::new(move |_| {
            let is_known =
                |image: &&ImageRef| self.known.with_value(|known| known.contains(&image.blob));
            let images = images.read();
            let strange: Vec<_> = images.iter().filter(|image| !is_known(image)).collect();
            let strange: Vec<String> = strange.iter().map(|image| image.blob.clone()).collect();
            if !strange.is_empty() {
                leptos::task::spawn_local(self.look_for(strange));
            }
        });
    }

    async fn look_for(self, blobs: Vec<String>) {
        let keys: Vec<&str> = blobs.iter().map(|blob| &**blob).collect();
        let stored = match self.archive.database().await {
            Ok(database) => database.blobs(Store::Blobs, &keys).await,
            Err(error) => Err(error),
        };
        // Where the database cannot be read, the library says so.
        let Ok(stored) = stored else { return };
        let (found, missing): (Vec<_>, Vec<_>) = blobs
            .into_iter()
            .zip(stored)
            .partition(|(_, found)| found.is_some());
        let found = found.into_iter().map(|(blob, _)| blob);
        self.known.update_value(|known| known.extend(found));
        let all = self.images();
        let is_there = |image: &&ImageRef| !missing.iter().any(|(blob, _)| *blob == image.blob);
        let left: Vec<_> = all.iter().filter(is_there).cloned().collect();
        let n = all.len() - left.len();
        if n > 0 {
            self.set(left);
            self.notices.say(Message::ImagesGone { n });
        }
    }

    fn images(self) -> Vec<ImageRef> {
        self.composer.request.read_untracked().images.clone()
    }

    /// The settings follow: another endpoint may take other values. A mask belongs to the image that it was drawn for.
    fn set(self, images: Vec<ImageRef>) {
        let mut request = self.composer.request.get_untracked();
        if request.images.first() != images.first() {
            request.mask = None;
        }
        request.images = images;
        let model = request.model.clone();
        request.adapt(&model, &self.composer.catalogue.get_untracked());
        self.composer.request.patch(request);
    }

    /// Puts a phrase at the end of the prompt, what stands in brackets selected; not while something is being composed there.
    pub fn suggest(self, phrase: &str) {
        if self.is_composing.get_value() {
            return;
        }
        let Some(field) = TextField::find(PROMPT) else {
            return;
        };
        let before = field.text();
        let gap = match before.chars().last() {
            None => "",
            Some(last) if last.is_whitespace() => "",
            Some('。' | '、') => "",
            Some(_) => " ",
        };
        let phrase = format!("{gap}{phrase}");
        let text = field.append(&phrase, bracketed(&phrase));
        self.composer.prompt_typed(text);
    }
}

/// Where the first brackets of a text begin and end, in UTF-16 units.
fn bracketed(text: &str) -> Option<(u32, u32)> {
    let (open, close) = (text.find(['[', '［'])?, text.find([']', '］'])?);
    let close = close + text[close..].chars().next().map_or(0, char::len_utf8);
    let units = |end: usize| u32::try_from(text[..end].encode_utf16().count()).ok();
    Some((units(open)?, units(close)?))
}

/// A file that is fit as it is, without its metadata and upright.
async fn fit(
    file: &ChosenFile,
    facts: Facts,
    limits: &ImageLimits,
) -> Result<(Picture, Pixels, Option<Treatment>), Fault> {
    let refused = |unfit| Fault::Unfit(unfit, conversion(unfit, facts));
    let pixels = examine(facts, limits).map_err(refused)?;
    let bare = without_metadata(&file.bytes().await?);
    let bare = bare.map_err(|damaged| refused(damaged.into()))?;
    if bare.is_animated {
        return Err(refused(Unfit::Animated));
    }
    if bare.is_for_print {
        return Err(refused(Unfit::ForPrint));
    }
    let picture = file.picture_of(&bare.pieces).await?;
    if bare.orientation != 1 {
        let kind = match picture.media_type() {
            "image/jpeg" => "image/jpeg",
            _ => "image/png",
        };
        let turned = redraw(&picture, pixels, bare.orientation, kind).await;
        let turned = turned.map_err(not_opened)?;
        let upright = turned.pixels().unwrap_or(pixels);
        return Ok((turned, upright, Some(Treatment::Turned)));
    }
    // Its parts are in order; whether its pixels are, only decoding tells.
    try_open(&picture).await.map_err(not_opened)?;
    let treatment = bare.is_changed.then_some(Treatment::Cleaned);
    Ok((picture, pixels, treatment))
}

/// The picture that was offered, upright, and its size; a moving one gives its first frame.
async fn convert(file: &ChosenFile, wanted: Conversion) -> Result<(Picture, Pixels), Fault> {
    // What is too heavy to be sent is not copied to be looked through, and is then as the browser turns it.
    let bare = match file.bytes_len() < MOST_SEARCHED_BYTES {
        true => without_metadata(&file.bytes().await?).ok(),
        false => None,
    };
    let (picture, orientation) = match bare {
        Some(bare) => (file.picture_of(&bare.pieces).await?, bare.orientation),
        None => (file.picture().await?, 1),
    };
    let drawn = redraw(&picture, wanted.pixels, orientation, wanted.media_type).await;
    let drawn = drawn.map_err(not_opened)?;
    let pixels = drawn.pixels().unwrap_or(wanted.pixels);
    Ok((drawn, pixels))
}

fn not_opened(_thrown: FileError) -> Fault {
    Fault::Unfit(Unfit::NotOpened, None)
}

impl From<FileError> for Fault {
    fn from(error: FileError) -> Self {
        Self::App(AppError::File(error))
    }
}

impl From<DatabaseError> for Fault {
    fn from(error: DatabaseError) -> Self {
        Self::App(AppError::Database(error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_are_found_in_units_of_the_field() {
        assert_eq!(bracketed("Add [what] here."), Some((4, 10)));
        assert_eq!(bracketed("🦊［何を］足す"), Some((2, 6)));
        assert_eq!(bracketed("nothing"), None);
    }
}
