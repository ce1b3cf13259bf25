//! `holdfast-anchor verify`: of a served log and of an export.

use std::fs;
use std::ops::Range;
use std::path::Path;

use anchor::audit::{AuditError, StateError, StateFile, Summary, audit, audit_from};
use anchor::source::{LogSource, SourceError};
use ledger::{EndorseError, Kind, MapHead, UnverifiedSplitEvidence};
use testkit::{Cosignatures, Ledger};
use tlog::{EntryBundleError, QuorumError, Tile, TileContent, encode_entries};

use crate::fixtures::{Content, LogServer, NOW, hash_tile, source, tree};

struct Setup {
    ledger: Ledger,
    log: LogServer,
    source: LogSource,
}

/// A published log with an agency and a business.
async fn setup() -> Setup {
    let mut ledger = Ledger::new(NOW);
    let agency = ledger.create("agency.example");
    ledger.accredit(&agency, "Agency", &["urn:holdfast:vct:residence:1"]);
    let mut gone = ledger.create("gone.example");
    ledger.deactivate(&mut gone);
    let (log, url) = LogServer::start(&ledger).await;
    let mut setup = Setup {
        ledger,
        log,
        source: source(&url),
    };
    setup.publish();
    setup
}

impl Setup {
    fn publish(&mut self) {
        let note = self.ledger.publish();
        self.log.publish(&self.ledger, &note);
    }

    async fn audit(&self) -> Result<Summary, AuditError> {
        audit(&self.source, &self.ledger.trust_pack(), |_, _| ()).await
    }
}

/// Writes what a log serves as files, each payload in one of its own.
pub(crate) fn export(ledger: &mut Ledger, folder: &Path) {
    export_tree(ledger, folder);
    export_blobs(ledger, folder);
}

fn export_blobs(ledger: &Ledger, folder: &Path) {
    for (_, payload) in ledger.entries() {
        let hash = ledger::BlobRef::of(payload).hash;
        write(folder, &format!("blob/{}", hex::encode(hash)), payload);
    }
}

/// The same with the payloads of each tile in one.
pub(crate) fn export_in_few_files(ledger: &mut Ledger, folder: &Path) {
    export_tree(ledger, folder);
    for tile in Tile::grown(TileContent::Entries, 0, ledger.entries().len() as u64) {
        let Range { start, end } = tile.positions();
        let entries = &ledger.entries()[start as usize..end as usize];
        let payloads = encode_entries(entries.iter().map(|(_, payload)| payload.as_slice())).unwrap();
        write(folder, &format!("payloads/{start}-{end}"), &payloads);
    }
}

fn write(folder: &Path, path: &str, bytes: &[u8]) {
    let path = folder.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

fn export_tree(ledger: &mut Ledger, folder: &Path) {
    let note = ledger.publish();
    let content = Content {
        entries: ledger.entries().to_vec(),
        ..Content::default()
    };
    let size = content.entries.len() as u64;
    let write = |path: &str, bytes: &[u8]| write(folder, path, bytes);
    write("checkpoint", note.to_string().as_bytes());
    for tile in Tile::grown(TileContent::Entries, 0, size) {
        write(&tile.to_string(), &content.tile(tile).unwrap());
    }
    let tree = tree(&content.entries);
    for level in 0..8 {
        for tile in Tile::grown(TileContent::Hashes { level }, 0, size) {
            write(&tile.to_string(), &hash_tile(&tree, tile, level));
        }
    }
}

#[tokio::test]
async fn everything_holds() {
    let setup = setup().await;
    let mut seen = (0, 0);
    let summary = audit(&setup.source, &setup.ledger.trust_pack(), |done, all| {
        seen = (done, all)
    })
    .await
    .unwrap();
    let size = setup.ledger.entries().len() as u64;
    assert_eq!(seen, (size, size));
    assert_eq!((summary.size, summary.time), (size, NOW));
    assert_eq!(summary.root, setup.ledger.replica().tree().root());
    assert_eq!((summary.organisations, summary.accredited), (3, 1));
    assert_eq!((summary.relying_parties, summary.deactivated), (0, 1));
    assert!(summary.alarms.is_empty());
}

#[tokio::test]
async fn an_export_of_more_than_one_tile_holds() {
    let mut ledger = Ledger::new(NOW);
    for number in 0..260 {
        ledger.create(&format!("agency{number}.example"));
    }
    let folder = tempfile::tempdir().unwrap();
    export(&mut ledger, folder.path());
    let source = LogSource::folder(folder.path().to_owned());
    let summary = audit(&source, &ledger.trust_pack(), |_, _| ()).await.unwrap();
    assert_eq!(summary.organisations, 261);

    let tile = folder.path().join("tile/1/000.p/1");
    let mut bytes = fs::read(&tile).unwrap();
    bytes[0] ^= 1;
    fs::write(&tile, bytes).unwrap();
    let error = audit(&source, &ledger.trust_pack(), |_, _| ()).await.unwrap_err();
    assert!(
        matches!(&error, AuditError::Tile { path } if path == "tile/1/000.p/1"),
        "{error}"
    );
}

#[tokio::test]
async fn no_quorum() {
    let mut setup = setup().await;
    let note = setup.ledger.publish_with(&Cosignatures::without_mirror(NOW));
    setup.log.publish(&setup.ledger, &note);
    assert!(matches!(
        setup.audit().await,
        Err(AuditError::Quorum(QuorumError::NotReached))
    ));
}

#[tokio::test]
async fn a_changed_entry() {
    let setup = setup().await;
    let first = setup.ledger.entries()[0].clone();
    setup.log.change(|content| content.entries[2] = first);
    assert!(matches!(
        setup.audit().await,
        Err(AuditError::Endorse(EndorseError::Root))
    ));
}

#[tokio::test]
async fn a_payload_that_is_not_there() {
    let setup = setup().await;
    setup.log.change(|content| content.hidden = Some(2));
    let error = setup.audit().await.unwrap_err();
    let name = hex::encode(ledger::BlobRef::of(&setup.ledger.entries()[2].1).hash);
    assert!(matches!(error, AuditError::Source(SourceError::Missing { path }) if path == format!("blob/{name}")));
}

#[tokio::test]
async fn an_export_that_was_tampered_with() {
    let mut ledger = Ledger::new(NOW);
    let folder = tempfile::tempdir().unwrap();
    export(&mut ledger, folder.path());
    let source = LogSource::folder(folder.path().to_owned());
    let pack = ledger.trust_pack();
    let name = format!("blob/{}", hex::encode(ledger::BlobRef::of(&ledger.entries()[1].1).hash));
    let blob = fs::read(folder.path().join(&name)).unwrap();
    fs::write(folder.path().join(&name), b"other").unwrap();
    let error = audit(&source, &pack, |_, _| ()).await.unwrap_err();
    assert!(
        matches!(&error, AuditError::Source(SourceError::OtherContent { path }) if *path == name),
        "{error}"
    );
    fs::write(folder.path().join(&name), blob).unwrap();

    let size = ledger.entries().len();
    let bundle = folder.path().join(format!("tile/entries/000.p/{size}"));
    fs::write(&bundle, [0]).unwrap();
    let error = audit(&source, &pack, |_, _| ()).await.unwrap_err();
    let truncated = EntryBundleError::Truncated;
    assert!(matches!(error, AuditError::Source(SourceError::Bundle { source, .. }) if source == truncated));

    fs::write(folder.path().join("checkpoint"), vec![b'x'; tlog::MAX_NOTE_BYTES + 1]).unwrap();
    let error = audit(&source, &pack, |_, _| ()).await.unwrap_err();
    assert!(
        matches!(error, AuditError::Source(SourceError::TooLarge { .. })),
        "{error}"
    );
}

#[tokio::test]
async fn k8_anchor_payloads_that_come_in_one_are_hashed_as_each_alone_is() {
    let mut ledger = Ledger::new(NOW);
    let folder = tempfile::tempdir().unwrap();
    export_in_few_files(&mut ledger, folder.path());
    let source = LogSource::folder(folder.path().to_owned());
    let pack = ledger.trust_pack();
    audit(&source, &pack, |_, _| ()).await.unwrap();
    let together = format!("payloads/0-{}", ledger.entries().len());
    let sound = fs::read(folder.path().join(&together)).unwrap();
    let (mut turned, cut, more) = (sound.clone(), &sound[1..], [sound.as_slice(), b"more"].concat());
    *turned.last_mut().unwrap() ^= 1;
    for altered in [turned.as_slice(), cut, more.as_slice()] {
        write(folder.path(), &together, altered);
        let error = audit(&source, &pack, |_, _| ()).await.unwrap_err();
        let asks_alone =
            matches!(&error, AuditError::Source(SourceError::Missing { path }) if path.starts_with("blob/"));
        assert!(asks_alone, "{error}");
    }
    export_blobs(&ledger, folder.path());
    audit(&source, &pack, |_, _| ()).await.unwrap();
}

#[tokio::test]
async fn a_false_hash_tile() {
    let setup = setup().await;
    setup.log.change(|content| content.false_tiles = true);
    assert!(matches!(setup.audit().await, Err(AuditError::Tile { .. })));
}

#[tokio::test]
async fn a_false_map_root_that_even_the_mirror_signed() {
    let mut setup = setup().await;
    let sound = setup.ledger.sound_map_head();
    let leaf = setup.ledger.map_head_leaf(&MapHead { root: [7; 32], ..sound });
    assert!(setup.ledger.try_write(&leaf).is_err());
    let size = setup.ledger.entries().len() as u64;
    let root = setup.ledger.replica().tree().root();
    let checkpoint = tlog::Checkpoint::new(testkit::ledger::ORIGIN.parse().unwrap(), size, root);
    let mut lines = vec![setup.ledger.log_signer().sign(&checkpoint).unwrap()];
    lines.extend(setup.ledger.cosign(&checkpoint, &Cosignatures::all(NOW)));
    let note = tlog::UnverifiedCheckpoint::new(checkpoint, lines);
    setup.log.publish(&setup.ledger, &note);
    assert!(matches!(
        setup.audit().await,
        Err(AuditError::Endorse(EndorseError::NoSoundMapHead))
    ));
}

#[tokio::test]
async fn an_entry_that_breaks_a_rule_is_an_alarm() {
    let mut setup = setup().await;
    let number = setup.ledger.entries().len() as u64;
    let did = setup.ledger.registrar().did().to_string();
    let leaf = setup.ledger.next_leaf(Kind::StatusSnapshot, &did, b"{}".to_vec());
    assert!(setup.ledger.try_write(&leaf.proved_by_payload()).is_err());
    setup.publish();
    let summary = setup.audit().await.unwrap();
    let [alarm] = summary.alarms.as_slice() else {
        panic!("{summary}")
    };
    assert_eq!(alarm.number, number);
}

#[tokio::test]
async fn the_trust_pack_of_another_ecosystem() {
    let setup = setup().await;
    let mut content = setup.ledger.pack_content().clone();
    content.name = "Another".to_owned();
    let file = content.sign(&[setup.ledger.governance()]).unwrap();
    let pack = ledger::UnverifiedTrustPack::parse(&file)
        .unwrap()
        .verify(None, NOW)
        .unwrap();
    let error = audit(&setup.source, &pack, |_, _| ()).await.unwrap_err();
    assert!(matches!(error, AuditError::PackNotAnchored));
}

/// A log of more than one tile, served over HTTP.
async fn large() -> (Ledger, LogServer, LogSource) {
    let mut ledger = Ledger::new(NOW);
    for number in 0..260 {
        ledger.create(&format!("agency{number}.example"));
    }
    let (log, url) = LogServer::start(&ledger).await;
    let note = ledger.publish();
    log.publish(&ledger, &note);
    (ledger, log, source(&url))
}

#[tokio::test]
async fn an_interrupted_audit_goes_on_and_comes_to_the_same_answer() {
    let (ledger, log, source) = large().await;
    let pack = ledger.trust_pack();
    let whole = audit(&source, &pack, |_, _| ()).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let state = StateFile::at(folder.path().join("state"));
    log.change(|content| content.hidden = Some(ledger.entries().len() - 1));
    let error = audit_from(&source, &pack, &state, |_, _| ()).await.unwrap_err();
    assert!(
        matches!(error, AuditError::Source(SourceError::Missing { .. })),
        "{error}"
    );
    // What was replayed is not asked for again: the second run gets along without it.
    log.change(|content| content.hidden = Some(2));
    let mut begun_at = None;
    let gone_on = audit_from(&source, &pack, &state, |done, _| {
        begun_at.get_or_insert(done);
    })
    .await
    .unwrap();
    assert_eq!(gone_on, whole);
    assert_eq!(begun_at, Some(256));
    // From scratch it is asked for.
    state.forget().unwrap();
    assert!(audit_from(&source, &pack, &state, |_, _| ()).await.is_err());
}

#[tokio::test]
async fn a_finished_audit_looks_at_what_is_new() {
    let mut setup = setup().await;
    let pack = setup.ledger.trust_pack();
    let folder = tempfile::tempdir().unwrap();
    let state = StateFile::at(folder.path().join("state"));
    audit_from(&setup.source, &pack, &state, |_, _| ()).await.unwrap();
    setup.ledger.create("later.example");
    setup.publish();
    let summary = audit_from(&setup.source, &pack, &state, |_, _| ()).await.unwrap();
    assert_eq!(summary, setup.audit().await.unwrap());
}

#[tokio::test]
async fn a_state_file_that_was_changed_or_is_of_another_log_is_refused() {
    let setup = setup().await;
    let pack = setup.ledger.trust_pack();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state");
    let state = StateFile::at(path.clone());
    audit_from(&setup.source, &pack, &state, |_, _| ()).await.unwrap();

    let mut content = setup.ledger.pack_content().clone();
    content.name = "Another".to_owned();
    let file = content.sign(&[setup.ledger.governance()]).unwrap();
    let other = ledger::UnverifiedTrustPack::parse(&file)
        .unwrap()
        .verify(None, NOW)
        .unwrap();
    let error = audit_from(&setup.source, &other, &state, |_, _| ()).await.unwrap_err();
    assert!(matches!(error, AuditError::State(StateError::OtherLog)), "{error}");

    let whole = fs::read(&path).unwrap();
    for place in [0, whole.len() / 2, whole.len() - 1] {
        let mut changed = whole.clone();
        changed[place] ^= 1;
        fs::write(&path, &changed).unwrap();
        let error = audit_from(&setup.source, &pack, &state, |_, _| ()).await.unwrap_err();
        assert!(
            matches!(error, AuditError::State(StateError::Altered)),
            "{place}: {error}"
        );
    }
    fs::write(&path, b"").unwrap();
    let error = audit_from(&setup.source, &pack, &state, |_, _| ()).await.unwrap_err();
    assert!(matches!(error, AuditError::State(StateError::Altered)), "{error}");
}

/// The same log with other entries after the first ones, as it would show it to somebody else.
fn other_history(names: &[&str]) -> (Ledger, tlog::UnverifiedCheckpoint) {
    let mut ledger = Ledger::new(NOW);
    for name in names {
        ledger.create(name);
    }
    let note = ledger.publish();
    (ledger, note)
}

#[tokio::test]
async fn k14_anchor_a_log_that_shows_an_audit_another_history_than_before_is_shown_up() {
    for names in [
        &["other.example"][..],
        &["other.example", "third.example"],
        &["a.example", "b.example", "c.example"],
    ] {
        let (ledger, note) = other_history(&["one.example", "two.example"]);
        let (log, url) = LogServer::start(&ledger).await;
        log.publish(&ledger, &note);
        let (source, pack) = (source(&url), ledger.trust_pack());
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state");
        let state = StateFile::at(path.clone());
        audit_from(&source, &pack, &state, |_, _| ()).await.unwrap();
        let before = fs::read(&path).unwrap();

        let (other, note) = other_history(names);
        log.publish(&other, &note);
        let error = audit_from(&source, &pack, &state, |_, _| ()).await.unwrap_err();
        let evidence = match error {
            AuditError::Split(evidence) => evidence,
            error => panic!("{names:?}: {error}"),
        };
        let file = UnverifiedSplitEvidence::parse(&evidence.encode()).unwrap();
        assert_eq!(file.verify(&pack), Ok(*evidence), "{names:?}");
        assert_eq!(fs::read(&path).unwrap(), before, "what was seen is not forgotten");
    }
}

#[tokio::test]
async fn a_log_that_is_behind_what_was_seen_is_told_and_no_evidence() {
    let (ledger, older) = other_history(&["one.example"]);
    let (log, url) = LogServer::start(&ledger).await;
    let (mut longer, _) = other_history(&["one.example"]);
    longer.create("two.example");
    let newer = longer.publish();
    log.publish(&longer, &newer);
    let (source, pack) = (source(&url), ledger.trust_pack());
    let folder = tempfile::tempdir().unwrap();
    let state = StateFile::at(folder.path().join("state"));
    audit_from(&source, &pack, &state, |_, _| ()).await.unwrap();
    log.publish(&ledger, &older);
    let error = audit_from(&source, &pack, &state, |_, _| ()).await.unwrap_err();
    let sizes = (ledger.entries().len() as u64, longer.entries().len() as u64);
    assert!(
        matches!(error, AuditError::Older { size, seen } if (size, seen) == sizes),
        "{error}"
    );
}

#[tokio::test]
async fn entries_that_an_interrupted_run_was_given_falsely_are_not_gone_on_with() {
    let (ledger, log, source) = large().await;
    let pack = ledger.trust_pack();
    let folder = tempfile::tempdir().unwrap();
    let state = StateFile::at(folder.path().join("state"));
    let first = ledger.entries()[0].clone();
    log.change(|content| {
        content.entries[100] = first;
        content.hidden = Some(content.entries.len() - 1);
    });
    assert!(audit_from(&source, &pack, &state, |_, _| ()).await.is_err());
    log.load(&ledger);
    log.change(|content| content.hidden = None);
    let error = audit_from(&source, &pack, &state, |_, _| ()).await.unwrap_err();
    assert!(matches!(error, AuditError::OtherEntries), "{error}");
    state.forget().unwrap();
    audit_from(&source, &pack, &state, |_, _| ()).await.unwrap();
}
