//! Broken and hostile files, one after the other: each is refused and said, or handled, and the app goes on.

use std::path::{Path, PathBuf};

use corpus::broken::Shown;
use corpus::{Specimen, bombs, broken, photos, png};
use serde_json::json;

use crate::app::{App, PictureButton};
use crate::children::Scratch;
use crate::failure::{Context, Result, ensure, equal};
use crate::world::World;

super::stories! {
    "images: a hundred broken PNGs, one after the other" => broken_pngs,
    "images: bombs, documents and what moves are refused unopened" => bombs_refused,
    "images: what is hidden in a small picture is left out" => hidden,
    "images: a JPEG for print is converted, and stands upright" => for_print,
    "images: forty photos are sent without their places" => forty_photos,
}

const PROMPT: &str = "a kite in the sky";

fn write(folder: &Scratch, name: &str, bytes: &[u8]) -> Result<PathBuf> {
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).context(|| format!("writing {}", path.display()))?;
    Ok(path)
}

/// What the app says of a file that it refuses; `None` where it takes it.
async fn outcome(app: App<'_>, name: &str) -> Result<Option<String>> {
    let body = "const said = findAll([['alert', null]]).map((e) => e.innerText).find((text) => text.includes(arguments[0])); \
        const taken = findAll([['list', 'Images'], ['listitem', null]]).length > 0; \
        return said ? { said } : taken ? { taken } : null";
    let found = app
        .browser
        .until(
            &format!("nothing is said of {name}"),
            body,
            vec![json!(name)],
        )
        .await?;
    Ok(found["said"].as_str().map(str::to_owned))
}

/// Counts what the page opens of pictures from here on.
async fn watch_decoding(app: App<'_>) -> Result {
    let body = "window.opened = 0; const open = window.createImageBitmap.bind(window); \
        window.createImageBitmap = (...given) => { window.opened += 1; return open(...given); }";
    app.browser.script(body, Vec::new()).await.map(drop)
}

async fn opened(app: App<'_>) -> Result<u64> {
    let opened = app.browser.script("return window.opened", Vec::new());
    Ok(opened.await?.as_u64().unwrap_or_default())
}

/// A picture that is as it should be is taken and sent, whatever came before it.
async fn goes_on(app: App<'_>, world: &World<'_>) -> Result {
    let good = png::good();
    app.hand_in("drop", &[("good.png", &good[0].bytes)], None)
        .await?;
    app.until_images(&["37x21"]).await?;
    app.draw(PROMPT).await?;
    app.until_results(PROMPT, 1).await?;
    equal("requests", &world.posts(), &1)?;
    app.press(PROMPT, PictureButton::Details).await
}

async fn broken_pngs(world: &World<'_>) -> Result {
    let app = world.app_with_simulator().await?;
    let mut taken = Vec::new();
    let all = broken::all();
    ensure(all.len() > 100, || format!("{} files", all.len()))?;
    for (number, one) in all.iter().enumerate() {
        let name = format!("broken-{number}.png");
        app.hand_in("drop", &[(&name, &one.file.bytes)], None)
            .await?;
        match outcome(app, &name).await? {
            Some(said) => ensure(said.lines().count() > 1, || {
                format!("no advice on {}: {said}", one.file.name)
            })?,
            // Firefox itself shows some whose check sums are right and whose pixels are not.
            None if app.browser.cdp().is_none() && one.shown == Shown::ByPixels => {
                app.until_images(&["40x30"]).await?;
                app.press_on_image(1, "Remove").await?;
                app.until_images(&[]).await?;
            }
            None => {
                taken.push(one.file.name.clone());
                app.press_on_image(1, "Remove").await?;
                app.until_images(&[]).await?;
            }
        }
    }
    ensure(taken.is_empty(), || {
        format!("taken as pictures: {}", taken.join(", "))
    })?;
    goes_on(app, world).await
}

async fn bombs_refused(world: &World<'_>) -> Result {
    let app = world.app_with_simulator().await?;
    let folder = Scratch::new("bombs")?;
    watch_decoding(app).await?;
    let mut all: Vec<Specimen> = bombs::large_pngs();
    all.extend(bombs::large_others());
    all.extend(bombs::lying_webps());
    all.extend(bombs::moving(1_000));
    all.extend(bombs::documents());
    for (number, Specimen { name, bytes }) in all.iter().enumerate() {
        let file = format!("bomb-{number}.png");
        let path = write(&folder, &file, bytes)?;
        app.add_images(&[&path]).await?;
        let said = outcome(app, &file).await?;
        let said = said.context(|| format!("{name} is taken"))?;
        ensure(said.lines().count() > 1, || {
            format!("no advice on {name}: {said}")
        })?;
    }
    equal("pictures opened", &opened(app).await?, &0)?;
    let ran = app.browser.script("return window.PWN ?? null", Vec::new());
    ensure(ran.await?.is_null(), || "a script of a file ran".into())?;
    goes_on(app, world).await
}

async fn hidden(world: &World<'_>) -> Result {
    let app = world.app_with_simulator().await?;
    let folder = Scratch::new("bombs")?;
    let all = bombs::hidden(256);
    let mut paths = Vec::new();
    for (number, Specimen { bytes, .. }) in all.iter().enumerate() {
        paths.push(write(&folder, &format!("{number}.png"), bytes)?);
    }
    let (pixels, others) = paths.split_last().context(|| "no bombs".into())?;
    let others: Vec<&Path> = others.iter().map(PathBuf::as_path).collect();
    app.add_images(&others).await?;
    app.until_images(&["metadata removed"; 3]).await?;
    app.draw(PROMPT).await?;
    app.until_results(PROMPT, 1).await?;
    let bill = world.simulator.bill();
    let edit = bill.last().context(|| "no request".into())?;
    for number in 0..others.len() {
        let sent = world.simulator.received(edit.id, number);
        let sent = sent.context(|| "no bytes".into())?;
        ensure(sent.len() < 200, || {
            format!("{} bytes were sent", sent.len())
        })?;
    }
    // More pixels than it says: of them, no more is read than it says.
    app.add_images(&[pixels]).await?;
    app.until_images(&["4x4"; 4]).await
}

async fn for_print(world: &World<'_>) -> Result {
    let app = world.app_with_simulator().await?;
    let print = bombs::jpeg(64, 32, 4);
    let exif =
        b"\xFF\xE1\0\x22Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
    let lying = [&print[..2], exif, &print[2..]].concat();
    app.hand_in("drop", &[("print.jpg", &lying)], None).await?;
    app.until_alert("print.jpg was not added: its colours are those of print")
        .await?;
    app.press_button("Convert to JPEG").await?;
    app.until_images(&["32x64"]).await
}

async fn forty_photos(world: &World<'_>) -> Result {
    let folder = Scratch::new("photos")?;
    let all = photos::all();
    equal("photos", &all.len(), &40)?;
    let mut paths = Vec::new();
    for (number, photo) in all.iter().enumerate() {
        paths.push(write(
            &folder,
            &format!("IMG_{number:04}"),
            &photo.file.bytes,
        )?);
    }
    for (photos, paths) in all.chunks(16).zip(paths.chunks(16)) {
        world.reset();
        let app = world.app_with_simulator().await?;
        let paths: Vec<&Path> = paths.iter().map(PathBuf::as_path).collect();
        app.add_images(&paths).await?;
        let sizes: Vec<&str> = photos
            .iter()
            .map(|photo| match photo.orientation {
                1 => "24x16",
                _ => "16x24",
            })
            .collect();
        app.until_images(&sizes).await?;
        app.draw(PROMPT).await?;
        app.until_results(PROMPT, 1).await?;
        let bill = world.simulator.bill();
        let edit = bill.last().context(|| "no request".into())?;
        equal("uploads", &edit.uploads.len(), &photos.len())?;
        for (number, photo) in photos.iter().enumerate() {
            let sent = world.simulator.received(edit.id, number);
            let sent = sent.context(|| format!("{}: no bytes", photo.file.name))?;
            let is_in = |part: &&&[u8]| sent.windows(part.len()).any(|window| window == **part);
            let found = photos::TRACES.iter().chain(&photos::PLACES).find(is_in);
            ensure(found.is_none(), || {
                format!(
                    "{}: {:?} was sent",
                    photo.file.name,
                    found.map(|part| part.escape_ascii().to_string())
                )
            })?;
        }
    }
    Ok(())
}
