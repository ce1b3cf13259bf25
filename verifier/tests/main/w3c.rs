//! W3C credentials through the service's own routes: the same promises as for every format.

use card_formats::{Binding, Format, Holder, NewBits, NewCopy};
use http::{Method, StatusCode};
use jose::PrivateJwk;
use oid4vp::PresentationRequest;
use serde_json::{Value, json};
use service::Clock;
use status_list::{Bits, Status, StatusList, StatusPurpose, StatusReference};
use test_case::test_case;
use testkit::credential::{key, signer, vct};
use verifier::load_checks;
use w3c_vc::{CREDENTIALS_V2, Challenge, Contexts, HolderKey, sign_presentation};

use crate::added::{check_of, provisioning, with_token};
use crate::site::Reply;
use crate::wallet::assert_outcome;
use crate::world::{CHECKS, LIST, Options, World};

const CHECK: &str = r#"
[[check]]
id = "home-w3c"
purpose = { en = "Residents only", de = "Nur Einwohner", fr = "Habitants seulement" }
channel = "online"
privacy_policy = "https://shop.example/privacy"
dcql = '''{"credentials":[{"id":"home","format":"ldp_vc",
  "meta":{"type_values":[["urn:holdfast:vct:residence:1"]]},
  "claims":[{"path":["credentialSubject","country"]}]}]}'''
types = { "home.country" = "string" }
rule = 'home.country == "DE"'
[check.issuers]
"urn:holdfast:vct:residence:1" = ["accredited"]

[[check]]
id = "student-w3c"
purpose = { en = "Students only", de = "Nur Studierende", fr = "Étudiants seulement" }
channel = "online"
privacy_policy = "https://shop.example/privacy"
dcql = '''{"credentials":[{"id":"home","format":"ldp_vc",
  "meta":{"type_values":[["urn:holdfast:vct:student-card:1"]]},
  "claims":[{"path":["credentialSubject","institution_name"]}]}]}'''
types = { "home.institution_name" = "string" }
rule = 'home.institution_name == "Synthetic University"'
[check.issuers]
"urn:holdfast:vct:student-card:1" = ["accredited"]
"#;

/// A world with a check for a W3C credential.
pub(crate) async fn world() -> World {
    World::with(Options {
        checks: |_| format!("{CHECKS}{CHECK}"),
        ..Options::default()
    })
    .await
}

impl World {
    /// The agency publishes Bitstring Status Lists that say this.
    pub(crate) fn publish_bits(&self, list: &StatusList) {
        for purpose in StatusPurpose::ALL {
            self.publish_bits_by(list, purpose, &self.issuer().key);
        }
    }

    fn publish_bits_by(&self, list: &StatusList, purpose: StatusPurpose, by: &PrivateJwk) {
        let agency = self.issuer();
        let bits = NewBits {
            token_list: LIST,
            purpose,
            list,
            issuer: &agency.did,
            kid: &agency.kid,
            signed_at: self.clock.now(),
            expires: self.clock.now() + 24 * 3_600,
            time_to_live: 3_600,
            signer: &signer(by),
        };
        let text = bits.sign().unwrap();
        self.site
            .set(&purpose.list_beside(LIST), Reply::Body(text.into_bytes()));
    }

    /// A residence as a W3C credential, with this place.
    pub(crate) fn w3c_card(&self, index: u64) -> String {
        let claims = json!({ "country": "DE", "locality": "Musterstadt (synthetic)" });
        self.w3c_card_of("residence", &claims, index)
    }

    fn w3c_card_of(&self, kind: &str, claims: &Value, index: u64) -> String {
        let agency = self.issuer();
        let copy = NewCopy {
            card_type: &vct(kind),
            issuer: &agency.did,
            kid: &agency.kid,
            x5c: None,
            issued_at: self.clock.now() - 1_000,
            expires: self.clock.now() + 100_000,
            holder_key: self.holder.public(),
            status: StatusReference::of_token(LIST, index),
            claims: claims.as_object().unwrap(),
            digests: 0,
            signer: &signer(&agency.key),
        };
        Format::W3C.issue(&copy, &mut |out: &mut [u8]| out.fill(0)).unwrap()
    }

    fn w3c_shown(&self, card: &str, audience: &str, nonce: &str) -> String {
        let binding = Binding {
            audience,
            nonce,
            handover: None,
        };
        let holder = Holder {
            key: &signer(&self.holder),
            now: self.clock.now(),
        };
        Format::W3C.held(card).unwrap().present(&[], binding, holder).unwrap()
    }

    /// Shows the card for the check, changed on the way.
    pub(crate) async fn w3c(&self, card: &str, change: impl FnOnce(&PresentationRequest, String) -> String) -> Value {
        self.w3c_for("home-w3c", card, change).await
    }

    async fn w3c_for(
        &self,
        check: &str,
        card: &str,
        change: impl FnOnce(&PresentationRequest, String) -> String,
    ) -> Value {
        let opened = self.open(check).await;
        let request = self.request(&opened).await;
        let text = self.w3c_shown(card, &request.client_id().to_string(), request.nonce().as_str());
        let text = change(&request, text);
        self.answer(&opened, request, "home", text).await
    }

    async fn w3c_as_it_is(&self, card: &str) -> Value {
        self.w3c(card, |_, text| text).await
    }
}

pub(crate) fn changed(text: &str, pointer: &str, value: Value) -> String {
    let mut document: Value = serde_json::from_str(text).unwrap();
    *document.pointer_mut(pointer).unwrap() = value;
    document.to_string()
}

#[tokio::test]
async fn a_w3c_credential_gets_a_verdict_as_every_card_does() {
    let world = world().await;
    assert_outcome(&world.w3c_as_it_is(&world.w3c_card(3)).await, "yes", "ok");
}

#[tokio::test]
async fn an_added_business_gets_one_too_where_the_first_one_asks_for_none() {
    let mut world = World::with(provisioning()).await;
    world.publish_bits(&world.statuses);
    let organisation = world.add_waiting("corner-shop").await;
    let (status, problem) = world.set_checks("corner-shop", &[check_of(CHECK, "home-w3c")]).await;
    assert_eq!(status, StatusCode::NO_CONTENT, "{problem}");
    world.register_added("corner-shop", &organisation).await;
    let file = world.folder.path().join("w3c.toml");
    std::fs::write(&file, CHECK).unwrap();
    let purpose = load_checks(&file).unwrap()["home-w3c"].to_purpose().unwrap();
    world.write_purposes(&organisation, vec![purpose]);
    world.refresh().await;
    let scopes = ["sessions:write", "sessions:read"];
    let fresh = world.make_token("corner-shop", &scopes, None).await;
    let token = fresh["token"].as_str().unwrap();
    let sessions = "/api/v1/checks/home-w3c/sessions";
    let (status, opened) = world.call(with_token(token, Method::POST, sessions, &json!({}))).await;
    assert_eq!(status, StatusCode::OK, "{opened}");
    let request = world.request_of(&opened, organisation.did().as_str()).await;
    let audience = request.client_id().to_string();
    let shown = world.w3c_shown(&world.w3c_card(3), &audience, request.nonce().as_str());
    assert_eq!(world.respond(request, &[("home", shown)]).await.0, StatusCode::OK);
    let (_, outcome) = world.outcome_for(token, &opened["id"]).await;
    assert_outcome(&outcome, "yes", "ok");
}

#[tokio::test]
async fn lists_of_bits_are_fetched_where_a_check_asks_for_such_cards_alone() {
    let bits = |world: &World| {
        let asked = world.site.asked();
        asked.iter().filter(|address| address.ends_with("/revocation")).count()
    };
    assert_eq!(bits(&World::new().await), 0);
    assert!(bits(&world().await) > 0);
}

#[test_case("/verifiableCredential/0/credentialSubject/country", json!("FR"), "malformed_credential" ; "a claim")]
#[test_case("/verifiableCredential/0/validUntil", json!("2040-01-01T00:00:00Z"), "malformed_credential" ; "its end")]
#[test_case("/verifiableCredential/0/proof/proofValue", json!("zAAAA"), "malformed_credential" ; "its signature")]
#[test_case("/proof/created", json!("2026-11-20T11:59:59Z"), "holder_binding_mismatch" ; "when it was shown")]
#[tokio::test]
async fn a_w3c_credential_is_refused_whatever_is_changed(place: &str, value: Value, reason: &str) {
    let world = world().await;
    let outcome = world
        .w3c(&world.w3c_card(3), |_, text| changed(&text, place, value))
        .await;
    assert_outcome(&outcome, "no", reason);
}

#[test_case(json!(["https://www.w3.org/ns/credentials/v2", "https://a.example/v1"]) ; "an address")]
#[test_case(json!(["https://www.w3.org/ns/credentials/v2", {"country": "https://a.example/#x"}]) ; "definitions")]
#[tokio::test]
async fn contexts_of_others_are_refused_and_not_fetched(context: Value) {
    let world = world().await;
    let outcome = world
        .w3c(&world.w3c_card(3), |_, text| {
            changed(&text, "/verifiableCredential/0/@context", context)
        })
        .await;
    assert_outcome(&outcome, "no", "malformed_credential");
    assert!(!world.site.asked().iter().any(|address| address.contains("a.example")));
}

#[test_case(json!(1_795_176_000) ; "a number")]
#[test_case(json!(null) ; "nothing")]
#[test_case(json!("soon") ; "a word")]
#[test_case(json!("2026-11-20") ; "a day")]
#[tokio::test]
async fn a6_verifier_w3c_dates_that_are_no_dates(date: Value) {
    let world = world().await;
    let card = changed(&world.w3c_card(3), "/validUntil", date);
    let outcome = world
        .w3c(&world.w3c_card(3), |_, text| {
            let card = serde_json::from_str(&card).unwrap();
            changed(&text, "/verifiableCredential/0", card)
        })
        .await;
    assert_outcome(&outcome, "no", "malformed_credential");
}

#[tokio::test]
async fn b15_verifier_w3c_type_that_was_not_asked_for() {
    let world = world().await;
    let student = json!({ "institution_name": "Synthetic University" });
    let card = world.w3c_card_of("student-card", &student, 3);
    assert_outcome(&world.w3c_as_it_is(&card).await, "no", "rule_not_met");
}

#[tokio::test]
async fn b17_verifier_w3c_issuer_of_another_type() {
    let world = world().await;
    let student = json!({ "institution_name": "Synthetic University" });
    let card = world.w3c_card_of("student-card", &student, 3);
    let outcome = world.w3c_for("student-w3c", &card, |_, text| text).await;
    assert_outcome(&outcome, "no", "issuer_not_accepted");
}

#[tokio::test]
async fn g5_verifier_w3c_a_text_where_an_object_is_due() {
    let world = world().await;
    let opened = world.open("home-w3c").await;
    let request = world.request(&opened).await;
    let (status, reply) = world.respond(request, &[("home", "eyJ~".to_owned())]).await;
    assert_eq!(
        (status.as_u16(), reply["error"].as_str()),
        (400, Some("invalid_request"))
    );
}

#[tokio::test]
async fn b9_verifier_w3c_without_a_presentation() {
    let world = world().await;
    let card = world.w3c_card(3);
    let outcome = world.w3c(&card, |_, _| card.clone()).await;
    assert_outcome(&outcome, "no", "holder_binding_mismatch");
}

#[tokio::test]
async fn b11_verifier_w3c_for_another_request() {
    let world = world().await;
    let card = world.w3c_card(3);
    let outcome = world
        .w3c(&card, |request, _| {
            world.w3c_shown(&card, &request.client_id().to_string(), "n-other")
        })
        .await;
    assert_outcome(&outcome, "no", "holder_binding_mismatch");
}

#[tokio::test]
async fn b14_verifier_w3c_for_another_verifier() {
    let world = world().await;
    let card = world.w3c_card(3);
    let outcome = world
        .w3c(&card, |request, _| {
            world.w3c_shown(&card, "x509_hash:other", request.nonce().as_str())
        })
        .await;
    assert_outcome(&outcome, "no", "holder_binding_mismatch");
}

#[tokio::test]
async fn b13_verifier_w3c_by_another_key() {
    let world = world().await;
    let stolen = world.w3c_card(3);
    let thief = key(51);
    let did = did::key::from_public_key(thief.public()).unwrap();
    let presentation = json!({
        "@context": [CREDENTIALS_V2], "type": ["VerifiablePresentation"], "holder": did.as_str(),
        "verifiableCredential": [serde_json::from_str::<Value>(&stolen).unwrap()],
    });
    let outcome = world
        .w3c(&stolen, |request, _| {
            let challenge = Challenge {
                audience: &request.client_id().to_string(),
                nonce: request.nonce().as_str(),
            };
            sign_presentation(
                presentation.as_object().unwrap().clone(),
                &Contexts::bundled().unwrap(),
                &HolderKey::from_id(did.as_str()).unwrap(),
                challenge,
                world.clock.now(),
                &signer(&thief),
            )
            .unwrap()
        })
        .await;
    assert_outcome(&outcome, "no", "holder_binding_mismatch");
}

#[test_case(Status::Invalid, "revoked" ; "revoked")]
#[test_case(Status::Suspended, "suspended" ; "suspended")]
#[tokio::test]
async fn d8_verifier_w3c_status_in_bits(status: Status, reason: &str) {
    let mut world = world().await;
    let card = world.w3c_card(3);
    // The token says nothing: what is read is the list of bits.
    let mut list = StatusList::new(Bits::Two, 1_024);
    list.set(3, status).unwrap();
    world.publish_bits(&list);
    world.refresh().await;
    assert_outcome(&world.w3c_as_it_is(&card).await, "no", reason);
    assert_outcome(&world.w3c_as_it_is(&world.w3c_card(4)).await, "yes", "ok");
}

#[tokio::test]
async fn d6_verifier_w3c_bits_that_are_not_those_recorded() {
    let mut world = world().await;
    let card = world.w3c_card(3);
    world.clock.advance(60);
    world.set_status(3, Status::Invalid);
    // Whoever asks for bits is told that all is well.
    world.publish_bits(&StatusList::new(Bits::Two, 1_024));
    world.refresh().await;
    assert_outcome(&world.w3c_as_it_is(&card).await, "no", "revoked");
}

#[tokio::test]
async fn d4_verifier_w3c_bits_that_have_run_out() {
    let mut world = world().await;
    let card = world.w3c_card(3);
    world.clock.advance(24 * 3_600);
    world.publish_lists_as_they_are();
    world.refresh().await;
    let outcome = world.w3c_as_it_is(&card).await;
    assert_outcome(&outcome, "could_not_check", "status_unavailable");
    world.publish_bits(&world.statuses);
    world.refresh().await;
    assert_outcome(&world.w3c_as_it_is(&card).await, "yes", "ok");
}

#[tokio::test]
async fn d6_verifier_w3c_bits_by_another_signer() {
    let mut world = world().await;
    let card = world.w3c_card(3);
    // What was held before has run out by then.
    world.clock.advance(24 * 3_600);
    world.publish_lists_as_they_are();
    for purpose in StatusPurpose::ALL {
        world.publish_bits_by(&world.statuses, purpose, &key(52));
    }
    world.refresh().await;
    let outcome = world.w3c_as_it_is(&card).await;
    assert_outcome(&outcome, "could_not_check", "status_unavailable");
}

#[tokio::test]
async fn d6_verifier_w3c_bits_of_another_address() {
    let mut world = world().await;
    let card = world.w3c_card(3);
    world.clock.advance(24 * 3_600);
    world.publish_lists();
    let other = StatusPurpose::Suspension.list_beside(LIST);
    world.site.copy(&other, &StatusPurpose::Revocation.list_beside(LIST));
    world.refresh().await;
    let outcome = world.w3c_as_it_is(&card).await;
    assert_outcome(&outcome, "could_not_check", "status_unavailable");
}

#[tokio::test]
async fn d2_verifier_w3c_place_beyond_the_list() {
    let world = world().await;
    let outcome = world.w3c_as_it_is(&world.w3c_card(131_072)).await;
    assert_outcome(&outcome, "no", "malformed_credential");
}
