//! Accreditation, relying party, status and audit snapshot. docs/ledger.md §5.3, §5.4 and §5.7.

use jose::UnixTime;

use super::authority::{check_registrar, check_subject, check_two_registrars};
use super::{Entry, Records, Rejection};
use crate::kind::{Kind, Part};
use crate::payload::{Accreditation, AuditSnapshot, Payload, Policy, Scope, StatusSnapshot};
use crate::record::{AccreditationEntry, OrganisationRecord, RelyingPartyEntry, SnapshotEntry, Succession};

/// How long a succession is public before it counts. docs/ledger.md §4.2
const SUCCESSION_WAIT: UnixTime = 72 * 3600;

/// The record after an entry of any part but the DID.
pub(super) fn apply(
    state: &dyn Records,
    policy: &Policy,
    entry: &Entry,
    record: Option<&OrganisationRecord>,
) -> Result<OrganisationRecord, Rejection> {
    let payload = Payload::parse(entry.leaf().kind, entry.payload())?;
    if payload.subject() != Some(entry.leaf().subject.as_str()) {
        return Err(Rejection::SubjectDiffers);
    }
    let mut record = record.ok_or(Rejection::DidMissing)?.clone();
    let is_succession = matches!(&payload, Payload::Accreditation(grant) if grant.succeeds.is_some());
    change(state, &mut record, entry, payload)?;
    if matches!(entry.leaf().kind, Kind::StatusSnapshot | Kind::AuditSnapshot) {
        check_subject(state, entry)?;
    } else if is_succession {
        check_two_registrars(state, policy, entry)?;
    } else {
        check_registrar(state, policy, entry)?;
    }
    Ok(record)
}

fn change(
    state: &dyn Records,
    record: &mut OrganisationRecord,
    entry: &Entry,
    payload: Payload,
) -> Result<(), Rejection> {
    match payload {
        Payload::Accreditation(accreditation) => grant(state, record, entry, accreditation),
        Payload::Scope(scope) => register(record, entry, scope),
        Payload::StatusSnapshot(snapshot) => take_snapshot(record, entry, &snapshot),
        Payload::AuditSnapshot(snapshot) => take_audit_snapshot(record, entry, &snapshot),
        _ => revoke(record, entry.leaf().kind),
    }
}

fn grant(
    state: &dyn Records,
    record: &mut OrganisationRecord,
    entry: &Entry,
    accreditation: Accreditation,
) -> Result<(), Rejection> {
    check_active(record)?;
    let succession = match &accreditation.succeeds {
        Some(old) => Some(succession(state, record, old.as_str())?),
        // A plain grant must not shorten the wait of the succession that it replaces.
        None => record.accreditation.take().and_then(|before| before.succession),
    };
    let types = accreditation
        .types
        .into_iter()
        .map(|accredited| (accredited.vct, accredited.until))
        .collect();
    record.accreditation = Some(AccreditationEntry {
        types,
        payload: entry.leaf().payload,
        succession,
    });
    Ok(())
}

/// The wait begins at the newest map head: `apply` has no clock, and everybody has seen that time.
fn succession(state: &dyn Records, record: &OrganisationRecord, old: &str) -> Result<Succession, Rejection> {
    if old == record.did() {
        return Err(Rejection::SuccessionOfItself);
    }
    let succeeded = state.organisation(old).ok_or(Rejection::SuccessionUnknown)?;
    if succeeded.head(Part::Accreditation).is_none() {
        return Err(Rejection::SuccessionNeverAccredited);
    }
    let map_head = state.map_head().ok_or(Rejection::SuccessionBeforeMapHead)?;
    Ok(Succession {
        from: map_head.time.saturating_add(SUCCESSION_WAIT),
        succeeds: old.to_owned(),
    })
}

fn register(record: &mut OrganisationRecord, entry: &Entry, scope: Scope) -> Result<(), Rejection> {
    check_active(record)?;
    match (entry.leaf().kind, &record.relying_party) {
        (Kind::RelyingPartyRegister, Some(_)) => return Err(Rejection::AlreadyRegistered),
        (Kind::RelyingPartyUpdate, None) => return Err(Rejection::NotRegistered),
        _ => {}
    }
    record.relying_party = Some(RelyingPartyEntry {
        payload: entry.leaf().payload,
        certificates: scope.access_certificates,
        valid_until: scope.valid_until,
    });
    Ok(())
}

fn take_snapshot(record: &mut OrganisationRecord, entry: &Entry, snapshot: &StatusSnapshot) -> Result<(), Rejection> {
    check_active(record)?;
    if record.head(Part::Accreditation).is_none() {
        return Err(Rejection::NeverAccredited);
    }
    if record
        .status_snapshot
        .is_some_and(|before| before.time >= snapshot.time)
    {
        return Err(Rejection::SnapshotNotNewer);
    }
    record.status_snapshot = Some(SnapshotEntry {
        root: snapshot.root,
        size: snapshot.size,
        time: snapshot.time,
        index: entry.index(),
        payload: entry.leaf().payload,
    });
    Ok(())
}

fn take_audit_snapshot(
    record: &mut OrganisationRecord,
    entry: &Entry,
    snapshot: &AuditSnapshot,
) -> Result<(), Rejection> {
    check_active(record)?;
    if record.head(Part::Accreditation).is_none() {
        return Err(Rejection::NeverAccredited);
    }
    if let Some(before) = record.audit_snapshot {
        if before.time != snapshot.from {
            return Err(Rejection::AuditSnapshotGap);
        }
        if before.size > snapshot.size {
            return Err(Rejection::AuditSnapshotSmaller);
        }
    }
    record.audit_snapshot = Some(SnapshotEntry {
        root: snapshot.root,
        size: snapshot.size,
        time: snapshot.until,
        index: entry.index(),
        payload: entry.leaf().payload,
    });
    Ok(())
}

fn revoke(record: &mut OrganisationRecord, kind: Kind) -> Result<(), Rejection> {
    if kind == Kind::AccreditationRevoke {
        record.accreditation.take().map(|_| ()).ok_or(Rejection::NotAccredited)
    } else {
        record.relying_party.take().map(|_| ()).ok_or(Rejection::NotRegistered)
    }
}

fn check_active(record: &OrganisationRecord) -> Result<(), Rejection> {
    if record.is_deactivated() {
        Err(Rejection::DidDeactivated)
    } else {
        Ok(())
    }
}
