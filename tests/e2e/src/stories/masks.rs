//! The mask editor: drawn by mouse, by keyboard alone and by finger, and what is sent of it.

use crate::app::App;
use crate::children::Scratch;
use crate::failure::{Context, Result, ensure, equal};
use crate::stories::images::photo;
use crate::world::World;

super::stories! {
    "masks: drawn by mouse, undone and redone, and sent as the alpha of a PNG" => by_mouse,
    "masks: a whole inpaint by keyboard alone" => by_keyboard,
    "masks: fingers draw, two of them zoom and undo" => by_finger,
    "masks: what was drawn is there after a reload; another canvas has no mask" => over_a_reload,
    "masks: steps are taken back and forth after a reload" => steps_over_a_reload,
    "masks: Generate takes the mask that is being drawn" => generate_at_once,
    "masks: one whose canvas is gone is not sent" => canvas_gone,
    "masks: the right button with Alt makes the brush larger and harder" => by_right_button,
    "masks: Ctrl and a digit look from as near as it says" => by_digits,
    "masks: hidden and shown by button and key, and seen again by who paints" => hidden,
    "masks: Ctrl A masks everything, Shift F6 feathers, and neither while something is typed" => whole_by_keys,
    "masks: Ctrl and Space zoom where is clicked, Ctrl and the middle button where a drag began" => by_clicks,
    "masks: a brush is measured in pixels of the image or of the screen" => in_screen_pixels,
    "masks: colour, pen and finger are as the person chose" => chosen,
    "masks: full, empty, of another size, without transparency and broken" => odd_files,
    "masks: a file is taken as a mask, or refused with a reason" => from_a_file,
}

const PROMPT: &str = "a green hat on her head";

/// The editor over a photo of 512 by 600 pixels.
async fn open<'a>(world: &World<'a>) -> Result<App<'a>> {
    let app = world.app_with_simulator().await?;
    app.put_prompt(PROMPT).await?;
    app.add_images(&[&photo("grace_hopper.jpg")]).await?;
    app.until_images(&["512x600"]).await?;
    app.press_button("Draw mask").await?;
    app.until_says("Nothing is masked").await?;
    Ok(app)
}

/// The mask that the only edit came with: alpha, of the canvas's size, and small.
fn sent(world: &World<'_>) -> Result<Vec<u8>> {
    sent_last(world, 1)
}

/// The same for the last of so many edits.
fn sent_last(world: &World<'_>, edits: usize) -> Result<Vec<u8>> {
    let mut bill = world.simulator.bill();
    bill.retain(|entry| entry.path.ends_with("/images/edits"));
    equal("edits", &bill.len(), &edits)?;
    let edit = bill.pop().context(|| "no edit".into())?;
    equal("files", &edit.uploads.len(), &2)?;
    let mask = world.simulator.received(edit.id, 1);
    let mask = mask.context(|| "no mask".into())?;
    let header = mask.get(16..26).unwrap_or_default();
    // Width, height, eight bits, colour type 6.
    equal(
        "the header of the mask",
        &header.to_vec(),
        &vec![0, 0, 2, 0, 0, 0, 2, 88, 8, 6],
    )?;
    ensure(mask.len() < 4_000_000, || format!("{} bytes", mask.len()))?;
    Ok(mask.to_vec())
}

async fn by_mouse(world: &World<'_>) -> Result {
    let app = open(world).await?;
    app.drag_on_mask((0.5, 0.3), (0.5, 0.3)).await?;
    let dot = app.mask_coverage().await?;
    ensure(dot.starts_with("Mask covers"), || dot.clone())?;
    app.drag_on_mask((0.3, 0.7), (0.7, 0.7)).await?;
    let both = app.mask_coverage_other_than(&dot).await?;
    app.press_button("Undo").await?;
    equal("undone", &app.mask_coverage_other_than(&both).await?, &dot)?;
    app.press_button("Redo").await?;
    equal("redone", &app.mask_coverage_other_than(&dot).await?, &both)?;
    for (tool, from, to) in [
        ("Rectangle", (0.2, 0.2), (0.35, 0.35)),
        ("Ellipse", (0.6, 0.1), (0.8, 0.2)),
        ("Eraser", (0.45, 0.7), (0.55, 0.7)),
    ] {
        let before = app.mask_coverage().await?;
        app.choose_mask_tool(tool).await?;
        app.drag_on_mask(from, to).await?;
        app.mask_coverage_other_than(&before).await?;
    }
    for change in ["Grow", "Shrink", "Feather", "Invert", "Clear"] {
        app.press_button(change).await?;
    }
    app.until_says("Nothing is masked").await?;
    app.press_button("Undo").await?;
    app.until_says("Mask covers").await?;
    app.press_button("Done").await?;
    app.until_says("A mask is drawn").await?;
    app.generate().await?;
    app.until_results(PROMPT, 1).await?;
    sent(world).map(drop)
}

async fn by_keyboard(world: &World<'_>) -> Result {
    const ENTER: &str = "\u{E007}";
    const DOWN: &str = "\u{E015}";
    const RIGHT: &str = "\u{E014}";
    const CTRL: &str = "\u{E009}";
    let app = world.app_with_simulator().await?;
    app.type_prompt(PROMPT).await?;
    app.add_images(&[&photo("grace_hopper.jpg")]).await?;
    app.until_images(&["512x600"]).await?;
    app.type_on_button("Draw mask", ENTER).await?;
    app.until_says("Nothing is masked").await?;
    // A rectangle from corner to corner.
    app.type_on_mask("r").await?;
    app.type_on_mask(RIGHT).await?;
    app.type_on_mask("d").await?;
    app.type_on_mask(&format!("{}{}", RIGHT.repeat(60), DOWN.repeat(40)))
        .await?;
    app.until_says("Drawing at").await?;
    app.type_on_mask("d").await?;
    let drawn = app.mask_coverage().await?;
    ensure(drawn.starts_with("Mask covers"), || drawn.clone())?;
    app.type_on_mask(&format!("{CTRL}z")).await?;
    app.until_says("Nothing is masked").await?;
    app.type_on_mask(&format!("{CTRL}y")).await?;
    equal("redone", &app.mask_coverage().await?, &drawn)?;
    // Letters in the prompt are letters.
    app.type_prompt(" e").await?;
    app.type_on_button("Done", ENTER).await?;
    app.until_says("A mask is drawn").await?;
    app.type_prompt(&format!("{CTRL}{ENTER}")).await?;
    app.until_results(&format!("{PROMPT} e"), 1).await?;
    sent(world).map(drop)
}

/// By the devices of the browser's own protocol, which Firefox lacks.
async fn by_finger(world: &World<'_>) -> Result {
    let app = open(world).await?;
    if app.browser.cdp().is_none() {
        return Ok(());
    }
    app.touch_mask(&[&[(0.3, 0.5), (0.6, 0.5)]]).await?;
    let drawn = app.mask_coverage().await?;
    ensure(drawn.starts_with("Mask covers"), || drawn.clone())?;
    let zoom = app.mask_zoom().await?;
    app.touch_mask(&[&[(0.45, 0.5), (0.3, 0.5)], &[(0.55, 0.5), (0.7, 0.5)]])
        .await?;
    ensure(app.mask_zoom().await? > zoom, || format!("zoom {zoom}"))?;
    equal("drawn by two fingers", &app.mask_coverage().await?, &drawn)?;
    app.touch_mask(&[&[(0.4, 0.5)], &[(0.6, 0.5)]]).await?;
    app.until_says("Nothing is masked").await
}

async fn over_a_reload(world: &World<'_>) -> Result {
    let app = open(world).await?;
    app.drag_on_mask((0.3, 0.7), (0.7, 0.7)).await?;
    let drawn = app.mask_coverage().await?;
    app.press_button("Done").await?;
    app.until_says("A mask is drawn").await?;
    app.reload().await?;
    app.until_says("A mask is drawn").await?;
    app.press_button("Draw mask").await?;
    app.until_says(&drawn).await?;
    app.press_button("Done").await?;
    app.add_images(&[&photo("rocket.jpg")]).await?;
    app.until_images(&["512x600", "640x427"]).await?;
    app.until_says("A mask is drawn").await?;
    app.press_on_image(2, "Move left").await?;
    app.until_images(&["640x427", "512x600"]).await?;
    app.until_says_no_more("A mask is drawn").await
}

async fn from_a_file(world: &World<'_>) -> Result {
    let app = open(world).await?;
    app.drag_on_mask((0.3, 0.7), (0.7, 0.7)).await?;
    let drawn = app.mask_coverage().await?;
    app.press_button("Export mask").await?;
    let (_, bytes) = app.browser.downloaded().await?;
    let folder = Scratch::new("masks")?;
    let file = folder.path().join("mask.png");
    std::fs::write(&file, bytes)?;
    app.press_button("Clear").await?;
    app.until_says("Nothing is masked").await?;
    app.give_mask(&file).await?;
    app.until_says(&drawn).await?;
    app.give_mask(&photo("rocket.jpg")).await?;
    app.until_alert("This is no PNG").await?;
    app.until_says(&drawn).await
}

async fn steps_over_a_reload(world: &World<'_>) -> Result {
    let app = open(world).await?;
    let mut drawn = vec![app.mask_coverage().await?];
    for height in [0.2, 0.5, 0.8] {
        app.drag_on_mask((0.45, height), (0.55, height)).await?;
        let before = drawn.last().cloned().unwrap_or_default();
        drawn.push(app.mask_coverage_other_than(&before).await?);
    }
    app.close_mask_editor().await?;
    app.reload().await?;
    app.press_button("Draw mask").await?;
    app.until_says(&drawn[3]).await?;
    for (button, coverage) in [("Undo", 2), ("Undo", 1), ("Redo", 2)] {
        let before = app.mask_coverage().await?;
        app.press_button(button).await?;
        let now = app.mask_coverage_other_than(&before).await?;
        equal(button, &now, &drawn[coverage])?;
    }
    // What was taken back is kept as well.
    app.close_mask_editor().await?;
    app.reload().await?;
    app.press_button("Draw mask").await?;
    app.until_says(&drawn[2]).await?;
    app.press_button("Redo").await?;
    app.until_says(&drawn[3]).await
}

async fn generate_at_once(world: &World<'_>) -> Result {
    const CTRL_ENTER: &str = "\u{E009}\u{E007}";
    let app = open(world).await?;
    app.drag_on_mask((0.3, 0.7), (0.7, 0.7)).await?;
    app.generate().await?;
    app.until_results(PROMPT, 1).await?;
    let by_button = sent(world)?;
    app.press_button("Draw mask").await?;
    app.until_says("Mask covers").await?;
    app.type_on_mask(CTRL_ENTER).await?;
    app.until_results(PROMPT, 2).await?;
    let by_keys = sent_last(world, 2)?;
    ensure(by_keys == by_button, || "another mask was sent".into())
}

async fn canvas_gone(world: &World<'_>) -> Result {
    let app = open(world).await?;
    app.drag_on_mask((0.3, 0.7), (0.7, 0.7)).await?;
    app.mask_coverage_other_than("").await?;
    app.press_on_image(1, "Remove").await?;
    app.until_images(&[]).await?;
    app.generate().await?;
    app.until_results(PROMPT, 1).await?;
    let bill = world.simulator.bill();
    let paths: Vec<&str> = bill.iter().map(|entry| entry.path.as_str()).collect();
    ensure(
        paths.iter().all(|path| path.ends_with("/generations")),
        || format!("{paths:?}"),
    )
}

/// By the devices of the browser's own protocol, which Firefox lacks.
async fn by_right_button(world: &World<'_>) -> Result {
    let app = open(world).await?;
    if app.browser.cdp().is_none() {
        return Ok(());
    }
    let [size, hardness] = ["Brush size", "Hardness"];
    let (before, hard) = (app.setting(size).await?, app.setting(hardness).await?);
    app.resize_brush((0.4, 0.5), (0.6, 0.5)).await?;
    let after = app.setting_other_than(size, &before).await?;
    let pixels = |text: &str| {
        text.trim_end_matches(" px")
            .parse::<u32>()
            .unwrap_or_default()
    };
    ensure(pixels(&after) > pixels(&before), || after.clone())?;
    equal("hardness", &app.setting(hardness).await?, &hard)?;
    app.resize_brush((0.5, 0.4), (0.5, 0.5)).await?;
    app.setting_other_than(hardness, &hard).await?;
    equal("size", &app.setting(size).await?, &after)?;
    app.until_says("Nothing is masked").await
}

async fn by_digits(world: &World<'_>) -> Result {
    const CTRL: &str = "\u{E009}";
    let app = open(world).await?;
    let fitted = app.mask_zoom().await?;
    for (digit, zoom) in [(2, 200), (3, 400), (4, 800), (1, 100), (0, fitted)] {
        app.type_on_mask(&format!("{CTRL}{digit}")).await?;
        app.until_mask_zoom(zoom).await?;
    }
    app.until_says("Nothing is masked").await
}

async fn hidden(world: &World<'_>) -> Result {
    const SHIFT: &str = "\u{E008}";
    let app = open(world).await?;
    app.drag_on_mask((0.3, 0.7), (0.7, 0.7)).await?;
    let drawn = app.mask_coverage().await?;
    app.until_mask_is_hidden(false).await?;
    app.press_button("Hide mask").await?;
    app.until_mask_is_hidden(true).await?;
    equal("hidden", &app.mask_coverage().await?, &drawn)?;
    app.drag_on_mask((0.4, 0.3), (0.6, 0.3)).await?;
    app.mask_coverage_other_than(&drawn).await?;
    app.until_mask_is_hidden(false).await?;
    app.type_on_mask(&format!("{SHIFT}h")).await?;
    app.until_mask_is_hidden(true).await?;
    app.type_on_mask(&format!("{SHIFT}h")).await?;
    app.until_mask_is_hidden(false).await?;
    if app.browser.cdp().is_some() {
        app.press_button("Hide mask").await?;
        // The first of two fingers draws until the other comes.
        app.touch_mask(&[&[(0.45, 0.5), (0.3, 0.5)], &[(0.55, 0.5), (0.7, 0.5)]])
            .await?;
        app.until_mask_is_hidden(true).await?;
    }
    app.type_on_mask("d").await?;
    app.type_on_mask("d").await?;
    app.until_mask_is_hidden(false).await
}

async fn whole_by_keys(world: &World<'_>) -> Result {
    const CTRL: &str = "\u{E009}";
    const SHIFT_F6: &str = "\u{E008}\u{E036}";
    let pixels = [("region", "Mask editor"), ("spinbutton", "by pixels")];
    let app = open(world).await?;
    // What is typed is typed.
    app.type_prompt(&format!("{CTRL}a")).await?;
    app.browser
        .type_into(&pixels, &format!("{CTRL}a{CTRL}40{CTRL}a"))
        .await?;
    app.until_says("Nothing is masked").await?;
    app.choose_mask_tool("Rectangle").await?;
    app.drag_on_mask((0.4, 0.4), (0.6, 0.6)).await?;
    let sharp = app.mask_coverage().await?;
    app.until_mask_is_soft(false).await?;
    app.type_on_mask(SHIFT_F6).await?;
    app.until_mask_is_soft(true).await?;
    app.type_on_mask(&format!("{CTRL}a")).await?;
    app.until_says("Everything is masked").await?;
    // Each is one step.
    app.type_on_mask(&format!("{CTRL}zz")).await?;
    app.until_says(&sharp).await?;
    app.type_on_mask(&format!("{CTRL}z")).await?;
    app.until_says("Nothing is masked").await?;
    // Nor behind the list of shortcuts; with a button of the editor it is meant.
    app.show_shortcuts(true).await?;
    let close = [("dialog", "Shortcuts"), ("button", "Close")];
    app.browser.type_into(&close, &format!("{CTRL}a")).await?;
    app.show_shortcuts(false).await?;
    app.until_says("Nothing is masked").await?;
    app.type_on_button("Fit", &format!("{CTRL}a")).await?;
    app.until_says("Everything is masked").await
}

async fn by_clicks(world: &World<'_>) -> Result {
    let app = open(world).await?;
    app.type_on_mask("\u{E009}1").await?;
    app.until_mask_zoom(100).await?;
    app.choose_mask_tool("Rectangle").await?;
    app.drag_on_mask((0.3, 0.3), (0.32, 0.32)).await?;
    app.until_says("Mask covers").await?;
    let drawn = app.mask_coverage().await?;
    // What is under the cursor stays there.
    let dot = (0.31, 0.31);
    for (out, zoom) in [(false, 200), (false, 400), (true, 200), (true, 100)] {
        app.zoom_by_click(dot, out).await?;
        app.until_mask_zoom(zoom).await?;
        app.until_mask_at(dot, true).await?;
        app.until_mask_at((0.5, 0.5), false).await?;
    }
    if app.browser.cdp().is_some() {
        for (by, zoom) in [((245, 0), 200), ((0, 245), 100)] {
            app.zoom_by_drag(dot, by).await?;
            app.until_mask_zoom(zoom).await?;
            app.until_mask_at(dot, true).await?;
        }
    }
    equal("drawn", &app.mask_coverage().await?, &drawn)
}

async fn in_screen_pixels(world: &World<'_>) -> Result {
    const CTRL: &str = "\u{E009}";
    let [size, unit] = ["Brush size", "Brush size in"];
    let app = open(world).await?;
    let at = |digit: u8| format!("{CTRL}{digit}");
    app.type_on_mask(&at(1)).await?;
    app.until_mask_zoom(100).await?;
    equal("size", &app.setting(size).await?.as_str(), &"60 px")?;
    app.point_at_mask((0.5, 0.5)).await?;
    app.until_ring(60).await?;
    // Looked at closer, so is the brush.
    app.type_on_mask(&at(2)).await?;
    app.until_ring(120).await?;
    // As it is looked at, it stays as large as it is.
    app.select(unit, "screen").await?;
    let on_screen = app.setting_other_than(size, "60 px").await?;
    equal("size", &on_screen.as_str(), &"120 px (screen)")?;
    for digit in [2, 3, 1] {
        app.type_on_mask(&at(digit)).await?;
        app.point_at_mask((0.5, 0.5)).await?;
        app.until_ring(120).await?;
    }
    // The canvas stays in its place, whatever settings a tool has.
    let place =
        "return document.querySelector('.mask-stage').getBoundingClientRect().top + scrollY";
    let with_brush = app.browser.script(place, Vec::new()).await?;
    app.choose_mask_tool("Rectangle").await?;
    let without = app.browser.script(place, Vec::new()).await?;
    equal("the top of the canvas", &without, &with_brush)?;
    app.choose_mask_tool("Brush").await?;
    // The same on the screen is a fourth in the image.
    app.until_mask_zoom(100).await?;
    app.drag_on_mask((0.5, 0.5), (0.5, 0.5)).await?;
    app.until_says("Mask covers 3 %").await?;
    app.press_button("Undo").await?;
    app.until_says("Nothing is masked").await?;
    app.type_on_mask(&at(2)).await?;
    app.until_mask_zoom(200).await?;
    app.drag_on_mask((0.5, 0.5), (0.5, 0.5)).await?;
    app.until_says("Mask covers < 1 %").await?;
    app.close_mask_editor().await?;
    app.reload().await?;
    app.press_button("Draw mask").await?;
    app.until_says("Mask covers < 1 %").await?;
    equal("size", &app.setting(size).await?, &on_screen)?;
    if app.browser.cdp().is_some() {
        // A page counts the pixels of a fine screen in pairs, and so does the brush.
        app.browser.set_screen(1440, 900, 2).await?;
        for digit in [1, 2] {
            app.type_on_mask(&at(digit)).await?;
            app.point_at_mask((0.5, 0.5)).await?;
            app.until_ring(240).await?;
        }
        app.browser.set_viewport(1440, 900).await?;
    }
    Ok(())
}

async fn chosen(world: &World<'_>) -> Result {
    let app = open(world).await?;
    app.show_mask_details().await?;
    app.drag_on_mask((0.3, 0.7), (0.7, 0.7)).await?;
    let drawn = app.mask_coverage().await?;
    for (name, value) in [("Mask colour", "stripes"), ("One finger", "pans")] {
        app.select(name, value).await?;
    }
    let body = "const canvas = document.querySelector('.mask-tint'); \
        const all = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data; \
        const colours = new Set(); \
        for (let at = 0; at < all.length; at += 4) if (all[at + 3] > 100) colours.add(all[at] > 128); \
        return colours.size === 2";
    app.browser
        .until("the stripes are not black and white", body, Vec::new())
        .await?;
    app.close_mask_editor().await?;
    app.reload().await?;
    app.press_button("Draw mask").await?;
    app.until_says(&drawn).await?;
    app.show_mask_details().await?;
    let kept = "const kept = findAll([['combobox', arguments[0]]]); return kept[0]?.value ?? null";
    for (name, value) in [("Mask colour", "stripes"), ("One finger", "pans")] {
        let found = app.browser.until(name, kept, vec![serde_json::json!(name)]);
        equal(name, &found.await?.as_str(), &Some(value))?;
    }
    if app.browser.cdp().is_some() {
        app.touch_mask(&[&[(0.3, 0.2), (0.6, 0.2)]]).await?;
        equal("drawn by a finger", &app.mask_coverage().await?, &drawn)?;
    }
    Ok(())
}

/// A PNG of that size, all of one colour: of colour type 6 or 2, by how many bytes a pixel has.
fn plain(width: u32, height: u32, pixel: &[u8]) -> Vec<u8> {
    let colour = if pixel.len() == 4 { 6 } else { 2 };
    let header = [
        &width.to_be_bytes()[..],
        &height.to_be_bytes(),
        &[8, colour, 0, 0, 0],
    ]
    .concat();
    let row = [&[0][..], &pixel.repeat(width as usize)].concat();
    let rows = row.repeat(height as usize);
    corpus::png::file(&[
        (*b"IHDR", header),
        (*b"IDAT", corpus::png::deflated(&rows, 6)),
        (*b"IEND", Vec::new()),
    ])
}

async fn odd_files(world: &World<'_>) -> Result {
    let app = open(world).await?;
    let folder = Scratch::new("masks")?;
    let full = plain(512, 600, &[9, 9, 9, 0]);
    let mut broken = full.clone();
    let last = broken.len() - 20;
    broken[last] ^= 1;
    let given: [(&str, Vec<u8>, &str); 7] = [
        ("full", full, "Everything is masked"),
        (
            "opaque",
            plain(512, 600, &[0, 0, 0, 255]),
            "Nothing is masked",
        ),
        (
            "white",
            plain(512, 600, &[255, 255, 255]),
            "Everything is masked",
        ),
        ("black", plain(512, 600, &[0, 0, 0]), "Nothing is masked"),
        (
            "other",
            plain(37, 21, &[0, 0, 0, 0]),
            "The mask is 37x21, and the image is 512x600",
        ),
        ("broken", broken, "This PNG is damaged"),
        (
            "huge",
            corpus::bombs::large_png(30_000, 30_000),
            "more pixels than any mask",
        ),
    ];
    for (name, bytes, said) in given {
        let path = folder.path().join(format!("{name}.png"));
        std::fs::write(&path, bytes)?;
        app.give_mask(&path).await?;
        app.until_says(said).await?;
    }
    app.until_says("Nothing is masked").await?;
    for _ in 0..2 {
        app.press_button("Undo").await?;
    }
    app.until_says("Nothing is masked").await?;
    app.press_button("Invert").await?;
    app.until_says("Everything is masked").await?;
    app.press_button("Done").await?;
    app.until_says("A mask is drawn").await?;
    app.generate().await?;
    app.until_results(PROMPT, 1).await?;
    let mask = sent(world)?;
    let full = plain(512, 600, &[0, 0, 0, 0]);
    ensure(mask.len() <= full.len().max(20_000), || {
        format!("{} bytes", mask.len())
    })
}
