//! Our own vectors: fixed bytes, which no later version may read differently.
//!
//! Signatures and encryption draw random values, so the bytes were made once, by this file with
//! `HOLDFAST_MAKE_VECTORS=1`, and are read ever since.

use std::fs;
use std::path::PathBuf;

use jose::PrivateJwk;
use ledger::{Clock, FreshnessLimit, UnverifiedBundle, UnverifiedTrustPack};
use proximity::{Challenge, FrameCollector, FrameKind, FrameSource, NewAnswer, UnverifiedAnswer, UnverifiedChallenge};
use serde_json::{Value, json};
use testkit::credential::{key, person_identification};

use crate::kit::{Draft, INDEX, LIST, NOW, World, query};

fn file() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/showing.json")
}

fn vectors() -> Value {
    if std::env::var_os("HOLDFAST_MAKE_VECTORS").is_some() {
        fs::write(file(), serde_json::to_string_pretty(&make()).unwrap() + "\n").unwrap();
    }
    serde_json::from_slice(&fs::read(file()).unwrap()).unwrap()
}

fn frames(kind: FrameKind, message: &[u8]) -> Value {
    let source = FrameSource::new(kind, message).unwrap();
    let frames: Vec<String> = source.frames().iter().map(hex::encode).collect();
    json!({ "needed": source.needed(), "frames": frames })
}

/// One showing to a cold verifier.
fn make() -> Value {
    let mut world = World::new();
    let draft = Draft {
        query: query(&["age_over_18", "given_name"]),
        ..world.draft()
    };
    let challenge = draft.sign().unwrap();
    let verified = world.verified(&challenge);
    let agency = world.agency.did().to_string();
    let card = world.card(person_identification());
    let token = world.token(&verified, &card, &["age_over_18", "given_name"]);
    let bundles = [world.ledger.lean_bundle(&agency)];
    let status_proofs = [world.status_proof()];
    let answer = NewAnswer {
        token: &token,
        bundles: &bundles,
        status_proofs: &status_proofs,
    };
    let sealed = answer.seal(&verified).unwrap();
    json!({
        "now": NOW,
        "trust_pack": String::from_utf8(world.ledger.trust_pack_file()).unwrap(),
        "issuer": agency,
        "challenge": {
            "did": draft.did,
            "client_id": challenge.client_id().to_string(),
            "purpose": draft.purpose,
            "private_key": hex::encode(draft.key.dangerous_secret_bytes()),
            "bytes": hex::encode(challenge.as_bytes()),
            "hash": hex::encode(challenge.hash()),
            "nonce": challenge.nonce().as_str(),
            "message": hex::encode(challenge.to_message()),
            "shown": frames(FrameKind::Challenge, &challenge.to_message()),
        },
        "answer": {
            "message": hex::encode(sealed.message()),
            "vp_token": token.to_value(),
            "bundles": bundles.iter().map(hex::encode).collect::<Vec<_>>(),
            "status_proofs": status_proofs.iter().map(|proof| hex::encode(proof.encode())).collect::<Vec<_>>(),
            "shown": frames(FrameKind::Answer, sealed.message()),
        },
    })
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap()
}

fn bytes(value: &Value, name: &str) -> Vec<u8> {
    hex::decode(text(value, name)).unwrap()
}

fn all_bytes(value: &Value) -> Vec<Vec<u8>> {
    let texts = value.as_array().unwrap().iter();
    texts.map(|text| hex::decode(text.as_str().unwrap()).unwrap()).collect()
}

#[test]
fn showing_vectors() {
    let vectors = vectors();
    challenge_vector(&vectors);
    answer_vector(&vectors);
    frame_vectors(&vectors["challenge"], FrameKind::Challenge);
    frame_vectors(&vectors["answer"], FrameKind::Answer);
}

fn challenge_vector(vectors: &Value) {
    let vector = &vectors["challenge"];
    let now = vectors["now"].as_u64().unwrap();
    let pack = UnverifiedTrustPack::parse(text(vectors, "trust_pack").as_bytes()).unwrap();
    let pack = pack.verify(None, now).unwrap();
    let parsed = UnverifiedChallenge::parse(&bytes(vector, "message")).unwrap();
    assert_eq!(parsed.as_bytes(), bytes(vector, "bytes"));
    let clock = Clock {
        device: now,
        newest_seen: 0,
    };
    let verified = parsed.verify(&pack, &clock, FreshnessLimit::OFFLINE).unwrap();
    let challenge = verified.challenge();
    assert_eq!(challenge.hash().as_slice(), bytes(vector, "hash"));
    assert_eq!(challenge.nonce().as_str(), text(vector, "nonce"));
    assert_eq!(challenge.client_id().to_string(), text(vector, "client_id"));
    assert_eq!(verified.did(), text(vector, "did"));
    assert_eq!(verified.purpose().id, text(vector, "purpose"));
}

fn answer_vector(vectors: &Value) {
    let now = vectors["now"].as_u64().unwrap();
    let challenge = Challenge::restore(&bytes(&vectors["challenge"], "bytes")).unwrap();
    let secret: [u8; 32] = bytes(&vectors["challenge"], "private_key").try_into().unwrap();
    let private = PrivateJwk::from_p256_scalar(&secret).unwrap();
    assert!(private.public().same_key(key(90).public()));
    let vector = &vectors["answer"];
    let answer = UnverifiedAnswer::parse(&bytes(vector, "message")).unwrap();
    assert_eq!(answer.encode(), bytes(vector, "message"));
    let opened = answer.open(&challenge, &private, now).unwrap();
    let mut token = serde_json::Map::new();
    for (query, presentation) in opened.token().presentations() {
        token.insert(query.to_string(), json!([presentation]));
    }
    assert_eq!(Value::Object(token), vector["vp_token"]);
    let bundles = all_bytes(&vector["bundles"]);
    let bundles: Vec<_> = bundles
        .iter()
        .map(|bytes| UnverifiedBundle::parse(bytes).unwrap())
        .collect();
    assert_eq!(opened.bundles(), bundles);
    let proofs: Vec<Vec<u8>> = opened.status_proofs().iter().map(|proof| proof.encode()).collect();
    assert_eq!(proofs, all_bytes(&vector["status_proofs"]));

    let pack = UnverifiedTrustPack::parse(text(vectors, "trust_pack").as_bytes()).unwrap();
    let pack = pack.verify(None, now).unwrap();
    let issuer = opened.bundles()[0]
        .clone()
        .verify(&pack, text(vectors, "issuer"))
        .unwrap();
    let snapshot = issuer.record().unwrap().status_snapshot().unwrap();
    assert_eq!(opened.status_proofs()[0].verify(snapshot, LIST, INDEX), Ok(0));
}

fn frame_vectors(vector: &Value, kind: FrameKind) {
    let message = bytes(vector, "message");
    let expected = all_bytes(&vector["shown"]["frames"]);
    let source = FrameSource::new(kind, &message).unwrap();
    assert_eq!(Some(source.needed() as u64), vector["shown"]["needed"].as_u64());
    let frames = source.frames().iter().map(|frame| frame.as_slice());
    assert!(frames.eq(expected.iter().map(Vec::as_slice)), "the frames differ");
    let mut collector = FrameCollector::new(kind);
    for frame in expected.iter().rev().take(source.needed()) {
        collector.accept(frame).unwrap();
    }
    assert_eq!(collector.complete().unwrap(), message);
    println!("COUNT: frame vectors: {}", expected.len());
}
