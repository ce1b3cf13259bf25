//! `cargo xtask soak fuzz`: every target of `tests/fuzz` under libFuzzer, one after the other.
//!
//! The program is built with coverage into a folder of its own, so that nothing else is compiled
//! differently. It needs a C++ compiler, for libFuzzer; where there is none, the targets run without
//! coverage.

use crate::build::{cargo, target};
use crate::soak::commit;
use anyhow::{Context, Result, ensure};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

/// Seconds for each target, and which targets: names with commas between them.
pub(crate) const SECONDS: (&str, &str) = ("HOLDFAST_FUZZ_SECONDS", "900");
const ONLY: &str = "HOLDFAST_FUZZ_ONLY";

/// What counts edges: SanitizerCoverage as libFuzzer reads it. The flags are stable.
const COVERAGE: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
                        -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
                        -Cllvm-args=-sanitizer-coverage-pc-table \
                        -Cllvm-args=-sanitizer-coverage-trace-compares \
                        -Clink-arg=-Wl,-z,nostart-stop-gc";

/// Runs the targets without coverage, as any other program.
const PLAIN: [&str; 8] = [
    "run",
    "--locked",
    "--quiet",
    "--package",
    "fuzz",
    "--bin",
    "holdfast-fuzz",
    "--",
];

/// Runs every target and prints what each did.
pub(crate) fn run() -> Result<()> {
    let seconds = std::env::var(SECONDS.0).unwrap_or_else(|_| SECONDS.1.to_owned());
    seconds
        .parse::<u32>()
        .with_context(|| format!("{} is no number", SECONDS.0))?;
    let listed = cargo().args(PLAIN).arg("list").stderr(Stdio::inherit()).output()?;
    ensure!(listed.status.success(), "the targets do not build");
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    let only = std::env::var(ONLY).unwrap_or_default();
    let wanted = |name: &&str| only.is_empty() || only.split(',').any(|one| one == *name);
    let names: Vec<&str> = listed
        .lines()
        .filter_map(|line| line.split(' ').next())
        .filter(wanted)
        .collect();
    ensure!(!names.is_empty(), "{ONLY} names no target");
    let folder = target().join("fuzz");
    let guided = build(&folder);
    if let Err(error) = &guided {
        println!("note: without coverage, because libFuzzer does not build: {error:#}");
    }
    println!("\ncommit  {}", commit());
    println!("command {}={seconds} cargo xtask soak fuzz", SECONDS.0);
    let (mut failed, begun) = (Vec::new(), Instant::now());
    for name in names {
        let result = match &guided {
            Ok(program) => guided_run(program, &folder, name, &seconds),
            Err(_) => {
                let done = cargo().args(PLAIN).args(["run", name, &seconds]).status()?;
                ensure!(done.success(), "{name} broke a promise");
                continue;
            }
        };
        match result {
            Ok(line) => println!("result  {name}: {line}"),
            Err(error) => {
                println!("FAILED  {name}: {error:#}");
                failed.push(name);
            }
        }
    }
    println!(
        "{} in {} s",
        if failed.is_empty() { "passed" } else { "FAILED" },
        begun.elapsed().as_secs()
    );
    ensure!(failed.is_empty(), "promises were broken: {failed:?}");
    Ok(())
}

/// Builds the program under libFuzzer.
fn build(folder: &Path) -> Result<PathBuf> {
    let version = Command::new("rustc").arg("-vV").output()?;
    let version = String::from_utf8_lossy(&version.stdout).into_owned();
    let host = version
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .context("rustc names no host")?;
    // With `--target`, what runs while building (macros, build scripts) is left without coverage.
    let built = cargo()
        .args([
            "build",
            "--locked",
            "--package",
            "fuzz",
            "--profile",
            "fuzz",
            "--features",
            "libfuzzer",
        ])
        .args(["--bin", "holdfast-libfuzzer", "--target", host, "--target-dir"])
        .arg(folder)
        .env("RUSTFLAGS", COVERAGE)
        .status()?;
    ensure!(built.success(), "cargo build ended with {built}");
    Ok(folder.join(host).join("fuzz/holdfast-libfuzzer"))
}

/// Runs one target; what libFuzzer said last.
fn guided_run(program: &Path, folder: &Path, name: &str, seconds: &str) -> Result<String> {
    let (corpus, failures) = (folder.join("corpus").join(name), folder.join("failures").join(name));
    std::fs::create_dir_all(&failures)?;
    let made = cargo().args(PLAIN).args(["corpus", name]).arg(&corpus).status()?;
    ensure!(made.success(), "no seeds");
    let output = Command::new(program)
        .arg(&corpus)
        .args([
            &format!("-max_total_time={seconds}"),
            "-max_len=16384",
            "-timeout=20",
            "-rss_limit_mb=2048",
        ])
        .args([
            "-print_final_stats=1",
            &format!("-artifact_prefix={}/", failures.display()),
        ])
        .env("HOLDFAST_FUZZ_TARGET", name)
        .stdin(Stdio::null())
        .output()?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    if !output.status.success() {
        let from = said
            .lines()
            .position(|line| line.contains("panicked at"))
            .unwrap_or_default();
        let lines: Vec<&str> = said.lines().skip(from).take(4).collect();
        anyhow::bail!(
            "{}\nThe input is in {}; mend the cause and move it to tests/fuzz/regressions/{name}",
            lines.join("\n"),
            failures.display()
        );
    }
    let done = said
        .lines()
        .rev()
        .find(|line| line.starts_with('#'))
        .context("libFuzzer said nothing")?;
    let executions = said
        .lines()
        .rev()
        .find_map(|line| line.strip_prefix("stat::number_of_executed_units:"))
        .map(str::trim)
        .unwrap_or_default();
    let numbers = done.split_whitespace().collect::<Vec<_>>();
    let after = |label| {
        numbers
            .iter()
            .position(|word| *word == label)
            .and_then(|at| numbers.get(at + 1))
            .copied()
    };
    let (edges, features, inputs) = (after("cov:"), after("ft:"), after("corp:"));
    Ok(format!(
        "{seconds} s, {executions} executions, {} edges, {} features, {} inputs kept",
        edges.unwrap_or("no"),
        features.unwrap_or("no"),
        inputs.unwrap_or("no"),
    ))
}
