//! W3C credentials: how they come, and how they are shown.

use crate::world::{Issuer, NOW, RequestDraft, World, answered, keys};
use card_formats::{Binding, Format, NewCopy, Requirements, Trusted};
use jose::{PrivateJwk, PublicJwk, VerifyingKey};
use serde_json::{Value, json};
use status_list::StatusReference;
use std::sync::atomic::{AtomicU64, Ordering};
use testkit::credential::{residence, signer, vct};
use w3c_vc::{Contexts, Signing};
use wallet::{IssuanceError, RequestRefused};
use wiremock::{Request, Respond, ResponseTemplate};

/// An issuer of residences as W3C credentials, and what it does otherwise.
pub(crate) struct Endpoint {
    pub(crate) did: String,
    pub(crate) kid: String,
    pub(crate) key: PrivateJwk,
    pub(crate) list: String,
    issued: AtomicU64,
    pub(crate) place: fn(u64) -> u64,
    pub(crate) holder: fn(&PublicJwk) -> PublicJwk,
    /// Done to each copy once it is signed.
    pub(crate) change: fn(u64, Value) -> Value,
    /// What it writes before it signs.
    pub(crate) written: Option<fn(&mut Value)>,
    /// Done to the text of its answer.
    pub(crate) answer: fn(String) -> String,
}

impl Endpoint {
    pub(crate) fn of(world: &World) -> Self {
        let (kid, key) = world.agency.assertion_key().expect("key");
        Self {
            did: world.agency.did().to_string(),
            kid: kid.to_string(),
            key: key.clone(),
            list: world.url("agency", "/lists/1"),
            issued: AtomicU64::new(0),
            place: |number| number,
            holder: PublicJwk::clone,
            change: |_, copy| copy,
            written: None,
            answer: |text| text,
        }
    }

    pub(crate) fn copy(&self, key: &PublicJwk) -> Value {
        let number = self.issued.fetch_add(1, Ordering::SeqCst);
        let copy = NewCopy {
            card_type: &vct("residence"),
            issuer: &self.did,
            kid: &self.kid,
            x5c: None,
            issued_at: NOW - 1_000,
            expires: NOW + 100_000,
            holder_key: &(self.holder)(key),
            status: StatusReference::of_token(self.list.as_str(), (self.place)(number)),
            claims: &residence(),
            digests: 0,
            signer: &signer(&self.key),
        };
        let text = Format::W3C
            .issue(&copy, &mut |out: &mut [u8]| out.fill(0))
            .expect("issued");
        let copy = serde_json::from_str(&text).expect("json");
        (self.change)(number, self.written.map_or(copy, |written| self.signed(&text, written)))
    }

    /// A document of it that says something else, signed again.
    pub(crate) fn signed(&self, document: &str, written: impl FnOnce(&mut Value)) -> Value {
        let mut document: Value = serde_json::from_str(document).expect("json");
        written(&mut document);
        let mut document = document.as_object().expect("object").clone();
        document.remove("proof");
        let signing = Signing {
            method: &self.kid,
            created: NOW - 1_000,
            signer: &signer(&self.key),
        };
        let text = w3c_vc::issue(document, &Contexts::bundled().expect("contexts"), &signing).expect("signed");
        serde_json::from_str(&text).expect("json")
    }
}

impl Respond for Endpoint {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let body: Value = serde_json::from_slice(&request.body).expect("json");
        let copies: Vec<Value> = keys(&body["proofs"])
            .iter()
            .map(|key| json!({"credential": self.copy(key)}))
            .collect();
        let answer = json!({"credentials": copies, "notification_id": "n"}).to_string();
        ResponseTemplate::new(200).set_body_raw((self.answer)(answer), "application/json")
    }
}

/// Takes what an issuer gives that is changed like this.
pub(crate) async fn taken(world: &World, change: impl FnOnce(&mut Endpoint)) -> Result<(), IssuanceError> {
    let issuer = Issuer::of(world, "residence");
    issuer.mount(world).await;
    let mut metadata = issuer.metadata();
    let configuration = &mut metadata["credential_configurations_supported"]["residence"];
    let profile = serde_json::to_value(Format::W3C.profile(&vct("residence"))).expect("json");
    configuration.as_object_mut().expect("object").remove("vct");
    configuration["format"] = profile["format"].clone();
    configuration["credential_definition"] = profile["credential_definition"].clone();
    configuration["cryptographic_binding_methods_supported"] = json!([Format::W3C.binding_method()]);
    let published = ResponseTemplate::new(200).set_body_json(metadata);
    world.answer("/.well-known/openid-credential-issuer", published).await;
    let mut endpoint = Endpoint::of(world);
    change(&mut endpoint);
    world.answer_by("/credential", endpoint).await;
    let offer = issuer.offer_of(&["residence".to_owned()]);
    world.accept(&offer).await.map(drop)
}

pub(crate) async fn with_card() -> World {
    with_card_of(|_| ()).await
}

/// The same with a card of an issuer that is changed like this.
pub(crate) async fn with_card_of(change: impl FnOnce(&mut Endpoint)) -> World {
    let world = World::new().await;
    taken(&world, change).await.expect("taken");
    world
}

#[tokio::test]
async fn a_w3c_credential_is_held_as_a_card() {
    let world = with_card().await;
    let cards = world.wallet.vault().cards().expect("cards");
    assert_eq!((cards.len(), cards[0].vct.as_str()), (1, vct("residence").as_str()));
    assert_eq!(cards[0].claims["credentialSubject"]["locality"], "Köln");
    assert!(cards[0].claims["credentialSubject"].get("id").is_none());
}

/// A request for the town of a residence, by whoever is registered for these members of the credential.
async fn asked(world: &mut World, registered: &[&str]) -> String {
    let mut purpose = testkit::purpose("home", &vct("residence"), &[], &[]);
    purpose.credentials[0].needed = vec![ledger::ClaimPath::names(registered)];
    world.register_again(purpose);
    let mut draft = RequestDraft::of(world, "home", &[]);
    draft.claims["dcql_query"] = json!({"credentials": [{
        "id": "card", "format": "ldp_vc", "meta": {"type_values": [[vct("residence")]]},
        "claims": [{"path": ["credentialSubject", "locality"]}],
    }]});
    draft.claims["client_metadata"]["vp_formats_supported"] = json!({"ldp_vc": {
        "proof_type_values": ["DataIntegrityProof"], "cryptosuite_values": ["ecdsa-rdfc-2019"],
    }});
    draft.publish(world).await
}

#[tokio::test]
async fn a_w3c_credential_is_shown_whole_to_one_verifier_for_one_request() {
    let mut world = with_card().await;
    let link = asked(&mut world, &["credentialSubject"]).await;
    let open = world.wallet.open_request(&link).await.expect("opened");
    let company: Vec<String> = open.ask().cards[0].company().map(|path| path.to_string()).collect();
    assert!(
        company.contains(&"credentialSubject.street_address".to_owned()),
        "{company:?}"
    );
    let consent = open.ask().agree(&[]).expect("agreed");
    world.wallet.share(open, &consent).await.expect("shared");
    let presentation = answered(&world).await["vp_token"]["card"][0].clone();
    let audience = presentation["proof"]["domain"].as_str().expect("domain");
    assert!(audience.starts_with("x509_hash:"));
    let binding = Binding {
        audience,
        nonce: "n-0123456789012345678901234567",
        handover: None,
    };
    let key = VerifyingKey::new(Endpoint::of(&world).key.public()).expect("key");
    let by = Trusted {
        issuer_key: &key,
        anchors: None,
        requirements: Requirements::Anchored,
        now: NOW,
    };
    let presented = Format::W3C.presented(&presentation.to_string()).expect("presented");
    let shown = presented.verify(by, Some(binding)).expect("verified");
    assert_eq!(shown.claims()["credentialSubject"]["locality"], "Köln");
}

#[tokio::test]
async fn what_travels_along_is_not_shown_to_those_who_may_not_ask_for_it() {
    let mut world = with_card().await;
    let link = asked(&mut world, &["credentialSubject", "locality"]).await;
    let error = world.refused(&link).await;
    assert!(matches!(error, RequestRefused::OverAsking { .. }), "{error:?}");
}

/// What was said of the card in one format holds for it in another.
#[tokio::test]
async fn f19_wallet_w3c_what_is_shown_to_nobody_in_another_format() {
    let mut world = with_card().await;
    let link = asked(&mut world, &["credentialSubject"]).await;
    let type_of_card = vct("residence");
    world.wallet.never_show(&type_of_card, "street_address").expect("noted");
    let error = world.refused(&link).await;
    assert_eq!(error.code(), "claim_never_shown");
    world.wallet.may_show(&type_of_card, "street_address").expect("noted");
    world.wallet.open_request(&link).await.expect("opened");
}

/// Whoever asks says what they would rather have; the person shows no more than they have to.
#[tokio::test]
async fn f4_wallet_w3c_of_two_formats_the_one_that_shows_less_is_taken() {
    let mut world = World::new().await;
    let issuer = world.issuer("residence").await;
    world.accept(&issuer.offer()).await.expect("accepted");
    taken(&world, |_| ()).await.expect("taken");
    let mut purpose = testkit::purpose("home", &vct("residence"), &[], &[]);
    purpose.credentials[0].needed = ["credentialSubject", "locality"]
        .map(|name| ledger::ClaimPath::names(&[name]))
        .into();
    world.register_again(purpose);
    let mut draft = RequestDraft::of(&mut world, "home", &["locality"]);
    let credentials = draft.claims["dcql_query"]["credentials"]
        .as_array_mut()
        .expect("queries");
    credentials[0]["id"] = json!("chosen");
    credentials.push(json!({
        "id": "whole", "format": "ldp_vc", "meta": {"type_values": [[vct("residence")]]},
        "claims": [{"path": ["credentialSubject", "locality"]}],
    }));
    draft.claims["dcql_query"]["credential_sets"] = json!([{"options": [["whole"], ["chosen"]]}]);
    draft.claims["client_metadata"]["vp_formats_supported"]["ldp_vc"] = json!({
        "proof_type_values": ["DataIntegrityProof"], "cryptosuite_values": ["ecdsa-rdfc-2019"],
    });
    let link = draft.publish(&world).await;
    let open = world.wallet.open_request(&link).await.expect("opened");
    let cards = &open.ask().cards;
    assert_eq!((cards.len(), cards[0].format), (1, Format::SD_JWT_VC));
    assert_eq!(cards[0].company().count(), 0);
}
