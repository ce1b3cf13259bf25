//! Bitstring Status Lists beside Token Status Lists: the same places, read and judged in the same way.

use card_formats::{NewBits, StatusListError, UnverifiedList};
use jose::{PrivateJwk, SigningKey};
use serde_json::{Value, json};
use status_list::{Bits, LookUpError, Status, StatusList, StatusPurpose, StatusReference};
use w3c_vc::{CredentialError, ProofError};

use crate::sample::{DID as ISSUER, KID, NOW, public};

const LIST: &str = "https://agency.example/lists/1";

fn agency() -> PrivateJwk {
    PrivateJwk::generate_p256(&mut |out: &mut [u8]| out.fill(1))
}

/// Both lists of the agency, as it publishes them.
fn lists() -> (StatusList, [String; 2]) {
    let mut list = StatusList::new(Bits::Two, 131_072);
    list.set(7, Status::Invalid).unwrap();
    list.set(9, Status::Suspended).unwrap();
    let signer = SigningKey::new(&agency()).unwrap();
    let sign = |purpose| {
        let bits = NewBits {
            token_list: LIST,
            purpose,
            list: &list,
            issuer: ISSUER,
            kid: KID,
            signed_at: NOW,
            expires: NOW + 3_600,
            time_to_live: 600,
            signer: &signer,
        };
        bits.sign().unwrap()
    };
    let signed = StatusPurpose::ALL.map(sign);
    (list, signed)
}

#[test]
fn the_lists_beside_say_what_the_token_says() {
    let (list, signed) = lists();
    let held = signed.iter().zip(StatusPurpose::ALL).map(|(text, purpose)| {
        let list = UnverifiedList::parse(text).unwrap();
        assert_eq!((list.kid(), list.x5c()), (Some(KID), None));
        let held = list.verify(&public(&agency()), Some(ISSUER), &purpose.list_beside(LIST), NOW);
        (held.unwrap(), purpose)
    });
    for (held, purpose) in held {
        assert_eq!((held.issued_at(), held.refresh_at()), (NOW, Some(NOW + 600)));
        assert!(held.is_current(NOW + 3_599) && !held.is_current(NOW + 3_600));
        for index in [0, 6, 7, 8, 9, 10, 131_071] {
            let said = held
                .look_up(&StatusReference::of_token(LIST, index).beside(purpose))
                .unwrap();
            let expected = match list.status(index).unwrap() {
                status if status == purpose.when_set() => status,
                _ => Status::Valid,
            };
            assert_eq!(said, expected, "{index}");
        }
        let place = StatusReference::of_token(LIST, 7).beside(purpose);
        let other = StatusPurpose::ALL.into_iter().find(|other| *other != purpose);
        let asked = |place: StatusReference| held.look_up(&place);
        assert_eq!(
            asked(StatusReference {
                purpose: other,
                ..place.clone()
            }),
            Err(LookUpError::Purpose)
        );
        assert_eq!(
            asked(StatusReference {
                purpose: None,
                ..place.clone()
            }),
            Err(LookUpError::Purpose)
        );
        let elsewhere = StatusReference {
            uri: "https://agency.example/lists/2/revocation".to_owned(),
            ..place.clone()
        };
        assert_eq!(asked(elsewhere), Err(LookUpError::OtherList));
        let beyond = StatusReference {
            index: 131_072,
            ..place
        };
        assert!(matches!(asked(beyond), Err(LookUpError::OutOfRange(_))));
    }
}

#[test]
fn a_list_of_another_issuer_key_address_or_time_is_refused() {
    let (_, [revocation, _]) = lists();
    let url = StatusPurpose::Revocation.list_beside(LIST);
    let verify = |text: &str, key: &PrivateJwk, issuer: Option<&str>, url: &str, now| {
        let list = UnverifiedList::parse(text)?;
        list.verify(&public(key), issuer, url, now).map(drop)
    };
    let good = |text: &str| verify(text, &agency(), Some(ISSUER), &url, NOW);
    assert_eq!(good(&revocation), Ok(()));
    assert_eq!(verify(&revocation, &agency(), None, &url, NOW), Ok(()));
    // A clock that is behind a little.
    assert_eq!(verify(&revocation, &agency(), Some(ISSUER), &url, NOW - 60), Ok(()));
    let credential = |error: CredentialError| Err(StatusListError::Bits(w3c_vc::StatusListError::Credential(error)));
    let other = verify(&revocation, &agency(), Some("did:webvh:x:b.example"), &url, NOW);
    assert_eq!(other, credential(CredentialError::OtherIssuer));
    let other = verify(
        &revocation,
        &PrivateJwk::from_ed25519_seed(&[9; 32]),
        Some(ISSUER),
        &url,
        NOW,
    );
    assert_eq!(other, credential(ProofError::OtherAlgorithm.into()));
    let other = verify(&revocation, &agency(), Some(ISSUER), LIST, NOW);
    assert_eq!(other, Err(StatusListError::Bits(w3c_vc::StatusListError::OtherList)));
    let old = verify(&revocation, &agency(), Some(ISSUER), &url, NOW + 3_600);
    assert_eq!(old, credential(CredentialError::Expired));
    let clean = w3c_vc::Bitstring::new(0).encode();
    let mut cleaned: Value = serde_json::from_str(&revocation).unwrap();
    cleaned["credentialSubject"]["encodedList"] = json!(clean);
    assert_eq!(good(&cleaned.to_string()), credential(ProofError::Signature.into()));
}
