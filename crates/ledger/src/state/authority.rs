//! Who may write an entry. docs/ledger.md §3 and §5.

use jose::VerifyingKey;

use super::{Entry, Records, Rejection};
use crate::keys::KeyLookup;
use crate::leaf::{Authority, LeafSignature};
use crate::payload::Policy;

/// The log itself is the authority.
pub(super) fn check_log(entry: &Entry) -> Result<(), Rejection> {
    match entry.leaf().authority {
        Authority::Log => Ok(()),
        _ => Err(Rejection::AuthorityForm),
    }
}

/// The payload's own proof is the authority.
pub(super) fn check_payload_proof(entry: &Entry) -> Result<(), Rejection> {
    match entry.leaf().authority {
        Authority::PayloadProof => Ok(()),
        _ => Err(Rejection::AuthorityForm),
    }
}

/// A registrar signed.
pub(super) fn check_registrar(state: &dyn Records, policy: &Policy, entry: &Entry) -> Result<(), Rejection> {
    let (signature, signer) = one_signature(entry)?;
    if !policy.registrars.iter().any(|registrar| registrar.as_str() == signer) {
        return Err(Rejection::SignerNotRegistrar);
    }
    check_ledger_key(state, entry, signature, signer)
}

/// The subject itself signed.
pub(super) fn check_subject(state: &dyn Records, entry: &Entry) -> Result<(), Rejection> {
    let (signature, signer) = one_signature(entry)?;
    if signer != entry.leaf().subject {
        return Err(Rejection::SignerNotSubject);
    }
    check_ledger_key(state, entry, signature, signer)
}

/// The one signature, and the DID whose key it names.
fn one_signature(entry: &Entry) -> Result<(&LeafSignature, &str), Rejection> {
    let Authority::Signatures(signatures) = &entry.leaf().authority else {
        return Err(Rejection::AuthorityForm);
    };
    let [signature] = signatures.as_slice() else {
        return Err(Rejection::SignatureCount);
    };
    let (signer, _) = signature.key_id.split_once('#').ok_or(Rejection::SignerUnknown)?;
    Ok((signature, signer))
}

fn check_ledger_key(
    state: &dyn Records,
    entry: &Entry,
    signature: &LeafSignature,
    signer: &str,
) -> Result<(), Rejection> {
    let record = state.organisation(signer).ok_or(Rejection::SignerUnknown)?;
    if record.is_deactivated() {
        return Err(Rejection::SignerDeactivated);
    }
    let key = match record.ledger_key(&signature.key_id) {
        KeyLookup::Current(key) => key,
        KeyLookup::Retired => return Err(Rejection::SignerKeyRetired),
        KeyLookup::Never => return Err(Rejection::SignerKeyNotListed),
    };
    if key.algorithm() != signature.algorithm {
        return Err(Rejection::SignatureAlgorithm);
    }
    let verifier = VerifyingKey::new(&key).map_err(|_| Rejection::SignerKeyNotListed)?;
    let message = entry.leaf().to_be_signed(state.origin());
    verifier
        .verify(&message, &signature.signature)
        .map_err(|_| Rejection::SignatureInvalid)
}
