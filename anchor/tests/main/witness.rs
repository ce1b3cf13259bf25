//! `holdfast-witness` over HTTP. `c2sp.org/tlog-witness`

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anchor::witness::{StartError, Witness, WitnessError, WitnessStore, routes};
use proptest::prelude::*;
use service::{Metrics, TestClock};
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use testkit::Ledger;
use testkit::ledger::ORIGIN;
use tlog::{
    AddCheckpoint, Checkpoint, Cosigner, Hash, LogSigner, Refusal, SignatureLine, UnverifiedCheckpoint,
    WitnessStateError, cosignatures_from_response,
};
use url::Url;

use crate::fixtures::{NOW, OK, fault, get, listen, post, request};

fn key() -> Cosigner {
    Cosigner::from_seed("witness.example/w1".parse().unwrap(), &[7; 32]).unwrap()
}

pub(crate) async fn start_at(folder: &Path, logs: &[String]) -> Result<Witness, StartError> {
    let store = WitnessStore::open(&folder.join("witness.db")).await?;
    let clock = Arc::new(TestClock::at(NOW + 5));
    Witness::start(logs, store, key(), clock, &Metrics::new()).await
}

struct Setup {
    folder: TempDir,
    ledger: Ledger,
    url: Url,
}

/// A witness of a log that it has not seen yet.
async fn setup() -> Setup {
    let (folder, ledger) = (tempfile::tempdir().unwrap(), Ledger::new(NOW));
    let url = serve(folder.path(), &ledger).await;
    Setup { folder, ledger, url }
}

async fn serve(folder: &Path, ledger: &Ledger) -> Url {
    let logs = [ledger.log_signer().verifier_key().to_string()];
    listen(routes(start_at(folder, &logs).await.unwrap())).await
}

impl Setup {
    /// Adds an organisation and publishes: the log grows.
    fn grow(&mut self) -> UnverifiedCheckpoint {
        let host = format!("agency{}.example", self.ledger.entries().len());
        self.ledger.create(&host);
        self.ledger.publish()
    }

    /// Grows the log and lets the witness cosign it; returns the size.
    async fn cosigned(&mut self, old_size: u64) -> u64 {
        let note = self.grow();
        let answer = post(&self.url, request(&self.ledger, old_size, &note).to_string()).await;
        assert_eq!(answer.status, OK, "{}", answer.text());
        note.dangerous_checkpoint().size()
    }

    async fn post(&self, request: &AddCheckpoint) -> (u16, String) {
        post(&self.url, request.to_string()).await.problem()
    }

    /// The state is as it was: the log goes on from `size`.
    async fn goes_on_from(&mut self, size: u64) {
        self.cosigned(size).await;
    }

    async fn evidence(&self) -> Vec<anchor::witness::Evidence> {
        let store = WitnessStore::open(&self.folder.path().join("witness.db"))
            .await
            .unwrap();
        store.evidence(ORIGIN).await.unwrap()
    }

    fn sign(&self, checkpoint: &Checkpoint) -> SignatureLine {
        self.ledger.log_signer().sign(checkpoint).unwrap()
    }
}

#[tokio::test]
async fn cosigns_a_log_that_grows() {
    let mut setup = setup().await;
    let first = setup.cosigned(0).await;
    let note = setup.grow();
    let answer = post(&setup.url, request(&setup.ledger, first, &note).to_string()).await;
    assert_eq!(answer.status, OK);
    let checkpoint = note.dangerous_checkpoint();
    let lines = cosignatures_from_response(&answer.body, checkpoint, key().verifier_key()).unwrap();
    assert_eq!(key().verifier_key().verify(checkpoint, &lines[0]), Ok(NOW + 5));
}

#[tokio::test]
async fn an_idle_log_is_cosigned_again() {
    let mut setup = setup().await;
    let note = setup.grow();
    let size = note.dangerous_checkpoint().size();
    for old_size in [0, size, size] {
        let answer = post(&setup.url, request(&setup.ledger, old_size, &note).to_string()).await;
        assert_eq!(answer.status, OK, "{}", answer.text());
    }
}

#[tokio::test]
async fn monitors_get_the_checkpoint_with_both_signatures() {
    let mut setup = setup().await;
    let path = format!("{}/checkpoint", hex::encode(Sha256::digest(ORIGIN)));
    assert_eq!(get(&setup.url, &path).await.problem(), (404, "not_found".to_owned()));
    let size = setup.cosigned(0).await;
    let answer = get(&setup.url, &path).await;
    assert_eq!((answer.status, answer.content_type.as_str()), (OK, "text/plain"));
    let note = UnverifiedCheckpoint::parse(&answer.body).unwrap();
    assert_eq!(note.dangerous_checkpoint().size(), size);
    let witness = key();
    let cosigned = note
        .signatures()
        .iter()
        .any(|line| line.is_by(witness.verifier_key().verifier_key()));
    let log_key = setup.ledger.log_signer().verifier_key().clone();
    assert!(cosigned && note.verify_log(&[log_key]).is_ok());
    let unknown = format!("{}/checkpoint", hex::encode(Sha256::digest("other")));
    assert_eq!(get(&setup.url, &unknown).await.status, 404);
}

#[tokio::test]
async fn k13_anchor_witness_malformed_request() {
    let setup = setup().await;
    assert_eq!(
        post(&setup.url, "old").await.problem(),
        (400, "invalid_request".to_owned())
    );
}

#[tokio::test]
async fn k13_anchor_witness_unknown_origin() {
    let mut setup = setup().await;
    let size = setup.cosigned(0).await;
    let other = LogSigner::from_seed("other.example".parse().unwrap(), &[3; 32]).unwrap();
    let checkpoint = Checkpoint::new("other.example".parse().unwrap(), 9, Hash::EMPTY_TREE);
    let checkpoint = UnverifiedCheckpoint::new(checkpoint.clone(), vec![other.sign(&checkpoint).unwrap()]);
    let request = AddCheckpoint {
        old_size: 0,
        proof: vec![],
        checkpoint,
    };
    assert_eq!(setup.post(&request).await, (404, "unknown_origin".to_owned()));
    setup.goes_on_from(size).await;
}

#[tokio::test]
async fn k13_anchor_witness_no_valid_signature() {
    let mut setup = setup().await;
    let size = setup.cosigned(0).await;
    let note = setup.grow();
    let checkpoint = note.dangerous_checkpoint().clone();
    let stranger = LogSigner::from_seed(ORIGIN.parse().unwrap(), &[3; 32]).unwrap();
    let of_another_tree = setup.sign(&Checkpoint::new(ORIGIN.parse().unwrap(), 1, Hash::EMPTY_TREE));
    for line in [stranger.sign(&checkpoint).unwrap(), of_another_tree] {
        let mut request = request(&setup.ledger, size, &note);
        request.checkpoint = UnverifiedCheckpoint::new(checkpoint.clone(), vec![line]);
        assert_eq!(setup.post(&request).await, (403, "no_valid_signature".to_owned()));
    }
    setup.goes_on_from(size).await;
}

#[tokio::test]
async fn k13_anchor_witness_old_size_above_the_checkpoint() {
    let mut setup = setup().await;
    let size = setup.cosigned(0).await;
    let note = setup.grow();
    let mut request = request(&setup.ledger, size, &note);
    request.old_size = note.dangerous_checkpoint().size() + 1;
    assert_eq!(setup.post(&request).await, (400, "old_size_too_large".to_owned()));
    setup.goes_on_from(size).await;
}

#[tokio::test]
async fn k13_anchor_witness_old_size_is_not_the_stored_one() {
    let mut setup = setup().await;
    let size = setup.cosigned(0).await;
    let note = setup.grow();
    for old_size in [0, size - 1, size + 1] {
        let answer = post(&setup.url, request(&setup.ledger, old_size, &note).to_string()).await;
        assert_eq!((answer.status, answer.content_type.as_str()), (409, "text/x.tlog.size"));
        assert_eq!(answer.text(), format!("{size}\n"));
    }
    setup.goes_on_from(size).await;
}

#[tokio::test]
async fn k13_anchor_witness_bad_proof() {
    let mut setup = setup().await;
    let size = setup.cosigned(0).await;
    let note = setup.grow();
    let good = request(&setup.ledger, size, &note);
    let missing = AddCheckpoint {
        proof: vec![],
        ..good.clone()
    };
    let wrong = AddCheckpoint {
        proof: vec![Hash::EMPTY_TREE; good.proof.len()],
        ..good.clone()
    };
    for request in [missing, wrong] {
        assert_eq!(setup.post(&request).await, (422, "bad_proof".to_owned()));
    }
    let evidence = setup.evidence().await;
    assert_eq!(evidence.len(), 1, "the same checkpoint is kept once");
    assert!(evidence[0].refused.starts_with(&note.dangerous_checkpoint().text()));
    let answer = post(&setup.url, good.to_string()).await;
    assert_eq!(answer.status, OK, "the state is as it was");
}

#[tokio::test]
async fn k13_anchor_witness_other_root_at_the_same_size() {
    let mut setup = setup().await;
    let size = setup.cosigned(0).await;
    let forked = Checkpoint::new(ORIGIN.parse().unwrap(), size, Hash::EMPTY_TREE);
    let checkpoint = UnverifiedCheckpoint::new(forked.clone(), vec![setup.sign(&forked)]);
    let request = AddCheckpoint {
        old_size: size,
        proof: vec![],
        checkpoint,
    };
    assert_eq!(setup.post(&request).await, (422, "root_mismatch".to_owned()));
    let [evidence] = setup.evidence().await.try_into().unwrap();
    let keys = [setup.ledger.log_signer().verifier_key().clone()];
    for note in [evidence.refused, evidence.recorded.unwrap()] {
        let note = UnverifiedCheckpoint::parse(note.as_bytes()).unwrap();
        assert_eq!(note.verify_log(&keys).unwrap().checkpoint().size(), size);
    }
    setup.goes_on_from(size).await;
}

/// A log that fills the store with what it should not have signed leaves room for others.
#[tokio::test]
async fn k13_anchor_witness_keeps_evidence_against_each_log() {
    let mut setup = setup().await;
    let size = setup.cosigned(0).await;
    let filled = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1024)
                  INSERT INTO evidence (origin, refused, reason, time) SELECT 'other.example', i, '', 0 FROM n";
    fault(&setup.folder.path().join("witness.db"), filled).await;
    let forked = Checkpoint::new(ORIGIN.parse().unwrap(), size, Hash::EMPTY_TREE);
    let request = AddCheckpoint {
        old_size: size,
        proof: vec![],
        checkpoint: UnverifiedCheckpoint::new(forked.clone(), vec![setup.sign(&forked)]),
    };
    assert_eq!(setup.post(&request).await, (422, "root_mismatch".to_owned()));
    assert_eq!(setup.evidence().await.len(), 1);
}

#[tokio::test]
async fn k6_anchor_witness_a_log_restored_from_a_backup_learns_the_true_size() {
    let mut setup = setup().await;
    let first = setup.cosigned(0).await;
    let backup = setup.ledger.entries().to_vec();
    let second = setup.cosigned(first).await;
    let old = Checkpoint::new(ORIGIN.parse().unwrap(), first, crate::fixtures::tree(&backup).root());
    let checkpoint = UnverifiedCheckpoint::new(old.clone(), vec![setup.sign(&old)]);
    let request = AddCheckpoint {
        old_size: first,
        proof: vec![],
        checkpoint,
    };
    let answer = post(&setup.url, request.to_string()).await;
    assert_eq!((answer.status, answer.text()), (409, format!("{second}\n").as_str()));
}

#[tokio::test]
async fn what_was_cosigned_is_durable() {
    let mut setup = setup().await;
    let size = setup.cosigned(0).await;
    // A second process on the same folder, as after a crash: the first one is never asked again.
    setup.url = serve(setup.folder.path(), &setup.ledger).await;
    setup.goes_on_from(size).await;
}

/// As when the log hangs up at any moment: memory and store never part.
#[tokio::test]
async fn a_request_that_is_given_up_leaves_no_gap() {
    let (folder, mut ledger) = (tempfile::tempdir().unwrap(), Ledger::new(NOW));
    let logs = [ledger.log_signer().verifier_key().to_string()];
    let witness = start_at(folder.path(), &logs).await.unwrap();
    let mut size = 0;
    for round in 0..40 {
        ledger.create(&format!("agency{round}.example"));
        let note = ledger.publish();
        let patience = Duration::from_micros(50 * round);
        let _ = tokio::time::timeout(patience, witness.add_checkpoint(request(&ledger, size, &note))).await;
        let again = witness.add_checkpoint(request(&ledger, size, &note)).await;
        size = note.dangerous_checkpoint().size();
        match again {
            Ok(_) => {}
            Err(WitnessError::Refused(refusal)) => assert_eq!(refusal, Refusal::Conflict { size }),
            Err(error) => panic!("{error}"),
        }
    }
}

/// The lock on the folder keeps a second process away; should it fail, compare-and-swap does.
#[tokio::test]
async fn k5_anchor_witness_the_second_of_two_witnesses_on_one_store_signs_nothing() {
    let (folder, mut ledger) = (tempfile::tempdir().unwrap(), Ledger::new(NOW));
    let logs = [ledger.log_signer().verifier_key().to_string()];
    let first = start_at(folder.path(), &logs).await.unwrap();
    let second = start_at(folder.path(), &logs).await.unwrap();
    let note = ledger.publish();
    assert!(first.add_checkpoint(request(&ledger, 0, &note)).await.is_ok());
    let size = note.dangerous_checkpoint().size();

    ledger.create("later.example");
    let note = ledger.publish();
    let later = request(&ledger, 0, &note);
    let moved = second.add_checkpoint(later.clone()).await;
    assert!(matches!(moved, Err(WitnessError::StoreMoved)), "{moved:?}");
    // It has read the store again, and says what is true.
    let answer = second.add_checkpoint(later).await;
    assert!(
        matches!(answer, Err(WitnessError::Refused(Refusal::Conflict { size: s })) if s == size),
        "{answer:?}"
    );
}

#[tokio::test]
async fn of_parallel_requests_one_is_cosigned() {
    let mut setup = setup().await;
    let size = setup.cosigned(0).await;
    let notes: Vec<UnverifiedCheckpoint> = (0..16).map(|_| setup.grow()).collect();
    let bodies: Vec<String> = notes
        .iter()
        .map(|note| request(&setup.ledger, size, note).to_string())
        .collect();
    let answers = bodies.into_iter().map(|body| {
        let url = setup.url.clone();
        tokio::spawn(async move { post(&url, body).await.status })
    });
    let mut statuses = Vec::new();
    for answer in answers.collect::<Vec<_>>() {
        statuses.push(answer.await.unwrap());
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [vec![OK], vec![409; 15]].concat());
}

#[tokio::test]
async fn k18_anchor_witness_the_store_of_another_log_is_refused() {
    let mut setup = setup().await;
    setup.cosigned(0).await;
    let other = LogSigner::from_seed("other.example".parse().unwrap(), &[3; 32]).unwrap();
    let result = start_at(setup.folder.path(), &[other.verifier_key().to_string()]).await;
    assert!(matches!(
        result.err(),
        Some(StartError::State(WitnessStateError::UnknownOrigin))
    ));
}

#[tokio::test]
async fn a_cosigners_key_is_no_log_key() {
    let folder = tempfile::tempdir().unwrap();
    let result = start_at(folder.path(), &[key().verifier_key().to_string()]).await;
    assert!(matches!(result.err(), Some(StartError::LogKey(_))));
}

#[test]
fn whatever_is_posted_the_state_stays_and_nothing_fails() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (mut setup, size, good) = runtime.block_on(async {
        let mut setup = setup().await;
        let size = setup.cosigned(0).await;
        let note = setup.grow();
        let good = request(&setup.ledger, size, &note).to_string().into_bytes();
        (setup, size, good)
    });
    let (url, length) = (setup.url.clone(), good.len());
    let config = ProptestConfig::with_cases(64);
    let damage = (0..length, 1..6_usize, prop::collection::vec(any::<u8>(), 0..4));
    proptest!(config, |((at, cut, new) in damage)| {
        let mut body = good.clone();
        body.splice(at..(at + cut).min(length), new);
        if body != good {
            let status = runtime.block_on(post(&url, body)).status;
            // 200 only where a line was damaged that is not the log's.
            prop_assert!([200, 400, 403, 404, 409, 422].contains(&status), "{status}");
        }
    });
    runtime.block_on(async {
        let answer = post(&setup.url, good).await;
        assert!([OK, 409].contains(&answer.status), "{}", answer.text());
        let size = if answer.status == OK {
            setup.ledger.entries().len() as u64
        } else {
            answer.text().trim_end().parse().unwrap_or(size)
        };
        setup.goes_on_from(size).await;
    });
}
