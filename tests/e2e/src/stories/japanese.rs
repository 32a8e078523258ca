//! Japanese: the language at once, and typing by composition.

use serde_json::json;

use crate::app::{ENGLISH, JAPANESE, Kept, Screen};
use crate::failure::{Result, ensure, equal};
use crate::world::World;

super::stories! {
    "the language changes at once and stays" => language,
    "Japanese is typed by composition, and a shortcut inside it sends nothing" => composition,
    "Japanese is typed by the browser's own input method" => input_method,
}

const PROMPT: &str = "夕焼けの灯台";

async fn language(world: &World<'_>) -> Result {
    let app = world.app();
    app.open_fresh(Some(Kept::default())).await?;
    app.type_prompt("a cat").await?;
    app.go(Screen::Settings).await?;
    app.choose_language("ja").await?;
    let app = app.named(&JAPANESE);
    world
        .browser
        .until(
            "lang is not ja",
            "return document.documentElement.lang === 'ja'",
            Vec::new(),
        )
        .await?;
    app.go(Screen::Create).await?;
    app.until_can_generate(true).await?;
    equal("the prompt", &app.prompt_text().await?, &"a cat".to_owned())?;
    ensure(app.price().await?.contains('$'), || {
        "no price in Japanese".into()
    })?;
    app.generate().await?;
    app.until_results("a cat", 1).await?;
    app.reload().await?;
    app.until_results("a cat", 1).await?;
    app.go(Screen::Library).await?;
    app.until_in_library("a cat", 1).await?;
    app.go(Screen::Settings).await?;
    app.choose_language("en").await?;
    app.named(&ENGLISH).go(Screen::Create).await?;
    world
        .browser
        .until(
            "lang is not en",
            "return document.documentElement.lang === 'en'",
            Vec::new(),
        )
        .await
        .map(drop)
}

/// The events of an input method, as browsers send them; the text changes before each input event.
const COMPOSE: &str = "
const [field] = findAll(arguments[0]);
const [, steps, wanted] = arguments;
field.focus();
const before = field.value;
field.dispatchEvent(new CompositionEvent('compositionstart', { bubbles: true }));
for (const step of steps) {
  field.dispatchEvent(new CompositionEvent('compositionupdate', { bubbles: true, data: step }));
  field.value = before + step;
  field.dispatchEvent(new InputEvent('input', { bubbles: true, data: step, inputType: 'insertCompositionText', isComposing: true }));
  for (const key of ['Enter', 'Process'])
    field.dispatchEvent(new KeyboardEvent('keydown', { bubbles: true, cancelable: true, key, ctrlKey: true, isComposing: true, keyCode: 229 }));
  if (field.value !== before + step) return `while composing ${step}: ${field.value}`;
}
field.value = before + wanted;
field.dispatchEvent(new InputEvent('input', { bubbles: true, data: wanted, inputType: 'insertCompositionText', isComposing: true }));
field.dispatchEvent(new CompositionEvent('compositionend', { bubbles: true, data: wanted }));
return field.value === before + wanted ? '' : `after composing: ${field.value}`;";

async fn composition(world: &World<'_>) -> Result {
    let app = world.app();
    app.open_fresh(Some(Kept {
        language: "ja",
        ..Kept::server(&world.simulator.address())
    }))
    .await?;
    let app = app.named(&JAPANESE);
    let before = app.price().await?;
    let way = json!([["textbox", JAPANESE.prompt()]]);
    // A few words cost less than the price shows; so it is a long text.
    let whole = PROMPT.repeat(60);
    let steps = json!(["ゆ", "ゆうや", "ゆうやけの", "夕焼けの", whole]);
    let fault = world
        .browser
        .script(COMPOSE, vec![way, steps, json!(whole)])
        .await?;
    ensure(fault == json!(""), || fault.to_string())?;
    app.price_other_than(&before).await?;
    equal("the prompt", &app.prompt_text().await?, &whole)?;
    equal("requests", &world.posts(), &0)?;
    app.until_jobs_none().await?;
    app.generate().await?;
    app.until_results(&whole, 1).await?;
    equal(
        "the prompt that was sent",
        &world.simulator.bill()[0].parameters["prompt"],
        &json!(whole),
    )
}

async fn input_method(world: &World<'_>) -> Result {
    let Some(cdp) = world.browser.cdp() else {
        // Firefox has no such command; the story above stands for it.
        return Ok(());
    };
    let app = world.app();
    app.open_fresh(Some(Kept {
        language: "ja",
        ..Kept::server(&world.simulator.address())
    }))
    .await?;
    let app = app.named(&JAPANESE);
    world.browser.click(&app.prompt()).await?;
    for step in ["ゆ", "ゆうや", "ゆうやけ", "夕焼け"] {
        let length = step.chars().count();
        let compose = json!({"text": step, "selectionStart": length, "selectionEnd": length});
        cdp.send_raw("Input.imeSetComposition", compose).await?;
        equal(
            "the prompt while composing",
            &app.prompt_text().await?,
            &step.to_owned(),
        )?;
        for kind in ["rawKeyDown", "keyUp"] {
            let key = json!({"type": kind, "key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 229, "modifiers": 2});
            cdp.send_raw("Input.dispatchKeyEvent", key).await?;
        }
    }
    cdp.send_raw("Input.insertText", json!({"text": "夕焼け"}))
        .await?;
    cdp.send_raw("Input.insertText", json!({"text": "の灯台"}))
        .await?;
    equal("the prompt", &app.prompt_text().await?, &PROMPT.to_owned())?;
    app.until_can_generate(true).await
}
