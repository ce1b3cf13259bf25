//! What a card says, and what it said before.

use crate::profile::{PASSPHRASE, Profile};
use serde_json::json;
use std::sync::Arc;
use wallet::{MemorySecretStore, Passphrase, SystemClock, Wallet};

/// A card is there that says something else since its copies were got again.
fn with_a_changed_card(profile: &Profile) {
    let secrets = MemorySecretStore::default();
    let folder = profile.path("profile");
    let wallet = Wallet::open(&folder, &Passphrase::new(PASSPHRASE), &secrets, Arc::new(SystemClock));
    let card = r#"INSERT INTO card (id, vct, issuer, issuer_host, display, claims, received_at)
        VALUES ('one', 'urn:example:card', '{"known_by": "certificate", "name": "Office"}', 'office.example', '{}',
                '{"given_name": "Erika Maria"}', 1);
        INSERT INTO changed_card (card_id, claims, at) VALUES ('one', '{"given_name": "Erika"}', 2);"#;
    wallet.expect("opened").vault().dangerous_execute(card).expect("stored");
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
