//! What came from the issuer, checked before anything of it is stored.

use super::CredentialRefused;
use crate::cards::{CardIssuer, CopyKind, NewCopy};
use crate::keys::KeyId;
use crate::trust::{IssuerKeys, TrustedKey};
use jose::{PublicJwk, UnixTime};
use sd_jwt::type_metadata::HeldTypes;
use sd_jwt::{CredentialClaims, HeldSdJwt, ReceiveError, UnverifiedSdJwt};
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
    pub(super) held: HeldSdJwt,
}

/// What may differ between copies of one card; the rest is the card.
const OF_THE_COPY: [&str; 5] = ["cnf", "status", "iat", "nbf", "exp"];

/// Checks all copies of one card: each by itself (signature, type and its rules, dates, digests, key), and that
/// together they say one thing and cannot be told to belong together.
pub(super) fn verify(
    batches: &[ReceivedBatch],
    vct: &str,
    issuers: &IssuerKeys<'_>,
    types: &HeldTypes,
) -> Result<VerifiedCopies, CredentialRefused> {
    let mut card: Option<VerifiedCopies> = None;
    let mut established: Option<TrustedKey> = None;
    let mut seen = Seen::default();
    for batch in batches {
        if batch.credentials.is_empty() {
            return Err(CredentialRefused::Empty);
        }
        let mut keys = batch.keys.clone();
        for text in &batch.credentials {
            let copy = verify_copy(text, vct, &mut keys, issuers, types, established.as_ref())?;
            seen.check(&copy)?;
            let new = NewCopy {
                kind: batch.kind,
                key: copy.key,
                credential: text.clone(),
                status: copy.status,
            };
            match &mut card {
                None => {
                    card = Some(VerifiedCopies {
                        issuer: copy.trusted.issuer.clone(),
                        claims: copy.values,
                        valid_from: copy.starts,
                        valid_until: copy.expires,
                        copies: vec![new],
                        held: copy.held,
                    });
                }
                Some(card) if card.issuer != copy.trusted.issuer => {
                    return Err(CredentialRefused::IssuersDiffer);
                }
                Some(card) if card.claims != copy.values => {
                    return Err(CredentialRefused::ValuesDiffer);
                }
                Some(card) => {
                    card.valid_from = card.valid_from.max(copy.starts);
                    card.valid_until = card.valid_until.max(copy.expires);
                    card.copies.push(new);
                }
            }
            established.get_or_insert(copy.trusted);
        }
    }
    card.ok_or(CredentialRefused::Empty)
}

struct VerifiedCopy {
    trusted: TrustedKey,
    key: KeyId,
    held: HeldSdJwt,
    values: Map<String, Value>,
    status: Option<StatusReference>,
    starts: Option<UnixTime>,
    expires: Option<UnixTime>,
}

fn verify_copy(
    text: &str,
    vct: &str,
    keys: &mut Vec<PublicJwk>,
    issuers: &IssuerKeys<'_>,
    types: &HeldTypes,
    established: Option<&TrustedKey>,
) -> Result<VerifiedCopy, CredentialRefused> {
    let unverified = UnverifiedSdJwt::parse(text)?;
    let trusted = issuers.for_credential(&unverified.hints(), vct, established)?;
    let (held, claims, key) = receive(text, &trusted, keys, issuers.now)?;
    if claims.vct() != vct {
        return Err(CredentialRefused::OtherType);
    }
    types.check_held(&held, &claims)?;
    let status = held.claims().get("status").map(StatusReference::from_claim).transpose();
    let mut values = held.claims().clone();
    for name in OF_THE_COPY {
        values.remove(name);
    }
    Ok(VerifiedCopy {
        trusted,
        key,
        values,
        status: status.map_err(|_| CredentialRefused::Status)?,
        starts: claims.not_before(),
        expires: claims.expires(),
        held,
    })
}

/// Finds which of the keys still free the copy is bound to; copies usually come in the order of
/// the keys. One key serves one copy. OpenID4VCI 1.0 §8.3
fn receive(
    text: &str,
    trusted: &TrustedKey,
    keys: &mut Vec<PublicJwk>,
    now: UnixTime,
) -> Result<(HeldSdJwt, CredentialClaims, KeyId), CredentialRefused> {
    for place in 0..keys.len() {
        let unverified = UnverifiedSdJwt::parse(text)?;
        match unverified.receive(&trusted.key, &keys[place], trusted.requirements, now) {
            Ok((held, claims)) => {
                let key = KeyId::of(&keys.remove(place));
                return Ok((held, claims, key));
            }
            Err(ReceiveError::ForeignHolderKey) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(ReceiveError::ForeignHolderKey.into())
}

/// What must not stand in two copies.
#[derive(Default)]
struct Seen {
    statuses: HashSet<StatusReference>,
    disclosures: HashSet<String>,
}

impl Seen {
    fn check(&mut self, copy: &VerifiedCopy) -> Result<(), CredentialRefused> {
        if let Some(status) = &copy.status
            && !self.statuses.insert(status.clone())
        {
            return Err(CredentialRefused::StatusShared);
        }
        let disclosures = copy.held.compact().split('~').skip(1).filter(|part| !part.is_empty());
        for disclosure in disclosures {
            if !self.disclosures.insert(disclosure.to_owned()) {
                return Err(CredentialRefused::DisclosureShared);
            }
        }
        Ok(())
    }
}
