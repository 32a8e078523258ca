//! The practice provider: draws here what the prompt says, streams previews, reports usage, and misbehaves on request.

use leptos::prelude::*;

use crate::api::reply::{PictureNotes, Reply};
use crate::browser::clock::{self, Breather};
use crate::browser::database::Store;
use crate::browser::decode_image::decode;
use crate::browser::encode_image;
use crate::browser::error::{FetchError, FileError};
use crate::browser::fetch::Abort;
use crate::browser::picture::Picture;
use crate::domain::intake::within;
use crate::domain::practice::{Drawing, Raster, Scene, Stage};
use crate::domain::pricing::given_images;
use crate::domain::pricing::tokens::output_tokens;
use crate::domain::request::{ImageRef, TRANSPARENT, ValidRequest};
use crate::domain::size::{Pixels, Size};
use crate::domain::usage::{InputDetails, Usage};
use crate::state::attempt::{Delivery, Errand, Failure};
use crate::state::error::AppError;
use crate::state::jobs::Jobs;
use crate::state::settings::Mood;

/// Rows drawn between two looks at the clock.
const ROWS: u32 = 32;
/// What `auto` becomes.
const AUTO_SIZE: Pixels = Pixels::new(1024, 1024);
const AUTO_QUALITY: &str = "medium";

/// Draws what a request asks for.
pub(super) async fn draw(jobs: Jobs, errand: &Errand<'_>) -> Delivery {
    let (job, send, abort) = (&errand.row.job, &errand.send, &errand.abort);
    let mood = jobs.settings.mood.get_untracked();
    let previews = send.partial_images().unwrap_or(0);
    let pause = if mood == Mood::Slow { 4_000 } else { 150 };
    let mut delivery = Delivery::default();
    let given = match Given::read(jobs, send).await {
        Ok(given) => given,
        Err(error) => return failed(delivery, error),
    };
    for index in 0..previews {
        clock::sleep(pause).await;
        let stage = Stage::Preview {
            index,
            of: previews,
        };
        match picture(send, &given, 0, stage, abort).await {
            Ok(preview) => jobs.show_preview(job, &preview),
            Err(error) => return failed(delivery, error),
        }
    }
    clock::sleep(pause).await;
    if mood == Mood::Refusing {
        return failed(delivery, AppError::PracticeRefused);
    }
    for index in 0..send.n() {
        if mood == Mood::Dropping {
            delivery.failure = Some(Failure::unknown(AppError::PracticeDropped));
            return delivery;
        }
        match picture(send, &given, index, Stage::Final, abort).await {
            Ok(picture) => delivery.pictures.push(picture),
            Err(error) => return failed(delivery, error),
        }
    }
    delivery.reply = Reply {
        pictures: vec![PictureNotes::default(); delivery.pictures.len()],
        usage: Some(usage(jobs, errand, previews)),
        ..Reply::default()
    };
    delivery
}

fn failed(delivery: Delivery, error: AppError) -> Delivery {
    Delivery {
        failure: Some(Failure::not_executed(error)),
        ..delivery
    }
}

/// The pixels of what is drawn on, no more of them than the result has.
#[derive(Default)]
struct Given {
    canvas: Vec<Raster>,
    mask: Option<Raster>,
}

impl Given {
    async fn read(jobs: Jobs, send: &ValidRequest) -> Result<Self, AppError> {
        let edge = size_of(send).long_edge();
        let mut given = Self::default();
        if let Some(canvas) = send.images().first() {
            given.canvas.push(raster(jobs, canvas, edge).await?);
        }
        if let Some(mask) = send.mask() {
            given.mask = Some(raster(jobs, mask, edge).await?);
        }
        Ok(given)
    }
}

async fn raster(jobs: Jobs, image: &ImageRef, edge: u32) -> Result<Raster, AppError> {
    let database = jobs.archive.database().await.map_err(AppError::Database)?;
    let stored = database.blob(Store::Blobs, &image.blob).await;
    let gone = || FetchError::NotSent("an image is no longer stored".into());
    let stored = stored
        .map_err(AppError::Database)?
        .ok_or_else(|| AppError::Fetch(gone()))?;
    let pixels = within(image.pixels(), edge);
    let rgba = decode(&stored, pixels).await.map_err(AppError::File)?;
    Ok(Raster { pixels, rgba })
}

fn size_of(send: &ValidRequest) -> Pixels {
    send.size().pixels().unwrap_or(AUTO_SIZE)
}

async fn picture(
    send: &ValidRequest,
    given: &Given,
    index: u32,
    stage: Stage,
    abort: &Abort,
) -> Result<Picture, AppError> {
    let scene = Scene {
        prompt: send.prompt(),
        pixels: size_of(send),
        transparent: send.background() == Some(TRANSPARENT),
        index,
        stage,
        inputs: &given.canvas,
        mask: given.mask.as_ref(),
    };
    let mut drawing = Drawing::new(&scene);
    let mut breather = Breather::new();
    while !drawing.rows(ROWS) {
        breather.breathe().await;
        if abort.is_aborted() {
            return Err(AppError::Fetch(FetchError::Aborted));
        }
    }
    let raster = drawing.into_raster();
    let media_type = format!("image/{}", send.output_format().unwrap_or("png"));
    let quality = send
        .output_compression()
        .map(|percent| f64::from(percent) / 100.0);
    encode_image::encode(&raster.rgba, raster.pixels, &media_type, quality)
        .await
        .map_err(|error| match error {
            FileError::Format(media_type) => AppError::PracticeFormat {
                format: media_type.trim_start_matches("image/").to_uppercase(),
            },
            other => AppError::File(other),
        })
}

/// Usage by the published rules.
fn usage(jobs: Jobs, errand: &Errand<'_>, previews: u32) -> Usage {
    let catalogue = jobs.composer.catalogue.get_untracked();
    let send = &errand.send;
    let model = catalogue.model(send.model());
    let size = size_of(send);
    let quality = send
        .quality()
        .filter(|quality| *quality != crate::domain::request::AUTO);
    let (tokens, _) = output_tokens(model, Size::Pixels(size), quality.unwrap_or(AUTO_QUALITY));
    let each = tokens.map_or(0, |tokens| tokens.high);
    let added = model.text_tokens.as_ref().map_or(0, |tokens| tokens.added);
    let text_tokens = jobs.composer.text_tokens(send.prompt()).tokens + added;
    let (given, _) = given_images(&errand.row.request, model);
    let image_tokens = given.high;
    let output_tokens =
        each * u64::from(send.n()) + model.partial_image_tokens * u64::from(previews);
    Usage {
        input_tokens: text_tokens + image_tokens,
        output_tokens,
        total_tokens: text_tokens + image_tokens + output_tokens,
        input_tokens_details: InputDetails {
            text_tokens,
            image_tokens,
        },
        output_tokens_details: None,
    }
}
