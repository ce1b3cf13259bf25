//! Writing to the ledger: lines of the own DID log, and status snapshots.

use jose::SignError;
use ledger::{Kind, LeafBuilder, OrganisationRecord, Part, VerifiedBundle};

use super::client::{LedgerClient, LedgerError, Posted};
use crate::identity::Signing;

/// Writes as one issuer.
#[derive(Debug, Clone, Copy)]
pub struct Writer<'a> {
    /// The ledger.
    pub client: &'a LedgerClient,
    /// Who writes.
    pub signing: &'a Signing,
}

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriterError {
    /// The ledger does not answer as it should.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The ledger does not know this issuer: a registrar has to accredit it first.
    #[error("the ledger does not know this issuer yet: hand application.json to the registrar")]
    Unknown,
    /// The key does not sign.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// The ledger's log of this DID is longer than ours, or another: this is an old backup.
    #[error("the ledger holds lines of this DID that are not here: is this an old backup?")]
    AheadOfUs,
    /// The log refused an entry.
    #[error("the ledger refused an entry with status {0}")]
    Refused(u16),
    /// The log asks to try again later.
    #[error("the ledger asks to try again later")]
    Later,
}

impl Writer<'_> {
    /// Anchors the lines of the DID log that the ledger does not hold yet; the record after that.
    pub async fn anchor_log(&self) -> Result<VerifiedBundle, WriterError> {
        loop {
            let bundle = self.client.bundle(&self.signing.did).await?;
            let Some(record) = bundle.record() else {
                return Ok(bundle);
            };
            let anchored = record.head(Part::Did).map_or(0, |head| head.seq + 1);
            let anchored = usize::try_from(anchored).unwrap_or(usize::MAX);
            let lines = &self.signing.log;
            if anchored > lines.len() {
                return Err(WriterError::AheadOfUs);
            }
            let Some(line) = lines.get(anchored) else {
                return Ok(bundle);
            };
            // Every line of ours but the last of an ended DID changes keys.
            let last = anchored + 1 == lines.len();
            let kind = if last && self.signing.is_deactivated {
                Kind::DidDeactivate
            } else {
                Kind::DidRotate
            };
            let head = record.head(Part::Did);
            let leaf = LeafBuilder::new(kind, &self.signing.did, head, line.as_bytes().to_vec());
            self.post(leaf.proved_by_payload()).await?;
            tracing::info!(line = anchored + 1, "a line of the DID log was anchored");
        }
    }

    /// Anchors a status snapshot.
    pub async fn anchor_snapshot(&self, record: &OrganisationRecord, payload: Vec<u8>) -> Result<(), WriterError> {
        let head = record.head(Part::StatusSnapshot);
        let leaf = LeafBuilder::new(Kind::StatusSnapshot, &self.signing.did, head, payload);
        self.sign_and_post(leaf).await
    }

    /// Posts an entry under the agency's ledger key.
    pub(super) async fn sign_and_post(&self, leaf: LeafBuilder) -> Result<(), WriterError> {
        let signers: [(&str, &dyn jose::Signer); 1] = [(&self.signing.ledger_kid, &self.signing.ledger_key)];
        self.post(leaf.signed_by(self.client.origin(), &signers)?).await
    }

    async fn post(&self, submission: ledger::Submission) -> Result<(), WriterError> {
        match self.client.append(&submission).await? {
            Posted::Done => Ok(()),
            // The record changed under us; the next round reads it again.
            Posted::Conflict | Posted::Later => Err(WriterError::Later),
            Posted::Refused(status) => Err(WriterError::Refused(status)),
        }
    }
}
