//! What makes a credential one of ours, whoever looks at it.

use std::borrow::Cow;
use std::sync::LazyLock;

use jose::x5c::Purpose;
use serde_json::{Map, Value};
use status_list::StatusReference;
use w3c_vc::{
    ContextError, Contexts, CredentialClaims, CredentialError, CredentialStatus, DocumentError, Hints, TrustedIssuer,
    UnverifiedCredential,
};

use super::SUBJECT;
use crate::{IssuerHints, Requirements, Trusted, W3cError};

static CONTEXTS: LazyLock<Result<Contexts, ContextError>> = LazyLock::new(Contexts::bundled);

/// The contexts that are held, and no others.
pub(crate) fn contexts() -> Result<&'static Contexts, DocumentError> {
    CONTEXTS.as_ref().map_err(|error| DocumentError::Context(*error))
}

/// A credential of one type, all of whose statuses can be looked up.
#[derive(Clone, Debug)]
pub(super) struct Shape {
    /// Its types, the one of every credential among them. Absolute IRIs.
    pub(super) types: Vec<String>,
    /// The other one.
    pub(super) card_type: String,
    /// Every place where its status is told.
    pub(super) statuses: Vec<StatusReference>,
}

impl Shape {
    pub(super) fn of(claims: &CredentialClaims) -> Result<Self, W3cError> {
        let types = claims.type_names(contexts().map_err(unread)?).map_err(unread)?;
        let statuses = claims.status().iter().map(|status| match status {
            CredentialStatus::Bitstring(entry) => Ok(entry.into()),
            _ => Err(W3cError::Status),
        });
        Ok(Self {
            card_type: one_type(&types)?.to_owned(),
            statuses: statuses.collect::<Result<_, _>>()?,
            types,
        })
    }

    /// What credentials of this issuer must have, as for SD-JWT VC.
    pub(super) fn check(&self, claims: &CredentialClaims, requirements: Requirements) -> Result<(), W3cError> {
        let (from, until) = (claims.valid_from().is_some(), claims.valid_until().is_some());
        let (bound, status) = (claims.holder().is_some(), !self.statuses.is_empty());
        let needed = match requirements {
            Requirements::Anchored => [
                ("validFrom", from),
                ("validUntil", until),
                ("credentialSubject", bound),
                ("credentialStatus", status),
            ],
            Requirements::Haip => [
                ("credentialSubject", bound),
                ("validUntil", until || status),
                ("validFrom", true),
                ("credentialStatus", true),
            ],
        };
        match needed.iter().find(|(_, there)| !there) {
            Some((name, _)) => Err(W3cError::Missing(name)),
            None => Ok(()),
        }
    }
}

/// What every credential carries is listed to nobody. So it says what it is there for and no more: what else an issuer
/// writes there would go along unseen, and so would what stands in a key beside the key. What it says of its subject is
/// listed claim by claim.
pub(super) fn check_envelope(claims: &CredentialClaims) -> Result<(), W3cError> {
    for (name, known) in [("issuer", &ISSUER[..]), (STATUS, &ENTRY[..])] {
        let mut members = objects(claims, name).flatten();
        if members.any(|(member, _)| !known.contains(&member.as_str())) {
            return Err(W3cError::SaysMore(name));
        }
    }
    // The claims of a list would be told as one, and what is shown to nobody would be found in none of them.
    if !claims.document().get(SUBJECT).is_some_and(Value::is_object) {
        return Err(W3cError::SaysMore(SUBJECT));
    }
    match claims.holder() {
        Some(holder) if !holder.did().starts_with("did:key:") => Err(W3cError::SaysMore("credentialSubject.id")),
        _ => Ok(()),
    }
}

/// What the places are called in which its status is told, where they have names.
pub(super) fn status_ids(claims: &CredentialClaims) -> impl Iterator<Item = &str> {
    objects(claims, STATUS).filter_map(|entry| entry.get("id")?.as_str())
}

/// The objects that a member is, or has.
fn objects<'a>(claims: &'a CredentialClaims, name: &str) -> impl Iterator<Item = &'a Map<String, Value>> {
    let value = claims.document().get(name);
    let several = value.and_then(Value::as_array).map(Vec::as_slice);
    let values = several.unwrap_or_else(|| value.map(std::slice::from_ref).unwrap_or_default());
    values.iter().filter_map(Value::as_object)
}

const STATUS: &str = "credentialStatus";
/// VCDM 2.0 §4.7
const ISSUER: [&str; 4] = ["id", "type", "name", "description"];
/// Bitstring Status List 1.0 §2.1
const ENTRY: [&str; 6] = [
    "id",
    "type",
    "statusPurpose",
    "statusListIndex",
    "statusListCredential",
    "statusSize",
];

/// The one type beside that of every credential. With several, a policy that knows the issuer for one of them would let
/// it speak for the others.
pub(super) fn one_type(names: &[String]) -> Result<&str, W3cError> {
    let mut own = names.iter().filter(|name| *name != OF_EVERY_CREDENTIAL);
    match (own.next(), own.next()) {
        (Some(one), None) => Ok(one),
        _ => Err(W3cError::Types),
    }
}

/// The one type of a credential that nobody has verified.
pub(super) fn card_type(credential: &UnverifiedCredential) -> Result<String, W3cError> {
    let types = credential.type_names(contexts().map_err(unread)?).map_err(unread)?;
    one_type(&types).map(str::to_owned)
}

/// What a credential says about its issuer. `card_type` is its own type.
pub(super) fn hints<'a>(said: Hints<'a>, card_type: &'a str) -> IssuerHints<'a> {
    IssuerHints {
        vct: Some(card_type),
        iss: Some(said.issuer),
        kid: Some(key_name(said)),
        x5c: None,
        purpose: Purpose::Credential,
    }
}

/// The issuer that a policy found by these hints.
pub(super) fn trusted(said: Hints<'_>, by: Trusted<'_>) -> TrustedIssuer {
    let key = (said.method.to_owned(), by.issuer_key.clone());
    TrustedIssuer::new(said.issuer, [key])
}

/// A verification method is a URL. A key that is named by itself is one at the address of its issuer.
pub(crate) fn method<'a>(issuer: &str, kid: &'a str) -> Cow<'a, str> {
    match kid.contains(':') {
        true => Cow::Borrowed(kid),
        false => Cow::Owned(format!("{issuer}#{kid}")),
    }
}

/// The name of a key as a policy knows it: that of a DID as it is, of another issuer what follows its address.
pub(crate) fn key_name(said: Hints<'_>) -> &str {
    let at_address = said
        .method
        .strip_prefix(said.issuer)
        .and_then(|rest| rest.strip_prefix('#'));
    match at_address {
        Some(name) if !said.issuer.starts_with("did:") => name,
        _ => said.method,
    }
}

/// A document that cannot be read.
pub(super) fn unread(error: DocumentError) -> W3cError {
    CredentialError::Document(error).into()
}

/// The base type, expanded. VCDM 2.0 §4.5
const OF_EVERY_CREDENTIAL: &str = "https://www.w3.org/2018/credentials#VerifiableCredential";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_named_by_a_url_and_found_again() {
        for (issuer, kid) in [
            ("did:webvh:x:a.example", "did:webvh:x:a.example#key-1"),
            ("https://a.example", "thumb"),
        ] {
            let method = method(issuer, kid);
            let said = Hints {
                issuer,
                method: &method,
            };
            assert_eq!(hints(said, "t").kid, Some(kid));
        }
    }

    #[test]
    fn a_credential_is_of_one_type() {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        assert_eq!(one_type(&names(&[OF_EVERY_CREDENTIAL, "urn:a"])), Ok("urn:a"));
        for other in [&[OF_EVERY_CREDENTIAL][..], &[OF_EVERY_CREDENTIAL, "urn:a", "urn:b"]] {
            assert_eq!(one_type(&names(other)), Err(W3cError::Types));
        }
    }
}
