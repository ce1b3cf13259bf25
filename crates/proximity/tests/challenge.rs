//! What a wallet accepts as a challenge, rule by rule. docs/offline-qr.md §2

use cbor::CborError;
use did::identity::OldKey;
use ledger::{BundleError, Channel, Clock, FreshnessError, UnverifiedLandmark};
use proximity::{Challenge, ChallengeError, Evidence, HeldIssuer, MakeChallengeError, UnverifiedChallenge};
use test_case::test_case;
use testkit::credential::key;
use tlog::{Checkpoint, UnverifiedCheckpoint};

use crate::kit::{Draft, NOW, World, assemble, clock, scope_of};

fn refused(change: impl FnOnce(&mut World, &mut Draft)) -> ChallengeError {
    refused_at(change, clock(NOW))
}

fn refused_at(change: impl FnOnce(&mut World, &mut Draft), clock: Clock) -> ChallengeError {
    let mut world = World::new();
    let mut draft = world.draft();
    change(&mut world, &mut draft);
    let challenge = draft.unchecked();
    world.verify(&challenge, &clock).unwrap_err()
}

/// Landmarks that the log signed, of this size, with a root of its own for each number.
fn landmark(world: &World, size: u64, root: u8) -> UnverifiedLandmark {
    let origin = world.pack.origin().parse().unwrap();
    let checkpoint = Checkpoint::new(origin, size, [root; 32].into());
    let line = world.ledger.log_signer().sign(&checkpoint).unwrap();
    UnverifiedLandmark::from_note(&UnverifiedCheckpoint::new(checkpoint, vec![line])).unwrap()
}

#[test]
fn a_challenge_says_all_that_a_request_says() {
    let mut world = World::new();
    let challenge = world.draft().sign().unwrap();
    let verified = world.verified(&challenge);
    let shop = world.shop.did().to_string();
    assert_eq!(verified.did(), shop);
    assert_eq!(
        verified.challenge().client_id().to_string(),
        format!("decentralized_identifier:{shop}")
    );
    assert_eq!(verified.challenge().nonce().as_str().len(), 43);
    assert_eq!(verified.scope().name.text("en"), "Corner shop");
    assert_eq!(verified.purpose().id, "age");
    assert_eq!(verified.challenge().query(), challenge.query());
    assert_eq!(verified.challenge().expires_at(), NOW + 300);
    assert_eq!((verified.age().0, verified.bundle().time()), (0, NOW));
    assert_eq!(verified.landmarks().len(), 1);
}

#[test]
fn the_bytes_are_those_of_the_specification() {
    let mut world = World::new();
    let mut draft = world.draft();
    draft.landmarks = vec![landmark(&world, 90, 1), landmark(&world, 80, 2)];
    let issuer = |did: &str, snapshot| HeldIssuer {
        did: did.to_owned(),
        snapshot,
        lists: snapshot.is_some(),
    };
    draft.held = vec![issuer("did:a", None), issuer("did:b", Some(5))];
    let signed = draft.sign().unwrap();
    let raw = draft.raw();
    // The signature is drawn; all else is the same.
    let request = draft.request();
    let place = raw.len() - draft.bundle.len() - 3 - 64;
    let signature = &signed.as_bytes()[place..place + 64];
    assert_eq!(signed.as_bytes(), assemble(&request, signature, &draft.bundle));
    world.verified(&signed);
    world.verified(&Challenge::restore(&raw).unwrap());
}

#[test]
fn a_challenge_comes_back_from_the_store_and_from_frames() {
    let mut world = World::new();
    let challenge = world.draft().sign().unwrap();
    assert_eq!(Challenge::restore(challenge.as_bytes()).unwrap(), challenge);
    let parsed = UnverifiedChallenge::parse(&challenge.to_message()).unwrap();
    assert_eq!(parsed.as_bytes(), challenge.as_bytes());
    assert!(challenge.to_message().len() < challenge.as_bytes().len());
}

#[test]
fn two_challenges_have_two_nonces() {
    let mut world = World::new();
    let draft = world.draft();
    let other = Draft {
        nonce: [8; 16],
        ..world.draft()
    };
    assert_ne!(draft.unchecked().nonce(), other.unchecked().nonce());
}

#[test]
fn the_wallet_learns_what_is_missing() {
    let mut world = World::new();
    let mut draft = world.draft();
    let issuer = |did: &str, snapshot, lists| HeldIssuer {
        did: did.to_owned(),
        snapshot,
        lists,
    };
    draft.held = vec![issuer("did:b", Some(5), false), issuer("did:a", Some(5), true)];
    let verified = world.verified(&draft.sign().unwrap());
    assert_eq!(verified.evidence_for("did:a", Some(4)), Evidence::Nothing);
    assert_eq!(verified.evidence_for("did:b", Some(5)), Evidence::Status);
    assert_eq!(verified.evidence_for("did:b", Some(4)), Evidence::BundleAndStatus);
    assert_eq!(verified.evidence_for("did:c", Some(5)), Evidence::BundleAndStatus);
}

#[test]
fn too_long() {
    assert_eq!(Challenge::restore(&[0; 16_385]).unwrap_err(), ChallengeError::TooLong);
    assert_eq!(
        Challenge::restore(&[0; 16_384]).unwrap_err(),
        ChallengeError::Form(CborError::UnexpectedType)
    );
}

#[test]
fn not_packed() {
    assert_eq!(
        UnverifiedChallenge::parse(&[0xff; 40]).unwrap_err(),
        ChallengeError::Packing
    );
    let mut message = World::new().draft().unchecked().to_message();
    message.pop();
    assert_eq!(
        UnverifiedChallenge::parse(&message).unwrap_err(),
        ChallengeError::Packing
    );
}

/// The bytes with one part replaced by another of the same length.
fn replaced(bytes: &[u8], part: &[u8], by: &[u8]) -> Vec<u8> {
    assert_eq!(part.len(), by.len());
    let place = bytes.windows(part.len()).position(|window| window == part).unwrap();
    let mut bytes = bytes.to_vec();
    bytes[place..place + by.len()].copy_from_slice(by);
    bytes
}

#[test]
fn the_ephemeral_key_is_a_point() {
    let draft = World::new().draft();
    let mut no_point = [0xff; 33];
    no_point[0] = 2;
    let bytes = replaced(&draft.raw(), &draft.key.public().sec1_compressed().unwrap(), &no_point);
    assert_eq!(Challenge::restore(&bytes).unwrap_err(), ChallengeError::Key);
}

#[test]
fn the_query_is_a_query() {
    let bytes = replaced(&World::new().draft().raw(), b"\"credentials\"", b"\"credentialz\"");
    assert_eq!(Challenge::restore(&bytes).unwrap_err(), ChallengeError::Query);
}

#[test_case(|draft| draft.did = "no did".to_owned() => CborError::UnexpectedValue ; "no_did")]
#[test_case(|draft| draft.landmarks.push(draft.landmarks[0].clone()) => CborError::UnexpectedValue ; "a_landmark_twice")]
#[test_case(|draft| {
    let landmarks = [draft.landmarks.clone(), draft.landmarks.clone(), draft.landmarks.clone()];
    draft.landmarks = landmarks.concat();
} => CborError::UnexpectedLength ; "three_landmarks")]
#[test_case(|draft| draft.held = vec![held(1), held(1)] => CborError::UnexpectedValue ; "an_issuer_twice")]
#[test_case(|draft| draft.held = (0..65).map(held).collect() => CborError::UnexpectedLength ; "65_issuers")]
fn not_made(change: fn(&mut Draft)) -> CborError {
    let mut draft = World::new().draft();
    change(&mut draft);
    match draft.sign().unwrap_err() {
        MakeChallengeError::Field(ChallengeError::Form(error)) => error,
        other => panic!("{other}"),
    }
}

fn held(number: u32) -> HeldIssuer {
    HeldIssuer {
        did: format!("did:webvh:Qm:{number:03}.example"),
        snapshot: None,
        lists: false,
    }
}

#[test]
fn a_landmark_carries_no_cosignatures() {
    let mut world = World::new();
    let note = world.ledger.publish();
    let draft = Draft {
        landmarks: vec![UnverifiedLandmark::from_note(&note).unwrap()],
        ..world.draft()
    };
    // Making a challenge leaves them out, reading one refuses them.
    world.verified(&draft.sign().unwrap());
    assert_eq!(
        Challenge::restore(&draft.raw()).unwrap_err(),
        ChallengeError::Form(CborError::UnexpectedValue)
    );
}

#[test_case(NOW, NOW + 600 => None ; "600_seconds")]
#[test_case(NOW, NOW + 601 => Some(ChallengeError::Lifetime) ; "601_seconds")]
#[test_case(NOW + 10, NOW + 10 => Some(ChallengeError::Lifetime) ; "none")]
#[test_case(NOW + 10, NOW + 5 => Some(ChallengeError::Lifetime) ; "less_than_none")]
fn lifetime(issued_at: u64, expires_at: u64) -> Option<ChallengeError> {
    let mut world = World::new();
    let draft = Draft {
        issued_at,
        expires_at,
        ..world.draft()
    };
    let refused = world.verify(&draft.unchecked(), &clock(NOW)).err();
    assert_eq!(
        draft.sign().err(),
        refused.as_ref().map(|_| MakeChallengeError::Lifetime)
    );
    refused
}

#[test]
fn the_signing_key_is_p256() {
    let mut world = World::new();
    let mut draft = world.draft();
    draft.signer = world.shop.ledger_key().unwrap().1.clone();
    assert_eq!(draft.sign().unwrap_err(), MakeChallengeError::SigningKey);
}

#[test]
fn the_bundle_is_of_the_business() {
    let refused = refused(|world, draft| draft.bundle = world.ledger.bundle(world.agency.did().as_str()));
    assert_eq!(refused, ChallengeError::Bundle(BundleError::OtherSubject));
}

#[test]
fn an_impostor_with_the_record_of_another_shop() {
    assert_eq!(refused(|_, draft| draft.signer = key(66)), ChallengeError::Signature);
    let another_fragment = refused(|_, draft| {
        draft.signer = key(66);
        draft.fragment = "assert-2".to_owned();
    });
    assert_eq!(another_fragment, ChallengeError::KeyNotInRecord);
}

#[test]
fn a_shop_cannot_ask_as_another() {
    let refused = refused(|world, draft| {
        let other = world.ledger.create("other.localhost");
        let scope = scope_of(&other, NOW + 1_000_000);
        world.ledger.register(&scope, &other);
        draft.did = other.did().to_string();
        draft.bundle = world.ledger.bundle(other.did().as_str());
    });
    assert_eq!(refused, ChallengeError::Signature);
}

#[test]
fn the_ledger_key_signs_no_challenge() {
    assert_eq!(
        refused(|_, draft| draft.fragment = "ledger-1".to_owned()),
        ChallengeError::KeyNotInRecord
    );
}

#[test]
fn a_key_that_was_taken_out_signs_no_challenge() {
    let refused = refused(|world, draft| {
        world.ledger.set_now(NOW + 1);
        world.ledger.rotate(&mut world.shop, OldKey::TakeOut);
        draft.bundle = world.ledger.bundle(&draft.did);
    });
    assert_eq!(refused, ChallengeError::KeyRetired);
}

#[test]
fn a_did_that_ended_asks_nothing() {
    let refused = refused(|world, draft| {
        world.ledger.set_now(NOW + 1);
        world.ledger.deactivate(&mut world.shop);
        draft.bundle = world.ledger.bundle(&draft.did);
    });
    assert_eq!(refused, ChallengeError::Deactivated);
}

#[test]
fn what_was_signed_is_what_counts() {
    let mut world = World::new();
    let draft = world.draft();
    let honest = draft.raw();
    for (part, by) in [
        (b"\x63age".as_slice(), b"\x63agf".as_slice()),
        (&[7; 16][..], &[8; 16][..]),
    ] {
        let changed = Challenge::restore(&replaced(&honest, part, by)).unwrap();
        let refused = world.verify(&changed, &clock(NOW)).unwrap_err();
        assert_eq!(refused, ChallengeError::Signature);
    }
    let other_log = Draft {
        origin: "other.log".to_owned(),
        ..draft
    };
    let refused = world.verify(&other_log.unchecked(), &clock(NOW)).unwrap_err();
    assert_eq!(refused, ChallengeError::Signature);
}

#[test]
fn an_older_bundle_is_stale() {
    let stale = refused_at(|_, _| {}, clock(NOW + 24 * 3600 + 1));
    assert!(
        matches!(stale, ChallengeError::Freshness(FreshnessError::Stale { .. })),
        "{stale}"
    );
    assert_eq!(stale.code(), "challenge_stale");
}

#[test]
fn a_bundle_of_the_future_means_a_wrong_clock() {
    let refused = refused_at(|_, _| {}, clock(NOW - 301));
    assert_eq!(refused, ChallengeError::Freshness(FreshnessError::ClockWrong));
}

#[test]
fn a_challenge_runs_out() {
    let mut world = World::new();
    let challenge = world.draft().unchecked();
    assert!(world.verify(&challenge, &clock(NOW + 299)).is_ok());
    assert_eq!(
        world.verify(&challenge, &clock(NOW + 300)).unwrap_err(),
        ChallengeError::Expired
    );
}

#[test]
fn a_clock_set_back_brings_no_challenge_back() {
    let set_back = Clock {
        device: NOW - 200,
        newest_seen: NOW + 300,
    };
    assert_eq!(refused_at(|_, _| {}, set_back), ChallengeError::Expired);
    // Nor does it where nothing was seen yet: the bundle itself says how late it is at least.
    let old = |_: &mut World, draft: &mut Draft| {
        draft.issued_at = NOW - 250;
        draft.expires_at = NOW - 50;
    };
    assert_eq!(refused_at(old, clock(NOW - 200)), ChallengeError::Expired);
}

#[test_case(300 => None ; "five_minutes_ahead")]
#[test_case(301 => Some(ChallengeError::NotYetValid) ; "more_than_five_minutes_ahead")]
fn a_challenge_of_the_future(ahead: u64) -> Option<ChallengeError> {
    let mut world = World::new();
    let draft = Draft {
        issued_at: NOW + ahead,
        expires_at: NOW + ahead + 100,
        ..world.draft()
    };
    world.verify(&draft.unchecked(), &clock(NOW)).err()
}

#[test]
fn who_is_not_registered_asks_nothing() {
    let no_scope = refused(|world, draft| {
        draft.did = world.agency.did().to_string();
        draft.bundle = world.ledger.bundle(&draft.did);
        draft.signer = world.agency.assertion_key().unwrap().1.clone();
    });
    assert_eq!(no_scope, ChallengeError::NotRegistered);
    let no_record = refused(|world, draft| {
        draft.did = format!("{}x", draft.did);
        draft.bundle = world.ledger.bundle(&draft.did);
    });
    assert_eq!(no_record, ChallengeError::NotRegistered);
    let taken_back = refused(|world, draft| {
        world.ledger.revoke_registration(&world.shop);
        draft.bundle = world.ledger.bundle(&draft.did);
    });
    assert_eq!(taken_back, ChallengeError::NotRegistered);
}

#[test]
fn a_registration_runs_out() {
    let refused = refused_at(
        |world, draft| {
            world.ledger.register(&scope_of(&world.shop, NOW + 20), &world.shop);
            draft.bundle = world.ledger.bundle(&draft.did);
        },
        clock(NOW + 20),
    );
    assert_eq!(refused, ChallengeError::RegistrationExpired);
}

#[test]
fn the_scope_is_in_the_bundle() {
    let refused = refused(|world, draft| draft.bundle = world.ledger.lean_bundle(&draft.did));
    assert_eq!(refused, ChallengeError::ScopeMissing);
}

#[test]
fn the_purpose_is_registered_for_this_channel() {
    let unknown = refused(|_, draft| draft.purpose = "rent".to_owned());
    assert_eq!(unknown, ChallengeError::Purpose);
    let other_channel = refused(|_, draft| draft.purpose = "online".to_owned());
    assert_eq!(other_channel, ChallengeError::Channel);
    let claimed_online = refused(|_, draft| draft.accepted.channel = Channel::Online);
    assert_eq!(claimed_online, ChallengeError::Channel);
}

#[test]
fn a_landmark_is_signed_by_the_log() {
    let refused = refused(|world, draft| {
        let mut bytes = landmark(world, 90, 1).encode();
        let root = bytes.windows(32).position(|window| window == [1; 32]).unwrap();
        bytes[root] = 2;
        draft.landmarks = vec![UnverifiedLandmark::parse(&bytes).unwrap()];
    });
    assert!(matches!(refused, ChallengeError::Landmark(_)), "{refused}");
}

#[test]
fn every_rule_has_a_name_of_its_own() {
    let codes = [
        ChallengeError::TooLong,
        ChallengeError::Packing,
        ChallengeError::Form(CborError::Truncated),
        ChallengeError::Key,
        ChallengeError::Query,
        ChallengeError::Bundle(BundleError::TooLong),
        ChallengeError::NotYetValid,
        ChallengeError::Expired,
        ChallengeError::Lifetime,
        ChallengeError::NotRegistered,
        ChallengeError::Deactivated,
        ChallengeError::KeyRetired,
        ChallengeError::KeyNotInRecord,
        ChallengeError::Signature,
        ChallengeError::RegistrationExpired,
        ChallengeError::ScopeMissing,
        ChallengeError::Purpose,
        ChallengeError::Channel,
    ]
    .map(|error| error.code());
    let different: std::collections::BTreeSet<&str> = codes.into_iter().collect();
    assert_eq!(different.len(), codes.len());
}
