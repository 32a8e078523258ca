//! Pictures of the screens: for people to look at, and for the README.

use std::path::Path;

use crate::app::{ENGLISH, JAPANESE, Kept, PictureButton, Screen};
use crate::browser::Kind;
use crate::failure::Result;
use crate::world::World;

super::stories! {
    "screens are drawn for people to look at" => all_screens,
}

/// Of things that Practice can draw.
const PROMPTS: [(&str, [&str; 3]); 2] = [
    (
        "en",
        [
            "Three cats under the moon",
            "A robot with a pink balloon, rainbow over a meadow",
            "A red house by a lake, mountains and two sailboats at sunset",
        ],
    ),
    (
        "ja",
        [
            "月夜の猫",
            "ロボットと風船、草原の虹",
            "夕焼けの湖と山、赤い家と舟",
        ],
    ),
];

async fn all_screens(world: &World<'_>) -> Result {
    if world.browser.kind != Kind::Chromium {
        return Ok(());
    }
    let folder = world.options.target.join("screenshots");
    for (language, prompts) in PROMPTS {
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
            world.browser.set_viewport(1440, 900).await?;
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
