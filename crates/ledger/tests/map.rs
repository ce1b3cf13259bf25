//! The map against the known answers of the WAICT transparency specification.

use base64::Engine;
use ledger::{Hash, Map, MapNodes, MapProof, MapProofError, MemoryNodes};
use proptest::prelude::*;
use serde_json::Value;
use testkit::vectors::{Table, folder};

fn vectors(name: &str) -> Option<Vec<Value>> {
    let text = std::fs::read_to_string(folder("waict-mpt")?.join(name)).unwrap();
    Some(text.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}

fn bytes(value: &Value) -> Vec<u8> {
    base64::engine::general_purpose::STANDARD
        .decode(value.as_str().unwrap())
        .unwrap()
}

fn hash(value: &Value) -> Hash {
    bytes(value).try_into().unwrap()
}

fn leaves(vector: &Value) -> Vec<(Hash, Hash)> {
    let leaves = vector["leaves"].as_array().unwrap();
    leaves
        .iter()
        .map(|leaf| (hash(&leaf["key"]), hash(&leaf["value"])))
        .collect()
}

fn map_of(leaves: &[(Hash, Hash)]) -> (Map, MemoryNodes) {
    let (mut map, mut nodes) = (Map::empty(), MemoryNodes::default());
    for (key, value) in leaves {
        let change = map.insert(&nodes, key, value).unwrap();
        nodes.replace(&change);
        map = change.map();
    }
    (map, nodes)
}

#[test]
fn waict_mpt() {
    let (Some(roots), Some(inclusions)) = (vectors("mpt_root_kats.jsonl"), vectors("mpt_inclusion_kats.jsonl")) else {
        return;
    };
    let mut table = Table::new("waict-mpt");
    for vector in &roots {
        let (map, nodes) = map_of(&leaves(vector));
        assert_eq!(map.root(), hash(&vector["root"]), "{}", vector["label"]);
        let expected = (2 * leaves(vector).len()).saturating_sub(1);
        assert_eq!(nodes.len(), expected, "no node is left over: {}", vector["label"]);
        table.agrees("mpt_root_kats", true);
    }
    for vector in &inclusions {
        let leaves = leaves(vector);
        let (map, nodes) = map_of(&leaves);
        let (key, value) = leaves[usize::try_from(vector["target_index"].as_u64().unwrap()).unwrap()];
        let (found, proof) = map.prove(&nodes, &key).unwrap();
        assert_eq!(found, Some(value));
        let root = hash(&vector["root"]);
        assert_eq!(proof.verify_present(&root, &key, &value), Ok(()));
        let (mut other, mut lie) = (root, value);
        (other[31], lie[0]) = (other[31] ^ 1, lie[0] ^ 1);
        assert!(
            proof.verify_present(&other, &key, &value).is_err() && proof.verify_present(&root, &key, &lie).is_err()
        );
        let label = &vector["label"];
        assert_eq!(waict_form(&proof, &value), bytes(&vector["proof"]), "{label}");
        table.agrees("mpt_inclusion_kats", true);
    }
    table.check(&[("mpt_inclusion_kats", [36, 0, 0, 0]), ("mpt_root_kats", [24, 0, 0, 0])]);
}

/// The proofs of absence have no known answers: every vector's key, taken out of its own map.
#[test]
fn waict_keys_left_out_are_absent() {
    let Some(vectors) = vectors("mpt_inclusion_kats.jsonl") else {
        return;
    };
    let mut count = 0;
    for vector in &vectors {
        let mut leaves = leaves(vector);
        let (key, _) = leaves.remove(usize::try_from(vector["target_index"].as_u64().unwrap()).unwrap());
        let (map, nodes) = map_of(&leaves);
        let (found, proof) = map.prove(&nodes, &key).unwrap();
        assert_eq!(found, None);
        assert_eq!(proof.verify_absent(&map.root(), &key), Ok(()));
        assert!(
            proof.verify_absent(&hash(&vector["root"]), &key).is_err(),
            "it is in the whole map"
        );
        count += 1;
    }
    println!("waict-mpt keys left out: {count}");
    assert_eq!(count, 36);
}

/// "mptproof" || 0x01 || value || (bit || sibling)*: WAICT merkle-patricia-tree, "Inclusion proof".
fn waict_form(proof: &MapProof, value: &Hash) -> Vec<u8> {
    let mut bytes = [b"mptproof\x01".as_slice(), value].concat();
    for (bit, sibling) in proof.bits().iter().zip(proof.siblings()) {
        bytes.push(*bit);
        bytes.extend_from_slice(sibling);
    }
    bytes
}

#[test]
fn a_proof_of_presence_is_none_of_absence() {
    let (map, nodes) = map_of(&[([1; 32], [2; 32]), ([3; 32], [4; 32])]);
    let (_, present) = map.prove(&nodes, &[1; 32]).unwrap();
    assert_eq!(
        present.verify_absent(&map.root(), &[1; 32]),
        Err(MapProofError::NotAbsent)
    );
    assert_eq!(
        present.verify_present(&map.root(), &[1; 32], &[9; 32]),
        Err(MapProofError::Root)
    );
    let (_, absent) = map.prove(&nodes, &[5; 32]).unwrap();
    assert_eq!(
        absent.verify_present(&map.root(), &[5; 32], &[2; 32]),
        Err(MapProofError::OtherLeaf)
    );
}

#[test]
fn a_leaf_elsewhere_does_not_prove_absence() {
    // Keys 0… and 1… part at bit 0: the leaf of one says nothing about keys on the other side.
    let (map, nodes) = map_of(&[([0x00; 32], [1; 32]), ([0xff; 32], [2; 32])]);
    let (_, proof) = map.prove(&nodes, &[0x01; 32]).unwrap();
    assert_eq!(proof.verify_absent(&map.root(), &[0x01; 32]), Ok(()));
    assert_eq!(
        proof.verify_absent(&map.root(), &[0xfe; 32]),
        Err(MapProofError::LeafElsewhere)
    );
    assert_eq!(
        proof.verify_absent(&map.root(), &[0x00; 32]),
        Err(MapProofError::NotAbsent)
    );
}

#[test]
fn a_map_without_keys_proves_absence() {
    let (proved, proof) = Map::empty().prove(&MemoryNodes::default(), &[1; 32]).unwrap();
    assert_eq!(proved, None);
    assert_eq!(proof.verify_absent(&Map::empty().root(), &[1; 32]), Ok(()));
    assert_eq!(proof.verify_absent(&[7; 32], &[1; 32]), Err(MapProofError::NotAbsent));
}

#[test]
fn a_store_that_lacks_a_node_says_which() {
    let (map, _) = map_of(&[([1; 32], [2; 32]), ([3; 32], [4; 32])]);
    let missing = map.insert(&MemoryNodes::default(), &[5; 32], &[6; 32]);
    assert_eq!(missing.unwrap_err(), ledger::MapError::MissingNode(map.root()));
}

#[test]
fn a_store_whose_bits_do_not_rise_is_damaged() {
    let mut nodes = MemoryNodes::default();
    let leaf = ledger::MapNode::Leaf {
        key: [0; 32],
        value: [0; 32],
    };
    let below = ledger::MapNode::Inner {
        bit: 3,
        left: leaf.hash(),
        right: leaf.hash(),
    };
    let above = ledger::MapNode::Inner {
        bit: 3,
        left: below.hash(),
        right: below.hash(),
    };
    for node in [leaf, below, above] {
        nodes.insert(node);
    }
    assert_eq!(
        Map::at(above.hash()).prove(&nodes, &[0; 32]).unwrap_err(),
        ledger::MapError::Malformed
    );
}

fn pairs() -> impl Strategy<Value = Vec<(Hash, Hash)>> {
    // Few different bytes, so that keys share long prefixes.
    let key = prop::collection::vec(prop::sample::select(vec![0_u8, 1, 255]), 32);
    let key = key.prop_map(|bytes| Hash::try_from(bytes).unwrap());
    prop::collection::vec((key, any::<Hash>()), 1..24)
}

proptest! {
    #[test]
    fn the_order_of_writing_does_not_matter(mut pairs in pairs()) {
        pairs.sort_by_key(|(key, _)| *key);
        pairs.dedup_by_key(|(key, _)| *key);
        let forward = map_of(&pairs).0.root();
        pairs.reverse();
        prop_assert_eq!(map_of(&pairs).0.root(), forward);
    }

    #[test]
    fn every_key_is_present_and_every_other_absent(pairs in pairs(), others in pairs()) {
        let (map, nodes) = map_of(&pairs);
        for (key, _) in pairs.iter().chain(&others) {
            let (value, proof) = map.prove(&nodes, key).unwrap();
            match value {
                Some(value) => prop_assert_eq!(proof.verify_present(&map.root(), key, &value), Ok(())),
                None => prop_assert_eq!(proof.verify_absent(&map.root(), key), Ok(())),
            }
            prop_assert_eq!(value, pairs.iter().rev().find(|(other, _)| other == key).map(|(_, value)| *value));
        }
    }

    #[test]
    fn changes_in_one_are_changes_one_by_one(pairs in pairs()) {
        let (map, nodes) = map_of(&pairs);
        let (mut all, mut kept) = (None::<ledger::MapChange>, MemoryNodes::default());
        let mut current = Map::empty();
        for (key, value) in &pairs {
            let change = current.insert(&kept, key, value).unwrap();
            kept.extend(&change);
            current = change.map();
            all = Some(match all {
                Some(before) => before.then(change),
                None => change,
            });
        }
        let all = all.unwrap();
        prop_assert_eq!(all.map(), map);
        prop_assert_eq!(all.added().len(), nodes.len());
        prop_assert!(all.added().keys().all(|hash| nodes.node(hash).is_some()));
    }
}
