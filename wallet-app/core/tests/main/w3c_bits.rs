//! Lists of bits, by which the status of W3C credentials is told: what they say, and lists that are none.

use crate::bounds::packed;
use crate::credentials::GUARD;
use crate::status_lists::{self, Token};
use crate::w3c::{Endpoint, taken, with_card};
use crate::world::{NOW, World};
use card_formats::{NewBits, StatusListError};
use jose::strict_json::StrictJsonError;
use jose::{OverBudget, PrivateJwk, Work, base64url};
use serde_json::{Value, json};
use status_list::{Bits, Status, StatusList, StatusPurpose};
use std::time::Instant;
use test_case::test_case;
use testkit::credential::{key, signer};
use w3c_vc::{BitstringError, CredentialError, DocumentError, ProofError, StatusListError as BitsError};
use wallet::{CardStatus, Refreshed, StatusError};
use wiremock::ResponseTemplate;

/// A list of the agency for one purpose, signed by this key.
fn bits(world: &World, list: &StatusList, purpose: StatusPurpose, by: &PrivateJwk, age: u64) -> String {
    let agency = Endpoint::of(world);
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
    bits.sign().expect("signed")
}

/// A list in which every card is good.
pub(crate) fn all_is_well() -> StatusList {
    StatusList::new(Bits::Two, 1_024)
}

async fn serve(world: &World, purpose: StatusPurpose, text: String) {
    let answer = ResponseTemplate::new(200).set_body_raw(text, "application/vc");
    world.answer(&purpose.list_beside("/lists/1"), answer).await;
}

/// The agency publishes these lists of bits, signed by this key.
pub(crate) async fn publish(world: &World, list: &StatusList, by: &PrivateJwk, age: u64) {
    for purpose in StatusPurpose::ALL {
        serve(world, purpose, bits(world, list, purpose, by, age)).await;
    }
}

/// The agency publishes lists in which every card is good, each changed by what is done to its text.
async fn publish_changed(world: &World, change: impl Fn(&Endpoint, &str) -> String) {
    let agency = Endpoint::of(world);
    for purpose in StatusPurpose::ALL {
        let good = bits(world, &all_is_well(), purpose, &agency.key, 0);
        serve(world, purpose, change(&agency, &good)).await;
    }
}

async fn refresh(world: &World) -> Refreshed {
    world.wallet.refresh_status().await.expect("refreshed")
}

/// Neither list is taken: nothing is held of it, and nothing is known of the card.
async fn both_refused(world: &World) -> BitsError {
    let refreshed = refresh(world).await;
    assert_eq!((refreshed.lists, refreshed.failures.len()), (0, 2));
    assert_eq!(world.card_status(), CardStatus::Unknown, "never valid");
    let cards = world.wallet.cards().expect("cards");
    let confirmed = world.wallet.status_confirmed_at(&cards[0]).expect("status");
    assert_eq!(confirmed, None, "nothing is held");
    let errors: Vec<BitsError> = refreshed.failures.iter().map(bits_error).collect();
    assert_eq!(errors[0], errors[1]);
    errors[0]
}

fn bits_error(error: &StatusError) -> BitsError {
    assert_eq!(error.code(), "unresolvable_status_list");
    match error {
        StatusError::List(StatusListError::Bits(error)) => *error,
        other => panic!("{other:?}"),
    }
}

/// What is wrong with lists that are changed like this.
async fn wrong(change: impl Fn(&Endpoint, &str) -> String) -> BitsError {
    let world = with_card().await;
    publish_changed(&world, change).await;
    both_refused(&world).await
}

/// The same of lists that say something else, and are signed again.
async fn wrong_written(written: fn(&mut Value)) -> BitsError {
    wrong(|agency, text| agency.signed(text, written).to_string()).await
}

/// Bytes as a list of bits carries them. Bitstring Status List 1.0 §3.3
fn encoded(bytes: &[u8]) -> Value {
    format!("u{}", base64url::encode(packed(bytes))).into()
}

#[tokio::test]
async fn a1_wallet_w3c_bits_that_nobody_signed() {
    let unsigned = |_: &Endpoint, text: &str| {
        let mut list: Value = serde_json::from_str(text).expect("json");
        list.as_object_mut().expect("object").remove("proof").expect("a proof");
        list.to_string()
    };
    let expected = BitsError::Credential(CredentialError::Proof(ProofError::Missing));
    assert_eq!(wrong(unsigned).await, expected);
}

#[tokio::test]
async fn a5_wallet_w3c_a_card_in_the_place_of_bits() {
    let card = |agency: &Endpoint, _: &str| agency.copy(key(9).public()).to_string();
    assert_eq!(wrong(card).await, BitsError::Type);
}

/// A token is a list too: of another kind than the card names.
#[tokio::test]
async fn a5_wallet_w3c_a_token_in_the_place_of_bits() {
    let world = with_card().await;
    for purpose in StatusPurpose::ALL {
        let at = purpose.list_beside(&Endpoint::of(&world).list);
        let token = Token::of(&world, &[0; 128]).at(&at).sign();
        serve(&world, purpose, token).await;
    }
    assert_eq!(refresh(&world).await.lists, 2);
    assert_eq!(world.card_status(), CardStatus::Unknown, "never valid");
}

#[test_case(|list| list["credentialSubject"]["ttl"] = json!("60"), BitsError::TimeToLive ; "seconds as a text")]
#[test_case(|list| drop(list.as_object_mut().expect("object").remove("validFrom")), BitsError::Undated ; "no date")]
#[tokio::test]
async fn a6_wallet_w3c_bits_of_no_date(written: fn(&mut Value), expected: BitsError) {
    assert_eq!(wrong_written(written).await, expected);
}

#[tokio::test]
async fn a7_wallet_w3c_bits_with_a_name_twice() {
    let twice = |_: &Endpoint, text: &str| text.replacen('{', "{\"id\":\"urn:example:1\",", 1);
    let json = DocumentError::Json(StrictJsonError::DuplicateName);
    let expected = BitsError::Credential(CredentialError::Document(json));
    assert_eq!(wrong(twice).await, expected);
}

#[tokio::test]
async fn d1_wallet_w3c_bits_that_inflate_without_end() {
    let world = with_card().await;
    let bomb = encoded(&vec![0; 64 * 1024 * 1024]);
    publish_changed(&world, |agency, text| {
        let inflating = agency.signed(text, |list| list["credentialSubject"]["encodedList"] = bomb.clone());
        inflating.to_string()
    })
    .await;
    let start = Instant::now();
    let expected = BitsError::List(BitstringError::OverBudget(OverBudget(Work::Inflated)));
    assert_eq!(both_refused(&world).await, expected);
    assert!(start.elapsed() < GUARD);
}

#[tokio::test]
async fn d2_wallet_w3c_place_beyond_the_list() {
    let world = World::new().await;
    let place = |endpoint: &mut Endpoint| endpoint.place = |number| 131_072 + number;
    taken(&world, place).await.expect("taken");
    publish(&world, &all_is_well(), &Endpoint::of(&world).key, 0).await;
    assert_eq!(refresh(&world).await.lists, 2);
    assert_eq!(world.card_status(), CardStatus::Unknown, "never valid");
}

/// The copies have the places 0 to 2. Bitstring Status List 1.0 §3.3
#[test_case(0b0100_0000 => CardStatus::Revoked ; "the second highest bit")]
#[test_case(0b0000_0010 => CardStatus::Valid ; "the second lowest bit")]
#[tokio::test]
async fn d3_wallet_w3c_the_first_card_is_the_highest_bit(first: u8) -> CardStatus {
    let world = with_card().await;
    let mut bytes = vec![0; 16 * 1024];
    bytes[0] = first;
    let list = encoded(&bytes);
    publish_changed(&world, |agency, text| {
        let said = agency.signed(text, |said| said["credentialSubject"]["encodedList"] = list.clone());
        said.to_string()
    })
    .await;
    assert_eq!(refresh(&world).await.lists, 2);
    world.card_status()
}

#[test_case(|list| list["credentialSubject"]["encodedList"] = encoded(&[0; 128]), BitstringError::TooShort ; "too few places to hide in")]
#[test_case(|list| list["credentialSubject"]["encodedList"] = json!("H4sIAAAA"), BitstringError::Multibase ; "in another base")]
#[test_case(|list| list["credentialSubject"]["encodedList"] = json!("uAAAA"), BitstringError::Compression ; "not packed")]
#[tokio::test]
async fn bits_that_cannot_be_read_say_nothing(written: fn(&mut Value), expected: BitstringError) {
    assert_eq!(wrong_written(written).await, BitsError::List(expected));
}

#[tokio::test]
async fn d6_wallet_w3c_bits_by_another_signer() {
    let world = with_card().await;
    publish(&world, &all_is_well(), &key(9), 0).await;
    let expected = BitsError::Credential(CredentialError::Proof(ProofError::Signature));
    assert_eq!(both_refused(&world).await, expected);
}

#[tokio::test]
async fn d6_wallet_w3c_bits_of_another_address() {
    let world = with_card().await;
    let suspension = StatusPurpose::Suspension;
    let text = bits(&world, &all_is_well(), suspension, &Endpoint::of(&world).key, 0);
    serve(&world, StatusPurpose::Revocation, text.clone()).await;
    serve(&world, suspension, text).await;
    let refreshed = refresh(&world).await;
    assert_eq!((refreshed.lists, refreshed.failures.len()), (1, 1));
    assert_eq!(bits_error(&refreshed.failures[0]), BitsError::OtherList);
    assert_eq!(world.card_status(), CardStatus::Unknown, "never valid");
}

/// What is recorded counts, whatever those are told who ask for bits.
#[tokio::test]
async fn d6_wallet_w3c_bits_that_are_not_those_recorded() {
    let mut world = with_card().await;
    publish(&world, &all_is_well(), &Endpoint::of(&world).key, 0).await;
    refresh(&world).await;
    assert_eq!(world.card_status(), CardStatus::Valid);
    let mut recorded = [0; 128];
    recorded[0] = 0b10;
    world.publish_proofs(&recorded).await;
    let refreshed = refresh(&world).await;
    assert_eq!((refreshed.lists, refreshed.failures.len()), (3, 0));
    assert_eq!(world.card_status(), CardStatus::Revoked);
}

/// Nor is a card good that has a value which nobody knows where its status is recorded.
#[tokio::test]
async fn d8_wallet_w3c_bits_beside_a_recorded_value_that_nobody_knows() {
    let mut world = with_card().await;
    publish(&world, &all_is_well(), &Endpoint::of(&world).key, 0).await;
    world.publish_proofs(&[0; 128]).await;
    status_lists::publish(&world, &Token::of(&world, &[]).saying(0b11).sign()).await;
    let refreshed = refresh(&world).await;
    assert_eq!((refreshed.lists, refreshed.failures.len()), (3, 0));
    assert_eq!(world.card_status(), CardStatus::Unknown, "never valid");
}

#[test_case(Status::Valid, CardStatus::Valid ; "valid")]
#[test_case(Status::Invalid, CardStatus::Revoked ; "revoked")]
#[test_case(Status::Suspended, CardStatus::Suspended ; "suspended")]
#[tokio::test]
async fn d8_wallet_w3c_status_in_bits(status: Status, expected: CardStatus) {
    let world = with_card().await;
    assert_eq!(world.card_status(), CardStatus::Unknown, "nothing is known yet");
    let mut list = all_is_well();
    list.set(1, status).expect("set");
    publish(&world, &list, &Endpoint::of(&world).key, 0).await;
    let refreshed = refresh(&world).await;
    assert_eq!((refreshed.lists, refreshed.failures.len()), (2, 0));
    assert_eq!(world.card_status(), expected);
}

#[tokio::test]
async fn an_older_list_of_bits_does_not_take_the_place_of_a_newer_one() {
    let world = with_card().await;
    let agency = Endpoint::of(&world).key;
    let mut revoked = all_is_well();
    revoked.set(1, Status::Invalid).expect("set");
    publish(&world, &revoked, &agency, 0).await;
    refresh(&world).await;
    publish(&world, &all_is_well(), &agency, 10).await;
    assert_eq!(refresh(&world).await.failures.len(), 2);
    assert_eq!(world.card_status(), CardStatus::Revoked);
}
