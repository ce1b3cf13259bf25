//! Keys, a quorum and submissions: made once, the same for every seed.
#![expect(clippy::expect_used, reason = "fixtures: what goes wrong here is a failed test")]

use std::sync::{Arc, Mutex, OnceLock};

use anchor::log::{Identity, LogKeys, first_batch};
use anchor::store::{LogStore, commit_batch};
use ledger::{Kind, LeafBuilder, Submission};
use testkit::Ledger;
use testkit::ledger::{ORIGIN, newest_line, signed_by, thumbprint};
use tlog::{Cosigner, LogKey, LogSigner, Policy};

use crate::chance::Chance;
use crate::disk::{Disk, Drive};
use crate::lock;
use crate::oracle::Observer;
use crate::store::SimStore;
use crate::tasks::alone;

/// When every run begins.
pub(crate) const NOW: u64 = 1_800_000_000;
/// Names of the witnesses.
pub(crate) const WITNESSES: [&str; 3] = ["w1.holdfast.test", "w2.holdfast.test", "w3.holdfast.test"];
/// Name of the mirror.
pub(crate) const MIRROR: &str = "m1.holdfast.test";
/// Seed of the key that a log begins with, and of the one after it.
const FIRST_KEY: u8 = 1;
const NEXT_KEY: u8 = 20;
/// Submissions that there are.
pub(crate) const SUBMISSIONS: usize = 14;

/// What all runs have in common.
pub(crate) struct Fixture {
    pub(crate) submissions: Vec<Submission>,
    policy: Policy,
    weak_policy: Policy,
    mirror_key: String,
    /// The disk of a log that was just made.
    disk: Disk,
}

impl Fixture {
    /// The one there is.
    pub(crate) fn get() -> &'static Self {
        static FIXTURE: OnceLock<Fixture> = OnceLock::new();
        FIXTURE.get_or_init(make)
    }

    /// What a log is started with; where `is_weak`, one witness is enough for it; where `is_changing`, it signs with
    /// another key as well.
    pub(crate) fn identity(&self, is_weak: bool, is_changing: bool) -> Identity {
        let keys = if is_changing {
            // No clock of a run comes there.
            LogKeys::one(signer(NEXT_KEY)).and_previous(signer(FIRST_KEY), u64::MAX)
        } else {
            LogKeys::one(signer(FIRST_KEY))
        };
        Identity {
            keys,
            policy: if is_weak { &self.weak_policy } else { &self.policy }.clone(),
            mirrors: vec![self.mirror_key.clone()],
        }
    }

    /// A disk with the first entries.
    pub(crate) fn disk(&self) -> Disk {
        self.disk.clone()
    }
}

/// The key of the cosigner of this name.
pub(crate) fn cosigner(name: &str) -> Cosigner {
    let names = WITNESSES.iter().chain([&MIRROR]);
    let seed = (2..).zip(names).find(|(_, other)| **other == name);
    let seed = seed.map_or(0, |(seed, _)| seed);
    Cosigner::from_seed(name.parse().expect("a key name"), &[seed; 32]).expect("a cosigner's key")
}

/// The first entries and the submissions after them, as a log of any kind takes them.
pub(crate) fn entries() -> (Vec<Submission>, Vec<Submission>) {
    let mut ledger = Ledger::new(NOW);
    let governance = thumbprint(ledger.governance());
    let policy = ledger.policy(1).encode().expect("a policy");
    let policy = LeafBuilder::new(Kind::Policy, ORIGIN, None, policy)
        .signed_by(ORIGIN, &[(&governance, ledger.governance())])
        .expect("a signed policy");
    let registrar = ledger.registrar();
    let line = newest_line(registrar);
    let registrar = LeafBuilder::new(Kind::DidCreate, registrar.did().as_str(), None, line).proved_by_payload();
    let mut submissions = Vec::new();
    for number in 0..SUBMISSIONS {
        let agency =
            did::identity::Organisation::create(&format!("agency{number}.localhost"), NOW, &mut ledger.random());
        let agency = agency.expect("an agency");
        let leaf = LeafBuilder::new(Kind::DidCreate, agency.did().as_str(), None, newest_line(&agency));
        submissions.push(signed_by(ledger.registrar(), leaf));
    }
    (vec![policy, registrar], submissions)
}

fn signer(seed: u8) -> LogSigner {
    LogSigner::from_seed(ORIGIN.parse().expect("a key name"), &[seed; 32]).expect("a log key")
}

/// The keys of the log that a cosigner knows. Where the log changes its key, one was not told yet, one knows the next
/// key alone, and the others know both.
pub(crate) fn known_keys(name: &str, is_changing: bool) -> Vec<LogKey> {
    let seeds: &[u8] = match WITNESSES.iter().position(|witness| *witness == name) {
        Some(1) if is_changing => &[NEXT_KEY],
        Some(2) | None if is_changing => &[NEXT_KEY, FIRST_KEY],
        _ => &[FIRST_KEY],
    };
    seeds.iter().map(|seed| signer(*seed).verifier_key().clone()).collect()
}

fn make() -> Fixture {
    let (first, submissions) = entries();
    let keys = [FIRST_KEY, NEXT_KEY].map(|seed| signer(seed).verifier_key().clone());
    let store = SimStore {
        drive: Drive {
            disk: Arc::new(Mutex::new(Disk::default())),
            chance: Chance::new(0),
            is_lazy: false,
        },
        is_changing_key: false,
        plant: None,
        observer: Observer::default(),
        bound: None,
    };
    let committed = alone(async {
        let batch = first_batch(&store, ORIGIN, &first, NOW).await.expect("first entries");
        let transaction = store.begin().await.expect("a transaction");
        commit_batch(transaction, &batch).await.expect("a commit");
    });
    committed.expect("a commit that ends");
    let disk = lock(&store.drive.disk).clone();
    Fixture {
        submissions,
        policy: policy(&keys, 2),
        weak_policy: policy(&keys, 1),
        mirror_key: cosigner(MIRROR).verifier_key().to_string(),
        disk,
    }
}

fn policy(keys: &[LogKey], witnesses: usize) -> Policy {
    let mut text: String = keys.iter().map(|key| format!("log {key}\n")).collect();
    for (name, host) in ["w1", "w2", "w3", "m1"].iter().zip(WITNESSES.iter().chain([&MIRROR])) {
        text += &format!("witness {name} {} http://{host}\n", cosigner(host).verifier_key());
    }
    text += &format!("group witnesses {witnesses} w1 w2 w3\ngroup quorum all witnesses m1\nquorum quorum\n");
    Policy::parse(text.as_bytes()).expect("a policy")
}
