//! ISO mdocs: how they come, and how they are shown.

use crate::world::{ChallengeDraft, Copy, Issuer, NOW, RequestDraft, SESSION_KEY, World, answered};
use card_formats::{
    Binding, Format, Handover, Invalid, NewCopy, PresentationError, ReceiveError, Requirements, ShownCopy, Trusted,
};
use jose::{VerifyingKey, base64url};
use ledger::ClaimPath;
use serde_json::{Value, json};
use test_case::test_case;
use testkit::certificates::{Authority, Name};
use testkit::credential::{key, random, signer, vct};
use testkit::mdoc::{Value as Cbor, sign_with, spoiled};
use testkit::purpose;
use wallet::{CredentialRefused, IssuanceError, TrustError};
use wiremock::ResponseTemplate;

/// Person identification, whose claims stand in a namespace of the same name.
pub(crate) const DOC_TYPE: &str = "eu.europa.ec.eudi.pid.1";
pub(crate) const NAME_SPACE: &str = DOC_TYPE;
pub(crate) const KIND: &str = "person-identification";
pub(crate) const CONFIGURATION: &str = "person-identification.mdoc";

/// The agency may issue such documents.
pub(crate) async fn accredited() -> World {
    let mut world = World::new().await;
    let person = vct(KIND);
    world
        .ledger
        .accredit(&world.agency, "City Office", &[DOC_TYPE, &person]);
    world.publish_agencies().await;
    world
}

/// To ask for an age in such a document.
pub(crate) fn age() -> ledger::Purpose {
    let mut age = purpose("age", DOC_TYPE, &[], &[]);
    for credential in &mut age.credentials {
        credential.needed = vec![ClaimPath::names(&[NAME_SPACE, "age_over_18"])];
    }
    age
}

/// The same, and the business may ask for an age in them.
async fn prepared() -> World {
    let mut world = accredited().await;
    world.register_again(age());
    world
}

pub(crate) fn issued(copy: &Copy<'_>, x5c: &Value) -> String {
    issued_as((DOC_TYPE, NAME_SPACE), copy, x5c)
}

/// A document of this type, all of it in this namespace.
pub(crate) fn issued_as((doc_type, name_space): (&str, &str), copy: &Copy<'_>, x5c: &Value) -> String {
    let claims = json!({ name_space: copy.draft.claims });
    let new = NewCopy {
        card_type: doc_type,
        issuer: &copy.agency.did,
        kid: &copy.agency.kid,
        x5c: Some(x5c),
        issued_at: copy.draft.issued_at,
        expires: copy.draft.expires,
        holder_key: &copy.draft.holder_key,
        status: copy.draft.status.clone().expect("a status"),
        claims: claims.as_object().expect("an object"),
        digests: 16,
        signer: &signer(&copy.agency.key),
    };
    Format::MDOC.issue(&new, &mut random(copy.number)).expect("issued")
}

pub(crate) fn configuration() -> Value {
    configuration_of(DOC_TYPE)
}

/// What an issuer says of documents of this type.
pub(crate) fn configuration_of(doc_type: &str) -> Value {
    json!({
        "format": "mso_mdoc",
        "doctype": doc_type,
        "cryptographic_binding_methods_supported": ["cose_key"],
        "credential_signing_alg_values_supported": [-7],
        "proof_types_supported": {"jwt": {"proof_signing_alg_values_supported": ["ES256"]}},
        "credential_metadata": {"display": [{"name": "Test card", "locale": "en"}]},
    })
}

/// Takes mdocs of the agency, each changed before it is signed, under a certificate with these names.
async fn taken(
    world: &World,
    names: &[Name<'_>],
    edit: impl Fn(&mut Copy<'_>) + Send + Sync + 'static,
) -> Result<(), IssuanceError> {
    let make = move |mut copy: Copy<'_>, x5c: &Value| {
        edit(&mut copy);
        issued(&copy, x5c)
    };
    taken_as(world, names, make).await
}

/// Takes mdocs that are made like this.
async fn taken_as(
    world: &World,
    names: &[Name<'_>],
    make: impl Fn(Copy<'_>, &Value) -> String + Send + Sync + 'static,
) -> Result<(), IssuanceError> {
    let issuer = Issuer::of(world, KIND);
    let x5c = Authority::new("authority").certify(issuer.key.public(), names).x5c();
    let issuer = issuer.making(move |copy| make(copy, &x5c));
    issuer.mount(world).await;
    let mut metadata = issuer.metadata();
    metadata["credential_configurations_supported"] = json!({ CONFIGURATION: configuration() });
    let published = ResponseTemplate::new(200).set_body_json(metadata);
    world.answer("/.well-known/openid-credential-issuer", published).await;
    let offer = issuer.offer_of(&[CONFIGURATION.to_owned()]);
    world.accept(&offer).await.map(drop)
}

async fn with_card() -> World {
    let world = prepared().await;
    let did = world.agency.did().to_string();
    taken(&world, &[Name::Uri(&did)], |_| ()).await.expect("taken");
    world
}

/// What the agency sends is refused, nothing of it is stored, and the agency is told.
async fn refused(world: &World, edit: impl Fn(&mut Copy<'_>) + Send + Sync + 'static) -> IssuanceError {
    let did = world.agency.did().to_string();
    let error = taken(world, &[Name::Uri(&did)], edit).await.expect_err("refused");
    assert!(world.wallet.vault().cards().expect("cards").is_empty());
    assert_eq!(world.notified().await, ["credential_failure"]);
    error
}

#[tokio::test]
async fn an_mdoc_is_held_as_a_card() {
    let world = with_card().await;
    let cards = world.wallet.vault().cards().expect("cards");
    assert_eq!((cards.len(), cards[0].vct.as_str()), (1, DOC_TYPE));
    assert_eq!(cards[0].claims[NAME_SPACE]["birth_date"], "1990-05-17");
    assert_eq!(
        cards[0].claims[NAME_SPACE]["portrait"],
        "data:image/png;base64,iVBORw0KGgo="
    );
    assert_eq!(world.unused(), 3);
}

/// None of its copies is used up: there never were any for that, and to get it again would not help.
#[tokio::test]
async fn f8_wallet_an_mdoc_is_no_card_for_a_question_by_codes() {
    let mut world = accredited().await;
    let did = world.agency.did().to_string();
    taken(&world, &[Name::Uri(&did)], |_| ()).await.expect("taken");
    let challenge = ChallengeDraft::of(&mut world, "age", &["age_over_18"]).sign(&world);
    let refused = world.wallet.open_challenge(&challenge.to_message());
    assert_eq!(refused.expect_err("refused").code(), "no_matching_card");
    assert_eq!(world.unused(), 3);
}

async fn request(world: &mut World, host: &str) -> RequestDraft {
    let mut draft = RequestDraft::of(world, "age", &[]);
    draft.claims["dcql_query"] = json!({"credentials": [{
        "id": "card", "format": "mso_mdoc", "meta": {"doctype_value": DOC_TYPE},
        "claims": [{"path": [NAME_SPACE, "age_over_18"]}],
    }]});
    draft.claims["response_uri"] = world.url(host, "/response/1").into();
    draft
}

/// What a verifier learns that asked from this address.
fn verified(
    world: &World,
    draft: &RequestDraft,
    answer: &Value,
    response_uri: &str,
) -> Result<Box<dyn ShownCopy>, PresentationError> {
    let (_, agency) = world.agency.assertion_key().expect("key");
    let issuer_key = VerifyingKey::new(agency.public()).expect("key");
    let session_key = key(SESSION_KEY);
    let by = Trusted {
        issuer_key: &issuer_key,
        anchors: None,
        requirements: Requirements::Anchored,
        now: NOW,
    };
    let binding = Binding {
        audience: &draft.client_id,
        nonce: draft.claims["nonce"].as_str().expect("nonce"),
        handover: Some(Handover {
            response_uri,
            encryption_key: Some(session_key.public()),
        }),
    };
    let text = answer["vp_token"]["card"][0].as_str().expect("a presentation");
    Format::MDOC.presented(text)?.verify(by, Some(binding))
}

/// The second address is the same one, and another text: the device signs for what stands in the request.
#[test_case("shop" ; "an address as it is always written")]
#[test_case("SHOP" ; "an address in other letters")]
#[tokio::test]
async fn what_is_needed_of_an_mdoc_is_shown_for_this_request_alone(host: &str) {
    let mut world = with_card().await;
    let draft = request(&mut world, host).await;
    let link = draft.publish(&world).await;
    world.share(&link).await.expect("shared");
    let answer = answered(&world).await;
    let asked_from = world.url(host, "/response/1");
    let shown = verified(&world, &draft, &answer, &asked_from).expect("verified");
    assert_eq!(*shown.claims(), json!({ NAME_SPACE: { "age_over_18": true } }));
    let elsewhere = verified(&world, &draft, &answer, &format!("{asked_from}/"));
    assert_eq!(elsewhere.err(), Some(PresentationError::HolderBinding));
    assert_eq!(world.unused(), 2);
}

#[tokio::test]
async fn f4_wallet_an_mdoc_says_nothing_that_is_not_registered() {
    let mut world = with_card().await;
    let mut draft = request(&mut world, "shop").await;
    draft.claims["dcql_query"]["credentials"][0]["claims"] = json!([{"path": [NAME_SPACE, "family_name"]}]);
    let link = draft.publish(&world).await;
    world.refused(&link).await;
}

/// What the agency sends is changed after it was signed: refused, and nothing of it is stored.
async fn refused_spoiled(edit: fn(&mut Cbor)) {
    let world = prepared().await;
    let did = world.agency.did().to_string();
    let make = move |copy: Copy<'_>, x5c: &Value| {
        let good = base64url::decode(&issued(&copy, x5c)).expect("base64url");
        base64url::encode(spoiled(&good, edit))
    };
    let error = taken_as(&world, &[Name::Uri(&did)], make).await.expect_err("refused");
    assert!(matches!(
        error,
        IssuanceError::Refused(CredentialRefused::Receive(ReceiveError::Invalid(_)))
    ));
    assert!(world.wallet.vault().cards().expect("cards").is_empty());
    assert_eq!(world.notified().await, ["credential_failure"]);
}

#[tokio::test]
async fn a1_wallet_an_mdoc_that_nobody_signed() {
    refused_spoiled(|issued| sign_with(issued, &[])).await;
}

#[tokio::test]
async fn a7_wallet_an_mdoc_with_one_name_twice() {
    refused_spoiled(|issued| {
        let members = issued.as_map_mut().expect("a map");
        members.push(members[0].clone());
    })
    .await;
}

#[test_case(|issued| sign_with(issued, &[0; 64]) ; "of zeros")]
#[test_case(|issued| sign_with(issued, &[0xff; 64]) ; "beyond the order of the group")]
#[test_case(|issued| sign_with(issued, &[0x30, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x01]) ; "as DER")]
#[tokio::test]
async fn a9_wallet_an_mdoc_with_signatures_that_can_be_rewritten(edit: fn(&mut Cbor)) {
    refused_spoiled(edit).await;
}

#[tokio::test]
async fn b18_wallet_an_mdoc_bound_to_a_foreign_key() {
    let error = refused(&prepared().await, |copy| {
        copy.draft.holder_key = key(9).public().clone();
    })
    .await;
    assert!(matches!(
        error,
        IssuanceError::Refused(CredentialRefused::Receive(ReceiveError::ForeignHolderKey))
    ));
}

#[tokio::test]
async fn b18_wallet_mdocs_whose_values_differ_inside_a_batch() {
    let error = refused(&prepared().await, |copy| {
        if copy.number == 2 {
            copy.draft.claims.insert("given_name".into(), "Eve".into());
        }
    })
    .await;
    assert!(matches!(error, IssuanceError::Refused(CredentialRefused::ValuesDiffer)));
}

#[tokio::test]
async fn b18_wallet_mdocs_with_the_same_salts() {
    let error = refused(&prepared().await, |copy| copy.number = 7).await;
    assert!(matches!(
        error,
        IssuanceError::Refused(CredentialRefused::DisclosureShared)
    ));
}

#[tokio::test]
async fn i5_wallet_an_mdoc_that_has_run_out() {
    let error = refused(&prepared().await, |copy| copy.draft.expires = NOW - 1).await;
    assert!(matches!(
        error,
        IssuanceError::Refused(CredentialRefused::Receive(ReceiveError::Invalid(Invalid::Mdoc(_))))
    ));
}

#[tokio::test]
async fn i5_wallet_an_mdoc_of_an_agency_that_may_not_issue_it() {
    let error = refused(&World::new().await, |_| ()).await;
    assert!(matches!(
        error,
        IssuanceError::Refused(CredentialRefused::Issuer(TrustError::NotAccredited))
    ));
}

/// `kid` alone names nobody: whoever wants to could take it out.
#[tokio::test]
async fn i5_wallet_an_mdoc_whose_certificate_names_nobody() {
    let world = prepared().await;
    let error = taken(&world, &[], |_| ()).await.expect_err("refused");
    assert!(matches!(
        error,
        IssuanceError::Refused(CredentialRefused::Issuer(TrustError::UnknownIssuer))
    ));
    assert!(world.wallet.vault().cards().expect("cards").is_empty());
}
