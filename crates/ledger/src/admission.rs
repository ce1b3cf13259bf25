//! How much may be written about one subject. docs/ledger.md §5.6.

use jose::UnixTime;
use thiserror::Error;

use crate::kind::Kind;
use crate::payload::Limits;

const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;

/// Too many entries about this subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("too many entries about this subject; next in {retry_after} seconds")]
pub struct RateExceeded {
    /// Seconds until the next entry is admitted.
    pub retry_after: u64,
}

/// Kinds that are counted together. What its registrars write about an organisation is
/// counted apart from what it writes itself: neither can use up the other's share, and so
/// hold off a revocation or a change of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RateGroup {
    /// Status snapshots.
    Snapshots,
    /// What an organisation writes about its own DID.
    OwnWrites,
    /// What registrars write about an organisation.
    RegistrarWrites,
}

impl RateGroup {
    /// The group of a kind; `None` for what the log itself or its governance writes.
    pub fn of(kind: Kind) -> Option<Self> {
        match kind {
            Kind::Policy | Kind::MapHead => None,
            Kind::StatusSnapshot => Some(Self::Snapshots),
            Kind::DidUpdate | Kind::DidRotate | Kind::DidDeactivate => Some(Self::OwnWrites),
            Kind::DidCreate
            | Kind::AccreditationGrant
            | Kind::AccreditationRevoke
            | Kind::RelyingPartyRegister
            | Kind::RelyingPartyUpdate
            | Kind::RelyingPartyRevoke => Some(Self::RegistrarWrites),
        }
    }
}

impl Limits {
    /// Whether one more entry of this group is admitted now, after those at `times` (of the same
    /// group and subject, at least of the last day).
    pub fn admit(&self, group: RateGroup, times: &[UnixTime], now: UnixTime) -> Result<(), RateExceeded> {
        match group {
            RateGroup::Snapshots => within(times, now, HOUR, self.snapshots_per_hour),
            RateGroup::OwnWrites | RateGroup::RegistrarWrites => {
                within(times, now, DAY, self.writes_per_day)?;
                within(times, now, HOUR, self.writes_per_hour)
            }
        }
    }
}

fn within(times: &[UnixTime], now: UnixTime, window: u64, limit: u32) -> Result<(), RateExceeded> {
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
}
