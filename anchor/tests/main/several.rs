//! Several entries in one request: an answer for each, in their order. docs/ledger.md §2

use std::slice::from_ref;
use std::time::Duration;

use anchor::log::AppendError;
use anchor::routes::App;
use axum::body::Body;
use axum::http::Request;
use axum::http::header::CONTENT_TYPE;
use cbor::Writer;
use did::identity::OldKey;
use ledger::{Kind, LeafBuilder, SUBMISSIONS_BYTES, SUBMISSIONS_CAP, Submission, encode_submissions};
use serde_json::Value;
use tlog::{TransparencyProof, leaf_hash};
use tower::ServiceExt;

use crate::commit_order::writing;
use crate::fixtures::{NOW, fault};
use crate::refusals::{allow, change_policy, refusal, setup};
use crate::world::{TOKEN, World, agency, eventually};

/// The answers to a request that was looked at, by a client with the token.
async fn answers(world: &World, submissions: &[Submission]) -> Vec<Value> {
    results(world.post_several(encode_submissions(submissions), Some(TOKEN)).await)
}

fn results((status, _, mut answer): (u16, Option<String>, Value)) -> Vec<Value> {
    assert_eq!(status, 200, "{answer}");
    match answer["results"].take() {
        Value::Array(results) => results,
        other => panic!("{other}"),
    }
}

/// Status and code of a problem; 200 where it is none.
fn told(answer: &Value) -> (u64, &str) {
    (
        answer["status"].as_u64().unwrap_or(200),
        answer["code"].as_str().unwrap_or_default(),
    )
}

/// Index and tree of a receipt, which verifies for this entry.
fn receipt(world: &World, submission: &Submission, answer: &Value) -> (u64, u64) {
    assert_eq!(told(answer), (200, ""), "{answer}");
    let hash = leaf_hash(&submission.leaf().encode());
    assert_eq!(answer["leaf_hash"], hex::encode(hash.as_bytes()));
    let proof = TransparencyProof::parse(answer["proof"].as_str().unwrap().as_bytes()).unwrap();
    let verified = proof.verify(&hash, world.pack.policy()).unwrap();
    assert_eq!(answer["index"], verified.index());
    (verified.index(), verified.checkpoint().size())
}

/// The creation of an agency that nobody signed.
fn unsigned(number: u8) -> Submission {
    let agency = agency(number);
    let line = agency.lines()[0].clone().into_bytes();
    LeafBuilder::new(Kind::DidCreate, agency.did().as_str(), None, line).proved_by_payload()
}

#[tokio::test]
async fn k10_anchor_each_entry_of_a_request_has_its_own_answer_in_their_order() {
    let (world, running) = setup().await;
    let (first, bad, last) = (world.create(&agency(1)), unsigned(2), world.create(&agency(3)));
    let mut body = Writer::new();
    body.array(2).uint(1).array(4).bytes(&first.encode());
    body.bytes(&bad.encode()).bytes(b"{}").bytes(&last.encode());
    let results = results(world.post_several(body.into_bytes(), Some(TOKEN)).await);
    assert_eq!(results.len(), 4);
    // One batch, and its map head.
    assert_eq!(receipt(&world, &first, &results[0]), (3, 6));
    assert_eq!(told(&results[1]), (403, "unauthorised"));
    assert_eq!(refusal(&world, &bad, &results[1]).code(), "unauthorised");
    assert_eq!(told(&results[2]), (422, "invalid_entry"));
    assert!(results[2]["refusal"].is_null(), "there is no leaf to refuse");
    assert_eq!(receipt(&world, &last, &results[3]), (4, 6));
    assert_eq!(running.log.committed(), 6);
    for (number, is_there) in [(1, true), (2, false), (3, true)] {
        let record = world.record(&running, agency(number).did().as_str()).await;
        assert_eq!(record.is_some(), is_there, "agency {number}");
    }
    // The route for one entry gives the same.
    let (status, _, one) = world.post(first.encode(), Some(TOKEN)).await;
    assert_eq!((status, one), (200, results[0].clone()));
    let (status, _, one) = world.post(bad.encode(), Some(TOKEN)).await;
    assert_eq!((status, one), (403, results[1].clone()));
}

#[tokio::test]
async fn an_entry_may_rest_on_those_before_it_in_the_request() {
    let (world, running) = setup().await;
    let (one, two) = (agency(1), agency(2));
    let grant = |did: &str| world.grant_after(None, did, "urn:a");
    let in_order = [world.create(&one), grant(one.did().as_str())];
    let results = answers(&world, &in_order).await;
    assert_eq!(receipt(&world, &in_order[0], &results[0]), (3, 6));
    assert_eq!(receipt(&world, &in_order[1], &results[1]), (4, 6));
    let record = world.record(&running, one.did().as_str()).await.unwrap();
    assert!(record.is_accredited(NOW));

    let the_other_way_round = [grant(two.did().as_str()), world.create(&two)];
    let results = answers(&world, &the_other_way_round).await;
    assert_eq!(told(&results[0]), (422, "invalid_entry"));
    assert_eq!(receipt(&world, &the_other_way_round[1], &results[1]), (6, 8));
    let record = world.record(&running, two.did().as_str()).await.unwrap();
    assert!(!record.is_accredited(NOW));
}

#[tokio::test]
async fn k9_anchor_an_entry_twice_in_one_request_is_one_entry() {
    let (world, running) = setup().await;
    let (one, two) = (world.create(&agency(1)), world.create(&agency(2)));
    let results = answers(&world, &[one.clone(), one.clone(), two.clone()]).await;
    assert_eq!(receipt(&world, &one, &results[0]), (3, 6));
    assert_eq!(results[1], results[0]);
    assert_eq!(receipt(&world, &two, &results[2]), (4, 6));
    // Again, with one that is new: the same receipts, from the checkpoint of then.
    let three = world.create(&agency(3));
    let again = answers(&world, &[two, three.clone(), one]).await;
    assert_eq!((&again[0], &again[2]), (&results[2], &results[0]));
    assert_eq!(receipt(&world, &three, &again[1]), (6, 8));
    assert_eq!(running.log.committed(), 8);
}

#[tokio::test]
async fn k11_anchor_a_request_with_too_many_entries_or_bytes_is_refused_as_a_whole() {
    let (world, running) = setup().await;
    let numbers = 1..=u8::try_from(SUBMISSIONS_CAP + 1).unwrap();
    let mut all: Vec<Submission> = numbers.map(|number| world.create(&agency(number))).collect();
    let (status, _, answer) = world.post_several(encode_submissions(&all), Some(TOKEN)).await;
    assert_eq!((status, &answer["code"]), (413, &Value::from("too_large")));
    let too_long = Request::post("/api/v1/entries/batch")
        .header(CONTENT_TYPE, "application/cbor")
        .body(Body::from(vec![0; SUBMISSIONS_BYTES + 1]))
        .unwrap();
    let router = App::new(running.log.clone(), None, None).router();
    assert_eq!(router.oneshot(too_long).await.unwrap().status(), 413);
    for bytes in [encode_submissions(&[]), all[0].encode(), b"{}".to_vec(), Vec::new()] {
        let (status, _, answer) = world.post_several(bytes, Some(TOKEN)).await;
        assert_eq!((status, &answer["code"]), (422, &Value::from("invalid_entry")));
        assert!(answer["results"].is_null());
    }
    assert_eq!(running.log.committed(), 3, "nothing was stored");
    // As many as may be are taken, in one batch.
    all.pop();
    let results = answers(&world, &all).await;
    for (index, (submission, answer)) in (3..).zip(all.iter().zip(&results)) {
        assert_eq!(receipt(&world, submission, answer), (index, 68));
    }
    assert_eq!(results.len(), SUBMISSIONS_CAP);
}

#[tokio::test]
async fn k12_anchor_a_share_that_runs_out_in_a_request_refuses_the_rest_of_it() {
    let (world, running) = setup().await;
    allow(&world, &running, 2).await;
    let committed = running.log.committed();
    let all = [1, 2, 3, 4].map(|number| world.create(&agency(number)));
    let results = answers(&world, &all).await;
    for (submission, answer) in all.iter().zip(&results).take(2) {
        receipt(&world, submission, answer);
    }
    for (submission, answer) in all.iter().zip(&results).skip(2) {
        assert_eq!(told(answer), (429, "rate_limited"));
        assert_eq!(answer["retry_after"], 3600);
        assert_eq!(refusal(&world, submission, answer).code(), "rate_limited");
    }
    assert_eq!(running.log.committed(), committed + 3);
    // What is there takes no share when it is sent again.
    assert_eq!(answers(&world, &all).await[..2], results[..2]);
    world.clock.advance(3600);
    let again = answers(&world, &all).await;
    assert_eq!(again[..2], results[..2]);
    for (submission, answer) in all.iter().zip(&again).skip(2) {
        receipt(&world, submission, answer);
    }
}

#[tokio::test]
async fn k12_anchor_entries_of_two_registrars_in_one_request_take_each_of_its_own_share() {
    let (world, running) = setup().await;
    let second = agency(200);
    assert_eq!(world.post_code(&world.create(&second)).await.0, 200);
    change_policy(&world, &running, |policy| {
        policy.limits.registrar_writes_per_hour = 1;
        policy.registrars.push(second.did().clone());
        policy.registrars.sort();
    })
    .await;
    world.clock.advance(3600);
    let by_second = |number| {
        let new = agency(number);
        let line = new.lines()[0].clone().into_bytes();
        world.signed_by(
            &second,
            LeafBuilder::new(Kind::DidCreate, new.did().as_str(), None, line),
        )
    };
    let all = [
        world.create(&agency(1)),
        by_second(2),
        world.create(&agency(3)),
        by_second(4),
    ];
    let results = answers(&world, &all).await;
    let (first, _) = receipt(&world, &all[0], &results[0]);
    let (next, _) = receipt(&world, &all[1], &results[1]);
    assert_eq!(next, first + 1);
    assert_eq!(told(&results[2]), (429, "rate_limited"));
    assert_eq!(told(&results[3]), (429, "rate_limited"));
}

#[tokio::test]
async fn k10_anchor_a_request_with_one_entry_of_a_registrar_needs_the_token() {
    let (world, running) = setup().await;
    let mut own = agency(1);
    assert_eq!(world.post_code(&world.create(&own)).await.0, 200);
    let mut random = |out: &mut [u8]| out.fill(21);
    let line = own.rotate_assertion_key(OldKey::Keep, NOW, &mut random).unwrap();
    let line = line.as_bytes().to_vec();
    let record = world.record(&running, own.did().as_str()).await.unwrap();
    let head = record.head(ledger::Part::Did);
    let rotation = LeafBuilder::new(Kind::DidRotate, own.did().as_str(), head, line).proved_by_payload();
    let committed = running.log.committed();
    let both = encode_submissions(&[rotation.clone(), world.create(&agency(2))]);
    for token in [None, Some("another-token-entirely")] {
        let (status, _, answer) = world.post_several(both.clone(), token).await;
        assert_eq!((status, &answer["code"]), (401, &Value::from("unauthorised")));
    }
    assert_eq!(running.log.committed(), committed, "neither was taken");
    let alone = results(world.post_several(encode_submissions(from_ref(&rotation)), None).await);
    receipt(&world, &rotation, &alone[0]);
    let with_token = results(world.post_several(both, Some(TOKEN)).await);
    assert_eq!(with_token[0], alone[0]);
    assert_eq!(told(&with_token[1]), (200, ""));
}

#[tokio::test]
async fn k3_anchor_entries_of_a_request_that_cannot_be_stored_are_refused_for_now() {
    let (world, running) = setup().await;
    let full = "CREATE TRIGGER full BEFORE INSERT ON entries BEGIN SELECT RAISE(ABORT, 'disk full'); END";
    fault(&world.files().store(), full).await;
    let all = [world.create(&agency(1)), unsigned(2), world.create(&agency(3))];
    let results = answers(&world, &all).await;
    // Also the one that breaks a rule: what it was judged by is not there.
    for answer in &results {
        assert_eq!(told(answer), (503, "storage"));
        assert!(answer["retry_after"].is_u64() && answer["refusal"].is_null());
    }
    assert_eq!(running.log.committed(), 3);
    fault(&world.files().store(), "DROP TRIGGER full").await;
    let again = answers(&world, &all).await;
    assert_eq!(receipt(&world, &all[0], &again[0]), (3, 6));
    assert_eq!(told(&again[1]), (403, "unauthorised"));
    assert_eq!(receipt(&world, &all[2], &again[2]), (4, 6));
}

#[tokio::test]
async fn k12_anchor_without_quorum_a_request_of_several_is_told_to_come_again() {
    let mut world = World::new().await;
    world.pace.backlog = 0;
    let running = world.serve().await;
    world.cosigners.set_up(&["m1"], false);
    running.log.append(world.create(&agency(1))).await.unwrap();
    let all = [unsigned(2), world.create(&agency(3))];
    let body = encode_submissions(&all);
    let (status, retry, answer) = world.post_several(body, Some(TOKEN)).await;
    assert_eq!((status, &answer["code"]), (503, &Value::from("backlog")));
    assert!(retry.is_some() && answer["results"].is_null());
    assert_eq!(running.log.committed(), 5);
    world.cosigners.set_up(&["m1"], true);
    eventually(|| running.log.published() == 5).await;
    assert_eq!(told(&answers(&world, &all).await[1]), (200, ""));
}

#[tokio::test]
async fn k12_anchor_entries_take_as_many_places_of_the_queue_alone_and_together() {
    let mut world = World::new().await;
    // The queue holds four batches.
    world.pace.batch_entries = 4;
    let running = writing(&world).await;
    let mut asked = tokio::task::JoinSet::new();
    for request in 0..10 {
        let numbers = (1..=16).map(|number| request * 16 + number);
        let submissions: Vec<Submission> = numbers.map(|number| world.create(&agency(number))).collect();
        let log = running.log.clone();
        asked.spawn(async move { log.append_all(submissions).await });
    }
    let (taken, refused): (Vec<_>, Vec<_>) = asked.join_all().await.into_iter().partition(Result::is_ok);
    assert!(!taken.is_empty() && taken.len() < 5, "{} were taken", taken.len());
    for answer in refused {
        assert!(matches!(answer, Err(AppendError::Backlog)), "{answer:?}");
    }
    // One that is larger than the queue goes in when it is empty.
    let submissions: Vec<Submission> = (171..=190).map(|number| world.create(&agency(number))).collect();
    let answers = running.log.append_all(submissions).await.unwrap();
    assert!(answers.len() == 20 && answers.iter().all(Result::is_ok), "{answers:?}");
}

/// However much of a batch is refused, it ends: whoever breaks a rule without a pause keeps nobody waiting.
#[tokio::test]
async fn k12_anchor_entries_that_are_refused_keep_no_batch_open() {
    let world = World::new().await;
    let running = writing(&world).await;
    running.log.append(world.create(&agency(1))).await.unwrap();
    let (log, sound) = (running.log.clone(), world.create(&agency(2)));
    let sound = tokio::spawn(async move { log.append(sound).await });
    // About somebody who is there, so that each is looked for in the store.
    let (log, refused) = (running.log.clone(), vec![unsigned(1); 8]);
    let flood = tokio::spawn(async move {
        loop {
            let (log, refused) = (log.clone(), refused.clone());
            tokio::spawn(async move { log.append_all(refused).await });
            tokio::task::yield_now().await;
        }
    });
    let taken = tokio::time::timeout(Duration::from_secs(20), sound).await;
    assert_eq!(taken.expect("it is committed meanwhile").unwrap().unwrap(), 5);
    flood.abort();
}
