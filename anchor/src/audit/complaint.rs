//! `holdfast-anchor verify-complaint`: whether a business asked for what it may not. docs/receipts.md §6

use std::path::PathBuf;

use anyhow::{Context, anyhow};
use clap::Args;
use ledger::{Landmark, SplitEvidence, TrustPack, UnverifiedLandmark};
use receipt::OverAsked;
use receipt::complaint::{ComplaintError, UnverifiedComplaint, VerifiedComplaint};
use service::files::write_atomically;
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
    /// Landmarks that are held, as a log or mirror serves them at `/landmarks`: the checkpoints of the complaint are
    /// compared with them.
    #[arg(long, value_name = "FILE")]
    landmarks: Vec<PathBuf>,
}

impl ComplaintCommand {
    /// Prints what the file proves.
    ///
    /// # Errors
    /// It proves nothing; the sentence says why.
    pub fn run(self) -> anyhow::Result<()> {
        let pack = load_pack(&self.trust_pack, SystemClock.now())?;
        let bytes = std::fs::read(&self.file).with_context(|| format!("{} cannot be read", self.file.display()))?;
        let complaint = match UnverifiedComplaint::parse(&bytes)?.verify(&pack) {
            Err(ComplaintError::TwoHistories(evidence)) => return Err(self.two_histories(&evidence)?),
            verified => verified?,
        };
        for held in self.held(&pack)? {
            let mut pairs = complaint.checkpoints.iter();
            if let Some(evidence) = pairs.find_map(|shown| SplitEvidence::of_one_size(&held, shown)) {
                return Err(self.two_histories(&evidence)?);
            }
        }
        for line in describe(&complaint) {
            println!("{line}");
        }
        Ok(())
    }

    /// The landmarks of the files, signed by the log.
    fn held(&self, pack: &TrustPack) -> anyhow::Result<Vec<Landmark>> {
        let mut held = Vec::new();
        for file in &self.landmarks {
            let bytes = std::fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
            for landmark in UnverifiedLandmark::parse_list(&bytes)? {
                held.push(landmark.verify_to_compare(pack)?);
            }
        }
        Ok(held)
    }

    /// Writes the evidence beside the complaint, and says so: a complaint that rests on one of two histories proves
    /// nothing about the business.
    fn two_histories(&self, evidence: &SplitEvidence) -> anyhow::Result<anyhow::Error> {
        let mut name = self.file.clone().into_os_string();
        name.push(".evidence");
        let file = PathBuf::from(name);
        write_atomically(&file, &evidence.encode()).with_context(|| format!("{} cannot be written", file.display()))?;
        Ok(anyhow!(
            "the log signed two histories; the evidence is in {}",
            file.display()
        ))
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
