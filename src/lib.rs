//! The map.
pub mod api;
pub mod app;
pub mod browser;
pub mod domain;
pub mod state;
pub mod ui;
