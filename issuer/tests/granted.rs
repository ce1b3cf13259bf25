//! What the tokens of a sign-in are good for, and until when. Catalogue H5, H10 and H11

use serde_json::{Value, json};

use crate::citizens::{CLIENT, Push, code, refresh_form};
use crate::wallet::{Wallet, c_nonce, fresh_key, key_proof, key_proof_of};
use crate::world::{Answer, PUBLIC_URL, World};

const SOMEBODY: &str = "SYN-000001";
const SOMEBODY_ELSE: &str = "SYN-000002";

#[tokio::test]
async fn h11_issuer_a_token_for_one_scope_gets_nothing_else() {
    let world = World::citizens().await;
    let (wallet, other) = (Wallet::new(), Wallet::new());
    let push = Push::of("residence");
    let code = code(&world, &push, SOMEBODY).await;
    let token = wallet.redeem(&world, push.redeeming(&code)).await.json();
    let token = token["access_token"].as_str().unwrap();
    let proof = key_proof(&fresh_key(), &c_nonce(&world).await);
    let proof = std::slice::from_ref(&proof);
    let answer = wallet.credential(&world, token, "person-identification", proof).await;
    assert_eq!(answer.refusal(), (403, "insufficient_scope".to_owned()));
    let answer = other.credential(&world, token, "residence", proof).await;
    assert_eq!(
        answer.refusal(),
        (401, "invalid_token".to_owned()),
        "a token of another wallet"
    );
    assert_eq!(world.count("copies").await, 0);
}

#[tokio::test]
async fn h10_issuer_authorization_details_are_answered_with_identifiers() {
    let world = World::citizens().await;
    let wallet = Wallet::new();
    let details = json!([
        { "type": "openid_credential", "credential_configuration_id": "residence", "locations": [PUBLIC_URL], "x": 1 },
        { "type": "openid_credential", "credential_configuration_id": "person-identification" },
    ])
    .to_string();
    let push = Push::of("residence").with("authorization_details", Some(&details));
    let code = code(&world, &push, SOMEBODY).await;
    let more = json!([{ "type": "openid_credential", "credential_configuration_id": "driving-licence" }]);
    let less = json!([{ "type": "openid_credential", "credential_configuration_id": "residence" }]);
    let with = |details: &Value| {
        let details: String = url::form_urlencoded::byte_serialize(details.to_string().as_bytes()).collect();
        format!("{}&authorization_details={details}", push.redeeming(&code))
    };
    let answer = wallet.redeem(&world, with(&more)).await;
    assert_eq!(answer.refusal(), (400, "invalid_authorization_details".to_owned()));
    let token = wallet.redeem(&world, with(&less)).await.json();
    let granted = json!([{
        "type": "openid_credential", "credential_configuration_id": "residence", "credential_identifiers": ["residence"],
    }]);
    assert_eq!(token["authorization_details"], granted);
    let token = token["access_token"].as_str().unwrap();
    let ask = async |named: Value| {
        let proof = key_proof(&fresh_key(), &c_nonce(&world).await);
        let mut body = named;
        body["proofs"] = json!({ "jwt": [proof] });
        wallet.post(&world, "/credential", token, body.to_string()).await
    };
    let answer = ask(json!({ "credential_configuration_id": "residence" })).await;
    assert_eq!(answer.refusal(), (400, "invalid_credential_request".to_owned()));
    let answer = ask(json!({ "credential_identifier": "library-card" })).await;
    assert_eq!(answer.refusal(), (400, "unknown_credential_identifier".to_owned()));
    let answer = ask(json!({ "credential_identifier": "person-identification" })).await;
    assert_eq!(
        answer.refusal(),
        (403, "insufficient_scope".to_owned()),
        "given up in the token request"
    );
    assert_eq!(ask(json!({ "credential_identifier": "residence" })).await.status, 200);
}

#[tokio::test]
async fn h11_issuer_one_sign_in_for_two_cards() {
    let world = World::citizens().await;
    let wallet = Wallet::new();
    let push = Push::of("residence person-identification");
    let code = code(&world, &push, SOMEBODY).await;
    let token = wallet.redeem(&world, push.redeeming(&code)).await.json();
    let token = token["access_token"].as_str().unwrap();
    wallet.copies(&world, token, "residence", 1).await;
    wallet.copies(&world, token, "person-identification", 1).await;
    assert_eq!(world.count("credentials").await, 2);
}

#[tokio::test]
async fn h11_issuer_an_access_token_in_the_query_is_none() {
    let world = World::citizens().await;
    let wallet = Wallet::new();
    let push = Push::of("residence");
    let code = code(&world, &push, SOMEBODY).await;
    let token = wallet.redeem(&world, push.redeeming(&code)).await.json();
    let token = token["access_token"].as_str().unwrap();
    let proof = key_proof(&fresh_key(), &c_nonce(&world).await);
    let body = json!({ "credential_configuration_id": "residence", "proofs": { "jwt": [proof] } });
    let dpop = wallet.dpop(&world, "/credential", Some(token)).await;
    let request = http::Request::post(format!("/credential?access_token={token}"))
        .header("content-type", "application/json")
        .header("dpop", dpop)
        .body(axum::body::Body::from(body.to_string()));
    let answer = world.send(request.unwrap()).await;
    assert_eq!(answer.status, 401);
    assert_eq!(world.count("copies").await, 0);
}

/// OpenID4VCI 1.0 Appendix F.1: `iss` of a key proof is the client that the token was given, and is left out where that
/// has no name.
#[tokio::test]
async fn a_key_proof_names_the_client_of_the_token_or_none() {
    let world = World::citizens().await;
    let wallet = Wallet::new();
    let push = Push::of("residence");
    let code = code(&world, &push, SOMEBODY).await;
    let token = wallet.redeem(&world, push.redeeming(&code)).await.json();
    let refresh = refresh_form(token["refresh_token"].as_str().unwrap());
    let refreshed = wallet.redeem(&world, refresh).await.json();
    let anonymous = wallet.access_token(&world, "residence", SOMEBODY_ELSE).await;
    let ask = async |token: &str, client: &str| {
        let proof = key_proof_of(client, &fresh_key(), &c_nonce(&world).await);
        wallet.credential(&world, token, "residence", &[proof]).await
    };
    for token in [&token["access_token"], &refreshed["access_token"]] {
        let token = token.as_str().unwrap();
        let other = ask(token, "other-wallet").await;
        assert_eq!(other.refusal(), (400, "invalid_proof".to_owned()));
        assert_eq!(ask(token, CLIENT).await.status, 200);
    }
    let nameless = ask(&anonymous, CLIENT).await;
    assert_eq!(nameless.refusal(), (400, "invalid_proof".to_owned()));
}

/// Runs a request while another holds the store and then takes the token's authorization back.
async fn taken_back_meanwhile(world: &World, request: impl Future<Output = Answer>) -> Answer {
    let mut write = world.app.store().begin().await.unwrap();
    let grant: String = sqlx::query_scalar("SELECT grant_id FROM access_tokens")
        .fetch_one(world.app.store().reader())
        .await
        .unwrap();
    let take_back = async {
        // Long enough for the request to have read its token; were it not, it would be refused all the same.
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        issuer::store::tokens::revoke_grant(&mut write, &grant).await.unwrap();
        write.commit().await.unwrap();
    };
    futures_util::future::join(request, take_back).await.0
}

#[tokio::test]
async fn h5_issuer_a_token_that_is_taken_back_while_cards_are_asked_for_gets_none() {
    let world = World::citizens().await;
    let wallet = Wallet::new();
    let push = Push::of("residence");
    let code = code(&world, &push, SOMEBODY).await;
    let token = wallet.redeem(&world, push.redeeming(&code)).await.json();
    let token = token["access_token"].as_str().unwrap();
    let proofs = [key_proof(&fresh_key(), &c_nonce(&world).await)];
    let request = wallet.credential(&world, token, "residence", &proofs);
    let answer = taken_back_meanwhile(&world, request).await;
    assert_eq!(answer.refusal(), (401, "invalid_token".to_owned()));
    assert_eq!(world.count("copies").await, 0);
}

#[tokio::test]
async fn h5_issuer_a_token_that_is_taken_back_while_it_notifies_changes_nothing() {
    let world = World::citizens().await;
    let wallet = Wallet::new();
    let push = Push::of("residence");
    let code = code(&world, &push, SOMEBODY).await;
    let token = wallet.redeem(&world, push.redeeming(&code)).await.json();
    let token = token["access_token"].as_str().unwrap();
    let (copies, id) = wallet.copies(&world, token, "residence", 1).await;
    let deleted = json!({ "notification_id": id, "event": "credential_deleted" }).to_string();
    let answer = taken_back_meanwhile(&world, wallet.post(&world, "/notification", token, deleted)).await;
    assert_eq!(answer.refusal(), (401, "invalid_token".to_owned()));
    assert_eq!(crate::status::statuses(&world, &copies).await, [0]);
}
