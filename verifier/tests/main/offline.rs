//! Checks without a network: rows E14, K15, K17, L7 and M3, and the rules of docs/offline-qr.md §3.

use std::sync::Arc;

use did::identity::Organisation;
use http::StatusCode;
use jose::base64url;
use ledger::ListContent;
use proximity::{FrameKind, FrameSource};
use serde_json::{Value, json};
use service::Clock;
use status_list::{Bits, Status, StatusList};
use testkit::Cosignatures;
use testkit::credential::{self, Agency, key, status, vct};

use crate::forge::copy;
use crate::kiosk::{Kiosk, Shown, frames, options, sealed};
use crate::staff::Staff;
use crate::wallet::assert_outcome;
use crate::world::{NOW, World};

const DAY: u64 = 24 * 3600;
const NEW_LIST: &str = "https://second.example/status/1";

/// Asserts a problem and that the check still waits.
async fn assert_waits(kiosk: &Kiosk, opened: &Value, refused: (StatusCode, Value), code: &str) {
    assert_eq!(refused.1["code"], code, "{}", refused.1);
    assert_eq!(
        refused.0.as_u16(),
        if code == "answer_of_another_check" { 409 } else { 400 }
    );
    let outcome = kiosk.outcome(opened).await;
    assert_eq!(outcome, json!({ "id": opened["id"], "state": "open", "offline": true }));
}

#[tokio::test]
async fn e14_verifier_without_a_network_within_the_limits() {
    let kiosk = Kiosk::after(3 * 3600 + 12 * 60).await;
    let outcome = kiosk.adult(&kiosk.world.person(3)).await;
    assert_outcome(&outcome, "yes", "ok");
    assert_eq!(outcome["ages"], json!({ "status_s": 11_520, "ledger_s": 11_520 }));
    let limits = json!({ "status_s": DAY, "ledger_s": DAY, "metadata_s": DAY });
    assert_eq!((&outcome["limits"], &outcome["offline"]), (&limits, &json!(true)));
}

#[tokio::test]
async fn k17_verifier_without_a_network_beyond_the_limit() {
    let kiosk = Kiosk::after(DAY - 100).await;
    let (opened, challenge, shown) = kiosk.ready().await;
    kiosk.world.clock.advance(200);
    let outcome = kiosk.answer(&opened, &challenge, shown).await;
    assert_outcome(&outcome, "could_not_check", "ledger_stale");
    assert_eq!(outcome["ages"], json!({ "ledger_s": DAY + 100 }));
    assert_eq!(outcome["limits"]["ledger_s"], DAY);
}

#[tokio::test]
async fn e14_verifier_the_limits_are_those_of_the_check() {
    let kiosk = Kiosk::after(3601).await;
    let opened = kiosk.ask("entrance").await;
    assert_eq!(
        opened["limits"],
        json!({ "status_s": 3600, "ledger_s": 7200, "metadata_s": DAY })
    );
    let challenge = kiosk.read(&opened).await;
    let shown = kiosk.show(&kiosk.world.person(3), &["age_over_21", "portrait"], &challenge);
    let outcome = kiosk.answer(&opened, &challenge, Shown::only(shown)).await;
    assert_outcome(&outcome, "could_not_check", "status_unavailable");
    assert_eq!(outcome["ages"], json!({ "status_s": 3601, "ledger_s": 3601 }));
    assert_eq!(outcome["portrait"], Value::Null);
}

#[tokio::test]
async fn e14_verifier_a_newer_proof_counts_before_an_older_list() {
    let mut kiosk = Kiosk::after(60).await;
    let card = kiosk.world.person(3);
    kiosk.world.set_status(3, Status::Invalid);
    let agency = kiosk.world.agency.did().to_string();
    let bundle = kiosk.world.ledger.lean_bundle(&agency);
    let (opened, other) = (kiosk.ask("adult").await, kiosk.ask("adult").await);
    let challenge = kiosk.read(&opened).await;
    let shown = Shown {
        presentations: vec![kiosk.show(&card, &["age_over_18"], &challenge)],
        bundles: vec![bundle.clone()],
        proofs: vec![kiosk.proof(3)],
    };
    let outcome = kiosk.answer(&opened, &challenge, shown).await;
    assert_outcome(&outcome, "no", "revoked");
    assert_eq!(outcome["ages"], json!({ "status_s": 0, "ledger_s": 0 }));
    // What an answer brought is gone with it: the next is judged by what is held.
    let challenge = kiosk.read(&other).await;
    let shown = Shown::only(kiosk.show(&card, &["age_over_18"], &challenge));
    let outcome = kiosk.answer(&other, &challenge, shown).await;
    assert_outcome(&outcome, "yes", "ok");
    assert_eq!(outcome["ages"], json!({ "status_s": 60, "ledger_s": 60 }));
}

#[tokio::test]
async fn a_card_that_is_revoked_in_the_list_that_is_held() {
    let mut world = World::with(options()).await;
    let agency = world.agency.did().to_string();
    let old_bundle = world.ledger.lean_bundle(&agency);
    let kiosk = Kiosk::of(world, 60).await;
    let old_proof = kiosk.proof(3);
    let mut world = kiosk.world;
    world.set_status(3, Status::Invalid);
    world.refresh().await;
    let kiosk = Kiosk {
        world,
        staff: kiosk.staff,
    };
    assert_outcome(&kiosk.adult(&kiosk.world.person(3)).await, "no", "revoked");
    assert_outcome(&kiosk.adult(&kiosk.world.person(4)).await, "yes", "ok");
    // A proof from before does not make it valid again.
    let (opened, challenge, shown) = kiosk.ready().await;
    let shown = Shown {
        bundles: vec![old_bundle],
        proofs: vec![old_proof],
        ..shown
    };
    assert_outcome(&kiosk.answer(&opened, &challenge, shown).await, "no", "revoked");
}

/// An agency that the kiosk has not heard of, with a card of it.
struct Second {
    agency: Organisation,
    list: StatusList,
}

impl Second {
    fn enter(kiosk: &mut Kiosk) -> Self {
        let world = &mut kiosk.world;
        world.ledger.set_now(world.clock.now());
        let agency = world.ledger.create("second.example");
        let list = StatusList::new(Bits::Two, 1024);
        let content = ListContent {
            uri: NEW_LIST,
            bits: list.bits().number(),
            bytes: list.bytes(),
        };
        world
            .ledger
            .accredit(&agency, "Second", &[&vct("person-identification")]);
        world.ledger.snapshot(&agency, &[(content, b"token".as_slice())]);
        Self { agency, list }
    }

    /// What a phone shows of a card with this index.
    async fn shown(&self, kiosk: &Kiosk, opened: &Value, bundle: Vec<u8>, proved: u64) -> Value {
        let (kid, secret) = self.agency.assertion_key().unwrap();
        let issuer = Agency::new(self.agency.did().as_str(), &kid.to_string(), copy(secret));
        let claims = credential::person_identification();
        let now = kiosk.world.clock.now();
        let mut draft = issuer.draft(&vct("person-identification"), claims, kiosk.world.holder.public(), now);
        draft.status = Some(status(NEW_LIST, 7));
        let card = sd_jwt::UnverifiedSdJwt::parse(&issuer.issue(draft)).unwrap();
        let card = card.dangerous_from_storage().unwrap();
        let content = ListContent {
            uri: NEW_LIST,
            bits: self.list.bits().number(),
            bytes: self.list.bytes(),
        };
        let tree = ledger::SnapshotTree::new(&[content]).unwrap();
        let challenge = kiosk.read(opened).await;
        let shown = Shown {
            presentations: vec![kiosk.show(&card, &["age_over_18"], &challenge)],
            bundles: vec![bundle],
            proofs: vec![tree.prove(NEW_LIST, proved).unwrap()],
        };
        kiosk.answer(opened, &challenge, shown).await
    }
}

#[tokio::test]
async fn e14_verifier_an_issuer_that_an_answer_brings() {
    let mut kiosk = Kiosk::after(600).await;
    let second = Second::enter(&mut kiosk);
    let did = second.agency.did().to_string();
    let bundle = kiosk.world.ledger.lean_bundle(&did);
    kiosk.world.clock.advance(30);
    let opened = kiosk.ask("adult").await;
    let outcome = second.shown(&kiosk, &opened, bundle.clone(), 7).await;
    assert_outcome(&outcome, "yes", "ok");
    assert_eq!(outcome["ages"], json!({ "status_s": 30, "ledger_s": 30 }));
    assert_eq!(
        kiosk.held().await["ledger"]["organisations"],
        1,
        "it is not held afterwards"
    );
    assert_eq!(kiosk.held().await["now"], NOW + 630);
    // A proof of another card, in another part of the list.
    let opened = kiosk.ask("adult").await;
    let outcome = second.shown(&kiosk, &opened, bundle, 900).await;
    assert_outcome(&outcome, "could_not_check", "status_unavailable");
}

#[tokio::test]
async fn k15_verifier_without_a_network_too_few_cosigned() {
    let mut kiosk = Kiosk::after(600).await;
    let second = Second::enter(&mut kiosk);
    let did = second.agency.did().to_string();
    let now = kiosk.world.clock.now();
    for cosignatures in [Cosignatures::without_quorum(now), Cosignatures::without_mirror(now)] {
        let bundle = kiosk.world.ledger.bundle_with(&did, &cosignatures);
        let opened = kiosk.ask("adult").await;
        let outcome = second.shown(&kiosk, &opened, bundle, 7).await;
        assert_outcome(&outcome, "could_not_check", "no_quorum");
    }
}

#[tokio::test]
async fn an_issuer_that_may_not_issue() {
    let mut kiosk = Kiosk::after(60).await;
    // Of an organisation that is on the ledger and was never accredited.
    let stranger = kiosk.world.ledger.create("stranger.example");
    let second = Second {
        agency: stranger,
        list: StatusList::new(Bits::Two, 1024),
    };
    let did = second.agency.did().to_string();
    let bundle = kiosk.world.ledger.lean_bundle(&did);
    let opened = kiosk.ask("adult").await;
    let outcome = second.shown(&kiosk, &opened, bundle, 7).await;
    assert_outcome(&outcome, "no", "issuer_not_accepted");
    // Of one whose accreditation was taken back meanwhile, as the answer itself proves.
    let world = &mut kiosk.world;
    world.ledger.set_now(NOW + 60);
    world.ledger.revoke_accreditation(&world.agency);
    let agency = kiosk.world.agency.did().to_string();
    let bundle = kiosk.world.ledger.lean_bundle(&agency);
    let (opened, challenge, shown) = kiosk.ready().await;
    let shown = Shown {
        bundles: vec![bundle],
        ..shown
    };
    let outcome = kiosk.answer(&opened, &challenge, shown).await;
    assert_outcome(&outcome, "no", "issuer_not_accepted");
}

#[tokio::test]
async fn e14_verifier_an_older_bundle_does_not_bring_back_what_the_set_does_not_name() {
    let mut kiosk = Kiosk::new().await;
    let agency = kiosk.world.agency.did().to_string();
    let brought = (kiosk.world.ledger.lean_bundle(&agency), kiosk.proof(3));
    let world = &mut kiosk.world;
    world.clock.advance(600);
    world.ledger.set_now(NOW + 600);
    world.ledger.revoke_accreditation(&world.agency);
    world.refresh().await;
    // Now the set is held, and nothing about the agency.
    world.restart().await;
    assert_eq!(world.app.trust.view().accredited_at(), Some(NOW + 600));
    let (opened, challenge, shown) = kiosk.ready().await;
    let shown = Shown {
        bundles: vec![brought.0],
        proofs: vec![brought.1],
        ..shown
    };
    let outcome = kiosk.answer(&opened, &challenge, shown).await;
    assert_outcome(&outcome, "no", "issuer_not_accepted");
    assert_eq!(outcome["ages"], json!({ "ledger_s": 0 }));
}

#[tokio::test]
async fn an_issuer_whose_key_is_forged() {
    let kiosk = Kiosk::new().await;
    for (own_name, reason) in [(false, "malformed_credential"), (true, "key_not_anchored")] {
        let opened = kiosk.ask("adult").await;
        let challenge = kiosk.read(&opened).await;
        let mut forged = kiosk.forge(&challenge);
        forged.issuer = key(99);
        if own_name {
            forged.header["kid"] = json!(format!("{}#own", kiosk.world.agency.did()));
        }
        let outcome = kiosk.answer(&opened, &challenge, Shown::only(forged.text())).await;
        assert_outcome(&outcome, "no", reason);
    }
    let opened = kiosk.ask("adult").await;
    let challenge = kiosk.read(&opened).await;
    let good = Shown::only(kiosk.forge(&challenge).text());
    assert_outcome(&kiosk.answer(&opened, &challenge, good).await, "yes", "ok");
}

#[tokio::test]
async fn an_answer_to_another_challenge_changes_nothing() {
    let kiosk = Kiosk::new().await;
    let (opened, other) = (kiosk.ask("adult").await, kiosk.ask("adult").await);
    let challenge = kiosk.read(&opened).await;
    let shown = Shown::only(kiosk.show(&kiosk.world.person(3), &["age_over_18"], &challenge));
    let message = sealed(&challenge, &shown);
    assert_waits(
        &kiosk,
        &other,
        kiosk.hand_in(&other, &message).await,
        "answer_of_another_check",
    )
    .await;
    // With the tag of the other challenge it is still encrypted to another key.
    let mut renamed = message.clone();
    renamed[3..11].copy_from_slice(&kiosk.challenge(&other).await.hash()[..8]);
    assert_waits(
        &kiosk,
        &other,
        kiosk.hand_in(&other, &renamed).await,
        "answer_unreadable",
    )
    .await;
    // Nor does a presentation count that was bound to the other challenge.
    let wrong = Shown::only(kiosk.show(&kiosk.world.person(3), &["age_over_18"], &challenge));
    let to = kiosk.read(&other).await;
    let (_, progress) = kiosk.hand_in(&other, &sealed(&to, &wrong)).await;
    assert_outcome(&progress["outcome"], "no", "holder_binding_mismatch");
    // The one that was asked for is taken as before.
    let (status, progress) = kiosk.hand_in(&opened, &message).await;
    assert_eq!(status, StatusCode::OK);
    assert_outcome(&progress["outcome"], "yes", "ok");
    assert_eq!(kiosk.world.counted("refused_responses"), 2);
}

#[tokio::test]
async fn an_answer_counts_once_and_its_key_goes_with_it() {
    let mut kiosk = Kiosk::new().await;
    let (opened, challenge, shown) = kiosk.ready().await;
    let message = sealed(&challenge, &shown);
    // The key outlives a restart, as long as nothing has been answered.
    kiosk.world.restart().await;
    let (_, progress) = kiosk.hand_in(&opened, &message).await;
    assert_outcome(&progress["outcome"], "yes", "ok");
    let id = opened["id"].as_str().unwrap();
    let session = kiosk.world.app.store.session(id).await.unwrap().unwrap();
    assert!(session.encryption_key.is_none());
    for _ in 0..2 {
        let (status, problem) = kiosk.hand_in(&opened, &message).await;
        assert_eq!(
            (status.as_u16(), problem["code"].as_str()),
            (409, Some("verification_process_closed"))
        );
        kiosk.world.restart().await;
    }
    assert_eq!(kiosk.outcome(&opened).await, progress["outcome"]);
    let (status, _) = kiosk.get(&opened, "/challenge").await;
    assert_eq!(status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn of_two_answers_at_once_one_wins() {
    let kiosk = Kiosk::new().await;
    let (opened, challenge, shown) = kiosk.ready().await;
    let body = json!({ "frames": frames(&sealed(&challenge, &shown)) });
    let sent = (0..8).map(|_| kiosk.post(&opened, "/frames", &body));
    let statuses = futures_util::future::join_all(sent).await;
    let count = |wanted| statuses.iter().filter(|(status, _)| *status == wanted).count();
    assert_eq!((count(StatusCode::OK), count(StatusCode::CONFLICT)), (1, 7));
}

#[tokio::test]
async fn an_altered_frame_is_noticed_and_others_mend_it() {
    let kiosk = Kiosk::new().await;
    let (opened, challenge, shown) = kiosk.ready().await;
    let source = FrameSource::new(FrameKind::Answer, &sealed(&challenge, &shown)).unwrap();
    let needed = source.needed();
    let mut altered: Vec<Vec<u8>> = source.sheet().iter().map(|frame| frame.to_vec()).collect();
    altered[0][300] ^= 1;
    let texts = |frames: &[Vec<u8>]| json!({ "frames": frames.iter().map(base64url::encode).collect::<Vec<_>>() });
    let (status, progress) = kiosk.post(&opened, "/frames", &texts(&altered)).await;
    assert_eq!(status, StatusCode::OK);
    let expected = json!({ "received": needed, "needed": needed, "state": "altered", "not_ours": 0 });
    assert_eq!(progress, expected);
    assert_eq!(kiosk.outcome(&opened).await["state"], "open");
    let recovery = [source.frames()[needed].to_vec(), b"https://shop.example".to_vec()];
    let (_, progress) = kiosk.post(&opened, "/frames", &texts(&recovery)).await;
    assert_eq!(
        (&progress["state"], &progress["not_ours"]),
        (&json!("complete"), &json!(1))
    );
    assert_outcome(&progress["outcome"], "yes", "ok");
}

#[tokio::test]
async fn what_is_handed_in_is_bounded_and_must_be_frames() {
    let kiosk = Kiosk::new().await;
    let opened = kiosk.ask("adult").await;
    for (body, status) in [
        (json!({ "frames": [] }), 400),
        (json!({ "frames": vec!["AA"; 65] }), 400),
        (json!({ "frames": ["not base64url!"] }), 400),
        (json!({ "codes": [] }), 422),
    ] {
        assert_eq!(kiosk.post(&opened, "/frames", &body).await.0.as_u16(), status, "{body}");
    }
    let (_, progress) = kiosk.post(&opened, "/frames", &json!({ "frames": ["AAAA"] })).await;
    let nothing = json!({ "received": 0, "needed": 0, "state": "collecting", "not_ours": 1 });
    assert_eq!(progress, nothing);
    // Whole, and no answer.
    let refused = kiosk.hand_in(&opened, &[0xff; 600]).await;
    assert_waits(&kiosk, &opened, refused, "answer_unreadable").await;
}

#[tokio::test]
async fn l7_verifier_a_clock_two_days_back_is_named() {
    let kiosk = Kiosk::after(600).await;
    let (opened, challenge, shown) = kiosk.ready().await;
    kiosk.world.clock.set(NOW - 2 * DAY);
    let outcome = kiosk.answer(&opened, &challenge, shown).await;
    assert_outcome(&outcome, "could_not_check", "clock_wrong");
    assert_eq!(
        kiosk.held().await["clock"],
        json!({ "wrong": true, "behind_s": 2 * DAY })
    );
    let (status, problem) = kiosk.try_ask("adult").await;
    assert_eq!((status.as_u16(), problem["code"].as_str()), (409, Some("clock_wrong")));
    // Ten minutes are too much, five are not.
    kiosk.world.clock.set(NOW - 600);
    assert_eq!(kiosk.held().await["clock"]["wrong"], true);
    kiosk.world.clock.set(NOW - 300);
    assert_eq!(kiosk.held().await["clock"], json!({ "wrong": false, "behind_s": 0 }));
    assert_outcome(&kiosk.adult(&kiosk.world.person(3)).await, "yes", "ok");
}

#[tokio::test]
async fn l7_verifier_time_cannot_be_earlier_than_what_an_answer_proved() {
    let mut kiosk = Kiosk::after(600).await;
    let agency = kiosk.world.agency.did().to_string();
    kiosk.world.ledger.set_now(NOW + 600);
    let bundle = kiosk.world.ledger.lean_bundle(&agency);
    let (opened, challenge, shown) = kiosk.ready().await;
    let shown = Shown {
        bundles: vec![bundle],
        ..shown
    };
    assert_outcome(&kiosk.answer(&opened, &challenge, shown).await, "yes", "ok");
    assert_eq!(kiosk.world.app.store.newest_seen().await.unwrap(), NOW + 600);
    kiosk.world.clock.set(NOW);
    assert_eq!(kiosk.held().await["clock"], json!({ "wrong": true, "behind_s": 600 }));
}

#[tokio::test]
async fn a_challenge_that_has_run_out() {
    let kiosk = Kiosk::new().await;
    let (opened, challenge, shown) = kiosk.ready().await;
    let message = sealed(&challenge, &shown);
    assert_eq!(opened["expires_at"], NOW + 300);
    kiosk.world.clock.advance(300);
    let (status, problem) = kiosk.hand_in(&opened, &message).await;
    assert_eq!(
        (status.as_u16(), problem["code"].as_str()),
        (410, Some("session_expired"))
    );
    assert_eq!(kiosk.outcome(&opened).await["state"], "expired");
    assert_eq!(kiosk.get(&opened, "/challenge").await.0, StatusCode::GONE);
    kiosk.world.app.sweep().await.unwrap();
    let session = kiosk.world.app.store.session(opened["id"].as_str().unwrap()).await;
    assert!(session.unwrap().unwrap().encryption_key.is_none());
}

#[tokio::test]
async fn a_challenge_names_what_is_held_and_what_is_accepted() {
    let kiosk = Kiosk::after(100).await;
    let challenge = kiosk.read(&kiosk.ask("entrance").await).await;
    let agency = kiosk.world.agency.did().to_string();
    let snapshot = kiosk.world.ledger.record(&agency).status_snapshot().map(|one| one.time);
    assert_eq!(challenge.evidence_for(&agency, snapshot), proximity::Evidence::Nothing);
    let accepted = challenge.challenge().accepted();
    assert_eq!((accepted.ledger.0, accepted.status.0), (7200, 3600));
    assert_eq!(challenge.landmarks().len(), 1);
    assert_eq!(challenge.purpose().id, "entrance");
    // The lists are too old for this check; a bundle is not needed for that.
    kiosk.world.clock.advance(3600);
    let staff = Staff::sign_in(&kiosk.world, "bob", "staff").await;
    let kiosk = Kiosk { staff, ..kiosk };
    let challenge = kiosk.read(&kiosk.ask("entrance").await).await;
    assert_eq!(challenge.evidence_for(&agency, snapshot), proximity::Evidence::Status);
}

#[tokio::test]
async fn m3_verifier_a_kiosk_tells_what_it_holds_and_how_old_it_is() {
    let kiosk = Kiosk::after(500).await;
    let held = kiosk.held().await;
    let size = kiosk.world.app.trust.view().landmarks()[0].size();
    let expected = json!({
        "kiosk": true, "now": NOW + 500, "clock": { "wrong": false, "behind_s": 0 },
        "ledger": { "organisations": 1, "at": NOW, "age_s": 500 },
        "lists": { "held": 1, "age_s": 500 },
        "landmarks": [{ "size": size, "at": NOW }],
        "registered": { "standing": "active", "age_s": 500 }, "split": false,
    });
    assert_eq!(held, expected);
}

#[tokio::test]
async fn m3_verifier_a_kiosk_that_holds_nothing_says_so() {
    let mut kiosk = Kiosk::new().await;
    std::fs::remove_file(kiosk.world.folder.path().join("verifier.sqlite")).unwrap();
    for rest in ["verifier.sqlite-wal", "verifier.sqlite-shm"] {
        let _ = std::fs::remove_file(kiosk.world.folder.path().join(rest));
    }
    kiosk.world.restart().await;
    let asked = kiosk.world.site.asked();
    let kiosk = Kiosk::of(kiosk.world, 0).await;
    assert_eq!(kiosk.held().await["registered"], json!({ "standing": "active" }));
    let (status, problem) = kiosk.try_ask("adult").await;
    assert_eq!((status.as_u16(), problem["code"].as_str()), (503, Some("nothing_held")));
    assert_eq!(kiosk.world.site.asked(), asked, "nobody is asked");
}

#[tokio::test]
async fn m3_verifier_a_kiosk_takes_what_was_brought_meanwhile() {
    let mut kiosk = Kiosk::new().await;
    // Two on one store: the kiosk, and what `sync` runs beside it.
    let (app, refresher) = (Arc::clone(&kiosk.world.app), Arc::clone(&kiosk.world.refresher));
    kiosk.world.restart().await;
    kiosk.world.clock.advance(600);
    kiosk.world.refresh().await;
    assert_eq!(app.trust.view().accredited_at(), Some(NOW));
    let asked = kiosk.world.site.asked();
    refresher.restore().await.unwrap();
    assert_eq!(kiosk.world.site.asked(), asked, "nobody is asked");
    let view = app.trust.view();
    assert_eq!(
        (view.accredited_at(), view.own_at()),
        (Some(NOW + 600), Some(NOW + 600))
    );
    assert_eq!(view.landmarks()[0].quorum_time(), Some(NOW + 600));
}

#[tokio::test]
async fn m3_verifier_a_kiosk_forgets_an_agency_that_is_not_accredited_any_more() {
    let mut kiosk = Kiosk::new().await;
    assert_outcome(&kiosk.adult(&kiosk.world.person(3)).await, "yes", "ok");
    let (app, refresher) = (Arc::clone(&kiosk.world.app), Arc::clone(&kiosk.world.refresher));
    let router = kiosk.world.router.clone();
    // What `sync` runs beside it.
    kiosk.world.restart().await;
    let world = &mut kiosk.world;
    world.clock.advance(600);
    world.ledger.set_now(NOW + 600);
    world.ledger.revoke_accreditation(&world.agency);
    world.refresh().await;
    (world.app, world.refresher, world.router) = (app, refresher, router);
    // Until it looks again it knows no better.
    assert_outcome(&kiosk.adult(&kiosk.world.person(3)).await, "yes", "ok");
    kiosk.world.refresher.restore().await.unwrap();
    assert_outcome(&kiosk.adult(&kiosk.world.person(3)).await, "no", "issuer_not_accepted");
    assert_eq!(kiosk.held().await["ledger"]["organisations"], 0);
}

#[tokio::test]
async fn a_check_is_of_whoever_opened_it() {
    let kiosk = Kiosk::new().await;
    let opened = kiosk.ask("adult").await;
    let other = Staff::sign_in(&kiosk.world, "bob", "staff").await;
    let kiosk = Kiosk { staff: other, ..kiosk };
    for what in ["", "/challenge", "/sheet"] {
        assert_eq!(kiosk.get(&opened, what).await.0, StatusCode::NOT_FOUND, "{what}");
    }
    for (what, body) in [
        ("/frames", json!({ "frames": ["AAAA"] })),
        ("/portrait", json!({})),
        ("/clear", json!({})),
    ] {
        assert_eq!(
            kiosk.post(&opened, what, &body).await.0,
            StatusCode::NOT_FOUND,
            "{what}"
        );
    }
}

#[tokio::test]
async fn a_check_that_is_cleared_is_over() {
    let kiosk = Kiosk::new().await;
    let (opened, challenge, shown) = kiosk.ready().await;
    assert_eq!(
        kiosk.post(&opened, "/clear", &json!({})).await.0,
        StatusCode::NO_CONTENT
    );
    assert_eq!(kiosk.outcome(&opened).await["state"], "expired");
    let (status, _) = kiosk.hand_in(&opened, &sealed(&challenge, &shown)).await;
    assert_eq!(status, StatusCode::GONE);
}

#[tokio::test]
async fn a_sheet_is_a_picture_of_the_codes_that_are_needed() {
    let kiosk = Kiosk::new().await;
    let opened = kiosk.ask("adult").await;
    let path = format!("/sessions/{}/sheet", opened["id"].as_str().unwrap());
    let response = kiosk.world.send(kiosk.staff.request(&path)).await;
    assert_eq!(response.headers()["content-type"], "image/svg+xml");
    let picture = String::from_utf8(Kiosk::bytes(response).await).unwrap();
    let (_, shown) = kiosk.get(&opened, "/challenge").await;
    let rows = shown["needed"].as_u64().unwrap().div_ceil(2);
    assert!(
        picture.contains(&format!("viewBox=\"0 0 170 {}\"", 85 * rows)),
        "{}",
        &picture[..300]
    );
}
