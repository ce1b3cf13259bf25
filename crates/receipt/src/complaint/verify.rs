//! What a complaint proves to a reader with a trust pack. docs/receipts.md §6

use cbor::CborError;
use jose::UnixTime;
use jose::x5c::{ChainError, UnverifiedChain};
use ledger::{
    BundleError, KeyLookup, Landmark, Localized, OrganisationRecord, Part, SplitEvidence, TrustPack, UnverifiedBundle,
    VerifiedBundle,
};
use oid4vp::{AuthenticatedRequest, ClientId, PresentationRequest, RequestError, UnverifiedRequest, VerifierEvidence};

use super::UnverifiedComplaint;
use crate::{OverAsked, RequestHash, over_asked};

/// A business asked for what it was not recorded to ask. Made by [`UnverifiedComplaint::verify`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedComplaint {
    /// DID of the business.
    pub business: String,
    /// Its recorded name.
    pub name: Localized,
    /// The purpose that the request names.
    pub purpose: Option<String>,
    /// What it asked for and may not; never empty.
    pub outside: Vec<OverAsked>,
    /// When the business says that it asked; not before the proof in its request.
    pub asked_at: UnixTime,
    /// From then on its scope was the same.
    pub from: UnixTime,
    /// Until then.
    pub until: UnixTime,
    /// Which request; two files about one request have the same.
    pub request: RequestHash,
    /// The checkpoints of both proofs, for whoever holds others to compare them with.
    pub checkpoints: Vec<Landmark>,
}

/// Why a complaint proves nothing. docs/receipts.md §6
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ComplaintError {
    /// Not deterministic CBOR of a complaint's shape.
    #[error("not a complaint: {0}")]
    Cbor(#[from] CborError),
    /// More than 1,400 KiB.
    #[error("the complaint is too long")]
    TooLong,
    /// The hash at its end is not that of what stands before it.
    #[error("the complaint was damaged or changed")]
    Damaged,
    /// The request is none, or not from whom it says.
    #[error("the request: {0}")]
    Request(#[from] RequestError),
    /// The request brought no proof of what may be asked.
    #[error("the request came without a proof of what may be asked")]
    NoProof,
    /// The proof in the request does not hold, or is about nobody.
    #[error("the proof in the request: {0}")]
    Before(BundleError),
    /// The later proof does not hold, or is about somebody else.
    #[error("the later proof: {0}")]
    After(BundleError),
    /// The business was not recorded as one that may ask.
    #[error("the business was not registered")]
    NotRegistered,
    /// Its registration had run out.
    #[error("the registration of the business had run out")]
    RegistrationExpired,
    /// The proof in the request lacks the scope that it names.
    #[error("the proof in the request does not say what may be asked")]
    ScopeMissing,
    /// The certificate of the request is not one that is recorded for the business.
    #[error("the certificate of the request: {0}")]
    Certificate(#[from] ChainError),
    /// The request names no certificate, or a key that is not in the record.
    #[error("the request is not signed with a recorded key of the business")]
    KeyNotInRecord,
    /// The request does not say when it was made and when it ends.
    #[error("the request does not say when it was made and when it ends")]
    NoTime,
    /// The later proof is from before the request.
    #[error("the later proof is from before the request")]
    AfterIsTooOld,
    /// What the business may ask was changed between the two proofs.
    #[error("what the business may ask was changed around the time of the request")]
    ScopeChanged,
    /// The two proofs are of two histories of the log. This is evidence against the log, which anybody can check.
    #[error("the two proofs show two histories of the public record")]
    TwoHistories(Box<SplitEvidence>),
    /// Everything asked for may be asked.
    #[error("the request asks for nothing that the business may not ask for")]
    WithinScope,
}

impl UnverifiedComplaint {
    /// Checks everything, without a network and without a clock: in this order the request's form,
    /// the proof in it, its signature, its times, the later proof, that both are of one history, that
    /// nothing changed between, and that it asks too much.
    ///
    /// # Errors
    /// [`ComplaintError`]
    pub fn verify(self, pack: &TrustPack) -> Result<VerifiedComplaint, ComplaintError> {
        let Self(complaint) = self;
        let request = UnverifiedRequest::parse_kept(&complaint.request)?;
        let before = proof_in(&request, pack)?;
        let record = before.record().ok_or(ComplaintError::NotRegistered)?;
        let entry = record.relying_party().ok_or(ComplaintError::NotRegistered)?;
        if record.is_deactivated() {
            return Err(ComplaintError::NotRegistered);
        }
        let authenticated = authenticate(request, record, before.time())?;
        let (asked_at, request) = times(&authenticated, before.time())?;
        if asked_at >= entry.valid_until {
            return Err(ComplaintError::RegistrationExpired);
        }
        let scope = before.scope().ok_or(ComplaintError::ScopeMissing)?;
        let after = later(record, &complaint.after, asked_at, pack)?;
        let checkpoints = one_history(&before, &after, pack)?;
        unchanged(record, &after)?;
        let outside = over_asked(request.query(), &scope, request.purpose());
        if outside.is_empty() {
            return Err(ComplaintError::WithinScope);
        }
        Ok(VerifiedComplaint {
            business: record.did().to_owned(),
            name: scope.name,
            purpose: request.purpose().map(str::to_owned),
            outside,
            asked_at,
            from: before.time(),
            until: after.time(),
            request: RequestHash::of(&request),
            checkpoints,
        })
    }
}

/// The bundle that the business signed with its request.
fn proof_in(request: &UnverifiedRequest, pack: &TrustPack) -> Result<VerifiedBundle, ComplaintError> {
    let bytes = request.dangerous_bundle().ok_or(ComplaintError::NoProof)?;
    let bundle = UnverifiedBundle::parse(&bytes).map_err(ComplaintError::Before)?;
    let did = bundle
        .dangerous_claimed_subject()
        .ok_or(ComplaintError::NotRegistered)?;
    bundle.verify(pack, &did).map_err(ComplaintError::Before)
}

/// The request is of the business whose record came along.
fn authenticate(
    request: UnverifiedRequest,
    record: &OrganisationRecord,
    at: UnixTime,
) -> Result<AuthenticatedRequest, ComplaintError> {
    if let ClientId::DecentralizedIdentifier(did) = request.client_id().clone() {
        let kid = request.dangerous_kid().unwrap_or_default().to_owned();
        let KeyLookup::Current(key) = record.assertion_key(&kid) else {
            return Err(ComplaintError::KeyNotInRecord);
        };
        let evidence = VerifierEvidence::DidKey {
            did: did.as_str(),
            kid: &kid,
            key: &key,
        };
        return Ok(request.authenticate(evidence)?);
    }
    let x5c = request.dangerous_x5c().ok_or(ComplaintError::KeyNotInRecord)?;
    let listed = record.relying_party().map(|entry| entry.certificates.as_slice());
    let leaf = UnverifiedChain::parse(x5c)?.verify_listed(listed.unwrap_or_default(), at)?;
    Ok(request.authenticate(VerifierEvidence::Certificate(&leaf))?)
}

/// When it was asked: not before the proof in the request, which was there when it was signed.
fn times(request: &AuthenticatedRequest, before: UnixTime) -> Result<(UnixTime, PresentationRequest), ComplaintError> {
    let asked_at = request.issued_at().ok_or(ComplaintError::NoTime)?.max(before);
    let request = request.check(asked_at)?;
    match request.expires_at() {
        Some(_) => Ok((asked_at, request)),
        None => Err(ComplaintError::NoTime),
    }
}

/// The later proof.
fn later(
    record: &OrganisationRecord,
    after: &[u8],
    asked_at: UnixTime,
    pack: &TrustPack,
) -> Result<VerifiedBundle, ComplaintError> {
    let after = UnverifiedBundle::parse(after).map_err(ComplaintError::After)?;
    let after = after.verify(pack, record.did()).map_err(ComplaintError::After)?;
    if after.time() < asked_at {
        return Err(ComplaintError::AfterIsTooOld);
    }
    Ok(after)
}

/// The checkpoints of both proofs. Of one size they are one.
fn one_history(
    before: &VerifiedBundle,
    after: &VerifiedBundle,
    pack: &TrustPack,
) -> Result<Vec<Landmark>, ComplaintError> {
    let shown: Vec<Landmark> = [before, after]
        .iter()
        .filter_map(|bundle| bundle.landmark(pack))
        .collect();
    if let [one, other] = shown.as_slice()
        && let Some(evidence) = SplitEvidence::of_one_size(one, other)
    {
        return Err(ComplaintError::TwoHistories(Box::new(evidence)));
    }
    Ok(shown)
}

/// The scope was the same until the later proof: no entry about it was written between.
fn unchanged(record: &OrganisationRecord, after: &VerifiedBundle) -> Result<(), ComplaintError> {
    let newest = after.record().and_then(|later| later.head(Part::RelyingParty));
    if newest == record.head(Part::RelyingParty) {
        Ok(())
    } else {
        Err(ComplaintError::ScopeChanged)
    }
}
