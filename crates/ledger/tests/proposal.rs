//! A succession that one registrar proposes and another one signs. docs/ledger.md §14

use did::identity::Organisation;
use jose::SigningKey;
use ledger::{
    Accreditation, AccreditedType, Authority, Kind, LeafBuilder, Localized, Proposal, ProposalError, Submission,
    UnverifiedProposal,
};
use test_case::test_case;
use testkit::Ledger;
use testkit::ledger::{ORIGIN, signed_by};

const NOW: u64 = 1_763_596_800;
const DAY: u64 = 24 * 3600;

/// An agency that lost its keys, the one that is to go on, and two registrars.
struct World {
    ledger: Ledger,
    old: Organisation,
    new: Organisation,
    second: Organisation,
}

fn world() -> World {
    let mut ledger = Ledger::new(NOW);
    let old = ledger.create("lost.example");
    ledger.accredit(&old, "Office of Residents", &["urn:a"]);
    let new = ledger.create("again.example");
    let second = ledger.second_registrar();
    ledger.publish();
    World {
        ledger,
        old,
        new,
        second,
    }
}

impl World {
    fn leaf(&self, succeeds: Option<&Organisation>) -> LeafBuilder {
        let grant = Accreditation {
            name: Localized::english("Office of Residents").unwrap(),
            subject: self.new.did().clone(),
            succeeds: succeeds.map(|old| old.did().clone()),
            types: vec![AccreditedType {
                until: NOW + 900 * DAY,
                vct: "urn:a".to_owned(),
            }],
        };
        let did = self.new.did().as_str();
        self.ledger
            .next_leaf(Kind::AccreditationGrant, did, grant.encode().unwrap())
    }

    fn proposal(&self, expires: u64) -> Vec<u8> {
        let (name, key) = signer(self.ledger.registrar());
        Proposal::sign(self.leaf(Some(&self.old)), ORIGIN, &name, &key, expires).unwrap()
    }

    fn verify(&self, bytes: &[u8], now: u64) -> Result<Proposal, ProposalError> {
        let proposal = UnverifiedProposal::parse(bytes)?;
        let proposer = self.ledger.record(self.ledger.registrar().did().as_str());
        proposal.verify(ORIGIN, proposer, now)
    }
}

fn signer(organisation: &Organisation) -> (String, SigningKey) {
    let (name, key) = organisation.ledger_key().unwrap();
    (name.to_string(), SigningKey::new(key).unwrap())
}

#[test]
fn a_second_registrar_signs_what_the_first_proposed() {
    let mut world = world();
    let bytes = world.proposal(NOW + DAY);
    let proposal = world.verify(&bytes, NOW).unwrap();
    assert_eq!((proposal.succeeds(), proposal.expires()), (world.old.did(), NOW + DAY));
    assert_eq!(proposal.proposer(), world.ledger.registrar().did().as_str());
    assert_eq!(&proposal.accreditation().subject, world.new.did());
    let (name, key) = signer(&world.second);
    let submission = proposal.cosign(ORIGIN, &name, &key).unwrap();
    world.ledger.write(&submission);
    let record = world.ledger.record(world.new.did().as_str());
    let succession = record.accreditation_entry().unwrap().succession().unwrap();
    assert_eq!(succession.succeeds, world.old.did().as_str());
}

#[test]
fn what_one_registrar_signed_is_worth_nothing_alone() {
    let mut world = world();
    let (name, key) = signer(world.ledger.registrar());
    let leaf = world.leaf(Some(&world.old));
    let alone: Submission = leaf.signed_by(ORIGIN, &[(&name, &key)]).unwrap();
    assert!(world.ledger.try_write(&alone).is_err());
}

#[test]
fn a_proposal_with_one_byte_changed_is_refused() {
    let world = world();
    let sound = world.proposal(NOW + DAY);
    for place in 0..sound.len() {
        let mut changed = sound.clone();
        changed[place] ^= 1;
        assert!(world.verify(&changed, NOW).is_err(), "byte {place}");
    }
    assert!(world.verify(&sound[..sound.len() - 1], NOW).is_err());
    assert!(world.verify(&[sound.as_slice(), &[0]].concat(), NOW).is_err());
}

#[test_case(NOW + 1, NOW => Ok(()) ; "still open")]
#[test_case(NOW, NOW => Err(ProposalError::Expired) ; "run out")]
#[test_case(NOW + 30 * DAY, NOW => Ok(()) ; "for 30 days")]
#[test_case(NOW + 30 * DAY + 1, NOW => Err(ProposalError::OpenTooLong) ; "for longer")]
fn how_long_a_proposal_is_open(expires: u64, now: u64) -> Result<(), ProposalError> {
    let world = world();
    world.verify(&world.proposal(expires), now).map(|_| ())
}

#[test]
fn the_registrar_that_proposed_it_does_not_sign_twice() {
    let world = world();
    let proposal = world.verify(&world.proposal(NOW + DAY), NOW).unwrap();
    let (name, key) = signer(world.ledger.registrar());
    let refused = proposal.cosign(ORIGIN, &name, &key);
    assert_eq!(refused, Err(ProposalError::SameRegistrar));
}

#[test]
fn a_proposal_for_another_ledger_or_by_another_registrar_is_refused() {
    let world = world();
    let bytes = world.proposal(NOW + DAY);
    let proposer = world.ledger.record(world.ledger.registrar().did().as_str());
    let proposal = UnverifiedProposal::parse(&bytes).unwrap();
    assert_eq!(proposal.dangerous_claimed_proposer(), proposer.did());
    let refused = proposal.clone().verify("other.example/log", proposer, NOW);
    assert_eq!(refused, Err(ProposalError::Signature));
    let second = world.ledger.record(world.second.did().as_str());
    assert_eq!(proposal.verify(ORIGIN, second, NOW), Err(ProposalError::Key));
}

#[test]
fn a_grant_that_goes_on_for_nobody_is_no_proposal() {
    let world = world();
    let (name, key) = signer(world.ledger.registrar());
    let bytes = Proposal::sign(world.leaf(None), ORIGIN, &name, &key, NOW + DAY).unwrap();
    assert_eq!(UnverifiedProposal::parse(&bytes), Err(ProposalError::NoSuccession));
    let plain = signed_by(world.ledger.registrar(), world.leaf(None));
    assert!(matches!(plain.leaf().authority, Authority::Signatures(_)));
    assert!(UnverifiedProposal::parse(&plain.encode()).is_err());
}
