//! Who must have cosigned a checkpoint of this ledger. docs/ledger.md §4.1.

use thiserror::Error;
use tlog::{CosignerKey, LogKey, PolicyError};

/// A tlog-policy for one log, whose quorum cannot be met without a verifying mirror.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Quorum {
    policy: tlog::Policy,
    log_key: LogKey,
    mirrors: Vec<String>,
}

/// Why a quorum text cannot be relied on.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum QuorumTextError {
    /// Not a tlog-policy.
    #[error("the quorum text: {0}")]
    Policy(#[from] PolicyError),
    /// The text does not name exactly one log, that of the origin.
    #[error("the quorum text does not name exactly the log of this origin")]
    Log,
    /// A mirror is not among the witnesses of the text.
    #[error("a mirror is not a cosigner of the quorum text")]
    UnknownMirror,
    /// The quorum can be met without a mirror, or not at all.
    #[error("the quorum can be met without a mirror")]
    MirrorNotNeeded,
}

impl Quorum {
    /// Reads the text and checks it against the log's name and the list of mirrors.
    pub(crate) fn new(origin: &str, text: &str, mirrors: &[String]) -> Result<Self, QuorumTextError> {
        let policy = tlog::Policy::parse(text.as_bytes())?;
        let [log] = policy.logs() else {
            return Err(QuorumTextError::Log);
        };
        let log_key = log.key().clone();
        if log_key.verifier_key().name().as_str() != origin {
            return Err(QuorumTextError::Log);
        }
        let cosigners: Vec<String> = policy.witnesses().iter().map(|witness| vkey(witness.key())).collect();
        if !mirrors.iter().all(|mirror| cosigners.contains(mirror)) {
            return Err(QuorumTextError::UnknownMirror);
        }
        let is_mirror = |key: &CosignerKey| mirrors.contains(&vkey(key));
        if policy.is_satisfied_by(|key| !is_mirror(key)) || !policy.is_satisfied_by(|_| true) {
            return Err(QuorumTextError::MirrorNotNeeded);
        }
        Ok(Self {
            policy,
            log_key,
            mirrors: mirrors.to_vec(),
        })
    }

    /// The same, by checkpoints that another key of the log signed as well. docs/ledger.md §9.1
    pub(crate) fn with_log(self, key: &LogKey) -> Result<Self, QuorumTextError> {
        let text = [format!("log {key}\n").as_bytes(), self.policy.text()].concat();
        Ok(Self {
            policy: tlog::Policy::parse(&text)?,
            ..self
        })
    }

    pub(crate) fn policy(&self) -> &tlog::Policy {
        &self.policy
    }

    pub(crate) fn log_key(&self) -> &LogKey {
        &self.log_key
    }

    pub(crate) fn mirrors(&self) -> &[String] {
        &self.mirrors
    }
}

fn vkey(key: &CosignerKey) -> String {
    key.verifier_key().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;
    use tlog::{Cosigner, LogSigner};

    fn cosigner(number: u8) -> String {
        let name = format!("cosigner.example/{number}").parse().unwrap();
        Cosigner::from_seed(name, &[number; 32])
            .unwrap()
            .verifier_key()
            .verifier_key()
            .to_string()
    }

    fn log(origin: &str) -> String {
        LogSigner::from_seed(origin.parse().unwrap(), &[9; 32])
            .unwrap()
            .verifier_key()
            .verifier_key()
            .to_string()
    }

    fn text(rule: &str) -> String {
        let (log, w1, w2, mirror) = (log("log.example"), cosigner(1), cosigner(2), cosigner(3));
        format!("log {log}\nwitness w1 {w1}\nwitness w2 {w2}\nwitness m {mirror}\n{rule}\n")
    }

    #[test_case("group g all w1 m\nquorum g", 3 => Ok(()) ; "a_mirror_is_needed")]
    #[test_case("group g 2 w1 w2 m\nquorum g", 3 => Err(QuorumTextError::MirrorNotNeeded) ; "two_witnesses_are_enough")]
    #[test_case("quorum none", 3 => Err(QuorumTextError::MirrorNotNeeded) ; "no_quorum")]
    #[test_case("group g all w1 m\nquorum g", 4 => Err(QuorumTextError::UnknownMirror) ; "unknown_mirror")]
    #[test_case("", 3 => Err(QuorumTextError::Policy(PolicyError::NoQuorum)) ; "no_quorum_line")]
    fn quorum(rule: &str, mirror: u8) -> Result<(), QuorumTextError> {
        Quorum::new("log.example", &text(rule), &[cosigner(mirror)]).map(|_| ())
    }

    #[test]
    fn another_origin_is_refused() {
        let text = text("group g all w1 m\nquorum g");
        assert_eq!(
            Quorum::new("other.example", &text, &[cosigner(3)]),
            Err(QuorumTextError::Log)
        );
    }

    #[test]
    fn a_second_log_is_refused() {
        let second = LogSigner::from_seed("second.example".parse().unwrap(), &[8; 32]).unwrap();
        let text = format!(
            "log {}\n{}",
            second.verifier_key().verifier_key(),
            text("group g all w1 m\nquorum g")
        );
        assert_eq!(
            Quorum::new("log.example", &text, &[cosigner(3)]),
            Err(QuorumTextError::Log)
        );
    }
}
