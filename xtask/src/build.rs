//! One selection of packages and features for everything, so that nothing is
//! compiled twice.

use anyhow::{Context, Result, ensure};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What every test and lint is built with.
pub(crate) const SELECTION: &[&str] = &["--workspace", "--all-targets", "--locked"];

/// What runs, the window too, and nothing else: without what only tests and measures need.
pub(crate) const PROGRAMS: &[&str] = &[
    "--package=anchor",
    "--package=attester",
    "--package=e2e",
    "--package=issuer",
    "--package=verifier",
    "--package=wallet-app",
    "--package=wallet-cli",
    "--bins",
    "--locked",
];

/// The same where there is no window: without Tauri and what it stands on.
const HEADLESS: &[&str] = &[
    "--package=anchor",
    "--package=attester",
    "--package=e2e",
    "--package=issuer",
    "--package=verifier",
    "--package=wallet-cli",
    "--bins",
    "--locked",
];

/// Rows of the bench that measure services as processes.
const ROWS_WITH_SERVICES: &[&str] = &["issue-http", "memory-verifier", "present-http"];

/// These services, as they are released: alone, without what the bench or a wallet needs.
const RELEASED: &[&str] = &[
    "--package=anchor",
    "--package=issuer",
    "--package=verifier",
    "--bins",
    "--locked",
];

/// What is built where no window is needed. Where the window was built before,
/// it is built again with the rest: a smaller selection has other features, and
/// would compile half of all packages a second time.
pub(crate) fn services() -> &'static [&'static str] {
    if target().join("debug/holdfast-wallet-app").exists() {
        PROGRAMS
    } else {
        HEADLESS
    }
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
pub(crate) fn workspace(selection: &[&str]) -> Result<()> {
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
        let status = cargo().args(["build", "--release"]).args(RELEASED).status()?;
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
