//! The components: they read fields and call verbs of `state`, and hold no rule of their own.

pub mod composer;
pub mod controls;
pub mod library;
pub mod navigation;
pub mod notices;
pub mod picture;
pub mod settings;
pub mod stage;

use leptos::prelude::*;

use crate::state::settings::Settings;
use crate::state::words::Words;

/// The texts of the chosen language, as a function for views.
fn use_words() -> impl Fn() -> &'static Words + Copy + Send + Sync + 'static {
    let settings = expect_context::<Settings>();
    move || settings.words()
}
