//! `evidence`: what was found of a public record that shows two histories, and receipts that name another history than
//! it, as files to give to others.

use crate::arguments::Arguments;
use crate::failure::{Exit, Failure};
use crate::output::Done;
use crate::session::open;
use serde_json::{Value, json};
use std::path::Path;
use wallet::KeptEvidence;

pub(crate) fn run(arguments: &Arguments, into: &Path) -> Result<Done, Failure> {
    let wallet = open(arguments)?;
    let (evidence, receipts) = (wallet.split_evidence()?, wallet.receipt_evidence()?);
    let unwritable = |path: &Path| Failure::new(Exit::Usage, "file_unwritable").with_detail(path.display().to_string());
    if !evidence.is_empty() || !receipts.is_empty() {
        std::fs::create_dir_all(into).map_err(|_| unwritable(into))?;
    }
    let write = |name: &str, found: &[KeptEvidence]| {
        let files = (1..).zip(found).map(|(number, found)| {
            let path = into.join(format!("{name}-{number}.cbor"));
            std::fs::write(&path, &found.file).map_err(|_| unwritable(&path))?;
            Ok(json!({ "file": path.display().to_string(), "found_at": found.found_at }))
        });
        files.collect::<Result<Vec<Value>, Failure>>()
    };
    let (files, receipts) = (write("two-histories", &evidence)?, write("receipt", &receipts)?);
    let text = words(files.len(), receipts.len(), into);
    Ok(Done::new("ok", json!({ "files": files, "receipts": receipts }), text))
}

fn words(histories: usize, receipts: usize, into: &Path) -> String {
    let mut lines = Vec::new();
    if histories > 0 {
        lines.push(format!(
            "{histories} files in {}. Anybody can check them with `holdfast-anchor verify-evidence`; they say nothing about you.",
            into.display()
        ));
    }
    if receipts > 0 {
        lines.push(format!(
            "{receipts} receipts in {} that name another history than the public record. Anybody can check them with \
             `holdfast-anchor verify-contradiction`; they say what was shown to whom in which hour.",
            into.display()
        ));
    }
    if lines.is_empty() {
        return "Nothing was found against the public record.".to_owned();
    }
    lines.join("\n")
}
