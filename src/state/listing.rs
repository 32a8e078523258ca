//! Asks the provider for its list of models: free, when the person wants it, and once a day where the person said so.

use leptos::prelude::*;

use crate::api::error::{ApiError, Verdict};
use crate::api::{encode, models};
use crate::browser::clock;
use crate::browser::error::FetchError;
use crate::browser::fetch::{self, Abort, Incoming, Outgoing};
use crate::domain::listing::{Learned, Listed, Look, Taught};
use crate::domain::model::Catalogue;
use crate::domain::provider::{Address, Provider};
use crate::state::composer::Composer;
use crate::state::error::AppError;
use crate::state::lists::Lists;
use crate::state::notices::{Bill, Message, Notices};

/// A list is small and comes at once.
const LIMITS: fetch::Limits = fetch::Limits {
    total_ms: 30_000.0,
    idle_ms: 30_000.0,
    bytes: 4 << 20,
};

/// What became of asking.
enum Answer {
    List(Vec<Listed>),
    /// The server answered something else.
    NoList,
    /// A clear refusal: it says what to do.
    Refused(ApiError),
    /// Nothing came of it, for one of these.
    Failed(FetchError),
}

/// Asks, takes over what is new, and says what came of it.
pub fn ask_for_models(lists: Lists, composer: Composer, notices: Notices) {
    let provider = lists.settings.provider.get_untracked();
    if let Some(Ok(address)) = untrack(|| lists.settings.target()) {
        ask_of(lists, composer, address, move |all, learned, answer| {
            notices.withdraw(|message| {
                !matches!(
                    message,
                    Message::ModelsUnread | Message::ModelsListed { .. }
                )
            });
            notices.say(match answer {
                Answer::List(_) => Message::ModelsListed { all, learned },
                // What these say is about pictures that may have been made.
                Answer::NoList
                | Answer::Failed(FetchError::TimedOut { .. } | FetchError::TooLarge) => {
                    Message::ModelsUnread
                }
                Answer::Refused(error) => trouble(AppError::Api(error), provider),
                Answer::Failed(error) => trouble(AppError::Fetch(error), provider),
            });
        });
    }
}

/// Asks where the person wants that once a day, and nobody has asked today; says only what has changed.
///
/// For the moments when a key is there, or none is needed: a key was saved, the app has started, the wish was expressed.
pub fn look_once_a_day(lists: Lists, composer: Composer, notices: Notices) {
    let Some(Ok(address)) = untrack(|| lists.settings.target()) else {
        return;
    };
    let may_ask = lists.settings.key_for(&address).is_some() || address.is_loopback();
    let is_wanted = untrack(|| lists.is_daily());
    if may_ask && is_wanted && lists.is_due(&address, clock::now().date()) {
        ask_of(lists, composer, address, move |all, learned, _| {
            if learned != Learned::default() {
                notices.say(Message::ModelsListed { all, learned });
            }
        });
    }
}

/// Asks, and keeps what came; `then` hears how many models were listed, and what is new in them.
fn ask_of(
    lists: Lists,
    composer: Composer,
    address: Address,
    then: impl FnOnce(usize, Learned, Answer) + 'static,
) {
    let then: Box<dyn FnOnce(usize, Learned, Answer)> = Box::new(then);
    if lists.asking.get_untracked() {
        return;
    }
    lists.asking.set(true);
    let only_images = lists.settings.provider.get_untracked() == Provider::OpenAi;
    leptos::task::spawn_local(async move {
        let has_key = lists.settings.key_for(&address).is_some();
        let answer = ask(lists, &address).await;
        lists.asking.set(false);
        let asked = clock::now().date();
        let taught = match &answer {
            Answer::List(listed) => Some(Taught {
                asked,
                only_images,
                listed: listed.clone(),
            }),
            _ => None,
        };
        let (all, learned) = taught.as_ref().map_or_else(Default::default, |taught| {
            let mut present = Catalogue::clone(&composer.catalogue.read_untracked());
            (taught.listed.len(), present.recall(taught))
        });
        if !matches!(answer, Answer::Failed(_)) {
            let look = Look {
                day: asked,
                wanted_key: !has_key && matches!(answer, Answer::Refused(ApiError::InvalidKey)),
            };
            lists.keep(&address, look, taught);
        }
        then(all, learned, answer);
    });
}

fn trouble(error: AppError, provider: Provider) -> Message {
    Message::Trouble {
        error,
        bill: Bill::Nothing,
        provider,
        model: String::new(),
    }
}

async fn ask(lists: Lists, address: &Address) -> Answer {
    if !address.is_loopback() && !fetch::online() {
        return Answer::Failed(FetchError::Offline);
    }
    let key = lists.settings.key_for(address);
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
        Ok((200..300, body)) => models::read(&body).map_or(Answer::NoList, Answer::List),
        Ok((status, body)) => refused(ApiError::read(status, None, None, &body)),
        Err(error) => Answer::Failed(error),
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
fn refused(error: ApiError) -> Answer {
    match (&error, error.verdict()) {
        (ApiError::ModelNotFound, _) | (_, Verdict::Unknown) => Answer::NoList,
        _ => Answer::Refused(error),
    }
}
