//! A second log of vectors, `kinds.json`: the kinds from 12 on, successions, changed policies, the end of the log.
//!
//! `HOLDFAST_WRITE_VECTORS=1` writes the file; without it the file must be what the test makes.

use did::identity::Organisation;
use jose::{Signer, SigningKey};
use ledger::{
    Accreditation, AccreditedType, Alarm, Governance, Kind, LeafBuilder, Localized, Policy, Records, ReleaseKeys,
    Replayed, Replica, Submission, Successor, map_key,
};
use serde_json::{Value, json};
use testkit::Ledger;
use testkit::ledger::{ORIGIN, signed_by, signed_by_both, thumbprint};
use testkit::objects::{VCT, audit_snapshot, document, release, rule, schema, service};

use crate::bundle::NOW;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/kinds.json");

#[test]
fn vectors_of_the_kinds_from_12_on() {
    let made = format!("{:#}\n", made());
    if std::env::var_os("HOLDFAST_WRITE_VECTORS").is_some() {
        std::fs::write(FILE, &made).expect("written");
    }
    let known = std::fs::read_to_string(FILE).unwrap_or_default();
    assert!(
        made == known,
        "{FILE} is old: run this test with HOLDFAST_WRITE_VECTORS=1"
    );
}

/// A log, and what each entry is called.
struct Scene {
    ledger: Ledger,
    names: Vec<&'static str>,
    agency: Organisation,
    again: Organisation,
    second: Organisation,
    next_governance: SigningKey,
}

impl Scene {
    fn new() -> Self {
        let mut ledger = Ledger::new(NOW);
        let agency = ledger.create("agency.localhost");
        ledger.accredit(&agency, "Agency", &[VCT]);
        let again = ledger.create("agency-again.localhost");
        let second = ledger.second_registrar();
        let seed = jose::PrivateJwk::from_ed25519_seed(&[90; 32]);
        let names = vec![
            "policy",
            "did create: the first registrar",
            "did create: an agency",
            "accreditation grant",
            "did create: the agency that goes on",
            "did create: a second registrar",
            "policy with two registrars",
        ];
        Self {
            ledger,
            names,
            agency,
            again,
            second,
            next_governance: SigningKey::new(&seed).unwrap(),
        }
    }

    fn write(&mut self, name: &'static str, submission: &Submission) {
        drop(self.ledger.try_write(submission));
        self.names.push(name);
    }

    /// Written by the owner.
    fn object(&mut self, name: &'static str, kind: Kind, subject: &str, payload: Vec<u8>) {
        let leaf = self.ledger.next_object_leaf(kind, subject, payload);
        self.write(name, &signed_by(&self.agency, leaf));
    }

    fn map_head(&mut self, name: &'static str) {
        let leaf = self.ledger.map_head_leaf(&self.ledger.sound_map_head());
        self.write(name, &leaf);
    }

    fn grant(&self, succeeds: &Organisation) -> LeafBuilder {
        let grant = Accreditation {
            name: Localized::english("Agency").unwrap(),
            subject: self.again.did().clone(),
            succeeds: Some(succeeds.did().clone()),
            types: vec![AccreditedType {
                until: NOW * 2,
                vct: VCT.to_owned(),
            }],
        };
        let did = self.again.did().as_str();
        self.ledger
            .next_leaf(Kind::AccreditationGrant, did, grant.encode().unwrap())
    }

    fn by_both(&self, leaf: LeafBuilder) -> Submission {
        signed_by_both(self.ledger.registrar(), &self.second, leaf)
    }

    fn release(&mut self, name: &'static str, version: [u32; 3]) {
        let release = release(version);
        let payload = release.encode().unwrap();
        let leaf = self.ledger.next_object_leaf(Kind::Release, &release.subject, payload);
        let key = thumbprint(&self.next_governance);
        let submission = leaf.signed_by(ORIGIN, &[(&key, &self.next_governance)]).unwrap();
        self.write(name, &submission);
    }

    /// The policy in force with the next version.
    fn next_policy(&self) -> Policy {
        let policy = self.ledger.replica().policy().unwrap().policy.clone();
        Policy {
            version: policy.version + 1,
            ..policy
        }
    }

    fn policy(&mut self, name: &'static str, policy: &Policy, both: bool) {
        let head = self.ledger.replica().policy().map(|state| state.record.head);
        let leaf = LeafBuilder::new(Kind::Policy, ORIGIN, head.as_ref(), policy.encode().unwrap());
        let keys = [self.ledger.governance(), &self.next_governance];
        let names = keys.map(thumbprint);
        let signers: Vec<(&str, &dyn Signer)> = names
            .iter()
            .zip(keys)
            .map(|(name, key)| (name.as_str(), key as &dyn Signer))
            .take(if both { 2 } else { 1 })
            .collect();
        let submission = leaf.signed_by(ORIGIN, &signers).unwrap();
        self.write(name, &submission);
    }
}

fn made() -> Value {
    let mut scene = Scene::new();
    successions(&mut scene);
    schemas_and_rules(&mut scene);
    services_and_documents(&mut scene);
    audit_snapshots(&mut scene);
    releases(&mut scene);
    policies(&mut scene);
    written(&scene)
}

fn successions(scene: &mut Scene) {
    let early = scene.by_both(scene.grant(&scene.agency));
    scene.write("succession before any map head", &early);
    scene.map_head("map head");
    let alone = scene.ledger.signed_by_registrar(scene.grant(&scene.agency));
    scene.write("succession with one signature", &alone);
    let not_registrars = signed_by_both(&scene.agency, &scene.second, scene.grant(&scene.agency));
    scene.write("succession signed by an agency", &not_registrars);
    let itself = scene.by_both(scene.grant(&scene.again));
    scene.write("succession of itself", &itself);
    let never = scene.by_both(scene.grant(&scene.second));
    scene.write("succession of one that was never accredited", &never);
    let sound = scene.by_both(scene.grant(&scene.agency));
    scene.write("succession", &sound);
}

fn schemas_and_rules(scene: &mut Scene) {
    let did = scene.agency.did().clone();
    let (schema, rule) = (schema(&did), rule(&did));
    let (schema_bytes, rule_bytes) = (schema.encode().unwrap(), rule.encode().unwrap());
    let kind = Kind::SchemaSupersede;
    scene.object(
        "schema supersede before it is published",
        kind,
        &schema.subject,
        schema_bytes.clone(),
    );
    let kind = Kind::SchemaPublish;
    scene.object("schema publish", kind, &schema.subject, schema_bytes.clone());
    scene.object("schema publish again", kind, &schema.subject, schema_bytes.clone());
    scene.object("schema supersede", Kind::SchemaSupersede, &schema.subject, schema_bytes);
    scene.object("rule publish", Kind::RulePublish, &rule.subject, rule_bytes.clone());
    let mut personal: Value = serde_json::from_slice(&rule_bytes).unwrap();
    personal["name"]["en"] = json!("Ask j.doe@office.example");
    let personal = serde_jcs::to_vec(&personal).unwrap();
    scene.object(
        "rule with an address in its name",
        Kind::RuleSupersede,
        &rule.subject,
        personal,
    );
    let leaf = scene
        .ledger
        .next_object_leaf(Kind::RuleSupersede, &rule.subject, rule_bytes.clone());
    let stolen = signed_by(&scene.again, leaf);
    scene.write("rule supersede by another organisation", &stolen);
    let subject = format!("{did}/service/age-18");
    scene.object(
        "rule under the name of a service",
        Kind::RulePublish,
        &subject,
        rule_bytes.clone(),
    );
    scene.object("rule supersede", Kind::RuleSupersede, &rule.subject, rule_bytes);
}

fn services_and_documents(scene: &mut Scene) {
    let did = scene.agency.did().clone();
    let service = service(&did);
    let bytes = service.encode().unwrap();
    scene.object("service publish", Kind::ServicePublish, &service.subject, bytes.clone());
    scene.object("service supersede", Kind::ServiceSupersede, &service.subject, bytes);
    let versions = [
        ("document that supersedes nothing there is", 1, Some(9)),
        ("document", 1, None),
        ("document that supersedes nothing", 2, None),
        ("document, second version", 2, Some(1)),
    ];
    for (name, version, before) in versions {
        let document = document(&did, version, before);
        scene.object(name, Kind::Document, &document.subject, document.encode().unwrap());
    }
}

fn audit_snapshots(scene: &mut Scene) {
    let snapshots = [
        ("audit snapshot", NOW, 5),
        ("audit snapshot after a gap", NOW + 3601, 6),
        ("audit snapshot of fewer actions", NOW + 3600, 4),
        ("audit snapshot, second", NOW + 3600, 6),
    ];
    for (name, from, size) in snapshots {
        let did = scene.agency.did().clone();
        let payload = audit_snapshot(&did, from, from + 3600, size).encode().unwrap();
        let leaf = scene.ledger.next_leaf(Kind::AuditSnapshot, did.as_str(), payload);
        let submission = signed_by(&scene.agency, leaf);
        scene.write(name, &submission);
    }
}

fn releases(scene: &mut Scene) {
    scene.release("release by a key that the policy does not name", [1, 2, 0]);
    let mut policy = scene.next_policy();
    policy.release_keys = ReleaseKeys::new(vec![scene.next_governance.public_jwk().clone()]).unwrap();
    scene.policy("policy with a release key", &policy, false);
    scene.release("release", [1, 2, 0]);
    scene.release("release of the same version", [1, 2, 0]);
    scene.release("release, next version", [1, 10, 0]);
}

fn policies(scene: &mut Scene) {
    let today = scene.ledger.governance().public_jwk().clone();
    let next = scene.next_governance.public_jwk().clone();
    let mut policy = scene.next_policy();
    policy.governance = Governance::new(vec![today.clone(), next.clone()], Vec::new(), 2).unwrap();
    scene.policy("policy with a governance key that was not announced", &policy, true);
    policy.governance = Governance::new(vec![today.clone()], vec![next.thumbprint()], 1).unwrap();
    scene.policy("policy that announces a governance key", &policy, false);
    let mut policy = scene.next_policy();
    policy.governance = Governance::new(vec![today, next], Vec::new(), 2).unwrap();
    scene.policy("policy with two governance keys, signed by one", &policy, false);
    scene.policy("policy with two governance keys", &policy, true);
    scene.map_head("map head after the policies");
    let log = tlog::LogSigner::from_seed("next.example".parse().unwrap(), &[91; 32]).unwrap();
    let mut policy = scene.next_policy();
    policy.successor = Some(Successor {
        log_key: log.verifier_key().to_string(),
        origin: "next.example".to_owned(),
    });
    scene.policy("policy with a successor", &policy, true);
    let closed = scene.ledger.signed_by_registrar(scene.grant(&scene.agency));
    scene.write("succession after the end of the log", &closed);
    scene.map_head("map head after the end of the log");
}

fn written(scene: &Scene) -> Value {
    let mut replica = Replica::new(ORIGIN);
    assert_eq!(
        scene.names.len(),
        scene.ledger.entries().len(),
        "every entry has a name"
    );
    let entries: Vec<Value> = scene
        .ledger
        .entries()
        .iter()
        .zip(&scene.names)
        .map(|((leaf, payload), name)| entry(&mut replica, name, leaf, payload))
        .collect();
    let organisations = replica.organisations().map(|record| {
        let key = map_key(ledger::Family::Organisation, record.did());
        json!({"did": record.did(), "key": hex::encode(key), "record": hex::encode(record.encode())})
    });
    let organisations: Vec<Value> = organisations.collect();
    let objects = replica.objects().map(|record| {
        let (family, subject) = (record.family, record.subject.as_str());
        json!({
            "family": family.number(),
            "subject": subject,
            "key": hex::encode(map_key(family, subject)),
            "record": hex::encode(record.encode()),
        })
    });
    let objects: Vec<Value> = objects.collect();
    assert_eq!(objects.len(), 5, "one of each family");
    let policy = &replica.policy().unwrap().record;
    json!({
        "origin": ORIGIN,
        "entries": entries,
        "organisations": organisations,
        "objects": objects,
        "policy": {
            "key": hex::encode(map_key(ledger::Family::Policy, ORIGIN)),
            "record": hex::encode(policy.encode()),
        },
    })
}

fn entry(replica: &mut Replica, name: &str, leaf: &[u8], payload: &[u8]) -> Value {
    let parsed = ledger::Leaf::parse(leaf).unwrap();
    let outcome = match replica.push(leaf, payload).unwrap() {
        Replayed::Applied(_) => "applied".to_owned(),
        Replayed::Alarm(Alarm::Rejected(rejection)) => {
            let text = format!("{rejection:?}");
            text.split([' ', '(']).next().unwrap().to_owned()
        }
        Replayed::Alarm(alarm) => panic!("{alarm}"),
    };
    json!({
        "name": name,
        "leaf": hex::encode(leaf),
        "payload": hex::encode(payload),
        "to_be_signed": hex::encode(parsed.to_be_signed(ORIGIN)),
        "leaf_hash": hex::encode(parsed.hash()),
        "outcome": outcome,
        "log_root": hex::encode(replica.root()),
        "map_root": hex::encode(replica.map_root()),
    })
}
