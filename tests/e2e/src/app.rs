//! The app as a person meets it: the only file that knows its roles and names.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use crate::browser::{Browser, PATIENCE, Way, wait};
use crate::failure::{Context, Result, ensure};

/// The accessible names, in one language.
#[derive(Debug)]
pub(crate) struct Names {
    pub(crate) tag: &'static str,
    main: &'static str,
    create: &'static str,
    library: &'static str,
    costs: &'static str,
    settings: &'static str,
    prompt: &'static str,
    generate: &'static str,
    estimated_cost: &'static str,
    cost_details: &'static str,
    line_text: &'static str,
    text_is_exact: &'static str,
    results: &'static str,
    details: &'static str,
}

pub(crate) static ENGLISH: Names = Names {
    tag: "en",
    main: "Main",
    create: "Create",
    library: "Library",
    costs: "Costs",
    settings: "Settings",
    prompt: "Prompt",
    generate: "Generate",
    estimated_cost: "Estimated cost",
    cost_details: "Cost details",
    line_text: "Words of the prompt",
    text_is_exact: "Text is counted exactly",
    results: "Results",
    details: "Details",
};

pub(crate) static JAPANESE: Names = Names {
    tag: "ja",
    main: "メイン",
    create: "作成",
    library: "ライブラリ",
    costs: "費用",
    settings: "設定",
    prompt: "プロンプト",
    generate: "生成",
    estimated_cost: "費用の見積もり",
    cost_details: "費用の内訳",
    line_text: "プロンプトの文章",
    text_is_exact: "正確に数えています",
    results: "結果",
    details: "詳細",
};

impl Names {
    pub(crate) fn prompt(&self) -> &'static str {
        self.prompt
    }
}

/// What a notice says about the bill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Billed {
    Nothing,
    Possible,
    Paid,
}

impl Billed {
    fn words(self) -> &'static str {
        match self {
            Self::Nothing => "Nothing was billed.",
            Self::Possible => "It may have been billed",
            Self::Paid => "It was paid.",
        }
    }
}

/// The buttons of a picture.
#[derive(Debug, Clone, Copy)]
pub(crate) enum PictureButton {
    Edit,
    UseAsReference,
    ReuseSettings,
    Download,
    Details,
    Delete,
}

impl PictureButton {
    fn name(self) -> &'static str {
        match self {
            Self::Edit => "Edit",
            Self::UseAsReference => "Use as reference",
            Self::ReuseSettings => "Reuse settings",
            Self::Download => "Download",
            Self::Details => "Details",
            Self::Delete => "Delete",
        }
    }
}

/// The views that are built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Screen {
    Create,
    Library,
    Costs,
    Settings,
}

impl Screen {
    pub(crate) const ALL: [Self; 4] = [Self::Create, Self::Library, Self::Costs, Self::Settings];

    pub(crate) fn hash(self) -> &'static str {
        match self {
            Self::Create => "#/create",
            Self::Library => "#/library",
            Self::Costs => "#/costs",
            Self::Settings => "#/settings",
        }
    }
}

/// A setting with a few options.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Group {
    Quality,
    Size,
    Background,
    Format,
    Moderation,
    InputFidelity,
}

impl Group {
    fn name(self) -> &'static str {
        match self {
            Self::Quality => "Quality",
            Self::Size => "Size",
            Self::Background => "Background",
            Self::Format => "Format",
            Self::Moderation => "Moderation",
            Self::InputFidelity => "Input fidelity",
        }
    }
}

/// What the app keeps over a reload, as it keeps it: for stories that are not about Settings.
#[derive(Debug, Clone)]
pub(crate) struct Kept {
    pub(crate) provider: &'static str,
    pub(crate) address: String,
    pub(crate) language: &'static str,
    pub(crate) theme: &'static str,
    pub(crate) mood: &'static str,
}

impl Default for Kept {
    fn default() -> Self {
        Self {
            provider: "practice",
            address: "http://127.0.0.1:8080/v1".into(),
            language: "en",
            theme: "light",
            mood: "obliging",
        }
    }
}

impl Kept {
    /// Draws with the server at this address.
    pub(crate) fn server(address: &str) -> Self {
        Self {
            provider: "compatible",
            address: format!("{address}/v1"),
            ..Self::default()
        }
    }
}

const COMPARISON: &str = "What else would this cost?";
const ERASE: &str = include_str!("erase.js");
const FORGET_BLOBS: &str = include_str!("forget_blobs.js");
const HAND_IN: &str = include_str!("hand_in.js");
const LAUNCH: &str = include_str!("launch.js");
const STORED: &str = include_str!("stored.js");
const USE_LEARNED: &str = "Use what my bills taught";
const SETTINGS_KEY: &str = "pentimento.settings";

const MASK_CANVAS: [(&str, &str); 2] = [("region", "Mask editor"), ("application", "Canvas")];
const MASK_COVERAGE: [(&str, &str); 1] = [("status", "Mask coverage")];

/// The app in a browser, at the address where it is published.
#[derive(Clone, Copy)]
pub(crate) struct App<'a> {
    pub(crate) browser: &'a Browser,
    /// Ends in `/`.
    pub(crate) address: &'a str,
    pub(crate) names: &'static Names,
}

impl<'a> App<'a> {
    pub(crate) fn new(browser: &'a Browser, address: &'a str) -> Self {
        Self {
            browser,
            address,
            names: &ENGLISH,
        }
    }

    pub(crate) fn named(self, names: &'static Names) -> Self {
        Self { names, ..self }
    }

    /// Erases all that the app keeps in this browser: from a page of its origin that is not the app.
    pub(crate) async fn erase(self) -> Result {
        self.browser
            .goto(&format!("{}no-such-page", self.address))
            .await?;
        self.browser
            .script(ERASE, Vec::new())
            .await
            .map(drop)
            .context(|| "erasing what the app keeps".into())
    }

    /// Starts from nothing, with these settings, where there are any.
    pub(crate) async fn open_fresh(self, kept: Option<Kept>) -> Result {
        self.erase().await?;
        if let Some(kept) = kept {
            self.keep(&kept).await?;
        }
        self.open("").await
    }

    /// Writes settings as the app does, for its next start.
    pub(crate) async fn keep(self, kept: &Kept) -> Result {
        let Kept {
            provider,
            address,
            language,
            theme,
            mood,
        } = kept;
        let settings = json!({"provider": provider, "address": address, "language": language, "theme": theme, "mood": mood});
        let body = "localStorage.setItem(arguments[0], JSON.stringify(arguments[1]))";
        self.browser
            .script(body, vec![json!(SETTINGS_KEY), settings])
            .await
            .map(drop)
    }

    /// The settings as the app keeps them.
    pub(crate) async fn kept(self) -> Result<Value> {
        let body = "return JSON.parse(localStorage.getItem(arguments[0]))";
        self.browser.script(body, vec![json!(SETTINGS_KEY)]).await
    }

    /// Opens the app; what is given follows its address.
    pub(crate) async fn open(self, rest: &str) -> Result {
        self.browser
            .goto(&format!("{}{rest}", self.address))
            .await?;
        self.until_ready().await
    }

    pub(crate) async fn reload(self) -> Result {
        self.browser.reload().await?;
        self.until_ready().await
    }

    /// The app says so on its root element.
    pub(crate) async fn until_ready(self) -> Result {
        let body = "return document.documentElement.hasAttribute('data-ready')";
        self.browser
            .until("the app does not start", body, Vec::new())
            .await
            .map(drop)
    }

    pub(crate) async fn go(self, screen: Screen) -> Result {
        let name = match screen {
            Screen::Create => self.names.create,
            Screen::Library => self.names.library,
            Screen::Costs => self.names.costs,
            Screen::Settings => self.names.settings,
        };
        self.browser
            .click(&[("navigation", self.names.main), ("link", name)])
            .await?;
        self.browser
            .until(
                "the address does not follow",
                "return location.hash === arguments[0]",
                vec![json!(screen.hash())],
            )
            .await
            .map(drop)
    }

    // the composer

    pub(crate) fn prompt(self) -> [(&'static str, &'static str); 1] {
        [("textbox", self.names.prompt)]
    }

    pub(crate) async fn type_prompt(self, text: &str) -> Result {
        self.browser.type_into(&self.prompt(), text).await
    }

    /// The whole text at once, in place of what is there.
    pub(crate) async fn put_prompt(self, text: &str) -> Result {
        self.browser.put_into(&self.prompt(), text).await
    }

    pub(crate) async fn prompt_text(self) -> Result<String> {
        // Also while another screen is in front: then it is there for nobody, and kept all the same.
        let body = "return [...document.querySelectorAll('textarea')].find((e) => nameOf(e) === arguments[0])?.value ?? null";
        let found = self
            .browser
            .script(body, vec![json!(self.names.prompt)])
            .await?;
        found
            .as_str()
            .map(str::to_owned)
            .context(|| "there is no prompt".into())
    }

    pub(crate) async fn price(self) -> Result<String> {
        self.browser
            .text(&[("status", self.names.estimated_cost)])
            .await
    }

    /// Waits until the price shows something else.
    pub(crate) async fn price_other_than(self, before: &str) -> Result<String> {
        let changed = wait(PATIENCE, || async {
            let price = self.price().await?;
            Ok((price != before).then_some(price))
        });
        changed
            .await
            .context(|| format!("the price stays {before}"))
    }

    fn generate_button(self) -> [(&'static str, &'static str); 1] {
        [("button", self.names.generate)]
    }

    pub(crate) async fn generate(self) -> Result {
        self.until_can_generate(true).await?;
        self.browser.click(&self.generate_button()).await
    }

    /// Presses Generate so many times in a row. Before the rest of the app has come, it takes one press.
    pub(crate) async fn press_generate(self, times: u64) -> Result {
        let has_come = "return !!document.querySelector('#composer-images > *')";
        self.browser
            .until("the rest has not come", has_come, Vec::new())
            .await?;
        self.until_can_generate(true).await?;
        let body = format!("for (let n = 0; n < {times}; n += 1) found[0].click()");
        let way = self.generate_button();
        self.browser.script_at(&way, &body).await.map(drop)
    }

    /// Presses it as a person does who is used to double clicks.
    pub(crate) async fn double_click_generate(self) -> Result {
        self.until_can_generate(true).await?;
        let button = self.browser.find(&self.generate_button()).await?;
        let hand = self.browser.driver().action_chain();
        Ok(hand.double_click_element(&button).perform().await?)
    }

    /// Holds Enter down on it. In Chromium: drivers repeat no key.
    pub(crate) async fn hold_enter_on_generate(self) -> Result {
        self.until_can_generate(true).await?;
        let cdp = self.browser.cdp().context(|| "it is not Chromium".into())?;
        let focus = "found[0].focus()";
        self.browser
            .script_at(&self.generate_button(), focus)
            .await?;
        for n in 0..12 {
            let down = json!({"type": "keyDown", "key": "Enter", "code": "Enter", "text": "\r", "windowsVirtualKeyCode": 13, "autoRepeat": n > 0});
            cdp.send_raw("Input.dispatchKeyEvent", down).await?;
        }
        let up =
            json!({"type": "keyUp", "key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13});
        cdp.send_raw("Input.dispatchKeyEvent", up).await?;
        Ok(())
    }

    pub(crate) async fn can_generate(self) -> Result<bool> {
        self.browser.find(&self.generate_button()).await?;
        let found = self
            .browser
            .script_at(&self.generate_button(), "return !found[0].disabled")
            .await?;
        Ok(found.as_bool().unwrap_or_default())
    }

    pub(crate) async fn until_can_generate(self, wanted: bool) -> Result {
        wait(PATIENCE, || async {
            Ok((self.can_generate().await? == wanted).then_some(()))
        })
        .await
        .context(|| {
            format!(
                "Generate can{} be pressed",
                if wanted { " not" } else { "" }
            )
        })
    }

    /// Types a prompt and presses Generate.
    pub(crate) async fn draw(self, prompt: &str) -> Result {
        self.put_prompt(prompt).await?;
        self.generate().await
    }

    pub(crate) async fn show_cost_details(self) -> Result {
        self.browser
            .click(&[("button", self.names.cost_details)])
            .await
    }

    /// Which settings the table of other prices varies.
    pub(crate) async fn compare(self, scope: &str) -> Result {
        let name = format!("*{scope}");
        let way = [("radiogroup", "Compare"), ("radio", name.as_str())];
        self.browser.find(&way).await?;
        let label = "(found[0].labels?.[0] ?? found[0]).click()";
        self.browser.script_at(&way, label).await.map(drop)
    }

    /// The price in the row of that name in the table of other prices.
    pub(crate) async fn compared_price(self, row: &str) -> Result<String> {
        let button = format!("*{row}");
        let way = [("table", COMPARISON), ("button", button.as_str())];
        self.browser.find(&way).await?;
        let cell =
            "return found[0].closest('tr').querySelector('td').firstChild.textContent.trim()";
        let found = self.browser.script_at(&way, cell).await?;
        Ok(found.as_str().unwrap_or_default().to_owned())
    }

    /// Presses Use in a row of the table of other prices.
    pub(crate) async fn use_row(self, row: &str) -> Result {
        let button = format!("Use {row}");
        self.browser
            .click(&[("table", COMPARISON), ("button", button.as_str())])
            .await
    }

    /// The row that is marked as the present one.
    pub(crate) async fn row_in_use(self) -> Result<String> {
        self.browser
            .text(&[("table", COMPARISON), ("button", "*In use")])
            .await?;
        let body = "return nameOf(document.querySelector('tr[aria-current] button'))";
        let found = self.browser.script(body, Vec::new()).await?;
        Ok(found.as_str().unwrap_or_default().to_owned())
    }

    pub(crate) async fn press_button(self, part_of_name: &str) -> Result {
        let name = format!("*{part_of_name}");
        self.browser.click(&[("button", name.as_str())]).await
    }

    /// The chosen model and the ids that the list offers.
    pub(crate) async fn models(self) -> Result<(String, Vec<String>)> {
        let way = [("combobox", "Model")];
        self.browser.find(&way).await?;
        let body = "return [found[0].value, [...found[0].options].map((option) => option.value)]";
        let found = self.browser.script_at(&way, body).await?;
        let offered = found[1].as_array().into_iter().flatten();
        Ok((
            found[0].as_str().unwrap_or_default().to_owned(),
            offered
                .filter_map(|id| id.as_str().map(str::to_owned))
                .collect(),
        ))
    }

    /// Waits until the list of models stands on that one: what is kept comes with the rest of the app.
    pub(crate) async fn until_model(self, id: &str) -> Result {
        let chosen = wait(PATIENCE, || async {
            let (chosen, _) = self.models().await?;
            Ok((chosen == id).then_some(()))
        });
        chosen
            .await
            .context(|| format!("the list of models does not stand on {id}"))
    }

    /// Waits for the token table. Patiently: the first time, the server packs it for some seconds.
    pub(crate) async fn until_counts_exactly(self) -> Result {
        let body = "return document.body.innerText.includes(arguments[0])";
        let says = vec![json!(self.names.text_is_exact)];
        self.browser
            .until_within(PATIENCE * 6, "text is not counted exactly", body, says)
            .await
            .map(drop)
    }

    /// The tokens of the prompt, as the cost details show them.
    pub(crate) async fn text_tokens(self) -> Result<String> {
        let body = "return [...document.querySelectorAll('tr')].find((row) => row.innerText.includes(arguments[0]))?.querySelector('td')?.innerText ?? null";
        let found = self
            .browser
            .script(body, vec![json!(self.names.line_text)])
            .await?;
        found
            .as_str()
            .map(str::to_owned)
            .context(|| "the cost details have no line for the text".into())
    }

    /// Opens what is folded away, so that every control is there.
    pub(crate) async fn show_more_settings(self) -> Result {
        let body = "const folded = document.querySelectorAll('#composer-settings details'); \
            for (const e of folded) if (!e.open) e.querySelector('summary').click(); return folded.length || null";
        self.browser
            .until("there are no more settings", body, Vec::new())
            .await
            .map(drop)
    }

    pub(crate) async fn choose(self, group: Group, value: &str) -> Result {
        let name = format!("*{value}");
        let way = [("radiogroup", group.name()), ("radio", name.as_str())];
        self.browser.find(&way).await?;
        // A radio button may be drawn by its label: that is what a person presses.
        let label =
            "const radio = found[0]; (radio.labels?.[0] ?? radio).click(); return radio.checked";
        let chosen = self.browser.script_at(&way, label).await?;
        ensure(chosen == json!(true), || {
            format!("{value} of {} is not chosen", group.name())
        })
    }

    /// Chooses an option of a group in Settings, by its label.
    pub(crate) async fn choose_option(self, group: &str, label: &str) -> Result {
        let way = [("radiogroup", group), ("radio", label)];
        self.browser.find(&way).await?;
        let press = "(found[0].labels?.[0] ?? found[0]).click()";
        self.browser.script_at(&way, press).await.map(drop)
    }

    /// The options of a group, by their names.
    pub(crate) async fn options(self, group: Group) -> Result<Vec<String>> {
        let way = [("radiogroup", group.name()), ("radio", "")];
        let found = self
            .browser
            .script_at(&way, "return found.map(nameOf)")
            .await?;
        Ok(found
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|name| name.as_str().map(str::to_owned))
            .collect())
    }

    pub(crate) async fn choose_model(self, id: &str) -> Result {
        self.select("Model", id).await
    }

    /// A model that is in no list.
    pub(crate) async fn type_model(self, id: &str) -> Result {
        self.select("Model", "other").await?;
        self.browser.put_into(&[("textbox", "Model id")], id).await
    }

    /// The name in the field for models that are in no list.
    pub(crate) async fn typed_model(self) -> Result<String> {
        let way = [("textbox", "Model id")];
        self.browser.find(&way).await?;
        let found = self
            .browser
            .script_at(&way, "return found[0].value")
            .await?;
        Ok(found.as_str().unwrap_or_default().to_owned())
    }

    pub(crate) async fn select(self, name: &str, value: &str) -> Result {
        let way = [("combobox", name)];
        self.browser.find(&way).await?;
        let body = "const [box] = findAll(arguments[0]); box.focus(); box.value = arguments[1]; \
            box.dispatchEvent(new Event('input', { bubbles: true })); box.dispatchEvent(new Event('change', { bubbles: true })); \
            return box.value";
        let chosen = self
            .browser
            .script(body, vec![json!([["combobox", name]]), json!(value)])
            .await?;
        ensure(chosen == json!(value), || format!("{name} has no {value}"))
    }

    pub(crate) async fn set_count(self, n: &str) -> Result {
        self.browser
            .put_into(&[("spinbutton", "Number of images")], n)
            .await
    }

    pub(crate) async fn set_previews(self, n: &str) -> Result {
        self.show_more_settings().await?;
        self.browser
            .put_into(&[("spinbutton", "Partial previews")], n)
            .await
    }

    pub(crate) async fn set_custom_size(self, width: &str, height: &str) -> Result {
        self.choose(Group::Size, "Custom size").await?;
        self.browser
            .put_into(&[("spinbutton", "Width")], width)
            .await?;
        self.browser
            .put_into(&[("spinbutton", "Height")], height)
            .await
    }

    /// What is wrong with the request.
    pub(crate) async fn to_mend(self) -> Result<String> {
        // Empty, it takes no room and is not there for anybody.
        let body = "return [...document.querySelectorAll('ul, [role=status]')].find((e) => nameOf(e) === 'To mend before sending')?.innerText ?? ''";
        let found = self.browser.script(body, Vec::new()).await?;
        Ok(found.as_str().unwrap_or_default().to_owned())
    }

    pub(crate) async fn until_to_mend(self, part: &str) -> Result<String> {
        wait(PATIENCE, || async {
            Ok(Some(self.to_mend().await?).filter(|text| text.contains(part)))
        })
        .await
        .context(|| format!("nothing says “{part}” beside Generate"))
    }

    /// Presses the button that mends the size, and gives its name.
    pub(crate) async fn use_nearest_size(self) -> Result<String> {
        let name = self.browser.text(&[("button", "*Use ")]).await?;
        self.browser.click(&[("button", "*Use ")]).await?;
        Ok(name)
    }

    pub(crate) async fn until_says(self, text: &str) -> Result {
        let body = "return document.body.innerText.includes(arguments[0])";
        self.browser
            .until(
                &format!("the page does not say “{text}”"),
                body,
                vec![json!(text)],
            )
            .await
            .map(drop)
    }

    pub(crate) async fn until_says_no_more(self, text: &str) -> Result {
        let body = "return !document.body.innerText.includes(arguments[0])";
        self.browser
            .until(
                &format!("the page still says “{text}”"),
                body,
                vec![json!(text)],
            )
            .await
            .map(drop)
    }

    // the mask editor

    /// Where a point of the canvas is on the page, both in parts of its width and height.
    async fn on_mask(self, point: (f64, f64)) -> Result<(f64, f64)> {
        let body =
            "const r = found[0].getBoundingClientRect(); return [r.left, r.top, r.width, r.height]";
        let found = self.browser.script_at(&MASK_CANVAS, body).await?;
        let number = |at: usize| found[at].as_f64().unwrap_or_default();
        Ok((
            number(0) + number(2) * point.0,
            number(1) + number(3) * point.1,
        ))
    }

    /// Presses at a point of the picture on the canvas, goes to another and lets go, as a mouse does.
    pub(crate) async fn drag_on_mask(self, from: (f64, f64), to: (f64, f64)) -> Result {
        self.browser
            .script_at(
                &MASK_CANVAS,
                "found[0].scrollIntoView({ block: 'nearest' })",
            )
            .await?;
        let (from, to) = (self.on_mask(from).await?, self.on_mask(to).await?);
        let middle = (f64::midpoint(from.0, to.0), f64::midpoint(from.1, to.1));
        let whole = |point: (f64, f64)| (point.0.round() as i64, point.1.round() as i64);
        let mut hand = self.browser.driver().action_chain();
        hand = hand.move_to(whole(from).0, whole(from).1).click_and_hold();
        for point in [middle, to] {
            hand = hand.move_to(whole(point).0, whole(point).1);
        }
        hand.release().perform().await?;
        Ok(())
    }

    /// Fingers that come down together, go their ways together, and go up. Only where the browser has such a protocol.
    pub(crate) async fn touch_mask(self, fingers: &[&[(f64, f64)]]) -> Result {
        self.browser
            .script_at(
                &MASK_CANVAS,
                "found[0].scrollIntoView({ block: 'nearest' })",
            )
            .await?;
        let cdp = self.browser.cdp().context(|| "no touch".into())?;
        let steps = fingers
            .iter()
            .map(|way| way.len())
            .max()
            .unwrap_or_default();
        for step in 0..steps {
            let mut points = Vec::new();
            for (id, way) in fingers.iter().enumerate() {
                let at = way.get(step).or(way.last()).copied().unwrap_or_default();
                let (x, y) = self.on_mask(at).await?;
                points.push(json!({"x": x, "y": y, "id": id}));
            }
            let kind = if step == 0 { "touchStart" } else { "touchMove" };
            let touch = json!({"type": kind, "touchPoints": points});
            cdp.send_raw("Input.dispatchTouchEvent", touch).await?;
        }
        let up = json!({"type": "touchEnd", "touchPoints": []});
        cdp.send_raw("Input.dispatchTouchEvent", up).await?;
        Ok(())
    }

    /// Drags with the right button and Alt. Only where the browser has such a protocol.
    pub(crate) async fn resize_brush(self, from: (f64, f64), to: (f64, f64)) -> Result {
        let cdp = self.browser.cdp().context(|| "no such mouse".into())?;
        let (from, to) = (self.on_mask(from).await?, self.on_mask(to).await?);
        let middle = (f64::midpoint(from.0, to.0), f64::midpoint(from.1, to.1));
        let acts = [
            ("mousePressed", from),
            ("mouseMoved", middle),
            ("mouseMoved", to),
            ("mouseReleased", to),
        ];
        for (kind, (x, y)) in acts {
            let act = json!({"type": kind, "x": x, "y": y, "button": "right", "buttons": 2, "modifiers": 1, "clickCount": 1});
            cdp.send_raw("Input.dispatchMouseEvent", act).await?;
        }
        Ok(())
    }

    /// What a slider of the mask editor says it is set to.
    pub(crate) async fn setting(self, name: &str) -> Result<String> {
        let way = [("region", "Mask editor"), ("slider", name)];
        self.browser.find(&way).await?;
        let body = "return found[0].getAttribute('aria-valuetext')";
        let said = self.browser.script_at(&way, body).await?;
        Ok(said.as_str().unwrap_or_default().to_owned())
    }

    pub(crate) async fn setting_other_than(self, name: &str, before: &str) -> Result<String> {
        let changed = wait(PATIENCE, || async {
            let said = self.setting(name).await?;
            Ok((said != before).then_some(said))
        });
        changed.await.context(|| format!("{name} stays {before}"))
    }

    pub(crate) async fn type_on_mask(self, keys: &str) -> Result {
        self.browser.type_into(&MASK_CANVAS, keys).await
    }

    pub(crate) async fn type_on_button(self, name: &str, keys: &str) -> Result {
        self.browser.type_into(&[("button", name)], keys).await
    }

    pub(crate) async fn choose_mask_tool(self, name: &str) -> Result {
        let way = [("toolbar", "Mask tools"), ("radio", name)];
        self.browser.find(&way).await?;
        self.browser.script_at(&way, "found[0].click()").await?;
        let is_chosen = wait(PATIENCE, || async {
            let chosen = self
                .browser
                .script_at(&way, "return found[0].checked")
                .await?;
            Ok((chosen == json!(true)).then_some(()))
        });
        is_chosen.await.context(|| format!("{name} is not taken"))
    }

    pub(crate) async fn mask_coverage(self) -> Result<String> {
        self.browser.text(&MASK_COVERAGE).await
    }

    pub(crate) async fn mask_coverage_other_than(self, before: &str) -> Result<String> {
        let changed = wait(PATIENCE, || async {
            let text = self.mask_coverage().await?;
            Ok((text != before).then_some(text))
        });
        changed.await.context(|| format!("it stays: {before}"))
    }

    /// In percent.
    pub(crate) async fn mask_zoom(self) -> Result<u64> {
        let body = "return parseInt(document.querySelector('.mask-zoom').textContent)";
        let zoom = self.browser.script(body, Vec::new()).await?;
        Ok(zoom.as_u64().unwrap_or_default())
    }

    pub(crate) async fn until_mask_zoom(self, percent: u64) -> Result {
        let is_there = wait(PATIENCE, || async {
            Ok((self.mask_zoom().await? == percent).then_some(()))
        });
        is_there.await.context(|| format!("not {percent} %"))
    }

    /// By what the button says, and by what of the mask is on the screen. A ring of the brush stays there.
    pub(crate) async fn until_mask_is_hidden(self, wanted: bool) -> Result {
        let body = "const canvas = document.querySelector('.mask-tint'); \
            const all = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data; \
            let pink = 0; \
            for (let at = 0; at < all.length; at += 4) pink += all[at + 3] > 100 && all[at] > 200 && all[at + 1] < 80; \
            const [button] = findAll([['button', 'Hide mask']]); \
            const says = button?.getAttribute('aria-pressed') === 'true'; \
            return says === arguments[0] && (pink < 50) === arguments[0]";
        self.browser
            .until("the mask is not as it should be", body, vec![json!(wanted)])
            .await
            .map(drop)
    }

    /// Whether much of it is masked by half, by what is on the screen. A ring of the brush counts too.
    pub(crate) async fn until_mask_is_soft(self, wanted: bool) -> Result {
        let body = "const canvas = document.querySelector('.mask-tint'); \
            const all = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data; \
            let soft = 0; \
            for (let at = 3; at < all.length; at += 4) soft += all[at] > 20 && all[at] < 120; \
            return (soft > 2000) === arguments[0]";
        self.browser
            .until(
                "the edges are not as they should be",
                body,
                vec![json!(wanted)],
            )
            .await
            .map(drop)
    }

    /// Clicks with Ctrl and Space held, or with Alt too.
    pub(crate) async fn zoom_by_click(self, at: (f64, f64), out: bool) -> Result {
        let focus = "found[0].scrollIntoView({ block: 'nearest' }); found[0].focus()";
        self.browser.script_at(&MASK_CANVAS, focus).await?;
        let at = self.on_mask(at).await?;
        let keys: &[char] = if out {
            &['\u{E009}', '\u{E00A}', ' ']
        } else {
            &['\u{E009}', ' ']
        };
        let mut hand = self.browser.driver().action_chain();
        for key in keys {
            hand = hand.key_down(*key);
        }
        hand = hand.move_to(at.0.round() as i64, at.1.round() as i64);
        hand = hand.click();
        for key in keys.iter().rev() {
            hand = hand.key_up(*key);
        }
        hand.perform().await?;
        Ok(())
    }

    /// Drags with Ctrl and the middle button, by so many pixels of the page: 245 are 240 and the five that only begin it. Only where the
    /// browser has such a protocol.
    pub(crate) async fn zoom_by_drag(self, from: (f64, f64), by: (i32, i32)) -> Result {
        let cdp = self.browser.cdp().context(|| "no such mouse".into())?;
        let (x, y) = self.on_mask(from).await?;
        let (dx, dy) = (f64::from(by.0), f64::from(by.1));
        let begun = (x + dx / 49.0, y + dy / 49.0);
        let acts = [
            ("mousePressed", (x, y)),
            ("mouseMoved", begun),
            ("mouseMoved", (x + dx / 2.0, y + dy / 2.0)),
            ("mouseMoved", (x + dx, y + dy)),
            ("mouseReleased", (x + dx, y + dy)),
        ];
        for (kind, (x, y)) in acts {
            let act = json!({"type": kind, "x": x, "y": y, "button": "middle", "buttons": 4, "modifiers": 2, "clickCount": 1});
            cdp.send_raw("Input.dispatchMouseEvent", act).await?;
        }
        Ok(())
    }

    /// Whether the mask is at a point of the canvas, by what is on the screen.
    pub(crate) async fn until_mask_at(self, at: (f64, f64), wanted: bool) -> Result {
        let body = "const canvas = document.querySelector('.mask-tint'); \
            const [x, y] = [canvas.width * arguments[0], canvas.height * arguments[1]]; \
            const [,,, alpha] = canvas.getContext('2d').getImageData(x, y, 1, 1).data; \
            return (alpha > 100) === arguments[2]";
        let arguments = vec![json!(at.0), json!(at.1), json!(wanted)];
        self.browser
            .until("the mask is not where it should be", body, arguments)
            .await
            .map(drop)
    }

    /// Puts the mouse there, with nothing pressed.
    pub(crate) async fn point_at_mask(self, at: (f64, f64)) -> Result {
        let seen = "found[0].scrollIntoView({ block: 'nearest' })";
        self.browser.script_at(&MASK_CANVAS, seen).await?;
        let (x, y) = self.on_mask(at).await?;
        let hand = self.browser.driver().action_chain();
        // From another place: what does not move says nothing.
        let hand = hand.move_to(x as i64 - 9, y as i64 - 9);
        hand.move_to(x as i64, y as i64).perform().await?;
        Ok(())
    }

    /// How wide the ring of the brush is, in pixels of the canvas: all that is painted on it, where no more is masked.
    pub(crate) async fn until_ring(self, wanted: u32) -> Result {
        let body = "const canvas = document.querySelector('.mask-tint'); \
            const all = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data; \
            let [left, right] = [canvas.width, 0]; \
            for (let at = 3; at < all.length; at += 4) if (all[at]) { \
                const x = (at >> 2) % canvas.width; left = Math.min(left, x); right = Math.max(right, x); } \
            return Math.abs(right - left - arguments[0]) <= 6";
        self.browser
            .until("the ring has another size", body, vec![json!(wanted)])
            .await
            .map(drop)
    }

    /// In any language.
    pub(crate) async fn open_mask_editor(self) -> Result {
        let body = "const [button] = document.querySelectorAll('.image-mask button'); button?.click(); return !!button || null";
        self.browser
            .until("no mask can be drawn", body, Vec::new())
            .await?;
        let drawn = "return document.querySelector('.mask-stage img')?.complete || null";
        self.browser
            .until("the mask editor does not open", drawn, Vec::new())
            .await
            .map(drop)
    }

    /// Opens what is folded up in the mask editor.
    pub(crate) async fn show_mask_details(self) -> Result {
        let body =
            "document.querySelectorAll('.mask-editor details').forEach((e) => { e.open = true })";
        self.browser.script(body, Vec::new()).await.map(drop)
    }

    /// Opens or closes the list of shortcuts, in any language.
    pub(crate) async fn show_shortcuts(self, open: bool) -> Result {
        let press = "document.querySelector(arguments[0] ? '.mask-whole > .link' : '.mask-help button').click()";
        self.browser.script(press, vec![json!(open)]).await?;
        let body = "return document.querySelector('.mask-help').open === arguments[0]";
        self.browser
            .until("the shortcuts stay", body, vec![json!(open)])
            .await
            .map(drop)
    }

    pub(crate) async fn close_mask_editor(self) -> Result {
        let press = "document.querySelector('.mask-head .primary').click()";
        self.browser.script(press, Vec::new()).await?;
        let body = "return !document.querySelector('.mask-editor') || null";
        self.browser
            .until("the mask editor stays open", body, Vec::new())
            .await
            .map(drop)
    }

    pub(crate) async fn give_mask(self, path: &Path) -> Result {
        let field = "return document.querySelector('.mask-editor input[type=file]')";
        self.browser.give_file(field, path).await
    }

    // images of the request

    /// Chooses files as the browser's own dialogue does, all at once.
    pub(crate) async fn add_images(self, paths: &[&Path]) -> Result {
        self.browser.find(&[("button", "Add images")]).await?;
        let field = "return document.querySelector('#composer input[type=file]')";
        let paths: Vec<_> = paths.iter().map(|path| path.to_string_lossy()).collect();
        self.browser
            .give_file(field, Path::new(&paths.join("\n")))
            .await
    }

    /// Drops or pastes files, with a text where there is one; gives whether the app took them.
    pub(crate) async fn hand_in(
        self,
        way: &str,
        files: &[(&str, &[u8])],
        text: Option<&str>,
    ) -> Result<bool> {
        if way == "paste" {
            // What is dropped early is held until the app can take it; what is pasted is not.
            self.browser.find(&[("button", "Add images")]).await?;
        }
        let arguments = vec![json!(way), json!(files), json!(text)];
        let taken = self.browser.script(HAND_IN, arguments).await?;
        Ok(taken.as_bool().unwrap_or_default())
    }

    /// The texts of the images of the request, in order.
    pub(crate) async fn images(self) -> Result<Vec<String>> {
        let body = "return findAll([['list', 'Images'], ['listitem', null]]).map((e) => e.innerText.replace(/\\s+/g, ' ').trim())";
        let found = self.browser.script(body, Vec::new()).await?;
        let texts = found.as_array().into_iter().flatten();
        Ok(texts
            .filter_map(|text| text.as_str().map(str::to_owned))
            .collect())
    }

    /// Waits until there are these images and no others: of each a part of its text, in order; and their pictures are shown.
    pub(crate) async fn until_images(self, parts: &[&str]) -> Result {
        let reached = wait(PATIENCE, || async {
            let texts = self.images().await?;
            let fits = |(text, part): (&String, &&str)| text.contains(*part);
            let all = texts.len() == parts.len() && texts.iter().zip(parts).all(fits);
            Ok(all.then_some(()))
        })
        .await;
        if reached.is_err() {
            let found = self.images().await?;
            reached.context(|| format!("the images are {found:?}, not {parts:?}"))?;
        }
        let body = "return [...document.querySelectorAll('#composer li img')].every((e) => e.complete && e.naturalWidth > 0)";
        self.browser
            .until("an image of the request is not shown", body, Vec::new())
            .await
            .map(drop)
    }

    /// Waits for so many images of the request, and for so many hints on the prompt, in whatever language.
    pub(crate) async fn until_images_shown(self, wanted: usize) -> Result {
        self.until_items("#composer-images .images > li", wanted)
            .await
    }

    pub(crate) async fn until_hints(self, wanted: usize) -> Result {
        self.until_items("#composer-images .hints > li", wanted)
            .await
    }

    async fn until_items(self, selector: &str, wanted: usize) -> Result {
        self.browser
            .until(
                &format!("there are not {wanted} × {selector}"),
                "return document.querySelectorAll(arguments[0]).length === arguments[1]",
                vec![json!(selector), json!(wanted)],
            )
            .await
            .map(drop)
    }

    /// Presses a button of an image, told by its number from 1 on.
    pub(crate) async fn press_on_image(self, number: usize, button: &str) -> Result {
        let way = [("list", "Images"), ("listitem", ""), ("button", button)];
        self.browser.find(&way).await?;
        let body = format!("found[{}].focus(); found[{0}].click()", number - 1);
        self.browser.script_at(&way, &body).await.map(drop)
    }

    /// The image, told by its number, whose button of that name has the focus.
    pub(crate) async fn until_focus_on_image(self, number: usize, button: &str) -> Result {
        let body = "const buttons = findAll([['list', 'Images'], ['listitem', null], ['button', arguments[1]]]); \
            return buttons[arguments[0] - 1] === document.activeElement";
        self.browser
            .until(
                &format!("“{button}” of image {number} has not the focus"),
                body,
                vec![json!(number), json!(button)],
            )
            .await
            .map(drop)
    }

    pub(crate) async fn press_helper(self, name: &str) -> Result {
        self.browser
            .click(&[("group", "Edit helpers"), ("button", name)])
            .await
    }

    /// The request as it is kept over a reload.
    pub(crate) async fn draft(self) -> Result<Value> {
        let body = "return JSON.parse(localStorage.getItem('pentimento.draft'))";
        self.browser.script(body, Vec::new()).await
    }

    /// Waits until the draft on disk has so many images.
    pub(crate) async fn until_draft_has_images(self, wanted: usize) -> Result<Value> {
        wait(PATIENCE, || async {
            let draft = self.draft().await?;
            let images = draft["images"].as_array().map_or(0, Vec::len);
            Ok((images == wanted).then_some(draft))
        })
        .await
        .context(|| format!("the draft does not come to {wanted} images"))
    }

    /// The colour of a result near its top left corner.
    pub(crate) async fn corner_of_result(self, prompt: &str) -> Result<Vec<u64>> {
        let body = "const image = findAll(arguments[0])[0].querySelector('img'); \
            const canvas = new OffscreenCanvas(8, 8); const context = canvas.getContext('2d'); \
            context.drawImage(image, 0, 0, 8, 8); return [...context.getImageData(0, 0, 1, 1).data]";
        let way: Value = [("list", self.names.results), ("article", prompt)]
            .iter()
            .map(|(role, name)| json!([role, name]))
            .collect();
        let found = self.browser.script(body, vec![way]).await?;
        let channels = found.as_array().into_iter().flatten();
        Ok(channels.filter_map(Value::as_u64).collect())
    }

    /// Takes every stored picture away, behind the app's back.
    pub(crate) async fn forget_blobs(self) -> Result {
        self.browser
            .script(FORGET_BLOBS, Vec::new())
            .await
            .map(drop)
    }

    // jobs and results

    fn in_results(self, prompt: &'a str) -> [(&'a str, &'a str); 2] {
        [("list", self.names.results), ("article", prompt)]
    }

    /// Waits for so many results of that prompt, each with its picture decoded.
    pub(crate) async fn until_results(self, prompt: &str, wanted: usize) -> Result {
        self.until_results_within(PATIENCE, prompt, wanted).await
    }

    pub(crate) async fn until_results_within(
        self,
        patience: Duration,
        prompt: &str,
        wanted: usize,
    ) -> Result {
        let body = "const found = findAll(arguments[0]); \
            const images = found.map((e) => e.querySelector('img')); \
            images.forEach((e) => { if (e) e.loading = 'eager' }); \
            return found.length === arguments[1] && images.every((e) => e?.complete && e.naturalWidth > 0 && e.alt === arguments[2])";
        let way: Value = self
            .in_results(prompt)
            .iter()
            .map(|(role, name)| json!([role, name]))
            .collect();
        let what = format!(
            "{wanted} results of “{}”",
            prompt.chars().take(40).collect::<String>()
        );
        let reached = self
            .browser
            .until_within(
                patience,
                &what,
                body,
                vec![way, json!(wanted), json!(prompt)],
            )
            .await;
        reached.map(drop)
    }

    pub(crate) async fn results(self) -> Result<usize> {
        self.browser
            .count(&[("list", self.names.results), ("article", "")])
            .await
    }

    pub(crate) async fn press(self, prompt: &str, button: PictureButton) -> Result {
        let [list, article] = self.in_results(prompt);
        self.browser
            .click(&[list, article, ("button", button.name())])
            .await
    }

    /// Opens the details of the newest result, in the language of the page.
    pub(crate) async fn show_details(self) -> Result {
        self.browser
            .click(&[
                ("list", self.names.results),
                ("article", ""),
                ("button", self.names.details),
            ])
            .await
    }

    pub(crate) async fn until_in_library(self, prompt: &str, wanted: usize) -> Result {
        // A grid of pictures, or a list of them.
        let body = "const names = arguments[0]; return ['list', 'grid'].some((role) => \
            findAll([[role, names[0]], ['article', names[1]]]).length === names[2])";
        let names = json!([self.names.library, prompt, wanted]);
        self.browser
            .until(
                &format!("{wanted} × “{prompt}” in the library"),
                body,
                vec![names],
            )
            .await
            .map(drop)
    }

    /// Nothing runs, in whatever language.
    pub(crate) async fn until_jobs_none(self) -> Result {
        let body = "return !findAll([['article', null], ['progressbar', null]]).length";
        self.browser
            .until("a job runs", body, Vec::new())
            .await
            .map(drop)
    }

    pub(crate) async fn until_jobs(self, wanted: usize) -> Result {
        self.browser
            .until_count(&[("list", "Running"), ("article", "")], wanted)
            .await
    }

    /// A preview of a running job, marked for what it is.
    pub(crate) async fn until_preview(self) -> Result {
        let body = "const [image] = findAll([['list', 'Running'], ['article', null], ['img', 'preview, not saved']]); \
            return !!image && image.complete && image.naturalWidth > 0 && image.closest('article').innerText.includes('preview, not saved')";
        self.browser
            .until("no preview is shown and marked", body, Vec::new())
            .await
            .map(drop)
    }

    pub(crate) async fn press_on_job(self, prompt: &str, button: &'static str) -> Result {
        self.browser
            .click(&[("list", "Running"), ("article", prompt), ("button", button)])
            .await
    }

    pub(crate) async fn job_text(self, prompt: &str) -> Result<String> {
        self.browser
            .text(&[("list", "Running"), ("article", prompt)])
            .await
    }

    pub(crate) async fn cancel(self, prompt: &str) -> Result {
        self.press_on_job(prompt, "Cancel").await
    }

    pub(crate) async fn stop_waiting(self, prompt: &str) -> Result {
        self.press_on_job(prompt, "Stop waiting").await
    }

    pub(crate) async fn abort(self, prompt: &str) -> Result {
        self.press_on_job(prompt, "Abort").await
    }

    // notices

    /// The text of the newest alert, line by line.
    pub(crate) async fn alert(self) -> Result<Vec<String>> {
        let body = "const e = findAll([['alert', null]]).at(-1);
            return !!e && e.innerText.split('\\n').map((line) => line.trim()).filter(Boolean)";
        let found = self
            .browser
            .until("no notice of trouble", body, Vec::new())
            .await?;
        Ok(found
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|line| line.as_str().map(str::to_owned))
            .collect())
    }

    /// A notice says what happened, what was billed and what to do.
    pub(crate) async fn until_trouble(self, title: &str, billed: Billed) -> Result {
        // An earlier one may still be the last.
        let said = wait(PATIENCE, || async {
            let lines = self.alert().await?;
            let first = lines.first().is_some_and(|first| first.contains(title));
            Ok(first.then_some(lines))
        });
        let lines = said.await.context(|| format!("no notice is “{title}”"))?;
        let says_bill = lines.iter().any(|line| line.contains(billed.words()));
        ensure(says_bill, || {
            format!("“{title}” does not say “{}”: {lines:?}", billed.words())
        })?;
        let advice = lines
            .iter()
            .skip(1)
            .find(|line| !line.contains(billed.words()) && line.len() > 15);
        ensure(advice.is_some(), || {
            format!("“{title}” gives no advice: {lines:?}")
        })
    }

    /// Waits until the newest alert says something.
    pub(crate) async fn until_alert(self, part: &str) -> Result {
        wait(PATIENCE, || async {
            let lines = self.alert().await?;
            Ok(lines.iter().any(|line| line.contains(part)).then_some(()))
        })
        .await
        .context(|| format!("no alert says “{part}”"))
    }

    pub(crate) async fn alerts(self) -> Result<usize> {
        self.browser.count(&[("alert", "")]).await
    }

    /// Puts away every notice there is.
    pub(crate) async fn dismiss_notices(self) -> Result {
        let body = "findAll([['button', 'Dismiss']]).forEach((button) => button.click());
            return !findAll([['button', 'Dismiss']]).length";
        let gone = self.browser.until("a notice stays", body, Vec::new());
        gone.await.map(drop)
    }

    pub(crate) async fn press_on_notice(self, button: &'static str) -> Result {
        let alert = [("alert", ""), ("button", button)];
        let status = [("status", ""), ("button", button)];
        let way: Way<'_> = if self.browser.count(&alert).await? > 0 {
            &alert
        } else {
            &status
        };
        self.browser.click(way).await
    }

    /// From wherever it is: opens the trash, and deletes for good what is in it.
    pub(crate) async fn empty_trash(self) -> Result {
        self.go(Screen::Library).await?;
        self.press_button("Trash").await?;
        self.press_button("Empty the trash").await?;
        let dialog = ("dialog", "Delete for good");
        self.browser
            .click(&[dialog, ("button", "Delete for good")])
            .await
    }

    pub(crate) async fn undo(self) -> Result {
        self.browser
            .click(&[("status", ""), ("button", "Undo")])
            .await
    }

    const DOUBT: &'static str = "May have been billed";

    /// Waits for so many requests in the list of those that may have been billed.
    pub(crate) async fn until_in_doubt(self, wanted: usize) -> Result {
        self.browser
            .until_count(&[("region", Self::DOUBT), ("listitem", "")], wanted)
            .await
    }

    pub(crate) async fn in_doubt(self) -> Result<usize> {
        self.browser
            .count(&[("region", Self::DOUBT), ("listitem", "")])
            .await
    }

    pub(crate) async fn doubt_text(self) -> Result<String> {
        self.browser.text(&[("region", Self::DOUBT)]).await
    }

    // the app as it is kept

    /// Waits until Settings say that the app opens without a network, and goes back to Create.
    pub(crate) async fn until_works_offline(self) -> Result {
        self.go(Screen::Settings).await?;
        self.until_says("Ready to work offline").await?;
        self.go(Screen::Create).await
    }

    /// The tab is looked at again, which makes the app look for a newer version. Synthetic: drivers hide no tab.
    pub(crate) async fn look_at_tab(self) -> Result {
        let body = "document.dispatchEvent(new Event('visibilitychange'))";
        self.browser.script(body, Vec::new()).await.map(drop)
    }

    const NEWER: &'static str = "A new version is ready.";

    pub(crate) async fn until_newer_version(self) -> Result {
        self.until_says(Self::NEWER).await
    }

    pub(crate) async fn says_newer_version(self) -> Result<bool> {
        let body = "return document.body.innerText.includes(arguments[0])";
        let found = self.browser.script(body, vec![json!(Self::NEWER)]).await?;
        Ok(found == json!(true))
    }

    pub(crate) async fn press_update(self) -> Result {
        self.browser.click(&[("button", "Update now")]).await
    }

    /// Says yes to the newer version, and waits until it is there.
    pub(crate) async fn take_newer_version(self) -> Result {
        self.mark_page().await?;
        self.press_update().await?;
        self.until_other_page().await
    }

    /// Marks the page, to see later whether it is still the same.
    pub(crate) async fn mark_page(self) -> Result {
        let body = "window.stillTheOldPage = true";
        self.browser.script(body, Vec::new()).await.map(drop)
    }

    pub(crate) async fn is_marked_page(self) -> Result<bool> {
        let body = "return !!window.stillTheOldPage";
        Ok(self.browser.script(body, Vec::new()).await? == json!(true))
    }

    /// Waits until the page was loaded anew, and the app has started.
    pub(crate) async fn until_other_page(self) -> Result {
        let body =
            "return !window.stillTheOldPage && document.documentElement.hasAttribute('data-ready')";
        wait(PATIENCE, || async {
            // In between there is no page that could answer.
            let started = self.browser.script(body, Vec::new()).await;
            Ok(started
                .is_ok_and(|found| found == json!(true))
                .then_some(()))
        })
        .await
        .context(|| "the page is not loaded anew".into())
    }

    /// Opens the app anew, as one that the system opens with these files. Synthetic, in Chromium only: a driver's browser
    /// installs nothing.
    pub(crate) async fn launch_with(self, files: &[(&str, &[u8])]) -> Result {
        let listed: Vec<Value> = files
            .iter()
            .map(|(name, bytes)| json!([name, bytes]))
            .collect();
        let source = LAUNCH.replace("FILES", &Value::from(listed).to_string());
        self.reload_after(&source).await
    }

    /// Opens the app anew in a browser that a script has changed before the page's own. In Chromium only.
    pub(crate) async fn reload_after(self, source: &str) -> Result {
        let cdp = self.browser.cdp().context(|| "no script before".into())?;
        let script = json!({"source": source});
        let added = cdp
            .send_raw("Page.addScriptToEvaluateOnNewDocument", script)
            .await?;
        let opened = self.reload().await;
        cdp.send_raw("Page.removeScriptToEvaluateOnNewDocument", added)
            .await?;
        opened
    }

    // settings

    /// Waits until the Costs view says something.
    pub(crate) async fn until_costs_say(self, part: &str) -> Result {
        let body = "return document.querySelector('main').innerText.includes(arguments[0]) || null";
        self.browser
            .until(
                &format!("Costs do not say {part:?}"),
                body,
                vec![json!(part)],
            )
            .await
            .map(drop)
    }

    /// The line beside the price: what the bills so far make of it.
    pub(crate) async fn until_learned_price(self, dollars: Option<&str>) -> Result {
        let body = "const [price] = findAll([['status', arguments[0]]]); \
            const line = [...price.parentElement.querySelectorAll('small')].map((e) => e.innerText).find((text) => text.includes('Your bills so far')); \
            return arguments[1] === null ? line === undefined : !!line?.includes(arguments[1])";
        let arguments = vec![json!(self.names.estimated_cost), json!(dollars)];
        self.browser
            .until(
                &format!("the line of the bills is not {dollars:?}"),
                body,
                arguments,
            )
            .await
            .map(drop)
    }

    /// The row of a model in the table of what the bills taught.
    pub(crate) async fn learned_row(self, model: &str) -> Result<String> {
        let body = "const [table] = findAll([['table', 'What your bills taught']]); \
            const row = [...table?.rows ?? []].find((row) => row.cells[0].firstElementChild?.innerText.trim() === arguments[0]); \
            return row ? row.innerText.replace(/\\s+/g, ' ').trim() : null";
        let what = format!("no row of {model} in what the bills taught");
        let found = self.browser.until(&what, body, vec![json!(model)]).await?;
        Ok(found.as_str().unwrap_or_default().to_owned())
    }

    pub(crate) async fn press_use_learned(self) -> Result {
        self.browser.click(&[("checkbox", USE_LEARNED)]).await
    }

    pub(crate) async fn uses_learned(self) -> Result<bool> {
        let way = [("checkbox", USE_LEARNED)];
        self.browser.find(&way).await?;
        let found = self
            .browser
            .script_at(&way, "return found[0].checked")
            .await?;
        Ok(found.as_bool().unwrap_or_default())
    }

    /// Rows of the app's database, as key and text.
    pub(crate) async fn stored(
        self,
        store: &str,
        put: Option<(&str, &str)>,
    ) -> Result<Vec<(String, String)>> {
        let mut arguments = vec![json!(store), json!(""), json!("\u{FFFF}")];
        arguments.extend(put.iter().flat_map(|(key, text)| [json!(key), json!(text)]));
        let found = self.browser.script(STORED, arguments).await?;
        let row = |row: &Value| Some((row[0].as_str()?.to_owned(), row[1].as_str()?.to_owned()));
        Ok(found
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(row)
            .collect())
    }

    /// Waits until a store of the app's database has so many rows.
    pub(crate) async fn until_stored(self, store: &str, wanted: usize) -> Result {
        let counted = wait(PATIENCE, || async {
            let found = self.stored(store, None).await?.len();
            Ok((found == wanted).then_some(()))
        });
        counted
            .await
            .context(|| format!("the rows of {store} are not {wanted}"))
    }

    /// Puts so many copies of the request that was last queued behind it, as of an earlier visit.
    pub(crate) async fn fill_queue(self, copies: usize) -> Result {
        let rows = self.stored("jobs", None).await?;
        let (_, last) = rows.last().context(|| "nothing is queued".into())?;
        let row: Value = serde_json::from_str(last).unwrap_or_default();
        let body = "const [row, copies] = arguments; \
            return new Promise((done, failed) => { \
              const opening = indexedDB.open('studio'); \
              opening.onerror = () => failed(opening.error); \
              opening.onsuccess = () => { \
                const transaction = opening.result.transaction(['jobs'], 'readwrite'); \
                for (let n = 0; n < copies; n += 1) { \
                  const job = `${row.job}-${String(n).padStart(6, '0')}`; \
                  const copy = { ...row, job, index: 0, of: 1, stage: 'waiting', wish: null, consent: null }; \
                  transaction.objectStore('jobs').put(JSON.stringify(copy), `${job}.000`); \
                } \
                transaction.oncomplete = () => { opening.result.close(); done(copies); }; \
                transaction.onabort = () => failed(transaction.error); \
              }; \
            })";
        self.browser
            .script(body, vec![row, json!(copies)])
            .await
            .map(drop)
    }

    /// The keys of the days that have sums.
    pub(crate) async fn days(self) -> Result<Vec<(String, String)>> {
        let rows = self.stored("meta", None).await?;
        let days = rows
            .into_iter()
            .filter(|(key, _)| key.starts_with("spent:"));
        Ok(days.collect())
    }

    /// Everything that was or may have been billed, by the sums of all days, in pico-dollars.
    pub(crate) async fn ledger_total(self) -> Result<u64> {
        let days = self.days().await?;
        let group = |group: &Value| {
            let amount = |name: &str| group[name].as_u64().unwrap_or_default();
            amount("confirmed") + amount("possible")
        };
        let day = |(_, json): &(String, String)| {
            let day: Value = serde_json::from_str(json).unwrap_or_default();
            day["groups"]
                .as_array()
                .map_or(0, |groups| groups.iter().map(group).sum())
        };
        Ok(days.iter().map(day).sum())
    }

    /// Waits until the sums of every day can be read.
    pub(crate) async fn until_days_are_whole(self) -> Result {
        wait(PATIENCE, || async {
            let days = self.days().await?;
            let mut read = days
                .iter()
                .map(|(_, json)| serde_json::from_str::<Value>(json));
            Ok(read.all(|day| day.is_ok()).then_some(()))
        })
        .await
        .context(|| "the sums of a day stay damaged".into())
    }

    /// Cuts the sums of every day in half, as a torn write would.
    pub(crate) async fn tear_days(self) -> Result {
        for (key, json) in self.days().await? {
            let half = json
                .chars()
                .take(json.chars().count() / 2)
                .collect::<String>();
            self.stored("meta", Some((&key, &half))).await?;
        }
        Ok(())
    }

    /// Does the same to the last line of the ledger that is a reservation.
    pub(crate) async fn tear_last_reservation(self) -> Result {
        let lines = self.stored("ledger", None).await?;
        let last = lines.iter().rfind(|(key, _)| key.ends_with("-reserved"));
        let (key, _) = last.context(|| "the ledger has no reservation".into())?;
        self.stored("ledger", Some((key, "{"))).await.map(drop)
    }

    /// Moves the sums of the only day to another one.
    pub(crate) async fn copy_day_to(self, date: &str) -> Result {
        let days = self.days().await?;
        let (_, json) = days.last().context(|| "no day has sums".into())?;
        let key = format!("spent:{date}");
        self.stored("meta", Some((&key, json))).await.map(drop)
    }

    pub(crate) async fn set_budget_per_day(self, dollars: &str) -> Result {
        self.browser
            .put_into(&[("textbox", "Budget per day")], dollars)
            .await
    }

    /// Sets the budget of a day as the app keeps it for all tabs, in pico-dollars.
    pub(crate) async fn keep_budget_per_day(self, pico: u64) -> Result {
        let body =
            "localStorage.setItem('pentimento.budget', JSON.stringify({ day: arguments[0] }))";
        self.browser.script(body, vec![json!(pico)]).await.map(drop)
    }

    pub(crate) async fn set_budget_per_press(self, dollars: &str) -> Result {
        self.browser
            .put_into(&[("textbox", "Budget per press of Generate")], dollars)
            .await
    }

    pub(crate) async fn choose_provider(self, name: &str) -> Result {
        let value = match name {
            "Practice" => "practice",
            "OpenAI" => "openai",
            _ => "compatible",
        };
        self.select("Provider", value).await
    }

    pub(crate) async fn put_address(self, address: &str) -> Result {
        self.browser
            .put_into(&[("textbox", "API address")], address)
            .await
    }

    /// Enters a key as a person does.
    pub(crate) async fn save_key(self, key: &str) -> Result {
        self.browser
            .type_into(&[("textbox", "API key")], key)
            .await?;
        self.browser.click(&[("button", "Save key")]).await?;
        self.browser
            .find(&[("button", "Forget key")])
            .await
            .map(drop)
            .context(|| "the key is not held".into())
    }

    /// Provider, address and key, all in Settings; back to Create.
    pub(crate) async fn connect(self, server: &str, key: &str) -> Result {
        self.go(Screen::Settings).await?;
        self.choose_provider("Compatible server").await?;
        self.put_address(&format!("{server}/v1")).await?;
        self.save_key(key).await?;
        self.go(Screen::Create).await
    }

    /// Chooses a file as the browser's own dialogue does.
    pub(crate) async fn give_price_file(self, path: &Path) -> Result {
        self.browser
            .find(&[("button", "Load a price file")])
            .await?;
        let field = "return document.querySelector('.settings-page input[type=file]')";
        self.browser.give_file(field, path).await
    }

    pub(crate) async fn switch_daily_look(self) -> Result {
        self.browser
            .click(&[("switch", "Look for model changes once a day")])
            .await
    }

    /// No list of models is being asked for.
    pub(crate) async fn until_asks_no_more(self) -> Result {
        let way = [("button", "Ask for the list of models")];
        self.browser.find(&way).await?;
        let body = "return !findAll(arguments[0])[0]?.ariaBusy";
        self.browser
            .until(
                "a list is asked for",
                body,
                vec![json!([["button", way[0].1]])],
            )
            .await
            .map(drop)
    }

    pub(crate) async fn choose_language(self, tag: &str) -> Result {
        let name = if self.names.tag == "ja" {
            "言語"
        } else {
            "Language"
        };
        self.select(name, tag).await
    }

    pub(crate) async fn copy_diagnostics(self) -> Result {
        self.browser
            .click(&[("button", "Copy diagnostics")])
            .await?;
        self.until_says("Copied.").await
    }

    /// Everything goes, after the question.
    pub(crate) async fn erase_everything(self) -> Result {
        self.browser
            .click(&[("button", "Erase everything on this computer")])
            .await?;
        self.browser
            .script("window.stillTheOldPage = true", Vec::new())
            .await?;
        self.browser.click(&[("button", "Erase now")]).await?;
        // A slow disk takes its time: there may be hundreds of megabytes.
        self.browser
            .until_within(
                PATIENCE * 3,
                "everything is not erased",
                "return !window.stillTheOldPage",
                Vec::new(),
            )
            .await?;
        self.until_ready().await?;
        // Whoever opens it before the app has made it anew makes an empty one.
        let is_made =
            "return indexedDB.databases().then((all) => all.some(({ name }) => name === 'studio'))";
        self.browser
            .until("there is no database", is_made, Vec::new())
            .await
            .map(drop)
    }
}
