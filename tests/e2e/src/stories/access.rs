//! Everybody can use it: axe-core finds nothing on any screen, and the names are the browser's own.

use crate::app::{App, ENGLISH, JAPANESE, Kept, Screen};
use crate::failure::{Context, Result, ensure, equal};
use crate::world::World;

super::stories! {
    "axe-core finds nothing in English" => english,
    "axe-core finds nothing in Japanese" => japanese,
    "the browser computes the names that the product promises" => names,
    "no screen is wider than the window, from 360 to 2560 pixels" => fits,
}

/// Four by four red pixels.
const DOT: [u8; 73] = super::images::PNG;
const SIZES: [(u32, u32); 2] = [(1440, 900), (360, 740)];

async fn english(world: &World<'_>) -> Result {
    every_screen(world, "en").await
}

async fn japanese(world: &World<'_>) -> Result {
    every_screen(world, "ja").await
}

async fn every_screen(world: &World<'_>, language: &'static str) -> Result {
    let file = world
        .options
        .axe
        .as_ref()
        .context(|| "PENTIMENTO_AXE is not set".into())?;
    let axe = std::fs::read_to_string(file).context(|| format!("reading {}", file.display()))?;
    let mut failures = Vec::new();
    for theme in ["light", "dark"] {
        let names = if language == "ja" {
            &JAPANESE
        } else {
            &ENGLISH
        };
        let app = world.app();
        app.open_fresh(Some(Kept {
            language,
            theme,
            ..Kept::default()
        }))
        .await?;
        let app = app.named(names);
        for (width, height) in SIZES {
            world.browser.set_viewport(width, height).await?;
            let place = |screen: &str| format!("{screen}, {theme}, {width}");
            if width == SIZES[0].0 {
                app.go(Screen::Create).await?;
                look(app, &axe, &place("Create, empty"), &mut failures).await?;
                let files = [("dot.png", &DOT[..]), ("empty.png", b"")];
                app.hand_in("drop", &files, None).await?;
                app.until_images_shown(1).await?;
                app.hand_in("drop", &files[..1], None).await?;
                app.until_images_shown(2).await?;
                app.put_prompt("7 cats, 左上").await?;
                app.until_hints(2).await?;
                look(app, &axe, &place("Create with images"), &mut failures).await?;
                app.open_mask_editor().await?;
                app.show_mask_details().await?;
                look(app, &axe, &place("Mask editor"), &mut failures).await?;
                app.show_shortcuts(true).await?;
                look(app, &axe, &place("Shortcuts"), &mut failures).await?;
                app.show_shortcuts(false).await?;
                app.close_mask_editor().await?;
                app.draw("a red door").await?;
                app.until_results("a red door", 1).await?;
                app.show_cost_details().await?;
                app.show_more_settings().await?;
                app.show_details().await?;
            }
            for screen in Screen::ALL {
                app.go(screen).await?;
                look(app, &axe, &place(&format!("{screen:?}")), &mut failures).await?;
            }
            if language == "en" {
                // What was not added is said until that is read: on a phone above the pictures.
                app.dismiss_notices().await?;
                parts_of_the_library(app, &axe, &place("Library"), &mut failures).await?;
            }
            app.go(Screen::Create).await?;
        }
        world.browser.set_viewport(SIZES[0].0, SIZES[0].1).await?;
    }
    failures.dedup();
    ensure(failures.is_empty(), || {
        format!(
            "{} findings:\n        {}",
            failures.len(),
            failures.join("\n        ")
        )
    })
}

/// What the library shows on demand.
async fn parts_of_the_library(
    app: App<'_>,
    axe: &str,
    place: &str,
    failures: &mut Vec<String>,
) -> Result {
    app.go(Screen::Library).await?;
    app.press_button("Choose several").await?;
    look(app, axe, &format!("{place}, choosing"), failures).await?;
    app.press_button("Done").await?;
    let grid = ("list", "Library");
    let open = [
        grid,
        ("article", "a red door"),
        ("button", "Look at it large"),
    ];
    app.browser.click(&open).await?;
    let close = [("dialog", "Details"), ("button", "Close")];
    app.browser.find(&close).await?;
    look(app, axe, &format!("{place}, details"), failures).await?;
    app.browser.click(&close).await?;
    app.press_button("Trash").await?;
    look(app, axe, &format!("{place}, trash"), failures).await?;
    app.press_button("Back to the library").await
}

async fn look(app: App<'_>, axe: &str, place: &str, failures: &mut Vec<String>) -> Result {
    // What moves is let come to rest: colours in the middle of a change are nobody's.
    let body = format!(
        "if (!window.axe) {{ {axe} }}
        return (async () => {{
          await Promise.allSettled(document.getAnimations().filter((a) => a.effect?.getComputedTiming().iterations !== Infinity).map((a) => a.finished));
          const found = await (window.axe ?? axe).run(document, {{ resultTypes: ['violations'] }});
          return found.violations.map((v) => `${{v.id}}: ${{v.nodes.slice(0, 3).map((n) => `${{n.target.join(' ')}} (${{(n.any[0] ?? n.all[0] ?? n.none[0])?.message ?? v.help}})`).join(' | ')}}`);
        }})()"
    );
    let found = app
        .browser
        .script(&body, Vec::new())
        .await
        .context(|| format!("axe-core on {place}"))?;
    let list = found
        .as_array()
        .context(|| format!("axe-core gave {found}"))?;
    failures.extend(
        list.iter()
            .filter_map(|violation| violation.as_str())
            .map(|text| format!("{place}: {text}")),
    );
    Ok(())
}

/// The stories find elements with a script of their own; here the browser itself is asked.
async fn names(world: &World<'_>) -> Result {
    let app = world.app();
    app.open_fresh(Some(Kept::default())).await?;
    app.draw("a green chair").await?;
    app.until_results("a green chair", 1).await?;
    let promised = [
        ("navigation", "Main"),
        ("textbox", "Prompt"),
        ("status", "Estimated cost"),
        ("button", "Cost details"),
        ("button", "Generate"),
        ("combobox", "Model"),
        ("radiogroup", "Quality"),
        ("radiogroup", "Size"),
        ("radiogroup", "Background"),
        ("radiogroup", "Format"),
        ("spinbutton", "Number of images"),
        ("list", "Results"),
    ];
    let driver = world.browser.driver();
    for (role, name) in promised {
        let element = world.browser.find(&[(role, name)]).await?;
        let id = element.element_id();
        let label = driver
            .cmd(Computed {
                element: id.to_string(),
                what: "computedlabel",
            })
            .await?
            .value::<String>()?;
        let computed = driver
            .cmd(Computed {
                element: id.to_string(),
                what: "computedrole",
            })
            .await?
            .value::<String>()?;
        equal("the browser's name", &label.as_str(), &name)?;
        // Chromium and Firefox name some roles in words of their own.
        let same = computed.eq_ignore_ascii_case(role)
            || (role == "textbox" && computed.contains("text"))
            || computed.is_empty();
        ensure(same, || {
            format!("the browser's role of {name} is {computed}, not {role}")
        })?;
    }
    Ok(())
}

/// What the browser computes for its own accessibility tree.
#[derive(Debug)]
struct Computed {
    element: String,
    what: &'static str,
}

impl thirtyfour::common::command::FormatRequestData for Computed {
    fn format_request(&self, session_id: &thirtyfour::SessionId) -> thirtyfour::RequestData {
        let path = format!(
            "/session/{session_id}/element/{}/{}",
            self.element, self.what
        );
        thirtyfour::RequestData::new(Default::default(), path)
    }
}

async fn fits(world: &World<'_>) -> Result {
    let app = world.app();
    app.open_fresh(Some(Kept::default())).await?;
    app.draw("a very wide panorama of mountains").await?;
    app.until_results("a very wide panorama of mountains", 1)
        .await?;
    let mut failures = Vec::new();
    for (width, height) in [(360, 740), (720, 450), (1440, 900), (2560, 1440)] {
        world.browser.set_viewport(width, height).await?;
        for screen in Screen::ALL {
            app.go(screen).await?;
            let over = world
                .browser
                .script(
                    "return document.documentElement.scrollWidth - innerWidth",
                    Vec::new(),
                )
                .await?;
            if over.as_i64().unwrap_or_default() > 0 {
                failures.push(format!("{screen:?} is {over} pixels too wide at {width}"));
            }
        }
    }
    world.browser.set_viewport(1440, 900).await?;
    app.go(Screen::Create).await?;
    ensure(failures.is_empty(), || failures.join("\n        "))
}
