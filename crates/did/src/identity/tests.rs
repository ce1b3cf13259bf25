use serde_json::json;
use test_case::test_case;

use super::*;

const NOW: UnixTime = 1_800_000_000;

/// A generator whose every call gives other bytes.
fn random() -> impl FnMut(&mut [u8]) {
    let mut call = 0_u8;
    move |out: &mut [u8]| {
        call = call.wrapping_add(1);
        out.fill(call);
    }
}

fn organisation(random: &mut dyn RandomSource) -> Organisation {
    Organisation::create("agency.localhost%3A8080", NOW, random).unwrap()
}

fn key(organisation: &Organisation, fragment: &str) -> bool {
    let name = organisation.did().with_fragment(fragment).unwrap();
    organisation
        .document()
        .key(Relationship::AssertionMethod, &name)
        .is_ok()
}

#[test]
fn a_new_identity_has_an_assertion_key_and_a_ledger_key() {
    let organisation = organisation(&mut random());
    let (name, assertion) = organisation.assertion_key().unwrap();
    assert_eq!(name.fragment(), "assert-1");
    assert_eq!(assertion.public().algorithm(), jose::Algorithm::Es256);
    let (name, ledger) = organisation.ledger_key().unwrap();
    let listed = organisation
        .document()
        .key(Relationship::CapabilityInvocation, &name)
        .unwrap();
    assert!(listed.same_key(ledger.public()));
    assert!(organisation.state().is_portable());
    assert_eq!(organisation.state().did().port(), Some(8080));
}

#[test]
fn an_identity_opens_from_its_files() {
    let mut random = random();
    let mut organisation = organisation(&mut random);
    organisation
        .rotate_assertion_key(OldKey::Keep, NOW, &mut random)
        .unwrap();
    let file = organisation.keys().dangerous_to_json().to_string();
    let keys = OrganisationKeys::from_json(file.as_bytes()).unwrap();
    let opened = Organisation::open(keys, &organisation.log_file()).unwrap();
    assert_eq!(opened.did(), organisation.did());
    assert_eq!(opened.lines(), organisation.lines());
}

#[test]
fn a_kept_key_stays_listed_until_it_is_taken_out() {
    let mut random = random();
    let mut organisation = organisation(&mut random);
    organisation
        .rotate_assertion_key(OldKey::Keep, NOW, &mut random)
        .unwrap();
    assert!(key(&organisation, "assert-1") && key(&organisation, "assert-2"));
    organisation
        .take_out_assertion_key("assert-1", NOW, &mut random)
        .unwrap();
    assert!(!key(&organisation, "assert-1") && key(&organisation, "assert-2"));
}

#[test]
fn a_name_is_never_used_again() {
    let mut random = random();
    let mut organisation = organisation(&mut random);
    organisation
        .rotate_assertion_key(OldKey::TakeOut, NOW, &mut random)
        .unwrap();
    assert!(!key(&organisation, "assert-1"));
    organisation
        .rotate_assertion_key(OldKey::TakeOut, NOW, &mut random)
        .unwrap();
    assert!(!key(&organisation, "assert-2") && key(&organisation, "assert-3"));
    assert_eq!(organisation.assertion_key().unwrap().0.fragment(), "assert-3");
}

#[test]
fn every_entry_spends_its_update_key() {
    let mut random = random();
    let mut organisation = organisation(&mut random);
    let before = organisation.state().update_keys().to_vec();
    organisation
        .rotate_assertion_key(OldKey::Keep, NOW, &mut random)
        .unwrap();
    assert_ne!(organisation.state().update_keys(), before);
    assert_eq!(organisation.state().version_time().seconds(), NOW + 1);
}

#[test]
fn a_deactivated_identity_takes_no_further_entry() {
    let mut random = random();
    let mut organisation = organisation(&mut random);
    organisation.deactivate(NOW).unwrap();
    assert!(organisation.state().is_deactivated());
    let file = organisation.keys().dangerous_to_json().to_string();
    let keys = OrganisationKeys::from_json(file.as_bytes()).unwrap();
    Organisation::open(keys, &organisation.log_file()).unwrap();
    assert_eq!(
        organisation
            .rotate_assertion_key(OldKey::Keep, NOW, &mut random)
            .unwrap_err(),
        IdentityError::Build(BuildError::Entry(LogError::Deactivated))
    );
    assert_eq!(organisation.lines().len(), 2);
}

#[test]
fn the_signing_key_and_an_unknown_key_cannot_be_taken_out() {
    let mut random = random();
    let mut organisation = organisation(&mut random);
    let mut refused = |name| organisation.take_out_assertion_key(name, NOW, &mut random).unwrap_err();
    assert_eq!(refused("assert-1"), IdentityError::KeyInUse);
    assert_eq!(refused("assert-9"), IdentityError::UnknownKey);
}

#[test]
fn keys_of_another_identity_do_not_open_a_log() {
    let mut random = random();
    let (one, two) = (organisation(&mut random), organisation(&mut random));
    let opened = Organisation::open(two.keys, &one.log_file());
    assert_eq!(opened.err(), Some(IdentityError::KeysMismatch));
    assert_eq!(Organisation::open(one.keys, "").err(), Some(IdentityError::EmptyLog));
}

#[test]
fn an_older_log_does_not_open_with_newer_keys() {
    let mut random = random();
    let mut organisation = organisation(&mut random);
    let old = organisation.log_file();
    organisation
        .rotate_assertion_key(OldKey::Keep, NOW, &mut random)
        .unwrap();
    let opened = Organisation::open(organisation.keys, &old);
    assert_eq!(opened.err(), Some(IdentityError::KeysMismatch));
}

#[test]
fn debug_output_shows_no_key() {
    let organisation = organisation(&mut random());
    assert_eq!(format!("{:?}", organisation.keys()), "OrganisationKeys { .. }");
}

#[test_case(b"{" => KeysError::Json; "not json")]
#[test_case(b"{}" => KeysError::Member; "no member")]
#[test_case(json!({"assertion_keys": [], "next_update_key": {"kty": "EC"}}).to_string().as_bytes() => KeysError::Key; "not a key")]
fn key_file_refused(bytes: &[u8]) -> KeysError {
    OrganisationKeys::from_json(bytes).unwrap_err()
}
