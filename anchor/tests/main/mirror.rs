//! `holdfast-anchor mirror` over HTTP: what it cosigns and what not.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anchor::mirror::{DamagedError, Mirror, MirrorError, MirrorStore, StartError, routes, scrub};
use axum::Router;
use ledger::{EndorseError, Kind, MapHead};
use service::{CancellationToken, Metrics, Ops, TestClock};
use sqlx::Connection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use tempfile::TempDir;
use testkit::Ledger;
use testkit::ledger::ORIGIN;
use tlog::{AddCheckpoint, Checkpoint, Cosigner, Hash, Refusal, UnverifiedCheckpoint, cosignatures_from_response};
use url::Url;

use crate::fixtures::{LogServer, NOW, OK, fault, get, listen, post, request, source};
use crate::world::eventually;

pub(crate) fn key() -> Cosigner {
    Cosigner::from_seed("mirror.example/m2".parse().unwrap(), &[8; 32]).unwrap()
}

pub(crate) async fn start_at(folder: &Path, ledger: &Ledger, log: &Url) -> Result<Mirror, StartError> {
    let store = MirrorStore::open(&folder.join("mirror.db")).await?;
    let clock = Arc::new(TestClock::at(NOW + 5));
    Mirror::start(ledger.trust_pack(), source(log), store, key(), clock, &Metrics::new()).await
}

pub(crate) struct Setup {
    pub(crate) folder: TempDir,
    pub(crate) ledger: Ledger,
    pub(crate) log: LogServer,
    pub(crate) log_url: Url,
    pub(crate) mirror: Mirror,
    pub(crate) url: Url,
}

/// A log, and a mirror of it that has seen nothing yet.
pub(crate) async fn setup() -> Setup {
    let (folder, ledger) = (tempfile::tempdir().unwrap(), Ledger::new(NOW));
    let (log, log_url) = LogServer::start(&ledger).await;
    let mirror = start_at(folder.path(), &ledger, &log_url).await.unwrap();
    let url = listen(routes(mirror.clone())).await;
    Setup {
        folder,
        ledger,
        log,
        log_url,
        mirror,
        url,
    }
}

impl Setup {
    /// Adds an organisation, and commits: the log serves the entries, but publishes nothing.
    fn grow(&mut self) -> UnverifiedCheckpoint {
        let host = format!("agency{}.example", self.ledger.entries().len());
        self.ledger.create(&host);
        let note = self.ledger.publish();
        self.log.load(&self.ledger);
        note
    }

    /// Grows the log and lets the mirror cosign it; returns the size.
    async fn cosigned(&mut self, old_size: u64) -> u64 {
        let note = self.grow();
        let answer = self.post(&request(&self.ledger, old_size, &note)).await;
        assert_eq!(answer.status, OK, "{}", answer.text());
        note.dangerous_checkpoint().size()
    }

    async fn post(&self, request: &AddCheckpoint) -> crate::fixtures::Answer {
        post(&self.url, request.to_string()).await
    }

    /// A checkpoint over all entries, signed by the log.
    fn signed(&self, root: Hash) -> UnverifiedCheckpoint {
        let size = self.ledger.entries().len() as u64;
        let checkpoint = Checkpoint::new(ORIGIN.parse().unwrap(), size, root);
        UnverifiedCheckpoint::new(
            checkpoint.clone(),
            vec![self.ledger.log_signer().sign(&checkpoint).unwrap()],
        )
    }

    fn signed_as_it_is(&self) -> UnverifiedCheckpoint {
        self.signed(self.ledger.replica().tree().root())
    }

    /// Writes a map head that may lie, and signs the tree with it.
    fn commit_to(&mut self, head: &MapHead) -> UnverifiedCheckpoint {
        let leaf = self.ledger.map_head_leaf(head);
        assert!(self.ledger.try_write(&leaf).is_err(), "a false map head");
        self.log.load(&self.ledger);
        self.signed_as_it_is()
    }

    async fn evidence(&self) -> Vec<(String, String)> {
        let store = MirrorStore::open(&self.folder.path().join("mirror.db")).await.unwrap();
        store.evidence().await.unwrap()
    }

    /// The state is as it was: the log goes on from `size`.
    async fn goes_on_from(&mut self, size: u64) {
        self.cosigned(size).await;
    }
}

#[tokio::test]
async fn cosigns_what_it_has_replayed() {
    let mut setup = setup().await;
    let first = setup.cosigned(0).await;
    let note = setup.grow();
    let answer = setup.post(&request(&setup.ledger, first, &note)).await;
    let checkpoint = note.dangerous_checkpoint();
    let lines = cosignatures_from_response(&answer.body, checkpoint, key().verifier_key()).unwrap();
    assert_eq!(key().verifier_key().verify(checkpoint, &lines[0]), Ok(NOW + 5));
}

#[tokio::test]
async fn an_idle_log_is_cosigned_again() {
    let mut setup = setup().await;
    let size = setup.cosigned(0).await;
    let again = setup.signed_as_it_is();
    let request = AddCheckpoint {
        old_size: size,
        proof: vec![],
        checkpoint: again,
    };
    assert_eq!(setup.post(&request).await.status, OK);
}

#[tokio::test]
async fn a_false_map_root_gets_no_cosignature() {
    let mut setup = setup().await;
    let size = setup.cosigned(0).await;
    setup.ledger.create("hidden.example");
    let sound = setup.ledger.sound_map_head();
    let note = setup.commit_to(&MapHead { root: [7; 32], ..sound });
    let answer = setup.post(&request(&setup.ledger, size, &note)).await;
    assert_eq!(answer.problem(), (422, "not_endorsed".to_owned()));
    let evidence = setup.evidence().await;
    assert_eq!(evidence, [(note.to_string(), EndorseError::NoSoundMapHead.to_string())]);
    // The false entry stays in the log and changes nothing; a sound map head after it counts.
    setup.goes_on_from(size).await;
}

/// The map before the newest entry: how a log would hide a revocation.
#[tokio::test]
async fn an_old_map_root_gets_no_cosignature() {
    let mut setup = setup().await;
    let size = setup.cosigned(0).await;
    let old = setup.ledger.sound_map_head();
    setup.ledger.create("hidden.example");
    let sound = setup.ledger.sound_map_head();
    let note = setup.commit_to(&MapHead {
        root: old.root,
        ..sound
    });
    let answer = setup.post(&request(&setup.ledger, size, &note)).await;
    assert_eq!(answer.problem(), (422, "not_endorsed".to_owned()));
    setup.goes_on_from(size).await;
}

#[tokio::test]
async fn map_head_of_another_size_or_an_earlier_time_gets_no_cosignature() {
    let mut setup = setup().await;
    let size = setup.cosigned(0).await;
    let sound = setup.ledger.sound_map_head();
    for head in [
        MapHead {
            size: sound.size + 1,
            ..sound
        },
        MapHead { time: NOW - 1, ..sound },
    ] {
        let note = setup.commit_to(&head);
        let answer = setup.post(&request(&setup.ledger, size, &note)).await;
        assert_eq!(answer.problem(), (422, "not_endorsed".to_owned()));
    }
    setup.goes_on_from(size).await;
}

#[tokio::test]
async fn a_checkpoint_that_does_not_end_in_a_map_head_gets_no_cosignature() {
    let mut setup = setup().await;
    let size = setup.cosigned(0).await;
    setup.ledger.create("last.example");
    setup.log.load(&setup.ledger);
    let note = setup.signed_as_it_is();
    let answer = setup.post(&request(&setup.ledger, size, &note)).await;
    assert_eq!(answer.problem(), (422, "not_endorsed".to_owned()));
    setup.goes_on_from(size).await;
}

#[tokio::test]
async fn an_entry_that_breaks_a_rule_changes_nothing_and_is_mirrored() {
    let mut setup = setup().await;
    let size = setup.cosigned(0).await;
    let did = setup.ledger.registrar().did().to_string();
    let leaf = setup.ledger.next_leaf(Kind::StatusSnapshot, &did, b"{}".to_vec());
    assert!(setup.ledger.try_write(&leaf.proved_by_payload()).is_err());
    setup.goes_on_from(size).await;
}

#[tokio::test]
async fn a_payload_that_cannot_be_had_is_waited_for() {
    let mut setup = setup().await;
    let size = setup.cosigned(0).await;
    let note = setup.grow();
    let request = request(&setup.ledger, size, &note);
    setup
        .log
        .change(|content| content.hidden = Some(usize::try_from(size).unwrap()));
    assert_eq!(
        setup.post(&request).await.problem(),
        (503, "entries_unavailable".to_owned())
    );
    setup.log.change(|content| content.hidden = None);
    assert_eq!(setup.post(&request).await.status, OK);
}

#[tokio::test]
async fn entries_other_than_those_signed_get_no_cosignature() {
    let mut setup = setup().await;
    let size = setup.cosigned(0).await;
    let note = setup.grow();
    let request = request(&setup.ledger, size, &note);
    let at = usize::try_from(size).unwrap();
    let (sound, other) = (setup.ledger.entries()[at].clone(), setup.ledger.entries()[0].clone());
    setup.log.change(|content| content.entries[at] = other);
    assert_eq!(setup.post(&request).await.problem(), (422, "entries_differ".to_owned()));
    setup.log.change(|content| content.entries[at] = sound);
    assert_eq!(setup.post(&request).await.status, OK);
}

#[tokio::test]
async fn k13_anchor_mirror_the_rules_of_a_witness_hold_for_a_mirror() {
    let mut setup = setup().await;
    let size = setup.cosigned(0).await;
    let note = setup.grow();
    let good = request(&setup.ledger, size, &note);

    let answer = setup
        .post(&AddCheckpoint {
            old_size: size - 1,
            ..good.clone()
        })
        .await;
    assert_eq!((answer.status, answer.text()), (409, format!("{size}\n").as_str()));
    let bad_proof = AddCheckpoint {
        proof: vec![],
        ..good.clone()
    };
    assert_eq!(setup.post(&bad_proof).await.problem(), (422, "bad_proof".to_owned()));
    let unsigned = UnverifiedCheckpoint::new(note.dangerous_checkpoint().clone(), note.signatures()[1..].to_vec());
    let unsigned = AddCheckpoint {
        checkpoint: unsigned,
        ..good.clone()
    };
    assert_eq!(
        setup.post(&unsigned).await.problem(),
        (403, "no_valid_signature".to_owned())
    );
    assert_eq!(
        post(&setup.url, "old").await.problem(),
        (400, "invalid_request".to_owned())
    );

    assert_eq!(setup.post(&good).await.status, OK);
    let forked = AddCheckpoint {
        old_size: note.dangerous_checkpoint().size(),
        proof: vec![],
        checkpoint: setup.signed(Hash::EMPTY_TREE),
    };
    assert_eq!(setup.post(&forked).await.problem(), (422, "root_mismatch".to_owned()));
    assert_eq!(setup.evidence().await.len(), 2);
}

/// As when the log hangs up at any moment: memory and store never part.
#[tokio::test]
async fn a_request_that_is_given_up_leaves_no_gap() {
    let mut setup = setup().await;
    let mut size = 0;
    for round in 0..20 {
        let note = setup.grow();
        let request = || request(&setup.ledger, size, &note);
        let patience = Duration::from_micros(300 * round);
        let _ = tokio::time::timeout(patience, setup.mirror.add_checkpoint(request())).await;
        let again = setup.mirror.add_checkpoint(request()).await;
        size = note.dangerous_checkpoint().size();
        match again {
            Ok(_) => {}
            Err(MirrorError::Refused(refusal)) => assert_eq!(refusal, Refusal::Conflict { size }),
            Err(error) => panic!("{error}"),
        }
    }
}

#[tokio::test]
async fn k5_anchor_mirror_the_second_of_two_mirrors_on_one_store_signs_nothing() {
    let mut setup = setup().await;
    let second = start_at(setup.folder.path(), &setup.ledger, &setup.log_url)
        .await
        .unwrap();
    let size = setup.cosigned(0).await;
    let note = setup.grow();
    let later = request(&setup.ledger, 0, &note);
    let moved = second.add_checkpoint(later.clone()).await;
    assert!(matches!(moved, Err(MirrorError::StoreMoved)), "{moved:?}");
    let answer = second.add_checkpoint(later).await;
    assert!(
        matches!(answer, Err(MirrorError::Refused(Refusal::Conflict { size: s })) if s == size),
        "{answer:?}"
    );
    let line = second.add_checkpoint(request(&setup.ledger, size, &note)).await;
    assert!(line.is_ok(), "{line:?}");
}

#[tokio::test]
async fn what_was_cosigned_is_durable_and_replayed_again() {
    let mut setup = setup().await;
    let size = setup.cosigned(0).await;
    setup.mirror = start_at(setup.folder.path(), &setup.ledger, &setup.log_url)
        .await
        .unwrap();
    setup.url = listen(routes(setup.mirror.clone())).await;
    setup.goes_on_from(size).await;
}

/// The store fails, and fails again when the mirror wants to know where it stands.
#[tokio::test]
async fn k8_anchor_mirror_a_store_that_fails_twice_leaves_no_gap() {
    let mut setup = setup().await;
    let size = setup.cosigned(0).await;
    let note = setup.grow();
    let grown = request(&setup.ledger, size, &note);
    let store = setup.folder.path().join("mirror.db");
    fault(&store, "ALTER TABLE entry RENAME TO away").await;
    assert_eq!(setup.post(&grown).await.problem(), (500, "internal".to_owned()));
    fault(&store, "ALTER TABLE away RENAME TO entry").await;
    assert_eq!(setup.post(&grown).await.status, OK);
    setup.mirror = start_at(setup.folder.path(), &setup.ledger, &setup.log_url)
        .await
        .unwrap();
    setup.url = listen(routes(setup.mirror.clone())).await;
    setup.goes_on_from(note.dangerous_checkpoint().size()).await;
}

/// A log that answers slowly holds the mirror's turn; what others send meanwhile is bounded.
#[tokio::test]
async fn l1_anchor_mirror_requests_that_were_given_up_do_not_pile_up() {
    let (folder, mut ledger) = (tempfile::tempdir().unwrap(), Ledger::new(NOW));
    ledger.create("agency.example");
    let note = ledger.publish();
    let slow = Router::new().fallback(async || tokio::time::sleep(Duration::from_secs(60)).await);
    let mirror = start_at(folder.path(), &ledger, &listen(slow).await).await.unwrap();
    for _ in 0..200 {
        let request = request(&ledger, 0, &note);
        let patience = Duration::from_millis(1);
        match tokio::time::timeout(patience, mirror.add_checkpoint(request)).await {
            Ok(Err(MirrorError::Busy)) => return,
            Ok(other) => panic!("{other:?}"),
            Err(_) => {}
        }
    }
    panic!("200 requests wait for their turn");
}

#[tokio::test]
async fn k8_anchor_mirror_a_stored_copy_that_changed_is_refused_at_start() {
    let mut setup = setup().await;
    setup.cosigned(0).await;
    let path = setup.folder.path().join("mirror.db");
    let store = service::store::Sqlite::open(&path, &[""; 3]).await.unwrap();
    sqlx::query("UPDATE entry SET leaf = zeroblob(8) WHERE number = 1")
        .execute(store.writer())
        .await
        .unwrap();
    let result = start_at(setup.folder.path(), &setup.ledger, &setup.log_url).await;
    assert!(matches!(
        result.err(),
        Some(StartError::Damaged(DamagedError::Endorse(EndorseError::Root)))
    ));
    sqlx::query("DELETE FROM entry WHERE number = 1")
        .execute(store.writer())
        .await
        .unwrap();
    let result = start_at(setup.folder.path(), &setup.ledger, &setup.log_url).await;
    assert!(matches!(result.err(), Some(StartError::Damaged(_))));
}

#[tokio::test]
async fn k8_anchor_mirror_a_stored_copy_that_changes_ends_the_cosigning() {
    for sql in [
        "UPDATE entry SET leaf = zeroblob(8) WHERE number = 1",
        "UPDATE blob SET bytes = zeroblob(3) WHERE hash = (SELECT payload FROM entry WHERE number = 1)",
        "DELETE FROM entry WHERE number = 1",
    ] {
        let mut setup = setup().await;
        let note = setup.grow();
        setup.log.publish(&setup.ledger, &note);
        setup.mirror.refresh().await.unwrap();
        let ops = Ops::new();
        let (intact, stop) = (ops.condition("stored bytes"), CancellationToken::new());
        let scrubbing = tokio::spawn(scrub(setup.mirror.clone(), Duration::from_millis(20), intact, stop));
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert!(ops.waiting_for().is_empty(), "{sql}");
        let size = setup.cosigned(note.dangerous_checkpoint().size()).await;
        fault(&setup.folder.path().join("mirror.db"), sql).await;
        eventually(|| ops.waiting_for() == ["stored bytes"]).await;
        scrubbing.await.unwrap();
        let note = setup.grow();
        let answer = setup.post(&request(&setup.ledger, size, &note)).await;
        assert_eq!(answer.problem(), (500, "internal".to_owned()), "{sql}");
        let read = get(&setup.url, "checkpoint").await;
        assert_eq!(read.status, OK, "readers are answered: {sql}");
    }
}

/// A mirror that serves one checkpoint and has stored the entries of another, which the log has published: the notes of
/// both.
async fn one_ahead() -> (Setup, UnverifiedCheckpoint, UnverifiedCheckpoint) {
    let mut setup = setup().await;
    let served = setup.grow();
    setup.log.publish(&setup.ledger, &served);
    setup.mirror.refresh().await.unwrap();
    let newer = setup.grow();
    let size = served.dangerous_checkpoint().size();
    assert_eq!(setup.post(&request(&setup.ledger, size, &newer)).await.status, OK);
    setup.log.publish(&setup.ledger, &newer);
    (setup, served, newer)
}

#[tokio::test]
async fn what_is_served_stays_as_it_was_while_a_stored_entry_is_bad() {
    let (setup, served, newer) = one_ahead().await;
    let store = setup.folder.path().join("mirror.db");
    fault(&store, "CREATE TABLE kept AS SELECT * FROM entry").await;
    fault(
        &store,
        "UPDATE entry SET leaf = zeroblob(8) WHERE number = (SELECT max(number) FROM entry)",
    )
    .await;
    let result = setup.mirror.refresh().await;
    assert!(matches!(result, Err(MirrorError::NotEndorsed(_))), "{result:?}");
    assert_eq!(get(&setup.url, "checkpoint").await.text(), served.to_string());

    fault(
        &store,
        "UPDATE entry SET leaf = (SELECT leaf FROM kept WHERE kept.number = entry.number)",
    )
    .await;
    setup.mirror.refresh().await.unwrap();
    assert_eq!(get(&setup.url, "checkpoint").await.text(), newer.to_string());
}

#[tokio::test]
async fn k8_anchor_mirror_what_is_served_stays_as_it_was_while_a_stored_payload_is_bad() {
    let (setup, served, newer) = one_ahead().await;
    let store = setup.folder.path().join("mirror.db");
    fault(&store, "CREATE TABLE kept AS SELECT * FROM blob").await;
    // Of the creation of an organisation, which the mirror has judged before it was stored.
    let bad = "UPDATE blob SET bytes = zeroblob(3) WHERE hash =
               (SELECT payload FROM entry WHERE number = (SELECT max(number) - 1 FROM entry))";
    fault(&store, bad).await;
    let result = setup.mirror.refresh().await;
    assert!(
        matches!(result, Err(MirrorError::Damaged(DamagedError::Replay(_)))),
        "{result:?}"
    );
    assert_eq!(get(&setup.url, "checkpoint").await.text(), served.to_string());
    let sound = "UPDATE blob SET bytes = (SELECT bytes FROM kept WHERE kept.hash = blob.hash)";
    fault(&store, sound).await;
    setup.mirror.refresh().await.unwrap();
    assert_eq!(get(&setup.url, "checkpoint").await.text(), newer.to_string());
}

#[tokio::test]
async fn k4_anchor_mirror_what_is_served_stays_as_it_was_when_storing_a_newer_one_is_given_up() {
    let (setup, served, newer) = one_ahead().await;
    // Somebody else holds the write lock: the newer checkpoint is checked, and waits to be stored.
    let store = SqliteConnectOptions::new().filename(setup.folder.path().join("mirror.db"));
    let mut other = SqliteConnection::connect_with(&store).await.unwrap();
    sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();
    let refreshed = tokio::time::timeout(Duration::from_secs(1), setup.mirror.refresh()).await;
    assert!(refreshed.is_err(), "given up");
    assert_eq!(get(&setup.url, "checkpoint").await.text(), served.to_string());
    let absent = "bundle?did=did:webvh:none:nobody.example";
    assert_eq!(get(&setup.url, absent).await.status, OK);
    let beyond = format!("tile/0/000.p/{}", served.dangerous_checkpoint().size() + 1);
    assert_eq!(get(&setup.url, &beyond).await.status, 404);

    other.close().await.unwrap();
    setup.mirror.refresh().await.unwrap();
    assert_eq!(get(&setup.url, "checkpoint").await.text(), newer.to_string());
    assert_eq!(get(&setup.url, absent).await.status, OK);
}

#[tokio::test]
async fn a_mirror_whose_copy_has_changed_fetches_nothing_more() {
    let mut setup = setup().await;
    let note = setup.grow();
    setup.log.publish(&setup.ledger, &note);
    setup.mirror.refresh().await.unwrap();
    let sql = "UPDATE entry SET leaf = zeroblob(8) WHERE number = 1";
    fault(&setup.folder.path().join("mirror.db"), sql).await;
    let (intact, stop) = (Ops::new().condition("stored bytes"), CancellationToken::new());
    scrub(setup.mirror.clone(), Duration::from_millis(20), intact, stop).await;
    let next = setup.ledger.entries().len();
    let note = setup.grow();
    setup.log.publish(&setup.ledger, &note);
    // Whoever asks for the entries gets an error of the source.
    setup.log.change(|content| content.hidden = Some(next));
    let result = setup.mirror.refresh().await;
    let refused = matches!(result, Err(MirrorError::Damaged(DamagedError::Altered)));
    assert!(refused, "{result:?}");
}

#[tokio::test]
async fn a_published_fork_is_kept_as_evidence() {
    let mut setup = setup().await;
    setup.cosigned(0).await;
    let mut other = Ledger::new(NOW);
    other.create("elsewhere.example");
    let fork = other.publish();
    setup.log.change(|content| content.note = Some(fork.to_string()));
    let result = setup.mirror.refresh().await;
    assert!(matches!(result, Err(MirrorError::Contradiction)), "{result:?}");
    assert_eq!(setup.evidence().await.len(), 1);
}

#[tokio::test]
async fn k14_anchor_mirror_keeps_both_heads_as_evidence_that_anybody_can_check() {
    let mut setup = setup().await;
    let first = setup.cosigned(0).await;
    let size = setup.cosigned(first).await;
    // Another history: of the same size, and of a smaller one.
    let face = |size: u64| {
        let checkpoint = Checkpoint::new(ORIGIN.parse().unwrap(), size, [7; 32].into());
        let mut lines = vec![setup.ledger.log_signer().sign(&checkpoint).unwrap()];
        lines.extend(setup.ledger.cosign(&checkpoint, &testkit::Cosignatures::all(NOW)));
        UnverifiedCheckpoint::new(checkpoint, lines)
    };
    for size in [size, first] {
        setup.log.change(|content| content.note = Some(face(size).to_string()));
        let result = setup.mirror.refresh().await;
        assert!(matches!(result, Err(MirrorError::Contradiction)), "{result:?}");
    }
    let store = MirrorStore::open(&setup.folder.path().join("mirror.db")).await.unwrap();
    let files = store.evidence_files().await.unwrap();
    let mut sizes = Vec::new();
    for file in &files {
        let evidence = ledger::UnverifiedSplitEvidence::parse(file).unwrap();
        let evidence = evidence.verify(&setup.ledger.trust_pack()).unwrap();
        sizes.push((evidence.older().size(), evidence.newer().size()));
        let roots = [evidence.older().root(), evidence.newer().root()];
        assert!(
            roots.contains(&[7; 32]) && roots.contains(&setup.ledger.replica().root()),
            "{roots:?}"
        );
    }
    sizes.sort_unstable();
    assert_eq!(sizes, [(first, size), (size, size)]);
}
