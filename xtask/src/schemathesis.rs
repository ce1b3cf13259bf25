//! Schemathesis, a library by others, over every operation of every service as it runs: requests made
//! from the descriptions, from somebody who may ask, and the answers held against them. What is looked
//! at stands in `tests/schemathesis`: no server error, nothing undescribed, nobody in who may not.

use crate::counts::{Counts, Report};
use crate::{build, soak, system};
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

/// Fetched from the Python package index on first use.
const PACKAGES: [&str; 2] = ["schemathesis==4.32.5", "cryptography==50.0.2"];
/// What a skip begins with; `ci/allowed-skips.txt` names it.
const SKIP: &str = "schemathesis:";
/// How many services are tried at one time.
const AT_ONCE: usize = 2;

/// How much is tried.
#[derive(Clone, Copy)]
pub(crate) struct Effort {
    /// Requests for each operation.
    examples: u32,
    /// What is done besides following links.
    phases: &'static str,
    further: &'static [&'static str],
}

impl Effort {
    /// What fits in every run of the tests, always the same.
    pub(crate) const SMALL: Self = Self {
        examples: 4,
        phases: "examples,fuzzing",
        further: &["--generation-deterministic"],
    };
    /// Everything there is.
    const FULL: Self = Self {
        examples: 50,
        phases: "examples,coverage,fuzzing",
        further: &[],
    };
}

/// A listener of a service, or some of its operations.
struct Target {
    name: &'static str,
    /// Where it stands in what the services told when they had started.
    at: &'static str,
    /// Which of its listeners.
    listener: &'static str,
    /// Which operations.
    only: [&'static str; 2],
}

/// All but those of the operations listener, which the same document describes.
const PUBLIC: [&str; 2] = ["--exclude-tag", "operations"];

impl Target {
    const fn public(name: &'static str, at: &'static str) -> Self {
        Self {
            name,
            at,
            listener: "url",
            only: PUBLIC,
        }
    }

    /// Links lead out of a part of the operations: they are followed where all are tried.
    fn phases(&self, effort: Effort) -> String {
        let links = if self.only == PUBLIC { ",stateful" } else { "" };
        format!("{}{links}", effort.phases)
    }
}

const TARGETS: [Target; 10] = [
    Target::public("issuer", "/issuer"),
    Target::public("verifier", "/verifier"),
    Target::public("lists", "/lists"),
    Target::public("ledger", "/ledger"),
    Target::public("mirror", "/mirror"),
    Target::public("witness", "/witnesses/0"),
    Target::public("attester", "/attester"),
    Target::public("sign_in", "/sign_in"),
    // The same program as the issuer, at which people can sign in.
    Target {
        only: ["--include-tag", "citizens"],
        ..Target::public("transport", "/transport")
    },
    // The same code in every service.
    Target {
        listener: "ops_url",
        only: ["--include-tag", "operations"],
        ..Target::public("operations", "/issuer")
    },
];

/// Over all services; what cannot be installed is a skip.
pub(crate) fn run(effort: Effort) -> Result<Report> {
    let folder = build::target().join("schemathesis");
    std::fs::create_dir_all(&folder)?;
    let folder = folder.canonicalize()?;
    let mut report = Report::default();
    let program = match install(&folder) {
        Ok(program) => program,
        Err(error) => {
            let skip = format!("{SKIP} {error:#}");
            println!("SKIPPED: {skip}");
            report.skips.push(skip);
            return Ok(report);
        }
    };
    let running = Stack::start(folder)?;
    let (stack, program) = (&running, program.as_path());
    let all: Vec<&Target> = TARGETS.iter().collect();
    for some in all.chunks(AT_ONCE) {
        let tried: Vec<Result<Counts>> = std::thread::scope(|scope| {
            let started: Vec<_> = some
                .iter()
                .map(|target| scope.spawn(move || stack.test(program, target, effort)))
                .collect();
            let ended = started.into_iter().map(|one| one.join());
            ended
                .map(|one| one.unwrap_or_else(|_| Err(anyhow::anyhow!("a thread ended early"))))
                .collect()
        });
        for (target, counts) in some.iter().zip(tried) {
            report.suites.insert(target.name.to_owned(), counts?);
        }
    }
    Ok(report)
}

/// The same with everything it has, as a soak.
pub(crate) fn soak() -> Result<()> {
    system::ensure(&[system::BUILD, system::SECRET_SERVICE].concat())?;
    build::workspace(build::services())?;
    let begun = Instant::now();
    let report = run(Effort::FULL)?;
    println!("\ncommit  {}", soak::commit());
    println!("command cargo xtask soak schemathesis");
    let examples = Effort::FULL.examples;
    for (name, counts) in &report.suites {
        let Counts { run, failed, .. } = counts;
        println!("result  {name}: {run} operations, {examples} examples each, {failed} with a finding");
    }
    let passed = !report.suites.is_empty() && report.suites.values().all(|counts| counts.failed == 0);
    let verdict = if passed { "passed" } else { "FAILED" };
    println!("{verdict} in {} s", begun.elapsed().as_secs());
    ensure!(passed, "the services are not as they are described");
    Ok(())
}

/// The program, in an environment of its own.
fn install(folder: &Path) -> Result<PathBuf> {
    ensure!(system::on_path("python3"), "no python3");
    let environment = folder.join(PACKAGES.join("+"));
    let program = environment.join("bin/schemathesis");
    // Written last: what was broken off is begun again.
    let whole = environment.join("whole");
    if whole.exists() {
        return Ok(program);
    }
    let made = Command::new("python3")
        .args(["-m", "venv"])
        .arg(&environment)
        .status()?;
    ensure!(made.success(), "python3 cannot make an environment");
    let installed = Command::new(environment.join("bin/pip"))
        .args(["install", "--quiet", "--disable-pip-version-check"])
        .args(PACKAGES)
        .status()?;
    ensure!(installed.success(), "pip cannot install it");
    std::fs::write(whole, "")?;
    Ok(program)
}

/// The services, running.
struct Stack {
    child: Child,
    folder: PathBuf,
    told: Value,
}

impl Stack {
    fn start(folder: PathBuf) -> Result<Self> {
        let child = Command::new(build::target().join("debug/holdfast-story"))
            .args(["up", "--json", "--reset", "--data-dir"])
            .arg(folder.join("stack"))
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start the services")?;
        // From here on it is ended, whatever goes wrong.
        let mut stack = Self {
            child,
            folder,
            told: Value::Null,
        };
        let mut line = String::new();
        let output = stack.child.stdout.take().context("no output")?;
        BufReader::new(output).read_line(&mut line)?;
        stack.told = serde_json::from_str(&line).context("the services did not start")?;
        std::fs::write(stack.folder.join("stack.json"), &line)?;
        Ok(stack)
    }

    fn address(&self, target: &Target, listener: &str) -> Result<&str> {
        let pointer = format!("{}/{listener}", target.at);
        let value = self.told.pointer(&pointer).and_then(Value::as_str);
        value.with_context(|| format!("{pointer} was not told"))
    }

    fn test(&self, program: &Path, target: &Target, effort: Effort) -> Result<Counts> {
        let ours = build::root().join("tests/schemathesis");
        let description = format!("{}/openapi.json", self.address(target, "ops_url")?);
        let results = self.folder.join(format!("{}.xml", target.name));
        let _ = std::fs::remove_file(&results);
        let output = Command::new(program)
            .arg("--config-file")
            .arg(ours.join("schemathesis.toml"))
            .args(["--no-color", "run", &description])
            .args(["--url", self.address(target, target.listener)?])
            .args(target.only)
            .args(["--phases", &target.phases(effort), "--max-examples"])
            .arg(effort.examples.to_string())
            .args(effort.further)
            .args(["--report", "junit", "--report-junit-path"])
            .arg(&results)
            .env("PYTHONPATH", ours)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("HOLDFAST_STACK", self.folder.join("stack.json"))
            .env("HOLDFAST_TARGET", target.name)
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .output()
            .context("schemathesis")?;
        let (said, complained) = (output.stdout, output.stderr);
        println!("\n-- {}\n{}", target.name, String::from_utf8_lossy(&said));
        eprint!("{}", String::from_utf8_lossy(&complained));
        let suites = Report::from_junit(&results)?.suites;
        let counts = suites.values().next().copied().unwrap_or_default();
        ensure!(
            counts.run > 0 && (output.status.success() || counts.failed > 0),
            "{}: schemathesis ended with {}",
            target.name,
            output.status
        );
        Ok(counts)
    }
}

impl Drop for Stack {
    /// Asks the services to end, and waits for it.
    fn drop(&mut self) {
        let asked = Command::new("kill").arg(self.child.id().to_string()).status();
        if asked.is_ok_and(|status| status.success()) {
            let _ = self.child.wait();
        }
    }
}
