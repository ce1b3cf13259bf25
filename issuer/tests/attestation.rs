//! What wallets say about themselves and their keys, at the token and the credential endpoint. Catalogue H6 and H9

use axum::body::Body;
use http::Request;
use jose::{JwsHeader, PrivateJwk, PublicJwk, Signer, SigningKey};
use oid4vci::{
    CLIENT_ATTESTATION, CLIENT_ATTESTATION_POP, ClientAttestationDraft, Identifier, KeyAttestationDraft, Transport,
    make_attested_key_proof, make_client_attestation, make_client_attestation_pop, make_key_attestation,
};
use serde_json::{Value, json};

use crate::wallet::{Wallet, c_nonce, form, fresh_key, key_proof, signed};
use crate::world::{Answer, NOW, PUBLIC_URL, World};

const CLIENT: &str = "https://wallet.example";

/// A trusted attester, and a world whose issuer trusts it.
struct Case {
    world: World,
    attester: SigningKey,
}

fn issuer() -> Identifier {
    Identifier::parse(PUBLIC_URL, Transport::LoopbackHttp).unwrap()
}

impl Case {
    async fn new(wallets: &str, keys: &str) -> Self {
        Self::with_levels(wallets, keys, "[]").await
    }

    async fn with_levels(wallets: &str, keys: &str, levels: &str) -> Self {
        Self::with(wallets, keys, levels, "").await
    }

    async fn with(wallets: &str, keys: &str, levels: &str, more: &str) -> Self {
        let attester = fresh_key();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("attesters.json");
        let jwk = attester.public_jwk().clone().with_kid("attester-1").to_value();
        std::fs::write(&path, json!({ "keys": [jwk] }).to_string()).unwrap();
        let extra = format!(
            "[attestation]\nwallets = \"{wallets}\"\nkeys = \"{keys}\"\nkey_storage = {levels}\ntrusted_keys = {path:?}\n{more}"
        );
        Self {
            world: World::x5c_with(&extra).await,
            attester,
        }
    }

    fn header(&self) -> JwsHeader {
        JwsHeader::new(self.attester.algorithm()).with_kid("attester-1")
    }

    fn client(&self, key: &PublicJwk, expires_at: u64) -> String {
        let draft = ClientAttestationDraft {
            issuer: "https://attester.example",
            client_id: CLIENT,
            key,
            wallet_name: None,
            wallet_link: None,
            expires_at,
        };
        make_client_attestation(&draft, self.header(), &self.attester, NOW).unwrap()
    }

    fn keys(&self, keys: &[PublicJwk], nonce: &str) -> String {
        let draft = KeyAttestationDraft {
            issuer: "https://attester.example",
            keys,
            nonce: Some(nonce),
            expires_at: NOW + 60,
        };
        make_key_attestation(&draft, self.header(), &self.attester, NOW).unwrap()
    }

    /// A token request with these headers. The offer's code is good.
    async fn token(&self, wallet: &Wallet, headers: &[(&str, &str)], client_id: Option<&str>) -> Answer {
        let (offer, code, _) = self.world.offer("residence", "SYN-000001", false).await;
        let dpop = wallet.dpop(&self.world, "/token", None).await;
        let mut request = Request::post("/token")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("dpop", dpop);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut body = form(&code, None);
        if let Some(client_id) = client_id {
            body.push_str("&client_id=");
            body.push_str(client_id);
        }
        let answer = self.world.send(request.body(Body::from(body)).unwrap()).await;
        if answer.status != 200 {
            assert_eq!(
                self.world.offer_state(&offer).await["state"],
                "open",
                "the code is not burned"
            );
        }
        answer
    }

    async fn pop(&self, key: &SigningKey) -> String {
        make_client_attestation_pop(&issuer(), None, key, NOW, &mut service::random::fill).unwrap()
    }
}

fn invalid_client() -> (u16, String) {
    (401, "invalid_client".to_owned())
}

fn invalid_proof() -> (u16, String) {
    (400, "invalid_proof".to_owned())
}

#[tokio::test]
async fn an_attested_wallet_gets_a_token_once_for_a_proof() {
    let case = Case::new("required", "none").await;
    let server = case.world.get("/.well-known/oauth-authorization-server").await.json();
    assert_eq!(server["pre-authorized_grant_anonymous_access_supported"], false);
    let methods = json!(["attest_jwt_client_auth", "attest_jwt_client_auth_dpop"]);
    assert_eq!(server["token_endpoint_auth_methods_supported"], methods);
    assert_eq!(
        server["client_attestation_pop_signing_alg_values_supported"],
        json!(["ES256"])
    );
    let (wallet, key) = (Wallet::new(), fresh_key());
    let attestation = case.client(key.public_jwk(), NOW + 60);
    let pop = case.pop(&key).await;
    let headers = [
        (CLIENT_ATTESTATION, attestation.as_str()),
        (CLIENT_ATTESTATION_POP, pop.as_str()),
    ];
    let answer = case.token(&wallet, &headers, Some(CLIENT)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let again = case.token(&wallet, &headers, Some(CLIENT)).await;
    assert_eq!(again.refusal(), invalid_client(), "a proof of possession is good once");
}

#[tokio::test]
async fn h6_issuer_a_proof_of_possession_over_no_fresh_challenge_of_ours() {
    let case = Case::with("required", "none", "[]", "challenges = true").await;
    let server = case.world.get("/.well-known/oauth-authorization-server").await.json();
    assert_eq!(server["challenge_endpoint"], format!("{PUBLIC_URL}/challenge"));
    let given = async || {
        let request = Request::post("/challenge").body(Body::empty()).unwrap();
        let answer = case.world.send(request).await;
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        answer.json()["attestation_challenge"].as_str().unwrap().to_owned()
    };
    let (wallet, key) = (Wallet::new(), fresh_key());
    let attestation = case.client(key.public_jwk(), NOW + 3_600);
    let old = given().await;
    case.world.clock.advance(300);
    let token = async |challenge: Option<&str>| {
        let (now, random) = (NOW + 300, &mut service::random::fill);
        let pop = make_client_attestation_pop(&issuer(), challenge, &key, now, random).unwrap();
        let headers = [
            (CLIENT_ATTESTATION, attestation.as_str()),
            (CLIENT_ATTESTATION_POP, pop.as_str()),
        ];
        case.token(&wallet, &headers, Some(CLIENT)).await
    };
    let of_another_kind = c_nonce(&case.world).await;
    for challenge in [
        None,
        Some("made up"),
        Some(old.as_str()),
        Some(of_another_kind.as_str()),
    ] {
        let answer = token(challenge).await;
        assert_eq!(
            answer.refusal(),
            (400, "use_attestation_challenge".to_owned()),
            "{challenge:?}"
        );
        let along = answer.header("oauth-client-attestation-challenge").unwrap().to_owned();
        assert_eq!(token(Some(&along)).await.status, 200, "what goes along is good");
    }
    assert_eq!(token(Some(&given().await)).await.status, 200);
}

#[tokio::test]
async fn h6_issuer_wallets_that_are_not_what_they_say() {
    let case = Case::new("required", "none").await;
    let (wallet, key, stranger) = (Wallet::new(), fresh_key(), fresh_key());
    let good = case.client(key.public_jwk(), NOW + 60);
    let expired = case.client(key.public_jwk(), NOW);
    let forged = {
        let draft = json!({ "sub": CLIENT, "exp": NOW + 60, "cnf": { "jwk": key.public_jwk().to_value() } });
        let header = JwsHeader::new(stranger.algorithm()).with_typ("oauth-client-attestation+jwt");
        [
            signed(&stranger, &header.clone().with_kid("attester-1"), &draft),
            signed(&stranger, &header.clone().with_kid("attester-2"), &draft),
            signed(&stranger, &header.with_jwk(stranger.public_jwk().clone()), &draft),
        ]
    };
    let nameless = json!({ "exp": NOW + 60, "cnf": { "jwk": key.public_jwk().to_value() } });
    let nameless = signed(
        &case.attester,
        &case.header().with_typ("oauth-client-attestation+jwt"),
        &nameless,
    );
    let pop_header = JwsHeader::new(key.algorithm()).with_typ("oauth-client-attestation-pop+jwt");
    let elsewhere = signed(
        &key,
        &pop_header,
        &json!({ "aud": "https://other.example", "jti": "1", "iat": NOW }),
    );
    let old = signed(
        &key,
        &pop_header,
        &json!({ "aud": PUBLIC_URL, "jti": "1", "iat": NOW - 301 }),
    );
    let others = [
        (&expired, case.pop(&key).await, "expired"),
        (&good, elsewhere, "other audience"),
        (&good, old, "old proof"),
        (&good, case.pop(&stranger).await, "another key than attested"),
        (&forged[0], case.pop(&key).await, "forged under a trusted name"),
        (&forged[1], case.pop(&key).await, "of an attester that is not trusted"),
        (&forged[2], case.pop(&key).await, "with a key of its own"),
        (&nameless, case.pop(&key).await, "without sub"),
    ];
    for (attestation, pop, what) in others {
        let headers = [
            (CLIENT_ATTESTATION, attestation.as_str()),
            (CLIENT_ATTESTATION_POP, pop.as_str()),
        ];
        assert_eq!(
            case.token(&wallet, &headers, None).await.refusal(),
            invalid_client(),
            "{what}"
        );
    }
    let pop = case.pop(&key).await;
    assert_eq!(case.token(&wallet, &[], None).await.refusal(), invalid_client(), "none");
    assert_eq!(
        case.token(&wallet, &[(CLIENT_ATTESTATION_POP, pop.as_str())], None)
            .await
            .refusal(),
        invalid_client()
    );
    let twice = [
        (CLIENT_ATTESTATION, good.as_str()),
        (CLIENT_ATTESTATION, good.as_str()),
        (CLIENT_ATTESTATION_POP, pop.as_str()),
    ];
    assert_eq!(
        case.token(&wallet, &twice, None).await.refusal(),
        invalid_client(),
        "twice"
    );
    let headers = [
        (CLIENT_ATTESTATION, good.as_str()),
        (CLIENT_ATTESTATION_POP, pop.as_str()),
    ];
    let answer = case.token(&wallet, &headers, Some("https://other.example")).await;
    assert_eq!(answer.refusal(), invalid_client(), "another client_id");
    assert_eq!(case.world.count("access_tokens").await, 0);
}

/// A key of a kind that is not published.
fn edwards_key() -> SigningKey {
    SigningKey::new(&PrivateJwk::generate_ed25519(&mut service::random::fill)).unwrap()
}

#[tokio::test]
async fn h6_issuer_attestations_of_another_kind_key_or_time() {
    let case = Case::new("required", "none").await;
    let (wallet, key, edwards) = (Wallet::new(), fresh_key(), edwards_key());
    let of = |key: &SigningKey| {
        let jwk = key.public_jwk().to_value();
        json!({ "sub": CLIENT, "iat": NOW, "exp": NOW + 60, "cnf": { "jwk": jwk } })
    };
    let changed = |change: fn(&mut Value)| {
        let mut claims = of(&key);
        change(&mut claims);
        claims
    };
    let typ = "oauth-client-attestation+jwt";
    let cases = [
        (of(&key), typ, &key, None),
        (of(&edwards), typ, &edwards, Some("a curve that is not published")),
        (of(&key), "key-attestation+jwt", &key, Some("another type")),
        (
            changed(|claims| claims["cnf"]["jwk"]["d"] = json!("AQ")),
            typ,
            &key,
            Some("a private member"),
        ),
        (
            changed(|claims| claims["cnf"] = json!({ "kid": "1" })),
            typ,
            &key,
            Some("no key"),
        ),
        (
            changed(|claims| claims["exp"] = Value::Null),
            typ,
            &key,
            Some("an end that is no date"),
        ),
        (
            changed(|claims| claims["iat"] = json!(NOW + 61)),
            typ,
            &key,
            Some("from ahead"),
        ),
    ];
    for (claims, typ, key, what) in cases {
        let attestation = signed(&case.attester, &case.header().with_typ(typ), &claims);
        let pop = case.pop(key).await;
        let headers = [
            (CLIENT_ATTESTATION, attestation.as_str()),
            (CLIENT_ATTESTATION_POP, pop.as_str()),
        ];
        let answer = case.token(&wallet, &headers, None).await;
        match what {
            None => assert_eq!(answer.status, 200, "{answer:?}"),
            Some(what) => assert_eq!(answer.refusal(), invalid_client(), "{what}"),
        }
    }
}

#[tokio::test]
async fn h9_issuer_a_dpop_key_that_is_not_attested() {
    let case = Case::new("required", "none").await;
    let (wallet, key) = (Wallet::new(), fresh_key());
    let other = case.client(key.public_jwk(), NOW + 60);
    let answer = case.token(&wallet, &[(CLIENT_ATTESTATION, other.as_str())], None).await;
    assert_eq!(
        answer.refusal(),
        invalid_client(),
        "the DPoP proof is the proof of possession, with another key"
    );
    let own = case.client(wallet.dpop_key.public_jwk(), NOW + 60);
    assert_eq!(
        case.token(&wallet, &[(CLIENT_ATTESTATION, own.as_str())], None)
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn what_is_optional_must_hold_and_what_is_not_looked_at_need_not() {
    let case = Case::new("optional", "none").await;
    let wallet = Wallet::new();
    assert_eq!(case.token(&wallet, &[], None).await.status, 200);
    let expired = case.client(wallet.dpop_key.public_jwk(), NOW);
    assert_eq!(
        case.token(&wallet, &[(CLIENT_ATTESTATION, expired.as_str())], None)
            .await
            .refusal(),
        invalid_client()
    );
    let case = Case::new("none", "none").await;
    assert_eq!(
        case.token(&wallet, &[(CLIENT_ATTESTATION, "rubbish")], None)
            .await
            .status,
        200
    );
}

async fn access(case: &Case, wallet: &Wallet) -> String {
    case.token(wallet, &[], None).await.json()["access_token"]
        .as_str()
        .unwrap()
        .to_owned()
}

async fn ask(case: &Case, wallet: &Wallet, token: &str, proofs: Value) -> Answer {
    let body = json!({ "credential_configuration_id": "residence", "proofs": proofs });
    wallet.post(&case.world, "/credential", token, body.to_string()).await
}

#[tokio::test]
async fn attested_keys_get_a_copy_each_by_either_proof_type() {
    let case = Case::new("none", "required").await;
    let metadata = case.world.get("/.well-known/openid-credential-issuer").await.json();
    let types = &metadata["credential_configurations_supported"]["residence"]["proof_types_supported"];
    for kind in ["jwt", "attestation"] {
        assert_eq!(types[kind]["key_attestations_required"], json!({}), "{kind}");
    }
    let wallet = Wallet::new();
    let token = access(&case, &wallet).await;
    let keys = [fresh_key(), fresh_key(), fresh_key()];
    let public: Vec<PublicJwk> = keys.iter().map(|key| key.public_jwk().clone()).collect();
    let nonce = c_nonce(&case.world).await;
    let attestation = case.keys(&public, &nonce);
    let proof = make_attested_key_proof(&issuer(), Some(&nonce), &attestation, &keys[0], NOW).unwrap();
    let first = ask(&case, &wallet, &token, json!({ "jwt": [proof] })).await;
    assert_eq!(first.status, 200, "{}", String::from_utf8_lossy(&first.body));
    let replayed = ask(&case, &wallet, &token, json!({ "attestation": [attestation] })).await;
    assert_eq!(
        replayed.refusal(),
        (400, "invalid_nonce".to_owned()),
        "the nonce of an attestation is spent, too"
    );
    let attestation = case.keys(&public, &c_nonce(&case.world).await);
    let second = ask(&case, &wallet, &token, json!({ "attestation": [attestation] })).await;
    for answer in [first, second] {
        let body = answer.json();
        let copies = body["credentials"].as_array().unwrap();
        assert_eq!(copies.len(), 3);
        for (copy, key) in copies.iter().zip(&public) {
            let payload = crate::status::payload(copy["credential"].as_str().unwrap());
            assert_eq!(payload["cnf"]["jwk"], key.to_value());
        }
    }
}

#[tokio::test]
async fn h9_issuer_a_proof_key_that_is_not_attested() {
    let case = Case::new("none", "required").await;
    let wallet = Wallet::new();
    let token = access(&case, &wallet).await;
    let (key, other) = (fresh_key(), fresh_key());
    let nonce = c_nonce(&case.world).await;
    let attestation = case.keys(&[other.public_jwk().clone()], &nonce);
    let proof = make_attested_key_proof(&issuer(), Some(&nonce), &attestation, &key, NOW).unwrap();
    let plain = key_proof(&key, &nonce);
    let tampered = {
        let mut text = attestation.clone();
        let last = text.pop().unwrap();
        text.push(if last == 'A' { 'Q' } else { 'A' });
        make_attested_key_proof(&issuer(), Some(&nonce), &text, &other, NOW).unwrap()
    };
    for (proof, what) in [
        (proof, "other key"),
        (plain, "no attestation"),
        (tampered, "changed attestation"),
    ] {
        let answer = ask(&case, &wallet, &token, json!({ "jwt": [proof] })).await;
        assert_eq!(answer.refusal(), invalid_proof(), "{what}");
    }
    let both = json!({ "jwt": [key_proof(&key, &nonce)], "attestation": [attestation] });
    assert_eq!(
        ask(&case, &wallet, &token, both).await.refusal(),
        invalid_proof(),
        "two proof types"
    );
    let six: Vec<PublicJwk> = (0..6).map(|_| fresh_key().public_jwk().clone()).collect();
    let many = case.keys(&six, &nonce);
    assert_eq!(
        ask(&case, &wallet, &token, json!({ "attestation": [many] }))
            .await
            .refusal(),
        invalid_proof()
    );
    assert_eq!(case.world.count("copies").await, 0);
    assert_eq!(case.world.count("used WHERE kind = 1").await, 0);
}

#[tokio::test]
async fn h9_issuer_attestations_of_keys_that_do_not_hold() {
    let case = Case::new("none", "required").await;
    let wallet = Wallet::new();
    let token = access(&case, &wallet).await;
    let (key, stranger, edwards) = (fresh_key(), fresh_key(), edwards_key());
    let nonce = c_nonce(&case.world).await;
    let of = |key: &SigningKey| {
        let jwk = key.public_jwk().to_value();
        json!({ "iat": NOW, "exp": NOW + 60, "nonce": nonce, "attested_keys": [jwk] })
    };
    let changed = |change: fn(&mut Value)| {
        let mut claims = of(&key);
        change(&mut claims);
        claims
    };
    let typ = "key-attestation+jwt";
    let own = &case.attester;
    let private = changed(|claims| claims["attested_keys"][0]["d"] = json!("AQ"));
    for (claims, typ, signer, what) in [
        (of(&edwards), typ, own, "a curve that is not published"),
        (of(&key), "oauth-client-attestation+jwt", own, "another type"),
        (of(&key), typ, &stranger, "signed by another"),
        (private, typ, own, "a private member"),
        (changed(|claims| claims["exp"] = json!(NOW)), typ, own, "expired"),
        (
            changed(|claims| claims["iat"] = json!(NOW + 61)),
            typ,
            own,
            "from ahead",
        ),
        (changed(|claims| claims["iat"] = Value::Null), typ, own, "no time"),
    ] {
        let attestation = signed(signer, &case.header().with_typ(typ), &claims);
        let answer = ask(&case, &wallet, &token, json!({ "attestation": [attestation] })).await;
        assert_eq!(answer.refusal(), invalid_proof(), "{what}");
    }
    assert_eq!(case.world.count("used WHERE kind = 1").await, 0);
    let good = signed(own, &case.header().with_typ(typ), &of(&key));
    let answer = ask(&case, &wallet, &token, json!({ "attestation": [good] })).await;
    assert_eq!(answer.status, 200, "{answer:?}");
}

#[tokio::test]
async fn software_keys_do_not_reach_a_level_that_is_asked_for() {
    let case = Case::with_levels("none", "required", "[\"iso_18045_high\"]").await;
    let metadata = case.world.get("/.well-known/openid-credential-issuer").await.json();
    let types = &metadata["credential_configurations_supported"]["residence"]["proof_types_supported"];
    let required = &types["jwt"]["key_attestations_required"];
    assert_eq!(required, &json!({ "key_storage": ["iso_18045_high"] }));
    let wallet = Wallet::new();
    let token = access(&case, &wallet).await;
    let attestation = case.keys(&[fresh_key().public_jwk().clone()], &c_nonce(&case.world).await);
    let answer = ask(&case, &wallet, &token, json!({ "attestation": [attestation] })).await;
    assert_eq!(answer.refusal(), invalid_proof());
}

#[tokio::test]
async fn attestations_that_are_not_evaluated_prove_nothing() {
    let world = World::x5c().await;
    let wallet = Wallet::new();
    let token = wallet.access_token(&world, "residence", "SYN-000001").await;
    let body = json!({ "credential_configuration_id": "residence", "proofs": { "attestation": ["a.b.c"] } });
    let answer = wallet.post(&world, "/credential", &token, body.to_string()).await;
    assert_eq!(answer.refusal(), invalid_proof());
}
