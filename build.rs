//! Makes of the model data's file what the app starts with, and lets the release be split into two files of wasm.
#![allow(
    dead_code,
    unreachable_pub,
    reason = "of the modules that it shares with the app, the build reads the data and no more"
)]

use std::path::Path;

/// What reads and checks the data is the app's own code.
#[path = "src/domain"]
mod domain {
    pub mod date;
    /// Of the package of masks, the sizes of pictures.
    pub mod mask {
        mod pixels;
        pub use pixels::Pixels;
    }
    pub mod model;
    pub mod money;
    pub mod size;
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=public/models.json");
    println!("cargo::rerun-if-changed=src/domain");
    let is = |name: &str, value: &str| std::env::var(name).is_ok_and(|set| set == value);
    // xtask/src/split.rs: the splitter reads the linker's relocations.
    if is("CARGO_CFG_TARGET_ARCH", "wasm32") && is("PROFILE", "release") {
        println!("cargo::rustc-link-arg-bins=--emit-relocs");
    }
    let catalogue = domain::model::Catalogue::read(domain::model::FILE)?;
    let compact = postcard::to_allocvec(&catalogue)?;
    std::fs::write(
        Path::new(&std::env::var("OUT_DIR")?).join("models.postcard"),
        compact,
    )?;
    Ok(())
}
