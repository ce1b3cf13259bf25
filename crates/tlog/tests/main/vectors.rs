//! The Merkle proof vectors of `transparency-dev/merkle`, which are not part of the repository.

use std::path::Path;

use serde::Deserialize;
use testkit::vectors::{Table, files, folder, json};
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
fn merkle() {
    let Some(root) = folder("merkle") else { return };
    let mut table = Table::new("merkle");
    for file in files(&root) {
        let row = file
            .strip_prefix(&root)
            .unwrap()
            .iter()
            .next()
            .unwrap()
            .to_str()
            .unwrap();
        match row {
            "inclusion" => {
                let case: Inclusion = read(&file);
                let accepted = check_inclusion(&case).is_some();
                assert_eq!(accepted, !case.want_err, "{}", file.display());
                table.agrees(row, accepted);
            }
            "consistency" => {
                let case: Consistency = read(&file);
                let accepted = check_consistency(&case).is_some();
                if file.ends_with(KNOWN_DIVERGENCE) {
                    let differs = !case.want_err && !accepted;
                    assert!(differs, "no divergence any more: {}", file.display());
                    table.diverges(row, "roots of a few letters; a root of ours is a hash");
                    continue;
                }
                assert_eq!(accepted, !case.want_err, "{}", file.display());
                table.agrees(row, accepted);
            }
            "subtreeinclusion" | "subtreeconsistency" => table.out_of_scope(row, 1, "no proofs of subtrees"),
            _ => assert_eq!(row, "SOURCE.txt"),
        }
    }
    table.check(&[
        ("consistency", [2, 39, 1, 0]),
        ("inclusion", [3, 45, 0, 0]),
        ("subtreeconsistency", [0, 0, 0, 57]),
        ("subtreeinclusion", [0, 0, 0, 103]),
    ]);
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

fn read<T: for<'de> Deserialize<'de>>(file: &Path) -> T {
    serde_json::from_value(json(file)).unwrap()
}
