//! The library: many pictures, looked through, marked, deleted and brought back.

use serde_json::json;
use simulator::Script;

use crate::app::{App, PictureButton, Screen};
use crate::failure::{Result, ensure, equal};
use crate::world::World;

super::stories! {
    "among many pictures one is found by its words, its star and its collection" => found_again,
    "only the pictures in the window are made, and keys lead through all of them" => walked_through,
    "“the bin is cut off”: however wide the list becomes, all of a picture is there" => of_any_width,
    "several pictures are chosen, put into a collection, deleted and brought back together" => several,
    "what is deleted for good is gone from the disk, but for what something else still uses" => for_good,
    "a notice in the corner covers no button for good: what stands there comes out from under it" => out_from_under,
}

const SEED: &str = include_str!("../seed_pictures.js");
const FIRST: &str = "a lighthouse on a cliff";
const MANY: usize = 600;

/// A fresh app with one drawn picture and many others, in the library.
async fn with_many<'a>(world: &World<'a>) -> Result<App<'a>> {
    let app = world.app();
    app.open_fresh(None).await?;
    app.draw(FIRST).await?;
    app.until_results(FIRST, 1).await?;
    let seed = vec![json!(MANY), json!(64), json!(0)];
    world.browser.script(SEED, seed).await?;
    app.reload().await?;
    app.go(Screen::Library).await?;
    until_count(world, &format!("Pictures: {}", MANY + 1)).await?;
    Ok(app)
}

/// What the line above the grid says.
async fn until_count(world: &World<'_>, line: &str) -> Result {
    let body =
        "return findAll([['status', null]]).some((e) => e.innerText.trim() === arguments[0])";
    let what = format!("the library says “{line}”");
    let said = world.browser.until(&what, body, vec![json!(line)]);
    said.await.map(drop)
}

async fn look_for(world: &World<'_>, text: &str) -> Result {
    let field = [("searchbox", "Search library")];
    world.browser.put_into(&field, text).await
}

async fn filter(world: &World<'_>, name: &str, option: &str) -> Result {
    let body = "const [list] = findAll([['combobox', arguments[0]]]);
        const option = [...list.options].find((option) => option.text.trim() === arguments[1]);
        list.value = option.value;
        list.dispatchEvent(new Event('change', { bubbles: true }));
        return true";
    let chosen = world
        .browser
        .script(body, vec![json!(name), json!(option)])
        .await?;
    equal("the filter is set", &chosen, &json!(true))
}

fn on_picture<'a>(prompt: &'a str, button: &'a str) -> [(&'a str, &'a str); 3] {
    [("list", "Library"), ("article", prompt), ("button", button)]
}

async fn found_again(world: &World<'_>) -> Result {
    let app = with_many(world).await?;
    let all = MANY + 1;
    look_for(world, "LIGHThouse").await?;
    until_count(world, &format!("Pictures: 1 of {all}")).await?;
    app.until_in_library(FIRST, 1).await?;
    world.browser.click(&on_picture(FIRST, "Favourite")).await?;
    let way = json!(on_picture(FIRST, "Favourite"));
    let is_on = "return findAll(arguments[0])[0]?.getAttribute('aria-pressed') === 'true'";
    let star = world.browser.until("the star is on", is_on, vec![way]);
    star.await?;
    look_for(world, "").await?;
    until_count(world, &format!("Pictures: {all}")).await?;
    world
        .browser
        .click(&[("checkbox", "Favourites only")])
        .await?;
    until_count(world, &format!("Pictures: 1 of {all}")).await?;
    world
        .browser
        .click(&[("checkbox", "Favourites only")])
        .await?;
    // Two of four subjects hold an umbrella, in two languages; Japanese is found as it is written.
    look_for(world, "赤い").await?;
    until_count(world, &format!("Pictures: {} of {all}", MANY / 4)).await?;
    filter(world, "Model", "gpt-image-2").await?;
    until_count(world, &format!("Pictures: 0 of {all}")).await?;
    app.until_says("Nothing here matches").await?;
    app.press_button("Clear search and filters").await?;
    until_count(world, &format!("Pictures: {all}")).await?;
    filter(world, "Cost", "price unknown").await?;
    until_count(world, &format!("Pictures: {} of {all}", MANY / 5)).await?;
    filter(world, "Cost", "Free").await?;
    until_count(world, &format!("Pictures: 1 of {all}")).await?;
    filter(world, "Cost", "At any cost").await?;
    filter(world, "Made", "In the last 24 hours").await?;
    until_count(world, &format!("Pictures: 24 of {all}")).await?;
    filter(world, "Made", "At any time").await?;
    // A collection, made in the details of a picture, and there after a reload.
    look_for(world, "sleeping cat 5").await?;
    let body =
        "return findAll([['list', 'Library'], ['article', null]])[0]?.getAttribute('aria-label')";
    let first = world.browser.script(body, vec![]).await?;
    let first = first.as_str().unwrap_or_default().to_owned();
    world.browser.click(&on_picture(&first, "Details")).await?;
    let dialog = ("dialog", "Details");
    let field = [dialog, ("textbox", "New collection")];
    world.browser.type_into(&field, "pets\u{E007}").await?;
    let chip = [dialog, ("list", "Collections"), ("listitem", "")];
    world.browser.until_count(&chip, 1).await?;
    world.browser.click(&[dialog, ("button", "Close")]).await?;
    app.reload().await?;
    until_count(world, &format!("Pictures: {all}")).await?;
    filter(world, "Collection", "pets").await?;
    until_count(world, &format!("Pictures: 1 of {all}")).await?;
    app.until_in_library(&first, 1).await
}

async fn walked_through(world: &World<'_>) -> Result {
    with_many(world).await?;
    let cells = world
        .browser
        .count(&[("list", "Library"), ("article", "")])
        .await?;
    ensure((5..100).contains(&cells), || {
        format!("{cells} pictures are made, of {MANY}")
    })?;
    let look = "findAll([['list', 'Library'], ['article', null], ['button', 'Look at it large']])[0].focus()";
    world.browser.script(look, vec![]).await?;
    // End, then Home: the last and the first picture have the focus, in the window.
    for (key, place) in [("\u{E010}", MANY + 1), ("\u{E011}", 1)] {
        world.browser.press_key(key).await?;
        let there = "const item = document.activeElement?.closest('li');
            if (item?.getAttribute('aria-posinset') !== String(arguments[0])) return false;
            const place = item.getBoundingClientRect();
            return place.top >= 0 && place.top < innerHeight";
        let what = format!("the focus is on picture {place}");
        world
            .browser
            .until(&what, there, vec![json!(place)])
            .await?;
    }
    let cells = world
        .browser
        .count(&[("list", "Library"), ("article", "")])
        .await?;
    ensure(cells < 100, || format!("{cells} pictures are made"))
}

async fn several(world: &World<'_>) -> Result {
    let app = with_many(world).await?;
    let all = MANY + 1;
    look_for(world, "mountain").await?;
    until_count(world, &format!("Pictures: {} of {all}", MANY / 4)).await?;
    app.press_button("Choose several").await?;
    app.press_button("Choose all").await?;
    until_count(world, &format!("Chosen: {}", MANY / 4)).await?;
    let field = [
        ("group", "Choose several"),
        ("textbox", "Add to a collection"),
    ];
    world.browser.type_into(&field, "lakes\u{E007}").await?;
    look_for(world, "").await?;
    until_count(world, &format!("Pictures: {all}")).await?;
    filter(world, "Collection", "lakes").await?;
    until_count(world, &format!("Pictures: {} of {all}", MANY / 4)).await?;
    let group = ("group", "Choose several");
    world.browser.click(&[group, ("button", "Delete")]).await?;
    let left = all - MANY / 4;
    // With its last picture the collection is gone.
    until_count(world, &format!("Pictures: 0 of {left}")).await?;
    app.press_button("Clear search and filters").await?;
    until_count(world, &format!("Pictures: {left}")).await?;
    app.undo().await?;
    until_count(world, &format!("Pictures: {all}")).await?;
    app.reload().await?;
    until_count(world, &format!("Pictures: {all}")).await
}

async fn keys(world: &World<'_>, store: &str) -> Result<Vec<String>> {
    let body = "return new Promise((done, failed) => {
        const opening = indexedDB.open('studio');
        opening.onerror = () => failed(opening.error);
        opening.onsuccess = () => {
          const asked = opening.result.transaction(arguments[0]).objectStore(arguments[0]).getAllKeys();
          asked.onsuccess = () => { opening.result.close(); done(asked.result); };
        };
      })";
    let keys = world.browser.script(body, vec![json!(store)]).await?;
    let keys = keys.as_array().cloned().unwrap_or_default();
    Ok(keys
        .iter()
        .filter_map(|key| key.as_str().map(str::to_owned))
        .collect())
}

async fn empty_the_trash(app: App<'_>) -> Result {
    app.empty_trash().await?;
    app.until_says("The trash is empty.").await?;
    app.press_button("Back to the library").await
}

async fn for_good(world: &World<'_>) -> Result {
    let app = world.app();
    app.open_fresh(None).await?;
    app.draw(FIRST).await?;
    app.until_results(FIRST, 1).await?;
    let kept = keys(world, "blobs").await?;
    equal("pictures on the disk", &kept.len(), &1)?;
    // The composer uses the first one; the second is used by nothing.
    app.press(FIRST, PictureButton::UseAsReference).await?;
    app.until_images_shown(1).await?;
    app.until_draft_has_images(1).await?;
    app.press(FIRST, PictureButton::Delete).await?;
    app.until_results(FIRST, 0).await?;
    app.draw("a boat").await?;
    app.until_results("a boat", 1).await?;
    app.press("a boat", PictureButton::Delete).await?;
    app.until_results("a boat", 0).await?;
    equal("in the trash", &keys(world, "trash").await?.len(), &2)?;
    empty_the_trash(app).await?;
    equal("in the trash", &keys(world, "trash").await?.len(), &0)?;
    equal("pictures on the disk", &keys(world, "blobs").await?, &kept)?;
    app.go(Screen::Create).await?;
    app.until_images_shown(1).await
}

/// The window stays as it is: a style that comes late makes the list narrower, and so does a bar for scrolling.
async fn of_any_width(world: &World<'_>) -> Result {
    with_many(world).await?;
    let narrow = "document.querySelector('.library').style.paddingRight = `${arguments[0]}px`";
    let is_whole = "const cards = findAll([['list', 'Library'], ['article', null]]);
        return cards.length > 1 && cards.every((card) => card.scrollHeight <= card.clientHeight + 1)";
    for pixels in (0..=400).step_by(20) {
        world.browser.script(narrow, vec![json!(pixels)]).await?;
        let what = format!("with {pixels} px less, something is cut off");
        world.browser.until(&what, is_whole, vec![]).await?;
    }
    Ok(())
}

/// "After some trouble the library begins with a long list. I deleted a picture, went there for the trash, and its button lay
/// under the notice that says so: no scrolling brought it out, and the Tab key went to a button that I could not see."
async fn out_from_under(world: &World<'_>) -> Result {
    let app = world.app_with_simulator().await?;
    world.simulator.script(Script {
        times: 6,
        execute: Some(true),
        ..Script::error("server_error")
    });
    app.put_prompt("a long list").await?;
    app.press_generate(6).await?;
    app.until_in_doubt(6).await?;
    app.until_jobs(0).await?;
    app.dismiss_notices().await?;
    app.draw(FIRST).await?;
    app.until_results(FIRST, 1).await?;
    app.press(FIRST, PictureButton::Delete).await?;
    app.until_results(FIRST, 0).await?;
    app.go(Screen::Library).await?;
    app.until_in_doubt(6).await?;
    let covered = "const [e] = found;
        const { left, top, width, height } = e.getBoundingClientRect();
        const there = document.elementFromPoint(left + width / 2, top + height / 2);
        return e.contains(there) ? '' : `${nameOf(e)}: ${there?.closest('.notice') ? 'a notice' : there?.outerHTML}`";
    let trash = [("button", "Trash")];
    world.browser.find(&trash).await?;
    let to_the_end = "scrollTo(0, document.documentElement.scrollHeight)";
    world.browser.script(to_the_end, Vec::new()).await?;
    let found = world.browser.script_at(&trash, covered).await?;
    equal("covers at the end of the page", &found, &json!(""))?;
    let by_keyboard = "scrollTo(0, 0); found[0].focus()";
    world.browser.script_at(&trash, by_keyboard).await?;
    let found = world.browser.script_at(&trash, covered).await?;
    equal("covers what has the focus", &found, &json!(""))?;
    app.press_button("Trash").await?;
    world.browser.find(&[("article", FIRST)]).await.map(drop)
}
