//! Pictures of the screens: for people to look at, and for the README.

use std::path::Path;

use crate::app::{App, ENGLISH, JAPANESE, Kept, PictureButton, Screen};
use crate::browser::Kind;
use crate::failure::Result;
use crate::world::World;

super::stories! {
    "screens are drawn for people to look at" => all_screens,
}

/// Of things that Practice can draw.
const PROMPTS: [(&str, [&str; 3], &str); 2] = [
    (
        "en",
        [
            "Three cats under the moon",
            "A robot with a pink balloon, rainbow over a meadow",
            "A red house by a lake, mountains and two sailboats at sunset",
        ],
        "Add 7 balloons. Keep everything else exactly as it is.",
    ),
    (
        "ja",
        [
            "月夜の猫",
            "ロボットと風船、草原の虹",
            "夕焼けの湖と山、赤い家と舟",
        ],
        "左上に風船を7個足してください。ほかはすべて、そのまま残してください。",
    ),
];

async fn all_screens(world: &World<'_>) -> Result {
    if world.browser.kind != Kind::Chromium {
        return Ok(());
    }
    let folder = world.options.target.join("screenshots");
    for (language, prompts, edit) in PROMPTS {
        for theme in ["light", "dark"] {
            let app = world.app();
            app.open_fresh(Some(Kept {
                language,
                theme,
                ..Kept::default()
            }))
            .await?;
            let app = app.named(if language == "ja" {
                &JAPANESE
            } else {
                &ENGLISH
            });
            for prompt in prompts {
                app.draw(prompt).await?;
                app.until_results(prompt, 1).await?;
            }
            if language == "en" && theme == "light" && world.options.screenshot {
                world.browser.set_viewport(1440, 900).await?;
                world
                    .browser
                    .screenshot(Path::new("docs/screenshot.png"))
                    .await?;
            }
            for (width, height) in [(1440, 900), (360, 740)] {
                world.browser.set_viewport(width, height).await?;
                for screen in Screen::ALL {
                    app.go(screen).await?;
                    world.browser.script("scrollTo(0, 0)", Vec::new()).await?;
                    let name = format!("{screen:?}-{language}-{theme}-{width}.png").to_lowercase();
                    world.browser.screenshot(&folder.join(name)).await?;
                }
                app.go(Screen::Create).await?;
            }
            with_images(app, &folder, theme, edit).await?;
            if language == "en" {
                with_a_mask(world, app, &folder, theme).await?;
            }
        }
    }
    let app = world.app();
    app.open_fresh(Some(Kept {
        mood: "refusing",
        ..Kept::default()
    }))
    .await?;
    app.draw("a notice").await?;
    app.alert().await?;
    app.show_cost_details().await?;
    world.browser.screenshot(&folder.join("notice.png")).await?;
    app.open_fresh(Some(Kept::default())).await?;
    app.draw("a picture with details").await?;
    app.until_results("a picture with details", 1).await?;
    app.press("a picture with details", PictureButton::Details)
        .await?;
    world.browser.screenshot(&folder.join("details.png")).await
}

/// Create with two photos, an edit of them, and the hints on its prompt.
async fn with_images(app: App<'_>, folder: &Path, theme: &str, prompt: &str) -> Result {
    for name in ["rocket.jpg", "grace_hopper.jpg"] {
        let bytes = super::images::read(&super::images::photo(name))?;
        app.hand_in("drop", &[(name, &bytes)], None).await?;
    }
    app.until_images_shown(2).await?;
    app.draw(prompt).await?;
    app.until_results(prompt, 1).await?;
    app.until_hints(if app.names.tag == "ja" { 2 } else { 1 })
        .await?;
    for (width, height) in [(1440, 900), (360, 740)] {
        app.browser.set_viewport(width, height).await?;
        app.browser.script("scrollTo(0, 0)", Vec::new()).await?;
        let language = app.names.tag;
        let name = format!("images-{language}-{theme}-{width}.png");
        app.browser.screenshot(&folder.join(name)).await?;
    }
    app.browser.set_viewport(1440, 900).await
}

/// The mask editor with a part of the photo masked; in the light also for the README.
async fn with_a_mask(world: &World<'_>, app: App<'_>, folder: &Path, theme: &str) -> Result {
    app.put_prompt("A wide straw hat on her head, nothing else changed")
        .await?;
    app.press_on_image(1, "Remove").await?;
    app.until_images_shown(1).await?;
    app.open_mask_editor().await?;
    for (from, to) in [
        ((0.42, 0.15), (0.58, 0.15)),
        ((0.38, 0.25), (0.6, 0.2)),
        ((0.45, 0.08), (0.55, 0.08)),
    ] {
        app.drag_on_mask(from, to).await?;
    }
    let name = format!("mask-en-{theme}-1440.png");
    app.browser.screenshot(&folder.join(name)).await?;
    if theme == "light" && world.options.screenshot {
        app.browser
            .screenshot(Path::new("docs/mask-editor.png"))
            .await?;
    }
    app.close_mask_editor().await
}
