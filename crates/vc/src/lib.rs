//! W3C Verifiable Credentials Data Model 2.0 with Data Integrity: issue, hold, present, verify; and Bitstring
//! Status List 1.0. The format is `ldp_vc` of OpenID4VCI and OpenID4VP.
//!
//! A document climbs one ladder and cannot skip a step:
//!
//! ```text
//! issuer     CredentialDraft --issue--> text
//! wallet     UnverifiedCredential --receive--> HeldCredential --present--> text
//! verifier   UnverifiedPresentation --verify--> VerifiedPresentation
//! both       UnverifiedStatusList --verify--> VerifiedStatusList
//! ```
//!
//! * The keys of issuers are an argument ([`TrustedIssuer`]), and the algorithm belongs to the key. What a document
//!   says about them (`issuer`, `verificationMethod`, `cryptosuite`) can only agree. The key of a holder is what the
//!   issuer signed: the `did:key` or `did:jwk` of the subject.
//! * Two cryptosuites: `ecdsa-rdfc-2019` with P-256, and `eddsa-rdfc-2022`. One proof for each document.
//! * Contexts are held, pinned by their hash and never fetched; a combination of them that the caller did not list is
//!   refused ([`Contexts`]).
//! * A document is read in a profile of JSON-LD in which each value is one signed statement ([`DocumentError`] names
//!   the rules).
//! * Work is bounded from the first byte on, canonicalization included: see [`budget`].
//!
//! What it does not do: no BBS (`bbs-2023`) and no `ecdsa-sd-2023`, so that a credential is shown whole, and what is
//! shown can be linked by its proof; no zero knowledge; no P-384 and none of the `jcs` suites; no `vc+jwt` and no
//! enveloped credentials (VC-JOSE-COSE); no VCDM 1.1; no proof sets or chains; no lists (`@list`), named graphs or
//! JSON literals in a document; nothing is fetched to compare the digests of `relatedResource`; statuses of more than
//! one bit are not read. The `@direction` of a text is in no statement and so not signed.
//! `docs/adr/0013-ssi-for-json-ld.md` says what is the code of others.

pub mod budget;

mod bitstring;
mod cards;
mod claims;
mod contexts;
mod credential;
mod date_time;
mod document;
mod form;
mod held;
mod issue;
mod json_ld;
mod keys;
mod presentation;
mod proof;
mod rdfc;
mod statement;
mod status;
mod status_list;
#[cfg(test)]
mod tests;

pub use ::status_list::LookUpError;
pub use bitstring::{Bitstring, BitstringError};
pub use cards::{CARDS, CardContext};
pub use claims::CredentialClaims;
pub use contexts::{CREDENTIALS_V2, ContextError, Contexts, UNDEFINED_TERMS_V2};
pub use credential::{CredentialError, Hints, ReceiveError, UnverifiedCredential, VerifiedCredential};
pub use document::DocumentError;
pub use form::FormError;
pub use held::{HeldCredential, PresentError, sign_presentation};
pub use issue::{CredentialDraft, IssueError, Signing, issue};
pub use json_ld::type_names;
pub use keys::{HolderKey, TrustedIssuer};
pub use presentation::{PresentationError, UnverifiedPresentation, VerifiedPresentation};
pub use proof::{Cryptosuite, MakeProofError, ProofError};
pub use sd_jwt::{BindError, Challenge, ClaimPath, PathElement};
pub use status::{CredentialStatus, StatusEntry, StatusPurpose};
pub use status_list::{StatusListDraft, StatusListError, UnverifiedStatusList, VerifiedStatusList};
