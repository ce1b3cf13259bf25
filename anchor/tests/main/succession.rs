//! `holdfast-anchor succession`: two registrars, each with its own key on its own machine. docs/ledger.md §14

use std::fs;

use did::identity::Organisation;
use jose::SigningKey;
use ledger::{Accreditation, Kind, LeafBuilder, Proposal, UnverifiedBundle};
use serde_json::{Value, json};
use service::Clock as _;

use crate::fixtures::get;
use crate::publish_process::{keep, organisation, run, run_with, setup, write};
use crate::world::{Running, World};

/// A log with two registrars, the second on a machine of its own, an agency that lost its keys and one that goes on.
struct Two {
    world: World,
    running: Running,
    old: Organisation,
    new: Organisation,
}

/// Settings of the second registrar's machine, which has the pack and its own keys.
const ELSEWHERE: &str = "elsewhere.toml";

async fn two() -> Two {
    let (world, running) = setup().await;
    let second = organisation(&world, "second").await;
    fs::remove_dir_all(world.folder.path().join("second")).unwrap();
    keep(&world, "elsewhere/registrar", &second);
    write(
        &world,
        "elsewhere/trust-pack.json",
        &fs::read(world.files().trust_pack()).unwrap(),
    );
    let settings = fs::read_to_string(world.folder.path().join("anchor.toml")).unwrap();
    let here = format!("{:?}", world.folder.path());
    let settings = settings.replace(&here, &format!("{:?}", world.folder.path().join("elsewhere")));
    write(&world, ELSEWHERE, settings.as_bytes());

    let mut registrars = vec![world.registrar.did().to_string(), second.did().to_string()];
    registrars.sort();
    let change = json!({ "registrars": registrars }).to_string();
    write(&world, "change.json", change.as_bytes());
    let policy = ["policy", "--change", "change.json", "--key", "governance.json"];
    assert_eq!(run(&world, &policy).await["ok"], true);

    let old = organisation(&world, "old").await;
    write(&world, "old.json", application(&old).to_string().as_bytes());
    let line = run(&world, &["registrar", "accredit", "--application", "old.json"]).await;
    assert_eq!(line["ok"], true, "{line}");
    let now = world.clock.now();
    let new = Organisation::create("new.localhost%3A9", now, &mut service::random::fill).unwrap();
    write(&world, "new.json", application(&new).to_string().as_bytes());
    Two {
        world,
        running,
        old,
        new,
    }
}

fn application(organisation: &Organisation) -> Value {
    json!({"kind": "agency", "did_log_line": organisation.lines()[0], "name": {"en": "Agency"}, "vcts": ["urn:a"]})
}

impl Two {
    /// The first registrar proposes it.
    async fn propose(&self) -> Value {
        let old = self.old.did().as_str();
        let arguments = [
            "succession",
            "propose",
            "--application",
            "new.json",
            "--succeeds",
            old,
            "--out",
            "proposal",
        ];
        run(&self.world, &arguments).await
    }

    /// A registrar signs it, who was told these two.
    async fn sign(&self, config: &str, did: &str, succeeds: &str) -> Value {
        let arguments = ["succession", "sign", "proposal", "--did", did, "--succeeds", succeeds];
        run_with(&self.world, config, &arguments).await
    }

    /// Nobody goes on for the old agency, and nothing was written after so many entries.
    async fn is_refused(&self, config: &str, written: u64) {
        let (did, old) = (self.new.did().as_str(), self.old.did().as_str());
        assert_eq!(self.sign(config, did, old).await["code"], "proposal");
        assert_eq!(self.running.log.committed(), written);
    }

    /// What the first registrar could propose for so long.
    fn open_until(&self, expires: u64) -> Vec<u8> {
        let grant = Accreditation {
            name: ledger::Localized::english("Agency").unwrap(),
            subject: self.new.did().clone(),
            succeeds: Some(self.old.did().clone()),
            types: vec![ledger::AccreditedType {
                until: expires + 1_000_000,
                vct: "urn:a".to_owned(),
            }],
        };
        let did = self.new.did().as_str();
        let leaf = LeafBuilder::new(Kind::AccreditationGrant, did, None, grant.encode().unwrap());
        let (name, key) = self.world.registrar.ledger_key().unwrap();
        let key = SigningKey::new(key).unwrap();
        Proposal::sign(leaf, self.world.pack.origin(), &name.to_string(), &key, expires).unwrap()
    }

    fn proposal(&self) -> Vec<u8> {
        fs::read(self.world.folder.path().join("proposal")).unwrap()
    }

    async fn record(&self) -> ledger::OrganisationRecord {
        let did = self.new.did().as_str();
        let path = format!("/bundle?did={}", did.replace('%', "%25"));
        let bundle = UnverifiedBundle::parse(&get(&self.world.url, &path).await.body).unwrap();
        let bundle = bundle.verify(&self.world.pack, did).unwrap();
        bundle.record().unwrap().clone()
    }
}

#[tokio::test]
async fn two_registrars_let_an_agency_go_on_each_with_its_own_key() {
    let two = two().await;
    let (did, old) = (two.new.did().as_str(), two.old.did().as_str());
    let proposed = two.propose().await;
    assert_eq!(
        (&proposed["did"], &proposed["succeeds"]),
        (&json!(did), &json!(old)),
        "{proposed}"
    );
    assert!(
        two.record().await.accreditation_entry().is_none(),
        "one alone lets nobody go on"
    );
    let shown = run_with(&two.world, ELSEWHERE, &["succession", "show", "proposal"]).await;
    assert_eq!(shown["proposer"], two.world.registrar.did().as_str(), "{shown}");
    assert_eq!(
        (&shown["name"]["en"], &shown["types"][0]["vct"]),
        (&json!("Agency"), &json!("urn:a"))
    );

    let signed = two.sign(ELSEWHERE, did, old).await;
    assert_eq!(signed["did"], did, "{signed}");
    let (record, now) = (two.record().await, two.world.clock.now());
    let succession = record.accreditation_entry().unwrap().succession().unwrap();
    assert_eq!(succession.succeeds, old);
    assert!(!record.is_accredited(now + 3600));
    assert!(record.is_accredited(now + 73 * 3600));
}

#[tokio::test]
async fn k10_anchor_a_succession_is_not_signed_twice_by_the_registrar_that_proposed_it() {
    let two = two().await;
    two.propose().await;
    two.is_refused("anchor.toml", two.running.log.committed()).await;
}

#[tokio::test]
async fn k10_anchor_a_proposal_that_was_changed_or_has_run_out_is_refused() {
    let two = two().await;
    let proposed = two.propose().await;
    let (sound, written) = (two.proposal(), two.running.log.committed());
    let payload = sound.windows(5).position(|bytes| bytes == b"urn:a").unwrap();
    // The form, the grant, until when it is open, the signature over all.
    for place in [2, payload, sound.len() - 70, sound.len() - 1] {
        let mut changed = sound.clone();
        changed[place] ^= 1;
        write(&two.world, "proposal", &changed);
        two.is_refused(ELSEWHERE, written).await;
    }
    let expires = proposed["expires"].as_u64().unwrap();
    assert!(expires > two.world.clock.now() + 6 * 24 * 3600);
    write(&two.world, "proposal", &two.open_until(two.world.clock.now() - 1));
    two.is_refused(ELSEWHERE, written).await;
}

#[tokio::test]
async fn k10_anchor_a_proposal_about_others_than_the_registrar_was_told_is_refused() {
    let two = two().await;
    two.propose().await;
    let (did, old, written) = (
        two.new.did().as_str(),
        two.old.did().as_str(),
        two.running.log.committed(),
    );
    for (did, succeeds) in [(old, old), (did, did), (did, two.world.registrar.did().as_str())] {
        assert_eq!(two.sign(ELSEWHERE, did, succeeds).await["code"], "proposal");
    }
    assert_eq!(two.running.log.committed(), written);
}
