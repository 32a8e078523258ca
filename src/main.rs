//! Starts the app.

fn main() {
    if let Err(error) = pentimento::app::start() {
        // Shown by the loader, with what to do.
        panic!("{error}");
    }
}
