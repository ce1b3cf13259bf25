//! Building and testing mutants: in a copy of the sources with a target folder
//! of its own, so that nothing mutated is ever near what runs.

use super::{Mutant, Shown};
use crate::catalogue::{self, Named};
use crate::{build, sources, system};
use anyhow::{Context, Result, bail, ensure};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::Instant;

/// What became of one test of one mutant, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fate {
    /// The test failed, as it must.
    Killed,
    /// The test passed without the defence.
    Survived,
    /// It does not build, or no test of this name ran.
    Invalid,
}

/// What became of each test, by where it stands and its name.
type Fates = BTreeMap<(Place, String), Fate>;

/// Where a test stands: the package, and whether in its sources or in the
/// program of tests beside them. What the other one needs is not built.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    package: String,
    programs: Vec<&'static str>,
}

/// Runs the mutants of these rows, or all, and prints what became of them.
pub(crate) fn run(only: &[String]) -> Result<()> {
    ensure!(system::on_path("cargo-nextest"), "mutants need cargo-nextest");
    system::ensure(system::BUILD)?;
    let tests = catalogue::scan()?;
    let mut mutants = super::read()?;
    mutants.retain(|mutant| only.is_empty() || only.iter().any(|wanted| mutant.is_wanted(wanted)));
    ensure!(!mutants.is_empty(), "there is no mutant of these rows");
    // Those of one crate after one another: what does not change stays built.
    mutants.sort_by(|one, other| one.changes.cmp(&other.changes));
    let copy = Copy::make()?;
    let begun = Instant::now();
    copy.all_pass(&mutants, &tests)?;
    let mut fates = Vec::new();
    for mutant in &mutants {
        let seconds = Instant::now();
        let found = copy.try_out(mutant, &tests)?;
        for (shown, fate) in mutant.shows.iter().zip(found) {
            let line = format!("{:<4} {:<9} {:<72} {fate:?}", shown.row, shown.component, shown.test);
            println!("{line}  ({}, {} s)", mutant.name, seconds.elapsed().as_secs());
            fates.push((line, fate));
        }
    }
    finish(&fates, mutants.len(), begun)
}

impl Mutant {
    /// By the name of its file, or by a row that it shows.
    fn is_wanted(&self, wanted: &str) -> bool {
        self.name == wanted || self.shows.iter().any(|shown| shown.row == wanted)
    }
}

fn finish(fates: &[(String, Fate)], mutants: usize, begun: Instant) -> Result<()> {
    let count = |wanted| fates.iter().filter(|(_, fate)| *fate == wanted).count();
    println!("\n{:<4} {:<9} {:<72} fate", "row", "component", "test");
    for (line, _) in fates {
        println!("{line}");
    }
    println!(
        "\n{mutants} mutants, {} tests: {} killed, {} survived, {} invalid, in {} s",
        fates.len(),
        count(Fate::Killed),
        count(Fate::Survived),
        count(Fate::Invalid),
        begun.elapsed().as_secs()
    );
    ensure!(count(Fate::Killed) == fates.len(), "not every mutant was noticed");
    Ok(())
}

const QUIET: [&str; 6] = [
    "--failure-output",
    "never",
    "--status-level",
    "none",
    "--final-status-level",
    "none",
];

/// Builds and runs nothing.
const BUILD: &[&str] = &["--no-run"];
/// All of them, whatever the first one does.
const RUN: &[&str] = &["--no-fail-fast"];
/// Each mutant is built once and runs a few tests.
const FAST_TO_BUILD: [&str; 4] = [
    "--config",
    "profile.dev.debug=false",
    "--config",
    "profile.dev.package.issuer.opt-level=0",
];

/// The copy of the sources and its target folder.
struct Copy {
    folder: PathBuf,
    target: PathBuf,
}

impl Copy {
    /// Brings the copy up to date; what did not change keeps its time, so that
    /// cargo builds only what differs.
    fn make() -> Result<Self> {
        let home = build::target().join("mutants");
        let copy = Self {
            folder: home.join("sources"),
            target: home.join("target"),
        };
        let files: BTreeSet<String> = sources::all()?.into_iter().collect();
        for file in &files {
            let to = copy.folder.join(file);
            let content = std::fs::read(file)?;
            if std::fs::read(&to).ok().as_ref() != Some(&content) {
                std::fs::create_dir_all(to.parent().unwrap_or(&to))?;
                std::fs::write(&to, content)?;
            }
        }
        remove_others(&copy.folder, &copy.folder, &files)?;
        Ok(copy)
    }

    /// The named tests pass as the sources are; else their failing shows nothing.
    fn all_pass(&self, mutants: &[Mutant], tests: &[Named]) -> Result<()> {
        println!("As it is");
        let shown = mutants.iter().flat_map(|mutant| &mutant.shows);
        for (place, shown) in by_place(shown, tests)? {
            let status = self.nextest(&place, &shown, RUN)?;
            ensure!(status.success(), "the tests of {} do not pass as it is", place.package);
        }
        Ok(())
    }

    /// What becomes of each of its tests.
    fn try_out(&self, mutant: &Mutant, tests: &[Named]) -> Result<Vec<Fate>> {
        println!("\n{}: without {}", mutant.name, mutant.takes_out);
        self.apply(mutant, &[])?;
        let fates = self.fates(mutant, tests);
        self.apply(mutant, &["--reverse"])?;
        fates
    }

    fn fates(&self, mutant: &Mutant, tests: &[Named]) -> Result<Vec<Fate>> {
        let mut fates = Fates::new();
        for (place, shown) in by_place(&mutant.shows, tests)? {
            let builds = self.nextest(&place, &shown, BUILD)?.success();
            for one in shown {
                let fate = if builds {
                    fate(self.nextest(&place, &[one], RUN)?)
                } else {
                    Fate::Invalid
                };
                fates.insert((place.clone(), one.test.clone()), fate);
            }
        }
        Ok(mutant.shows.iter().map(|one| of_all(&fates, &one.test)).collect())
    }

    fn apply(&self, mutant: &Mutant, more: &[&str]) -> Result<()> {
        let status = Command::new("git")
            .arg("apply")
            .args(more)
            .arg(build::root().join(mutant.file()))
            .current_dir(&self.folder)
            // The copy lies inside a repository and is none of its files.
            .env("GIT_CEILING_DIRECTORIES", self.folder.parent().unwrap_or(&self.folder))
            .status()?;
        ensure!(status.success(), "{} does not apply", mutant.file());
        Ok(())
    }

    fn nextest(&self, place: &Place, shown: &[&Shown], more: &[&str]) -> Result<ExitStatus> {
        let filters: BTreeSet<String> = shown
            .iter()
            .map(|shown| format!("test(/(^|::){}(::|$)/)", shown.test))
            .collect();
        let filters: Vec<String> = filters.into_iter().collect();
        build::cargo()
            .args(["nextest", "run", "--locked", "--cargo-quiet"])
            .args(QUIET)
            .args(FAST_TO_BUILD)
            .args(more)
            .args(["--package", &place.package])
            .args(&place.programs)
            .args(["-E", &filters.join(" or ")])
            .current_dir(&self.folder)
            .env("CARGO_TARGET_DIR", &self.target)
            .stdin(Stdio::null())
            .status()
            .context("cannot start nextest")
    }
}

/// The tests of each place. Each is built alone: together they would have other
/// features, and much would be compiled again.
fn by_place<'a>(
    shown: impl IntoIterator<Item = &'a Shown>,
    tests: &[Named],
) -> Result<BTreeMap<Place, Vec<&'a Shown>>> {
    let mut all = BTreeMap::<_, Vec<_>>::new();
    for one in shown {
        for place in places(one, tests)? {
            all.entry(place).or_default().push(one);
        }
    }
    Ok(all)
}

/// The places in which a test of this name stands.
fn places(shown: &Shown, tests: &[Named]) -> Result<BTreeSet<Place>> {
    let named = tests.iter().filter(|test| test.name == shown.test);
    let places: BTreeSet<Place> = named.map(place).collect::<Result<_>>()?;
    ensure!(!places.is_empty(), "there is no test {}", shown.test);
    Ok(places)
}

/// The place that a test stands in.
fn place(test: &Named) -> Result<Place> {
    let file = Path::new(&test.file);
    let mut folder = file;
    while let Some(above) = folder.parent() {
        folder = above;
        if let Ok(manifest) = std::fs::read_to_string(folder.join("Cargo.toml")) {
            let manifest: toml::Table = manifest.parse()?;
            let name = manifest.get("package").and_then(|package| package.get("name"));
            let name = name.and_then(toml::Value::as_str).context("a package without a name")?;
            let programs = match file.strip_prefix(folder) {
                Ok(within) if within.starts_with("tests") => vec!["--test", "*"],
                _ if folder.join("src/lib.rs").exists() => vec!["--lib", "--bins"],
                _ => vec!["--bins"],
            };
            let package = name.to_owned();
            return Ok(Place { package, programs });
        }
    }
    bail!("{} stands in no package", test.file)
}

/// What became of a test in all places that have one of its name: it has to fail in each.
fn of_all(fates: &Fates, test: &str) -> Fate {
    let found: BTreeSet<Fate> = fates
        .iter()
        .filter(|((_, name), _)| name == test)
        .map(|(_, fate)| *fate)
        .collect();
    found.last().copied().unwrap_or(Fate::Invalid)
}

/// What nextest says: 100 is a failed test, 0 all passed; all else is no verdict.
fn fate(status: ExitStatus) -> Fate {
    match status.code() {
        Some(100) => Fate::Killed,
        Some(0) => Fate::Survived,
        _ => Fate::Invalid,
    }
}

/// Removes from the copy what the sources no longer have.
fn remove_others(root: &Path, folder: &Path, files: &BTreeSet<String>) -> Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            remove_others(root, &path, files)?;
        } else if path
            .strip_prefix(root)
            .is_ok_and(|name| !files.contains(&*name.to_string_lossy()))
        {
            std::fs::remove_file(path)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::process::ExitStatusExt;

    #[test]
    fn only_a_failed_test_kills() {
        let code = |code: i32| fate(ExitStatus::from_raw(code << 8));
        assert_eq!(code(100), Fate::Killed);
        assert_eq!(code(0), Fate::Survived);
        assert_eq!([code(101), code(4), code(96)], [Fate::Invalid; 3]);
    }

    #[test]
    fn a_test_has_to_fail_in_every_package_that_has_one_of_its_name() {
        let fates = |some: &[(&str, Fate)]| -> Fates {
            let place = |package: &str| Place {
                package: package.to_owned(),
                programs: Vec::new(),
            };
            let named = some
                .iter()
                .map(|(package, fate)| ((place(package), "a1".to_owned()), *fate));
            named.collect()
        };
        let both = fates(&[("issuer", Fate::Survived), ("wallet", Fate::Killed)]);
        assert_eq!((both.len(), of_all(&both, "a1")), (2, Fate::Survived));
        let built = fates(&[("issuer", Fate::Invalid), ("wallet", Fate::Killed)]);
        assert_eq!(of_all(&built, "a1"), Fate::Invalid);
        assert_eq!(
            of_all(&fates(&[("issuer", Fate::Killed), ("wallet", Fate::Killed)]), "a1"),
            Fate::Killed
        );
        assert_eq!(of_all(&both, "a2"), Fate::Invalid, "it did not run");
    }

    #[test]
    fn a_name_that_stands_twice_is_tried_in_both_packages() {
        let here = env!("CARGO_MANIFEST_DIR");
        let named = |file: &str| Named {
            name: "a1_wallet".to_owned(),
            row: "A1".to_owned(),
            component: Some("wallet".to_owned()),
            file: format!("{here}/../{file}"),
        };
        let tests = [named("issuer/tests/a.rs"), named("xtask/src/main.rs")];
        let found = places(&Shown::parse("A1 wallet a1_wallet").unwrap(), &tests).unwrap();
        let found: Vec<_> = found
            .iter()
            .map(|place| (place.package.as_str(), place.programs.first().copied()))
            .collect();
        assert_eq!(found, [("issuer", Some("--test")), ("xtask", Some("--bins"))]);
    }
}
