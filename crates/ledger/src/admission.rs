//! How much may be written about one subject, and by whom. docs/ledger.md §5.6.

use jose::UnixTime;
use thiserror::Error;

use crate::kind::{Kind, Part};
use crate::leaf::{Authority, Leaf};
use crate::payload::Limits;

const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;

/// Too many entries about this subject, or by this writer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("too many entries; next in {retry_after} seconds")]
pub struct RateExceeded {
    /// Seconds until the next entry is admitted.
    pub retry_after: u64,
}

/// Kinds that are counted together. What its registrars write about an organisation is
/// counted apart from what it writes itself: neither can use up the other's share, and so
/// hold off the other's writing. A revocation is in no group: whoever fills a registrar's
/// share, with applications that ask for nothing but that, must not hold one off. Each takes
/// back a grant or registration that was counted, so that there are never more of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RateGroup {
    /// Status snapshots.
    Snapshots,
    /// What an organisation writes about its own DID.
    OwnWrites,
    /// What registrars write about an organisation, but revocations.
    RegistrarWrites,
    /// Audit snapshots.
    AuditSnapshots,
    /// Schemas, rules, services and documents.
    Publications,
    /// Releases.
    Releases,
}

impl RateGroup {
    /// The group of a kind; `None` for revocations, and for what the log itself or its governance writes.
    pub fn of(kind: Kind) -> Option<Self> {
        match kind {
            Kind::Policy | Kind::MapHead | Kind::AccreditationRevoke | Kind::RelyingPartyRevoke => None,
            Kind::StatusSnapshot => Some(Self::Snapshots),
            Kind::DidUpdate | Kind::DidRotate | Kind::DidDeactivate => Some(Self::OwnWrites),
            Kind::DidCreate | Kind::AccreditationGrant | Kind::RelyingPartyRegister | Kind::RelyingPartyUpdate => {
                Some(Self::RegistrarWrites)
            }
            Kind::AuditSnapshot => Some(Self::AuditSnapshots),
            Kind::SchemaPublish
            | Kind::SchemaSupersede
            | Kind::RulePublish
            | Kind::RuleSupersede
            | Kind::ServicePublish
            | Kind::ServiceSupersede
            | Kind::Document => Some(Self::Publications),
            Kind::Release => Some(Self::Releases),
        }
    }
}

/// A writer whose entries are counted over all subjects.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum QuotaHolder {
    /// A registrar, by its DID.
    Registrar(String),
    /// The owner of schemas, rules, services and documents, by its DID.
    Owner(String),
}

impl QuotaHolder {
    /// Whose share a leaf takes: of a succession two, of a revocation and of what an organisation writes about itself
    /// nobody's.
    pub fn of(leaf: &Leaf) -> Vec<Self> {
        match leaf.kind.part() {
            Part::Schema | Part::Rule | Part::Service | Part::Document => {
                let owner = leaf.subject.split_once('/').map(|(owner, _)| owner.to_owned());
                owner.map(Self::Owner).into_iter().collect()
            }
            _ if RateGroup::of(leaf.kind) == Some(RateGroup::RegistrarWrites) => match &leaf.authority {
                Authority::Signatures(signatures) => signatures
                    .iter()
                    .filter_map(|signature| signature.key_id.split_once('#'))
                    .map(|(did, _)| Self::Registrar(did.to_owned()))
                    .collect(),
                Authority::Log | Authority::PayloadProof => Vec::new(),
            },
            _ => Vec::new(),
        }
    }
}

impl Limits {
    /// Whether one more entry of this group is admitted now, after those at `times` (of the same
    /// group and subject, at least of the last day).
    pub fn admit(&self, group: RateGroup, times: &[UnixTime], now: UnixTime) -> Result<(), RateExceeded> {
        match group {
            RateGroup::Snapshots | RateGroup::AuditSnapshots => within(times, now, HOUR, self.snapshots_per_hour),
            RateGroup::OwnWrites | RateGroup::RegistrarWrites | RateGroup::Publications | RateGroup::Releases => {
                within(times, now, DAY, self.writes_per_day)?;
                within(times, now, HOUR, self.writes_per_hour)
            }
        }
    }

    /// Whether one more entry by this writer is admitted now, after those at `times` (at least of the last day).
    ///
    /// # Errors
    /// [`RateExceeded`]: not yet.
    pub fn admit_writer(&self, writer: &QuotaHolder, times: &[UnixTime], now: UnixTime) -> Result<(), RateExceeded> {
        let (day, hour) = match writer {
            QuotaHolder::Registrar(_) => (self.registrar_writes_per_day, self.registrar_writes_per_hour),
            QuotaHolder::Owner(_) => (self.writes_per_day, self.writes_per_hour),
        };
        within(times, now, DAY, day)?;
        within(times, now, HOUR, hour)
    }
}

fn within(times: &[UnixTime], now: UnixTime, window: u64, limit: u32) -> Result<(), RateExceeded> {
    // No more than all of them are recent.
    if times.len() < limit as usize {
        return Ok(());
    }
    let mut recent: Vec<UnixTime> = times
        .iter()
        .copied()
        .filter(|time| time.saturating_add(window) > now)
        .collect();
    if recent.len() < limit as usize {
        return Ok(());
    }
    recent.sort_unstable_by(|a, b| b.cmp(a));
    let leaves = (limit as usize).checked_sub(1).and_then(|last| recent.get(last));
    let retry_after = leaves.map_or(window, |time| time.saturating_add(window).saturating_sub(now));
    Err(RateExceeded { retry_after })
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case(9 => Ok(()) ; "ninth_before")]
    #[test_case(10 => Err(RateExceeded { retry_after: 3600 - 90 }) ; "tenth_before")]
    fn ten_writes_an_hour(before: u64) -> Result<(), RateExceeded> {
        let now = 100_000;
        let times: Vec<u64> = (0..before).map(|number| now - number * 10).collect();
        Limits::default().admit(RateGroup::OwnWrites, &times, now)
    }

    #[test]
    fn fifty_writes_a_day() {
        let now = 1_000_000;
        let times: Vec<u64> = (0..50).map(|number| now - 1700 * number).collect();
        let oldest = now - 1700 * 49;
        let refused = Limits::default().admit(RateGroup::OwnWrites, &times, now);
        assert_eq!(
            refused,
            Err(RateExceeded {
                retry_after: oldest + DAY - now
            })
        );
        assert_eq!(
            Limits::default().admit(RateGroup::OwnWrites, &times, oldest + DAY),
            Ok(())
        );
    }

    #[test]
    fn six_snapshots_an_hour() {
        let limits = Limits::default();
        assert_eq!(limits.admit(RateGroup::Snapshots, &[1000; 5], 1000), Ok(()));
        let refused = limits.admit(RateGroup::Snapshots, &[1000; 6], 1000);
        assert_eq!(refused, Err(RateExceeded { retry_after: 3600 }));
    }

    #[test]
    fn the_policy_and_the_log_are_not_counted() {
        assert_eq!(RateGroup::of(Kind::Policy), None);
        assert_eq!(RateGroup::of(Kind::MapHead), None);
        assert_eq!(RateGroup::of(Kind::DidCreate), Some(RateGroup::RegistrarWrites));
        assert_eq!(RateGroup::of(Kind::DidUpdate), Some(RateGroup::OwnWrites));
        assert_eq!(RateGroup::of(Kind::StatusSnapshot), Some(RateGroup::Snapshots));
    }

    #[test]
    fn a_registrar_writes_five_hundred_an_hour_and_an_owner_ten() {
        let limits = Limits::default();
        let registrar = QuotaHolder::Registrar("did:webvh:r".to_owned());
        let owner = QuotaHolder::Owner("did:webvh:o".to_owned());
        let exceeded = Err(RateExceeded { retry_after: 3600 });
        assert_eq!(limits.admit_writer(&registrar, &[1000; 499], 1000), Ok(()));
        assert_eq!(limits.admit_writer(&registrar, &[1000; 500], 1000), exceeded);
        assert_eq!(limits.admit_writer(&owner, &[1000; 9], 1000), Ok(()));
        assert_eq!(limits.admit_writer(&owner, &[1000; 10], 1000), exceeded);
    }

    fn leaf(kind: Kind, subject: &str, signers: &[&str]) -> Leaf {
        let signatures = signers.iter().map(|did| crate::leaf::LeafSignature {
            key_id: format!("{did}#k"),
            algorithm: jose::Algorithm::EdDsa,
            signature: [0; 64],
        });
        Leaf {
            kind,
            subject: subject.to_owned(),
            seq: 0,
            prev: None,
            payload: crate::hash::BlobRef::of(b"{}"),
            private: None,
            authority: Authority::Signatures(signatures.collect()),
        }
    }

    #[test]
    fn a_leaf_takes_of_the_share_of_who_signed_it() {
        let registrar = |did: &str| QuotaHolder::Registrar(did.to_owned());
        let grant = leaf(Kind::AccreditationGrant, "did:webvh:a", &["did:webvh:r", "did:webvh:s"]);
        assert_eq!(
            QuotaHolder::of(&grant),
            [registrar("did:webvh:r"), registrar("did:webvh:s")]
        );
        let rule = leaf(Kind::RulePublish, "did:webvh:a/rule/x", &["did:webvh:a"]);
        assert_eq!(QuotaHolder::of(&rule), [QuotaHolder::Owner("did:webvh:a".to_owned())]);
        let snapshot = leaf(Kind::StatusSnapshot, "did:webvh:a", &["did:webvh:a"]);
        assert!(QuotaHolder::of(&snapshot).is_empty());
    }

    #[test_case(Kind::AccreditationRevoke ; "of_an_accreditation")]
    #[test_case(Kind::RelyingPartyRevoke ; "of_a_registration")]
    fn a_revocation_takes_of_nobodys_share(kind: Kind) {
        assert_eq!(RateGroup::of(kind), None);
        assert!(QuotaHolder::of(&leaf(kind, "did:webvh:a", &["did:webvh:r"])).is_empty());
    }
}
