//! The stages of `cargo xtask test`, with the seconds each took.

use crate::build::{self, SELECTION, cargo};
use crate::counts::Report;
use crate::schemathesis::{self, Effort};
use crate::{browser, catalogue, conformance, licences, measure, simulate, sizes, system, web};
use anyhow::{Context, Result, bail, ensure};
use std::process::{Command, Stdio};
use std::time::Instant;

/// Runs every stage; goes on after a failure so that one run tells all.
pub(crate) fn test() -> Result<()> {
    let mut run = Run::default();
    run.stage("packages", || {
        let all = [
            system::BUILD,
            system::SECRET_SERVICE,
            system::NO_NETWORK,
            system::WINDOW,
            system::BROWSERS,
        ];
        system::ensure(&all.concat())
    });
    run.stage("format", || passes(cargo().args(["fmt", "--all", "--check"])));
    run.stage("licences", licences::check);
    run.stage("catalogue", || catalogue::check().and(conformance::check()));
    run.stage("measure", measure::run);
    let mut report = run.stage("web", web::test).unwrap_or_default();
    run.stage("pages", web::build_to_look_at);
    run.stage("build", || build::workspace(SELECTION));
    run.stage("sizes", sizes::print);
    report.add("rust", run.stage("tests", tests).unwrap_or_default());
    run.stage("lints", || {
        passes(cargo().arg("clippy").args(SELECTION).args(["--", "-D", "warnings"]))
    });
    run.stage("docs", || {
        passes(
            cargo()
                .env("RUSTDOCFLAGS", "-D warnings")
                .args(["doc", "--workspace", "--no-deps", "--locked"]),
        )
    });
    run.stage("story", || {
        passes(Command::new(build::target().join("debug/holdfast-story")).args(["demo", "--headless"]))
    });
    run.stage("simulate", || simulate::run(simulate::USUAL, 0, None));
    let described = run.stage("schemathesis", || schemathesis::run(Effort::SMALL));
    report.add("schemathesis", described.unwrap_or_default());
    report.add("browser", run.stage("browser", browser::test).unwrap_or_default());
    run.finish(&report)
}

#[derive(Default)]
struct Run {
    seconds: Vec<(&'static str, u64)>,
    failures: Vec<String>,
}

impl Run {
    fn stage<T>(&mut self, name: &'static str, work: impl FnOnce() -> Result<T>) -> Option<T> {
        println!("\n== {name}");
        let start = Instant::now();
        let result = work();
        self.seconds.push((name, start.elapsed().as_secs()));
        result
            .map_err(|error| {
                println!("FAILED {name}: {error:#}");
                self.failures.push(format!("{name}: {error:#}"));
            })
            .ok()
    }

    fn finish(mut self, report: &Report) -> Result<()> {
        let allowed = std::fs::read_to_string("ci/allowed-skips.txt").unwrap_or_default();
        let forbidden = report.forbidden(&allowed);
        if std::env::var_os("CI").is_some() {
            self.failures.extend(
                forbidden
                    .iter()
                    .map(|skip| format!("a skip that ci/allowed-skips.txt does not name: {skip}")),
            );
        }
        println!("\n== counted by the tests");
        for line in &report.counted {
            println!("{line}");
        }
        println!("\n== seconds per stage");
        for (name, seconds) in &self.seconds {
            println!("{seconds:>6}  {name}");
        }
        println!("\n== run, skipped, failed per suite");
        let (mut ran, mut skipped, mut failed) = (0, 0, 0);
        for (suite, counts) in &report.suites {
            println!("{:>6} {:>6} {:>6}  {suite}", counts.run, counts.skipped, counts.failed);
            ran += counts.run;
            skipped += counts.skipped;
            failed += counts.failed;
        }
        for skip in &report.skips {
            println!("skipped: {skip}");
        }
        let failed_stages = self.failures.len();
        for failure in &self.failures {
            println!("FAILED {failure}");
        }
        println!(
            "\n{} passed, {} failed, {skipped} skipped",
            ran - failed,
            failed.max(failed_stages)
        );
        ensure!(failed_stages == 0 && failed == 0, "not everything passed");
        ensure!(ran > 0, "no test ran");
        Ok(())
    }
}

/// Unit, vector and end-to-end tests: nextest where it is there, else cargo test.
fn tests() -> Result<Report> {
    if system::on_path("cargo-nextest") {
        let status = cargo()
            .args(["nextest", "run", "--profile", "ci"])
            .args(SELECTION)
            .status()?;
        let report = Report::from_junit(&build::target().join("nextest/ci/junit.xml"))?;
        if !status.success() && report.suites.values().all(|counts| counts.failed == 0) {
            bail!("the tests did not run to their end");
        }
        return Ok(report);
    }
    println!("note: cargo-nextest is not installed; cargo test runs the same tests");
    // Cargo names the suites on standard error, the tests speak on standard
    // output: the report needs both in their order.
    let output = Command::new("sh")
        .args(["-c", "exec \"$0\" \"$@\" 2>&1"])
        .arg(cargo().get_program())
        .arg("test")
        .args(SELECTION)
        .args(["--no-fail-fast", "--", "--show-output"])
        .output()
        .context("cargo test")?;
    let text = String::from_utf8_lossy(&output.stdout);
    println!("{text}");
    let report = Report::from_cargo_test(&text);
    if !output.status.success() && report.suites.values().all(|counts| counts.failed == 0) {
        bail!("the tests did not run to their end");
    }
    Ok(report)
}

fn passes(command: &mut Command) -> Result<()> {
    let status = command
        .stdin(Stdio::null())
        .status()
        .with_context(|| format!("{command:?}"))?;
    ensure!(status.success(), "{command:?} ended with {status}");
    Ok(())
}
