//! What a process tells in its first line, as `up --json` does once all services answer. The end to end
//! tests take in this file as well: xtask stands on nothing of the workspace, and nothing on it.

use anyhow::{Context, Result};
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::process::Child;

/// The line as it was written, and what it says. What comes after it is not read.
pub(crate) fn first_line(child: &mut Child) -> Result<(String, Value)> {
    let output = child.stdout.take().context("its output goes elsewhere")?;
    let mut line = String::new();
    BufReader::new(output).read_line(&mut line)?;
    let told = serde_json::from_str(&line).context("it ended before it told anything")?;
    Ok((line, told))
}
