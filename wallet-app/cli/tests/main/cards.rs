//! What a card says, and what it said before.

use crate::profile::{PASSPHRASE, Profile};
use serde_json::json;
use std::sync::Arc;
use testkit::vault::LICENCE_IN_TWO_FORMATS;
use wallet::{MemorySecretStore, Passphrase, SystemClock, Wallet};

/// These rows are in the vault.
pub(crate) fn with(profile: &Profile, rows: &str) {
    let secrets = MemorySecretStore::default();
    let folder = profile.path("profile");
    let wallet = Wallet::open(&folder, &Passphrase::new(PASSPHRASE), &secrets, Arc::new(SystemClock));
    wallet.expect("opened").vault().dangerous_execute(rows).expect("stored");
}

/// A card is there that says something else since its copies were got again.
fn with_a_changed_card(profile: &Profile) {
    let card = r#"INSERT INTO card (id, vct, issuer, issuer_host, display, claims, received_at)
        VALUES ('one', 'urn:example:card', '{"known_by": "certificate", "name": "Office"}', 'office.example', '{}',
                '{"given_name": "Erika Maria"}', 1);
        INSERT INTO changed_card (card_id, claims, at) VALUES ('one', '{"given_name": "Erika"}', 2);"#;
    with(profile, card);
}

#[tokio::test]
async fn what_changed_is_shown_once() {
    let profile = Profile::new().await;
    with_a_changed_card(&profile);
    let first = profile.run(&["show", "one"]);
    let changed = json!([{"claim": "given_name", "before": "Erika", "now": "Erika Maria"}]);
    assert_eq!((first.code(), &first.json["card"]["changed"]), ((0, "ok"), &changed));
    let again = profile.run(&["show", "one"]);
    assert_eq!((again.code(), &again.json["card"]["changed"]), ((0, "ok"), &json!([])));
    assert_eq!(again.json["card"]["claims"]["given_name"], "Erika Maria");
}

/// The mdoc repeats what changed of the licence, and says something else that the licence does not have.
#[tokio::test]
async fn what_changed_is_told_of_every_format_once() {
    let profile = Profile::new().await;
    with(&profile, LICENCE_IN_TWO_FORMATS);
    let before = r#"INSERT INTO changed_card (card_id, claims, at) VALUES ('two',
        '{"org.iso.18013.5.1": {"document_number": "A0", "un_distinguishing_sign": "D"}}', 2);"#;
    with(&profile, before);
    let first = profile.run(&["show", "two"]);
    let changed = json!([
        {"claim": "licence_number", "before": "A0", "now": "A1"},
        {"claim": "org.iso.18013.5.1.un_distinguishing_sign", "before": "D", "now": null},
    ]);
    assert_eq!((first.code(), &first.json["card"]["changed"]), ((0, "ok"), &changed));
    assert_eq!(profile.run(&["show", "one"]).json["card"]["changed"], json!([]));
}

#[tokio::test]
async fn a_card_in_two_formats_is_shown_and_deleted_whole_whichever_is_named() {
    for named in ["one", "two"] {
        let profile = Profile::new().await;
        with(&profile, LICENCE_IN_TWO_FORMATS);
        let first = profile.run(&["show", named]);
        let card = &first.json["card"];
        assert_eq!((first.code(), &card["id"]), ((0, "ok"), &json!("one")));
        let changed = json!([{"claim": "licence_number", "before": "A0", "now": "A1"}]);
        assert_eq!(
            (&card["claims"]["licence_number"], &card["changed"]),
            (&json!("A1"), &changed)
        );
        let known = (&card["status"], &card["unused_copies"]);
        assert_eq!(known, (&json!("unknown"), &json!({"online": 3, "offline": 0})));
        let other = &card["formats"][1];
        let number = &other["claims"]["org.iso.18013.5.1"]["document_number"];
        assert_eq!((&other["id"], number), (&json!("two"), &json!("A1")));
        assert_eq!(profile.run(&["show", "one"]).json["card"]["changed"], json!([]));
        let deleted = profile.run(&["delete", named]);
        assert_eq!((deleted.code(), &deleted.json["card"]), ((0, "deleted"), &json!("one")));
        assert_eq!(profile.run(&["list"]).json["cards"], json!([]));
    }
}
