//! Where inputs come from: files of this crate, and the vectors beside the workspace.

use std::fs;
use std::path::{Path, PathBuf};

use jose::base64url;
use serde_json::Value;
use testkit::vectors;

/// The folder of a kind of inputs: `seeds` or `regressions`.
pub(crate) fn folder(kind: &str, target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(kind).join(target)
}

/// The files of a folder by name; none where there is no folder.
pub(crate) fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<(String, Vec<u8>)> = vectors::files(folder)
        .into_iter()
        .map(|path| {
            (
                path.display().to_string(),
                fs::read(&path).expect("a file that is there"),
            )
        })
        .collect();
    files.sort();
    files
}

/// Every file of a set of vectors; none, with a visible line, where the set is not there.
pub(crate) fn set(name: &str) -> Vec<(PathBuf, String)> {
    let Some(folder) = vectors::folder(name) else {
        return Vec::new();
    };
    let files = vectors::files(&folder).into_iter();
    files
        .filter_map(|path| Some((path.clone(), fs::read_to_string(&path).ok()?)))
        .collect()
}

/// Every text in the JSON files of a set that `wanted` likes.
pub(crate) fn texts(name: &str, wanted: fn(&str) -> bool) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    for (_, text) in set(name) {
        if let Ok(value) = serde_json::from_str(&text) {
            collect(&value, wanted, &mut found);
        }
    }
    found.sort();
    found.dedup();
    found
}

fn collect(value: &Value, wanted: fn(&str) -> bool, found: &mut Vec<Vec<u8>>) {
    match value {
        Value::String(text) if wanted(text) => found.push(text.clone().into_bytes()),
        Value::Array(elements) => elements.iter().for_each(|value| collect(value, wanted, found)),
        Value::Object(members) => members.values().for_each(|value| collect(value, wanted, found)),
        _ => {}
    }
}

/// So many parts of base64url, separated by dots.
pub(crate) fn is_compact(text: &str, parts: usize) -> bool {
    text.split('.').count() == parts && text.split('.').all(|part| base64url::decode(part).is_ok())
}
