//! Opening a check without a network, and showing its challenge.
//! docs/offline-qr.md §2

use jose::PrivateJwk;
use ledger::{FreshnessLimit, OrganisationRecord, UnverifiedLandmark, VerifiedBundle};
use oid4vp::State as WalletId;
use proximity::{
    Accepted, Challenge, FrameCode, FrameKind, FrameSource, HELD_ISSUERS, HeldIssuer, MAX_LIFETIME, MakeChallengeError,
    NewChallenge,
};
use serde::Serialize;

use crate::app::App;
use crate::business::Business;
use crate::check::Check;
use crate::error::ApiError;
use crate::session::Limits;
use crate::store::{NewSession, Session};
use crate::trust::{ListOwner, TrustView};

/// Seconds that a challenge is valid, at most: as long as a key binding counts. docs/offline-qr.md §2
const LONGEST: u64 = 300;
const _: () = assert!(LONGEST <= MAX_LIFETIME);

/// Codes beside one another on a sheet.
const IN_A_ROW: usize = 2;

/// A check that waits for its answer, as whoever asked is told.
#[derive(Debug, Serialize)]
pub(crate) struct OpenedOffline {
    id: String,
    expires_at: u64,
    limits: Limits,
}

/// Opens a session with a challenge of its own. By a clock that was set back no challenge is made:
/// every wallet would find that it has run out.
pub(crate) async fn open(
    app: &App,
    business: &Business,
    check: &Check,
    operator: &str,
) -> Result<OpenedOffline, ApiError> {
    let view = app.trust.view();
    if view.clock_behind(app.now()).is_some() {
        return Err(ApiError::ClockWrong);
    }
    business.check_scope(check, &view)?;
    let now = view.clock(app.now()).now();
    let key = PrivateJwk::generate_p256(&mut service::random::fill);
    let challenge = make(app, &view, (business, check), &key, now)?;
    let session = NewSession {
        id: service::random::id(),
        // No wallet asks for it, so nobody is told.
        wallet_id: WalletId::generate(&mut service::random::fill),
        business: business.id().to_owned(),
        check_id: check.id().to_owned(),
        agreed: check.agreed(),
        retention_days: check.retention_days(),
        nonce: challenge.nonce().clone(),
        encryption_key: Some(key),
        created_at: challenge.issued_at(),
        expires_at: challenge.expires_at(),
        same_device: None,
        operator: Some(operator.to_owned()),
        return_url: None,
        challenge: Some(challenge.as_bytes().to_vec()),
    };
    let room = app.sessions.room_of(business);
    if !app.store.open_session(&session, room).await? {
        return Err(ApiError::TooManySessions);
    }
    Ok(OpenedOffline {
        id: session.id,
        expires_at: session.expires_at,
        limits: check.offline_freshness().into(),
    })
}

fn make(
    app: &App,
    view: &TrustView,
    (business, check): (&Business, &Check),
    key: &PrivateJwk,
    now: u64,
) -> Result<Challenge, ApiError> {
    let (fragment, signer) = business.asking(view, app.now())?.assertion();
    let limits = check.offline_freshness();
    let landmarks: Vec<UnverifiedLandmark> = view.landmarks().iter().map(ledger::Landmark::to_unverified).collect();
    let new = NewChallenge {
        did: business.did(),
        fragment,
        purpose: check.id(),
        query: check.query(),
        nonce: service::random::bytes(),
        issued_at: now,
        expires_at: now.saturating_add(lifetime(app.sessions.lifetime_s)),
        key: key.public(),
        landmarks: &landmarks,
        held: &held_issuers(view, check, app.now()),
        accepted: Accepted {
            channel: check.channel(),
            ledger: FreshnessLimit(limits.ledger_s),
            status: FreshnessLimit(limits.status_s),
        },
        origin: view.pack().origin(),
        bundle: business.bundle(view).ok_or(ApiError::NothingHeld)?,
    };
    new.sign(signer).map_err(|error| match error {
        MakeChallengeError::TooLong => ApiError::Internal("the challenge does not fit into its codes"),
        _ => ApiError::Internal("the challenge cannot be made"),
    })
}

/// Seconds that a challenge is valid, where a session is open for so many.
fn lifetime(session: u64) -> u64 {
    session.min(LONGEST)
}

/// The issuers of the cards asked for, of whom a fresh record is held: their bundles need not come
/// with an answer. Nobody else is named, so that a challenge stays short.
fn held_issuers(view: &TrustView, check: &Check, device: u64) -> Vec<HeldIssuer> {
    let clock = view.clock(device);
    let limits = check.offline_freshness();
    let may_issue = |record: &OrganisationRecord| {
        let accredited = |vct: &str| record.accreditation(vct, clock.now()).is_some();
        let mut types = check
            .query()
            .credentials()
            .iter()
            .flat_map(|asked| asked.meta().type_names());
        types.any(accredited)
    };
    let named = view.organisations().filter_map(|(did, bundle)| {
        let record = bundle.record()?;
        let fresh = clock.age(bundle.time(), FreshnessLimit(limits.ledger_s)).is_ok();
        (fresh && may_issue(record)).then(|| HeldIssuer {
            did: did.to_owned(),
            snapshot: record.status_snapshot().map(|snapshot| snapshot.time),
            lists: has_lists(view, did, bundle, clock.now(), limits.status_s),
        })
    });
    named.take(HELD_ISSUERS).collect()
}

/// Whether every list that the newest snapshot names is held and fresh.
fn has_lists(view: &TrustView, did: &str, bundle: &VerifiedBundle, now: u64, limit: u64) -> bool {
    let owner = ListOwner::Organisation(did.to_owned());
    bundle.status_snapshot().is_some_and(|snapshot| {
        snapshot.lists.iter().all(|list| {
            let held = view.status_list(&owner, &list.uri);
            held.is_some_and(|held| held.is_usable(now) && held.list().age(now) <= limit)
        })
    })
}

/// A challenge as codes.
pub(crate) struct Shown {
    needed: usize,
    codes: Vec<FrameCode>,
}

/// The codes that show the challenge of a session.
pub(crate) fn shown(session: &Session) -> Result<Shown, ApiError> {
    let challenge = challenge(session)?;
    let unshown = ApiError::Internal("the challenge cannot be shown");
    let Ok(source) = FrameSource::new(FrameKind::Challenge, &challenge.to_message()) else {
        return Err(unshown);
    };
    let codes: Result<Vec<FrameCode>, _> = source.frames().iter().map(FrameCode::new).collect();
    Ok(Shown {
        needed: source.needed(),
        codes: codes.map_err(|_| unshown)?,
    })
}

impl Shown {
    /// How many of the codes a reader needs.
    pub(crate) fn needed(&self) -> usize {
        self.needed
    }

    /// All codes, in the order in which they are shown.
    pub(crate) fn codes(&self) -> &[FrameCode] {
        &self.codes
    }

    /// A still picture of those that are needed.
    pub(crate) fn sheet(&self) -> String {
        let needed = self.codes.iter().take(self.needed);
        let needed: Vec<Vec<u8>> = needed.map(FrameCode::to_bits).collect();
        service::sheet_svg(FrameCode::SIDE, &needed, IN_A_ROW)
    }
}

/// The challenge of a session without a network.
pub(super) fn challenge(session: &Session) -> Result<Challenge, ApiError> {
    let bytes = session.challenge.as_deref().ok_or(ApiError::NotFound)?;
    Challenge::restore(bytes).map_err(|_| ApiError::Internal("a challenge was not kept as it was"))
}

#[cfg(test)]
mod tests {
    use super::lifetime;

    #[test]
    fn a_challenge_is_valid_no_longer_than_a_key_binding() {
        assert_eq!((lifetime(120), lifetime(600)), (120, 300));
    }
}
