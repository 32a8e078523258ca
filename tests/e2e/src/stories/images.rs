//! Images of a request: how they come in, what is sent of them, and what is refused.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};
use simulator::{Entry, Script};

use crate::app::{App, Billed, Group, Kept, PictureButton, Screen};
use crate::children::Scratch;
use crate::failure::{Context, Result, ensure, equal};
use crate::world::World;

super::stories! {
    "images: photos are put in order and sent byte for byte, without their places" => photos,
    "images: a photo that lies on its side is turned upright" => turned,
    "images: a result is edited, and used as a reference" => results,
    "images: an edit with previews comes as a stream" => stream,
    "images: practice draws on the canvas" => practice,
    "images: the draft keeps them over a reload; what is gone is left out and said" => draft,
    "images: settings are reused with their images" => reused,
    "images: they are dropped and pasted anywhere, and text stays text" => handed_in,
    "images: what is no fit picture is refused, by its bytes" => refused,
    "images: a moving picture gives its first frame" => converted,
    "images: no more than the model takes" => too_many,
    "images: a refused edit is said, and nothing is lost" => trouble,
    "images: helpers put phrases into the prompt" => helpers,
    "hints on what models do badly are said once, and put away for good" => hints,
}

const PROMPT: &str = "a red hat on her head";
const PLACE: &[u8] = b"52 deg 31' 12.03 N, 13 deg 24' 17.8 E";
/// Four by four red pixels.
pub(super) const PNG: [u8; 73] = [
    0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d, b'I', b'H', b'D', b'R', 0, 0, 0,
    4, 0, 0, 0, 4, 8, 2, 0, 0, 0, 0x26, 0x93, 9, 0x29, 0, 0, 0, 0x10, b'I', b'D', b'A', b'T', 0x78,
    0xda, 0x63, 0x38, 0x21, 0xa7, 1, 0x47, 0x0c, 0xc4, 0x71, 0, 0xc1, 3, 0x10, 0xe1, 0x5c, 0x8b,
    0x41, 0x81, 0, 0, 0, 0, b'I', b'E', b'N', b'D', 0xae, 0x42, 0x60, 0x82,
];
const GIF: &[u8] =
    b"GIF89a\x01\0\x01\0\x80\0\0\xff\0\0\xff\xff\xff,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;";

pub(crate) fn photo(name: &str) -> PathBuf {
    // Drivers take no path that goes up.
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    tests
        .unwrap_or(Path::new(""))
        .join("fixtures/photos")
        .join(name)
}

pub(super) fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).context(|| format!("reading {}", path.display()))
}

pub(super) fn write(folder: &Scratch, name: &str, bytes: &[u8]) -> Result<PathBuf> {
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).context(|| format!("writing {}", path.display()))?;
    Ok(path)
}

/// The photo as a phone writes it: with an orientation and the place where it was taken.
fn located(photo: &[u8], orientation: u8) -> Vec<u8> {
    let mut exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    exif.extend([orientation, 0, 0, 0, 0, 0, 0]);
    exif.extend(PLACE);
    let length = u16::try_from(exif.len() + 2).unwrap_or_default();
    [
        &photo[..2],
        &[0xFF, 0xE1],
        &length.to_be_bytes(),
        &exif,
        &photo[2..],
    ]
    .concat()
}

/// The photo without comments: what is left of these two photos when their metadata goes.
fn without_comments(photo: &[u8]) -> Vec<u8> {
    let (mut kept, mut at) = (photo[..2].to_vec(), 2);
    while photo[at + 1] != 0xDA {
        let length = usize::from(photo[at + 2]) * 256 + usize::from(photo[at + 3]);
        if photo[at + 1] != 0xFE {
            kept.extend(&photo[at..at + 2 + length]);
        }
        at += 2 + length;
    }
    kept.extend(&photo[at..]);
    kept
}

fn only_edit(world: &World<'_>) -> Result<Entry> {
    let mut bill = world.simulator.bill();
    bill.retain(|entry| entry.path.ends_with("/images/edits"));
    equal("edits", &bill.len(), &1)?;
    bill.pop().context(|| "no edit".into())
}

async fn photos(world: &World<'_>) -> Result {
    let app = world.app_with_simulator().await?;
    let folder = Scratch::new("photos")?;
    let (hopper, rocket) = (
        read(&photo("grace_hopper.jpg"))?,
        read(&photo("rocket.jpg"))?,
    );
    // Names and endings are nobody's business.
    let first = write(&folder, "IMG_0001.png", &located(&hopper, 1))?;
    let third = write(&folder, "dot.jpg", &PNG)?;
    app.put_prompt(PROMPT).await?;
    let before = app.price().await?;
    app.add_images(&[&first, &photo("rocket.jpg"), &third])
        .await?;
    app.until_images(&[
        "Image 1 – canvas 512x600",
        "Image 2 – reference 640x427",
        "Image 3 – reference 4x4",
    ])
    .await?;
    app.price_other_than(&before).await?;
    let texts = app.images().await?;
    ensure(
        texts[0].contains("metadata removed") && texts[0].contains("62 kB"),
        || texts[0].clone(),
    )?;
    ensure(texts[0].contains("323 tokens as input, $0.0008"), || {
        texts[0].clone()
    })?;
    ensure(!texts[2].contains("metadata"), || texts[2].clone())?;
    app.press_on_image(3, "Remove").await?;
    app.until_images(&["512x600", "640x427"]).await?;
    app.press_on_image(1, "Move right").await?;
    app.until_images(&["Image 1 – canvas 640x427", "Image 2 – reference 512x600"])
        .await?;
    app.until_focus_on_image(2, "Move right").await?;
    app.press_on_image(2, "Move left").await?;
    app.until_images(&["512x600", "640x427"]).await?;
    // Nothing is left of the first.
    app.press_on_image(1, "Move left").await?;
    app.press_on_image(1, "Move right").await?;
    app.until_images(&["640x427", "512x600"]).await?;
    app.generate().await?;
    app.until_results(PROMPT, 1).await?;
    let edit = only_edit(world)?;
    equal("uploads", &edit.uploads.len(), &2)?;
    for (number, expected) in [without_comments(&rocket), without_comments(&hopper)]
        .iter()
        .enumerate()
    {
        let sent = world
            .simulator
            .received(edit.id, number)
            .context(|| "no bytes".into())?;
        ensure(sent == expected[..], || {
            format!("image {number} is not sent byte for byte")
        })?;
        ensure(!sent.windows(4).any(|part| part == b"Exif"), || {
            "EXIF was sent".into()
        })?;
        ensure(!sent.windows(PLACE.len()).any(|part| part == PLACE), || {
            "the place was sent".into()
        })?;
        let upload = &edit.uploads[number];
        equal("field", &upload.field.as_str(), &"image[]")?;
        equal("type", &upload.content_type.as_deref(), &Some("image/jpeg"))?;
        equal(
            "name",
            &upload.file_name,
            &Some(format!("image-{}.jpeg", number + 1)),
        )?;
    }
    let costs = edit.billed_pico;
    ensure(costs > 0 && app.ledger_total().await? == costs, || {
        "the ledger and the bill differ".into()
    })
}

async fn turned(world: &World<'_>) -> Result {
    let app = world.app_with_simulator().await?;
    let folder = Scratch::new("photos")?;
    let rocket = read(&photo("rocket.jpg"))?;
    let lying = write(&folder, "lying.jpg", &located(&rocket, 6))?;
    app.add_images(&[&lying]).await?;
    app.until_images(&["427x640"]).await?;
    app.until_images(&["turned upright, re-encoded"]).await?;
    app.draw(PROMPT).await?;
    app.until_results(PROMPT, 1).await?;
    let edit = only_edit(world)?;
    let upload = &edit.uploads[0];
    equal(
        "size",
        &(upload.width, upload.height),
        &(Some(427), Some(640)),
    )?;
    equal("type", &upload.content_type.as_deref(), &Some("image/jpeg"))?;
    let sent = world
        .simulator
        .received(edit.id, 0)
        .context(|| "no bytes".into())?;
    ensure(!sent.windows(PLACE.len()).any(|part| part == PLACE), || {
        "the place was sent".into()
    })
}

async fn results(world: &World<'_>) -> Result {
    let app = world.app_with_simulator().await?;
    app.draw("a lighthouse").await?;
    app.until_results("a lighthouse", 1).await?;
    app.hand_in("paste", &[("dot.png", &PNG)], None).await?;
    app.until_images(&["4x4"]).await?;
    app.press("a lighthouse", PictureButton::Edit).await?;
    app.until_images(&["Image 1 – canvas 1024x1024"]).await?;
    app.draw(PROMPT).await?;
    app.until_results(PROMPT, 1).await?;
    let edit = only_edit(world)?;
    let draft = app.until_draft_has_images(1).await?;
    equal(
        "what was sent",
        &json!(edit.uploads[0].sha256),
        &draft["images"][0]["blob"],
    )?;
    app.press(PROMPT, PictureButton::UseAsReference).await?;
    app.until_images(&["Image 1 – canvas", "Image 2 – reference"])
        .await?;
    app.press(PROMPT, PictureButton::Details).await?;
    app.until_says("may have changed more than you asked for")
        .await?;
    app.go(Screen::Library).await?;
    app.until_in_library(PROMPT, 1).await?;
    app.press_button("Edit").await?;
    app.until_images(&["Image 1 – canvas"]).await
}

async fn stream(world: &World<'_>) -> Result {
    let app = world.app_with_simulator().await?;
    world.simulator.script(Script {
        event_delay_ms: Some(700),
        ..Script::default()
    });
    app.hand_in("drop", &[("dot.png", &PNG)], None).await?;
    app.until_images(&["4x4"]).await?;
    app.put_prompt(PROMPT).await?;
    // This one looks at images more or less closely.
    app.choose_model("gpt-image-1.5").await?;
    let plain = app.price().await?;
    app.choose(Group::InputFidelity, "high").await?;
    app.price_other_than(&plain).await?;
    app.set_previews("2").await?;
    app.generate().await?;
    app.until_preview().await?;
    app.until_results(PROMPT, 1).await?;
    let edit = only_edit(world)?;
    equal("stream", &edit.parameters["stream"], &json!(true))?;
    equal(
        "partial_images",
        &edit.parameters["partial_images"],
        &json!(2),
    )
}

async fn practice(world: &World<'_>) -> Result {
    let app = world.app();
    app.open_fresh(Some(Kept::default())).await?;
    app.hand_in("drop", &[("dot.png", &PNG)], None).await?;
    app.until_images(&["4x4"]).await?;
    app.draw("a small cat").await?;
    app.until_results("a small cat", 1).await?;
    let corner = app.corner_of_result("a small cat").await?;
    let is_red = corner[0] > 150 && corner[1] < 90 && corner[2] < 90;
    ensure(is_red, || {
        format!("the canvas is red, and the corner of the result is {corner:?}")
    })
}

async fn draft(world: &World<'_>) -> Result {
    let app = world.app_with_simulator().await?;
    app.hand_in("paste", &[("dot.png", &PNG)], None).await?;
    app.add_images(&[&photo("rocket.jpg")]).await?;
    app.until_images(&["4x4", "640x427"]).await?;
    app.until_draft_has_images(2).await?;
    app.reload().await?;
    app.put_prompt(PROMPT).await?;
    app.until_images(&["Image 1 – canvas 4x4", "Image 2 – reference 640x427"])
        .await?;
    app.forget_blobs().await?;
    app.reload().await?;
    app.until_says("no longer stored on this computer, and were left out: 2")
        .await?;
    app.until_images(&[]).await?;
    equal("prompt", &app.prompt_text().await?.as_str(), &PROMPT)
}

async fn reused(world: &World<'_>) -> Result {
    let app = world.app_with_simulator().await?;
    app.hand_in("drop", &[("dot.png", &PNG)], None).await?;
    app.until_images(&["4x4"]).await?;
    app.draw(PROMPT).await?;
    app.until_results(PROMPT, 1).await?;
    app.press_on_image(1, "Remove").await?;
    app.until_images(&[]).await?;
    app.press(PROMPT, PictureButton::ReuseSettings).await?;
    app.until_images(&["Image 1 – canvas 4x4"]).await
}

async fn handed_in(world: &World<'_>) -> Result {
    let app = world.app_with_simulator().await?;
    app.go(Screen::Settings).await?;
    let taken = app
        .hand_in("drop", &[("a.png", &PNG), ("b.png", &PNG)], None)
        .await?;
    ensure(taken, || "a drop on Settings is not taken".into())?;
    // Create is shown; the same twice is fine.
    app.until_images(&["Image 1", "Image 2"]).await?;
    app.type_prompt("x").await?;
    let taken = app
        .hand_in("paste", &[("c.png", &PNG)], Some("words"))
        .await?;
    ensure(!taken, || {
        "a text that is pasted into the prompt is taken for a picture".into()
    })?;
    let taken = app.hand_in("paste", &[("c.png", &PNG)], None).await?;
    ensure(taken, || "a picture that is pasted is not taken".into())?;
    app.until_images(&["Image 1", "Image 2", "Image 3"]).await?;
    let taken = app.hand_in("drop", &[], Some("words")).await?;
    ensure(!taken, || "a dropped text is taken".into())
}

async fn refused(world: &World<'_>) -> Result {
    let app = world.app_with_simulator().await?;
    let mut large = PNG;
    large[16..24].copy_from_slice(&[0, 0, 0x75, 0x30, 0, 0, 0x75, 0x30]);
    let mut long = PNG;
    long[16..24].copy_from_slice(&[0, 0, 0x20, 1, 0, 0, 0, 9]);
    let rocket = read(&photo("rocket.jpg"))?;
    let files: [(&str, &[u8], &str); 8] = [
        (
            "nothing.png",
            b"",
            "nothing.png was not added: the file is empty",
        ),
        (
            "drawing.png",
            b"<svg xmlns='http://www.w3.org/2000/svg'><script>window.PWN=1</script></svg>",
            "SVG drawing",
        ),
        (
            "page.jpg",
            b"<!doctype html><script>window.PWN=1</script>",
            "it is no PNG, JPEG or WebP",
        ),
        ("head.png", &PNG[..20], "it is damaged"),
        ("half.png", &PNG[..60], "the file ends in the middle"),
        ("half.jpg", &rocket[..4000], "the file ends in the middle"),
        ("huge.png", &large, "30000x30000 pixels are too many"),
        ("long.png", &long, "8193x9 pixels are too many"),
    ];
    for (name, bytes, said) in files {
        app.hand_in("drop", &[(name, bytes)], None).await?;
        app.until_alert(said).await?;
        app.until_trouble_named(name).await?;
    }
    let folder = Scratch::new("photos")?;
    let heavy = write(&folder, "heavy.png", &PNG)?;
    let file = std::fs::File::options().write(true).open(&heavy);
    let grown = file.and_then(|file| file.set_len(50_000_000));
    grown.context(|| "growing a file".into())?;
    app.add_images(&[&heavy]).await?;
    app.until_alert("it has 50 MB, and must stay below 50 MB")
        .await?;
    app.until_images(&[]).await?;
    equal("requests", &world.posts(), &0)
}

async fn converted(world: &World<'_>) -> Result {
    let app = world.app_with_simulator().await?;
    app.hand_in("drop", &[("wave.png", GIF)], None).await?;
    app.until_alert("wave.png was not added: models do not take this kind")
        .await?;
    app.press_button("Convert to PNG, first frame, 1x1").await?;
    app.until_images(&["1x1"]).await?;
    app.until_images(&["converted to PNG, first frame"]).await?;
    equal("alerts", &app.alerts().await?, &0)
}

async fn too_many(world: &World<'_>) -> Result {
    let app = world.app_with_simulator().await?;
    let files = [("dot.png", &PNG[..]); 17];
    app.hand_in("drop", &files, None).await?;
    app.until_alert("this model takes 16 images at most")
        .await?;
    app.until_images(&["Image"; 16]).await?;
    app.put_prompt(PROMPT).await?;
    app.until_can_generate(true).await
}

async fn trouble(world: &World<'_>) -> Result {
    let app = world.app_with_simulator().await?;
    app.hand_in("drop", &[("dot.png", &PNG)], None).await?;
    app.until_images(&["4x4"]).await?;
    world.simulator.script(Script {
        error: Some("moderation_blocked".into()),
        ..Script::default()
    });
    app.draw(PROMPT).await?;
    app.until_trouble("blocked", Billed::Nothing).await?;
    app.until_images(&["4x4"]).await?;
    app.generate().await?;
    app.until_results(PROMPT, 1).await?;
    world.nothing_more(2, Duration::from_millis(300)).await
}

async fn helpers(world: &World<'_>) -> Result {
    let app = world.app_with_simulator().await?;
    app.hand_in("drop", &[("dot.png", &PNG)], None).await?;
    app.until_images(&["4x4"]).await?;
    app.type_prompt("Her portrait.").await?;
    app.press_helper("Recolour").await?;
    let text = app.prompt_text().await?;
    ensure(
        text.starts_with("Her portrait. Change the colour of [what] to"),
        || text.clone(),
    )?;
    // What is to be filled in is selected: the next words take its place.
    let selected = app.browser.script("const e = document.activeElement; return e.value.slice(e.selectionStart, e.selectionEnd)", Vec::new()).await?;
    equal("selection", &selected, &Value::from("[what]"))?;
    app.until_draft_says("Change the colour of").await
}

async fn hints(world: &World<'_>) -> Result {
    let app = world.app();
    app.open_fresh(Some(Kept::default())).await?;
    app.type_prompt("a quiet lake with 7 swans").await?;
    app.until_says("Models miscount").await?;
    app.until_can_generate(true).await?;
    app.press_button("Do not say this again").await?;
    app.until_says_no_more("Models miscount").await?;
    app.reload().await?;
    app.type_prompt(" and an x-ray").await?;
    app.until_says("not for medical images").await?;
    app.until_says_no_more("Models miscount").await
}

/// What a person would look for in a notice on a file.
impl App<'_> {
    async fn until_trouble_named(self, name: &str) -> Result {
        let lines = self.alert().await?;
        ensure(lines[0].contains(name) && lines.len() > 1, || {
            format!("the notice does not name {name}, or gives no advice: {lines:?}")
        })
    }

    async fn until_draft_says(self, part: &str) -> Result {
        crate::browser::wait(crate::browser::PATIENCE, || async {
            let draft = self.draft().await?;
            let says = draft["prompt"]
                .as_str()
                .is_some_and(|prompt| prompt.contains(part));
            Ok(says.then_some(()))
        })
        .await
        .context(|| format!("the draft does not say {part:?}"))
    }
}
