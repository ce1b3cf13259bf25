//! From a page, or what went wrong, to an answer.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use ledger::BundleError;
use maud::{Markup, html};
use service::Problem;
use service::pages::Policy;

use super::Pages;
use super::asked::Asked;
use super::directory::DirectoryError;
use super::frame::{Area, frame};
use super::host::Host;
use super::icons::{Tone, icon};
use super::reader::Reader;
use crate::audit::ProofFailure;
use crate::read::ReadError;

/// A page without its frame.
pub(crate) struct Document {
    pub(crate) title: String,
    pub(crate) area: Area,
    pub(crate) body: Markup,
}

/// Why there is no such page.
#[derive(Debug, thiserror::Error)]
pub(super) enum PageError {
    #[error("there is no such page")]
    NotFound,
    #[error("the address cannot be understood")]
    Invalid,
    #[error("nothing is published yet")]
    Unpublished,
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    #[error("the own proof does not verify")]
    Bundle(#[from] BundleError),
    #[error("the own proof of an entry does not verify")]
    Entry(#[from] ProofFailure),
}

impl From<std::num::ParseIntError> for PageError {
    fn from(_: std::num::ParseIntError) -> Self {
        Self::Invalid
    }
}

impl<H: Host> Pages<H> {
    /// What a page is written with for this request.
    pub(super) fn reader(&self, asked: &Asked) -> Reader<'_> {
        Reader {
            messages: self.inner.catalogue.of(asked.language),
            card_types: &self.inner.card_types,
            language: asked.language,
            is_chosen: asked.is_chosen,
            has_portal: self.inner.complaints.is_some(),
            now: self.inner.clock.now(),
        }
    }

    /// A page in its frame; an error as a page for browsers, as a problem for others.
    pub(super) fn answer(&self, asked: &Asked, page: Result<Document, PageError>) -> Response {
        match page {
            Ok(document) => self.html(StatusCode::OK, asked, &document),
            Err(error) => self.refuse(asked, &error),
        }
    }

    /// An error as a page for browsers, as a problem for others.
    pub(super) fn refuse(&self, asked: &Asked, error: &PageError) -> Response {
        let problem = problem(error);
        if problem.status().is_server_error() {
            tracing::error!(error = error as &dyn std::error::Error, "a page cannot be shown");
        }
        if !asked.is_browser {
            return problem.into_response();
        }
        let reader = self.reader(asked);
        self.html(problem.status(), asked, &error_page(&reader, error, problem.code()))
    }

    fn html(&self, status: StatusCode, asked: &Asked, document: &Document) -> Response {
        let reader = self.reader(asked);
        let page = frame(&reader, asked, &self.inner.pack.pack, document);
        Policy::strict().html(status, page.into_string())
    }
}

fn problem(error: &PageError) -> Problem {
    match error {
        PageError::NotFound => Problem::not_found(),
        PageError::Invalid => Problem::new(
            StatusCode::BAD_REQUEST,
            "invalid_request",
            "The address cannot be understood.",
        ),
        PageError::Unpublished => {
            let title = "No checkpoint has a quorum yet.";
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, "nothing_published", title).retry_after(1)
        }
        PageError::Read(_) | PageError::Directory(_) | PageError::Bundle(_) | PageError::Entry(_) => {
            Problem::internal()
        }
    }
}

/// What happened, what is safe, what to do; the code at the foot.
fn error_page(reader: &Reader<'_>, error: &PageError, code: &str) -> Document {
    let (what, safe, now) = match error {
        PageError::NotFound => ("error.not_found.what", "error.not_found.safe", "error.not_found.now"),
        PageError::Invalid => ("error.invalid.what", "error.invalid.safe", "error.invalid.now"),
        PageError::Unpublished => (
            "error.unpublished.what",
            "error.unpublished.safe",
            "error.unpublished.now",
        ),
        _ => ("error.internal.what", "error.internal.safe", "error.internal.now"),
    };
    let body = html! {
        h1 { (reader.t(what)) }
        div.notice.unsure {
            (icon(Tone::Unsure))
            div {
                p { (reader.t(safe)) }
                p { (reader.t(now)) }
            }
        }
        p { a href=(reader.href("/", &[])) { (reader.t("error.home")) } }
        p.quiet { (reader.say("error.code", &[("code", code)])) }
    };
    Document {
        title: reader.t(what).to_owned(),
        area: Area::None,
        body,
    }
}

/// A way back to the list that a page belongs to.
pub(crate) fn back(reader: &Reader<'_>, path: &str, key: &str) -> Markup {
    html! {
        nav.back aria-label=(reader.t("common.back_label")) {
            a href=(reader.href(path, &[])) { (reader.t(key)) }
        }
    }
}
