//! One card type in several formats: what is published, offered, issued and taken back.

use std::collections::HashSet;

use card_formats::{Format, Requirements, Trusted, VerifiedCopy};
use jose::x5c::{TrustAnchors, UnverifiedChain};
use jose::{Signer, VerifyingKey};
use oid4vci::{OfferLink, Transport};
use serde_json::{Value, json};
use status_list::Status;

use crate::d::change;
use crate::status::{bits, list};
use crate::wallet::{Wallet, c_nonce, fresh_key, key_proof};
use crate::world::{Answer, NOW, World};

pub(crate) const FORMATS: &str = r#"
    formats = { driving-licence = ["dc+sd-jwt", "mso_mdoc"], student-card = ["ldp_vc"] }
    credential_types = ["driving-licence", "student-card"]
    office = { country = "DE", distinguishing_sign = "D" }
"#;
const SUBJECT: &str = "SYN-000001";
/// A card in each format, and the configuration under which it is issued.
pub(crate) const EACH_FORMAT: [(Format, &str, &str); 3] = [
    (Format::SD_JWT_VC, "driving-licence", "driving-licence"),
    (Format::MDOC, "driving-licence", "driving-licence.mdoc"),
    (Format::W3C, "student-card", "student-card.w3c"),
];

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

/// A token for a fresh offer of a card in these formats, and the id of the offer.
pub(crate) async fn token(world: &World, wallet: &Wallet, card: &str, formats: &[&str]) -> (String, String) {
    let (offer, _, code) = made(world, wanted(card, formats)).await;
    let answer = wallet.token(world, &code, None).await.json();
    (answer["access_token"].as_str().unwrap().to_owned(), offer)
}

fn wanted(card: &str, formats: &[&str]) -> Value {
    json!({ "credential_type": card, "subject": SUBJECT, "form": "value", "formats": formats })
}

fn licence(formats: &[&str]) -> Value {
    wanted("driving-licence", formats)
}

/// A copy for a fresh key, as the issuer answers.
async fn asked(world: &World, wallet: &Wallet, token: &str, configuration: &str) -> (Answer, jose::SigningKey) {
    let key = fresh_key();
    let proof = key_proof(&key, &c_nonce(world).await);
    let answer = wallet.credential(world, token, configuration, &[proof]).await;
    (answer, key)
}

/// The same, verified as a wallet does that knows the issuer's key.
async fn copy(
    world: &World,
    wallet: &Wallet,
    token: &str,
    format: Format,
    configuration: &str,
) -> Box<dyn VerifiedCopy> {
    let (issued, key) = asked(world, wallet, token, configuration).await;
    assert_eq!(issued.status, 200, "{issued:?}");
    let json = issued.json();
    let copy = &json["credentials"][0]["credential"];
    let text = copy.as_str().map_or_else(|| copy.to_string(), str::to_owned);
    let issuer_key = VerifyingKey::new(world.app.identity().key.public_jwk()).unwrap();
    let by = Trusted {
        issuer_key: &issuer_key,
        anchors: None,
        requirements: Requirements::Haip,
        now: NOW,
    };
    format.received(&text).unwrap().verify(by, key.public_jwk()).unwrap()
}

/// One copy in each format, each of a card of its own; and the ids of the cards.
async fn one_of_each(world: &World, wallet: &Wallet) -> Vec<(Box<dyn VerifiedCopy>, String)> {
    let mut copies = Vec::new();
    for (format, card, configuration) in EACH_FORMAT {
        let (token, offer) = token(world, wallet, card, &[format.name()]).await;
        let copy = copy(world, wallet, &token, format, configuration).await;
        copies.push((copy, card_of(world, &offer).await));
    }
    copies
}

async fn card_of(world: &World, offer: &str) -> String {
    let state = world.offer_state(offer).await;
    state["credential_id"].as_str().unwrap().to_owned()
}

/// What is published of a copy: what is not good in one of its places, or that all are.
async fn published(world: &World, copy: &dyn VerifiedCopy) -> Status {
    let mut worst = Status::Valid;
    for place in copy.statuses() {
        let list = match (place.beside_which(), place.purpose) {
            (Some(token), Some(purpose)) => bits(world, &token.uri, purpose).await,
            _ => list(world, &place.uri).await,
        };
        let said = list.look_up(place).unwrap();
        if said != Status::Valid {
            worst = said;
        }
    }
    worst
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
        let (token, _) = token(&world, &wallet, "driving-licence", offered).await;
        let (answer, _) = asked(&world, &wallet, &token, wanted).await;
        assert_eq!(answer.refusal(), (403, "insufficient_scope".to_owned()));
    }
    assert_eq!(world.count("copies").await, 0);
}

#[tokio::test]
async fn a_licence_is_signed_as_iso_licences_are() {
    let world = World::x5c_with(FORMATS).await;
    let wallet = Wallet::new();
    let (token, _) = token(&world, &wallet, "driving-licence", &["mso_mdoc"]).await;
    let (issued, key) = asked(&world, &wallet, &token, "driving-licence.mdoc").await;
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
    for card in ["driving-licence", "student-card"] {
        let forms: Vec<_> = EACH_FORMAT.into_iter().filter(|(_, of, _)| *of == card).collect();
        let names: Vec<&str> = forms.iter().map(|(format, ..)| format.name()).collect();
        let (token, offer) = token(&world, &wallet, card, &names).await;
        let mut copies = Vec::new();
        for (format, _, configuration) in &forms {
            copies.push(copy(&world, &wallet, &token, *format, configuration).await);
        }
        let id = card_of(&world, &offer).await;
        for (what, expected) in [
            ("suspend", Status::Suspended),
            ("reactivate", Status::Valid),
            ("revoke", Status::Invalid),
        ] {
            assert_eq!(change(&world, &id, what).await.0, 200);
            for copy in &copies {
                assert_eq!(published(&world, copy.as_ref()).await, expected, "{}", copy.card_type());
            }
        }
        for (_, _, configuration) in &forms {
            let (again, _) = asked(&world, &wallet, &token, configuration).await;
            let denied = (400, "credential_request_denied".to_owned());
            assert_eq!(again.refusal(), denied, "nothing is issued in any format after that");
        }
    }
}

#[tokio::test]
async fn d11_issuer_no_two_copies_have_one_place_whatever_their_formats() {
    let world = World::x5c_with(FORMATS).await;
    let wallet = Wallet::new();
    let mut places = Vec::new();
    for _ in 0..5 {
        for (copy, _) in one_of_each(&world, &wallet).await {
            let place = copy.status().unwrap();
            places.push(place.beside_which().unwrap_or_else(|| place.clone()));
        }
    }
    let of_their_own: HashSet<_> = places.iter().map(|place| (place.uri.as_str(), place.index)).collect();
    assert_eq!(of_their_own.len(), 15);
    let indexes: Vec<u64> = places.iter().map(|place| place.index).collect();
    assert!(!indexes.is_sorted(), "nobody can foresee them");
}

#[tokio::test]
async fn d12_issuer_killed_between_a_revocation_and_its_publication_in_every_format() {
    let mut world = World::x5c_with(FORMATS).await;
    let cards = one_of_each(&world, &Wallet::new()).await;
    for (copy, id) in &cards {
        let before = published(&world, copy.as_ref()).await;
        assert_eq!(before, Status::Valid, "its lists are being served");
        assert_eq!(change(&world, id, "revoke").await.0, 200);
    }
    world.restart().await;
    for (copy, _) in &cards {
        let after = published(&world, copy.as_ref()).await;
        assert_eq!(after, Status::Invalid, "{}", copy.card_type());
    }
}
