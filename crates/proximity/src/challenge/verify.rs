//! The wallet's side: who asks, and whether the question holds. docs/offline-qr.md §2

use jose::{Algorithm, UnixTime, VerifyingKey};
use ledger::{
    Age, Clock, FreshnessLimit, KeyLookup, Landmark, OrganisationRecord, Purpose, Scope, TrustPack, UnverifiedBundle,
    VerifiedBundle,
};

use super::{Challenge, ChallengeError, Evidence, MAX_LIFETIME, to_be_signed};

/// How far the clock of the verifier may be ahead, in seconds: as far as a quorum time may.
const AHEAD: UnixTime = 300;

/// A challenge as it came, nothing checked but its form.
#[derive(Clone, Debug)]
pub struct UnverifiedChallenge(Challenge);

/// A challenge of a registered business, in its time, for a purpose of its scope. Made by
/// [`UnverifiedChallenge::verify`]. Whether each claim asked for is in the scope is the wallet's
/// check, as with every request.
#[derive(Clone, Debug)]
pub struct VerifiedChallenge {
    challenge: Challenge,
    bundle: VerifiedBundle,
    age: Age,
    scope: Scope,
    purpose: Purpose,
    landmarks: Vec<Landmark>,
}

impl UnverifiedChallenge {
    /// Reads what came in frames.
    ///
    /// # Errors
    /// [`ChallengeError::Packing`] and those of [`Challenge::restore`]
    pub fn parse(message: &[u8]) -> Result<Self, ChallengeError> {
        Challenge::unpack(message).map(Self)
    }

    /// The business that it says it is of: for the history, never for deciding.
    pub fn dangerous_claimed_did(&self) -> &str {
        &self.0.request.did
    }

    /// The bytes that it was unpacked to, its only encoding.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// Checks everything, in the order of docs/offline-qr.md §2. *Now* is that of the clock, and
    /// not earlier than the quorum time of the bundle.
    ///
    /// # Errors
    /// [`ChallengeError`]: the first rule that is broken.
    pub fn verify(
        self,
        pack: &TrustPack,
        clock: &Clock,
        limit: FreshnessLimit,
    ) -> Result<VerifiedChallenge, ChallengeError> {
        let challenge = self.0;
        let bundle = UnverifiedBundle::parse(&challenge.bundle)?.verify(pack, &challenge.request.did)?;
        let age = clock.age(bundle.time(), limit)?;
        let now = clock.now().max(bundle.time());
        check_time(&challenge, now)?;
        let record = bundle.record().ok_or(ChallengeError::NotRegistered)?;
        let key = signing_key(&challenge, record)?;
        let signed = to_be_signed(pack.origin(), &challenge.signed);
        key.verify(&signed, &challenge.signature)
            .map_err(|_| ChallengeError::Signature)?;
        let scope = registered_scope(&bundle, record, now)?;
        let purpose = scope.purpose(challenge.purpose()).ok_or(ChallengeError::Purpose)?;
        let purpose = purpose.clone();
        if purpose.channel != challenge.accepted().channel {
            return Err(ChallengeError::Channel);
        }
        let landmarks = challenge.request.landmarks.iter().cloned();
        let landmarks = landmarks
            .map(|landmark| landmark.verify(pack))
            .collect::<Result<_, _>>()?;
        Ok(VerifiedChallenge {
            challenge,
            bundle,
            age,
            scope,
            purpose,
            landmarks,
        })
    }
}

fn check_time(challenge: &Challenge, now: UnixTime) -> Result<(), ChallengeError> {
    let (issued_at, expires_at) = (challenge.issued_at(), challenge.expires_at());
    if issued_at > now.saturating_add(AHEAD) {
        return Err(ChallengeError::NotYetValid);
    }
    if now >= expires_at {
        return Err(ChallengeError::Expired);
    }
    let lifetime = expires_at.checked_sub(issued_at);
    if lifetime.is_some_and(|lifetime| (1..=MAX_LIFETIME).contains(&lifetime)) {
        Ok(())
    } else {
        Err(ChallengeError::Lifetime)
    }
}

/// The key follows from the verified record; the challenge only says which of them.
fn signing_key(challenge: &Challenge, record: &OrganisationRecord) -> Result<VerifyingKey, ChallengeError> {
    if record.is_deactivated() {
        return Err(ChallengeError::Deactivated);
    }
    let request = &challenge.request;
    let key = match record.assertion_key(&format!("{}#{}", request.did, request.fragment)) {
        KeyLookup::Current(key) => key,
        KeyLookup::Retired => return Err(ChallengeError::KeyRetired),
        KeyLookup::Never => return Err(ChallengeError::KeyNotInRecord),
    };
    VerifyingKey::new(&key)
        .ok()
        .filter(|key| key.algorithm() == Algorithm::Es256)
        .ok_or(ChallengeError::KeyNotInRecord)
}

fn registered_scope(
    bundle: &VerifiedBundle,
    record: &OrganisationRecord,
    now: UnixTime,
) -> Result<Scope, ChallengeError> {
    let entry = record.relying_party().ok_or(ChallengeError::NotRegistered)?;
    if now >= entry.valid_until {
        return Err(ChallengeError::RegistrationExpired);
    }
    bundle.scope().ok_or(ChallengeError::ScopeMissing)
}

impl VerifiedChallenge {
    /// What is asked, and how an answer is tied to it.
    pub fn challenge(&self) -> &Challenge {
        &self.challenge
    }

    /// The business.
    pub fn did(&self) -> &str {
        &self.challenge.request.did
    }

    /// The newest state of its record. Its time goes into [`Clock::seen`].
    pub fn bundle(&self) -> &VerifiedBundle {
        &self.bundle
    }

    /// How old that state is.
    pub fn age(&self) -> Age {
        self.age
    }

    /// What it may ask.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// What it asks this for.
    pub fn purpose(&self) -> &Purpose {
        &self.purpose
    }

    /// The verifier's last landmarks, newest first, signed by the log.
    pub fn landmarks(&self) -> &[Landmark] {
        &self.landmarks
    }

    /// What an answer must bring about an issuer, where the wallet's record of it names a status
    /// snapshot of that time.
    pub fn evidence_for(&self, issuer: &str, snapshot: Option<UnixTime>) -> Evidence {
        let held = &self.challenge.request.held;
        held.iter()
            .find(|held| held.did == issuer)
            .map_or(Evidence::BundleAndStatus, |held| held.lacks(snapshot))
    }
}
