//! The window's and the pages' share of the build: npm packages, built pages.

use crate::counts::Report;
use crate::{build, system};
use anyhow::{Context, Result, bail, ensure};
use std::path::Path;
use std::process::Command;
use std::time::SystemTime;

/// What is built by npm, and the folder it ends up in.
const PAGES: [(&str, &str); 3] = [
    ("wallet-app", "wallet-app/dist"),
    ("issuer/pages", "issuer/pages/dist"),
    ("verifier/pages", "verifier/pages/dist"),
];
/// Vite needs this one.
const OLDEST_NODE: (u32, u32) = (20, 19);

/// Installs the npm packages of the lock file, and builds every page whose
/// sources are newer than what was built last.
pub(crate) fn build() -> Result<()> {
    install()?;
    for (package, built) in PAGES {
        if stale(package, built)? {
            eprintln!("Building {package}");
            npm(&["run", "build", "--silent", "--workspace", package])?;
        }
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
    for package in ["ui", "wallet-app", "issuer/pages", "verifier/pages"] {
        report.add(package, vitest(package, &[])?);
    }
    Ok(report)
}

/// Runs the tests of one package and reads their report; a failed test is in
/// the report, and no error.
pub(crate) fn vitest(package: &str, environment: &[(&str, String)]) -> Result<Report> {
    let file = build::target().join(format!("junit/{}.xml", package.replace('/', "-")));
    let _ = std::fs::remove_file(&file);
    let status = Command::new("npx")
        .args(["vitest", "run", "--passWithNoTests", "--root", package])
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

/// Whether something it is made of is newer than what was built.
fn stale(package: &str, built: &str) -> Result<bool> {
    let made = newest(&Path::new(built).join("index.html"))?;
    let package = Path::new(package);
    let sources = [
        package.join("src"),
        package.join("public"),
        package.join("index.html"),
        package.join("vite.config.ts"),
        package.join("package.json"),
        Path::new("ui/src").to_path_buf(),
        Path::new("package-lock.json").to_path_buf(),
    ];
    for source in sources {
        if newest(&source)? > made {
            return Ok(true);
        }
    }
    Ok(made.is_none())
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
            let built = PAGES.iter().any(|(name, _)| *name == package);
            assert_eq!(built, own["scripts"]["build"].is_string(), "{package}");
        }
    }

    #[test]
    fn what_is_older_than_its_sources_is_stale() {
        let folder = std::env::temp_dir().join(format!("holdfast-stale-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("src")).unwrap();
        let made = newest(&folder.join("src")).unwrap();
        assert!(made.is_some());
        assert_eq!(newest(&folder.join("dist/index.html")).unwrap(), None);
        std::fs::remove_dir_all(folder).unwrap();
    }
}
