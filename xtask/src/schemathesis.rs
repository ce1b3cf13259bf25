//! Schemathesis, a library by others, over every operation of every service as it runs: requests
//! made from the descriptions, from somebody who may ask, and no server error.

use crate::counts::{Counts, Report};
use crate::{build, system};
use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Both are fetched from the Python package index on first use.
const PACKAGES: [&str; 2] = ["schemathesis==4.32.5", "cryptography"];
/// What a skip begins with; `ci/allowed-skips.txt` names it.
const SKIP: &str = "schemathesis:";

/// How much is tried.
#[derive(Clone, Copy)]
pub(crate) struct Effort {
    /// Requests for each operation.
    examples: u32,
    phases: &'static str,
}

impl Effort {
    /// What fits in every run of the tests.
    pub(crate) const SMALL: Self = Self {
        examples: 4,
        phases: "examples,fuzzing,stateful",
    };
    /// Everything there is, links followed.
    pub(crate) const FULL: Self = Self {
        examples: 50,
        phases: "examples,coverage,fuzzing,stateful",
    };
}

/// Over all services; what cannot be installed is a skip.
pub(crate) fn run(effort: Effort) -> Result<Report> {
    let folder = build::target().join("schemathesis");
    let program = match install(&folder) {
        Ok(program) => program,
        Err(error) => {
            let mut report = Report::default();
            let skip = format!("{SKIP} {error:#}");
            println!("SKIPPED: {skip}");
            report.skips.push(skip);
            return Ok(report);
        }
    };
    system::ensure(system::SECRET_SERVICE)?;
    let stack = Stack::start(&folder)?;
    let mut report = Report::default();
    for target in stack.targets()? {
        println!("\n-- {}", target.name);
        let failed = !stack.test(&program, &target, effort)?;
        let counts = Counts {
            run: target.operations()?,
            skipped: 0,
            failed: usize::from(failed),
        };
        report.suites.insert(target.name, counts);
    }
    Ok(report)
}

/// The same with everything it has, as a soak.
pub(crate) fn soak() -> Result<()> {
    build::workspace(build::services())?;
    let report = run(Effort::FULL)?;
    for (name, counts) in &report.suites {
        let verdict = if counts.failed == 0 {
            "no server error"
        } else {
            "FAILED"
        };
        println!(
            "result  {name}: {} operations, {} examples each: {verdict}",
            counts.run,
            Effort::FULL.examples
        );
    }
    ensure!(
        !report.suites.is_empty() && report.suites.values().all(|counts| counts.failed == 0),
        "not every operation was tried without a server error"
    );
    Ok(())
}

/// The program, in an environment of its own.
fn install(folder: &Path) -> Result<PathBuf> {
    ensure!(system::on_path("python3"), "no python3");
    let environment = folder.join("python");
    let program = environment.join("bin/schemathesis");
    if program.exists() {
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
    Ok(program)
}

/// A service with its description.
struct Target {
    name: String,
    description: String,
    url: String,
    /// Only operations with this tag, or all without.
    tag: (&'static str, &'static str),
}

/// The tag of what an issuer answers on a listener of its own.
const STATUS_LISTS: &str = "status lists";

impl Target {
    fn new(name: &str, ops: &str, url: &str) -> Self {
        Self {
            name: name.to_owned(),
            description: format!("{ops}/openapi.json"),
            url: url.to_owned(),
            tag: ("--exclude-tag", STATUS_LISTS),
        }
    }

    /// How many operations its description has.
    fn operations(&self) -> Result<usize> {
        let output = Command::new("curl")
            .args(["--silent", "--fail", &self.description])
            .output()?;
        let description: Value = serde_json::from_slice(&output.stdout).context("no description")?;
        let paths = description["paths"].as_object().context("no paths")?;
        let operations = paths
            .values()
            .filter_map(Value::as_object)
            .flat_map(|item| item.values());
        let only_tagged = self.tag.0 == "--include-tag";
        let tagged = |operation: &&Value| operation["tags"] == serde_json::json!([STATUS_LISTS]);
        Ok(operations.filter(|operation| tagged(operation) == only_tagged).count())
    }
}

/// The services, running.
struct Stack {
    child: Child,
    folder: PathBuf,
    told: Value,
}

impl Stack {
    fn start(folder: &Path) -> Result<Self> {
        let mut child = Command::new(build::target().join("debug/holdfast-story"))
            .args(["up", "--json", "--reset", "--data-dir"])
            .arg(folder.join("stack"))
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start the services")?;
        let mut line = String::new();
        let output = child.stdout.take().context("no output")?;
        BufReader::new(output).read_line(&mut line)?;
        let told = serde_json::from_str(&line).context("the services did not start")?;
        std::fs::write(folder.join("stack.json"), &line)?;
        Ok(Self {
            child,
            folder: folder.to_path_buf(),
            told,
        })
    }

    fn targets(&self) -> Result<Vec<Target>> {
        let text = |pointer: &str| {
            let value = self.told.pointer(pointer).and_then(Value::as_str);
            value.with_context(|| format!("{pointer} was not told"))
        };
        let target = |name: &str, at: &str| {
            Ok::<_, anyhow::Error>(Target::new(
                name,
                text(&format!("{at}/ops_url"))?,
                text(&format!("{at}/url"))?,
            ))
        };
        let mut lists = target("status-lists", "/issuer")?;
        text("/issuer/status_url")?.clone_into(&mut lists.url);
        lists.tag = ("--include-tag", STATUS_LISTS);
        Ok(vec![
            target("issuer", "/issuer")?,
            lists,
            target("verifier", "/verifier")?,
            target("log", "/ledger")?,
            target("mirror", "/mirror")?,
            target("witness", "/witnesses/0")?,
        ])
    }

    fn test(&self, program: &Path, target: &Target, effort: Effort) -> Result<bool> {
        let (kind, tag) = target.tag;
        let status = Command::new(program.canonicalize()?)
            .args(["run", &target.description, "--url", &target.url, kind, tag])
            .args(["--checks", "not_a_server_error", "--phases", effort.phases])
            .args(["--max-examples", &effort.examples.to_string(), "--continue-on-failure"])
            .args([
                "--request-timeout",
                "10",
                "--suppress-health-check",
                "all",
                "--warnings",
                "off",
            ])
            .env("SCHEMATHESIS_HOOKS", "hooks")
            .env("PYTHONPATH", build::root().join("tests/schemathesis"))
            .env("HOLDFAST_STACK", self.folder.canonicalize()?.join("stack.json"))
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .status()?;
        match status.code() {
            Some(0) => Ok(true),
            Some(1) => Ok(false),
            _ => bail!("schemathesis ended with {status}"),
        }
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
