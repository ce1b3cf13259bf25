//! Accreditation, relying party, status snapshot. docs/ledger.md §5.3 and §5.4.

use super::authority::{check_registrar, check_subject};
use super::{Entry, Records, Rejection};
use crate::kind::{Kind, Part};
use crate::payload::{Accreditation, Payload, Policy, Scope, StatusSnapshot};
use crate::record::{AccreditationEntry, OrganisationRecord, RelyingPartyEntry, SnapshotEntry};

/// The record after an entry of any part but the DID.
pub(super) fn apply(
    state: &dyn Records,
    policy: &Policy,
    entry: &Entry,
    record: Option<&OrganisationRecord>,
) -> Result<OrganisationRecord, Rejection> {
    let payload = Payload::parse(entry.leaf().kind, entry.payload())?;
    if payload.subject().map(did::Did::as_str) != Some(entry.leaf().subject.as_str()) {
        return Err(Rejection::SubjectDiffers);
    }
    let mut record = record.ok_or(Rejection::DidMissing)?.clone();
    change(&mut record, entry, payload)?;
    if entry.leaf().kind == Kind::StatusSnapshot {
        check_subject(state, entry)?;
    } else {
        check_registrar(state, policy, entry)?;
    }
    Ok(record)
}

fn change(record: &mut OrganisationRecord, entry: &Entry, payload: Payload) -> Result<(), Rejection> {
    match payload {
        Payload::Accreditation(accreditation) => grant(record, entry, accreditation),
        Payload::Scope(scope) => register(record, entry, scope),
        Payload::StatusSnapshot(snapshot) => take_snapshot(record, entry, &snapshot),
        _ => revoke(record, entry.leaf().kind),
    }
}

fn grant(record: &mut OrganisationRecord, entry: &Entry, accreditation: Accreditation) -> Result<(), Rejection> {
    check_active(record)?;
    let types = accreditation
        .types
        .into_iter()
        .map(|accredited| (accredited.vct, accredited.until))
        .collect();
    record.accreditation = Some(AccreditationEntry {
        types,
        payload: entry.leaf().payload,
    });
    Ok(())
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
