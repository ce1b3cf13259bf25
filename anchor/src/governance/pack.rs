//! `holdfast-anchor pack`: the next trust pack, and the link by which wallets take the one of today. docs/ledger.md §9

use std::path::PathBuf;

use clap::{Args, Subcommand};
use jose::Signer;
use ledger::{PackContent, Policy, UnverifiedTrustPack, fingerprint};
use serde_json::{Value, json};
use service::files::write_atomically;
use service::{Clock, SystemClock};

use super::{Decided, Decision, Governance, GovernanceError, changed};
use crate::config::{self, Files};
use crate::pack::PackFile;

/// What is done with trust packs.
#[derive(Clone, Debug, Subcommand)]
pub enum PackAction {
    /// Makes and signs the next pack, anchors it by a policy that says the same, and puts it in the place of the one
    /// before.
    Rotate(RotatePack),
    /// Prints the link by which wallets take the pack, its fingerprint, and writes the link as a code to print.
    Link(PackLink),
}

/// The link to the trust pack of a log.
#[derive(Clone, Debug, Args)]
pub struct PackLink {
    /// The configuration of the log, TOML.
    #[arg(long)]
    config: PathBuf,
    /// Where the code is written, a PNG; none where nothing is said.
    #[arg(long, value_name = "FILE.png")]
    picture: Option<PathBuf>,
}

/// The next trust pack.
#[derive(Clone, Debug, Args)]
pub struct RotatePack {
    #[command(flatten)]
    decision: Decision,
    /// Where the new pack is written; in the place of the one before where nothing is said.
    #[arg(long)]
    out: Option<PathBuf>,
}

impl PackAction {
    /// Does it: one JSON object for programs.
    ///
    /// # Errors
    /// [`GovernanceError`]
    pub async fn run(&self) -> Result<Value, GovernanceError> {
        match self {
            Self::Rotate(rotate) => rotate.run().await.map(|decided| decided.to_json()),
            Self::Link(link) => link.run(),
        }
    }
}

impl PackLink {
    fn run(&self) -> Result<Value, GovernanceError> {
        let common = config::load(&self.config)?.common;
        let file = PackFile::load(&Files::new(&common.data_dir).trust_pack(), SystemClock.now())?;
        let link = file.link(&common.public_url)?;
        if let Some(path) = &self.picture {
            let picture = service::qr_png(&link.to_string())?;
            write_atomically(path, &picture).map_err(|source| GovernanceError::File {
                path: path.display().to_string(),
                source,
            })?;
        }
        Ok(json!({
            "ok": true,
            "link": link.to_string(),
            "web_link": link.to_web(),
            "name": file.pack.name(),
            "mode": file.pack.mode(),
            "version": file.pack.version(),
            "fingerprint": fingerprint(link.sha256()),
            "picture": self.picture,
        }))
    }
}

impl RotatePack {
    /// The pack is signed and checked first, then anchored, then written: after a failure all is as it was.
    async fn run(&self) -> Result<Decided, GovernanceError> {
        let governance = Governance::open(&self.decision, SystemClock.now())?;
        let today = &governance.pack.pack;
        let content: PackContent = changed(today.content(), &governance.change, today.version().checked_add(1))?;
        let signers: Vec<&dyn Signer> = governance.keys.iter().map(|key| key as &dyn Signer).collect();
        let signed = content.sign(&signers)?;
        let pack = UnverifiedTrustPack::parse(&signed)?.verify(Some(today), governance.now)?;
        let mut decided = Decided {
            policy: None,
            pack: pack.version(),
            receipt: None,
        };
        // The policy of another log is written there.
        if content.origin == today.origin() {
            let (record, before) = governance.client.policy(governance.now).await?;
            let policy = Policy {
                governance: content.governance.clone(),
                mirrors: content.mirrors.clone(),
                quorum: content.policy.clone(),
                trust_pack: content.reference()?,
                version: before.version.saturating_add(1),
                ..before
            };
            decided.receipt = Some(governance.write(&record, &policy).await?);
            decided.policy = Some(policy.version);
        }
        let out = self.out.clone().unwrap_or_else(|| governance.files.trust_pack());
        write_atomically(&out, &signed).map_err(|source| GovernanceError::File {
            path: out.display().to_string(),
            source,
        })?;
        Ok(decided)
    }
}
