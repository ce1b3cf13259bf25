//! What a verifier gets out of an answer, and what it refuses. docs/offline-qr.md §3

use cbor::{CborError, Writer};
use jose::base64url;
use jose::jwe::BareJwe;
use ledger::{StatusProof, UnverifiedBundle};
use oid4vp::{DcqlQuery, HolderBinding, QueryId, ResponseError, VpToken};
use proximity::{
    AnswerError, Challenge, FrameCollector, FrameKind, FrameSource, MakeAnswerError, NewAnswer, OpenedAnswer,
    ProgressState, UnverifiedAnswer, VerifiedChallenge,
};
use sd_jwt::{KeyBindingError, KeyBindingPolicy, PresentationError, Requirements, UnverifiedPresentation};
use serde_json::json;
use test_case::test_case;
use testkit::credential::{key, person_identification, random, vct};

use crate::kit::{Draft, INDEX, LIST, NOW, World, query_id};

fn plain(token: &VpToken) -> NewAnswer<'_> {
    with(token, &[], &[])
}

fn with<'a>(token: &'a VpToken, bundles: &'a [Vec<u8>], status_proofs: &'a [StatusProof]) -> NewAnswer<'a> {
    NewAnswer {
        token,
        bundles,
        status_proofs,
    }
}

struct Met {
    world: World,
    challenge: Challenge,
    verified: VerifiedChallenge,
}

impl Met {
    fn new() -> Self {
        let mut world = World::new();
        let challenge = world.draft().sign().unwrap();
        let verified = world.verified(&challenge);
        Self {
            world,
            challenge,
            verified,
        }
    }

    fn message(&self) -> Vec<u8> {
        let token = self.world.plain_token(&self.verified);
        plain(&token).seal(&self.verified).unwrap().message().to_vec()
    }

    fn open(&self, message: &[u8]) -> Result<OpenedAnswer, AnswerError> {
        UnverifiedAnswer::parse(message)?.open(&self.challenge, &key(90), NOW + 10)
    }

    /// An answer with any content, encrypted as it should be.
    fn sealed(&self, content: &[u8]) -> Vec<u8> {
        let hash = self.challenge.hash();
        let jwe = BareJwe::encrypt(content, key(90).public(), hash).unwrap();
        let mut writer = Writer::new();
        writer.array(6).uint(1).bytes(&hash[..8]).bytes(&jwe.epk).bytes(&jwe.iv);
        writer.bytes(&jwe.ciphertext).bytes(&jwe.tag);
        writer.into_bytes()
    }

    fn refused(&self, content: &[u8]) -> AnswerError {
        self.open(&self.sealed(content)).unwrap_err()
    }
}

/// Packed bytes that need no dictionary: one stored block. RFC 1951 §3.2.4
fn packed(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).unwrap();
    let mut packed = vec![1];
    packed.extend(length.to_le_bytes());
    packed.extend((!length).to_le_bytes());
    packed.extend(bytes);
    packed
}

/// Texts of one presentation without disclosures and without key binding.
fn texts(query: &str, header: &str, payload: &str) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.array(1).array(5).text(query).text(header).text(payload);
    writer.array(0).null();
    writer.into_bytes()
}

fn content(texts: &[u8], values: &[u8]) -> Vec<u8> {
    let mut writer = Writer::new();
    writer
        .array(5)
        .uint(1)
        .bytes(&packed(texts))
        .bytes(values)
        .null()
        .null();
    writer.into_bytes()
}

#[test]
fn the_presentation_comes_back_byte_for_byte_and_verifies() {
    let met = Met::new();
    let token = met.world.plain_token(&met.verified);
    let sealed = plain(&token).seal(&met.verified).unwrap();
    let opened = met.open(sealed.message()).unwrap();
    let sent: Vec<(&QueryId, &str)> = token.presentations().collect();
    let received: Vec<(&QueryId, &str)> = opened.token().presentations().collect();
    assert_eq!(received, sent);
    assert!(opened.bundles().is_empty() && opened.status_proofs().is_empty());

    let audience = met.challenge.client_id().to_string();
    let verify = |nonce: &str| {
        let policy = KeyBindingPolicy::Required {
            audience: &audience,
            nonce,
        };
        UnverifiedPresentation::parse(received[0].1).unwrap().verify_credential(
            &met.world.issuer_key(),
            Requirements::Anchored,
            policy,
            NOW,
        )
    };
    let credential = verify(met.challenge.nonce().as_str()).unwrap();
    assert_eq!(credential.claims()["age_over_18"], true);
    assert_eq!(credential.claims().get("birth_date"), None);
    let other = Met::new();
    assert!(matches!(
        verify(other.challenge.nonce().as_str()),
        Err(PresentationError::KeyBinding(KeyBindingError::NonceMismatch))
    ));
}

#[test]
fn an_answer_travels_in_frames_and_has_one_encoding() {
    let met = Met::new();
    let message = met.message();
    let source = FrameSource::new(FrameKind::Answer, &message).unwrap();
    let mut collector = FrameCollector::new(FrameKind::Answer);
    // The reader joins late and loses every second frame.
    let seen = source.cycle().skip(1).step_by(2);
    let complete = seen
        .take(source.needed())
        .map(|frame| collector.accept(frame).unwrap().state)
        .last();
    assert_eq!(complete, Some(ProgressState::Complete));
    assert_eq!(collector.complete().unwrap(), message);
    assert_eq!(UnverifiedAnswer::parse(&message).unwrap().encode(), message);
}

#[test]
fn bundle_and_status_proof_come_along() {
    let mut met = Met::new();
    let agency = met.world.agency.did().to_string();
    let bundles = [met.world.ledger.lean_bundle(&agency)];
    let status_proofs = [met.world.status_proof()];
    let token = met.world.plain_token(&met.verified);
    let answer = with(&token, &bundles, &status_proofs);
    let opened = met.open(answer.seal(&met.verified).unwrap().message()).unwrap();
    let [bundle] = opened.bundles() else {
        panic!("one bundle");
    };
    assert_eq!(*bundle, UnverifiedBundle::parse(&bundles[0]).unwrap());
    assert_eq!(bundle.dangerous_claimed_subject(), Some(agency.clone()));
    let verified = bundle.clone().verify(&met.world.pack, &agency).unwrap();
    let snapshot = verified.record().unwrap().status_snapshot().unwrap();
    assert_eq!(opened.status_proofs()[0].verify(snapshot, LIST, INDEX), Ok(0));
    assert_eq!(opened.status_proofs()[0].verify(snapshot, LIST, 8_750 * 8 + 4), Ok(1));
}

#[test]
fn a_film_is_worth_nothing_under_another_challenge() {
    let met = Met::new();
    let message = met.message();
    let mut world = World::new();
    let again = Draft {
        nonce: [8; 16],
        ..world.draft()
    };
    let challenge = again.sign().unwrap();
    let answer = UnverifiedAnswer::parse(&message).unwrap();
    assert!(answer.is_for(&met.challenge) && !answer.is_for(&challenge));
    assert_eq!(
        answer.open(&challenge, &key(90), NOW).unwrap_err(),
        AnswerError::OtherChallenge
    );
    // The tag rewritten, and the same key at the verifier: the key derivation differs.
    let mut rewritten = message;
    rewritten[3..11].copy_from_slice(&challenge.hash()[..8]);
    let answer = UnverifiedAnswer::parse(&rewritten).unwrap();
    assert!(answer.is_for(&challenge));
    assert_eq!(
        answer.open(&challenge, &key(90), NOW).unwrap_err(),
        AnswerError::Undecryptable
    );
}

#[test]
fn nobody_else_opens_it() {
    let met = Met::new();
    let answer = UnverifiedAnswer::parse(&met.message()).unwrap();
    assert_eq!(
        answer.open(&met.challenge, &key(91), NOW).unwrap_err(),
        AnswerError::Undecryptable
    );
}

#[test]
fn an_answer_after_the_end_is_none() {
    let met = Met::new();
    let answer = UnverifiedAnswer::parse(&met.message()).unwrap();
    assert!(answer.clone().open(&met.challenge, &key(90), NOW + 299).is_ok());
    assert_eq!(
        answer.open(&met.challenge, &key(90), NOW + 300).unwrap_err(),
        AnswerError::Expired
    );
}

#[test]
fn every_changed_byte_is_refused() {
    let met = Met::new();
    let message = met.message();
    for place in 0..message.len() {
        let mut changed = message.clone();
        changed[place] ^= 1;
        let refused = met.open(&changed).unwrap_err();
        let expected = match place {
            3..11 => matches!(refused, AnswerError::OtherChallenge),
            _ => matches!(refused, AnswerError::Form(_) | AnswerError::Undecryptable),
        };
        assert!(expected, "{place}: {refused}");
    }
}

#[test]
fn the_ephemeral_key_is_a_point_and_not_our_own() {
    let met = Met::new();
    let message = met.message();
    for epk in [[0xff; 33], key(90).public().sec1_compressed().unwrap()] {
        let mut changed = message.clone();
        changed[13..46].copy_from_slice(&epk);
        assert_eq!(met.open(&changed).unwrap_err(), AnswerError::Undecryptable);
    }
}

#[test]
fn an_answer_has_a_form() {
    let too_long = UnverifiedAnswer::parse(&[0; 8161]).unwrap_err();
    assert_eq!(too_long, AnswerError::TooLong);
    assert_eq!(
        UnverifiedAnswer::parse(&[0; 8160]).unwrap_err(),
        AnswerError::Form(CborError::UnexpectedType)
    );
    assert_eq!(
        UnverifiedAnswer::parse(&[]).unwrap_err(),
        AnswerError::Form(CborError::Truncated)
    );
}

#[test]
fn content_that_is_written_by_the_specification_is_read() {
    let met = Met::new();
    let header = r#"{"alg":"ES256","typ":"dc+sd-jwt"}"#;
    let payload = "{\"a\":\"\u{1}\",\"b\":\"\u{2}\",\"c\":\"\u{4}\",\"d\":\"data:;base64,\u{3}\"}";
    let values: Vec<u8> = [vec![1; 32], vec![2; 16], vec![0, 2, 9, 9], vec![3; 64]].concat();
    let content = content(&texts("card", header, payload), &values);
    let opened = met.open(&met.sealed(&content)).unwrap();
    let (_, text) = opened.token().presentations().next().unwrap();
    let payload = format!(
        r#"{{"a":"{}","b":"{}","c":"{}","d":"data:;base64,CQk="}}"#,
        base64url::encode([1; 32]),
        base64url::encode([2; 16]),
        met.challenge.nonce()
    );
    let [header, payload, signature] =
        [header.as_bytes(), payload.as_bytes(), [3; 64].as_slice()].map(base64url::encode);
    assert_eq!(text, format!("{header}.{payload}.{signature}~"));
}

#[test]
fn the_short_form_has_its_values_and_no_more() {
    let met = Met::new();
    let texts = texts("card", "{}", "{\"a\":\"\u{1}\"}");
    for length in [0, 31, 32, 95, 97] {
        let refused = met.refused(&content(&texts, &vec![0; length]));
        assert_eq!(refused, AnswerError::ShortForm, "{length}");
    }
    assert!(met.open(&met.sealed(&content(&texts, &[0; 96]))).is_ok());
}

#[test]
fn the_hash_stands_in_the_key_binding_only() {
    let refused = Met::new().refused(&content(&texts("card", "{}", "{\"a\":\"\u{5}\"}"), &[0; 64]));
    assert_eq!(refused, AnswerError::ShortForm);
}

#[test]
fn content_has_a_form() {
    let met = Met::new();
    assert_eq!(met.refused(b""), AnswerError::Content(CborError::Truncated));
    let mut version_2 = content(&texts("card", "{}", "{}"), &[0; 64]);
    version_2[1] = 2;
    assert_eq!(
        met.refused(&version_2),
        AnswerError::Content(CborError::UnexpectedValue)
    );
    let mut trailing = content(&texts("card", "{}", "{}"), &[0; 64]);
    trailing.push(0);
    assert_eq!(met.refused(&trailing), AnswerError::Content(CborError::TrailingBytes));
}

#[test]
fn texts_are_packed_and_bounded() {
    let met = Met::new();
    let with_texts = |texts: &[u8]| {
        let mut writer = Writer::new();
        writer.array(5).uint(1).bytes(texts).bytes(&[]).null().null();
        writer.into_bytes()
    };
    assert_eq!(met.refused(&with_texts(&[0xff; 10])), AnswerError::Packing);
    assert_eq!(met.refused(&with_texts(&zeros(64))), AnswerError::Packing);
    // One match less is within the bound: it unpacks, and is no list.
    assert_eq!(
        met.refused(&with_texts(&zeros(63))),
        AnswerError::Content(CborError::UnexpectedType)
    );
    let mut followed = zeros(63);
    followed.push(0);
    assert_eq!(met.refused(&with_texts(&followed)), AnswerError::Packing);
}

/// Zeros, packed by hand: fixed codes, a zero and so many matches of 258 bytes at distance 1.
/// RFC 1951 §3.2.6
fn zeros(matches: usize) -> Vec<u8> {
    let mut bits: Vec<bool> = vec![true, true, false];
    let mut code = |value: u16, width: u32| bits.extend((0..width).rev().map(|bit| value >> bit & 1 == 1));
    code(0b0011_0000, 8);
    for _ in 0..matches {
        // Length 258 is symbol 285: 11000101; distance 1 is symbol 0: 00000.
        code(0b1100_0101, 8);
        code(0, 5);
    }
    code(0, 7);
    bits.chunks(8)
        .map(|byte| {
            (0..)
                .zip(byte)
                .fold(0, |sum, (place, bit)| sum | u8::from(*bit) << place)
        })
        .collect()
}

#[test]
fn bundles_and_proofs_have_a_form() {
    let met = Met::new();
    let content = |bundles: &[&[u8]], proofs: &[&[u8]]| {
        let list = |items: &[&[u8]]| {
            let mut writer = Writer::new();
            writer.array(items.len());
            for item in items {
                writer.bytes(item);
            }
            packed(&writer.into_bytes())
        };
        let mut writer = Writer::new();
        let texts = packed(&texts("card", "{}", "{}"));
        writer.array(5).uint(1).bytes(&texts).bytes(&[0; 64]);
        writer.bytes(&list(bundles)).bytes(&list(proofs));
        writer.into_bytes()
    };
    let refused = |content: Vec<u8>| met.refused(&content);
    assert_eq!(
        refused(content(&[], &[])),
        AnswerError::Content(CborError::UnexpectedLength)
    );
    let five: [&[u8]; 5] = [b"x"; 5];
    assert_eq!(
        refused(content(&five, &[b"x"])),
        AnswerError::Content(CborError::UnexpectedLength)
    );
    assert!(matches!(refused(content(&[b"x"], &[b"x"])), AnswerError::Content(_)));
}

#[test]
fn the_token_answers_the_query() {
    let met = Met::new();
    let refused = met.refused(&content(&texts("other", "{}", "{}"), &[0; 64]));
    assert_eq!(refused, AnswerError::Token(ResponseError::UnknownQueryId));
}

fn not_made(text: &str) -> MakeAnswerError {
    let met = Met::new();
    let mut token = VpToken::new();
    token.insert(query_id(), text.to_owned());
    plain(&token).seal(&met.verified).unwrap_err()
}

fn jws(payload: &str, signature: usize) -> String {
    let [header, payload] = ["{}", payload].map(base64url::encode);
    format!("{header}.{payload}.{}", base64url::encode(vec![1; signature]))
}

#[test]
fn nothing_is_no_answer() {
    let met = Met::new();
    let refused = plain(&VpToken::new()).seal(&met.verified).unwrap_err();
    assert_eq!(refused, MakeAnswerError::NothingShown);
}

#[test_case("abc" => MakeAnswerError::NotAPresentation ; "no_tilde")]
#[test_case("a.b~" => MakeAnswerError::NotAPresentation ; "two_parts")]
#[test_case("e30.e30.AAAA.e30~" => MakeAnswerError::NotAPresentation ; "four_parts")]
#[test_case(&format!("{}~", jws("{}", 63)) => MakeAnswerError::NotAPresentation ; "a_signature_of_63_bytes")]
#[test_case(&format!("{}~ e30~", jws("{}", 64)) => MakeAnswerError::NotAPresentation ; "a_disclosure_with_a_space")]
#[test_case(&format!("{}~", jws("{\"a\":\"\u{1}\"}", 64)) => MakeAnswerError::NotReversible ; "a_control_character")]
#[test_case(&format!("{}~{}", jws("{}", 64), "e30~".repeat(65)) => MakeAnswerError::NotReversible ; "65_disclosures")]
fn no_presentation(text: &str) -> MakeAnswerError {
    not_made(text)
}

#[test]
fn no_more_than_an_answer_has_room_for() {
    let met = Met::new();
    let token = met.world.plain_token(&met.verified);
    let five = vec![Vec::new(); 5];
    let nine = vec![met.world.status_proof(); 9];
    let refused = with(&token, &five, &[]).seal(&met.verified).unwrap_err();
    assert_eq!(refused, MakeAnswerError::TooMany("bundles"));
    let refused = with(&token, &[], &nine).seal(&met.verified).unwrap_err();
    assert_eq!(refused, MakeAnswerError::TooMany("status proofs"));
    let mut noise = vec![0; 9_000];
    random(1)(&mut noise);
    let refused = with(&token, &[noise], &[]).seal(&met.verified).unwrap_err();
    assert_eq!(refused, MakeAnswerError::TooLong);
}

#[test]
fn a_card_may_be_shown_without_key_binding_where_the_query_says_so() {
    let mut world = World::new();
    let query = json!({"credentials": [{"id": "card", "format": "dc+sd-jwt",
        "require_cryptographic_holder_binding": false,
        "meta": {"vct_values": [vct("person-identification")]}, "claims": [{"path": ["age_over_18"]}]}]});
    let draft = Draft {
        query: DcqlQuery::parse(&query).unwrap(),
        ..world.draft()
    };
    let challenge = draft.sign().unwrap();
    let verified = world.verified(&challenge);
    assert_eq!(
        verified.challenge().query().credentials()[0].holder_binding(),
        HolderBinding::None
    );
    let card = world.card(person_identification());
    let text = card.select(&["age_over_18".into()]).unwrap().into_sd_jwt();
    let mut token = VpToken::new();
    token.insert(query_id(), text.clone());
    let sealed = plain(&token).seal(&verified).unwrap();
    let opened = UnverifiedAnswer::parse(sealed.message())
        .unwrap()
        .open(&challenge, &key(90), NOW)
        .unwrap();
    assert_eq!(opened.token().presentations().next().unwrap().1, text);
}

#[test]
fn nothing_of_an_answer_is_in_its_debug_form() {
    let met = Met::new();
    let token = met.world.plain_token(&met.verified);
    let sealed = plain(&token).seal(&met.verified).unwrap();
    let opened = met.open(sealed.message()).unwrap();
    let shown = format!("{sealed:?} {opened:?}");
    assert!(!shown.contains("age_over_18") && !shown.contains("eyJ"), "{shown}");
}
