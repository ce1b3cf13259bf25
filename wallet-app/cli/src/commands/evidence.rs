//! `evidence`: what was found of a public record that shows two histories, as files to give to others.

use crate::arguments::Arguments;
use crate::failure::{Exit, Failure};
use crate::output::Done;
use crate::session::open;
use serde_json::json;
use std::path::Path;

pub(crate) fn run(arguments: &Arguments, into: &Path) -> Result<Done, Failure> {
    let evidence = open(arguments)?.split_evidence()?;
    let unwritable = |path: &Path| Failure::new(Exit::Usage, "file_unwritable").with_detail(path.display().to_string());
    let mut files = Vec::with_capacity(evidence.len());
    if !evidence.is_empty() {
        std::fs::create_dir_all(into).map_err(|_| unwritable(into))?;
    }
    for (number, found) in (1..).zip(&evidence) {
        let path = into.join(format!("two-histories-{number}.cbor"));
        std::fs::write(&path, &found.file).map_err(|_| unwritable(&path))?;
        files.push(json!({ "file": path.display().to_string(), "found_at": found.found_at }));
    }
    let text = match files.len() {
        0 => "Nothing was found against the public record.".to_owned(),
        count => format!(
            "{count} files in {}. Anybody can check them with `holdfast-anchor verify-evidence`; they say nothing about you.",
            into.display()
        ),
    };
    Ok(Done::new("ok", json!({ "files": files }), text))
}
