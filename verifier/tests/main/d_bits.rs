//! Group D in Bitstring Status Lists, which W3C credentials name.

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use serde_json::{Map, Value, json};
use service::{CancellationToken, Clock, Ops};
use status_list::{Bits, Status, StatusList, StatusPurpose};
use test_case::test_case;
use testkit::credential::{key, signer, vct};
use testkit::w3c::{Forge, signed_again};
use w3c_vc::{Bitstring, Contexts, Signing, StatusListDraft};

use crate::added::{check_of, provisioning};
use crate::w3c::{CHECK, bits_fetched, world};
use crate::wallet::assert_outcome;
use crate::world::{LIST, World};

const DAY: u64 = 24 * 3_600;

/// A world in which these are the lists of bits, and the good ones that were held before have run out.
async fn with_bits(text: impl Fn(&World, StatusPurpose) -> String) -> World {
    let mut world = world().await;
    world.clock.advance(DAY);
    world.publish_lists_as_they_are();
    world.publish_each(|purpose| text(&world, purpose));
    world.refresh().await;
    world
}

/// Nobody can say what a card is whose lists are these.
async fn unknown(text: impl Fn(&World, StatusPurpose) -> String) {
    let world = with_bits(text).await;
    let outcome = world.w3c_as_it_is(&world.w3c_card(3)).await;
    assert_outcome(&outcome, "could_not_check", "status_unavailable");
}

/// A good list of bits.
fn good(world: &World, purpose: StatusPurpose) -> String {
    world.bits(&world.statuses, purpose, &world.issuer().key)
}

/// A good one, of which this is changed before it is signed.
fn changed(world: &World, purpose: StatusPurpose, edit: impl FnOnce(&mut Map<String, Value>)) -> String {
    signed_again(&good(world, purpose), &world.issuer().key, edit).to_string()
}

#[tokio::test]
async fn d0_the_bits_of_these_tests_are_good_before_they_are_spoiled() {
    let texts: [fn(&World, StatusPurpose) -> String; 2] = [good, |world, purpose| changed(world, purpose, |_| ())];
    for text in texts {
        let world = with_bits(text).await;
        assert_outcome(&world.w3c_as_it_is(&world.w3c_card(3)).await, "yes", "ok");
    }
}

/// A list of so many bits, none of them set.
fn of_entries(world: &World, purpose: StatusPurpose, entries: u64) -> String {
    let (agency, now) = (world.issuer(), world.clock.now());
    let draft = StatusListDraft {
        url: &purpose.list_beside(LIST),
        issuer: &agency.did,
        purpose,
        valid_from: now,
        valid_until: now + DAY,
        time_to_live: 3_600_000,
    };
    let signing = Signing {
        method: &agency.kid,
        created: now,
        signer: &signer(&agency.key),
    };
    let contexts = Contexts::bundled().unwrap();
    draft.issue(&Bitstring::new(entries), &contexts, &signing).unwrap()
}

/// 16 MiB once inflated, of as many kilobytes.
const MOST: u64 = 1 << 27;

#[tokio::test]
async fn d1_verifier_w3c_bits_that_inflate_without_end() {
    let world = with_bits(|world, purpose| of_entries(world, purpose, MOST)).await;
    assert_outcome(&world.w3c_as_it_is(&world.w3c_card(3)).await, "yes", "ok");
    unknown(|world, purpose| of_entries(world, purpose, MOST + 8)).await;
    unknown(|world, purpose| of_entries(world, purpose, 2 * MOST)).await;
}

#[tokio::test]
async fn d2_verifier_w3c_place_beyond_the_list() {
    let world = world().await;
    let outcome = world.w3c_as_it_is(&world.w3c_card(131_072)).await;
    assert_outcome(&outcome, "no", "malformed_credential");
}

/// The first place in which the status of a card is told.
fn first_place(forge: &mut Forge) -> &mut Value {
    &mut forge.credential["credentialStatus"][0]
}

#[test_case(json!("-1") ; "negative")]
#[test_case(json!(3) ; "a number")]
#[test_case(json!("03") ; "with a zero before it")]
#[test_case(json!("three") ; "a word")]
#[test_case(json!("") ; "nothing")]
#[test_case(json!("9007199254740993") ; "beyond 2 to the 53")]
#[test_case(json!("18446744073709551619") ; "beyond 2 to the 64")]
#[tokio::test]
async fn d2_verifier_w3c_place_that_is_none(index: Value) {
    let outcome = world()
        .await
        .judge_w3c(|forge| first_place(forge)["statusListIndex"] = index)
        .await;
    assert_outcome(&outcome, "no", "malformed_credential");
}

#[test_case(json!(2) ; "two")]
#[test_case(json!(3) ; "three")]
#[test_case(json!(16) ; "sixteen")]
#[test_case(json!("1") ; "a text")]
#[tokio::test]
async fn d3_verifier_w3c_status_of_more_than_one_bit(size: Value) {
    let world = world().await;
    let one = world.judge_w3c(|forge| first_place(forge)["statusSize"] = json!(1));
    assert_outcome(&one.await, "yes", "ok");
    let other = world.judge_w3c(|forge| first_place(forge)["statusSize"] = size);
    assert_outcome(&other.await, "no", "malformed_credential");
}

/// The first place is the highest bit of the first byte. Bitstring Status List 1.0 §3.4
#[tokio::test]
async fn d3_verifier_w3c_order_of_bits() {
    let mut world = world().await;
    let mut list = StatusList::new(Bits::Two, 1_024);
    for index in [0, 9] {
        list.set(index, Status::Invalid).unwrap();
    }
    world.publish_bits(&list);
    world.refresh().await;
    for (index, verdict, reason) in [
        (0, "no", "revoked"),
        (7, "yes", "ok"),
        (9, "no", "revoked"),
        (14, "yes", "ok"),
    ] {
        let outcome = world.w3c_as_it_is(&world.w3c_card(index)).await;
        assert_outcome(&outcome, verdict, reason);
    }
}

/// Compressed: 128 places, fewer than a card can hide among; and 131,072 with a byte behind them, and without their
/// prefix.
#[test_case("uH4sIAAAAAAAC_2NgQAUAVUu77BAAAAA" ; "too few places")]
#[test_case("uH4sIAAAAAAAC_-3BMQEAAADCoPVPbQwfoAAAAAAAAAAAAAAAAAAAAIC3AYbSVKsAQAAAeA" ; "bytes behind it")]
#[test_case("H4sIAAAAAAAC_-3BMQEAAADCoPVPbQwfoAAAAAAAAAAAAAAAAAAAAIC3AYbSVKsAQAAA" ; "another base")]
#[test_case("uAAAA" ; "nothing compressed")]
#[tokio::test]
async fn d3_verifier_w3c_bits_of_a_form_that_does_not_exist(encoded: &str) {
    let saying = |world: &World, purpose: StatusPurpose, encoded: &str| {
        changed(world, purpose, |list| {
            list["credentialSubject"]["encodedList"] = json!(encoded);
        })
    };
    let whole = "uH4sIAAAAAAAC_-3BMQEAAADCoPVPbQwfoAAAAAAAAAAAAAAAAAAAAIC3AYbSVKsAQAAA";
    let world = with_bits(|world, purpose| saying(world, purpose, whole)).await;
    assert_outcome(&world.w3c_as_it_is(&world.w3c_card(3)).await, "yes", "ok");
    unknown(|world, purpose| saying(world, purpose, encoded)).await;
}

#[tokio::test]
async fn d4_verifier_w3c_bits_that_have_run_out() {
    let mut world = world().await;
    let card = world.w3c_card(3);
    world.clock.advance(DAY);
    world.publish_lists_as_they_are();
    world.refresh().await;
    let outcome = world.w3c_as_it_is(&card).await;
    assert_outcome(&outcome, "could_not_check", "status_unavailable");
    world.publish_bits(&world.statuses);
    world.refresh().await;
    assert_outcome(&world.w3c_as_it_is(&card).await, "yes", "ok");
}

/// Nobody knows how old it is.
#[tokio::test]
async fn d4_verifier_w3c_bits_without_a_date() {
    unknown(|world, purpose| changed(world, purpose, |list| drop(list.remove("validFrom")))).await;
}

#[tokio::test]
async fn d6_verifier_w3c_bits_that_are_not_those_recorded() {
    let mut world = world().await;
    let card = world.w3c_card(3);
    world.clock.advance(60);
    world.set_status(3, Status::Invalid);
    // Whoever asks for bits is told that all is well.
    world.publish_bits(&StatusList::new(Bits::Two, 1_024));
    world.refresh().await;
    assert_outcome(&world.w3c_as_it_is(&card).await, "no", "revoked");
}

#[tokio::test]
async fn d6_verifier_w3c_bits_by_another_signer() {
    unknown(|world, purpose| world.bits(&world.statuses, purpose, &key(52))).await;
}

#[tokio::test]
async fn d6_verifier_w3c_bits_of_another_address() {
    unknown(|world, _| good(world, StatusPurpose::Suspension)).await;
}

#[tokio::test]
async fn d6_verifier_w3c_bits_for_another_purpose() {
    let other = |world: &World, purpose| {
        changed(world, purpose, |list| {
            list["credentialSubject"]["statusPurpose"] = json!("suspension");
        })
    };
    let world = with_bits(other).await;
    let outcome = world.w3c_as_it_is(&world.w3c_card(3)).await;
    assert_outcome(&outcome, "no", "malformed_credential");
}

#[test_case(Status::Invalid, "revoked" ; "revoked")]
#[test_case(Status::Suspended, "suspended" ; "suspended")]
#[tokio::test]
async fn d8_verifier_w3c_status_in_bits(status: Status, reason: &str) {
    let mut world = world().await;
    let card = world.w3c_card(3);
    // The token says nothing: what is read is the list of bits.
    let mut list = StatusList::new(Bits::Two, 1_024);
    list.set(3, status).unwrap();
    world.publish_bits(&list);
    world.refresh().await;
    assert_outcome(&world.w3c_as_it_is(&card).await, "no", reason);
    assert_outcome(&world.w3c_as_it_is(&world.w3c_card(4)).await, "yes", "ok");
}

/// 2026-11-20T12:00:00Z is now.
#[test_case("validUntil", "2026-11-20T12:00:00Z", "expired" ; "expired")]
#[test_case("validFrom", "2026-11-20T12:00:01Z", "not_yet_valid" ; "not yet valid")]
#[tokio::test]
async fn d8_verifier_w3c_out_of_its_time_although_valid_in_the_list(name: &str, date: &str, reason: &str) {
    let outcome = world()
        .await
        .judge_w3c(|forge| forge.credential[name] = json!(date))
        .await;
    assert_outcome(&outcome, "no", reason);
}

/// Runs the timer, and does this once its first round is over.
async fn beside_the_timer<T>(world: &mut World, steps: impl AsyncFnOnce(&mut World) -> T) -> T {
    let (ops, stop) = (Ops::new(), CancellationToken::new());
    let refresher = Arc::clone(&world.refresher);
    let timer = refresher.run(ops.condition("ledger"), stop.clone());
    let steps = async {
        while !ops.waiting_for().is_empty() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let made = steps(world).await;
        stop.cancel();
        made
    };
    tokio::join!(timer, steps).1
}

/// Waits until both lists of bits were asked for: much shorter than until the next turn of the timer.
async fn both_fetched(world: &World) -> bool {
    for _ in 0..500 {
        if bits_fetched(world) == 2 {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    false
}

/// A service in which a business waits that can have checks, and lists of bits that nobody asked for yet.
async fn waiting() -> World {
    let mut world = World::with(provisioning()).await;
    world.publish_bits(&world.statuses);
    world.add_waiting("corner-shop").await;
    world.publish();
    world
}

async fn set_check(world: &World, id: &str) {
    let (status, problem) = world.set_checks("corner-shop", &[check_of(CHECK, id)]).await;
    assert_eq!(status, StatusCode::NO_CONTENT, "{problem}");
}

/// How often the token was asked for that the lists of bits are beside.
fn token_fetched(world: &World) -> usize {
    world.site.asked().iter().filter(|address| *address == LIST).count()
}

/// A hundred new checks are no hundred rounds over all agencies.
#[tokio::test]
async fn d7_verifier_lists_that_are_held_are_not_fetched_again_for_a_new_one() {
    let mut world = waiting().await;
    let fetched = beside_the_timer(&mut world, async |world: &mut World| {
        let before = token_fetched(world);
        set_check(world, "home-w3c").await;
        (both_fetched(world).await, before, token_fetched(world) - before)
    });
    let (fetched, before, again) = fetched.await;
    assert!(fetched && before > 0);
    assert_eq!(again, 0);
}

#[tokio::test]
async fn d7_verifier_lists_that_a_new_check_needs_are_fetched_at_once() {
    let mut world = waiting().await;
    let fetched = beside_the_timer(&mut world, async |world: &mut World| {
        assert_eq!(bits_fetched(world), 0, "nobody needs them yet");
        set_check(world, "home-w3c").await;
        both_fetched(world).await
    });
    assert!(fetched.await);
}

#[tokio::test]
async fn d7_verifier_lists_of_an_agency_that_is_new_are_fetched_at_once() {
    let mut world = waiting().await;
    let fetched = beside_the_timer(&mut world, async |world: &mut World| {
        set_check(world, "student-w3c").await;
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert_eq!(bits_fetched(world), 0, "nobody may issue such cards yet");
        let types = [vct("residence"), vct("student-card")];
        world
            .ledger
            .accredit(&world.agency, "Agency", &types.each_ref().map(String::as_str));
        world.publish();
        world.refresher.refresh_ledger().await.unwrap();
        both_fetched(world).await
    });
    assert!(fetched.await);
}
