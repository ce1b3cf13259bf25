//! The byte budget of docs/offline-qr.md §5, with proofs as long as they are in a large ledger.

use std::collections::BTreeMap;

use ledger::{
    BundleParts, Family, Hash, Head, Kind, LeafBuilder, LeafPointer, Map, MapHead, MapProof, MemoryNodes,
    UnverifiedBundle, map_key,
};
use proximity::{BudgetField, ByteBudget, FrameKind, FrameSource, NewAnswer, UnverifiedAnswer, VerifiedChallenge};
use serde_json::{Map as Claims, Value};
use sha2::{Digest, Sha256};
use testkit::Cosignatures;
use testkit::credential::{key, person_identification, random};
use tlog::{Checkpoint, UnverifiedCheckpoint};

use crate::kit::{Draft, NOW, World, query};

/// A log of 2^log2 entries about the agency and so many other organisations.
///
/// The path in the map is the one of a map with that many random keys: an inner node stands where
/// one of them first differs from the agency's key, so that of keys with one such place the first
/// is enough. The path in the log's tree is as long as one can be: the size is a power of two, and
/// each left half is a random hash, from which the root follows.
struct Large {
    entries: u64,
    map: Map,
    map_proof: MapProof,
}

impl Large {
    fn new(world: &World, agency: &str, log2: u32, organisations: u64) -> Self {
        let entries = 1_u64 << log2;
        let key = map_key(Family::Organisation, agency);
        let mut others = BTreeMap::new();
        for number in 0..organisations {
            let other = sha256(&number.to_be_bytes());
            others.entry(first_difference(&key, &other)).or_insert(other);
        }
        let mut nodes = MemoryNodes::default();
        let mut map = Map::empty();
        let own = (key, sha256(&world.ledger.record(agency).encode()));
        for (key, value) in others.into_values().map(|other| (other, other)).chain([own]) {
            let change = map.insert(&nodes, &key, &value).unwrap();
            nodes.replace(&change);
            map = change.map();
        }
        let (_, map_proof) = map.prove(&nodes, &key).unwrap();
        println!("COUNT: 2^{log2} entries: {} steps in the map", map_proof.bits().len());
        Self {
            entries,
            map,
            map_proof,
        }
    }

    /// The landmark bundle of the agency: no payloads, cosigned by everybody.
    fn bundle(&self, world: &World, agency: &str) -> Vec<u8> {
        let head = MapHead {
            root: self.map.root(),
            size: self.entries - 1,
            time: NOW,
        };
        let before = Head {
            seq: self.entries / 20,
            leaf: LeafPointer {
                index: self.entries - 30,
                hash: [3; 32],
            },
        };
        let leaf = LeafBuilder::new(Kind::MapHead, world.pack.origin(), Some(&before), head.encode()).written_by_log();
        let leaf_bytes = leaf.leaf().encode();
        let mut root = tlog::leaf_hash(&leaf_bytes);
        let mut inclusion: Vec<tlog::Hash> = Vec::new();
        for number in 0..self.entries.ilog2() {
            let left = sha256(&[7, number as u8]).into();
            root = tlog::node_hash(&left, &root);
            inclusion.push(left);
        }
        let origin = world.pack.origin().parse().unwrap();
        let checkpoint = Checkpoint::new(origin, self.entries, root);
        let mut lines = vec![world.ledger.log_signer().sign(&checkpoint).unwrap()];
        lines.extend(world.ledger.cosign(&checkpoint, &Cosignatures::all(NOW)));
        let note = UnverifiedCheckpoint::new(checkpoint, lines);
        let record = world.ledger.record(agency).encode();
        let parts = BundleParts {
            note: &note,
            map_head_leaf: &leaf_bytes,
            map_head_payload: leaf.payload(),
            inclusion: &inclusion,
            map_proof: &self.map_proof,
            record: Some(&record),
            blobs: &[],
        };
        let bundle = parts.encode().unwrap();
        let verified = UnverifiedBundle::parse(&bundle)
            .unwrap()
            .verify(&world.pack, agency)
            .unwrap();
        assert!(verified.record().unwrap().status_snapshot().is_some());
        bundle
    }
}

fn sha256(bytes: &[u8]) -> Hash {
    Sha256::digest(bytes).into()
}

/// The first bit at which two keys differ.
fn first_difference(a: &Hash, b: &Hash) -> Option<u32> {
    let differing = (0..).zip(a.iter().zip(b)).find(|(_, (a, b))| a != b);
    differing.map(|(place, (a, b))| place * 8 + (a ^ b).leading_zeros())
}

/// A picture that does not pack, as long as may be.
fn with_portrait(bytes: usize) -> Claims<String, Value> {
    let mut picture = vec![0; bytes];
    random(8)(&mut picture);
    let mut claims = person_identification();
    claims.insert(
        "portrait".to_owned(),
        format!("data:image/png;base64,{}", base64(&picture)).into(),
    );
    claims
}

/// RFC 4648 §4, out of the URL-safe form: 1200 bytes need no padding.
fn base64(bytes: &[u8]) -> String {
    assert_eq!(bytes.len() % 3, 0);
    jose::base64url::encode(bytes).replace('-', "+").replace('_', "/")
}

struct Case<'a> {
    claims: Claims<String, Value>,
    shown: &'a [&'a str],
    bundles: &'a [Vec<u8>],
}

fn budget(world: &World, verified: &VerifiedChallenge, case: &Case<'_>) -> ByteBudget {
    let card = world.card(case.claims.clone());
    let token = world.token(verified, &card, case.shown);
    let status_proofs = if case.bundles.is_empty() {
        Vec::new()
    } else {
        vec![world.status_proof()]
    };
    let answer = NewAnswer {
        token: &token,
        bundles: case.bundles,
        status_proofs: &status_proofs,
    };
    let sealed = answer.seal(verified).unwrap();
    let source = FrameSource::new(FrameKind::Answer, sealed.message()).unwrap();
    assert_eq!(source.needed(), sealed.budget().frames());
    assert_eq!(sealed.budget().after(), sealed.message().len() + 32);
    let opened = UnverifiedAnswer::parse(sealed.message())
        .unwrap()
        .open(verified.challenge(), &key(90), NOW)
        .unwrap();
    assert!(opened.token().presentations().eq(token.presentations()));
    sealed.budget().clone()
}

fn within(name: &str, budget: &ByteBudget, bytes: usize, frames: usize, fields: &[(BudgetField, usize)]) {
    for line in format!("{name}\n{budget}").lines() {
        println!("COUNT: {line}");
    }
    assert!(budget.after() <= bytes, "{name}: {} bytes", budget.after());
    assert!(budget.frames() <= frames, "{name}: {} frames", budget.frames());
    for (field, limit) in fields {
        let bytes = budget.after_of(*field);
        assert!(bytes <= *limit, "{name}: {field}: {bytes} bytes");
    }
}

#[test]
fn the_byte_budget_holds() {
    let mut world = World::new();
    let agency = world.agency.did().to_string();
    let draft = Draft {
        query: query(&["age_over_18", "portrait"]),
        ..world.draft()
    };
    let challenge = draft.sign().unwrap();
    let verified = world.verified(&challenge);
    let frames = challenge.to_message().len() + 32;
    println!(
        "COUNT: challenge {} bytes, {} as message",
        challenge.as_bytes().len(),
        frames - 32
    );
    let challenge_frames = frames.div_ceil(512);
    assert!(challenge_frames <= 6, "{challenge_frames} frames for the challenge");

    let presentation = [
        (BudgetField::Texts, 450),
        (BudgetField::Values, 900),
        (BudgetField::Envelope, 110),
        (BudgetField::FrameHash, 32),
    ];
    let age_alone = Case {
        claims: person_identification(),
        shown: &["age_over_18"],
        bundles: &[],
    };
    let in_sync = budget(&world, &verified, &age_alone);
    within("verifier in sync", &in_sync, 1945, 4, &presentation);

    // 2^14 and 2^20 entries: at least 10^4 and 10^6, with the longest proofs that there are.
    for log2 in [14, 20] {
        // A tenth of it about organisations of their own.
        let large = Large::new(&world, &agency, log2, (1 << log2) / 10);
        let bundles = [large.bundle(&world, &agency)];
        let evidence = [(BudgetField::Bundles, 2500), (BudgetField::StatusProofs, 500)];
        let cold = Case {
            bundles: &bundles,
            ..age_alone_again()
        };
        let cold = budget(&world, &verified, &cold);
        within(&format!("cold verifier, 2^{log2} entries"), &cold, 4096, 8, &evidence);
        let with_portrait = Case {
            claims: with_portrait(1200),
            shown: &["age_over_18", "portrait"],
            bundles: &bundles,
        };
        let with_portrait = budget(&world, &verified, &with_portrait);
        let name = format!("cold verifier with a portrait, 2^{log2} entries");
        within(&name, &with_portrait, 6144, 12, &evidence);
    }
}

/// It grows by steps of two paths, not with the ledger.
#[test]
fn the_proof_of_the_newest_state_stays_short_among_a_million_organisations() {
    let world = World::new();
    let agency = world.agency.did().to_string();
    for (organisations, log2, limit) in [(10_000, 14, 2_400), (1_000_000, 20, 2_800)] {
        let large = Large::new(&world, &agency, log2, organisations);
        let bytes = large.bundle(&world, &agency).len();
        println!(
            "COUNT: newest state among {organisations} organisations, 2^{log2} entries: {bytes} bytes, \
             {log2} steps in the log and {} in the map",
            large.map_proof.bits().len()
        );
        assert!(bytes <= limit, "{bytes} bytes among {organisations} organisations");
    }
}

fn age_alone_again() -> Case<'static> {
    Case {
        claims: person_identification(),
        shown: &["age_over_18"],
        bundles: &[],
    }
}
