//! The key: where it goes, and where it must not be.

use std::path::Path;
use std::time::Duration;

use simulator::{Config, KeySeen, Script, Simulator};

use crate::app::{App, Billed, Kept, Screen};
use crate::browser::{Browser, Kind, PATIENCE, wait};
use crate::failure::{Context, Result, ensure, equal};
use crate::world::{World, key};

super::stories! {
    "the sweep finds a planted key" => sweep_works,
    "a broken policy, an error and a strange host are noticed" => traces_are_noticed,
    "the key is nowhere after a whole session, and a fresh load needs it again" => session,
    "another address does not get the key" => other_address,
    "addresses that no key may go to are refused" => refused_addresses,
    "links that would send or change something do neither" => phishing,
    "a prompt that holds a key is not sent or kept" => key_in_prompt,
    "the profile on the disk holds no key" => profile,
}

const PROMPT: &str = "a brass key on a table";

async fn sweep_works(world: &World<'_>) -> Result {
    let app = world.app();
    app.open_fresh(None).await?;
    let plant = "const [key] = arguments; return (async () => { \
        localStorage.setItem('planted', JSON.stringify({ a: btoa('x' + key) })); \
        document.body.dataset.planted = key; \
        const database = await new Promise((ok) => { const r = indexedDB.open('planted', 1); \
            r.onupgradeneeded = () => r.result.createObjectStore('rows', { autoIncrement: true }); r.onsuccess = () => ok(r.result); }); \
        const store = database.transaction('rows', 'readwrite').objectStore('rows'); store.add({ deep: [new Blob([key])] }); \
        await new Promise((ok) => { store.transaction.oncomplete = ok; }); database.close(); })()";
    world.browser.script(plant, vec![key().into()]).await?;
    let found = world.sweep(&key()).await?.join("; ");
    for place in [
        "localStorage",
        "DOM body[data-planted]",
        "IndexedDB planted/rows",
    ] {
        ensure(found.contains(place), || {
            format!("the sweep misses {place}: {found}")
        })?;
    }
    app.erase().await
}

/// What every story is checked for is really seen: here the page is made to do it.
async fn traces_are_noticed(world: &World<'_>) -> Result {
    world.app().open_fresh(None).await?;
    world.browser.take_seen().await;
    let body = "new Image().src = 'https://images.example/x.png'; console.error('planted')";
    world.browser.script(body, Vec::new()).await?;
    let seen =
        "const seen = window.seenByStories; return seen.violations.length * seen.errors.length";
    world
        .browser
        .until("nothing is noticed", seen, Vec::new())
        .await?;
    // Chromium's log of requests comes a moment later; Firefox has none of what was blocked.
    let mut all = String::new();
    wait(PATIENCE, async || {
        let seen = world.browser.take_seen().await;
        all.push_str(&format!("{seen:?}"));
        let asked = all.contains("\"https://images.example\"");
        Ok((asked || world.browser.kind == Kind::Firefox).then_some(()))
    })
    .await
    .context(|| "the strange host is not noticed".into())?;
    for part in ["img-src https://images.example", "planted"] {
        ensure(all.contains(part), || format!("“{part}” is not in {all}"))?;
    }
    // The check after this story is not to see it again.
    let forget = "performance.clearResourceTimings()";
    world.browser.script(forget, Vec::new()).await.map(drop)
}

async fn session(world: &World<'_>) -> Result {
    world.simulator.configure(|config| config.key = Some(key()));
    let app = world.app();
    app.open_fresh(None).await?;
    app.connect(&world.simulator.address(), &key()).await?;
    equal(
        "places of the key once entered",
        &world.sweep(&key()).await?,
        &Vec::new(),
    )?;
    app.draw(PROMPT).await?;
    app.until_results(PROMPT, 1).await?;
    app.set_previews("1").await?;
    app.generate().await?;
    app.until_results(PROMPT, 2).await?;
    for error in ["invalid_api_key", "server_error", "html_502"] {
        world.simulator.script(Script::error(error));
        app.generate().await?;
        app.until_jobs(0).await?;
    }
    app.go(Screen::Settings).await?;
    app.go(Screen::Library).await?;
    app.go(Screen::Create).await?;
    equal(
        "places of the key",
        &world.sweep(&key()).await?,
        &Vec::new(),
    )?;
    let bill = world.simulator.bill();
    ensure(
        bill.iter().all(|entry| entry.key == KeySeen::Matched),
        || "a request went without the key".into(),
    )?;
    app.reload().await?;
    equal(
        "places of the key after a reload",
        &world.sweep(&key()).await?,
        &Vec::new(),
    )?;
    app.generate().await?;
    app.until_trouble("", Billed::Nothing).await?;
    let bill = world.simulator.bill();
    let last = bill.last().context(|| "no request".into())?;
    ensure(last.key == KeySeen::Absent || bill.len() == 5, || {
        "the key outlived the reload".into()
    })
}

async fn other_address(world: &World<'_>) -> Result {
    let other =
        Simulator::start(Config::default()).context(|| "starting another simulator".into())?;
    let app = world.app();
    app.open_fresh(None).await?;
    app.connect(&world.simulator.address(), &key()).await?;
    app.go(Screen::Settings).await?;
    app.put_address(&format!("{}/v1", other.address())).await?;
    app.go(Screen::Create).await?;
    app.draw(PROMPT).await?;
    app.until_results(PROMPT, 1).await?;
    equal(
        "the other server's view of the key",
        &other.bill()[0].key,
        &KeySeen::Absent,
    )?;
    equal("requests at the first server", &world.posts(), &0)?;
    app.go(Screen::Settings).await?;
    app.put_address(&format!("{}/v1", world.simulator.address()))
        .await?;
    app.go(Screen::Create).await?;
    app.generate().await?;
    app.until_results(PROMPT, 2).await?;
    equal(
        "the first server's view of the key",
        &world.simulator.bill()[0].key,
        &KeySeen::Present,
    )
}

async fn refused_addresses(world: &World<'_>) -> Result {
    let cases = [
        ("https://images.example/v1", "may not call"),
        ("http://192.168.1.5:8080/v1", "Plain http"),
        ("http://127.0.0.1.images.example/v1", "Plain http"),
        ("http://user@192.168.1.5/v1", ""),
        ("javascript:alert(1)", ""),
        ("not an address", ""),
    ];
    let app = world.app();
    app.open_fresh(Some(Kept {
        provider: "compatible",
        ..Kept::default()
    }))
    .await?;
    let mut failures = Vec::new();
    for (address, says) in cases {
        app.go(Screen::Settings).await?;
        app.put_address(address).await?;
        if app.until_says(says).await.is_err() {
            failures.push(format!("{address} is not refused with “{says}”"));
        }
        app.go(Screen::Create).await?;
        app.draw(PROMPT).await?;
        if let Err(failure) = app
            .until_trouble("The API address cannot be used", Billed::Nothing)
            .await
        {
            failures.push(format!("{address}: {failure}"));
        }
    }
    ensure(failures.is_empty(), || failures.join("\n        "))?;
    equal("requests", &world.posts(), &0)
}

async fn phishing(world: &World<'_>) -> Result {
    let evil =
        Simulator::start(Config::default()).context(|| "starting another simulator".into())?;
    let (there, me) = (evil.address(), world.simulator.address());
    let links = [
        format!("?apiUrl={there}/v1"),
        format!("?apiUrl={there}/v1&apiKey=x#/create"),
        format!("?baseUrl={there}/v1&provider=compatible"),
        format!("?api_base={there}/v1#/settings"),
        format!("#/settings?address={there}/v1&provider=compatible"),
        "#/create?prompt=a%20cat&submit=1".to_owned(),
        "?prompt=a%20cat&submit=1&n=10&quality=high".to_owned(),
        format!("#/create?apiUrl={there}/v1&prompt=x&submit=true"),
        "#/settings/erase".to_owned(),
        format!(
            "?settings=%7B%22provider%22%3A%22compatible%22%2C%22address%22%3A%22{there}%2Fv1%22%7D"
        ),
    ];
    let app = world.app_with_simulator().await?;
    app.put_prompt(PROMPT).await?;
    app.until_can_generate(true).await?;
    let before = app.kept().await?;
    ensure(
        before["address"]
            .as_str()
            .is_some_and(|address| address.starts_with(&me)),
        || format!("settings: {before}"),
    )?;
    for link in &links {
        // From a page that is not the app, so that even a change of the hash alone is a load.
        world.browser.goto("about:blank").await?;
        app.open(link).await?;
        equal("the prompt", &app.prompt_text().await?, &PROMPT.to_owned())
            .context(|| link.clone())?;
        equal("settings", &app.kept().await?, &before).context(|| link.clone())?;
        world
            .nothing_more(0, Duration::from_millis(150))
            .await
            .context(|| link.clone())?;
    }
    equal(
        "requests at the stranger's",
        &(evil.bill().len() + evil.hits().len()),
        &0,
    )
}

async fn key_in_prompt(world: &World<'_>) -> Result {
    let app = world.app_with_simulator().await?;
    app.put_prompt(&format!("draw {}", key())).await?;
    app.until_to_mend("looks like an API key").await?;
    app.until_can_generate(false).await?;
    app.reload().await?;
    equal(
        "the prompt after a reload",
        &app.prompt_text().await?,
        &String::new(),
    )?;
    equal("requests", &world.posts(), &0)
}

/// A browser of its own, closed, and its profile searched.
async fn profile(world: &World<'_>) -> Result {
    world.simulator.configure(|config| config.key = Some(key()));
    let browser = Browser::start(world.options, false).await?;
    let app = App::new(&browser, &world.root.address);
    app.open("").await?;
    app.connect(&world.simulator.address(), &key()).await?;
    app.draw(PROMPT).await?;
    app.until_results(PROMPT, 1).await?;
    let profile = browser.quit().await?;
    let wide: Vec<u8> = key().encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut found = Vec::new();
    let files = search(profile.path(), &[key().into_bytes(), wide], &mut found)?;
    ensure(files > 10, || format!("the profile has {files} files only"))?;
    ensure(found.is_empty(), || format!("the key is in {found:?}"))
}

/// Looks through all files of a directory; gives how many there are.
fn search(directory: &Path, secrets: &[Vec<u8>], found: &mut Vec<String>) -> Result<usize> {
    let mut files = 0;
    for entry in std::fs::read_dir(directory)?.flatten() {
        let path = entry.path();
        if path.is_dir() && !path.is_symlink() {
            files += search(&path, secrets, found)?;
        } else if let Ok(bytes) = std::fs::read(&path) {
            files += 1;
            let holds = |secret: &Vec<u8>| {
                bytes
                    .windows(secret.len())
                    .any(|window| window == &secret[..])
            };
            if secrets.iter().any(holds) {
                found.push(path.display().to_string());
            }
        }
    }
    Ok(files)
}
