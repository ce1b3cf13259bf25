//! Showing a card without a network: who asks, what goes out, and what is refused. Nobody is asked at any moment.

use crate::world::{ChallengeDraft, NOW, World, judged, read};
use ledger::FreshnessLimit;
use proximity::{Challenge, HeldIssuer};
use test_case::test_case;
use testkit::credential::key;
use wallet::{
    ConsentError, Kept, MissingProof, NotConsented, OpenChallenge, Outcome, Proof, Registration, RequestRefused,
    ShareError, ShownAnswer,
};

const DAY: u64 = 24 * 3_600;

/// Agrees to what is needed, and shows it.
fn show(world: &World, open: OpenChallenge) -> ShownAnswer {
    let consent = open.ask().agree(&[]).expect("agreed");
    world.wallet.show(open, &consent).expect("shown")
}

/// Opens a challenge that must be refused: nobody was asked, nothing shown, and it stands in the history.
async fn refused(world: &World, message: &[u8]) -> RequestRefused {
    let (before, copies) = (world.outbound().await, world.unused_offline());
    let error = world.wallet.open_challenge(message).expect_err("refused");
    assert_eq!(world.outbound().await, before, "nobody is asked");
    assert_eq!(world.unused_offline(), copies, "no copy is used");
    let history = world.wallet.history().expect("history");
    assert_eq!(history[0].record.reason.as_deref(), Some(error.code()));
    error
}

#[tokio::test]
async fn a_card_is_shown_from_a_cold_start_without_asking_anybody() {
    let world = World::ready_offline().await;
    let mut world = world.killed();
    let before = world.outbound().await;
    let challenge = ChallengeDraft::of(&mut world, "age", &["age_over_18"]).sign(&world);
    let open = world.wallet.open_challenge(&challenge.to_message()).expect("opened");
    let ask = open.ask();
    assert_eq!(ask.who.names().text("en"), "Corner Shop");
    assert_eq!(ask.who.host, format!("shop.localhost:{}", world.port()));
    assert!(
        matches!(&ask.who.registration, Registration::Registered { did, .. } if *did == world.business.did().to_string())
    );
    assert!(ask.who.record.is_some());
    assert_eq!(ask.why.as_ref().expect("why").text.text("en"), "age");
    assert_eq!(ask.kept, Kept::No);
    assert_eq!(ask.cards[0].needed[0].to_string(), "age_over_18");
    assert!(ask.cards[0].withheld.contains(&"birth_date".to_owned()));
    assert_eq!(ask.cards[0].proof, Proof::GoesAlong { hours: 0 });
    assert_eq!(open.expires_at(), Some(NOW + 300));

    let shown = show(&world, open);
    assert_eq!(shown.frames().len(), shown.needed() + 32);
    assert!(shown.needed() <= 8, "{}", shown.budget());
    let answer = read(&challenge, shown.frames()).expect("opened with the key of the challenge");
    let credential = judged(&world, &challenge, &answer);
    assert_eq!(credential.claims()["age_over_18"], true);
    assert_eq!(credential.claims().get("birth_date"), None);

    let (pack, agency) = (world.ledger.trust_pack(), world.agency.did().to_string());
    let bundle = answer.bundles()[0]
        .clone()
        .verify(&pack, &agency)
        .expect("the issuer's record");
    let snapshot = bundle.record().expect("record").status_snapshot().expect("snapshot");
    let status = credential.credential().status().expect("status");
    let proof = &answer.status_proofs()[0];
    assert_eq!(proof.verify(snapshot, &status.uri, status.index), Ok(0), "not revoked");

    assert_eq!(
        (world.unused_offline(), world.unused()),
        (2, 3),
        "an offline copy, once"
    );
    assert_eq!(world.outbound().await, before, "nobody is asked");
    let outcome = || world.wallet.history().expect("history")[0].record.outcome;
    assert_eq!(outcome(), Outcome::MaybeReceived);
    world.wallet.was_read(&shown).expect("noted");
    assert_eq!(outcome(), Outcome::Shared);
}

#[tokio::test]
async fn a_key_binding_has_a_time_that_the_clock_of_the_challenge_takes() {
    let mut world = World::ready_offline().await;
    let mut draft = ChallengeDraft::of(&mut world, "age", &["age_over_18"]);
    for (nonce, clock, issued_at, bound_at) in [
        (1, NOW + 20, NOW, NOW + 20),
        (2, NOW + 200, NOW, NOW + 60),
        (3, NOW + 200, NOW + 400, NOW + 400),
    ] {
        world.clock.set(clock);
        draft.nonce = [nonce; 16];
        (draft.issued_at, draft.expires_at) = (issued_at, issued_at + 300);
        let challenge = draft.sign(&world);
        let open = world.wallet.open_challenge(&challenge.to_message()).expect("opened");
        let answer = read(&challenge, show(&world, open).frames()).expect("opened");
        let credential = judged(&world, &challenge, &answer);
        assert_eq!(credential.key_binding().expect("bound").issued_at(), bound_at);
    }
}

#[tokio::test]
async fn an_offline_copy_carries_no_certificate() {
    let mut world = World::ready_offline().await;
    let challenge = ChallengeDraft::of(&mut world, "age", &["age_over_18"]).sign(&world);
    let open = world.wallet.open_challenge(&challenge.to_message()).expect("opened");
    let answer = read(&challenge, show(&world, open).frames()).expect("opened");
    let text = answer.token().presentations().next().expect("a card").1.to_owned();
    let header = jose::UnverifiedJws::parse(text.split('~').next().expect("jws")).expect("jws");
    assert!(header.header().x5c().is_none() && header.header().kid().is_some());
}

#[tokio::test]
async fn those_who_hold_all_get_nothing_along() {
    let mut world = World::ready_offline().await;
    let mut draft = ChallengeDraft::of(&mut world, "age", &["age_over_18"]);
    let did = world.agency.did().to_string();
    for (lists, snapshot, expected) in [
        (true, Some(NOW), (0, 0)),
        (false, Some(NOW), (0, 1)),
        (false, Some(1), (1, 1)),
    ] {
        draft.held = vec![HeldIssuer {
            did: did.clone(),
            snapshot,
            lists,
        }];
        let challenge = draft.sign(&world);
        let open = world.wallet.open_challenge(&challenge.to_message()).expect("opened");
        assert_eq!(open.ask().cards[0].proof == Proof::NotNeeded, lists);
        let answer = read(&challenge, show(&world, open).frames()).expect("opened");
        assert_eq!((answer.bundles().len(), answer.status_proofs().len()), expected);
    }
}

#[tokio::test]
async fn what_others_may_not_be_able_to_check_is_said_before() {
    let mut world = World::with_card().await;
    let draft = ChallengeDraft::of(&mut world, "age", &["age_over_18"]);
    let proof = |world: &World, draft: &ChallengeDraft| {
        let open = world.wallet.open_challenge(&draft.message(world)).expect("opened");
        open.ask().cards[0].proof
    };
    let missing = |why| Proof::Missing { why };
    assert_eq!(proof(&world, &draft), missing(MissingProof::NotHeld));
    let challenge = draft.sign(&world);
    let open = world.wallet.open_challenge(&challenge.to_message()).expect("opened");
    let answer = read(&challenge, show(&world, open).frames()).expect("it is shown all the same");
    assert!(answer.bundles().is_empty() && answer.status_proofs().is_empty());

    world.publish_proofs(&[0; 128]).await;
    world.wallet.refresh_proofs().await.expect("refreshed");
    assert_eq!(proof(&world, &draft), Proof::GoesAlong { hours: 0 });
    world.clock.advance(100);
    let mut strict = ChallengeDraft::of(&mut world, "age", &["age_over_18"]);
    strict.accepted.status = FreshnessLimit(99);
    assert_eq!(proof(&world, &strict), missing(MissingProof::TooOld));

    // The list is another one since it was recorded: the one that was is held.
    world.ledger.set_now(NOW + 100);
    world.publish_list(&[1; 128]).await;
    world.wallet.refresh_status().await.expect("refreshed");
    assert_eq!(proof(&world, &draft), Proof::GoesAlong { hours: 0 });
    // What was recorded since is not held, and not served.
    world.publish_proofs(&[0; 128]).await;
    world.publish_list(&[1; 128]).await;
    world.wallet.refresh_proofs().await.expect("refreshed");
    assert_eq!(proof(&world, &draft), missing(MissingProof::StatusDiffers));
}

#[test_case("age", &["birth_date"], "birth_date" ; "another claim")]
#[test_case("home", &["age_over_18"], "urn:holdfast:vct:person-identification:1" ; "a card of another purpose")]
#[tokio::test]
async fn f4_wallet_a_challenge_that_asks_too_much(purpose: &str, claims: &[&str], named: &str) {
    let mut world = World::ready_offline().await;
    let message = ChallengeDraft::of(&mut world, purpose, claims).message(&world);
    let error = refused(&world, &message).await;
    assert_eq!(error.code(), "over_asking");
    assert!(matches!(&error, RequestRefused::OverAsking { claim, .. } if claim == named));
    assert!(!error.unanswerable().expect("kept").can_be_told());
    assert!(error.into_untold().is_none(), "there is nobody to tell");
    assert_eq!(
        world.wallet.history().expect("history")[0].record.outcome,
        Outcome::Blocked
    );
}

#[tokio::test]
async fn f4_wallet_a_challenge_with_the_record_of_another_business() {
    let mut world = World::ready_offline().await;
    let mut draft = ChallengeDraft::of(&mut world, "age", &["age_over_18"]);
    draft.signer = key(55);
    let error = refused(&world, &draft.message(&world)).await;
    assert_eq!(error.code(), "verifier_not_authenticated");
    draft.fragment = "mine".to_owned();
    let error = refused(&world, &draft.message(&world)).await;
    assert_eq!(error.code(), "verifier_not_in_record");
}

#[tokio::test]
async fn f2_wallet_a_challenge_that_was_altered() {
    let mut world = World::ready_offline().await;
    let challenge = ChallengeDraft::of(&mut world, "age", &["age_over_18"]).sign(&world);
    let (from, to) = (b"age_over_18", b"age_over_21");
    let mut bytes = challenge.as_bytes().to_vec();
    let place = bytes
        .windows(from.len())
        .position(|part| part == from)
        .expect("the claim");
    bytes[place..place + to.len()].copy_from_slice(to);
    let altered = Challenge::restore(&bytes).expect("still a challenge by its form");
    let error = refused(&world, &altered.to_message()).await;
    assert_eq!(error.code(), "verifier_not_authenticated");
}

#[tokio::test]
async fn m2_wallet_what_is_no_challenge() {
    let world = World::ready_offline().await;
    for bytes in [&b""[..], b"openid4vp://?client_id=x", &[0xff; 520]] {
        let error = world.wallet.open_challenge(bytes).expect_err("refused");
        assert_eq!(error.code(), "invalid_challenge");
    }
}

#[tokio::test]
async fn f10_wallet_a_challenge_that_has_run_out() {
    let mut world = World::ready_offline().await;
    let message = ChallengeDraft::of(&mut world, "age", &["age_over_18"]).message(&world);
    world.clock.advance(300);
    assert_eq!(refused(&world, &message).await.code(), "request_expired");
    // Setting the clock back does not bring it back: what was seen since counts.
    world.ledger.set_now(NOW + 301);
    world.publish_landmark().await;
    world.wallet.refresh_proofs().await.expect("refreshed");
    world.clock.set(NOW + 10);
    assert_eq!(refused(&world, &message).await.code(), "request_expired");
}

#[tokio::test]
async fn f12_wallet_a_challenge_that_runs_out_while_the_person_decides() {
    let mut world = World::ready_offline().await;
    let message = ChallengeDraft::of(&mut world, "age", &["age_over_18"]).message(&world);
    let open = world.wallet.open_challenge(&message).expect("opened");
    let consent = open.ask().agree(&[]).expect("agreed");
    world.clock.advance(300);
    let error = world.wallet.show(open, &consent).expect_err("too late");
    assert!(matches!(error, ShareError::Expired));
    assert_eq!(world.unused_offline(), 3);
}

#[tokio::test]
async fn k17_wallet_a_challenge_with_a_record_of_yesterday() {
    let mut world = World::ready_offline().await;
    let mut draft = ChallengeDraft::of(&mut world, "age", &["age_over_18"]);
    for (later, code) in [(DAY, None), (DAY + 1, Some("challenge_stale"))] {
        world.clock.set(NOW + later);
        (draft.issued_at, draft.expires_at) = (NOW + later, NOW + later + 300);
        let message = draft.message(&world);
        match code {
            None => drop(world.wallet.open_challenge(&message).expect("within the limit")),
            Some(code) => {
                let error = refused(&world, &message).await;
                assert!(error.is_could_not_check());
                assert_eq!(error.code(), code);
            }
        }
    }
}

#[tokio::test]
async fn k17_wallet_a_clock_two_days_back_is_named() {
    let mut world = World::ready_offline().await;
    let mut draft = ChallengeDraft::of(&mut world, "age", &["age_over_18"]);
    world.clock.set(NOW - 2 * DAY);
    (draft.issued_at, draft.expires_at) = (NOW - 2 * DAY, NOW - 2 * DAY + 300);
    let error = refused(&world, &draft.message(&world)).await;
    assert!(error.is_could_not_check());
    assert_eq!(error.code(), "clock_wrong");
}

#[tokio::test]
async fn f7_wallet_challenges_again_and_again_are_not_shown() {
    let mut world = World::ready_offline().await;
    let message = ChallengeDraft::of(&mut world, "age", &["age_over_18"]).message(&world);
    for _ in 0..3 {
        let open = world.wallet.open_challenge(&message).expect("opened");
        world.wallet.decline(&open).expect("noted");
    }
    assert_eq!(refused(&world, &message).await.code(), "asks_too_often");
}

#[tokio::test]
async fn f13_wallet_killed_before_the_first_code_leaves_a_used_copy() {
    let mut world = World::ready_offline().await;
    let mut draft = ChallengeDraft::of(&mut world, "age", &["age_over_18"]);
    let first = draft.sign(&world);
    let open = world.wallet.open_challenge(&first.to_message()).expect("opened");
    let shown = show(&world, open);
    // The codes were made, and nobody saw them: the copy is used all the same.
    let world = world.killed();
    assert_eq!(world.unused_offline(), 2);
    assert_eq!(
        world.wallet.history().expect("history")[0].record.outcome,
        Outcome::MaybeReceived
    );
    draft.nonce = [8; 16];
    let second = draft.sign(&world);
    let open = world.wallet.open_challenge(&second.to_message()).expect("opened");
    let again = show(&world, open);
    let copy = |challenge: &Challenge, shown: &ShownAnswer| {
        let answer = read(challenge, shown.frames()).expect("opened");
        let text = answer.token().presentations().next().expect("a card").1.to_owned();
        text.split('~').next().expect("a credential").to_owned()
    };
    assert_ne!(copy(&first, &shown), copy(&second, &again), "never one copy twice");
    assert_eq!(world.unused_offline(), 1);
}

#[tokio::test]
async fn f13_wallet_an_answer_is_for_one_challenge() {
    let mut world = World::ready_offline().await;
    let mut draft = ChallengeDraft::of(&mut world, "age", &["age_over_18"]);
    let first = draft.sign(&world);
    draft.nonce = [8; 16];
    let second = draft.sign(&world);
    let open = world.wallet.open_challenge(&first.to_message()).expect("opened");
    let other = world.wallet.open_challenge(&second.to_message()).expect("opened");
    assert!(!open.asks_the_same(&other));
    let consent = open.ask().agree(&[]).expect("agreed");
    let error = world.wallet.show(other, &consent).expect_err("another question");
    assert!(matches!(error, ShareError::NotConsented(NotConsented::OtherRequest)));
    assert_eq!(world.unused_offline(), 3, "nothing was made");
    let shown = world.wallet.show(open, &consent).expect("shown");
    assert!(
        read(&second, shown.frames()).is_err(),
        "no other question is answered by it"
    );
}

#[tokio::test]
async fn i7_wallet_an_offline_copy_is_shown_again_only_by_a_person_who_knows() {
    let mut world = World::ready_offline().await;
    let mut draft = ChallengeDraft::of(&mut world, "age", &["age_over_18"]);
    for (nonce, last) in [(1, false), (2, false), (3, true)] {
        draft.nonce = [nonce; 16];
        let open = world.wallet.open_challenge(&draft.message(&world)).expect("opened");
        let card = open.card(&open.ask().cards[0]).expect("a card");
        assert_eq!(card.unused.is_last_offline(), last);
        show(&world, open);
    }
    assert_eq!((world.unused_offline(), world.unused()), (0, 3));
    draft.nonce = [4; 16];
    let challenge = draft.sign(&world);
    let open = world.wallet.open_challenge(&challenge.to_message()).expect("opened");
    assert!(open.ask().cards[0].shown_before, "the screen says so");
    assert!(matches!(open.ask().agree(&[]), Err(ConsentError::ShownBefore(_))));
    let consent = open.ask().agree_knowing(&[], &[]).expect("agreed");
    let shown = world.wallet.show(open, &consent).expect("shown");
    read(&challenge, shown.frames()).expect("opened");
    let history = world.wallet.history().expect("history");
    assert!(history[0].record.cards.iter().any(|card| card.shown_before));
    assert_eq!(world.unused(), 3, "never an online copy");
}

#[tokio::test]
async fn e4_wallet_a_trust_pack_that_ran_out_checks_no_challenge() {
    let mut world = World::ready_offline().await;
    let message = ChallengeDraft::of(&mut world, "age", &["age_over_18"]).message(&world);
    world.clock.set(world.ledger.trust_pack().expires());
    assert_eq!(refused(&world, &message).await.code(), "trust_pack_expired");
}
