//! The tests of `cargo xtask test` with counts that take minutes or hours. What
//! comes out is printed with commit and command; docs/soak.md keeps the last results.

use crate::build::{self, SELECTION, cargo};
use crate::readers::{self, Told};
use crate::{browser, conformance, fuzz, mutants, schemathesis, simulate, system};
use anyhow::{Context, Result, bail, ensure};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Instant;

/// A test that can be run longer.
struct Soak {
    name: &'static str,
    what: &'static str,
    /// Which tests, as a filter of nextest.
    filter: &'static str,
    /// The variable that says how many rounds, and how many where it is not set.
    count: (&'static str, &'static str),
    /// What a line of the result has in it.
    result: &'static str,
    /// Programs by others that it needs.
    told: fn() -> Result<Vec<Told>>,
}

/// A soak that needs none.
fn nothing() -> Result<Vec<Told>> {
    Ok(Vec::new())
}

const SOAKS: [Soak; 5] = [
    Soak {
        name: "kill",
        what: "kill -9 inside each step, so many seeds for each process",
        filter: "package(e2e) and test(/^kill::nothing_acknowledged_is_lost/)",
        count: ("HOLDFAST_KILL_SEEDS", "30"),
        result: " kills, ",
        told: nothing,
    },
    Soak {
        name: "import",
        what: "a file with so many people imported into a register",
        filter: "package(issuer) and test(/h15_issuer_many_rows_are_imported_as_they_come/)",
        count: ("HOLDFAST_IMPORT_ROWS", "1000000"),
        result: " rows, ",
        told: nothing,
    },
    Soak {
        name: "status",
        what: "so many presentations at once that point to one status list",
        filter: "package(verifier) and test(/d7_verifier_ten_thousand_presentations_at_once/)",
        count: ("HOLDFAST_STATUS_PRESENTATIONS", "10000"),
        result: " presentations, ",
        told: nothing,
    },
    Soak {
        name: "oracle",
        what: "so many random histories, answer by answer against the implementation in Python",
        filter: "package(ledger) and test(/^oracle::the_oracle_agrees_on_random_histories/)",
        count: ("HOLDFAST_ORACLE_HISTORIES", "10000"),
        result: " histories, ",
        told: readers::oracle,
    },
    Soak {
        name: "audit",
        what: "a log of so many entries replayed and checked, interrupted half way",
        filter: "package(anchor) and test(/^audit_many::an_audit_of_many_entries/)",
        count: ("HOLDFAST_AUDIT_ENTRIES", "1000000"),
        result: " entries, interrupted",
        told: nothing,
    },
];

/// Runs the fuzz targets guided by coverage.
const FUZZ: &str = "fuzz";
/// Looks at every screen and page in every way.
const VIEWS: &str = "views";
/// Takes defences out instead of counting higher.
const MUTANTS: &str = "mutants";
/// Runs what docs/conformance.md names.
const CONFORMANCE: &str = "conformance";
/// Makes requests from what the services say they answer.
const SCHEMATHESIS: &str = "schemathesis";
/// Runs histories of a log and its cosigners.
const SIMULATE: &str = "simulate";

/// Runs the one of this name, or lists them.
pub(crate) fn run(name: Option<&str>, only: &[String]) -> Result<()> {
    let Some(name) = name else {
        for soak in &SOAKS {
            let (variable, count) = soak.count;
            println!("{:<8} {} ({variable}, {count})", soak.name, soak.what);
        }
        let (variable, seconds) = fuzz::SECONDS;
        println!(
            "{FUZZ:<8} every parser of outside bytes under libFuzzer, so many seconds each ({variable}, {seconds})"
        );
        println!("{VIEWS:<8} every screen and page in all sizes and themes; parts of names may be given");
        println!("{CONFORMANCE} the tests that docs/conformance.md names");
        println!("{SCHEMATHESIS} fifty requests for every operation of every service, links followed");
        let (variable, seeds) = simulate::SOAK;
        println!("{SIMULATE:<8} so many histories of a log on disks and networks that fail ({variable}, {seeds})");
        println!("{MUTANTS:<8} every defence taken out, one after the other; rows may be named");
        return Ok(());
    };
    match name {
        FUZZ => {
            system::ensure(system::BUILD)?;
            return fuzz::run();
        }
        VIEWS => return browser::soak(only),
        MUTANTS => return mutants::run(only),
        CONFORMANCE => return conformance::run(),
        SCHEMATHESIS => return schemathesis::soak(),
        SIMULATE => return simulate::soak(),
        _ => {}
    }
    let Some(soak) = SOAKS.iter().find(|soak| soak.name == name) else {
        bail!("there is no soak {name}; `cargo xtask soak` lists them");
    };
    ensure!(system::on_path("cargo-nextest"), "a soak needs cargo-nextest");
    system::ensure(&[system::BUILD, system::SECRET_SERVICE].concat())?;
    build::workspace(SELECTION)?;
    soak.run()
}

impl Soak {
    fn run(&self) -> Result<()> {
        let (variable, usual) = self.count;
        let count = std::env::var(variable).unwrap_or_else(|_| usual.to_owned());
        let begun = Instant::now();
        let mut child = cargo()
            .args(["nextest", "run", "--profile", "soak", "-E", self.filter])
            .args(SELECTION)
            .env(variable, &count)
            .envs((self.told)()?)
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()?;
        let output = child.stderr.take().context("the output of nextest")?;
        let mut results = Vec::new();
        for line in BufReader::new(output).lines() {
            let line = line?;
            println!("{line}");
            if line.contains(self.result) {
                results.push(line.trim().to_owned());
            }
        }
        let passed = child.wait()?.success();
        println!("\ncommit  {}", commit());
        println!("command {variable}={count} cargo xtask soak {}", self.name);
        for result in &results {
            println!("result  {result}");
        }
        let verdict = if passed { "passed" } else { "FAILED" };
        println!("{verdict} in {} s", begun.elapsed().as_secs());
        ensure!(passed && !results.is_empty(), "the soak did not pass");
        Ok(())
    }
}

/// The commit that was built, and whether anything was changed since.
pub(crate) fn commit() -> String {
    let described = Command::new("git").args(["describe", "--always", "--dirty"]).output();
    described.map_or_else(
        |_| "unknown".to_owned(),
        |output| String::from_utf8_lossy(&output.stdout).trim().to_owned(),
    )
}
