//! What asks, agrees, remembers and judges does not know one format from another. docs/formats.md

use std::path::{Path, PathBuf};

/// Requests, answers and sessions of OpenID4VP, consent, history, the comparison of the finished answer, sessions and
/// verdicts.
const APART: [&str; 6] = [
    "crates/oid4vp/src",
    "wallet-app/core/src/consent.rs",
    "wallet-app/core/src/history.rs",
    "wallet-app/core/src/presentation",
    "verifier/src/session",
    "verifier/src/verdict",
];

/// The list of formats, and the query language, in which each format has parameters of its own. OpenID4VP 1.0
/// Appendix B
const NAMED_IN: [&str; 2] = ["crates/oid4vp/src/formats.rs", "crates/oid4vp/src/dcql"];

/// How sources would name a format that was added.
const NAMES: [&str; 6] = ["mso_mdoc", "ldp_vc", "Format::MDOC", "Format::W3C", "mdoc::", "w3c_vc"];

fn sources(place: &Path, found: &mut Vec<PathBuf>) {
    if place.is_dir() {
        for entry in std::fs::read_dir(place).unwrap() {
            sources(&entry.unwrap().path(), found);
        }
    } else if place.extension().is_some_and(|extension| extension == "rs") && !is_of_tests(place) {
        found.push(place.to_owned());
    }
}

/// Whether the module around it says of a file that it is there for tests alone.
fn is_of_tests(path: &Path) -> bool {
    let said = format!("#[cfg(test)]\nmod {};", path.file_stem().unwrap().display());
    let around = ["mod.rs", "lib.rs"].map(|name| path.with_file_name(name));
    let mut around = around.iter().filter_map(|path| std::fs::read_to_string(path).ok());
    around.any(|text| text.contains(&said))
}

/// Tests name what they like.
fn without_tests(text: &str) -> &str {
    text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default()
}

#[test]
fn what_is_around_the_formats_names_none_of_those_that_were_added() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut all = Vec::new();
    for place in APART {
        let before = all.len();
        sources(&root.join(place), &mut all);
        assert!(all.len() > before, "there is nothing at {place}");
    }
    let lists = NAMED_IN.map(|place| root.join(place));
    let naming = |path: &Path| {
        let text = std::fs::read_to_string(path).unwrap();
        NAMES.iter().any(|name| without_tests(&text).contains(name))
    };
    for list in &lists {
        let mut files = Vec::new();
        sources(list, &mut files);
        assert!(files.iter().any(|path| naming(path)), "{} names none", list.display());
    }
    all.retain(|path| !lists.iter().any(|list| path.starts_with(list)));
    let knowing: Vec<&PathBuf> = all.iter().filter(|path| naming(path)).collect();
    assert!(knowing.is_empty(), "{knowing:?}");
}
