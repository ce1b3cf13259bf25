//! W3C credentials through the interface of all formats: from an issuer to a wallet to a verifier, and what each of
//! them refuses. Everybody here is made up.

use card_formats::{
    Binding, DecodeError, Format, Holder, Invalid, IssueError, NewCopy, PresentError, PresentationError, ReceiveError,
    VerifiedCopy, W3cError,
};
use jose::{PrivateJwk, UnixTime};
use oid4vp::{CredentialType, HolderBinding};
use serde_json::{Map, Value, json};
use status_list::{StatusPurpose, StatusReference};
use testkit::credential::signer;
use w3c_vc::{
    CREDENTIALS_V2, Challenge, Contexts, CredentialError, DocumentError, HolderKey, ProofError, Signing,
    UNDEFINED_TERMS_V2, sign_presentation,
};

use crate::sample::{DAY, DID as ISSUER, KID, NOW, public, trusted};

const FORMAT: Format = Format::W3C;
const TYPE: &str = "urn:holdfast:vct:student-card:1";
const LIST: &str = "https://agency.example/lists/1";
const ASKED: Binding<'static> = Binding {
    audience: "x509_hash:verifier",
    nonce: "n-0S6_WzA2Mj",
    handover: None,
};

fn p256(seed: u8) -> PrivateJwk {
    PrivateJwk::generate_p256(&mut |out: &mut [u8]| out.fill(seed))
}

fn ed25519(seed: u8) -> PrivateJwk {
    PrivateJwk::from_ed25519_seed(&[seed; 32])
}

fn object(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

fn claims() -> Map<String, Value> {
    object(json!({
        "given_name": "Erika (synthetic)", "family_name": "Mustermann",
        "institution_name": "Synthetic University", "enrolled_until": "2027-03-31",
    }))
}

/// A copy of the card for this key at this place, signed by this issuer.
fn issued(issuer: &PrivateJwk, holder: &PrivateJwk, index: u64) -> Result<String, IssueError> {
    issued_with(issuer, holder, index, &claims())
}

fn issued_with(
    issuer: &PrivateJwk,
    holder: &PrivateJwk,
    index: u64,
    claims: &Map<String, Value>,
) -> Result<String, IssueError> {
    let copy = NewCopy {
        card_type: TYPE,
        issuer: ISSUER,
        kid: KID,
        x5c: None,
        issued_at: NOW - 100,
        expires: NOW + DAY,
        holder_key: holder.public(),
        status: StatusReference::of_token(LIST, index),
        claims,
        digests: 0,
        signer: &signer(issuer),
    };
    FORMAT.issue(&copy, &mut |out: &mut [u8]| out.fill(0))
}

fn agency() -> PrivateJwk {
    p256(1)
}

fn holder() -> PrivateJwk {
    p256(2)
}

fn copy() -> String {
    issued(&agency(), &holder(), 7).unwrap()
}

fn receive(copy: &str, issuer: &PrivateJwk, holder: &PrivateJwk) -> Result<Box<dyn VerifiedCopy>, ReceiveError> {
    let key = public(issuer);
    FORMAT.received(copy)?.verify(trusted(&key, NOW), holder.public())
}

/// The copy shown to whoever asked.
fn shown(copy: &str, holder: &PrivateJwk) -> Result<String, PresentError> {
    let holder = signer(holder);
    let holder = Holder { key: &holder, now: NOW };
    FORMAT.held(copy).unwrap().present(&[], ASKED, holder)
}

fn verdict(text: &str, binding: Option<Binding<'_>>, now: UnixTime) -> Result<HolderBinding, PresentationError> {
    let key = public(&agency());
    let shown = FORMAT.presented(text)?.verify(trusted(&key, now), binding)?;
    Ok(shown.holder_binding())
}

/// The same text with one place changed, which nobody signed.
fn changed(text: &str, pointer: &str, value: Value) -> String {
    let mut document: Value = serde_json::from_str(text).unwrap();
    *document.pointer_mut(pointer).unwrap() = value;
    document.to_string()
}

/// A document of the agency that is like its copies and breaks a rule.
fn forged(change: impl FnOnce(&mut Value)) -> String {
    let mut document: Value = serde_json::from_str(&copy()).unwrap();
    document.as_object_mut().unwrap().remove("proof");
    change(&mut document);
    let contexts = Contexts::bundled().unwrap();
    let signing = Signing {
        method: KID,
        created: NOW - 100,
        signer: &signer(&agency()),
    };
    w3c_vc::issue(object(document), &contexts, &signing).unwrap()
}

/// Every text and number in a document, with its place.
fn leaves(value: &Value, place: &str, found: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(members) => members
            .iter()
            .for_each(|(name, value)| leaves(value, &format!("{place}/{name}"), found)),
        Value::Array(elements) => elements
            .iter()
            .enumerate()
            .for_each(|(index, value)| leaves(value, &format!("{place}/{index}"), found)),
        value => found.push((place.to_owned(), value.clone())),
    }
}

#[test]
fn a_copy_goes_from_an_issuer_to_a_wallet_to_a_verifier() {
    for issuer in [p256(1), ed25519(1)] {
        let copy = issued(&issuer, &holder(), 7).unwrap();
        let verified = receive(&copy, &issuer, &holder()).unwrap();
        assert_eq!(verified.card_type(), TYPE);
        assert_eq!(
            (verified.starts(), verified.expires()),
            (Some(NOW - 100), Some(NOW + DAY))
        );
        let places: Vec<StatusReference> = verified.statuses().into_iter().cloned().collect();
        assert_eq!(
            places,
            StatusPurpose::ALL.map(|purpose| StatusReference::of_token(LIST, 7).beside(purpose))
        );
        assert_eq!(
            Value::Object(FORMAT.named_claims(&verified.values())),
            Value::Object(claims())
        );
        let text = shown(&copy, &holder()).unwrap();
        let presented = FORMAT.presented(&text).unwrap();
        let hints = presented.hints();
        assert_eq!((hints.vct, hints.iss, hints.kid), (Some(TYPE), Some(ISSUER), Some(KID)));
        assert!(hints.x5c.is_none());
        let key = public(&issuer);
        let seen = presented.verify(trusted(&key, NOW), Some(ASKED)).unwrap();
        assert_eq!(seen.holder_binding(), HolderBinding::Cryptographic);
        assert_eq!(seen.claims()["credentialSubject"]["family_name"], "Mustermann");
        assert!(seen.disclosed().is_empty());
        assert_eq!(seen.statuses().len(), 2);
        let CredentialType::Types(types) = seen.kind() else {
            panic!("types")
        };
        assert!(types.iter().any(|name| name == TYPE), "{types:?}");
    }
}

#[test]
fn what_is_decoded_is_what_the_wallet_said_is_always_visible() {
    let held = FORMAT.held(&copy()).unwrap();
    let decoded = FORMAT.decode(&shown(&copy(), &holder()).unwrap(), Some(ASKED)).unwrap();
    let sorted = |paths: Vec<card_formats::ClaimPath>| {
        let mut paths: Vec<String> = paths.iter().map(ToString::to_string).collect();
        paths.sort();
        paths
    };
    let always = sorted(held.always_visible());
    assert_eq!(sorted(decoded.always_visible), always);
    assert!(
        always.contains(&"credentialSubject.family_name".to_owned()),
        "{always:?}"
    );
    assert!(decoded.disclosed.is_empty() && held.disclosable().is_empty());
}

#[test]
fn an_answer_for_somebody_else_is_not_sent() {
    let text = shown(&copy(), &holder()).unwrap();
    let decode = |text: &str, binding: Binding<'_>| FORMAT.decode(text, Some(binding)).unwrap_err();
    let other = Binding {
        audience: "x509_hash:other",
        ..ASKED
    };
    assert_eq!(decode(&text, other), DecodeError::OtherAudience);
    let other = Binding {
        nonce: "n-other",
        ..ASKED
    };
    assert_eq!(decode(&text, other), DecodeError::OtherNonce);
    assert_eq!(decode(&copy(), ASKED), DecodeError::NoPresentation);
    assert_eq!(decode("eyJ~", ASKED), DecodeError::NoPresentation);
    let foreign = changed(&text, "/holder", json!("did:key:zOther"));
    assert_eq!(decode(&foreign, ASKED), DecodeError::OtherHolder);
    let mut chatty: Value = serde_json::from_str(&text).unwrap();
    chatty["id"] = json!("urn:uuid:one-of-this-wallet");
    assert_eq!(decode(&chatty.to_string(), ASKED), DecodeError::Beside);
    // Whoever only wants to know what was shown may look at others' answers too.
    assert!(FORMAT.decode(&chatty.to_string(), None).is_ok());
    assert!(FORMAT.decode(&copy(), None).is_ok());
}

#[test]
fn a_claim_that_is_not_in_the_card_cannot_be_shown() {
    let held = FORMAT.held(&copy()).unwrap();
    let holder = signer(&holder());
    let holder = Holder { key: &holder, now: NOW };
    let there = card_formats::ClaimPath::from(&["credentialSubject", "given_name"][..]);
    assert!(held.present(&[there], ASKED, holder).is_ok());
    let missing = card_formats::ClaimPath::from(&["credentialSubject", "birthdate"][..]);
    let refused = held.present(&[missing], ASKED, holder).unwrap_err();
    assert!(matches!(refused, PresentError::Select(_)));
}

#[test]
fn a_copy_for_another_key_is_for_the_next() {
    let refused = receive(&copy(), &agency(), &p256(9)).unwrap_err();
    assert_eq!(refused, ReceiveError::ForeignHolderKey);
    assert!(matches!(shown(&copy(), &p256(9)).unwrap_err(), PresentError::Bind(_)));
}

#[test]
fn what_a_holder_has_signed_is_no_copy_of_an_issuer() {
    let text = shown(&copy(), &holder()).unwrap();
    assert_eq!(FORMAT.received(&text).err(), Some(ReceiveError::AlreadyBound));
}

#[test]
fn every_changed_byte_is_refused_by_wallet_and_verifier() {
    let copy = copy();
    let mut places = Vec::new();
    leaves(&serde_json::from_str(&copy).unwrap(), "", &mut places);
    assert!(places.len() > 20);
    for (place, value) in places {
        let Value::String(text) = value else { continue };
        let copy = changed(&copy, &place, json!(format!("{text}x")));
        assert!(receive(&copy, &agency(), &holder()).is_err(), "{place}");
        let alone = verdict(&copy, None, NOW).unwrap_err();
        assert!(
            matches!(alone, PresentationError::Invalid | PresentationError::Expired),
            "{place}: {alone}"
        );
    }
    let text = shown(&copy, &holder()).unwrap();
    let mut places = Vec::new();
    leaves(&serde_json::from_str(&text).unwrap(), "", &mut places);
    for (place, value) in places {
        let Value::String(said) = value else { continue };
        let text = changed(&text, &place, json!(format!("{said}x")));
        assert!(verdict(&text, Some(ASKED), NOW).is_err(), "{place}");
    }
    assert_eq!(verdict(&text, Some(ASKED), NOW), Ok(HolderBinding::Cryptographic));
}

#[test]
fn a_presentation_is_for_one_verifier_and_one_request() {
    let text = shown(&copy(), &holder()).unwrap();
    for other in [
        Binding {
            audience: "x509_hash:other",
            ..ASKED
        },
        Binding {
            nonce: "n-other",
            ..ASKED
        },
    ] {
        assert_eq!(verdict(&text, Some(other), NOW), Err(PresentationError::HolderBinding));
    }
    // What came too late or too early.
    for (now, accepted) in [
        (NOW + 300, true),
        (NOW + 301, false),
        (NOW - 60, true),
        (NOW - 61, false),
    ] {
        assert_eq!(verdict(&text, Some(ASKED), now).is_ok(), accepted, "{now}");
    }
}

#[test]
fn a_card_without_the_holders_proof_is_only_what_policy_makes_of_it() {
    assert_eq!(
        verdict(&copy(), Some(ASKED), NOW),
        Err(PresentationError::HolderBinding)
    );
    assert_eq!(verdict(&copy(), None, NOW), Ok(HolderBinding::None));
    let text = shown(&copy(), &holder()).unwrap();
    assert_eq!(verdict(&text, None, NOW), Ok(HolderBinding::None));
}

#[test]
fn a_presentation_signed_by_another_key_is_refused() {
    // The copy of somebody, shown in a presentation that names and is signed by another key.
    let thief = p256(9);
    let own: Value = serde_json::from_str(&issued(&agency(), &thief, 8).unwrap()).unwrap();
    let did = own["credentialSubject"]["id"].as_str().unwrap();
    let stolen: Value = serde_json::from_str(&copy()).unwrap();
    let presentation = json!({
        "@context": [CREDENTIALS_V2], "type": ["VerifiablePresentation"], "holder": did,
        "verifiableCredential": [stolen],
    });
    let text = sign_presentation(
        object(presentation),
        &Contexts::bundled().unwrap(),
        &HolderKey::from_id(did).unwrap(),
        Challenge {
            audience: ASKED.audience,
            nonce: ASKED.nonce,
        },
        NOW,
        &signer(&thief),
    )
    .unwrap();
    assert_eq!(verdict(&text, Some(ASKED), NOW), Err(PresentationError::HolderBinding));
}

#[test]
fn a_presentation_is_of_one_card() {
    let text = shown(&copy(), &holder()).unwrap();
    let mut document: Value = serde_json::from_str(&text).unwrap();
    let one = document["verifiableCredential"][0].clone();
    for several in [json!([one, one]), json!([])] {
        document["verifiableCredential"] = several;
        let refused = FORMAT.presented(&document.to_string()).err();
        assert_eq!(refused, Some(PresentationError::Invalid));
    }
}

#[test]
fn dates_count_for_wallet_and_verifier() {
    let text = shown(&copy(), &holder()).unwrap();
    assert_eq!(verdict(&text, None, NOW + DAY), Err(PresentationError::Expired));
    let later = forged(|document| document["validFrom"] = json!("2026-11-20T12:00:01Z"));
    assert_eq!(verdict(&later, None, NOW), Err(PresentationError::NotYetValid));
    let refused = receive(&later, &agency(), &holder()).unwrap_err();
    let expected = Invalid::W3c(W3cError::Credential(CredentialError::NotYetValid));
    assert_eq!(refused, ReceiveError::Invalid(expected));
}

#[test]
fn contexts_of_others_are_refused_unread() {
    for context in [
        json!([CREDENTIALS_V2, "https://a.example/v1"]),
        json!([CREDENTIALS_V2, {"family_name": "https://a.example/#given_name"}]),
        json!(["https://www.w3.org/2018/credentials/v1"]),
    ] {
        let copy = changed(&copy(), "/@context", context.clone());
        let refused = FORMAT.received(&copy).err();
        assert!(
            matches!(
                refused,
                Some(ReceiveError::Invalid(Invalid::W3c(W3cError::Credential(
                    CredentialError::Document(DocumentError::Context(_))
                ))))
            ),
            "{context}: {refused:?}"
        );
        assert_eq!(
            FORMAT.presented(&copy).err(),
            Some(PresentationError::Invalid),
            "{context}"
        );
    }
}

#[test]
fn keys_come_from_policy_alone() {
    let invalid = |error: ProofError| ReceiveError::Invalid(Invalid::W3c(CredentialError::Proof(error).into()));
    let refused = receive(&copy(), &p256(9), &holder()).unwrap_err();
    assert_eq!(refused, invalid(ProofError::Signature));
    let refused = receive(&copy(), &ed25519(1), &holder()).unwrap_err();
    assert_eq!(refused, invalid(ProofError::OtherAlgorithm));
}

#[test]
fn a_credential_is_of_one_type_and_its_status_can_be_looked_up() {
    let refused = |change: fn(&mut Value)| {
        let copy = forged(change);
        assert!(verdict(&copy, None, NOW).is_err() || FORMAT.presented(&copy).is_err());
        match receive(&copy, &agency(), &holder()).unwrap_err() {
            ReceiveError::Invalid(Invalid::W3c(error)) => error,
            other => panic!("{other}"),
        }
    };
    let several =
        |document: &mut Value| document["type"] = json!(["VerifiableCredential", "StudentCard", "urn:x:Judge"]);
    assert_eq!(refused(several), W3cError::Types);
    let none = |document: &mut Value| document["type"] = json!(["VerifiableCredential"]);
    assert_eq!(refused(none), W3cError::Types);
    let other = |document: &mut Value| {
        document["credentialStatus"] = json!({"id": "urn:x:1", "type": "urn:x:Status"});
    };
    assert_eq!(refused(other), W3cError::Status);
    let message = |document: &mut Value| document["credentialStatus"][0]["statusPurpose"] = json!("message");
    assert_eq!(refused(message), W3cError::Status);
    let without = |document: &mut Value| drop(document.as_object_mut().unwrap().remove("credentialStatus"));
    assert_eq!(refused(without), W3cError::Missing("credentialStatus"));
}

#[test]
fn two_copies_have_nothing_in_common_but_the_card() {
    let copies = [(p256(2), 7), (p256(3), 90_210)].map(|(key, index)| (issued(&agency(), &key, index).unwrap(), key));
    let texts = copies.each_ref().map(|(copy, key)| shown(copy, key).unwrap());
    let found = texts.each_ref().map(|text| {
        let mut found = Vec::new();
        leaves(&serde_json::from_str(text).unwrap(), "", &mut found);
        found
    });
    let [one, other] = &found;
    assert_eq!(one.len(), other.len());
    let differ = one.iter().zip(other).filter(|((_, a), (_, b))| a != b);
    let mut differ: Vec<String> = differ.map(|((place, _), _)| place.clone()).collect();
    differ.sort();
    let credential = "/verifiableCredential/0";
    let expected = [
        "/holder".to_owned(),
        "/proof/proofValue".to_owned(),
        "/proof/verificationMethod".to_owned(),
        format!("{credential}/credentialStatus/0/statusListIndex"),
        format!("{credential}/credentialStatus/1/statusListIndex"),
        format!("{credential}/credentialSubject/id"),
        format!("{credential}/proof/proofValue"),
    ];
    assert_eq!(differ, expected);
    let [values, others] = copies
        .each_ref()
        .map(|(copy, key)| receive(copy, &agency(), key).unwrap().values());
    assert_eq!(values, others);
}

#[test]
fn an_id_that_copies_share_is_a_mark_of_theirs() {
    let copy = forged(|document| document["id"] = json!("urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33"));
    let verified = receive(&copy, &agency(), &holder()).unwrap();
    assert!(verified.marks().iter().any(|mark| mark.starts_with("urn:uuid:")));
    assert!(!verified.values().contains_key("id"));
    let copy = forged(|document| document["credentialStatus"][1]["id"] = json!("urn:uuid:of-one-person"));
    let verified = receive(&copy, &agency(), &holder()).unwrap();
    assert_eq!(verified.marks(), ["urn:uuid:of-one-person"]);
}

#[test]
fn what_is_listed_to_nobody_says_nothing_else() {
    let refused = |change: &dyn Fn(&mut Value)| {
        let copy = forged(change);
        assert!(verdict(&copy, None, NOW).is_ok());
        receive(&copy, &agency(), &holder()).err()
    };
    let says_more = |name| Some(ReceiveError::Invalid(W3cError::SaysMore(name).into()));
    let named = json!({ "id": ISSUER, "name": "Agency" });
    assert_eq!(refused(&|document| document["issuer"] = named.clone()), None);
    let more = json!({ "id": ISSUER, "family_name": "Mustermann" });
    assert_eq!(
        refused(&|document| document["issuer"] = more.clone()),
        says_more("issuer")
    );
    let of_a_place = |document: &mut Value| document["credentialStatus"][1]["student_number"] = json!("1");
    assert_eq!(refused(&of_a_place), says_more("credentialStatus"));
    let mut key = holder().public().to_value();
    key["kid"] = json!("Mustermann");
    let key = format!("did:jwk:{}", jose::base64url::encode(key.to_string()));
    let of_the_key = |document: &mut Value| document["credentialSubject"]["id"] = json!(key);
    assert_eq!(refused(&of_the_key), says_more("credentialSubject.id"));
}

#[test]
fn a_claim_without_a_meaning_is_not_signed() {
    let mut more = claims();
    more.insert("shoe_size".to_owned(), json!(42));
    let refused = issued_with(&agency(), &holder(), 7, &more).unwrap_err();
    assert!(matches!(refused, IssueError::W3c(_)), "{refused}");
}

#[test]
fn a_type_without_a_context_of_its_own_is_written_as_it_is() {
    let copy = forged(|document| {
        document["@context"] = json!([CREDENTIALS_V2, UNDEFINED_TERMS_V2]);
        document["type"] = json!(["VerifiableCredential", "urn:example:card:1"]);
    });
    assert_eq!(
        receive(&copy, &agency(), &holder()).unwrap().card_type(),
        "urn:example:card:1"
    );
}
