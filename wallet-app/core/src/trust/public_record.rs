//! What is publicly recorded about an organisation, for those who ask how the wallet knows.

use super::{LedgerClient, TrustError};
use crate::text::plain;
use jose::UnixTime;
use ledger::{OrganisationRecord, TrustPack, UnverifiedBundle, VerifiedBundle};
use serde::Serialize;
use tlog::UnverifiedCheckpoint;

/// Where an organisation is recorded, and who has confirmed it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PublicRecord {
    /// The organisation's identifier.
    pub id: String,
    /// The name of the record.
    pub record: String,
    /// When the newest confirmation that counts was given.
    pub confirmed_at: UnixTime,
    /// The names of those who confirmed it.
    pub confirmed_by: Vec<String>,
}

impl PublicRecord {
    /// What a proof says; `None` where it proves that there is no record.
    pub(crate) fn of(bundle: &VerifiedBundle, pack: &TrustPack) -> Option<Self> {
        Some(Self {
            id: bundle.record().map(OrganisationRecord::did)?.to_owned(),
            record: plain(pack.name()),
            confirmed_at: bundle.time(),
            confirmed_by: cosigners(bundle, pack),
        })
    }
}

/// Those whose cosignature holds; a quorum may have been reached without all of them.
fn cosigners(bundle: &VerifiedBundle, pack: &TrustPack) -> Vec<String> {
    let Ok(note) = UnverifiedCheckpoint::parse(bundle.note().as_bytes()) else {
        return Vec::new();
    };
    let witnesses = pack.policy().witnesses().iter().map(|witness| witness.key());
    witnesses
        .filter(|key| {
            let mut lines = note.signatures().iter();
            lines.any(|line| key.verify(bundle.checkpoint(), line).is_ok())
        })
        .map(|key| plain(key.verifier_key().name().as_str()))
        .collect()
}

impl LedgerClient<'_> {
    /// What the records that are held say, however old they are: they were believed when they came,
    /// and say when that was. Nobody is asked.
    pub(crate) fn held_bundles(&self) -> Result<Vec<VerifiedBundle>, TrustError> {
        let Some(set) = self.held()? else { return Ok(Vec::new()) };
        let bundles = UnverifiedBundle::parse_set(&set)?;
        let proved = bundles.into_iter().filter_map(|bundle| {
            let subject = bundle.dangerous_claimed_subject()?;
            bundle.verify(self.pack, &subject).ok()
        });
        Ok(proved.collect())
    }
}
