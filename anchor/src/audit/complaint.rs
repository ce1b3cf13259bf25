//! `holdfast-anchor verify-complaint`: whether a business asked for what it may not. docs/receipts.md §6

use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use receipt::OverAsked;
use receipt::complaint::{UnverifiedComplaint, VerifiedComplaint};
use service::{Clock, SystemClock};

use super::bundle::time;
use crate::pack::load_pack;

/// Checks a complaint that a business asked for what it may not.
#[derive(Debug, Args)]
pub struct ComplaintCommand {
    /// The complaint.
    file: PathBuf,
    /// The ecosystem's trust pack.
    #[arg(long)]
    trust_pack: PathBuf,
}

impl ComplaintCommand {
    /// Prints what the file proves.
    ///
    /// # Errors
    /// It proves nothing; the sentence says why.
    pub fn run(self) -> anyhow::Result<()> {
        let pack = load_pack(&self.trust_pack, SystemClock.now())?;
        let bytes = std::fs::read(&self.file).with_context(|| format!("{} cannot be read", self.file.display()))?;
        let complaint = UnverifiedComplaint::parse(&bytes)?.verify(&pack)?;
        for line in describe(&complaint) {
            println!("{line}");
        }
        Ok(())
    }
}

fn describe(complaint: &VerifiedComplaint) -> Vec<String> {
    let mut lines = vec![
        format!("complaint about {}", complaint.business.escape_debug()),
        format!("name            {}", complaint.name.text("en").escape_debug()),
    ];
    lines.extend(
        complaint
            .purpose
            .as_ref()
            .map(|purpose| format!("purpose         {}", purpose.escape_debug())),
    );
    let outside = |asked: &OverAsked| {
        format!(
            "may not ask     {} of {}",
            asked.name().escape_debug(),
            asked.vct.escape_debug()
        )
    };
    lines.extend(complaint.outside.iter().map(outside));
    lines.push(format!("asked           {}", time(complaint.asked_at)));
    lines.push(format!(
        "same scope      from {} until {}",
        time(complaint.from),
        time(complaint.until)
    ));
    lines.push(format!("request         {}", hex::encode(complaint.request.as_bytes())));
    lines
}
