//! Logs and proofs of ours, read by libraries by others: Go's `golang.org/x/mod/sumdb` and the Merkle
//! verifier of sigstore by programs in `tests/readers` (`cargo xtask test` installs what they need and
//! says where they are), and `ct-merkle`.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use ct_merkle::{InclusionProof, RootHash};
use serde_json::{Value, json};
use sha2::Sha256;
use testkit::Ledger;
use tlog::{Hash, Tile, TileContent, TileHashes, decode_entries, prove_consistency, prove_inclusion, root_of};

use crate::audit::export;
use crate::fixtures::NOW;

/// More than one tile of hashes.
const ENTRIES: usize = 300;

/// A log as files, with proofs, and the keys of all who signed, the log's first.
struct Exported {
    folder: tempfile::TempDir,
    keys: Vec<String>,
}

impl Exported {
    fn new() -> Self {
        let mut ledger = Ledger::new(NOW);
        while ledger.entries().len() < ENTRIES {
            let head = ledger.map_head_leaf(&ledger.sound_map_head());
            ledger.write(&head);
        }
        let folder = tempfile::tempdir().unwrap();
        export(&mut ledger, folder.path());
        fs::write(folder.path().join("proofs.json"), proofs(&ledger).to_string()).unwrap();
        let mut keys = vec![ledger.log_signer().verifier_key().to_string()];
        let cosigners = ledger.cosigners().iter();
        keys.extend(cosigners.map(|cosigner| cosigner.verifier_key().to_string()));
        Self { folder, keys }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// While one file is another.
    fn while_changed(&self, path: &Path, change: impl FnOnce(&mut Vec<u8>), act: impl FnOnce()) {
        let sound = fs::read(path).unwrap();
        let mut changed = sound.clone();
        change(&mut changed);
        assert_ne!(sound, changed, "{}", path.display());
        fs::write(path, changed).unwrap();
        act();
        fs::write(path, sound).unwrap();
    }

    /// While one character of what this pointer names in the proofs is another.
    fn while_proof_changed(&self, pointer: &str, act: impl FnOnce()) {
        let change = |bytes: &mut Vec<u8>| {
            let mut proofs: Value = serde_json::from_slice(bytes).unwrap();
            let place = proofs.pointer_mut(pointer).unwrap();
            let text = place.as_str().unwrap().to_owned();
            let first = if text.starts_with('8') { "9" } else { "8" };
            *place = format!("{first}{}", &text[1..]).into();
            *bytes = proofs.to_string().into_bytes();
        };
        self.while_changed(&self.path("proofs.json"), change, act);
    }
}

fn proofs(ledger: &Ledger) -> Value {
    let (tree, size) = (ledger.replica().tree(), ledger.replica().size());
    let texts = |hashes: Vec<Hash>| hashes.iter().map(Hash::to_string).collect::<Vec<_>>();
    let inclusion = [0, 1, 255, 256, size - 1].map(|index| {
        let leaf = &ledger.entries()[usize::try_from(index).unwrap()].0;
        let hashes = texts(prove_inclusion(index, size, tree).unwrap());
        json!({"index": index, "leaf": hex::encode(leaf), "hashes": hashes})
    });
    let consistency = [1, 2, 255, 256, 257, size - 1].map(|old| {
        let root = root_of(old, tree).unwrap().to_string();
        let hashes = texts(prove_consistency(old, size, tree).unwrap());
        json!({"size": old, "root": root, "hashes": hashes})
    });
    json!({"inclusion": inclusion, "consistency": consistency})
}

/// One bit in the middle.
fn flip(bytes: &mut [u8]) {
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
}

fn said(output: &Output) -> String {
    let all = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    String::from_utf8_lossy(&all).trim().to_owned()
}

/// Every file below this folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let deeper = |path: PathBuf| if path.is_dir() { files(&path) } else { vec![path] };
    paths.flat_map(deeper).collect()
}

#[test]
fn go_accepts_the_log_and_its_proofs_and_notices_one_changed_byte() {
    let Some(program) = std::env::var_os("HOLDFAST_GO_READER") else {
        println!("SKIPPED: readers: no program in Go");
        return;
    };
    let log = Exported::new();
    let read = || {
        Command::new(&program)
            .arg(log.folder.path())
            .args(&log.keys)
            .output()
            .unwrap()
    };
    assert_eq!(said(&read()), format!("{ENTRIES} entries, 11 proofs"));
    let refused = |what: &str| assert!(!read().status.success(), "{what}");
    let mut all = files(&log.path("tile"));
    assert!(all.len() >= 5, "{all:?}");
    all.push(log.path("checkpoint"));
    for file in all {
        log.while_changed(&file, |bytes| flip(bytes), || refused(&file.display().to_string()));
    }
    for pointer in [
        "/inclusion/1/hashes/0",
        "/consistency/2/hashes/0",
        "/consistency/2/root",
    ] {
        log.while_proof_changed(pointer, || refused(pointer));
    }
    assert!(read().status.success(), "what was changed was put back");
}

/// Of how many entries of an export `ct-merkle` says that they are in the tree of its checkpoint, by proofs
/// that are made of nothing but the tiles.
fn in_tree_by_ct_merkle(log: &Exported) -> usize {
    let text = fs::read_to_string(log.path("checkpoint")).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let (size, root): (u64, Hash) = (lines[1].parse().unwrap(), lines[2].parse().unwrap());
    let root = RootHash::<Sha256>::new((*root.as_bytes()).into(), size);
    let served = |tile: Tile| fs::read(log.path(&tile.to_string())).unwrap();
    let mut tiles = TileHashes::default();
    for level in 0..8 {
        for tile in Tile::grown(TileContent::Hashes { level }, 0, size) {
            tiles.insert(tile, &served(tile)).unwrap();
        }
    }
    let mut held = 0;
    for tile in Tile::grown(TileContent::Entries, 0, size) {
        let bundle = served(tile);
        let Ok(entries) = decode_entries(&bundle, tile.width()) else {
            continue;
        };
        for (index, entry) in tile.positions().zip(entries) {
            let hashes = prove_inclusion(index, size, &tiles).unwrap();
            let bytes = hashes.iter().flat_map(|hash| *hash.as_bytes()).collect();
            let proof = InclusionProof::try_from_bytes(bytes).unwrap();
            held += usize::from(root.verify_inclusion(&entry, index, &proof).is_ok());
        }
    }
    held
}

#[test]
fn ct_merkle_accepts_what_the_tiles_prove_and_notices_one_changed_byte() {
    let log = Exported::new();
    assert_eq!(in_tree_by_ct_merkle(&log), ENTRIES);
    let all = files(&log.path("tile"));
    assert!(all.len() >= 5, "{all:?}");
    for file in all {
        log.while_changed(
            &file,
            |bytes| flip(bytes),
            || {
                assert!(in_tree_by_ct_merkle(&log) < ENTRIES, "{}", file.display());
            },
        );
    }
    assert_eq!(in_tree_by_ct_merkle(&log), ENTRIES, "what was changed was put back");
}

/// The Python that has sigstore.
fn python() -> Option<OsString> {
    let program = std::env::var_os("HOLDFAST_SIGSTORE_PYTHON").unwrap_or_else(|| "python3".into());
    let probe = Command::new(&program).args(["-c", "import sigstore"]).output();
    probe.is_ok_and(|output| output.status.success()).then_some(program)
}

#[test]
fn sigstore_accepts_proofs_of_inclusion_and_notices_one_changed_byte() {
    let Some(program) = python() else {
        println!("SKIPPED: readers: no Python with sigstore");
        return;
    };
    let log = Exported::new();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/readers/check_sigstore.py");
    let read = || {
        Command::new(&program)
            .arg(&script)
            .arg(log.folder.path())
            .output()
            .unwrap()
    };
    assert_eq!(said(&read()), "5");
    let refused = |what: &str| assert!(!read().status.success(), "{what}");
    for pointer in ["/inclusion/1/hashes/0", "/inclusion/4/hashes/0", "/inclusion/2/leaf"] {
        log.while_proof_changed(pointer, || refused(pointer));
    }
    let checkpoint = log.path("checkpoint");
    let other_root = |bytes: &mut Vec<u8>| {
        let root = bytes
            .iter()
            .enumerate()
            .filter(|(_, byte)| **byte == b'\n')
            .nth(1)
            .unwrap()
            .0
            + 1;
        bytes[root] = if bytes[root] == b'A' { b'B' } else { b'A' };
    };
    log.while_changed(&checkpoint, other_root, || refused("another root"));
}
