use aws_lc_rs::signature::{KeyPair, ML_DSA_44_SIGNING, PqdsaKeyPair};
use tlog::{BadSignature, Checkpoint, CosignatureError, CosignerKey, Policy, SignatureLine, UnverifiedCheckpoint};

use crate::fixtures::{checkpoint, cosign, cosigned, cosigner, log, signed};

/// Puts other bytes behind name and key id of a line.
fn with_signature(line: &SignatureLine, signature: &[u8]) -> SignatureLine {
    let base64 = base64::Engine::encode(
        &base64::engine::general_purpose::STANDARD,
        [&line.key_id().0, signature].concat(),
    );
    line_from(&format!("— {} {base64}\n", line.key_name()))
}

fn line_from(line: &str) -> SignatureLine {
    let note = format!("a\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n{line}");
    UnverifiedCheckpoint::parse(note.as_bytes()).unwrap().signatures()[0].clone()
}

#[test]
fn states_its_time() {
    let checkpoint = checkpoint(11);
    let line = cosign(&checkpoint, "w1", 1_679_315_147);
    assert_eq!(line.signature().len(), 72);
    assert_eq!(
        cosigner("w1").verifier_key().verify(&checkpoint, &line),
        Ok(1_679_315_147)
    );
}

#[test]
fn refused() {
    let checkpoint = checkpoint(11);
    let line = cosign(&checkpoint, "w1", 1_679_315_147);
    let verify = |line: &SignatureLine| cosigner("w1").verifier_key().verify(&checkpoint, line).unwrap_err();
    assert_eq!(verify(&cosign(&checkpoint, "w2", 1)), CosignatureError::OtherKey);
    assert_eq!(verify(&with_signature(&line, &[0; 7])), CosignatureError::TooShort);
    assert_eq!(verify(&with_signature(&line, &[0xff; 72])), CosignatureError::Time);

    let bad = CosignatureError::Signature(BadSignature);
    let later = [&1_679_315_148_u64.to_be_bytes(), &line.signature()[8..]].concat();
    assert_eq!(verify(&with_signature(&line, &later)), bad);
    assert_eq!(verify(&with_signature(&line, &line.signature()[..71])), bad);
    let longer = [line.signature(), &[0]].concat();
    assert_eq!(verify(&with_signature(&line, &longer)), bad);
    assert_eq!(verify(&cosign(&self::checkpoint(12), "w1", 1_679_315_147)), bad);
}

/// A plain signature of type 0x01 over the same text is no cosignature.
#[test]
fn the_message_is_not_the_note_text() {
    let checkpoint = checkpoint(11);
    let line = cosign(&checkpoint, "w1", 1);
    let plain = log().sign(&checkpoint).unwrap();
    let forged = with_signature(&line, &[&1_u64.to_be_bytes(), plain.signature()].concat());
    assert_eq!(
        cosigner("w1").verifier_key().verify(&checkpoint, &forged),
        Err(CosignatureError::Signature(BadSignature))
    );
}

struct PostQuantum {
    pair: PqdsaKeyPair,
    key: CosignerKey,
}

impl PostQuantum {
    fn new() -> Self {
        let pair = PqdsaKeyPair::from_seed(&ML_DSA_44_SIGNING, &[5; 32]).unwrap();
        let public = pair.public_key().as_ref();
        let name = "pq.example";
        let material = [&[6], public].concat();
        let id = {
            use sha2::{Digest, Sha256};
            let hash = Sha256::digest([name.as_bytes(), b"\n", material.as_slice()].concat());
            u32::from_be_bytes(hash[..4].try_into().unwrap())
        };
        let base64 = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &material);
        let key = format!("{name}+{id:08x}+{base64}").parse().unwrap();
        Self { pair, key }
    }

    /// tlog-cosignature, "ML-DSA-44 signed message", written out for this name and origin.
    fn cosign(&self, checkpoint: &Checkpoint, time: u64) -> SignatureLine {
        let message = [
            b"subtree/v1\n\0".as_slice(),
            b"\x0apq.example",
            &time.to_be_bytes(),
            b"\x14log.example/holdfast",
            &[0; 8],
            &checkpoint.size().to_be_bytes(),
            checkpoint.root().as_bytes(),
        ]
        .concat();
        let mut signature = vec![0; 2420];
        assert_eq!(self.pair.sign(&message, &mut signature).unwrap(), 2420);
        let name = self.key.verifier_key().name();
        let id = self.key.verifier_key().id();
        let bytes = [&id.0, time.to_be_bytes().as_slice(), &signature].concat();
        let base64 = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, bytes);
        line_from(&format!("— {name} {base64}\n"))
    }
}

#[test]
fn ml_dsa_44_is_verified() {
    let (pq, checkpoint) = (PostQuantum::new(), checkpoint(11));
    let line = pq.cosign(&checkpoint, 77);
    assert_eq!(pq.key.verify(&checkpoint, &line), Ok(77));
    assert_eq!(
        pq.key.verify(&self::checkpoint(12), &line),
        Err(CosignatureError::Signature(BadSignature))
    );
}

#[test]
fn ml_dsa_44_counts_when_the_policy_names_it() {
    let (pq, checkpoint) = (PostQuantum::new(), checkpoint(11));
    let text = format!("log {}\nwitness pq {}\nquorum pq\n", log().verifier_key(), pq.key);
    let policy = Policy::parse(text.as_bytes()).unwrap();
    let lines = vec![log().sign(&checkpoint).unwrap(), pq.cosign(&checkpoint, 77)];
    let note = UnverifiedCheckpoint::new(checkpoint, lines);
    let note = UnverifiedCheckpoint::parse(note.to_string().as_bytes()).unwrap();
    assert_eq!(note.verify(&policy).unwrap().time(), 77);
}

#[test]
fn ml_dsa_44_is_ignored_when_the_policy_does_not_name_it() {
    let (pq, checkpoint) = (PostQuantum::new(), checkpoint(11));
    let quorate = cosigned(&checkpoint, &[("w1", 10), ("w2", 20), ("m1", 30)]);
    let lines = [quorate.signatures(), &[pq.cosign(&checkpoint, 77)]].concat();
    let note = UnverifiedCheckpoint::new(checkpoint.clone(), lines);
    assert_eq!(note.verify(&crate::fixtures::policy()).unwrap().time(), 10);
    assert_eq!(signed(&checkpoint).signatures().len(), 1);
}
