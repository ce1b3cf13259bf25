//! A release holds the pages that were built before it; where they change, it changes.

use std::path::Path;

fn main() {
    // A path that is not there counts as changed every time.
    let built = Path::new("pages/dist");
    let watched = if built.exists() {
        "pages/dist"
    } else {
        "pages/package.json"
    };
    println!("cargo::rerun-if-changed={watched}");
}
