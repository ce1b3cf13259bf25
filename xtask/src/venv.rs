//! Python environments with packages from the package index, each made once.

use crate::system;
use anyhow::{Result, ensure};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Where pip looks if nothing else is configured.
const INDEX: &str = "https://pypi.org/simple/";
/// Whether anybody answers at an address, with whatever; through the proxies that pip goes through.
const PROBE: &str = "
import sys, urllib.error, urllib.request
try:
    urllib.request.urlopen(sys.argv[1], timeout=20)
except urllib.error.HTTPError:
    pass
";
/// Whether packages can be used on this machine.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Library {
    /// The Python that has them.
    There(PathBuf),
    /// They cannot be had here, and why.
    OutOfReach(&'static str),
}

/// An environment in this folder, with what these arguments of `pip install` bring. It is made again
/// where what is pinned in a file has changed.
pub(crate) fn install(environment: &Path, packages: &[&str], pinned: &str) -> Result<Library> {
    if !system::on_path("python3") {
        return Ok(Library::OutOfReach("no python3"));
    }
    let python = environment.join("bin/python3");
    // Written last: what was broken off is begun again.
    let whole = environment.join("whole");
    if std::fs::read_to_string(&whole).is_ok_and(|installed| installed == pinned) {
        return Ok(Library::There(python));
    }
    let made = Command::new("python3")
        .args(["-m", "venv", "--clear"])
        .arg(environment)
        .status()?;
    ensure!(made.success(), "python3 cannot make an environment");
    let pip = environment.join("bin/pip");
    let installed = Command::new(&pip)
        .args(["install", "--quiet", "--disable-pip-version-check"])
        .args(packages)
        .status()?;
    if !installed.success() {
        return not_installed(answers(&index(&pip)?)?);
    }
    std::fs::write(whole, pinned)?;
    Ok(Library::There(python))
}

/// That nobody can be asked for it says nothing about the services; anything else is for somebody to look at.
fn not_installed(index_answers: bool) -> Result<Library> {
    ensure!(
        !index_answers,
        "pip cannot install it, although the package index answers"
    );
    Ok(Library::OutOfReach("the package index cannot be reached"))
}

/// The package index that pip asks.
fn index(pip: &Path) -> Result<String> {
    if let Ok(index) = std::env::var("PIP_INDEX_URL") {
        return Ok(index);
    }
    let configured = Command::new(pip).args(["config", "get", "global.index-url"]).output()?;
    let index = String::from_utf8_lossy(&configured.stdout).trim().to_owned();
    Ok(if index.is_empty() { INDEX.to_owned() } else { index })
}

fn answers(url: &str) -> Result<bool> {
    let asked = Command::new("python3")
        .args(["-c", PROBE, url])
        .stderr(Stdio::null())
        .status()?;
    Ok(asked.success())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{BufRead, BufReader, Write};
    use std::net::TcpListener;

    #[test]
    fn only_an_index_out_of_reach_is_a_skip() {
        let skipped = not_installed(false).unwrap();
        assert_eq!(skipped, Library::OutOfReach("the package index cannot be reached"));
        assert!(not_installed(true).is_err());
    }

    #[test]
    fn an_index_answers_whatever_it_answers() {
        if !system::on_path("python3") {
            println!("SKIPPED: schemathesis: no python3");
            return;
        }
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/simple/", listener.local_addr().unwrap());
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let answer = "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
            // Read first: what is closed with a request unread may be reset.
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
            while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
            stream.write_all(answer.as_bytes()).unwrap();
        });
        assert!(answers(&url).unwrap());
        server.join().unwrap();
        assert!(!answers(&url).unwrap(), "nobody listens any more");
    }
}
