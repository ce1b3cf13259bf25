//! Vaults that older wallets made.

use super::*;
use crate::vault::database::SCHEMA_VERSION;
use test_case::test_case;

/// A vault of version 1 as the command line made it: a driving licence of 28 copies, one of them
/// shown, and two lines of history.
const OLD: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/vault-v1");
const PASSPHRASE: &str = "correct horse battery";

fn old() -> Profile {
    let profile = Profile::empty();
    for name in ["vault.db", "vault.header"] {
        std::fs::copy(Path::new(OLD).join(name), profile.file(name)).expect("copied");
    }
    profile
}

fn header_version(profile: &Profile) -> u64 {
    let bytes = std::fs::read(profile.file("vault.header")).expect("header");
    let header: serde_json::Value = serde_json::from_slice(&bytes).expect("json");
    header["header"]["version"].as_u64().expect("version")
}

#[test]
fn j7_wallet_a_vault_of_version_1_opens_and_is_brought_up_to_date() {
    let profile = old();
    for _ in 0..2 {
        let vault = profile.open(PASSPHRASE).expect("opened");
        let cards = vault.cards().expect("cards");
        assert_eq!(
            (cards.len(), cards[0].unused.online, cards[0].unused.offline),
            (1, 13, 14)
        );
        assert_eq!((&cards[0].arrival, cards[0].valid_from), (&None, None));
        assert_eq!(
            cards[0].issuer.names().text("de"),
            "Population Office",
            "older cards have one language"
        );
        assert_eq!(cards[0].face().title.text("de"), "Führerschein");
        let history = vault.history().expect("history");
        assert_eq!((history.len(), history[0].record.party_id.as_deref()), (2, None));
        let found: u32 = vault
            .read(|c| c.pragma_query_value(None, "user_version", |row| row.get(0)))
            .expect("read");
        assert_eq!((found, header_version(&profile)), (SCHEMA_VERSION, 2));
    }
}

#[test]
fn j7_wallet_a_wrong_attempt_at_a_vault_of_version_1_is_counted_and_changes_nothing_else() {
    let profile = old();
    assert!(matches!(
        profile.open("incorrect horse battery"),
        Err(UnlockError::WrongPassphrase { attempts_left: 4, .. })
    ));
    assert_eq!(header_version(&profile), 1);
    assert!(profile.open(PASSPHRASE).is_ok());
}

#[test]
fn j7_wallet_the_passphrase_of_a_vault_of_version_1_can_be_changed() {
    let profile = old();
    let vault = profile.open(PASSPHRASE).expect("opened");
    let (current, next) = (Passphrase::new(PASSPHRASE), Passphrase::new("grey heron by the weir"));
    vault
        .change_passphrase(&current, &next, &profile.keyring, &profile.clock)
        .expect("changed");
    drop(vault);
    assert!(profile.open(PASSPHRASE).is_err());
    assert_eq!(
        profile
            .open("grey heron by the weir")
            .expect("opened")
            .cards()
            .expect("cards")
            .len(),
        1
    );
}

#[test_case("wrapped_key" ; "the wrapped key")]
#[test_case("kind" ; "what is asked for")]
fn j2_an_edited_header_of_version_2_opens_nothing(member: &str) {
    let profile = Profile::new();
    profile.edit_header(|header| header["header"][member] = "passphrase".into());
    assert!(matches!(profile.open(PIN), Err(UnlockError::HeaderAltered)));
}
