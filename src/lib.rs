//! The map.
pub mod domain;
