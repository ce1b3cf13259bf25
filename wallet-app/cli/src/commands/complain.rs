//! `complain`: a request that asked for too much, as a file to give to others.

use crate::arguments::Arguments;
use crate::failure::{Exit, Failure};
use crate::output::Done;
use crate::session::{open, wait_for};
use serde_json::json;
use std::path::Path;

pub(crate) fn run(arguments: &Arguments, history_id: i64, out: &Path) -> Result<Done, Failure> {
    let wallet = open(arguments)?;
    let file = wait_for(wallet.complaint(history_id))??;
    std::fs::write(out, &file)
        .map_err(|_| Failure::new(Exit::Usage, "file_unwritable").with_detail(out.display().to_string()))?;
    let text = format!(
        "Written to {}. Anybody can check it with `holdfast-anchor verify-complaint`.\n\
         Whoever asked can recognise the visit in it: give it only to those who should know of it.",
        out.display()
    );
    Ok(Done::new("ok", json!({ "file": out.display().to_string() }), text))
}
