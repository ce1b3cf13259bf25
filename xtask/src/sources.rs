//! The sources as they lie in the working tree.

use anyhow::{Result, ensure};
use std::path::PathBuf;
use std::process::Command;

/// Files that git tracks or would track, with one of these endings.
pub(crate) fn files(endings: &[&str]) -> Result<Vec<PathBuf>> {
    let suffixes: Vec<String> = endings.iter().map(|ending| format!(".{ending}")).collect();
    let mut files: Vec<PathBuf> = all()?
        .into_iter()
        .filter(|name| suffixes.iter().any(|suffix| name.ends_with(suffix.as_str())))
        .map(PathBuf::from)
        .collect();
    files.sort();
    Ok(files)
}

/// All files that git tracks or would track, and that are there.
pub(crate) fn all() -> Result<Vec<String>> {
    let output = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard", "-z"])
        .output()?;
    ensure!(output.status.success(), "git cannot list the sources");
    Ok(String::from_utf8_lossy(&output.stdout)
        .split('\0')
        .filter(|name| !name.is_empty() && std::path::Path::new(name).is_file())
        .map(str::to_owned)
        .collect())
}
