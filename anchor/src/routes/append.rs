//! `POST /api/v1/entries`: an entry in, a receipt out. `POST /api/v1/entries/batch`: several in, the answer to each out.
//! docs/ledger.md §2

use std::time::Duration;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use jose::base64url;
use ledger::{
    Kind, RejectionClass, SUBMISSIONS_BYTES, Submission, SubmissionError, SubmissionsError, parse_submissions,
};
use serde_json::{Value, json};
use service::Problem;
use service::layers::body_limit;

use super::App;
use crate::log::AppendError;

/// How long a request waits for the quorum; sent again later it gets the same receipts.
const PATIENCE: Duration = Duration::from_secs(8);
/// What `Retry-After` says where nothing better is known.
const RETRY_SECONDS: u32 = 2;

pub(super) fn routes() -> Router<App> {
    let one = Router::new().route("/api/v1/entries", post(append));
    let several = Router::new().route("/api/v1/entries/batch", post(append_several));
    body_limit(one, Submission::MAX_BYTES).merge(body_limit(several, SUBMISSIONS_BYTES))
}

async fn append(State(app): State<App>, headers: HeaderMap, body: Bytes) -> Result<Response, Problem> {
    check_media_type(&headers)?;
    let answers = hand_in(&app, &headers, vec![Submission::parse(&body)]).await?;
    let answer = answers.into_iter().next().unwrap_or_else(|| Err(Problem::internal()))?;
    Ok(Json(answer).into_response())
}

async fn append_several(State(app): State<App>, headers: HeaderMap, body: Bytes) -> Result<Response, Problem> {
    check_media_type(&headers)?;
    let submissions = parse_submissions(&body).map_err(|error| no_list(&error))?;
    let answers = hand_in(&app, &headers, submissions).await?;
    let answers = answers.into_iter();
    let results: Vec<Value> = answers
        .map(|answer| answer.unwrap_or_else(|problem| problem.to_json()))
        .collect();
    Ok(Json(json!({ "results": results })).into_response())
}

fn check_media_type(headers: &HeaderMap) -> Result<(), Problem> {
    if headers.get(CONTENT_TYPE).is_some_and(|kind| kind == "application/cbor") {
        return Ok(());
    }
    let title = "A submission is application/cbor.";
    Err(Problem::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "unsupported_media_type",
        title,
    ))
}

/// Hands the entries of a request in: a receipt or a problem for each, in their order. What cannot be read goes no
/// further. The problem of all where nothing is decided about any.
async fn hand_in(
    app: &App,
    headers: &HeaderMap,
    submissions: Vec<Result<Submission, SubmissionError>>,
) -> Result<Vec<Result<Value, Problem>>, Problem> {
    let mut readable = submissions.iter().flatten();
    if let Some(token) = &app.admin_token
        && readable.any(|submission| is_registrars(submission.leaf().kind))
        && !token.authorises(headers)
    {
        return Err(Problem::unauthorised());
    }
    let mut taken = Vec::with_capacity(submissions.len());
    let mut leaves = Vec::with_capacity(submissions.len());
    for submission in submissions {
        leaves.push(match submission {
            Ok(submission) => {
                let leaf_hash = tlog::leaf_hash(&submission.leaf().encode());
                taken.push(submission);
                Ok(leaf_hash)
            }
            Err(error) => Err(refusal(&error.into())),
        });
    }
    let answers = if taken.is_empty() {
        Vec::new()
    } else {
        app.log.append_all(taken).await.map_err(|error| refusal(&error))?
    };
    let indices: Vec<u64> = answers.iter().flatten().copied().collect();
    let receipts = app.log.receipts(&indices, PATIENCE).await.map_err(|error| {
        tracing::error!(error = &error as &dyn std::error::Error, "receipts cannot be read");
        Problem::internal()
    })?;
    let (mut answers, mut receipts) = (answers.into_iter(), receipts.into_iter());
    let told = leaves.into_iter().map(|leaf_hash| -> Result<Value, Problem> {
        let leaf_hash = leaf_hash?;
        let answer = answers.next().unwrap_or(Err(AppendError::ReadOnly));
        let index = answer.map_err(|error| signed(app, &leaf_hash, refusal(&error)))?;
        let Some(receipt) = receipts.next().flatten() else {
            let title = "The entry is stored and waits for its quorum; send it again for the receipt.";
            return Err(unavailable("not_yet_published", title));
        };
        Ok(json!({
            "index": index,
            "leaf_hash": hex::encode(leaf_hash.as_bytes()),
            "proof": receipt.to_string(),
        }))
    });
    Ok(told.collect())
}

/// Kinds that only registrars and governance write. docs/ledger.md §3
fn is_registrars(kind: Kind) -> bool {
    !matches!(
        kind,
        Kind::DidUpdate
            | Kind::DidRotate
            | Kind::DidDeactivate
            | Kind::StatusSnapshot
            | Kind::AuditSnapshot
            | Kind::SchemaPublish
            | Kind::SchemaSupersede
            | Kind::RulePublish
            | Kind::RuleSupersede
            | Kind::ServicePublish
            | Kind::ServiceSupersede
            | Kind::Document
    )
}

/// The same with the log's signature, where it decided: its writer can prove then what was refused, and when.
/// docs/ledger.md §13
fn signed(app: &App, leaf_hash: &tlog::Hash, problem: Problem) -> Problem {
    if !problem.status().is_client_error() {
        return problem;
    }
    match app.log.refuse(leaf_hash, problem.code()) {
        Some(refusal) => problem.with("refusal", base64url::encode(refusal.encode())),
        None => problem,
    }
}

/// The answer to an entry that is not taken.
fn refusal(error: &AppendError) -> Problem {
    if let Some(head) = error.conflict() {
        let head = head.map_or(
            Value::Null,
            |head| json!({"seq": head.seq, "index": head.leaf.index, "leaf_hash": hex::encode(head.leaf.hash)}),
        );
        let title = "Another entry came first, or the one before is another.";
        return Problem::new(StatusCode::CONFLICT, "conflict", title).with("head", head);
    }
    let reason = error.to_string();
    match (error.class(), error) {
        (Some(RejectionClass::Unauthorised), _) => {
            let title = "The entry is not signed by a key that may write it.";
            Problem::new(StatusCode::FORBIDDEN, "unauthorised", title).with("reason", reason)
        }
        (Some(RejectionClass::TooLong), _) => {
            let title = "The entry is too large.";
            Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", title).with("reason", reason)
        }
        (Some(_), _) => {
            let title = "The entry breaks a rule.";
            Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_entry", title).with("reason", reason)
        }
        (None, AppendError::RateLimited { retry_after }) => {
            let title = "Too many entries about this subject, or by this writer.";
            let problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, "rate_limited", title);
            later(problem, u32::try_from(*retry_after).unwrap_or(u32::MAX))
        }
        (None, AppendError::Backlog) => unavailable("backlog", "Too many entries wait for their quorum."),
        (None, AppendError::ReadOnly) => unavailable("read_only", "The log does not write at this time."),
        (None, _) => unavailable("storage", "The entry cannot be stored now."),
    }
}

/// The answer to a request of several that is not read as far as its entries.
fn no_list(error: &SubmissionsError) -> Problem {
    let (status, code, title) = match error {
        SubmissionsError::TooMany => (
            StatusCode::PAYLOAD_TOO_LARGE,
            "too_large",
            "There are too many entries in one request.",
        ),
        _ => (
            StatusCode::UNPROCESSABLE_ENTITY,
            "invalid_entry",
            "This is no list of submissions.",
        ),
    };
    Problem::new(status, code, title).with("reason", error.to_string())
}

fn unavailable(code: &'static str, title: &'static str) -> Problem {
    later(
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, code, title),
        RETRY_SECONDS,
    )
}

/// Says when to come again: in the header, and in the problem itself, which may be one of several in an answer.
fn later(problem: Problem, seconds: u32) -> Problem {
    problem.retry_after(seconds).with("retry_after", seconds)
}
