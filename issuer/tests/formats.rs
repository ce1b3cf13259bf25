//! One card type in several formats: what is published, offered, issued and taken back.

use card_formats::{Format, Requirements, Trusted};
use jose::x5c::{TrustAnchors, UnverifiedChain};
use jose::{Signer, VerifyingKey};
use oid4vci::{OfferLink, Transport};
use serde_json::{Value, json};

use crate::wallet::{Wallet, c_nonce, fresh_key, key_proof};
use crate::world::{NOW, World};

const FORMATS: &str = r#"
    formats = { driving-licence = ["dc+sd-jwt", "mso_mdoc"], student-card = ["ldp_vc"] }
    credential_types = ["driving-licence", "student-card"]
    office = { country = "DE", distinguishing_sign = "D" }
"#;
const SUBJECT: &str = "SYN-000001";

/// Offers a card; the id of the offer, the configurations in it, and its code.
async fn made(world: &World, wanted: Value) -> (String, Vec<String>, String) {
    let answer = world.api("POST", "/api/v1/offers", wanted).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let made = answer.json();
    let Ok(OfferLink::ByValue(offer)) = OfferLink::parse(made["offer_uri"].as_str().unwrap(), Transport::LoopbackHttp)
    else {
        panic!("{made}")
    };
    let id = made["id"].as_str().unwrap().to_owned();
    let code = offer.grants.pre_authorized_code.unwrap().pre_authorized_code;
    (id, offer.credential_configuration_ids, code)
}

async fn offered(world: &World, wanted: Value) -> Vec<String> {
    made(world, wanted).await.1
}

/// A token for a fresh offer in these formats, and the id of the offer.
async fn token(world: &World, wallet: &Wallet, formats: &[&str]) -> (String, String) {
    let (offer, _, code) = made(world, licence(formats)).await;
    let answer = wallet.token(world, &code, None).await.json();
    (answer["access_token"].as_str().unwrap().to_owned(), offer)
}

fn licence(formats: &[&str]) -> Value {
    json!({ "credential_type": "driving-licence", "subject": SUBJECT, "form": "value", "formats": formats })
}

#[tokio::test]
async fn what_is_published_names_the_claims_where_the_format_has_them() {
    let world = World::x5c_with(FORMATS).await;
    let metadata = world.get("/.well-known/openid-credential-issuer").await.json();
    let known = &metadata["credential_configurations_supported"];
    let mdoc = &known["driving-licence.mdoc"];
    assert_eq!(
        (mdoc["format"].as_str(), mdoc["doctype"].as_str()),
        (Some("mso_mdoc"), Some("org.iso.18013.5.1.mDL"))
    );
    let claims = mdoc["credential_metadata"]["claims"].as_array().unwrap();
    let path = json!(["org.iso.18013.5.1", "document_number"]);
    let number = claims.iter().find(|claim| claim["path"] == path).unwrap();
    assert_eq!(number["display"].as_array().unwrap().len(), 3);
    assert_eq!(known["student-card.w3c"]["format"], "ldp_vc");
    assert!(known.get("driving-licence.mdoc.offline").is_none() && known.get("student-card").is_none());
}

#[tokio::test]
async fn nobody_gets_a_card_twice_unless_that_is_wanted() {
    let world = World::x5c_with(FORMATS).await;
    assert_eq!(offered(&world, licence(&[])).await, ["driving-licence"]);
    assert_eq!(offered(&world, licence(&["mso_mdoc"])).await, ["driving-licence.mdoc"]);
    assert_eq!(
        offered(&world, licence(&["dc+sd-jwt", "mso_mdoc"])).await,
        ["driving-licence", "driving-licence.mdoc"]
    );
    for unknown in ["ldp_vc", "paper"] {
        let answer = world.api("POST", "/api/v1/offers", licence(&[unknown])).await;
        assert_eq!(answer.refusal(), (422, "unknown_format".to_owned()));
    }
}

#[tokio::test]
async fn where_the_agency_says_so_the_wallet_gets_every_format_and_chooses() {
    let world = World::x5c_with(&format!("{FORMATS}    offer_every_format = true\n")).await;
    assert_eq!(
        offered(&world, licence(&[])).await,
        ["driving-licence", "driving-licence.mdoc"]
    );
    assert_eq!(offered(&world, licence(&["mso_mdoc"])).await, ["driving-licence.mdoc"]);
}

#[tokio::test]
async fn h11_issuer_a_token_gets_no_format_that_was_not_offered() {
    let world = World::x5c_with(FORMATS).await;
    let wallet = Wallet::new();
    let none: &[&str] = &[];
    for (offered, wanted) in [(none, "driving-licence.mdoc"), (&["mso_mdoc"][..], "driving-licence")] {
        let (token, _) = token(&world, &wallet, offered).await;
        let proof = key_proof(&fresh_key(), &c_nonce(&world).await);
        let answer = wallet.credential(&world, &token, wanted, &[proof]).await;
        assert_eq!(answer.refusal(), (403, "insufficient_scope".to_owned()));
    }
    assert_eq!(world.count("copies").await, 0);
}

#[tokio::test]
async fn a_licence_is_signed_as_iso_licences_are() {
    let world = World::x5c_with(FORMATS).await;
    let wallet = Wallet::new();
    let (token, _) = token(&world, &wallet, &["mso_mdoc"]).await;
    let key = fresh_key();
    let proof = key_proof(&key, &c_nonce(&world).await);
    let issued = wallet
        .credential(&world, &token, "driving-licence.mdoc", &[proof])
        .await;
    assert_eq!(issued.status, 200, "{issued:?}");
    let copy = issued.json()["credentials"][0]["credential"]
        .as_str()
        .unwrap()
        .to_owned();
    let authority = std::fs::read_to_string(world.folder.path().join("data/identity/ca.pem")).unwrap();
    let anchors = TrustAnchors::from_pem([authority]).unwrap();
    let received = Format::MDOC.received(&copy).unwrap();
    let hints = received.hints();
    let chain = UnverifiedChain::parse(hints.x5c.unwrap()).unwrap();
    let leaf = chain.verify(&anchors, NOW, hints.purpose).unwrap();
    let issuer_key: VerifyingKey = leaf.verifying_key().clone();
    let by = Trusted {
        issuer_key: &issuer_key,
        anchors: Some(&anchors),
        requirements: Requirements::Haip,
        now: NOW,
    };
    let verified = received.verify(by, key.public_jwk()).unwrap();
    assert_eq!(verified.card_type(), "org.iso.18013.5.1.mDL");
    let said = verified.values();
    assert_eq!(said["org.iso.18013.5.1"]["issuing_country"], "DE");
    assert!(said["urn:holdfast:namespace:driving-licence:1"]["category_b"].is_boolean());
}

#[tokio::test]
async fn d10_issuer_a_card_is_revoked_in_every_format() {
    let world = World::x5c_with(FORMATS).await;
    let wallet = Wallet::new();
    let (token, offer) = token(&world, &wallet, &["dc+sd-jwt", "mso_mdoc"]).await;
    for configuration in ["driving-licence", "driving-licence.mdoc"] {
        wallet.copies(&world, &token, configuration, 2).await;
    }
    let state = world.offer_state(&offer).await;
    let revoke = format!(
        "/api/v1/credentials/{}/revoke",
        state["credential_id"].as_str().unwrap()
    );
    world.api("POST", &revoke, Value::Null).await;
    let revoked: i64 = sqlx::query_scalar("SELECT count(*) FROM copies WHERE status = 1")
        .fetch_one(world.app.store().reader())
        .await
        .unwrap();
    assert_eq!((world.count("copies").await, revoked), (4, 4));
    let proof = key_proof(&fresh_key(), &c_nonce(&world).await);
    let again = wallet
        .credential(&world, &token, "driving-licence.mdoc", &[proof])
        .await;
    assert_eq!(
        again.refusal(),
        (400, "credential_request_denied".to_owned()),
        "nothing is issued in any format after that"
    );
}
