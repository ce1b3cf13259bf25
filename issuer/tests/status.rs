//! Status lists: what the tokens say, how places are taken, what the ledger is told.

use std::time::Duration;

use card_formats::UnverifiedList;
use jose::{PublicJwk, VerifyingKey, base64url};
use ledger::SnapshotEntry;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use status_list::{Status, StatusPurpose, StatusReference, UnverifiedToken, VerifiedList};

use crate::wallet::Wallet;
use crate::world::{NOW, STATUS_URL, World};

/// The payload of a copy's JWT.
pub(crate) fn payload(copy: &str) -> Value {
    let jwt = copy.split('~').next().unwrap();
    serde_json::from_slice(&base64url::decode(jwt.split('.').nth(1).unwrap()).unwrap()).unwrap()
}

/// Where the status of a copy is found.
pub(crate) fn place(copy: &str) -> (String, u64) {
    let status = payload(copy)["status"]["status_list"].clone();
    (
        status["uri"].as_str().unwrap().to_owned(),
        status["idx"].as_u64().unwrap(),
    )
}

pub(crate) async fn list(world: &World, uri: &str) -> VerifiedList {
    let answer = world.status(uri.strip_prefix(STATUS_URL).unwrap()).await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("content-type")),
        (200, Some("application/statuslist+jwt"))
    );
    let key = VerifyingKey::new(jose::Signer::public_jwk(&world.app.identity().key)).unwrap();
    let token = UnverifiedToken::parse(std::str::from_utf8(&answer.body).unwrap()).unwrap();
    token.verify(&key, uri, service::Clock::now(&*world.clock)).unwrap()
}

/// The statuses of copies as their lists say.
pub(crate) async fn statuses(world: &World, copies: &[String]) -> Vec<u8> {
    let mut statuses = Vec::new();
    for copy in copies {
        let (uri, index) = place(copy);
        statuses.push(list(world, &uri).await.status(index).unwrap().value());
    }
    statuses
}

/// So many copies of a residence card for somebody, and the card's id.
pub(crate) async fn issued(world: &World, count: usize) -> (Vec<String>, String) {
    let wallet = Wallet::new();
    let (offer, code, _) = world.offer("residence", "SYN-000001", false).await;
    let token = wallet.token(world, &code, None).await.json();
    let (copies, _) = wallet
        .copies(world, token["access_token"].as_str().unwrap(), "residence", count)
        .await;
    let state = world.offer_state(&offer).await;
    (copies, state["credential_id"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_token_is_signed_again_when_it_is_old_or_something_changed() {
    let world = World::x5c().await;
    let (copies, id) = issued(&world, 1).await;
    let (uri, index) = place(&copies[0]);
    let path = uri.strip_prefix(STATUS_URL).unwrap().to_owned();
    let first = world.status(&path).await.body;
    assert_eq!(world.status(&path).await.body, first, "one signature for many readers");
    world
        .api("POST", &format!("/api/v1/credentials/{id}/revoke"), Value::Null)
        .await;
    assert_eq!(
        list(&world, &uri).await.status(index),
        Ok(Status::Invalid),
        "the list says it at once"
    );
    let second = world.status(&path).await.body;
    world.clock.advance(1);
    let third = list(&world, &uri).await;
    assert_ne!(world.status(&path).await.body, second);
    assert_eq!((third.issued_at(), third.refresh_at()), (NOW + 1, Some(NOW + 3)));
    assert!(third.list().entries() >= 1 << 17);
}

/// The list of bits beside a list, as a verifier reads it.
pub(crate) async fn bits(world: &World, uri: &str, purpose: StatusPurpose) -> VerifiedList {
    let uri = purpose.list_beside(uri);
    let answer = world.status(uri.strip_prefix(STATUS_URL).unwrap()).await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("content-type")),
        (200, Some("application/vc"))
    );
    let signing = world.app.identity();
    let key = VerifyingKey::new(jose::Signer::public_jwk(&signing.key)).unwrap();
    let list = UnverifiedList::parse(std::str::from_utf8(&answer.body).unwrap()).unwrap();
    assert_eq!(list.kid(), Some(signing.key_id().as_str()));
    let now = service::Clock::now(&*world.clock);
    list.verify(&key, Some(&signing.issuer), &uri, now).unwrap()
}

#[tokio::test]
async fn beside_a_token_lists_of_bits_say_the_same_in_the_same_places() {
    for world in [World::x5c().await, World::ledger().await] {
        let (copies, id) = issued(&world, 2).await;
        let (uri, index) = place(&copies[0]);
        let places = StatusPurpose::ALL.map(|purpose| StatusReference::of_token(uri.as_str(), index).beside(purpose));
        for (change, expected) in [
            (None, [Status::Valid, Status::Valid]),
            (Some("suspend"), [Status::Valid, Status::Suspended]),
            (Some("reactivate"), [Status::Valid, Status::Valid]),
            (Some("revoke"), [Status::Invalid, Status::Valid]),
        ] {
            if let Some(change) = change {
                let path = format!("/api/v1/credentials/{id}/{change}");
                world.api("POST", &path, Value::Null).await;
            }
            for ((purpose, place), expected) in StatusPurpose::ALL.iter().zip(&places).zip(expected) {
                let list = bits(&world, &uri, *purpose).await;
                assert_eq!(list.look_up(place), Ok(expected), "{change:?} {purpose:?}");
                assert!(list.list().entries() >= 1 << 17);
            }
        }
        let path = format!("{}/revocation", uri.strip_prefix(STATUS_URL).unwrap());
        let first = world.status(&path).await.body;
        assert_eq!(world.status(&path).await.body, first, "one signature for many readers");
        let unknown = path.replace("revocation", "message");
        assert_eq!(world.status(&unknown).await.status, 404);
        assert_eq!(world.status("/lists/unknown/revocation").await.status, 404);
    }
}

#[tokio::test]
async fn the_lists_are_named_in_one_place() {
    let world = World::x5c().await;
    world.app.open_first_list().await.unwrap();
    let wallet = Wallet::new();
    let token = wallet.access_token(&world, "residence", "SYN-000001").await;
    let (copies, _) = wallet.copies(&world, &token, "residence", 1).await;
    let answer = world.status("/lists").await;
    assert_eq!(answer.json(), json!({ "status_lists": [place(&copies[0]).0] }));
    let metadata = world.get("/.well-known/oauth-authorization-server").await.json();
    assert_eq!(
        metadata["status_list_aggregation_endpoint"],
        format!("{STATUS_URL}/lists")
    );
    assert_eq!(world.status("/lists/unknown").await.status, 404);
}

#[tokio::test]
async fn every_copy_has_a_place_of_its_own_and_a_new_list_is_opened_in_time() {
    let world = World::x5c().await;
    world.app.open_first_list().await.unwrap();
    // As if the list were filled to 80 per cent but for three places.
    let mut write = world.app.store().begin().await.unwrap();
    sqlx::query("UPDATE status_lists SET taken = entries * 8 / 10 - 3")
        .execute(&mut *write)
        .await
        .unwrap();
    write.commit().await.unwrap();
    let wallet = Wallet::new();
    let token = wallet.access_token(&world, "residence", "SYN-000001").await;
    let (copies, _) = wallet.copies(&world, &token, "residence", 5).await;
    assert_eq!(world.count("status_lists").await, 2);
    let mut places: Vec<_> = copies.iter().map(|copy| place(copy)).collect();
    assert!(
        places.iter().all(|(uri, _)| *uri == places[0].0),
        "a batch is in one list"
    );
    places.sort();
    places.dedup();
    assert_eq!(places.len(), 5);
}

/// The status of a copy by a proof from the list that is served and the root that is anchored.
async fn anchored(world: &World, copy: &str, snapshot: &SnapshotEntry) -> u8 {
    let (uri, index) = place(copy);
    let list = list(world, &uri).await;
    let content = ledger::ListContent {
        uri: &uri,
        bits: 2,
        bytes: list.list().bytes(),
    };
    let proof = ledger::SnapshotTree::new(&[content])
        .unwrap()
        .prove(&uri, index)
        .unwrap();
    proof.verify(snapshot, &uri, index).unwrap()
}

/// A card that is revoked between the two: the next snapshot has it.
#[tokio::test]
async fn a_snapshot_is_of_what_the_tokens_say_that_it_names() {
    let world = World::ledger().await;
    world.app.open_first_list().await.unwrap();
    let (copies, _) = issued(&world, 1).await;
    let (uri, index) = place(&copies[0]);
    assert_eq!(list(&world, &uri).await.status(index), Ok(Status::Valid));
    // As it is while a snapshot is made: its token is there, and what is read next says something else.
    let mut write = world.app.store().begin().await.unwrap();
    sqlx::query("UPDATE copies SET status = 1")
        .execute(&mut *write)
        .await
        .unwrap();
    write.commit().await.unwrap();
    world.app.publish_snapshot().await.unwrap();
    let did = world.app.identity().did.clone();
    let service = world.ledger.as_ref().unwrap();
    let snapshot = service.with(|ledger| *ledger.record(&did).status_snapshot().unwrap());
    assert_eq!(anchored(&world, &copies[0], &snapshot).await, 0);
}

#[tokio::test]
async fn a_change_is_anchored() {
    let world = World::ledger().await;
    world.app.open_first_list().await.unwrap();
    let (copies, id) = issued(&world, 1).await;
    world.app.publish_snapshot().await.unwrap();
    let service = world.ledger.as_ref().unwrap();
    let did = world.app.identity().did.clone();
    let before = *service
        .with(|ledger| *ledger.record(&did).status_snapshot().unwrap())
        .root
        .first_chunk::<32>()
        .unwrap();
    world
        .api("POST", &format!("/api/v1/credentials/{id}/revoke"), Value::Null)
        .await;
    world.app.publish_snapshot().await.unwrap();
    let snapshot = service.with(|ledger| *ledger.record(&did).status_snapshot().unwrap());
    assert_ne!(snapshot.root, before);
    assert_eq!(anchored(&world, &copies[0], &snapshot).await, 1);
    let waiting: Option<i64> = sqlx::query_scalar("SELECT wanted_since FROM snapshot")
        .fetch_one(world.app.store().reader())
        .await
        .unwrap();
    assert_eq!(waiting, None, "nothing waits any more");
}

/// docs/ledger.md §5.4: cards that an agency issued while it was accredited are still revoked.
#[tokio::test]
async fn an_agency_that_lost_its_accreditation_still_anchors_revocations() {
    let world = World::ledger().await;
    world.app.open_first_list().await.unwrap();
    let (copies, id) = issued(&world, 1).await;
    world.app.publish_snapshot().await.unwrap();
    let service = world.ledger.as_ref().unwrap();
    let did = world.app.identity().did.clone();
    let newest = || service.with(|ledger| *ledger.record(&did).status_snapshot().unwrap());
    let before = newest().index;
    let files = issuer::identity::IdentityFiles::new(&world.folder.path().join("data"));
    let agency = files.open().unwrap().0;
    service.with(|ledger| ledger.revoke_accreditation(&agency));
    world
        .api("POST", &format!("/api/v1/credentials/{id}/revoke"), Value::Null)
        .await;
    world.clock.advance(300);
    let (ops, stop) = (service::Ops::new(), service::CancellationToken::new());
    let (ledger_read, keys_there) = (ops.condition("ledger"), ops.condition("keys"));
    let published = async {
        while newest().index == before {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        stop.cancel();
    };
    let work = world.app.run_background(ledger_read, keys_there, stop.clone());
    tokio::time::timeout(Duration::from_secs(20), async { tokio::join!(work, published) })
        .await
        .unwrap();
    assert_eq!(anchored(&world, &copies[0], &newest()).await, 1);
}

/// What a copy could be known by: as text, and as the bytes that the text stands for.
fn marks(copy: &str) -> Vec<Vec<u8>> {
    let payload = payload(copy);
    let jwk = &payload["cnf"]["jwk"];
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let mut texts = vec![text(&jwk["x"]), text(&jwk["y"])];
    texts.extend(payload["_sd"].as_array().unwrap().iter().map(text));
    texts.push(base64url::encode(PublicJwk::parse(jwk).unwrap().thumbprint()));
    let jwt = copy.split('~').next().unwrap();
    texts.extend([jwt, copy].map(|whole| base64url::encode(Sha256::digest(whole))));
    let bytes = texts.iter().map(|text| base64url::decode(text).unwrap());
    let mut marks: Vec<Vec<u8>> = bytes.collect();
    marks.extend(texts.iter().map(|text| text.clone().into_bytes()));
    marks
}

#[tokio::test]
async fn neither_copies_nor_keys_of_citizens_are_anchored() {
    let world = World::ledger().await;
    world.app.open_first_list().await.unwrap();
    let (copies, id) = issued(&world, 2).await;
    world
        .api("POST", &format!("/api/v1/credentials/{id}/revoke"), Value::Null)
        .await;
    world.app.publish_snapshot().await.unwrap();
    let mut marks: Vec<Vec<u8>> = copies.iter().flat_map(|copy| marks(copy)).collect();
    marks.extend([id, "SYN-000001".to_owned()].map(String::into_bytes));
    let service = world.ledger.as_ref().unwrap();
    service.with(|ledger| {
        let written = ledger.entries().iter().flat_map(|(leaf, payload)| [leaf, payload]);
        for bytes in written {
            let found = marks
                .iter()
                .find(|mark| bytes.windows(mark.len()).any(|part| part == mark.as_slice()));
            assert_eq!(found, None, "{}", String::from_utf8_lossy(bytes));
        }
        let did = world.app.identity().did.clone();
        assert!(
            ledger.record(&did).status_snapshot().is_some(),
            "the lists are anchored"
        );
    });
}

#[tokio::test]
async fn two_processes_serve_the_same_token() {
    let mut world = World::x5c().await;
    world.app.open_first_list().await.unwrap();
    let path = world.status("/lists").await.json()["status_lists"][0]
        .as_str()
        .unwrap()
        .to_owned();
    let path = path.strip_prefix(STATUS_URL).unwrap().to_owned();
    let first = world.status(&path).await.body;
    world.restart().await;
    assert_eq!(world.status(&path).await.body, first);
}
