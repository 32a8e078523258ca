//! Leaving: erasing everything on this computer, and what may be told to others about this copy.

use leptos::prelude::*;

use crate::browser::{local, page, shared};
use crate::domain::model::Catalogue;
use crate::domain::secret::redacted;
use crate::state::archive::Archive;
use crate::state::composer::Composer;
use crate::state::error::AppError;
use crate::state::library::Library;
use crate::state::notices::{Message, Notices};
use crate::state::settings::Settings;

/// Deletes pictures, records, drafts and settings from this browser, then starts afresh.
pub fn erase_everything(archive: Archive, composer: Composer, notices: Notices) {
    leptos::task::spawn_local(async move {
        let erased = match archive.database().await {
            Ok(database) => database.erase_everything().await,
            Err(error) => Err(error),
        };
        match erased {
            Ok(()) => {
                composer.stop_keeping();
                shared::forget_all().await;
                local::clear_all();
                page::reload();
            }
            Err(error) => notices.trouble(AppError::Database(error)),
        }
    });
}

/// A text for a report: versions and counts; no prompt, no key, no address beyond its kind.
#[must_use]
pub fn diagnostics(settings: Settings, library: Library, catalogue: &Catalogue) -> String {
    untrack(|| {
        let lines = [
            format!("Pentimento {}", env!("CARGO_PKG_VERSION")),
            format!("model data {}", catalogue.version),
            format!("browser {}", page::user_agent()),
            format!("provider {}", settings.provider.get().as_str()),
            format!("key entered {}", settings.key_shown().is_some()),
            format!("language {}", settings.language.get().tag()),
            format!("pictures loaded {}", library.pictures.read().len()),
            format!("online {}", crate::browser::fetch::online()),
        ];
        redacted(&lines.join("\n"))
    })
}

/// Copies the diagnostics.
pub fn copy_diagnostics(
    settings: Settings,
    library: Library,
    catalogue: &Catalogue,
    notices: Notices,
) {
    let text = diagnostics(settings, library, catalogue);
    leptos::task::spawn_local(async move {
        if page::copy_text(&text).await {
            notices.say(Message::Copied);
        }
    });
}
