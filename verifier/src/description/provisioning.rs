//! Adding businesses, and where they want to be told.

use serde_json::{Value, json};
use service::description::{JSON, Operation, anything, array, count, exactly, nullable, one_of, string, texts};
use service::idempotency;

/// What a business may do for itself, too.
pub(super) fn webhooks() -> [Operation; 3] {
    let path = "/api/v1/businesses/{business}/webhooks/{webhook}";
    let wanted = exactly(&[("url", string()), ("events", array(event()))], &[]);
    [
        Operation::put(path, "Says where messages go, with a new secret. Standard Webhooks 1.0")
            .takes_json(wanted)
            .answers(200, JSON, told(&[("secret", string())]))
            .problems(&[409]),
        Operation::get(path, "Where messages go, and how they fare.").answers(200, JSON, told(&[])),
        Operation::delete(path, "Sends no more, and forgets what waits.").answers_nothing(204),
    ]
    .map(|operation| operation.http("bearer").problems(&[403, 404, 429]))
}

fn event() -> Value {
    one_of(&["session.closed"])
}

fn told(shown_once: &[(&str, Value)]) -> Value {
    let always = [
        ("id", string()),
        ("url", string()),
        ("events", array(event())),
        ("state", one_of(&["active", "disabled"])),
        ("failures", count()),
        ("waiting", count()),
        ("dropped", count()),
    ];
    exactly(&[&always[..], shown_once].concat(), &[("disabled_at", count())])
}

/// What a registrar's portal does.
pub(super) fn operations() -> Vec<Operation> {
    let of_business = of_business().map(|operation| operation.problems(&[404]));
    let of_tokens = tokens().map(|operation| operation.problems(&[404]));
    let made = idempotency::described_where_asked(made_tokens()).map(|operation| operation.problems(&[404]));
    let of_staff = staff().map(|operation| operation.problems(&[404]));
    let invite = idempotency::described_where_asked([invite()]).map(|operation| operation.problems(&[404]));
    let all = idempotency::described([add()])
        .into_iter()
        .chain(of_business)
        .chain(of_tokens)
        .chain(made)
        .chain(of_staff)
        .chain(invite);
    all.map(|operation| operation.http("bearer").problems(&[429])).collect()
}

fn add() -> Operation {
    let wanted = exactly(
        &[("id", id()), ("name", texts())],
        &[("contact_url", nullable(string()))],
    );
    let made = exactly(
        &[
            ("id", id()),
            ("did", string()),
            ("application", anything()),
            ("access_key", anything()),
            ("csr", string()),
        ],
        &[],
    );
    Operation::post("/api/v1/businesses", "Adds a business, whose keys are made here.")
        .takes_json(wanted)
        .answers(201, JSON, made)
        .problems(&[409])
}

fn of_business() -> [Operation; 3] {
    let path = "/api/v1/businesses/{business}";
    let state = exactly(
        &[
            ("id", id()),
            ("did", string()),
            ("state", one_of(&["waiting", "active", "suspended"])),
            ("checks", array(id())),
            ("tokens", count()),
        ],
        &[],
    );
    let checks = exactly(&[("checks", array(anything()))], &[]);
    let certificates = exactly(
        &[
            ("access_certificate_chain", array(string())),
            ("registration_certificate", string()),
        ],
        &[],
    );
    [
        Operation::get(path, "How it stands.").answers(200, JSON, state),
        Operation::put(&format!("{path}/checks"), "What it asks, instead of what it asked.")
            .takes_json(checks)
            .answers_nothing(204)
            .problems(&[409]),
        Operation::put(&format!("{path}/certificates"), "What the registrar gave it.")
            .takes_json(certificates)
            .answers_nothing(204),
    ]
}

fn tokens() -> [Operation; 2] {
    let path = "/api/v1/businesses/{business}/tokens";
    let listed = exactly(
        &[
            ("id", string()),
            ("name", string()),
            ("prefix", string()),
            ("scopes", array(scope())),
            ("created", count()),
            ("expires", nullable(count())),
            ("last_used_day", nullable(string())),
        ],
        &[],
    );
    [
        Operation::get(path, "Its tokens, without themselves.").answers(200, JSON, array(listed)),
        Operation::delete(&format!("{path}/{{token}}"), "Takes a token back.").answers_nothing(204),
    ]
}

fn made_tokens() -> [Operation; 2] {
    let path = "/api/v1/businesses/{business}/tokens";
    let wanted = exactly(
        &[("name", string()), ("scopes", array(scope()))],
        &[("expires", nullable(count()))],
    );
    let fresh = exactly(&[("id", string()), ("token", string()), ("prefix", string())], &[]);
    [
        Operation::post(path, "Makes a token, which is shown this once.")
            .takes_json(wanted)
            .answers(201, JSON, fresh.clone())
            .problems(&[409]),
        Operation::post(
            &format!("{path}/{{token}}/rotate"),
            "Replaces a token; the one before counts for another hour.",
        )
        .answers(201, JSON, fresh),
    ]
}

/// Who signs in at its desk.
fn staff() -> [Operation; 3] {
    let path = "/api/v1/businesses/{business}";
    let operator = exactly(&[("name", string()), ("role", role())], &[]);
    let invited = exactly(
        &[
            ("id", string()),
            ("name", string()),
            ("role", role()),
            ("expires", count()),
        ],
        &[],
    );
    let listed = exactly(&[("operators", array(operator)), ("invitations", array(invited))], &[]);
    [
        Operation::get(
            &format!("{path}/operators"),
            "Who is on its staff, and who was invited.",
        )
        .answers(200, JSON, listed),
        Operation::delete(
            &format!("{path}/operators/{{operator}}"),
            "Takes somebody off its staff, whose sessions end; never the last one.",
        )
        .answers_nothing(204)
        .problems(&[409]),
        Operation::delete(
            &format!("{path}/invitations/{{invitation}}"),
            "Takes an invitation back.",
        )
        .answers_nothing(204),
    ]
}

fn invite() -> Operation {
    let wanted = exactly(&[("name", string()), ("role", role())], &[]);
    let fresh = exactly(&[("id", string()), ("code", string()), ("expires", count())], &[]);
    Operation::post(
        "/api/v1/businesses/{business}/invitations",
        "Invites somebody to its staff by a code, which is shown this once.",
    )
    .takes_json(wanted)
    .answers(201, JSON, fresh)
    .problems(&[409])
}

fn role() -> Value {
    one_of(&["staff", "owner"])
}

fn scope() -> Value {
    one_of(&["sessions:write", "sessions:read", "webhooks:write", "sandbox:write"])
}

fn id() -> Value {
    json!({"type": "string", "pattern": "^[a-z0-9-]{1,64}$"})
}
