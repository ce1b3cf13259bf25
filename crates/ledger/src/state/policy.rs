//! Policy and map head. docs/ledger.md §5.2 and §5.5.

use super::authority::check_log;
use super::{Entry, MapHeadState, PolicyState, Records, Rejection};
use crate::leaf::Authority;
use crate::payload::{GovernanceSignature, MapHead, Policy};
use crate::record::PolicyRecord;

/// The policy after a policy entry.
pub(super) fn apply(state: &dyn Records, entry: &Entry) -> Result<PolicyState, Rejection> {
    let policy = Policy::parse(entry.payload())?;
    if policy.origin != state.origin() {
        return Err(Rejection::PolicyOrigin);
    }
    let before = state.policy().map(|before| &before.policy);
    if before.map_or(0, |before| before.version).checked_add(1) != Some(policy.version) {
        return Err(Rejection::PolicyVersion);
    }
    if before.is_some_and(|before| before.predecessor != policy.predecessor) {
        return Err(Rejection::PredecessorDiffers);
    }
    if before.is_some_and(|before| !before.governance.allows(&policy.governance)) {
        return Err(Rejection::GovernanceKeyNotAnnounced);
    }
    check_signatures(state.origin(), entry, &policy, before)?;
    let record = PolicyRecord {
        origin: policy.origin.clone(),
        payload: entry.leaf().payload,
        head: entry.as_head(),
    };
    Ok(PolicyState { record, policy })
}

fn check_signatures(origin: &str, entry: &Entry, policy: &Policy, before: Option<&Policy>) -> Result<(), Rejection> {
    let Authority::Signatures(signatures) = &entry.leaf().authority else {
        return Err(Rejection::AuthorityForm);
    };
    let message = entry.leaf().to_be_signed(origin);
    let signatures: Vec<GovernanceSignature<'_>> = signatures
        .iter()
        .map(|signature| GovernanceSignature {
            key: &signature.key_id,
            algorithm: signature.algorithm,
            signature: &signature.signature,
        })
        .collect();
    if !policy.governance.signed(&message, &signatures) {
        return Err(Rejection::GovernanceOwnThreshold);
    }
    if before.is_some_and(|before| !before.governance.signed(&message, &signatures)) {
        return Err(Rejection::GovernancePreviousThreshold);
    }
    Ok(())
}

/// The map head after a map head entry.
pub(super) fn apply_map_head(state: &dyn Records, entry: &Entry) -> Result<MapHeadState, Rejection> {
    let head = MapHead::parse(entry.payload())?;
    if head.root != state.map_root() {
        return Err(Rejection::MapHeadRoot);
    }
    if head.size != entry.index() {
        return Err(Rejection::MapHeadSize);
    }
    if state.map_head().is_some_and(|before| before.time > head.time) {
        return Err(Rejection::MapHeadTime);
    }
    check_log(entry)?;
    Ok(MapHeadState {
        head: entry.as_head(),
        time: head.time,
    })
}
