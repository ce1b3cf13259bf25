//! Credentials as an issuer should not send them.

use crate::world::{Copy, Issuer, NOW, World};
use card_formats::{Invalid, ReceiveError};
use jose::{JwsError, OverBudget, Work, base64url};
use ledger::BundleError;
use sd_jwt::SdJwtError;
use serde_json::{Value, json};
use test_case::test_case;
use testkit::Cosignatures;
use testkit::certificates::{Authority, Chain, Name};
use testkit::credential::{key, signer};
use tlog::QuorumError;
use wallet::{CredentialRefused, IssuanceError, TrustError};

/// Parts of a copy under test.
pub(crate) struct Parts {
    header: Value,
    pub(crate) payload: Value,
    disclosures: Vec<String>,
}

impl Parts {
    pub(crate) fn of(text: &str) -> Self {
        let mut segments = text.split('~');
        let jwt: Vec<&str> = segments.next().expect("jwt").split('.').collect();
        let read = |part: &str| serde_json::from_slice(&base64url::decode(part).expect("base64")).expect("json");
        Self {
            header: read(jwt[0]),
            payload: read(jwt[1]),
            disclosures: segments.filter(|part| !part.is_empty()).map(str::to_owned).collect(),
        }
    }

    /// Signed by the agency, as if it were all right.
    pub(crate) fn sign(self, copy_key: &jose::PrivateJwk) -> String {
        let header = self.header.to_string();
        let payload = self.payload.to_string();
        self.sign_text(&header, &payload, copy_key)
    }

    fn sign_text(self, header: &str, payload: &str, key: &jose::PrivateJwk) -> String {
        use jose::Signer as _;
        let input = format!("{}.{}", base64url::encode(header), base64url::encode(payload));
        let signature = signer(key).sign(input.as_bytes()).expect("signed");
        self.join(&input, &base64url::encode(signature))
    }

    fn join(self, input: &str, signature: &str) -> String {
        let mut text = format!("{input}.{signature}~");
        for disclosure in self.disclosures {
            text.push_str(&disclosure);
            text.push('~');
        }
        text
    }

    /// Adds a disclosure with its digest.
    fn disclose(&mut self, content: &Value) {
        let text = base64url::encode(content.to_string());
        let digest = base64url::encode(crate::world::sha256(text.as_bytes()));
        self.payload["_sd"].as_array_mut().expect("_sd").push(digest.into());
        self.disclosures.push(text);
    }
}

/// Issues with every copy edited and signed again.
async fn edited(edit: impl Fn(&mut Parts) + Send + Sync + 'static) -> IssuanceError {
    made(move |copy: Copy<'_>| {
        let key = copy.agency.key.clone();
        let mut parts = Parts::of(&copy.issue());
        edit(&mut parts);
        parts.sign(&key)
    })
    .await
}

/// Issues with every copy made like this; the wallet must refuse and store nothing.
pub(crate) async fn made(make: impl Fn(Copy<'_>) -> String + Send + Sync + 'static) -> IssuanceError {
    let world = World::new().await;
    let issuer = Issuer::of(&world, "person-identification").making(make);
    issuer.mount(&world).await;
    world.not_stored(&issuer).await
}

/// What is wrong with copies, whatever their format.
pub(crate) fn receive_error(error: &IssuanceError) -> ReceiveError {
    match error {
        IssuanceError::Refused(CredentialRefused::Receive(error)) => *error,
        other => panic!("{other:?}"),
    }
}

fn sd_jwt_error(error: IssuanceError) -> SdJwtError {
    match receive_error(&error) {
        ReceiveError::Invalid(Invalid::SdJwt(error) | Invalid::SdJwtVc(sd_jwt::ReceiveError::SdJwt(error))) => error,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a1_wallet_alg_none() {
    let error = made(|copy| {
        let mut parts = Parts::of(&copy.issue());
        parts.header["alg"] = "none".into();
        let input = format!(
            "{}.{}",
            base64url::encode(parts.header.to_string()),
            base64url::encode(parts.payload.to_string())
        );
        parts.join(&input, "")
    })
    .await;
    assert_eq!(sd_jwt_error(error), SdJwtError::Jws(JwsError::AlgorithmNotAllowed));
}

#[tokio::test]
async fn a1_wallet_empty_signature() {
    let error = made(|copy| {
        let text = copy.issue();
        let parts = Parts::of(&text);
        let input = text
            .split('~')
            .next()
            .expect("jwt")
            .rsplit_once('.')
            .expect("jws")
            .0
            .to_owned();
        parts.join(&input, "")
    })
    .await;
    assert_eq!(sd_jwt_error(error), SdJwtError::Jws(JwsError::EmptySignature));
}

#[tokio::test]
async fn a2_wallet_hs256_with_the_public_key() {
    let error = made(|copy| {
        let key = copy.agency.key.clone();
        let mut parts = Parts::of(&copy.issue());
        parts.header["alg"] = "HS256".into();
        let (header, payload) = (parts.header.to_string(), parts.payload.to_string());
        let input = format!("{}.{}", base64url::encode(header), base64url::encode(payload));
        let mac = testkit::mac(key.public(), &input);
        parts.join(&input, &base64url::encode(mac))
    })
    .await;
    assert_eq!(sd_jwt_error(error), SdJwtError::Jws(JwsError::AlgorithmNotAllowed));
}

#[test_case(json!(-1) ; "negative")]
#[test_case(json!(9_007_199_254_740_993_u64) ; "beyond 2 to the 53")]
#[test_case(json!("3") ; "a string")]
#[test_case(json!(0.5) ; "half")]
#[tokio::test]
async fn d2_wallet_an_index_that_is_none(index: Value) {
    let error = edited(move |parts| parts.payload["status"]["status_list"]["idx"] = index.clone()).await;
    assert_eq!(wallet_code(&error), "card_invalid");
}

#[test_case("jwk" ; "a key in the header")]
#[test_case("jku" ; "a key set by address")]
#[test_case("x5u" ; "a certificate by address")]
#[tokio::test]
async fn a3_wallet_a_key_that_the_credential_brings(member: &'static str) {
    let world = World::new().await;
    let address = world.url("evil", "/key");
    let issuer = Issuer::of(&world, "person-identification").making(move |copy| {
        let mut parts = Parts::of(&copy.issue());
        parts.header[member] = match member {
            "jwk" => key(5).public().to_value(),
            _ => address.clone().into(),
        };
        parts.sign(&key(5))
    });
    issuer.mount(&world).await;
    let error = sd_jwt_error(world.not_stored(&issuer).await);
    assert!(matches!(error, SdJwtError::Jws(JwsError::Signature(_))), "{error:?}");
    assert_eq!(world.sent("GET", "/key").await.len(), 0, "nothing is fetched");
}

#[tokio::test]
async fn a3_wallet_kid_of_an_attacker() {
    let error = edited(|parts| parts.header["kid"] = "did:web:evil.localhost#key-1".into()).await;
    assert!(matches!(
        error,
        IssuanceError::Refused(CredentialRefused::Issuer(TrustError::KeyNotAnchored))
    ));
}

#[test_case("crit", json!(["exp"]) => SdJwtError::Jws(JwsError::CriticalHeader) ; "what nobody knows")]
#[test_case("b64", json!(false) => SdJwtError::Jws(JwsError::UnencodedPayload) ; "a payload as it is")]
#[tokio::test]
async fn a4_wallet_critical_headers(name: &'static str, value: Value) -> SdJwtError {
    sd_jwt_error(edited(move |parts| parts.header[name] = value.clone()).await)
}

#[test_case("kb+jwt" ; "a key binding")]
#[test_case("JWT" ; "a plain token")]
#[test_case("vc+sd-jwt" ; "the name of before")]
#[tokio::test]
async fn a5_wallet_wrong_typ(typ: &'static str) {
    let error = edited(move |parts| parts.header["typ"] = typ.into()).await;
    assert_eq!(sd_jwt_error(error), SdJwtError::Jws(JwsError::WrongType));
}

#[test_case("exp", json!("1795176000") ; "text")]
#[test_case("exp", json!(1_795_176_000.5) ; "a fraction")]
#[test_case("nbf", json!(-1) ; "negative")]
#[test_case("exp", json!(9_223_372_036_854_775_808_u64) ; "2 to the 63")]
#[test_case("iat", json!(null) ; "null")]
#[test_case("nbf", json!([1]) ; "an array")]
#[tokio::test]
async fn a6_wallet_dates_of_the_wrong_kind(name: &'static str, value: Value) {
    let error = edited(move |parts| parts.payload[name] = value.clone()).await;
    assert_eq!(wallet_code(&error), "card_invalid");
}

#[tokio::test]
async fn a7_wallet_a_name_twice_in_the_payload() {
    let error = made(|copy| {
        let key = copy.agency.key.clone();
        let parts = Parts::of(&copy.issue());
        let header = parts.header.to_string();
        let payload = parts
            .payload
            .to_string()
            .replacen('{', "{\"iss\":\"did:web:evil.localhost\",", 1);
        parts.sign_text(&header, &payload, &key)
    })
    .await;
    assert!(matches!(sd_jwt_error(error), SdJwtError::PayloadJson(_)));
}

#[tokio::test]
async fn a9_wallet_signature_in_der() {
    let error = made(|copy| {
        let text = copy.issue();
        let parts = Parts::of(&text);
        let (input, signature) = text.split('~').next().expect("jwt").rsplit_once('.').expect("jws");
        let der = [
            &[0x30, 0x44, 0x02, 0x20][..],
            &base64url::decode(signature).expect("base64"),
        ]
        .concat();
        parts.join(input, &base64url::encode(der))
    })
    .await;
    let error = sd_jwt_error(error);
    assert!(matches!(error, SdJwtError::Jws(JwsError::Signature(_))), "{error:?}");
}

#[tokio::test]
async fn b1_wallet_a_disclosure_over_a_visible_claim() {
    let error = edited(|parts| parts.disclose(&json!(["salt", "vct", "urn:other"]))).await;
    assert_eq!(sd_jwt_error(error), SdJwtError::ClaimExists);
}

#[tokio::test]
async fn b2_wallet_two_disclosures_of_one_name() {
    let error = edited(|parts| parts.disclose(&json!(["salt", "given_name", "Eve"]))).await;
    assert_eq!(sd_jwt_error(error), SdJwtError::ClaimExists);
}

#[test_case("_sd" ; "digests")]
#[test_case("..." ; "an element")]
#[tokio::test]
async fn b3_wallet_a_reserved_name(name: &'static str) {
    let error = edited(move |parts| parts.disclose(&json!(["salt", name, 1]))).await;
    assert_eq!(sd_jwt_error(error), SdJwtError::ReservedDisclosureName);
}

#[tokio::test]
async fn b4_wallet_a_digest_twice() {
    let error = edited(|parts| {
        let digests = parts.payload["_sd"].as_array_mut().expect("_sd");
        let first = digests[0].clone();
        digests.push(first);
    })
    .await;
    assert_eq!(sd_jwt_error(error), SdJwtError::DuplicateDigest);
}

#[tokio::test]
async fn b5_wallet_a_disclosure_without_a_digest() {
    let error = edited(|parts| parts.disclosures.push(base64url::encode(r#"["salt","x",1]"#))).await;
    assert_eq!(sd_jwt_error(error), SdJwtError::UnreferencedDisclosure);
}

/// How long a refusal may take: ten times the half second that it should.
pub(crate) const GUARD: std::time::Duration = std::time::Duration::from_secs(5);

#[tokio::test]
async fn b6_wallet_disclosures_inside_one_another_without_end() {
    let start = std::time::Instant::now();
    let error = edited(|parts| {
        let mut inner = json!(["salt", "a", 0]);
        for _ in 0..950 {
            let text = base64url::encode(inner.to_string());
            inner = json!(["salt", "a", { "_sd": [base64url::encode(crate::world::sha256(text.as_bytes()))] }]);
            parts.disclosures.push(text);
        }
        parts.disclose(&inner);
    })
    .await;
    assert_eq!(sd_jwt_error(error), SdJwtError::OverBudget(OverBudget(Work::Nesting)));
    assert!(start.elapsed() < GUARD);
}

#[tokio::test]
async fn b6_wallet_more_disclosures_than_are_read() {
    let start = std::time::Instant::now();
    let error = edited(|parts| parts.disclosures.extend((0..1_000).map(|_| "YQ".to_owned()))).await;
    assert_eq!(
        sd_jwt_error(error),
        SdJwtError::OverBudget(OverBudget(Work::Disclosures))
    );
    assert!(start.elapsed() < GUARD);
}

#[tokio::test]
async fn b6_wallet_decoys_without_end() {
    let start = std::time::Instant::now();
    let error = edited(|parts| {
        let digests = parts.payload["_sd"].as_array_mut().expect("_sd");
        digests.extend((0..5_000).map(|n| Value::from(n.to_string())));
    })
    .await;
    assert_eq!(sd_jwt_error(error), SdJwtError::OverBudget(OverBudget(Work::Digests)));
    assert!(start.elapsed() < GUARD);
}

#[tokio::test]
async fn b7_wallet_a_placeholder_with_more_in_it() {
    let error = edited(|parts| {
        let digest = base64url::encode([7; 32]);
        parts.payload["list"] = json!([{"...": digest, "x": 1}]);
    })
    .await;
    assert_eq!(sd_jwt_error(error), SdJwtError::MalformedPlaceholder);
}

#[tokio::test]
async fn b7_wallet_two_elements_under_sd() {
    let error = edited(|parts| parts.disclose(&json!(["salt", 1]))).await;
    assert_eq!(sd_jwt_error(error), SdJwtError::ArrayDisclosureInObject);
}

#[tokio::test]
async fn b18_wallet_a_key_binding_from_the_issuer() {
    let error = made(|copy| copy.issue() + "e30.e30.e30").await;
    assert_eq!(wallet_code(&error), "card_with_key_binding");
}

#[tokio::test]
async fn b18_wallet_bound_to_a_foreign_key() {
    let error = made(|mut copy| {
        copy.draft.holder_key = key(9).public().clone();
        copy.issue()
    })
    .await;
    assert!(matches!(
        error,
        IssuanceError::Refused(CredentialRefused::Receive(ReceiveError::ForeignHolderKey))
    ));
    assert_eq!(wallet_code(&error), "card_bound_to_foreign_key");
}

#[tokio::test]
async fn b18_wallet_values_that_differ_inside_a_batch() {
    let error = made(|mut copy| {
        if copy.number == 2 {
            copy.draft.claims.insert("given_name".into(), "Eve".into());
        }
        copy.issue()
    })
    .await;
    assert!(matches!(error, IssuanceError::Refused(CredentialRefused::ValuesDiffer)));
}

#[tokio::test]
async fn b18_wallet_values_that_differ_between_batches() {
    let error = made(|mut copy| {
        if copy.number >= 3 {
            copy.draft.claims.insert("age_over_18".into(), false.into());
        }
        copy.issue()
    })
    .await;
    assert!(matches!(error, IssuanceError::Refused(CredentialRefused::ValuesDiffer)));
}

#[tokio::test]
async fn b18_wallet_copies_that_share_a_status_entry() {
    let error = made(|mut copy| {
        if let Some(status) = &mut copy.draft.status {
            status.index = 7;
        }
        copy.issue()
    })
    .await;
    assert!(matches!(error, IssuanceError::Refused(CredentialRefused::StatusShared)));
}

#[tokio::test]
async fn i5_wallet_signed_by_a_key_that_is_not_the_issuers() {
    let error = made(|copy| {
        let parts = Parts::of(&copy.issue());
        parts.sign(&key(5))
    })
    .await;
    assert!(matches!(sd_jwt_error(error), SdJwtError::Jws(JwsError::Signature(_))));
}

#[tokio::test]
async fn i5_wallet_of_another_type() {
    let error = made(|mut copy| {
        copy.draft.vct = testkit::credential::vct("residence");
        copy.issue()
    })
    .await;
    assert!(matches!(error, IssuanceError::Refused(CredentialRefused::OtherType)));
}

#[tokio::test]
async fn i5_wallet_expired_on_arrival() {
    let error = made(|mut copy| {
        copy.draft.expires = NOW - 1;
        copy.issue()
    })
    .await;
    assert_eq!(sd_jwt_error(error), SdJwtError::Expired);
}

#[tokio::test]
async fn i5_wallet_a_type_the_agency_is_not_accredited_for() {
    let world = World::new().await;
    let issuer = Issuer::of(&world, "driving-licence");
    issuer.mount(&world).await;
    let error = world.not_stored(&issuer).await;
    assert!(matches!(
        error,
        IssuanceError::Refused(CredentialRefused::Issuer(TrustError::NotAccredited))
    ));
}

#[tokio::test]
async fn i5_wallet_a_key_taken_out() {
    let mut world = World::new().await;
    let issuer = Issuer::of(&world, "person-identification");
    issuer.mount(&world).await;
    world.ledger.rotate(&mut world.agency, did::identity::OldKey::TakeOut);
    world.publish_agencies().await;
    let error = world.not_stored(&issuer).await;
    assert!(matches!(
        error,
        IssuanceError::Refused(CredentialRefused::Issuer(TrustError::KeyRetired))
    ));
}

/// An issuer known by certificates alone, at a host that no agency lives at.
pub(crate) async fn certified(world: &World, chain: &Chain, did: &str) -> Issuer {
    let mut issuer = Issuer::of(world, "person-identification");
    issuer.url = world.url("elsewhere", "");
    issuer.did = did.to_owned();
    issuer.kid = format!("{did}#key-1");
    issuer.key = key(31);
    issuer.x5c = Some(chain.x5c());
    issuer.mount(world).await;
    issuer
}

pub(crate) const FOREIGN: &str = "did:web:elsewhere.example";

#[tokio::test]
async fn a_card_of_an_issuer_known_by_certificate_is_stored() {
    let root = Authority::new("root");
    let world = World::with_anchors(Some(&root), None).await;
    let chain = root
        .intermediate("below")
        .certify(key(31).public(), &[Name::Uri(FOREIGN)]);
    let issuer = certified(&world, &chain, FOREIGN).await;
    let accepted = world.accept(&issuer.offer()).await.expect("accepted");
    assert_eq!(accepted[0].copies, 6, "also the copies that carry no certificate");
}

#[tokio::test]
async fn an_issuer_that_its_certificate_does_not_name_is_refused() {
    let root = Authority::new("root");
    let world = World::with_anchors(Some(&root), None).await;
    let chain = root.certify(key(31).public(), &[Name::Uri("did:web:other.example")]);
    let issuer = certified(&world, &chain, FOREIGN).await;
    let error = world.not_stored(&issuer).await;
    assert!(matches!(
        error,
        IssuanceError::Refused(CredentialRefused::Issuer(TrustError::IssuerNotInCertificate))
    ));
}

#[tokio::test]
async fn e1_wallet_a_self_signed_leaf() {
    let root = Authority::new("root");
    let world = World::with_anchors(Some(&root), None).await;
    let issuer = certified(&world, &Chain::self_signed(&key(31), &[Name::Uri(FOREIGN)]), FOREIGN).await;
    assert_eq!(wallet_code(&world.not_stored(&issuer).await), "certificate_not_trusted");
}

#[tokio::test]
async fn e1_wallet_the_anchor_in_the_chain() {
    let root = Authority::new("root");
    let world = World::with_anchors(Some(&root), None).await;
    let mut chain = root.certify(key(31).public(), &[Name::Uri(FOREIGN)]);
    let anchor = pem_to_der(root.pem());
    chain.certificates.push(anchor);
    let issuer = certified(&world, &chain, FOREIGN).await;
    let error = world.not_stored(&issuer).await;
    assert!(matches!(
        error,
        IssuanceError::Refused(CredentialRefused::Issuer(TrustError::Chain(
            jose::x5c::ChainError::AnchorInChain
        )))
    ));
}

/// The agency of the world, with a certificate of a CA that is configured too.
async fn certified_agency(world: &World, root: &Authority) -> Issuer {
    let mut issuer = Issuer::of(world, "person-identification");
    let chain = root.certify(issuer.key.public(), &[Name::Uri(&issuer.did)]);
    issuer.x5c = Some(chain.x5c());
    issuer.mount(world).await;
    issuer
}

#[tokio::test]
async fn a_certificate_does_not_replace_a_record_without_quorum() {
    let root = Authority::new("root");
    let mut world = World::with_anchors(Some(&root), None).await;
    let issuer = certified_agency(&world, &root).await;
    let did = issuer.did.clone();
    let unproved = world.ledger.bundle_with(&did, &Cosignatures::without_quorum(NOW));
    let set = ledger::encode_bundles([unproved.as_slice()].into_iter());
    world.answer_cbor("/ledger/bundles/accredited", set).await;
    let error = world.not_stored(&issuer).await;
    assert!(matches!(
        error,
        IssuanceError::Refused(CredentialRefused::Issuer(TrustError::Bundle(BundleError::Quorum(
            QuorumError::NotReached
        ))))
    ));
    assert_eq!(error.code(), "no_quorum");
}

#[tokio::test]
async fn a_certificate_does_not_replace_a_revoked_accreditation() {
    let root = Authority::new("root");
    let mut world = World::with_anchors(Some(&root), None).await;
    let issuer = certified_agency(&world, &root).await;
    world.ledger.revoke_accreditation(&world.agency);
    world.publish_agencies().await;
    world.publish_record(&issuer.did).await;
    let error = world.not_stored(&issuer).await;
    assert!(matches!(
        error,
        IssuanceError::Refused(CredentialRefused::Issuer(TrustError::NotAccredited))
    ));
}

#[tokio::test]
async fn who_was_revoked_is_not_believed_while_the_ledger_does_not_say() {
    let root = Authority::new("root");
    let mut world = World::with_anchors(Some(&root), None).await;
    let issuer = certified_agency(&world, &root).await;
    world.ledger.revoke_accreditation(&world.agency);
    world.publish_agencies().await;
    let error = world.not_stored(&issuer).await;
    assert_eq!(error.code(), "ledger_unreachable");
}

#[tokio::test]
async fn an_issuer_that_is_proved_to_be_absent_goes_by_its_certificate() {
    let root = Authority::new("root");
    let mut world = World::with_anchors(Some(&root), None).await;
    let did = "did:webvh:QmWvQxTqbG2Z9HPJgG57jjwR154cKhbtJenbyYTWkjgF3e:elsewhere.example";
    let chain = root.certify(key(31).public(), &[Name::Uri(did)]);
    let issuer = certified(&world, &chain, did).await;
    world.publish_record(did).await;
    let accepted = world.accept(&issuer.offer()).await.expect("accepted");
    assert_eq!(accepted[0].copies, 6);
}

fn pem_to_der(pem: &str) -> Vec<u8> {
    use base64::Engine as _;
    let text: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    base64::engine::general_purpose::STANDARD.decode(text).expect("pem")
}

fn wallet_code(error: &IssuanceError) -> &'static str {
    error.code()
}
