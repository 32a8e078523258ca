//! Asks the provider for its list of models, when the person wants it: free, and never by itself.

use leptos::prelude::*;

use crate::api::error::{ApiError, Verdict};
use crate::api::{encode, models};
use crate::browser::error::FetchError;
use crate::browser::fetch::{self, Abort, Incoming, Outgoing};
use crate::domain::listing::Listed;
use crate::domain::provider::{Address, Provider};
use crate::state::composer::Composer;
use crate::state::error::AppError;
use crate::state::notices::{Bill, Message, Notices};
use crate::state::settings::Settings;

/// A list is small and comes at once.
const LIMITS: fetch::Limits = fetch::Limits {
    total_ms: 30_000.0,
    idle_ms: 30_000.0,
    bytes: 4 << 20,
};

/// Asks, takes over what is new, and says so; `asking` holds meanwhile.
pub fn ask_for_models(
    settings: Settings,
    composer: Composer,
    notices: Notices,
    asking: RwSignal<bool>,
) {
    let provider = settings.provider.get_untracked();
    let Some(Ok(address)) = untrack(|| settings.target()) else {
        return;
    };
    if asking.get_untracked() {
        return;
    }
    asking.set(true);
    leptos::task::spawn_local(async move {
        let answer = ask(settings, &address).await;
        asking.set(false);
        notices.withdraw(|message| {
            !matches!(
                message,
                Message::ModelsUnread | Message::ModelsListed { .. }
            )
        });
        notices.say(match answer {
            Ok(Some(listed)) => {
                let learned = composer.learn(&listed, provider == Provider::OpenAi);
                Message::ModelsListed {
                    all: listed.len(),
                    learned,
                }
            }
            Ok(None) => Message::ModelsUnread,
            Err(error) => Message::Trouble {
                error,
                bill: Bill::Nothing,
                provider,
                model: String::new(),
            },
        });
    });
}

/// The list; `None` where what came is none.
async fn ask(settings: Settings, address: &Address) -> Result<Option<Vec<Listed>>, AppError> {
    if !address.is_loopback() && !fetch::online() {
        return Err(AppError::Fetch(FetchError::Offline));
    }
    let key = settings.key_for(address);
    let request = encode::models(address, key.as_ref());
    let outgoing = Outgoing {
        url: &request.url,
        bearer: request.bearer.as_ref(),
        content_type: "",
        body: fetch::Body::Empty,
        limits: LIMITS,
    };
    let answer = match fetch::send(outgoing, &Abort::new()).await {
        Ok(incoming) => read(incoming).await,
        Err(error) => Err(error),
    };
    match answer {
        Ok((200..300, body)) => Ok(models::read(&body)),
        Ok((status, body)) => refused(ApiError::read(status, None, None, &body)),
        // What these say is about pictures that may have been made.
        Err(FetchError::TimedOut { .. } | FetchError::TooLarge) => Ok(None),
        Err(error) => Err(AppError::Fetch(error)),
    }
}

async fn read(mut incoming: Incoming) -> Result<(u16, Vec<u8>), FetchError> {
    incoming.discard_raw();
    let mut body = Vec::new();
    while let Some(chunk) = incoming.next().await? {
        body.extend(chunk.bytes);
    }
    Ok((incoming.status, body))
}

/// A clear refusal says what to do; anything else is no list.
fn refused(error: ApiError) -> Result<Option<Vec<Listed>>, AppError> {
    match (&error, error.verdict()) {
        (ApiError::ModelNotFound, _) | (_, Verdict::Unknown) => Ok(None),
        _ => Err(AppError::Api(error)),
    }
}
