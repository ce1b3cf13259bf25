//! Catalogue H: codes, transaction codes, nonces.

use futures_util::future::join_all;
use issuer::store::used::{Mark, Used, mark_all};
use serde_json::json;

use crate::wallet::{Wallet, c_nonce, form, fresh_key, key_proof, signed};
use crate::world::{NOW, World};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h1_issuer_a_code_used_a_hundred_times_at_once_succeeds_once() {
    let world = World::x5c().await;
    let wallet = Wallet::new();
    let (offer, code, _) = world.offer("residence", "SYN-000001", false).await;
    let mut proofs = Vec::new();
    for _ in 0..100 {
        proofs.push(wallet.dpop(&world, "/token", None).await);
    }
    let requests = proofs
        .iter()
        .map(|dpop| wallet.token_with(&world, dpop, form(&code, None)));
    let answers = join_all(requests).await;
    let successes = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(successes, 1);
    for answer in answers.iter().filter(|answer| answer.status != 200) {
        assert_eq!(answer.refusal(), (400, "invalid_grant".to_owned()));
    }
    assert_eq!(world.count("access_tokens").await, 1);
    assert_eq!(world.offer_state(&offer).await["state"], "redeemed");
}

#[tokio::test]
async fn h2_issuer_a_wrong_tx_code_does_not_burn_the_code() {
    let world = World::x5c().await;
    let wallet = Wallet::new();
    let (offer, code, tx_code) = world.offer("residence", "SYN-000001", true).await;
    let answer = wallet.token(&world, &code, Some(&wrong(&tx_code))).await;
    assert_eq!(answer.refusal(), (400, "invalid_grant".to_owned()));
    assert_eq!(world.offer_state(&offer).await, json!({ "state": "open" }));
    assert_eq!(wallet.token(&world, &code, tx_code.as_deref()).await.status, 200);
}

#[tokio::test]
async fn h3_issuer_five_wrong_tx_codes_lock_the_offer_even_over_a_restart() {
    let mut world = World::x5c().await;
    let wallet = Wallet::new();
    let (offer, code, tx_code) = world.offer("residence", "SYN-000001", true).await;
    for round in 0..5 {
        if round == 3 {
            world.restart().await;
        }
        let answer = wallet.token(&world, &code, Some(&wrong(&tx_code))).await;
        assert_eq!(answer.refusal(), (400, "invalid_grant".to_owned()));
    }
    let answer = wallet.token(&world, &code, tx_code.as_deref()).await;
    assert_eq!(answer.refusal(), (400, "invalid_grant".to_owned()));
    assert_eq!(world.offer_state(&offer).await, json!({ "state": "locked" }));
    assert_eq!(world.count("access_tokens").await, 0);
}

#[tokio::test]
async fn h4_issuer_a_tx_code_missing_or_not_expected() {
    let world = World::x5c().await;
    let wallet = Wallet::new();
    let (offer, code, tx_code) = world.offer("residence", "SYN-000001", true).await;
    let answer = wallet.token(&world, &code, None).await;
    assert_eq!(answer.refusal(), (400, "invalid_request".to_owned()));
    assert_eq!(world.offer_state(&offer).await["state"], "open");
    assert_eq!(wallet.token(&world, &code, tx_code.as_deref()).await.status, 200);
    let (offer, code, _) = world.offer("residence", "SYN-000001", false).await;
    let answer = wallet.token(&world, &code, Some("123456")).await;
    assert_eq!(answer.refusal(), (400, "invalid_request".to_owned()));
    assert_eq!(world.offer_state(&offer).await["state"], "open");
}

#[tokio::test]
async fn h4_issuer_an_expired_and_an_unknown_code() {
    let world = World::x5c().await;
    let wallet = Wallet::new();
    let (offer, code, _) = world.offer("residence", "SYN-000001", false).await;
    world.clock.advance(3_600);
    let answer = wallet.token(&world, &code, None).await;
    assert_eq!(answer.refusal(), (400, "invalid_grant".to_owned()));
    assert_eq!(world.offer_state(&offer).await["state"], "expired");
    let answer = wallet.token(&world, "no such code", None).await;
    assert_eq!(answer.refusal(), (400, "invalid_grant".to_owned()));
}

fn wrong(tx_code: &Option<String>) -> String {
    if tx_code.as_deref() == Some("000000") {
        "000001".to_owned()
    } else {
        "000000".to_owned()
    }
}

#[tokio::test]
async fn h7_issuer_a_proof_without_nonce() {
    let world = World::x5c().await;
    let wallet = Wallet::new();
    let token = wallet.access_token(&world, "residence", "SYN-000001").await;
    let key = fresh_key();
    let header = jose::JwsHeader::new(jose::Algorithm::Es256)
        .with_typ("openid4vci-proof+jwt")
        .with_jwk(jose::Signer::public_jwk(&key).clone());
    let proof = signed(&key, &header, &json!({ "aud": crate::world::PUBLIC_URL, "iat": NOW }));
    let answer = wallet.credential(&world, &token, "residence", &[proof]).await;
    assert_eq!(answer.refusal(), (400, "invalid_proof".to_owned()));
    assert_eq!(world.count("copies").await, 0);
}

#[tokio::test]
async fn h7_issuer_an_old_nonce_and_a_nonce_of_another_issuer() {
    let world = World::x5c().await;
    let other = World::x5c().await;
    let wallet = Wallet::new();
    let token = wallet.access_token(&world, "residence", "SYN-000001").await;
    let old = c_nonce(&world).await;
    let foreign = c_nonce(&other).await;
    world.clock.advance(300);
    for nonce in [old, foreign, "made up".to_owned()] {
        let proof = key_proof(&fresh_key(), &nonce);
        let answer = wallet.credential(&world, &token, "residence", &[proof]).await;
        assert_eq!(answer.refusal(), (400, "invalid_nonce".to_owned()));
    }
    assert_eq!(world.count("copies").await, 0);
    wallet.copies(&world, &token, "residence", 1).await;
}

#[tokio::test]
async fn h7_issuer_a_nonce_is_good_once_even_after_a_restart() {
    let mut world = World::ledger().await;
    let wallet = Wallet::new();
    let token = wallet.access_token(&world, "residence", "SYN-000001").await;
    let nonce = c_nonce(&world).await;
    let first = key_proof(&fresh_key(), &nonce);
    assert_eq!(
        wallet.credential(&world, &token, "residence", &[first]).await.status,
        200
    );
    world.restart().await;
    let again = key_proof(&fresh_key(), &nonce);
    let answer = wallet.credential(&world, &token, "residence.offline", &[again]).await;
    assert_eq!(answer.refusal(), (400, "invalid_nonce".to_owned()));
    assert_eq!(world.count("copies").await, 1);
}

#[tokio::test]
async fn h7_issuer_one_used_nonce_refuses_the_request_and_spends_no_other() {
    let world = World::ledger().await;
    let wallet = Wallet::new();
    let token = wallet.access_token(&world, "residence", "SYN-000001").await;
    let (used, fresh) = (c_nonce(&world).await, c_nonce(&world).await);
    let first = key_proof(&fresh_key(), &used);
    assert_eq!(
        wallet.credential(&world, &token, "residence", &[first]).await.status,
        200
    );
    let both = [key_proof(&fresh_key(), &fresh), key_proof(&fresh_key(), &used)];
    let answer = wallet.credential(&world, &token, "residence.offline", &both).await;
    assert_eq!(answer.refusal(), (400, "invalid_nonce".to_owned()));
    assert_eq!(world.count("copies").await, 1);
    let again = key_proof(&fresh_key(), &fresh);
    let answer = wallet.credential(&world, &token, "residence.offline", &[again]).await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn what_is_marked_as_used_together_is_told_apart() {
    let world = World::x5c().await;
    let mut write = world.app.store().begin().await.unwrap();
    let mark = |what: Used, id: &'static [u8]| Mark {
        what,
        id,
        forget_at: NOW,
    };
    let (dpop, nonce) = (mark(Used::DpopProof, b"1"), mark(Used::Nonce, b"1"));
    let other = mark(Used::Nonce, b"2");
    assert_eq!(mark_all(&mut write, &[]).await.unwrap(), None);
    assert_eq!(mark_all(&mut write, &[dpop, nonce]).await.unwrap(), None);
    let used = mark_all(&mut write, &[other, nonce, dpop]).await.unwrap();
    assert_eq!(used, Some(Used::Nonce));
    let used = mark_all(&mut write, &[dpop, other]).await.unwrap();
    assert_eq!(used, Some(Used::DpopProof));
    let twice = mark(Used::ClientProof, b"3");
    let used = mark_all(&mut write, &[twice, twice]).await.unwrap();
    assert_eq!(used, Some(Used::ClientProof));
    write.rollback().await.unwrap();
}

#[tokio::test]
async fn h8_issuer_a_proof_a_day_off_is_taken_with_a_fresh_nonce() {
    let world = World::x5c().await;
    let wallet = Wallet::new();
    let token = wallet.access_token(&world, "residence", "SYN-000001").await;
    let issuer = oid4vci::Identifier::parse(crate::world::PUBLIC_URL, oid4vci::Transport::LoopbackHttp).unwrap();
    for iat in [NOW - 86_400, NOW + 86_400] {
        let nonce = c_nonce(&world).await;
        let proof = oid4vci::make_key_proof(&issuer, Some(&nonce), &fresh_key(), iat).unwrap();
        let answer = wallet.credential(&world, &token, "residence", &[proof]).await;
        assert_eq!(answer.status, 200, "{iat}");
    }
    // Nothing else says that it is fresh.
    for iat in [NOW - 86_400, NOW] {
        let proof = oid4vci::make_key_proof(&issuer, None, &fresh_key(), iat).unwrap();
        let answer = wallet.credential(&world, &token, "residence", &[proof]).await;
        assert_eq!(answer.refusal(), (400, "invalid_proof".to_owned()), "{iat}");
    }
    assert_eq!(world.count("copies").await, 2);
}

#[tokio::test]
async fn h10_issuer_what_is_asked_for() {
    let world = World::x5c().await;
    let wallet = Wallet::new();
    let token = wallet.access_token(&world, "residence", "SYN-000001").await;
    let proof = key_proof(&fresh_key(), &c_nonce(&world).await);
    let ask = async |body: serde_json::Value| wallet.post(&world, "/credential", &token, body.to_string()).await;
    let proofs = json!({ "jwt": [proof] });
    let both =
        json!({ "credential_configuration_id": "residence", "credential_identifier": "residence", "proofs": proofs });
    assert_eq!(
        ask(both).await.refusal(),
        (400, "invalid_credential_request".to_owned())
    );
    let unknown = json!({ "credential_configuration_id": "library-card", "proofs": proofs });
    assert_eq!(
        ask(unknown).await.refusal(),
        (400, "unknown_credential_configuration".to_owned())
    );
    let named = json!({ "credential_identifier": "residence", "proofs": proofs });
    assert_eq!(
        ask(named).await.refusal(),
        (400, "unknown_credential_identifier".to_owned())
    );
    let without = json!({ "credential_configuration_id": "residence" });
    assert_eq!(ask(without).await.refusal(), (400, "invalid_proof".to_owned()));
    assert_eq!(world.count("copies").await, 0);
}

#[tokio::test]
async fn h11_issuer_a_token_for_one_card_does_not_get_another() {
    let world = World::x5c().await;
    let wallet = Wallet::new();
    let token = wallet.access_token(&world, "residence", "SYN-000001").await;
    let proof = key_proof(&fresh_key(), &c_nonce(&world).await);
    let answer = wallet
        .credential(&world, &token, "driving-licence", std::slice::from_ref(&proof))
        .await;
    assert_eq!(answer.refusal(), (403, "insufficient_scope".to_owned()));
    world.clock.advance(600);
    let answer = wallet.credential(&world, &token, "residence", &[proof]).await;
    assert_eq!(answer.refusal(), (401, "invalid_token".to_owned()), "expired");
    assert_eq!(world.count("copies").await, 0);
}

#[tokio::test]
async fn h13_issuer_an_answer_that_was_lost_is_issued_again_and_the_lost_copies_are_revoked() {
    let mut world = World::x5c().await;
    let wallet = Wallet::new();
    let token = wallet.access_token(&world, "residence", "SYN-000001").await;
    let (lost, _) = wallet.copies(&world, &token, "residence", 5).await;
    world.restart().await;
    let (kept, notification) = wallet.copies(&world, &token, "residence", 5).await;
    let statuses = crate::status::statuses(&world, &[lost, kept].concat()).await;
    assert_eq!(statuses, [[1; 5], [0; 5]].concat());
    assert_eq!(world.count("credentials").await, 1);
    let accepted = json!({ "notification_id": notification, "event": "credential_accepted" });
    assert_eq!(
        wallet
            .post(&world, "/notification", &token, accepted.to_string())
            .await
            .status,
        204
    );
    let proof = key_proof(&fresh_key(), &c_nonce(&world).await);
    let answer = wallet.credential(&world, &token, "residence", &[proof]).await;
    assert_eq!(answer.refusal(), (400, "credential_request_denied".to_owned()));
}

#[tokio::test]
async fn h14_issuer_notifications() {
    let world = World::x5c().await;
    let (wallet, other) = (Wallet::new(), Wallet::new());
    let token = wallet.access_token(&world, "residence", "SYN-000001").await;
    let (copies, id) = wallet.copies(&world, &token, "residence", 2).await;
    let notify = async |wallet: &Wallet, token: &str, id: &str, event: &str| {
        let body = json!({ "notification_id": id, "event": event });
        wallet.post(&world, "/notification", token, body.to_string()).await
    };
    let foreign = other.access_token(&world, "residence", "SYN-000002").await;
    let answer = notify(&other, &foreign, &id, "credential_deleted").await;
    assert_eq!(answer.refusal(), (401, "invalid_token".to_owned()));
    let answer = notify(&wallet, &token, "unknown", "credential_accepted").await;
    assert_eq!(answer.refusal(), (400, "invalid_notification_id".to_owned()));
    let answer = notify(&wallet, &token, &id, "credential_lost").await;
    assert_eq!(answer.refusal(), (400, "invalid_notification_request".to_owned()));
    assert_eq!(crate::status::statuses(&world, &copies).await, [0, 0]);
    for _ in 0..2 {
        let answer = notify(&wallet, &token, &id, "credential_failure").await;
        assert_eq!((answer.status.as_u16(), answer.body.len()), (204, 0));
    }
    assert_eq!(
        crate::status::statuses(&world, &copies).await,
        [1, 1],
        "copies that were not kept are revoked"
    );
}

#[tokio::test]
async fn what_has_run_out_is_dropped() {
    let world = World::x5c().await;
    let wallet = Wallet::new();
    let token = wallet.access_token(&world, "residence", "SYN-000001").await;
    wallet.copies(&world, &token, "residence", 1).await;
    world.offer("residence", "SYN-000002", false).await;
    world.app.forget().await.unwrap();
    assert!(world.count("used").await >= 3 && world.count("access_tokens").await == 1);
    world.clock.advance(3_600);
    world.app.forget().await.unwrap();
    assert_eq!((world.count("used").await, world.count("access_tokens").await), (0, 0));
    assert_eq!(world.count("offers WHERE code IS NOT NULL").await, 0);
    assert_eq!(world.count("offers").await, 2, "what was offered stays known");
}

#[tokio::test]
async fn a_key_proof_whose_signature_does_not_hold() {
    let world = World::x5c().await;
    let wallet = Wallet::new();
    let token = wallet.access_token(&world, "residence", "SYN-000001").await;
    let nonce = c_nonce(&world).await;
    let (proof, other) = (key_proof(&fresh_key(), &nonce), key_proof(&fresh_key(), &nonce));
    let (signed, _) = proof.rsplit_once('.').unwrap();
    let (_, signature) = other.rsplit_once('.').unwrap();
    let answer = wallet
        .credential(&world, &token, "residence", &[format!("{signed}.{signature}")])
        .await;
    assert_eq!(answer.refusal(), (400, "invalid_proof".to_owned()));
    assert_eq!(world.count("copies").await, 0);
}

#[tokio::test]
async fn an_access_token_in_the_query_is_none() {
    let world = World::x5c().await;
    let wallet = Wallet::new();
    let token = wallet.access_token(&world, "residence", "SYN-000001").await;
    let proof = key_proof(&fresh_key(), &c_nonce(&world).await);
    let body = json!({ "credential_configuration_id": "residence", "proofs": { "jwt": [proof] } });
    let request = http::Request::post(format!("/credential?access_token={token}"))
        .header("content-type", "application/json")
        .header("dpop", wallet.dpop(&world, "/credential", Some(&token)).await)
        .body(axum::body::Body::from(body.to_string()));
    assert_eq!(world.send(request.unwrap()).await.status, 401);
    assert_eq!(world.count("copies").await, 0);
}
