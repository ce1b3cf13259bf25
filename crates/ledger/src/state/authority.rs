//! Who may write an entry. docs/ledger.md §3 and §5.

use jose::{PublicJwk, VerifyingKey};

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
    check_named(policy, signer)?;
    check_ledger_key(state, entry, signature, signer)
}

fn check_named(policy: &Policy, signer: &str) -> Result<(), Rejection> {
    if policy.registrars.iter().any(|registrar| registrar.as_str() == signer) {
        Ok(())
    } else {
        Err(Rejection::SignerNotRegistrar)
    }
}

/// Two different registrars signed: what one alone could do by mistake or malice waits for a second.
pub(super) fn check_two_registrars(state: &dyn Records, policy: &Policy, entry: &Entry) -> Result<(), Rejection> {
    let Authority::Signatures(signatures) = &entry.leaf().authority else {
        return Err(Rejection::AuthorityForm);
    };
    let [first, second] = signatures.as_slice() else {
        return Err(Rejection::SignatureCount);
    };
    let (first_signer, second_signer) = (signer_of(first)?, signer_of(second)?);
    if first_signer == second_signer {
        return Err(Rejection::SuccessionOneRegistrar);
    }
    for (signature, signer) in [(first, first_signer), (second, second_signer)] {
        check_named(policy, signer)?;
        check_ledger_key(state, entry, signature, signer)?;
    }
    Ok(())
}

/// The owner signed, whose DID begins the subject.
pub(super) fn check_owner(state: &dyn Records, entry: &Entry) -> Result<(), Rejection> {
    let (signature, signer) = one_signature(entry)?;
    let owner = entry.leaf().subject.split_once('/').map(|(owner, _)| owner);
    if owner != Some(signer) {
        return Err(Rejection::SignerNotOwner);
    }
    check_ledger_key(state, entry, signature, signer)
}

/// A release key of the policy signed.
pub(super) fn check_release_key(state: &dyn Records, policy: &Policy, entry: &Entry) -> Result<(), Rejection> {
    let signature = only_signature(entry)?;
    let key = policy.release_keys.find(&signature.key_id);
    let key = key.ok_or(Rejection::ReleaseKeyNotNamed)?;
    check_signature(state, entry, signature, key)
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
    let signature = only_signature(entry)?;
    Ok((signature, signer_of(signature)?))
}

fn only_signature(entry: &Entry) -> Result<&LeafSignature, Rejection> {
    match &entry.leaf().authority {
        Authority::Signatures(signatures) => match signatures.as_slice() {
            [signature] => Ok(signature),
            _ => Err(Rejection::SignatureCount),
        },
        _ => Err(Rejection::AuthorityForm),
    }
}

/// The DID whose key a signature names.
fn signer_of(signature: &LeafSignature) -> Result<&str, Rejection> {
    let (signer, _) = signature.key_id.split_once('#').ok_or(Rejection::SignerUnknown)?;
    Ok(signer)
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
    check_signature(state, entry, signature, &key)
}

fn check_signature(
    state: &dyn Records,
    entry: &Entry,
    signature: &LeafSignature,
    key: &PublicJwk,
) -> Result<(), Rejection> {
    if key.algorithm() != signature.algorithm {
        return Err(Rejection::SignatureAlgorithm);
    }
    let verifier = VerifyingKey::new(key).map_err(|_| Rejection::SignerKeyNotListed)?;
    let message = entry.leaf().to_be_signed(state.origin());
    verifier
        .verify(&message, &signature.signature)
        .map_err(|_| Rejection::SignatureInvalid)
}
