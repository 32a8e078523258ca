//! A server that speaks the Images API.
