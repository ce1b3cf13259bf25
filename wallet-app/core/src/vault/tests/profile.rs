//! A profile before it is opened, and when it is removed.

use super::*;
use crate::vault::profile::Profile as Folder;
use crate::vault::{KeyringState, LockedProfile, ProfileState};
use test_case::test_case;

fn look(profile: &Profile) -> Result<ProfileState, UnlockError> {
    Folder::look(profile.path(), &profile.keyring, &profile.clock)
}

fn locked(profile: &Profile) -> LockedProfile {
    match look(profile).expect("looked") {
        ProfileState::Locked(locked) => locked,
        other => panic!("{other:?}"),
    }
}

#[test]
fn nothing_is_there_yet() {
    let profile = Profile::empty();
    let keyring = KeyringState::Available;
    assert_eq!(look(&profile).expect("looked"), ProfileState::NotSetUp { keyring });
    assert!(profile.keyring.read("probe").is_err(), "nothing is left behind");
}

#[test_case(SecretStoreError::Locked => KeyringState::Locked ; "locked")]
#[test_case(SecretStoreError::Unavailable => KeyringState::Absent ; "absent")]
#[test_case(SecretStoreError::NotKept => KeyringState::Absent ; "forgetful")]
fn j3_a_keyring_that_cannot_be_used_is_known_before_set_up(reason: SecretStoreError) -> KeyringState {
    let profile = Profile::empty();
    match Folder::look(profile.path(), &Refusing(reason), &profile.clock).expect("looked") {
        ProfileState::NotSetUp { keyring } => keyring,
        other => panic!("{other:?}"),
    }
}

#[test]
fn looking_says_what_is_asked_for_and_counts_nothing() {
    let profile = Profile::new();
    for _ in 0..3 {
        let found = locked(&profile);
        assert_eq!((found.kind, found.protection), (SecretKind::Pin, Protection::Keyring));
        assert_eq!(
            (found.keyring, found.attempts_left, found.wait_s),
            (KeyringState::Available, 5, 0)
        );
    }
}

#[test]
fn a_passphrase_is_asked_for_as_one_also_where_it_is_all_digits() {
    let profile = Profile::empty();
    drop(profile.create("914275308642", Protection::PasswordOnly).expect("made"));
    assert_eq!(locked(&profile).kind, SecretKind::Passphrase);
    let profile = Profile::empty();
    drop(profile.create("grey heron", Protection::Keyring).expect("made"));
    assert_eq!(locked(&profile).kind, SecretKind::Passphrase);
}

#[test]
fn what_is_asked_for_follows_a_change() {
    let profile = Profile::new();
    let vault = profile.open(PIN).expect("opened");
    let (current, next) = (Passphrase::new(PIN), Passphrase::new("grey heron"));
    vault
        .change_passphrase(&current, &next, &profile.keyring, &profile.clock)
        .expect("changed");
    assert_eq!(locked(&profile).kind, SecretKind::Passphrase);
}

#[test]
fn j1_looking_says_how_long_to_wait() {
    let profile = Profile::new();
    for _ in 0..5 {
        assert!(profile.open("111222").is_err());
    }
    assert_eq!((locked(&profile).attempts_left, locked(&profile).wait_s), (5, 60));
    profile.clock.set(1_000_045);
    assert_eq!(locked(&profile).wait_s, 15);
}

#[test]
fn j3_a_keyring_that_does_not_give_its_half_is_seen_before_a_pin_is_asked_for() {
    let profile = Profile::new();
    let look = |secrets: &dyn SecretStore| match Folder::look(profile.path(), secrets, &profile.clock) {
        Ok(ProfileState::Locked(found)) => found.keyring,
        other => panic!("{other:?}"),
    };
    assert_eq!(look(&Refusing(SecretStoreError::Locked)), KeyringState::Locked);
    assert_eq!(look(&Refusing(SecretStoreError::Unavailable)), KeyringState::Absent);
    assert_eq!(look(&MemorySecretStore::default()), KeyringState::EntryMissing);
}

#[test]
fn j2_looking_notices_an_altered_header() {
    let profile = Profile::new();
    profile.edit_header(|header| header["header"]["lockout"]["failures"] = 3.into());
    assert!(matches!(look(&profile), Err(UnlockError::HeaderAltered)));
}

#[test]
fn a_reset_removes_everything_and_a_new_wallet_can_be_made() {
    let profile = Profile::new();
    let reset = || Folder::reset(profile.path(), &profile.keyring);
    let open = profile.open(PIN).expect("opened");
    assert!(matches!(reset(), Err(UnlockError::Busy)));
    drop(open);
    reset().expect("removed");
    assert_eq!(std::fs::read_dir(profile.path()).expect("folder").count(), 0);
    assert!(profile.keyring.is_empty(), "the keyring's half is gone");
    reset().expect("again");
    assert!(profile.create(PIN, Protection::Keyring).is_ok());
}

#[test]
fn a_reset_without_a_keyring_removes_the_files() {
    let profile = Profile::new();
    Folder::reset(profile.path(), &Refusing(SecretStoreError::Unavailable)).expect("removed");
    assert!(!profile.file("vault.db").exists());
}
