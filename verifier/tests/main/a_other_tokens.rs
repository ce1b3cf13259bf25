//! Group A on the other tokens of a verdict: the key binding, and the status list token.

use jose::{Signer, base64url};
use ledger::ListContent;
use serde_json::{Value, json};
use service::Clock as _;
use status_list::{Bits, Status, StatusList};
use test_case::test_case;
use testkit::credential::signer;

use crate::forge::{Forged, jws};
use crate::site::Reply;
use crate::wallet::assert_outcome;
use crate::world::{LIST, World};

const MISMATCH: &str = "holder_binding_mismatch";

/// The presentation with a key binding signed in another way, over what it says itself:
/// each token of the issuer has another signature, and so each key binding another hash.
fn bound(forged: &Forged, sign: impl FnOnce(&str) -> Vec<u8>) -> String {
    let text = forged.text();
    let (before, _) = text.rsplit_once('.').unwrap();
    let input = before.rsplit('~').next().unwrap();
    format!("{before}.{}", base64url::encode(sign(input)))
}

/// Signed as it should be.
fn signed(forged: &Forged, input: &str) -> Vec<u8> {
    signer(&forged.holder).sign(input.as_bytes()).unwrap()
}

#[tokio::test]
async fn a0_the_key_binding_is_good_before_it_is_spoiled() {
    let world = World::new().await;
    let outcome = world
        .judge_text(|forged| bound(forged, |input| signed(forged, input)))
        .await;
    assert_outcome(&outcome, "yes", "ok");
}

#[tokio::test]
async fn a1_verifier_key_binding_without_signature() {
    let world = World::new().await;
    let none = world.judge(|forged| forged.kb_header["alg"] = json!("none")).await;
    assert_outcome(&none, "no", MISMATCH);
    let empty = world.judge_text(|forged| bound(forged, |_| Vec::new())).await;
    assert_outcome(&empty, "no", MISMATCH);
    let missing = world
        .judge(|forged| drop(forged.kb_header.as_object_mut().unwrap().remove("alg")))
        .await;
    assert_outcome(&missing, "no", MISMATCH);
}

#[tokio::test]
async fn a2_verifier_algorithm_confusion_in_the_key_binding() {
    let world = World::new().await;
    let outcome = world
        .judge_text(|forged| {
            forged.kb_header["alg"] = json!("HS256");
            bound(forged, |input| testkit::mac(forged.holder.public(), input))
        })
        .await;
    assert_outcome(&outcome, "no", MISMATCH);
}

#[test_case("crit", json!(["exp"]); "crit")]
#[test_case("b64", json!(false); "b64")]
#[tokio::test]
async fn a4_verifier_critical_headers_of_the_key_binding(name: &str, value: Value) {
    let world = World::new().await;
    let outcome = world.judge(|forged| forged.kb_header[name] = value).await;
    assert_outcome(&outcome, "no", MISMATCH);
}

#[test_case(|good| [&[0; 32], &good[32..]].concat(); "r is zero")]
#[test_case(|good| [&good[..32], &[0; 32]].concat(); "s is zero")]
#[test_case(|good| good[..63].to_vec(); "too short")]
#[test_case(|good| [&[0x30, 0x44, 0x02, 0x20], &good[..32], &[0x02, 0x20], &good[32..]].concat(); "der")]
#[tokio::test]
async fn a9_verifier_malleable_signatures_of_the_key_binding(spoil: fn(&[u8]) -> Vec<u8>) {
    let world = World::new().await;
    let outcome = world
        .judge_text(|forged| bound(forged, |input| spoil(&signed(forged, input))))
        .await;
    assert_outcome(&outcome, "no", MISMATCH);
}

/// The agency's key signs, or seems to sign, a list on which everything is valid.
type Forge = fn(&World, &str, &str) -> String;

/// The header and payload of a good token, changed by name.
fn parts(token: &str) -> (Value, String) {
    let mut parts = token.split('.').map(|part| base64url::decode(part).unwrap());
    let header = serde_json::from_slice(&parts.next().unwrap()).unwrap();
    (header, String::from_utf8(parts.next().unwrap()).unwrap())
}

fn unsigned(header: &Value, payload: &str, signature: &[u8]) -> String {
    let text = |bytes: &[u8]| base64url::encode(bytes);
    let header = header.to_string();
    format!(
        "{}.{}.{}",
        text(header.as_bytes()),
        text(payload.as_bytes()),
        text(signature)
    )
}

/// Puts a token at the list's address, and anchors it.
fn publish(world: &mut World, list: &StatusList, token: &str) {
    world.site.set(LIST, Reply::Body(token.as_bytes().to_vec()));
    let content = ListContent {
        uri: LIST,
        bits: list.bits().number(),
        bytes: list.bytes(),
    };
    world.ledger.set_now(world.clock.now());
    world.ledger.snapshot(&world.agency, &[(content, token.as_bytes())]);
}

#[test_case(|_, token, _| {
    let (mut header, payload) = parts(token);
    header["alg"] = json!("none");
    unsigned(&header, &payload, &[])
}; "a1 alg none")]
#[test_case(|world, token, _| {
    let (mut header, payload) = parts(token);
    header["alg"] = json!("HS256");
    let input = unsigned(&header, &payload, &[]);
    unsigned(&header, &payload, &testkit::mac(world.issuer().key.public(), input.trim_end_matches('.')))
}; "a2 the public key as a secret")]
#[test_case(|world, token, _| {
    let (mut header, payload) = parts(token);
    header["crit"] = json!(["exp"]);
    jws(&header.to_string(), &payload, &world.issuer().key)
}; "a4 critical header")]
#[test_case(|world, token, _| {
    let (mut header, payload) = parts(token);
    header["typ"] = json!("JWT");
    jws(&header.to_string(), &payload, &world.issuer().key)
}; "a5 another typ")]
#[test_case(|world, token, _| {
    let (header, payload) = parts(token);
    jws(&header.to_string(), &payload.replacen('{', r#"{"sub":"https://agency.example/status/1","#, 1), &world.issuer().key)
}; "a7 a name twice")]
#[test_case(|_, token, other| format!("{}.{}", token.rsplit_once('.').unwrap().0, other.rsplit('.').next().unwrap()); "a9 the signature of another list")]
#[tokio::test]
async fn a_verifier_forged_list_never_takes_the_place_of_a_good_one(forge: Forge) {
    let mut world = World::new().await;
    let card = world.person(3);
    world.clock.advance(60);
    world.set_status(3, Status::Invalid);
    world.refresh().await;
    assert_outcome(&world.adult(&card).await, "no", "revoked");

    world.clock.advance(60);
    let list = StatusList::new(Bits::Two, 1024);
    let good = world.list_token(&list, 3600);
    let forged = forge(&world, &good, &world.list_token(&world.statuses, 1800));
    publish(&mut world, &list, &forged);
    let failures = world.counted("refresh_failures");
    world.refresh().await;
    assert!(world.counted("refresh_failures") > failures);
    assert_outcome(&world.adult(&card).await, "no", "revoked");

    // The same list, as it should be signed, does.
    world.clock.advance(60);
    let good = world.list_token(&list, 3600);
    publish(&mut world, &list, &good);
    world.refresh().await;
    assert_outcome(&world.adult(&card).await, "yes", "ok");
}
