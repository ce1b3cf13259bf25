//! People who sign in, where cards have to be approved and wallets say what they are. OpenID4VCI 1.0 §9 and Appendix E,
//! RFC 9126 §2

use axum::body::Body;
use http::Request;
use jose::{JwsHeader, Signer, SigningKey};
use oid4vci::{
    CLIENT_ATTESTATION, CLIENT_ATTESTATION_POP, ClientAttestationDraft, Identifier, Transport, make_client_attestation,
    make_client_attestation_pop,
};
use serde_json::{Value, json};

use crate::citizens::{Browser, CLIENT, Push, code, opened, parameter, refresh_form};
use crate::wallet::{Wallet, c_nonce, fresh_key, key_proof};
use crate::world::{Answer, NOW, PUBLIC_URL, World};

const SOMEBODY: &str = "SYN-000001";

#[tokio::test]
async fn a_card_that_nobody_offered_waits_for_an_officer() {
    let world = World::citizens_with("approval = [\"residence\"]").await;
    let wallet = Wallet::new();
    let push = Push::of("person-identification residence");
    let code = code(&world, &push, SOMEBODY).await;
    let token = wallet.redeem(&world, push.redeeming(&code)).await.json();
    assert_eq!(token["expires_in"], 2_592_000);
    let access = token["access_token"].as_str().unwrap();
    wallet.copies(&world, access, "person-identification", 1).await;
    let proof = key_proof(&fresh_key(), &c_nonce(&world).await);
    let answer = wallet.credential(&world, access, "residence", &[proof]).await;
    assert_eq!(answer.status, 202, "{}", String::from_utf8_lossy(&answer.body));
    let transaction = json!({ "transaction_id": answer.json()["transaction_id"] }).to_string();

    let listed = world.api("GET", "/api/v1/offers", Value::Null).await.json();
    let id = listed["offers"][0]["id"].as_str().unwrap();
    let expected = json!({ "offers": [{ "id": id, "credential_type": "residence", "subject": SOMEBODY }] });
    assert_eq!(listed, expected);
    assert_eq!(world.get("/api/v1/offers").await.status, 401);
    let approved = world
        .api("POST", &format!("/api/v1/offers/{id}/approve"), Value::Null)
        .await;
    assert_eq!(approved.status, 200);

    let answer = wallet.post(&world, "/deferred", access, transaction).await;
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    assert_eq!(answer.json()["credentials"].as_array().unwrap().len(), 1);
    let listed = world.api("GET", "/api/v1/offers", Value::Null).await.json();
    assert_eq!(listed, json!({ "offers": [] }));

    let refreshed = wallet.redeem(&world, refresh_form(token["refresh_token"].as_str().unwrap()));
    let refreshed = refreshed.await.json();
    assert_eq!(refreshed["expires_in"], 600, "nobody has to wait any more");
    let access = refreshed["access_token"].as_str().unwrap();
    wallet.copies(&world, access, "residence", 1).await;
}

/// A token for a code.
async fn access(world: &World, wallet: &Wallet, push: &Push, code: &str) -> String {
    let answer = wallet.redeem(world, push.redeeming(code)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()["access_token"].as_str().unwrap().to_owned()
}

async fn ask(world: &World, wallet: &Wallet, token: &str) -> Answer {
    let proof = key_proof(&fresh_key(), &c_nonce(world).await);
    wallet.credential(world, token, "residence", &[proof]).await
}

/// What a wallet hears in place of a code.
async fn refused(world: &World) -> Option<String> {
    let target = Push::of("residence").pushed(world).await;
    let url = Browser::default().whole(world, &target, SOMEBODY).await;
    parameter(&url, "error")
}

fn access_denied() -> Option<String> {
    Some("access_denied".to_owned())
}

/// Changes the status of the newest card.
async fn change(world: &World, change: &str) {
    let card: String = sqlx::query_scalar("SELECT id FROM credentials ORDER BY issued_at DESC")
        .fetch_one(world.app.store().reader())
        .await
        .unwrap();
    let path = format!("/api/v1/credentials/{card}/{change}");
    assert_eq!(world.api("POST", &path, Value::Null).await.status, 200);
}

#[tokio::test]
async fn signing_in_again_undoes_no_denial() {
    let world = World::citizens_with("approval = [\"residence\"]").await;
    let wallet = Wallet::new();
    let (push, later) = (Push::of("residence"), Push::of("residence"));
    let codes = [
        code(&world, &push, SOMEBODY).await,
        code(&world, &later, SOMEBODY).await,
    ];
    let token = access(&world, &wallet, &push, &codes[0]).await;
    assert_eq!(ask(&world, &wallet, &token).await.status, 202);
    assert_eq!(refused(&world).await, access_denied(), "an officer has not decided yet");
    let listed = world.api("GET", "/api/v1/offers", Value::Null).await.json();
    assert_eq!(listed["offers"].as_array().unwrap().len(), 1);
    let offer = listed["offers"][0]["id"].as_str().unwrap();
    let denied = world
        .api("POST", &format!("/api/v1/offers/{offer}/deny"), Value::Null)
        .await;
    assert_eq!(denied.status, 200);
    assert_eq!(refused(&world).await, access_denied());
    let answer = wallet.redeem(&world, later.redeeming(&codes[1])).await;
    assert_eq!(
        answer.refusal(),
        (400, "invalid_grant".to_owned()),
        "signed in before the denial"
    );
    assert_eq!(world.count("offers").await, 1);
    assert_eq!(world.count("credentials").await, 0);
}

#[tokio::test]
async fn signing_in_again_undoes_no_revocation_and_no_suspension() {
    let world = World::citizens().await;
    let wallet = Wallet::new();
    let offered = wallet.access_token(&world, "residence", SOMEBODY).await;
    wallet.copies(&world, &offered, "residence", 1).await;
    change(&world, "suspend").await;
    assert_eq!(refused(&world).await, access_denied());
    change(&world, "reactivate").await;
    let push = Push::of("residence");
    let token = access(&world, &wallet, &push, &code(&world, &push, SOMEBODY).await).await;
    change(&world, "revoke").await;
    assert_eq!(refused(&world).await, access_denied());
    let answer = ask(&world, &wallet, &token).await;
    assert_eq!(
        answer.refusal(),
        (400, "credential_request_denied".to_owned()),
        "signed in before the revocation"
    );
    assert_eq!(world.count("credentials").await, 1);

    world.clock.advance(1);
    let again = wallet.access_token(&world, "residence", SOMEBODY).await;
    wallet.copies(&world, &again, "residence", 1).await;
    assert_eq!(refused(&world).await, None, "the agency has given a new card out");
}

#[tokio::test]
async fn an_offer_that_waits_for_an_officer_is_not_gone_round() {
    let world = World::citizens().await;
    let wanted = json!({ "credential_type": "residence", "subject": SOMEBODY, "approval": true });
    let made = world.api("POST", "/api/v1/offers", wanted).await.json();
    let offer = made["id"].as_str().unwrap();
    assert_eq!(refused(&world).await, access_denied());
    let approved = world
        .api("POST", &format!("/api/v1/offers/{offer}/approve"), Value::Null)
        .await;
    assert_eq!(approved.status, 200);
    assert_eq!(refused(&world).await, None);
}

#[tokio::test]
async fn an_offer_that_ran_out_before_anybody_decided_is_in_nobodys_way() {
    let world = World::citizens().await;
    let wanted = json!({ "credential_type": "residence", "subject": SOMEBODY, "approval": true });
    let made = world.api("POST", "/api/v1/offers", wanted).await.json();
    let left = made["expires_at"].as_u64().unwrap() - NOW;
    assert_eq!(refused(&world).await, access_denied());
    world.clock.advance(left);
    assert_eq!(refused(&world).await, None);
}

#[tokio::test]
async fn a_card_that_was_approved_is_issued_whatever_became_of_another_offer() {
    let world = World::citizens_with("approval = [\"residence\"]").await;
    let wallet = Wallet::new();
    let push = Push::of("residence");
    let token = access(&world, &wallet, &push, &code(&world, &push, SOMEBODY).await).await;
    let answer = ask(&world, &wallet, &token).await;
    assert_eq!(answer.status, 202);
    let transaction = json!({ "transaction_id": answer.json()["transaction_id"] }).to_string();
    let listed = world.api("GET", "/api/v1/offers", Value::Null).await.json();
    let own = listed["offers"][0]["id"].as_str().unwrap().to_owned();

    let wanted = json!({ "credential_type": "residence", "subject": SOMEBODY, "approval": true });
    let other = world.api("POST", "/api/v1/offers", wanted).await.json();
    for (offer, decision) in [(own.as_str(), "approve"), (other["id"].as_str().unwrap(), "deny")] {
        let path = format!("/api/v1/offers/{offer}/{decision}");
        assert_eq!(world.api("POST", &path, Value::Null).await.status, 200);
    }
    let answer = wallet.post(&world, "/deferred", &token, transaction).await;
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
}

#[tokio::test]
async fn whoever_signs_in_often_has_one_card_and_its_limit() {
    let world = World::citizens().await;
    let wallet = Wallet::new();
    for _ in 0..5 {
        let push = Push::of("residence");
        let token = access(&world, &wallet, &push, &code(&world, &push, SOMEBODY).await).await;
        assert_eq!(ask(&world, &wallet, &token).await.status, 200);
    }
    let push = Push::of("residence");
    let token = access(&world, &wallet, &push, &code(&world, &push, SOMEBODY).await).await;
    let answer = ask(&world, &wallet, &token).await;
    assert_eq!(answer.refusal(), (400, "credential_request_denied".to_owned()));
    assert_eq!((world.count("offers").await, world.count("credentials").await), (1, 1));
    assert_eq!(world.count("copies WHERE status = 0").await, 1);
    world.clock.advance(86_400);
    let push = Push::of("residence");
    let token = access(&world, &wallet, &push, &code(&world, &push, SOMEBODY).await).await;
    assert_eq!(ask(&world, &wallet, &token).await.status, 200);
}

/// An issuer that looks at attestations, and a wallet that has one.
struct Attested {
    world: World,
    attester: SigningKey,
    attestation: String,
    key: SigningKey,
}

impl Attested {
    async fn new(wallets: &str) -> Self {
        let (attester, key) = (fresh_key(), fresh_key());
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("attesters.json");
        let jwk = attester.public_jwk().clone().with_kid("attester-1").to_value();
        std::fs::write(&path, json!({ "keys": [jwk] }).to_string()).unwrap();
        let extra = format!("attestation.wallets = \"{wallets}\"\nattestation.trusted_keys = {path:?}");
        Self {
            world: World::citizens_with(&extra).await,
            attestation: attested(&attester, &key),
            attester,
            key,
        }
    }

    /// Lets another wallet with its attestation ask from now on; the one before waits in its place.
    fn change_places(&mut self, other: &mut (SigningKey, String)) {
        std::mem::swap(&mut self.key, &mut other.0);
        std::mem::swap(&mut self.attestation, &mut other.1);
    }

    fn pop(&self) -> String {
        let server = Identifier::parse(PUBLIC_URL, Transport::LoopbackHttp).unwrap();
        make_client_attestation_pop(&server, None, &self.key, NOW, &mut service::random::fill).unwrap()
    }

    /// A form with attestation, proof of possession, and a DPoP proof where there is one.
    async fn send(&self, path: &str, form: String, pop: &str, dpop: Option<String>) -> Answer {
        let mut request = Request::post(path)
            .header("content-type", "application/x-www-form-urlencoded")
            .header(CLIENT_ATTESTATION, &self.attestation)
            .header(CLIENT_ATTESTATION_POP, pop);
        if let Some(dpop) = dpop {
            request = request.header("dpop", dpop);
        }
        self.world.send(request.body(Body::from(form)).unwrap()).await
    }

    /// A code for a person who signed in, on a request that this wallet pushed.
    async fn code(&self, push: &Push) -> String {
        let pushed = self.send("/par", push.form(), &self.pop(), None).await;
        assert_eq!(pushed.status, 201, "{pushed:?}");
        let target = opened(pushed.json()["request_uri"].as_str().unwrap());
        let url = Browser::default().whole(&self.world, &target, SOMEBODY).await;
        parameter(&url, "code").unwrap()
    }

    /// A token request of this wallet.
    async fn token(&self, wallet: &Wallet, form: String) -> Answer {
        let dpop = wallet.dpop(&self.world, "/token", None).await;
        self.send("/token", form, &self.pop(), Some(dpop)).await
    }
}

/// What the attester says of a key.
fn attested(attester: &SigningKey, key: &SigningKey) -> String {
    let draft = ClientAttestationDraft {
        issuer: "https://attester.example",
        client_id: CLIENT,
        key: key.public_jwk(),
        wallet_name: None,
        wallet_link: None,
        expires_at: NOW + 600,
    };
    let header = JwsHeader::new(attester.algorithm()).with_kid("attester-1");
    make_client_attestation(&draft, header, attester, NOW).unwrap()
}

fn invalid_client() -> (u16, String) {
    (401, "invalid_client".to_owned())
}

#[tokio::test]
async fn h6_issuer_wallets_are_attested_when_they_push_redeem_and_refresh() {
    let case = Attested::new("required").await;
    let (world, wallet, push) = (&case.world, Wallet::new(), Push::of("residence"));
    assert_eq!(push.send(world).await.refusal(), invalid_client(), "nobody says so");
    assert_eq!(world.count("authorization_requests").await, 0);
    let pop = case.pop();
    let pushed = case.send("/par", push.form(), &pop, None).await;
    assert_eq!(pushed.status, 201, "{pushed:?}");
    let again = case.send("/par", push.form(), &pop, None).await;
    assert_eq!(again.refusal(), invalid_client(), "a proof of possession is good once");
    let other = Push::of("residence").with("client_id", Some("other-wallet"));
    let other = case.send("/par", other.form(), &case.pop(), None).await;
    assert_eq!(other.refusal(), invalid_client(), "another client_id");

    let code = case.code(&push).await;
    let plain = wallet.redeem(world, push.redeeming(&code)).await;
    assert_eq!(plain.refusal(), invalid_client());
    let unnamed = push.redeeming(&code).replace(&format!("&client_id={CLIENT}"), "");
    let token = case.token(&wallet, unnamed).await;
    assert_eq!(token.status, 200, "the attestation names the client: {token:?}");
    let token = token.json();
    wallet
        .copies(world, token["access_token"].as_str().unwrap(), "residence", 1)
        .await;

    let refresh = refresh_form(token["refresh_token"].as_str().unwrap());
    assert_eq!(wallet.redeem(world, refresh.clone()).await.refusal(), invalid_client());
    assert_eq!(case.token(&wallet, refresh).await.status, 200);
}

/// draft-ietf-oauth-attestation-based-client-auth, "Refresh token binding": the client id is that of all wallets of one
/// kind, the attested key that of one of them.
#[tokio::test]
async fn h6_issuer_a_code_and_a_refresh_token_belong_to_one_attested_wallet() {
    let mut case = Attested::new("optional").await;
    let (wallet, push) = (Wallet::new(), Push::of("residence"));
    let code = case.code(&push).await;
    let invalid_grant = || (400, "invalid_grant".to_owned());
    let plain = wallet.redeem(&case.world, push.redeeming(&code)).await;
    assert_eq!(
        plain.refusal(),
        invalid_grant(),
        "it does not say any more which wallet it is"
    );
    let key = fresh_key();
    let attestation = attested(&case.attester, &key);
    let mut another = (key, attestation);
    case.change_places(&mut another);
    let other = case.token(&wallet, push.redeeming(&code)).await;
    assert_eq!(other.refusal(), invalid_grant(), "another wallet of the same kind");
    case.change_places(&mut another);
    let token = case.token(&wallet, push.redeeming(&code)).await;
    assert_eq!(token.status, 200, "{token:?}");

    let refresh = refresh_form(token.json()["refresh_token"].as_str().unwrap());
    let plain = wallet.redeem(&case.world, refresh.clone()).await;
    assert_eq!(plain.refusal(), invalid_grant());
    case.change_places(&mut another);
    let other = case.token(&wallet, refresh.clone()).await;
    assert_eq!(other.refusal(), invalid_grant());
    case.change_places(&mut another);
    assert_eq!(case.token(&wallet, refresh).await.status, 200);
}
