//! How large the window and the pages are.

use crate::build;
use anyhow::Result;
use std::path::Path;

/// What people load: a name, and the built files.
const PARTS: [(&str, &str); 3] = [
    ("wallet, screens", "wallet-app/dist"),
    ("agency pages", "issuer/pages/dist"),
    ("business pages", "verifier/pages/dist"),
];

/// Prints the sizes of what was built.
pub(crate) fn print() -> Result<()> {
    for (name, folder) in PARTS {
        let (all, decoder) = (of(Path::new(folder), "")?, of(Path::new(folder), ".wasm")?);
        println!("{name}: {} KB, and {} KB of QR decoder", kb(all - decoder), kb(decoder));
    }
    let app = build::target().join("debug/holdfast-wallet-app");
    if let Ok(about) = app.metadata() {
        println!("wallet, program with debug information: {} KB", kb(about.len()));
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

fn kb(bytes: u64) -> u64 {
    bytes.div_ceil(1000)
}
