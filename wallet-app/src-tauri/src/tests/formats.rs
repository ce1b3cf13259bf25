//! A card in two formats is one card in the window: in the list, on its page, and before it is shown.

use super::profile::{done, set_up};
use crate::dto::CardSummary;
use serde_json::json;
use test_case::test_case;
use testkit::vault::LICENCE_IN_TWO_FORMATS;
use wallet::CardStatus;

#[test]
fn what_is_known_of_a_card_is_told_of_all_of_it() {
    let stage = set_up();
    let open = stage.session().open().expect("open");
    let vault = open.wallet.vault();
    vault.dangerous_execute(LICENCE_IN_TWO_FORMATS).expect("stored");
    let listed = done(stage.call("cards", json!({})));
    let page = done(stage.call("card", json!({"id": "two"})));
    assert_eq!(
        (listed.as_array().map(Vec::len), &page["also"]),
        (Some(1), &json!("ISO mdoc"))
    );
    for card in [&listed[0], &page] {
        assert_eq!((&card["id"], &card["status"]), (&json!("one"), &json!("unknown")));
        assert_eq!(card["copies"], json!({"online": 3, "offline": 0}));
    }
}

/// A shop saw the number of the licence as mdoc, and the person notes it of the licence.
#[test]
fn what_a_shop_saw_is_marked_as_shown_to_nobody_whichever_format_that_was_noted_of() {
    let stage = set_up();
    let open = stage.session().open().expect("open");
    let seen = r#"INSERT INTO history (at, body) VALUES (1, '{"event": "request", "party": "Shop",
        "host": "shop.example", "purpose": null, "outcome": "shared", "reason": null,
        "cards": [{"vct": "org.iso.18013.5.1.mDL", "claims": ["org.iso.18013.5.1.document_number"]}]}')"#;
    open.wallet.vault().dangerous_execute(seen).expect("stored");
    let never = || done(stage.call("businesses", json!({})))[0]["never"].clone();
    assert_eq!(never(), json!([]));
    let licence = "urn:holdfast:vct:driving-licence:1";
    let noted = json!({"cardType": licence, "claim": "licence_number", "never": true});
    done(stage.call("set_never_shown", noted));
    let marked = json!([{"type": "org.iso.18013.5.1.mDL", "claim": "org.iso.18013.5.1.document_number"}]);
    assert_eq!(never(), marked);
}

#[test_case("one" => 1 ; "as sd jwt vc")]
#[test_case("two" => 2 ; "as mdoc")]
fn before_it_is_shown_its_status_is_that_of_all_of_it_and_its_copies_are_those_of_the_form(form: &str) -> u64 {
    let stage = set_up();
    let open = stage.session().open().expect("open");
    let vault = open.wallet.vault();
    vault.dangerous_execute(LICENCE_IN_TWO_FORMATS).expect("stored");
    let form = open.wallet.card(form).expect("a card");
    let shown = CardSummary::shown(&open.wallet, &form).expect("summary");
    assert_eq!(
        (shown.id.as_str(), shown.status),
        (form.id.as_str(), CardStatus::Unknown)
    );
    shown.copies.online
}
