//! What the log serves, read as others read it: audit, bundles, tiles.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use anchor::audit::audit;
use anchor::landmarks::StoredLandmark;
use anchor::read::{Attachment, ReadError, ReadStore, routes};
use ledger::{Family, UnverifiedBundle};

use crate::fixtures::{NOW, get, listen, source};
use crate::world::{TOKEN, World, agency};

#[tokio::test]
async fn a_whole_log_replays_from_what_it_serves() {
    let mut world = World::new().await;
    let running = world.serve().await;
    // More than one full tile, and with it a tile of the second level.
    for number in 1..=140 {
        let create = world.create(&agency(number));
        running.log.append(create).await.unwrap();
    }
    running.publishes(running.log.committed()).await;
    let summary = audit(&source(&world.url), &world.pack, |_, _| ()).await.unwrap();
    assert_eq!(summary.size, running.log.published());
    assert!(summary.size > 256, "{}", summary.size);
    assert_eq!(summary.organisations, 141);
    assert!(summary.alarms.is_empty());
}

#[tokio::test]
async fn payloads_of_entries_come_in_one() {
    let mut world = World::new().await;
    let running = world.serve().await;
    for number in 1..=3 {
        let create = world.create(&agency(number));
        running.log.append(create).await.unwrap();
    }
    let size = running.log.committed();
    let answer = get(&world.url, &format!("/payloads/1-{size}")).await;
    assert_eq!(
        (answer.status, answer.content_type.as_str()),
        (200, "application/octet-stream")
    );
    let payloads = tlog::decode_entries(&answer.body, u16::try_from(size - 1).unwrap()).unwrap();
    for (index, payload) in (1..size).zip(payloads) {
        let (_, stored) = running.log.store().entry(index).await.unwrap().unwrap();
        assert_eq!(payload, stored, "{index}");
    }
    let beyond = format!("1-{}", size + 1);
    for absent in [beyond.as_str(), "3-3", "3-2", "01-3", "+1-3", "0-257", "1", "-", "a-b"] {
        let answer = get(&world.url, &format!("/payloads/{absent}")).await;
        assert_eq!(answer.status, 404, "{absent}");
    }
}

#[tokio::test]
async fn a_bundle_proves_the_newest_state_and_absence() {
    let mut world = World::new().await;
    let running = world.serve().await;
    let did = agency(1).did().to_string();
    let bundle = |bytes: Vec<u8>| {
        UnverifiedBundle::parse(&bytes)
            .unwrap()
            .verify(&world.pack, &did)
            .unwrap()
    };
    let path = format!("/bundle?did={}&with=did,accreditation", did.replace('%', "%25"));
    let answer = get(&world.url, &path).await;
    assert_eq!((answer.status, answer.content_type.as_str()), (200, "application/cbor"));
    assert!(bundle(answer.body).record().is_none());

    assert_eq!(world.post(world.create(&agency(1)).encode(), Some(TOKEN)).await.0, 200);
    let record = world.record(&running, &did).await.unwrap();
    assert_eq!(
        world.post(world.grant(&record, "urn:a").encode(), Some(TOKEN)).await.0,
        200
    );
    let found = bundle(get(&world.url, &path).await.body);
    assert!(found.record().unwrap().accreditation("urn:a", NOW).is_some());
    assert_eq!(found.accreditation().unwrap().types[0].vct, "urn:a");
    assert_eq!(found.did_line().unwrap(), agency(1).lines()[0].as_bytes());
    assert_eq!(found.time(), NOW);
}

#[tokio::test]
async fn bundles_stay_at_the_published_checkpoint_while_more_is_committed() {
    let mut world = World::new().await;
    let running = world.serve().await;
    assert_eq!(world.post(world.create(&agency(1)).encode(), Some(TOKEN)).await.0, 200);
    let did = agency(1).did().to_string();
    let record = world.record(&running, &did).await.unwrap();
    world.cosigners.set_up(&["m1"], false);
    running.log.append(world.grant(&record, "urn:a")).await.unwrap();
    assert_eq!(running.log.committed(), 7);
    let published = world.record(&running, &did).await.unwrap();
    assert!(published.accreditation_entry().is_none());
    world.cosigners.set_up(&["m1"], true);
    running.publishes(7).await;
    let published = world.record(&running, &did).await.unwrap();
    assert!(published.accreditation_entry().is_some());
}

#[tokio::test]
async fn the_set_of_accredited_agencies_keeps_those_that_were() {
    let mut world = World::new().await;
    let running = world.serve().await;
    for number in [1, 2, 3] {
        assert_eq!(
            world.post(world.create(&agency(number)).encode(), Some(TOKEN)).await.0,
            200
        );
    }
    for number in [1, 2] {
        let record = world.record(&running, agency(number).did().as_str()).await.unwrap();
        assert_eq!(
            world.post(world.grant(&record, "urn:a").encode(), Some(TOKEN)).await.0,
            200
        );
    }
    let set = get(&world.url, "/bundles/accredited").await.body;
    let bundles = UnverifiedBundle::parse_set(&set).unwrap();
    assert_eq!(bundles.len(), 2);
    for bundle in bundles {
        let did = bundle.dangerous_claimed_subject().unwrap();
        let bundle = bundle.verify(&world.pack, &did).unwrap();
        assert!(bundle.accreditation().is_some());
    }
}

#[tokio::test]
async fn attachments_that_a_record_does_not_name_are_left_out() {
    let mut world = World::new().await;
    let running = world.serve().await;
    assert_eq!(world.post(world.create(&agency(1)).encode(), Some(TOKEN)).await.0, 200);
    let did = agency(1).did().to_string();
    let with = [Attachment::Scope, Attachment::Snapshot, Attachment::Accreditation];
    let bytes = running.log.store().bundle(&did, &with).await.unwrap().unwrap();
    let bundle = UnverifiedBundle::parse(&bytes)
        .unwrap()
        .verify(&world.pack, &did)
        .unwrap();
    assert!(bundle.scope().is_none() && bundle.status_snapshot().is_none() && bundle.accreditation().is_none());
}

#[tokio::test]
async fn the_registrar_serves_its_own_did_log() {
    let mut world = World::new().await;
    let _running = world.serve().await;
    let answer = get(&world.url, "/registrar/did.jsonl").await;
    assert_eq!(answer.content_type, "text/jsonl");
    assert_eq!(answer.text(), world.registrar.log_file());
}

/// A store that counts how often the set of all accredited agencies is made.
#[derive(Clone, Default)]
struct Counting {
    checkpoint: Arc<AtomicU8>,
    made: Arc<AtomicU8>,
}

impl ReadStore for Counting {
    async fn checkpoint(&self) -> Result<Option<Vec<u8>>, ReadError> {
        Ok(Some(vec![self.checkpoint.load(Ordering::SeqCst)]))
    }

    async fn tile(&self, _: tlog::Tile) -> Result<Option<Vec<u8>>, ReadError> {
        Ok(None)
    }

    async fn blob(&self, _: [u8; 32]) -> Result<Option<Vec<u8>>, ReadError> {
        Ok(None)
    }

    async fn payloads(&self, _: Range<u64>) -> Result<Option<Vec<Vec<u8>>>, ReadError> {
        Ok(None)
    }

    async fn bundle(&self, _: &str, _: &[Attachment]) -> Result<Option<Vec<u8>>, ReadError> {
        Ok(None)
    }

    async fn object(&self, _: Family, _: &str) -> Result<Option<Vec<u8>>, ReadError> {
        Ok(None)
    }

    async fn objects(&self, _: Family) -> Result<Option<Vec<u8>>, ReadError> {
        Ok(None)
    }

    async fn accredited(&self) -> Result<Option<Vec<u8>>, ReadError> {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        Ok(Some(vec![self.made.fetch_add(1, Ordering::SeqCst)]))
    }

    async fn landmarks(&self) -> Result<Vec<StoredLandmark>, ReadError> {
        Ok(Vec::new())
    }

    async fn landmark_file(&self, _: u64) -> Result<Option<Vec<u8>>, ReadError> {
        Ok(None)
    }
}

#[tokio::test]
async fn l1_anchor_the_set_of_accredited_agencies_is_made_once_a_checkpoint() {
    let store = Counting::default();
    let url = listen(routes(store.clone())).await;
    for checkpoint in 0..2 {
        store.checkpoint.store(checkpoint, Ordering::SeqCst);
        let answers = futures_util::future::join_all((0..20).map(|_| get(&url, "/bundles/accredited"))).await;
        assert!(answers.iter().all(|answer| answer.body == [checkpoint]), "{answers:?}");
    }
    assert_eq!(store.made.load(Ordering::SeqCst), 2);
}
