//! The kinds of a DID. docs/ledger.md §5.1.

use std::collections::BTreeMap;

use did::webvh::{LogState, UnverifiedLogEntry, VerifiedLogEntry};
use did::{DidDocument, Relationship};
use jose::PublicJwk;

use super::authority::{check_payload_proof, check_registrar};
use super::{Entry, Records, Rejection};
use crate::did_state::DidState;
use crate::keys::{KEYS, KeySet, Purposes, RETIRED_KEYS};
use crate::kind::Kind;
use crate::payload::Policy;
use crate::record::OrganisationRecord;

type Keys = BTreeMap<String, (Purposes, PublicJwk)>;

/// The record after a line of the DID log.
pub(super) fn apply(
    state: &dyn Records,
    policy: &Policy,
    entry: &Entry,
    record: Option<&OrganisationRecord>,
) -> Result<OrganisationRecord, Rejection> {
    let line = parse(entry)?;
    let (record, does) = match record {
        None => create(entry, line)?,
        Some(record) => follow(entry, line, record)?,
    };
    if does != entry.leaf().kind {
        return Err(Rejection::DidKindDiffers);
    }
    let bootstrap = policy
        .registrars
        .iter()
        .any(|registrar| registrar.as_str() == entry.leaf().subject);
    if does == Kind::DidCreate && !bootstrap {
        check_registrar(state, policy, entry)?;
    } else {
        check_payload_proof(entry)?;
    }
    Ok(record)
}

fn parse(entry: &Entry) -> Result<UnverifiedLogEntry, Rejection> {
    if entry.payload().contains(&b'\n') {
        return Err(Rejection::DidLineFeed);
    }
    let line = UnverifiedLogEntry::parse(entry.payload())?;
    if line.dangerous_unverified_did().did().as_str() != entry.leaf().subject {
        return Err(Rejection::DidDiffers);
    }
    Ok(line)
}

fn create(entry: &Entry, line: UnverifiedLogEntry) -> Result<(OrganisationRecord, Kind), Rejection> {
    if entry.leaf().kind != Kind::DidCreate {
        return Err(Rejection::DidMissing);
    }
    let verified = LogState::genesis(line)?;
    if !verified.state().is_portable() {
        return Err(Rejection::DidNotPortable);
    }
    let (did_state, keys) = check(entry, &verified)?;
    let does = if did_state.deactivated {
        Kind::DidDeactivate
    } else {
        Kind::DidCreate
    };
    let record = OrganisationRecord {
        did: entry.leaf().subject.clone(),
        did_state,
        keys: KeySet::new(keys),
        accreditation: None,
        relying_party: None,
        status_snapshot: None,
        audit_snapshot: None,
        heads: BTreeMap::new(),
    };
    Ok((record, does))
}

fn follow(
    entry: &Entry,
    line: UnverifiedLogEntry,
    record: &OrganisationRecord,
) -> Result<(OrganisationRecord, Kind), Rejection> {
    if record.is_deactivated() {
        return Err(Rejection::DidDeactivated);
    }
    let verified = record.did_state.log_state(&record.did)?.next(line)?;
    let (did_state, mut keys) = check(entry, &verified)?;
    let does = if did_state.deactivated {
        keys.clear();
        Kind::DidDeactivate
    } else if keys == *record.keys.current() {
        Kind::DidUpdate
    } else {
        Kind::DidRotate
    };
    let keys = record.keys.replaced_by(keys).ok_or(Rejection::DidKeyReturns)?;
    if keys.retired_count() > RETIRED_KEYS {
        return Err(Rejection::DidRetiredCount);
    }
    Ok((
        OrganisationRecord {
            did_state,
            keys,
            ..record.clone()
        },
        does,
    ))
}

/// What the ledger asks of a line beside did:webvh.
fn check(entry: &Entry, verified: &VerifiedLogEntry) -> Result<(DidState, Keys), Rejection> {
    let state = verified.state();
    if state.witness_rule().is_some() || verified.witness_rule().is_some() {
        return Err(Rejection::DidWitnesses);
    }
    if state.next_key_hashes().is_empty() && !state.is_deactivated() {
        return Err(Rejection::DidNotPreRotated);
    }
    let did_state = DidState::after(state, entry.leaf().payload).ok_or(Rejection::DidNextKeyHash)?;
    let keys = keys_of(verified.document())?;
    if keys.len() > KEYS || did_state.next_key_hashes.len() > KEYS {
        return Err(Rejection::DidKeyCount);
    }
    Ok((did_state, keys))
}

fn keys_of(document: &DidDocument) -> Result<Keys, Rejection> {
    let mut keys = Keys::new();
    for (relationship, purpose) in [
        (Relationship::AssertionMethod, Purposes::ASSERTION_METHOD),
        (Relationship::CapabilityInvocation, Purposes::CAPABILITY_INVOCATION),
    ] {
        for method in document.methods(relationship) {
            let fragment = method
                .id()
                .strip_prefix(document.did().as_str())
                .and_then(|rest| rest.strip_prefix('#'));
            let (Some(fragment), Some(key)) = (fragment, method.key()) else {
                return Err(Rejection::DidKeyUnsupported);
            };
            let bare = bare(key).ok_or(Rejection::DidKeyUnsupported)?;
            let (purposes, _) = keys.entry(fragment.to_owned()).or_insert((Purposes::NONE, bare));
            *purposes = purposes.with(purpose);
        }
    }
    Ok(keys)
}

/// The key without `kid`, `use` and `alg`, as the record holds it.
fn bare(key: &PublicJwk) -> Option<PublicJwk> {
    match (key.sec1_compressed(), key.ed25519_bytes()) {
        (Some(point), _) => PublicJwk::from_p256_sec1(&point).ok(),
        (None, Some(bytes)) => Some(PublicJwk::from_ed25519(bytes)),
        (None, None) => None,
    }
}
