//! The quiet line beside the price: what the person's own bills make of it. Comes with the second file.

use leptos::prelude::*;

use crate::domain::request::ImageRequestStoreFields as _;
use crate::state::composer::Composer;
use crate::state::ledger::Ledger;
use crate::state::settings::Settings;
use crate::state::words::fill;
use crate::ui::use_all_words;

/// Says beside the price what the next bill will likely be, while the person wants that.
pub fn price_learned(composer: Composer, ledger: Ledger, settings: Settings) {
    let w = use_all_words();
    let about = Memo::new(move |_| {
        if !ledger.uses_learned.get() {
            return None;
        }
        let likely = composer.estimate.read().likely?;
        let (provider, model) = (settings.provider.get(), composer.request.model().read());
        let learned = ledger.learned.read();
        let of_model = learned
            .iter()
            .find(|one| one.provider == provider && one.model == *model)?;
        of_model.about(likely)
    });
    Effect::new(move |_| {
        let said = about
            .get()
            .map(|cost| fill(w.now().bills_so_far, &[("cost", &cost.shown())]));
        composer.learned_price.set(said.unwrap_or_default());
    });
}
