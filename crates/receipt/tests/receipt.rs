//! What a receipt says, and when it is none.

use did::identity::OldKey;
use jose::{Algorithm, JwsHeader, UnverifiedJws, base64url};
use receipt::{
    Contradiction, ContradictionError, Expected, LandmarkName, RECEIPT_TYP, Receipt, ReceiptError, RequestHash, Salt,
    SentReceipt, ShownCard, UnverifiedContradiction, Verdict, VerifiedReceipt, shown,
};
use serde_json::Value;
use test_case::test_case;
use testkit::asking::sign_with;
use testkit::credential::{key, random, signer, vct};

use crate::kit::{NOW, World, presentation, query};

fn visit(nonce: &str) -> RequestHash {
    RequestHash::new("x509_hash:abc", "https://shop.localhost:8446/response/1", nonce, "s")
}

fn cards(asked: &[&str], seen: &[&str]) -> Vec<ShownCard> {
    let (query, text) = (query(asked), presentation(seen));
    let id = query.credentials()[0].id().clone();
    shown(&query, std::iter::once((&id, text.as_str()))).unwrap()
}

fn content(world: &World, request: &RequestHash, salt: &Salt) -> Receipt {
    Receipt {
        business: world.did().to_owned(),
        cards: cards(&["age_over_18"], &["age_over_18"]),
        verdict: Verdict::Yes,
        rule: [7; 32],
        hour: Receipt::hour(NOW),
        landmark: Some(LandmarkName {
            size: 42,
            root: [9; 32],
        }),
        request: salt.commit(request),
    }
}

fn sign(world: &World, receipt: &Receipt, salt: Salt) -> SentReceipt {
    let (kid, key) = world.shop.organisation.assertion_key().unwrap();
    receipt.sign(&kid.to_string(), &signer(key), salt).unwrap()
}

fn sent(world: &World, nonce: &str, seed: u64) -> SentReceipt {
    let salt = Salt::generate(&mut random(seed));
    sign(world, &content(world, &visit(nonce), &salt), salt)
}

fn verify(world: &World, sent: &SentReceipt, nonce: &str) -> Result<VerifiedReceipt, ReceiptError> {
    let cards = cards(&["age_over_18"], &["age_over_18"]);
    let expected = Expected {
        request: &visit(nonce),
        cards: &cards,
        rule: Some(&[7; 32]),
        now: NOW,
    };
    let record = world.ledger.record(world.did());
    sent.clone().into_unverified().verify(record, &expected)
}

fn payload(sent: &SentReceipt) -> Value {
    let jws = UnverifiedJws::parse(&sent.receipt).unwrap();
    serde_json::from_slice(jws.dangerous_unverified_payload()).unwrap()
}

#[test]
fn a_receipt_travels_and_holds() {
    let world = World::new();
    let sent = sent(&world, "n", 1);
    let arrived = SentReceipt::parse(&sent.to_value()).unwrap();
    let verified = verify(&world, &arrived, "n").unwrap();
    assert_eq!(verified.receipt().verdict, Verdict::Yes);
    assert_eq!(verified.receipt().cards[0].vct, vct("person-identification"));
    assert_eq!(verified.receipt().cards[0].claims[0].to_string(), "age_over_18");
    assert_eq!(verified.sent(), &sent);
}

#[test]
fn the_payload_is_written_as_the_page_says() {
    let world = World::new();
    let sent = sent(&world, "n", 1);
    let jws = UnverifiedJws::parse(&sent.receipt).unwrap();
    let text = std::str::from_utf8(jws.dangerous_unverified_payload()).unwrap();
    let expected = format!(
        r#"{{"cards":[{{"claims":[["age_over_18"]],"vct":"{}"}}],"hour":{},"iss":"{}","landmark":{{"root":"{}","size":42}},"request":{},"rule":"{}","verdict":"yes"}}"#,
        vct("person-identification"),
        NOW / 3600,
        world.did(),
        base64url::encode([9; 32]),
        payload(&sent)["request"],
        base64url::encode([7; 32]),
    );
    assert_eq!(text, expected);
}

#[test]
fn f17_wallet_a_receipt_with_one_byte_changed_is_refused() {
    let world = World::new();
    let sent = sent(&world, "n", 1);
    for place in 0..sent.receipt.len() {
        let mut bytes = sent.receipt.clone().into_bytes();
        bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
        let changed = SentReceipt {
            receipt: String::from_utf8(bytes).unwrap(),
            salt: sent.salt.clone(),
        };
        assert!(verify(&world, &changed, "n").is_err(), "byte {place}");
    }
    let other_salt = SentReceipt {
        receipt: sent.receipt.clone(),
        salt: Salt::generate(&mut random(2)),
    };
    assert_eq!(verify(&world, &other_salt, "n"), Err(ReceiptError::OtherRequest));
}

/// Whoever holds two receipts learns nothing from them but that both are of one business: what they
/// have in common, a receipt of anybody else of that hour has too.
#[test]
fn f17_wallet_two_receipts_of_one_citizen_have_nothing_in_common_but_the_business() {
    let world = World::new();
    let [first, second, of_another] =
        [("visit-1", 1), ("visit-2", 2), ("visit-3", 3)].map(|(nonce, seed)| payload(&sent(&world, nonce, seed)));
    let common = |one: &Value, other: &Value| -> Vec<String> {
        let members = one.as_object().unwrap().iter();
        members
            .filter(|(name, value)| other.get(name.as_str()) == Some(value))
            .map(|(name, _)| name.clone())
            .collect()
    };
    assert_eq!(
        common(&first, &second),
        ["cards", "hour", "iss", "landmark", "rule", "verdict"]
    );
    assert_eq!(common(&first, &second), common(&first, &of_another));
    // The same visit by another salt is another commitment too.
    let again = payload(&sent(&world, "visit-1", 9));
    assert_ne!(again["request"], first["request"]);
}

#[test]
fn no_value_of_a_claim_is_in_a_receipt() {
    let world = World::new();
    let seen = ["given_name", "birth_date"];
    let salt = Salt::generate(&mut random(1));
    let receipt = Receipt {
        cards: cards(&seen, &seen),
        ..content(&world, &visit("n"), &salt)
    };
    let text = payload(&sign(&world, &receipt, salt)).to_string();
    assert!(text.contains("given_name") && text.contains("birth_date"));
    assert!(!text.contains("Erika") && !text.contains("1990"));
}

#[test]
fn only_what_was_asked_and_shown_is_named() {
    let names = |asked: &[&str], seen: &[&str]| -> Vec<String> {
        let cards = cards(asked, seen);
        cards[0].claims.iter().map(ToString::to_string).collect()
    };
    assert_eq!(names(&["given_name", "age_over_18"], &["age_over_18"]), ["age_over_18"]);
    assert_eq!(names(&["age_over_18"], &["age_over_18", "given_name"]), ["age_over_18"]);
    assert_eq!(names(&["age_over_18"], &[]), Vec::<String>::new());
}

#[test]
fn f17_wallet_a_receipt_for_another_request_is_refused() {
    let world = World::new();
    let sent = sent(&world, "n", 1);
    assert_eq!(verify(&world, &sent, "other"), Err(ReceiptError::OtherRequest));
}

#[test]
fn f17_wallet_a_receipt_of_another_business_is_refused() {
    let mut world = World::new();
    let other = world.ledger.create("other.localhost%3A8447");
    let salt = Salt::generate(&mut random(1));
    let receipt = content(&world, &visit("n"), &salt);
    let (kid, key) = other.assertion_key().unwrap();
    let sent = receipt.sign(&kid.to_string(), &signer(key), salt).unwrap();
    assert_eq!(verify(&world, &sent, "n"), Err(ReceiptError::KeyNotInRecord));
}

#[test_case(|receipt| receipt.business = "did:web:other.example".to_owned() => ReceiptError::OtherBusiness ; "another business")]
#[test_case(|receipt| receipt.cards.clear() => ReceiptError::OtherClaims ; "no card")]
#[test_case(|receipt| receipt.cards = cards(&["given_name"], &["given_name"]) => ReceiptError::OtherClaims ; "another claim")]
#[test_case(|receipt| receipt.rule = [8; 32] => ReceiptError::OtherRule ; "another rule")]
#[test_case(|receipt| receipt.hour += 2 => ReceiptError::OtherHour ; "a later hour")]
#[test_case(|receipt| receipt.hour -= 2 => ReceiptError::OtherHour ; "an earlier hour")]
fn f17_wallet_a_receipt_that_says_something_else_is_refused(change: fn(&mut Receipt)) -> ReceiptError {
    let world = World::new();
    let salt = Salt::generate(&mut random(1));
    let mut receipt = content(&world, &visit("n"), &salt);
    change(&mut receipt);
    verify(&world, &sign(&world, &receipt, salt), "n").unwrap_err()
}

#[test]
fn a_receipt_by_a_key_that_was_taken_out_is_refused() {
    let mut world = World::new();
    let sent = sent(&world, "n", 1);
    world.ledger.set_now(NOW + 60);
    world.ledger.rotate(&mut world.shop.organisation, OldKey::TakeOut);
    assert_eq!(verify(&world, &sent, "n"), Err(ReceiptError::KeyRetired));
}

#[test]
fn a_token_of_another_type_is_no_receipt() {
    let world = World::new();
    let genuine = sent(&world, "n", 1);
    let (kid, key) = world.shop.organisation.assertion_key().unwrap();
    let header = JwsHeader::new(Algorithm::Es256)
        .with_typ("jwt")
        .with_kid(kid.to_string());
    let sent = SentReceipt {
        receipt: sign_with(&header, &payload(&genuine), key),
        salt: genuine.salt,
    };
    let refused = verify(&world, &sent, "n");
    assert_eq!(refused, Err(ReceiptError::Jws(jose::JwsError::WrongType)));
}

#[test]
fn a_receipt_with_a_member_that_the_page_does_not_name_is_refused() {
    let world = World::new();
    let genuine = sent(&world, "n", 1);
    let (kid, key) = world.shop.organisation.assertion_key().unwrap();
    let header = JwsHeader::new(Algorithm::Es256)
        .with_typ(RECEIPT_TYP)
        .with_kid(kid.to_string());
    let mut more = payload(&genuine);
    more["visitor"] = "4711".into();
    let sent = SentReceipt {
        receipt: sign_with(&header, &more, key),
        salt: genuine.salt,
    };
    assert_eq!(verify(&world, &sent, "n"), Err(ReceiptError::Malformed));
}

#[test]
fn a_key_that_nobody_recorded_signs_no_receipt() {
    let world = World::new();
    let salt = Salt::generate(&mut random(1));
    let receipt = content(&world, &visit("n"), &salt);
    let (kid, _) = world.shop.organisation.assertion_key().unwrap();
    let sent = receipt.sign(&kid.to_string(), &signer(&key(99)), salt).unwrap();
    assert!(matches!(
        verify(&world, &sent, "n"),
        Err(ReceiptError::Jws(jose::JwsError::Signature(_)))
    ));
}

/// A receipt of the shop that names the tree of 42 entries, and a landmark that the log signed.
fn contradiction(world: &World, size: u64, root: [u8; 32]) -> Vec<u8> {
    let contradiction = Contradiction {
        receipt: sent(world, "n", 1).receipt,
        landmark: world.ledger.signed_landmark(size, root.into()),
    };
    contradiction.encode()
}

fn contradicts(world: &World, file: &[u8]) -> Result<[u8; 32], ContradictionError> {
    let record = world.ledger.record(world.did());
    let proved = UnverifiedContradiction::parse(file)?.verify(&world.pack(), record)?;
    assert_eq!((proved.business.as_str(), proved.size), (world.did(), 42));
    assert_eq!((proved.hour, proved.named), (Receipt::hour(NOW), [9; 32]));
    Ok(proved.signed)
}

#[test]
fn a_receipt_that_names_another_tree_than_the_log_signed_is_shown_to_anybody() {
    let world = World::new();
    assert_eq!(contradicts(&world, &contradiction(&world, 42, [8; 32])), Ok([8; 32]));
}

#[test_case(42, [9; 32] ; "the same tree")]
#[test_case(41, [8; 32] ; "a smaller tree")]
fn what_does_not_contradict_is_none(size: u64, root: [u8; 32]) {
    let world = World::new();
    let refused = contradicts(&world, &contradiction(&world, size, root));
    assert_eq!(refused, Err(ContradictionError::NoContradiction));
}

#[test]
fn a_contradiction_with_one_byte_changed_is_refused() {
    let world = World::new();
    let file = contradiction(&world, 42, [8; 32]);
    for place in 0..file.len() {
        let mut changed = file.clone();
        changed[place] ^= 1;
        assert!(contradicts(&world, &changed).is_err(), "byte {place}");
    }
    assert!(contradicts(&world, &file[..file.len() - 1]).is_err());
    assert!(contradicts(&world, &[file.as_slice(), &[0]].concat()).is_err());
}

/// A business cannot make its receipt so long that nobody checks what it contradicts.
#[test]
fn a_contradiction_holds_the_longest_receipt_that_a_reply_brings() {
    let world = World::new();
    let file = |length| {
        let contradiction = Contradiction {
            receipt: "x".repeat(length),
            landmark: world.ledger.signed_landmark(42, [8; 32].into()),
        };
        UnverifiedContradiction::parse(&contradiction.encode()).map(drop)
    };
    assert_eq!(file(64 * 1024), Ok(()));
    assert_eq!(file(128 * 1024), Err(ContradictionError::TooLong));
}
