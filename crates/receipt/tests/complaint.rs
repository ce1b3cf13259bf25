//! What a complaint proves, and when it proves nothing.

use jose::{Algorithm, JwsHeader};
use proptest::prelude::*;
use receipt::complaint::{Complaint, ComplaintError, UnverifiedComplaint, VerifiedComplaint};
use serde_json::{Value, json};
use test_case::test_case;
use testkit::Cosignatures;
use testkit::asking::{client_id, sign_by_certificate, sign_with};
use testkit::certificates::Authority;
use testkit::credential::key;

use crate::kit::{NOW, World, YEAR};

const TOO_MUCH: [&str; 2] = ["age_over_18", "birth_date"];

fn verify(world: &World, complaint: &Complaint) -> Result<VerifiedComplaint, ComplaintError> {
    UnverifiedComplaint::parse(&complaint.encode())?.verify(&world.pack())
}

#[test]
fn a_complaint_says_who_asked_for_what_and_when() {
    let mut world = World::new();
    let complaint = world.complaint(&TOO_MUCH);
    let verified = verify(&world, &complaint).unwrap();
    assert_eq!(verified.business, world.did());
    assert_eq!(verified.name.text("en"), "Corner Shop");
    assert_eq!(verified.purpose.as_deref(), Some("age"));
    let outside: Vec<String> = verified.outside.iter().map(receipt::OverAsked::name).collect();
    assert_eq!(outside, ["birth_date"]);
    assert_eq!((verified.from, verified.asked_at, verified.until), (NOW, NOW, NOW + 60));
}

#[test]
fn a_complaint_about_a_request_by_did_holds() {
    let mut world = World::new();
    let mut request = world.request(&TOO_MUCH);
    request["client_id"] = format!("decentralized_identifier:{}", world.did()).into();
    let (kid, key) = world.shop.organisation.assertion_key().unwrap();
    let header = JwsHeader::new(Algorithm::Es256)
        .with_typ("oauth-authz-req+jwt")
        .with_kid(kid.to_string());
    let request = sign_with(&header, &request, key);
    let complaint = Complaint {
        request,
        after: world.bundle(),
    };
    assert_eq!(verify(&world, &complaint).unwrap().business, world.did());
}

#[test]
fn the_same_request_is_recognised_however_often_it_was_fetched() {
    let mut world = World::new();
    let request = world.request(&TOO_MUCH);
    let one = world.complaint_of(&request);
    let mut again = request.clone();
    again["wallet_nonce"] = "another".into();
    let other = world.complaint_of(&again);
    assert_ne!(one, other);
    let hash = |complaint| verify(&world, complaint).unwrap().request;
    assert_eq!(hash(&one), hash(&other));
}

#[test]
fn f18_anchor_a_complaint_with_one_byte_changed_is_refused() {
    let mut world = World::new();
    let (file, pack) = (world.complaint(&TOO_MUCH).encode(), world.pack());
    for place in 0..file.len() {
        let mut changed = file.clone();
        changed[place] ^= 1;
        let refused = UnverifiedComplaint::parse(&changed).and_then(|complaint| complaint.verify(&pack));
        assert!(refused.is_err(), "byte {place}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Somebody who changes a byte and writes the hash anew gets nowhere either.
    #[test]
    fn f18_anchor_a_forger_who_writes_the_hash_anew_is_refused(place in any::<prop::sample::Index>(), bit in 0..7_u8) {
        let mut world = World::new();
        let genuine = world.complaint(&TOO_MUCH);
        let truth = verify(&world, &genuine).unwrap();
        let mut request = genuine.request.clone().into_bytes();
        let at = place.index(request.len());
        request[at] ^= 1 << bit;
        if let Ok(request) = String::from_utf8(request) {
            let forged = Complaint { request, after: genuine.after.clone() };
            prop_assert!(verify(&world, &forged).is_err());
        }
        let mut after = genuine.after.clone();
        let at = place.index(after.len());
        after[at] ^= 1 << bit;
        // A cosignature that nobody needs may be lacking; what is proved stays the same.
        if let Ok(proved) = verify(&world, &Complaint { request: genuine.request, after }) {
            prop_assert_eq!(proved.outside, truth.outside);
            prop_assert_eq!((proved.business, proved.asked_at), (truth.business, truth.asked_at));
        }
    }

    #[test]
    fn bytes_that_read_are_the_only_encoding(bytes in any::<Vec<u8>>()) {
        prop_assert!(UnverifiedComplaint::parse(&bytes).is_err());
    }
}

#[test]
fn a_file_that_is_too_long_is_refused_unread() {
    assert_eq!(
        UnverifiedComplaint::parse(&vec![0; 1_400 * 1024 + 1]),
        Err(ComplaintError::TooLong)
    );
}

#[test]
fn f18_anchor_what_may_be_asked_is_no_reason_to_complain() {
    let mut world = World::new();
    let complaint = world.complaint(&["age_over_18"]);
    assert_eq!(verify(&world, &complaint), Err(ComplaintError::WithinScope));
}

#[test]
fn what_is_recorded_as_optional_has_to_be_optional() {
    let mut world = World::new();
    let complaint = world.complaint(&["age_over_18", "portrait"]);
    assert_eq!(verify(&world, &complaint).unwrap().outside[0].name(), "portrait");
}

/// Nobody can say whether the business was allowed to ask at that moment.
#[test]
fn f18_anchor_a_scope_that_was_changed_meanwhile_is_refused() {
    let mut world = World::new();
    let request = world.request(&TOO_MUCH);
    let request = world.shop.sign(&request);
    world.register(&TOO_MUCH, NOW + YEAR);
    let complaint = Complaint {
        request,
        after: world.bundle(),
    };
    assert_eq!(verify(&world, &complaint), Err(ComplaintError::ScopeChanged));
}

/// The head of the chain tells, not the scope: it was another one in between.
#[test]
fn f18_anchor_a_scope_that_was_widened_and_narrowed_again_is_refused() {
    let mut world = World::new();
    let request = world.request(&TOO_MUCH);
    let request = world.shop.sign(&request);
    world.register(&TOO_MUCH, NOW + YEAR);
    world.register(&["age_over_18"], NOW + YEAR);
    let complaint = Complaint {
        request,
        after: world.bundle(),
    };
    assert_eq!(verify(&world, &complaint), Err(ComplaintError::ScopeChanged));
}

#[test]
fn f18_anchor_the_later_proof_has_to_be_later() {
    let mut world = World::new();
    let early = world.bundle();
    world.ledger.set_now(NOW + 600);
    let request = world.request(&TOO_MUCH);
    let complaint = Complaint {
        request: world.shop.sign(&request),
        after: early,
    };
    assert_eq!(verify(&world, &complaint), Err(ComplaintError::AfterIsTooOld));
}

/// Two logs under one key that began alike: each business's certificate is another one.
#[test]
fn k14_anchor_two_proofs_of_two_histories_are_evidence_against_the_log() {
    let (mut world, mut other) = (World::new(), World::new());
    let request = world.request(&TOO_MUCH);
    let complaint = Complaint {
        request: world.shop.sign(&request),
        after: other.bundle(),
    };
    let Err(ComplaintError::TwoHistories(evidence)) = verify(&world, &complaint) else {
        panic!("no evidence");
    };
    let file = ledger::UnverifiedSplitEvidence::parse(&evidence.encode()).unwrap();
    assert!(file.verify(&world.pack()).is_ok());
}

#[test]
fn a_later_proof_of_somebody_else_is_refused() {
    let mut world = World::new();
    let other = world.ledger.create("other.localhost%3A8447");
    let mut complaint = world.complaint(&TOO_MUCH);
    complaint.after = world.ledger.bundle(other.did().as_str());
    assert!(matches!(verify(&world, &complaint), Err(ComplaintError::After(_))));
}

#[test]
fn a_later_proof_without_quorum_is_refused() {
    let mut world = World::new();
    let mut complaint = world.complaint(&TOO_MUCH);
    let (did, now) = (world.did().to_owned(), world.ledger.now());
    complaint.after = world.ledger.bundle_with(&did, &Cosignatures::without_quorum(now));
    let refused = verify(&world, &complaint);
    assert!(matches!(
        refused,
        Err(ComplaintError::After(ledger::BundleError::Quorum(_)))
    ));
}

#[test]
fn a_request_by_somebody_elses_key_is_refused() {
    let mut world = World::new();
    let request = world.request(&TOO_MUCH);
    let complaint = Complaint {
        request: sign_by_certificate(&request, &world.shop.access, &key(99)),
        after: world.bundle(),
    };
    let refused = verify(&world, &complaint);
    assert!(matches!(
        refused,
        Err(ComplaintError::Request(oid4vp::RequestError::Jws(
            jose::JwsError::Signature(_)
        )))
    ));
}

/// Somebody blames a shop with the shop's own proof, under a certificate that is not the shop's.
#[test]
fn f18_anchor_a_certificate_that_is_not_recorded_is_refused() {
    let mut world = World::new();
    let mut request = world.request(&TOO_MUCH);
    let other = Authority::new("access").certify(key(98).public(), &[]);
    request["client_id"] = client_id(&other).into();
    let complaint = Complaint {
        request: sign_by_certificate(&request, &other, &key(98)),
        after: world.bundle(),
    };
    assert_eq!(
        verify(&world, &complaint),
        Err(ComplaintError::Certificate(jose::x5c::ChainError::NotListed))
    );
}

#[test]
fn without_a_registration_there_is_no_scope_to_break() {
    let mut world = World::new();
    world.ledger.revoke_registration(&world.shop.organisation);
    let complaint = world.complaint(&TOO_MUCH);
    assert_eq!(verify(&world, &complaint), Err(ComplaintError::NotRegistered));
}

#[test]
fn f18_anchor_a_registration_that_had_run_out_is_refused() {
    let mut world = World::new();
    world.register(&["age_over_18"], NOW + 10);
    world.ledger.set_now(NOW + 20);
    let complaint = world.complaint(&TOO_MUCH);
    assert_eq!(verify(&world, &complaint), Err(ComplaintError::RegistrationExpired));
}

#[test_case(|request| { request.as_object_mut().unwrap().remove("exp"); } => ComplaintError::NoTime ; "no end")]
#[test_case(|request| { request.as_object_mut().unwrap().remove("iat"); } => ComplaintError::NoTime ; "no beginning")]
#[test_case(|request| request["exp"] = json!(NOW - 1) => ComplaintError::Request(oid4vp::RequestError::Expired) ; "it ended before its own proof")]
#[test_case(|request| { request.as_object_mut().unwrap().remove("verifier_info"); } => ComplaintError::NoProof ; "no proof")]
fn a_request_that_says_too_little_is_refused(change: fn(&mut Value)) -> ComplaintError {
    let mut world = World::new();
    let mut request = world.request(&TOO_MUCH);
    change(&mut request);
    let complaint = world.complaint_of(&request);
    verify(&world, &complaint).unwrap_err()
}
