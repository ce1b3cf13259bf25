//! A ledger on which anything may happen, and who is on it.

use did::Did;
use did::identity::Organisation;
use jose::Signer;
use ledger::{
    Change, Governance, Kind, LeafBuilder, ListContent, Policy, Records, Rejection, ReleaseKeys, Revocation,
    RevocationReason, Submission,
};
use testkit::Ledger;
use testkit::ledger::newest_line;

use super::dice::Dice;
use crate::rules::NOW;

pub(super) const LIST: ListContent<'static> = ListContent {
    uri: "https://agency.example/1",
    bits: 1,
    bytes: &[0; 16],
};

/// A rejection, or what was changed.
pub(super) type Outcome = Result<Change, Rejection>;

pub(super) struct World {
    pub(super) ledger: Ledger,
    pub(super) dice: Dice,
    /// Everybody with a DID but the registrars.
    pub(super) organisations: Vec<Organisation>,
    /// Registrars besides the first one, in the policy in force.
    pub(super) registrars: Vec<Did>,
    /// How many entries broke a rule.
    pub(super) invalid: usize,
    made: usize,
}

impl World {
    pub(super) fn new(dice: Dice) -> Self {
        Self {
            ledger: Ledger::new(NOW),
            dice,
            organisations: Vec::new(),
            registrars: Vec::new(),
            invalid: 0,
            made: 0,
        }
    }

    /// A second later. Lines and snapshots are later than those before them.
    pub(super) fn tick(&mut self) {
        self.ledger.set_now(self.ledger.now() + 1);
    }

    /// A new organisation, which nobody else is.
    pub(super) fn newcomer(&mut self) -> Organisation {
        self.made += 1;
        self.tick();
        self.ledger.create(&format!("n{}.example", self.made))
    }

    /// Takes out one that is not deactivated; a new one where there is none. [`World::back`] puts it back.
    pub(super) fn take_alive(&mut self) -> Organisation {
        let ledger = &self.ledger;
        let is_alive = |one: &Organisation| !ledger.record(one.did().as_str()).is_deactivated();
        let alive: Vec<usize> = (0..self.organisations.len())
            .filter(|at| is_alive(&self.organisations[*at]))
            .collect();
        if alive.is_empty() || self.dice.once_in(4) {
            return self.newcomer();
        }
        let at = self.dice.pick(&alive);
        self.organisations.swap_remove(at)
    }

    /// The same, accredited.
    pub(super) fn take_agency(&mut self) -> Organisation {
        let agency = self.take_alive();
        if self
            .ledger
            .record(agency.did().as_str())
            .accreditation_entry()
            .is_none()
        {
            self.ledger.accredit(&agency, "Agency", &["urn:a", "urn:b"]);
        }
        agency
    }

    pub(super) fn back(&mut self, organisation: Organisation) {
        self.organisations.push(organisation);
    }

    /// The next policy, with everybody who is a registrar.
    pub(super) fn policy(&self) -> Policy {
        let record = self.ledger.replica().policy().expect("a policy");
        let mut registrars = self.registrars.clone();
        registrars.push(self.ledger.registrar().did().clone());
        registrars.sort();
        Policy {
            registrars,
            governance: self.governance(&[]),
            release_keys: ReleaseKeys::new(vec![self.ledger.governance().public_jwk().clone()]).unwrap(),
            ..self.ledger.policy(record.record.head.seq + 2)
        }
    }

    /// The governance key alone, which announces others.
    pub(super) fn governance(&self, announced: &[[u8; 32]]) -> Governance {
        let keys = vec![self.ledger.governance().public_jwk().clone()];
        Governance::new(keys, announced.to_vec(), 1).unwrap()
    }

    /// Writes the policy in force from now on.
    pub(super) fn write_policy(&mut self, policy: &Policy) {
        let leaf = self.ledger.policy_leaf(policy);
        self.ledger.write(&leaf);
    }

    /// One more registrar.
    pub(super) fn second_registrar(&mut self) -> Organisation {
        let second = self.newcomer();
        self.registrars.push(second.did().clone());
        let policy = self.policy();
        self.write_policy(&policy);
        second
    }

    /// The next leaf about an organisation, signed by the registrar.
    pub(super) fn by_registrar(&self, kind: Kind, subject: &Organisation, payload: Vec<u8>) -> Submission {
        self.ledger.signed_by_registrar(self.leaf(kind, subject, payload))
    }

    pub(super) fn leaf(&self, kind: Kind, subject: &Organisation, payload: Vec<u8>) -> LeafBuilder {
        self.ledger.next_leaf(kind, subject.did().as_str(), payload)
    }

    /// The newest line of an organisation, as it would be written.
    pub(super) fn line(&self, kind: Kind, subject: &Organisation) -> Submission {
        self.leaf(kind, subject, newest_line(subject)).proved_by_payload()
    }

    /// The payload of a revocation.
    pub(super) fn revocation(subject: &Organisation) -> Vec<u8> {
        let revocation = Revocation {
            reason: RevocationReason::Superseded,
            subject: subject.did().clone(),
        };
        revocation.encode().unwrap()
    }
}
