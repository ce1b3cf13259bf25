//! What the agency's systems call, with its token.

use serde_json::Value;
use service::description::{JSON, Operation, array, boolean, count, exactly, one_of, string};

/// What becomes of a card.
pub(super) const CARD_STATES: [&str; 3] = ["valid", "suspended", "revoked"];

pub(super) fn operations() -> [Operation; 8] {
    [
        awaiting(),
        create(),
        Operation::get("/api/v1/offers/{id}", "Where an offer stands.")
            .answers(200, JSON, offer_state())
            .problems(&[404]),
        decision(
            "/api/v1/offers/{id}/approve",
            "An officer says that the card may be issued.",
        ),
        decision(
            "/api/v1/offers/{id}/deny",
            "An officer says that the card is not issued.",
        ),
        change("/api/v1/credentials/{id}/revoke", "For ever; again is no error."),
        change("/api/v1/credentials/{id}/suspend", "For a time."),
        change("/api/v1/credentials/{id}/reactivate", "Ends a suspension."),
    ]
    .map(|operation| operation.http("bearer"))
}

fn awaiting() -> Operation {
    let offer = exactly(
        &[("id", string()), ("credential_type", string()), ("subject", string())],
        &[],
    );
    Operation::get("/api/v1/offers", "Offers that an officer has to decide about.").answers(
        200,
        JSON,
        exactly(&[("offers", array(offer))], &[]),
    )
}

fn create() -> Operation {
    let wanted = exactly(
        &[("credential_type", string()), ("subject", string())],
        &[
            ("tx_code", boolean()),
            ("approval", boolean()),
            ("formats", array(string())),
            ("form", one_of(&["reference", "value"])),
            ("grant", one_of(&["pre_authorized_code", "authorization_code"])),
        ],
    );
    let made = exactly(
        &[("id", string()), ("offer_uri", string()), ("expires_at", count())],
        &[("tx_code", string())],
    );
    let id = [("id", "$response.body#/id")];
    Operation::post("/api/v1/offers", "Makes an offer.")
        .takes(JSON, wanted)
        .answers(201, JSON, made)
        .link(201, "read", "get_api_v1_offers_id", &id)
        .link(201, "approved", "post_api_v1_offers_id_approve", &id)
        .link(201, "denied", "post_api_v1_offers_id_deny", &id)
        .problems(&[422])
}

fn offer_state() -> Value {
    let states = [
        "open",
        "redeemed",
        "awaiting_approval",
        "denied",
        "issued",
        "locked",
        "expired",
        "withdrawn",
    ];
    exactly(
        &[("state", one_of(&states))],
        &[
            ("credential_id", string()),
            ("approval", one_of(&["waiting", "approved", "denied"])),
        ],
    )
}

fn decision(path: &str, about: &'static str) -> Operation {
    Operation::post(path, about)
        .answers(200, JSON, offer_state())
        .problems(&[404, 409])
}

fn change(path: &str, about: &'static str) -> Operation {
    let state = exactly(&[("id", string()), ("state", one_of(&CARD_STATES))], &[]);
    Operation::post(path, about)
        .answers(200, JSON, state)
        .problems(&[404, 409])
}
