//! `holdfast-anchor proof` and `verify-proof`: that an entry is in the log, as a text that anybody can check without a
//! network. `c2sp.org/tlog-proof`
//!
//! The `extra` line carries the entry itself, so that one file is enough; what the entry names, its payload, is known
//! by its hash.

use std::path::PathBuf;

use anyhow::{Context, bail, ensure};
use clap::Args;
use ledger::{BlobRef, Leaf, TrustPack};
use service::files::write_atomically;
use service::{Clock, SystemClock};
use thiserror::Error;
use tlog::{
    MakeProofError, Policy, ProofVerificationError, Tile, TileContent, TileHashes, TransparencyProof,
    UnverifiedCheckpoint, VerifiedInclusion, inclusion_nodes, leaf_hash, prove_inclusion,
};

use super::named::named;
use crate::pack::load_pack;
use crate::source::LogSource;

/// Why there is no proof of an entry.
#[derive(Debug, Error)]
#[non_exhaustive]
pub(crate) enum ProofFailure {
    /// There is no such entry, or a tile of the log is missing.
    #[error(transparent)]
    Make(#[from] MakeProofError),
    /// What the log serves does not lead from the entry to its checkpoint.
    #[error(transparent)]
    Verification(#[from] ProofVerificationError),
}

/// The proof of an entry, checked: the hashes are those of [`inclusion_nodes`] in the checkpoint of the note.
///
/// # Errors
/// [`ProofFailure`]
pub(crate) fn prove_entry(
    index: u64,
    leaf: &[u8],
    note: UnverifiedCheckpoint,
    hashes: &TileHashes,
    policy: &Policy,
) -> Result<TransparencyProof, ProofFailure> {
    let size = note.dangerous_checkpoint().size();
    let proof = TransparencyProof {
        extra: Some(leaf.to_vec()),
        index,
        hashes: prove_inclusion(index, size, hashes)?,
        checkpoint: note,
    };
    proof.clone().verify(&leaf_hash(leaf), policy)?;
    Ok(proof)
}

/// Writes the proof that an entry is in the log.
#[derive(Debug, Args)]
pub struct ProofCommand {
    /// The entry: its number, or its leaf hash in hexadecimal digits.
    entry: String,
    /// Where the log or a mirror is read, or the folder of an export.
    #[arg(long, value_name = "URL|DIR")]
    log: String,
    /// The ecosystem's trust pack.
    #[arg(long)]
    trust_pack: PathBuf,
    /// The file that is written.
    #[arg(long)]
    out: PathBuf,
}

impl ProofCommand {
    /// Writes the file, and prints what it proves.
    ///
    /// # Errors
    /// There is no such entry, or what the log serves does not fit together.
    pub async fn run(self) -> anyhow::Result<()> {
        let pack = load_pack(&self.trust_pack, SystemClock.now())?;
        let source = named(&self.log)?;
        let note = UnverifiedCheckpoint::parse(&source.checkpoint().await?)?;
        let size = note.dangerous_checkpoint().size();
        // A leaf hash may consist of decimal digits alone.
        let index = match self.entry.parse() {
            Ok(index) if self.entry.len() < 64 => index,
            _ => find(&source, size, &self.entry).await?,
        };
        ensure!(
            index < size,
            "the log has {size} entries, and so none of number {index}"
        );
        let leaves = source.leaves(index, size).await?;
        let leaf = leaves.first().context("the log's tile lacks the entry")?;
        let hashes = source.hashes(&inclusion_nodes(index, size)?, size).await?;
        let proof = prove_entry(index, leaf, note, &hashes, pack.policy())?;
        let written = write_atomically(&self.out, proof.to_string().as_bytes());
        written.with_context(|| format!("{} cannot be written", self.out.display()))?;
        let inclusion = proof.verify(&leaf_hash(leaf), pack.policy())?;
        tell(&inclusion, leaf);
        Ok(())
    }
}

/// The entry of this leaf hash, looked for in the hash tiles, one after the other.
async fn find(source: &LogSource, size: u64, text: &str) -> anyhow::Result<u64> {
    let mut wanted = [0; 32];
    let form = "an entry is named by its number, or by its leaf hash in 64 hexadecimal digits";
    hex::decode_to_slice(text, &mut wanted).context(form)?;
    for tile in Tile::grown(TileContent::Hashes { level: 0 }, 0, size) {
        let bytes = source.tile(tile).await?;
        let (hashes, _) = bytes.as_chunks::<32>();
        let mut entries = tile.positions().zip(hashes);
        if let Some((index, _)) = entries.find(|(_, hash)| **hash == wanted) {
            return Ok(index);
        }
    }
    bail!("no entry of the log has this leaf hash");
}

/// Checks the proof that an entry is in the log.
#[derive(Debug, Args)]
pub struct VerifyProofCommand {
    /// The proof.
    file: PathBuf,
    /// The ecosystem's trust pack.
    #[arg(long)]
    trust_pack: PathBuf,
    /// The entry, or the payload that it names, where it has to be this one.
    #[arg(long, value_name = "FILE")]
    entry: Option<PathBuf>,
}

impl VerifyProofCommand {
    /// Prints what the file proves.
    ///
    /// # Errors
    /// It proves nothing; the sentence says why.
    pub fn run(self) -> anyhow::Result<()> {
        let pack = load_pack(&self.trust_pack, SystemClock.now())?;
        let read = |path: &PathBuf| std::fs::read(path).with_context(|| format!("{} cannot be read", path.display()));
        let proof = TransparencyProof::parse(&read(&self.file)?)?;
        let entry = self.entry.as_ref().map(read).transpose()?;
        let (inclusion, leaf) = check(proof, entry, &pack)?;
        tell(&inclusion, &leaf);
        Ok(())
    }
}

/// The proof holds, and is of this entry or of the one that names this payload.
fn check(
    proof: TransparencyProof,
    entry: Option<Vec<u8>>,
    pack: &TrustPack,
) -> anyhow::Result<(VerifiedInclusion, Vec<u8>)> {
    let carried = proof.extra.clone();
    let leaf = match (&carried, &entry) {
        (Some(leaf), _) => leaf.clone(),
        (None, Some(entry)) => entry.clone(),
        (None, None) => bail!("the proof does not carry its entry: name it with --entry"),
    };
    let inclusion = proof.verify(&leaf_hash(&leaf), pack.policy())?;
    if let Some(entry) = entry
        && entry != leaf
    {
        let named = Leaf::parse(&leaf).ok().map(|leaf| leaf.payload);
        ensure!(
            named == Some(BlobRef::of(&entry)),
            "the proof holds, but is of another entry than the one named with --entry"
        );
    }
    Ok((inclusion, leaf))
}

fn tell(inclusion: &VerifiedInclusion, leaf: &[u8]) {
    let checkpoint = inclusion.checkpoint();
    println!("proved          entry {} is in the log", inclusion.index());
    println!("by the log      {}, {} entries", checkpoint.origin(), checkpoint.size());
    println!("quorum time     {}", checkpoint.time());
    println!("leaf hash       {}", hex::encode(leaf_hash(leaf).as_bytes()));
    match Leaf::parse(leaf) {
        Ok(leaf) => {
            println!("kind            {}", leaf.kind);
            println!("about           {}", leaf.subject.escape_debug());
            println!("payload         {}", hex::encode(leaf.payload.hash));
        }
        Err(error) => println!("content         none of this ledger: {error}"),
    }
}
