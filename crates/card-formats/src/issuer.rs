use jose::{PublicJwk, Signer, UnixTime};
use serde_json::{Map, Value};
use status_list::StatusReference;

/// A copy of a card about to be signed. Every time is rounded by the caller, so that copies cannot be linked by it.
#[derive(Clone)]
pub struct NewCopy<'a> {
    /// The type, as the format calls it.
    pub card_type: &'a str,
    /// Who issues it: a DID, or an address.
    pub issuer: &'a str,
    /// How the issuer's key is named.
    pub kid: &'a str,
    /// The issuer's certificate chain, made by [`jose::x5c::to_value`], for verifiers that know it by that.
    pub x5c: Option<&'a Value>,
    /// When it is issued, and from when on it counts.
    pub issued_at: UnixTime,
    /// From when on it counts no longer.
    pub expires: UnixTime,
    /// The wallet's key for this copy.
    pub holder_key: &'a PublicJwk,
    /// Where its status is told: the place in the issuer's Token Status List. A format that has lists of another kind
    /// names the same place in the lists beside it: [`StatusReference::beside`].
    pub status: StatusReference,
    /// What is said about the person, in the form in which the format's paths lead through it: of an mdoc an object of
    /// namespaces, each an object of elements.
    pub claims: &'a Map<String, Value>,
    /// How many claims it seems to have, of an mdoc in each namespace, so that their number tells nothing.
    pub digests: usize,
    /// The issuer's key.
    pub signer: &'a dyn Signer,
}
