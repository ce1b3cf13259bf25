//! `holdfast-anchor verify`: of a served log and of an export.

use std::fs;
use std::path::Path;

use anchor::audit::{AuditError, Summary, audit};
use anchor::source::{LogSource, SourceError};
use ledger::{EndorseError, Kind, MapHead};
use testkit::{Cosignatures, Ledger};
use tlog::{EntryBundleError, QuorumError, Tile, TileContent};

use crate::fixtures::{Content, LogServer, NOW, source};

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

/// Writes what a log serves as files.
pub(crate) fn export(ledger: &mut Ledger, folder: &Path) {
    let note = ledger.publish();
    let content = Content {
        entries: ledger.entries().to_vec(),
        ..Content::default()
    };
    let size = content.entries.len() as u64;
    let write = |path: &str, bytes: &[u8]| {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    };
    write("checkpoint", note.to_string().as_bytes());
    for kind in [
        TileContent::Entries,
        TileContent::Hashes { level: 0 },
        TileContent::Hashes { level: 1 },
    ] {
        for tile in Tile::grown(kind, 0, size) {
            write(&tile.to_string(), &content.tile(tile).unwrap());
        }
    }
    for (_, payload) in &content.entries {
        write(
            &format!("blob/{}", hex::encode(ledger::BlobRef::of(payload).hash)),
            payload,
        );
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
