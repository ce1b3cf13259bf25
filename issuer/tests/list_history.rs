//! Lists as they were. draft-ietf-oauth-status-list §8.4

use card_formats::UnverifiedList;
use jose::{VerifyingKey, base64url};
use ledger::StatusSnapshot;
use serde_json::Value;
use sha2::{Digest, Sha256};
use status_list::Status;

use crate::status::{issued, place};
use crate::world::{Answer, NOW, STATUS_URL, World};

const HOUR: u64 = 3_600;

/// The newest snapshot that the ledger holds.
fn anchored(world: &World) -> StatusSnapshot {
    world.ledger.as_ref().unwrap().with(|ledger| {
        let newest = ledger.entries().iter().rev();
        let mut snapshots = newest.filter_map(|(_, payload)| StatusSnapshot::parse(payload).ok());
        snapshots.next().unwrap()
    })
}

/// A card that is anchored as good, and ten seconds later as revoked: the path of its list, its place, both snapshots.
async fn revoked(world: &World) -> (String, u64, [StatusSnapshot; 2]) {
    world.app.open_first_list().await.unwrap();
    let (copies, id) = issued(world, 1).await;
    world.app.publish_snapshot().await.unwrap();
    let before = anchored(world);
    world
        .api("POST", &format!("/api/v1/credentials/{id}/revoke"), Value::Null)
        .await;
    world.clock.advance(10);
    world.app.publish_snapshot().await.unwrap();
    let (uri, index) = place(&copies[0]);
    let path = uri.strip_prefix(STATUS_URL).unwrap().to_owned();
    (path, index, [before, anchored(world)])
}

async fn as_of(world: &World, path: &str, time: u64) -> Answer {
    world.status(&format!("{path}?time={time}")).await
}

/// What a list that was served says of a place, as of a time.
fn status(world: &World, path: &str, answer: &Answer, index: u64, time: u64) -> Status {
    let key = VerifyingKey::new(jose::Signer::public_jwk(&world.app.identity().key)).unwrap();
    let list = UnverifiedList::parse(std::str::from_utf8(&answer.body).unwrap()).unwrap();
    let list = list.verify(&key, None, &format!("{STATUS_URL}{path}"), time);
    list.unwrap().status(index).unwrap()
}

#[tokio::test]
async fn a_list_of_before_a_revocation_is_served_as_of_then() {
    let mut world = World::ledger().await;
    let (path, index, [before, after]) = revoked(&world).await;
    assert_eq!((before.time, after.time), (NOW, NOW + 10));
    world.restart().await;
    for (snapshot, said) in [(&before, Status::Valid), (&after, Status::Invalid)] {
        let answer = as_of(&world, &path, snapshot.time).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("content-type")),
            (200, Some("application/statuslist+jwt"))
        );
        let cache = answer.header("cache-control");
        assert_eq!(cache, Some("public, max-age=172800, immutable"));
        let hash: [u8; 32] = Sha256::digest(&answer.body).into();
        assert_eq!(snapshot.lists.len(), 1);
        assert_eq!(hash, snapshot.lists[0].sha256, "{}", base64url::encode(hash));
        assert_eq!(status(&world, &path, &answer, index, snapshot.time), said);
    }
    let between = as_of(&world, &path, before.time + 9).await;
    assert_eq!(between.body, as_of(&world, &path, before.time).await.body);
    assert_eq!(between.header("cache-control"), Some("no-cache"));
    let newest = world.status(&path).await;
    assert_eq!(newest.header("cache-control"), Some("no-cache"));
    assert_eq!(status(&world, &path, &newest, index, NOW + 10), Status::Invalid);
}

#[tokio::test]
async fn a_list_of_bits_of_before_a_revocation_is_served_as_of_then() {
    let mut world = World::ledger().await;
    let (path, index, [before, after]) = revoked(&world).await;
    world.restart().await;
    for (purpose, said) in [("revocation", Status::Invalid), ("suspension", Status::Valid)] {
        let path = format!("{path}/{purpose}");
        for (time, said) in [(before.time, Status::Valid), (after.time, said)] {
            let answer = as_of(&world, &path, time).await;
            let kind = answer.header("content-type");
            assert_eq!((answer.status.as_u16(), kind), (200, Some("application/vc")));
            let cache = answer.header("cache-control");
            assert_eq!(cache, Some("public, max-age=172800, immutable"));
            assert_eq!(status(&world, &path, &answer, index, time), said, "{purpose}");
            let again = as_of(&world, &path, time).await;
            assert_eq!(again.body, answer.body, "it was signed once");
        }
        let between = as_of(&world, &path, before.time + 9).await;
        assert_eq!(between.body, as_of(&world, &path, before.time).await.body);
        for time in [before.time - 1, after.time + 1] {
            let answer = as_of(&world, &path, time).await;
            assert_eq!(answer.refusal(), (404, "not_found".to_owned()), "{time}");
        }
    }
    let unknown = as_of(&world, &format!("{path}/refresh"), before.time).await;
    assert_eq!(unknown.status, 404);
}

#[tokio::test]
async fn a_time_of_which_nothing_is_kept_is_not_found() {
    let world = World::ledger().await;
    let (path, _, [before, after]) = revoked(&world).await;
    for time in [0, before.time - 1, after.time + 1, u64::MAX] {
        let answer = as_of(&world, &path, time).await;
        assert_eq!(answer.refusal(), (404, "not_found".to_owned()), "{time}");
    }
    assert_eq!(as_of(&world, "/lists/unknown", before.time).await.status, 404);
    for text in ["soon", "-1", "", "1&time=2"] {
        assert_eq!(world.status(&format!("{path}?time={text}")).await.status, 400, "{text}");
    }
}

#[tokio::test]
async fn a_token_that_had_run_out_by_then_is_not_served() {
    let world = World::ledger().await;
    let (path, _, [_, newest]) = revoked(&world).await;
    world.clock.advance(48 * HOUR);
    assert_eq!(as_of(&world, &path, newest.time + 23 * HOUR).await.status, 200);
    assert_eq!(as_of(&world, &path, newest.time + 24 * HOUR).await.status, 404);
}

#[tokio::test]
async fn lists_are_kept_for_two_days_after_the_next_snapshot() {
    let world = World::ledger().await;
    let (path, _, [before, after]) = revoked(&world).await;
    world.clock.advance(48 * HOUR);
    world.app.forget().await.unwrap();
    assert_eq!(as_of(&world, &path, before.time).await.status, 200);
    world.clock.advance(3 * HOUR);
    world.app.forget().await.unwrap();
    assert_eq!(as_of(&world, &path, before.time).await.status, 404);
    assert_eq!(
        as_of(&world, &path, after.time).await.status,
        200,
        "no other took its place"
    );
    assert_eq!(world.count("kept_tokens").await, 1);
    assert_eq!(world.count("kept_bits").await, 2, "one for each purpose");
}

#[tokio::test]
async fn what_the_ledger_never_took_does_not_pile_up() {
    let world = World::ledger().await;
    world.app.open_first_list().await.unwrap();
    world.app.publish_snapshot().await.unwrap();
    world.ledger.as_ref().unwrap().refuse_entries();
    for _ in 0..3 {
        world.clock.advance(10);
        assert!(world.app.publish_snapshot().await.is_err());
    }
    assert_eq!(
        world.count("kept_lists").await,
        2,
        "the one that is anchored, and the newest try"
    );
}
