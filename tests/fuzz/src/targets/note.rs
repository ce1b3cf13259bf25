//! Signed notes and verifier keys. c2sp.org/signed-note

use std::sync::LazyLock;

use tlog::{LogSigner, SignatureLine, UnverifiedNote, VerifierKey};

use super::Target;
use super::checkpoint::{LEDGER, NOTES};
use crate::Reached;

pub(super) const TARGET: Target = Target {
    name: "note",
    asserts: "a note and a verifier key are written as they came; nothing verifies but a text that the key signed, \
              and what is kept of it is signed by that key",
    body,
    seeds: inputs,
};

/// The example of the specification, with the key that signed it.
const EXAMPLE: &str = "This is an example message.\n\n\u{2014} example.com/foo \
     Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";

static KEYS: LazyLock<Vec<VerifierKey>> = LazyLock::new(|| {
    let stranger = LogSigner::from_seed("stranger.example".parse().unwrap(), &[9; 32]).unwrap();
    vec![
        LEDGER.log_key.verifier_key().clone(),
        stranger.verifier_key().verifier_key().clone(),
    ]
});

fn inputs() -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = NOTES.iter().map(|note| note.clone().into_bytes()).collect();
    all.push(EXAMPLE.as_bytes().to_vec());
    all.extend(KEYS.iter().map(|key| key.to_string().into_bytes()));
    all
}

fn body(input: &[u8]) -> Reached {
    if let Ok(text) = std::str::from_utf8(input)
        && let Ok(key) = text.parse::<VerifierKey>()
    {
        assert_eq!(key.to_string(), text);
        return Reached::Read;
    }
    let Ok(note) = UnverifiedNote::parse(input) else {
        return Reached::Refused;
    };
    let lines: String = note.signatures().iter().map(ToString::to_string).collect();
    let written = format!("{}\n{lines}", note.dangerous_unverified_text());
    assert_eq!(written.as_bytes(), input, "a note is written as it came");
    for line in note.signatures() {
        let rebuilt = SignatureLine::new(line.key_name().clone(), line.key_id(), line.signature().to_vec());
        assert_eq!(&rebuilt, line);
    }
    let Ok(verified) = note.verify(&KEYS) else {
        return Reached::Read;
    };
    assert!(!verified.signatures().is_empty() && verified.signatures().iter().all(|line| line.is_by(&KEYS[0])));
    let signed = NOTES.iter().any(|note| {
        note.split_once("\n\n")
            .is_some_and(|(text, _)| format!("{text}\n") == verified.text())
    });
    assert!(signed, "verified what nobody signed");
    Reached::Accepted
}
