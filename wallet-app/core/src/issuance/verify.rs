//! What came from the issuer, checked before anything of it is stored.

use super::{CredentialRefused, OfferedCard};
use crate::cards::{CardIssuer, CopyKind, NewCopy};
use crate::keys::KeyId;
use crate::trust::{IssuerKeys, TrustedKey};
use card_formats::{Format, HeldTypes, ReceiveError, Trusted, VerifiedCopy};
use jose::{PublicJwk, UnixTime};
use serde_json::{Map, Value};
use status_list::StatusReference;
use std::collections::HashSet;

/// Copies of one card as they came, each batch with the keys it was asked with.
pub(super) struct ReceivedBatch {
    pub(super) kind: CopyKind,
    pub(super) credentials: Vec<String>,
    pub(super) keys: Vec<PublicJwk>,
}

/// Copies that check out, alone and together.
#[derive(Debug)]
pub(super) struct VerifiedCopies {
    pub(super) issuer: CardIssuer,
    pub(super) claims: Map<String, Value>,
    pub(super) valid_from: Option<UnixTime>,
    pub(super) valid_until: Option<UnixTime>,
    pub(super) copies: Vec<NewCopy>,
    /// One of them; they say the same.
    pub(super) one: Box<dyn VerifiedCopy>,
}

/// Checks all copies of one card: each by itself (signature, type and its rules, dates, digests, key), and that
/// together they say one thing and cannot be told to belong together, nor with anything that was `seen` before.
pub(super) fn verify(
    batches: &[ReceivedBatch],
    offered: &OfferedCard,
    issuers: &IssuerKeys<'_>,
    seen: &mut Seen,
) -> Result<VerifiedCopies, CredentialRefused> {
    let types = offered.known_types()?;
    let mut card: Option<VerifiedCopies> = None;
    let mut established: Option<TrustedKey> = None;
    for batch in batches {
        if batch.credentials.is_empty() {
            return Err(CredentialRefused::Empty);
        }
        let mut keys = batch.keys.clone();
        for text in &batch.credentials {
            let copy = verify_copy(text, offered, &mut keys, issuers, &types, established.as_ref())?;
            seen.check(copy.verified.as_ref())?;
            let values = copy.verified.values();
            let (starts, expires) = (copy.verified.starts(), copy.verified.expires());
            let new = NewCopy {
                kind: batch.kind,
                key: copy.key,
                credential: text.clone(),
                statuses: copy.verified.statuses().into_iter().cloned().collect(),
            };
            match &mut card {
                None => {
                    card = Some(VerifiedCopies {
                        issuer: copy.trusted.issuer.clone(),
                        claims: values,
                        valid_from: starts,
                        valid_until: expires,
                        copies: vec![new],
                        one: copy.verified,
                    });
                }
                Some(card) if card.issuer != copy.trusted.issuer => {
                    return Err(CredentialRefused::IssuersDiffer);
                }
                Some(card) if card.claims != values => {
                    return Err(CredentialRefused::ValuesDiffer);
                }
                Some(card) => {
                    card.valid_from = card.valid_from.max(starts);
                    card.valid_until = card.valid_until.max(expires);
                    card.copies.push(new);
                }
            }
            established.get_or_insert(copy.trusted);
        }
    }
    card.ok_or(CredentialRefused::Empty)
}

/// A copy that holds, by whom, and for which key.
struct CheckedCopy {
    trusted: TrustedKey,
    key: KeyId,
    verified: Box<dyn VerifiedCopy>,
}

fn verify_copy(
    text: &str,
    offered: &OfferedCard,
    keys: &mut Vec<PublicJwk>,
    issuers: &IssuerKeys<'_>,
    types: &HeldTypes,
    established: Option<&TrustedKey>,
) -> Result<CheckedCopy, CredentialRefused> {
    let received = offered.format.received(text)?;
    let trusted = issuers.for_credential(&received.hints(), &offered.vct, established)?;
    let (verified, key) = receive(text, offered.format, trusted.as_trusted(issuers), keys)?;
    if verified.card_type() != offered.vct {
        return Err(CredentialRefused::OtherType);
    }
    verified.check_type(types)?;
    Ok(CheckedCopy { trusted, key, verified })
}

/// Finds which of the keys still free the copy is bound to; copies usually come in the order of
/// the keys. One key serves one copy. OpenID4VCI 1.0 §8.3
fn receive(
    text: &str,
    format: Format,
    by: Trusted<'_>,
    keys: &mut Vec<PublicJwk>,
) -> Result<(Box<dyn VerifiedCopy>, KeyId), CredentialRefused> {
    for place in 0..keys.len() {
        let received = format.received(text)?;
        match received.verify(by, &keys[place]) {
            Ok(verified) => {
                let key = KeyId::of(&keys.remove(place));
                return Ok((verified, key));
            }
            Err(ReceiveError::ForeignHolderKey) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(ReceiveError::ForeignHolderKey.into())
}

/// What must not stand in two copies.
#[derive(Default)]
pub(super) struct Seen {
    statuses: HashSet<StatusReference>,
    marks: HashSet<String>,
}

impl Seen {
    /// Adds what stands in copies that were checked before and are held: these places in lists, and these marks.
    pub(super) fn add(&mut self, statuses: Vec<StatusReference>, marks: impl Iterator<Item = String>) {
        self.statuses.extend(statuses);
        self.marks.extend(marks);
    }

    fn check(&mut self, copy: &dyn VerifiedCopy) -> Result<(), CredentialRefused> {
        for status in copy.statuses() {
            if !self.statuses.insert(status.clone()) {
                return Err(CredentialRefused::StatusShared);
            }
        }
        for mark in copy.marks() {
            if !self.marks.insert(mark) {
                return Err(CredentialRefused::DisclosureShared);
            }
        }
        Ok(())
    }
}
