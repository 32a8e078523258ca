//! The map.
pub mod browser;
pub mod domain;
