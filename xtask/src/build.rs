//! One selection of packages and features for everything, so that nothing is
//! compiled twice.

use anyhow::{Context, Result, ensure};
use std::ffi::OsStr;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What every test and lint is built with.
pub(crate) const SELECTION: &[&str] = &["--workspace", "--all-targets", "--locked"];

/// Programs that are built together, each group with those before it. A smaller one spares what it
/// does not stand on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Programs {
    /// Services that the bench measures, as they are released: without what the bench or a wallet needs.
    Measured,
    /// What runs where there is no window: without Tauri and what it stands on.
    Headless,
    /// The window too. Never what only tests and measures need.
    All,
}

/// The packages of what runs, and the first group that each belongs to.
const PACKAGES: [(&str, Programs); 7] = [
    ("anchor", Programs::Measured),
    ("issuer", Programs::Measured),
    ("verifier", Programs::Measured),
    ("attester", Programs::Headless),
    ("e2e", Programs::Headless),
    ("wallet-cli", Programs::Headless),
    ("wallet-app", Programs::All),
];

impl Programs {
    /// What cargo is told to build.
    pub(crate) fn selection(self) -> Vec<String> {
        let chosen = PACKAGES.iter().filter(|(_, group)| *group <= self);
        let mut selection: Vec<String> = chosen.map(|(package, _)| format!("--package={package}")).collect();
        selection.extend(["--bins", "--locked"].map(str::to_owned));
        selection
    }
}

/// Rows of the bench that measure services as processes.
const ROWS_WITH_SERVICES: &[&str] = &[
    "append-sqlite",
    "issue-http",
    "memory-verifier",
    "present-http",
    "revoke-to-no",
];

/// What is built where no window is needed. Where the window was built before,
/// it is built again with the rest: a smaller selection has other features, and
/// would compile half of all packages a second time.
pub(crate) fn services() -> Vec<String> {
    let window_was_built = target().join("debug/holdfast-wallet-app").exists();
    let programs = if window_was_built {
        Programs::All
    } else {
        Programs::Headless
    };
    programs.selection()
}

/// The root of the workspace.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// `cargo`, the one that runs us.
pub(crate) fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Builds the workspace. Cargo shows the progress, on standard error.
pub(crate) fn workspace<S: AsRef<OsStr>>(selection: impl IntoIterator<Item = S>) -> Result<()> {
    let mut build = cargo();
    build.arg("build").args(selection);
    if target().join("debug/holdfast-story").exists() {
        // Built before: seconds, and nothing to tell.
        build.arg("--quiet");
    } else {
        eprintln!(
            "Building Holdfast and everything it stands on. The first time this takes eight to sixteen minutes on two cores."
        );
    }
    let status = build.status()?;
    ensure!(status.success(), "the workspace does not build");
    Ok(())
}

/// The folder of the built binaries.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// Becomes a binary of the workspace, so that signals reach it directly.
pub(crate) fn exec(name: &str, args: &[String]) -> Result<()> {
    let path = target().join("debug").join(name);
    let error = Command::new(&path).args(args).exec();
    Err(error).with_context(|| format!("cannot start {}", path.display()))
}

/// Builds and becomes the bench, in the release profile; before it the services, where a row
/// needs them.
pub(crate) fn exec_release_bench(args: &[String]) -> Result<()> {
    if args.iter().any(|arg| ROWS_WITH_SERVICES.contains(&arg.as_str())) {
        let measured = Programs::Measured.selection();
        let status = cargo().args(["build", "--release"]).args(measured).status()?;
        ensure!(status.success(), "the services do not build in the release profile");
    }
    let error = cargo()
        .args([
            "run",
            "--release",
            "--locked",
            "--quiet",
            "--package",
            "bench",
            "--bin",
            "holdfast-bench",
            "--",
        ])
        .args(args)
        .exec();
    Err(error).context("cannot start the bench")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_group_has_those_before_it_and_what_it_adds() {
        let [measured, headless, all] =
            [Programs::Measured, Programs::Headless, Programs::All].map(Programs::selection);
        assert_eq!((measured.len(), headless.len(), all.len()), (5, 8, 9));
        assert!(measured.iter().all(|word| headless.contains(word)));
        assert!(headless.iter().all(|word| all.contains(word)));
        let window = "--package=wallet-app".to_owned();
        assert!(all.contains(&window) && !headless.contains(&window));
    }
}
