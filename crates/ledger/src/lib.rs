//! What the entries of the ledger mean. The byte-exact description is `docs/ledger.md`.
//!
//! * Writing: [`LeafBuilder`] makes a [`Submission`], a [`Leaf`] with its payload.
//! * State: [`apply`] says what an [`Entry`] changes, or which rule it breaks. [`Replica`]
//!   replays a whole log; that is what mirrors and audits do.
//! * Reading: an [`UnverifiedBundle`] becomes a [`VerifiedBundle`] with a [`TrustPack`]. It holds
//!   the newest [`OrganisationRecord`], or that there is none, and since when nobody can have
//!   hidden a newer one; [`Clock`] judges whether that is fresh enough.
//! * Comparing: a [`Landmark`] is a checkpoint that everybody sees the same, once an hour. A
//!   [`VerifiedLandmarkFile`] holds every accredited organisation as of it, for use without a
//!   network; [`SplitEvidence`] shows that a log told two people two things.
//!
//! Nothing here reads a clock, a file or a socket, or draws random bytes.

mod admission;
mod builder;
mod bundle;
mod checkpoint;
mod did_state;
mod ecosystem_link;
mod freshness;
mod hash;
mod keys;
mod kind;
mod landmark;
mod leaf;
mod map;
mod object;
mod payload;
mod proposal;
mod quorum;
mod record;
mod refusal;
mod replica;
mod state;
mod status_snapshot;
mod submissions;
mod trust_pack;

pub use admission::{QuotaHolder, RateExceeded, RateGroup};
pub use builder::{LeafBuilder, PrivateBlob, Submission, SubmissionError};
pub use bundle::{BundleError, BundleParts, MakeBundleError, UnverifiedBundle, VerifiedBundle, encode_bundles};
pub use did_state::DidState;
pub use ecosystem_link::{EcosystemLink, EcosystemLinkError, fingerprint};
pub use freshness::{Age, Clock, FreshnessError, FreshnessLimit};
pub use hash::{BlobRef, Hash};
pub use keys::{KeyLookup, Purposes};
pub use kind::{Kind, Part};
pub use landmark::{
    AccreditedOrganisation, LANDMARK_FILE_CAP, Landmark, LandmarkError, LandmarkFileError, LandmarkFileParts,
    MakeLandmarkError, SplitError, SplitEvidence, UnverifiedLandmark, UnverifiedLandmarkFile, UnverifiedSplitEvidence,
    VerifiedLandmarkFile, hour_of,
};
pub use leaf::{Authority, Head, LEAF_CAP, Leaf, LeafError, LeafPointer, LeafSignature};
pub use map::{Family, Map, MapChange, MapError, MapNode, MapNodes, MapProof, MapProofError, MemoryNodes, map_key};
pub use object::{ObjectDetail, ObjectRecord, ObjectSubject};
pub use payload::{
    Accreditation, AccreditedType, Artifact, AuditSnapshot, Channel, ClaimPath, ClaimType, Coverage, Document, Fee,
    Governance, LegalBasis, Limits, Localized, MapHead, PackReference, PathElement, Payload, PayloadError, Policy,
    Predecessor, Purpose, Release, ReleaseKeys, ReleaseVersion, Revocation, RevocationReason, RuleEntry, RuleQuery,
    RuleReference, Schema, SchemaClaim, Scope, ScopeCredential, SelectiveDisclosure, Service, SnapshotList,
    StatusSnapshot, Successor,
};
pub use payload::{Asked, Became, ClaimChange, PurposeChange, ScopeChange, ScopeClaim, SetChange};
pub use proposal::{Proposal, ProposalError, UnverifiedProposal};
pub use quorum::QuorumTextError;
pub use record::{AccreditationEntry, OrganisationRecord, PolicyRecord, RelyingPartyEntry, SnapshotEntry, Succession};
pub use refusal::{Refusal, RefusalError, UnverifiedRefusal};
pub use replica::{
    Alarm, EndorseError, ReplayError, Replayed, Replica, ReplicaBundleError, ReplicaLandmarkError, SnapshotError,
};
pub use state::{Change, Entry, EntryError, MapHeadState, PolicyState, Records, Rejection, RejectionClass, apply};
pub use status_snapshot::{ListContent, SnapshotTree, SnapshotTreeError, StatusProof, StatusProofError};
pub use submissions::{
    SUBMISSIONS_BYTES, SUBMISSIONS_CAP, SubmissionsError, encode_submissions, in_requests, parse_submissions,
};
pub use trust_pack::{
    Mode, PackContent, PackSignError, PreviousLogKey, TrustPack, TrustPackError, UnverifiedTrustPack,
};
