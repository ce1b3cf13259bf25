//! Entries, checkpoints and cosignatures.

use anyhow::{Context, Result, ensure};
use ledger::Leaf;
use sha2::{Digest, Sha256};
use tlog::{UnverifiedCheckpoint, leaf_hash};

use crate::kill::journal::Journal;
use crate::kill::scene::Scene;
use crate::kill::tree::Tree;
use crate::stack::WITNESSES;

/// Every receipt's entry is at its index with its leaf, in a tree with quorum that
/// only grew; the mirror shows the same.
pub(super) async fn entries(scene: &Scene, journal: &mut Journal) -> Result<()> {
    let http = scene.world.stack.http();
    for source in ["log", "mirror"] {
        let tree = Tree::read(http, &scene.url(source)?, scene.pack.policy())
            .await
            .with_context(|| format!("reading the {source}"))?;
        if let Some((size, root)) = journal.trees.get(source) {
            ensure!(
                tree.root_at(*size)? == *root,
                "the tree of {size} that the {source} showed is no part of its tree now"
            );
        }
        journal.trees.insert(source, (tree.size(), tree.root_at(tree.size())?));
        for (index, entry) in &mut journal.entries {
            // The mirror follows; the log has shown the receipt already.
            let Some(bytes) = tree.entry(*index) else {
                ensure!(
                    source == "mirror",
                    "entry {index} is gone, the tree has {}",
                    tree.size()
                );
                continue;
            };
            let leaf = leaf_hash(bytes);
            ensure!(
                *entry.leaf.get_or_insert(leaf) == leaf,
                "entry {index} of the {source} has another leaf than before"
            );
            let found = Leaf::parse(bytes)?;
            ensure!(
                (found.kind, &found.subject) == (entry.kind, &entry.subject),
                "entry {index} is {:?} about {}",
                found.kind,
                found.subject
            );
        }
        note_cosigners(&tree, journal)?;
    }
    let held = scene.record(&scene.agency).await?;
    let held = held.status_snapshot().map(|snapshot| snapshot.index);
    ensure!(
        held >= journal.snapshot,
        "the ledger's newest status snapshot is {held:?} after {:?}",
        journal.snapshot
    );
    Ok(())
}

/// Who has cosigned what is published cannot have forgotten it.
fn note_cosigners(tree: &Tree, journal: &mut Journal) -> Result<()> {
    let note = UnverifiedCheckpoint::parse(tree.note.as_bytes())?;
    for witness in WITNESSES {
        let name = cosigner(witness);
        if note.signatures().iter().any(|line| line.key_name().as_str() == name) {
            let largest = journal.cosigned.entry(witness).or_default();
            *largest = tree.size().max(*largest);
        }
    }
    Ok(())
}

fn cosigner(witness: &str) -> String {
    format!("{witness}.localhost/{witness}")
}

/// Each witness remembers a tree at least as large as the largest it is known to have
/// cosigned, and it is the log's.
pub(super) async fn witnesses(scene: &Scene, journal: &mut Journal) -> Result<()> {
    let http = scene.world.stack.http();
    let tree = Tree::read(http, &scene.url("log")?, scene.pack.policy()).await?;
    let origin: String = Sha256::digest(scene.pack.origin())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    for (witness, largest) in &journal.cosigned {
        let url = format!("{}/{origin}/checkpoint", scene.url(witness)?);
        let note = http.get(&url).await?.success().with_context(|| witness.to_string())?;
        let note = UnverifiedCheckpoint::parse(note.body())?;
        let held = note.dangerous_checkpoint();
        ensure!(
            held.size() >= *largest,
            "{witness} has cosigned a tree of {largest}, and remembers {}",
            held.size()
        );
        // It may have cosigned what the log has committed and not published yet.
        if held.size() <= tree.size() {
            ensure!(
                tree.root_at(held.size())? == *held.root(),
                "{witness} has cosigned another tree of {}",
                held.size()
            );
        }
    }
    Ok(())
}
