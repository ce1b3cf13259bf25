//! The keys that a log signs with: one, or two while it changes its key. docs/ledger.md §9.1

use std::sync::Arc;

use jose::UnixTime;
use tlog::{Checkpoint, LogCheckpoint, LogKey, LogSigner, SignatureLine, UnverifiedCheckpoint};

/// Seconds before the end of its time at which the key before signs no more: what it signed last has its quorum while
/// that key still counts, also by clocks that are a little fast.
const LAST_SIGNATURE: UnixTime = 600;

/// The newest key of a log, and the one before for as long as it counts. Cheap to clone.
#[derive(Clone, Debug)]
pub struct LogKeys {
    newest: Arc<LogSigner>,
    previous: Option<PreviousKey>,
}

/// The key before, which every reader knows who has no newer trust pack yet.
#[derive(Clone, Debug)]
struct PreviousKey {
    signer: Arc<LogSigner>,
    /// Checkpoints of this time and later need the newest key.
    until: UnixTime,
}

impl LogKeys {
    /// A log with one key.
    #[must_use]
    pub fn one(signer: LogSigner) -> Self {
        Self {
            newest: Arc::new(signer),
            previous: None,
        }
    }

    /// The same, and the key before, which signs as well until shortly before this time.
    #[must_use]
    pub fn and_previous(self, signer: LogSigner, until: UnixTime) -> Self {
        let signer = Arc::new(signer);
        Self {
            previous: Some(PreviousKey { signer, until }),
            ..self
        }
    }

    /// The newest key.
    #[must_use]
    pub fn newest(&self) -> &LogKey {
        self.newest.verifier_key()
    }

    /// Whether there is a key before that signs no more: it can be taken out of the settings.
    #[must_use]
    pub fn has_one_too_many(&self, now: UnixTime) -> bool {
        self.previous.is_some() && self.signing(now).count() == 1
    }

    /// Signs a checkpoint with every key that counts. Ed25519 draws no random number, so each line is the same every
    /// time. `None` where a key cannot sign, or the checkpoint is of another log.
    pub(super) fn sign(&self, checkpoint: Checkpoint, now: UnixTime) -> Option<LogCheckpoint> {
        let lines: Option<Vec<SignatureLine>> = self.signing(now).map(|signer| signer.sign(&checkpoint).ok()).collect();
        let keys: Vec<LogKey> = self.signing(now).map(|signer| signer.verifier_key().clone()).collect();
        UnverifiedCheckpoint::new(checkpoint, lines?).verify_log(&keys).ok()
    }

    /// The key for what has room for one signature, such as a refusal: the one that most readers know.
    pub(super) fn most_known(&self, now: UnixTime) -> &LogSigner {
        self.signing(now).next().unwrap_or(&self.newest)
    }

    /// The key before comes first: a bundle and a landmark carry the first signature alone (docs/ledger.md §8), and
    /// that one is known to readers with either trust pack.
    fn signing(&self, now: UnixTime) -> impl Iterator<Item = &LogSigner> {
        let counts = |key: &&PreviousKey| now.saturating_add(LAST_SIGNATURE) < key.until;
        let previous = self.previous.as_ref().filter(counts);
        previous.map(|key| &*key.signer).into_iter().chain([&*self.newest])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNTIL: UnixTime = 1_800_000_000;

    fn signer(seed: u8) -> LogSigner {
        LogSigner::from_seed("log.example".parse().unwrap(), &[seed; 32]).unwrap()
    }

    fn signed_by(keys: &LogKeys, now: UnixTime) -> Vec<String> {
        let checkpoint = Checkpoint::new("log.example".parse().unwrap(), 7, tlog::Hash::EMPTY_TREE);
        let signed = keys.sign(checkpoint, now).unwrap();
        let lines = signed.log_signatures().iter();
        lines.map(|line| line.key_id().to_string()).collect()
    }

    fn id(seed: u8) -> String {
        signer(seed).verifier_key().verifier_key().id().to_string()
    }

    #[test]
    fn the_key_before_signs_first_and_not_to_the_last_second() {
        let keys = LogKeys::one(signer(2)).and_previous(signer(1), UNTIL);
        assert_eq!(signed_by(&keys, UNTIL - 601), [id(1), id(2)]);
        assert_eq!(signed_by(&keys, UNTIL - 600), [id(2)]);
        assert!(!keys.has_one_too_many(UNTIL - 601));
        assert!(keys.has_one_too_many(UNTIL - 600));
    }

    #[test]
    fn a_statement_is_signed_by_the_key_that_most_readers_know() {
        let keys = LogKeys::one(signer(2)).and_previous(signer(1), UNTIL);
        assert_eq!(keys.most_known(UNTIL - 601).verifier_key(), signer(1).verifier_key());
        assert_eq!(keys.most_known(UNTIL).verifier_key(), signer(2).verifier_key());
    }

    #[test]
    fn a_log_with_one_key_has_none_too_many() {
        let keys = LogKeys::one(signer(2));
        assert_eq!(signed_by(&keys, 1), [id(2)]);
        assert!(!keys.has_one_too_many(1));
    }
}
