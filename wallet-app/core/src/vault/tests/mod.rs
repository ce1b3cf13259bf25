//! The vault as a whole: what opens it, what does not, and what is left unchanged.

mod change;
mod profile;
mod versions;

use super::database::SCHEMA_VERSION;
use super::*;
use crate::clock::{Clock, Moment};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use test_case::test_case;

struct TestClock(AtomicU64);

impl TestClock {
    fn at(wall: u64) -> Self {
        Self(AtomicU64::new(wall))
    }

    fn set(&self, wall: u64) {
        self.0.store(wall, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn moment(&self) -> Moment {
        Moment {
            wall: self.0.load(Ordering::SeqCst),
            since_boot: None,
        }
    }
}

/// A keyring that refuses.
struct Refusing(SecretStoreError);

impl SecretStore for Refusing {
    fn read(&self, _: &str) -> Result<zeroize::Zeroizing<Vec<u8>>, SecretStoreError> {
        Err(self.0)
    }
    fn write(&self, _: &str, _: &[u8]) -> Result<(), SecretStoreError> {
        Err(self.0)
    }
    fn remove(&self, _: &str) -> Result<(), SecretStoreError> {
        Err(self.0)
    }
}

struct Profile {
    folder: tempfile::TempDir,
    keyring: MemorySecretStore,
    clock: TestClock,
}

const PIN: &str = "402918";

impl Profile {
    fn new() -> Self {
        let profile = Self::empty();
        let vault = profile.create(PIN, Protection::Keyring).expect("made");
        vault
            .write(|tx| {
                tx.execute("INSERT INTO settings (id, body) VALUES (1, 'canary')", [])
                    .map_err(VaultError::from)
            })
            .expect("written");
        profile
    }

    fn empty() -> Self {
        Self {
            folder: tempfile::tempdir().expect("folder"),
            keyring: MemorySecretStore::default(),
            clock: TestClock::at(1_000_000),
        }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn create(&self, text: &str, protection: Protection) -> Result<Vault, UnlockError> {
        let cheap = Stretching::dangerous_cheap();
        let passphrase = Passphrase::new(text);
        Vault::create(self.path(), &passphrase, protection, cheap, &self.keyring, &self.clock)
    }

    fn open(&self, text: &str) -> Result<Vault, UnlockError> {
        Vault::open(self.path(), &Passphrase::new(text), &self.keyring, &self.clock)
    }

    fn file(&self, name: &str) -> std::path::PathBuf {
        self.path().join(name)
    }

    fn edit_header(&self, edit: impl FnOnce(&mut serde_json::Value)) {
        let bytes = std::fs::read(self.file("vault.header")).expect("header");
        let mut value: serde_json::Value = serde_json::from_slice(&bytes).expect("json");
        edit(&mut value);
        std::fs::write(self.file("vault.header"), value.to_string()).expect("written");
    }
}

#[test]
fn opens_with_the_pin_and_keeps_what_was_written() {
    let profile = Profile::new();
    let vault = profile.open(PIN).expect("opened");
    let body: String = vault
        .read(|c| c.query_row("SELECT body FROM settings", [], |row| row.get(0)))
        .expect("read");
    assert_eq!(body, "canary");
}

#[test]
fn nothing_in_the_files_is_readable() {
    let profile = Profile::new();
    drop(profile.open(PIN).expect("opened"));
    for entry in std::fs::read_dir(profile.path()).expect("folder") {
        let bytes = std::fs::read(entry.expect("entry").path()).expect("file");
        assert!(!bytes.windows(6).any(|window| window == b"canary"));
        assert!(!bytes.windows(13).any(|window| window == b"SQLite format"));
    }
}

/// SQLCipher's own copies, by mlock(2); `VmLck` of proc_pid_status(5).
#[cfg(target_os = "linux")]
#[test]
fn j8_wallet_the_key_of_an_open_vault_lies_where_nothing_is_swapped() {
    let profile = Profile::new();
    let _open = profile.open(PIN).expect("opened");
    let status = std::fs::read_to_string("/proc/self/status").expect("status");
    let locked = status.lines().find_map(|line| line.strip_prefix("VmLck:"));
    assert_ne!(locked.expect("a line").trim(), "0 kB");
}

#[test]
fn j1_the_wait_survives_a_restart_and_nothing_is_wiped() {
    let profile = Profile::new();
    for left in [4, 3, 2, 1] {
        match profile.open("111222") {
            Err(UnlockError::WrongPassphrase {
                attempts_left,
                wait_s: 0,
            }) => {
                assert_eq!(attempts_left, left);
            }
            other => panic!("{other:?}"),
        }
    }
    let fifth = profile.open("111222");
    assert!(matches!(fifth, Err(UnlockError::WrongPassphrase { wait_s: 60, .. })));
    // The right PIN is not even tried during the wait.
    assert!(matches!(profile.open(PIN), Err(UnlockError::LockedOut { seconds: 60 })));
    profile.clock.set(1_000_059);
    assert!(matches!(profile.open(PIN), Err(UnlockError::LockedOut { seconds: 1 })));
    profile.clock.set(5);
    assert!(matches!(profile.open(PIN), Err(UnlockError::LockedOut { seconds: 60 })));
    profile.clock.set(1_000_060);
    assert!(profile.open(PIN).is_ok());
    assert!(matches!(
        profile.open("111222"),
        Err(UnlockError::WrongPassphrase {
            attempts_left: 4,
            wait_s: 0
        })
    ));
}

#[test_case("failures", serde_json::json!(0) ; "the count of wrong attempts")]
#[test_case("wait_s", serde_json::json!(0) ; "the wait")]
#[test_case("sequence", serde_json::json!(99) ; "the sequence")]
fn j2_an_edited_lockout_opens_nothing(member: &str, value: serde_json::Value) {
    let profile = Profile::new();
    for _ in 0..5 {
        assert!(profile.open("111222").is_err());
    }
    profile.edit_header(|header| header["header"]["lockout"][member] = value);
    profile.clock.set(2_000_000);
    assert!(matches!(profile.open(PIN), Err(UnlockError::HeaderAltered)));
}

#[test]
fn j2_an_older_header_put_back_gives_no_further_attempts() {
    let profile = Profile::new();
    let fresh = std::fs::read(profile.file("vault.header")).expect("header");
    for _ in 0..5 {
        assert!(profile.open("111222").is_err());
    }
    std::fs::write(profile.file("vault.header"), fresh).expect("written");
    assert!(matches!(profile.open(PIN), Err(UnlockError::LockedOut { seconds: 60 })));
}

#[test]
fn j2_a_switch_to_password_only_opens_nothing() {
    let profile = Profile::new();
    profile.edit_header(|header| header["header"]["protection"] = "password_only".into());
    assert!(matches!(profile.open(PIN), Err(UnlockError::HeaderAltered)));
}

#[test]
fn j2_a_deleted_header_opens_nothing_and_the_rest_stays() {
    let profile = Profile::new();
    std::fs::remove_file(profile.file("vault.header")).expect("removed");
    assert!(matches!(profile.open(PIN), Err(UnlockError::NotSetUp)));
    assert!(profile.file("vault.db").exists());
}

#[test]
fn j3_a_keyring_entry_deleted_opens_nothing() {
    let profile = Profile::new();
    let other = Profile {
        keyring: MemorySecretStore::default(),
        ..profile
    };
    assert!(matches!(
        other.open(PIN),
        Err(UnlockError::Keyring(SecretStoreError::Missing))
    ));
}

#[test_case(SecretStoreError::Locked ; "locked")]
#[test_case(SecretStoreError::Unavailable ; "absent")]
fn j3_without_a_keyring_no_vault_is_made(reason: SecretStoreError) {
    let profile = Profile::empty();
    let made = Vault::create(
        profile.path(),
        &Passphrase::new(PIN),
        Protection::Keyring,
        Stretching::dangerous_cheap(),
        &Refusing(reason),
        &profile.clock,
    );
    assert!(matches!(made, Err(UnlockError::Keyring(found)) if found == reason));
    assert!(!profile.file("vault.db").exists());
    let opened = Vault::open(profile.path(), &Passphrase::new(PIN), &Refusing(reason), &profile.clock);
    assert!(matches!(opened, Err(UnlockError::NotSetUp)));
}

#[test]
fn j3_password_only_is_chosen_at_set_up_and_needs_a_passphrase() {
    let profile = Profile::empty();
    assert!(matches!(
        profile.create(PIN, Protection::PasswordOnly),
        Err(UnlockError::PassphraseRefused(PassphraseError::TooShort { needed: 12 }))
    ));
    let text = "grey heron by the weir";
    drop(profile.create(text, Protection::PasswordOnly).expect("made"));
    let refusing = Refusing(SecretStoreError::Unavailable);
    let opened = Vault::open(profile.path(), &Passphrase::new(text), &refusing, &profile.clock);
    assert_eq!(opened.expect("opened").protection(), Protection::PasswordOnly);
}

#[test]
fn j5_a_changed_byte_anywhere_is_found() {
    let profile = Profile::new();
    drop(profile.open(PIN).expect("opened"));
    let path = profile.file("vault.db");
    let whole = std::fs::read(&path).expect("database");
    for offset in (0..whole.len()).step_by(whole.len() / 23) {
        let mut damaged = whole.clone();
        damaged[offset] ^= 1;
        std::fs::write(&path, damaged).expect("written");
        let opened = profile.open(PIN);
        // Four bytes at the end of each page are padding that nothing reads.
        if offset % 4096 < 4080 {
            assert!(
                matches!(opened, Err(UnlockError::Vault(VaultError::Corrupted))),
                "offset {offset}: {opened:?}"
            );
        }
    }
}

#[test_case(0 ; "empty")]
#[test_case(4096 ; "one page")]
#[test_case(20_480 ; "some pages")]
fn j5_a_file_cut_short_is_found(length: usize) {
    let profile = Profile::new();
    drop(profile.open(PIN).expect("opened"));
    let path = profile.file("vault.db");
    let whole = std::fs::read(&path).expect("database");
    assert!(whole.len() > length);
    std::fs::write(&path, &whole[..length]).expect("written");
    let opened = profile.open(PIN);
    assert!(
        matches!(opened, Err(UnlockError::Vault(VaultError::Corrupted))),
        "{opened:?}"
    );
}

#[test]
fn j6_a_second_process_is_refused() {
    let profile = Profile::new();
    let _open = profile.open(PIN).expect("opened");
    assert!(matches!(profile.open(PIN), Err(UnlockError::Busy)));
}

#[test]
fn j6_set_up_never_replaces_a_wallet() {
    let profile = Profile::new();
    assert!(matches!(
        profile.create(PIN, Protection::Keyring),
        Err(UnlockError::AlreadySetUp)
    ));
    assert!(profile.open(PIN).is_ok());
}

#[test]
fn j7_wallet_a_newer_vault_is_refused_with_the_version_it_needs() {
    let profile = Profile::new();
    let vault = profile.open(PIN).expect("opened");
    vault
        .read(|c| c.pragma_update(None, "user_version", SCHEMA_VERSION + 1))
        .expect("set");
    drop(vault);
    assert!(matches!(
        profile.open(PIN),
        Err(UnlockError::NewerVersion { found, supported }) if found == SCHEMA_VERSION + 1 && supported == SCHEMA_VERSION
    ));
}

#[test]
fn j7_wallet_a_newer_header_is_refused_with_the_version_it_needs() {
    let profile = Profile::new();
    profile.edit_header(|header| header["header"]["version"] = 3.into());
    assert!(matches!(
        profile.open(PIN),
        Err(UnlockError::NewerVersion { found: 3, supported: 2 })
    ));
}
