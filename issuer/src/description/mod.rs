//! What the issuer answers, for programs: by who calls, as in its routes. What the messages of the protocols mean is
//! said by their specifications.

mod page;
mod systems;
mod wallets;

use service::description::{Description, JSON, Operation, anything, array, count, did_log_line, object, string};

use crate::app::App;

/// Everything but the status lists.
pub(crate) fn issuer(app: &App) -> Description {
    let about = "Cards for people: offers, issuance over OpenID4VCI 1.0, the agency's page.";
    let described = Description::new("Holdfast issuer", about)
        .with("wallets", wallets::operations())
        .with("anyone", anyone())
        .with("systems", systems::operations())
        .with("operators", page::operations());
    if app.0.citizens.is_some() {
        described.with("citizens", wallets::of_citizens())
    } else {
        described
    }
}

/// The status lists, on a listener of their own.
pub(crate) fn status_lists() -> Description {
    let aggregation = object(&[("status_lists", array(string()))], &[]);
    Description::new("Holdfast status lists", "Whether cards are still good.").with(
        "status lists",
        [
            Operation::get("/lists", "draft-ietf-oauth-status-list §9").answers(200, JSON, aggregation),
            Operation::get(
                "/lists/{name}",
                "The newest token or, with `time` in seconds, the one that the newest snapshot of then names: 404 where it \
                 is not kept any more. draft-ietf-oauth-status-list §8.1, §8.4",
            )
            .query("time", count())
                .answers(200, "application/statuslist+jwt", string())
                .problems(&[404]),
            Operation::get(
                "/lists/{name}/{purpose}",
                "The same list for W3C credentials: a bit for each card, for `revocation` or `suspension`; the newest or, \
                 with `time` in seconds, as the newest snapshot of then has it. Bitstring Status List 1.0",
            )
            .query("time", count())
            .answers(200, "application/vc", anything())
            .problems(&[404]),
        ],
    )
}

fn anyone() -> [Operation; 3] {
    [
        Operation::get("/.well-known/did.jsonl", "The issuer's DID log. did:webvh 1.0")
            .answers(200, "text/jsonl", did_log_line())
            .problems(&[404]),
        Operation::get("/.well-known/jwt-vc-issuer", "draft-ietf-oauth-sd-jwt-vc §4")
            .answers(200, JSON, anything())
            .problems(&[404]),
        Operation::get(
            "/types/{vct}",
            "Metadata of a type that is issued here. draft-ietf-oauth-sd-jwt-vc §5.2",
        )
        .answers(200, JSON, anything())
        .problems(&[404]),
    ]
}
