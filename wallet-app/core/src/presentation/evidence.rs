//! What goes along with a card for those who lack it, and what has to be said where it is missing.
//! docs/offline-qr.md §3.3

use crate::cards::CardIssuer;
use crate::consent::{MissingProof, Proof};
use crate::proofs::HeldProofs;
use crate::vault::VaultError;
use jose::UnixTime;
use ledger::{FreshnessLimit, StatusProof};
use proximity::{Evidence, VerifiedChallenge};
use status_list::StatusReference;

/// What the wallet adds about one card.
#[derive(Debug)]
pub(super) struct CardEvidence {
    pub(super) proof: Proof,
    pub(super) bundle: Option<Vec<u8>>,
    pub(super) status: Option<StatusProof>,
}

impl CardEvidence {
    /// Looks at what those who ask lack, and at what is held.
    pub(super) fn of(
        held: &mut HeldProofs<'_>,
        challenge: &VerifiedChallenge,
        issuer: &CardIssuer,
        status: Option<&StatusReference>,
    ) -> Result<Self, VaultError> {
        let CardIssuer::Ledger { did, .. } = issuer else {
            return Ok(Self::missing(MissingProof::NotRecorded));
        };
        let recorded = held.issuer(did);
        let snapshot = recorded.as_ref().and_then(|recorded| recorded.snapshot);
        let wanted = challenge.evidence_for(did, snapshot.map(|snapshot| snapshot.time));
        let recorded = match (wanted, recorded) {
            (Evidence::Nothing, _) => return Ok(Self::nothing(Proof::NotNeeded)),
            (_, None) => return Ok(Self::missing(MissingProof::NotHeld)),
            (_, Some(recorded)) => recorded,
        };
        let proof = match status {
            Some(status) => held.prove(did, status)?,
            None => None,
        };
        let differs = status.is_some() && proof.is_none();
        let with_bundle = wanted == Evidence::BundleAndStatus;
        let goes_along = Times {
            record: with_bundle.then_some(recorded.time),
            status: recorded
                .snapshot
                .filter(|_| proof.is_some())
                .map(|snapshot| snapshot.time),
        };
        Ok(Self {
            proof: if differs {
                Proof::Missing {
                    why: MissingProof::StatusDiffers,
                }
            } else {
                goes_along.judge(held.now(), challenge)
            },
            bundle: with_bundle.then_some(recorded.bundle),
            status: proof,
        })
    }

    fn nothing(proof: Proof) -> Self {
        Self {
            proof,
            bundle: None,
            status: None,
        }
    }

    fn missing(why: MissingProof) -> Self {
        Self::nothing(Proof::Missing { why })
    }
}

/// From when what goes along is.
struct Times {
    record: Option<UnixTime>,
    status: Option<UnixTime>,
}

impl Times {
    /// Whether it is recent enough for those who ask. What is too old goes along all the same: it says why they could
    /// not check.
    fn judge(&self, now: UnixTime, challenge: &VerifiedChallenge) -> Proof {
        let accepted = challenge.challenge().accepted();
        let too_old =
            |time: Option<UnixTime>, limit: FreshnessLimit| time.is_some_and(|time| now.saturating_sub(time) > limit.0);
        if too_old(self.record, accepted.ledger) || too_old(self.status, accepted.status) {
            return Proof::Missing {
                why: MissingProof::TooOld,
            };
        }
        match self.record.into_iter().chain(self.status).min() {
            Some(oldest) => Proof::GoesAlong {
                hours: now.saturating_sub(oldest) / 3_600,
            },
            None => Proof::NotNeeded,
        }
    }
}
