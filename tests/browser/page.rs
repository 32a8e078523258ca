//! The page, and small texts.

use std::cell::RefCell;
use std::rc::Rc;

use pentimento::browser::{clock, local, page, storage};
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
fn small_texts_are_kept() {
    assert!(local::set("a", "赤"));
    assert_eq!(local::get("a").as_deref(), Some("赤"));
    assert!(local::remove("a"));
    assert_eq!(local::get("a"), None);
    assert!(local::set("b", "") && local::clear_all());
    assert_eq!(local::get("b"), None);
}

#[wasm_bindgen_test]
async fn the_hash_is_heard_until_nobody_listens() {
    let heard = Rc::new(RefCell::new(Vec::new()));
    let list = Rc::clone(&heard);
    let listener = page::on_hash_change(move |hash| list.borrow_mut().push(hash));
    page::set_hash("/library");
    clock::sleep(50).await;
    drop(listener);
    page::set_hash("/create");
    clock::sleep(50).await;
    assert_eq!(*heard.borrow(), ["/library"]);
    assert_eq!(page::hash(), "/create");
    page::replace_hash("");
    assert_eq!(page::hash(), "");
}

#[wasm_bindgen_test]
fn the_root_element_and_the_head() {
    let document = super::window().document().unwrap();
    let root = document.document_element().unwrap();
    page::set_lang("ja");
    page::set_theme(Some("dark"));
    assert_eq!(root.get_attribute("lang").as_deref(), Some("ja"));
    assert_eq!(root.get_attribute("data-theme").as_deref(), Some("dark"));
    page::set_theme(None);
    assert!(!root.has_attribute("data-theme"));
    assert_eq!(page::hosts(), Vec::<String>::new());
    let meta = document.create_element("meta").unwrap();
    meta.set_attribute("name", "pentimento-hosts").unwrap();
    meta.set_attribute("content", "https://a.example  https://b.example")
        .unwrap();
    root.append_child(&meta).unwrap();
    assert_eq!(page::hosts(), ["https://a.example", "https://b.example"]);
    meta.remove();
}

#[wasm_bindgen_test]
async fn the_browser_tells_about_itself() {
    assert!(!page::languages().is_empty() && page::user_agent().contains("Mozilla"));
    assert!(page::origin_and_path().0.starts_with("http"));
    assert!(!page::is_hidden());
    assert!(storage::estimate().await.unwrap().quota > 0);
    let answer = Rc::new(RefCell::new(None));
    let told = Rc::clone(&answer);
    storage::persist(move |granted| {
        told.replace(Some(granted));
    });
    // Firefox asks the person, and so never answers here.
    clock::sleep(100).await;
    let answer = *answer.borrow();
    if let Some(granted) = answer {
        assert_eq!(granted, storage::is_persisted().await);
    }
    assert!(page::guard_leaving().is_some());
}
