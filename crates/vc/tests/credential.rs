//! Issuing, holding and verifying a credential.

use jose::{Budget, OverBudget, Work};
use serde_json::{Value, json};
use test_case::test_case;
use w3c_vc::{
    CREDENTIALS_V2, ClaimPath, ContextError, CredentialDraft, CredentialError, CredentialStatus, DocumentError,
    FormError, IssueError, PathElement, ProofError, ReceiveError, StatusEntry, StatusPurpose, TrustedIssuer,
    UNDEFINED_TERMS_V2, UnverifiedCredential, budget, issue,
};

use crate::fixture::{
    ISSUER, METHOD, NOW, changed, contexts, credential, document, ed25519, holder, holder_key, issued, issuer, object,
    p256, signer, signing, trusted, verify, without,
};

fn draft() -> CredentialDraft {
    CredentialDraft {
        contexts: vec![CREDENTIALS_V2.to_owned(), UNDEFINED_TERMS_V2.to_owned()],
        types: vec!["ResidentCard".to_owned()],
        issuer: ISSUER.to_owned(),
        valid_from: NOW,
        valid_until: NOW + 1000,
        holder_key: holder().public().clone(),
        status: vec![StatusEntry {
            purpose: StatusPurpose::Revocation,
            index: 94_567,
            list: "https://agency.example/status/1".to_owned(),
        }],
        claims: object(json!({"given_name": "Synthetic"})),
    }
}

#[test_case(true; "ecdsa-rdfc-2019")]
#[test_case(false; "eddsa-rdfc-2022")]
fn what_is_issued_is_received_and_says_what_was_drafted(ecdsa: bool) {
    let key = if ecdsa { p256(1) } else { ed25519(1) };
    let text = draft().issue(&contexts(), &signing(&signer(&key))).unwrap();
    let unverified = UnverifiedCredential::parse(&text).unwrap();
    assert_eq!((unverified.hints().issuer, unverified.hints().method), (ISSUER, METHOD));
    let held = unverified.clone();
    let verified = unverified.verify(&contexts(), &trusted(&key), NOW).unwrap();
    let work = verified.work();
    let verified = verified.credential();
    assert_eq!(verified.types(), ["VerifiableCredential", "ResidentCard"]);
    assert_eq!((verified.issuer(), verified.id()), (ISSUER, None));
    assert_eq!(
        (verified.valid_from(), verified.valid_until()),
        (Some(NOW), Some(NOW + 1000))
    );
    assert_eq!(verified.holder(), Some(&holder_key(&holder())));
    assert_eq!(verified.status(), draft().status.map_entries());
    assert_eq!(verified.subjects().count(), 1);
    assert_eq!((work.spent(Work::Signatures), work.spent(Work::Hashes)), (1, 2));
    let held = held
        .receive(&contexts(), &trusted(&key), holder().public(), NOW)
        .unwrap();
    assert_eq!(held.credential().document(), verified.document());
    let stored = UnverifiedCredential::parse(&held.to_text()).unwrap();
    assert_eq!(stored.dangerous_from_storage().to_text(), held.to_text());
}

trait Entries {
    fn map_entries(self) -> Vec<CredentialStatus>;
}

impl Entries for Vec<StatusEntry> {
    fn map_entries(self) -> Vec<CredentialStatus> {
        self.into_iter().map(CredentialStatus::Bitstring).collect()
    }
}

#[test]
fn every_claim_is_listed_with_its_place() {
    let verified = verify(&credential()).unwrap();
    let claims = verified.credential().claims();
    let places: Vec<String> = claims.iter().map(|(place, _)| place.to_string()).collect();
    assert_eq!(claims.len(), 6, "{places:?}");
    let place = ["credentialSubject", "address", "floor"].map(|name| PathElement::Name(name.to_owned()));
    let floor = claims.iter().find(|(path, _)| *path == ClaimPath::new(place.to_vec()));
    assert_eq!(floor.map(|(_, value)| (*value).clone()), Some(json!(3)));
}

#[test_case("/credentialSubject/given_name", json!("Other") => CredentialError::Proof(ProofError::Signature); "a claim")]
#[test_case("/credentialSubject/further", json!("x") => CredentialError::Proof(ProofError::Signature); "a claim more")]
#[test_case("/validUntil", json!("2040-01-01T00:00:00Z") => CredentialError::Proof(ProofError::Signature); "the end")]
#[test_case("/id", json!("urn:x:1") => CredentialError::Proof(ProofError::Signature); "the id")]
#[test_case("/type", json!(["VerifiableCredential", "Other"]) => CredentialError::Proof(ProofError::Signature); "the type")]
#[test_case("/issuer", json!("https://other.example/") => CredentialError::OtherIssuer; "the issuer")]
#[test_case("/proof/created", json!("2026-01-01T00:00:00Z") => CredentialError::Proof(ProofError::Signature); "when it was signed")]
#[test_case("/@context", json!([CREDENTIALS_V2]) => CredentialError::Proof(ProofError::Document(DocumentError::JsonLd)); "a context less")]
#[test_case("/@context", json!([CREDENTIALS_V2, "https://a.example/"]) => CredentialError::Document(DocumentError::Context(ContextError::Unknown)); "another context")]
fn a_change_is_noticed(place: &str, value: Value) -> CredentialError {
    verify(&changed(&credential(), place, value)).unwrap_err()
}

#[test]
fn a_claim_that_was_left_out_is_noticed() {
    for place in [
        "/credentialSubject/over_18",
        "/validUntil",
        "/issuer/name",
        "/proof/created",
    ] {
        let refused = verify(&without(&credential(), place)).unwrap_err();
        assert_eq!(refused, CredentialError::Proof(ProofError::Signature), "{place}");
    }
}

#[test]
fn keys_come_from_policy_alone() {
    let text = credential();
    let verify = |trusted: &TrustedIssuer| {
        let unverified = UnverifiedCredential::parse(&text).unwrap();
        unverified.verify(&contexts(), trusted, NOW).map(drop)
    };
    assert_eq!(verify(&trusted(&issuer())), Ok(()));
    assert_eq!(verify(&trusted(&p256(9))), Err(ProofError::Signature.into()));
    assert_eq!(verify(&trusted(&ed25519(1))), Err(ProofError::OtherAlgorithm.into()));
    let none = TrustedIssuer::new(ISSUER, []);
    assert_eq!(verify(&none), Err(ProofError::UnknownKey.into()));
    let other = TrustedIssuer::new("https://agency.example", []);
    assert_eq!(verify(&other), Err(CredentialError::OtherIssuer));
}

#[test]
fn a_credential_holds_in_its_time_alone() {
    let at = |now| {
        let unverified = UnverifiedCredential::parse(&credential()).unwrap();
        unverified.verify(&contexts(), &trusted(&issuer()), now).map(drop)
    };
    // 2026-01-01 lies before the proof was made, so that its date is what counts at first.
    assert_eq!(at(1_767_225_600), Err(ProofError::InTheFuture.into()));
    assert_eq!(at(1_893_455_999), Ok(()));
    assert_eq!(at(1_893_456_000), Err(CredentialError::Expired));
    let mut later = document();
    later.insert("validFrom".to_owned(), json!("2027-01-01T00:00:00Z"));
    assert_eq!(
        verify(&issued(later).unwrap()).unwrap_err(),
        CredentialError::NotYetValid
    );
}

#[test]
fn a_wallet_takes_what_is_bound_to_its_own_key() {
    let receive = |text: &str, key: &jose::PublicJwk| {
        let unverified = UnverifiedCredential::parse(text).unwrap();
        unverified.receive(&contexts(), &trusted(&issuer()), key, NOW).map(drop)
    };
    assert_eq!(receive(&credential(), holder().public()), Ok(()));
    assert_eq!(
        receive(&credential(), p256(7).public()),
        Err(ReceiveError::ForeignHolderKey)
    );
    let forged = changed(&credential(), "/credentialSubject/given_name", json!("x"));
    let refused = receive(&forged, holder().public());
    assert_eq!(refused, Err(CredentialError::Proof(ProofError::Signature).into()));
    let jwk = did::jwk::from_public_key(p256(7).public()).unwrap();
    for (id, accepted) in [(jwk.as_str(), true), ("did:example:1", false)] {
        let mut other = document();
        other["credentialSubject"]["id"] = json!(id);
        assert_eq!(
            receive(&issued(other).unwrap(), p256(7).public()).is_ok(),
            accepted,
            "{id}"
        );
    }
    let mut two = document();
    two["credentialSubject"] = json!([two["credentialSubject"], {"id": "urn:x:other"}]);
    let refused = receive(&issued(two).unwrap(), holder().public());
    assert_eq!(refused, Err(ReceiveError::ForeignHolderKey));
}

#[test]
fn what_must_not_be_issued_is_not() {
    let mut with_id = draft();
    with_id.claims.insert("id".to_owned(), json!("urn:x:1"));
    assert_eq!(with_id.into_document().unwrap_err(), IssueError::IssuerClaim("id"));
    let mut late = draft();
    late.valid_until = u64::MAX;
    assert_eq!(late.into_document().unwrap_err(), IssueError::Date);
    let mut backwards = draft();
    backwards.valid_until = NOW;
    let refused = backwards.issue(&contexts(), &signing(&signer(&issuer()))).unwrap_err();
    assert_eq!(refused, IssueError::Form(FormError::Period));
    let twice = object(serde_json::from_str(&credential()).unwrap());
    assert_eq!(issued(twice).unwrap_err(), IssueError::Proved);
    let mut unknown = document();
    unknown["@context"] = json!([CREDENTIALS_V2, "https://a.example/"]);
    let refused = issue(unknown, &contexts(), &signing(&signer(&issuer()))).unwrap_err();
    assert_eq!(
        refused,
        IssueError::Document(DocumentError::Context(ContextError::Unknown))
    );
    assert!(!format!("{:?}", draft()).contains("Synthetic"));
}

const UNRELATED: Result<(), IssueError> = Err(IssueError::Form(FormError::Malformed("relatedResource")));
const TWICE: Result<(), IssueError> = Err(IssueError::Document(DocumentError::DescribedTwice));

#[test_case(json!({"id": "urn:x:1", "digestSRI": "sha384-AA"}) => Ok(()); "a digest")]
#[test_case(json!([{"id": "urn:x:1", "digestMultibase": "uAA"}, {"id": "urn:x:2", "digestSRI": "sha384-AA"}]) => Ok(()); "two resources")]
#[test_case(json!(["https://a.example/"]) => UNRELATED; "an address alone")]
#[test_case(json!({"digestMultibase": "uAA"}) => UNRELATED; "no id")]
#[test_case(json!({"id": "urn:x:1", "mediaType": "text/plain"}) => UNRELATED; "no digest")]
#[test_case(json!([{"id": "urn:x:1", "digestMultibase": "uAA"}, {"id": "urn:x:1", "digestSRI": "sha384-AA"}]) => TWICE; "one id twice")]
fn a_related_resource_has_an_id_of_its_own_and_a_digest(resources: Value) -> Result<(), IssueError> {
    let mut related = document();
    related.insert("relatedResource".to_owned(), resources);
    issued(related).map(drop)
}

#[test_case(Work::Bytes, 100; "bytes")]
#[test_case(Work::Values, 10; "values")]
#[test_case(Work::Depth, 2; "depth")]
#[test_case(Work::StringBytes, 20; "a string")]
#[test_case(Work::Statements, 10; "statements")]
#[test_case(Work::Hashes, 1; "hashes")]
#[test_case(Work::Signatures, 0; "signatures")]
fn each_kind_of_work_is_bounded(work: Work, allowed: usize) {
    let budget: Budget = budget::CREDENTIAL.allow(work, allowed);
    let text = credential();
    let verified = UnverifiedCredential::parse_within(&text, budget)
        .and_then(|unverified| unverified.verify(&contexts(), &trusted(&issuer()), NOW));
    let over = match verified.unwrap_err() {
        CredentialError::Document(DocumentError::OverBudget(OverBudget(over)))
        | CredentialError::Proof(ProofError::Document(DocumentError::OverBudget(OverBudget(over)))) => over,
        CredentialError::Document(DocumentError::Json(error)) => {
            assert_eq!(error, jose::strict_json::StrictJsonError::OverBudget(OverBudget(work)));
            work
        }
        other => panic!("{other}"),
    };
    assert_eq!(over, work);
}
