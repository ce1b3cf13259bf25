//! What goes wrong on a page: a problem for programs, a page for people.

use std::sync::Arc;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use maud::html;
use service::Problem;
use service::pages::Policy;

use super::visitor::Visitor;
use crate::pages::answer::Document;
use crate::pages::asked::Asked;
use crate::pages::frame::Area;
use crate::pages::icons::{Tone, icon};
use crate::pages::reader::Reader;
use crate::portal::store::{ApplyError, FileError, LetterError};
use crate::portal::{Portal, ProvisionError, Refusal, StepError};

/// What the verifier says where a business has as many of something as it may.
const TOO_MANY: &str = "too_many";

/// What a page or a form comes to.
pub(super) type Answer = Result<Response, PortalError>;

/// Where somebody has to sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Door {
    Applicant,
    Registrar,
}

/// Why there is no such page, or a form had no effect.
#[derive(Debug, thiserror::Error)]
pub(super) enum PortalError {
    #[error("there is no such page")]
    NotFound,
    #[error("nobody is signed in")]
    SignedOut(Door),
    #[error("another site asked for this")]
    CrossSite,
    #[error("the form is not of this session")]
    StaleForm,
    #[error("the form is too large")]
    TooLarge,
    #[error("the form is of another media type")]
    MediaType,
    /// A field that does not fit; its name.
    #[error("the field {0} does not fit")]
    Form(&'static str),
    /// The rule is one, and larger in every format than one may be.
    #[error("the rule is too large in every format")]
    RuleInFormats,
    /// Something is missing before the application can be handed in.
    #[error("the application is not complete")]
    Incomplete,
    #[error("the application has changed")]
    Changed,
    #[error(transparent)]
    Step(#[from] StepError),
    #[error("the code lets nobody in")]
    WrongCode,
    #[error("too many attempts")]
    TooMany(u64),
    /// The organisation has as many applications under way as it may.
    #[error("too many applications are under way")]
    TooManyOpen,
    /// The host of an organisation with keys of its own does not show what it should.
    #[error("the host is not proved")]
    HostNotProved,
    /// Nobody would be left at the desk, or no owner.
    #[error("the operator is the last")]
    LastOperator,
    /// Somebody at the desk has this name.
    #[error("there is an operator of this name")]
    OperatorExists,
    #[error(transparent)]
    Complaint(#[from] Refusal),
    #[error(transparent)]
    Verifier(#[from] ProvisionError),
    #[error("the ledger cannot be asked")]
    Ledger,
    /// What another part of the service answers.
    #[error("refused")]
    Problem(Problem),
    #[error(transparent)]
    Store(#[from] sqlx::Error),
}

impl From<Problem> for PortalError {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<ApplyError> for PortalError {
    fn from(error: ApplyError) -> Self {
        match error {
            ApplyError::Unknown => Self::NotFound,
            ApplyError::Changed => Self::Changed,
            ApplyError::Step(error) => Self::Step(error),
            ApplyError::Words => Self::Form("words"),
            ApplyError::Store(error) => Self::Store(error),
        }
    }
}

impl From<FileError> for PortalError {
    fn from(error: FileError) -> Self {
        match error {
            FileError::TooMany => Self::TooManyOpen,
            FileError::Store(error) => Self::Store(error),
        }
    }
}

impl From<LetterError> for PortalError {
    fn from(error: LetterError) -> Self {
        match error {
            LetterError::Wrong => Self::WrongCode,
            LetterError::TooMany(seconds) => Self::TooMany(seconds),
            LetterError::Store(error) => Self::Store(error),
        }
    }
}

impl PortalError {
    fn problem(&self) -> Problem {
        let new = Problem::new;
        match self {
            Self::NotFound => Problem::not_found(),
            Self::SignedOut(_) => {
                let title = "You are not signed in.";
                new(StatusCode::UNAUTHORIZED, "signed_out", title).challenge("Session")
            }
            Self::CrossSite => {
                let title = "This was not asked for by a page of this service.";
                new(StatusCode::FORBIDDEN, "cross_site", title)
            }
            Self::StaleForm => new(StatusCode::FORBIDDEN, "stale_form", "The form is not of this session."),
            Self::TooLarge => new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "The form is too large."),
            Self::MediaType => {
                let title = "The content type is not the one expected.";
                new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", title)
            }
            Self::Form(field) => {
                let title = "A field of the form does not fit.";
                new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_content", title).with("field", *field)
            }
            Self::RuleInFormats => {
                let title = "In every format the rule is larger than one may be.";
                new(StatusCode::UNPROCESSABLE_ENTITY, "rule_in_formats", title)
            }
            Self::Incomplete => {
                let title = "Something is missing in the application.";
                new(StatusCode::UNPROCESSABLE_ENTITY, "incomplete", title)
            }
            Self::Changed => new(
                StatusCode::CONFLICT,
                "changed",
                "Something else was done in the meantime.",
            ),
            Self::Step(error) => step_problem(*error),
            Self::WrongCode => {
                new(StatusCode::UNAUTHORIZED, "wrong_code", "The code lets nobody in.").challenge("Session")
            }
            Self::TooMany(seconds) => {
                let title = "Too many attempts failed. Wait before the next one.";
                let seconds = u32::try_from(*seconds).unwrap_or(u32::MAX);
                new(StatusCode::TOO_MANY_REQUESTS, "too_many_attempts", title).retry_after(seconds)
            }
            Self::TooManyOpen => new(
                StatusCode::CONFLICT,
                "too_many_open",
                "Too many applications are under way.",
            ),
            Self::HostNotProved => {
                let title = "The host does not show the value that proves it.";
                new(StatusCode::CONFLICT, "host_not_proved", title)
            }
            Self::LastOperator => {
                let title = "Nobody would be left on the staff, or no owner.";
                new(StatusCode::CONFLICT, "last_operator", title)
            }
            Self::OperatorExists => {
                let title = "Somebody on the staff has this name.";
                new(StatusCode::CONFLICT, "operator_exists", title)
            }
            Self::Complaint(refusal) => {
                let title = "The complaint counts for nothing.";
                new(StatusCode::UNPROCESSABLE_ENTITY, refusal.code(), title)
            }
            Self::Verifier(ProvisionError::Refused { code }) if code == TOO_MANY => {
                let title = "There are as many of these as there may be.";
                new(StatusCode::CONFLICT, TOO_MANY, title)
            }
            Self::Verifier(_) => {
                let title = "The service for checks does not answer as it should.";
                new(StatusCode::BAD_GATEWAY, "verifier_unavailable", title).retry_after(30)
            }
            Self::Ledger => {
                let title = "The ledger does not answer as it should.";
                new(StatusCode::BAD_GATEWAY, "ledger_unavailable", title).retry_after(30)
            }
            Self::Problem(problem) => problem.clone(),
            Self::Store(sqlx::Error::PoolTimedOut) => {
                let title = "Try again in a moment.";
                new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", title).retry_after(2)
            }
            Self::Store(_) => Problem::internal(),
        }
    }

    /// Key of what happened, in words.
    fn what(&self) -> &'static str {
        match self {
            Self::NotFound => "portal.error.not_found",
            Self::SignedOut(_) => "portal.error.signed_out",
            Self::CrossSite | Self::StaleForm => "portal.error.stale_form",
            Self::TooLarge | Self::MediaType | Self::Form(_) => "portal.error.form",
            Self::RuleInFormats => "portal.error.rule_in_formats",
            Self::Incomplete => "portal.error.incomplete",
            Self::Changed | Self::Step(StepError::NotNow) => "portal.error.changed",
            Self::Step(StepError::SameOperator) => "portal.error.same_operator",
            Self::Step(StepError::OwnApplication) => "portal.error.own_application",
            Self::Step(_) => "portal.error.not_allowed",
            Self::WrongCode => "portal.error.wrong_code",
            Self::TooMany(_) => "portal.error.too_many",
            Self::TooManyOpen => "portal.error.too_many_open",
            Self::HostNotProved => "portal.error.host_not_proved",
            Self::LastOperator => "portal.error.last_operator",
            Self::OperatorExists => "portal.error.operator_exists",
            Self::Complaint(Refusal::WithinScope) => "portal.error.within_scope",
            Self::Complaint(_) => "portal.error.complaint",
            Self::Verifier(ProvisionError::Refused { code }) if code == TOO_MANY => "portal.error.too_many_there",
            Self::Verifier(_) => "portal.error.verifier",
            Self::Problem(problem) => match problem.code() {
                "sign_in_failed" => "portal.error.sign_in_failed",
                "too_many_attempts" => "portal.error.too_many",
                _ => "portal.error.internal",
            },
            Self::Ledger | Self::Store(_) => "portal.error.internal",
        }
    }

    /// Where to go from here.
    fn way(&self) -> (&'static str, &'static str) {
        match self {
            Self::SignedOut(Door::Registrar) => ("/portal/registrar/sign-in", "portal.error.sign_in"),
            Self::SignedOut(Door::Applicant) | Self::WrongCode => ("/portal/sign-in", "portal.error.sign_in"),
            Self::Step(_) | Self::HostNotProved => ("/portal/registrar", "portal.error.to_the_list"),
            _ => ("/portal", "portal.error.home"),
        }
    }
}

fn step_problem(error: StepError) -> Problem {
    let (status, code, title) = match error {
        StepError::NotNow => (
            StatusCode::CONFLICT,
            "not_now",
            "This cannot be done where the application stands.",
        ),
        StepError::NotAllowed => (StatusCode::FORBIDDEN, "not_allowed", "Your role does not allow this."),
        StepError::SameOperator => (
            StatusCode::FORBIDDEN,
            "same_operator",
            "A second operator has to do this.",
        ),
        StepError::OwnApplication => (
            StatusCode::FORBIDDEN,
            "own_application",
            "Who let the applicant in does not decide.",
        ),
    };
    Problem::new(status, code, title)
}

impl IntoResponse for PortalError {
    /// A problem; the error goes along for whoever makes a page of it.
    fn into_response(self) -> Response {
        let problem = self.problem();
        if problem.status().is_server_error() {
            tracing::error!(
                error = &self as &dyn std::error::Error,
                "a page of the portal cannot be shown"
            );
        }
        let mut response = problem.into_response();
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

/// Around every page: a browser gets its errors as pages, and nothing is kept by a cache.
pub(super) async fn errors_as_pages(State(portal): State<Portal>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let Ok(mut asked) = Asked::from_request_parts(&mut parts, &portal).await;
    let mut response = next.run(Request::from_parts(parts, body)).await;
    if let Some(error) = response.extensions_mut().remove::<Arc<PortalError>>()
        && asked.is_browser
    {
        // The address of a form answers no link.
        "/portal".clone_into(&mut asked.path);
        asked.query.retain(|name, _| name == "lang");
        let reader = portal.reader_for(&asked);
        let page = error_page(&reader, &error);
        let html = portal.framed(&reader, &asked, &page).into_string();
        response = Policy::strict().html(error.problem().status(), html);
    }
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// What happened, and what to do; the code at the foot.
fn error_page(reader: &Reader<'_>, error: &PortalError) -> Document {
    let what = reader.t(error.what()).to_owned();
    let (path, way) = error.way();
    let field = match error {
        PortalError::Form(field) => Some(*field),
        _ => None,
    };
    let body = html! {
        h1 { (what) }
        div.notice.unsure {
            (icon(Tone::Unsure))
            div {
                @if let Some(field) = field { p { (reader.say("portal.error.field", &[("field", field)])) } }
                p { (reader.t("portal.error.safe")) }
            }
        }
        p { a.button href=(reader.href(path, &[])) { (reader.t(way)) } }
        p.quiet { (reader.say("error.code", &[("code", error.problem().code())])) }
    };
    Document {
        title: what,
        area: Area::Portal,
        body,
    }
}

impl Portal {
    /// A page for whoever asked.
    pub(super) fn page(&self, visitor: &Visitor, document: &Document) -> Response {
        let reader = self.reader(visitor);
        let html = self.framed(&reader, &visitor.asked, document).into_string();
        visitor.remember(self, Policy::strict().html(StatusCode::OK, html))
    }
}
