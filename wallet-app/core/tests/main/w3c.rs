//! W3C credentials: how they come, how they are shown, and how it is known whether they are still good.

use crate::world::{Issuer, NOW, RequestDraft, World, answered, keys};
use card_formats::{Binding, Format, Invalid, NewBits, NewCopy, ReceiveError, Requirements, Trusted, W3cError};
use jose::{PrivateJwk, PublicJwk, VerifyingKey};
use serde_json::{Value, json};
use status_list::{Bits, Status, StatusList, StatusPurpose, StatusReference};
use std::sync::atomic::{AtomicU64, Ordering};
use test_case::test_case;
use testkit::credential::{key, residence, signer, vct};
use w3c_vc::{Contexts, Signing};
use wallet::{CardStatus, CredentialRefused, IssuanceError, RequestRefused};
use wiremock::{Request, Respond, ResponseTemplate};

/// An issuer of residences as W3C credentials, and what it does otherwise.
struct Endpoint {
    did: String,
    kid: String,
    key: PrivateJwk,
    list: String,
    issued: AtomicU64,
    place: fn(u64) -> u64,
    holder: fn(&PublicJwk) -> PublicJwk,
    change: fn(u64, Value) -> Value,
    /// What it writes before it signs.
    written: Option<fn(&mut Value)>,
}

impl Endpoint {
    fn of(world: &World) -> Self {
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
        }
    }

    fn copy(&self, key: &PublicJwk) -> Value {
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

    /// A copy that says this besides, signed again.
    fn signed(&self, copy: &str, written: fn(&mut Value)) -> Value {
        let mut copy: Value = serde_json::from_str(copy).expect("json");
        written(&mut copy);
        let mut document = copy.as_object().expect("object").clone();
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
        ResponseTemplate::new(200).set_body_json(json!({"credentials": copies, "notification_id": "n"}))
    }
}

/// Takes what an issuer gives that is changed like this.
async fn taken(world: &World, change: impl FnOnce(&mut Endpoint)) -> Result<(), IssuanceError> {
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

async fn with_card() -> World {
    let world = World::new().await;
    taken(&world, |_| ()).await.expect("taken");
    world
}

/// What an issuer gives is refused, and nothing of it is stored.
async fn refused(change: impl FnOnce(&mut Endpoint)) -> IssuanceError {
    let world = World::new().await;
    let error = taken(&world, change).await.expect_err("refused");
    assert!(world.wallet.vault().cards().expect("cards").is_empty());
    error
}

#[tokio::test]
async fn a_w3c_credential_is_held_as_a_card() {
    let world = with_card().await;
    let cards = world.wallet.vault().cards().expect("cards");
    assert_eq!((cards.len(), cards[0].vct.as_str()), (1, vct("residence").as_str()));
    assert_eq!(cards[0].claims["credentialSubject"]["locality"], "Köln");
    assert!(cards[0].claims["credentialSubject"].get("id").is_none());
}

#[tokio::test]
async fn b18_wallet_w3c_bound_to_a_foreign_key() {
    let error = refused(|endpoint| endpoint.holder = |_| key(9).public().clone()).await;
    assert!(matches!(
        error,
        IssuanceError::Refused(CredentialRefused::Receive(ReceiveError::ForeignHolderKey))
    ));
}

#[tokio::test]
async fn b18_wallet_w3c_copies_that_share_a_status_entry() {
    let error = refused(|endpoint| endpoint.place = |_| 7).await;
    assert!(matches!(error, IssuanceError::Refused(CredentialRefused::StatusShared)));
}

#[test_case(|copy| copy["issuer"] = json!({"id": copy["issuer"], "family_name": "Mustermann"}) ; "beside the issuer")]
#[test_case(|copy| copy["credentialStatus"][0]["family_name"] = json!("Mustermann") ; "beside a place in a list")]
#[tokio::test]
async fn b18_wallet_w3c_that_says_something_where_nothing_is_listed(written: fn(&mut Value)) {
    let error = refused(|endpoint| endpoint.written = Some(written)).await;
    assert!(matches!(
        error,
        IssuanceError::Refused(CredentialRefused::Receive(ReceiveError::Invalid(Invalid::W3c(
            W3cError::SaysMore(_)
        ))))
    ));
}

#[tokio::test]
async fn b18_wallet_w3c_copies_whose_places_have_one_name() {
    let error = refused(|endpoint| {
        endpoint.written = Some(|copy| copy["credentialStatus"][0]["id"] = json!("urn:uuid:of-one-person"));
    })
    .await;
    assert!(matches!(
        error,
        IssuanceError::Refused(CredentialRefused::DisclosureShared)
    ));
}

#[test_case(|_, copy| Value::String(copy.to_string()) ; "a text")]
#[test_case(|_, mut copy| { copy["credentialSubject"]["locality"] = json!("Bonn"); copy } ; "a claim that nobody signed")]
#[test_case(|_, mut copy| { copy["@context"][1] = json!("https://a.example/v1"); copy } ; "a context of others")]
#[tokio::test]
async fn b18_wallet_w3c_that_does_not_hold(change: fn(u64, Value) -> Value) {
    refused(|endpoint| endpoint.change = change).await;
}

#[test_case(|_, mut copy| { copy.as_object_mut().expect("object").remove("proof"); copy } ; "no proof")]
#[test_case(|_, mut copy| { copy["proof"]["proofValue"] = json!(""); copy } ; "no signature")]
#[tokio::test]
async fn a1_wallet_w3c_that_nobody_signed(change: fn(u64, Value) -> Value) {
    refused(|endpoint| endpoint.change = change).await;
}

/// As base58btc: 64 bytes that are zero, and two integers in DER.
#[test_case(|_, mut copy| { copy["proof"]["proofValue"] = json!(format!("z{}", "1".repeat(64))); copy } ; "of zeros")]
#[test_case(|_, mut copy| { copy["proof"]["proofValue"] = json!("z92tVYr6pAHN"); copy } ; "as DER")]
#[tokio::test]
async fn a9_wallet_w3c_with_signatures_that_can_be_rewritten(change: fn(u64, Value) -> Value) {
    refused(|endpoint| endpoint.change = change).await;
}

/// The agency publishes these lists of bits, signed by this key.
async fn publish(world: &World, list: &StatusList, by: &PrivateJwk, age: u64) {
    let agency = Endpoint::of(world);
    for purpose in StatusPurpose::ALL {
        let bits = NewBits {
            token_list: &agency.list,
            purpose,
            list,
            issuer: &agency.did,
            kid: &agency.kid,
            signed_at: NOW - age,
            expires: NOW + 3_600,
            time_to_live: 60,
            signer: &signer(by),
        };
        let text = bits.sign().expect("signed");
        let at = purpose.list_beside("/lists/1");
        let answer = ResponseTemplate::new(200).set_body_raw(text, "application/vc");
        world.answer(&at, answer).await;
    }
}

#[test_case(Status::Valid, CardStatus::Valid ; "valid")]
#[test_case(Status::Invalid, CardStatus::Revoked ; "revoked")]
#[test_case(Status::Suspended, CardStatus::Suspended ; "suspended")]
#[tokio::test]
async fn d8_wallet_w3c_status_in_bits(status: Status, expected: CardStatus) {
    let world = with_card().await;
    assert_eq!(world.card_status(), CardStatus::Unknown, "nothing is known yet");
    let mut list = StatusList::new(Bits::Two, 1_024);
    list.set(1, status).expect("set");
    publish(&world, &list, &Endpoint::of(&world).key, 0).await;
    let refreshed = world.wallet.refresh_status().await.expect("refreshed");
    assert_eq!((refreshed.lists, refreshed.failures.len()), (2, 0));
    assert_eq!(world.card_status(), expected);
}

#[tokio::test]
async fn d6_wallet_w3c_bits_by_another_signer() {
    let world = with_card().await;
    publish(&world, &StatusList::new(Bits::Two, 1_024), &key(9), 0).await;
    let refreshed = world.wallet.refresh_status().await.expect("refreshed");
    assert_eq!((refreshed.lists, refreshed.failures.len()), (0, 2));
    assert_eq!(world.card_status(), CardStatus::Unknown, "never valid");
}

/// What is recorded counts, whatever those are told who ask for bits.
#[tokio::test]
async fn d6_wallet_w3c_bits_that_are_not_those_recorded() {
    let mut world = with_card().await;
    publish(&world, &StatusList::new(Bits::Two, 1_024), &Endpoint::of(&world).key, 0).await;
    world.wallet.refresh_status().await.expect("refreshed");
    assert_eq!(world.card_status(), CardStatus::Valid);
    let mut recorded = [0; 128];
    recorded[0] = 0b10;
    world.publish_proofs(&recorded).await;
    let refreshed = world.wallet.refresh_status().await.expect("refreshed");
    assert_eq!((refreshed.lists, refreshed.failures.len()), (3, 0));
    assert_eq!(world.card_status(), CardStatus::Revoked);
}

#[tokio::test]
async fn d2_wallet_w3c_place_beyond_the_list() {
    let world = World::new().await;
    let place = |endpoint: &mut Endpoint| endpoint.place = |number| 131_072 + number;
    taken(&world, place).await.expect("taken");
    publish(&world, &StatusList::new(Bits::Two, 1_024), &Endpoint::of(&world).key, 0).await;
    assert_eq!(world.wallet.refresh_status().await.expect("refreshed").lists, 2);
    assert_eq!(world.card_status(), CardStatus::Unknown, "never valid");
}

#[tokio::test]
async fn an_older_list_of_bits_does_not_take_the_place_of_a_newer_one() {
    let world = with_card().await;
    let agency = Endpoint::of(&world).key;
    let mut revoked = StatusList::new(Bits::Two, 1_024);
    revoked.set(1, Status::Invalid).expect("set");
    publish(&world, &revoked, &agency, 0).await;
    world.wallet.refresh_status().await.expect("refreshed");
    publish(&world, &StatusList::new(Bits::Two, 1_024), &agency, 10).await;
    let refreshed = world.wallet.refresh_status().await.expect("refreshed");
    assert_eq!(refreshed.failures.len(), 2);
    assert_eq!(world.card_status(), CardStatus::Revoked);
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
