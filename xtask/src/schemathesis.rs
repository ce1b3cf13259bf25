//! Schemathesis, a library by others, over every operation of every service as it runs: requests made
//! from the descriptions, from somebody who may ask, and the answers held against them. What is looked
//! at stands in `tests/schemathesis`: no server error, nothing undescribed, nobody in who may not.

use crate::counts::{Counts, Report};
use crate::told::first_line;
use crate::venv::{self, Library};
use crate::{build, soak, system};
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Fetched from the Python package index on first use.
const PACKAGES: [&str; 2] = ["schemathesis==4.32.5", "cryptography==50.0.2"];
/// What a skip begins with; `ci/allowed-skips.txt` names it.
const SKIP: &str = "schemathesis:";
/// How long the services may take to end.
const ENDING: Duration = Duration::from_secs(10);
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

/// Over all services. Where the library cannot be had it is a skip; where it does not install it is a failure.
pub(crate) fn run(effort: Effort) -> Result<Report> {
    let folder = build::target().join("schemathesis");
    std::fs::create_dir_all(&folder)?;
    let folder = folder.canonicalize()?;
    let mut report = Report::default();
    let environment = folder.join(PACKAGES.join("+"));
    let program = match venv::install(&environment, &PACKAGES, "")? {
        Library::There(_) => environment.join("bin/schemathesis"),
        Library::OutOfReach(why) => {
            let skip = format!("{SKIP} {why}");
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
        let (line, told) = first_line(&mut stack.child).context("the services did not start")?;
        stack.told = told;
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
    fn drop(&mut self) {
        end(&mut self.child, ENDING);
    }
}

/// Asks a process to end, and kills one that takes longer than this.
fn end(child: &mut Child, patience: Duration) {
    let _ = Command::new("kill").arg(child.id().to_string()).status();
    let latest = Instant::now() + patience;
    while Instant::now() < latest {
        if let Ok(Some(_)) = child.try_wait() {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    let _ = child.kill();
    let _ = child.wait();
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{BufRead, BufReader};
    use std::os::unix::process::ExitStatusExt;

    /// A shell that says when it is ready.
    fn shell(script: &str) -> Child {
        let mut child = Command::new("sh")
            .args(["-c", script])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        child
    }

    #[test]
    fn what_does_not_end_when_asked_is_killed() {
        let signal = |child: &mut Child| child.wait().unwrap().signal();
        let mut deaf = shell("trap '' TERM; echo ready; exec sleep 600");
        end(&mut deaf, Duration::from_millis(200));
        assert_eq!(signal(&mut deaf), Some(9));
        let mut listening = shell("echo ready; exec sleep 600");
        let begun = Instant::now();
        end(&mut listening, Duration::from_secs(60));
        assert_eq!(signal(&mut listening), Some(15));
        assert!(begun.elapsed() < Duration::from_secs(30));
    }
}
