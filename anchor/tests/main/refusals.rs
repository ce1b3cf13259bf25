//! Entries that are not taken: quotas of registrars, and refusals under the log's signature. docs/ledger.md §5.6, §13

use anchor::governance::read_key;
use anchor::log::{AppendError, Status};
use jose::{Signer, base64url};
use ledger::{
    Head, Kind, LeafBuilder, LeafPointer, OrganisationRecord, Part, Policy, Refusal, Revocation, RevocationReason,
    Submission, UnverifiedRefusal,
};
use serde_json::Value;
use tlog::leaf_hash;

use crate::fixtures::NOW;
use crate::world::{Running, TOKEN, World, agency};

pub(crate) async fn setup() -> (World, Running) {
    let mut world = World::new().await;
    let running = world.serve().await;
    (world, running)
}

/// The refusal in an answer, verified for an entry.
pub(crate) fn refusal(world: &World, submission: &Submission, answer: &Value) -> Refusal {
    let bytes = base64url::decode(answer["refusal"].as_str().unwrap()).unwrap();
    let hash = leaf_hash(&submission.leaf().encode());
    UnverifiedRefusal::parse(&bytes)
        .unwrap()
        .verify(&world.pack.log_keys(), hash.as_bytes())
        .unwrap()
}

/// A policy with this many writes an hour for each registrar.
pub(crate) async fn allow(world: &World, running: &Running, writes_an_hour: u32) {
    change_policy(world, running, |policy| {
        policy.limits.registrar_writes_per_hour = writes_an_hour
    })
    .await;
}

/// The second policy, signed by the governance key.
pub(crate) async fn change_policy(world: &World, running: &Running, change: impl FnOnce(&mut Policy)) {
    let (leaf, payload) = running.log.store().entry(0).await.unwrap().unwrap();
    let mut policy = Policy::parse(&payload).unwrap();
    policy.version = 2;
    change(&mut policy);
    let head = Head {
        seq: 0,
        leaf: LeafPointer {
            index: 0,
            hash: *leaf_hash(&leaf).as_bytes(),
        },
    };
    let key = read_key(&world.files().governance()).unwrap();
    let name = base64url::encode(key.public_jwk().thumbprint());
    let leaf = LeafBuilder::new(Kind::Policy, world.pack.origin(), Some(&head), policy.encode().unwrap());
    let submission = leaf.signed_by(world.pack.origin(), &[(name.as_str(), &key)]).unwrap();
    let (status, _, answer) = world.post(submission.encode(), Some(TOKEN)).await;
    assert_eq!(status, 200, "{answer}");
}

#[tokio::test]
async fn what_breaks_a_rule_is_refused_under_the_logs_signature() {
    let (world, _running) = setup().await;
    let stranger = agency(1);
    let sound = world.create(&stranger);
    let leaf = LeafBuilder::new(Kind::DidCreate, stranger.did().as_str(), None, sound.payload().to_vec());
    let unsigned = leaf.proved_by_payload();
    let (status, _, answer) = world.post(unsigned.encode(), Some(TOKEN)).await;
    assert_eq!(status, 403);
    let refused = refusal(&world, &unsigned, &answer);
    assert_eq!((refused.code(), refused.time()), ("unauthorised", NOW));
    // Of another entry it proves nothing.
    let bytes = base64url::decode(answer["refusal"].as_str().unwrap()).unwrap();
    let other = leaf_hash(&sound.leaf().encode());
    let verified = UnverifiedRefusal::parse(&bytes)
        .unwrap()
        .verify(&world.pack.log_keys(), other.as_bytes());
    assert!(verified.is_err());
}

#[tokio::test]
async fn what_is_taken_gets_a_receipt_and_no_refusal() {
    let (world, _running) = setup().await;
    let (status, _, answer) = world.post(world.create(&agency(1)).encode(), Some(TOKEN)).await;
    assert_eq!(status, 200);
    assert!(answer["proof"].is_string());
    assert!(answer["refusal"].is_null());
}

#[tokio::test]
async fn a_registrar_that_writes_too_much_is_refused_with_proof() {
    let (world, running) = setup().await;
    allow(&world, &running, 2).await;
    for number in 1..=2 {
        assert_eq!(world.post_code(&world.create(&agency(number))).await.0, 200);
    }
    let third = world.create(&agency(3));
    let committed = running.log.committed();
    let (status, retry, answer) = world.post(third.encode(), Some(TOKEN)).await;
    assert_eq!((status, answer["code"].as_str()), (429, Some("rate_limited")));
    assert_eq!(retry.as_deref(), Some("3600"));
    assert_eq!(refusal(&world, &third, &answer).code(), "rate_limited");
    assert_eq!(running.log.committed(), committed, "nothing was stored");
    world.clock.advance(3600);
    assert_eq!(world.post_code(&third).await.0, 200);
}

/// The end of an accreditation, signed by the registrar.
fn revocation(world: &World, record: &OrganisationRecord) -> Submission {
    let revocation = Revocation {
        reason: RevocationReason::KeyCompromise,
        subject: record.did().parse().unwrap(),
    };
    let head = record.head(Part::Accreditation);
    let payload = revocation.encode().unwrap();
    world.by_registrar(LeafBuilder::new(Kind::AccreditationRevoke, record.did(), head, payload))
}

#[tokio::test]
async fn a_registrar_whose_share_is_used_up_still_revokes() {
    let (world, running) = setup().await;
    allow(&world, &running, 2).await;
    let did = agency(1).did().to_string();
    assert_eq!(world.post_code(&world.create(&agency(1))).await.0, 200);
    let record = world.record(&running, &did).await.unwrap();
    assert_eq!(world.post_code(&world.grant(&record, "urn:a")).await.0, 200);
    assert_eq!(world.post_code(&world.create(&agency(2))).await.0, 429);
    let record = world.record(&running, &did).await.unwrap();
    let revocation = revocation(&world, &record);
    assert_eq!(world.post_code(&revocation).await, (200, String::new()));
    let record = world.record(&running, &did).await.unwrap();
    assert!(record.accreditation_entry().is_none());
    // It did not count: an hour later there is room for two, and no more.
    world.clock.advance(3600);
    for (number, status) in [(2, 200), (3, 200), (4, 429)] {
        let answer = world.post_code(&world.create(&agency(number))).await;
        assert_eq!(answer.0, status, "create {number}");
    }
}

#[tokio::test]
async fn an_organisation_about_which_too_much_was_written_is_still_revoked() {
    let (world, running) = setup().await;
    let did = agency(1).did().to_string();
    assert_eq!(world.post_code(&world.create(&agency(1))).await.0, 200);
    for number in 0..10 {
        let record = world.record(&running, &did).await.unwrap();
        let grant = world.grant(&record, &format!("urn:{number}"));
        let status = if number < 9 { 200 } else { 429 };
        assert_eq!(world.post_code(&grant).await.0, status, "grant {number}");
    }
    let record = world.record(&running, &did).await.unwrap();
    let revocation = revocation(&world, &record);
    assert_eq!(world.post_code(&revocation).await, (200, String::new()));
}

#[tokio::test]
async fn a_quota_is_not_forgotten_by_a_restart() {
    let (world, running) = setup().await;
    allow(&world, &running, 1).await;
    assert_eq!(world.post_code(&world.create(&agency(1))).await.0, 200);
    running.stop.cancel();
    let again = world.start().await;
    again.reaches(&Status::Writing).await;
    let refused = again.log.append(world.create(&agency(2))).await;
    assert!(matches!(refused, Err(AppendError::RateLimited { .. })), "{refused:?}");
}

#[tokio::test]
async fn a_log_that_does_not_write_signs_no_refusal() {
    let (world, running) = setup().await;
    running.stop.cancel();
    let (status, _, answer) = world.post(world.create(&agency(1)).encode(), Some(TOKEN)).await;
    assert_eq!((status, answer["code"].as_str()), (503, Some("read_only")));
    assert!(answer["refusal"].is_null());
}
