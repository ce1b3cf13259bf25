//! Keys and pack of a new ledger.

use ::ledger::{Governance, Localized, Mode, PackContent};
use jose::{RandomSource, Signer, SigningKey, UnixTime};
use sha2::{Digest, Sha256};
use tlog::{Cosigner, LogSigner};

use super::{ORIGIN, YEAR};

pub(super) fn pack(now: UnixTime, log: &LogSigner, cosigners: &[Cosigner], governance: &SigningKey) -> PackContent {
    let keys: Vec<String> = cosigners
        .iter()
        .map(|cosigner| cosigner.verifier_key().to_string())
        .collect();
    let names = ["w1", "w2", "w3", "m1"];
    let witnesses: String = names
        .iter()
        .zip(&keys)
        .map(|(name, key)| format!("witness {name} {key}\n"))
        .collect();
    let log_key = log.verifier_key().to_string();
    let rule = "group witnesses 2 w1 w2 w3\ngroup quorum all witnesses m1\nquorum quorum\n";
    PackContent {
        expires: now + YEAR,
        governance: Governance::new(vec![governance.public_jwk().clone()], Vec::new(), 1).expect("one key"),
        mirrors: keys.get(3).cloned().into_iter().collect(),
        mode: Mode::Test,
        name: "Holdfast test".to_owned(),
        origin: ORIGIN.to_owned(),
        policy: format!("log {log_key}\n{witnesses}{rule}"),
        log_key,
        predecessor: None,
        previous_log_key: None,
        version: 1,
    }
}

pub(super) fn english(text: &str) -> Localized {
    Localized::english(text).expect("a text")
}

pub(super) fn origin() -> tlog::Origin {
    ORIGIN.parse().expect("an origin")
}

pub(super) fn key_name(text: &str) -> tlog::KeyName {
    text.parse().expect("a key name")
}

/// Not random at all: SHA-256 of a counter.
pub(super) fn random(drawn: &mut u64) -> impl RandomSource + '_ {
    move |out: &mut [u8]| {
        for chunk in out.chunks_mut(32) {
            *drawn += 1;
            chunk.copy_from_slice(&Sha256::digest(drawn.to_be_bytes())[..chunk.len()]);
        }
    }
}
