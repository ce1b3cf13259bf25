//! ISO mdocs: how they come, and how they are shown.

use crate::credentials::{FOREIGN, certified, receive_error};
use crate::world::{ChallengeDraft, Copy, Issuer, NOW, RequestDraft, SESSION_KEY, World, answered};
use card_formats::{
    Binding, Format, Handover, Invalid, NewCopy, PresentationError, ReceiveError, Requirements, ShownCopy, Trusted,
};
use jose::{UnixTime, base64url};
use ledger::ClaimPath;
use mdoc::MdocError;
use serde_json::{Value, json};
use test_case::test_case;
use testkit::certificates::{Authority, Chain, Name};
use testkit::credential::{key, random, signer, vct};
use testkit::mdoc::{Value as Cbor, inside, member, read};
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
pub(crate) async fn prepared() -> World {
    let mut world = accredited().await;
    world.register_again(age());
    world
}

pub(crate) fn issued(copy: &Copy<'_>, x5c: &Value) -> String {
    issued_as(copy, x5c, DOC_TYPE, &json!({ NAME_SPACE: copy.draft.claims }))
}

/// The same of a document of another type, which says something else.
pub(crate) fn issued_as(copy: &Copy<'_>, x5c: &Value, doc_type: &str, claims: &Value) -> String {
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
pub(crate) async fn taken(
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
pub(crate) async fn taken_as(
    world: &World,
    names: &[Name<'_>],
    make: impl Fn(Copy<'_>, &Value) -> String + Send + Sync + 'static,
) -> Result<(), IssuanceError> {
    let issuer = Issuer::of(world, KIND);
    let x5c = Authority::new("authority").certify(issuer.key.public(), names).x5c();
    taken_from(world, &issuer.making(move |copy| make(copy, &x5c)), configuration()).await
}

/// Takes mdocs of an issuer that says this of them in its metadata.
pub(crate) async fn taken_from(world: &World, issuer: &Issuer, configuration: Value) -> Result<(), IssuanceError> {
    issuer.mount(world).await;
    let mut metadata = issuer.metadata();
    metadata["credential_configurations_supported"] = json!({ CONFIGURATION: configuration });
    let published = ResponseTemplate::new(200).set_body_json(metadata);
    world.answer("/.well-known/openid-credential-issuer", published).await;
    let offer = issuer.offer_of(&[CONFIGURATION.to_owned()]);
    world.accept(&offer).await.map(drop)
}

/// Takes documents of this type of an issuer that is known by its certificate alone.
pub(crate) async fn taken_under(
    world: &World,
    chain: &Chain,
    doc_type: &'static str,
    said: Value,
) -> Result<(), IssuanceError> {
    let issuer = certified(world, chain, FOREIGN).await;
    let issuer = issuer.making(move |copy| {
        let x5c = copy.x5c.as_ref().expect("a chain");
        issued_as(&copy, x5c, doc_type, &said)
    });
    taken_from(world, &issuer, configuration_of(doc_type)).await
}

pub(crate) async fn with_card() -> World {
    with_card_until(None).await
}

/// The same with a card that counts until then.
pub(crate) async fn with_card_until(expires: Option<UnixTime>) -> World {
    let world = prepared().await;
    let did = world.agency.did().to_string();
    let edit = move |copy: &mut Copy<'_>| copy.draft.expires = expires.unwrap_or(copy.draft.expires);
    taken(&world, &[Name::Uri(&did)], edit).await.expect("taken");
    world
}

/// What the agency sends is refused: nothing of it is kept, the agency is told, and nobody else is asked anything.
pub(crate) async fn refused(world: &World, edit: impl Fn(&mut Copy<'_>) + Send + Sync + 'static) -> IssuanceError {
    refused_as(world, move |mut copy: Copy<'_>, x5c: &Value| {
        edit(&mut copy);
        issued(&copy, x5c)
    })
    .await
}

/// The same of mdocs that are made like this.
pub(crate) async fn refused_as(
    world: &World,
    make: impl Fn(Copy<'_>, &Value) -> String + Send + Sync + 'static,
) -> IssuanceError {
    let did = world.agency.did().to_string();
    let error = taken_as(world, &[Name::Uri(&did)], make).await.expect_err("refused");
    world.nothing_kept(&error, 1).await;
    world.nobody_else_asked().await;
    error
}

/// What is wrong with the mdocs that were refused.
pub(crate) fn mdoc_error(error: &IssuanceError) -> MdocError {
    match receive_error(error) {
        ReceiveError::Invalid(Invalid::Mdoc(error)) => error,
        other => panic!("{other:?}"),
    }
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

/// A request for an age, to be answered at this host.
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
    let session_key = key(SESSION_KEY);
    let handover = Handover {
        response_uri,
        encryption_key: Some(session_key.public()),
    };
    verified_over(world, draft, answer, handover)
}

/// The same of one that has the answer handed over like this.
fn verified_over(
    world: &World,
    draft: &RequestDraft,
    answer: &Value,
    handover: Handover<'_>,
) -> Result<Box<dyn ShownCopy>, PresentationError> {
    let issuer_key = world.issuer_key();
    let by = Trusted {
        issuer_key: &issuer_key,
        anchors: None,
        requirements: Requirements::Anchored,
        now: NOW,
    };
    let binding = Binding {
        audience: &draft.client_id,
        nonce: draft.claims["nonce"].as_str().expect("nonce"),
        handover: Some(handover),
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

/// What a device signed for one request is worth nothing for another nonce, another business or another key.
#[tokio::test]
async fn c1_wallet_an_mdoc_is_shown_for_one_request_alone() {
    let mut world = with_card().await;
    let mut draft = request(&mut world, "shop").await;
    let link = draft.publish(&world).await;
    world.share(&link).await.expect("shared");
    let answer = answered(&world).await;
    let response_uri = &world.url("shop", "/response/1");
    assert!(verified(&world, &draft, &answer, response_uri).is_ok());
    let other = key(9);
    for encryption_key in [None, Some(other.public())] {
        let handover = Handover {
            response_uri,
            encryption_key,
        };
        let refused = verified_over(&world, &draft, &answer, handover).err();
        assert_eq!(refused, Some(PresentationError::HolderBinding));
    }
    let nonce = std::mem::replace(&mut draft.claims["nonce"], "n-other".into());
    let refused = verified(&world, &draft, &answer, response_uri).err();
    assert_eq!(refused, Some(PresentationError::HolderBinding));
    draft.claims["nonce"] = nonce;
    draft.client_id = "x509_hash:other".to_owned();
    let refused = verified(&world, &draft, &answer, response_uri).err();
    assert_eq!(refused, Some(PresentationError::HolderBinding));
}

/// One document for one query, authenticated by the signature of its device and by nothing else. HAIP 1.0 §5.3.1
#[tokio::test]
async fn c6_wallet_an_answer_is_one_document() {
    let mut world = with_card().await;
    let link = request(&mut world, "shop").await.publish(&world).await;
    world.share(&link).await.expect("shared");
    let answer = answered(&world).await;
    assert_eq!(answer["vp_token"]["card"].as_array().expect("presentations").len(), 1);
    let text = answer["vp_token"]["card"][0].as_str().expect("a presentation");
    let response = read(&base64url::decode(text).expect("base64url"));
    assert_eq!(*member(&response, "status"), Cbor::from(0));
    let documents = member(&response, "documents").as_array().expect("documents");
    assert_eq!(documents.len(), 1);
    let device = member(&documents[0], "deviceSigned");
    assert_eq!(inside(member(device, "nameSpaces")), [0xa0], "no element of the device");
    let auth = member(device, "deviceAuth").as_map().expect("a map");
    let kinds: Vec<_> = auth.iter().map(|(kind, _)| kind.as_text()).collect();
    assert_eq!(kinds, [Some("deviceSignature")]);
}

#[tokio::test]
async fn f4_wallet_an_mdoc_says_nothing_that_is_not_registered() {
    let mut world = with_card().await;
    let mut draft = request(&mut world, "shop").await;
    draft.claims["dcql_query"]["credentials"][0]["claims"] = json!([{"path": [NAME_SPACE, "family_name"]}]);
    let link = draft.publish(&world).await;
    world.refused(&link).await;
}

#[tokio::test]
async fn i5_wallet_an_mdoc_that_has_run_out() {
    let error = refused(&prepared().await, |copy| copy.draft.expires = NOW - 1).await;
    assert_eq!(mdoc_error(&error), MdocError::Expired);
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
    world.nothing_kept(&error, 1).await;
}
