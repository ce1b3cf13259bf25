//! What is written to the ledger.

use anyhow::{Result, ensure};
use ledger::Kind;
use serde_json::Value;

use super::{AWAY, Tried, Try};
use crate::http::eventually;
use crate::stack::Business;

/// With these codes the registrar's command says that it does not know whether the
/// entry was written, or that it was not; it can be given again.
const PASSING: [&str; 5] = ["unreachable", "no_quorum", "read_only", "conflict", "ledger_stale"];

impl Try<'_> {
    /// The registrar registers the shop anew.
    pub(super) async fn entry(&mut self) -> Result<Tried> {
        let stack = &self.scene.world.stack;
        let application = stack.business_application(Business::Shop).display().to_string();
        let done = stack
            .registrar(&["update-business", "--application", &application])
            .await?;
        if done.status.success() {
            let did = self.journal.decided(&done.stdout, Kind::RelyingPartyUpdate)?;
            ensure!(did == self.scene.shop, "a receipt about {did}");
            return Ok(Tried::Done);
        }
        let answer: Value = serde_json::from_str(&done.stdout).unwrap_or_default();
        let code = answer["code"].as_str().unwrap_or_default().to_owned();
        ensure!(
            PASSING.contains(&code.as_str()),
            "the registrar's command fails with {answer} {}",
            done.stderr
        );
        Ok(Tried::Again(code))
    }

    /// The agency anchors its lists by itself some time after a change.
    pub(super) async fn snapshot(&mut self) -> Result<Tried> {
        let (scene, changed_at) = (self.scene, self.errand.changed_at);
        let index = eventually(AWAY, || async {
            let record = scene.record(&scene.agency).await?;
            let snapshot = record.status_snapshot().filter(|snapshot| snapshot.time >= changed_at);
            snapshot
                .map(|snapshot| snapshot.index)
                .ok_or_else(|| anyhow::anyhow!("no snapshot since the last change"))
        })
        .await?;
        self.journal.receipt(index, Kind::StatusSnapshot, &scene.agency);
        self.journal.snapshot = Some(index);
        Ok(Tried::Done)
    }
}
