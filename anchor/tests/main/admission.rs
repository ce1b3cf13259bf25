//! What is let in, over HTTP: duplicates, conflicts, keys, sizes, rates.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use anchor::log::AppendError;
use did::identity::OldKey;
use did::webvh::LogError;
use ledger::{Kind, LeafBuilder, MapHead, Policy, Submission};
use serde_json::Value;
use tlog::{TransparencyProof, leaf_hash};

use crate::fixtures::{NOW, fault};
use crate::world::{Running, TOKEN, World, agency, eventually};

/// A world with one agency on the ledger.
async fn with_agency() -> (World, Running) {
    let mut world = World::new().await;
    let running = world.serve().await;
    assert_eq!(world.post_code(&world.create(&agency(1))).await.0, 200);
    (world, running)
}

/// An update that takes assertion key 1 out, as the second line of the log.
fn rotation(number: u8, seed: u8) -> (String, Vec<u8>) {
    let mut agency = agency(number);
    let mut random = |out: &mut [u8]| out.fill(seed);
    let line = agency.rotate_assertion_key(OldKey::Keep, NOW, &mut random).unwrap();
    let line = line.as_bytes().to_vec();
    (agency.did().to_string(), line)
}

async fn rotate(world: &World, running: &Running, seed: u8) -> Submission {
    let (did, line) = rotation(1, seed);
    let record = world.record(running, &did).await.unwrap();
    LeafBuilder::new(Kind::DidRotate, &did, record.head(ledger::Part::Did), line).proved_by_payload()
}

#[tokio::test]
async fn an_entry_gets_a_receipt_that_verifies() {
    let (world, _running) = with_agency().await;
    let submission = world.create(&agency(2));
    let (status, _, json) = world.post(submission.encode(), Some(TOKEN)).await;
    assert_eq!(status, 200, "{json}");
    let hash = leaf_hash(&submission.leaf().encode());
    assert_eq!(json["leaf_hash"], hex::encode(hash.as_bytes()));
    let proof = TransparencyProof::parse(json["proof"].as_str().unwrap().as_bytes()).unwrap();
    let verified = proof.verify(&hash, world.pack.policy()).unwrap();
    assert_eq!(json["index"], verified.index());
}

#[tokio::test]
async fn k9_anchor_a_thousand_parallel_duplicates_are_one_entry() {
    let mut world = World::new().await;
    world.pace.batch_entries = 100;
    let running = world.serve().await;
    let submission = world.create(&agency(1));
    let world = Arc::new(world);
    let mut answers = tokio::task::JoinSet::new();
    for _ in 0..1000 {
        let (world, bytes) = (Arc::clone(&world), submission.encode());
        let log = running.log.clone();
        answers.spawn(async move {
            let submission = Submission::parse(&bytes).unwrap();
            let index = loop {
                match log.append(submission.clone()).await {
                    Ok(index) => break index,
                    // A full queue asks to come again.
                    Err(AppendError::Backlog) => tokio::time::sleep(Duration::from_millis(5)).await,
                    Err(error) => panic!("{error}"),
                }
            };
            let proof = log.receipt(index, Duration::from_secs(20)).await.unwrap().unwrap();
            drop(world);
            (index, proof.to_string())
        });
    }
    let answers: Vec<_> = answers.join_all().await;
    assert_eq!(answers.len(), 1000);
    let distinct: BTreeSet<_> = answers.into_iter().collect();
    assert_eq!(distinct.len(), 1, "one index and one proof for all");
    // The policy, the registrar, a map head; the entry and its map head.
    assert_eq!(running.log.committed(), 5);
    // Much later it is still the same, over HTTP too.
    assert_eq!(world.post_code(&world.create(&agency(2))).await.0, 200);
    let (_, _, json) = world.post(submission.encode(), Some(TOKEN)).await;
    let (index, proof) = distinct.into_iter().next().unwrap();
    assert_eq!(
        (json["index"].as_u64().unwrap(), json["proof"].as_str().unwrap()),
        (index, proof.as_str())
    );
}

#[tokio::test]
async fn k10_anchor_of_two_next_versions_exactly_one_is_accepted() {
    let (world, running) = with_agency().await;
    let (one, two) = (rotate(&world, &running, 21).await, rotate(&world, &running, 22).await);
    let (first, second) = tokio::join!(world.post(one.encode(), None), world.post(two.encode(), None));
    let mut statuses = [first.0, second.0];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    let (winner, loser) = if first.0 == 200 {
        (first, second)
    } else {
        (second, first)
    };
    assert_eq!(loser.2["code"], "conflict");
    assert_eq!(loser.2["head"]["index"], winner.2["index"]);
    assert_eq!(loser.2["head"]["leaf_hash"], winner.2["leaf_hash"]);
    assert_eq!(loser.2["head"]["seq"], 1);
}

#[tokio::test]
async fn k10_anchor_a_stale_previous_hash_is_a_conflict() {
    let (world, _running) = with_agency().await;
    let (did, line) = rotation(1, 21);
    let stale = LeafBuilder::new(Kind::DidRotate, &did, None, line).proved_by_payload();
    let (status, _, json) = world.post(stale.encode(), None).await;
    assert_eq!((status, &json["code"]), (409, &serde_json::json!("conflict")));
    assert_eq!(json["head"]["seq"], 0);
    // A chain that has not begun has no head.
    let unknown = agency(9);
    let head = ledger::Head {
        seq: 4,
        leaf: ledger::LeafPointer {
            index: 1,
            hash: [0; 32],
        },
    };
    let line = unknown.lines()[0].clone().into_bytes();
    let leaf = LeafBuilder::new(Kind::DidCreate, unknown.did().as_str(), Some(&head), line);
    let (status, _, json) = world.post(world.by_registrar(leaf).encode(), Some(TOKEN)).await;
    assert_eq!((status, json["head"].is_null()), (409, true));
}

#[tokio::test]
async fn k10_anchor_a_key_that_may_not_write_is_refused() {
    let (world, running) = with_agency().await;
    let record = world.record(&running, agency(1).did().as_str()).await.unwrap();
    let grant = world.grant(&record, "urn:a");
    // The agency signs its own accreditation.
    let agency = agency(1);
    let (name, key) = agency.ledger_key().unwrap();
    let key = jose::SigningKey::new(key).unwrap();
    let own = LeafBuilder::new(Kind::AccreditationGrant, record.did(), None, grant.payload().to_vec())
        .signed_by(world.pack.origin(), &[(name.to_string().as_str(), &key)])
        .unwrap();
    assert_eq!(world.post_code(&own).await, (403, "unauthorised".to_owned()));
    // A rotation whose line another key has signed.
    let (did, line) = rotation(1, 21);
    let line = String::from_utf8(line)
        .unwrap()
        .replace("\"created\":\"2025", "\"created\":\"2024");
    let record_head = record.head(ledger::Part::Did);
    let forged = LeafBuilder::new(Kind::DidRotate, &did, record_head, line.into_bytes()).proved_by_payload();
    assert_eq!(world.post_code(&forged).await, (403, "unauthorised".to_owned()));
    assert_eq!(world.post_code(&grant).await.0, 200);
}

fn edited(line: &[u8], edit: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut line: Value = serde_json::from_slice(line).unwrap();
    edit(&mut line);
    line.to_string().into_bytes()
}

/// A text of the line as its own version: a hash, and not that of the entry.
fn take_for_hash(line: &mut Value, version: &str, place: &str) {
    let other = line.pointer(place).and_then(Value::as_str).unwrap();
    line["versionId"] = format!("{version}-{other}").into();
}

#[tokio::test]
async fn e12_anchor_a_did_log_that_does_not_hold_together() {
    let (world, running) = with_agency().await;
    let (did, committed) = (agency(1).did().to_string(), running.log.committed());
    let record = world.record(&running, &did).await.unwrap();
    let new = agency(2);
    let first = |edit: fn(&mut Value)| {
        let line = edited(new.lines()[0].as_bytes(), edit);
        world.by_registrar(LeafBuilder::new(Kind::DidCreate, new.did().as_str(), None, line))
    };
    let second = |edit: fn(&mut Value)| {
        let line = edited(&rotation(1, 21).1, edit);
        LeafBuilder::new(Kind::DidRotate, &did, record.head(ledger::Part::Did), line).proved_by_payload()
    };
    for (submission, reason) in [
        (
            first(|line| line["versionTime"] = "2025-11-19T00:00:00Z".into()),
            LogError::Scid,
        ),
        (
            first(|line| take_for_hash(line, "1", "/parameters/scid")),
            LogError::EntryHash,
        ),
        (
            second(|line| take_for_hash(line, "2", "/parameters/nextKeyHashes/0")),
            LogError::EntryHash,
        ),
        (
            second(|line| line["versionTime"] = "2025-11-20T00:00:00Z".into()),
            LogError::TimeNotIncreasing,
        ),
    ] {
        let (status, _, json) = world.post(submission.encode(), Some(TOKEN)).await;
        assert_eq!((status, &json["code"]), (422, &Value::from("invalid_entry")));
        let said = json["reason"].as_str().unwrap();
        assert!(said.contains(&reason.to_string()), "{said}: {reason}");
    }
    assert_eq!(running.log.committed(), committed);
    let after = world.record(&running, &did).await.unwrap();
    assert_eq!(after.head(ledger::Part::Did).unwrap().seq, 0);
    let good = rotate(&world, &running, 21).await;
    assert_eq!(world.post(good.encode(), None).await.0, 200);
}

#[tokio::test]
async fn only_the_log_writes_map_heads_and_only_governance_the_policy() {
    let (world, running) = with_agency().await;
    let committed = running.log.committed();
    let map_head = MapHead {
        root: [7; 32],
        size: committed,
        time: NOW,
    };
    let leaf = LeafBuilder::new(Kind::MapHead, world.pack.origin(), None, map_head.encode()).written_by_log();
    assert_eq!(world.post_code(&leaf).await, (403, "unauthorised".to_owned()));
    let (_, policy) = running.log.store().entry(0).await.unwrap().unwrap();
    Policy::parse(&policy).unwrap();
    let leaf = LeafBuilder::new(Kind::Policy, world.pack.origin(), None, policy.clone());
    assert_eq!(
        world.post_code(&world.by_registrar(leaf)).await,
        (409, "conflict".to_owned())
    );
    let next = Policy {
        version: 2,
        ..Policy::parse(&policy).unwrap()
    };
    let head = ledger::Head {
        seq: 0,
        leaf: ledger::LeafPointer {
            index: 0,
            hash: *tlog::leaf_hash(&running.log.store().entry(0).await.unwrap().unwrap().0).as_bytes(),
        },
    };
    let leaf = LeafBuilder::new(Kind::Policy, world.pack.origin(), Some(&head), next.encode().unwrap());
    assert_eq!(
        world.post_code(&world.by_registrar(leaf)).await,
        (403, "unauthorised".to_owned()),
        "a registrar is not governance"
    );
    assert_eq!(running.log.committed(), committed);
}

#[tokio::test]
async fn entries_of_registrars_need_the_admin_token_and_others_do_not() {
    let (world, running) = with_agency().await;
    let create = world.create(&agency(2)).encode();
    for token in [None, Some("another-token-entirely")] {
        let (status, _, json) = world.post(create.clone(), token).await;
        assert_eq!((status, &json["code"]), (401, &serde_json::json!("unauthorised")));
    }
    let rotation = rotate(&world, &running, 21).await;
    assert_eq!(world.post(rotation.encode(), None).await.0, 200);
}

#[tokio::test]
async fn k11_anchor_what_is_too_large_or_malformed_is_refused() {
    let (world, running) = with_agency().await;
    let too_large = vec![0; Submission::MAX_BYTES + 1];
    let (status, _, _) = world.post(too_large, Some(TOKEN)).await;
    assert_eq!(status, 413);
    // Within the request's bound, beyond the kind's.
    let line = vec![b' '; 20_000];
    let leaf = LeafBuilder::new(Kind::DidCreate, agency(2).did().as_str(), None, line);
    assert_eq!(
        world.post_code(&world.by_registrar(leaf)).await,
        (413, "too_large".to_owned())
    );
    for bytes in [b"\xff".to_vec(), b"{}".to_vec(), Vec::new()] {
        let (status, _, json) = world.post(bytes, Some(TOKEN)).await;
        assert_eq!((status, &json["code"]), (422, &serde_json::json!("invalid_entry")));
    }
    // Free text has no place: an accreditation with a member that its schema does not know.
    let record = world.record(&running, agency(1).did().as_str()).await.unwrap();
    let payload = world.grant(&record, "urn:a").payload().to_vec();
    let payload = String::from_utf8(payload)
        .unwrap()
        .replace("\"name\"", "\"contact\":\"Ada\",\"name\"");
    let leaf = LeafBuilder::new(Kind::AccreditationGrant, record.did(), None, payload.into_bytes());
    assert_eq!(
        world.post_code(&world.by_registrar(leaf)).await,
        (422, "invalid_entry".to_owned())
    );
}

#[tokio::test]
async fn a_line_of_the_future_is_refused() {
    let (world, running) = with_agency().await;
    let mut agency = agency(1);
    let mut random = |out: &mut [u8]| out.fill(21);
    let mut at = |time| {
        let line = agency.rotate_assertion_key(OldKey::Keep, time, &mut random).unwrap();
        line.as_bytes().to_vec()
    };
    let record = world.record(&running, &rotation(1, 21).0).await.unwrap();
    let head = record.head(ledger::Part::Did);
    let leaf = LeafBuilder::new(Kind::DidRotate, record.did(), head, at(NOW + 301)).proved_by_payload();
    let (status, _, json) = world.post(leaf.encode(), None).await;
    assert_eq!((status, &json["code"]), (422, &serde_json::json!("invalid_entry")));
    // Four seconds later it is within the tolerance.
    world.clock.advance(4);
    assert_eq!(world.post(leaf.encode(), None).await.0, 200);
}

#[tokio::test]
async fn at_most_ten_writes_an_hour_about_one_subject() {
    let (world, running) = with_agency().await;
    let did = agency(1).did().to_string();
    for number in 0..9 {
        let record = world.record(&running, &did).await.unwrap();
        let grant = world.grant(&record, &format!("urn:{number}"));
        assert_eq!(world.post_code(&grant).await.0, 200, "write {number}");
        world.clock.advance(10);
    }
    let record = world.record(&running, &did).await.unwrap();
    let grant = world.grant(&record, "urn:last");
    let (status, retry, json) = world.post(grant.encode(), Some(TOKEN)).await;
    assert_eq!((status, &json["code"]), (429, &serde_json::json!("rate_limited")));
    assert_eq!(retry.unwrap(), (3600 - 90).to_string());
    // Another subject is not affected.
    assert_eq!(world.post_code(&world.create(&agency(2))).await.0, 200);
    world.clock.advance(3600 - 90);
    assert_eq!(world.post_code(&grant).await.0, 200);
}

/// Who has stolen an agency's keys must not be able to hold off the registrar's revocation
/// by writing, nor a registrar the agency's rotation.
#[tokio::test]
async fn an_agency_that_writes_too_much_does_not_lock_its_registrar_out() {
    let (world, running) = with_agency().await;
    let mut agency = agency(1);
    let did = agency.did().to_string();
    for number in 0..=10 {
        world.clock.advance(10);
        let mut random = |out: &mut [u8]| out.fill(100 + number);
        let now = NOW + 10 * u64::from(number + 1);
        let line = agency.rotate_assertion_key(OldKey::Keep, now, &mut random).unwrap();
        let line = line.as_bytes().to_vec();
        let record = world.record(&running, &did).await.unwrap();
        let leaf = LeafBuilder::new(Kind::DidRotate, &did, record.head(ledger::Part::Did), line).proved_by_payload();
        let (status, code) = world.post_code(&leaf).await;
        let expected = if number < 10 { (200, "") } else { (429, "rate_limited") };
        assert_eq!((status, code.as_str()), expected, "rotation {number}");
    }
    let record = world.record(&running, &did).await.unwrap();
    assert_eq!(
        world.post_code(&world.grant(&record, "urn:a")).await,
        (200, String::new())
    );
}

#[tokio::test]
async fn k12_anchor_without_quorum_the_writer_is_told_to_come_again() {
    let mut world = World::new().await;
    world.pace.backlog = 0;
    let running = world.serve().await;
    world.cosigners.set_up(&["m1"], false);
    let first = running.log.append(world.create(&agency(1))).await.unwrap();
    assert_eq!(first, 3);
    let (status, retry, json) = world.post(world.create(&agency(2)).encode(), Some(TOKEN)).await;
    assert_eq!((status, &json["code"]), (503, &serde_json::json!("backlog")));
    assert!(retry.is_some());
    world.cosigners.set_up(&["m1"], true);
    eventually(|| running.log.published() == 5).await;
    assert_eq!(world.post_code(&world.create(&agency(2))).await.0, 200);
}

#[tokio::test]
async fn k3_anchor_an_entry_that_cannot_be_stored_is_refused_for_now_and_reads_go_on() {
    let (world, running) = with_agency().await;
    let full = "CREATE TRIGGER full BEFORE INSERT ON entries BEGIN SELECT RAISE(ABORT, 'disk full'); END";
    fault(&world.files().store(), full).await;
    let submission = world.create(&agency(2));
    let (status, retry, json) = world.post(submission.encode(), Some(TOKEN)).await;
    assert_eq!((status, &json["code"]), (503, &serde_json::json!("storage")));
    assert!(retry.is_some() && json["refusal"].is_null());
    assert!(world.record(&running, agency(1).did().as_str()).await.is_some());
    fault(&world.files().store(), "DROP TRIGGER full").await;
    assert_eq!(world.post_code(&submission).await.0, 200);
}

#[tokio::test]
async fn a_stopped_log_reads_on_and_writes_no_more() {
    let (world, running) = with_agency().await;
    running.stop.cancel();
    let (status, _, json) = world.post(world.create(&agency(2)).encode(), Some(TOKEN)).await;
    assert_eq!((status, &json["code"]), (503, &serde_json::json!("read_only")));
    assert!(world.record(&running, agency(1).did().as_str()).await.is_some());
}
