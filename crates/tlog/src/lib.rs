//! Transparency log formats of the C2SP, as pure functions over bytes.
//!
//! | module | specification |
//! |---|---|
//! | note, keys | `c2sp.org/signed-note` |
//! | checkpoint | `c2sp.org/tlog-checkpoint`, without extension lines |
//! | tree, proofs | RFC 6962 §2.1, verified as in RFC 9162 §2.1.3.2 and §2.1.4.2 |
//! | tile, entry bundle | `c2sp.org/tlog-tiles` |
//! | cosignature | `c2sp.org/tlog-cosignature`: Ed25519 (made and verified), ML-DSA-44 (verified) |
//! | witness | `c2sp.org/tlog-witness`: messages and the state machine |
//! | policy, quorum | `c2sp.org/tlog-policy` |
//! | transparency proof | `c2sp.org/tlog-proof` |
//!
//! Nothing here reads a clock, a file or a socket: time and keys are arguments.
//!
//! What a log says is an [`UnverifiedCheckpoint`]. It becomes a [`LogCheckpoint`] when the
//! log's own signature was checked (enough for witnesses, who are about to cosign), and a
//! [`QuorateCheckpoint`] when a [`Policy`] was satisfied, which is what everybody else needs.
//!
//! ```
//! use tlog::{Checkpoint, Cosigner, Frontier, LogSigner, Policy, UnverifiedCheckpoint, leaf_hash};
//!
//! let log = LogSigner::from_seed("log.example/1".parse()?, &[1; 32])?;
//! let witness = Cosigner::from_seed("witness.example/w1".parse()?, &[2; 32])?;
//! let policy = Policy::parse(
//!     format!("log {}\nwitness w1 {}\nquorum w1\n", log.verifier_key(), witness.verifier_key()).as_bytes(),
//! )?;
//!
//! let mut tree = Frontier::default();
//! tree.append(leaf_hash(b"first entry"));
//! let checkpoint = Checkpoint::new("log.example/1".parse()?, tree.size(), tree.root());
//! let note = UnverifiedCheckpoint::new(
//!     checkpoint.clone(),
//!     vec![log.sign(&checkpoint)?, witness.cosign(&checkpoint, 1_700_000_000)?],
//! );
//!
//! let quorate = UnverifiedCheckpoint::parse(note.to_string().as_bytes())?.verify(&policy)?;
//! assert_eq!((quorate.size(), quorate.time()), (1, 1_700_000_000));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod checkpoint;
mod cosignature;
mod entry_bundle;
mod hash;
mod key;
mod note;
mod policy;
mod proof;
mod signer;
mod text;
mod tile;
mod tile_hashes;
mod transparency_proof;
mod tree;
mod witness;

pub use checkpoint::{Checkpoint, CheckpointError, LogCheckpoint, Origin, OriginError, UnverifiedCheckpoint};
pub use cosignature::CosignatureError;
pub use entry_bundle::{EntryBundleError, decode_entries, encode_entries};
pub use hash::{Hash, HashError};
pub use key::{
    BadSignature, CosignerKey, KeyId, KeyName, KeyNameError, LogKey, SignatureType, VerifierKey, VerifierKeyError,
};
pub use note::{
    MAX_NOTE_BYTES, MAX_SIGNATURES, NoteError, NoteSignatureError, SignatureLine, UnverifiedNote, VerifiedNote,
};
pub use policy::{Policy, PolicyError, PolicyLog, PolicyWitness, QuorateCheckpoint, QuorumError};
pub use proof::{
    ConsistencyError, InclusionError, MakeProofError, consistency_nodes, inclusion_nodes, prove_consistency,
    prove_inclusion, verify_consistency, verify_inclusion,
};
pub use signer::{Cosigner, LogSigner, SecretKeyError, SecretText, SignError};
pub use tile::{Tile, TileContent, TileError};
pub use tile_hashes::{TileHashes, TileHashesError};
pub use transparency_proof::{ProofVerificationError, TransparencyProof, TransparencyProofError, VerifiedInclusion};
pub use tree::{Frontier, FrontierError, HashSource, NodeId, Tree, leaf_hash, node_hash, root_of};
pub use witness::{
    AddCheckpoint, AddCheckpointError, AddCheckpointResponseError, MAX_PROOF_LINES, Recorded, Refusal, StateMoved,
    ToPersist, WitnessState, WitnessStateError, cosignatures_from_response, size_from_conflict,
};

/// Seconds since 1970-01-01T00:00:00Z, as in POSIX.
pub type UnixTime = u64;
