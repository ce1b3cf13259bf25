//! The window's and the pages' share of the build: npm packages, built pages.

use crate::counts::Report;
use crate::{build, system};
use anyhow::{Context, Result, bail, ensure};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

/// Something npm builds.
struct Built {
    package: &'static str,
    /// The script of the package that builds it.
    script: &'static str,
    folder: &'static str,
}

/// What the programs serve and show.
const PAGES: [Built; 3] = [
    Built {
        package: "wallet-app",
        script: "build",
        folder: "wallet-app/dist",
    },
    Built {
        package: "issuer/pages",
        script: "build",
        folder: "issuer/pages/dist",
    },
    Built {
        package: "verifier/pages",
        script: "build",
        folder: "verifier/pages/dist",
    },
];
/// What only tests and pictures look at: the window's screens with a wallet in memory.
const LOOKED_AT: [Built; 1] = [Built {
    package: "wallet-app",
    script: "build:memory",
    folder: "wallet-app/dist-memory",
}];
/// What every page is made of, beside its own package.
const SHARED: [&str; 8] = [
    "clients/typescript/src",
    "clients/typescript/openapi.json",
    "ui/src",
    "ui/assets",
    "ui/package.json",
    "schemas",
    "package-lock.json",
    "tsconfig.base.json",
];
/// Vite needs this one.
const OLDEST_NODE: (u32, u32) = (20, 19);

/// Installs the npm packages of the lock file, and builds every page whose
/// sources are newer than what was built last.
pub(crate) fn build() -> Result<()> {
    install()?;
    PAGES.iter().try_for_each(renew)
}

/// Builds the pages, and what tests and pictures look at beside them.
pub(crate) fn build_to_look_at() -> Result<()> {
    build()?;
    LOOKED_AT.iter().try_for_each(renew)
}

/// Builds this where something it is made of is newer.
fn renew(built: &Built) -> Result<()> {
    if stale(Path::new(""), built)? {
        eprintln!("Building {}", built.folder);
        npm(&["run", built.script, "--silent", "--workspace", built.package])?;
    }
    Ok(())
}

/// Installs the npm packages of the lock file where they are not there yet.
fn install() -> Result<()> {
    node()?;
    // npm notes here what it has installed.
    if newest(Path::new("package-lock.json"))? > newest(Path::new("node_modules/.package-lock.json"))? {
        eprintln!("Installing npm packages");
        npm(&["ci", "--no-audit", "--no-fund"])?;
    }
    Ok(())
}

/// Formatting, types and unit tests of the window and the pages.
pub(crate) fn test() -> Result<Report> {
    install()?;
    npm(&["run", "format:check", "--silent"])?;
    npm(&["run", "check", "--silent"])?;
    let mut report = Report::default();
    for package in [
        "ui",
        "clients/typescript",
        "wallet-app",
        "issuer/pages",
        "verifier/pages",
    ] {
        report.add(package, vitest(package, &[], &[])?);
    }
    Ok(report)
}

/// Runs the tests of one package, or those in the files named, and reads their
/// report; a failed test is in the report, and no error.
pub(crate) fn vitest(package: &str, files: &[&str], environment: &[(&str, String)]) -> Result<Report> {
    let name = [&[package], files].concat().join("-").replace('/', "-");
    let file = build::target().join(format!("junit/{name}.xml"));
    let _ = std::fs::remove_file(&file);
    let status = Command::new("npx")
        .args(["vitest", "run", "--passWithNoTests", "--root", package])
        .args(files)
        .args(["--reporter=default", "--reporter=junit"])
        .arg(format!("--outputFile.junit={}", file.display()))
        .envs(environment.iter().map(|(name, value)| (name, value)))
        .status()
        .context("cannot start npx")?;
    if !file.exists() && status.success() {
        return Ok(Report::default());
    }
    let report = Report::from_junit(&file)?;
    let failed = report.suites.values().any(|counts| counts.failed > 0);
    ensure!(
        status.success() || failed,
        "the tests of {package} did not run to their end"
    );
    Ok(report)
}

/// Runs npm with these arguments.
fn npm(args: &[&str]) -> Result<()> {
    let status = Command::new("npm").args(args).status().context("cannot start npm")?;
    ensure!(status.success(), "npm {} failed", args.join(" "));
    Ok(())
}

fn node() -> Result<()> {
    ensure!(
        system::on_path("node") && system::on_path("npm"),
        "Node.js with npm is missing; it is needed for the window and the pages"
    );
    let output = Command::new("node").arg("--version").output()?;
    let said = String::from_utf8_lossy(&output.stdout);
    match version(&said) {
        Some(found) if found >= OLDEST_NODE => Ok(()),
        _ => bail!(
            "Node.js {}.{} or newer is needed, this is {}",
            OLDEST_NODE.0,
            OLDEST_NODE.1,
            said.trim()
        ),
    }
}

/// `v20.19.2` is (20, 19).
fn version(said: &str) -> Option<(u32, u32)> {
    let mut parts = said.trim().strip_prefix('v')?.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

/// Whether something it is made of is newer than what was built; paths are
/// those below `root`.
fn stale(root: &Path, built: &Built) -> Result<bool> {
    let Some(made) = newest(&root.join(built.folder).join("index.html"))? else {
        return Ok(true);
    };
    for source in sources(root, built.package)? {
        if newest(&source)? > Some(made) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What a package's pages are made of: its folders of sources, and every file
/// beside them.
fn sources(root: &Path, package: &str) -> Result<Vec<PathBuf>> {
    let package = root.join(package);
    let mut found: Vec<PathBuf> = SHARED.iter().map(|path| root.join(path)).collect();
    found.extend(["src", "public", "build"].map(|folder| package.join(folder)));
    for entry in std::fs::read_dir(&package)? {
        let path = entry?.path();
        if path.is_file() {
            found.push(path);
        }
    }
    Ok(found)
}

/// The newest change in a file or folder; `None` where there is none.
fn newest(path: &Path) -> Result<Option<SystemTime>> {
    let Ok(about) = path.metadata() else {
        return Ok(None);
    };
    let mut newest_yet = about.modified().ok();
    if about.is_dir() {
        for entry in std::fs::read_dir(path)? {
            newest_yet = newest_yet.max(newest(&entry?.path())?);
        }
    }
    Ok(newest_yet)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_number() {
        assert_eq!(version("v20.19.2\n"), Some((20, 19)));
        assert!(version("v20.9.0") < Some(OLDEST_NODE));
        assert!(version("v22.1.0") > Some(OLDEST_NODE));
        assert_eq!(version("20"), None);
    }

    #[test]
    fn every_package_with_a_build_is_built() {
        let root = build::root();
        let text = std::fs::read_to_string(root.join("package.json")).unwrap();
        let workspace: serde_json::Value = serde_json::from_str(&text).unwrap();
        for package in workspace["workspaces"].as_array().unwrap() {
            let package = package.as_str().unwrap();
            let text = std::fs::read_to_string(root.join(package).join("package.json")).unwrap();
            let own: serde_json::Value = serde_json::from_str(&text).unwrap();
            let mut scripts: Vec<&str> = own["scripts"]
                .as_object()
                .unwrap()
                .keys()
                .map(String::as_str)
                .filter(|script| *script == "build" || script.starts_with("build:"))
                .collect();
            let mut run: Vec<&str> = PAGES
                .iter()
                .chain(&LOOKED_AT)
                .filter(|built| built.package == package)
                .map(|built| built.script)
                .collect();
            scripts.sort_unstable();
            run.sort_unstable();
            assert_eq!(run, scripts, "{package}");
        }
    }

    #[test]
    fn every_shared_source_is_there() {
        for path in SHARED {
            assert!(build::root().join(path).exists(), "{path}");
        }
    }

    /// Sets when a file was changed, in seconds; makes the file where it is not there.
    fn touch(path: &Path, at: u64) {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let file = std::fs::File::options().create(true).append(true).open(path).unwrap();
        let at = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(at);
        file.set_modified(at).unwrap();
    }

    #[test]
    fn what_is_older_than_its_sources_is_stale() {
        let root = std::env::temp_dir().join(format!("holdfast-stale-{}", std::process::id()));
        let now = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap()
            .as_secs();
        let built = &PAGES[2];
        let made = root.join(built.folder).join("index.html");
        let sources = [
            "verifier/pages/src/shop/Shop.svelte",
            "verifier/pages/build/page-size.ts",
            "verifier/pages/index.html",
            "verifier/pages/scan.html",
            "verifier/pages/shop.html",
            "verifier/pages/vite.config.ts",
            "clients/typescript/src/check/element.ts",
            "clients/typescript/openapi.json",
            "ui/src/tokens.css",
            "ui/assets/favicon.svg",
            "schemas/residence.json",
            "package-lock.json",
        ];
        for source in sources {
            touch(&root.join(source), now - 500);
        }
        assert!(stale(&root, built).unwrap(), "nothing was built");
        // Folders count too, and these were made just now.
        touch(&made, now + 100);
        assert!(!stale(&root, built).unwrap());
        for source in sources {
            touch(&root.join(source), now + 200);
            assert!(stale(&root, built).unwrap(), "{source}");
            touch(&root.join(source), now - 500);
        }
        // What is built, or belongs to others, makes nothing stale.
        touch(&root.join("verifier/pages/node_modules/other/index.js"), now + 200);
        touch(&root.join("wallet-app/src/main.ts"), now + 200);
        assert!(!stale(&root, built).unwrap());
        std::fs::remove_dir_all(root).unwrap();
    }
}
