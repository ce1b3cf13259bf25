//! Fetching status lists: all lists of every accredited organisation, as its
//! snapshot names them, and all lists that other issuers aggregate.

use std::collections::BTreeSet;

use card_formats::{StatusListError, UnverifiedList};
use jose::x5c::{Purpose, UnverifiedChain};
use jose::{UnixTime, VerifyingKey};
use ledger::KeyLookup;
use outbound::{Limits, OutboundError};
use serde_json::Value;
use status_list::{Aggregation, AggregationError, StatusPurpose, TokenError, VerifiedList};
use url::Url;

use super::{Fetch, ListOwner, TrustView};

/// Why a list was not taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ListError {
    /// It could not be fetched.
    #[error("the list cannot be fetched")]
    Fetch(#[from] OutboundError),
    /// The address is none.
    #[error("the address of the list is none")]
    Address,
    /// The body is no text.
    #[error("the list is no text")]
    Text,
    /// The list breaks a rule.
    #[error(transparent)]
    List(#[from] StatusListError),
    /// It is older than the one that is held.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The list is not signed by a key of its issuer.
    #[error("the list is not signed by its issuer")]
    Signer,
    /// The aggregation breaks a rule.
    #[error(transparent)]
    Aggregation(#[from] AggregationError),
}

/// The lists that accredited organisations say they have; of those that are accredited for a type that is asked for as
/// a W3C credential also the Bitstring Status Lists beside them.
pub(crate) fn wanted(view: &TrustView, now: UnixTime) -> BTreeSet<(ListOwner, String)> {
    let mut wanted = BTreeSet::new();
    for (did, organisation) in view.organisations() {
        let accredited = |vct: &str| {
            let record = organisation.record();
            record.is_some_and(|record| record.accreditation(vct, now).is_some())
        };
        let bits = view.in_bits().any(accredited);
        let lists = organisation
            .status_snapshot()
            .map(|snapshot| snapshot.lists)
            .unwrap_or_default();
        for list in lists {
            for purpose in StatusPurpose::ALL.iter().filter(|_| bits) {
                let beside = purpose.list_beside(&list.uri);
                wanted.insert((ListOwner::Organisation(did.to_owned()), beside));
            }
            wanted.insert((ListOwner::Organisation(did.to_owned()), list.uri));
        }
    }
    wanted
}

/// The lists of one issuer that the ledger does not know.
pub(crate) async fn aggregated(fetch: &dyn Fetch, address: &Url) -> Result<Vec<String>, ListError> {
    let bytes = fetch.get(address, &Limits::METADATA).await?;
    Ok(Aggregation::parse(&bytes)?.status_lists)
}

/// A list that has been verified.
pub(crate) struct Verified {
    /// As it was received.
    pub(crate) token: String,
    pub(crate) list: VerifiedList,
    /// Under which chain a foreign issuer signed it.
    pub(crate) chain: Option<Value>,
}

/// Fetches a list and verifies it.
pub(crate) async fn fetch(
    fetch: &dyn Fetch,
    view: &TrustView,
    owner: &ListOwner,
    uri: &str,
    now: UnixTime,
) -> Result<Verified, ListError> {
    let url = Url::parse(uri).map_err(|_| ListError::Address)?;
    let bytes = fetch.get(&url, &Limits::STATUS_LIST).await?;
    let text = String::from_utf8(bytes).map_err(|_| ListError::Text)?;
    verify(text, view, owner, uri, now)
}

/// Verifies a list with the key of its owner, found by who that is and never
/// by what the list suggests.
pub(crate) fn verify(
    text: String,
    view: &TrustView,
    owner: &ListOwner,
    uri: &str,
    now: UnixTime,
) -> Result<Verified, ListError> {
    let list = UnverifiedList::parse(text.trim())?;
    let (key, chain, issuer) = match owner {
        ListOwner::Organisation(did) => (organisation_key(&list, view, did)?, None, Some(did.as_str())),
        ListOwner::Issuer(issuer) => (published_key(&list, view, issuer)?, None, Some(issuer.as_str())),
        ListOwner::Foreign => (certificate_key(&list, view, now)?, list.x5c().cloned(), None),
    };
    let list = list.verify(&key, issuer, uri, now)?;
    Ok(Verified {
        token: text,
        list,
        chain,
    })
}

fn organisation_key(list: &UnverifiedList, view: &TrustView, did: &str) -> Result<VerifyingKey, ListError> {
    let record = view
        .organisation(did)
        .and_then(|bundle| bundle.record())
        .ok_or(ListError::Signer)?;
    current(list.kid().map(|kid| record.assertion_key(kid)))
}

fn published_key(list: &UnverifiedList, view: &TrustView, issuer: &str) -> Result<VerifyingKey, ListError> {
    let held = view.issuer_keys(issuer).ok_or(ListError::Signer)?;
    current(list.kid().map(|kid| held.key(kid)))
}

/// A key that is listed now may have signed, and no other.
fn current(found: Option<KeyLookup>) -> Result<VerifyingKey, ListError> {
    match found {
        Some(KeyLookup::Current(key)) => VerifyingKey::new(&key).map_err(|_| ListError::Signer),
        _ => Err(ListError::Signer),
    }
}

fn certificate_key(list: &UnverifiedList, view: &TrustView, now: UnixTime) -> Result<VerifyingKey, ListError> {
    let x5c = list.x5c().ok_or(ListError::Signer)?;
    let anchors = view.anchors(None).ok_or(ListError::Signer)?;
    let chain = UnverifiedChain::parse(x5c).map_err(|_| ListError::Signer)?;
    let leaf = chain
        .verify(anchors, now, Purpose::StatusList)
        .map_err(|_| ListError::Signer)?;
    Ok(leaf.verifying_key().clone())
}
