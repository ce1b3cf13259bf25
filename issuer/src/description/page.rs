//! What the agency's page calls, for operators who signed in.

use serde_json::Value;
use service::description::{
    JSON, Operation, array, boolean, bytes, count, events, exactly, nullable, one_of, string, texts,
};
use service::{idempotency, signin};

use super::systems::CARD_STATES;

/// Where the page finds its interface.
const PREFIX: &str = "/console/api/v1";

pub(super) fn operations() -> Vec<Operation> {
    let agency = exactly(&[("name", texts())], &[]);
    let open = Operation::get("/agency", "What stands above the page.").answers(200, JSON, agency);
    let changes = idempotency::described([create(), withdraw(), change()]);
    let operators = [card_types(), search(), person(), portrait(), state(), follow()];
    let needing = operators.into_iter().chain(changes).map(Operation::session);
    signin::described(PREFIX, std::iter::once(open).chain(needing))
}

fn card_types() -> Operation {
    let card_type = exactly(
        &[
            ("card_type", string()),
            ("name", texts()),
            ("description", texts()),
            ("background", nullable(string())),
            ("text", nullable(string())),
        ],
        &[],
    );
    Operation::get("/card-types", "Cards that can be offered.").answers(200, JSON, array(card_type))
}

/// As much of a person as is needed to tell people of one name apart.
fn person_found() -> [(&'static str, Value); 5] {
    [
        ("id", string()),
        ("given_name", string()),
        ("family_name", string()),
        ("birth_date", string()),
        ("place_of_birth", string()),
    ]
}

fn search() -> Operation {
    let found = exactly(
        &[
            ("people", array(exactly(&person_found(), &[]))),
            ("total", count()),
            ("more", boolean()),
        ],
        &[],
    );
    Operation::post("/people/search", "Finds people.")
        .takes_json(exactly(&[("query", string())], &[("offset", count())]))
        .answers(200, JSON, found)
}

fn person() -> Operation {
    let card = exactly(
        &[
            ("id", string()),
            ("card_type", string()),
            ("state", one_of(&CARD_STATES)),
            ("issued_at", count()),
        ],
        &[],
    );
    let further = [
        ("nationality", string()),
        ("sex", string()),
        ("personal_number", string()),
        ("residence", nullable(residence())),
        ("has_portrait", boolean()),
        ("offerable", array(string())),
        ("cards", array(card)),
    ];
    let members: Vec<_> = person_found().into_iter().chain(further).collect();
    Operation::get("/people/{id}", "A person with the cards issued to them.")
        .answers(200, JSON, exactly(&members, &[]))
        .problems(&[404])
}

fn residence() -> Value {
    let names = [
        "street_address",
        "postal_code",
        "locality",
        "region",
        "country",
        "resident_since",
    ];
    exactly(&names.map(|name| (name, string())), &[])
}

fn portrait() -> Operation {
    Operation::get("/people/{id}/portrait", "The portrait by itself.")
        .answers(200, "image/png", bytes())
        .problems(&[404])
}

fn create() -> Operation {
    let made = exactly(
        &[
            ("id", string()),
            ("link", string()),
            ("qr_svg", string()),
            ("tx_code", nullable(string())),
            ("expires_at", count()),
        ],
        &[],
    );
    let id = [("id", "$response.body#/id")];
    Operation::post("/offers", "Makes an offer with a transaction code.")
        .takes_json(exactly(&[("card_type", string()), ("subject", string())], &[]))
        .answers(201, JSON, made)
        .link(201, "read", "get_console_api_v1_offers_id", &id)
        .link(201, "withdrawn", "post_console_api_v1_offers_id_withdraw", &id)
}

fn offer() -> Value {
    let states = ["offered", "opened", "claimed", "locked", "expired", "withdrawn"];
    exactly(
        &[("state", one_of(&states)), ("expires_at", count())],
        &[("card", string())],
    )
}

fn state() -> Operation {
    Operation::get("/offers/{id}", "Where an offer stands.")
        .answers(200, JSON, offer())
        .problems(&[404])
}

fn follow() -> Operation {
    Operation::get(
        "/offers/{id}/events",
        "The same as it changes: events named `offer`. WHATWG HTML §9.2",
    )
    .answers(200, "text/event-stream", events("offer"))
    .problems(&[404])
}

fn withdraw() -> Operation {
    Operation::post("/offers/{id}/withdraw", "Takes an offer back.")
        .takes(JSON, exactly(&[], &[]))
        .answers(200, JSON, offer())
        .problems(&[404, 409])
}

fn change() -> Operation {
    let changes = ["suspend", "reactivate", "revoke"];
    let changed = exactly(&[("id", string()), ("state", one_of(&CARD_STATES))], &[]);
    Operation::post("/cards/{id}/{change}", "Changes what a card is worth.")
        .path_of("change", one_of(&changes))
        .takes_json(exactly(&[("confirm", one_of(&changes))], &[]))
        .answers(200, JSON, changed)
        .problems(&[404, 409])
}
