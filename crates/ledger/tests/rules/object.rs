//! Schema, rule, service, document, release, audit snapshot.

use did::identity::Organisation;
use jose::Signer;
use ledger::{Family, Kind, LeafBuilder, ObjectDetail, Records, Rejection, ReleaseKeys, ReleaseVersion};
use testkit::Ledger;
use testkit::ledger::{signed_by, thumbprint};
use testkit::objects::{audit_snapshot, document, release, rule, schema, service, subject};

use super::{NOW, changed, signatures, stray_key, with_agency, with_organisation};

/// Publishes or supersedes a rule, signed by its owner.
fn write_rule(ledger: &mut Ledger, owner: &Organisation, kind: Kind) -> Result<ledger::Change, Rejection> {
    let leaf = rule_leaf(ledger, owner, kind);
    ledger.try_write(&signed_by(owner, leaf))
}

fn rule_leaf(ledger: &Ledger, owner: &Organisation, kind: Kind) -> LeafBuilder {
    let rule = rule(owner.did());
    ledger.next_object_leaf(kind, &rule.subject, rule.encode().unwrap())
}

fn write_document(ledger: &mut Ledger, owner: &Organisation, version: u8, before: Option<u8>) -> Result<(), Rejection> {
    let document = document(owner.did(), version, before);
    let leaf = ledger.next_object_leaf(Kind::Document, &document.subject, document.encode().unwrap());
    ledger.try_write(&signed_by(owner, leaf)).map(|_| ())
}

fn write_audit(ledger: &mut Ledger, agency: &Organisation, period: (u64, u64), size: u64) -> Result<(), Rejection> {
    let snapshot = audit_snapshot(agency.did(), period.0, period.1, size);
    let leaf = ledger.next_leaf(Kind::AuditSnapshot, agency.did().as_str(), snapshot.encode().unwrap());
    ledger.try_write(&signed_by(agency, leaf)).map(|_| ())
}

/// A ledger whose policy names the governance key as release key too.
fn with_release_key() -> Ledger {
    let mut ledger = Ledger::new(NOW);
    let mut policy = ledger.policy(2);
    policy.release_keys = ReleaseKeys::new(vec![ledger.governance().public_jwk().clone()]).unwrap();
    ledger.write(&ledger.policy_leaf(&policy));
    ledger
}

fn release_leaf(ledger: &Ledger, version: [u32; 3], signer: &dyn Signer, name: &str) -> ledger::Submission {
    let release = release(version);
    let leaf = ledger.next_object_leaf(Kind::Release, &release.subject, release.encode().unwrap());
    leaf.signed_by(testkit::ledger::ORIGIN, &[(name, signer)]).unwrap()
}

fn write_release(ledger: &mut Ledger, version: [u32; 3]) -> Result<(), Rejection> {
    let name = thumbprint(ledger.governance());
    let submission = release_leaf(ledger, version, ledger.governance(), &name);
    ledger.try_write(&submission).map(|_| ())
}

#[test]
fn an_owner_publishes_and_supersedes() {
    let (mut ledger, owner) = with_organisation();
    let did = owner.did().clone();
    let payloads = [
        (
            Kind::SchemaPublish,
            schema(&did).subject,
            schema(&did).encode().unwrap(),
        ),
        (
            Kind::SchemaSupersede,
            schema(&did).subject,
            schema(&did).encode().unwrap(),
        ),
        (Kind::RulePublish, rule(&did).subject, rule(&did).encode().unwrap()),
        (Kind::RuleSupersede, rule(&did).subject, rule(&did).encode().unwrap()),
        (
            Kind::ServicePublish,
            service(&did).subject,
            service(&did).encode().unwrap(),
        ),
        (
            Kind::ServiceSupersede,
            service(&did).subject,
            service(&did).encode().unwrap(),
        ),
    ];
    for (kind, subject, payload) in payloads {
        let leaf = ledger.next_object_leaf(kind, &subject, payload);
        ledger.write(&signed_by(&owner, leaf));
        let record = ledger.replica().object(&subject).unwrap();
        assert_eq!(Some(record.family), kind.family());
        assert_eq!(record.head.seq, u64::from(kind.number() % 2 == 1), "{kind}");
    }
    assert_eq!(ledger.replica().objects().count(), 3);
}

#[test]
fn the_record_of_a_rule_has_its_rule_hash() {
    let (mut ledger, owner) = with_organisation();
    write_rule(&mut ledger, &owner, Kind::RulePublish).unwrap();
    let rule = rule(owner.did());
    let record = ledger.replica().object(&rule.subject).unwrap();
    assert_eq!(record.detail, ObjectDetail::Rule(rule.rule_hash().unwrap()));
}

#[test]
fn already_published() {
    let (mut ledger, owner) = with_organisation();
    write_rule(&mut ledger, &owner, Kind::RulePublish).unwrap();
    let refused = write_rule(&mut ledger, &owner, Kind::RulePublish);
    assert_eq!(refused, Err(Rejection::AlreadyPublished));
    write_rule(&mut ledger, &owner, Kind::RuleSupersede).unwrap();
}

#[test]
fn not_published() {
    let (mut ledger, owner) = with_organisation();
    let refused = write_rule(&mut ledger, &owner, Kind::RuleSupersede);
    assert_eq!(refused, Err(Rejection::NotPublished));
    assert_eq!(ledger.replica().objects().count(), 0);
}

#[test]
fn the_chain_of_an_object_is_its_own() {
    let (mut ledger, owner) = with_organisation();
    write_rule(&mut ledger, &owner, Kind::RulePublish).unwrap();
    let rule = rule(owner.did());
    let head = ledger.replica().object(&rule.subject).unwrap().head;
    let again = LeafBuilder::new(Kind::RuleSupersede, &rule.subject, None, rule.encode().unwrap());
    let refused = ledger.try_write(&signed_by(&owner, again));
    assert_eq!(refused, Err(Rejection::Conflict { head: Some(head) }));
}

#[test]
fn subject_of_an_object_differs() {
    let (mut ledger, owner) = with_organisation();
    let other = subject(Family::Rule, owner.did(), "another");
    let leaf = ledger.next_object_leaf(Kind::RulePublish, &other, rule(owner.did()).encode().unwrap());
    assert_eq!(
        ledger.try_write(&signed_by(&owner, leaf)),
        Err(Rejection::SubjectDiffers)
    );
}

#[test]
fn signer_not_owner() {
    let (mut ledger, owner) = with_organisation();
    let other = ledger.create("other.localhost");
    let leaf = rule_leaf(&ledger, &owner, Kind::RulePublish);
    assert_eq!(
        ledger.try_write(&signed_by(&other, leaf)),
        Err(Rejection::SignerNotOwner)
    );
    let leaf = rule_leaf(&ledger, &owner, Kind::RulePublish);
    let by_registrar = ledger.signed_by_registrar(leaf);
    assert_eq!(ledger.try_write(&by_registrar), Err(Rejection::SignerNotOwner));
}

#[test]
fn an_owner_that_is_not_on_the_ledger_publishes_nothing() {
    let mut ledger = Ledger::new(NOW);
    let stranger = Organisation::create("stranger.localhost", NOW, &mut ledger.random()).unwrap();
    let refused = write_rule(&mut ledger, &stranger, Kind::RulePublish);
    assert_eq!(refused, Err(Rejection::SignerUnknown));
}

#[test]
fn an_owner_that_is_deactivated_publishes_nothing() {
    let (mut ledger, mut owner) = with_organisation();
    let leaf = signed_by(&owner, rule_leaf(&ledger, &owner, Kind::RulePublish));
    ledger.deactivate(&mut owner);
    assert_eq!(ledger.try_write(&leaf), Err(Rejection::SignerDeactivated));
}

#[test]
fn an_object_needs_one_signature() {
    let (mut ledger, owner) = with_organisation();
    let leaf = rule_leaf(&ledger, &owner, Kind::RulePublish).proved_by_payload();
    assert_eq!(ledger.try_write(&leaf), Err(Rejection::AuthorityForm));
    let twice = signed_by(&owner, rule_leaf(&ledger, &owner, Kind::RulePublish));
    let twice = changed(&twice, |leaf| {
        let mut second = signatures(leaf)[0].clone();
        second.key_id.push('2');
        signatures(leaf).push(second);
    });
    assert_eq!(ledger.try_write(&twice), Err(Rejection::SignatureCount));
    let forged = signed_by(&owner, rule_leaf(&ledger, &owner, Kind::RulePublish));
    let forged = changed(&forged, |leaf| signatures(leaf)[0].signature[0] ^= 1);
    assert_eq!(ledger.try_write(&forged), Err(Rejection::SignatureInvalid));
}

#[test]
fn document_supersedes() {
    let (mut ledger, owner) = with_organisation();
    let refused = write_document(&mut ledger, &owner, 1, Some(9));
    assert_eq!(
        refused,
        Err(Rejection::DocumentSupersedes),
        "nothing is before the first"
    );
    write_document(&mut ledger, &owner, 1, None).unwrap();
    for before in [None, Some(9)] {
        let refused = write_document(&mut ledger, &owner, 2, before);
        assert_eq!(refused, Err(Rejection::DocumentSupersedes));
    }
    write_document(&mut ledger, &owner, 2, Some(1)).unwrap();
    let subject = document(owner.did(), 2, None).subject;
    let record = ledger.replica().object(&subject).unwrap();
    assert_eq!(record.detail, ObjectDetail::Document([2; 32]));
}

#[test]
fn release_key_not_named() {
    let mut ledger = Ledger::new(NOW);
    let refused = write_release(&mut ledger, [1, 0, 0]);
    assert_eq!(
        refused,
        Err(Rejection::ReleaseKeyNotNamed),
        "governance alone releases nothing"
    );
    let mut ledger = with_release_key();
    let stray = stray_key();
    let by_stray = release_leaf(&ledger, [1, 0, 0], &stray, &thumbprint(&stray));
    assert_eq!(ledger.try_write(&by_stray), Err(Rejection::ReleaseKeyNotNamed));
    let name = thumbprint(ledger.governance());
    let forged = release_leaf(&ledger, [1, 0, 0], &stray, &name);
    assert_eq!(ledger.try_write(&forged), Err(Rejection::SignatureInvalid));
    write_release(&mut ledger, [1, 0, 0]).unwrap();
}

#[test]
fn release_not_newer() {
    let mut ledger = with_release_key();
    write_release(&mut ledger, [1, 9, 0]).unwrap();
    for version in [[1, 9, 0], [1, 8, 9], [0, 99, 0]] {
        let refused = write_release(&mut ledger, version);
        assert_eq!(refused, Err(Rejection::ReleaseNotNewer), "{version:?}");
    }
    write_release(&mut ledger, [1, 10, 0]).unwrap();
    let record = ledger.replica().object(&release([0; 3]).subject).unwrap();
    assert_eq!(record.detail, ObjectDetail::Release(ReleaseVersion([1, 10, 0])));
}

#[test]
fn audit_snapshots_follow_each_other() {
    let (mut ledger, agency) = with_agency();
    write_audit(&mut ledger, &agency, (NOW, NOW + 3600), 5).unwrap();
    write_audit(&mut ledger, &agency, (NOW + 3600, NOW + 7200), 5).unwrap();
    let record = ledger.record(agency.did().as_str());
    let snapshot = record.audit_snapshot().unwrap();
    assert_eq!((snapshot.size, snapshot.time), (5, NOW + 7200));
    assert_eq!(ledger::OrganisationRecord::parse(&record.encode()).as_ref(), Ok(record));
}

#[test]
fn audit_snapshot_gap() {
    let (mut ledger, agency) = with_agency();
    write_audit(&mut ledger, &agency, (NOW, NOW + 3600), 5).unwrap();
    for from in [NOW + 3599, NOW + 3601] {
        let refused = write_audit(&mut ledger, &agency, (from, NOW + 7200), 6);
        assert_eq!(refused, Err(Rejection::AuditSnapshotGap));
    }
}

#[test]
fn audit_snapshot_smaller() {
    let (mut ledger, agency) = with_agency();
    write_audit(&mut ledger, &agency, (NOW, NOW + 3600), 5).unwrap();
    let refused = write_audit(&mut ledger, &agency, (NOW + 3600, NOW + 7200), 4);
    assert_eq!(refused, Err(Rejection::AuditSnapshotSmaller));
}

#[test]
fn who_was_never_accredited_has_no_audit_snapshot() {
    let (mut ledger, agency) = with_organisation();
    let refused = write_audit(&mut ledger, &agency, (NOW, NOW + 3600), 5);
    assert_eq!(refused, Err(Rejection::NeverAccredited));
}

#[test]
fn an_audit_snapshot_is_the_agencys_own() {
    let (mut ledger, agency) = with_agency();
    let snapshot = audit_snapshot(agency.did(), NOW, NOW + 3600, 5);
    let leaf = ledger.next_leaf(Kind::AuditSnapshot, agency.did().as_str(), snapshot.encode().unwrap());
    let by_registrar = ledger.signed_by_registrar(leaf);
    assert_eq!(ledger.try_write(&by_registrar), Err(Rejection::SignerNotSubject));
}
