//! Every rule of the state function, one test each, named after the rule. docs/ledger.md §5.

mod authority;
pub(crate) mod did_log;
mod general;
mod map_head;
mod object;
mod organisation;
mod policy;
mod schemas;
mod succession;

use did::identity::Organisation;
use jose::{PrivateJwk, SigningKey};
use ledger::{Accreditation, AccreditedType, Authority, Kind, Leaf, LeafBuilder, Localized, Submission};
use testkit::Ledger;
use testkit::ledger::ORIGIN;

pub(crate) const NOW: u64 = 1_763_640_000;
pub(crate) const PID: &str = "urn:holdfast:vct:person-identification:1";

/// A ledger with one organisation that is nothing yet but anchored.
fn with_organisation() -> (Ledger, Organisation) {
    let mut ledger = Ledger::new(NOW);
    let organisation = ledger.create("agency.localhost%3A9100");
    (ledger, organisation)
}

/// A ledger with one accredited agency.
fn with_agency() -> (Ledger, Organisation) {
    let (mut ledger, agency) = with_organisation();
    ledger.accredit(&agency, "Agency", &[PID]);
    (ledger, agency)
}

/// The payload of a grant.
pub(crate) fn grant(agency: &Organisation) -> Vec<u8> {
    let types = vec![AccreditedType {
        until: NOW + 1000,
        vct: PID.to_owned(),
    }];
    let name = Localized::english("Agency").unwrap();
    Accreditation {
        name,
        subject: agency.did().clone(),
        succeeds: None,
        types,
    }
    .encode()
    .unwrap()
}

/// The next grant for an agency, not signed yet.
pub(crate) fn grant_leaf(ledger: &Ledger, agency: &Organisation) -> LeafBuilder {
    ledger.next_leaf(Kind::AccreditationGrant, agency.did().as_str(), grant(agency))
}

/// The same submission with a changed leaf.
pub(crate) fn changed(submission: &Submission, change: impl FnOnce(&mut Leaf)) -> Submission {
    let mut leaf = submission.leaf().clone();
    change(&mut leaf);
    let mut writer = cbor::Writer::new();
    writer
        .array(4)
        .uint(1)
        .bytes(&leaf.encode())
        .bytes(submission.payload())
        .null();
    Submission::parse(&writer.into_bytes()).unwrap()
}

/// A key that no document lists.
pub(crate) fn stray_key() -> SigningKey {
    SigningKey::new(&PrivateJwk::from_ed25519_seed(&[200; 32])).unwrap()
}

/// Signs under a key id with a key that may be another.
pub(crate) fn signed_as(leaf: LeafBuilder, key_id: &str, key: &SigningKey) -> Submission {
    leaf.signed_by(ORIGIN, &[(key_id, key)]).unwrap()
}

/// The signatures of a leaf.
pub(crate) fn signatures(leaf: &mut Leaf) -> &mut Vec<ledger::LeafSignature> {
    match &mut leaf.authority {
        Authority::Signatures(signatures) => signatures,
        _ => panic!("a leaf without signatures"),
    }
}
