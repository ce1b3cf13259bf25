//! What the entries of the ledger mean. The byte-exact description is docs/ledger.md.
mod builder;
pub mod cbor;
mod did_state;
mod freshness;
mod hash;
mod keys;
mod kind;
mod leaf;
mod payload;
mod quorum;
mod record;
mod trust_pack;

pub use builder::{LeafBuilder, PrivateBlob, Submission, SubmissionError};
pub use did_state::DidState;
pub use freshness::{Age, Clock, FreshnessError, FreshnessLimit};
pub use hash::{BlobRef, Hash};
pub use keys::{KeyLookup, Purposes};
pub use kind::{Kind, Part};
pub use leaf::{Authority, Head, LEAF_CAP, Leaf, LeafError, LeafPointer, LeafSignature};
pub use payload::{
    Accreditation, AccreditedType, Channel, ClaimPath, Coverage, Governance, Limits, Localized, MapHead, PackReference,
    PathElement, Payload, PayloadError, Policy, Purpose, Revocation, RevocationReason, Scope, ScopeCredential,
    SnapshotList, StatusSnapshot,
};
pub use quorum::QuorumTextError;
pub use record::{AccreditationEntry, OrganisationRecord, PolicyRecord, RelyingPartyEntry, SnapshotEntry};
pub use trust_pack::{Mode, PackContent, PackSignError, TrustPack, TrustPackError, UnverifiedTrustPack};
