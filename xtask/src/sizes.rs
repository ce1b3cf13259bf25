//! How large the window and the pages are.

use crate::build;
use anyhow::Result;
use std::path::{Path, PathBuf};

/// What people load: a name, and the built files.
const PARTS: [(&str, &str); 3] = [
    ("wallet, screens", "wallet-app/dist"),
    ("agency pages", "issuer/pages/dist"),
    ("business pages", BUSINESS),
];
const BUSINESS: &str = "verifier/pages/dist";
/// The pages of a business, one by one.
const PAGES: [(&str, &str); 3] = [("desk", "index.html"), ("scanner", "scan.html"), ("shop", "shop.html")];
/// Where the program of the ledger, which writes its pages itself, takes in what they load.
const LEDGER: &str = "anchor/src/pages/assets.rs";
/// Builds of the wallet's program.
const PROGRAMS: [(&str, &str); 2] = [
    ("with debug information", "debug/holdfast-wallet-app"),
    ("as released", "release/holdfast-wallet-app"),
];
/// What a page loads only once it needs it: the decoder, and letters of other alphabets.
const LATER: [&str; 5] = [".wasm", "-cyrillic", "-greek", "-vietnamese", "-latin-ext"];

/// Prints the sizes of what was built.
pub(crate) fn print() -> Result<()> {
    for (name, folder) in PARTS {
        let (all, decoder) = (of(Path::new(folder), "")?, of(Path::new(folder), ".wasm")?);
        println!("{name}: {} KB, and {} KB of QR decoder", kb(all - decoder), kb(decoder));
    }
    for (name, page) in PAGES {
        println!("{name}, at once: {} KB", kb(loaded(Path::new(BUSINESS), page)?));
    }
    println!("ledger, beside the page: {} KB", kb(taken_in(Path::new(LEDGER))?));
    for (name, path) in PROGRAMS {
        if let Ok(about) = build::target().join(path).metadata() {
            println!("wallet, program {name}: {} KB", kb(about.len()));
        }
    }
    Ok(())
}

/// The bytes of all files below a folder whose name ends so.
fn of(folder: &Path, end: &str) -> Result<u64> {
    let mut sum = 0;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            sum += of(&entry.path(), end)?;
        } else if entry.file_name().to_string_lossy().ends_with(end) {
            sum += entry.metadata()?.len();
        }
    }
    Ok(sum)
}

/// The bytes of a page and of all files that it names, or that one of them names.
fn loaded(folder: &Path, page: &str) -> Result<u64> {
    let mut left = Vec::new();
    for entry in std::fs::read_dir(folder.join("assets"))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if !LATER.iter().any(|part| name.contains(part)) {
            left.push((name, entry.path()));
        }
    }
    let mut sum = 0;
    let mut queue = vec![folder.join(page)];
    while let Some(path) = queue.pop() {
        let content = std::fs::read(path)?;
        sum += content.len() as u64;
        let text = String::from_utf8_lossy(&content);
        let (named, others): (Vec<(String, PathBuf)>, Vec<_>) =
            left.into_iter().partition(|(name, _)| text.contains(name.as_str()));
        queue.extend(named.into_iter().map(|(_, path)| path));
        left = others;
    }
    Ok(sum)
}

/// The bytes of all files that a source takes into its program.
fn taken_in(source: &Path) -> Result<u64> {
    let text = std::fs::read_to_string(source)?;
    let folder = source.parent().unwrap_or(Path::new(""));
    let mut sum = 0;
    for taken in ["include_str!(", "include_bytes!("] {
        for place in text.split(taken).skip(1) {
            let path = place.split('"').nth(1).unwrap_or_default();
            sum += folder.join(path).metadata()?.len();
        }
    }
    Ok(sum)
}

fn kb(bytes: u64) -> u64 {
    bytes.div_ceil(1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_as_large_as_all_that_it_loads_at_once() {
        let folder = std::env::temp_dir().join(format!("holdfast-sizes-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("assets")).unwrap();
        for (name, content) in [
            ("shop.html", "src=/assets/shop-a1.js"),
            ("assets/shop-a1.js", "import './both-b2.js'; fetch('reader-c3.wasm')"),
            ("assets/both-b2.js", "1"),
            ("assets/reader-c3.wasm", "much"),
            ("assets/desk-d4.js", "of another page"),
        ] {
            std::fs::write(folder.join(name), content).unwrap();
        }
        let size = loaded(&folder, "shop.html").unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!(size, 22 + 46 + 1);
    }

    #[test]
    fn what_a_source_takes_in_is_counted() {
        let folder = std::env::temp_dir().join(format!("holdfast-taken-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        for (name, content) in [
            (
                "assets.rs",
                "concat!(include_str!(\"a.css\")); include_bytes!(\"b.woff2\")",
            ),
            ("a.css", "four"),
            ("b.woff2", "seven b"),
        ] {
            std::fs::write(folder.join(name), content).unwrap();
        }
        let size = taken_in(&folder.join("assets.rs")).unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!(size, 4 + 7);
    }
}
