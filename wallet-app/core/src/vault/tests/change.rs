//! Another PIN: at every moment the old one opens the vault or the new one, and never neither.

use super::*;
use std::sync::Mutex;
use zeroize::Zeroizing;

const NEXT: &str = "581634";

fn change(profile: &Profile, current: &str, next: &str) -> Result<(), UnlockError> {
    let vault = profile.open(PIN).expect("opened");
    let (current, next) = (Passphrase::new(current), Passphrase::new(next));
    vault.change_passphrase(&current, &next, &profile.keyring, &profile.clock)
}

fn body(vault: &Vault) -> String {
    vault
        .read(|c| c.query_row("SELECT body FROM settings", [], |row| row.get(0)))
        .expect("read")
}

#[test]
fn the_new_pin_opens_what_the_old_one_did_and_the_old_one_nothing() {
    let profile = Profile::new();
    change(&profile, PIN, NEXT).expect("changed");
    assert!(matches!(profile.open(PIN), Err(UnlockError::WrongPassphrase { .. })));
    assert_eq!(body(&profile.open(NEXT).expect("opened")), "canary");
}

#[test]
fn a_passphrase_alone_is_changed_as_well() {
    let profile = Profile::empty();
    let (old, new) = ("grey heron by the weir", "a kelp holds on to its rock");
    let vault = profile.create(old, Protection::PasswordOnly).expect("made");
    let refused = Refusing(SecretStoreError::Unavailable);
    let set = |current: &str, next: &str| {
        vault.change_passphrase(
            &Passphrase::new(current),
            &Passphrase::new(next),
            &refused,
            &profile.clock,
        )
    };
    assert!(matches!(
        set(old, PIN),
        Err(UnlockError::PassphraseRefused(PassphraseError::TooShort { needed: 12 }))
    ));
    set(old, new).expect("changed");
    drop(vault);
    assert!(profile.open(old).is_err());
    assert!(profile.open(new).is_ok());
}

#[test]
fn j1_a_wrong_current_pin_counts_like_a_wrong_attempt_at_opening() {
    let profile = Profile::new();
    let vault = profile.open(PIN).expect("opened");
    let guess = || {
        let (wrong, next) = (Passphrase::new("111222"), Passphrase::new(NEXT));
        vault.change_passphrase(&wrong, &next, &profile.keyring, &profile.clock)
    };
    for _ in 0..5 {
        assert!(matches!(guess(), Err(UnlockError::WrongPassphrase { .. })));
    }
    assert!(matches!(guess(), Err(UnlockError::LockedOut { seconds: 60 })));
    assert_eq!(body(&vault), "canary", "what is open stays open");
    drop(vault);
    assert!(matches!(profile.open(PIN), Err(UnlockError::LockedOut { seconds: 60 })));
}

#[test]
fn a_pin_that_is_refused_costs_no_attempt() {
    let profile = Profile::new();
    assert!(matches!(
        change(&profile, "111222", "000000"),
        Err(UnlockError::PassphraseRefused(PassphraseError::TooCommon))
    ));
    assert!(matches!(
        profile.open("111222"),
        Err(UnlockError::WrongPassphrase { attempts_left: 4, .. })
    ));
}

#[test]
fn j2_a_header_from_before_the_change_put_back_opens_nothing() {
    let profile = Profile::new();
    let before = std::fs::read(profile.file("vault.header")).expect("header");
    change(&profile, PIN, NEXT).expect("changed");
    std::fs::write(profile.file("vault.header"), before).expect("written");
    assert!(matches!(profile.open(PIN), Err(UnlockError::HeaderAltered)));
    assert!(matches!(profile.open(NEXT), Err(UnlockError::HeaderAltered)));
}

/// A moment at which the process may have been killed: the header and the keyring as they were.
struct AsItWas {
    header: Vec<u8>,
    entry: Vec<u8>,
}

/// Notes how everything was before and after each write to the keyring; between two of them the
/// header is written at most twice.
struct Witness<'a> {
    profile: &'a Profile,
    moments: Mutex<Vec<AsItWas>>,
}

impl Witness<'_> {
    fn note(&self, name: &str) {
        self.moments.lock().expect("moments").push(AsItWas {
            header: std::fs::read(self.profile.file("vault.header")).expect("header"),
            entry: self.profile.keyring.read(name).expect("entry").to_vec(),
        });
    }
}

impl SecretStore for Witness<'_> {
    fn read(&self, name: &str) -> Result<Zeroizing<Vec<u8>>, SecretStoreError> {
        self.profile.keyring.read(name)
    }
    fn write(&self, name: &str, secret: &[u8]) -> Result<(), SecretStoreError> {
        self.note(name);
        self.profile.keyring.write(name, secret)?;
        self.note(name);
        Ok(())
    }
    fn remove(&self, name: &str) -> Result<(), SecretStoreError> {
        self.profile.keyring.remove(name)
    }
}

#[test]
fn killed_between_any_two_writes_the_old_pin_opens_it_or_the_new_one() {
    let profile = Profile::new();
    let witness = Witness {
        profile: &profile,
        moments: Mutex::default(),
    };
    let vault = profile.open(PIN).expect("opened");
    let (old, new) = (Passphrase::new(PIN), Passphrase::new(NEXT));
    vault
        .change_passphrase(&old, &new, &witness, &profile.clock)
        .expect("changed");
    drop(vault);
    witness.note(&name_of(&profile));
    let moments = witness.moments.into_inner().expect("moments");
    assert_eq!(moments.len(), 7, "three writes to the keyring, and the end");
    let mut opened_by = Vec::new();
    for moment in &moments {
        // A header that was being written lies beside the one that counts.
        std::fs::write(profile.file("vault.new"), b"{\"header\":").expect("written");
        let opens = |pin: &str| {
            std::fs::write(profile.file("vault.header"), &moment.header).expect("written");
            profile
                .keyring
                .write(&name_of(&profile), &moment.entry)
                .expect("written");
            profile.open(pin).is_ok_and(|vault| body(&vault) == "canary")
        };
        let (by_old, by_new) = (opens(PIN), opens(NEXT));
        assert!(by_old ^ by_new, "exactly one of the two");
        opened_by.push(if by_old { "old" } else { "new" });
    }
    assert_eq!(opened_by, ["old", "old", "old", "old", "new", "new", "new"]);
}

fn name_of(profile: &Profile) -> String {
    let bytes = std::fs::read(profile.file("vault.header")).expect("header");
    let header: serde_json::Value = serde_json::from_slice(&bytes).expect("json");
    header["header"]["vault_id"].as_str().expect("id").to_owned()
}
