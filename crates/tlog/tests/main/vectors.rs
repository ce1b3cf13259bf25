//! The Merkle proof vectors of `transparency-dev/merkle`, which are not part of the
//! repository: looked for in `HOLDFAST_VECTORS`, then beside the workspace.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde::Deserialize;
use tlog::{Hash, verify_consistency, verify_inclusion};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Inclusion {
    leaf_idx: u64,
    tree_size: u64,
    root: String,
    leaf_hash: String,
    proof: Option<Vec<String>>,
    want_err: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Consistency {
    size1: u64,
    size2: u64,
    root1: String,
    root2: String,
    proof: Option<Vec<String>>,
    want_err: bool,
}

/// Roots of a few letters, which their code never looks at when both sizes are equal. A
/// root of ours is a [`Hash`], so this one cannot even be asked.
const KNOWN_DIVERGENCE: &str = "additional/sizes-are-equal-one-and-proof-is-empty.json";

#[test]
fn inclusion() {
    let Some(folder) = folder("inclusion") else { return };
    let (mut holds, mut refused) = (0, 0);
    for file in files(&folder) {
        let case: Inclusion = read(&file);
        let accepted = check_inclusion(&case).is_some();
        assert_eq!(accepted, !case.want_err, "{}", file.display());
        if accepted { holds += 1 } else { refused += 1 }
    }
    println!("merkle inclusion: {holds} hold, {refused} refused");
    assert_eq!((holds, refused), INCLUSION_COUNTS);
}

#[test]
fn consistency() {
    let Some(folder) = folder("consistency") else { return };
    let (mut holds, mut refused, mut diverging) = (0, 0, 0);
    for file in files(&folder) {
        let case: Consistency = read(&file);
        let accepted = check_consistency(&case).is_some();
        if file.ends_with(KNOWN_DIVERGENCE) {
            assert!(
                !case.want_err && !accepted,
                "no divergence any more: {}",
                file.display()
            );
            diverging += 1;
            continue;
        }
        assert_eq!(accepted, !case.want_err, "{}", file.display());
        if accepted { holds += 1 } else { refused += 1 }
    }
    println!("merkle consistency: {holds} hold, {refused} refused, {diverging} known divergence");
    assert_eq!((holds, refused, diverging), CONSISTENCY_COUNTS);
}

fn check_inclusion(case: &Inclusion) -> Option<()> {
    let (leaf, root) = (case.leaf_hash.parse().ok()?, case.root.parse().ok()?);
    let proof = hashes(case.proof.as_deref())?;
    verify_inclusion(&leaf, case.leaf_idx, case.tree_size, &root, &proof).ok()
}

fn check_consistency(case: &Consistency) -> Option<()> {
    let (root1, root2) = (case.root1.parse().ok()?, case.root2.parse().ok()?);
    let proof = hashes(case.proof.as_deref())?;
    verify_consistency(case.size1, &root1, case.size2, &root2, &proof).ok()
}

fn hashes(proof: Option<&[String]>) -> Option<Vec<Hash>> {
    proof.unwrap_or_default().iter().map(|hash| hash.parse().ok()).collect()
}

fn folder(name: &str) -> Option<PathBuf> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors");
    let vectors = std::env::var_os("HOLDFAST_VECTORS").map_or(workspace, PathBuf::from);
    let folder = vectors.join("merkle").join(name);
    if !folder.is_dir() {
        println!("SKIPPED: vectors: merkle {name}: {} is not there", folder.display());
        return None;
    }
    Some(folder)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path))
        } else {
            found.push(path)
        }
    }
    found
}

fn read<T: for<'de> Deserialize<'de>>(file: &Path) -> T {
    serde_json::from_slice(&fs::read(file).unwrap()).unwrap()
}

const INCLUSION_COUNTS: (usize, usize) = (3, 45);
const CONSISTENCY_COUNTS: (usize, usize, usize) = (2, 39, 1);
