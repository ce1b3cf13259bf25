//! Digital Credentials Query Language: what a verifier asks for.
//! OpenID4VP 1.0 §6
//!
//! ```json
//! { "credentials": [ {
//!     "id": "residence", "format": "dc+sd-jwt",
//!     "meta": { "vct_values": ["urn:holdfast:vct:residence:1"] },
//!     "claims": [ {"path": ["country"], "values": ["HF"]} ]
//! } ] }
//! ```

mod authority;
mod error;
mod matching;
mod meta;
mod parse;
mod work;

pub use authority::{Authority, AuthorityType, TrustedAuthority};
pub use error::DcqlError;
pub use matching::{Candidate, ClaimSelection, CredentialMatch, CredentialType, Evaluation, SetChoice};
pub use meta::Meta;

use std::collections::BTreeSet;

use serde_json::Value;

use crate::ClaimsPath;

/// A query that holds every MUST of OpenID4VP 1.0 §6.
///
/// It keeps the JSON it was read from, so that a request carries exactly what
/// was checked.
#[derive(Debug, Clone, PartialEq)]
pub struct DcqlQuery {
    pub(crate) source: Value,
    pub(crate) credentials: Vec<CredentialQuery>,
    pub(crate) credential_sets: Vec<CredentialSetQuery>,
}

/// Names one credential query, and the presentations that answer it. OpenID4VP 1.0 §6.1
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QueryId(pub(crate) String);

/// Names one claims query inside its credential query. OpenID4VP 1.0 §6.3
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClaimId(pub(crate) String);

/// A request for one credential. OpenID4VP 1.0 §6.1
#[derive(Debug, Clone, PartialEq)]
pub struct CredentialQuery {
    pub(crate) id: QueryId,
    pub(crate) format: String,
    pub(crate) meta: Meta,
    pub(crate) multiple: Multiplicity,
    pub(crate) trusted_authorities: Vec<TrustedAuthority>,
    pub(crate) holder_binding: HolderBinding,
    pub(crate) claims: Vec<ClaimsQuery>,
    pub(crate) claim_sets: Vec<Vec<usize>>,
}

/// How many credentials may answer one query (`multiple`). OpenID4VP 1.0 §6.1
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Multiplicity {
    /// Exactly one; the default.
    One,
    /// One or more.
    Several,
}

/// Whether a proof of the holder's key is asked for, or can be given
/// (`require_cryptographic_holder_binding`). OpenID4VP 1.0 §6.1
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HolderBinding {
    /// Asked for, which is the default; or possible.
    Cryptographic,
    /// Not asked for; or not possible.
    None,
}

/// One claim asked for. OpenID4VP 1.0 §6.3
#[derive(Debug, Clone, PartialEq)]
pub struct ClaimsQuery {
    pub(crate) id: Option<ClaimId>,
    pub(crate) path: ClaimsPath,
    pub(crate) values: Vec<Value>,
    pub(crate) intent_to_retain: Option<bool>,
}

/// Alternatives of which one serves the purpose. OpenID4VP 1.0 §6.2
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialSetQuery {
    pub(crate) options: Vec<Vec<QueryId>>,
    pub(crate) requirement: Requirement,
}

/// Whether a credential set must be answered (`required`). OpenID4VP 1.0 §6.2
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Requirement {
    /// Nothing is returned without it; the default.
    Required,
    /// The holder may leave it out.
    Optional,
}

impl DcqlQuery {
    /// Checks a JSON value against OpenID4VP 1.0 §6; unknown members are
    /// ignored, as it demands.
    pub fn parse(value: &Value) -> Result<Self, DcqlError> {
        parse::query(value)
    }

    /// The JSON it was read from.
    pub fn to_value(&self) -> &Value {
        &self.source
    }

    /// The credential queries, in the verifier's order; never empty.
    pub fn credentials(&self) -> &[CredentialQuery] {
        &self.credentials
    }

    /// The credential query of that name.
    pub fn credential(&self, id: &str) -> Option<&CredentialQuery> {
        self.credentials.iter().find(|query| query.id.as_str() == id)
    }

    /// The credential set queries; empty when the query has none, and then
    /// every credential is needed. OpenID4VP 1.0 §6.4.2
    pub fn credential_sets(&self) -> &[CredentialSetQuery] {
        &self.credential_sets
    }

    /// Every claim that a rule can speak of, as rules name it: `query.claim`. docs/rules.md §1
    #[must_use]
    pub fn rule_names(&self) -> BTreeSet<String> {
        let queries = self.credentials.iter();
        queries
            .flat_map(|query| query.claims.iter().filter_map(move |claim| query.rule_name(claim)))
            .collect()
    }

    /// The first claim that a credential query names twice, which a verifier
    /// MUST NOT do and a wallet ignores. OpenID4VP 1.0 §6.1
    pub fn repeated_claim(&self) -> Option<(&QueryId, &ClaimsPath)> {
        self.credentials.iter().find_map(|query| {
            query.claims.iter().enumerate().find_map(|(place, claim)| {
                let seen = query
                    .claims
                    .iter()
                    .take(place)
                    .any(|earlier| earlier.path == claim.path);
                seen.then_some((&query.id, &claim.path))
            })
        })
    }
}

impl CredentialQuery {
    /// The name that answers refer to.
    pub fn id(&self) -> &QueryId {
        &self.id
    }

    /// The credential format identifier, as `dc+sd-jwt`.
    pub fn format(&self) -> &str {
        &self.format
    }

    /// What is asked of the credential's type.
    pub fn meta(&self) -> &Meta {
        &self.meta
    }

    /// How many credentials may answer.
    pub fn multiple(&self) -> Multiplicity {
        self.multiple
    }

    /// Conditions on who certifies the issuer; empty when there are none.
    pub fn trusted_authorities(&self) -> &[TrustedAuthority] {
        &self.trusted_authorities
    }

    /// Whether the proof of the holder's key is asked for.
    pub fn holder_binding(&self) -> HolderBinding {
        self.holder_binding
    }

    /// The claims asked for; empty means no selectively disclosable claim at
    /// all. OpenID4VP 1.0 §6.4.1
    pub fn claims(&self) -> &[ClaimsQuery] {
        &self.claims
    }

    /// The name that rules have for a claim of this query; `None` for one that lies inside of another.
    /// docs/rules.md §1
    #[must_use]
    pub fn rule_name(&self, claim: &ClaimsQuery) -> Option<String> {
        let name = self.meta.claim_name(&claim.path)?;
        Some(format!("{}.{name}", self.id))
    }

    /// The alternatives, preferred first, as positions in [`Self::claims`];
    /// empty when the query has none, and then all claims are needed.
    pub fn claim_sets(&self) -> &[Vec<usize>] {
        &self.claim_sets
    }
}

impl ClaimsQuery {
    /// The name that claim sets refer to.
    pub fn id(&self) -> Option<&ClaimId> {
        self.id.as_ref()
    }

    /// Which claim.
    pub fn path(&self) -> &ClaimsPath {
        &self.path
    }

    /// Values the verifier hopes for; empty when any will do. Never a
    /// security check: OpenID4VP 1.0 §6.4.1.
    pub fn values(&self) -> &[Value] {
        &self.values
    }

    /// Whether the verifier means to keep the element of an mdoc beyond the check; `None` where it does not say, and in
    /// other formats. Appendix B.2.4
    pub fn intent_to_retain(&self) -> Option<bool> {
        self.intent_to_retain
    }
}

impl CredentialSetQuery {
    /// The alternatives, each a set of credential queries to answer together.
    pub fn options(&self) -> &[Vec<QueryId>] {
        &self.options
    }

    /// Whether one of them must be answered.
    pub fn requirement(&self) -> Requirement {
        self.requirement
    }
}

impl QueryId {
    /// The text of the identifier.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl ClaimId {
    /// The text of the identifier.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for QueryId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
