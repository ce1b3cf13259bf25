//! What the verifier answers, for programs: by who calls, as in its routes.

mod provisioning;

use serde_json::Value;
use service::description::{
    Description, JSON, Operation, anything, array, boolean, bytes, count, did_log_line, events, exactly, nullable,
    object, one_of, string, texts,
};
use service::{idempotency, signin};

use crate::app::App;
use crate::offline::Place;
use crate::verdict::Reason;

/// A request object. RFC 9101 §10.2
const REQUEST: &str = "application/oauth-authz-req+jwt";
const FORM: &str = "application/x-www-form-urlencoded";

/// Everything but the pages; the example shop where there is one. A kiosk has its desk alone.
#[must_use]
pub fn description(app: &App) -> Description {
    let about = "Checks of cards: sessions of the business, OpenID4VP 1.0, the desk.";
    let described = Description::new("Holdfast verifier", about);
    if app.offline.place == Place::Kiosk {
        return described.with("operators", desk("/desk/api/v1", Place::Kiosk));
    }
    let described = described
        .with("business", business())
        .with("business", provisioning::webhooks())
        .with("wallets", wallets())
        .with("browsers", browsers())
        .with("anyone", did_logs())
        .with("operators", desk("/desk/api/v1", Place::Service))
        .with("operators", desk("/b/{business}/desk/api/v1", Place::Service));
    let described = match app.businesses.anonymous() {
        Some(_) => described.with("anyone", trying()),
        None => described,
    };
    let described = match app.provisioning {
        Some(_) => described.with("registrars", provisioning::operations()),
        None => described,
    };
    if app.shop.is_some() {
        described.with("customers", shop())
    } else {
        described
    }
}

fn business() -> [Operation; 4] {
    let wanted = exactly(&[], &[("flow", flow())]);
    let open = Operation::post("/api/v1/checks/{check}/sessions", "Opens a session.")
        .takes(JSON, wanted)
        .body_is_optional()
        .answers(200, JSON, opened())
        .link(200, "read", "get_api_v1_sessions_id", &OF_THE_SESSION)
        .problems(&[409]);
    let reasons = Reason::ALL.map(Reason::as_str);
    let rehearse = Operation::post(
        "/api/v1/checks/{check}/sandbox",
        "A session that is over at once, for this reason: nobody is asked. Only with a token for the sandbox (`sandbox:write`).",
    )
    .takes(JSON, exactly(&[("reason", one_of(&reasons))], &[]))
    .answers(200, JSON, outcome())
    .problems(&[409]);
    let read = Operation::get("/api/v1/sessions/{id}", "Its outcome. OpenID4VP 1.0 §13.3")
        .query("response_code", string())
        .answers(200, JSON, outcome());
    let follow = Operation::get(
        "/api/v1/sessions/{id}/events",
        "The same as it changes. WHATWG HTML §9.2",
    );
    let [open, rehearse] = idempotency::described_where_asked([open, rehearse]);
    [open, rehearse, read, followed(follow)].map(|operation| operation.http("bearer").problems(&[403, 404, 429]))
}

/// The name of an operation below a prefix. See [`Operation`]
fn named(method: &str, prefix: &str, rest: &str) -> String {
    let words = prefix.split(|letter: char| !letter.is_ascii_alphanumeric());
    let words = words.filter(|word| !word.is_empty());
    let below: Vec<&str> = std::iter::once(method).chain(words).chain([rest]).collect();
    below.join("_")
}

/// Where the parts of the path of what was opened are.
fn of_the_session(prefix: &str) -> Vec<(&'static str, &'static str)> {
    let mut parts = OF_THE_SESSION.to_vec();
    if prefix.contains("{business}") {
        parts.push(("business", "$request.path.business"));
    }
    parts
}

/// Where the id of what was opened is.
const OF_THE_SESSION: [(&str, &str); 1] = [("id", "$response.body#/id")];

fn flow() -> Value {
    one_of(&["cross_device", "same_device"])
}

fn opened() -> Value {
    exactly(
        &[
            ("id", string()),
            ("request_uri", string()),
            ("qr_svg", string()),
            ("expires_at", count()),
        ],
        &[("start_url", string())],
    )
}

fn outcome() -> Value {
    let ages = ["status_s", "ledger_s", "metadata_s"].map(|age| (age, count()));
    let ages = exactly(&[], &ages);
    exactly(
        &[("id", string()), ("state", session_state())],
        &[
            ("verdict", verdict()),
            ("reason", string()),
            ("ages", ages),
            ("limits", limits()),
            ("offline", boolean()),
            ("sandbox", boolean()),
            ("portrait", boolean()),
            ("claims", anything()),
            ("rule", string()),
            ("fetched_list", string()),
            ("receipt", string()),
        ],
    )
}

/// How old the grounds may be for a check.
fn limits() -> Value {
    let limits = ["status_s", "ledger_s", "metadata_s"].map(|limit| (limit, count()));
    exactly(&limits, &[])
}

fn followed(operation: Operation) -> Operation {
    operation.answers(200, "text/event-stream", events("session"))
}

fn session_state() -> Value {
    one_of(&["open", "scanned", "answered", "refused", "expired"])
}

fn verdict() -> Value {
    one_of(&["yes", "no", "could_not_check"])
}

fn wallets() -> [Operation; 3] {
    let own = exactly(&[], &[("wallet_nonce", string()), ("wallet_metadata", string())]);
    let answer = object(
        &[],
        &[
            ("response", string()),
            ("vp_token", string()),
            ("state", string()),
            ("error", string()),
            ("error_description", string()),
        ],
    );
    let receipt = exactly(&[("receipt", string()), ("salt", string())], &[]);
    let reply = exactly(&[], &[("redirect_uri", string()), ("holdfast_receipt", receipt)]);
    let request = "/openid4vp/request/{wallet_id}";
    [
        Operation::get(request, "RFC 9101 §5.2.3").answers(200, REQUEST, string()),
        Operation::post(request, "OpenID4VP 1.0 §5.10")
            .takes(FORM, own)
            .body_is_optional()
            .answers(200, REQUEST, string()),
        Operation::post("/openid4vp/response/{wallet_id}", "OpenID4VP 1.0 §8.2 and §8.3.1")
            .takes(FORM, answer)
            .answers(200, JSON, reply),
    ]
    .map(|operation| operation.problems(&[403, 404, 409]))
}

fn browsers() -> [Operation; 2] {
    let start = Operation::get(
        "/start/{id}",
        "Binds the browser, then opens the wallet. OpenID4VP 1.0 §14.2",
    );
    let back = Operation::get("/return/{id}", "Sends the browser that started on. OpenID4VP 1.0 §14.2");
    [start.problems(&[409]), back.query("response_code", string())]
        .map(|operation| operation.answers_nothing(303).problems(&[403, 404, 429]))
}

fn did_logs() -> [Operation; 2] {
    let log = |operation: Operation| operation.answers(200, "text/jsonl", did_log_line());
    [
        log(Operation::get(
            "/.well-known/did.jsonl",
            "The DID log of the business. did:webvh 1.0",
        )),
        log(Operation::get("/b/{business}/did.jsonl", "The same of a business that was added.").problems(&[404])),
    ]
}

/// What anybody may try out.
fn trying() -> [Operation; 4] {
    let check = exactly(&[("id", string()), ("title", texts())], &[]);
    let listed = exactly(&[("checks", array(check))], &[]);
    let open = Operation::post("/try/api/v1/checks/{check}/sessions", "Opens a session.")
        .takes_json(exactly(&[], &[]))
        .answers(200, JSON, opened())
        .link(200, "read", "get_try_api_v1_sessions_id", &OF_THE_SESSION)
        .problems(&[403, 429]);
    let read = Operation::get("/try/api/v1/sessions/{id}", "Its outcome.").answers(200, JSON, outcome());
    let follow = Operation::get(
        "/try/api/v1/sessions/{id}/events",
        "The same as it changes. WHATWG HTML §9.2",
    );
    [
        Operation::get("/try/api/v1/checks", "What anybody may ask.").answers(200, JSON, listed),
        open,
        read,
        followed(follow),
    ]
    .map(|operation| operation.problems(&[404]))
}

/// Whose site it is.
fn site() -> Value {
    exactly(&[("name", nullable(texts())), ("host", string())], &[])
}

/// What a check asks, card by card.
fn asked() -> Value {
    let claim = exactly(
        &[
            ("label", texts()),
            ("optional", boolean()),
            ("choice", boolean()),
            ("kept", boolean()),
        ],
        &[],
    );
    array(exactly(&[("card", texts()), ("claims", array(claim))], &[]))
}

/// What needs a network is not in a kiosk.
fn desk(prefix: &str, place: Place) -> Vec<Operation> {
    let offline = offline().map(|operation| operation.problems(&[404]));
    let mut operations = vec![checks(), held(), today()];
    operations.extend(offline);
    let mut openings = vec![open_offline(prefix)];
    let (open, of_a_session) = over_a_network(prefix);
    let [read, follow, answer] = of_a_session.map(|operation| operation.problems(&[404]));
    operations.extend([read, follow]);
    if place == Place::Service {
        operations.push(answer);
        openings.push(open);
    }
    for opening in openings {
        operations.extend(idempotency::described([opening]));
    }
    let join = (place == Place::Service).then(join);
    signin::described(prefix, operations.into_iter().map(Operation::session).chain(join))
}

/// Whoever was invited is not signed in yet.
fn join() -> Operation {
    let typed = exactly(&[("code", string()), ("password", string())], &[]);
    Operation::post(
        "/join",
        "Joins the staff of a business, with the code of an invitation.",
    )
    .takes_json(typed)
    .answers_nothing(204)
    .problems(&[401, 409, 429])
}

fn over_a_network(prefix: &str) -> (Operation, [Operation; 3]) {
    let open = Operation::post("/checks/{check}/sessions", "Opens a session.")
        .takes(JSON, exactly(&[], &[]))
        .answers(200, JSON, opened())
        .link(
            200,
            "read",
            &named("get", prefix, "sessions_id"),
            &of_the_session(prefix),
        )
        .problems(&[404]);
    let read = Operation::get("/sessions/{id}", "Its outcome.").answers(200, JSON, outcome());
    let follow = Operation::get("/sessions/{id}/events", "The same as it changes. WHATWG HTML §9.2");
    let answer = Operation::post("/sessions/{id}/answer", "Hands in what a wallet showed as a code.")
        .takes_json(exactly(&[("response", string())], &[]))
        .answers(200, JSON, outcome())
        .problems(&[409, 410]);
    (open, [read, followed(follow), answer])
}

fn open_offline(prefix: &str) -> Operation {
    let opened = exactly(&[("id", string()), ("expires_at", count()), ("limits", limits())], &[]);
    Operation::post(
        "/checks/{check}/offline",
        "Opens a check without a network. docs/offline-qr.md",
    )
    .takes(JSON, exactly(&[], &[]))
    .answers(200, JSON, opened)
    .link(
        200,
        "show",
        &named("get", prefix, "sessions_id_challenge"),
        &of_the_session(prefix),
    )
    .problems(&[404, 409])
}

/// A challenge that is shown, and an answer that is read from a screen.
fn offline() -> [Operation; 5] {
    let shown = exactly(
        &[
            ("expires_at", count()),
            ("needed", count()),
            ("side", count()),
            ("frames", array(string())),
        ],
        &[],
    );
    let progress = exactly(
        &[
            ("received", count()),
            ("needed", count()),
            ("state", one_of(&["collecting", "altered", "complete"])),
            ("not_ours", count()),
        ],
        &[("outcome", outcome())],
    );
    let challenge = Operation::get("/sessions/{id}/challenge", "The codes of the challenge, as bits.");
    let sheet = Operation::get("/sessions/{id}/sheet", "The challenge as a still picture.");
    let frames = Operation::post("/sessions/{id}/frames", "Hands in what codes of the answer hold.");
    let portrait = Operation::post("/sessions/{id}/portrait", "The portrait, once and for ten seconds.");
    let clear = Operation::post(
        "/sessions/{id}/clear",
        "Forgets portrait and frames, and ends an open check.",
    );
    let picture = |operation: Operation, kind| operation.answers(200, kind, bytes());
    [
        challenge.answers(200, JSON, shown).problems(&[409, 410]),
        picture(sheet, "image/svg+xml").problems(&[409, 410]),
        frames
            .takes_json(exactly(&[("frames", array(string()))], &[]))
            .answers(200, JSON, progress)
            .problems(&[409, 410]),
        ["image/png", "image/jpeg", "image/webp"]
            .into_iter()
            .fold(portrait.takes(JSON, exactly(&[], &[])), picture),
        clear.takes(JSON, exactly(&[], &[])).answers_nothing(204),
    ]
}

/// What is held, and how old it is.
fn held() -> Operation {
    let age = || ("age_s", count());
    let landmark = exactly(&[("size", count())], &[("at", count())]);
    let held = exactly(
        &[
            ("kiosk", boolean()),
            ("now", count()),
            ("clock", exactly(&[("wrong", boolean()), ("behind_s", count())], &[])),
            (
                "ledger",
                exactly(&[("organisations", count())], &[("at", count()), age()]),
            ),
            ("lists", exactly(&[("held", count())], &[age()])),
            ("landmarks", array(landmark)),
            (
                "registered",
                exactly(&[("standing", one_of(&["waiting", "active", "suspended"]))], &[age()]),
            ),
            ("split", boolean()),
        ],
        &[],
    );
    Operation::get("/held", "What this verifier holds, and how old it is.").answers(200, JSON, held)
}

fn checks() -> Operation {
    let check = exactly(
        &[
            ("id", string()),
            ("title", texts()),
            ("purpose", texts()),
            ("channel", one_of(&["online", "in_person"])),
            ("asked", asked()),
            ("kept_days", count()),
        ],
        &[],
    );
    let listed = exactly(&[("site", site()), ("checks", array(check))], &[]);
    Operation::get("/checks", "The checks to pick from.").answers(200, JSON, listed)
}

fn today() -> Operation {
    let done = exactly(
        &[
            ("at", count()),
            ("check", string()),
            ("verdict", verdict()),
            ("reason", string()),
            ("operator", string()),
        ],
        &[],
    );
    let listed = exactly(&[("checks", array(done))], &[]);
    Operation::get("/today", "What was asked in the last day.").answers(200, JSON, listed)
}

fn shop() -> [Operation; 3] {
    let offered = exactly(
        &[
            ("site", site()),
            ("purpose", texts()),
            ("asked", asked()),
            ("kept_days", count()),
            ("privacy_policy", string()),
        ],
        &[],
    );
    let order = exactly(
        &[("state", session_state())],
        &[("verdict", verdict()), ("reason", string())],
    );
    let started = exactly(
        &[("request_uri", string()), ("qr_svg", string()), ("expires_at", count())],
        &[],
    );
    [
        Operation::get("/shop/api/v1/shop", "What buying here asks for.").answers(200, JSON, offered),
        Operation::get("/shop/api/v1/order", "Where the order of this browser stands.").answers(200, JSON, order),
        Operation::post(
            "/shop/api/v1/order/checks",
            "Starts a check for the order of this browser.",
        )
        .takes_json(exactly(&[("flow", flow())], &[]))
        .answers(200, JSON, started)
        .problems(&[429]),
    ]
    .map(|operation| operation.problems(&[404]))
}
