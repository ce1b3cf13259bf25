//! Holding and showing. OpenID4VP 1.0 Appendix B.2

use jose::{SignError, Work};
use mdoc::{
    BindError, ElementPath, IssuerTrust, MdocError, ReceiveError, SelectError, UnverifiedDeviceResponse,
    UnverifiedMdoc, Value,
};
use serde_json::json;
use testkit::credential::{key, signer};

use crate::fixture::{
    DAY, DOC_TYPE, FIRST, NOW, SECOND, device, draft, held, issued, issuer, transcript, trust, verify,
};

fn path(name_space: &str, name: &str) -> ElementPath {
    ElementPath::new(name_space, name)
}

#[test]
fn only_what_was_chosen_is_shown() {
    let held = held();
    let chosen = [path(FIRST, "age_over_18"), path(FIRST, "birth_date")];
    let selection = held.select(&chosen).unwrap();
    let response = selection.respond(&transcript(), &signer(&device())).unwrap();
    let verified = verify(&response).unwrap();
    let expected = json!({FIRST: {"birth_date": "1990-01-02", "age_over_18": true}});
    assert_eq!(serde_json::Value::Object(verified.claims()), expected);
    assert_eq!(verified.credential().doc_type(), DOC_TYPE);
    assert_eq!(
        verified.element(FIRST, "age_over_18").unwrap().value,
        &Value::Bool(true)
    );
    assert!(verified.certificate().is_some());
    // Nothing of the others is in the bytes, whatever reads them.
    for hidden in [b"Sample".as_slice(), b"family_name", b"portrait", SECOND.as_bytes()] {
        let found = response.windows(hidden.len()).any(|window| window == hidden);
        // The security object names every namespace that has digests.
        assert_eq!(found, hidden == SECOND.as_bytes(), "{hidden:?}");
    }
    let work = verified.work();
    assert_eq!((work.spent(Work::Hashes), work.spent(Work::Signatures)), (2, 2));
    assert_eq!(work.spent(Work::Disclosures), 2);
    let shown = UnverifiedDeviceResponse::parse(&response).unwrap();
    assert_eq!(shown.dangerous_elements().count(), 2);
    assert_eq!(shown.encode(), response);
}

#[test]
fn what_is_not_there_cannot_be_chosen() {
    let held = held();
    for wrong in [path(FIRST, "number"), path("org.example", "number"), path(SECOND, "")] {
        let refused = held.select(&[path(SECOND, "number"), wrong.clone()]).unwrap_err();
        assert_eq!(refused, SelectError::NoSuchElement(wrong));
    }
    let nothing = held
        .select(&[])
        .unwrap()
        .respond(&transcript(), &signer(&device()))
        .unwrap();
    assert_eq!(verify(&nothing).unwrap().elements().count(), 0);
}

#[test]
fn only_the_key_of_the_copy_shows_it() {
    let held = held();
    let selection = || held.select(&[path(SECOND, "number")]).unwrap();
    assert_eq!(
        selection().respond(&transcript(), &signer(&key(3))).unwrap_err(),
        BindError::WrongKey
    );
    struct Locked(jose::PublicJwk);
    impl jose::Signer for Locked {
        fn public_jwk(&self) -> &jose::PublicJwk {
            &self.0
        }
        fn sign(&self, _: &[u8]) -> Result<Vec<u8>, SignError> {
            Err(SignError::KeyUnavailable)
        }
    }
    let locked = Locked(device().public().clone());
    assert_eq!(
        selection().respond(&transcript(), &locked).unwrap_err(),
        BindError::Sign(SignError::KeyUnavailable)
    );
}

#[test]
fn a_wallet_takes_what_is_its_own_and_valid() {
    let receive = |key: &jose::PublicJwk, now| {
        let received = UnverifiedMdoc::parse(&issued(draft())).unwrap();
        received.receive(trust(), key, now).map(drop)
    };
    assert_eq!(receive(device().public(), NOW), Ok(()));
    assert_eq!(receive(key(3).public(), NOW), Err(ReceiveError::ForeignDeviceKey));
    assert_eq!(
        receive(device().public(), NOW + DAY + 1),
        Err(MdocError::Expired.into())
    );
    assert_eq!(
        receive(device().public(), NOW - DAY - 1),
        Err(MdocError::NotYetValid.into())
    );
    assert_eq!(receive(device().public(), NOW + DAY), Ok(()));
    assert_eq!(receive(device().public(), NOW - DAY), Ok(()));
}

#[test]
fn what_was_stored_is_the_same_document() {
    let issued = issued(draft());
    let received = UnverifiedMdoc::parse(&issued).unwrap();
    let (held, _) = received.receive(trust(), device().public(), NOW).unwrap();
    let stored = held.encode();
    assert_eq!(stored, issued);
    let again = UnverifiedMdoc::parse(&stored).unwrap().dangerous_from_storage();
    assert_eq!(again.claims(), held.claims());
    assert!(again.elements().eq(held.elements()));
}

#[test]
fn a_key_that_the_caller_knows_is_enough() {
    let known = jose::VerifyingKey::new(issuer().public()).unwrap();
    let response = crate::forge::forged(|forge| forge.unprotected = coset::Header::default());
    let verified = UnverifiedDeviceResponse::parse(&response)
        .unwrap()
        .verify(IssuerTrust::Key(&known), &transcript(), NOW)
        .unwrap();
    assert!(verified.certificate().is_none());
    let other = jose::VerifyingKey::new(key(3).public()).unwrap();
    let refused =
        UnverifiedDeviceResponse::parse(&response)
            .unwrap()
            .verify(IssuerTrust::Key(&other), &transcript(), NOW);
    assert!(refused.is_err());
}

#[test]
fn nobody_learns_values_from_a_log() {
    let held = held();
    let selection = held.select(&[path(FIRST, "family_name")]).unwrap();
    let element = held.elements().next().unwrap();
    let printed = format!("{held:?} {selection:?} {element:?} {:?}", draft());
    assert!(printed.contains("family_name") && !printed.contains("Sample"));
}
