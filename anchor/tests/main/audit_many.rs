//! `holdfast-anchor verify` of a log of many entries, interrupted half way. `HOLDFAST_AUDIT_ENTRIES` says how many.

use std::time::Instant;

use anchor::audit::{AuditError, StateFile, audit_from};
use anchor::source::{LogSource, SourceError};
use testkit::Ledger;
use tlog::{Tile, TileContent};

use crate::audit::export_in_few_files;
use crate::fixtures::NOW;

/// Entries of a run that nobody asked for more.
const USUAL: usize = 1_500;

fn entries() -> usize {
    let asked = std::env::var("HOLDFAST_AUDIT_ENTRIES").ok();
    asked.and_then(|text| text.parse().ok()).unwrap_or(USUAL)
}

/// An organisation in every hundred entries, and map heads between.
fn large(entries: usize) -> Ledger {
    let mut ledger = Ledger::new(NOW);
    while ledger.entries().len() < entries {
        let number = ledger.entries().len();
        if number.is_multiple_of(100) {
            ledger.create(&format!("agency{number}.example"));
        } else {
            let head = ledger.map_head_leaf(&ledger.sound_map_head());
            ledger.write(&head);
        }
    }
    ledger
}

#[tokio::test]
async fn an_audit_of_many_entries_that_was_interrupted_goes_on_where_it_was() {
    let mut ledger = large(entries());
    let folder = tempfile::tempdir().unwrap();
    export_in_few_files(&mut ledger, folder.path());
    let size = ledger.entries().len() as u64;
    let (source, pack) = (LogSource::folder(folder.path().to_owned()), ledger.trust_pack());
    let state = StateFile::at(folder.path().join("state"));
    // A tile of entries in the middle cannot be read for a while.
    let tiles: Vec<Tile> = Tile::grown(TileContent::Entries, 0, size).collect();
    let missing = tiles[tiles.len() / 2];
    let [here, away] = [missing.to_string(), "away".to_owned()].map(|name| folder.path().join(name));
    std::fs::rename(&here, &away).unwrap();
    let begun = Instant::now();
    let error = audit_from(&source, &pack, &state, |_, _| ()).await.unwrap_err();
    assert!(
        matches!(error, AuditError::Source(SourceError::Missing { .. })),
        "{error}"
    );
    std::fs::rename(&away, &here).unwrap();
    let interrupted = begun.elapsed().as_secs();
    let mut begun_at = None;
    let summary = audit_from(&source, &pack, &state, |done, _| {
        begun_at.get_or_insert(done);
    })
    .await
    .unwrap();
    assert_eq!(begun_at, Some(missing.positions().start));
    assert_eq!((summary.size, summary.root), (size, ledger.replica().tree().root()));
    assert!(summary.alarms.is_empty());
    println!(
        "COUNT: {size} entries, interrupted at {} after {interrupted} s, all of it in {} s",
        missing.positions().start,
        begun.elapsed().as_secs()
    );
}
