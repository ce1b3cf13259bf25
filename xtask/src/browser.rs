//! Tests that look: the window through WebKit's driver, the pages through
//! Chromium, against the services as they run.

use crate::counts::Report;
use crate::{build, system, web};
use anyhow::{Result, anyhow, ensure};
use std::path::Path;

const PACKAGE: &str = "tests/browser";

/// The tests that open every screen and page, and can take pictures of them.
const VIEWS: &str = "views.test.ts";
/// The tests that walk through the registrar's portal, and can take a picture of each step.
const WALKS: [&str; 2] = ["portal.test.ts", "portal-window.test.ts"];
/// What the names of the pictures of a walk begin with.
const WALK: &str = "walk";
const PICTURES: &str = "docs/pictures";

/// The story told through the window and the pages, their catalogue rows, and
/// each view of each route and state, on a phone in the light. The other sizes
/// and themes: `cargo xtask soak views`.
///
/// Views and stories run beside each other, each with services of its own: they wait more than they work.
pub(crate) fn test() -> Result<Report> {
    let (views, stories) = std::thread::scope(|scope| {
        let views = scope.spawn(|| web::vitest(PACKAGE, &[VIEWS], &[]));
        let stories = web::vitest(PACKAGE, &["--exclude", VIEWS], &[]);
        (views.join(), stories)
    });
    let mut report = Report::default();
    report.add("views", views.map_err(|_| anyhow!("the views were not looked at"))??);
    report.add("stories", stories?);
    Ok(report)
}

/// Takes the pictures in `docs/pictures` anew: those whose name contains one of
/// these parts, or all of them, and then none stays that nobody takes any more.
pub(crate) fn pictures(only: &[String]) -> Result<()> {
    prepare()?;
    if only.is_empty() {
        clear(Path::new(PICTURES), "")?;
    }
    // The walks come last: they leave behind what some views show the absence of.
    let mut tests = vec![VIEWS];
    if only.is_empty() || only.iter().any(|part| part.starts_with(WALK)) {
        // All of them are taken anew, whatever their steps are now.
        clear(Path::new(PICTURES), WALK)?;
        tests.extend(WALKS);
    }
    let environment = [("HOLDFAST_PICTURES", "1".to_owned()), ("HOLDFAST_ONLY", only.join(","))];
    for file in tests {
        let report = web::vitest(PACKAGE, &[file], &environment)?;
        ensure!(
            report.suites.values().all(|counts| counts.failed == 0),
            "the pictures were taken, and not everything in them is as it should be"
        );
    }
    Ok(())
}

/// Looks at every screen and page in all sizes and themes, enlarged, in forced
/// colours; only those whose name contains one of these parts, if there are any.
pub(crate) fn soak(only: &[String]) -> Result<()> {
    prepare()?;
    let all = ("HOLDFAST_VIEWS", "all".to_owned());
    let report = web::vitest(PACKAGE, &[VIEWS], &[all, ("HOLDFAST_ONLY", only.join(","))])?;
    ensure!(
        report.suites.values().all(|counts| counts.failed == 0),
        "not every view is as it should be"
    );
    Ok(())
}

/// What has to be there before anything can be looked at.
fn prepare() -> Result<()> {
    system::ensure(&[system::BUILD, system::SECRET_SERVICE, system::WINDOW, system::BROWSERS].concat())?;
    web::build_to_look_at()?;
    build::workspace(build::Programs::All.selection())
}

/// Removes the pictures of a folder whose name begins so, and nothing else.
fn clear(folder: &Path, beginning: &str) -> Result<()> {
    if !folder.exists() {
        return Ok(());
    }
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        let is_picture = path.extension().is_some_and(|extension| extension == "jpg");
        if is_picture && entry.file_name().to_string_lossy().starts_with(beginning) {
            std::fs::remove_file(path)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tests_that_take_pictures_are_there() {
        let all = WALKS.iter().chain([&VIEWS]);
        assert!(
            all.map(|file| build::root().join(PACKAGE).join(file))
                .all(|file| file.exists())
        );
    }

    #[test]
    fn clearing_removes_pictures_alone() {
        let folder = std::env::temp_dir().join(format!("holdfast-pictures-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        for name in ["a.jpg", "walk-a.jpg", "walk.md", "README.md"] {
            std::fs::write(folder.join(name), name).unwrap();
        }
        let is_there = |name: &str| folder.join(name).exists();
        clear(&folder, "walk").unwrap();
        assert!(is_there("a.jpg") && !is_there("walk-a.jpg") && is_there("walk.md"));
        clear(&folder, "").unwrap();
        assert!(!is_there("a.jpg") && is_there("README.md"));
        std::fs::remove_dir_all(&folder).unwrap();
        clear(&folder, "").unwrap();
    }
}
