//! Reading a request that came as a link, up to what is shown to the person.

use super::known::KnownNames;
use super::opened::{blocked_at, record};
use super::send::{FORM, SessionKey};
use super::weigh::{Question, Whoever};
use super::{Open, OpenRequest, RequestRefused, Untold, registered};
use crate::cards::CopyKind;
use crate::clock::OsRandom;
use crate::consent::Party;
use crate::history::{HistoryRecord, Outcome};
use crate::text::{Localized, in_english};
use crate::trust::{AuthenticationError, PublicRecord, Registration, VerifierTrust, load_anchors};
use crate::wallet::Wallet;
use http::header::ACCEPT;
use http::{HeaderValue, StatusCode};
use oid4vp::{Nonce, RequestUri, RequestUriMethod, RequestUriPost, UnverifiedRequest};
use outbound::{Limits, Request};

const REQUEST_OBJECT: Limits = Limits::MESSAGE
    .with_body(256 * 1024)
    .with_content_types(&["application/oauth-authz-req+jwt"]);
const ACCEPTED: HeaderValue = HeaderValue::from_static("application/oauth-authz-req+jwt");

impl Wallet {
    /// Reads a request from a link. A refusal is noted in the history; nothing is sent to whoever
    /// asks but the request for the request itself.
    pub async fn open_request(&self, link: &str) -> Result<OpenRequest, RequestRefused> {
        let link = RequestUri::parse(link)?;
        match self.read_request(&link).await {
            Err(error) if error.unanswerable().is_none() => {
                let record = blocked(link.request_uri(), &error);
                let history_id = self.vault.note(self.clock.now(), &record)?;
                Err(error.noted(history_id))
            }
            opened => {
                let mut open = opened?;
                let proof = open.question.earlier_bundle();
                open.ask.earlier_record = self.earlier_record(&open.ask.who, proof)?;
                Ok(open)
            }
        }
    }

    async fn read_request(&self, link: &RequestUri) -> Result<OpenRequest, RequestRefused> {
        let (unverified, received) = self.fetch_request(link).await?;
        let ledger = self.ledger(self.clock.now());
        let anchors = load_anchors(self.settings.verifier_anchors.as_deref())?;
        let now = ledger.clock()?.now();
        let trust = VerifierTrust {
            ledger: &ledger,
            anchors: &anchors,
            now,
        };
        let authenticated = trust.authenticate(unverified).map_err(|error| match error {
            AuthenticationError::Trust(error) => RequestRefused::Trust(error),
            AuthenticationError::Request(error) => RequestRefused::Request(error),
        })?;
        let request = authenticated
            .request
            .check(now)
            .map_err(|error| RequestRefused::Broken {
                untold: Untold::of_broken(&authenticated.request, error.code()).map(Box::new),
                error,
            })?;
        let known = KnownNames::load(&self.vault, &ledger.held_bundles()?)?;
        let registration = &authenticated.registration;
        let host = host_of(request.response_uri());
        let who = party(host, registration, authenticated.record.clone(), &known);
        registered::check(&request, registration, &who, (&ledger, now))?;
        let session = SessionKey::of(&request);
        let earlier = self.vault.stored_answer(&session)?;
        let question = Question {
            query: request.query(),
            registration,
            purpose: request.purpose(),
            rule: request.dangerous_rule(),
            session,
            answered: earlier.is_some(),
            kind: CopyKind::Online,
            now,
        };
        match self.weigh(who, question) {
            Ok((ask, matched)) => Ok(Open {
                expires_at: request.expires_at(),
                question: request,
                ask,
                matched,
                earlier,
                asker: authenticated.keys,
            }),
            Err(declined) => {
                let query = request.query().clone();
                let whoever = Whoever {
                    untold: Some(Untold::denied(request)),
                    request: Some(received),
                };
                Err(self.declined(&query, declined, whoever))
            }
        }
    }

    /// Fetches the request object: by GET, or by POST with what every wallet of this kind says of
    /// itself and a nonce that has to come back. Gives it with its text as received. OpenID4VP 1.0 §5.10
    async fn fetch_request(&self, link: &RequestUri) -> Result<(UnverifiedRequest, String), RequestRefused> {
        let url = link.request_uri().clone();
        let nonce = Nonce::generate(&mut OsRandom::fill_slice);
        let (request, wallet_nonce) = match link.method() {
            RequestUriMethod::Get => (Request::get(url), None),
            RequestUriMethod::Post => {
                let body = RequestUriPost::new(&nonce);
                (Request::post(url, FORM, body.as_str()), Some(nonce.as_str()))
            }
        };
        let request = request.header(ACCEPT, ACCEPTED);
        let answer = self.client.send(request, &REQUEST_OBJECT).await?;
        if is_gone(answer.status()) {
            return Err(RequestRefused::Gone);
        }
        let answer = answer.success()?;
        let compact = std::str::from_utf8(answer.body()).map_err(|_| RequestRefused::NotARequest)?;
        let compact = compact.trim();
        let request = UnverifiedRequest::parse(compact, link, wallet_nonce)?;
        Ok((request, compact.to_owned()))
    }
}

/// Who asks, as far as anybody vouches for it.
pub(super) fn party(
    host: String,
    registration: &Registration,
    record: Option<PublicRecord>,
    known: &KnownNames,
) -> Party {
    let (name, as_written) = match registration {
        Registration::Registered { scope, .. } => {
            let written = scope.name.iter().map(|(_, name)| name).collect();
            (Some(Localized::from(&scope.name)), written)
        }
        Registration::Foreign { subject } => (Some(in_english(subject)), vec![subject.as_str()]),
        Registration::Unregistered => (None, Vec::new()),
    };
    let mut who = Party {
        name,
        host,
        registration: registration.clone(),
        name_looks_odd: false,
        record,
    };
    who.name_looks_odd = known.is_odd(&as_written, &who);
    who
}

/// A line of the history about a request that is not even shown.
fn blocked(link: &url::Url, error: &RequestRefused) -> HistoryRecord {
    match error.who() {
        Some(who) => record(who, None, Outcome::Blocked, Some(error.code())),
        None => blocked_at(host_of(link), error.code()),
    }
}

/// Statuses that say: not here any more. RFC 9110 §15.5
fn is_gone(status: StatusCode) -> bool {
    matches!(status, StatusCode::NOT_FOUND | StatusCode::CONFLICT | StatusCode::GONE)
}

/// Host and port, as shown.
fn host_of(url: &url::Url) -> String {
    match (url.host_str(), url.port()) {
        (Some(host), Some(port)) => format!("{host}:{port}"),
        (Some(host), None) => host.to_owned(),
        (None, _) => String::new(),
    }
}
