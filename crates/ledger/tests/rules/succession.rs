//! An agency that goes on for one that lost its keys. docs/ledger.md §4.2 and §5.3

use did::identity::Organisation;
use ledger::{Accreditation, AccreditedType, Kind, LeafBuilder, Localized, Records, Rejection};
use testkit::Ledger;
use testkit::ledger::signed_by_both;

use super::{NOW, PID, changed, grant, signatures, with_agency};

const WAIT: u64 = 72 * 3600;

/// An agency that lost its keys, the one that goes on for it, and a second registrar; a map head is published.
struct World {
    ledger: Ledger,
    old: Organisation,
    new: Organisation,
    second: Organisation,
}

impl World {
    fn new() -> Self {
        let (mut ledger, old) = with_agency();
        let new = ledger.create("agency-again.localhost");
        let second = ledger.second_registrar();
        ledger.publish();
        Self {
            ledger,
            old,
            new,
            second,
        }
    }

    fn leaf(&self, succeeds: &str) -> LeafBuilder {
        let payload = Accreditation {
            name: Localized::english("Agency").unwrap(),
            subject: self.new.did().clone(),
            succeeds: Some(succeeds.parse().unwrap()),
            types: vec![AccreditedType {
                until: NOW + 10 * WAIT,
                vct: PID.to_owned(),
            }],
        };
        let did = self.new.did().as_str();
        self.ledger
            .next_leaf(Kind::AccreditationGrant, did, payload.encode().unwrap())
    }

    fn by_both(&self, leaf: LeafBuilder) -> ledger::Submission {
        signed_by_both(self.ledger.registrar(), &self.second, leaf)
    }

    fn succeed(&mut self, succeeds: &str) -> Result<(), Rejection> {
        let submission = self.by_both(self.leaf(succeeds));
        self.ledger.try_write(&submission).map(|_| ())
    }

    fn record(&self) -> &ledger::OrganisationRecord {
        self.ledger.record(self.new.did().as_str())
    }
}

#[test]
fn a_succession_counts_72_hours_after_the_newest_map_head() {
    let mut world = World::new();
    let old = world.old.did().to_string();
    world.succeed(&old).unwrap();
    let record = world.record();
    let succession = record.accreditation_entry().unwrap().succession().unwrap();
    assert_eq!(
        (succession.from, succession.succeeds.as_str()),
        (NOW + WAIT, old.as_str())
    );
    assert!(record.accreditation(PID, NOW + WAIT - 1).is_none());
    assert!(!record.is_accredited(NOW + WAIT - 1));
    assert!(record.accreditation(PID, NOW + WAIT).is_some());
    assert!(record.is_accredited(NOW + WAIT));
    assert_eq!(ledger::OrganisationRecord::parse(&record.encode()).as_ref(), Ok(record));
}

#[test]
fn a_plain_grant_does_not_shorten_the_wait() {
    let mut world = World::new();
    let old = world.old.did().to_string();
    world.succeed(&old).unwrap();
    let leaf = world
        .ledger
        .next_leaf(Kind::AccreditationGrant, world.new.did().as_str(), grant(&world.new));
    let submission = world.ledger.signed_by_registrar(leaf);
    world.ledger.write(&submission);
    assert!(!world.record().is_accredited(NOW + 10));
    assert!(world.record().accreditation_entry().unwrap().succession().is_some());
}

#[test]
fn a_revocation_ends_a_succession() {
    let mut world = World::new();
    let old = world.old.did().to_string();
    world.succeed(&old).unwrap();
    let World { ledger, new, .. } = &mut world;
    ledger.revoke_accreditation(new);
    assert!(world.record().accreditation_entry().is_none());
    let World { ledger, new, .. } = &mut world;
    ledger.accredit(new, "Agency", &[PID]);
    assert!(world.record().is_accredited(NOW), "a new grant is one of its own");
}

#[test]
fn succession_of_itself() {
    let mut world = World::new();
    let own = world.new.did().to_string();
    assert_eq!(world.succeed(&own), Err(Rejection::SuccessionOfItself));
}

#[test]
fn succession_unknown() {
    let mut world = World::new();
    let refused = world.succeed("did:webvh:QmNobody:nobody.example");
    assert_eq!(refused, Err(Rejection::SuccessionUnknown));
}

#[test]
fn succession_never_accredited() {
    let mut world = World::new();
    let second = world.second.did().to_string();
    assert_eq!(world.succeed(&second), Err(Rejection::SuccessionNeverAccredited));
}

#[test]
fn succession_before_map_head() {
    let (mut ledger, old) = with_agency();
    let new = ledger.create("agency-again.localhost");
    let second = ledger.second_registrar();
    assert!(ledger.replica().map_head().is_none());
    let mut world = World {
        ledger,
        old,
        new,
        second,
    };
    let old = world.old.did().to_string();
    assert_eq!(world.succeed(&old), Err(Rejection::SuccessionBeforeMapHead));
    assert!(world.record().accreditation_entry().is_none());
}

#[test]
fn a_succession_needs_two_signatures() {
    let mut world = World::new();
    let old = world.old.did().to_string();
    let alone = world.ledger.signed_by_registrar(world.leaf(&old));
    assert_eq!(world.ledger.try_write(&alone), Err(Rejection::SignatureCount));
    let unsigned = world.leaf(&old).proved_by_payload();
    assert_eq!(world.ledger.try_write(&unsigned), Err(Rejection::AuthorityForm));
    assert!(world.record().accreditation_entry().is_none());
}

#[test]
fn succession_one_registrar() {
    let mut world = World::new();
    let old = world.old.did().to_string();
    let alone = world.ledger.signed_by_registrar(world.leaf(&old));
    let twice = changed(&alone, |leaf| {
        let mut second = signatures(leaf)[0].clone();
        second.key_id.push('2');
        signatures(leaf).push(second);
    });
    assert_eq!(world.ledger.try_write(&twice), Err(Rejection::SuccessionOneRegistrar));
}

#[test]
fn both_of_a_succession_are_registrars() {
    let mut world = World::new();
    let old = world.old.did().to_string();
    let submission = signed_by_both(world.ledger.registrar(), &world.old, world.leaf(&old));
    assert_eq!(world.ledger.try_write(&submission), Err(Rejection::SignerNotRegistrar));
    let forged = changed(&world.by_both(world.leaf(&old)), |leaf| {
        signatures(leaf)[1].signature[0] ^= 1;
    });
    assert_eq!(world.ledger.try_write(&forged), Err(Rejection::SignatureInvalid));
}
