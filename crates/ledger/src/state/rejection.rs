//! The rules of the state function. docs/ledger.md §5.

use did::webvh::LogError;
use thiserror::Error;

use crate::leaf::Head;
use crate::payload::PayloadError;

/// The rule that an entry broke. It then changes nothing.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Rejection {
    /// Entry 0 is a policy, and nothing else comes before it.
    #[error("the log has no policy yet")]
    PolicyMissing,
    /// The subject of a policy or map head is the log's origin.
    #[error("the subject is not this log")]
    SubjectNotOrigin,
    /// The subject of what is about an organisation is a did:webvh DID.
    #[error("the subject is not a did:webvh DID")]
    SubjectNotDid,
    /// The subject of a schema, rule, service, document or release is not of the form of its kind. docs/ledger.md §3.1
    #[error("the subject is not one of this kind")]
    SubjectNotObject,
    /// The policy in force names a successor: this log takes nothing but map heads.
    #[error("another log goes on for this one")]
    LogClosed,
    /// The payload is longer than its kind or the policy allows.
    #[error("the payload is too long")]
    PayloadTooLong,
    /// A private blob where the kind allows none.
    #[error("this kind has no private blob")]
    PrivateNotAllowed,
    /// `seq` and `prev` do not continue the chain.
    #[error("the entry does not continue the chain of its part")]
    Conflict {
        /// What it should have continued; `None` where the chain has not begun.
        head: Option<Head>,
    },
    /// The payload does not follow its schema.
    #[error(transparent)]
    Payload(#[from] PayloadError),
    /// The payload names another subject than the leaf.
    #[error("the payload is about another subject")]
    SubjectDiffers,

    /// The kind wants another form of authority.
    #[error("this kind is written under another authority")]
    AuthorityForm,
    /// The kind wants exactly one signature.
    #[error("exactly one signature is wanted")]
    SignatureCount,
    /// The signer has no record on this ledger.
    #[error("the signer is not on this ledger")]
    SignerUnknown,
    /// The policy in force does not name the signer as registrar.
    #[error("the signer is not a registrar")]
    SignerNotRegistrar,
    /// The entry must be signed by its own subject.
    #[error("the signer is not the subject")]
    SignerNotSubject,
    /// What an organisation publishes must be signed by the owner in its subject.
    #[error("the signer is not the owner")]
    SignerNotOwner,
    /// The policy in force does not name the key as a release key.
    #[error("the signer's key is not a release key")]
    ReleaseKeyNotNamed,
    /// The signer's DID is deactivated.
    #[error("the signer's DID is deactivated")]
    SignerDeactivated,
    /// The key was taken out.
    #[error("the signer's key was taken out")]
    SignerKeyRetired,
    /// The key is not listed under `capabilityInvocation` of the newest document.
    #[error("the signer's key is not a ledger key")]
    SignerKeyNotListed,
    /// The signature names another algorithm than that of the key.
    #[error("the signature is of another algorithm than the key")]
    SignatureAlgorithm,
    /// The signature does not verify.
    #[error("the signature does not verify")]
    SignatureInvalid,

    /// The origin in a policy is another log's.
    #[error("the policy is that of another log")]
    PolicyOrigin,
    /// The version of a policy is not one higher than before.
    #[error("the policy's version does not follow")]
    PolicyVersion,
    /// The log that this one goes on for is another than in the policy before.
    #[error("the policy names another log before this one")]
    PredecessorDiffers,
    /// Too few of the policy's own governance keys signed.
    #[error("too few governance keys signed")]
    GovernanceOwnThreshold,
    /// Too few governance keys of the policy before signed.
    #[error("too few governance keys of the policy before signed")]
    GovernancePreviousThreshold,
    /// A governance key was not announced.
    #[error("a governance key was not announced")]
    GovernanceKeyNotAnnounced,

    /// The payload holds a line feed.
    #[error("a log line has no line feed")]
    DidLineFeed,
    /// The line does not follow by did:webvh 1.0.
    #[error(transparent)]
    DidLine(#[from] LogError),
    /// The document is about another DID.
    #[error("the document is about another DID")]
    DidDiffers,
    /// A new DID is not portable.
    #[error("a new DID must be portable")]
    DidNotPortable,
    /// The line uses witnesses of did:webvh.
    #[error("witnesses of did:webvh are not used here")]
    DidWitnesses,
    /// The line commits to no next key.
    #[error("the line commits to no next key")]
    DidNotPreRotated,
    /// A next key hash is not a SHA-256 multihash.
    #[error("a next key hash is not a SHA-256 multihash")]
    DidNextKeyHash,
    /// A key is neither P-256 nor Ed25519, or not of this DID.
    #[error("a key is of a kind not in use")]
    DidKeyUnsupported,
    /// More than 16 keys or next keys.
    #[error("the document has too many keys")]
    DidKeyCount,
    /// A key or fragment that was taken out is back.
    #[error("a key that was taken out is back")]
    DidKeyReturns,
    /// More than 512 keys were taken out over time.
    #[error("too many keys were taken out")]
    DidRetiredCount,
    /// The line does something else than the kind says.
    #[error("the line is not what the kind says")]
    DidKindDiffers,
    /// The subject has no DID on this ledger.
    #[error("the subject is not on this ledger")]
    DidMissing,
    /// The subject's DID is deactivated.
    #[error("the subject's DID is deactivated")]
    DidDeactivated,

    /// There is no accreditation to revoke.
    #[error("there is no accreditation to revoke")]
    NotAccredited,
    /// Registered already; an update is wanted.
    #[error("the relying party is registered already")]
    AlreadyRegistered,
    /// There is no registration to update or revoke.
    #[error("the relying party is not registered")]
    NotRegistered,
    /// Only an agency that was accredited writes status snapshots.
    #[error("the subject was never accredited")]
    NeverAccredited,
    /// A snapshot's time is not later than that of the snapshot before.
    #[error("the snapshot is not newer than the one before")]
    SnapshotNotNewer,

    /// An audit snapshot does not begin where the one before ended.
    #[error("the audit snapshot does not begin where the one before ended")]
    AuditSnapshotGap,
    /// The log of actions is smaller than in the audit snapshot before.
    #[error("the log of actions is smaller than before")]
    AuditSnapshotSmaller,

    /// An agency cannot go on for itself.
    #[error("an agency does not succeed itself")]
    SuccessionOfItself,
    /// The agency that lost its keys is not on this ledger.
    #[error("the agency that is succeeded is not on this ledger")]
    SuccessionUnknown,
    /// The agency that lost its keys was never accredited.
    #[error("the agency that is succeeded was never accredited")]
    SuccessionNeverAccredited,
    /// There is no map head yet whose time the wait could begin at.
    #[error("there is no map head before the succession")]
    SuccessionBeforeMapHead,
    /// Both signatures of a succession are by one registrar.
    #[error("a succession needs two registrars")]
    SuccessionOneRegistrar,

    /// Published already; supersede is wanted.
    #[error("it is published already")]
    AlreadyPublished,
    /// There is nothing to supersede.
    #[error("it is not published")]
    NotPublished,
    /// `supersedes` is not the version before.
    #[error("the document does not supersede the version before")]
    DocumentSupersedes,
    /// The version is not higher than that of the release before.
    #[error("the release is not newer than the one before")]
    ReleaseNotNewer,

    /// The map root is not what the entries before give.
    #[error("the map head names a false root")]
    MapHeadRoot,
    /// The size is not the number of entries before.
    #[error("the map head names another size")]
    MapHeadSize,
    /// The time is earlier than that of the map head before.
    #[error("the map head is older than the one before")]
    MapHeadTime,
}

/// What a writer can make of a rejection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RejectionClass {
    /// Somebody else wrote first: read the head and try again.
    Conflict,
    /// Another key is needed.
    Unauthorised,
    /// Too many bytes.
    TooLong,
    /// The entry itself is wrong.
    Invalid,
}

impl Rejection {
    /// What a writer can make of it.
    pub fn class(&self) -> RejectionClass {
        match self {
            Self::Conflict { .. } => RejectionClass::Conflict,
            Self::PayloadTooLong => RejectionClass::TooLong,
            Self::AuthorityForm
            | Self::SignatureCount
            | Self::SignerUnknown
            | Self::SignerNotRegistrar
            | Self::SignerNotSubject
            | Self::SignerNotOwner
            | Self::ReleaseKeyNotNamed
            | Self::SuccessionOneRegistrar
            | Self::SignerDeactivated
            | Self::SignerKeyRetired
            | Self::SignerKeyNotListed
            | Self::SignatureAlgorithm
            | Self::SignatureInvalid
            | Self::GovernanceOwnThreshold
            | Self::GovernancePreviousThreshold
            | Self::GovernanceKeyNotAnnounced
            | Self::DidLine(LogError::Unauthorized | LogError::PreRotationKey | LogError::Proof(_)) => {
                RejectionClass::Unauthorised
            }
            _ => RejectionClass::Invalid,
        }
    }
}
