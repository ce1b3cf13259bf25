//! Policies and who governs.

use jose::{PrivateJwk, Signer, SigningKey};
use ledger::{
    Change, Governance, Kind, LeafBuilder, Policy, Predecessor, Records, Rejection, ReleaseKeys, Replica, Successor,
};
use testkit::Ledger;
use testkit::ledger::{ORIGIN, thumbprint};

use super::NOW;

fn key(seed: u8) -> SigningKey {
    SigningKey::new(&PrivateJwk::from_ed25519_seed(&[seed; 32])).unwrap()
}

fn governance(keys: &[u8], next: &[u8], threshold: u64) -> Governance {
    let keys = keys.iter().map(|seed| key(*seed).public_jwk().clone()).collect();
    let next = next.iter().map(|seed| key(*seed).public_jwk().thumbprint()).collect();
    Governance::new(keys, next, threshold).unwrap()
}

/// A log of policies alone.
struct Log(Replica, Policy);

impl Log {
    /// Governed by two of keys 1, 2 and 3; keys 4 and 5 are announced.
    fn new() -> Self {
        let policy = Policy {
            governance: governance(&[1, 2, 3], &[4, 5], 2),
            ..Ledger::new(NOW).policy(1)
        };
        let mut log = Self(Replica::new(ORIGIN), policy);
        log.write(log.1.clone(), &[1, 2]).unwrap();
        log
    }

    fn write(&mut self, policy: Policy, seeds: &[u8]) -> Result<Change, Rejection> {
        let keys: Vec<(String, SigningKey)> = seeds.iter().map(|seed| (thumbprint(&key(*seed)), key(*seed))).collect();
        let signers: Vec<(&str, &dyn Signer)> = keys
            .iter()
            .map(|(name, key)| (name.as_str(), key as &dyn Signer))
            .collect();
        let head = self.0.policy().map(|state| state.record.head);
        let leaf = LeafBuilder::new(Kind::Policy, ORIGIN, head.as_ref(), policy.encode().unwrap());
        let submission = leaf.signed_by(ORIGIN, &signers).unwrap();
        match self.0.push(&submission.leaf().encode(), submission.payload()).unwrap() {
            ledger::Replayed::Applied(change) => Ok(*change),
            ledger::Replayed::Alarm(ledger::Alarm::Rejected(rejection)) => Err(rejection),
            ledger::Replayed::Alarm(alarm) => panic!("{alarm}"),
        }
    }

    /// The second policy, changed.
    fn second(&self, change: impl FnOnce(&mut Policy)) -> Policy {
        let mut policy = Policy {
            version: 2,
            ..self.1.clone()
        };
        change(&mut policy);
        policy
    }
}

#[test]
fn policy_origin() {
    let mut ledger = Ledger::new(NOW);
    let mut policy = ledger.policy(2);
    policy.quorum = policy.quorum.replace(ORIGIN, "other.example");
    policy.origin = "other.example".to_owned();
    // The log key's id depends on its name, so the text is made anew.
    let log = tlog::LogSigner::from_seed("other.example".parse().unwrap(), &[1; 32]).unwrap();
    let rest = policy.quorum.split_once('\n').unwrap().1.to_owned();
    policy.quorum = format!("log {}\n{rest}", log.verifier_key());
    assert_eq!(
        ledger.try_write(&ledger.policy_leaf(&policy)),
        Err(Rejection::PolicyOrigin)
    );
}

#[test]
fn policy_version() {
    let mut ledger = Ledger::new(NOW);
    for version in [1, 3] {
        let leaf = ledger.policy_leaf(&ledger.policy(version));
        assert_eq!(ledger.try_write(&leaf), Err(Rejection::PolicyVersion), "{version}");
    }
    ledger.write(&ledger.policy_leaf(&ledger.policy(2)));
}

#[test]
fn policy_version_begins_at_one() {
    let mut log = Log(Replica::new(ORIGIN), Log::new().1);
    let policy = log.second(|_| ());
    assert_eq!(log.write(policy, &[1, 2]), Err(Rejection::PolicyVersion));
}

#[test]
fn governance_own_threshold() {
    let mut log = Log(Replica::new(ORIGIN), Log::new().1);
    let policy = log.1.clone();
    assert_eq!(log.write(policy.clone(), &[1]), Err(Rejection::GovernanceOwnThreshold));
    assert_eq!(
        log.write(policy.clone(), &[1, 9]),
        Err(Rejection::GovernanceOwnThreshold)
    );
    assert!(log.write(policy, &[1, 3]).is_ok());
}

#[test]
fn governance_previous_threshold() {
    let mut log = Log::new();
    let policy = log.second(|policy| policy.governance = governance(&[4, 5], &[6], 2));
    assert_eq!(
        log.write(policy.clone(), &[4, 5, 1]),
        Err(Rejection::GovernancePreviousThreshold)
    );
    assert!(log.write(policy, &[4, 5, 1, 2]).is_ok());
}

#[test]
fn governance_key_not_announced() {
    let mut log = Log::new();
    let policy = log.second(|policy| policy.governance = governance(&[1, 2, 9], &[], 2));
    assert_eq!(log.write(policy, &[1, 2]), Err(Rejection::GovernanceKeyNotAnnounced));
}

#[test]
fn a_quorum_that_needs_no_mirror_is_no_policy() {
    let policy = Ledger::new(NOW).policy(2);
    let policy = Policy {
        quorum: policy.quorum.replace("quorum quorum", "quorum witnesses"),
        ..policy
    };
    let refused = policy.encode().unwrap_err();
    assert_eq!(
        refused,
        ledger::PayloadError::Quorum(ledger::QuorumTextError::MirrorNotNeeded)
    );
}

fn log_key(origin: &str, seed: u8) -> String {
    let log = tlog::LogSigner::from_seed(origin.parse().unwrap(), &[seed; 32]).unwrap();
    log.verifier_key().to_string()
}

fn predecessor(size: u64) -> Predecessor {
    Predecessor {
        log_key: log_key("old.example", 70),
        origin: "old.example".to_owned(),
        root: [3; 32],
        size,
    }
}

#[test]
fn predecessor_differs() {
    let mut log = Log(Replica::new(ORIGIN), Log::new().1);
    let first = Policy {
        predecessor: Some(predecessor(10)),
        ..log.1.clone()
    };
    log.write(first.clone(), &[1, 2]).unwrap();
    for other in [None, Some(predecessor(11))] {
        let policy = Policy {
            predecessor: other,
            version: 2,
            ..first.clone()
        };
        assert_eq!(log.write(policy, &[1, 2]), Err(Rejection::PredecessorDiffers));
    }
    let same = Policy { version: 2, ..first };
    assert!(log.write(same, &[1, 2]).is_ok());
}

#[test]
fn a_log_that_goes_on_for_none_does_not_begin_to() {
    let mut log = Log::new();
    let policy = log.second(|policy| policy.predecessor = Some(predecessor(10)));
    assert_eq!(log.write(policy, &[1, 2]), Err(Rejection::PredecessorDiffers));
}

#[test]
fn another_log_is_named_by_a_key_of_its_own() {
    let log = Log::new();
    let successor = |origin: &str, key_of: &str| {
        let policy = log.second(|policy| {
            policy.successor = Some(Successor {
                log_key: log_key(key_of, 71),
                origin: origin.to_owned(),
            });
        });
        policy.encode().map(|_| ())
    };
    assert_eq!(successor("next.example", "next.example"), Ok(()));
    let refused = Err(ledger::PayloadError::OtherLog("successor"));
    assert_eq!(successor("next.example", "other.example"), refused);
    assert_eq!(successor(ORIGIN, ORIGIN), refused);
    let empty = log.second(|policy| policy.predecessor = Some(predecessor(0)));
    assert_eq!(empty.encode(), Err(ledger::PayloadError::OtherLog("predecessor")));
}

#[test]
fn release_keys_come_back_sorted_and_are_none_twice() {
    let keys = |seeds: &[u8]| ReleaseKeys::new(seeds.iter().map(|seed| key(*seed).public_jwk().clone()).collect());
    assert_eq!(keys(&[1, 2, 1]), Err(ledger::PayloadError::Order("release_keys")));
    let policy = Log::new().second(|policy| policy.release_keys = keys(&[2, 1, 3]).unwrap());
    let bytes = policy.encode().unwrap();
    assert_eq!(Policy::parse(&bytes), Ok(policy));
}
