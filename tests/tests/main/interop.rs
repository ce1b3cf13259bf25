//! Cards of ours in the hands of libraries of another language, and theirs in ours, in each format.

mod mdoc;
mod running;
mod sd_jwt;
mod w3c;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

/// What the libraries are pinned by, and the scripts on them.
const FILES: [&str; 6] = [
    "mdoc-cryptography.mjs",
    "mdoc.mjs",
    "package-lock.json",
    "package.json",
    "sd-jwt.mjs",
    "w3c.mjs",
];

/// The folder with the libraries, installed on first use; `None` where that is not possible.
fn libraries() -> Option<PathBuf> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("interop");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/interop");
    std::fs::create_dir_all(&folder).unwrap();
    // Tests run side by side as processes: one of them installs.
    let lock = std::fs::File::create(folder.join("install.lock")).unwrap();
    lock.lock().unwrap();
    for name in FILES {
        place(&source.join(name), &folder.join(name));
    }
    let pinned = std::fs::read_to_string(source.join("package-lock.json")).unwrap();
    // Written last: what was broken off is begun again.
    let whole = folder.join("whole");
    if std::fs::read_to_string(&whole).is_ok_and(|installed| installed == pinned) {
        return Some(folder);
    }
    let installed = npm(&["ci", "--ignore-scripts", "--no-audit", "--no-fund"], &folder);
    if let Err(complaint) = installed {
        // That nobody can be asked says nothing about us; anything else is for somebody to look at.
        let answers = npm(&["view", PROBE, "version"], &folder).is_ok();
        assert!(
            !answers,
            "npm cannot install, although the registry answers: {complaint}"
        );
        println!("SKIPPED: interop: npm cannot install the libraries by others here");
        return None;
    }
    std::fs::write(whole, pinned).unwrap();
    Some(folder)
}

/// A package that is asked for to see whether the registry answers.
const PROBE: &str = "@owf/mdoc@0.6.0";

fn npm(arguments: &[&str], folder: &Path) -> Result<(), String> {
    let output = Command::new("npm").args(arguments).current_dir(folder).output();
    let output = output.map_err(|error| error.to_string())?;
    match output.status.success() {
        true => Ok(()),
        false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    }
}

/// Copies a file, unless the same is there already: a script may be running.
fn place(source: &Path, target: &Path) {
    let text = std::fs::read(source).unwrap();
    if !std::fs::read(target).is_ok_and(|there| there == text) {
        std::fs::write(target, text).unwrap();
    }
}

/// What a library answers, or what it complains about.
fn ask(folder: &Path, script: &str, input: &Value) -> Result<Value, String> {
    let mut child = Command::new("node")
        .arg(script)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(input.to_string().as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    if output.status.success() {
        Ok(serde_json::from_slice(&output.stdout).unwrap())
    } else {
        Err(String::from_utf8(output.stderr).unwrap())
    }
}
