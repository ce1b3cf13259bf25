//! Tests that look: the window through WebKit's driver, the pages through
//! Chromium, against the services as they run.

use crate::counts::Report;
use crate::{build, system, web};
use anyhow::{Result, ensure};

const PACKAGE: &str = "tests/browser";

/// Every screen and page in every state, and the story told through them.
pub(crate) fn test() -> Result<Report> {
    web::vitest(PACKAGE, &[])
}

/// Takes the pictures in `docs/pictures` anew.
pub(crate) fn pictures(only: &[String]) -> Result<()> {
    system::ensure(&[system::BUILD, system::SECRET_SERVICE, system::WINDOW, system::BROWSERS].concat())?;
    web::build_to_look_at()?;
    build::workspace(build::PROGRAMS)?;
    let only = only.join(",");
    let report = web::vitest(
        PACKAGE,
        &[("HOLDFAST_PICTURES", "1".to_owned()), ("HOLDFAST_ONLY", only)],
    )?;
    ensure!(
        report.suites.values().all(|counts| counts.failed == 0),
        "not every picture could be taken"
    );
    Ok(())
}
