//! W3C credentials through the service's own routes: the same promises as for every format.

use card_formats::{Binding, Format, Holder, NewBits, NewCopy};
use http::{Method, StatusCode};
use jose::PrivateJwk;
use oid4vp::PresentationRequest;
use serde_json::{Value, json};
use service::Clock;
use status_list::{StatusList, StatusPurpose, StatusReference};
use test_case::test_case;
use testkit::credential::{signer, vct};
use testkit::w3c::Forge;
use verifier::load_checks;

use crate::added::{check_of, provisioning, with_token};
use crate::forge::copy;
use crate::site::Reply;
use crate::wallet::assert_outcome;
use crate::world::{CHECKS, LIST, Options, World};

pub(crate) const CHECK: &str = r#"
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
        self.publish_each(|purpose| self.bits(list, purpose, &self.issuer().key));
    }

    /// The agency publishes these as its lists of bits.
    pub(crate) fn publish_each(&self, text: impl Fn(StatusPurpose) -> String) {
        for purpose in StatusPurpose::ALL {
            let text = text(purpose).into_bytes();
            self.site.set(&purpose.list_beside(LIST), Reply::Body(text));
        }
    }

    /// A list of bits that says this, signed with this key.
    pub(crate) fn bits(&self, list: &StatusList, purpose: StatusPurpose, by: &PrivateJwk) -> String {
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
        bits.sign().unwrap()
    }

    /// A residence as a W3C credential, with this place.
    pub(crate) fn w3c_card(&self, index: u64) -> String {
        self.w3c_card_on(LIST, &vct("residence"), index)
    }

    /// What a residence says, as a W3C credential of any type, with this place in this list.
    pub(crate) fn w3c_card_on(&self, list: &str, card_type: &str, index: u64) -> String {
        let claims = json!({ "country": "DE", "locality": "Musterstadt (synthetic)" });
        self.w3c_card_of(card_type, &claims, StatusReference::of_token(list, index))
    }

    pub(crate) fn w3c_card_of(&self, card_type: &str, claims: &Value, status: StatusReference) -> String {
        let agency = self.issuer();
        let copy = NewCopy {
            card_type,
            issuer: &agency.did,
            kid: &agency.kid,
            x5c: None,
            issued_at: self.clock.now() - 1_000,
            expires: self.clock.now() + 100_000,
            holder_key: self.holder.public(),
            status,
            claims: claims.as_object().unwrap(),
            digests: 0,
            signer: &signer(&agency.key),
        };
        Format::W3C.issue(&copy, &mut |out: &mut [u8]| out.fill(0)).unwrap()
    }

    pub(crate) fn w3c_shown(&self, card: &str, audience: &str, nonce: &str) -> String {
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

    pub(crate) async fn w3c_for(
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

    pub(crate) async fn w3c_as_it_is(&self, card: &str) -> Value {
        self.w3c(card, |_, text| text).await
    }

    /// Shows a good residence, changed before it is signed.
    pub(crate) async fn judge_w3c(&self, change: impl FnOnce(&mut Forge)) -> Value {
        let forged = |_: &PresentationRequest, text: String| {
            let mut forge = Forge::new(&text, self.issuer().key, copy(&self.holder));
            change(&mut forge);
            forge.make()
        };
        self.w3c(&self.w3c_card(3), forged).await
    }
}

/// How many lists of bits were asked for.
pub(crate) fn bits_fetched(world: &World) -> usize {
    let beside = StatusPurpose::ALL.map(|purpose| purpose.list_beside(LIST));
    let asked = world.site.asked();
    asked.iter().filter(|address| beside.contains(address)).count()
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
    assert_eq!(bits_fetched(&World::new().await), 0);
    assert!(bits_fetched(&world().await) > 0);
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
