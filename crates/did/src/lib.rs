//! DIDs: did:webvh 1.0 with its log, did:key, did:jwk and did:web.
//!
//! Nothing here opens a connection or reads a clock. The shell fetches a log or
//! a document; this crate says where from ([`webvh::WebvhDid::log_url`],
//! [`web::document_url`]) and decides whether what came back is true.
//!
//! * [`Did`] and [`DidUrl`]: syntax of DID Core 1.0 §3.
//! * [`DidDocument`]: verification methods and the two relationships Holdfast
//!   uses, `assertionMethod` and `capabilityInvocation`.
//! * [`webvh`]: log entries, the incremental [`webvh::LogState`], witnesses,
//!   resolution and the making of entries.
//! * [`identity`]: an organisation's DID with its keys, on top of `webvh`.
//! * [`key`], [`jwk`], [`web`]: the three small methods.
//! * [`budget`]: how much work each of them may cause.

pub mod budget;
pub mod data_integrity;
pub mod identity;
pub mod jwk;
pub mod key;
pub mod multikey;
pub mod web;
pub mod webvh;

mod document;
mod host;
mod multihash;
mod syntax;

pub use document::{DidDocument, DocumentError, KeyError, Relationship, VerificationMethod};
pub use host::HostError;
pub use multihash::{MultihashError, Sha256Multihash};
pub use syntax::{Did, DidSyntaxError, DidUrl};
