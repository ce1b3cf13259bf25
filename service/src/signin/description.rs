//! What the routes of a page answer, for programs.

use crate::description::{JSON, Operation, count, exactly, one_of, string};

/// The operations of a page with those for signing in beside them, all behind the guard and below
/// `prefix`: what [`super::SignIn::console`] makes of their routes.
pub fn described(prefix: &str, operations: impl IntoIterator<Item = Operation>) -> Vec<Operation> {
    let all = operations.into_iter().chain(own());
    all.map(|operation| guarded(operation.below(prefix))).collect()
}

fn own() -> [Operation; 3] {
    let me = exactly(
        &[
            ("name", string()),
            ("role", string()),
            ("idle_seconds", count()),
            ("ends_at", count()),
        ],
        &[],
    );
    let credentials = exactly(&[("name", string()), ("password", string())], &[]);
    [
        Operation::post("/sign-in", "Begins a session.")
            .takes_json(credentials)
            .answers(200, JSON, me.clone())
            .problems(&[401, 429]),
        Operation::post("/sign-out", "Ends the session, if there is one.")
            .takes(JSON, exactly(&[], &[]))
            .answers_nothing(204),
        Operation::get("/me", "Who is signed in.")
            .session()
            .answers(200, JSON, me),
    ]
}

/// What the guard asks of requests that change something. Fetch Metadata §2.4
fn guarded(operation: Operation) -> Operation {
    if operation.is_safe() {
        return operation;
    }
    operation
        .needs_header("Sec-Fetch-Site", one_of(&["same-origin"]))
        .problems(&[403, 415])
}
